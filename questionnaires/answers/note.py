"""Words to read; nothing to answer."""

from typing import Any

from questionnaires.answers.base import AnswerType, Parsed, Posted, Units
from questionnaires.model import Question


class Note(AnswerType):
    name = "note"
    asks = False
    has_value = False
    in_expressions = False

    def _fields(self, question: Question, units: Units) -> tuple[str, ...]:
        return ()

    def _parse(self, question: Question, posted: Posted, units: Units) -> Parsed:
        return Parsed()

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        return Parsed()

    def unanswered_fields(self, question: Question, value: Any, units: Units = ()) -> tuple[str, ...]:
        return ()

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return ()

    def columns(self, question: Question, units: Units = ()) -> tuple[str, ...]:
        return ()

    def _to_cells(self, question: Question, value: Any, units: Units) -> dict[str, str]:
        return {}
