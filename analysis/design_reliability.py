"""Cronbach's alpha of a population, with the sampling error of the design that drew the sample.

analysis.reliability describes a simple random sample; with clusters its intervals are too narrow. Here the error is that of the
design: by linearisation, or by replicates.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from analysis import estimates as est
from analysis import intervals
from analysis.design import SurveyDesign, names_once
from analysis.estimates import Estimates
from analysis.replicates import ReplicateDesign, ReplicateEstimates
from analysis.variance import DesignError, DomainTotals

MISSING_POLICIES = ("fail", "exclude_rows")
INTERVALS = ("symmetric", "log")

#: Deviations below this share of the largest answer are rounding: equal answers do not vary.
NO_DEVIATION = 1e-12


def weighted_alpha(values: np.ndarray, weights: np.ndarray) -> float:
    """alpha = k / (k - 1) (1 - sum_j S_jj / S) of values (n, k), none missing, with weights (n,).

    S_jj = sum w (x_j - m_j)^2 / sum w, S the same of the sum of the items. NaN where nothing has weight or the sums do not
    vary.
    Source: Cronbach (1951) Psychometrika 16; R survey::svycralpha.
    """
    used = weights != 0
    if not used.any() or weights[used].sum() == 0:
        return np.nan
    squares, sums = _squares(values[used], weights[used])
    total = weights[used] @ sums
    k = values.shape[1]
    return float(k / (k - 1) * (1 - weights[used] @ squares / total)) if total > 0 else np.nan


def design_alpha(design: SurveyDesign | ReplicateDesign, items: Sequence[str], by: str | Sequence[str] | None = None,
                 missing: str = "fail", confidence: float = 0.95,
                 interval: str = "symmetric") -> Estimates | ReplicateEstimates:
    """`weighted_alpha` of the k items in each domain; the table has one item, "alpha".

    SurveyDesign: alpha is a function of the ratio R of two means, of q = sum_j (x_j - m_j)^2 and u = (sum_j (x_j - m_j))^2,
    m_j the domain's means (their own error adds nothing at first order): scores -k / (k - 1) w (q - R u) / sum w u.
    ReplicateDesign: alpha in every replicate.
    missing: "fail" | "exclude_rows" (rows valid in all items). interval: symmetric: alpha -/+ t SE; log: of log(1 - alpha),
    which never passes 1: 1 - (1 - alpha) exp(+/- t SE / (1 - alpha)), NaN at alpha = 1.
    Raises DesignError: fewer than two items, unknown policy, missing values under "fail", LonelyPsuError.
    Source: Binder (1983); Bonett (2002) J. Educ. Behav. Stat. 27, 335-340 (log); R survey::svycralpha, withReplicates.
    """
    names = names_once(items)
    if len(names) < 2:
        raise DesignError(f"alpha needs two or more items, not {names}")
    if missing not in MISSING_POLICIES or interval not in INTERVALS:
        raise DesignError(f"missing must be one of {', '.join(MISSING_POLICIES)} and interval one of {', '.join(INTERVALS)}, "
                          f"not {missing!r} and {interval!r}")
    values = np.column_stack([est.numbers_of(design.frame, name, slice(None)) for name in names])
    counted = (design.weights if isinstance(design, SurveyDesign) else design.base) != 0
    est.valid_rows({name: values[counted, j] for j, name in enumerate(names)}, missing)
    complete = ~np.isnan(values).any(axis=1)
    if isinstance(design, ReplicateDesign):
        filled = np.where(complete[:, None], values, 0.0)
        seen = replace(design, base=np.where(complete, design.base, 0.0))
        found = seen.estimate(partial(weighted_alpha, filled), "alpha", by, _domain_policy(missing), confidence)
    else:
        found = _linearised(design, values, complete, by, _domain_policy(missing), confidence)
    if interval == "log":
        low, high = _log_interval(found, confidence)
        found = replace(found, ci_low=low, ci_high=high)
    return found


def _domain_policy(missing: str) -> str:
    return "fail" if missing == "fail" else "exclude"


def _linearised(design: SurveyDesign, values: np.ndarray, complete: np.ndarray, by, missing: str,
                confidence: float) -> Estimates:
    domains = est.domains_of(design.frame, by, missing)
    q, u = np.full(len(values), np.nan), np.full(len(values), np.nan)
    used = complete & (design.weights > 0) & (domains.code >= 0)
    for d in range(domains.count):
        here = np.flatnonzero(used & (domains.code == d))
        if here.size:
            q[here], u[here] = _squares(values[here], design.weights[here])
    k = values.shape[1]
    ratio = replace(design, frame=design.frame.assign(**{_Q: q, _U: u})).ratio(_Q, _U, by, "exclude", confidence)
    factor = k / (k - 1)
    turn = np.where(np.isnan(ratio.estimate), np.nan, -factor)
    estimate, error = factor * (1 - ratio.estimate), -turn * ratio.standard_error
    low, high = intervals.symmetric(estimate, error, ratio.df, confidence)
    totals = tuple(DomainTotals(one.plan, one.psu, one.domain, one.domains, one.totals * turn.T[one.domain])
                   for one in ratio.stage_totals)
    return replace(ratio, statistic="alpha", items=("alpha",), estimate=estimate, standard_error=error, ci_low=low,
                   ci_high=high, stage_totals=totals)


_Q, _U = "squares of the items", "square of the sum"


def _squares(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per row: sum over items of the squared deviation from the item's weighted mean, and the square of their sum."""
    near = values - values.mean(axis=0)
    deviation = near - weights @ near / weights.sum()
    total = deviation.sum(axis=1)
    floor = NO_DEVIATION * max(np.abs(values).max(), 1e-300)
    deviation, total = (np.where(np.abs(each) > floor, each, 0.0) for each in (deviation, total))
    return (deviation**2).sum(axis=1), total**2


def _log_interval(found: Estimates | ReplicateEstimates, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    left = np.where(found.estimate < 1, 1 - found.estimate, np.nan)
    half = intervals.t_quantile(found.df, confidence) * found.standard_error / left
    return 1 - left * np.exp(half), 1 - left * np.exp(-half)
