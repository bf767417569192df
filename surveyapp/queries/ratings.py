"""Sealed answers of a campaign: what scoring reads of them, streamed, and a cheap check of which there are."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, select, type_coerce

from questionnaires.model import Questionnaire
from surveyapp.extensions import db
from surveyapp.models import QuestionnaireVersion, Response, Stratum
from surveyapp.queries import questionnaires

MILLION = 1_000_000
#: responses that the database hands over at a time
AT_A_TIME = 2_000
HEX = "0123456789abcdef"
#: characters of an id behind its part's prefix that the checksum reads (1-based, as in SQL)
CHECKED = range(3, 11)


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

    @property
    def digest(self) -> bytes:
        """SHA-256 of the content in one canonical line; the id, which is random, is not part of it."""
        return hashlib.sha256(_LINE.encode(self[1:]).encode()).digest()


_LINE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Fingerprint(NamedTuple):
    """How many responses a part has, and a sum over their ids that does not depend on their order."""

    count: int
    checksum: int


def sealed(campaign_id: int, prefixes: Collection[str] | None = None, digits: int = 0) -> Iterator[Sealed]:
    """The campaign's sealed responses in any order, never all in memory; with `prefixes` those whose ids begin so."""
    names = {id_: (form_id, version) for id_, form_id, version in db.session.execute(
        select(QuestionnaireVersion.id, QuestionnaireVersion.form_id, QuestionnaireVersion.version))}
    query = select(
        Response.id, Response.questionnaire_version_id, Response.respondent_group, Response.unit_code, Response.stratum,
        Response.psu, type_coerce(Response.weight, BigInteger), Response.answers)
    if prefixes is not None:
        query = query.where(func.substr(Response.id, 1, digits).in_(sorted(prefixes)))
    rows = db.session.execute(_of(query, campaign_id).execution_options(yield_per=AT_A_TIME))
    for id_, asked_version, group, unit, stratum, psu, weight, answers in rows:
        yield Sealed(id_, *names[asked_version], group, unit or "", stratum, psu, weight, answers)


def count(campaign_id: int) -> int:
    return db.session.scalar(_of(select(func.count()).select_from(Response), campaign_id))


def fingerprints(campaign_id: int, digits: int) -> dict[str, Fingerprint]:
    """Per prefix of `digits` characters what the database has now."""
    prefix = func.substr(Response.id, 1, digits)
    rows = db.session.execute(_of(select(prefix, func.count(), func.sum(_checksum_in_sql())), campaign_id).group_by(prefix))
    return {each: Fingerprint(number, int(checksum)) for each, number, checksum in rows}


def fingerprint(ids: Collection[str]) -> Fingerprint:
    """The same for ids in memory."""
    letters = np.array([id_.encode() for id_ in ids], dtype="S32").view(np.uint8).reshape(-1, 32)
    values = np.full(256, -1, dtype=np.int64)
    values[[ord(letter) for letter in HEX]] = np.arange(16)
    values[0] = 0  # beyond the end of an id, where SQL finds "" at the first place
    used = values[letters[:, CHECKED.start - 1 : CHECKED.stop - 1]]
    return Fingerprint(len(ids), int((used @ (16 ** np.arange(len(CHECKED))[::-1])).sum()))


def _checksum_in_sql() -> ColumnElement:
    """The digits CHECKED of the id as one number, in functions that both databases have."""
    find = func.strpos if db.session.get_bind().dialect.name == "postgresql" else func.instr
    digits = [cast(find(literal(HEX), func.substr(Response.id, place, 1)) - 1, BigInteger) * 16 ** (CHECKED.stop - 1 - place)
              for place in CHECKED]
    return sum(digits[1:], digits[0])


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
        f"{form_id}.{question.name}": question.choices.names for form_id, form in forms.items() for question in form.questions
        if question.type == "rating_matrix" or (question.type == "select_one" and form.rates == "one_unit")
    }


def missing_of(forms: Mapping[str, Questionnaire]) -> dict[str, frozenset[str]]:
    """Per column of `answers_of` the answers that are kinds of missing."""
    columns = answers_of(forms)
    return {
        f"{form_id}.{question.name}": frozenset(choice.name for choice in question.choices if choice.missing)
        for form_id, form in forms.items() for question in form.questions if f"{form_id}.{question.name}" in columns
    }


def several_of(forms: Mapping[str, Questionnaire]) -> dict[str, tuple[str, ...]]:
    """"form.question" -> its choices, for the several-choice questions of forms that rate one unit."""
    return {
        f"{form_id}.{question.name}": question.choices.names for form_id, form in forms.items() for question in form.questions
        if question.type == "select_multiple" and form.rates == "one_unit"
    }
