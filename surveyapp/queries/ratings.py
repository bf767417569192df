"""Sealed answers of a campaign: what scoring reads of them, streamed, and which there are."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import BigInteger, Row, Select, func, literal, select, type_coerce

from questionnaires.model import Question, Questionnaire
from surveyapp.extensions import db
from surveyapp.models import QuestionnaireVersion, Response, Stratum
from surveyapp.queries import questionnaires

MILLION = 1_000_000
#: responses, and ids alone, that the database hands over at a time
AT_A_TIME, IDS_AT_A_TIME = 2_000, 100_000
#: an id in memory: a few bytes, and no object
ID = np.dtype("S32")


class Sealed(NamedTuple):
    """What scoring reads of one sealed form; who gave it and when is not part of it."""

    id: str
    form_id: str
    version: str
    group: str
    unit: str
    stratum: str
    psu: str
    weight_millionths: int
    answers: Mapping[str, object]
    #: of the pages of `timed_of` those whose time was measured; None where none was
    seconds: Mapping[str, int] | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the content in one canonical line; the id, which is random, is not part of it. A form without times has
        the line that it had before times were looked at."""
        return hashlib.sha256(_LINE.encode(self[1:] if self.seconds else self[1:-1]).encode()).digest()


_LINE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sealed(campaign_id: int, ids: Sequence[str] | None = None, timed: Mapping[str, Sequence[str]] | None = None
           ) -> Iterator[Sealed]:
    """The campaign's sealed responses in any order, never all in memory; with `ids` those of them that are sealed.
    `timed`: the pages of `timed_of`; without them no time is read."""
    names = {id_: (form_id, version) for id_, form_id, version in db.session.execute(
        select(QuestionnaireVersion.id, QuestionnaireVersion.form_id, QuestionnaireVersion.version))}
    query = _of(select(
        Response.id, Response.questionnaire_version_id, Response.respondent_group, Response.unit_code, Response.stratum,
        Response.psu, type_coerce(Response.weight, BigInteger), Response.answers,
        Response.paradata if timed else literal(None)), campaign_id)
    rows = _streamed(query) if ids is None else _picked(query, ids)
    for id_, asked_version, group, unit, stratum, psu, weight, answers, kept in rows:
        form_id, version = names[asked_version]
        seconds = _seconds(kept, timed.get(form_id, ())) if kept else None
        yield Sealed(id_, form_id, version, group, unit or "", stratum, psu, weight, answers, seconds)


def _seconds(kept: Mapping[str, Mapping[str, int]], pages: Sequence[str]) -> dict[str, int] | None:
    measured = kept.get("seconds", {})
    return {page: measured[page] for page in pages if page in measured} or None


def ids(campaign_id: int) -> np.ndarray:
    """The ids of the campaign's sealed responses, sorted; read from an index alone.

    The database joins many of them to one text: row by row they would take ten times as long to come here.
    """
    found, last = [np.zeros(0, dtype=ID)], ""
    query = _of(select(Response.id), campaign_id).order_by(Response.id).limit(IDS_AT_A_TIME)
    while last is not None:
        some = query.where(Response.id > last).subquery()
        joined, last = db.session.execute(select(func.aggregate_strings(some.c.id, ","), func.max(some.c.id))).one()
        found.append(np.array(joined.split(",") if joined else [], dtype=ID))
    every = np.concatenate(found)
    every.sort()  # as bytes; a database may have another order
    return every


def _streamed(query: Select) -> Iterator[Row]:
    yield from db.session.execute(query.execution_options(yield_per=AT_A_TIME))


def _picked(query: Select, ids: Sequence[str]) -> Iterator[Row]:
    for first in range(0, len(ids), AT_A_TIME):
        yield from db.session.execute(query.where(Response.id.in_(ids[first : first + AT_A_TIME])))


def _of(query: Select, campaign_id: int) -> Select:
    return query.where(Response.campaign_id == campaign_id, Response.state == "sealed")


def days(campaign_id: int) -> list[tuple[str, str, date, int]]:
    """(form, unit, day, forms handed in) of the forms that rate one unit. Counts only: which form came on which day is not
    part of scoring."""
    rows = db.session.execute(
        select(QuestionnaireVersion.form_id, Response.unit_code, Response.sealed_on, func.count())
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id)
        .where(Response.campaign_id == campaign_id, Response.state == "sealed", Response.unit_code.is_not(None))
        .group_by(QuestionnaireVersion.form_id, Response.unit_code, Response.sealed_on)
    )
    return sorted((form_id, unit, day, count) for form_id, unit, day, count in rows)


def populations(campaign_id: int) -> dict[tuple[str, str], int]:
    rows = db.session.scalars(select(Stratum).where(Stratum.campaign_id == campaign_id))
    return {(row.respondent_group, row.code): row.population for row in rows}


def asked(campaign_id: int) -> dict[str, Questionnaire]:
    """The campaign's questionnaires by form."""
    versions = questionnaires.of_campaign(campaign_id)
    return {form_id: questionnaires.parsed(version) for form_id, version in versions.items()}


def answers_of(forms: Mapping[str, Questionnaire]) -> dict[str, tuple[str, ...]]:
    """"form.question" -> its answers, for every question with one answer per unit: select_one where the form rates one unit,
    and every rating matrix."""
    return {
        f"{form_id}.{question.name}": question.choices.names for form_id, form in forms.items()
        for question in _asked_once(form)
        if question.type == "rating_matrix" or (question.type == "select_one" and form.rates == "one_unit")
    }


def missing_of(forms: Mapping[str, Questionnaire]) -> dict[str, frozenset[str]]:
    """Per column of `answers_of` the answers that are kinds of missing."""
    columns = answers_of(forms)
    return {
        f"{form_id}.{question.name}": frozenset(choice.name for choice in question.choices if choice.missing)
        for form_id, form in forms.items() for question in form.questions if f"{form_id}.{question.name}" in columns
    }


def timed_of(forms: Mapping[str, Questionnaire]) -> dict[str, tuple[str, ...]]:
    """Form -> its pages with columns of `answers_of`, for the forms that declare that they keep times. Nothing else of how a
    form was filled in is part of scoring: neither the device nor other pages."""
    columns = answers_of(forms)
    found = {
        form_id: tuple(page.name for page in form.pages
                       if page.repeat is None and any(f"{form_id}.{question.name}" in columns for question in page.questions))
        for form_id, form in forms.items() if "paradata" in form.collects
    }
    return {form_id: pages for form_id, pages in found.items() if pages}


def several_of(forms: Mapping[str, Questionnaire]) -> dict[str, tuple[str, ...]]:
    """"form.question" -> its choices, for the several-choice questions of forms that rate one unit."""
    return {
        f"{form_id}.{question.name}": question.choices.names for form_id, form in forms.items()
        for question in _asked_once(form)
        if question.type == "select_multiple" and form.rates == "one_unit"
    }


def _asked_once(form: Questionnaire) -> list[Question]:
    """Those outside of repeats: what is answered several times is no one rating."""
    return [question for page in form.pages if page.repeat is None for question in page.questions]
