"""Patterns within one questionnaire: the same answer all the way, halves that disagree, answers far from everybody's.

All functions take the frame (one row per questionnaire), the items in the order they were asked, declared thresholds and the
missing-data policy of analysis.response_quality.answers. Reverse-worded items: straight-lining, runs and variability read the
answers as given; consistency and distance read them after they were turned.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import linalg, stats

from analysis.response_quality.answers import BLANK, codes, numbers
from analysis.response_quality.flags import Flag, check_share, raised
from analysis.variance import DesignError

#: Respondents with gaps whose systems are solved at a time; a matter of memory only.
CHUNK = 256

GAP_POLICIES = ("breaks", "skipped")


def straight_lining(frame: pd.DataFrame, battery: Sequence[str], *, share: float, minimum_answers: int,
                    missing: str = "fail", not_answers: Collection[object] = (), name: str = "straight_lining") -> Flag:
    """Share of a battery's answers that are the respondent's most frequent one: max_a n_a / sum_a n_a, in [0, 1].

    Flagged when value >= `share` (1: all the same). Any kind of answers. detail `most_frequent`: n_a of that answer.
    Raises DesignError: bad items, policy or threshold, gaps under "fail".
    Source: Kim, Dykema, Stevenson, Black, Moberg (2019) Soc. Sci. Comput. Rev. 37(2), 214-233 (maximum identical rating).
    """
    check_share("share", share)
    answers = codes(frame, battery, minimum_answers, missing, not_answers)
    ordered = np.sort(answers.values, axis=1)
    longest = _run_lengths(ordered, ordered != BLANK).max(axis=1)
    value = np.where(answers.usable, longest / np.maximum(answers.count, 1), np.nan)
    return raised(name, f"share of the same answer >= {share:g}", frame.index, value, value >= share, answers.count,
                  most_frequent=longest)


def response_variability(frame: pd.DataFrame, battery: Sequence[str], *, standard_deviation: float, minimum_answers: int,
                         missing: str = "fail", not_answers: Collection[object] = (),
                         name: str = "response_variability") -> Flag:
    """Standard deviation of a respondent's own answers, s_i = sqrt(sum_j (x_ij - xbar_i)^2 / (m_i - 1)), in scale points.

    Flagged when value <= `standard_deviation` (0: all the same). Numeric items on one scale.
    Raises DesignError as `straight_lining`, and for items that are not numbers.
    Source: Dunn, Heggestad, Shanock, Theilgard (2018) J. Bus. Psychol. 33, 105-121; R apply(x, 1, sd), careless::irv.
    """
    if not standard_deviation >= 0:
        raise DesignError(f"standard_deviation must not be negative, got {standard_deviation!r}")
    answers = numbers(frame, battery, minimum_answers, missing, not_answers)
    count = np.maximum(answers.count, 1)
    near = answers.values - np.min(answers.values, axis=1, keepdims=True, initial=np.inf, where=answers.given)
    near = np.where(answers.given, near, 0.0)
    residual = np.where(answers.given, near - (near.sum(axis=1) / count)[:, None], 0.0)
    value = np.where(answers.usable, np.sqrt((residual**2).sum(axis=1) / np.maximum(count - 1, 1)), np.nan)
    return raised(name, f"standard deviation of the answers <= {standard_deviation:g}", frame.index, value,
                  value <= standard_deviation, answers.count)


def longest_run(frame: pd.DataFrame, items: Sequence[str], *, length: int, minimum_answers: int, missing: str = "fail",
                gap: str = "breaks", not_answers: Collection[object] = (), name: str = "longest_run") -> Flag:
    """Longest run of the same answer in the order of the items, in answers.

    Flagged when value >= `length`. gap: a question without an answer "breaks" the run or is "skipped".
    detail `average_run`: see `average_run`. Raises DesignError as `straight_lining`, and for an unknown gap policy.
    Source: Johnson (2005) J. Res. Pers. 39, 103-129; R max(rle(x)$lengths), careless::longstring.
    """
    answers, lengths, average = _runs(frame, items, minimum_answers, missing, gap, not_answers)
    value = np.where(answers.usable, lengths.max(axis=1), np.nan)
    return raised(name, f"same answer >= {length:g} times in a row", frame.index, value, value >= length, answers.count,
                  average_run=average)


def average_run(frame: pd.DataFrame, items: Sequence[str], *, length: float, minimum_answers: int, missing: str = "fail",
                gap: str = "breaks", not_answers: Collection[object] = (), name: str = "average_run") -> Flag:
    """Mean length of the runs of the same answer: answers given / number of runs, in answers.

    Flagged when value >= `length`. Otherwise as `longest_run`. Source: R mean(rle(x)$lengths), careless::longstring(avg=TRUE).
    """
    answers, _, average = _runs(frame, items, minimum_answers, missing, gap, not_answers)
    return raised(name, f"runs of the same answer are on average >= {length:g} long", frame.index, average,
                  average >= length, answers.count)


def _runs(frame, items, minimum_answers, missing, gap, not_answers):
    if gap not in GAP_POLICIES:
        raise DesignError(f"gap must be one of {', '.join(GAP_POLICIES)}, not {gap!r}")
    answers = codes(frame, items, minimum_answers, missing, not_answers)
    values, given = answers.values, answers.given
    if gap == "skipped":
        order = np.argsort(~given, axis=1, kind="stable")
        values, given = (np.take_along_axis(array, order, axis=1) for array in (values, given))
    lengths = _run_lengths(values, given)
    runs = (lengths == 1).sum(axis=1)
    average = np.where(answers.usable, answers.count / np.maximum(runs, 1), np.nan)
    return answers, lengths, average


def _run_lengths(values: np.ndarray, given: np.ndarray) -> np.ndarray:
    """(n, k): how long the run of equal answers is that ends at each question; 0 where there is no answer."""
    lengths = given.astype(np.int64)
    for j in range(1, values.shape[1]):
        goes_on = given[:, j] & (values[:, j] == values[:, j - 1])
        lengths[goes_on, j] += lengths[goes_on, j - 1]
    return lengths


def even_odd_consistency(frame: pd.DataFrame, scales: Mapping[str, Sequence[str]], *, consistency: float,
                         minimum_scales: int, missing: str = "fail", not_answers: Collection[object] = (),
                         name: str = "even_odd_consistency") -> Flag:
    """Whether the halves of each scale agree within one respondent: 2 r / (1 + r), in [-1, 1].

    For each scale the mean of the 1st, 3rd, ... item and the mean of the 2nd, 4th, ... item, over the answers given; r is
    the respondent's correlation of the two over the scales, stepped up by Spearman-Brown and cut at -1.
    Flagged when value <= `consistency`. NaN with fewer than `minimum_scales` (>= 3) scales with an answer in both halves
    ("exclude_rows": with any gap), or when a half does not vary: a straight-liner has no consistency to show.
    Items turned so that high means the same in a scale; comparable scales; `answers` counts the scales used.
    Raises DesignError: fewer than `minimum_scales` scales, a scale of one item, an item in two scales, otherwise as
    `response_variability`. Source: Johnson (2005); Meade and Craig (2012) Psychol. Methods 17, 437-455; R careless::evenodd,
    which since 1.2.0 gives this with the opposite sign.
    """
    if minimum_scales < 3 or len(scales) < minimum_scales:
        raise DesignError(f"minimum_scales must lie between 3 and the {len(scales)} scales, not {minimum_scales!r}: two always "
                          "correlate perfectly")
    short = [scale for scale, items in scales.items() if isinstance(items, str) or len(items) < 2]
    if short:
        raise DesignError(f"scales of fewer than two items have no halves: {', '.join(short)}")
    if not -1 <= consistency <= 1:
        raise DesignError(f"consistency must lie between -1 and 1, not {consistency!r}")
    answers = numbers(frame, [item for items in scales.values() for item in items], 2, missing, not_answers)
    halves, start = [], 0
    for items in scales.values():
        pair = []
        for half in (slice(start, start + len(items), 2), slice(start + 1, start + len(items), 2)):
            count = answers.given[:, half].sum(axis=1)
            total = np.where(answers.given[:, half], answers.values[:, half], 0.0).sum(axis=1)
            pair.append(np.divide(total, count, out=np.full(len(frame), np.nan), where=count > 0))
        halves.append(pair)
        start += len(items)
    odd, even = np.array(halves).transpose(1, 2, 0)
    both = ~np.isnan(odd) & ~np.isnan(even)
    used = both.sum(axis=1)
    r = _row_correlation(odd, even, both)
    with np.errstate(divide="ignore"):
        value = np.maximum(2 * r / (1 + r), -1.0)
    value = np.where(answers.usable & (used >= minimum_scales), value, np.nan)
    return raised(name, f"consistency of the halves <= {consistency:g}", frame.index, value, value <= consistency, used)


def _row_correlation(x: np.ndarray, y: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Correlation of x and y along each row over the columns in `both`; NaN where one of them is constant."""
    count = np.maximum(both.sum(axis=1), 1)
    centred, varies = [], np.ones(len(x), dtype=bool)
    for values in (x, y):
        known = np.where(both, values, 0.0)
        varies &= np.max(values, axis=1, initial=-np.inf, where=both) > np.min(values, axis=1, initial=np.inf, where=both)
        centred.append(np.where(both, known - (known.sum(axis=1) / count)[:, None], 0.0))
    a, b = centred
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    r = np.divide((a * b).sum(axis=1), scale, out=np.full(len(x), np.nan), where=varies & (scale > 0))
    return np.clip(r, -1.0, 1.0)


def mahalanobis_distance(frame: pd.DataFrame, items: Sequence[str], *, chance: float, minimum_answers: int,
                         missing: str = "fail", shrinkage: float = 0.0, not_answers: Collection[object] = (),
                         name: str = "mahalanobis_distance") -> Flag:
    """How far a respondent's answers lie from the mean: d_i^2 = (x - m)_o' (S_oo)^-1 (x - m)_o over the items o answered.

    m: item means over the answers given; S: their covariance, over all usable respondents, divisor n - 1. With gaps
    ("exclude") each entry is taken over the respondents who answered both items; "exclude_rows": over complete rows only.
    shrinkage: S becomes (1 - lambda) S + lambda diag(S), in [0, 1]; 0 leaves S alone.
    Flagged when the chi-square chance of a distance this large, P(X2_|o| >= d^2), is <= `chance`; exact only for normal
    answers, so take a strict one. details: `chance`. Value in squared standard deviations.
    Raises DesignError: items that do not vary or a covariance that is not positive definite (declare a shrinkage, or leave
    an item out), otherwise as `response_variability`.
    Source: Mahalanobis (1936); Meade and Craig (2012); R mahalanobis(x, colMeans(x), cov(x)); cov(use="pairwise").
    """
    check_share("chance", chance)
    check_share("shrinkage", shrinkage)
    answers = numbers(frame, items, minimum_answers, missing, not_answers)
    given, usable = answers.given[answers.usable], np.flatnonzero(answers.usable)
    value = np.full(len(frame), np.nan)
    if usable.size:
        x = answers.values[usable]
        mean = np.where(given, x, 0.0).sum(axis=0) / np.maximum(given.sum(axis=0), 1)
        covariance = _pairwise_covariance(np.where(given, x - mean, 0.0), given)
        varies = x.max(axis=0, initial=-np.inf, where=given) > x.min(axis=0, initial=np.inf, where=given)
        still = [item for item, some in zip(items, varies, strict=True) if not some]
        if still:
            raise DesignError(f"items that do not vary have no distance: {', '.join(still)}; leave them out")
        covariance = (1 - shrinkage) * covariance + shrinkage * np.diag(np.diag(covariance))
        if not np.isfinite(covariance).all():
            raise DesignError("some pairs of items were never answered together; leave one of each pair out")
        _refuse_indefinite(covariance, list(items))
        value[usable] = _squared_distances(np.where(given, x - mean, 0.0), given, covariance)
    probability = np.where(np.isnan(value), np.nan, stats.chi2.sf(value, np.maximum(answers.count, 1)))
    return raised(name, f"chance of a distance this large <= {chance:g}", frame.index, value, probability <= chance,
                  answers.count, chance=probability)


def _squared_distances(away: np.ndarray, given: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """d^2 of each row over its own answers; `away` is zero where there is none."""
    result = np.empty(len(away))
    whole = given.all(axis=1)
    if whole.any():
        root = linalg.cholesky(covariance, lower=True)
        result[whole] = (linalg.solve_triangular(root, away[whole].T, lower=True) ** 2).sum(axis=0)
    gapped = np.flatnonzero(~whole)
    unit = np.eye(given.shape[1])
    for start in range(0, gapped.size, CHUNK):
        rows = gapped[start : start + CHUNK]
        # A question without an answer becomes an independent one answered at its mean: it adds nothing.
        both = given[rows][:, :, None] & given[rows][:, None, :]
        solved = np.linalg.solve(np.where(both, covariance, unit), away[rows][:, :, None])[:, :, 0]
        result[rows] = (away[rows] * solved).sum(axis=1)
    return result


def _pairwise_covariance(near: np.ndarray, given: np.ndarray) -> np.ndarray:
    """cov(use="pairwise") of values already near zero, zeros where not given; NaN for a pair met fewer than twice."""
    mark = given.astype(float)
    pairs = mark.T @ mark
    first = near.T @ mark
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = near.T @ near - first * first.T / pairs
        return np.where(pairs > 1, cross / (pairs - 1), np.nan)


def _refuse_indefinite(covariance: np.ndarray, items: list[str]) -> None:
    spread = np.sqrt(np.diag(covariance))
    smallest = np.linalg.eigvalsh(covariance / np.outer(spread, spread))[0]
    if smallest <= len(items) * np.finfo(float).eps * 100:
        raise DesignError(f"the covariance of {', '.join(items)} is not positive definite (smallest eigenvalue of the "
                          f"correlations {smallest:.2g}); declare a shrinkage above 0 or leave an item out")
