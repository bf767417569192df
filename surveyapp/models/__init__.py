"""The tables, by noun."""

from surveyapp.models.accounts import Account, LoginFailure
from surveyapp.models.attachments import Attachment
from surveyapp.models.audit import AuditEntry
from surveyapp.models.base import Base
from surveyapp.models.campaigns import Campaign, CampaignFramework, CampaignQuestionnaire, RatingScope
from surveyapp.models.drafts import QuestionnaireDraft, QuestionnaireDraftRevision
from surveyapp.models.frameworks import FrameworkDocument
from surveyapp.models.jobs import Job
from surveyapp.models.questionnaires import QuestionnaireVersion
from surveyapp.models.responses import Response
from surveyapp.models.samples import Invitation, Stratum
from surveyapp.models.scores import (
    AnswerCount,
    AppraisedPoints,
    LeafScore,
    NeighbourDifference,
    PublishedFigure,
    QualityEffect,
    QualitySign,
    RankScenario,
    SatisfactionScore,
    ScoreRun,
    SourceScore,
    UnitScore,
)
from surveyapp.models.units import Unit, UnitGroup, UnitSuccession

__all__ = [
    "Account", "AnswerCount", "AppraisedPoints", "Attachment", "AuditEntry", "Base", "Campaign", "CampaignFramework",
    "CampaignQuestionnaire", "FrameworkDocument", "Invitation", "Job", "LeafScore", "LoginFailure", "NeighbourDifference",
    "PublishedFigure", "QualityEffect", "QualitySign", "QuestionnaireDraft",
    "QuestionnaireDraftRevision", "QuestionnaireVersion", "RankScenario", "RatingScope", "Response",
    "SatisfactionScore", "ScoreRun", "SourceScore", "Stratum", "Unit", "UnitGroup", "UnitScore", "UnitSuccession",
]
