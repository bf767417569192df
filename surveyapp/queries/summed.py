"""The sums of ratings, added up by the database itself: GROUP BY over the stored answers, without reading one of them here.

They feed the same RatingSums as the frozen parts and give the same exact points, and the same errors where PSUs are named; what
needs respondents (design effects, who rated at all) they cannot tell. Used to check the frozen way against another one.
"""

import json
from collections.abc import Mapping

import numpy as np
from sqlalchemy import text

from analysis.index.sums import RatingSums
from questionnaires.model import Questionnaire
from surveyapp.extensions import db
from surveyapp.queries.ratings import answers_of, missing_of

#: one line per answer to a question with one answer per unit: who (id, design), unit, question, answer
_ANSWERS = {
    "postgresql": """
        SELECT r.id, r.respondent_group, r.stratum, r.psu, r.weight, coalesce(u.key, r.unit_code) AS unit, q.key AS question,
               coalesce(u.value, q.value #>> '{}') AS answer
        FROM responses r
        CROSS JOIN LATERAL jsonb_each(r.answers) q
        LEFT JOIN LATERAL jsonb_each_text(CASE WHEN jsonb_typeof(q.value) = 'object' THEN q.value ELSE '{}' END) u ON true
        WHERE r.campaign_id = :campaign AND r.state = 'sealed' AND r.questionnaire_version_id IN (
              SELECT id FROM questionnaire_versions WHERE form_id = :form)
          AND q.key = ANY(:questions) AND (jsonb_typeof(q.value) <> 'object' OR u.key IS NOT NULL)
          AND coalesce(u.key, r.unit_code) IS NOT NULL""",
    "sqlite": """
        SELECT r.id, r.respondent_group, r.stratum, r.psu, r.weight, coalesce(u.key, r.unit_code) AS unit, q.key AS question,
               coalesce(u.value, q.value) AS answer
        FROM responses r
        JOIN json_each(r.answers) q
        LEFT JOIN json_each(CASE WHEN q.type = 'object' THEN q.value ELSE '{}' END) u
        WHERE r.campaign_id = :campaign AND r.state = 'sealed' AND r.questionnaire_version_id IN (
              SELECT id FROM questionnaire_versions WHERE form_id = :form)
          AND q.key IN (SELECT value FROM json_each(:questions)) AND (q.type <> 'object' OR u.key IS NOT NULL)
          AND coalesce(u.key, r.unit_code) IS NOT NULL""",
}
_BY_ANSWER = """
    SELECT respondent_group, stratum, psu, unit, question, answer, count(*), sum(weight) FROM ({answers}) a
    GROUP BY respondent_group, stratum, psu, unit, question, answer"""
#: rating rows: respondent x unit with at least one answer
_ROWS = """
    SELECT respondent_group, stratum, psu, unit, count(*), sum(weight)
    FROM (SELECT DISTINCT id, respondent_group, stratum, psu, unit, weight FROM ({answers}) a) b
    GROUP BY respondent_group, stratum, psu, unit"""
_PEOPLE = """
    SELECT respondent_group, stratum, psu, count(*), sum(weight) FROM responses
    WHERE campaign_id = :campaign AND state = 'sealed' GROUP BY respondent_group, stratum, psu"""


def sums(campaign_id: int, forms: Mapping[str, Questionnaire], population: Mapping[tuple[str, str], int]) -> RatingSums:
    """Raises KeyError for an answer that the questionnaire does not have."""
    answers = answers_of(forms)
    found = RatingSums(answers, missing_of(forms), population)
    people = db.session.execute(text(_PEOPLE), {"campaign": campaign_id}).all()
    found.add_people({(group, stratum, psu): count for group, stratum, psu, count, _ in people},
                     sum(int(weight) for *_, weight in people))
    for form_id in sorted(forms):
        columns = [column for column in answers if column.startswith(f"{form_id}.")]
        if columns:
            _add_form(found, campaign_id, form_id, columns)
    return found


def _add_form(found: RatingSums, campaign_id: int, form_id: str, columns: list[str]) -> None:
    dialect = db.session.get_bind().dialect.name
    questions = [column.removeprefix(f"{form_id}.") for column in columns]
    if dialect == "sqlite":
        questions = json.dumps(questions)
    named = {"campaign": campaign_id, "form": form_id, "questions": questions}
    start, width = found.start_of(columns)
    rows = db.session.execute(text(_ROWS.format(answers=_ANSWERS[dialect])), named).all()
    number = {tuple(row[:4]): at for at, row in enumerate(rows)}
    counts, weighted = (np.zeros((len(rows), width), dtype=np.int64) for _ in range(2))
    code = {column: {answer: at for at, answer in enumerate(found.answers[column])} for column in columns}
    for *key, question, answer, count, weight in db.session.execute(text(_BY_ANSWER.format(answers=_ANSWERS[dialect])), named):
        column = f"{form_id}.{question}"
        at = number[tuple(key)], start[column] + code[column][answer]
        counts[at], weighted[at] = count, int(weight)
    for column in columns:  # who rated the unit and left this question blank
        size = len(found.answers[column])
        for sums_, all_ in ((counts, 4), (weighted, 5)):
            sums_[:, start[column] + size] = [int(row[all_]) for row in rows] - sums_[:, start[column] :][:, :size].sum(axis=1)
    found.add_cells(columns, list(number), counts, weighted, int(sum(row[4] for row in rows)))
