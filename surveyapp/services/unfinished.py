"""Responses that were begun and never handed in: after their campaign's time they are emptied, and stay only to be counted.

Until when they are kept is said in the campaign and told to respondents before they agree; what comes here is past that day.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import String, literal, select, update

from surveyapp.extensions import db
from surveyapp.models import Campaign, Response
from surveyapp.queries import campaigns
from surveyapp.services import attachments, audit

#: responses emptied at a time: nobody waits for the database longer than that takes
BATCH = 200
#: stands where the hash of a resume code stood; no hash looks like it
ERASED = "erased:"


def erase(today: date, batch: int = BATCH) -> dict[str, int]:
    """Campaign -> how many of its responses were emptied now. What a stop half-way leaves is found by the next call."""
    over = [campaign.code for campaign in campaigns.all() if due(campaign, today)]
    erased = {code: sum(iter(lambda code=code: _erase_some(code, today, batch), 0)) for code in over}
    return {code: count for code, count in erased.items() if count}


def due(campaign: Campaign, today: date) -> bool:
    return today > campaign.unfinished_until


def _erase_some(campaign_code: str, today: date, batch: int) -> int:
    """One batch with its line in the log, all or nothing. Whether it is due is asked again: the end may have been put off."""
    db.session.rollback()
    session = db.writing()
    campaign = session.scalars(select(Campaign).where(Campaign.code == campaign_code).with_for_update(read=True),
                               execution_options={"populate_existing": True}).one()
    ids = _unfinished(campaign, batch) if due(campaign, today) else ()
    if not ids:
        session.rollback()
        return 0
    # the respondent's language too: in it may lie their ethnicity, and nothing counts it
    erased = session.execute(
        update(Response).where(Response.id.in_(ids), Response.state == "draft").values(
            answers={}, pages_stored=[], paradata=None, language="", erased_on=today,
            access_hash=literal(ERASED, String) + Response.id)
        .execution_options(synchronize_session=False)).rowcount
    audit.note(None, "erase_unfinished", f"{campaign.code}: {erased} phiếu")
    with attachments.erased(*ids):
        session.commit()
    return erased


def _unfinished(campaign: Campaign, most: int) -> Sequence[str]:
    return db.session.scalars(
        select(Response.id).where(Response.campaign_id == campaign.id, Response.state == "draft", Response.erased_on.is_(None))
        .limit(most).with_for_update(skip_locked=True)).all()
