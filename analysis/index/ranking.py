"""How sure is the order: between which ranks each unit lies. Rank 1 is the highest score; equals share the best rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.index.bands import Band

#: A difference whose variance is this small beside the two variances it comes from is known exactly.
NO_VARIANCE = 1e-12


@dataclass(frozen=True, eq=False)
class Ranking:
    """Ranks of k units; arrays (k,) in the order the estimates were given.

    low, high: confidence set of this unit's rank, right with probability `confidence` for each unit by itself;
    simultaneous_low, simultaneous_high: right for all units at once (what a league table needs);
    rank_band: name -> probability (k,) that the rank lies in that band.
    """

    rank: np.ndarray
    low: np.ndarray
    high: np.ndarray
    simultaneous_low: np.ndarray
    simultaneous_high: np.ndarray
    rank_band: Mapping[str, np.ndarray]
    confidence: float

    def table(self, units: Sequence[object]) -> pd.DataFrame:
        """One row per unit: unit, rank, rank_low, rank_high, rank_simultaneous_low, rank_simultaneous_high, and
        probability_<band> for each rank band."""
        if len(units) != self.rank.size:
            raise ValueError(f"{len(units)} unit names for {self.rank.size} ranks")
        return pd.DataFrame({
            "unit": list(units), "rank": self.rank, "rank_low": self.low, "rank_high": self.high,
            "rank_simultaneous_low": self.simultaneous_low, "rank_simultaneous_high": self.simultaneous_high,
            **{f"probability_{name}": share for name, share in self.rank_band.items()},
        })


def rank_confidence(
    estimates: np.ndarray,
    covariance: np.ndarray,
    seed: int,
    draws: int = 1000,
    confidence: float = 0.95,
    rank_bands: Mapping[str, tuple[int, int]] | None = None,
) -> Ranking:
    """Confidence sets for ranks from the joint covariance of the scores.

    Unit j is surely below unit k when (x_j - x_k) / se(x_j - x_k) < -c, surely above when > c. Then
    low_j = 1 + units surely above j, high_j = k - units surely below j.
    c is the `confidence` quantile of max |t| over the differences that involve j (marginal), or over all (simultaneous),
    under N(0, covariance), by simulation. Differences without variance are decided by their sign; exact equals are not above
    each other. Probabilities of rank bands: share of draws from N(estimates, covariance) whose rank lies in
    [first, last]; read them as a description, not as a test.

    estimates: (k,) in any units; covariance: (k, k), positive semidefinite, the same units squared; seed: of numpy's
    Generator; rank_bands: name -> (first, last) rank. The result does not depend on the order of the units.
    Raises ValueError: wrong shapes, values that are not finite, an asymmetric or indefinite covariance, draws < 1.
    Source: Mogstad, Romano, Shaikh, Wilhelm (2024) Rev. Econ. Stud. 91(1), 476-518, without the stepwise refinement.
    """
    x, v = _checked(estimates, covariance)
    if not 0 < confidence < 1 or draws < 1:
        raise ValueError("confidence must lie between 0 and 1, and draws be at least 1")
    order = _canonical_order(x, v)
    x, v = x[order], v[np.ix_(order, order)]
    generator = np.random.default_rng(seed)
    noise = generator.standard_normal((draws, x.size)) @ _root(v).T

    spread = np.sqrt(_difference_variances(v))
    marginal, joint = _critical_values(noise, spread, confidence)
    sets = [_rank_sets(x, spread, c) for c in (marginal, np.full(x.size, joint))]
    drawn = stats.rankdata(-(x + noise), method="min", axis=1)
    bands = {}
    for name, (first, last) in (rank_bands or {}).items():
        bands[name] = ((drawn >= first) & (drawn <= last)).mean(axis=0)

    back = np.argsort(order)
    (low, high), (all_low, all_high) = sets
    return Ranking(ranks(x)[back], low[back], high[back], all_low[back], all_high[back],
                   {name: share[back] for name, share in bands.items()}, confidence)


def ranks(estimates: np.ndarray) -> np.ndarray:
    """1 + number of units with a higher score: equals share the best rank, and the next ranks are left out (1, 2, 2, 4)."""
    return stats.rankdata(-np.asarray(estimates, dtype=float), method="min").astype(int)


def band_probabilities(estimates: np.ndarray, standard_errors: np.ndarray, bands: Sequence[Band]) -> pd.DataFrame:
    """Probability that each unit's true percentage lies in each band, taking the estimate as normal: (k, bands).

    P(band) = Phi((next limit - x) / se) - Phi((limit - x) / se), a limit belonging to the band above it; the lowest band takes
    everything below the others. estimates and standard_errors: (k,) in percent, se >= 0 (0: all in one band).
    bands: descending. Raises ValueError on bad shapes or no bands. A description beside the official band, never in its place.
    """
    x, se = np.asarray(estimates, dtype=float), np.asarray(standard_errors, dtype=float)
    if x.shape != se.shape or x.ndim != 1 or np.any(se < 0) or not bands:
        raise ValueError("estimates and standard_errors must be vectors of one length, se >= 0, and bands not empty")
    limits = np.array([float(band.at_least) for band in bands[:-1]])
    gap = x[:, None] - limits[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = np.where(se[:, None] > 0, stats.norm.cdf(gap / se[:, None]), (gap >= 0).astype(float))
    edges = np.column_stack([np.zeros(x.size), reached, np.ones(x.size)])
    return pd.DataFrame(np.diff(edges, axis=1), columns=[band.name for band in bands])


def _checked(estimates, covariance) -> tuple[np.ndarray, np.ndarray]:
    x, v = np.asarray(estimates, dtype=float), np.asarray(covariance, dtype=float)
    if x.ndim != 1 or x.size == 0 or v.shape != (x.size, x.size):
        raise ValueError(f"need k estimates and a k x k covariance, got {x.shape} and {v.shape}")
    if not (np.isfinite(x).all() and np.isfinite(v).all()):
        raise ValueError("estimates and covariance must be finite: leave out units without a score or a standard error")
    if not np.allclose(v, v.T, rtol=1e-8, atol=1e-12 * np.abs(v).max(initial=0)):
        raise ValueError("the covariance is not symmetric")
    return x, (v + v.T) / 2


def _canonical_order(x: np.ndarray, v: np.ndarray) -> np.ndarray:
    """An order that does not depend on how the units were listed, so that the same draws fall to the same units."""
    rows = np.sort(v, axis=1)
    return np.lexsort((*rows.T, np.diag(v), x))


def _root(v: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(v)
    if values.size and values[0] < -1e-8 * max(values[-1], 0) - 1e-300:
        raise ValueError("the covariance is not positive semidefinite")
    return vectors * np.sqrt(np.maximum(values, 0))


def _difference_variances(v: np.ndarray) -> np.ndarray:
    own = np.diag(v)
    both = own[:, None] + own[None, :]
    variance = both - 2 * v
    return np.where(variance <= NO_VARIANCE * both, 0.0, variance)


def _critical_values(noise: np.ndarray, spread: np.ndarray, confidence: float) -> tuple[np.ndarray, float]:
    """Quantile of max |t| over the differences of each unit (k,), and over all of them."""
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    largest = np.empty((scale.shape[0], noise.shape[0]))
    across = np.ascontiguousarray(noise.T)
    for j in range(scale.shape[0]):
        t = across - across[j]
        np.abs(t, out=t)
        t *= scale[j][:, None]
        t.max(axis=0, out=largest[j])
    return np.quantile(largest, confidence, axis=1), float(np.quantile(largest.max(axis=0), confidence))


def _rank_sets(x: np.ndarray, spread: np.ndarray, critical: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    difference = x[:, None] - x[None, :]
    margin = critical[:, None] * spread
    surely_above_me = difference < -margin
    surely_not_above_me = np.where(spread > 0, difference > margin, difference >= 0)
    np.fill_diagonal(surely_not_above_me, True)
    return 1 + surely_above_me.sum(axis=1), 1 + x.size - surely_not_above_me.sum(axis=1)
