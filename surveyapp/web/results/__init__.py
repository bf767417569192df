"""Pages for analysts: rankings, units, the way from a point to its answers, history, downloads, progress of long work."""

from flask import Blueprint

pages = Blueprint("results", __name__)

from surveyapp.web.results import downloads, routes  # noqa: E402, F401

__all__ = ["pages"]
