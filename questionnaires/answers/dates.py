"""A day; stored in ISO form, typed and shown in the Vietnamese one."""

import re
from datetime import date
from typing import Any

from questionnaires.answers.base import AnswerType, Parsed, Units, western_digits
from questionnaires.answers.faults import fault
from questionnaires.model import Question

_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_VIETNAMESE = re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")


class Day(AnswerType):
    name = "date"
    compared_as = "date"
    offers_missing = True

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        text = western_digits(given)
        match = _ISO.fullmatch(text) or _VIETNAMESE.fullmatch(text)
        try:
            day = date(*(int(match[part]) for part in ("year", "month", "day"))) if match else None
        except ValueError:
            day = None
        return Parsed(day.isoformat()) if day else Parsed(faults=(fault(field, "not_a_date"),))

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return ("/".join(reversed(value.split("-"))),) if value else ()

    def _to_posted(self, question: Question, value: Any, units: Units, language: str) -> dict[str, list[str]]:
        return {question.name: list(self.describe(question, value, language)) if language else [value]}
