"""Pages for analysts: rankings, units, the way from a point to its answers, history, downloads, progress of long work."""

from flask import Blueprint

from surveyapp import certainty_words, quality_words, takeaways
from surveyapp.result_wording import TABLES
from surveyapp.wording import RESPONDENT_GROUPS

pages = Blueprint("results", __name__)


@pages.context_processor
def _words() -> dict:
    return {**TABLES, "respondent_groups": RESPONDENT_GROUPS, "takeaways": takeaways,
            "certainty": certainty_words, "quality_words": quality_words}


from surveyapp.web.results import attachments, downloads, routes  # noqa: E402, F401

__all__ = ["pages"]
