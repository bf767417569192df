"""How far the raters of one unit agree: intraclass correlation and r_wg. Intervals suppose a simple random sample of raters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from analysis import estimates as est
from analysis.intervals import check_confidence
from analysis.items import ratio_or_nan
from analysis.variance import DesignError


@dataclass(frozen=True, eq=False)
class InterRater:
    """How far raters of the same unit agree, and how reliable a unit's mean is.

    icc_1: share of a single rating's variance that is between units, with its interval; icc_k: reliability of the mean of
    raters_per_unit ratings, with its interval; f, df_between, df_within, p_value: units differ at all.
    Per unit, sorted: unit, n, mean, sd, reliability of its own mean, standard_error of measurement of it. Units below
    minimum_raters are listed with NaN and count nowhere else.
    """

    units: tuple[object, ...]
    minimum_raters: int
    confidence: float
    icc_1: float
    icc_1_low: float
    icc_1_high: float
    icc_k: float
    icc_k_low: float
    icc_k_high: float
    raters_per_unit: float
    ms_between: float
    ms_within: float
    f: float
    df_between: int
    df_within: int
    p_value: float
    n: np.ndarray
    mean: np.ndarray
    sd: np.ndarray
    reliability: np.ndarray
    standard_error: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row per unit: unit, n, mean, sd, reliability, standard_error."""
        return pd.DataFrame({"unit": pd.Series(self.units, dtype=object), "n": self.n, "mean": self.mean, "sd": self.sd,
                             "reliability": self.reliability, "standard_error": self.standard_error})


def inter_rater(ratings: pd.DataFrame, unit: str, item: str, minimum_raters: int = 2, missing: str = "fail",
                confidence: float = 0.95) -> InterRater:
    """Intraclass correlations by one-way analysis of variance, one line per rating.

    N ratings of I units, n_i each: MSB and MSW the mean squares between and within units, k0 = (N - sum n_i^2 / N) / (I - 1).
    icc_1 = (MSB - MSW) / (MSB + (k0 - 1) MSW); icc_k = (MSB - MSW) / MSB; with F = MSB / MSW and q the F quantiles of
    (1 +/- confidence) / 2: (F/q - 1) / (F/q + k0 - 1) and 1 - q/F (exact when all n_i are equal).
    reliability of unit i = n_i icc_1 / (1 + (n_i - 1) icc_1); its standard_error = sqrt(MSW / n_i).
    Who rates is not known here: a rater's severity is part of MSW. Negative values are kept: raters differ more within units
    than chance would have it. missing: "fail" | "exclude" blanks. NaN: fewer than two units, no repeated rating.
    Raises DesignError: unknown column, blanks under "fail", a line without a unit, minimum_raters below 1.
    Source: Shrout and Fleiss (1979) Psych. Bull. 86, case 1; Donner (1986) for unequal n_i; Bliese (2000); R psych::ICC.
    """
    check_confidence(confidence)
    labels, code, values = _rated(ratings, unit, [item], minimum_raters, missing)
    y = values[:, 0]
    code, y = code[~np.isnan(y)], y[~np.isnan(y)]
    n, mean, sd = _spread(code, y, len(labels))
    enough = n >= minimum_raters
    used, size = enough[code], n[enough].astype(float)
    mean, sd = np.where(enough, mean, np.nan), np.where(enough, sd, np.nan)
    total, groups = int(used.sum()), int(enough.sum())
    dfb, dfw = max(groups - 1, 0), total - groups
    icc = dict.fromkeys(("one", "one_low", "one_high", "k", "k_low", "k_high"), np.nan)
    between = within = f = p = k0 = np.nan
    if groups > 1 and dfw > 0:
        k0 = float((total - (size**2).sum() / total) / dfb)
        grand = y[used].mean()
        between = float((size * (mean[enough] - grand) ** 2).sum() / dfb)
        within = float(((y[used] - mean[code[used]]) ** 2).sum() / dfw)
        if within == 0 and between > 0:
            f, p, icc = np.inf, 0.0, dict.fromkeys(icc, 1.0)
        elif within > 0:
            f, p = between / within, float(special.fdtrc(dfb, dfw, between / within))
            tail = (1 + confidence) / 2
            low, high = f / stats.f.ppf(tail, dfb, dfw), f * stats.f.ppf(tail, dfw, dfb)
            for name, ratio in (("one", f), ("one_low", low), ("one_high", high)):
                icc[name] = (ratio - 1) / (ratio + k0 - 1)
            for name, ratio in (("k", f), ("k_low", low), ("k_high", high)):
                icc[name] = 1 - 1 / ratio if ratio > 0 else np.nan
    reliability = np.where(enough, ratio_or_nan(n * icc["one"], 1 + (n - 1) * icc["one"]), np.nan)
    error = np.where(enough, np.sqrt(within / np.maximum(n, 1)), np.nan)
    return InterRater(tuple(labels), minimum_raters, confidence, *icc.values(), k0, between, within, f, dfb, dfw, p, n, mean,
                      sd, reliability, error)


@dataclass(frozen=True, eq=False)
class Agreement:
    """Within-unit agreement. Per unit, sorted: unit, n (fewest ratings of any item), r_wg; r_wg_items: (units, items)."""

    units: tuple[object, ...]
    items: tuple[str, ...]
    minimum_raters: int
    n: np.ndarray
    r_wg: np.ndarray
    r_wg_items: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row per unit: unit, n, r_wg (of all items together), then one column per item when there are several."""
        several = {item: self.r_wg_items[:, j] for j, item in enumerate(self.items)} if len(self.items) > 1 else {}
        return pd.DataFrame({"unit": pd.Series(self.units, dtype=object), "n": self.n, "r_wg": self.r_wg, **several})


def agreement(ratings: pd.DataFrame, unit: str, items: Sequence[str], levels: int, minimum_raters: int = 5,
              missing: str = "fail", below_zero: str = "zero") -> Agreement:
    """r_wg of each unit: how much less its raters spread than if they had answered at random over `levels` levels.

    v = mean over the J items of s_j^2 / ((levels^2 - 1) / 12), s_j^2 with n - 1, each item over its own valid ratings.
    J = 1: r_wg = 1 - v; J > 1: r_wg(J) = J (1 - v) / (J (1 - v) + v). levels 1, 2, ..., one apart.
    below_zero, when raters spread more than at random: "zero" (James et al.) | "keep" the figure (NaN where r_wg(J) has no
    meaning, J (1 - v) + v <= 0). NaN where an item has fewer than minimum_raters ratings, or fewer than two.
    missing: "fail" | "exclude". Raises DesignError as `inter_rater` does, and on fewer than two levels.
    Source: James, Demaree and Wolf (1984) J. Appl. Psych. 69, eq. 1 and 2; R multilevel::rwg, rwg.j.
    """
    if levels < 2 or below_zero not in ("zero", "keep"):
        raise DesignError(f"levels must be 2 or more and below_zero zero or keep, not {levels!r} and {below_zero!r}")
    labels, code, values = _rated(ratings, unit, list(items), minimum_raters, missing)
    counts, excess = np.empty((len(labels), len(items)), dtype=int), np.empty((len(labels), len(items)))
    for j in range(len(items)):
        valid = ~np.isnan(values[:, j])
        counts[:, j], _, sd = _spread(code[valid], values[valid, j], len(labels))
        excess[:, j] = np.where(counts[:, j] >= minimum_raters, sd**2 * 12 / (levels**2 - 1), np.nan)
    v, many = excess.mean(axis=1), len(items)
    together = ratio_or_nan(many * (1 - v), many * (1 - v) + v)
    each = 1 - excess
    if below_zero == "zero":
        together, each = np.where(v > 1, 0.0, together), np.where(each < 0, 0.0, each)
    return Agreement(tuple(labels), tuple(items), minimum_raters, counts.min(axis=1), together, each)


def _rated(ratings, unit, items, minimum_raters, missing):
    if minimum_raters < 1 or missing not in ("fail", "exclude") or not items:
        raise DesignError(f"minimum_raters must be 1 or more, missing fail or exclude, and items named, not "
                          f"{minimum_raters!r}, {missing!r} and {items!r}")
    code, labels = est.codes_of(ratings, unit)
    if (code < 0).any():
        raise DesignError(f"{int((code < 0).sum())} ratings name no unit in column {unit!r}")
    columns = {name: est.numbers_of(ratings, name, slice(None)) for name in items}
    est.valid_rows(columns, missing)
    return labels, code, np.column_stack(list(columns.values()))


def _spread(code: np.ndarray, y: np.ndarray, units: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count, mean and standard deviation (n - 1) per unit; NaN where there are too few."""
    n = np.bincount(code, minlength=units)
    mean = np.divide(np.bincount(code, weights=y, minlength=units), n, out=np.full(units, np.nan), where=n > 0)
    square = np.bincount(code, weights=(y - mean[code]) ** 2, minlength=units)
    return n, mean, np.sqrt(np.divide(square, n - 1, out=np.full(units, np.nan), where=n > 1))
