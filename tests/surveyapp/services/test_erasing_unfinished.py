"""What was never handed in is emptied after its campaign's time, is still counted, and nothing else is touched."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from surveyapp import jobs
from surveyapp.errors import LinkUnknown, NoLongerThere
from surveyapp.extensions import db
from surveyapp.models import AuditEntry, Campaign, Response
from surveyapp.queries import fieldwork
from surveyapp.services import collect, unfinished
from surveyapp.services.paradata import Visit
from tests import factories

TODAY = date(2026, 11, 25)
CLOSES = TODAY + timedelta(days=30)
KEPT = 10
#: the first day on which what is unfinished is too old
OVER = CLOSES + timedelta(days=KEPT + 1)
FIRST = {"went": ["no"], "times": ["2"]}


@pytest.fixture
def campaign(app_context):
    made = factories.province(forms=("everything",), today=TODAY)
    made.keep_unfinished_days = KEPT
    db.session.commit()
    return made


def begun(campaign: Campaign, *codes: str) -> None:
    for code in codes:
        collect.start(campaign.code, "everything", "citizens", "SNV", code, "vi", TODAY)
        collect.store_page(code, "first", FIRST, "vi", TODAY, Visit("phone", 3))


def rows() -> list[Response]:
    return list(db.session.scalars(select(Response).execution_options(populate_existing=True)))


def counts(campaign: Campaign) -> tuple:
    return fieldwork.forms_by_state(campaign.id), fieldwork.handed_in(campaign.id), fieldwork.invitations(campaign.id)


def log() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "erase_unfinished")))


def test_what_is_too_old_is_emptied_and_still_counted(campaign):
    token = factories.invitation(campaign.code)
    begun(campaign, "AAAA", "BBBB", token, "CCCC")
    collect.seal("CCCC", TODAY)
    [sealed] = [row for row in rows() if row.state == "sealed"]
    before, kept = counts(campaign), {column.name: getattr(sealed, column.name) for column in Response.__table__.columns}
    places = sorted((row.respondent_group, row.unit_code, row.stratum, row.psu, row.weight) for row in rows())
    for early in (CLOSES, OVER - timedelta(days=1)):
        assert unfinished.erase(early) == {}
    assert unfinished.erase(OVER, batch=2) == {campaign.code: 3}
    assert unfinished.erase(OVER) == {}, "nothing is left for a second time"
    assert counts(campaign) == before
    assert places == sorted((row.respondent_group, row.unit_code, row.stratum, row.psu, row.weight) for row in rows())
    for row in rows():
        if row.state == "draft":
            assert (row.answers, row.pages_stored, row.paradata, row.language, row.erased_on) == ({}, [], None, "", OVER)
        else:
            assert {column.name: getattr(row, column.name) for column in Response.__table__.columns} == kept
    assert (fieldwork.erased(campaign.id), log()) == (3, [f"{campaign.code}: 2 phiếu", f"{campaign.code}: 1 phiếu"])
    for code in ("AAAA", token):
        with pytest.raises(NoLongerThere):
            collect.draft(code)
    with pytest.raises(LinkUnknown, match="hết hạn"):
        collect.resume("AAAA")


def test_who_has_the_end_put_off_keeps_everything(campaign):
    begun(campaign, "AAAA")
    campaign.closes_on = CLOSES + timedelta(days=60)
    campaign.state = "closed"
    db.session.commit()
    assert unfinished.erase(OVER) == {}
    assert rows()[0].answers == {"went": "no", "times": "2"}
    campaign.state, campaign.closes_on = "open", CLOSES
    db.session.commit()
    assert unfinished.erase(OVER) == {campaign.code: 1}, "whether somebody closed it or not"


def test_a_stop_half_way_leaves_whole_batches_and_their_lines(campaign, monkeypatch):
    begun(campaign, "AAAA", "BBBB", "CCCC")
    wanted, batches = unfinished.attachments.erased, []

    def stops(*ids):
        batches.append(ids)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return wanted(*ids)

    monkeypatch.setattr(unfinished.attachments, "erased", stops)
    with pytest.raises(KeyboardInterrupt):
        unfinished.erase(OVER, batch=1)
    db.session.rollback()
    assert (fieldwork.erased(campaign.id), len(log())) == (1, 1)
    assert unfinished.erase(OVER, batch=1) == {campaign.code: 2}
    assert len(log()) == 3


def test_the_database_lets_nothing_back_in(campaign):
    begun(campaign, "AAAA")
    unfinished.erase(OVER)
    for change in ("answers = '{\"went\": \"no\"}'", "state = 'sealed', access_hash = NULL, receipt_hash = 'x', "
                   "sealed_on = '2026-11-25'"):
        with pytest.raises(DBAPIError, match="(?i)check constraint"):
            db.session.execute(text(f"UPDATE responses SET {change}"))
        db.session.rollback()


def test_the_worker_does_it_every_hour_and_goes_on_after_a_failure(app, campaign, monkeypatch):
    begun(campaign, "AAAA")
    monkeypatch.setattr(jobs, "today", lambda: OVER)
    queue, _run = jobs._queue(app.config["DATA_FOLDER"], app)
    hours = [queue.read_periodic(jobs.progress.now().replace(minute=minute)) for minute in range(60)]
    [[task]] = [due for due in hours if due]
    queue.execute(task)
    assert fieldwork.erased(campaign.id) == 1
    monkeypatch.setattr(unfinished, "erase", lambda today: 1 / 0)
    queue.execute(task)
