"""The forms that this browser holds the codes of, in its signed session cookie and nowhere else.

A form is called by a mark in its addresses. The mark is derived from the code and says nothing about it, so that several
tabs can hold several forms and none writes into another's.
"""

import hashlib
import hmac
from dataclasses import dataclass

from flask import current_app, session

from surveyapp.services.collect import plain_code

#: a cookie has 4 KB; who holds more forms goes on with the older ones by their codes
MOST = 6


@dataclass(frozen=True)
class Entry:
    """One form in hand: its code, and before it is begun what it will be about."""

    code: str
    campaign: str = ""
    form_id: str = ""
    group: str = ""
    unit: str = ""
    #: drawn before the form is handed in, so that a second click of the same button brings the same receipt
    receipt: str = ""
    handed_in: bool = False


def mark_of(code: str) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, b"mark:" + plain_code(code).encode(), hashlib.sha256).hexdigest()[:16]


def keep(entry: Entry) -> str:
    """Put a form into the cookie; returns its mark."""
    mark = mark_of(entry.code)
    held = {each: value for each, value in session.get("forms", {}).items() if each != mark}
    held[mark] = [entry.code, entry.campaign, entry.form_id, entry.group, entry.unit, entry.receipt, entry.handed_in]
    session["forms"] = dict(list(held.items())[-MOST:])
    return mark


def held(mark: str) -> Entry | None:
    values = session.get("forms", {}).get(mark)
    return Entry(*values) if values else None


def forget(mark: str) -> None:
    session["forms"] = {each: value for each, value in session.get("forms", {}).items() if each != mark}
