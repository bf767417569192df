"""Tables of counts that share totals, the rule of what must not be seen, and what was hidden by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.disclosure.attack import attack
from analysis.variance import DesignError

TOTAL = "(total)"

REASONS = ("shown", "primary", "complementary")

#: which rule hid a cell; a cell keeps the first that did
RULES = ("", "small count", "zero", "few respondents", "all in one answer", "complement", "whole table", "beside a figure",
         "not published")

SHOWN, SMALL, ZERO, FEW, ONE_ANSWER, COMPLEMENT, WHOLE, FIGURE, UNPUBLISHED = range(len(RULES))

OWN_COLUMNS = ("value", "reason", "rule", "low", "high", "needed", "protected", "figure", "status", "decimals", "side")


@dataclass(frozen=True)
class DisclosureRule:
    """What may be seen; declared before anything is published.

    minimum_count: counts of 1 to minimum_count - 1 are hidden. minimum_respondents: a distribution, mean or percentage that
    rests on fewer is hidden. protection_range: the least width (greatest minus least possible count) that an attacker must be
    left with for a primary cell. zeros_sensitive: is it a disclosure that nobody gave an answer? totals_published: does the
    number of respondents stand beside the distribution? one_answer_below: a group of fewer respondents who all gave the same
    answer is hidden (None: such an answer is shown). dominance (n, k): a sum is hidden when its n largest contributions are
    more than k % of it; p_percent: when it tells the largest contribution to within p % (None: not asked).
    """

    minimum_count: int
    minimum_respondents: int
    protection_range: int
    zeros_sensitive: bool
    totals_published: bool
    one_answer_below: int | None
    dominance: tuple[int, float] | None
    p_percent: float | None

    def __post_init__(self) -> None:
        least = (self.minimum_count, self.minimum_respondents, self.protection_range)
        if any(not isinstance(one, int) or one < 1 for one in least):
            raise ValueError("minimum_count, minimum_respondents and protection_range must be whole numbers from 1")
        if self.one_answer_below is not None and self.one_answer_below < 1:
            raise ValueError("one_answer_below must be at least 1, or None")
        if self.dominance is not None and not (self.dominance[0] >= 1 and 0 < self.dominance[1] < 100):
            raise ValueError("dominance must be (n, k) with n from 1 and k between 0 and 100, or None")
        if self.p_percent is not None and self.p_percent <= 0:
            raise ValueError("p_percent must be above 0, or None")


@dataclass(frozen=True, eq=False)
class LinkedTables:
    """Cells that are published together and the sums that hold among them.

    keys: one row per cell; count: (n,); sums: (e, n), 1 at the parts and -1 at their total, so that `sums @ count` is 0;
    distribution: (e,) the parts are the answers of one group of respondents; total: (n,) the cell is such a group's size.
    """

    keys: pd.DataFrame
    count: np.ndarray
    sums: sparse.csr_array
    distribution: np.ndarray
    total: np.ndarray


def tabulate(
    counts: pd.DataFrame, answer: str, by: Sequence[str], over: Sequence[Sequence[str]] = (), count: str = "count"
) -> LinkedTables:
    """Cells and all their totals from counts of answers; one row of `counts` per cell.

    by: columns that tell tables apart (nothing is summed over them). over: hierarchies, each from coarse to fine, whose
    subtotals and total are published too: `[("unit_group", "unit")]` gives unit < unit group < province. The answers always
    have a total. A total has `TOTAL` in the columns it is summed over. Order of rows does not matter; missing keys are a label
    of their own. Raises DesignError: a cell twice, counts that are not whole and not negative, a label called TOTAL.
    """
    levels = [[*hierarchy] for hierarchy in over] + [[answer]]
    columns = [*by, *(name for hierarchy in levels for name in hierarchy)]
    unknown = [name for name in (*columns, count) if name not in counts.columns]
    if unknown or len(set(columns)) < len(columns) or set(columns) & set(OWN_COLUMNS):
        raise DesignError(f"columns must exist, stand once and not be called as the results are: {unknown or columns}")
    value = counts[count].to_numpy(dtype=float, na_value=np.nan)
    if not np.all((value >= 0) & (value == np.floor(value))):
        raise DesignError(f"column {count!r} must hold whole numbers from 0, without gaps")
    coded = [pd.factorize(counts[name], sort=True, use_na_sentinel=False) for name in columns]
    if any(label == TOTAL for _, labels in coded for label in labels if isinstance(label, str)):
        raise DesignError(f"a label may not be {TOTAL!r}")
    shape = tuple(len(labels) + 1 for _, labels in coded)
    code = np.column_stack([codes for codes, _ in coded])
    rows = np.ravel_multi_index(code.T, shape)
    if np.unique(rows).size < rows.size:
        raise DesignError(f"the same cell stands twice; {', '.join(columns)} must tell the rows apart")
    place = {name: position for position, name in enumerate(columns)}
    stacked = []
    for depths in product(*(range(len(hierarchy) + 1) for hierarchy in levels)):
        summed = code.copy()
        for hierarchy, depth in zip(levels, depths, strict=True):
            for name in hierarchy[depth:]:
                summed[:, place[name]] = shape[place[name]] - 1
        stacked.append(np.ravel_multi_index(summed.T, shape))
    identity, cell = np.unique(np.concatenate(stacked), return_inverse=True)
    total = np.bincount(cell, weights=np.tile(value, len(stacked))).astype(np.int64)
    code = np.column_stack(np.unravel_index(identity, shape))
    keys = {}
    for (_, labels), name, codes in zip(coded, columns, code.T, strict=True):
        named = np.empty(len(labels) + 1, dtype=object)
        named[:-1], named[-1] = list(labels), TOTAL
        keys[name] = pd.Series(named[codes], dtype=object)
    sums, distribution = _sums(code, shape, identity, [[place[name] for name in hierarchy] for hierarchy in levels])
    return LinkedTables(pd.DataFrame(keys), total, sums, distribution, code[:, -1] == shape[-1] - 1)


def _sums(code, shape, identity, levels) -> tuple[sparse.csr_array, np.ndarray]:
    """One equation for each hierarchy and each of its totals; the last hierarchy is the answers."""
    part, parent, kind = [], [], []
    last = np.array(shape) - 1
    for number, places in enumerate(levels):
        depth = (code[:, places] != last[places]).sum(axis=1)
        child = np.flatnonzero(depth)
        above, column = code[child].copy(), np.array(places)[depth[child] - 1]
        above[np.arange(child.size), column] = last[column]
        part.append(child)
        parent.append(np.searchsorted(identity, np.ravel_multi_index(above.T, shape)))
        kind.append(np.full(child.size, number))
    part, parent, kind = (np.concatenate(one) for one in (part, parent, kind))
    found, equation = np.unique(kind * identity.size + parent, return_inverse=True)
    row, column = np.concatenate([equation, np.arange(found.size)]), np.concatenate([part, found % max(identity.size, 1)])
    sign = np.concatenate([np.ones(part.size), -np.ones(found.size)])
    sums = sparse.csr_array((sign, (row, column)), shape=(found.size, identity.size))
    return sums, found // max(identity.size, 1) == len(levels) - 1


@dataclass(frozen=True, eq=False)
class Audit:
    """What an attacker can work out: low and high (k,) of every hidden cell, and the width that it needs."""

    keys: pd.DataFrame
    low: np.ndarray
    high: np.ndarray
    needed: np.ndarray

    @property
    def protected(self) -> np.ndarray:
        return self.high - self.low >= self.needed

    def table(self) -> pd.DataFrame:
        """One row per hidden cell: its keys, low, high (inf: no bound), needed, protected."""
        return self.keys.assign(low=self.low, high=self.high, needed=self.needed, protected=self.protected)


@dataclass(frozen=True, eq=False)
class Suppression:
    """Which cells are hidden and why. hidden_by: (n,) position in RULES; floor: (n,) what a hidden cell is known to reach."""

    tables: LinkedTables
    rule: DisclosureRule
    hidden_by: np.ndarray
    floor: np.ndarray

    @property
    def hidden(self) -> np.ndarray:
        return self.hidden_by != SHOWN

    @property
    def primary(self) -> np.ndarray:
        return (self.hidden_by >= SMALL) & (self.hidden_by <= ONE_ANSWER)

    def table(self) -> pd.DataFrame:
        """One row per cell, for the office: its keys, value (missing where hidden), reason, rule."""
        reason = np.where(self.primary, REASONS[1], np.where(self.hidden, REASONS[2], REASONS[0]))
        full = self._cells().assign(reason=reason, rule=np.array(RULES)[self.hidden_by])
        return full[self.hidden_by != UNPUBLISHED].reset_index(drop=True)

    def published(self) -> pd.DataFrame:
        """One row per cell, for everybody: its keys and value (missing where hidden); no reason."""
        return self._cells()[self.hidden_by != UNPUBLISHED].reset_index(drop=True)

    def audit(self) -> Audit:
        """Least and greatest possible count of every hidden cell, exactly, by linear programmes over whole numbers.

        low, high = min, max x_c subject to sums @ x = 0, x = count where shown, x >= floor where hidden. Uses nothing that is
        not published but the floor. (Fischetti and Salazar 2001, the attacker's problem)
        """
        cells = np.flatnonzero(self.hidden & (self.hidden_by != UNPUBLISHED))
        low, high = attack(self.tables.sums, self.tables.count, self.hidden, self.floor, None)
        return Audit(self.tables.keys.iloc[cells].reset_index(drop=True), low[cells], high[cells], required_range(self)[cells])

    def _cells(self) -> pd.DataFrame:
        value = pd.array(self.tables.count, dtype="Int64")
        value[self.hidden] = pd.NA
        return self.tables.keys.assign(value=value)


def required_range(now: Suppression) -> np.ndarray:
    """Width that an attacker must be left with: the rule's for primary cells, two counts for complementary ones."""
    return np.where(now.primary, now.rule.protection_range, np.where(now.hidden & (now.hidden_by != UNPUBLISHED), 1, 0))


def unprotected(now: Suppression) -> np.ndarray:
    needed = required_range(now)
    low, high = attack(now.tables.sums, now.tables.count, now.hidden, now.floor, needed)
    return now.hidden & (high - low < needed)
