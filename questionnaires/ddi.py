"""A questionnaire and the response file it leads to as DDI-Codebook 2.5 XML: how survey archives exchange documentation.

Only what a questionnaire and its campaign declare is said. Elements stand in the order that the standard's schema wants; texts
carry their language (`xml:lang`). Reference: DDI Alliance, DDI-Codebook 2.5, https://ddialliance.org/ddi-codebook.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from questionnaires import codebook, paper
from questionnaires.answers import Units, type_of
from questionnaires.codebook import Entry
from questionnaires.columns import NO_TIMES, Column, Named, TimesOf, own_name
from questionnaires.model import Choice, Question, Questionnaire, Text

NAMESPACE = "ddi:codebook:2_5"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
#: what kinds of missing are called where a question has no choice of its own for them
MISSING_WORDS: Mapping[str, Mapping[str, str]] = {
    "dont_know": {"vi": "Không biết", "en": "Don’t know"},
    "not_familiar": {"vi": "Chưa tiếp xúc", "en": "Not familiar"},
    "refused": {"vi": "Từ chối trả lời", "en": "Refused"},
    "not_applicable": {"vi": "Không áp dụng", "en": "Not applicable"},
}


@dataclass(frozen=True)
class Study:
    """What a questionnaire does not know about itself: who runs it, when, and the units that are rated."""

    #: identifies this document: the hash of the questionnaire's file
    identifier: str
    #: ISO day of the questionnaire's version
    day: str
    units: Units = ()
    title: str = ""
    #: ISO days between which answers are taken
    opens_on: str = ""
    closes_on: str = ""
    #: name of the response file
    file_name: str = ""
    #: repeat -> how many times it has columns for there
    times: TimesOf = field(default_factory=lambda: NO_TIMES)


def dump(form: Questionnaire, study: Study, named: Named = own_name) -> bytes:
    return _Writer(form, study, named).write()


class _Writer:
    def __init__(self, form: Questionnaire, study: Study, named: Named):
        self.form = form
        self.study = study
        self.entries = codebook.entries(form, form.default_language, study.units, named, study.times)
        #: conditions in words, in each language of the form
        self.speakers = {language: paper.speaker(form, language) for language in form.languages}

    def write(self) -> bytes:
        root = ElementTree.Element("codeBook", {
            "xmlns": NAMESPACE, "version": "2.5", "ID": f"F{self.study.identifier[:24]}", LANGUAGE: self.form.default_language})
        self._document(root)
        self._study(root)
        self._file(root)
        self._data(root)
        ElementTree.indent(root, " ")
        return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"

    # -- helpers ---------------------------------------------------------------------------------------------------

    def _texts(self, parent: ElementTree.Element, tag: str, text: Text, **attributes: str) -> None:
        """One element for each language that has the text; none where nobody wrote it."""
        for language, words in self._in_languages(text):
            _add(parent, tag, words, **{LANGUAGE: language}, **attributes)

    def _in_languages(self, text: Text) -> list[tuple[str, str]]:
        return [(language, text.by_language[language]) for language in self.form.languages if text.by_language.get(language)]

    # -- document and study ----------------------------------------------------------------------------------------

    def _document(self, root: ElementTree.Element) -> None:
        citation = _add(_add(root, "docDscr"), "citation")
        self._titles(citation)
        _add(_add(citation, "prodStmt"), "prodDate", self.study.day, date=self.study.day)
        _add(_add(citation, "verStmt"), "version", self.form.version, date=self.study.day)

    def _titles(self, citation: ElementTree.Element) -> None:
        titles = _add(citation, "titlStmt")
        written = self._in_languages(self.form.title)
        main = next((each for each, _ in written if each == self.form.default_language), written[0][0] if written else "")
        for language, words in written:
            first = language == main
            shown = f"{words} ({self.study.title})" if first and self.study.title else words
            _add(titles, "titl" if first else "parTitl", shown, **{LANGUAGE: language})
        _add(titles, "IDNo", f"{self.form.form_id} {self.form.version}", agency="form")
        _add(titles, "IDNo", self.study.identifier, agency="sha256")
        titles[:] = sorted(titles, key=lambda each: ("titl", "parTitl", "IDNo").index(each.tag))

    def _study(self, root: ElementTree.Element) -> None:
        study = _add(root, "stdyDscr")
        citation = _add(study, "citation")
        self._titles(citation)
        self._texts(_add(citation, "rspStmt"), "othId", self.form.consent.controller, role="controller")
        _add(_add(citation, "verStmt"), "version", self.form.version, date=self.study.day)
        about = _add(study, "stdyInfo")
        self._texts(about, "abstract", self.form.consent.purpose, contentType="purpose")
        self._texts(about, "abstract", self.form.description, contentType="abstract")
        summary = _add(about, "sumDscr")
        for event, day in (("start", self.study.opens_on), ("end", self.study.closes_on)):
            if day:
                _add(summary, "collDate", day, date=day, event=event)
        _add(summary, "universe", "; ".join(self.form.respondent_groups), clusion="I")
        _add(summary, "dataKind", "survey data")
        collection = _add(_add(study, "method"), "dataColl")
        _add(collection, "resInstru", f"{self.form.form_id} {self.form.version}")
        self._texts(collection, "collSitu", self.form.consent.data)
        access = _add(study, "dataAccs")
        # the standard allows one text of conditions in a statement: each language has a statement of its own
        for language in self.form.languages:
            said = {"contact": self.form.consent.contact, "conditions": self.form.consent.rights}
            words = {tag: text.by_language[language] for tag, text in said.items() if text.by_language.get(language)}
            use = _add(access, "useStmt", **{LANGUAGE: language}) if words else access
            for tag, text in words.items():
                _add(use, tag, text, **{LANGUAGE: language})

    def _file(self, root: ElementTree.Element) -> None:
        text = _add(_add(root, "fileDscr", ID="F1"), "fileTxt")
        _add(text, "fileName", self.study.file_name or f"{self.form.form_id}.csv")
        _add(_add(text, "dimensns"), "varQnty", str(sum(len(entry.columns) for entry in self.entries)))
        _add(text, "fileType", "CSV (UTF-8)")

    # -- variables -------------------------------------------------------------------------------------------------

    def _data(self, root: ElementTree.Element) -> None:
        data = _add(root, "dataDscr")
        identities = self._identities()
        for position, page in enumerate(self.form.pages, 1):
            mine = [identities[column.name] for entry in self.entries if entry.page is page for column in entry.columns]
            group = _add(data, "varGrp", ID=f"G{position}", type="repetition" if page.repeat else "section", name=page.name,
                         **({"var": " ".join(mine)} if mine else {}))
            self._texts(group, "labl", page.label)
            self._texts(group, "txt", page.hint)
        self._repeats(data, identities)
        for entry in self.entries:
            for column in entry.columns:
                self._variable(data, entry, column, identities[column.name])

    def _repeats(self, data: ElementTree.Element, identities: Mapping[str, str]) -> None:
        """Each repeat as a group of variables, and in it one group for each of its times."""
        for repeat in (group for group in self.form.groups if group.repeat):
            mine = [column for entry in self.entries if entry.repeat == repeat for column in entry.columns]
            numbers = sorted({column.time for column in mine if column.time})
            names = {number: f"R-{repeat.name}.{number}" for number in numbers}
            whole = _add(data, "varGrp", ID=f"R-{repeat.name}", type="repetition", name=repeat.name,
                         **({"var": " ".join(identities[column.name] for column in mine)} if mine else {}),
                         **({"varGrp": " ".join(names.values())} if names else {}))
            self._texts(whole, "labl", repeat.label)
            self._texts(whole, "txt", repeat.hint)
            for number, name in names.items():
                time = _add(data, "varGrp", ID=name, type="repetition", name=f"{repeat.name}.{number}",
                            var=" ".join(identities[column.name] for column in mine if column.time == number))
                for language, words in self._in_languages(repeat.label):
                    _add(time, "labl", f"{words} ({number})", **{LANGUAGE: language})

    def _identities(self) -> dict[str, str]:
        columns = [column for entry in self.entries for column in entry.columns]
        return {column.name: f"V{position}" for position, column in enumerate(columns, 1)}

    def _variable(self, data: ElementTree.Element, entry: Entry, column: Column, identity: str) -> None:
        question = entry.question
        variable = _add(data, "var", ID=identity, name=column.name, files="F1", intrvl="discrete",
                        **_nature(question), **_represented(question))
        for language, words in self._in_languages(question.label):
            shown = f"{words} ({column.time})" if column.time else words
            shown += f" – {column.unit.name}" if column.unit and column.unit.name else ""
            _add(variable, "labl", shown, **{LANGUAGE: language})
        if type_of(question).asks and entry.number:
            self._question(variable, entry)
        kinds = [code for code in entry.codes if code.missing]
        if kinds:
            invalid = _add(variable, "invalrng")
            for code in kinds:
                _add(invalid, "item", VALUE=code.name)
        self._universe(variable, entry)
        if entry.repeat:
            _add(variable, "txt", f"repeat: {entry.repeat.name}")
        for code in entry.codes:
            self._category(variable, code)
        if instruction := question.constraint or question.calculation:
            _add(variable, "codInstr", instruction)
        if question.factor:
            _add(variable, "concept", question.factor, vocab="SIPAS")
        if not entry.question.choices:
            _add(variable, "varFormat", type="numeric" if _representation(question) == "numeric" else "character",
                 category=FORMATS.get(question.type, "other"))

    def _question(self, variable: ElementTree.Element, entry: Entry) -> None:
        question = entry.question
        element = _add(variable, "qstn", ID=f"Q{variable.get('ID')}", seqNo=entry.number)
        self._texts(element, "preQTxt", entry.page.hint)
        self._texts(element, "qstnLit", question.label)
        self._texts(element, "postQTxt", question.hint)
        if entry.condition:
            _add(element, "backward", entry.condition)
        self._texts(element, "ivuInstr", question.constraint_message)

    def _universe(self, variable: ElementTree.Element, entry: Entry) -> None:
        """Who is asked, in words: the conditions of the question and of all that it stands in."""
        for language, speaker in self.speakers.items() if entry.condition else ():
            _add(variable, "universe", speaker.say_all(entry.conditions).text, **{LANGUAGE: language}, clusion="I")

    def _category(self, variable: ElementTree.Element, code: Choice) -> None:
        attributes = {"missing": "Y", "missType": code.missing} if code.missing else {"missing": "N"}
        category = _add(variable, "catgry", **attributes)
        _add(category, "catValu", code.name)
        self._texts(category, "labl", code.label or Text(MISSING_WORDS.get(code.missing or "", {})))


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, tag, {name: _NOT_IN_XML.sub("", value) for name, value in attributes.items()})
    if text:
        element.text = _NOT_IN_XML.sub("", text)
    return element


def _nature(question: Question) -> dict[str, str]:
    kind = type_of(question)
    if question.choices:
        return {"nature": "ordinal" if question.factor or kind.rates_many_units else "nominal"}
    return {"nature": "ratio"} if _representation(question) == "numeric" else {}


#: what DDI calls the values of an answer type; a type that is not named here is text, or codes where it has choices
REPRESENTATIONS = {"integer": "numeric", "decimal": "numeric", "range": "numeric", "date": "datetime", "time": "datetime"}
#: what DDI has no word for, and the word we use
OTHER_REPRESENTATIONS = {"geopoint": "geographicLocation"}
FORMATS = {"date": "date", "time": "time"}


def _representation(question: Question) -> str:
    return "code" if question.choices else REPRESENTATIONS.get(question.type, "text")


def _represented(question: Question) -> dict[str, str]:
    if other := OTHER_REPRESENTATIONS.get(question.type):
        return {"representationType": "other", "otherRepresentationType": other}
    return {"representationType": _representation(question)}
