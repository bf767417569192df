"""The demonstration loads through the real services, on both databases; whole and small, and always the same."""

import stat
import time
from datetime import date, datetime

import psycopg
import pytest
from sqlalchemy import func, select

from surveyapp import create_app
from surveyapp.extensions import db
from surveyapp.models import Response, ScoreRun, UnitScore
from surveyapp.queries import campaigns
from surveyapp.services import accounts, demonstration

pytestmark = pytest.mark.xdist_group("demonstration")  # what is loaded once is loaded in one process

TODAY = date(2026, 11, 24)
CHEAP_ARGON2 = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


def silent(_message: str) -> None:
    pass


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def loaded(request, tmp_path_factory):
    """The whole demonstration, once for each kind of database; the tests that use it only read."""
    folder = tmp_path_factory.mktemp("demonstration")
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/demonstration.sqlite"
        (folder / "demonstration.sqlite").write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
    else:
        server, template = request.getfixturevalue("postgresql_server"), request.getfixturevalue("postgresql_template")
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE demonstration TEMPLATE {template}")
        url = f"{server}/demonstration"
    app = create_app(DATABASE_URL=url, DATA_FOLDER=folder, SECRET_KEY="test", TESTING=True, ARGON2=CHEAP_ARGON2)
    with app.app_context():
        begun, app.told = time.process_time(), []
        demonstration.load(progress=app.told.append, today=TODAY)
        app.seconds = time.process_time() - begun
        yield app
        db.session.close()
        db.dispose()
    if request.param == "postgresql":
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute("DROP DATABASE demonstration WITH (FORCE)")


@pytest.fixture(scope="module")
def hashes() -> dict[str, str]:
    return {}


def test_it_loads_in_well_under_a_minute_and_tells_how_far_it_is(loaded):
    assert loaded.seconds < 40
    assert len([message for message in loaded.told if "phiếu" in message]) >= 4


def test_it_has_what_it_promises(loaded):
    campaign = campaigns.by_code(demonstration.CODE)
    assert (campaign.state, campaign.year) == ("closed", 2024)
    sealed = dict(db.session.execute(
        select(Response.respondent_group, func.count()).where(Response.campaign_id == campaign.id, Response.state == "sealed")
        .group_by(Response.respondent_group)).all())
    assert set(sealed) == {"citizens", "officials", "leaders", "businesses"}
    assert sum(sealed.values()) >= 5000
    for column, expected in ((Response.mode, {"paper", "interview", "web", "phone"}), (Response.language, {"vi", "km"})):
        assert set(db.session.scalars(select(column).distinct().where(Response.campaign_id == campaign.id))) == expected
    assert len(set(db.session.scalars(select(Response.weight).distinct()))) == 3
    run = db.session.scalars(select(ScoreRun)).one()
    statuses = dict(db.session.execute(select(UnitScore.status, func.count()).where(UnitScore.run_id == run.id)
                                       .group_by(UnitScore.status)).all())
    assert statuses["incomplete"] == 1
    assert statuses["insufficient"] >= 2
    assert statuses["ok"] >= 40
    assert set(db.session.scalars(select(UnitScore.unit_group).distinct())) == set(demonstration.UNIT_GROUPS)
    assert len(set(db.session.scalars(select(UnitScore.band).distinct().where(UnitScore.band.is_not(None))))) >= 2


def test_feedback_is_answered_only_by_those_who_gave_feedback(loaded):
    asked = list(db.session.scalars(select(Response.answers).where(Response.respondent_group == "citizens")))
    assert {"made_feedback", "overall_satisfaction"} <= set(asked[0])
    for given in asked:
        assert ("feedback_timely" in given) == (given["made_feedback"] == "yes")
        assert ("online_service" in given) == (given["used_online"] == "yes")


def test_nobody_rates_the_agency_they_work_in(loaded):
    rows = db.session.execute(select(Response.psu, Response.answers).where(Response.respondent_group == "officials"))
    for agency, given in rows:
        assert given["steering"][agency] == "not_familiar"


def test_loading_again_returns_at_once_and_changes_nothing(loaded):
    before = db.session.scalar(select(func.count()).select_from(Response))
    begun = time.monotonic()
    assert demonstration.load(progress=pytest.fail, today=TODAY) == "ST2024"
    assert time.monotonic() - begun < 1
    assert db.session.scalar(select(func.count()).select_from(Response)) == before


def test_the_open_campaign_takes_answers_today(loaded):
    campaign = campaigns.by_code("CT2026")
    assert campaign in campaigns.open_now(TODAY)
    assert "CT-NHONMY" in {unit.code for unit in campaigns.units_rated_by(campaign, "citizens")}
    assert demonstration.open_path() == "/k/CT2026/citizen?unit=CT-NHONMY&group=citizens"


def test_each_role_has_an_account_whose_password_only_the_owner_can_read(loaded):
    found = demonstration.accounts()
    assert [role for role, _, _ in found] == ["designer", "analyst", "administrator"]
    for role, username, password in found:
        assert accounts.authenticate(username, password, datetime(2026, 1, 1)).role == role
        assert len(password) >= 16
    path = loaded.config["DATA_FOLDER"] / "demo-accounts.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_seed_gives_the_same_answers_whatever_the_database(loaded, hashes):
    """The hash of the dataset that went into the score run, and of what came out of it."""
    hashes[db.engine.dialect.name] = db.session.execute(select(ScoreRun.dataset_sha256, ScoreRun.result_sha256)).one()
    assert len(set(hashes.values())) == 1


def test_a_lost_password_file_is_made_anew(loaded):
    old = demonstration.accounts()
    (loaded.config["DATA_FOLDER"] / "demo-accounts.txt").unlink()
    demonstration.load(progress=silent, today=TODAY)
    assert len(demonstration.accounts()) == 3
    assert demonstration.accounts() != old
