"""Pages for analysts: rankings, units, the way from a point to its answers, history, downloads."""

from flask import Blueprint

pages = Blueprint("results", __name__, url_prefix="/ket-qua")
