"""What two publications together give away that neither does alone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.disclosure.attack import attack
from analysis.disclosure.tables import DisclosureRule, Suppression
from analysis.variance import DesignError


@dataclass(frozen=True, eq=False)
class DifferencingRisk:
    """Cells that two publications together tell, though neither does alone."""

    risks: pd.DataFrame

    @property
    def safe(self) -> bool:
        return self.risks.empty

    def table(self) -> pd.DataFrame:
        """One row per cell at risk: its keys, side (first, second: a primary cell of that publication; difference: first minus
        second), low, high."""
        return self.risks.copy()


def differencing_risk(first: Suppression, second: Suppression, rule: DisclosureRule, nested: bool) -> DifferencingRisk:
    """What can be worked out from two publications of the same cells: all and women, or one run and the next.

    nested: everybody in `second` is in `first` too, so that the difference is itself a table of people and never negative.
    Bounds of x (first), y (second) and x - y from all published numbers and sums together. At risk: a primary cell of either
    that is left less than protection_range wide; a difference known as narrowly that may be 1 to minimum_count - 1 (either
    sign), or 0 if zeros are sensitive, or that is an answer of a difference group known to be under minimum_respondents, or
    all of one under one_answer_below. Cells that stand in one publication only are not compared.
    Raises DesignError if the keys have different columns, or no table fits (a difference below 0, though nested).
    """
    one, two = first.tables, second.tables
    if list(one.keys.columns) != list(two.keys.columns):
        raise DesignError("the two publications must have the same key columns")
    names = list(one.keys.columns)
    both = one.keys.assign(_first=np.arange(one.count.size)).merge(
        two.keys.assign(_second=np.arange(two.count.size)), on=names, how="inner").sort_values("_first")
    a, b = both["_first"].to_numpy(), both["_second"].to_numpy()
    pick_a = sparse.csr_array((np.ones(a.size), (np.arange(a.size), a)), shape=(a.size, one.count.size))
    pick_b = sparse.csr_array((np.ones(b.size), (np.arange(b.size), b)), shape=(b.size, two.count.size))
    sums = sparse.block_array([[one.sums, None, None], [None, two.sums, None], [pick_a, -pick_b, -sparse.eye_array(a.size)]])
    hidden = np.concatenate([first.hidden, second.hidden, np.ones(a.size, dtype=bool)])
    count = np.concatenate([one.count, two.count, np.zeros(a.size, dtype=np.int64)])
    floor = np.concatenate([first.floor, second.floor, np.full(a.size, 0.0 if nested else -np.inf)])
    low, high = attack(sums.tocsr(), count, hidden, floor, None)
    narrow = high - low < rule.protection_range
    ends = np.cumsum([one.count.size, two.count.size])
    (low_a, low_b, low_d), (high_a, high_b, high_d), (thin_a, thin_b, thin_d) = (np.split(x, ends) for x in (low, high, narrow))
    small = ((low_d < rule.minimum_count) & (high_d >= 1)) | ((high_d > -rule.minimum_count) & (low_d <= -1))
    small |= rule.zeros_sensitive & (low_d <= 0) & (high_d >= 0)
    of = (one.sums[one.distribution] @ pick_a.T).tocoo()
    size_low, size_high = np.full(of.shape[0], -np.inf), np.full(of.shape[0], np.inf)
    row, part, above = of.row[of.data > 0], of.col[of.data > 0], of.data < 0
    size_low[of.row[above]], size_high[of.row[above]] = low_d[of.col[above]], high_d[of.col[above]]
    few = (size_low[row] >= 1) & (size_high[row] < max(rule.minimum_respondents, rule.minimum_count))
    below = 0 if rule.one_answer_below is None else rule.one_answer_below
    agree = (size_low[row] >= 1) & (size_high[row] < below) & (low_d[part] == size_high[row])
    small[part[few | agree]] = True
    parts = []
    for side, keys, lows, highs, risky in (
            ("first", one.keys, low_a, high_a, thin_a & first.primary),
            ("second", two.keys, low_b, high_b, thin_b & second.primary),
            ("difference", both[names], low_d, high_d, thin_d & small)):
        parts.append(keys[risky].assign(side=side, low=lows[risky], high=highs[risky]))
    return DifferencingRisk(pd.concat(parts, ignore_index=True))
