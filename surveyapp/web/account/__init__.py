"""Login, logout, accounts; who may do what."""

from flask import Blueprint

from surveyapp.web.account.access import allowed, init_login

pages = Blueprint("account", __name__)

from surveyapp.web.account import routes  # noqa: E402, F401

__all__ = ["allowed", "init_login", "pages"]
