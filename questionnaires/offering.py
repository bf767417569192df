"""A question as one respondent is to be asked it: which choices, in which order, and texts with earlier answers put in."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from questionnaires import expressions
from questionnaires.answers import type_of
from questionnaires.answers.text import DIRECTION_MARKS
from questionnaires.expressions import NOTHING_KNOWN, Known
from questionnaires.model import EMPTY, Choice, ChoiceList, Page, Question, Questionnaire, Text

#: an earlier answer put into a text
PIPED = re.compile(r"\$\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}")
RANDOMIZE = "randomize"
#: takes away what changes the direction of all text up to the end of the line, or of the isolate
TURNS_ROUND = dict.fromkeys(map(ord, DIRECTION_MARKS))

#: a text of ours in Vietnamese -> the same in the language shown
Translated = Callable[[str], str]


def offered(question: Question, seen: Mapping[str, Any], known: Known = NOTHING_KNOWN) -> tuple[Choice, ...]:
    """The choices that its filter lets through, in the order of the list; kinds of missing are always offered."""
    choices = tuple(question.choices or ())
    if not question.choice_filter:
        return choices
    condition = expressions.compile(question.choice_filter, attributes_of(question.choices))
    return tuple(choice for choice in choices
                 if choice.missing or condition.evaluate(seen, None, known, {"name": choice.name, **choice.attributes}))


def attributes_of(choices: ChoiceList | None) -> tuple[str, ...]:
    """What a filter may look at: the choice's own name and the further columns of its list."""
    return tuple(dict.fromkeys(["name", *(name for choice in choices or () for name in choice.attributes)]))


def in_order(question: Question, choices: Iterable[Choice], seed: str) -> tuple[Choice, ...]:
    """The order in which one respondent sees them: drawn from the seed where the question is randomised, with what excludes
    the others and the kinds of missing at the end, where people look for them."""
    choices = tuple(choices)
    if question.parameters.get(RANDOMIZE) != "true":
        return choices
    drawn = sorted((choice for choice in choices if not (choice.missing or choice.exclusive)),
                   key=lambda choice: hashlib.sha256(f"{seed}\n{question.name}\n{choice.name}".encode()).digest())
    return (*drawn, *(choice for choice in choices if choice.missing or choice.exclusive))


def as_asked(questionnaire: Questionnaire, question: Question, seen: Mapping[str, Any], language: str, seed: str = "",
             known: Known = NOTHING_KNOWN, translated: Translated = str) -> Question:
    """The question with the choices, order and texts of one respondent; `seen`: the answers that count there.

    `translated` says our own words for an answer ("Không biết") in the language shown: they are not the questionnaire's.
    """
    if question.same_for_all:
        return question

    def filled(text: Text) -> Text:
        return _filled(text, questionnaire, seen, language, translated)

    choices = question.choices
    if choices is not None:
        shown = in_order(question, offered(question, seen, known), seed)
        choices = replace(choices, choices=tuple(replace(choice, label=filled(choice.label)) for choice in shown))
    return replace(question, choices=choices, label=filled(question.label), hint=filled(question.hint),
                   constraint_message=filled(question.constraint_message), required_message=filled(question.required_message),
                   within=tuple(replace(group, label=filled(group.label), hint=filled(group.hint))
                                for group in question.within))


def page_as_asked(questionnaire: Questionnaire, page: Page, seen: Mapping[str, Any], language: str,
                  translated: Translated = str) -> Page:
    """The page's own texts with earlier answers put in."""
    if page.same_for_all:
        return page
    return replace(page, label=_filled(page.label, questionnaire, seen, language, translated),
                   hint=_filled(page.hint, questionnaire, seen, language, translated))


def _filled(text: Text, questionnaire: Questionnaire, seen: Mapping[str, Any], language: str, translated: Translated) -> Text:
    words = text.in_language(language, questionnaire.default_language)
    if "${" not in words:
        return text
    return Text(MappingProxyType({**(text.by_language or EMPTY), language: PIPED.sub(
        lambda found: _said(questionnaire.question(found[1]), seen.get(found[1]), language, translated), words)}))


def _said(question: Question | None, value: Any, language: str, translated: Translated) -> str:
    """An answer in words, on one line, without what would turn round the words after it; nothing where nothing was answered."""
    if question is None or not value or isinstance(value, tuple):
        return ""
    if own := type_of(question).own_words(value):
        return translated(own)
    return ", ".join(type_of(question).describe(question, value, language)).translate(TURNS_ROUND)
