"""Small surveys as LimeSurvey writes them, in its older shape (a row for each language) and in its newer (tables of texts)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

Texts = Mapping[str, str] | str


@dataclass(frozen=True)
class Q:
    code: str
    type: str
    text: Texts = "Câu hỏi?"
    #: code -> words, of the rows or choices and of the columns
    parts: Mapping[str, Texts] = field(default_factory=dict)
    columns: Mapping[str, Texts] = field(default_factory=dict)
    answers: Mapping[str, Texts] = field(default_factory=dict)
    answers2: Mapping[str, Texts] = field(default_factory=dict)
    help: Texts = ""
    relevance: str = "1"
    part_relevance: str = "1"
    mandatory: str = "N"
    other: str = "N"
    preg: str = ""
    script: str = ""
    encrypted: str = "N"
    theme: str = ""
    attributes: Mapping[str, Texts] = field(default_factory=dict)
    #: code of a part, "" or "other" -> value
    defaults: Mapping[str, str] = field(default_factory=dict)
    #: rows of the table of conditions
    conditions: Sequence[Mapping[str, str]] = ()


def survey(
    *groups: Sequence[Q] | Q,
    newer: bool = True,
    languages: Sequence[str] = ("vi",),
    relevances: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    said: Mapping[str, str] | None = None,
    more: str = "",
) -> bytes:
    """Every question of a group gets the ids 10, 20, 30 ..., its parts 10000, 10001 ..., columns 10500, 10501 ..."""
    pages = [[group] if isinstance(group, Q) else list(group) for group in groups]
    tables: dict[str, list[dict[str, str]]] = {}
    put = _Put(tables, newer, languages)
    qid = 0
    for gid, page in enumerate(pages, 1):
        relevance = relevances[gid - 1] if len(relevances) >= gid else ""
        put.texts("groups", "group_l10ns", {"gid": str(gid)}, {"group_order": str(gid), "grelevance": relevance},
                  {"group_name": f"Nhóm {gid}"})  # fmt: skip
        for order, question in enumerate(page):
            qid += 10
            put.question(question, qid, gid, order)
    tables["surveys"] = [{"sid": "123456", "language": languages[0], "format": "G",
                          "additional_languages": " ".join(languages[1:]), **(settings or {})}]  # fmt: skip
    tables["surveys_languagesettings"] = [
        {"surveyls_language": language, "surveyls_title": "Khảo sát", **(said or {})} for language in languages
    ]
    body = "".join(f"<{table}><fields/><rows>{''.join(map(_row, rows))}</rows></{table}>" for table, rows in tables.items())
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<document><LimeSurveyDocType>Survey</LimeSurveyDocType>'
        f"<DBVersion>{493 if newer else 145}</DBVersion>"
        f"<languages>{''.join(f'<language>{each}</language>' for each in languages)}</languages>{body}{more}</document>"
    ).encode()


def _row(cells: Mapping[str, str]) -> str:
    return f"<row>{''.join(f'<{name}>{escape(text)}</{name}>' for name, text in cells.items())}</row>"


@dataclass(frozen=True)
class _Put:
    tables: dict[str, list[dict[str, str]]]
    newer: bool
    languages: Sequence[str]

    def row(self, table: str, **cells: str) -> None:
        self.tables.setdefault(table, []).append(cells)

    def texts(self, table: str, translations: str, ids: dict, rest: dict, texts: Mapping[str, Texts]) -> None:
        if self.newer:
            self.row(table, **ids, **rest)
        for language in self.languages:
            said = {name: text if isinstance(text, str) else text.get(language, "") for name, text in texts.items()}
            if self.newer:
                self.row(translations, **ids, **said, language=language)
            else:
                self.row(table, **ids, **rest, **said, language=language)

    def question(self, question: Q, qid: int, gid: int, order: int) -> None:
        self.texts(
            "questions",
            "question_l10ns",
            {"qid": str(qid)},
            {
                "parent_qid": "0",
                "gid": str(gid),
                "type": question.type,
                "title": question.code,
                "other": question.other,
                "mandatory": question.mandatory,
                "question_order": str(order),
                "scale_id": "0",
                "preg": question.preg,
                "relevance": question.relevance,
                "encrypted": question.encrypted,
                "question_theme_name": question.theme,
            },  # fmt: skip
            {"question": question.text, "help": question.help, "script": question.script},
        )
        ids = {"": "0", "other": "0"}
        for scale, first, parts in (("0", 0, question.parts), ("1", 500, question.columns)):
            for at, (code, words) in enumerate(parts.items()):
                ids[code] = str(qid * 1_000 + first + at)
                self.texts(
                    "subquestions",
                    "question_l10ns",
                    {"qid": ids[code]},
                    {
                        "parent_qid": str(qid),
                        "gid": str(gid),
                        "type": "T",
                        "title": code,
                        "question_order": str(at),
                        "scale_id": scale,
                        "relevance": question.part_relevance,
                    },  # fmt: skip
                    {"question": words},
                )
        for scale, answers in (("0", question.answers), ("1", question.answers2)):
            for at, (code, words) in enumerate(answers.items()):
                own = {"qid": str(qid), "code": code, "sortorder": str(at), "scale_id": scale}
                ids_of = {"aid": f"{qid}{scale}{at}"} if self.newer else own
                self.texts("answers", "answer_l10ns", ids_of, own if self.newer else {}, {"answer": words})
        for name, value in question.attributes.items():
            for language, words in ({"": value} if isinstance(value, str) else value).items():
                self.row("question_attributes", qid=str(qid), attribute=name, value=words, language=language)
        for part, value in question.defaults.items():
            own = {"qid": str(qid), "sqid": ids[part], "scale_id": "0", "specialtype": "other" if part == "other" else ""}
            self.texts("defaultvalues", "defaultvalue_l10ns", {"dvid": f"{qid}{ids[part]}"} if self.newer else own,
                       own if self.newer else {}, {"defaultvalue": value})  # fmt: skip
        for condition in question.conditions:
            self.row("conditions", qid=str(qid), **condition)
