"""Appraised and self-scored points that came from a file."""

from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.models import AppraisedPoints


def of_campaign(campaign_id: int) -> dict[tuple[str, str], AppraisedPoints]:
    """(unit, leaf) -> its points."""
    rows = db.session.scalars(select(AppraisedPoints).where(AppraisedPoints.campaign_id == campaign_id))
    return {(row.unit_code, row.leaf_code): row for row in rows}
