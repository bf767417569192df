"""Which language a respondent reads, and the switch that keeps the place."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import flask_babel
from flask import g, request, session
from flask_babel import gettext as _

from questionnaires.model import Questionnaire
from surveyapp.web.respond import pages
from surveyapp.wording import LANGUAGES, respondent_group_name

DEFAULT = "vi"
#: a machine drafted the words of these pages in these languages; a person has yet to check them
MACHINE_DRAFTED = ("km", "en")


@pages.url_value_preprocessor
def choose(_endpoint=None, _values=None) -> None:
    """Runs before the CSRF check, so that even its refusal speaks the respondent's language."""
    chosen = request.args.get("lang", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    g.offered_languages = tuple(LANGUAGES)
    use(session.get("language", DEFAULT))


def use(code: str) -> None:
    g.language = code if code in LANGUAGES else DEFAULT
    flask_babel.refresh()


def current() -> str:
    return g.get("language") or DEFAULT


def offer(questionnaire: Questionnaire) -> None:
    """A form is shown whole in one language: in the chosen one if the form speaks it, else in the form's own."""
    known = [code for code in questionnaire.languages if code in LANGUAGES]
    g.offered_languages = tuple(known) or (DEFAULT,)
    g.drafted_languages = tuple(questionnaire.machine_drafted)
    wanted = session.get("language", DEFAULT)
    use(wanted if wanted in g.offered_languages else questionnaire.default_language)


@pages.context_processor
def _names() -> dict:
    return {"group_name": lambda code: _(respondent_group_name(code))}


@pages.app_context_processor
def _switch() -> dict:
    offered: Sequence[str] = g.get("offered_languages", ())
    kept = [(name, text) for name, text in request.args.items(multi=True) if name != "lang"] if request else []
    return {
        "languages": [(code, LANGUAGES[code]) for code in offered],
        "language_links": {code: _address([*kept, ("lang", code)]) for code in offered},
        "machine_drafted": g.get("language") in {*MACHINE_DRAFTED, *g.get("drafted_languages", ())},
    }


def _address(arguments: list[tuple[str, str]]) -> str:
    return f"{quote(request.path)}?{urlencode(arguments)}"
