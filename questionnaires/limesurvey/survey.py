"""The tables of an .lss file as a survey: groups, questions with their parts and answers, texts by language.

Older versions repeat each row for each language, newer ones keep the texts in tables of their own (`*_l10ns`); both become
the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from documents.faults import Fault, Faults

MAX_BYTES = 8_000_000
MAX_ROWS = 50_000

Row = Mapping[str, str]
#: language -> words
Words = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    code: str
    words: Words


@dataclass(frozen=True)
class Part:
    """A subquestion: a row of a table, a column of it, or one of several choices."""

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
    mandatory: str
    other: bool
    relevance: str
    #: rows (scale 0) and columns (scale 1)
    parts: tuple[tuple[Part, ...], tuple[Part, ...]]
    #: answers of both scales
    answers: tuple[tuple[Answer, ...], tuple[Answer, ...]]
    #: attribute -> language ("" for all) -> value
    attributes: Mapping[str, Words]
    conditions: tuple[Row, ...] = ()

    def attribute(self, name: str) -> str:
        values = self.attributes.get(name, {})
        return values.get("") or next(iter(values.values()), "")


@dataclass(frozen=True)
class Group:
    words: Words
    description: Words
    relevance: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Survey:
    id: str
    language: str
    languages: tuple[str, ...]
    format: str
    title: Words
    description: Words
    welcome: Words
    groups: tuple[Group, ...]
    #: what else the file holds that a questionnaire cannot: quotas, assessments ...
    others: tuple[str, ...] = ()


def read(source: bytes, name: str) -> Survey:
    """Raises Faults where the file is no survey structure, too large, or made to harm."""
    return _Tables(_document(source, name)).survey(name)


def _document(source: bytes, name: str) -> ElementTree.Element:
    if len(source) > MAX_BYTES:
        raise _refused(name, f"Tệp quá lớn ({len(source)} byte).", f"Tệp cấu trúc khảo sát (.lss) tối đa {MAX_BYTES} byte.")
    # a structure file has no document type: entities would only serve to blow it up or to read other files
    if b"<!DOCTYPE" in source or b"<!ENTITY" in source:
        raise _refused(name, "Tệp có khai báo DOCTYPE hoặc ENTITY.", "Xuất lại tệp .lss từ LimeSurvey, không sửa bằng tay.")
    try:
        root = ElementTree.fromstring(source)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise _refused(
            name, "Tệp không phải XML đọc được.", "Xuất lại: Survey > Export > Survey structure (.lss)."
        ) from error
    if root.tag != "document" or (root.findtext("LimeSurveyDocType") or "").strip() != "Survey":
        raise _refused(
            name,
            "Tệp không phải cấu trúc khảo sát của LimeSurvey.",
            "Chọn tệp .lss (Survey structure), không phải nhóm câu hỏi (.lsg), câu hỏi (.lsq) hay câu trả lời.",
        )
    return root


def _refused(name: str, reason: str, mend: str) -> Faults:
    return Faults([Fault(name, reason, mend)])


#: tables with content that has no place in a questionnaire -> what they are
_OTHERS = {
    "quota": "hạn ngạch (quota)",
    "assessments": "đánh giá tự động (assessments)",
    "surveys_urlparams": "tham số đường dẫn",
}


@dataclass(frozen=True)
class _Tables:
    root: ElementTree.Element
    _read: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        if table not in self._read:
            found = self.root.findall(f"{table}/rows/row")[:MAX_ROWS]
            self._read[table] = [{cell.tag: (cell.text or "").strip() for cell in row} for row in found]
        return self._read[table]

    def texts(self, table: str, key: str, column: str) -> dict[str, dict[str, str]]:
        """key -> language -> text, from the rows themselves and from their table of translations."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for name in (table, f"{table.removesuffix('s')}_l10ns"):
            for row in self.rows(name):
                if row.get(column):
                    found[row.get(key, "")][row.get("language", "")] = row[column]
        return found

    def survey(self, name: str) -> Survey:
        surveys = self.rows("surveys")
        if not surveys:
            raise _refused(name, "Tệp không có khảo sát nào.", "Xuất lại tệp .lss từ LimeSurvey.")
        main = surveys[0]
        language = main.get("language") or self.root.findtext("languages/language") or "en"
        said = self.rows("surveys_languagesettings")
        title, description, welcome = (
            {row.get("surveyls_language", language): row[column] for row in said if row.get(column)}
            for column in ("surveyls_title", "surveyls_description", "surveyls_welcometext")
        )
        others = tuple(words for table, words in _OTHERS.items() if self.rows(table))
        return Survey(
            main.get("sid", ""),
            language,
            (language, *(main.get("additional_languages") or "").split()),
            main.get("format", "G"),
            title,
            description,
            welcome,
            tuple(self._groups()),
            others,
        )

    def _groups(self) -> Iterator[Group]:
        names = self.texts("groups", "gid", "group_name")
        about = self.texts("groups", "gid", "description")
        questions = self._questions()
        for row in _in_order(self.rows("groups"), "gid", "group_order"):
            yield Group(names[row["gid"]], about[row["gid"]], row.get("grelevance", ""), tuple(questions[row["gid"]]))

    def _questions(self) -> dict[str, list[Question]]:
        words, told = (self.texts("questions", "qid", column) for column in ("question", "help"))
        parts, answers, attributes, conditions = self._parts(), self._answers(), self._attributes(), defaultdict(list)
        for row in self.rows("conditions"):
            conditions[row.get("qid", "")].append(row)
        found: dict[str, list[Question]] = defaultdict(list)
        for row in _in_order(self.rows("questions"), "qid", "question_order"):
            if row.get("parent_qid", "0") not in ("", "0"):
                continue
            qid = row["qid"]
            found[row.get("gid", "")].append(
                Question(
                    qid,
                    row.get("title", ""),
                    row.get("type", ""),
                    words[qid],
                    told[qid],
                    row.get("mandatory", ""),
                    row.get("other") == "Y",
                    row.get("relevance", ""),
                    (tuple(parts[qid, "0"]), tuple(parts[qid, "1"])),
                    (tuple(answers[qid, "0"]), tuple(answers[qid, "1"])),
                    attributes[qid],
                    tuple(conditions[qid]),
                )
            )
        return found

    def _parts(self) -> dict[tuple[str, str], list[Part]]:
        # translations of subquestions stand among those of questions
        words = self.texts("subquestions", "qid", "question")
        for qid, said in self.texts("questions", "qid", "question").items():
            words[qid] = said | words[qid]
        found: dict[tuple[str, str], list[Part]] = defaultdict(list)
        inside = [row for row in self.rows("questions") if row.get("parent_qid", "0") not in ("", "0")]
        for row in _in_order([*self.rows("subquestions"), *inside], "qid", "question_order"):
            found[row.get("parent_qid", ""), row.get("scale_id") or "0"].append(
                Part(row.get("title", ""), words[row["qid"]], row.get("relevance", ""))
            )
        return found

    def _answers(self) -> dict[tuple[str, str], list[Answer]]:
        words: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
        by_id = {row["aid"]: row for row in self.rows("answers") if row.get("aid")}
        for row in [*self.rows("answers"), *self.rows("answer_l10ns")]:
            of = by_id.get(row.get("aid", ""), row) | row if row.get("aid") in by_id else row
            if row.get("answer"):
                words[of.get("qid", ""), of.get("scale_id") or "0", of.get("code", "")][row.get("language", "")] = row[
                    "answer"
                ]
        found: dict[tuple[str, str], list[Answer]] = defaultdict(list)
        told: set[tuple[str, str, str]] = set()
        for row in sorted(self.rows("answers"), key=lambda row: _number(row.get("sortorder", ""))):
            key = row.get("qid", ""), row.get("scale_id") or "0", row.get("code", "")
            if key not in told:
                told.add(key)
                found[key[:2]].append(Answer(key[2], words[key]))
        return found

    def _attributes(self) -> dict[str, dict[str, dict[str, str]]]:
        found: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        for row in self.rows("question_attributes"):
            if row.get("value"):
                found[row.get("qid", "")][row.get("attribute", "")][row.get("language", "")] = row["value"]
        return found


def _in_order(rows: list[Row], key: str, order: str) -> list[Row]:
    """Each once, whatever languages repeat it, in the declared order."""
    once = {row[key]: row for row in reversed(rows) if row.get(key)}
    return sorted(once.values(), key=lambda row: _number(row.get(order, "")))


def _number(text: str) -> int:
    return int(text) if text.lstrip("-").isdecimal() else 0
