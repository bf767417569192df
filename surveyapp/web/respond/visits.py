"""How long a page was on the screen, measured here and without a script, and on which class of device.

The page's form carries a signed time. What was tampered with, belongs to another form or page, or is older than a day gives
no time and no fault: nobody's answers may hang on it.
"""

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from questionnaires.model import Questionnaire
from surveyapp.services import paradata
from surveyapp.services.paradata import Device, Visit

#: the field of a page's form
FIELD = "opened"
OLDEST = 24 * 3_600


def stamp(form: Questionnaire, mark: str, page_key: str) -> str:
    """Now, signed for this form and page; nothing where the form does not say that it keeps times."""
    return _signer().dumps([mark, page_key]) if paradata.declared(form) else ""


def visit(mark: str, page_key: str) -> Visit:
    """What the request at hand tells. The user agent is reduced to one word here and goes no further."""
    return Visit(device_of(request.user_agent.string), _seconds(request.form.get(FIELD, ""), mark, page_key))


def device_of(user_agent: str) -> Device:
    """A tablet that calls itself a desktop, as newer iPads do, counts as a computer."""
    agent = user_agent.lower()
    if "ipad" in agent or "tablet" in agent or ("android" in agent and "mobile" not in agent):
        return "tablet"
    return "phone" if "mobi" in agent or "iphone" in agent or "android" in agent else "computer"


def _seconds(stamped: str, mark: str, page_key: str) -> int | None:
    signer = _signer()
    try:
        signed_for, since = signer.loads(stamped, max_age=OLDEST, return_timestamp=True)
    except BadData:
        return None
    now = signer.make_signer(signer.salt).get_timestamp()
    return now - int(since.timestamp()) if signed_for == [mark, page_key] else None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="page on screen")
