"""Pages for designers: questionnaires and frameworks."""

from flask import Blueprint

pages = Blueprint("design", __name__, url_prefix="/thiet-ke")

from surveyapp import wording  # noqa: E402
from surveyapp.web.design import comparing, drafts, files, preview, routes, workbooks  # noqa: E402, F401
from surveyapp.web.design.reading import exact, percent_of  # noqa: E402


@pages.context_processor
def _wording() -> dict:
    return {"respondent_group_name": wording.respondent_group_name, "language_names": wording.LANGUAGES,
            "exact": exact, "percent_of": percent_of}


__all__ = ["pages"]
