"""How many times repeats were asked: a response file has columns for as many."""

from sqlalchemy import func, select

from questionnaires.model import Questionnaire
from surveyapp.extensions import db
from surveyapp.models import Response


def most_times(campaign_id: int, version_id: int, form: Questionnaire) -> dict[str, int]:
    """Repeat -> its times in the sealed response that has the most of them; 0 where nobody was asked."""
    postgresql = db.session.get_bind().dialect.name == "postgresql"
    length = func.jsonb_array_length if postgresql else func.json_array_length
    found = {}
    for group in form.groups:
        if group.repeat:
            times = Response.answers[group.name] if postgresql else func.json_extract(Response.answers, f"$.{group.name}")
            found[group.name] = db.session.scalar(select(func.max(length(times))).where(
                Response.campaign_id == campaign_id, Response.questionnaire_version_id == version_id,
                Response.state == "sealed")) or 0
    return found
