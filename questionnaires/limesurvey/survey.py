"""The tables of an .lss file as a survey: groups, questions with their parts and answers, texts by language.

Older versions repeat each row for each language, newer ones keep the texts in tables of their own (`*_l10ns`); both become
the same.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from questionnaires.limesurvey import tables
from questionnaires.limesurvey.tables import Row, Tables

#: more cannot be one questionnaire; a table of rows and columns could make millions of a small file
MAX_QUESTIONS = 2_000

#: language ("" where the file does not say) -> words
Words = Mapping[str, str]
_NUMBER = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True)
class Answer:
    code: str
    words: Words


@dataclass(frozen=True)
class Part:
    """A subquestion: a row of a table, a column of it, or one of several choices."""

    id: str
    code: str
    words: Words
    relevance: str


@dataclass(frozen=True)
class Question:
    id: str
    code: str
    type: str
    words: Words
    help: Words
    row: Row
    #: rows (scale 0) and columns (scale 1)
    parts: tuple[tuple[Part, ...], tuple[Part, ...]]
    #: answers of both scales
    answers: tuple[tuple[Answer, ...], tuple[Answer, ...]]
    #: attribute -> language ("" for all) -> value
    attributes: Mapping[str, Words]
    conditions: tuple[Row, ...] = ()
    #: (id of the part or "", "" or "other") -> language -> what is filled in beforehand
    defaults: Mapping[tuple[str, str], Words] = field(default_factory=dict)
    #: whether it asks for JavaScript of its own
    script: bool = False

    @property
    def other(self) -> bool:
        return self.row.get("other") == "Y"

    def attribute(self, name: str) -> str:
        values = self.attributes.get(name, {})
        return (values.get("") or next(iter(values.values()), "")).strip()

    def switched_on(self, name: str) -> bool:
        return self.attribute(name) in ("1", "Y")


@dataclass(frozen=True)
class Group:
    words: Words
    description: Words
    relevance: str
    shuffled: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Survey:
    id: str
    language: str
    languages: tuple[str, ...]
    format: str
    #: column of surveys_languagesettings -> language -> words
    said: Mapping[str, Words]
    groups: tuple[Group, ...]
    #: what else the file holds and no questionnaire can, each as a sentence
    left_out: tuple[str, ...] = ()


def read(source: bytes, name: str) -> Survey:
    """Raises Faults where the file is no survey structure, too large, or made to harm."""
    return _Builder(tables.read(source, name), name).survey()


#: tables that a questionnaire is made of
_UNDERSTOOD = {
    "answers", "answer_l10ns", "conditions", "defaultvalues", "defaultvalue_l10ns", "defaultvalues_l10ns", "groups",
    "group_l10ns", "languages", "questions", "question_attributes", "question_l10ns", "subquestions", "surveys",
    "surveys_languagesettings",
}  # fmt: skip
#: tables with content that has no place in a questionnaire -> what they are
_OTHERS = {
    "quota": "hạn ngạch (quota)",
    "quota_members": "",
    "quota_languagesettings": "",
    "assessments": "đánh giá tự động (assessments)",
    "surveys_urlparams": "tham số đường dẫn",
    "surveys_attributes": "cấu hình của phần mở rộng",
    "themes": "giao diện (themes)",
    "themes_inherited": "",
    "plugin_settings": "cấu hình của phần mở rộng",
    "question_themes": "giao diện câu hỏi",
    "permissions": "quyền của người dùng",
}


class _Builder:
    def __init__(self, source: Tables, name: str) -> None:
        self._tables, self._name = source, name
        self._left_out: list[str] = []

    def survey(self) -> Survey:
        main = next(iter(self._tables.of("surveys")), None)
        if main is None:
            raise tables.refused(self._name, "Tệp không có khảo sát nào.", "Xuất lại tệp .lss từ LimeSurvey.")
        language = main.get("language") or next(filter(None, self._tables.languages), "en")
        said: dict[str, dict[str, str]] = defaultdict(dict)
        for row in self._tables.of("surveys_languagesettings"):
            for column, text in row.items():
                if text:
                    said[column][row.get("surveyls_language", "")] = text
        groups = tuple(self._groups())
        self._tell_tables()
        languages = dict.fromkeys((language, *main.get("additional_languages", "").split()))
        return Survey(
            main.get("sid", ""), language, tuple(languages), main.get("format", "G"), said, groups, tuple(self._left_out)
        )

    def _tell_tables(self) -> None:
        for table, rows in self._tables.rows.items():
            if table in _UNDERSTOOD or not (what := _OTHERS.get(table, f"bảng “{table[:60]}”")):
                continue
            named = ", ".join(f"“{row['name'][:60]}”" for row in rows[:20] if row.get("name"))
            self._left_out.append(f"Khảo sát có {what}{f': {named}' if named else ''}; phiếu ở đây không có.")

    def _texts(self, key: str, column: str, *names: str) -> dict[str, dict[str, str]]:
        """key -> language -> text, from the rows themselves and from their table of translations."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for name in names:
            for row in self._tables.of(name):
                if row.get(column):
                    found[row.get(key, "")][row.get("language", "")] = row[column]
        return found

    def _groups(self) -> Iterator[Group]:
        names = self._texts("gid", "group_name", "groups", "group_l10ns")
        about = self._texts("gid", "description", "groups", "group_l10ns")
        questions = self._questions()
        for row in self._in_order("groups", "gid", "group_order"):
            gid = row["gid"]
            yield Group(
                names[gid],
                about[gid],
                row.get("grelevance", ""),
                row.get("randomization_group", ""),
                tuple(questions.pop(gid, ())),
            )
        for orphans in questions.values():
            codes = ", ".join(question.code[:60] for question in orphans)
            self._left_out.append(f"Các câu không thuộc nhóm nào bị bỏ: {codes}.")

    def _questions(self) -> dict[str, list[Question]]:
        words = self._texts("qid", "question", "questions", "question_l10ns")
        told = self._texts("qid", "help", "questions", "question_l10ns")
        scripts = self._texts("qid", "script", "questions", "question_l10ns")
        parts, answers, attributes = self._parts(), self._answers(), self._attributes()
        defaults, conditions = self._defaults(), defaultdict(list)
        for row in self._tables.of("conditions"):
            conditions[row.get("qid", "")].append(row)
        found: dict[str, list[Question]] = defaultdict(list)
        asked = 0
        for row in self._in_order("questions", "qid", "question_order"):
            if row.get("parent_qid", "0") not in ("", "0"):
                continue
            qid = row["qid"]
            scales = (tuple(parts.pop((qid, "0"), ())), tuple(parts.pop((qid, "1"), ())))
            asked += max(1, len(scales[0])) * max(1, len(scales[1]))
            if asked > MAX_QUESTIONS:
                raise tables.refused(
                    self._name, f"Khảo sát có quá {MAX_QUESTIONS} câu (tính cả từng ô của bảng).", "Chia thành nhiều phiếu."
                )
            given = tuple(answers.pop((qid, "0"), ()))
            if row.get("type") == "R" and not given:
                # since LimeSurvey 7 what is ranked stands among the subquestions
                given = tuple(Answer(part.code, part.words) for part in scales[0])
            found[row.get("gid", "")].append(
                Question(
                    qid,
                    row.get("title", ""),
                    row.get("type", ""),
                    words[qid],
                    told[qid],
                    row,
                    scales,
                    (given, tuple(answers.pop((qid, "1"), ()))),
                    attributes.pop(qid, {}),
                    tuple(conditions.pop(qid, ())),
                    defaults.pop(qid, {}),
                    bool(scripts.get(qid)),
                )
            )
        for what, rest in (
            ("câu con", parts), ("phương án", answers), ("thuộc tính", attributes), ("điều kiện", conditions),
            ("giá trị điền sẵn", defaults),
        ):  # fmt: skip
            self._tell_orphans(what, sum(map(len, rest.values())))
        return found

    def _tell_orphans(self, what: str, count: int) -> None:
        if count:
            self._left_out.append(f"{count} {what} không thuộc câu hỏi nào bị bỏ.")

    def _parts(self) -> dict[tuple[str, str], list[Part]]:
        # translations of subquestions stand among those of questions
        words = self._texts("qid", "question", "questions", "question_l10ns", "subquestions", "subquestion_l10ns")
        found: dict[tuple[str, str], list[Part]] = defaultdict(list)
        for row in self._in_order("subquestions", "qid", "question_order", also="questions"):
            if row.get("parent_qid", "0") in ("", "0"):
                continue
            key = row["parent_qid"], row.get("scale_id") or "0"
            found[key].append(Part(row["qid"], row.get("title", ""), words[row["qid"]], row.get("relevance", "")))
        return found

    def _answers(self) -> dict[tuple[str, str], list[Answer]]:
        by_id = {row["aid"]: row for row in self._tables.of("answers") if row.get("aid")}
        words: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
        order: dict[tuple[str, str, str], int] = {}
        for row in [*self._tables.of("answers"), *self._tables.of("answer_l10ns")]:
            of = {**by_id.get(row.get("aid", ""), {}), **row}
            key = of.get("qid", ""), of.get("scale_id") or "0", of.get("code", "")
            order.setdefault(key, _number(of.get("sortorder", "")))
            if row.get("answer"):
                words[key][row.get("language", "")] = row["answer"]
        found: dict[tuple[str, str], list[Answer]] = defaultdict(list)
        for key in sorted(order, key=lambda each: order[each]):
            found[key[:2]].append(Answer(key[2], words[key]))
        return found

    def _attributes(self) -> dict[str, dict[str, dict[str, str]]]:
        found: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        for row in self._tables.of("question_attributes"):
            if row.get("value"):
                found[row.get("qid", "")][row.get("attribute", "")][row.get("language", "")] = row["value"]
        return found

    def _defaults(self) -> dict[str, dict[tuple[str, str], dict[str, str]]]:
        found: dict[str, dict[tuple[str, str], dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        by_id = {row["dvid"]: row for row in self._tables.of("defaultvalues") if row.get("dvid")}
        for table in ("defaultvalues", "defaultvalue_l10ns", "defaultvalues_l10ns"):
            for row in self._tables.of(table):
                of = {**by_id.get(row.get("dvid", ""), {}), **row}
                if row.get("defaultvalue"):
                    part = of.get("sqid", "")
                    key = "" if part == "0" else part, of.get("specialtype", "")
                    found[of.get("qid", "")][key][row.get("language", "")] = row["defaultvalue"]
        return found

    def _in_order(self, table: str, key: str, order: str, also: str = "") -> list[Row]:
        """Each once, whatever languages repeat it, in the declared order."""
        rows = [*self._tables.of(table), *self._tables.of(also)]
        self._tell_orphans(f"dòng của bảng {table} thiếu {key}", sum(not row.get(key) for row in self._tables.of(table)))
        once: dict[str, Row] = {}
        for row in rows:
            if row.get(key):
                once.setdefault(row[key], row)
        return sorted(once.values(), key=lambda row: _number(row.get(order, "")))


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0
