"""Pages for designers: questionnaires and frameworks."""

from flask import Blueprint

pages = Blueprint("design", __name__, url_prefix="/thiet-ke")
