"""Words of the respondent's own."""

import unicodedata
from typing import Any

from questionnaires.answers.base import AnswerType, Parsed, Units
from questionnaires.answers.faults import fault
from questionnaires.model import Question

MAX_LENGTH = 2_000

#: these turn the reading direction of whatever stands around them
DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class FreeText(AnswerType):
    name = "text"
    offers_missing = True
    written = True

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        # a megabyte is refused before any work is spent on it; NFC at most shortens what people type
        if len(given) > 4 * MAX_LENGTH:
            return Parsed(faults=(fault(field, "too_long", limit=f"{MAX_LENGTH:,}".replace(",", ".")),))
        text = unicodedata.normalize("NFC", given.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if not text.isprintable() and any(_is_control(character) for character in text):
            return Parsed(faults=(fault(field, "control_characters"),))
        if len(text) > MAX_LENGTH:
            return Parsed(faults=(fault(field, "too_long", limit=f"{MAX_LENGTH:,}".replace(",", ".")),))
        return Parsed(text)

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return tuple(value.split("\n")) if value else ()


def _is_control(character: str) -> bool:
    """Controls and lone surrogates can be neither stored everywhere nor shown; direction marks disguise text."""
    if character in "\n\t":
        return False
    return unicodedata.category(character) in ("Cc", "Cs") or character in DIRECTION_MARKS
