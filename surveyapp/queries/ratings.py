"""Sealed answers of a campaign as columns for the analysis room, in an order that does not depend on the database."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
from sqlalchemy import func, select

from analysis.index.ratings import Ratings
from questionnaires.model import Questionnaire
from surveyapp.extensions import db
from surveyapp.models import QuestionnaireVersion, Response, Stratum
from surveyapp.queries import questionnaires

MILLION = 1_000_000


@dataclass(frozen=True)
class SealedResponse:
    """What scoring reads of one form; who gave it and when is not part of it."""

    form_id: str
    version: str
    group: str
    unit: str
    stratum: str
    psu: str
    weight_millionths: int
    answers: Mapping[str, object]

    @property
    def canonical(self) -> str:
        return json.dumps(
            [self.form_id, self.version, self.group, self.unit, self.stratum, self.psu, self.weight_millionths, self.answers],
            ensure_ascii=False, sort_keys=True, separators=(",", ":"),
        )


@dataclass(frozen=True)
class Dataset:
    """A campaign's sealed responses in canonical order, and the hash that names exactly this set of answers."""

    responses: tuple[SealedResponse, ...]
    sha256: str


def dataset(campaign_id: int) -> Dataset:
    rows = db.session.execute(
        select(
            QuestionnaireVersion.form_id, QuestionnaireVersion.version, Response.respondent_group, Response.unit_code,
            Response.stratum, Response.psu, Response.weight, Response.answers,
        )
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id)
        .where(Response.campaign_id == campaign_id, Response.state == "sealed")
    )
    responses = [
        SealedResponse(form, version, group, unit or "", stratum, psu, int(Decimal(weight).scaleb(6)), answers)
        for form, version, group, unit, stratum, psu, weight, answers in rows
    ]
    keyed = sorted((response.canonical, index) for index, response in enumerate(responses))
    digest = hashlib.sha256()
    for line, _ in keyed:
        digest.update(line.encode() + b"\n")
    return Dataset(tuple(responses[index] for _, index in keyed), digest.hexdigest())


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


def ratings(data: Dataset, forms: Mapping[str, Questionnaire], population: Mapping[tuple[str, str], int]) -> Ratings:
    """Columns "form.question" of every question with one answer per unit: select_one where the form rates one unit, and
    every rating matrix. A matrix that was not shown for a unit, and a question not answered, are blanks (NaN).
    """
    codes = _codes(forms)
    respondents: dict[str, list] = {"respondent": [], "group": [], "stratum": [], "psu": [], "weight_millionths": []}
    who: list[int] = []
    unit: list[str] = []
    columns: dict[str, list[int]] = defaultdict(list)
    at: dict[str, list[int]] = defaultdict(list)
    for number, response in enumerate(data.responses):
        respondents["respondent"].append(number)
        respondents["group"].append(response.group)
        respondents["stratum"].append(response.stratum)
        respondents["psu"].append(response.psu or f"#{number}")
        respondents["weight_millionths"].append(response.weight_millionths)
        row_of: dict[str, int] = {}
        for question, value in response.answers.items():
            known = codes.get((response.form_id, question))
            if known is None:
                continue
            rated = value.items() if isinstance(value, dict) else ((response.unit, value),)
            for unit_code, answer in rated:
                if not unit_code:
                    continue
                if unit_code not in row_of:
                    row_of[unit_code] = len(who)
                    who.append(number)
                    unit.append(unit_code)
                column = f"{response.form_id}.{question}"
                at[column].append(row_of[unit_code])
                columns[column].append(known[answer])
    frame = pd.DataFrame({"respondent": np.array(who, dtype=np.int64), "unit": pd.Series(unit, dtype="str")})
    categoricals = {}
    for (form, question), known in codes.items():
        column = f"{form}.{question}"
        values = np.full(len(who), -1, dtype=np.int16)
        values[at[column]] = columns[column]
        categoricals[column] = pd.Categorical.from_codes(values, categories=list(known))
    missing = {
        f"{form_id}.{question.name}": frozenset(choice.name for choice in question.choices if choice.missing)
        for form_id, form in forms.items() for question in form.questions if (form_id, question.name) in codes
    }
    people = pd.DataFrame(respondents).astype({"respondent": np.int64, "weight_millionths": np.int64})
    return Ratings(people, pd.concat([frame, pd.DataFrame(categoricals)], axis=1), missing, _usable(population, people))


def _codes(forms: Mapping[str, Questionnaire]) -> dict[tuple[str, str], dict[str, int]]:
    return {
        (form_id, question.name): {name: index for index, name in enumerate(question.choices.names)}
        for form_id, form in forms.items() for question in form.questions
        if question.type == "rating_matrix" or (question.type == "select_one" and form.rates == "one_unit")
    }


def _usable(population: Mapping[tuple[str, str], int], people: pd.DataFrame) -> dict[tuple[str, str], int]:
    """A stratum with more answers than people in its frame has a wrong frame: it gets no finite population correction."""
    counts = people.groupby(["group", "stratum"], observed=True).size()
    return {key: size for key, size in population.items() if size >= int(counts.get(key, 0))}
