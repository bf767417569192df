"""Whole and decimal numbers; stored as canonical text with a dot, so that nothing is rounded on the way."""

import re
from typing import Any

from questionnaires.answers.base import AnswerType, Parsed, Units, western_digits
from questionnaires.answers.faults import fault
from questionnaires.model import Question

NUMBER = re.compile(r"([+-]?)([0-9]{1,12})(?:[.,]([0-9]{1,6}))?")
_LOOKS_NUMERIC = re.compile(r"[+-]?[0-9][0-9.,\s]*")

#: languages that write a decimal comma
_DECIMAL_COMMA = frozenset({"vi", "km"})


class Integer(AnswerType):
    name = "integer"
    compared_as = "number"
    counts = True
    offers_missing = True

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        text = western_digits(given)
        match = NUMBER.fullmatch(text)
        if match and match.group(3) is None:
            return Parsed(canonical(match))
        return Parsed(
            faults=(fault(field, "not_whole" if _LOOKS_NUMERIC.fullmatch(text) else "not_a_number"),)
        )

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return (value,) if value else ()


class DecimalNumber(AnswerType):
    name = "decimal"
    compared_as = "number"
    offers_missing = True

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        match = NUMBER.fullmatch(western_digits(given))
        return Parsed(canonical(match)) if match else Parsed(faults=(fault(field, "not_a_number"),))

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return (written(value, language),) if value else ()

    def _to_posted(self, question: Question, value: Any, units: Units, language: str) -> dict[str, list[str]]:
        return {question.name: [written(value, language)]}


def written(number: str, language: str) -> str:
    """A canonical number as people who speak the language write it."""
    return number.replace(".", ",") if language in _DECIMAL_COMMA else number


def canonical(match: re.Match[str]) -> str:
    """`+007,50` -> `7.5`; there is one zero, and it has no sign."""
    whole, fraction = match.group(2).lstrip("0") or "0", (match.group(3) or "").rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return f"-{number}" if match.group(1) == "-" and number != "0" else number
