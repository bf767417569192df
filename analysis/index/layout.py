"""The sums of the scored units laid out as arrays, and the design of the whole campaign beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.index.sums import OWN, CellTable, RatingSums
from analysis.variance import SamplingPlan


@dataclass(frozen=True, eq=False)
class Tally:
    """One question's answers in one respondent group, per scored unit."""

    answers: tuple[str, ...]
    missing: frozenset[str]
    #: (U, K) exact integers
    counts: np.ndarray
    weighted: np.ndarray
    #: (U,)
    blanks: np.ndarray


@dataclass(frozen=True, eq=False)
class Table:
    """A CellTable cut to the scored units: its rows' cells in the layout, and its sums per group and unit (G, U, width)."""

    start: Mapping[str, int]
    cell: np.ndarray
    counts: np.ndarray
    weighted: np.ndarray
    unit_counts: np.ndarray
    unit_weighted: np.ndarray


@dataclass(frozen=True, eq=False)
class Layout:
    """Cells of the scored units, sorted by unit, stratum and PSU; strata and PSUs of all respondents of the campaign.

    Strata are (group, stratum), PSUs are nested in them. `psu` is -1 in the cell of the respondents of a stratum who are each
    a PSU; `plan.psu_count` counts them.
    """

    units: tuple[str, ...]
    groups: tuple[str, ...]
    strata: Mapping[tuple[str, str], int]
    #: group of each stratum, (H,)
    stratum_group: np.ndarray
    #: (C,)
    unit: np.ndarray
    stratum: np.ndarray
    psu: np.ndarray
    tables: tuple[Table, ...]
    plan: SamplingPlan
    sums: RatingSums

    def tally(self, column: str, group: str) -> Tally:
        """Exact counts of a question's answers; a question that nobody was asked has no answers."""
        answers = self.sums.answers.get(column, ())
        size, total = len(answers), np.zeros((2, len(self.units), len(answers) + 1), dtype=np.int64)
        for table in self.tables:
            if column in table.start and group in self.groups:
                at, mine = self.groups.index(group), slice(table.start[column], table.start[column] + size + 1)
                total += np.stack([table.unit_counts[at, :, mine], table.unit_weighted[at, :, mine]])
        return Tally(answers, self.sums.missing_codes(column), total[0, :, :size], total[1, :, :size], total[0, :, size])


def lay_out(sums: RatingSums, units: Sequence[str], lonely_psu: str, group: str | None = None) -> Layout:
    """`group`: only its cells (the policies for lonely PSUs look at the strata that a unit's cells are in)."""
    places = sorted(sums.people)
    groups = tuple(sorted({of for of, _, _ in places}))
    strata = {key: number for number, key in enumerate(sorted({(of, stratum) for of, stratum, _ in places}))}
    named = [place for place in places if place[2] != OWN]
    psus = {place: number for number, place in enumerate(named)}
    psu_stratum = np.array([strata[of, stratum] for of, stratum, _ in named], dtype=np.int64)
    drawn = np.bincount(psu_stratum, minlength=len(strata))
    for (of, stratum, psu), count in sums.people.items():
        if psu == OWN:
            drawn[strata[of, stratum]] += count
    by_group = {of: sums.sampling_fractions(of) or {} for of in groups}
    fraction = np.array([by_group[of].get(stratum, 0.0) for of, stratum in strata])
    plan = SamplingPlan(psu_stratum, drawn, fraction if fraction.any() else None, tuple(strata), lonely_psu)
    position = {unit: number for number, unit in enumerate(units)}
    tables = [(table, [row for row, key in enumerate(table.keys)
                      if key[3] in position and group in (None, key[0])]) for table in sums.tables]
    cells = sorted({(position[unit], strata[of, stratum], psus.get((of, stratum, psu), -1))
                    for table, rows in tables for of, stratum, psu, unit in (table.keys[row] for row in rows)})
    number = {cell: index for index, cell in enumerate(cells)}
    unit, stratum, psu = np.array(cells, dtype=np.int64).reshape(-1, 3).T
    stratum_group = np.array([groups.index(of) for of, _ in strata], dtype=np.int64)

    def cut(table: CellTable, rows: Sequence[int]) -> Table:
        keys = (table.keys[row] for row in rows)
        cell = np.array([number[position[unit], strata[of, stratum], psus.get((of, stratum, psu), -1)]
                         for of, stratum, psu, unit in keys], dtype=np.int64)
        counts, weighted = table.counts[rows], table.weighted[rows]
        by_unit = np.zeros((2, len(groups) * len(units), counts.shape[1]), dtype=np.int64)
        place = stratum_group[stratum[cell]] * len(units) + unit[cell]
        np.add.at(by_unit[0], place, counts)
        np.add.at(by_unit[1], place, weighted)
        shaped = by_unit.reshape(2, len(groups), len(units), -1)
        return Table(table.start, cell, counts, weighted, shaped[0], shaped[1])

    return Layout(tuple(units), groups, strata, stratum_group, unit, stratum, psu,
                  tuple(cut(table, rows) for table, rows in tables if rows), plan, sums)
