"""The sample: strata and invitations. An invitation can be found by its link only, never by an answer."""

from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.models import Invitation, Stratum


def strata(campaign_id: int) -> dict[tuple[str, str], int]:
    """(respondent group, stratum) -> population."""
    rows = db.session.scalars(select(Stratum).where(Stratum.campaign_id == campaign_id))
    return {(row.respondent_group, row.code): row.population for row in rows}


def invitation(token_hash: str) -> Invitation | None:
    return db.session.scalar(select(Invitation).where(Invitation.token_hash == token_hash))
