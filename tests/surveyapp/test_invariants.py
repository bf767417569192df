"""What the database itself refuses, whoever holds the connection and whatever the program forgot."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from surveyapp.extensions import db
from surveyapp.models import QualityEffect, QualitySign
from surveyapp.services import audit, score
from tests.test_one_answer import load_example

REFUSED = {
    "sealed answers changed": "UPDATE responses SET answers = '{\"thai_do\": \"4\"}'",
    "sealed answers moved to another unit": "UPDATE responses SET unit_code = 'VD-B'",
    "sealed answers opened again": "UPDATE responses SET state = 'draft'",
    "sealed answers weighted anew": "UPDATE responses SET weight = 2",
    "sealed answers withdrawn but kept": "UPDATE responses SET state = 'withdrawn'",
    "sealed answers deleted": "DELETE FROM responses",
    "a questionnaire that was asked": "UPDATE questionnaire_versions SET document = 'x'",
    "a framework": "UPDATE framework_documents SET document = 'x'",
    "a score run": "UPDATE score_runs SET result_sha256 = 'x'",
    "a unit's score": "UPDATE unit_scores SET total = 100",
    "a criterion's score": "UPDATE leaf_scores SET points = 1",
    "a source's mean": "UPDATE source_scores SET mean_exact = '1'",
    "counts of answers": "UPDATE answer_counts SET n = 1",
    "counts of signs": "UPDATE quality_signs SET flagged = 0",
    "points without the flagged forms": "UPDATE quality_effects SET difference = 0",
    "signs deleted": "DELETE FROM quality_signs",
    "points without the flagged forms deleted": "DELETE FROM quality_effects",
    "a comparison of neighbours": "UPDATE neighbour_differences SET p = 0",
    "a rank under another rule": "UPDATE rank_scenarios SET rank = 1",
    "a run deleted": "DELETE FROM score_runs",
    "a unit's score deleted": "DELETE FROM unit_scores",
    "a comparison deleted": "DELETE FROM neighbour_differences",
    "ranks under other rules deleted": "DELETE FROM rank_scenarios",
    "counts deleted": "DELETE FROM answer_counts",
    "the record of what was done": "UPDATE audit_entries SET action = 'x'",
    "the record deleted": "DELETE FROM audit_entries",
    "negative appraised points": "UPDATE appraised_points SET appraised = -1",
    "a campaign that closes before it opens": "UPDATE campaigns SET closes_on = '1999-01-01'",
    "an unknown state of a campaign": "UPDATE campaigns SET state = 'x'",
    "a unit that ends before it begins": "UPDATE units SET valid_to = '1900-01-01'",
    "a unit of no group": "UPDATE units SET group_code = 'x'",
    "an unknown role": "INSERT INTO accounts (username, display_name, role, password_hash, active) "
                       "VALUES ('x', 'x', 'king', 'x', true)",
}


def one_run() -> None:
    load_example()
    run = score.score_campaign("VIDU-2024")
    # its form is too short to have signs of its own
    db.session.add(QualitySign(run_id=run.id, unit_code="VD-A", form_id="vi_du", sign="any", position=0, forms=9, flagged=3))
    db.session.add(QualityEffect(run_id=run.id, unit_code="VD-A", forms=9, flagged=3, status="ok", changed_rule=False,
                                 difference=-0.5))
    db.session.commit()
    audit.record(None, "score", "VIDU-2024")


@pytest.fixture(scope="module")
def beforehand():
    return one_run


@pytest.fixture
def scored(app_context):
    return db.session


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(scored, what):
    table = REFUSED[what].split()[1 if REFUSED[what].startswith("UPDATE") else 2]
    before = scored.execute(text(f"SELECT * FROM {table}")).all()
    assert before or table == "accounts"
    with pytest.raises(DBAPIError, match="(?i)_unchanged|_kept|_never_deleted|check constraint|foreign key"):
        scored.execute(text(REFUSED[what]))
    scored.rollback()
    assert sorted(map(str, scored.execute(text(f"SELECT * FROM {table}")).all())) == sorted(map(str, before))
