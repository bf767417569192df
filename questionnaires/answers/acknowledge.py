"""One box to tick: read and confirmed."""

from typing import Any

from questionnaires.answers.base import AnswerType, Parsed, Units
from questionnaires.answers.faults import fault
from questionnaires.model import Question

#: as ODK stores it
CONFIRMED = "OK"
#: a gettext msgid
WORDS = "Đã xác nhận"


class Acknowledge(AnswerType):
    name = "acknowledge"

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        return Parsed(CONFIRMED) if given == CONFIRMED else Parsed(faults=(fault(field, "not_a_choice"),))

    def own_words(self, value: Any) -> str:
        return WORDS if value else ""

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return ()
