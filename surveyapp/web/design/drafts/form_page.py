"""A page on which one thing of a draft is filled in: what its fields hold, and what they make of the questionnaire.

Because a page is only fields, two people's versions of it can stand side by side, field by field (stale.html).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from questionnaires.model import Questionnaire, Text
from questionnaires.rewriting import in_language
from surveyapp.web.design.drafts.saving import Fields
from surveyapp.wording import LANGUAGES


@dataclass(frozen=True)
class FormPage:
    template: str
    #: the last part of the change's name in the list of changes, before the thing's own name
    what: str
    #: of a thing: what its fields hold now. Raises Faults where there is no such thing.
    fields: Callable[[Questionnaire, str], Fields]
    #: the questionnaire with what was posted, and the thing's name from now on
    change: Callable[[Questionnaire, str, Fields], tuple[Questionnaire, str]]
    #: a field's name in words, for the page that shows two versions
    words: Callable[[Questionnaire, str], str]
    #: what else the template needs
    more: Callable[[Questionnaire, str], dict[str, Any]] = lambda form, name: {}
    #: every field is always posted, so that one that is not there says "not ticked"
    whole: bool = True


def put(fields: Fields, name: str, text: Text, form: Questionnaire) -> None:
    """label -> label.vi, label.km ..."""
    for language in form.languages:
        fields[f"{name}.{language}"] = [text.by_language.get(language, "")]


def taken(fields: Fields, name: str, text: Text, form: Questionnaire) -> Text:
    for language in form.languages:
        if f"{name}.{language}" in fields:
            text = in_language(text, language, one(fields, f"{name}.{language}"))
    return text


def one(fields: Fields, name: str, default: str = "") -> str:
    return fields[name][0] if fields.get(name) else default


def one_a_line(words: str) -> list[str]:
    """Several things typed at once: a line for each, empty lines left out."""
    return [line.strip() for line in words.splitlines() if line.strip()]


def said(field: str, words: dict[str, str]) -> str:
    """hint.km -> Giải thích (ភាសាខ្មែរ)"""
    name, _, language = field.partition(".")
    known = words.get(name, name)
    return f"{known} ({LANGUAGES.get(language, language)})" if language else known
