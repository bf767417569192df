"""Responses of one form over all its versions in one table, and a codebook that says what each version asked.

A question has one column under its newest name, whatever it was called before (as declared by `renames`). An empty cell is a
blank answer or a question that was not asked: the codebook tells which. The format: docs/dinh-dang/tra-loi.md.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from questionnaires import columns as response_columns
from questionnaires import version_lineage
from questionnaires.answers import Units, UnitToRate, type_of
from questionnaires.model import Group, Question, Questionnaire
from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.models import Campaign, CampaignQuestionnaire, QuestionnaireVersion, Response
from surveyapp.queries import campaigns, questionnaires
from surveyapp.services import paradata
from surveyapp.services.response_rows import ABOUT
from surveyapp.services.responses import about, harmless, stand_in_of

CODEBOOK = ("column", "version", "asked", "question", "type", "label", "required", "code", "code_label", "missing",
            "comparable", "break_reason")
MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Export:
    responses: bytes
    codebook: bytes
    rows: int
    versions: tuple[str, ...]


@dataclass(frozen=True)
class _Version:
    row: QuestionnaireVersion
    form: Questionnaire
    #: question -> the name that its column goes by
    names: Mapping[str, str]

    def column_of(self, item: Question | Group) -> str:
        """As in the export of one campaign: what bears the name of another column stands under `answers.<name>`."""
        name = self.names.get(item.name, item.name)
        return f"answers.{name}" if name in ABOUT else name

    @cached_property
    def by_column(self) -> dict[str, Question]:
        return {self.column_of(question): question for question in self.form.questions if type_of(question).has_value}


def export_all_versions(form_id: str, campaign_codes: Sequence[str] = ()) -> Export:
    """Every sealed response of the form, of all campaigns or of those named, each read under the version that it answered."""
    chosen = _campaigns(form_id, campaign_codes)
    versions = _versions(form_id, chosen)
    units = {campaign.id: _units(campaign, questionnaires.parsed(row)) for campaign, row in chosen}
    every_unit = tuple({unit.code: unit for units_of_one in units.values() for unit in units_of_one}.values())
    answered = [(campaign, row, db.session.scalars(select(Response).where(
        Response.campaign_id == campaign.id, Response.questionnaire_version_id == row.id, Response.state == "sealed")).all())
        for campaign, row in chosen]
    by_id = {version.row.id: version for version in versions}
    columns = _columns(versions, every_unit, _times(by_id, answered))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    timed = any(paradata.declared(version.form) for version in versions)
    writer.writerow(["campaign", "version", *ABOUT, *(paradata.COLUMNS if timed else ()), *columns])
    rows = 0
    for campaign, row, responses in answered:
        version = by_id[row.id]
        for stand_in, response in sorted((stand_in_of(each.id), each) for each in responses):
            texts = {cell.column: harmless(cell.text, written=cell.written)
                     for cell in response_columns.cells(version.form, response.answers, units[campaign.id], version.column_of)}
            writer.writerow([campaign.code, row.version, *about(stand_in, response),
                             *(paradata.cells(response.paradata) if timed else ()),
                             *(texts.get(column, "") for column in columns)])
            rows += 1
    return Export(MARK + out.getvalue().encode(), _codebook(versions), rows,
                  tuple(version.form.version for version in versions))


def _campaigns(form_id: str, codes: Sequence[str]) -> list[tuple[Campaign, QuestionnaireVersion]]:
    """Campaigns that ask the form with the version they ask, the earliest first."""
    if codes:
        named = [campaigns.by_code(code) for code in dict.fromkeys(codes)]
        found = [(campaign, questionnaires.of_campaign_form(campaign, form_id)) for campaign in named]
    else:
        rows = db.session.execute(
            select(Campaign, QuestionnaireVersion)
            .join(CampaignQuestionnaire, CampaignQuestionnaire.campaign_id == Campaign.id)
            .join(QuestionnaireVersion, QuestionnaireVersion.id == CampaignQuestionnaire.questionnaire_version_id)
            .where(QuestionnaireVersion.form_id == form_id)) if form_id.isprintable() else ()
        found = [(campaign, version) for campaign, version in rows]
    if not found:
        raise NotFound(f"Không có đợt điều tra nào dùng phiếu “{form_id}”.")
    return sorted(found, key=lambda pair: (pair[0].opens_on, pair[0].code))


def _versions(form_id: str, chosen: Sequence[tuple[Campaign, QuestionnaireVersion]]) -> list[_Version]:
    """The versions that were chosen, the oldest first; versions between them still tell how questions were renamed."""
    wanted = {row.id for _, row in chosen}
    rows = questionnaires.rows(form_id)
    places = [place for place, row in enumerate(rows) if row.id in wanted]
    rows = rows[places[0] : places[-1] + 1]
    forms = [questionnaires.parsed(row) for row in rows]
    return [_Version(row, form, names) for row, form, names in zip(rows, forms, version_lineage.columns(forms), strict=True)
            if row.id in wanted]


def _units(campaign: Campaign, form: Questionnaire) -> Units:
    scope = campaigns.rating_scope(campaign.id)
    rated = {unit.code: UnitToRate(unit.code, unit.name) for group in form.respondent_groups if group in scope
             for unit in campaigns.units_rated_by(campaign, group)}
    return tuple(rated.values())


def _times(by_id: Mapping[int, _Version], answered: Sequence[tuple[Campaign, QuestionnaireVersion, Sequence[Response]]],
           ) -> dict[str, int]:
    """Repeat -> its times in the response of any version that has the most of them."""
    found: dict[str, int] = {}
    for _, row, responses in answered:
        for name, times in response_columns.most_times(by_id[row.id].form, (each.answers for each in responses)).items():
            found[name] = max(found.get(name, 0), times)
    return found


def _columns(versions: Sequence[_Version], units: Units, times: Mapping[str, int]) -> list[str]:
    """In the order of the newest version, then what older versions asked besides, each in its own order; all columns of what
    goes by one name beside each other."""
    found: dict[str, dict[str, None]] = {}
    for version in reversed(versions):
        for column in response_columns.columns(version.form, units, times, version.column_of):
            name = version.column_of(column.question) if column.question else column.name
            found.setdefault(name, {})[column.name] = None
    return [column for of_one in found.values() for column in of_one]


def _names(versions: Sequence[_Version]) -> list[str]:
    return list(dict.fromkeys(name for version in reversed(versions) for name in version.by_column))


def _codebook(versions: Sequence[_Version]) -> bytes:
    """A line for every column, version and code; where a version did not ask, one line that says so."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CODEBOOK)
    newest = versions[-1].form
    standing = {version.form.version: _standing(version.form, newest) for version in versions}
    for name in _names(versions):
        for version in reversed(versions):
            writer.writerows(_lines(name, version, standing[version.form.version]))
    return MARK + out.getvalue().encode()


def _standing(form: Questionnaire, newest: Questionnaire) -> dict[str, tuple[str, str]]:
    """Old question -> whether its answers may stand beside the newest version's, and the declared reason if not."""
    if form.version == newest.version:
        return {}
    rows = questionnaires.rows(form.form_id)
    versions = [row.version for row in rows]
    between = rows[versions.index(form.version) : versions.index(newest.version) + 1]
    compared = version_lineage.compare_across([questionnaires.parsed(row) for row in between])
    return {each.old_name: (each.comparable, each.declared) for each in compared.questions if each.comparable}


def _lines(name: str, version: _Version, standing: Mapping[str, tuple[str, str]]) -> Iterator[list[str]]:
    form, question = version.form, version.by_column.get(name)
    if question is None:
        yield [name, form.version, "no", *[""] * (len(CODEBOOK) - 3)]
        return
    language = form.default_language
    comparable, reason = standing.get(question.name, ("", ""))
    start = [name, form.version, "yes", question.name, question.type, _words(question.label.in_language(language)),
             "yes" if question.required else "no"]
    end = [comparable, _words(reason)]
    for choice in question.choices or ():
        yield [*start, harmless(choice.name), _words(choice.label.in_language(language)), choice.missing or "", *end]
    if not question.choices:
        yield [*start, "", "", "", *end]


def _words(text: str) -> str:
    return harmless(text, written=True)
