"""How well questions measure: items of a scale (alpha, omega, item statistics). Raters of a unit: raters.py.

Nothing is ever reversed here: items that seem to run against the others are named in a field, and whoever owns the
questionnaire decides. Intervals suppose a simple random sample; with clusters they are too narrow (design_reliability.py).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from analysis import estimates as est
from analysis.factors import minres
from analysis.intervals import check_confidence
from analysis.items import Items, ratio_or_nan, second_moments, squared_multiple_correlations
from analysis.rotations import in_order, oblimin, varimax
from analysis.variance import DesignError


@dataclass(frozen=True, eq=False)
class Alpha:
    """Cronbach's alpha of k items and what each item does to it.

    raw, its standard error ase and two intervals (Duhachek's symmetric one, Feldt's from F); standardised; guttman_6;
    mean_r, median_r: of the correlations between items; signal_to_noise k r / (1 - r). mean, sd: of people's mean answers.
    Per item (k,): answers; mean, sd; raw_r with the scale; std_r, r_cor, r_drop (see `alpha`); dropped_*: the scale without
    the item. run_against: items that load negatively on the first principal component: check whether they are worded
    the other way round.
    """

    items: tuple[str, ...]
    n: float
    confidence: float
    raw: float
    ase: float
    low: float
    high: float
    feldt_low: float
    feldt_high: float
    standardised: float
    guttman_6: float
    mean_r: float
    median_r: float
    signal_to_noise: float
    mean: float
    sd: float
    answers: np.ndarray
    item_mean: np.ndarray
    item_sd: np.ndarray
    raw_r: np.ndarray
    std_r: np.ndarray
    r_cor: np.ndarray
    r_drop: np.ndarray
    dropped_raw: np.ndarray
    dropped_standardised: np.ndarray
    dropped_guttman_6: np.ndarray
    dropped_mean_r: np.ndarray
    dropped_ase: np.ndarray
    run_against: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """One row per item: item, n (answers), mean, sd, raw_r, std_r, r_cor, r_drop, dropped_raw, dropped_standardised,
        dropped_guttman_6, dropped_mean_r, dropped_ase, runs_against."""
        same = ("raw_r", "std_r", "r_cor", "r_drop", "dropped_raw", "dropped_standardised", "dropped_guttman_6",
                "dropped_mean_r", "dropped_ase")
        return pd.DataFrame({"item": self.items, "n": self.answers, "mean": self.item_mean, "sd": self.item_sd,
                             **{name: getattr(self, name) for name in same},
                             "runs_against": [item in self.run_against for item in self.items]})


def alpha(items: Items, confidence: float = 0.95) -> Alpha:
    """Cronbach's alpha from the covariances C and from the correlations R = C scaled to a diagonal of 1.

    raw = k / (k - 1) (1 - tr C / sum C); standardised: the same of R; guttman_6 = 1 - sum (1 - smc) / sum R.
    ase = sqrt(Q / n), Q = 2 k^2 / ((k - 1)^2 s^3) (s (tr C^2 + (tr C)^2) - 2 tr C sum C^2), s = sum C; raw -/+ z ase.
    feldt: 1 - (1 - raw) times the F quantiles (1 +/- confidence) / 2 with n - 1 and (n - 1)(k - 1) df.
    Item j with the scale: raw_r = its correlation with people's mean answers; std_r = sum_k R_jk / sqrt(sum R); r_cor: the
    same with smc on R's diagonal; r_drop = sum_{k != j} C_jk / sqrt(C_jj sum of C without j).
    What needs the smc is NaN when R is not positive definite; what is left of two items without one is NaN.
    Raises DesignError when an item does not vary or the covariances sum to nothing.
    Source: Cronbach (1951) Psychometrika 16; Feldt, Woodruff and Salih (1987); Duhachek and Iacobucci (2004) J. Appl. Psych.
    89; R psych::alpha.
    """
    check_confidence(confidence)
    pairwise, c, n, k = items.known_correlation(), items.covariance, items.n, len(items.names)
    deviation = np.sqrt(np.diag(c))
    r = c / np.outer(deviation, deviation)
    if c.sum() <= 0:
        raise DesignError(f"the covariances of {', '.join(items.names)} sum to nothing: they are not one scale")
    raw, standardised, guttman_6, mean_r, ase = _consistency(c, r, n)
    half = stats.norm.ppf((1 + confidence) / 2) * ase
    quantiles = stats.f.ppf([(1 + confidence) / 2, (1 - confidence) / 2], n - 1, (n - 1) * (k - 1))
    scored = np.nanmean(items.values, axis=1)
    with_scale = second_moments(np.column_stack([items.values, scored]), items.weights, (*items.names, "scale"))
    cored = r - np.eye(k) + np.diag(squared_multiple_correlations(r))
    others = c.sum(axis=0) - np.diag(c)
    rest = c.sum() - np.diag(c) - 2 * others
    without = np.array([_consistency(c[np.ix_(keep, keep)], r[np.ix_(keep, keep)], n)
                        for keep in (np.delete(np.arange(k), j) for j in range(k))])
    return Alpha(
        items.names, n, confidence, raw, ase, raw - half, raw + half, *(1 - (1 - raw) * quantiles), standardised, guttman_6,
        mean_r, float(np.median(r[np.triu_indices(k, 1)])), k * mean_r / (1 - mean_r) if mean_r < 1 else np.inf,
        float(np.average(scored, weights=items.weights)), float(np.sqrt(with_scale[0][-1, -1])),
        (~np.isnan(items.values)).sum(axis=0), _means(items), deviation,
        with_scale[1][-1, :-1], _over_root(r.sum(axis=0), r.sum()), _over_root(cored.sum(axis=0), cored.sum()),
        _over_root(others, np.diag(c) * rest), *without.T, _run_against(pairwise, items.names))


def _over_root(top, under):
    return ratio_or_nan(top, np.sqrt(np.maximum(under, 0) + 0 * top))


def _consistency(c: np.ndarray, r: np.ndarray, n: float) -> tuple[float, float, float, float, float]:
    """raw and standardised alpha, Guttman's lambda 6, mean correlation, standard error of raw."""
    k, s, trace = len(c), c.sum(), np.trace(c)
    if k < 2 or s <= 0 or r.sum() <= 0:
        return (np.nan,) * 5
    raw = k / (k - 1) * (1 - trace / s)
    standardised = k / (k - 1) * (1 - k / r.sum())
    guttman_6 = 1 - (1 - squared_multiple_correlations(r)).sum() / r.sum()
    square = c @ c
    q = 2 * k**2 / ((k - 1) ** 2 * s**3) * (s * (np.trace(square) + trace**2) - 2 * trace * square.sum())
    # Pairwise covariances need not be those of any data, and Q can then be negative.
    ase = np.sqrt(q / n) if q >= 0 else np.nan
    return float(raw), float(standardised), float(guttman_6), float((r.sum() - k) / (k * (k - 1))), float(ase)


def _means(items: Items) -> np.ndarray:
    weights = np.where(np.isnan(items.values), 0.0, items.weights[:, None])
    return np.nansum(items.values * weights, axis=0) / weights.sum(axis=0)


def _run_against(r: np.ndarray, names: tuple[str, ...]) -> tuple[str, ...]:
    """Items of negative loading on the first principal component, which is signed to a positive sum."""
    first = np.linalg.eigh(r)[1][:, -1]
    first = first * (-1.0 if first.sum() < 0 else 1.0)
    return tuple(name for name, loading in zip(names, first, strict=True) if loading < 0)


@dataclass(frozen=True, eq=False)
class Omega:
    """McDonald's omega of k items with m factors. total: share of the scale's variance that all common factors make;
    hierarchical: that one general factor makes, asymptotic = hierarchical / total, explained_common = the general factor's
    share of the common variance (all NaN with fewer than three factors, which do not identify a general one).

    loadings (k, m + 1): general factor, then group factors (Schmid-Leiman; the single factor alone when m = 1: (k, 1)).
    communalities, uniquenesses (k,). heywood: items, or factors F1, F2 ..., held at the lowest uniqueness.
    run_against: items of negative loading on the general (or single) factor.
    """

    items: tuple[str, ...]
    n: float
    total: float
    hierarchical: float
    asymptotic: float
    explained_common: float
    loadings: np.ndarray
    communalities: np.ndarray
    uniquenesses: np.ndarray
    heywood: tuple[str, ...]
    run_against: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """One row per item: item, general and group_1 ... (loadings), communality, uniqueness."""
        groups = {f"group_{j}": self.loadings[:, j] for j in range(1, self.loadings.shape[1])}
        return pd.DataFrame({"item": self.items, "general": self.loadings[:, 0], **groups,
                             "communality": self.communalities, "uniqueness": self.uniquenesses})


def omega(items: Items, factors: int = 1, lowest_uniqueness: float = 0.005) -> Omega:
    """Omega from `minres` factors of the correlations R: total = 1 - sum (1 - h2) / sum R.

    Three or more factors: rotated by `varimax`, then `oblimin` (loadings B, factor correlations Phi); one minres factor of Phi
    gives the second-order loadings g. General loadings B g, group loadings B_jf sqrt(1 - g_f^2);
    hierarchical = (sum of general loadings)^2 / sum R. No item is reversed (psych's flip=FALSE).
    Raises DesignError: an item that does not vary, two factors, too many factors; NotConvergedError.
    Source: McDonald (1999) Test Theory; Schmid and Leiman (1957) Psychometrika 22; Zinbarg et al. (2005) Psychometrika 70;
    R psych::omega(fm="minres", flip=FALSE).
    """
    if factors == 2:
        raise DesignError("two factors do not identify a general factor: ask for one, or three or more")
    r = items.known_correlation()
    found = minres(r, factors, lowest_uniqueness)
    heywood = [name for name, held in zip(items.names, found.at_bound, strict=True) if held]
    communality = (found.loadings**2).sum(axis=1)
    whole = r.sum()
    total = float(1 - (1 - communality).sum() / whole) if whole > 0 else np.nan
    loadings, hierarchical, share = found.loadings, np.nan, np.nan
    if factors > 2:
        pattern, phi = in_order(*oblimin(varimax(found.loadings)))
        second = minres(phi, 1, lowest_uniqueness)
        heywood += [f"F{j + 1}" for j in np.flatnonzero(second.at_bound)]
        g = second.loadings[:, 0]
        group = pattern * np.sqrt(np.maximum(1 - g**2, 0))
        loadings = np.column_stack([pattern @ g, group])
        hierarchical = float(loadings[:, 0].sum() ** 2 / whole) if whole > 0 else np.nan
        share = float((loadings[:, 0] ** 2).sum() / (loadings**2).sum())
    against = tuple(name for name, loading in zip(items.names, loadings[:, 0], strict=True) if loading < 0)
    return Omega(items.names, items.n, total, hierarchical, hierarchical / total, share, loadings, communality,
                 1 - communality, tuple(heywood), against)


def as_levels(frame: pd.DataFrame, items: Sequence[str], levels: Mapping[object, float],
              not_answers: Collection[object] = ()) -> pd.DataFrame:
    """Answers as they were given -> numbers: its level, or NaN for a blank and for what is declared as not an answer.

    Raises DesignError: unknown column, an answer that is neither a level nor declared as not an answer.
    """
    columns = {}
    for item in items:
        answers = est.column_of(frame, item)
        known = answers.isin(list(levels))
        strange = answers[~known & ~answers.isin(list(not_answers)) & answers.notna()]
        if len(strange):
            shown = ", ".join(sorted({str(one) for one in strange})[:5])
            raise DesignError(f"column {item!r} has answers that are neither levels nor declared as not answers: {shown}")
        columns[item] = answers.where(known).map(dict(levels)).astype(float)
    return pd.DataFrame(columns, index=frame.index)


@dataclass(frozen=True, eq=False)
class ItemStatistics:
    """How each item behaves (k items): see `item_statistics`. counts: (k, levels + not answers + 1), the last for blanks."""

    items: tuple[str, ...]
    answers: tuple[object, ...]
    levels: tuple[float | None, ...]
    counts: np.ndarray
    weighted: np.ndarray
    n: np.ndarray
    missing: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    skew: np.ndarray
    floor: np.ndarray
    ceiling: np.ndarray
    difficulty: np.ndarray
    entropy: np.ndarray
    discrimination: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row per item: item, n, missing, mean, sd, skew, floor, ceiling, difficulty, entropy, discrimination."""
        names = ("n", "missing", "mean", "sd", "skew", "floor", "ceiling", "difficulty", "entropy", "discrimination")
        return pd.DataFrame({"item": self.items, **{name: getattr(self, name) for name in names}})

    def distribution(self) -> pd.DataFrame:
        """One row per item and declared answer (None: blank): item, answer, level, count, weighted_count, share.

        share: of the valid answers, by weight; NaN for what is not a level, and where nobody answered.
        """
        k, size = self.counts.shape
        valid = np.array([level is not None for level in self.levels])
        whole = np.where(valid, self.weighted, 0.0).sum(axis=1, keepdims=True)
        share = np.where(valid & (whole > 0), self.weighted / np.where(whole > 0, whole, 1.0), np.nan)
        return pd.DataFrame({"item": np.repeat(np.array(self.items, dtype=object), size),
                             "answer": pd.Series(list(self.answers) * k, dtype=object),
                             "level": np.array(list(self.levels) * k, dtype=float), "count": self.counts.ravel(),
                             "weighted_count": self.weighted.ravel(), "share": share.ravel()})


def item_statistics(frame: pd.DataFrame, items: Sequence[str], levels: Mapping[object, float],
                    not_answers: Collection[object] = (), weights: str | None = None) -> ItemStatistics:
    """Each item over its own valid answers x, with weights w (None: 1); rows that weigh nothing are left out.

    n valid answers and missing ones (blanks and not answers; by kind in `distribution`); m = mean; sd with n / (n - 1);
    skew = (sum w (x - m)^3 / sum w) / sd^3; floor, ceiling: share at the lowest and highest declared level;
    difficulty = (m - lowest) / (highest - lowest), easy items near 1; entropy = -sum p log2 p of the levels' shares, in bits;
    discrimination: r_drop of `alpha`, each covariance over the people who answered both items.
    NaN where undefined: n < 2, an item that does not vary, a pair that fewer than two people answered.
    Raises DesignError: unknown column or answer, an answer declared twice, fewer than two levels, weights below 0 or missing.
    Source: Joanes and Gill (1998) (b1); Shannon (1948); R psych::describe, psych::alpha.
    """
    if len(set(levels.values())) < 2 or set(levels) & set(not_answers):
        raise DesignError("declare at least two different levels, and no answer both as a level and as not an answer")
    weight = np.ones(len(frame)) if weights is None else est.numbers_of(frame, weights, slice(None))
    if not (weight >= 0).all():
        raise DesignError(f"weights {weights!r} must be numbers from 0, none missing")
    frame, weight = frame[weight > 0], weight[weight > 0]
    names, values = tuple(items), as_levels(frame, items, levels, not_answers).to_numpy()
    answers = (*levels, *not_answers, None)
    given = [frame[item].isna() if one is None else frame[item] == one for item in names for one in answers]
    member = np.array([one.to_numpy(dtype=bool, na_value=False) for one in given]).reshape(len(names), len(answers), -1)
    counts, weighted = member.sum(axis=2), member @ weight
    valid = ~np.isnan(values)
    w, n = np.where(valid, weight[:, None], 0.0), valid.sum(axis=0)
    whole, x = w.sum(axis=0), np.where(valid, values, 0.0)
    low, high = min(levels.values()), max(levels.values())
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (w * x).sum(axis=0) / whole
        away = np.where(valid, values - mean, 0.0)
        sd = np.sqrt((w * away**2).sum(axis=0) / whole * n / (n - 1))
        varies = np.array([np.unique(values[valid[:, j], j]).size > 1 for j in range(len(names))])
        sd = np.where((n > 1) & ~varies, 0.0, sd)
        skew = np.where(varies, (w * away**3).sum(axis=0) / whole / sd**3, np.nan)
        shares = np.array([(w * (x == one)).sum(axis=0) / whole for one in sorted(set(levels.values()))])
    return ItemStatistics(
        names, answers, (*levels.values(), *[None] * (len(not_answers) + 1)), counts, weighted, n, len(frame) - n, mean, sd,
        skew, shares[0], shares[-1], (mean - low) / (high - low), special.entr(shares).sum(axis=0) / np.log(2),
        _discrimination(values, weight, names))


def _discrimination(values: np.ndarray, weights: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Corrected correlation of each item with the others; NaN for all when a pair was never answered together."""
    try:
        c = second_moments(values, weights, names)[0]
    except DesignError:
        return np.full(len(names), np.nan)
    others = c.sum(axis=0) - np.diag(c)
    return _over_root(others, np.diag(c) * (c.sum() - np.diag(c) - 2 * others))


