"""The score test of a quantile, inverted: which values of it the sample does not contradict.

A value v is tested as the p quantile by T(v) = (p - F(v)) / SE(F(v)), F(v) the estimated share at or below v with its standard
error over the full design. T is a step function with a step at each distinct value v_1 < ... < v_m.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimates import Cells, Stages
from analysis.variance import SamplingPlan

#: Variances below this share of the squares they are the difference of, times the terms summed, are rounding.
ROUNDING = np.finfo(float).eps

#: A share this near the probability is the same: the rest is noise of the cumulated weights.
SAME_SHARE = 1e-12

#: Points of one domain tested at a time where the errors come from all rows.
BLOCK = 64


@dataclass(frozen=True, eq=False)
class Steps:
    """Rows in order of domain and value, (n,), with the place of each domain's first one, (D + 1,); `last`: (m,) the place at
    which each distinct value ends, and `first`: (D + 1,) the place among these of each domain's first value."""

    row: np.ndarray
    starts: np.ndarray
    last: np.ndarray
    first: np.ndarray

    @classmethod
    def of(cls, cells: Cells, values: np.ndarray, valid: np.ndarray | None) -> "Steps":
        domain = cells.domain[cells.cell]
        used = np.arange(domain.size) if valid is None else np.flatnonzero(valid)
        row = used[np.lexsort((values[used], domain[used]))]
        ordered, x = domain[row], values[row]
        last = np.flatnonzero(np.append((ordered[1:] != ordered[:-1]) | (x[1:] != x[:-1]), True)[: row.size])
        whole = np.arange(cells.domains + 1)
        return cls(row, np.searchsorted(ordered, whole), last, np.searchsorted(ordered[last], whole))


def shares_at_or_below(steps: Steps, cells: Cells) -> np.ndarray:
    """F at each distinct value of each domain, (m,); exactly 1 at its last one."""
    weights = cells.weights[steps.row]
    shares = np.empty(weights.size)
    for a, b in zip(steps.starts[:-1], steps.starts[1:], strict=True):
        if b > a:
            running = np.cumsum(weights[a:b])
            shares[a:b] = running / running[-1]
    return shares[steps.last]


def share_errors(plans: Sequence[SamplingPlan], stages: Stages, steps: Steps) -> np.ndarray:
    """Standard error of F at each distinct value of each domain, (m,), in one walk through the sorted rows of each stage.

    With A_i the weight of unit i at or below v and W_i its whole weight in the domain, of W in all, the totals of the scores
    are z_i = (A_i - F W_i) / W, and the variance is V = (Q(A, A) - 2 F Q(A, W) + F^2 Q(W, W)) / W^2 with
    Q(a, b) = sum_h c_h (sum_i a_i b_i - (sum_i a_i)(sum_i b_i) / n_h), c_h the multiplier of analysis.variance.StratumFactors
    and n_h the units drawn (no second term where the stratum is not centred). A row of weight w adds w (2 A_i - w) to A_i^2
    (A_i with it), so Q is a running sum. For weights as drawn, not calibrated.
    """
    cells = stages[0]
    domain, w = cells.domain[cells.cell][steps.row], cells.weights[steps.row]
    share = shares_at_or_below(steps, cells)
    of = domain[steps.last]
    whole = np.bincount(domain, weights=w, minlength=cells.domains)[of]
    variance, squares = np.zeros(share.size), np.zeros(share.size)
    for plan, at in zip(plans, stages, strict=True):
        factors = plan.factors()
        pairs, pair = np.unique(plan.psu_stratum[at.psu].astype(np.int64) * at.domains + at.domain, return_inverse=True)
        stratum, pair_domain = np.divmod(pairs, at.domains)
        scale = factors.multiplier[stratum] * plan.averages(factors, stratum, pair_domain, at.domains)
        centre = factors.centred[stratum] / plan.psu_count[stratum]
        cell = at.cell[steps.row]
        group = pair[cell]
        unit_weight = np.bincount(cell, weights=w, minlength=pair.size)
        pair_weight = np.bincount(group, weights=w, minlength=pairs.size)
        own = scale[group] * w
        first = own * (2 * _running(cell, w) - w)
        second = own * unit_weight[cell]
        below = first - own * centre[group] * (2 * _running(group, w) - w)
        cross = second - own * centre[group] * pair_weight[group]
        constant = np.bincount(at.domain, weights=scale[pair] * unit_weight**2, minlength=at.domains)
        constant -= np.bincount(pair_domain, weights=scale * centre * pair_weight**2, minlength=at.domains)
        first, second, below, cross = (_running(domain, each)[steps.last] for each in (first, second, below, cross))
        variance += below - 2 * share * cross + share**2 * constant[of]
        squares += first + 2 * share * second + share**2 * constant[of]
    terms = np.diff(steps.starts)[of]
    variance = np.where((variance > ROUNDING * np.maximum(terms, 16) * squares) | np.isnan(variance), variance, 0.0)
    return np.sqrt(np.where(share < 1, variance, 0.0)) / whole


def errors_in_blocks(steps: Steps, values: np.ndarray, errors_of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """`share_errors` for any weights: `errors_of` takes points (b, D), one for each domain, and gives the errors of the shares
    at or below them, (b, D). Cost: rows times distinct values, where the walk's is that of sorting the rows."""
    count = np.diff(steps.first)
    error = np.empty(steps.last.size)
    distinct = values[steps.row[steps.last]]
    for start in range(0, int(count.max(initial=0)), BLOCK):
        place = np.arange(start, min(start + BLOCK, count.max()))[:, None]
        there = place < count
        at = np.where(there, steps.first[:-1] + place, 0)
        error[at[there]] = errors_of(np.where(there, distinct[at], np.nan))[there]
    return error


def score_ends(steps: Steps, cells: Cells, error: np.ndarray, probabilities: np.ndarray,
               limits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares (q, D) at which the score interval of each quantile of each domain ends; limits: (q, D) of |T|.
    See `score_shares`."""
    share = shares_at_or_below(steps, cells)
    low, high = np.empty(limits.shape), np.empty(limits.shape)
    for d, (a, b) in enumerate(zip(steps.first[:-1], steps.first[1:], strict=True)):
        low[:, d], high[:, d] = score_shares(share[a:b], error[a:b], probabilities, limits[:, d])
    return low, high


def score_shares(share: np.ndarray, error: np.ndarray, probabilities: np.ndarray,
                 t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares (q,) at which the interval of each quantile of one domain ends; share, error: (m,) from above; t: (q,) limits.

    Low: F beside the lowest step over which T falls below t; high: beside the highest step over which it falls to -t or below.
    Of the two sides of the step the one whose T is nearer to the limit; if neither is, the upper. NaN where the test does not
    reject the smallest value (T(v_1) < t), or the one below the largest (T(v_{m-1}) > -t): what lies beyond the sample cannot
    be tested. T is 0 where the error is 0 and F is p, else infinite.
    Source: Francisco and Fuller (1991) Ann. Statist. 19, 454-469; R survey::svyquantile(interval.type="score").
    """
    low, high = np.full(len(probabilities), np.nan), np.full(len(probabilities), np.nan)
    for i, (p, limit) in enumerate(zip(probabilities, t, strict=True)):
        distance = p - share
        distance[np.abs(distance) <= SAME_SHARE] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            score = np.where((error == 0) & (distance == 0), 0.0, distance / error)
        if share.size < 2 or np.isnan(score).any() or np.isnan(limit):
            continue
        step = int(np.argmax(score < limit))
        if step > 0 and score[step] < limit:
            low[i] = share[step if abs(score[step] - limit) <= abs(score[step - 1] - limit) else step - 1]
        kept = np.flatnonzero(score > -limit)
        step = int(kept[-1]) if kept.size else -1
        if step < share.size - 2 and kept.size:
            high[i] = share[step if abs(score[step] + limit) < abs(score[step + 1] + limit) else step + 1]
    return low, high


def _running(group: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum of the values (n,) of the same group up to and with each one."""
    return pd.Series(values).groupby(group).cumsum().to_numpy()
