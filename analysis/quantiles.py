"""Weighted quantiles by the twelve rules of R's survey::svyquantile, and intervals for them: Woodruff's; the score test's ends
come from analysis.quantile_scores.

Let x_1 <= ... <= x_n be the sorted values, w_k their weights, C_k = w_1 + ... + w_k, W = C_n, F_k = C_k / W.

step rules: math, hf1: the smallest x_k with F_k >= p. school, hf2: the mean of x_k and x_{k+1} where F_k = p, else the same.
  hf3: over distinct values; at F_k = p the one with an even k of the two, else the next above.
hf4: linear between the points (F_k, x_k).
linear between points (p_k, x_k), constant beyond them: hf5 p_k = (C_k - w_k / 2) / W; hf6 C_k / (W + w_n);
  hf7 C_{k-1} / C_{n-1}; hf8 (C_{k-1} / 3 + 2 C_k / 3) / (W + w_n / 3); hf9 (3 C_{k-1} / 8 + 5 C_k / 8) / (W + w_n / 4).
shahvaish: x at the largest p_k <= p, p_k = (S_k + (1 - v_k) / 2) / (n + 1) with weights v of mean 1 and S their running sum.

Sources: Hyndman and Fan (1996) Am. Stat. 50, 361-365; Shah and Vaish (2006) Proc. SRMS, ASA; Lumley, vignette qrule of
R's survey. Where p lies below the first F_k the step rules give x_1 (survey 4.1 gives x_2).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from analysis import intervals
from analysis.estimates import Cells, Estimates
from analysis.quantile_scores import SAME_SHARE, Steps
from analysis.variance import DesignError, DomainTotals

RULES = ("math", "school", "shahvaish", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9")

#: How the share at or below the quantile gets the interval that is inverted; and the score test of the quantile itself.
WOODRUFF = {"mean": "mean", "beta": "beta", "xlogit": "logit", "asin": "asin"}
INTERVALS = (*WOODRUFF, "score")


def weighted_quantile(x: np.ndarray, weights: np.ndarray, probabilities: np.ndarray, rule: str) -> np.ndarray:
    """Quantiles of sorted values `x` (n,) with positive `weights` (n,) at `probabilities` (q,), by `rule`: (q,).

    Units of x. NaN for NaN probabilities. Raises DesignError on an unknown rule, no values, or probabilities outside [0, 1].
    """
    if rule not in RULES:
        raise DesignError(f"rule must be one of {', '.join(RULES)}, not {rule!r}")
    p = np.asarray(probabilities, dtype=float)
    if x.size == 0 or ((p < 0) | (p > 1)).any():
        raise DesignError("quantiles need at least one value, and probabilities from 0 to 1")
    if rule == "hf3":
        x, first = np.unique(x, return_index=True)
        weights = np.add.reduceat(weights, first)
    cumulated = np.cumsum(weights)
    whole, n = cumulated[-1], x.size
    if rule in ("hf5", "hf6", "hf7", "hf8", "hf9", "shahvaish"):
        before, last = cumulated - weights, weights[-1]
        if rule == "shahvaish":
            mean = whole / n
            at = (cumulated / mean + (1 - weights / mean) / 2) / (n + 1)
            place = np.searchsorted(at, p + SAME_SHARE, side="right") - 1
            return np.where(np.isnan(p), np.nan, x[np.maximum(place, 0)])
        if rule == "hf7" and n == 1:
            return np.where(np.isnan(p), np.nan, x[0])
        at = {"hf5": lambda: (cumulated - weights / 2) / whole, "hf6": lambda: cumulated / (whole + last),
              "hf7": lambda: before / cumulated[-2], "hf8": lambda: (before / 3 + cumulated * 2 / 3) / (whole + last / 3),
              "hf9": lambda: (before * 3 / 8 + cumulated * 5 / 8) / (whole + last / 4)}[rule]()
        return np.interp(p, at, x)
    share = cumulated / whole
    low = np.searchsorted(share, p + SAME_SHARE, side="right") - 1
    reached = (low >= 0) & (np.abs(share[np.maximum(low, 0)] - p) <= SAME_SHARE)
    down, up = x[np.maximum(low, 0)], x[np.minimum(low + 1, n - 1)]
    if rule == "hf4":
        base, top = share[np.maximum(low, 0)], share[np.minimum(low + 1, n - 1)]
        part = np.divide(p - base, top - base, out=np.zeros_like(p), where=top > base)
        found = np.where(low < 0, x[0], down + np.clip(part, 0, 1) * (up - down))
    elif rule in ("school", "hf2"):
        found = np.where(reached, (down + up) / 2, up)
    elif rule == "hf3":
        found = np.where(reached & ((low + 1) % 2 == 0), down, up)
    else:
        found = np.where(reached, down, up)
    return np.where(np.isnan(p), np.nan, found)


@dataclass(frozen=True, eq=False)
class Quantiles:
    """Quantiles (q, D) and, for each domain, its sorted values and weights to invert intervals on."""

    rule: str
    value: np.ndarray
    sorted_values: tuple[np.ndarray, ...]
    sorted_weights: tuple[np.ndarray, ...]

    def at(self, domain: int, probabilities: np.ndarray) -> np.ndarray:
        if not self.sorted_values[domain].size:
            return np.full(np.shape(probabilities), np.nan)
        return weighted_quantile(self.sorted_values[domain], self.sorted_weights[domain], probabilities, self.rule)


def check_interval(interval: str) -> None:
    """Raise DesignError unless the interval is one of INTERVALS."""
    if interval not in INTERVALS:
        raise DesignError(f"interval must be one of {', '.join(INTERVALS)}, not {interval!r}")


def by_domain(cells: Cells, values: np.ndarray, steps: Steps, probabilities: Sequence[float], rule: str) -> Quantiles:
    """Quantiles of each domain at each probability."""
    x, weights = values[steps.row], cells.weights[steps.row]
    parts = [slice(a, b) for a, b in zip(steps.starts[:-1], steps.starts[1:], strict=True)]
    found = Quantiles(rule, np.empty((len(probabilities), cells.domains)), tuple(x[p] for p in parts),
                      tuple(weights[p] for p in parts))
    for d in range(cells.domains):
        found.value[:, d] = found.at(d, np.asarray(probabilities, dtype=float))
    return found


class Shares(Protocol):
    """Estimates of the shares at or below the quantiles, (q, D), by linearisation or by replicates."""

    estimate: np.ndarray
    standard_error: np.ndarray
    df: np.ndarray
    n: np.ndarray


def woodruff_shares(below: Shares, confidence: float, interval: str) -> tuple[np.ndarray, np.ndarray]:
    """Interval (q, D) of the share at or below each quantile: mean | beta | xlogit | asin (see analysis.intervals.proportion).

    An end outside [0, 1] is NaN: it leaves that end of the quantile, and the standard error, undefined, as in R.
    Source: Woodruff (1952) JASA 47, 635-646; Francisco and Fuller (1991).
    """
    ends = intervals.proportion(below.estimate, below.standard_error, below.df, below.n, confidence, WOODRUFF[interval])
    low, high = (np.where((end >= 0) & (end <= 1), end, np.nan) for end in ends)
    return low, high


def error_of_interval(low: np.ndarray, high: np.ndarray, below: Shares, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """(high - low) / (2 t), and its multiple of the error of the share below the quantile, NaN where that is 0; (q, D)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        error = (high - low) / (2 * intervals.t_quantile(below.df, confidence))
        return error, np.where(below.standard_error > 0, error / below.standard_error, np.nan)


def with_intervals(below: Estimates, found: Quantiles, shares: tuple[np.ndarray, np.ndarray], confidence: float) -> Estimates:
    """The quantiles with the interval whose ends are the quantiles at `shares`, (q, D) each, by the same rule.

    standard error = (high - low) / (2 t). The covariance takes the correlations of the shares at or below the quantiles.
    """
    bounds = [np.column_stack([found.at(d, end[:, d]) for d in range(end.shape[1])]) if end.size else end for end in shares]
    error, slope = error_of_interval(*bounds, below, confidence)
    totals = tuple(DomainTotals(one.plan, one.psu, one.domain, one.domains, one.totals * slope.T[one.domain])
                   for one in below.stage_totals)
    return replace(below, estimate=found.value, standard_error=error, ci_low=bounds[0], ci_high=bounds[1],
                   stage_totals=totals, level_name="probability")
