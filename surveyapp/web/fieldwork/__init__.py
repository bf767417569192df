"""Pages for those who run a campaign: state, invitations, imports."""

from flask import Blueprint

from surveyapp import wording

pages = Blueprint("fieldwork", __name__, url_prefix="/dot-dieu-tra")

from surveyapp.web.fieldwork import imports, links, papers, routes  # noqa: E402, F401

#: how a campaign's state is tinted
STATE_KINDS = {"draft": "neutral", "open": "success", "closed": "info"}


@pages.context_processor
def _wording() -> dict:
    return {"respondent_group_name": wording.respondent_group_name, "mode_name": wording.mode_name,
            "state_name": wording.campaign_state_name, "state_kinds": STATE_KINDS, "language_names": wording.LANGUAGES}


__all__ = ["pages"]
