"""How sure is the order: between which ranks each unit lies. Rank 1 is the highest score; equals share the best rank."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from analysis.index.bands import Band

#: A difference whose variance is this small beside the two variances it comes from is known exactly.
NO_VARIANCE = 1e-12
#: draws looked at together, so that one unit's statistics stay in the processor's cache
CHUNK = 512

Sides = Literal["both", "low", "high"]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Ranks of k units; arrays (k,) in the order the estimates were given.

    low, high: confidence set of this unit's rank, right with probability `confidence` for each unit by itself (one-sided when
    `sides` says so: then the other end is 1 or k);
    simultaneous_low, simultaneous_high: right for all units and both ends at once (what a league table needs);
    critical, simultaneous_critical: the last critical value of |t|, with which no further claim is proved;
    rank_band: name -> probability (k,) that the rank lies in that band.
    """

    rank: np.ndarray
    low: np.ndarray
    high: np.ndarray
    simultaneous_low: np.ndarray
    simultaneous_high: np.ndarray
    critical: np.ndarray
    simultaneous_critical: float
    rank_band: Mapping[str, np.ndarray]
    confidence: float

    def may_be_among(self, top: int) -> np.ndarray:
        """(k,) bool: holds every unit whose true rank is `top` or better, with probability `confidence` (the tau-best set)."""
        return self.simultaneous_low <= top

    def surely_among(self, top: int) -> np.ndarray:
        """(k,) bool: holds only units whose true rank is `top` or better, with probability `confidence`."""
        return self.simultaneous_high <= top

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


@dataclass(frozen=True, eq=False)
class RankDistribution:
    """How the ranks of k units scatter over draws. expected: (k,) mean rank; quantiles: level -> (k,) whole ranks;
    top: t -> (k,) share of draws with rank <= t."""

    expected: np.ndarray
    quantiles: Mapping[float, np.ndarray]
    top: Mapping[int, np.ndarray]

    def table(self, units: Sequence[object]) -> pd.DataFrame:
        """One row per unit: unit, rank_expected, rank_q<level> for each level, probability_top_<t> for each t."""
        if len(units) != self.expected.size:
            raise ValueError(f"{len(units)} unit names for {self.expected.size} ranks")
        return pd.DataFrame({
            "unit": list(units), "rank_expected": self.expected,
            **{f"rank_q{level:g}": rank for level, rank in self.quantiles.items()},
            **{f"probability_top_{first}": share for first, share in self.top.items()},
        })


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k - 1 pairs of neighbours from the highest score down; arrays (k - 1,). upper, lower: positions in the estimates."""

    upper: np.ndarray
    lower: np.ndarray
    difference: np.ndarray
    standard_error: np.ndarray
    p_value: np.ndarray
    #: Holm's adjusted p-values over all pairs
    p_holm: np.ndarray
    differs: np.ndarray

    def table(self, units: Sequence[object]) -> pd.DataFrame:
        """One row per pair: upper, lower (unit names), difference, standard_error, p_value, p_holm, differs."""
        names = list(units)
        return pd.DataFrame({
            "upper": [names[at] for at in self.upper], "lower": [names[at] for at in self.lower],
            "difference": self.difference, "standard_error": self.standard_error, "p_value": self.p_value,
            "p_holm": self.p_holm, "differs": self.differs})


def rank_confidence(
    estimates: np.ndarray,
    covariance: np.ndarray,
    seed: int,
    draws: int = 1000,
    confidence: float = 0.95,
    rank_bands: Mapping[str, tuple[int, int]] | None = None,
    stepwise: bool = True,
    sides: Sides = "both",
) -> Ranking:
    """Confidence sets for ranks from the joint covariance of the scores.

    The claim "l is above j" is proved when t = (x_l - x_j) / se(x_l - x_j) > c. Then low_j = 1 + units proved above j,
    high_j = k - units proved below j. c is the `confidence` quantile of the largest t over the claims still open, under
    N(0, covariance), by simulation; at first all claims about j, in both directions (marginal; only one direction when `sides`
    is "low" or "high"), or about all pairs (simultaneous). With `stepwise`, proved claims leave, c is taken anew over the rest,
    until nothing more is proved; the opposite of a proved claim stays, so that no direction is wrong either. Differences
    without variance are decided by their sign; exact equals are not above each other. Probabilities of rank bands: share of
    draws from N(estimates, covariance) whose rank lies in [first, last]; read them as a description, not as a test.

    estimates: (k,) in any units; covariance: (k, k), positive semidefinite, the same units squared; seed: of numpy's
    Generator; rank_bands: name -> (first, last) rank. The result does not depend on the order of the units (but units alike in
    score, variance and all covariances are told apart by their place).
    Raises ValueError: wrong shapes, values that are not finite, an asymmetric or indefinite covariance, draws < 1.
    Source: Mogstad, Romano, Shaikh, Wilhelm (2024) Rev. Econ. Stud. 91(1), 476-518; Romano and Wolf (2005) Econometrica 73(4).
    Agrees with R's csranks (stepdown = TRUE or FALSE) and with step-down max-t tests of multcomp up to simulation error.
    """
    x, v, order, noise = _simulated(estimates, covariance, seed, draws)
    result = _ranking(x, noise, np.sqrt(_difference_variances(v)), confidence, rank_bands or {}, stepwise, sides)
    return _in_order(result, np.argsort(order))


def rank_confidence_from_draws(
    estimates: np.ndarray,
    draws: np.ndarray,
    confidence: float = 0.95,
    rank_bands: Mapping[str, tuple[int, int]] | None = None,
    stepwise: bool = True,
    sides: Sides = "both",
) -> Ranking:
    """As rank_confidence, with the errors read from bootstrap replicates instead of N(0, covariance).

    draws: (R, k), each row all units' scores in one replicate, spread about `estimates` as estimates are about the truth (not
    jackknife replicates, which lie too near). Errors are draws - estimates; se^2 of a difference is the mean of its squared
    errors. Raises ValueError: wrong shapes, fewer than two draws, values that are not finite.
    """
    x, replicates = np.asarray(estimates, dtype=float), np.asarray(draws, dtype=float)
    if x.ndim != 1 or x.size == 0 or replicates.ndim != 2 or replicates.shape[1] != x.size or len(replicates) < 2:
        raise ValueError(f"need k estimates and at least two draws of k, got {x.shape} and {replicates.shape}")
    if not (np.isfinite(x).all() and np.isfinite(replicates).all()):
        raise ValueError("estimates and draws must be finite: leave out units or replicates without a score")
    noise = replicates - x
    spread = np.sqrt(_difference_variances(noise.T @ noise / len(noise)))
    return _ranking(x, noise, spread, confidence, rank_bands or {}, stepwise, sides)


def score_draws(estimates: np.ndarray, covariance: np.ndarray, seed: int, draws: int = 1000) -> np.ndarray:
    """(draws, k) from N(estimates, covariance), whose ranks `rank_distribution` describes; arguments as in rank_confidence."""
    x, _, order, noise = _simulated(estimates, covariance, seed, draws)
    return (x + noise)[:, np.argsort(order)]


def rank_distribution(
    draws: np.ndarray, top: Sequence[int] = (), quantiles: Sequence[float] = (0.05, 0.5, 0.95),
) -> RankDistribution:
    """Mean rank, quantiles of the rank, and probability to be among the first t, over draws (R, k) of all units' scores.

    Quantiles are whole ranks: the smallest rank with at least that share of the draws at or below it. A description of how far
    sampling error alone moves the ranks about; the expected ranks are pulled to the middle, and it is not a confidence set.
    draws: from score_draws, or bootstrap replicates. Raises ValueError: wrong shape, not finite, levels outside [0, 1].
    """
    scores = np.asarray(draws, dtype=float)
    if scores.ndim != 2 or 0 in scores.shape or not np.isfinite(scores).all():
        raise ValueError(f"draws must be a finite (R, k) array, got {scores.shape}")
    if any(not 0 <= level <= 1 for level in quantiles):
        raise ValueError("quantile levels lie between 0 and 1")
    drawn = stats.rankdata(-scores, method="min", axis=1)
    found = {level: np.quantile(drawn, level, axis=0, method="inverted_cdf").astype(int) for level in quantiles}
    return RankDistribution(drawn.mean(axis=0), found, {first: (drawn <= first).mean(axis=0) for first in top})


def neighbours_differ(
    estimates: np.ndarray, covariance: np.ndarray, confidence: float = 0.95, df: float | np.ndarray = np.inf,
) -> Neighbours:
    """Which neighbours in the order differ at all: two-sided tests of x_(i) - x_(i+1), adjusted by Holm over the k - 1 pairs.

    z = difference / sqrt(v_ii + v_jj - 2 v_ij), p = 2 P(T_df > z), normal when df is infinite. df: one for all units, or (k,):
    then a pair has the smaller of its two, which errs on the side of not telling them apart. p_holm: p-values sorted upwards,
    the i-th times (k - i), running maximum, at most 1. differs: p_holm <= 1 - confidence. Without variance: p is 0, or 1 for
    equals. Which units are neighbours was itself read from the scores, so read the decisions beside the simultaneous sets.
    Raises ValueError as rank_confidence does. Source: Holm (1979) Scand. J. Statist. 6(2); R's p.adjust(method = "holm").
    """
    x, v = _checked(estimates, covariance)
    degrees = np.broadcast_to(np.asarray(df, dtype=float), x.shape)
    if not (0 < confidence < 1 and (degrees > 0).all()):
        raise ValueError("confidence must lie between 0 and 1, and df be positive")
    order = _canonical_order(x, v)[::-1]
    upper, lower = order[:-1], order[1:]
    difference = x[upper] - x[lower]
    error = np.sqrt(_difference_variances(v)[upper, lower])
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(error > 0, 2 * stats.t.sf(difference / error, np.minimum(degrees[upper], degrees[lower])),
                     (difference == 0).astype(float))
    holm = _holm(p)
    return Neighbours(upper, lower, difference, error, p, holm, holm <= 1 - confidence)


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


def _simulated(estimates, covariance, seed: int, draws: int):
    """Estimates and covariance in canonical order, that order, and errors (draws, k) from N(0, covariance)."""
    x, v = _checked(estimates, covariance)
    if draws < 1:
        raise ValueError("draws must be at least 1")
    order = _canonical_order(x, v)
    x, v = x[order], v[np.ix_(order, order)]
    noise = np.random.default_rng(seed).standard_normal((draws, x.size)) @ _root(v).T
    return x, v, order, noise


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


def _ranking(x, noise, spread, confidence, rank_bands, stepwise, sides) -> Ranking:
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1")
    if sides not in {"both", "low", "high"}:
        raise ValueError(f"sides is both, low or high, not {sides!r}")
    errors = np.ascontiguousarray(noise.T)
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    gap = x[None, :] - x[:, None]  # gap[j, l] > 0: l is above j
    largest, joint = _largest(errors, scale, sides)
    above, below, critical = _marginal_claims(errors, scale, gap, largest, confidence, stepwise, sides)
    every, joint_critical = _joint_claims(errors, scale, gap, joint, confidence, stepwise)

    known = spread == 0
    sets = [_sets(up | (known & (gap > 0)), down | (known & (gap <= 0))) for up, down in ((above, below), (every, every.T))]
    (low, high), (all_low, all_high) = sets
    if sides != "both":
        low, high = (low, np.full_like(high, x.size)) if sides == "low" else (np.ones_like(low), high)
    drawn = stats.rankdata(-(x + noise), method="min", axis=1) if rank_bands else None
    bands = {name: ((drawn >= first) & (drawn <= last)).mean(axis=0) for name, (first, last) in rank_bands.items()}
    return Ranking(ranks(x), low, high, all_low, all_high, critical, joint_critical, bands, confidence)


def _sets(surely_above: np.ndarray, surely_not_above: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    np.fill_diagonal(surely_not_above, True)  # no unit is above itself
    return 1 + surely_above.sum(axis=1), 1 + len(surely_above) - surely_not_above.sum(axis=1)


def _in_order(result: Ranking, at: np.ndarray) -> Ranking:
    return Ranking(result.rank[at], result.low[at], result.high[at], result.simultaneous_low[at], result.simultaneous_high[at],
                   result.critical[at], result.simultaneous_critical,
                   {name: share[at] for name, share in result.rank_band.items()}, result.confidence)


def _largest(errors: np.ndarray, scale: np.ndarray, sides: Sides) -> tuple[np.ndarray, np.ndarray]:
    """Largest t per draw, never below 0: over all claims about each unit (k, R), and over all pairs (R,)."""
    k, draws = errors.shape
    largest, joint = np.empty((k, draws)), np.zeros(draws)
    for start in range(0, draws, CHUNK):
        part = slice(start, start + CHUNK)
        columns = np.ascontiguousarray(errors[:, part])
        t = np.empty_like(columns)
        for j in range(k):
            np.subtract(columns, columns[j], out=t)
            t *= scale[j][:, None]
            top = t.max(axis=0)
            np.maximum(joint[part], top, out=joint[part])
            largest[j, part] = top if sides == "low" else -t.min(axis=0)
            if sides == "both":
                np.maximum(largest[j, part], top, out=largest[j, part])
    return largest, joint


def _marginal_claims(errors, scale, gap, largest, confidence, stepwise, sides):
    """For each unit j by itself: which l are proved above j and below j, (k, k) each; the last critical values (k,)."""
    k = len(gap)
    above, below, critical = np.zeros((k, k), dtype=bool), np.zeros((k, k), dtype=bool), np.zeros(k)
    for j in range(k):
        t = np.concatenate([gap[j] * scale[j], -gap[j] * scale[j]])
        unit = np.concatenate([np.arange(k), np.arange(k)])
        factor = np.concatenate([scale[j], -scale[j]])
        tested = np.tile(scale[j] > 0, 2) & np.repeat([sides != "high", sides != "low"], k)

        def maxima(still_open, draws, j=j, unit=unit, factor=factor):
            at = np.flatnonzero(still_open)
            difference = errors[np.ix_(unit[at], draws)] - errors[j, draws]
            return (difference * factor[at][:, None]).max(axis=0, initial=0)

        proved, critical[j] = _step_down(t, tested, largest[j], maxima, confidence, stepwise)
        above[j], below[j] = proved[:k], proved[k:]
    return above, below, critical


def _joint_claims(errors, scale, gap, joint, confidence, stepwise) -> tuple[np.ndarray, float]:
    """Over all pairs at once: proved[j, l], l is above j; the last critical value."""

    def maxima(still_open, draws):
        columns, most = errors[:, draws], np.zeros(len(draws))
        for j, row in enumerate(still_open):
            difference = (columns[row] - columns[j]) * scale[j, row][:, None]
            np.maximum(most, difference.max(axis=0, initial=0), out=most)
        return most

    return _step_down(gap * scale, scale > 0, joint, maxima, confidence, stepwise)


def _step_down(t: np.ndarray, tested: np.ndarray, largest: np.ndarray, maxima: Callable, confidence: float, stepwise: bool):
    """Claims proved (shape of t) and the last critical value. largest: (R,) maxima of t under no difference, over all claims
    tested; maxima(claims, draws): the same over fewer claims, in the draws asked for."""
    proved = np.zeros_like(tested)
    if not tested.any():
        return proved, 0.0
    critical = float(np.quantile(largest, confidence))
    while True:
        new = tested & ~proved & (t > critical)
        proved |= new
        if not stepwise or not new.any() or proved[tested].all():
            return proved, critical
        largest = _fewer(largest, maxima, tested & ~proved, confidence)
        critical = float(np.quantile(largest, confidence))


def _fewer(largest: np.ndarray, maxima: Callable, claims: np.ndarray, confidence: float) -> np.ndarray:
    """`largest` over these claims only: no draw's maximum rises, so only draws that can reach the quantile are taken anew."""
    needed = largest.size - int(confidence * (largest.size - 1))
    falling = np.argsort(-largest, kind="stable")
    take = 2 * needed
    while True:
        draws, rest = falling[:take], falling[take:]
        new = maxima(claims, draws)
        if not rest.size or np.partition(new, -needed)[-needed] >= largest[rest[0]]:
            result = largest.copy()
            result[draws] = new
            return result
        take *= 2


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * (p.size - np.arange(p.size))), 1)
    return adjusted
