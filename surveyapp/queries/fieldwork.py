"""How far a campaign has come: forms handed in by group, unit, stratum and mode; invitations issued and used."""

from dataclasses import dataclass

from sqlalchemy import case, func, select

from surveyapp.extensions import db
from surveyapp.models import Invitation, Response


@dataclass(frozen=True)
class FormCount:
    respondent_group: str
    #: None where the form rates many units
    unit_code: str | None
    stratum: str
    mode: str
    forms: int


@dataclass(frozen=True)
class InvitationCount:
    respondent_group: str
    unit_code: str | None
    issued: int
    spent: int


def handed_in(campaign_id: int) -> list[FormCount]:
    rows = db.session.execute(
        select(Response.respondent_group, Response.unit_code, Response.stratum, Response.mode, func.count())
        .where(Response.campaign_id == campaign_id, Response.state == "sealed")
        .group_by(Response.respondent_group, Response.unit_code, Response.stratum, Response.mode))
    return [FormCount(*row) for row in rows]


def forms_by_state(campaign_id: int) -> dict[str, int]:
    """draft, sealed, withdrawn -> how many."""
    return dict(db.session.execute(
        select(Response.state, func.count()).where(Response.campaign_id == campaign_id).group_by(Response.state)).all())


def erased(campaign_id: int) -> int:
    """How many of those that were never handed in have been emptied; `forms_by_state` counts them all the same."""
    return db.session.scalar(select(func.count()).where(
        Response.campaign_id == campaign_id, Response.state == "draft", Response.erased_on.is_not(None)))


def forms_by_campaign() -> dict[int, int]:
    return dict(db.session.execute(
        select(Response.campaign_id, func.count()).where(Response.state == "sealed").group_by(Response.campaign_id)).all())


def invitations(campaign_id: int) -> list[InvitationCount]:
    spent = func.sum(case((Invitation.spent, 1), else_=0))
    rows = db.session.execute(
        select(Invitation.respondent_group, Invitation.unit_code, func.count(), spent)
        .where(Invitation.campaign_id == campaign_id)
        .group_by(Invitation.respondent_group, Invitation.unit_code)
        .order_by(Invitation.respondent_group, Invitation.unit_code))
    return [InvitationCount(*row) for row in rows]
