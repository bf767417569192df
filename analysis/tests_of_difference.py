"""Design-based tests of means and ranks: one sample, pairs, two groups, several groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis import estimates as est
from analysis import intervals
from analysis.compare import two_sided
from analysis.design import SurveyDesign
from analysis.model_matrix import Subset, model_rows
from analysis.variance import DesignError

RANK_TESTS = ("wilcoxon", "vanderWaerden", "median", "KruskalWallis")

#: Eigenvalues this small beside the largest are zero: the matrix has no inverse.
SINGULAR = 1e-12


@dataclass(frozen=True, eq=False)
class TTest:
    """A mean, or a difference of means, against `null`. groups: () for one mean, else (first, second): second - first."""

    item: str
    groups: tuple[object, ...]
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    df: float
    t: float
    p_value: float
    null: float
    n: int

    def table(self) -> pd.DataFrame:
        """One row: item, (difference,) estimate, standard_error, ci_low, ci_high, df, t, p_value, n."""
        columns: dict[str, object] = {"item": [self.item]}
        if self.groups:
            columns["difference"] = [f"{self.groups[1]} - {self.groups[0]}"]
        for name in ("estimate", "standard_error", "ci_low", "ci_high", "df", "t", "p_value", "n"):
            columns[name] = [getattr(self, name)]
        return pd.DataFrame(columns)


@dataclass(frozen=True, eq=False)
class RankTest:
    """A rank test of k groups: the mean rank score of each, and the test that they are equal.

    mean_score, n: (k,). statistic: t (signed, second group minus first) with df2 for two groups, where df1 is 1; else
    the Wald chi-square, whose p_value comes from F = statistic / df1 with df1 and df2.
    """

    item: str
    test: str
    groups: tuple[object, ...]
    mean_score: np.ndarray
    n: np.ndarray
    statistic: float
    df1: int
    df2: float
    p_value: float

    def table(self) -> pd.DataFrame:
        """One row: item, test, statistic, df1, df2, p_value, n."""
        return pd.DataFrame({"item": [self.item], "test": [self.test], "statistic": [self.statistic], "df1": [self.df1],
                             "df2": [self.df2], "p_value": [self.p_value], "n": [int(self.n.sum())]})


def answering(design: SurveyDesign, columns: Sequence[str], subset: Subset, missing: str) -> SurveyDesign:
    """The design seen through the rows of a subset that have a positive weight and an answer in all columns.

    subset: True or False for each row, or the column that says so; None: everybody. missing: "fail" | "exclude_rows".
    PSUs without such a row still count, with zero.
    Raises DesignError: unknown column, missing answers under "fail", a subset without answers.
    """
    names = list(dict.fromkeys(columns))
    gaps = {name: np.where(est.column_of(design.frame, name).isna(), np.nan, 0.0) for name in names}
    row = model_rows(design, gaps, subset, missing)
    return design.observe(design.frame[names].iloc[row], row)


def t_test(design: SurveyDesign, item: str, group: str | None = None, null: float = 0.0, subset: Subset = None,
           missing: str = "fail", confidence: float = 0.95) -> TTest:
    """Is the mean of `item`, or the difference of its means between the two values of `group`, equal to `null`?

    t = (estimate - null) / se with d - 1 degrees of freedom, d the PSUs minus strata of the rows with an answer.
    Two groups: mean_2 - mean_1 in sorted order, scores w (y - mean_g) / W_g, minus for the first group; the groups covary
    through their PSUs. Units of the item. t and p_value are NaN where nothing varies or d < 2.
    Raises DesignError: not numbers, missing answers under "fail", not exactly two groups.
    Source: Lumley (2010) Complex Surveys 2.4; R survey::svyttest (the interval of a mean by itself has d, not d - 1).
    """
    seen = answering(design, [item] if group is None else [item, group], subset, missing)
    y = est.numbers_of(seen.frame, item, slice(None))
    if group is None:
        return _t_result(seen, item, (), y, None, null, confidence)
    code, names = _groups(seen, group)
    if len(names) != 2:
        raise DesignError(f"group {group!r} has {len(names)} values with answers ({', '.join(map(str, names[:5]))}); a t test "
                          "needs two: restrict it with subset=, or use rank_test or domain_differences")
    return _t_result(seen, item, names, y, code, null, confidence)


def paired_t_test(design: SurveyDesign, first: str, second: str, null: float = 0.0, subset: Subset = None,
                  missing: str = "fail", confidence: float = 0.95) -> TTest:
    """Is the mean of second - first, two answers of the same respondent, equal to `null`? A `t_test` of the differences.

    Rows count when both answers are there. Source: Korn and Graubard (1999) 3.3; R survey::svyttest(I(b - a) ~ 0).
    """
    seen = answering(design, [first, second], subset, missing)
    difference = est.numbers_of(seen.frame, second, slice(None)) - est.numbers_of(seen.frame, first, slice(None))
    return _t_result(seen, f"{second} - {first}", (), difference, None, null, confidence)


def rank_test(design: SurveyDesign, item: str, group: str, test: str = "wilcoxon", subset: Subset = None,
              missing: str = "fail") -> RankTest:
    """Do the groups have the same distribution of `item`? Regression of rank scores on the group.

    Rank of y: r = (sum of w below y + sum of w up to y) / 2, of N = sum w. Score: wilcoxon and KruskalWallis r / N (the
    same test), vanderWaerden the normal quantile of r / N, median 1 if r > N / 2. Two groups: t on d - 1 degrees of
    freedom; k groups: Wald test of the k - 1 differences, F on k - 1 and d - (k - 1); d as in `t_test`.
    Equal answers share the middle of their weights, so the rows' order does not matter (R's ranks of ties depend on it when
    their weights differ). p_value NaN where the df are below 1 or the differences have no variance.
    Raises DesignError: not numbers, missing answers under "fail", one group only, an unknown test.
    Source: Lumley and Scott (2013) Biometrika 100, 831-842; R survey::svyranktest.
    """
    if test not in RANK_TESTS:
        raise DesignError(f"test must be one of {', '.join(RANK_TESTS)}, not {test!r}")
    seen = answering(design, [item, group], subset, missing)
    code, names = _groups(seen, group)
    if len(names) < 2:
        raise DesignError(f"group {group!r} has one value only ({names[0]!r}): there is nothing to compare it with")
    score = rank_scores(est.numbers_of(seen.frame, item, slice(None)), seen.weights, test)
    means, scores = _group_means(score, seen.weights, code, len(names))
    difference = means[1:] - means[0]
    covariance = _without_noise(seen.covariance_of(scores[:, 1:] - scores[:, [0]]), score)
    n, d, df1 = np.bincount(code), seen.degrees_of_freedom(), len(names) - 1
    if df1 == 1:
        t = _t(float(difference[0]), float(np.sqrt(covariance[0, 0])), 0.0)
        return RankTest(item, test, names, means, n, t, 1, d - 1, float(two_sided(t, d - 1)))
    wald = wald_statistic(difference, covariance)
    p = stats.f.sf(wald / df1, df1, d - df1) if d - df1 >= 1 else np.nan
    return RankTest(item, test, names, means, n, wald, df1, d - df1, float(p))


def rank_scores(y: np.ndarray, weights: np.ndarray, test: str) -> np.ndarray:
    """Scores of `rank_test`, (n,), from answers and weights (n,)."""
    value, code = np.unique(y, return_inverse=True)
    weight = np.bincount(code, weights=weights, minlength=value.size)
    above = np.cumsum(weight)
    middle = above - weight / 2
    whole = above[-1]
    if test == "vanderWaerden":
        return stats.norm.ppf(middle / whole)[code]
    if test == "median":
        return (middle > whole / 2 * (1 + 1e-12)).astype(float)[code]
    return (middle / whole)[code]


def wald_statistic(values: np.ndarray, covariance: np.ndarray) -> float:
    """x' V^-1 x; NaN where V has no inverse (something does not vary, or there are too few PSUs for so many values)."""
    size = np.sqrt(np.diag(covariance))
    if not (np.isfinite(covariance).all() and np.isfinite(values).all()) or not (size > 0).all():
        return np.nan
    scaled = covariance / np.outer(size, size)
    if np.linalg.eigvalsh(scaled)[0] <= SINGULAR:
        return np.nan
    standard = values / size
    return float(standard @ np.linalg.solve(scaled, standard))


def _groups(seen: SurveyDesign, group: str) -> tuple[np.ndarray, tuple[object, ...]]:
    """Codes of the groups that occur, in sorted order (that of the categories if there are such)."""
    code, labels = est.codes_of(seen.frame, group)
    found, code = np.unique(code, return_inverse=True)
    return code, tuple(labels[i] for i in found)


def _group_means(y, weights, code, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Weighted means (k,) and their linearised scores (n, k)."""
    origin = y.min()  # a large common offset would eat the digits of the scores
    whole = np.bincount(code, weights=weights, minlength=groups)
    mean = np.bincount(code, weights=weights * (y - origin), minlength=groups) / whole
    scores = np.zeros((y.size, groups))
    scores[np.arange(y.size), code] = weights * ((y - origin) - mean[code]) / whole[code]
    return mean + origin, scores


def _without_noise(covariance: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The covariance with zeros where it is only the rounding of means that do not vary."""
    noise = np.finfo(float).eps * max(y.size, 16) * np.ptp(y)
    varies = np.sqrt(np.diag(covariance)) > noise
    return np.where(np.isnan(covariance), np.nan, covariance * np.outer(varies, varies))


def _t(estimate: float, error: float, null: float) -> float:
    return (estimate - null) / error if error > 0 else np.nan


def _t_result(seen: SurveyDesign, item: str, groups: tuple, y: np.ndarray, code, null: float, confidence: float) -> TTest:
    means, scores = _group_means(y, seen.weights, np.zeros(y.size, dtype=int) if code is None else code, max(len(groups), 1))
    signed = scores if not groups else scores[:, [1]] - scores[:, [0]]
    estimate = float(means[0] if not groups else means[1] - means[0])
    error = float(np.sqrt(_without_noise(seen.covariance_of(signed), y)[0, 0]))
    df = seen.degrees_of_freedom() - 1
    low, high = intervals.symmetric(estimate, error, df, confidence)
    t = _t(estimate, error, null)
    return TTest(item, groups, estimate, error, float(low), float(high), df, t, float(two_sided(t, df)), null, y.size)
