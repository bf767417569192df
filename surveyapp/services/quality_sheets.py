"""One questionnaire's forms as a table of levels: what signs of doubtful forms are looked for in.

A "form" is what one respondent answered about one unit: one rating row of the sums' parts. Forms stand in an order of their
content, so nothing that is added up in floating point depends on the order in which a database gave them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.index.sums import OWN, RatingSums
from questionnaires.model import Questionnaire

#: a choice list with fewer answers is no scale
SCALE = 3


@dataclass(frozen=True)
class Sheet:
    """Some forms of one questionnaire. `part` and `row`: where each form stands among the ratings; `answers` has a column for
    each question of the battery, levels of the scale from 1, NaN for none."""

    form_id: str
    form: Questionnaire
    part: np.ndarray
    row: np.ndarray
    answers: pd.DataFrame
    #: group, stratum, psu (missing where each respondent is one), respondent, unit
    about: pd.DataFrame

    @property
    def items(self) -> list[str]:
        return list(self.answers.columns)

    @cached_property
    def answered(self) -> np.ndarray:
        return self.answers.notna().sum(axis=1).to_numpy()

    @cached_property
    def unit(self) -> tuple[np.ndarray, Sequence[str]]:
        """Code of each form's unit, and the units in order."""
        code, units = pd.factorize(self.about["unit"], sort=True)
        return code, [str(unit) for unit in units]


def sheets_of(form_id: str, form: Questionnaire, sums: RatingSums, together: int) -> Iterator[Sheet]:
    """The questionnaire's forms in sheets of whole units, about `together` forms each, so that memory and time do not grow with
    the square of a campaign; forms that rate many units are one sheet. No sheet where nobody answered or nothing is a scale."""
    battery = battery_of(form_id, form, sums)
    found = _read(form_id, form, sums, battery) if battery else None
    if found is None:
        return
    size = len(found.unit)
    sheets = max(1, size // together) if form.rates == "one_unit" else 1
    # a sheet ends with the unit that fills its share
    filled = np.arange(1, sheets + 1) * size // sheets
    ends = np.cumsum(np.bincount(found.unit, minlength=len(found.units)))
    cuts = [0, *np.unique(ends[np.searchsorted(ends, filled)]).tolist()]
    for first, last in pairwise(cuts):
        yield found.sheet(form_id, form, battery, slice(first, last))


def battery_of(form_id: str, form: Questionnaire, sums: RatingSums) -> list[str]:
    """The largest set of the form's rating questions on one scale, in the order asked."""
    by_list: dict[str, list[str]] = {}
    for question in form.questions:
        if f"{form_id}.{question.name}" in sums.answers and len(question.choices.substantive) >= SCALE:
            by_list.setdefault(question.choices.name, []).append(question.name)
    return max(by_list.values(), key=len) if by_list else []


@dataclass(frozen=True, eq=False)
class _Forms:
    """All forms in the order of their content; levels (n, k) in one byte each, 0 for none."""

    levels: np.ndarray
    part: np.ndarray
    row: np.ndarray
    respondent: np.ndarray
    unit: np.ndarray
    units: Sequence[str]
    place: np.ndarray
    places: Sequence[tuple[str, str, str]]

    def sheet(self, form_id: str, form: Questionnaire, battery: Sequence[str], mine: slice) -> Sheet:
        levels = self.levels[mine].astype(float)
        levels[levels == 0] = np.nan
        place = self.place[mine]
        about = {name: np.array([each[at] for each in self.places], dtype=object)[place]
                 for at, name in enumerate(("group", "stratum", "psu"))}
        about["psu"] = np.where(about["psu"] == OWN, None, about["psu"])
        about |= {"respondent": self.respondent[mine], "unit": np.array(self.units, dtype=object)[self.unit[mine]]}
        return Sheet(form_id, form, self.part[mine], self.row[mine], pd.DataFrame(levels, columns=list(battery)),
                     pd.DataFrame(about))


def _read(form_id: str, form: Questionnaire, sums: RatingSums, battery: Sequence[str]) -> _Forms | None:
    level_of = {}
    for name in battery:
        levels = form.question(name).choices.substantive
        answers = sums.answers[f"{form_id}.{name}"]
        level_of[f"{form_id}.{name}"] = np.array(
            [*(levels.index(each) + 1 if each in levels else 0 for each in answers), 0], dtype=np.uint8)
    units, places = _Numbers(), _Numbers()
    read, respondents = [], 0
    for number, part in enumerate(sums.parts()):
        if all(column in part.codes for column in level_of):
            levels = np.column_stack([known[part.codes[column]] for column, known in level_of.items()])
            # who is not familiar with a unit has given no form about it
            rows = np.flatnonzero(levels.any(axis=1)).astype(np.int32)
            person = part.person[rows]
            read.append((levels[rows], np.full(len(rows), number, dtype=np.int16), rows, respondents + person.astype(np.int32),
                         units.of(part.units)[part.unit[rows]], places.of(part.places)[part.place[person]]))
        respondents += len(part.weight)
    if not any(len(rows) for _, _, rows, *_ in read):
        return None
    columns = list(zip(*read, strict=True))
    read.clear()
    levels, part, row, respondent, unit, place = (np.concatenate(columns.pop(0)) for _ in range(6))
    (unit, unit_names), (place, place_names) = units.in_order(unit), places.in_order(place)
    content = np.column_stack([each.astype(">u4").view(np.uint8).reshape(-1, 4) for each in (unit, place)] + [levels])
    order = np.argsort(content.view(f"S{content.shape[1]}").ravel(), kind="stable").astype(np.int32)
    del content
    return _Forms(levels[order], part[order], row[order], respondent[order], unit[order], unit_names, place[order], place_names)


class _Numbers:
    """Numbers for names in the order they are met, to be put in the names' own order at the end."""

    def __init__(self) -> None:
        self._number: dict = {}

    def of(self, names: Sequence) -> np.ndarray:
        return np.array([self._number.setdefault(name, len(self._number)) for name in names], dtype=np.int32)

    def in_order(self, numbers: np.ndarray) -> tuple[np.ndarray, list]:
        names = sorted(self._number)
        rank = np.empty(len(names), dtype=np.uint32)
        rank[[self._number[name] for name in names]] = np.arange(len(names), dtype=np.uint32)
        return rank[numbers], names
