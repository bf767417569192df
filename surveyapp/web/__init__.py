"""What people see: one folder for each kind of user, and what holds for all of them (headers, errors, language)."""

from functools import cache
from gettext import NullTranslations

from flask import Flask, Response, g, request
from flask_babel import Babel, force_locale, get_translations
from flask_login import LoginManager

from surveyapp.web import account, assets, compression, design, errors, fieldwork, respond, results

#: no inline script, no inline style, nothing from elsewhere
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LANGUAGES = ("vi", "km", "en")


def init_app(app: Flask, babel: Babel, login: LoginManager) -> None:
    babel.init_app(app, locale_selector=language)
    account.init_login(login)
    errors.init_app(app)
    assets.init_app(app)
    compression.init_app(app)
    for blueprint in (respond.pages, account.pages, design.pages, fieldwork.pages, results.pages):
        app.register_blueprint(blueprint)
    app.after_request(_headers)
    app.jinja_env.globals["language"] = language
    # Flask-Babel looks for the language anew at every single text
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue(language()).ugettext(text),
        lambda one, many, n: _catalogue(language()).ungettext(one, many, n), newstyle=True)


def language() -> str:
    """The language of this page: what the respondent chose, else Vietnamese; staff pages are Vietnamese."""
    return g.get("language") or "vi"


@cache
def _catalogue(code: str) -> NullTranslations:
    with force_locale(code):
        return get_translations()


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not request.path.startswith("/static/"):
        response.headers["Cache-Control"] = "no-store"
    return response
