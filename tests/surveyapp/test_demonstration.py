"""The demonstration loads through the real services, on both databases; whole and small, and always the same."""

import stat
import time
from datetime import date

import pytest
from sqlalchemy import func, select

from surveyapp.extensions import db
from surveyapp.models import Campaign, Response, ScoreRun, UnitScore
from surveyapp.queries import accounts as stored_accounts
from surveyapp.queries import campaigns
from surveyapp.services import accounts, demonstration

TODAY = date(2026, 11, 24)


@pytest.fixture
def small(context):
    demonstration.load(progress=lambda _message: None, share=0.03, today=TODAY)
    return context


def test_the_whole_demonstration_has_what_it_promises(context):
    begun, told = time.monotonic(), []
    code = demonstration.load(progress=told.append, today=TODAY)
    assert time.monotonic() - begun < 60
    assert any("phiếu" in message for message in told)
    campaign = campaigns.by_code(code)
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


def test_feedback_is_answered_only_by_those_who_gave_feedback(small):
    asked = list(db.session.scalars(select(Response.answers).where(Response.respondent_group == "citizens")))
    assert {"made_feedback", "overall_satisfaction"} <= set(asked[0])
    for given in asked:
        assert ("feedback_timely" in given) == (given["made_feedback"] == "yes")
        assert ("online_service" in given) == (given["used_online"] == "yes")


def test_nobody_rates_the_agency_they_work_in(small):
    rows = db.session.execute(select(Response.psu, Response.answers).where(Response.respondent_group == "officials"))
    for agency, given in rows:
        assert given["steering"][agency] == "not_familiar"


def test_loading_again_returns_at_once_and_changes_nothing(small):
    before = db.session.scalar(select(func.count()).select_from(Response))
    begun = time.monotonic()
    assert demonstration.load(progress=pytest.fail, today=TODAY) == "ST2024"
    assert time.monotonic() - begun < 1
    assert db.session.scalar(select(func.count()).select_from(Response)) == before


def test_a_load_that_was_cut_off_goes_on(context, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(demonstration, "ANSWERED_ON_THE_WEB", 3)
        patched.setattr(demonstration.appraised, "import_appraised", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            demonstration.load(progress=lambda _message: None, share=0.03, today=TODAY)
    db.session.rollback()
    before = db.session.scalar(select(func.count()).select_from(Response))
    demonstration.load(progress=lambda _message: None, share=0.03, today=TODAY)
    after = db.session.scalar(select(func.count()).select_from(Response))
    assert after == before + demonstration.ANSWERED_ON_THE_WEB - 3
    assert campaigns.by_code("ST2024").state == "closed"


def test_the_open_campaign_takes_answers_today(small):
    campaign = campaigns.by_code("CT2026")
    assert campaign in campaigns.open_now(TODAY)
    assert "CT-NHONMY" in {unit.code for unit in campaigns.units_rated_by(campaign, "citizens")}
    assert demonstration.open_path() == "/k/CT2026/citizen?unit=CT-NHONMY&group=citizens"


def test_each_role_has_an_account_whose_password_only_the_owner_can_read(small):
    found = demonstration.accounts()
    assert [role for role, _, _ in found] == ["designer", "analyst", "administrator"]
    for role, username, password in found:
        assert accounts.authenticate(username, password, accounts.datetime(2026, 1, 1)).role == role
        assert len(password) >= 16
    path = small.config["DATA_FOLDER"] / "demo-accounts.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_lost_password_file_is_made_anew(small):
    old = demonstration.accounts()
    (small.config["DATA_FOLDER"] / "demo-accounts.txt").unlink()
    demonstration.load(progress=lambda _message: None, today=TODAY)
    assert len(demonstration.accounts()) == 3
    assert demonstration.accounts() != old


def test_no_account_and_no_campaign_without_the_demonstration(context):
    assert demonstration.accounts() == []
    assert stored_accounts.all_accounts() == []
    assert db.session.scalars(select(Campaign)).all() == []


def test_the_same_seed_gives_the_same_dataset(context, tmp_path):
    """Two loads into two databases: the hashes of what went into the score run are the same."""
    hashes = {"sqlite": "", "postgresql": ""}
    demonstration.load(progress=lambda _message: None, share=0.02, today=TODAY)
    run = db.session.scalars(select(ScoreRun)).one()
    hashes[db.engine.dialect.name] = run.dataset_sha256
    again = _load_apart(tmp_path)
    assert again == run.dataset_sha256


def _load_apart(folder) -> str:
    from surveyapp import create_app
    from surveyapp.extensions import make_engine
    from surveyapp.migrations import upgrade

    url = f"sqlite:///{folder}/apart.sqlite"
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    other = create_app(DATABASE_URL=url, DATA_FOLDER=folder / "apart", SECRET_KEY="other", TESTING=True,
                       ARGON2={"time_cost": 1, "memory_cost": 8, "parallelism": 1})
    with other.app_context():
        demonstration.load(progress=lambda _message: None, share=0.02, today=date(2027, 1, 1))
        return db.session.scalars(select(ScoreRun.dataset_sha256)).one()


def _cut_off(*_arguments):
    raise KeyboardInterrupt
