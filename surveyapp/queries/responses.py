"""Forms that are being filled in, and personal links; found by a hash, so that only who holds the code finds one."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import bindparam, select

from questionnaires.answers import Units, UnitToRate
from questionnaires.model import Questionnaire
from surveyapp.extensions import db
from surveyapp.models import Campaign, Invitation, QuestionnaireVersion, Response, Unit
from surveyapp.queries import campaigns, questionnaires, units
from surveyapp.wording import RESPONDENT_GROUPS


@dataclass(frozen=True)
class Draft:
    """A form on its way: what is asked, about which units, and what was answered so far."""

    response: Response
    campaign: Campaign
    questionnaire: Questionnaire
    #: the hash of the questionnaire's text: what is worked out from the text alone may be kept under it
    content: str
    #: the one unit that served the respondent; None where the form rates many
    unit: Unit | None

    @property
    def answers(self) -> dict:
        return self.response.answers

    @cached_property
    def units(self) -> Units:
        """The units to rate on a form that rates many, in the order in which `grouped_units` shows them."""
        return tuple(UnitToRate(unit.code, unit.name) for _, members in self.grouped_units for unit in members)

    @cached_property
    def grouped_units(self) -> list[tuple[str, list[Unit]]]:
        if self.questionnaire.rates == "one_unit":
            return []
        return grouped_units(self.campaign, self.response.respondent_group)


#: written once: every page of every form asks this
_DRAFT = (
    select(Response, Campaign, Unit, QuestionnaireVersion.id, QuestionnaireVersion.sha256)
    .join(Campaign, Campaign.id == Response.campaign_id)
    .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id)
    .outerjoin(Unit, Unit.code == Response.unit_code)
    .where(Response.access_hash == bindparam("access_hash"))
    .execution_options(populate_existing=True))
_LOCKED_DRAFT = _DRAFT.with_for_update(of=Response)


def draft_by_access_hash(access_hash: str, lock: bool = False) -> Draft | None:
    """`lock` keeps two pages of one form, stored at the same moment, from overwriting each other."""
    found = db.session.execute(_LOCKED_DRAFT if lock else _DRAFT, {"access_hash": access_hash}).one_or_none()
    if found is None:
        return None
    asked = questionnaires.of_content(found.id, found.sha256)
    return Draft(found.Response, found.Campaign, asked, found.sha256, found.Unit)


_INVITATION = select(Invitation).where(Invitation.token_hash == bindparam("token_hash"))


def invitation_by_token_hash(token_hash: str) -> Invitation | None:
    return db.session.scalar(_INVITATION, {"token_hash": token_hash})


def campaign_of(invitation: Invitation) -> Campaign:
    return db.session.get_one(Campaign, invitation.campaign_id)


_SEALED = select(Response).where(Response.receipt_hash == bindparam("receipt_hash"))


def by_receipt_hash(receipt_hash: str) -> Response | None:
    return db.session.scalar(_SEALED, {"receipt_hash": receipt_hash})


def groups_asked(campaign: Campaign, questionnaire: Questionnaire) -> tuple[str, ...]:
    """The respondent groups of a form that have somebody to rate in this campaign."""
    scope = campaigns.rating_scope(campaign.id)
    return tuple(group for group in questionnaire.respondent_groups if scope.get(group))


def forms_asked(campaign: Campaign) -> list[Questionnaire]:
    """The forms that somebody can answer in this campaign, in the order of the respondent groups: citizens first."""
    forms = [questionnaires.parsed(version) for version in questionnaires.of_campaign(campaign.id).values()]
    order = list(RESPONDENT_GROUPS)

    def place(form: Questionnaire) -> int:
        return min((order.index(group) for group in form.respondent_groups if group in order), default=len(order))

    return sorted((form for form in forms if groups_asked(campaign, form)), key=place)


def grouped_units(campaign: Campaign, respondent_group: str) -> list[tuple[str, list[Unit]]]:
    """(name of the unit group, its units) in the programme's order, by name within a group."""
    rated = campaigns.units_rated_by(campaign, respondent_group)
    members = [(name, [unit for unit in rated if unit.group_code == code]) for code, name in units.group_names().items()]
    return [(name, those) for name, those in members if those]
