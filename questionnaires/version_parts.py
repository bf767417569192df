"""Changes of single parts of a questionnaire: a text, a choice list, a question's own keys, the settings of the form."""

from collections.abc import Callable, Iterator, Mapping, Set
from types import MappingProxyType
from typing import Any

from questionnaires import version_pairs
from questionnaires.model import CONSENT_PARTS, Choice, ChoiceList, Question, Questionnaire, Text
from questionnaires.version_changes import Change, Subject
from questionnaires.version_texts import same_condition, same_words

#: keys of a question whose text form is compared as it stands -> the kind of change
_QUESTION_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "type": "type",
        "required": "required",
        "missing": "missing_kinds",
        "default": "default",
        "appearance": "appearance",
        "factor": "factor",
        "extra": "extra",
    }
)
#: keys that hold an expression; names in it follow renames
_EXPRESSION_KEYS: Mapping[str, str] = MappingProxyType(
    {"constraint": "constraint", "choice_filter": "choice_filter", "calculation": "calculation"}
)
#: parameters that do not say what may be answered; every other one is taken to
_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {"randomize": "choice_order", "seed": "choice_order", "rows": "extra", "quality": "extra", "max-pixels": "extra"}
)
_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "form_id": "setting",
        "rates": "rates",
        "respondent_groups": "respondent_groups",
        "languages": "languages",
        "default_language": "default_language",
        "machine_drafted": "languages",
        "minutes": "setting",
        "collects": "setting",
        "extra": "extra",
    }
)


def text_changes(
    subject: Subject, name: str, key: str, old: Text, new: Text, main: Set[str], what: str = ""
) -> Iterator[Change]:
    """One change per language. `main`: the languages that people are asked in by default; `what` names the kind outright."""
    for language in sorted({*old.by_language, *new.by_language}):
        before, after = old.by_language.get(language, ""), new.by_language.get(language, "")
        if before != after:
            kind = what or _text_kind(before, after, language in main)
            yield Change(kind, subject, name, key, language, before=before, after=after)


def _text_kind(before: str, after: str, main: bool, prefix: str = "", other: str = "wording") -> str:
    if not main:
        return f"{prefix}translation"
    return f"{prefix}spelling" if same_words(before, after) else f"{prefix}{other}"


def plain_changes(subject: Subject, name: str, old: Any, new: Any, keys: Mapping[str, str]) -> Iterator[Change]:
    for key, what in keys.items():
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            yield Change(what, subject, name, key, before=spelled(before), after=spelled(after))


def spelled(value: Any) -> str:
    """A value of the model as its document would write it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {value[key]}" for key in sorted(value))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


def question_changes(old: Question, new: Question, main: Set[str], renamed: Callable[[str], str]) -> Iterator[Change]:
    """Its own keys; its list, its conditions and its place are judged where the whole form is known."""
    name = new.name
    yield from text_changes("question", name, "label", old.label, new.label, main)
    for key, what in {"hint": "hint", "constraint_message": "message", "required_message": "message"}.items():
        yield from text_changes("question", name, key, getattr(old, key), getattr(new, key), main, what)
    yield from plain_changes("question", name, old, new, _QUESTION_KEYS)
    for key, what in _EXPRESSION_KEYS.items():
        before, after = getattr(old, key), getattr(new, key)
        if renamed(before) != after and before != after:
            yield Change(_expression_kind(what, renamed(before), after), "question", name, key, before=before, after=after)
    yield from _parameter_changes(old, new)


def _expression_kind(what: str, before: str, after: str) -> str:
    return "condition_form" if same_condition(before, after) else what


def _parameter_changes(old: Question, new: Question) -> Iterator[Change]:
    for key in sorted({*old.parameters, *new.parameters}):
        before, after = old.parameters.get(key), new.parameters.get(key)
        if before != after:
            yield Change(_PARAMETERS.get(key, "parameters"), "question", new.name, f"parameters.{key}",
                         before=before or "", after=after or "")


def list_changes(subject: Subject, name: str, old: ChoiceList, new: ChoiceList, main: Set[str]) -> Iterator[Change]:
    olds, news = {each.name: each for each in old}, {each.name: each for each in new}
    for choice in old:
        if choice.name not in news:
            yield Change("choice_removed", subject, name, "choices", choice=choice.name, before=_label(choice, main))
    for choice in new:
        if choice.name not in olds:
            yield Change("choice_added", subject, name, "choices", choice=choice.name, after=_label(choice, main))
    for choice in new:
        if choice.name in olds:
            yield from _choice_changes(subject, name, olds[choice.name], choice, main)
    kept_before = [each for each in old.names if each in news]
    kept_after = [each for each in new.names if each in olds]
    if kept_before != kept_after:
        moved = version_pairs.moved(kept_before, kept_after)
        levels = [[each for each in kept if news[each].missing is None] for kept in (kept_before, kept_after)]
        what = "choice_moved" if levels[0] != levels[1] else "missing_moved"
        yield Change(what, subject, name, "choices", choice=", ".join(each for each in kept_after if each in moved),
                     before=", ".join(kept_before), after=", ".join(kept_after))


def _choice_changes(subject: Subject, name: str, old: Choice, new: Choice, main: Set[str]) -> Iterator[Change]:
    for language in sorted({*old.label.by_language, *new.label.by_language}):
        before, after = old.label.by_language.get(language, ""), new.label.by_language.get(language, "")
        if before != after:
            kind = _text_kind(before, after, language in main, "choice_", "relabelled")
            yield Change(kind, subject, name, "label", language, new.name, before, after)
    keys = {"missing": "choice_missing", "exclusive": "choice_exclusive", "attributes": "choice_attributes"}
    for key, what in keys.items():
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            yield Change(what, subject, name, key, choice=new.name, before=spelled(before), after=spelled(after))


def _label(choice: Choice, main: Set[str]) -> str:
    labels = choice.label.by_language
    return next((labels[language] for language in sorted(main, reverse=True) if labels.get(language)), "")


def setting_changes(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    """The form as a whole. Its version is how the two are told apart, and what it declares about the series is no change."""
    yield from text_changes("form", "", "title", old.title, new.title, frozenset(), "setting")
    yield from text_changes("form", "", "description", old.description, new.description, frozenset(), "setting")
    yield from plain_changes("form", "", old, new, _SETTINGS)
    for part in CONSENT_PARTS:
        yield from text_changes("form", "", f"consent.{part}", getattr(old.consent, part), getattr(new.consent, part),
                                frozenset(), "consent")
