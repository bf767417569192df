"""Pages for those who answer: the way in, the questions page by page, the receipt, and the way out again."""

from flask import Blueprint, request

pages = Blueprint("respond", __name__)

#: bytes that a page of answers may bring; `files` lets pages that ask for files bring more
LARGEST_PAGE = 2_000_000


@pages.url_value_preprocessor
def _limit(_endpoint, _values) -> None:
    """Before anything reads the form: what is larger is refused unread."""
    request.max_content_length = LARGEST_PAGE


# each module hangs its routes on `pages`
from surveyapp.web.respond import entry, expired, files, filling, handing_in, health, languages, withdrawal  # noqa: E402, F401
