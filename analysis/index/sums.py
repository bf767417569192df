"""Sums of ratings, added up part by part: memory is bounded by design cells, not by respondents.

A cell is one unit as rated by one primary sampling unit. Per cell and question the exact integers n (ratings) and W (sum of
weights in millionths) of each answer are all that points and, where PSUs are named, their sampling errors need: linearised
values are linear in W. What is not linear (respondents counted once over several questions, squares per respondent) is read
in a second pass over the same parts: see linearise.py. Sums are integers, so neither the order of the respondents nor how
they were cut into parts changes a bit of the result.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.index.ratings import HEAVIEST_TOTAL, Ratings

EXACT_IN_DOUBLE = 2**53
#: the PSU of respondents who are each a PSU of their own
OWN = ""

#: (group, stratum, PSU)
Place = tuple[str, str, str]
#: (group, stratum, PSU, unit)
CellKey = tuple[str, str, str, str]


@dataclass(frozen=True, eq=False)
class Part:
    """Some respondents with all their ratings, as codes.

    places      where respondents stand in the design; a PSU of "" means that each respondent there is a PSU
    place       (P,) each respondent's index in `places`; weight: (P,) int64 millionths
    person      (R,) the respondent of each rating row (one row per respondent and unit)
    unit        (R,) index in `units`
    codes       per question column "questionnaire.question" asked of these respondents (R,) integers: the index of the
                answer, -1 for a blank
    """

    places: Sequence[Place]
    place: np.ndarray
    weight: np.ndarray
    person: np.ndarray
    units: Sequence[str]
    unit: np.ndarray
    codes: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class CellTable:
    """Cells that were asked the same columns. `keys` say which; counts and weighted are (cells, width) int64, where column
    q has the positions start[q]:start[q] + answers + 1, the last of them for blanks."""

    start: Mapping[str, int]
    keys: Sequence[CellKey]
    counts: np.ndarray
    weighted: np.ndarray


class RatingSums:
    """The sums of a campaign. Add parts (or cells summed elsewhere, as by a database), then score.

    answers     per question column the answers that codes point to
    missing     per column the answers that are kinds of missing
    population  people per (group, stratum), for the finite population correction
    parts       gives the parts once more, in any order; None where only sums are known: design effects, respondents counted
                over several questions, and errors where respondents are their own PSUs are then unknown
    """

    def __init__(self, answers: Mapping[str, Sequence[str]], missing: Mapping[str, frozenset[str]] | None = None,
                 population: Mapping[tuple[str, str], int] | None = None,
                 parts: Callable[[], Iterable[Part]] | None = None) -> None:
        self.answers = {column: tuple(names) for column, names in answers.items()}
        self.missing = missing or {}
        self.parts = parts
        self.heaviest = 0
        #: rating rows: one per respondent and unit
        self.rows = 0
        self._population = population or {}
        self._people: dict[Place, int] = {}
        self._tables: dict[tuple[str, ...], _Growing] = {}
        self._total_weight = 0

    def add(self, part: Part) -> None:
        """Raises ValueError for a weight that is not above 0, or when all weights reach 2**62."""
        if not len(part.weight):
            return
        if part.weight.min() <= 0:
            raise ValueError("weights must be above 0")
        self.add_people(dict(zip(part.places, np.bincount(part.place, minlength=len(part.places)).tolist(), strict=True)),
                        int(part.weight.sum(dtype=object)) if float(part.weight.sum(dtype=float)) > 2**52
                        else int(part.weight.sum()))
        self.heaviest = max(self.heaviest, int(part.weight.max()))
        if not len(part.unit):
            return
        pair = part.place[part.person].astype(np.int64) * len(part.units) + part.unit
        pairs, cell = np.unique(pair, return_inverse=True)
        weight = part.weight[part.person]
        columns = tuple(part.codes)
        table = self._table(columns)
        counts = np.zeros((len(pairs), table.width), dtype=np.int64)
        weighted = np.zeros_like(counts)
        for column in columns:
            size = len(self.answers[column]) + 1
            position = cell * size + np.where(part.codes[column] < 0, size - 1, part.codes[column])
            mine = slice(table.start[column], table.start[column] + size)
            counts[:, mine] = np.bincount(position, minlength=len(pairs) * size).reshape(-1, size)
            weighted[:, mine] = exact_bincount(position, weight, len(pairs) * size).reshape(-1, size)
        keys = [(*part.places[place], part.units[unit]) for place, unit in zip(*np.divmod(pairs, len(part.units)), strict=True)]
        table.add(keys, counts, weighted)
        self.rows += len(part.unit)

    def add_people(self, people: Mapping[Place, int], total_weight: int) -> None:
        """Respondents per place, also those who rated nothing, and the sum of their weights."""
        for place, count in people.items():
            if count:
                self._people[place] = self._people.get(place, 0) + count
        self._total_weight += total_weight
        if self._total_weight >= HEAVIEST_TOTAL:
            raise ValueError("weights sum to 2**62 or more")

    def add_cells(self, columns: Sequence[str], keys: Sequence[CellKey], counts: np.ndarray, weighted: np.ndarray,
                  rows: int) -> None:
        """Cells summed elsewhere, laid out as `start_of(columns)` says; `rows` ratings rows stand behind them."""
        self._table(tuple(columns)).add(keys, counts, weighted)
        self.rows += rows

    def start_of(self, columns: Sequence[str]) -> tuple[Mapping[str, int], int]:
        """Where each column's answers begin in a row of a table of these columns, and the row's width."""
        table = self._table(tuple(columns))
        return table.start, table.width

    @property
    def people(self) -> Mapping[Place, int]:
        return self._people

    @property
    def tables(self) -> list[CellTable]:
        """Cells by the columns they were asked, in an order that depends on names only."""
        return [self._tables[columns].table() for columns in sorted(self._tables)]

    @property
    def respondents(self) -> int:
        return sum(self._people.values())

    @property
    def population(self) -> dict[tuple[str, str], int]:
        """The populations that can be right: a stratum with more answers than people in its frame has a wrong frame."""
        counts = self._by_stratum()
        return {key: size for key, size in self._population.items() if size >= counts.get(key, 0)}

    def missing_codes(self, column: str) -> frozenset[str]:
        return frozenset(self.missing.get(column, ()))

    def sampling_fractions(self, group: str) -> dict[str, float] | None:
        """n / N per stratum of the group, 0 < n / N <= 1; None: no finite population correction.

        None when a stratum has no population, or a PSU of several respondents (the fraction of PSUs is then not known):
        cautious, as errors come out larger than they are.
        """
        counts = {stratum: count for (of, stratum), count in self._by_stratum().items() if of == group}
        clustered = any(count > 1 and psu != OWN for (of, _, psu), count in self._people.items() if of == group)
        population = self.population
        if clustered or not counts or any((group, stratum) not in population for stratum in counts):
            return None
        return {stratum: count / population[group, stratum] for stratum, count in counts.items()}

    def _by_stratum(self) -> dict[tuple[str, str], int]:
        counts: dict[tuple[str, str], int] = {}
        for (group, stratum, _), count in self._people.items():
            counts[group, stratum] = counts.get((group, stratum), 0) + count
        return counts

    def _table(self, columns: tuple[str, ...]) -> "_Growing":
        if columns not in self._tables:
            self._tables[columns] = _Growing({column: len(self.answers[column]) for column in columns})
        return self._tables[columns]


class _Growing:
    """A table of cells that grows as cells are met."""

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.start: dict[str, int] = {}
        self.width = 0
        for column, size in sizes.items():
            self.start[column] = self.width
            self.width += size + 1
        self._row: dict[CellKey, int] = {}
        self._sums = np.zeros((2, 0, self.width), dtype=np.int64)

    def add(self, keys: Sequence[CellKey], counts: np.ndarray, weighted: np.ndarray) -> None:
        rows = np.array([self._row.setdefault(key, len(self._row)) for key in keys], dtype=np.int64)
        if len(self._row) > self._sums.shape[1]:
            larger = np.zeros((2, max(2 * self._sums.shape[1], len(self._row)), self.width), dtype=np.int64)
            larger[:, : self._sums.shape[1]] = self._sums
            self._sums = larger
        self._sums[0, rows] += counts
        self._sums[1, rows] += weighted

    def table(self) -> CellTable:
        size = len(self._row)
        return CellTable(self.start, list(self._row), self._sums[0, :size], self._sums[1, :size])


def raters(sums: RatingSums, units: Sequence[str], columns: Collection[str]) -> dict[tuple[str, str], int]:
    """(unit, group) -> respondents who gave an answer that is no kind of missing to at least one of the columns.

    Reads the parts. Raises ValueError where there are none.
    """
    if sums.parts is None:
        raise ValueError("who rated at all needs the respondents and not only sums")
    position = {unit: number for number, unit in enumerate(units)}
    found: dict[tuple[str, str], int] = {}
    for part in sums.parts():
        groups = sorted({group for group, _, _ in part.places})
        group = np.array([groups.index(group) for group, _, _ in part.places], dtype=np.int64)
        unit = np.array([position.get(name, -1) for name in part.units], dtype=np.int64)[part.unit]
        answered = np.zeros(len(unit), dtype=bool)
        for column in sorted(set(columns).intersection(part.codes)):
            missing = sums.missing_codes(column)
            valid = np.array([answer not in missing for answer in sums.answers[column]] + [False])
            answered |= valid[part.codes[column]]
        answered &= unit >= 0
        cell = unit[answered] * len(groups) + group[part.place[part.person[answered]]]
        for at, n in zip(*np.unique(cell, return_counts=True), strict=True):
            key = units[at // len(groups)], groups[at % len(groups)]
            found[key] = found.get(key, 0) + int(n)
    return found


def sums_of(ratings: Ratings) -> RatingSums:
    """The sums of ratings that are in memory, as one part. A PSU of one respondent is that respondent."""
    people, table = ratings.respondents, ratings.ratings
    labels = people[["group", "stratum", "psu"]].astype(str)
    single = ~labels.duplicated(keep=False).to_numpy()
    labels.loc[single, "psu"] = OWN
    index = pd.MultiIndex.from_frame(labels)
    place, places = index.factorize()
    unit, units = pd.factorize(table["unit"].astype(str))
    part = Part(
        places=[tuple(each) for each in places],
        place=place, weight=people["weight_millionths"].to_numpy(),
        person=pd.Index(people["respondent"]).get_indexer(table["respondent"]),
        units=list(units), unit=unit,
        codes={column: table[column].cat.codes.to_numpy() for column in ratings.question_columns},
    )
    answers = {column: tuple(map(str, table[column].cat.categories)) for column in ratings.question_columns}
    sums = RatingSums(answers, ratings.missing, ratings.population, lambda: [part])
    sums.add(part)
    return sums


def exact_bincount(cells: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    """Exact int64 sums of non-negative int64 `weights` per cell, (size,).

    `np.bincount` adds in doubles, which are exact while every sum stays below 2**53; beyond that int64 addition is used.
    Raises OverflowError when the sum of all weights reaches 2**62.
    """
    total = int(weights.sum(dtype=object)) if len(weights) and float(weights.sum(dtype=float)) > 2**52 else 0
    if total >= 2**62:
        raise OverflowError("the sum of the weights is too large for exact integers")
    if total >= EXACT_IN_DOUBLE:
        sums = np.zeros(size, dtype=np.int64)
        np.add.at(sums, cells, weights)
        return sums
    return np.bincount(cells, weights=weights, minlength=size).astype(np.int64)
