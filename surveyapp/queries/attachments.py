"""Files that respondents sent in, found by the response that they belong to."""

from collections.abc import Sequence

from sqlalchemy import func, select

from questionnaires.answers.attachments import identity_of, reference_to
from questionnaires.model import Questionnaire
from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.models import Attachment, Campaign, QuestionnaireVersion, Response
from surveyapp.queries import questionnaires


def of_response(response_id: str) -> dict[str, Attachment]:
    rows = db.session.scalars(select(Attachment).where(Attachment.response_id == response_id))
    return {row.id: row for row in rows}


def ids_of(response_ids: Sequence[str]) -> Sequence[str]:
    return db.session.scalars(select(Attachment.id).where(Attachment.response_id.in_(response_ids))).all()


def by_reference(response_id: str, references: Sequence[object]) -> dict[str, Attachment]:
    """Stored answers -> what they refer to; only what belongs to this response."""
    wanted = {identity_of(each): each for each in references if identity_of(each)}
    return {wanted[row.id]: row for row in of_response(response_id).values() if row.id in wanted} if wanted else {}


def of_campaign(campaign: Campaign) -> list[tuple[Attachment, Questionnaire]]:
    """Those of sealed responses with the form that asked for them, in the order of their random ids."""
    rows = db.session.execute(
        select(Attachment, QuestionnaireVersion)
        .join(Response, Response.id == Attachment.response_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.questionnaire_version_id)
        .where(Response.campaign_id == campaign.id, Response.state == "sealed").order_by(Attachment.id))
    return [(row, questionnaires.parsed(version)) for row, version in rows]


def counts() -> dict[int, int]:
    """Campaign's id -> how many files came with its sealed responses."""
    rows = db.session.execute(
        select(Response.campaign_id, func.count()).join(Attachment, Attachment.response_id == Response.id)
        .where(Response.state == "sealed").group_by(Response.campaign_id))
    return {row[0]: row[1] for row in rows}


def sealed(campaign: Campaign, identity: str) -> Attachment:
    """Raises NotFound, for what is not handed in yet too: a draft is nobody's but its respondent's."""
    row = db.session.scalar(
        select(Attachment).join(Response, Response.id == Attachment.response_id)
        .where(Attachment.id == identity, Response.campaign_id == campaign.id, Response.state == "sealed")
    ) if identity_of(reference_to(identity)) else None
    if row is None:
        raise NotFound("Không có tệp này trong các phiếu đã gửi của đợt. Có thể phiếu đã được rút.")
    return row
