"""Pages for those who answer."""

from flask import Blueprint

pages = Blueprint("respond", __name__)
