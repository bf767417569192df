"""What designers have brought in: every version of every questionnaire and framework, and which campaigns use it."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select

from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.models import (
    Campaign,
    CampaignFramework,
    CampaignQuestionnaire,
    FrameworkDocument,
    QuestionnaireVersion,
    Response,
    UnitGroup,
)


def questionnaire_versions() -> Sequence[QuestionnaireVersion]:
    """By form, the newest version of each first."""
    return db.session.scalars(select(QuestionnaireVersion).order_by(
        QuestionnaireVersion.form_id, QuestionnaireVersion.imported_at.desc(), QuestionnaireVersion.version.desc())).all()


def questionnaire_version(form_id: str, version: str) -> QuestionnaireVersion:
    wanted = select(QuestionnaireVersion).where(
        QuestionnaireVersion.form_id == form_id, QuestionnaireVersion.version == version)
    found = db.session.scalar(wanted) if (form_id + version).isprintable() else None
    if found is None:
        raise NotFound(f"Không có phiếu “{form_id}” phiên bản “{version}”.")
    return found


def framework_documents() -> Sequence[FrameworkDocument]:
    """The newest year first, then in the order of the unit groups, the newest revision first."""
    return db.session.scalars(
        select(FrameworkDocument).join(UnitGroup, UnitGroup.code == FrameworkDocument.unit_group)
        .order_by(FrameworkDocument.year.desc(), UnitGroup.position, UnitGroup.code, FrameworkDocument.revision.desc())).all()


def newest_revisions() -> list[FrameworkDocument]:
    """Of every year and unit group the framework in its last revision, in the same order."""
    newest: dict[tuple[int, str], FrameworkDocument] = {}
    for document in framework_documents():
        newest.setdefault((document.year, document.unit_group), document)
    return list(newest.values())


def framework_document(framework_id: int) -> FrameworkDocument:
    found = db.session.get(FrameworkDocument, framework_id)
    if found is None:
        raise NotFound(f"Không có bộ chỉ số số {framework_id}.")
    return found


def campaigns_by_questionnaire() -> dict[int, list[Campaign]]:
    return _grouped(select(CampaignQuestionnaire.questionnaire_version_id, Campaign)
                    .join(Campaign, Campaign.id == CampaignQuestionnaire.campaign_id).order_by(Campaign.opens_on.desc()))


def campaigns_by_framework() -> dict[int, list[Campaign]]:
    return _grouped(select(CampaignFramework.framework_id, Campaign)
                    .join(Campaign, Campaign.id == CampaignFramework.campaign_id).order_by(Campaign.opens_on.desc()))


def answers_by_questionnaire() -> dict[int, int]:
    """How many forms were handed in under each version; a version with answers can no longer change."""
    return dict(db.session.execute(
        select(Response.questionnaire_version_id, func.count()).where(Response.state == "sealed")
        .group_by(Response.questionnaire_version_id)).all())


def _grouped(chosen) -> dict[int, list[Campaign]]:
    found: dict[int, list[Campaign]] = defaultdict(list)
    for number, campaign in db.session.execute(chosen):
        found[number].append(campaign)
    return found
