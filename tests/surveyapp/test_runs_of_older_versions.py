"""A run made before it was measured how sure its order is: it reads as before, and what was not measured is not invented."""

import csv
import io
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

import surveyapp.migrations
from surveyapp.charts import WIDE, of_run
from surveyapp.extensions import db
from surveyapp.queries import scores
from surveyapp.queries.score_rows import DISCLOSURE
from surveyapp.services import exchange, report
from tests.surveyapp import score_rows
from tests.surveyapp.staff_client import StaffClient, make_staff


def migrate(where: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(surveyapp.migrations.__file__).parent))
    db.session.close()
    with db.engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if where == "0002" else command.upgrade)(config, where)


def old_run() -> None:
    """A run that was there when the database was brought to the newest migration."""
    declared = {name: value for name, value in score_rows.POLICY.as_json().items() if name not in DISCLOSURE}
    assert score_rows.make_run(policy=declared) == 1
    make_staff()
    migrate("0002")
    assert len(db.session.execute(text("SELECT policy FROM score_runs")).all()) == 1
    migrate("head")


@pytest.fixture(scope="module")
def beforehand():
    return old_run


@pytest.fixture
def old(app_context):
    return app_context, 1


def test_it_reads_with_what_it_has(old):
    run = scores.run_of(old[1])
    for group in scores.groups(run):
        assert group.neighbours == ()
        for unit in group.ranked:
            assert unit.rank_low is not None
            assert (unit.rank_all_low, unit.band_probabilities, unit.band_probability, unit.rank_best) == (None,) * 4
        assert of_run.of_group(run, group)["hang"].draw(WIDE).startswith(b"<?xml")


def test_pages_files_and_reports_leave_out_what_was_not_measured(old):
    app, run_id = old
    client = StaffClient(app)
    client.sign_in("analyst")
    page = client.get(f"/ket-qua/{run_id}")
    assert "chắc chắn trong khoảng" in page
    assert "Thứ tự chắc chắn đến đâu" not in page
    assert "Thứ hạng chắc chắn đến đâu" not in client.get(f"/ket-qua/{run_id}/don-vi/so-noi-vu")
    files = {name: list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
             for name, content in exchange.csv_files(run_id, spreadsheet=False).items()}
    assert {row["rank_all_low"] + row["band_probability"] + row["rank_stays"] for row in files["don-vi.csv"]} == {""}
    assert (files["lien-ke.csv"], files["xep-loai.csv"], files["do-nhay.csv"]) == ([], [], [])
    run = files["lan-cham.csv"][0]
    assert [run[name] for name in ("minimum_count", "minimum_respondents", "one_answer_below", "protection_range")] == [
        "4", "5", "10", "3"]
    assert any(not row["n"] for row in files["phan-bo.csv"])
    assert "theo quy tắc mặc định hiện nay" in client.get(f"/ket-qua/{run_id}/phuong-phap")
    assert report.province_pdf(run_id).startswith(b"%PDF")
    assert report.unit_pdf(run_id, "so-noi-vu").startswith(b"%PDF")


@pytest.mark.parametrize("rest", ["UPDATE unit_scores SET rank_all_low = 1", "UPDATE score_runs SET policy = '{}'"])
def test_nobody_can_fill_it_in_afterwards(old, rest):
    with pytest.raises(Exception, match="_unchanged"):
        db.session.execute(text(rest))
    db.session.rollback()
