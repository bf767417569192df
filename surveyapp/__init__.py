"""The shell: stores, serves, asks the two pure rooms and shows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from surveyapp import formatters
from surveyapp.config import settings
from surveyapp.extensions import babel, csrf, db, login
from surveyapp.sessions import Sessions
from surveyapp.templating import Templates

HERE = Path(__file__).parent
#: inside the package when installed from a wheel, beside it in a checkout
TEMPLATES = HERE / "templates" if (HERE / "templates").is_dir() else HERE.parent / "templates"


class Application(Flask):
    jinja_environment = Templates

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing of ours is a coroutine, so Flask need not look for one in every function of every request."""
        return func


def create_app(**overrides) -> Flask:
    from surveyapp import web

    app = Application(__name__, template_folder=str(TEMPLATES), static_folder=str(HERE / "static"))
    app.config.from_mapping(settings() | overrides)
    app.session_interface = Sessions()
    db.init_app(app)
    csrf.init_app(app)
    login.init_app(app, add_context_processor=False)
    formatters.init_app(app)
    web.init_app(app, babel, login)
    return app
