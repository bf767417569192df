"""Items answered by the same people: who answered, and the covariances of their answers. Nothing depends on row order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import estimates as est
from analysis.variance import DesignError

MISSING_POLICIES = ("fail", "pairwise", "exclude_rows")
COUNT_POLICIES = ("rows", "smallest_pair")

#: A variance below this share of the item's own is rounding: the answers do not vary.
NO_VARIANCE = 1e-12

#: An eigenvalue below this makes a correlation matrix singular for every purpose here.
SINGULAR = 1e-10


@dataclass(frozen=True, eq=False)
class Items:
    """Answers of n people to k items, and their second moments.

    values: (n, k), NaN where not answered; weights: (n,). covariance: (k, k), each pair over the people who answered both;
    correlation: (k, k), with the standard deviations over those same people (not those of `covariance`'s diagonal).
    pairs: (k, k) and n: how many answers these rest on; with weights Kish's effective number (sum w)^2 / sum w^2.
    """

    names: tuple[str, ...]
    values: np.ndarray
    weights: np.ndarray
    covariance: np.ndarray
    correlation: np.ndarray
    pairs: np.ndarray
    n: float

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, items: Sequence[str], missing: str = "fail", weights: str | None = None,
                   count: str = "rows") -> "Items":
        """Read columns of numbers, one row per person.

        c_jk = n_jk / (n_jk - 1) sum w (x_j - m_j)(x_k - m_k) / sum w over the n_jk people who answered both items, m their
        means; r_jk likewise. Without weights R's cov and cor. Rows that answer nothing or weigh nothing are left out.
        missing: "fail" | "pairwise" (as above; R use="pairwise") | "exclude_rows" (those who answered every item).
        count: the n behind intervals and tests: "rows" (everybody left, as in psych, too many when there are many gaps) or
        "smallest_pair" (cautious). Raises DesignError: unknown or repeated column, not numbers, missing values under "fail",
        negative or missing weights, fewer than two items, a pair that fewer than two people answered.
        Source: R stats::cov, stats::cor, stats::cov.wt.
        """
        names = tuple(items)
        if missing not in MISSING_POLICIES or count not in COUNT_POLICIES:
            raise DesignError(f"missing must be one of {', '.join(MISSING_POLICIES)} and count one of "
                              f"{', '.join(COUNT_POLICIES)}, not {missing!r} and {count!r}")
        if len(names) < 2 or len(set(names)) < len(names):
            raise DesignError(f"name two or more different items, not {list(names)}")
        values = np.column_stack([est.numbers_of(frame, name, slice(None)) for name in names])
        weight = np.ones(len(frame)) if weights is None else est.numbers_of(frame, weights, slice(None))
        if not (weight >= 0).all():
            raise DesignError(f"weights {weights!r} must be numbers from 0, none missing")
        gaps = np.isnan(values)
        if gaps.any() and missing == "fail":
            listed = ", ".join(f"{name} ({c})" for name, c in zip(names, gaps.sum(axis=0), strict=True) if c)
            raise DesignError(f"missing values in {listed}; declare missing='pairwise' or 'exclude_rows'")
        keep = (weight > 0) & ~(gaps.any(axis=1) if missing == "exclude_rows" else gaps.all(axis=1))
        values, weight = values[keep], weight[keep]
        covariance, correlation, pairs = second_moments(values, weight, names)
        n = float(pairs.min() if count == "smallest_pair" else weight.sum() ** 2 / (weight**2).sum())
        for array in (values, weight, covariance, correlation, pairs):
            array.flags.writeable = False
        return cls(names, values, weight, covariance, correlation, pairs, n)

    def known_correlation(self) -> np.ndarray:
        """The correlation matrix; raises DesignError naming the items whose answers do not vary."""
        unknown = np.isnan(self.correlation)
        if unknown.any():
            flat = [self.names[j] for j in np.flatnonzero(np.diag(unknown))]
            j, k = np.argwhere(unknown)[0]
            where = ", ".join(flat) if flat else f"{self.names[j]} and {self.names[k]} (where both are answered)"
            raise DesignError(f"no variance in {where}: everybody answered alike; leave them out")
        return self.correlation


def second_moments(values: np.ndarray, weights: np.ndarray,
                   names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariances, correlations and effective counts (k, k) over the rows valid in each pair; see Items.from_frame.

    A correlation is NaN where the answers of the pair do not vary.
    """
    valid = (~np.isnan(values)).astype(float)
    count = valid.T @ valid
    if (count < 2).any():
        j, k = np.argwhere(count < 2)[0]
        raise DesignError(f"fewer than two people answered {names[j]!r} and {names[k]!r} together")
    # Sums about the column means: a common offset would eat the digits of the squares.
    near = np.where(valid > 0, values - np.nanmean(values, axis=0), 0.0)
    weighted, w = near * weights[:, None], valid * weights[:, None]
    total, first = w.T @ valid, weighted.T @ valid
    # first[j, k]: sum of item j over those who answered k as well.
    cross = weighted.T @ near / total - (first / total) * (first.T / total)
    own = (weighted * near).T @ valid / total - (first / total) ** 2
    floor = NO_VARIANCE * np.maximum(np.diag(own), np.finfo(float).eps * np.nanmax(np.abs(values), axis=0) ** 2)
    own = np.where(own > floor[:, None], own, np.nan)
    correlation = cross / np.sqrt(own * own.T)
    covariance = np.where(np.isnan(own) | np.isnan(own.T), 0.0, cross) * count / (count - 1)
    np.fill_diagonal(correlation, np.where(np.isnan(np.diag(own)), np.nan, 1.0))
    pairs = total**2 / ((w * weights[:, None]).T @ valid)
    return (covariance + covariance.T) / 2, (correlation + correlation.T) / 2, (pairs + pairs.T) / 2


def ratio_or_nan(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """top / bottom, NaN where bottom is not positive."""
    return np.divide(top, bottom, out=np.full(np.shape(bottom), np.nan), where=np.asarray(bottom) > 0)


def squared_multiple_correlations(correlation: np.ndarray) -> np.ndarray:
    """1 - 1 / diag(R^-1), (k,): the variance of each item the others explain; NaN when R is not positive definite.

    Source: Guttman (1953) Psychometrika 18; R psych::smc (which goes on with a pseudo-inverse where ours is NaN).
    """
    if np.linalg.eigvalsh(correlation)[0] < SINGULAR:
        return np.full(len(correlation), np.nan)
    return 1 - 1 / np.diag(np.linalg.inv(correlation))
