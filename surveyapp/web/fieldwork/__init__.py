"""Pages for those who run a campaign: state, invitations, imports."""

from flask import Blueprint

pages = Blueprint("fieldwork", __name__, url_prefix="/dot-dieu-tra")

from surveyapp.web.fieldwork import imports, links, routes  # noqa: E402, F401

__all__ = ["pages"]
