"""One answer's way through the house: from the questionnaire file, by a phone without JavaScript, to the point in the total
score, and back from the point to the answer's count. The campaign is the worked example of docs/vi-du, small enough for a hand.
"""

import re
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.models import LeafScore, Response, UnitScore
from surveyapp.services import appraised, campaigns, exchange, frameworks, questionnaires, responses, score, units
from surveyapp.web.clock import today
from tests.conftest import app_on
from tests.surveyapp.staff_client import TOKEN, StaffClient, make_staff

EXAMPLE = Path(__file__).parent.parent / "docs/vi-du"


def example(name: str) -> bytes:
    """A file of the example, its fieldwork moved to today."""
    text = (EXAMPLE / name).read_text(encoding="utf-8")
    return re.sub(r"2024-1[01]-\d\d", today().isoformat(), text).encode()


@pytest.fixture
def campaign(app):
    with app.app_context():
        load_example()
        make_staff()
    return app


def load_example() -> None:
    units.import_unit_groups(example("nhom-don-vi.csv"), "nhom-don-vi.csv")
    units.import_units((EXAMPLE / "don-vi.csv").read_bytes(), "don-vi.csv")
    questionnaires.import_questionnaire(example("phieu.yaml"), "phieu.yaml")
    frameworks.import_framework(example("khung.yaml"), "khung.yaml")
    campaigns.import_campaign(example("dot.yaml"), "dot.yaml")
    campaigns.open_campaign("VIDU-2024", today())
    responses.import_responses("VIDU-2024", "vi_du", example("tra-loi.csv"), "tra-loi.csv")
    appraised.import_appraised("VIDU-2024", example("tham-dinh.csv"), "tham-dinh.csv")


def answer_by_phone(app, first: str, second: str) -> str:
    """A citizen served by VD-A: consent, one page, review, receipt. Returns the receipt page."""
    http = app.test_client()

    def post(path: str, **fields):
        token = TOKEN.search(http.get(path).get_data(as_text=True))[1]
        reply = http.post(path, data={"csrf_token": token, **fields})
        assert reply.status_code in (302, 303), reply.get_data(as_text=True)
        return reply.headers["Location"]

    consent = http.get("/k/VIDU-2024/vi_du?unit=VD-A&group=citizens").headers["Location"]
    page = post(consent, consent="yes")
    if first in "12":  # asks why, on the same page, once it is known
        page = post(page, thai_do=first, thoi_gian=second)
    review = post(page, thai_do=first, thoi_gian=second, ly_do="")
    receipt = post(review)
    return http.get(receipt).get_data(as_text=True)


def test_an_answer_becomes_a_point_and_the_point_leads_back_to_it(campaign):
    receipt_page = answer_by_phone(campaign, "1", "4")
    receipt = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", receipt_page)[0]

    with campaign.app_context():
        stored = db.session.scalars(select(Response).where(Response.mode == "web")).one()
        assert stored.answers == {"thai_do": "1", "thoi_gian": "4"}
        assert (stored.state, stored.access_hash, stored.unit_code) == ("sealed", None, "VD-A")
        assert receipt not in str(vars(stored))

        run = score.score_campaign("VIDU-2024")
        attitude = 1 + 1 + Fraction("0.6") + 0  # 4, 4, 3, ours; "don't know" leaves the denominator
        time = Fraction("0.6") * (1 + 2 * Fraction("0.6") + Fraction("0.2") + 1) / 5 + Fraction("0.4") * Fraction("1.6") / 2
        expected = {"2.1": 25 * attitude / 4, "2.2": 15 * time}
        leaves = {leaf.leaf_code: leaf for leaf in db.session.scalars(
            select(LeafScore).where(LeafScore.run_id == run.id, LeafScore.unit_code == "VD-A"))}
        assert {code: Fraction(leaves[code].points_exact) for code in expected} == expected
        assert (str(leaves["2.1"].points), str(leaves["2.2"].points)) == ("16.250000", "10.920000")

        unit = db.session.get(UnitScore, (run.id, "VD-A"))
        assert Fraction(unit.total_exact) == Fraction("50.5") + sum(expected.values()) == Fraction("77.67")
        assert (float(unit.percent), unit.band, unit.status) == (77.67, "C", "ok")

    analyst = StaffClient(campaign)
    analyst.sign_in("analyst")
    unit_page = analyst.get(f"/ket-qua/{run.id}/don-vi/VD-A")
    assert "77,67" in unit_page
    assert f"/ket-qua/{run.id}/don-vi/VD-A/tieu-chi/2.1" in unit_page
    way_back = analyst.get(f"/ket-qua/{run.id}/don-vi/VD-A/tieu-chi/2.1")
    assert "16,25" in way_back
    assert "Thái độ của công chức thế nào?" in way_back

    with campaign.app_context():
        table = exchange.csv_files(run.id, spreadsheet=False)["don-vi.csv"].decode("utf-8-sig")
    assert re.search(r"VD-A,.*77\.67", table)


def test_the_same_answers_give_the_same_run_to_the_last_byte(campaign):
    with campaign.app_context():
        first, second = score.score_campaign("VIDU-2024"), score.score_campaign("VIDU-2024")
    assert first.id != second.id
    assert first.result_sha256 == second.result_sha256
    answer_by_phone(campaign, "4", "4")
    with campaign.app_context():
        third = score.score_campaign("VIDU-2024")
    assert third.dataset_sha256 != first.dataset_sha256
    assert third.result_sha256 != first.result_sha256


def test_both_databases_give_the_same_run_to_the_last_byte(sqlite_url, postgresql_url, tmp_path):
    runs, tables = [], []
    for url in (sqlite_url, postgresql_url):
        with app_on(url, tmp_path) as app, app.app_context():
            load_example()
            runs.append(score.score_campaign("VIDU-2024"))
            tables.append(exchange.csv_files(runs[-1].id, spreadsheet=False))
    one, other = runs
    assert (one.dataset_sha256, one.result_sha256) == (other.dataset_sha256, other.result_sha256)
    assert tables[0].keys() == tables[1].keys()
    differing = [name for name in tables[0] if _without_moment(tables[0][name]) != _without_moment(tables[1][name])]
    assert differing == []


def _without_moment(table: bytes) -> str:
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+", "moment", table.decode("utf-8-sig"))
