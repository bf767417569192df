"""A demonstration that was cut off while it loaded goes on; without one there is neither campaign nor account."""

from datetime import date

import pytest
from sqlalchemy import func, select

from surveyapp.extensions import db
from surveyapp.models import Campaign, Response
from surveyapp.queries import accounts as stored_accounts
from surveyapp.queries import campaigns
from surveyapp.services import demonstration

TODAY = date(2026, 11, 24)


def silent(_message: str) -> None:
    pass


def test_a_load_that_was_cut_off_goes_on(app_context, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(demonstration, "ANSWERED_ON_THE_WEB", 3)
        patched.setattr(demonstration.appraised, "import_appraised", _cut_off)
        with pytest.raises(KeyboardInterrupt):
            demonstration.load(progress=silent, share=0.03, today=TODAY)
    db.session.rollback()
    before = db.session.scalar(select(func.count()).select_from(Response))
    demonstration.load(progress=silent, share=0.03, today=TODAY)
    after = db.session.scalar(select(func.count()).select_from(Response))
    assert after == before + demonstration.ANSWERED_ON_THE_WEB - 3
    assert campaigns.by_code("ST2024").state == "closed"


def test_no_account_and_no_campaign_without_the_demonstration(app_context):
    assert demonstration.accounts() == []
    assert stored_accounts.all_accounts() == []
    assert db.session.scalars(select(Campaign)).all() == []


def _cut_off(*_arguments):
    raise KeyboardInterrupt
