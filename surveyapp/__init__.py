"""The shell: stores, serves, asks the two pure rooms and shows."""

from pathlib import Path

from flask import Flask

from surveyapp import formatters
from surveyapp.config import settings
from surveyapp.extensions import babel, csrf, db, login

HERE = Path(__file__).parent
#: inside the package when installed from a wheel, beside it in a checkout
TEMPLATES = HERE / "templates" if (HERE / "templates").is_dir() else HERE.parent / "templates"


def create_app(**overrides) -> Flask:
    from surveyapp import web

    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder=str(HERE / "static"))
    app.config.from_mapping(settings() | overrides)
    db.init_app(app)
    csrf.init_app(app)
    login.init_app(app)
    formatters.init_app(app)
    web.init_app(app, babel, login)
    return app
