"""Many comparisons at once: adjusted p-values, and max-t from the joint covariance, in one step or stepping down."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.compare import Comparison
from analysis.intervals import check_confidence
from analysis.variance import DesignError

ADJUSTMENTS = ("bonferroni", "holm", "hochberg", "benjamini_hochberg", "benjamini_yekutieli")

#: Draws simulated at once, so that units x draws stay in memory.
BLOCK = 2_000_000


@dataclass(frozen=True, eq=False)
class SimultaneousComparison:
    """A family of contrasts judged together; arrays (m,).

    p_value: probability that the largest |t| of the family reaches this one's, were all differences zero.
    ci_low, ci_high: cover all true differences at once with probability `confidence`; critical: their multiple of the
    standard error.
    """

    comparison: Comparison
    critical: float
    p_value: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    confidence: float

    def table(self) -> pd.DataFrame:
        """The comparison's table with adjusted_p_value, simultaneous_low and simultaneous_high."""
        return self.comparison.table().assign(adjusted_p_value=self.p_value, simultaneous_low=self.ci_low,
                                              simultaneous_high=self.ci_high)


@dataclass(frozen=True, eq=False)
class SteppedComparison:
    """A family of contrasts judged from the clearest to the least clear. p_value: (m,), none above that of the single step."""

    comparison: Comparison
    p_value: np.ndarray

    def table(self) -> pd.DataFrame:
        """The comparison's table with adjusted_p_value."""
        return self.comparison.table().assign(adjusted_p_value=self.p_value)


def adjusted_p_values(p_values: np.ndarray, method: str) -> np.ndarray:
    """P-values (m,) adjusted for being m; NaN stays NaN and is not counted. Sorted p_(1) <= ... <= p_(m):

    bonferroni: m p. holm: running maximum of (m - i + 1) p_(i), the chance of any false finding, always valid.
    hochberg: running minimum from the top of (m - i + 1) p_(i), for independent or positively dependent tests.
    benjamini_hochberg: running minimum from the top of m p_(i) / i, the expected share of false findings (same condition);
    benjamini_yekutieli: that times sum 1/i, under any dependence. None exceeds 1.
    Raises DesignError: an unknown method, values outside 0 to 1.
    Source: Holm (1979) Scand. J. Statist. 6; Hochberg (1988) Biometrika 75; Benjamini and Hochberg (1995) JRSS B 57;
    Benjamini and Yekutieli (2001) Ann. Statist. 29; R p.adjust.
    """
    if method not in ADJUSTMENTS:
        raise DesignError(f"method must be one of {', '.join(ADJUSTMENTS)}, not {method!r}")
    p = np.asarray(p_values, dtype=float)
    known = ~np.isnan(p)
    if p.ndim != 1 or (p[known] < 0).any() or (p[known] > 1).any():
        raise DesignError("p-values must be a vector of numbers from 0 to 1")
    order = np.argsort(p[known], kind="stable")
    ascending = p[known][order]
    m = ascending.size
    rank = np.arange(1, m + 1)
    factor = {"bonferroni": np.full(m, float(m)), "holm": m - rank + 1.0, "hochberg": m - rank + 1.0,
              "benjamini_hochberg": m / rank, "benjamini_yekutieli": m / rank * (1 / rank).sum()}[method]
    adjusted = factor * ascending
    if method == "holm":
        adjusted = np.maximum.accumulate(adjusted)
    elif method != "bonferroni":
        adjusted = np.minimum.accumulate(adjusted[::-1])[::-1]
    result = np.full(p.shape, np.nan)
    result[np.flatnonzero(known)[order]] = np.minimum(adjusted, 1.0)
    return result


def max_t(comparison: Comparison, seed: int, draws: int = 10_000, df: float | None = None,
          confidence: float = 0.95) -> SimultaneousComparison:
    """Single-step adjustment of all contrasts by the distribution of max |t| under their joint covariance.

    Simulated: T = Z / sqrt(chi2_df / df), Z ~ N(0, correlation of the contrasts).
    P_i = (1 + draws with max |T| >= |t_i|) / (1 + draws); critical = the `confidence` quantile of max |T|.
    Sharper than Bonferroni or Holm where contrasts share a unit. Contrasts without t (NaN) are left out and stay NaN.
    df: of all contrasts; None: the smallest among them; np.inf: normal. seed: of numpy's Generator.
    Error of a P of 0.05 from 10,000 draws: about 0.002.
    Raises DesignError: no contrast with a standard error, df < 1, draws < 1.
    Source: Hothorn, Bretz and Westfall (2008) Biometrical Journal 50, 346-363; R multcomp::glht.
    """
    check_confidence(confidence)
    valid, family = _family(comparison, df, seed, draws)
    largest = np.concatenate([block.max(axis=0) for block in family.absolute_z()]) / family.scale()
    critical = float(np.quantile(largest, confidence))
    p_value = np.full(comparison.t.shape, np.nan)
    reached = draws - np.searchsorted(np.sort(largest), np.abs(comparison.t[valid]), side="left")
    p_value[valid] = (1 + reached) / (1 + draws)
    half = np.full(comparison.t.shape, np.nan)
    half[valid] = critical * comparison.standard_error[valid]
    return SimultaneousComparison(comparison, critical, p_value, comparison.estimate - half, comparison.estimate + half,
                                  confidence)


def step_down_max_t(comparison: Comparison, seed: int, draws: int = 10_000, df: float | None = None) -> SteppedComparison:
    """Adjustment of all contrasts by max |t| among those that are no clearer: sharper than `max_t`, as Holm is than Bonferroni.

    With |t_(1)| >= ... >= |t_(m)|: P_(i) = running maximum of P(max over j >= i of |T_(j)| >= |t_(i)|), T drawn as in `max_t`
    (for one seed the same draws, so no P is larger than there). The chance of any false finding is at most alpha whatever
    is true of the others, up to the draws and the normality of the estimates. It has no intervals: those are `max_t`'s.
    Arguments and errors as `max_t`.
    Source: Westfall and Young (1993) Resampling-Based Multiple Testing, 2.6; Romano and Wolf (2005) JASA 100, 94-108;
    R multcomp::adjusted("free").
    """
    valid, family = _family(comparison, df, seed, draws)
    size = np.abs(comparison.t[valid])
    order = np.argsort(size, kind="stable")
    reached = np.zeros(valid.size)
    scale, start = family.scale(), 0
    for block in family.absolute_z():
        largest = np.maximum.accumulate(block[order], axis=0) / scale[start : start + block.shape[1]]
        reached += (largest >= size[order][:, None]).sum(axis=1)
        start += block.shape[1]
    p = (1 + reached) / (1 + draws)
    p_value = np.full(comparison.t.shape, np.nan)
    p_value[valid[order]] = np.maximum.accumulate(p[::-1])[::-1]
    return SteppedComparison(comparison, p_value)


@dataclass(frozen=True, eq=False)
class _Family:
    """Contrasts (m, p) over their standard errors, a root (p, p) of the figures' covariance, and the draws of T = Z / scale."""

    standardised: sparse.csr_array
    root: np.ndarray
    nu: float
    seed: int
    draws: int

    def absolute_z(self) -> Iterator[np.ndarray]:
        """|Z| of all contrasts in blocks of draws, (m, size) each."""
        generator = np.random.default_rng(self.seed)
        step = max(1, BLOCK // self.standardised.shape[0])
        for start in range(0, self.draws, step):
            size = min(step, self.draws - start)
            yield np.abs(self.standardised @ (self.root @ generator.standard_normal((size, self.root.shape[1])).T))

    def scale(self) -> np.ndarray:
        """sqrt(chi2_df / df) of each draw, (draws,), from where the normal numbers end."""
        if not np.isfinite(self.nu):
            return np.ones(self.draws)
        generator = np.random.default_rng(self.seed)
        step = max(1, BLOCK // self.root.shape[1])
        for start in range(0, self.draws, step):
            generator.standard_normal((min(step, self.draws - start), self.root.shape[1]))
        return np.sqrt(generator.chisquare(self.nu, self.draws) / self.nu)


def _family(comparison: Comparison, df: float | None, seed: int, draws: int) -> tuple[np.ndarray, _Family]:
    """Places of the contrasts that have a t, and their family; raises as `max_t`."""
    if draws < 1:
        raise DesignError(f"draws must be at least 1, not {draws}")
    valid = np.flatnonzero(~np.isnan(comparison.t))
    if not valid.size:
        raise DesignError("no contrast has a standard error: there is nothing to adjust")
    nu = float(comparison.df[valid].min()) if df is None else float(df)
    if not nu >= 1:
        raise DesignError(f"the t of a contrast has {nu:g} degrees of freedom; leave it out or give df")
    jacobian = comparison.jacobian[valid]
    used = np.unique(jacobian.indices)
    values, vectors = np.linalg.eigh(comparison.figures_covariance[np.ix_(used, used)])
    standardised = sparse.diags_array(1 / comparison.standard_error[valid]) @ jacobian[:, used]
    return valid, _Family(standardised, vectors * np.sqrt(np.maximum(values, 0)), nu, seed, draws)
