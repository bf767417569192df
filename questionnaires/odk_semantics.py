"""What ODK XPath's operators and functions mean, on plain values: text, number (float) and truth (bool).

No node sets, no documents, no clock: an expression sees answers, the day it is told, nothing else. A question's answers over
all times of a repeat are one value, Times, which only the functions over all times take apart.
"""

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from questionnaires.regex_guard import matches_whole


class Times(tuple):
    """A question's answers as text, one for each time of its repeat; "" where there is none. Elsewhere it is its first."""


Value = str | float | bool | Times

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"\s*-?(\d+(\.\d*)?|\.\d+)\s*", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()


def as_number(value: Value | int | Decimal) -> float:
    """XPath 1.0's number(): text that is no number is NaN; as in ODK, a date is its days since 1970-01-01."""
    if isinstance(value, list | tuple):
        return as_number(as_text(value))
    if not isinstance(value, str):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    if _NUMBER.fullmatch(value):
        return float(value)
    return _days(value)


def _days(text: str) -> float:
    if not _ISO_DATE.fullmatch(text):
        return math.nan
    try:
        return float(date.fromisoformat(text).toordinal() - _EPOCH)
    except ValueError:
        return math.nan


def as_text(value: Value | int | Decimal) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return value[0] if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return str(int(number)) if number.is_integer() else repr(number)


def as_truth(value: Value | int | Decimal) -> bool:
    if isinstance(value, str | bool | list | tuple):
        return bool(value)
    return not (math.isnan(value) or value == 0)


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return as_truth(left) == as_truth(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return as_number(left) == as_number(right)


def _unequal(left: Value, right: Value) -> bool:
    return not _equal(left, right)


def _numeric(function: Callable[[float, float], float | bool]) -> Callable[[Value, Value], float | bool]:
    return lambda left, right: function(as_number(left), as_number(right))


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)


def _remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right and math.isfinite(left) else math.nan


#: operator -> (binding power, meaning); the powers are XPath's own order of precedence
OPERATORS: dict[str, tuple[int, Callable[[Value, Value], Value]]] = {
    "or": (20, lambda left, right: as_truth(left) or as_truth(right)),
    "and": (25, lambda left, right: as_truth(left) and as_truth(right)),
    "=": (30, _equal),
    "!=": (30, _unequal),
    "<": (35, _numeric(operator.lt)),
    "<=": (35, _numeric(operator.le)),
    ">": (35, _numeric(operator.gt)),
    ">=": (35, _numeric(operator.ge)),
    "+": (40, _numeric(operator.add)),
    "-": (40, _numeric(operator.sub)),
    "*": (45, _numeric(operator.mul)),
    "div": (45, _numeric(_divide)),
    "mod": (45, _numeric(_remainder)),
}


@dataclass(frozen=True)
class Function:
    """A function that an expression may call; `most` is None where any number of arguments may follow."""

    meaning: Callable[..., Value]
    least: int
    most: int | None
    #: what it is given before its arguments: names of what Expression.value is told
    told: tuple[str, ...] = ()


def _selected(value: Value, choice: Value) -> bool:
    return as_text(choice) in as_text(value).split()


def _selected_at(value: Value, index: Value) -> str:
    chosen, position = as_text(value).split(), as_number(index)
    return chosen[int(position)] if 0 <= position < len(chosen) else ""


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if as_text(value) != ""), "")


def _whole(value: Value) -> float:
    number = as_number(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


def _round(value: Value, places: Value = 0.0) -> float:
    number, digits = as_number(value), as_number(places)
    if not math.isfinite(number) or not -12 <= digits <= 12:
        return number
    scale = 10.0 ** int(digits)
    scaled = number * scale
    return math.floor(scaled + 0.5) / scale if math.isfinite(scaled) else number


def _power(base: Value, exponent: Value) -> float:
    try:
        return math.pow(as_number(base), as_number(exponent))
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _substring(text: Value, start: Value, end: Value = math.inf) -> str:
    """ODK's substr: from 0, the end not included."""
    whole, first, last = as_text(text), as_number(start), as_number(end)
    if math.isnan(first) or math.isnan(last):
        return ""
    low = int(min(max(first, 0), len(whole)))
    return whole[low : int(min(max(last, 0), len(whole)))]


def _translate(text: Value, old: Value, new: Value) -> str:
    table: dict[int, str | None] = {}
    replacements = as_text(new)
    for index, character in enumerate(as_text(old)):
        table.setdefault(ord(character), replacements[index] if index < len(replacements) else None)
    return as_text(text).translate(table)


def _least(*values: Value) -> float:
    return _extreme(min, values)


def _greatest(*values: Value) -> float:
    return _extreme(max, values)


def _extreme(pick: Callable[..., float], values: tuple[Value, ...]) -> float:
    """Unanswered questions do not take part, as in ODK."""
    numbers = [as_number(value) for each in values for value in _times(each) if as_text(value) != ""]
    return math.nan if not numbers or any(map(math.isnan, numbers)) else pick(numbers)


def _times(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list | tuple) else (value,)


def _sum(value: Value) -> float:
    """Over the times that have an answer; nothing answered is 0, as in XPath."""
    return sum((as_number(each) for each in _times(value) if as_text(each) != ""), 0.0)


def _of_time(value: Value, repeat: Value, time: Value) -> Value:
    """ODK's indexed-repeat: the answer of one time, counted from 1; "" where there is no such time."""
    times, position = _times(value), as_number(time)
    return times[int(position) - 1] if 1 <= position < len(times) + 1 else ""


def _joined(separator: Value, *values: Value) -> str:
    return as_text(separator).join(as_text(each) for value in values for each in _times(value))


def _format_date(value: Value, pattern: Value) -> str:
    """ODK's format-date of a day: %Y %y %m %n %d %e; the rest stands as it is."""
    day = _days(as_text(value)) if isinstance(value, str | list | tuple) else as_number(value)
    if not math.isfinite(day):
        return ""
    try:
        found = date.fromordinal(int(day) + _EPOCH)
    except (ValueError, OverflowError):
        return ""
    parts = {"%Y": f"{found.year:04}", "%y": f"{found.year % 100:02}", "%m": f"{found.month:02}", "%n": f"{found.month}",
             "%d": f"{found.day:02}", "%e": f"{found.day}"}
    return re.sub(r"%[Yymnde]", lambda part: parts[part.group()], as_text(pattern))


def _real(function: Callable[[float], float]) -> Callable[[Value], float]:
    """A function of calculus; NaN where it is not defined."""

    def of(value: Value) -> float:
        try:
            return float(function(as_number(value)))
        except (ValueError, OverflowError):
            return math.nan

    return of


#: functions that take a question's answers over all times of its repeat
OVER_TIMES = frozenset({"sum", "count", "count-non-empty", "min", "max", "join", "indexed-repeat"})

FUNCTIONS: dict[str, Function] = {
    "selected": Function(_selected, 2, 2),
    "count-selected": Function(lambda value: float(len(as_text(value).split())), 1, 1),
    "selected-at": Function(_selected_at, 2, 2),
    "if": Function(lambda condition, then, other: then if as_truth(condition) else other, 3, 3),
    "coalesce": Function(_coalesce, 2, None),
    "regex": Function(lambda text, pattern: matches_whole(as_text(pattern), as_text(text)), 2, 2),
    "not": Function(lambda value: not as_truth(value), 1, 1),
    "true": Function(lambda: True, 0, 0),
    "false": Function(lambda: False, 0, 0),
    "boolean": Function(as_truth, 1, 1),
    "number": Function(as_number, 1, 1),
    "string": Function(as_text, 1, 1),
    "date": Function(lambda value: _days(as_text(value)), 1, 1),
    "int": Function(_whole, 1, 1),
    "round": Function(_round, 1, 2),
    "abs": Function(lambda value: abs(as_number(value)), 1, 1),
    "pow": Function(_power, 2, 2),
    "min": Function(_least, 1, None),
    "max": Function(_greatest, 1, None),
    "sum": Function(_sum, 1, 1),
    "count": Function(lambda value: float(len(_times(value))), 1, 1),
    "count-non-empty": Function(lambda value: float(sum(as_text(each) != "" for each in _times(value))), 1, 1),
    "indexed-repeat": Function(_of_time, 3, 3),
    "join": Function(_joined, 2, None),
    "position": Function(lambda position: position, 0, 0, told=("position",)),
    "today": Function(lambda today: today, 0, 0, told=("today",)),
    "format-date": Function(_format_date, 2, 2),
    "sqrt": Function(_real(math.sqrt), 1, 1),
    "exp": Function(_real(math.exp), 1, 1),
    "log": Function(_real(math.log), 1, 1),
    "log10": Function(_real(math.log10), 1, 1),
    "pi": Function(lambda: math.pi, 0, 0),
    "floor": Function(_real(math.floor), 1, 1),
    "ceiling": Function(_real(math.ceil), 1, 1),
    "concat": Function(lambda *values: "".join(map(as_text, values)), 1, None),
    "contains": Function(lambda text, part: as_text(part) in as_text(text), 2, 2),
    "starts-with": Function(lambda text, part: as_text(text).startswith(as_text(part)), 2, 2),
    "ends-with": Function(lambda text, part: as_text(text).endswith(as_text(part)), 2, 2),
    "string-length": Function(lambda text: float(len(as_text(text))), 1, 1),
    "substr": Function(_substring, 2, 3),
    "substring-before": Function(lambda text, part: _part_before(as_text(text), as_text(part)), 2, 2),
    "substring-after": Function(lambda text, part: as_text(text).partition(as_text(part) or "\0")[2], 2, 2),
    "normalize-space": Function(lambda text: " ".join(as_text(text).split()), 1, 1),
    "translate": Function(_translate, 3, 3),
}


def _part_before(text: str, part: str) -> str:
    return text.partition(part)[0] if part and part in text else ""
