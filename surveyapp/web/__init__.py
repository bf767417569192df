"""What people see: one folder for each kind of user, and what holds for all of them (headers, errors, language)."""

from functools import cache, lru_cache
from gettext import NullTranslations

from flask import Flask, Response, g, request
from flask_babel import Babel, force_locale, get_translations
from flask_login import LoginManager, current_user
from markupsafe import Markup

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
    # looked at by pages of staff only, so nobody is looked up for the others
    app.jinja_env.globals["current_user"] = current_user
    app.jinja_env.globals["language"] = language
    # Flask-Babel looks for the language anew at every single text, and Jinja calls four functions for one
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _said, lambda one, many, n: _catalogue(language()).ungettext(one, many, n), newstyle=True)
    app.jinja_env.globals["_"] = _said


def language() -> str:
    """The language of this page: what the respondent chose, else Vietnamese; staff pages are Vietnamese."""
    return g.get("language") or "vi"


def _said(text: str, **values: object) -> Markup:
    """A text of ours in the language of this page, with its values put in, escaped."""
    return _words(language(), text) % values if values else _finished(language(), text)


@lru_cache(maxsize=4_096)
def _words(code: str, text: str) -> Markup:
    return Markup(_catalogue(code).ugettext(text))


@lru_cache(maxsize=4_096)
def _finished(code: str, text: str) -> Markup:
    """Of a text without values; its own percent signs are written twice, as in those with values."""
    return _words(code, text) % {}


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
