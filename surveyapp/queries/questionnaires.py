"""Questionnaire versions and what they ask."""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import bindparam, exists, select

from analysis.index.checks import QuestionnaireFacts
from questionnaires import document
from questionnaires.advice import advise
from questionnaires.answers import type_of
from questionnaires.findings import Advice
from questionnaires.model import Questionnaire
from surveyapp.errors import DocumentChanged, NotFound
from surveyapp.extensions import db
from surveyapp.models import Campaign, CampaignQuestionnaire, QuestionnaireDraft, QuestionnaireVersion, Response

#: hash of a content that this process has read -> questionnaire
_KEPT: dict[str, Questionnaire] = {}
MOST_KEPT = 128


def parsed(version: QuestionnaireVersion) -> Questionnaire:
    """The version's document as a value; read once per content and process.

    Raises DocumentChanged where the document is no longer the one whose hash was stored with it: answers must never be read
    under other questions than were asked.
    """
    return _read(version.document, version.sha256, f"{version.form_id} {version.version}")


def of_content(version_id: int, sha256: str) -> Questionnaire:
    """As `parsed`, for every page of every form: the text is fetched and compared with its hash once per process."""
    if sha256 not in _KEPT:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[sha256] = parsed(db.session.get_one(QuestionnaireVersion, version_id))
    return _KEPT[sha256]


@lru_cache(maxsize=128)
def _read(text: str, sha256: str, name: str) -> Questionnaire:
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise DocumentChanged(
            f"Nội dung phiếu {name} trong cơ sở dữ liệu không còn khớp với mã băm khi nhập: đã bị sửa ngoài chương trình. "
            "Không đọc câu trả lời theo nội dung này. Khôi phục bản ghi từ bản sao lưu.")
    return document.load_stored(text.encode(), name)


def advised(version: QuestionnaireVersion) -> tuple[Advice, ...]:
    """What is worth a second look in it; thought through once per content and process."""
    return _advised(version.document, version.sha256, f"{version.form_id} {version.version}")


@lru_cache(maxsize=128)
def _advised(text: str, sha256: str, name: str) -> tuple[Advice, ...]:
    return advise(_read(text, sha256, name))


def find(form_id: str, version: str) -> QuestionnaireVersion | None:
    return db.session.scalar(
        select(QuestionnaireVersion).where(QuestionnaireVersion.form_id == form_id, QuestionnaireVersion.version == version))


def versions(form_id: str) -> list[str]:
    """Every stored version of a form, newest last."""
    return [row.version for row in rows(form_id)]


def rows(form_id: str) -> list[QuestionnaireVersion]:
    """The same with their documents."""
    found = db.session.scalars(select(QuestionnaireVersion).where(QuestionnaireVersion.form_id == form_id))
    return sorted(found, key=lambda row: version_order(row.version))


def newest() -> list[QuestionnaireVersion]:
    """The newest version of every form, by form; 2024.10 is newer than 2024.9."""
    found: dict[str, QuestionnaireVersion] = {}
    for version in sorted(db.session.scalars(select(QuestionnaireVersion)), key=lambda row: version_order(row.version)):
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
        raise _not_asked(campaign, form_id, found)
    return found[form_id]


def _not_asked(campaign: Campaign, form_id: str, asked: Iterable[str]) -> NotFound:
    return NotFound(f"Đợt điều tra “{campaign.code}” không dùng phiếu “{form_id}”. "
                    f"Các phiếu của đợt: {', '.join(asked) or 'chưa có'}.")


#: written once: every way into a form asks this
_ASKED = (
    select(QuestionnaireVersion.id, QuestionnaireVersion.sha256)
    .join(CampaignQuestionnaire, CampaignQuestionnaire.questionnaire_version_id == QuestionnaireVersion.id)
    .where(CampaignQuestionnaire.campaign_id == bindparam("campaign_id"), QuestionnaireVersion.form_id == bindparam("form_id")))


def asked(campaign: Campaign, form_id: str) -> tuple[int, Questionnaire]:
    """As `of_campaign_form`, for respondents: the version's id and what it asks, without its text on the way."""
    found = form_id.isprintable() and db.session.execute(_ASKED, {"campaign_id": campaign.id, "form_id": form_id}).one_or_none()
    if not found:
        raise _not_asked(campaign, form_id, of_campaign(campaign.id))
    return found.id, of_content(found.id, found.sha256)


def of_campaign_version(campaign: Campaign, version: QuestionnaireVersion) -> QuestionnaireVersion:
    """The version itself, where it is the one that the campaign asks."""
    asked = of_campaign_form(campaign, version.form_id)
    if asked.id != version.id:
        raise NotFound(f"Đợt điều tra “{campaign.code}” dùng phiếu “{version.form_id}” phiên bản “{asked.version}”, "
                       f"không phải “{version.version}”.")
    return asked


def is_asked(version: QuestionnaireVersion) -> bool:
    """The version has answers, or stands in a campaign that was opened: it can no longer change."""
    answered = exists().where(Response.questionnaire_version_id == version.id)
    opened = exists().where(CampaignQuestionnaire.questionnaire_version_id == version.id,
                            CampaignQuestionnaire.campaign_id == Campaign.id, Campaign.state != "draft")
    return bool(db.session.scalar(select(answered | opened)))


def is_approved(version: QuestionnaireVersion) -> bool:
    """The version was made here and approved by a second person; what they approved stays."""
    return bool(db.session.scalar(select(exists().where(QuestionnaireDraft.version_id == version.id))))


def facts(questionnaire: Questionnaire) -> QuestionnaireFacts:
    """What a framework's rules may refer to: the questions with one answer on a scale, and those answers. A question in a
    repeat has many answers, and nobody could say which of them is the respondent's mark."""
    repeated = frozenset(question.name for page in questionnaire.pages if page.repeat for question in page.questions)
    return QuestionnaireFacts(
        questionnaire.form_id, questionnaire.respondent_groups,
        {question.name: question.choices.substantive for question in questionnaire.questions
         if type_of(question).rates_on_scale and question.choices and question.name not in repeated}, repeated)


def version_order(version: str) -> tuple:
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.findall(r"[0-9]+|[^0-9.]+", version))
