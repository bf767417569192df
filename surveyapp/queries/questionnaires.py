"""Questionnaire versions and what they ask."""

import re

from sqlalchemy import exists, select

from analysis.index.checks import QuestionnaireFacts
from questionnaires import document
from questionnaires.answers import type_of
from questionnaires.model import Questionnaire
from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.models import Campaign, CampaignQuestionnaire, QuestionnaireVersion, Response

#: content's hash -> questionnaire
_READ: dict[str, Questionnaire] = {}
MOST_READ = 128


def parsed(version: QuestionnaireVersion) -> Questionnaire:
    """The version's document as a value; fetched and read once per content and process."""
    if version.sha256 not in _READ:
        if len(_READ) >= MOST_READ:
            _READ.clear()
        _READ[version.sha256] = document.load(version.document.encode(), f"{version.form_id} {version.version}")
    return _READ[version.sha256]


def find(form_id: str, version: str) -> QuestionnaireVersion | None:
    return db.session.scalar(
        select(QuestionnaireVersion).where(QuestionnaireVersion.form_id == form_id, QuestionnaireVersion.version == version))


def versions(form_id: str) -> list[str]:
    """Every stored version of a form, newest last."""
    return sorted(db.session.scalars(select(QuestionnaireVersion.version).where(QuestionnaireVersion.form_id == form_id)),
                  key=_version_order)


def newest() -> list[QuestionnaireVersion]:
    """The newest version of every form, by form; 2024.10 is newer than 2024.9."""
    found: dict[str, QuestionnaireVersion] = {}
    for version in sorted(db.session.scalars(select(QuestionnaireVersion)), key=lambda row: _version_order(row.version)):
        found[version.form_id] = version
    return [found[form_id] for form_id in sorted(found)]


def of_campaign(campaign_id: int) -> dict[str, QuestionnaireVersion]:
    """Form -> the one version of it that the campaign asks."""
    rows = db.session.scalars(
        select(QuestionnaireVersion)
        .join(CampaignQuestionnaire, CampaignQuestionnaire.questionnaire_version_id == QuestionnaireVersion.id)
        .where(CampaignQuestionnaire.campaign_id == campaign_id)
        .order_by(QuestionnaireVersion.form_id))
    return {row.form_id: row for row in rows}


def of_campaign_form(campaign: Campaign, form_id: str) -> QuestionnaireVersion:
    found = of_campaign(campaign.id)
    if form_id not in found:
        raise NotFound(f"Đợt điều tra “{campaign.code}” không dùng phiếu “{form_id}”. "
                       f"Các phiếu của đợt: {', '.join(found) or 'chưa có'}.")
    return found[form_id]


def is_asked(version: QuestionnaireVersion) -> bool:
    """The version has answers, or stands in a campaign that was opened: it can no longer change."""
    answered = exists().where(Response.questionnaire_version_id == version.id)
    opened = exists().where(CampaignQuestionnaire.questionnaire_version_id == version.id,
                            CampaignQuestionnaire.campaign_id == Campaign.id, Campaign.state != "draft")
    return bool(db.session.scalar(select(answered | opened)))


def facts(questionnaire: Questionnaire) -> QuestionnaireFacts:
    """What a framework's rules may refer to: the questions with one answer on a scale, and those answers."""
    return QuestionnaireFacts(
        questionnaire.form_id, questionnaire.respondent_groups,
        {question.name: question.choices.substantive for question in questionnaire.questions
         if type_of(question).rates_on_scale and question.choices})


def _version_order(version: str) -> tuple:
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"[0-9]+|[^0-9.]+", version))
