"""The codebook of a questionnaire: what every column of a response file means, as CSV, PDF and DDI.

CSV comes in the two dialects of result files, with the same protection of texts (services/exchange.py). One file has a line
for each column, the other a line for each code.
"""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app

from analysis.index.checks import spell
from questionnaires import codebook, ddi
from questionnaires.answers import UnitToRate
from questionnaires.codebook import Entry
from questionnaires.columns import NO_TIMES, Column, TimesOf
from questionnaires.in_words import Spoken
from questionnaires.model import Choice, Questionnaire, Text
from surveyapp.errors import NotFound
from surveyapp.models import Campaign, QuestionnaireVersion
from surveyapp.queries import designed, feeding, questionnaires, repeats, units
from surveyapp.queries.feeding import Feed
from surveyapp.result_wording import FACTORS, MISSING
from surveyapp.services.exchange import machine_cell, spreadsheet_cell
from surveyapp.services.paper import pdf_of, rated_units
from surveyapp.services.response_rows import column_of
from surveyapp.wording import ANSWER_TYPES, respondent_group_name

VARIABLES, CODES = "bien.csv", "phuong-an.csv"
FILES = {
    VARIABLES: "Mỗi cột của tệp phiếu trả lời một dòng: câu hỏi, loại, khi nào hỏi, điều kiện, yếu tố, tiêu chí",
    CODES: "Mỗi mã một dòng: câu hỏi, mã, nhãn theo từng ngôn ngữ, có phải là không có câu trả lời không",
}


@dataclass(frozen=True)
class Codebook:
    version: QuestionnaireVersion
    form: Questionnaire
    entries: tuple[Entry, ...]
    feeds: Mapping[str, list[Feed]]
    #: question -> the versions of this form that ask it; how often a repeat was asked is no question
    asked_in: Mapping[str, list[str]]
    #: where this version is used
    campaigns: Sequence[Campaign]
    #: the one whose units and frameworks are told; None: no units, the newest frameworks
    campaign: Campaign | None
    units: tuple[UnitToRate, ...]
    #: repeat -> how many times it has columns for in the campaign's response file
    times: TimesOf
    #: unit group -> its name
    unit_groups: Mapping[str, str]

    def points(self, entry: Entry) -> list[str]:
        """Where the answers become points, one sentence for each criterion."""
        return [f"{feed.leaf.code} {feed.leaf.name} ({self._group_name(feed.document.unit_group)}, {feed.document.year}): "
                f"tối đa {spell(feed.leaf.max_points)} điểm, {respondent_group_name(feed.group)} {spell(feed.share * 100)} %"
                for feed in self.feeds.get(entry.question.name, ())]

    def _group_name(self, code: str) -> str:
        return self.unit_groups.get(code, code)

    def label(self, code: Choice) -> str:
        return code.label.in_language(self.form.default_language) or MISSING.get(code.missing or "", code.name)


def codebook_of(version: QuestionnaireVersion, campaign: Campaign | None = None) -> Codebook:
    form = questionnaires.parsed(version)
    rated = tuple(UnitToRate(unit.code, unit.name) for unit in rated_units(form, campaign)) if campaign else ()
    times = repeats.most_times(campaign.id, version.id, form) if campaign else NO_TIMES
    documents = feeding.of_campaign(campaign) if campaign else feeding.newest_revisions()
    entries = codebook.entries(form, "vi", rated, column_of, times)
    return Codebook(
        version, form, entries, feeding.feeds(form.form_id, documents), _asked_in(form),
        designed.campaigns_by_questionnaire().get(version.id, []), campaign, rated, times, units.group_names())


def _asked_in(form: Questionnaire) -> dict[str, list[str]]:
    versions = {each: questionnaires.parsed(designed.questionnaire_version(form.form_id, each))
                for each in questionnaires.versions(form.form_id)}
    return {question.name: [name for name, other in versions.items() if other.question(question.name)]
            for question in form.questions}


# -- CSV ---------------------------------------------------------------------------------------------------------------


def csv_files(book: Codebook, spreadsheet: bool) -> dict[str, bytes]:
    return {name: csv_file(book, name, spreadsheet) for name in FILES}


def csv_file(book: Codebook, name: str, spreadsheet: bool) -> bytes:
    """Raises NotFound when there is no such file."""
    if name not in FILES:
        raise NotFound(f"Không có tệp “{name}”. Các tệp của sổ mã: {', '.join(FILES)}.")
    lines = _variable_lines(book) if name == VARIABLES else _code_lines(book)
    cell = spreadsheet_cell if spreadsheet else machine_cell
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";" if spreadsheet else ",", lineterminator="\r\n")
    writer.writerow(lines[0])
    writer.writerows([cell(value) for value in line] for line in lines[1:])
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8")


def _variable_lines(book: Codebook) -> list[list]:
    languages = book.form.languages
    head = ["form_id", "version", "position", "column", "question", "number", "unit", "repeat", "time", "type", "required",
            *(f"label_{code}" for code in languages), *(f"hint_{code}" for code in languages), "page", "codes", "missing",
            "asked_if", "asked_if_words", "constraint", "constraint_words", "constraint_message", "factor", "factor_name",
            "criteria", "versions", "campaigns"]
    lines = [head]
    for entry in book.entries:
        lines += [_variable_line(book, entry, column, len(lines) + index) for index, column in enumerate(entry.columns)]
    return lines


def _variable_line(book: Codebook, entry: Entry, column: Column, position: int) -> list:
    question, form = entry.question, book.form
    return [
        form.form_id, form.version, position, column.name, question.name, int(entry.number) if entry.number else "",
        column.unit.code if column.unit else "", entry.repeat.name if entry.repeat else "", column.time or "", question.type,
        int(question.required),
        *_texts(question.label, form), *_texts(question.hint, form), entry.page.label.in_language("vi", form.default_language),
        " ".join(code.name for code in entry.codes if not code.missing),
        " ".join(code.name for code in entry.codes if code.missing),
        entry.condition, _said(entry.asked_if), question.constraint, _said(entry.must),
        question.constraint_message.in_language("vi", form.default_language), question.factor, FACTORS.get(question.factor, ""),
        "; ".join(book.points(entry)), " ".join(book.asked_in.get(question.name, ())),
        " ".join(each.code for each in book.campaigns)]


def _code_lines(book: Codebook) -> list[list]:
    form = book.form
    lines = [["form_id", "version", "question", "position", "code", *(f"label_{code}" for code in form.languages), "missing",
              "exclusive"]]
    for entry in book.entries:
        for position, code in enumerate(entry.codes, 1):
            lines.append([form.form_id, form.version, entry.question.name, position, code.name, *_texts(code.label, form),
                          code.missing or "", int(code.exclusive or bool(code.missing))])
    return lines


def _texts(text: Text, form: Questionnaire) -> list[str]:
    return [text.by_language.get(code, "") for code in form.languages]


def _said(spoken: Spoken | None) -> str:
    """In words; what is only a formula stands in the column beside."""
    return spoken.text if spoken and spoken.simple else ""


# -- PDF and DDI -------------------------------------------------------------------------------------------------------


def codebook_pdf(book: Codebook) -> bytes:
    text = current_app.jinja_env.get_template("paper/codebook.html").render(
        book=book, form=book.form, version=book.version, short=book.version.sha256[:12], campaign=book.campaign,
        types=ANSWER_TYPES, missing=MISSING, factors=FACTORS, group_name=respondent_group_name)
    seed = hashlib.sha256(text.encode()).hexdigest()
    return pdf_of(text, seed[:32].encode())


def ddi_xml(book: Codebook) -> bytes:
    chosen = book.campaign
    study = ddi.Study(
        identifier=book.version.sha256, day=f"{book.version.imported_at:%Y-%m-%d}", units=book.units, times=book.times,
        title=chosen.name if chosen else "", opens_on=chosen.opens_on.isoformat() if chosen else "",
        closes_on=chosen.closes_on.isoformat() if chosen else "",
        file_name=f"{book.form.form_id}-{chosen.code}.csv" if chosen else "")
    return ddi.dump(book.form, study, column_of)
