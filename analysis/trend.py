"""A linear trend through yearly estimates, with the breaks of the series declared."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, stats

from analysis import intervals
from analysis.changes import satterthwaite
from analysis.compare import Figures, key_columns, two_sided
from analysis.variance import DesignError

WEIGHTINGS = ("covariance", "variance", "equal")
ACROSS_BREAKS = ("refuse", "step")

#: Columns of the regression this close to a combination of others are one: the slope cannot be told from a step.
COLLINEAR = 1e-9


class SeriesBreakError(DesignError):
    """A trend was asked for across a declared break of the series."""


@dataclass(frozen=True, eq=False)
class Trend:
    """The fitted line. Parameters (q,): level (at the mean year), slope (units per year), and one step for each break.

    fitted, residual: (m,) of the years used. linearity: F of the residuals on `linearity_df`, p_value; NaN when the line
    has no years to spare.
    """

    years: np.ndarray
    parameters: tuple[str, ...]
    estimate: np.ndarray
    standard_error: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    df: np.ndarray
    t: np.ndarray
    p_value: np.ndarray
    covariance: np.ndarray
    fitted: np.ndarray
    residual: np.ndarray
    linearity: float
    linearity_df: tuple[float, float]
    linearity_p_value: float

    def table(self) -> pd.DataFrame:
        """One row per parameter: parameter, estimate, standard_error, ci_low, ci_high, df, t, p_value."""
        columns: dict[str, object] = {"parameter": list(self.parameters)}
        for name in ("estimate", "standard_error", "ci_low", "ci_high", "df", "t", "p_value"):
            columns[name] = getattr(self, name)
        return pd.DataFrame(columns)


def linear_trend(years: Sequence[float], estimates: Sequence[float], covariance: np.ndarray,
                 df: float | Sequence[float] = np.inf, breaks: Collection[float] = (), across_breaks: str = "refuse",
                 weighting: str = "covariance", confidence: float = 0.95) -> Trend:
    """Line through yearly estimates y (m,) with covariance V (m, m), or variances (m,) for independent years.

    b = (X'WX)^-1 X'W y, covariance (X'WX)^-1 X'W V W X (X'WX)^-1; W = V^-1 ("covariance": generalised least squares),
    diag(V)^-1 ("variance") or I ("equal"). X: 1, year - mean year, and for each break 1 from that year on.
    breaks: first years of a new series (a unit was reorganised, a question changed). across_breaks: "refuse" raises when one
    lies within the years; "step" fits a jump there and one slope. Years whose estimate is NaN are left out.
    df: one number, or one for each year: then Satterthwaite's for independent years, the smallest for dependent ones.
    Linearity (is a line enough?): Q = e' V^-1 e of generalised least squares on r = m - q degrees of freedom, referred as
    Q (nu - r + 1) / (r nu) to F with r and nu - r + 1, nu the smallest df; a chi-square when nu is infinite.
    Raises DesignError: shapes, years not distinct, fewer than two years, a year without variance where W needs it, a slope
    that the breaks leave undetermined; SeriesBreakError.
    Source: Grizzle, Starmer and Koch (1969) Biometrics 25; Fuller (2009) Sampling Statistics; R lm(weights=1/variance).
    """
    when, y, v, nu = _series(years, estimates, covariance, df)
    if weighting not in WEIGHTINGS:
        raise DesignError(f"weighting must be one of {', '.join(WEIGHTINGS)}, not {weighting!r}")
    x, names = _regressors(when, breaks, across_breaks)
    if (np.diag(v) <= 0).any() and weighting != "equal":
        raise DesignError(f"year {when[np.argmin(np.diag(v))]:g} has no variance; declare weighting='equal'")
    inverse = _inverse(v)
    if weighting == "covariance" and inverse is None:
        raise DesignError("the covariance of the years has no inverse (fewer PSUs than years?); declare weighting='variance' "
                          "or 'equal'")
    w = {"covariance": inverse, "variance": np.diag(1 / np.where(np.diag(v) > 0, np.diag(v), 1)),
         "equal": np.eye(when.size)}[weighting]
    gain = np.linalg.solve(x.T @ w @ x, x.T @ w)
    b, spread = gain @ y, gain @ v @ gain.T
    error = np.sqrt(np.diag(spread))
    independent = not (v - np.diag(np.diag(v))).any()
    if independent and np.ndim(df) == 1:
        degrees = satterthwaite((gain**2 * np.diag(v)).T, np.broadcast_to(nu[:, None], gain.T.shape))
    else:
        degrees = np.full(b.size, nu.min())
    t = np.divide(b, error, out=np.full(b.size, np.nan), where=error > 0)
    low, high = intervals.symmetric(b, error, degrees, confidence)
    f, f_df, f_p = _linearity(x, y, inverse, float(nu.min()))
    return Trend(when, names, b, error, low, high, degrees, t, two_sided(t, degrees), spread, x @ b, y - x @ b, f, f_df, f_p)


def domain_trends(figures: Figures | Mapping[float, Figures], over: str = "year",
                  breaks: Mapping[tuple, Collection[float]] | Collection[float] = (), across_breaks: str = "refuse",
                  weighting: str = "covariance", confidence: float = 0.95) -> pd.DataFrame:
    """The slope of each item, level and domain as one table: key columns, years, slope, standard_error, ci_low, ci_high,
    df, t, p_value, linearity, linearity_p_value, note.

    figures: estimates with the years in column `over` (a panel or `stack_periods`: years covary), or year -> estimates of
    independent samples. breaks: of all series, or by key (the tuple of the key columns, for example ("q1", "Unit A")).
    A series that has no trend keeps its row: NaN, and the reason in `note` ("" otherwise). As `linear_trend`.
    Raises DesignError: no column `over`, years that are no numbers, breaks of a series that is not there.
    """
    table, covariance = _joined(figures, over) if isinstance(figures, Mapping) else (figures.table(), figures.covariance())
    keys = key_columns(table)
    if over not in keys:
        raise DesignError(f"no key column {over!r}; there are: {', '.join(keys)}")
    years = pd.to_numeric(table[over], errors="coerce").to_numpy(dtype=float)
    if np.isnan(years).any():
        raise DesignError(f"{over}={table[over].iloc[int(np.flatnonzero(np.isnan(years))[0])]!r} is not a number")
    others = [key for key in keys if key != over]
    series: dict[tuple, list[int]] = {}
    for i, key in enumerate(table[others].itertuples(index=False, name=None)):
        series.setdefault(key, []).append(i)
    if isinstance(breaks, Mapping) and set(breaks) - set(series):
        raise DesignError(f"breaks are given for {sorted(set(breaks) - set(series), key=str)[0]}, which is no series here")
    rows = []
    for key, at in series.items():
        declared = breaks.get(key, ()) if isinstance(breaks, Mapping) else breaks
        figure = table.iloc[at]
        row = dict(zip(others, key, strict=True)) | {"years": int(figure["estimate"].notna().sum())}
        try:
            trend = linear_trend(years[at], figure["estimate"], covariance[np.ix_(at, at)], figure["df"].to_numpy(float),
                                 declared, across_breaks, weighting, confidence)
        except DesignError as problem:
            rows.append(row | {"note": str(problem)})
            continue
        slope = trend.table().iloc[1].drop("parameter").rename({"estimate": "slope"})
        rows.append(row | dict(slope) | {"linearity": trend.linearity, "linearity_p_value": trend.linearity_p_value,
                                         "note": ""})
    columns = [*others, "years", "slope", "standard_error", "ci_low", "ci_high", "df", "t", "p_value", "linearity",
               "linearity_p_value", "note"]
    numeric = columns[len(others) + 1 : -1]
    return pd.DataFrame(rows).reindex(columns=columns).astype(dict.fromkeys(numeric, float))


def _series(years, estimates, covariance, df):
    """Years in order, their estimates, covariance and df, without those that have no estimate."""
    when, y, v = (np.asarray(a, dtype=float) for a in (years, estimates, covariance))
    if v.ndim == 1:
        v = np.diag(v)
    if when.ndim != 1 or y.shape != when.shape or v.shape != (when.size, when.size):
        raise DesignError(f"need m years, m estimates and their (m, m) covariance, got {when.shape}, {y.shape} and {v.shape}")
    if np.unique(when).size < when.size:
        raise DesignError("each year may stand once only")
    nu = np.broadcast_to(np.asarray(df, dtype=float), when.shape)
    known = np.flatnonzero(~np.isnan(y) & ~np.isnan(np.diag(v)))
    if known.size < 2:
        raise DesignError(f"a trend needs two years with an estimate and its variance; there are {known.size}")
    known = known[np.argsort(when[known])]
    return when[known], y[known], v[np.ix_(known, known)], nu[known]


def _regressors(when: np.ndarray, breaks: Collection[float], across_breaks: str) -> tuple[np.ndarray, tuple[str, ...]]:
    if across_breaks not in ACROSS_BREAKS:
        raise DesignError(f"across_breaks must be one of {', '.join(ACROSS_BREAKS)}, not {across_breaks!r}")
    inside = sorted({float(year) for year in breaks if when[0] < year <= when[-1]})
    if inside and across_breaks == "refuse":
        raise SeriesBreakError(f"the series breaks in {inside[0]:g}: take the years on one side of it, or declare "
                               "across_breaks='step' to fit a jump there")
    columns = [np.ones(when.size), when - when.mean(), *((when >= year).astype(float) for year in inside)]
    x = np.column_stack(columns)
    if np.linalg.svd(x / np.linalg.norm(x, axis=0), compute_uv=False)[-1] < COLLINEAR or x.shape[1] > when.size:
        raise DesignError("between the breaks no series has two years: the slope cannot be told from the steps")
    return x, ("level", "slope", *(f"step {year:g}" for year in inside))


def _inverse(v: np.ndarray) -> np.ndarray | None:
    size = np.sqrt(np.diag(v))
    if not (size > 0).all():
        return None
    scaled = v / np.outer(size, size)
    if np.linalg.eigvalsh(scaled)[0] <= COLLINEAR:
        return None
    return np.linalg.inv(scaled) / np.outer(size, size)


def _linearity(x: np.ndarray, y: np.ndarray, inverse: np.ndarray | None, nu: float) -> tuple[float, tuple[float, float], float]:
    """F, its degrees of freedom and P of the residuals of generalised least squares, whatever weighting the line has."""
    spare = y.size - x.shape[1]
    below = np.inf if np.isinf(nu) else nu - spare + 1
    if spare == 0 or inverse is None or not below >= 1:
        return np.nan, (float(spare), below), np.nan
    residual = y - x @ np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
    q = float(residual @ inverse @ residual)
    if np.isinf(nu):
        return q / spare, (float(spare), below), float(stats.chi2.sf(q, spare))
    f = q * below / (spare * nu)
    return f, (float(spare), below), float(stats.f.sf(f, spare, below))


def _joined(figures: Mapping[float, Figures], over: str) -> tuple[pd.DataFrame, np.ndarray]:
    """One table and covariance of independent yearly estimates, the year as a key column."""
    tables = []
    for year, one in figures.items():
        table = one.table()
        if over in table.columns:
            raise DesignError(f"the estimates of {year} already have a column {over!r}: choose another `over`")
        table.insert(0, over, year)
        tables.append(table)
    if len({tuple(key_columns(table)) for table in tables}) != 1:
        raise DesignError("the years are keyed by different columns: estimate all of them by the same domains")
    return pd.concat(tables, ignore_index=True), linalg.block_diag(*(one.covariance() for one in figures.values()))
