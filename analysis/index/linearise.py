"""Sampling errors of points: linearised values per respondent, added up per PSU, over the design of the whole campaign.

For a leaf with maximum m, sources s of effective share a_s, and the respondents i who answered s with coefficient c_is:

    mean_s = sum_i w_i c_is / W_s,  W_s = sum_i w_i          points = m * sum_s a_s mean_s
    z_i    = sum_s m a_s w_i (c_is - mean_s) / W_s           (0 for who did not answer)

Effective shares count as fixed. A unit's component is the sum of its leaves, so its z_i is the sum of theirs: the same person's
answers to many criteria, and about many units, are counted together. The variance of the z, totalled per PSU, is that of
`analysis.variance.psu_covariance`. Source: Woodruff (1971); Lumley, Complex Surveys (2010), ch. 2; Särndal, Swensson and
Wretman (1992), 5.5 and 5.8 (domains: PSUs without a rater of the unit count with zero).

Totals per named PSU follow from the sums of weights per answer. What does not (who counts once over several questions, squares
z^2 / w behind design effects, z^2 of respondents who are PSUs) is added up in a second pass over the parts, in integers:
see exact.py. So the result does not depend on the order of respondents or on how they were cut into parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.index.exact import CrossSums, SquareSums
from analysis.index.layout import Layout
from analysis.index.sums import Part, exact_bincount
from analysis.variance import StratumFactors, refuse_lonely

#: a figure that is no more than this share of the terms it is a difference of is their rounding
ROUNDING = 16 * np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class Term:
    """A question of one respondent group within a column of linearised values.

    deviations  (U, K + 1) what each answer, and last the blank, adds to z / w
    rated       (K + 1,) answers that are in the mean
    counted     (U,) whether the question counts for the unit (deviations are 0 where not)
    """

    column: str
    group: str
    deviations: np.ndarray
    rated: np.ndarray
    counted: np.ndarray


@dataclass(frozen=True, eq=False)
class Errors:
    """Per unit and column, (U, k), the last column being the total over the others where one was asked for."""

    variance: np.ndarray
    df: np.ndarray
    #: NaN where the simple-random-sampling variance is 0 or not defined, or respondents were not read
    design_effect: np.ndarray
    #: respondents with a rating that a term reads, counted once; -1 where that is not known without reading respondents
    n: np.ndarray
    #: covariance of the units' totals over the columns, (U, U); None where no total was asked for
    covariance: np.ndarray | None


def linearised_errors(layout: Layout, columns: Sequence[Sequence[Term]], factor: np.ndarray | None = None) -> Errors:
    """Errors of each column in each unit; `factor` (U,) adds a last column, factor times the sum of the others.

    df = PSUs - strata among those with a rater who counts (as degf of a domain in R's survey).
    design effect = variance / SRS variance, the latter for independent simple random samples per group of the same n:
    sum over groups g of S2_g / n_g with S2_g = n_g / (n_g - 1) * sum w e^2 / W_g, e_i = z_i W_g / w_i.
    Raises LonelyPsuError under lonely_psu="fail"; ValueError when respondents are their own PSUs and there are no
    parts to read.
    """
    plan, cells = layout.plan, _Cells(layout)
    factors = plan.factors()
    if plan.lonely_psu == "fail":
        present = np.zeros(len(plan.psu_count), dtype=bool)
        present[layout.stratum] = True
        refuse_lonely(factors.lonely, present, plan.stratum_names)
    if layout.sums.parts is None and (layout.psu < 0).any():
        raise ValueError("where respondents are their own PSUs, errors need the respondents and not only sums")
    totals, present = _cell_totals(layout, columns, factor)
    read = _read_respondents(layout, columns, factor, factors)
    centre = cells.by_pair(totals) / plan.psu_count[cells.pair_stratum][:, None] * factors.centred[cells.pair_stratum][:, None]
    named = layout.psu >= 0
    away = np.where(named[:, None], (totals - centre[cells.pair]) ** 2, 0.0)
    own = np.where(named[:, None], 0.0, totals)
    rest = plan.psu_count[cells.pair_stratum] - cells.by_pair(named[:, None].astype(np.int64))[:, 0]
    spread = cells.by_pair(away) + rest[:, None] * centre**2 - 2 * centre * cells.by_pair(own)
    scale = _average_scale(layout, cells, factors)
    multiplier = factors.multiplier[cells.pair_stratum][:, None]
    variance = cells.by_unit(spread * multiplier) + read.own_squares
    cancelling = read.own_squares + cells.by_unit(2 * np.abs(centre * cells.by_pair(own)) * multiplier)
    noise = np.maximum(ROUNDING * cancelling, (ROUNDING * _gross(layout, columns, factor)) ** 2)
    variance = np.where(variance > noise, variance, 0.0) * scale[:, None] ** 2  # equal answers do not vary
    psus = cells.sum_by_unit(present & named[:, None]) + read.own_present
    df = psus - cells.by_unit(cells.by_pair(present.astype(np.int64)) > 0)
    simple = read.simple
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(simple > 0, variance / simple, np.nan)
    if factor is None:
        return Errors(variance, df, effect, read.n, None)
    covariance = _joint(layout, cells, totals[:, -1], centre[:, -1], factors) + read.crossed
    covariance *= np.outer(scale, scale)
    covariance[np.diag_indices(len(scale))] = variance[:, -1]
    return Errors(variance, df, effect, read.n, covariance)


class _Cells:
    """Sums over the cells of each (unit, stratum) pair, and over the pairs of each unit; cells come sorted."""

    def __init__(self, layout: Layout) -> None:
        key = layout.unit * max(len(layout.strata), 1) + layout.stratum
        pairs, self.first, self.pair = np.unique(key, return_index=True, return_inverse=True)
        self.pair_unit, self.pair_stratum = np.divmod(pairs, max(len(layout.strata), 1))
        self.unit, self.size = layout.unit, len(layout.units)

    def by_pair(self, values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, self.first, axis=0) if len(self.first) else values[:0]

    def by_unit(self, pair_values: np.ndarray) -> np.ndarray:
        return self._add(self.pair_unit, pair_values)

    def sum_by_unit(self, cell_values: np.ndarray) -> np.ndarray:
        return self._add(self.unit, cell_values)

    def _add(self, unit: np.ndarray, values: np.ndarray) -> np.ndarray:
        result = np.zeros((self.size, values.shape[1]), dtype=float if values.dtype == float else np.int64)
        np.add.at(result, unit, values)
        return result


def _cell_totals(layout: Layout, columns: Sequence[Sequence[Term]], factor: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Linearised totals per cell (C, k), and whether a respondent who counts stands behind them."""
    width = len(columns) + (factor is not None)
    totals, present = np.zeros((len(layout.unit), width)), np.zeros((len(layout.unit), width), dtype=bool)
    for table in layout.tables:
        group = layout.stratum_group[layout.stratum[table.cell]]
        rows_of = {name: np.flatnonzero(group == code) for code, name in enumerate(layout.groups)}
        for k, terms in enumerate(columns):
            for term in terms:
                rows = rows_of.get(term.group)
                if term.column not in table.start or rows is None or not len(rows):
                    continue
                cell = table.cell[rows]
                unit, start = layout.unit[cell], table.start[term.column]
                for answer in np.flatnonzero(term.rated):
                    totals[cell, k] += table.weighted[rows, start + answer] * term.deviations[unit, answer]
                    present[cell, k] |= (table.counts[rows, start + answer] > 0) & term.counted[unit]
    if factor is not None:
        for k in range(len(columns)):
            totals[:, -1] += totals[:, k]
        totals[:, -1] *= factor[layout.unit]
        present[:, -1] = present[:, :-1].any(axis=1)
    return totals, present


def _gross(layout: Layout, columns: Sequence[Sequence[Term]], factor: np.ndarray | None) -> np.ndarray:
    """(U, k): the sums of absolute linearised values, whose rounding a total may be."""
    gross = np.zeros((len(layout.units), len(columns)))
    for k, terms in enumerate(columns):
        for term in terms:
            weighted = layout.tally(term.column, term.group).weighted
            gross[:, k] += (weighted * np.abs(term.deviations[:, : weighted.shape[1]])).sum(axis=1)
    return gross if factor is None else np.column_stack([gross, np.abs(factor) * gross.sum(axis=1)])


def _average_scale(layout: Layout, cells: _Cells, factors: StratumFactors) -> np.ndarray:
    """Under "average" the root of strata met / strata that have a variance, per unit; else 1."""
    if layout.plan.lonely_psu != "average":
        return np.ones(len(layout.units))
    met = np.bincount(cells.pair_unit, minlength=len(layout.units))
    usable = np.bincount(cells.pair_unit, weights=~factors.lonely[cells.pair_stratum], minlength=len(layout.units))
    unknown = np.where(met > 0, np.nan, 1.0)
    return np.sqrt(np.divide(met, usable, out=unknown, where=usable > 0))


def _joint(layout: Layout, cells: _Cells, totals: np.ndarray, centre: np.ndarray, factors: StratumFactors) -> np.ndarray:
    """Covariance of the units' totals (U, U) but for what `_read_respondents` adds: the squares and products of respondents
    who are PSUs."""
    plan, units = layout.plan, len(layout.units)
    result = np.zeros((units, units))
    order = np.argsort(layout.stratum, kind="stable")
    starts = np.searchsorted(layout.stratum[order], np.arange(len(layout.strata) + 1))
    for stratum in np.flatnonzero(np.diff(starts)):
        if not factors.multiplier[stratum]:
            continue
        mine = order[starts[stratum] : starts[stratum + 1]]
        met, column = np.unique(layout.unit[mine], return_inverse=True)
        middle, own = np.zeros(len(met)), np.zeros(len(met))
        middle[column] = centre[cells.pair[mine]]
        is_own = layout.psu[mine] < 0
        own[column[is_own]] = totals[mine[is_own]]
        psus, row = np.unique(layout.psu[mine[~is_own]], return_inverse=True)
        away = np.zeros((len(psus), len(met)))
        away[row, column[~is_own]] = totals[mine[~is_own]]
        away -= middle
        block = away.T @ away + (plan.psu_count[stratum] - len(psus)) * np.outer(middle, middle)
        block -= np.outer(middle, own) + np.outer(own, middle)
        result[np.ix_(met, met)] += block * factors.multiplier[stratum]
    return result


@dataclass(frozen=True, eq=False)
class _Read:
    """What only respondents can tell, per unit and column, (U, k); crossed (U, U) off the diagonal."""

    n: np.ndarray
    simple: np.ndarray
    own_squares: np.ndarray
    own_present: np.ndarray
    crossed: np.ndarray


def _read_respondents(layout: Layout, columns: Sequence[Sequence[Term]], factor: np.ndarray | None,
                      factors: StratumFactors) -> _Read:
    units, width = len(layout.units), len(columns) + (factor is not None)
    if layout.sums.parts is None:
        return _Read(_n_from_sums(layout, columns, width), np.full((units, width), np.nan), np.zeros((units, width)),
                     np.zeros((units, width), dtype=np.int64), np.zeros((units, units)))
    pass_ = _Pass(layout, columns, factor, factors)
    for part in layout.sums.parts():
        pass_.read(part)
    return pass_.result()


def _n_from_sums(layout: Layout, columns: Sequence[Sequence[Term]], width: int) -> np.ndarray:
    """Raters of columns that no respondent can enter by two terms; -1 for the others."""
    n = np.full((len(layout.units), width), -1, dtype=np.int64)
    for k, terms in enumerate(columns):
        if len({term.group for term in terms}) == len(terms):
            n[:, k] = sum(layout.tally(term.column, term.group).counts @ term.rated[:-1] for term in terms)
    return n


class _Pass:
    """The second pass: respondents' own values, added up in integers."""

    def __init__(self, layout: Layout, columns: Sequence[Sequence[Term]], factor: np.ndarray | None,
                 factors: StratumFactors) -> None:
        self.layout, self.columns, self.factor = layout, columns, factor
        self.units, self.groups = len(layout.units), len(layout.groups)
        self.width = len(columns) + (factor is not None)
        #: columns that nobody enters by two terms: all but the squares of respondents who are PSUs follows from the sums
        self.simple = [len({term.group for term in terms}) == len(terms) for terms in columns] + [False]
        self.bound = self._bounds()
        self.heaviest = float(layout.sums.heaviest or 1)
        self.multiplier = factors.multiplier
        self.largest = float(factors.multiplier.max(initial=0.0)) or 1.0
        shape = (self.groups * self.units, self.width)
        self.inside, self.heavy = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.n, self.own_present = (np.zeros((self.units, self.width), dtype=np.int64) for _ in range(2))
        self.squares, self.own_squares = SquareSums(*shape), SquareSums(self.units, self.width)
        self.crossed = CrossSums(self.units)
        self.position = {unit: number for number, unit in enumerate(layout.units)}

    def _bounds(self) -> np.ndarray:
        """(U, k): no |z / w| is larger."""
        bound = np.zeros((self.units, self.width))
        for k, terms in enumerate(self.columns):
            for term in terms:
                bound[:, k] += np.abs(term.deviations).max(axis=1)
        if self.factor is not None:
            for k in range(len(self.columns)):
                bound[:, -1] += bound[:, k]
            bound[:, -1] *= np.abs(self.factor)
        return np.where(bound > 0, bound, 1.0)

    def read(self, part: Part) -> None:
        unit = np.array([self.position.get(name, -1) for name in part.units], dtype=np.int64)[part.unit]
        rows = np.flatnonzero(unit >= 0)
        if not len(rows):
            return
        stratum_of = np.array([self.layout.strata[group, stratum] for group, stratum, _ in part.places], dtype=np.int64)
        single = np.array([psu == "" for _, _, psu in part.places])
        person = part.person[rows]
        place = part.place[person]
        seen = _Rows(unit[rows], stratum_of[place], self.layout.stratum_group[stratum_of[place]], person, part.weight[person],
                     np.flatnonzero(single[place]), {column: codes[rows] for column, codes in part.codes.items()},
                     self.layout.groups)
        whole = np.zeros(len(rows))
        whole_in, whole_rated = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
        for k, terms in enumerate(self.columns):
            mine = [term for term in terms if seen.asked(term)]
            if not mine:
                continue
            if self.simple[k] and not len(seen.own):  # nothing to learn but for the total
                self._enter(mine, seen, whole, whole_in, whole_rated)
                continue
            value, inside, rated = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
            self._enter(mine, seen, value, inside, rated)
            self._take(k, seen, value, inside, rated)
            whole += value
            whole_in |= inside
            whole_rated |= rated
        if self.factor is not None:
            whole *= self.factor[seen.unit]
            self._take(self.width - 1, seen, whole, whole_in, whole_rated)
            self._cross(seen, whole)

    @staticmethod
    def _enter(terms: Sequence[Term], seen: "_Rows", value: np.ndarray, inside: np.ndarray, rated: np.ndarray) -> None:
        for term in terms:
            at, answer, cell = seen.answers(term)
            value[at] += term.deviations.ravel()[cell]
            is_rated = term.rated[answer]
            rated[at] |= is_rated
            inside[at] |= is_rated if term.counted.all() else is_rated & term.counted[seen.unit[at]]

    def _take(self, k: int, seen: "_Rows", value: np.ndarray, inside: np.ndarray, rated: np.ndarray) -> None:
        own = seen.own
        if len(own):
            share = seen.weight[own] / self.heaviest
            squares = (value[own] / self.bound[seen.unit[own], k] * share) ** 2
            self.own_present[:, k] += np.bincount(seen.unit[own][inside[own]], minlength=self.units)
            self.own_squares.add(k, seen.unit[own], squares * (self.multiplier[seen.stratum[own]] / self.largest))
        if self.simple[k]:
            return
        cell, size = seen.group * self.units + seen.unit, self.groups * self.units
        self.n[:, k] += np.bincount(seen.unit[rated], minlength=self.units)
        self.inside[:, k] += np.bincount(cell[inside], minlength=size)
        self.heavy[:, k] += exact_bincount(cell[inside], seen.weight[inside], size)
        self.squares.add(k, cell, (value / self.bound[seen.unit, k]) ** 2 * (seen.weight / self.heaviest))

    def _cross(self, seen: "_Rows", value: np.ndarray) -> None:
        """Products over the units that one respondent rated."""
        own = seen.own[np.argsort(seen.person[seen.own], kind="stable")]
        person = seen.person[own]
        several = np.bincount(person)[person] > 1
        own, person = own[several], person[several]
        relative = value[own] / self.bound[seen.unit[own], -1] * (seen.weight[own] / self.heaviest) * np.sqrt(
            self.multiplier[seen.stratum[own]] / self.largest)
        self.crossed.add(person, seen.unit[own], relative)

    def result(self) -> _Read:
        shape = (self.groups, self.units, self.width)
        inside, heavy = self.inside.reshape(shape), self.heavy.reshape(shape).astype(float)
        squares = self.squares.value().reshape(shape) * self.heaviest * self.bound**2
        for k in np.flatnonzero(self.simple):
            self._add_simple(int(k), inside, heavy, squares)
        with np.errstate(divide="ignore", invalid="ignore"):
            by_group = np.where(inside > 0, heavy / (inside - 1) * squares, 0.0)
        simple = np.zeros((self.units, self.width))
        for each in by_group:
            simple += each
        unit_of_last = self.bound[:, -1] * self.heaviest
        crossed = self.crossed.value() * np.outer(unit_of_last, unit_of_last) * self.largest
        np.fill_diagonal(crossed, 0.0)
        own = self.own_squares.value() * self.heaviest**2 * self.largest * self.bound**2
        return _Read(self.n, simple, own, self.own_present, crossed)

    def _add_simple(self, k: int, inside: np.ndarray, heavy: np.ndarray, squares: np.ndarray) -> None:
        """What the sums say about a column that each respondent enters by one term at most."""
        for term in self.columns[k]:
            if term.group not in self.layout.groups:
                continue
            group, tally = self.layout.groups.index(term.group), self.layout.tally(term.column, term.group)
            rated = term.rated[:-1]
            self.n[:, k] += tally.counts @ rated
            inside[group, :, k] = (tally.counts @ rated) * term.counted
            heavy[group, :, k] = (tally.weighted @ rated) * term.counted
            squares[group, :, k] = (tally.weighted * term.deviations[:, :-1] ** 2).sum(axis=1)


class _Rows:
    """The rating rows of a part that are about scored units."""

    def __init__(self, unit, stratum, group, person, weight, own, codes, groups) -> None:
        self.unit, self.stratum, self.group, self.person, self.weight, self.own = unit, stratum, group, person, weight, own
        self._codes, self._groups = codes, groups
        self._at: dict[str, np.ndarray | slice] = {}
        self._answers: dict[tuple[str, str], tuple] = {}

    def asked(self, term: Term) -> bool:
        return term.column in self._codes and term.group in self._groups and self._of(term.group) is not None

    def _of(self, group: str) -> np.ndarray | slice | None:
        """Which rows are of the group: None for no row, a slice for every row."""
        if group not in self._at:
            mine = self.group == self._groups.index(group)
            self._at[group] = slice(None) if mine.all() else np.flatnonzero(mine) if mine.any() else None
        return self._at[group]

    def answers(self, term: Term) -> tuple:
        """Rows of the term's group, their answer's position (the last one: blank), and its cell in (U, K + 1)."""
        key = term.column, term.group
        if key not in self._answers:
            at, size = self._of(term.group), len(term.rated)
            code = self._codes[term.column][at]
            answer = np.where(code < 0, size - 1, code).astype(np.int64)
            self._answers[key] = at, answer, self.unit[at] * size + answer
        return self._answers[key]
