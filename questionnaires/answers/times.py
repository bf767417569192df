"""A time of day; stored as HH:MM, typed as people here write it: 8:30, 8h30, 2 giờ rưỡi chiều."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from questionnaires.answers.base import AnswerType, Parsed, Units, western_digits
from questionnaires.answers.faults import fault
from questionnaires.model import Question

#: longer than any way of writing a time; a megabyte meets no pattern
_LONGEST = 60
#: part of the day -> the hour as said -> the hour of the day; an hour that nobody says so is not guessed
_PARTS: Mapping[str, Mapping[int, int]] = MappingProxyType(
    {
        "sáng": {hour: hour for hour in range(12)},
        "trưa": {10: 10, 11: 11, 12: 12, 13: 13, 1: 13},
        "chiều": {hour: hour for hour in range(12, 20)} | {hour: hour + 12 for hour in range(1, 7)},
        "tối": {hour: hour for hour in range(17, 24)} | {hour: hour + 12 for hour in range(5, 12)},
        "đêm": {hour: hour for hour in (*range(5), *range(19, 24))} | {hour: hour + 12 for hour in range(7, 12)} | {12: 0},
        "sa": {hour: hour for hour in range(12)} | {12: 0},
        "am": {hour: hour for hour in range(12)} | {12: 0},
        "ch": {hour: hour for hour in range(12, 24)} | {hour: hour + 12 for hour in range(1, 12)},
        "pm": {hour: hour for hour in range(12, 24)} | {hour: hour + 12 for hour in range(1, 12)},
    }
)
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2}) ?"
    r"(?:[:.] ?(?P<minute>[0-9]{1,2})|(?:giờ|h|g) ?(?:(?P<minute_said>[0-9]{1,2})(?: ?(?:phút|ph|p))?|(?P<half>rưỡi))?)"
    # seconds and the zone, as ODK writes them: the time on the clock is what was answered
    r"(?::[0-9]{2}(?:\.[0-9]{1,6})?(?:z|[+-][0-9]{2}:?[0-9]{2})?)?"
    rf"(?: ?(?P<part>{'|'.join(_PARTS)}))?"
)


class TimeOfDay(AnswerType):
    name = "time"
    offers_missing = True

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        time = _time(given) if len(given) <= _LONGEST else None
        return Parsed(time) if time else Parsed(faults=(fault(field, "not_a_time"),))

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return (value,) if value else ()


def _time(given: str) -> str | None:
    text = " ".join(western_digits(unicodedata.normalize("NFC", given)).casefold().split())
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute = int(match["hour"]), 30 if match["half"] else int(match["minute"] or match["minute_said"] or 0)
    if match["part"]:
        hour = _PARTS[match["part"]].get(hour, 24)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None
