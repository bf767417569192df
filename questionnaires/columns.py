"""The columns of a response file: which answer stands in which, in the order of the form.

A question has the column of its name, a matrix one for each unit (`name:UNIT`). In a repeat the number of the time follows the
name: `age.1`, `age.2`, `quality.2:UNIT`. How often an open repeat was asked stands in `members.times`: its last times may have
been left blank. No name has a dot of its own, so none of these can be taken for another.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.answers import Units, UnitToRate, type_of
from questionnaires.model import Group, Page, Question, Questionnaire

#: in the name of a column where a unit's code, or the number of a time, will stand, as long as nobody knows which there are
ANY = "*"
TIMES = "times"

#: the name that the columns of a question or repeat begin with
Named = Callable[[Question | Group], str]
#: repeat -> how many times it has columns for; one that is not there has as many as its count says, if it is a plain number
TimesOf = Mapping[str, int]
NO_TIMES: TimesOf = {}


def own_name(item: Question | Group) -> str:
    return item.name


@dataclass(frozen=True)
class Column:
    """One column; `question` is None for the one that says how often the repeat was asked."""

    name: str
    page: Page
    question: Question | None = None
    unit: UnitToRate | None = None
    #: from 1; None outside of repeats, and where nobody knows how many there are
    time: int | None = None


@dataclass(frozen=True)
class Cell:
    column: str
    text: str
    #: words of somebody's own
    written: bool = False


def columns(form: Questionnaire, units: Units | None = None, times: TimesOf = NO_TIMES,
            named: Named = own_name) -> Iterator[Column]:
    """A column for each unit (None: nobody knows yet which), and in a repeat for each of its times."""
    told: set[str] = set()
    rated = {unit.code: unit for unit in units or ()}
    written = (UnitToRate(ANY, ""),) if units is None else units
    for page in form.pages:
        repeat = page.repeat
        if repeat and counts_itself(repeat) and repeat.name not in told:
            told.add(repeat.name)
            yield Column(times_column(repeat, named), page)
        for question in page.questions:
            kind = type_of(question)
            if not kind.has_value:
                continue
            for time in _numbers(repeat, times) if repeat else (None,):
                start = column_name(question, ANY if repeat and time is None else time, named)
                for field in kind.columns(question, written):
                    rest = field.removeprefix(question.name)
                    yield Column(start + rest, page, question, rated.get(rest[1:]) if kind.rates_many_units else None, time)


def column_name(question: Question, time: int | str | None = None, named: Named = own_name) -> str:
    """What its columns begin with; `time` from 1."""
    return named(question) if time is None else f"{named(question)}.{time}"


def times_column(repeat: Group, named: Named = own_name) -> str:
    return f"{named(repeat)}.{TIMES}"


def counts_itself(repeat: Group) -> bool:
    """Nothing else tells how often it was asked: the respondent adds times until done."""
    return not repeat.repeat.count


def cells(form: Questionnaire, answers: Mapping[str, Any], units: Units = (), named: Named = own_name) -> Iterator[Cell]:
    """The cells of one form's stored answers; a column that is not among them is blank."""
    told: set[str] = set()
    for page in form.pages:
        repeat = page.repeat
        lines = answers.get(repeat.name) or [] if repeat else [answers]
        if repeat and lines and counts_itself(repeat) and repeat.name not in told:
            told.add(repeat.name)
            yield Cell(times_column(repeat, named), str(len(lines)))
        for time, own in enumerate(lines, 1):
            for question in page.questions:
                kind = type_of(question)
                if not kind.has_value or own.get(question.name) is None:
                    continue
                start = column_name(question, time if repeat else None, named)
                for field, text in kind.to_cells(question, own[question.name], units).items():
                    yield Cell(start + field.removeprefix(question.name), text, kind.written)


def most_times(form: Questionnaire, answers: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Repeat -> its times in the answers that have the most of them; 0 where nobody was asked."""
    names = [group.name for group in form.groups if group.repeat]
    found = dict.fromkeys(names, 0)
    for each in answers:
        found |= {name: max(found[name], len(each.get(name) or ())) for name in names}
    return found


def known_times(repeat: Group) -> int | None:
    """How often it is asked, where the questionnaire itself says so."""
    count = repeat.repeat.count.strip()
    return min(int(count), repeat.repeat.most) if count.isascii() and count.isdecimal() else None


def _numbers(repeat: Group, times: TimesOf) -> Iterator[int | None]:
    """The times that have columns: as many as were ever asked, and one where it never was."""
    least = known_times(repeat)
    if repeat.name not in times and least is None:
        yield None
        return
    yield from range(1, min(max(times.get(repeat.name, 0), least or 1), repeat.repeat.most) + 1)
