"""Campaigns, and which units are rated and scored in them."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, select

from surveyapp.errors import CampaignNotOpen, NotFound
from surveyapp.extensions import db
from surveyapp.models import Campaign, CampaignFramework, RatingScope, Unit
from surveyapp.queries import units
from surveyapp.wording import campaign_state_name

#: written once: every way into a form asks this
_BY_CODE = select(Campaign).where(Campaign.code == bindparam("code"))


def find(code: str) -> Campaign | None:
    if not code.isprintable():
        return None  # PostgreSQL cannot even compare with NUL
    return db.session.scalar(_BY_CODE, {"code": code})


def by_code(code: str) -> Campaign:
    campaign = find(code)
    if campaign is None:
        known = [each.code for each in all()]
        raise NotFound(f"Không có đợt điều tra “{code[:80]}”. Các đợt đang có: {', '.join(known) or 'chưa có đợt nào'}.")
    return campaign


def all() -> Sequence[Campaign]:
    """The newest first."""
    return db.session.scalars(select(Campaign).order_by(Campaign.opens_on.desc(), Campaign.code)).all()


def open_now(today: date) -> Sequence[Campaign]:
    """Those that take answers on the web today."""
    return db.session.scalars(
        select(Campaign).where(Campaign.state == "open", Campaign.opens_on <= today, Campaign.closes_on >= today)
        .order_by(Campaign.opens_on.desc(), Campaign.code)).all()


def refuse_unless_open(campaign: Campaign) -> None:
    """Answers from a file are taken while the campaign is open, whatever day it is: paper comes in late."""
    if campaign.state != "open":
        raise CampaignNotOpen(f"Đợt điều tra “{campaign.code}” {campaign_state_name(campaign.state)}, không nhận phiếu. "
                              "Mở đợt rồi nhập lại.")


def why_not_there(campaign: Campaign, unit_code: str) -> str:
    """Why a unit that somebody named has no place in the campaign: unknown, not there at that time, or not of its groups."""
    unit = db.session.get(Unit, unit_code)
    if unit is None:
        return f"Không có đơn vị “{unit_code}”."
    if not unit.exists_on(campaign.opens_on):
        return f"Đơn vị “{unit_code}” không hoạt động vào ngày mở đợt ({campaign.opens_on:%d/%m/%Y})."
    return f"Đơn vị “{unit_code}” thuộc nhóm “{unit.group_code}”, nằm ngoài phạm vi của đợt này."


def rating_scope(campaign_id: int) -> dict[str, set[str]]:
    """Respondent group -> the unit groups it rates."""
    found: dict[str, set[str]] = {}
    for scope in db.session.scalars(select(RatingScope).where(RatingScope.campaign_id == campaign_id)):
        found.setdefault(scope.respondent_group, set()).add(scope.unit_group)
    return found


#: written once: every way into a form asks this
_RATED = (
    select(Unit.code).join(RatingScope, RatingScope.unit_group == Unit.group_code)
    .where(RatingScope.campaign_id == bindparam("campaign_id"), RatingScope.respondent_group == bindparam("group"),
           *units.there_on(bindparam("day"))).limit(1))
_RATED_UNIT = _RATED.where(Unit.code == bindparam("unit"))


def rates(campaign: Campaign, respondent_group: str, unit_code: str | None = None) -> bool:
    """Whether the group rates this unit, or without one any at all; the same units as `units_rated_by`."""
    about = {"campaign_id": campaign.id, "group": respondent_group, "day": campaign.opens_on}
    if unit_code is None:
        return db.session.scalar(_RATED, about) is not None
    # PostgreSQL cannot even compare with NUL
    return unit_code.isprintable() and db.session.scalar(_RATED_UNIT, about | {"unit": unit_code}) is not None


def units_rated_by(campaign: Campaign, respondent_group: str) -> list[Unit]:
    """The units that exist on the campaign's first day and that this group rates, by name in Vietnamese order."""
    scope = rating_scope(campaign.id).get(respondent_group)
    return units.existing_on(campaign.opens_on, scope) if scope else []


def units_scored(campaign: Campaign, unit_group: str) -> list[Unit]:
    """The units of a group that exist on the campaign's first day, where the campaign has a framework for the group."""
    has_framework = db.session.scalar(select(CampaignFramework.framework_id).where(
        CampaignFramework.campaign_id == campaign.id, CampaignFramework.unit_group == unit_group))
    return units.existing_on(campaign.opens_on, {unit_group}) if has_framework else []
