"""Pages for those who answer: the way in, the questions page by page, the receipt, and the way out again."""

from flask import Blueprint

pages = Blueprint("respond", __name__)

# each module hangs its routes on `pages`
from surveyapp.web.respond import entry, expired, filling, handing_in, health, languages, withdrawal  # noqa: E402, F401
