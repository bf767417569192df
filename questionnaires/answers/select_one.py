"""One choice of a list; stored as the choice's name."""

from typing import Any

from questionnaires.answers import choosing
from questionnaires.answers.base import AnswerType, Parsed, Units
from questionnaires.answers.faults import fault
from questionnaires.model import Question


class SelectOne(AnswerType):
    name = "select_one"
    takes_choices = True
    compared_as = "choice"
    rates_on_scale = True
    row_of_grid = True

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        if choosing.find(question, given):
            return Parsed(given)
        return Parsed(faults=(fault(field, "not_a_choice"),))

    def is_missing(self, question: Question, value: Any) -> bool:
        return choosing.is_missing(question, value)

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return (choosing.label(question, value, language),) if value else ()
