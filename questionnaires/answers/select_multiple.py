"""Any number of choices of a list; stored as a list of names in the list's order."""

from collections.abc import Mapping
from typing import Any

from questionnaires.answers import choosing
from questionnaires.answers.base import AnswerType, Parsed, Posted, Units, is_blank
from questionnaires.answers.faults import fault
from questionnaires.model import Question


class SelectMultiple(AnswerType):
    name = "select_multiple"
    takes_choices = True
    compared_as = "choices"

    def _parse(self, question: Question, posted: Posted, units: Units) -> Parsed:
        return self._read_names(question, {text.strip() for text in posted.get(question.name, ()) if not is_blank(text)})

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        return self._read_names(question, set(given.split()))

    def _read_names(self, question: Question, given: set[str]) -> Parsed:
        chosen = [choice for choice in question.choices or () if choice.name in given]
        if len(chosen) < len(given):
            return Parsed(faults=(fault(question.name, "not_a_choice"),))
        alone = next((choice for choice in chosen if choice.exclusive or choice.missing), None)
        if alone and len(chosen) > 1:
            return Parsed(
                faults=(
                    fault(question.name, "exclusive", choice=alone.label.in_language("vi") or alone.name),
                )
            )
        return Parsed([choice.name for choice in chosen] or None)

    def is_missing(self, question: Question, value: Any) -> bool:
        return bool(value) and all(choosing.is_missing(question, name) for name in value)

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return tuple(choosing.label(question, name, language) for name in value or ())

    def _to_posted(self, question: Question, value: Any, units: Units, language: str) -> dict[str, list[str]]:
        return {question.name: list(value)}

    def _to_cells(self, question: Question, value: Any, units: Units) -> dict[str, str]:
        return {question.name: " ".join(value or ())}

    def _from_cells(self, question: Question, cells: Mapping[str, str], units: Units) -> Parsed:
        return self._read(question, question.name, cells.get(question.name, ""))
