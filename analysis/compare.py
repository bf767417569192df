"""Differences and other contrasts of estimates, with their joint covariance."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import sparse, stats

from analysis import intervals
from analysis.variance import DesignError

#: A contrast whose variance is this small beside the variances it comes from is known exactly.
NO_VARIANCE = 1e-12

#: Contrasts whose variances are computed at once: 1,000 of 2,000 figures take 16 MB.
BLOCK = 1000

AGAINST = ("pairs", "reference", "mean", "previous")


class Figures(Protocol):
    """What can be compared: `Estimates` or `Comparison`."""

    def table(self) -> pd.DataFrame: ...

    def covariance(self) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Comparison:
    """m contrasts of p figures; arrays (m,).

    keys: the columns that say what each row is. t and p_value test estimate = null (two-sided, Student's t with df).
    jacobian (m, p) and figures_covariance (p, p): where the covariance of the contrasts comes from.
    """

    keys: tuple[tuple[str, tuple[object, ...]], ...]
    estimate: np.ndarray
    standard_error: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    df: np.ndarray
    t: np.ndarray
    p_value: np.ndarray
    null: float
    confidence: float
    jacobian: sparse.csr_array
    figures_covariance: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row per contrast: the key columns, estimate, standard_error, ci_low, ci_high, df, t, p_value."""
        columns: dict[str, object] = {name: pd.Series(list(values), dtype=None if values else object)
                                      for name, values in self.keys}
        for name in ("estimate", "standard_error", "ci_low", "ci_high", "df", "t", "p_value"):
            columns[name] = getattr(self, name)
        return pd.DataFrame(columns)

    def covariance(self) -> np.ndarray:
        """Joint covariance (m, m) of the contrasts: J V J'; NaN where a contrast rests on a figure without a variance."""
        known = np.nan_to_num(self.figures_covariance)
        matrix = np.asarray(self.jacobian @ (self.jacobian @ known.T).T)
        unknown = np.isnan(self.standard_error)
        matrix[unknown, :] = np.nan
        matrix[:, unknown] = np.nan
        return matrix


def labels(figures: Figures) -> list[str]:
    """How `contrast` calls each row of the table: its item, level and domains, joined by a colon ("q1", "q1:Unit A")."""
    return _names(figures.table())


def contrast(figures: Figures, contrasts: Mapping[str, Mapping[str, float] | Sequence[float]], null: float = 0.0,
             df: float | None = None, confidence: float = 0.95) -> Comparison:
    """Linear combinations c'x of the figures, variance c' V c with their joint covariance V.

    contrasts: name -> coefficients, either one per row of figures.table() or by label (see `labels`; others are 0).
    df: degrees of freedom of all contrasts; None: the smallest among the figures with a coefficient; np.inf: normal.
    Units: those of the figures. NaN where a figure is NaN; without variance t and p_value are NaN, the interval a point.
    Raises DesignError: no contrast, unknown or ambiguous label, wrong length, coefficients not finite or all zero.
    Source: Korn and Graubard (1999) 3.3; R survey::svycontrast.
    """
    table = figures.table()
    names = _names(table)
    rows = np.array([_coefficients(names, name, given) for name, given in contrasts.items()])
    if not len(rows):
        raise DesignError("name at least one contrast")
    x = table["estimate"].to_numpy(dtype=float)
    values = np.array([row[row != 0] @ x[row != 0] for row in rows])
    return compared((("contrast", tuple(contrasts)),), values, sparse.csr_array(rows), figures.covariance(),
                    smallest_df(table, sparse.csr_array(rows)) if df is None else df, null, confidence)


def ratio_contrast(figures: Figures,
                   ratios: Mapping[str, tuple[Mapping[str, float] | Sequence[float], Mapping[str, float] | Sequence[float]]],
                   null: float = 1.0, df: float | None = None, confidence: float = 0.95) -> Comparison:
    """Ratios R = a'x / b'x of linear combinations, by the delta method: gradient (a - R b) / b'x.

    ratios: name -> (a, b), each as in `contrast`. NaN where b'x is zero. Otherwise as `contrast`.
    Source: Binder (1983); R survey::svycontrast with a quoted ratio.
    """
    table = figures.table()
    names, x = _names(table), table["estimate"].to_numpy(dtype=float)
    values, gradients = [], []
    for name, (top, bottom) in ratios.items():
        a, b = _coefficients(names, name, top), _coefficients(names, name, bottom)
        used = (a != 0) | (b != 0)
        above, below = a[used] @ x[used], b[used] @ x[used]
        value = above / below if below != 0 else np.nan
        values.append(value)
        gradients.append(np.where(used, (a - value * b) / below if below != 0 else np.nan, 0.0))
    if not values:
        raise DesignError("name at least one ratio")
    jacobian = sparse.csr_array(np.array(gradients))
    return compared((("contrast", tuple(ratios)),), np.array(values), jacobian, figures.covariance(),
                    smallest_df(table, jacobian) if df is None else df, null, confidence)


def smooth_contrast(figures: Figures, functions: Mapping[str, Callable[[Mapping[str, float]], float]], null: float = 0.0,
                    df: float | None = None, confidence: float = 0.95) -> Comparison:
    """Smooth functions g(x) of the figures by the delta method: variance g' V g', g' the gradient at the estimates.

    functions: name -> function of a mapping label -> estimate (see `labels`). The gradient is numerical: central
    differences of step 1 % of each figure, halved twice and extrapolated (relative error about 1e-10).
    Raises DesignError where a function is not finite at the estimates or near them. Otherwise as `contrast`.
    Source: Wolter (2007) 6.2; R survey::svycontrast with quoted expressions.
    """
    table, covariance = figures.table(), figures.covariance()
    names = _names(table)
    _refuse_ambiguous(names)
    x = table["estimate"].to_numpy(dtype=float)
    error = np.sqrt(np.maximum(np.nan_to_num(np.diag(covariance)), 0))
    values, gradients = [], []
    for name, function in functions.items():
        asked = _Asked(dict(zip(names, x, strict=True)))
        value = float(function(asked))
        used = [names.index(label) for label in sorted(asked.read)]
        gradient = np.zeros(x.size)
        if not np.isnan(x[used]).any():
            if not np.isfinite(value):
                raise DesignError(f"contrast {name!r} is {value} at the estimates")
            for j in used:
                gradient[j] = _slope(name, function, asked, names[j], max(abs(x[j]), error[j] / 1000))
        else:
            gradient[used] = np.nan
        values.append(value)
        gradients.append(gradient)
    if not values:
        raise DesignError("name at least one contrast")
    jacobian = sparse.csr_array(np.array(gradients))
    return compared((("contrast", tuple(functions)),), np.array(values), jacobian, covariance,
                    smallest_df(table, jacobian) if df is None else df, null, confidence)


def domain_differences(figures: Figures, over: str | None = None, against: str = "pairs", reference: object = None,
                       df: float | None = None, confidence: float = 0.95) -> Comparison:
    """Differences between the domains of column `over`, within each item, level and other domain, with joint covariance.

    over: a domain column of the table; None: the only one. The row of a domain minus
    "pairs": every domain before it; "reference": the domain called `reference`; "previous": the domain just before it
    (years in a panel); "mean": the unweighted mean of all domains of the group that have an estimate, itself included.
    Key columns: those of the table, and `compared_with`. df as in `contrast`. NaN where a domain has no estimate.
    Raises DesignError: no such column, one domain only, an unknown reference or `against`.
    Source: R survey::svyby(covmat=TRUE) with svycontrast; the covariance between domains is never taken as zero.
    """
    table = figures.table()
    keys = key_columns(table)
    column = _domain_column(keys, over)
    if against not in AGAINST:
        raise DesignError(f"against must be one of {', '.join(AGAINST)}, not {against!r}")
    name = table[column].to_numpy(dtype=object)
    known = list(dict.fromkeys(name))
    if len(known) < 2:
        raise DesignError(f"column {column!r} has one domain only ({known[0]!r}): there is nothing to compare it with"
                          if known else f"column {column!r} has no domains")
    if against == "reference" and reference not in known:
        raise DesignError(f"no domain {reference!r} in column {column!r}; there are: {', '.join(map(str, known[:20]))}")
    others = [key for key in keys if key != column]
    x = table["estimate"].to_numpy(dtype=float)
    groups = table.groupby(others, sort=False, dropna=False).indices.values() if others else [np.arange(len(table))]
    mine, theirs, rows, cells, weights = [], [], [], [], []
    start = 0
    for group in groups:
        first, second = _pairs(group, list(name[group]), against, reference)
        mine.append(first)
        count = first.size
        if against == "mean":
            valid = group[~np.isnan(x[group])]
            theirs.extend(["(mean)"] * count)
            rows += [np.arange(count), np.repeat(np.arange(count), valid.size)]
            cells += [first, np.tile(valid, count)]
            weights += [np.ones(count), np.full(count * valid.size, -1.0 / max(valid.size, 1))]
        else:
            theirs.extend(name[second])
            rows += [np.arange(count), np.arange(count)]
            cells += [first, second]
            weights += [np.ones(count), -np.ones(count)]
        rows[-2:] = [one + start for one in rows[-2:]]
        start += count
    jacobian = sparse.csr_array((np.concatenate(weights), (np.concatenate(rows), np.concatenate(cells))),
                                shape=(start, len(table)))
    jacobian.sum_duplicates()
    named = table.iloc[np.concatenate(mine)]
    labelled = [(key, tuple(named[key])) for key in keys] + [("compared_with", tuple(theirs))]
    return compared(tuple(labelled), _combined(jacobian, x), jacobian, figures.covariance(),
                    smallest_df(table, jacobian) if df is None else df, 0.0, confidence)


def compared(keys, estimate: np.ndarray, jacobian: sparse.csr_array, covariance: np.ndarray, df, null: float,
             confidence: float) -> Comparison:
    """A Comparison from contrasts (m,), their jacobian (m, p) and the figures' covariance (p, p): error, t, interval."""
    error = np.sqrt(contrast_variances(jacobian, covariance))
    error = np.where(np.isnan(estimate), np.nan, error)
    df = np.broadcast_to(np.asarray(df, dtype=float), estimate.shape).copy()
    t = np.divide(estimate - null, error, out=np.full(estimate.shape, np.nan), where=error > 0)
    low, high = intervals.symmetric(estimate, error, df, confidence)
    arrays = [estimate, error, low, high, df, t, two_sided(t, df)]
    for array in arrays:
        array.flags.writeable = False
    return Comparison(tuple(keys), *arrays, float(null), confidence, jacobian, covariance)


def two_sided(t: np.ndarray, df: np.ndarray) -> np.ndarray:
    """P(|T| >= |t|), Student's t with df; NaN where df < 1."""
    df = np.asarray(df, dtype=float)
    return np.where(df >= 1, 2 * stats.t.sf(np.abs(t), np.maximum(df, 1)), np.nan)


def contrast_variances(jacobian: sparse.csr_array, covariance: np.ndarray) -> np.ndarray:
    """Diagonal of J V J', (m,), without building it; 0 where it is rounding noise, NaN where a used figure has none."""
    known = np.nan_to_num(covariance)
    unknown = np.isnan(np.diag(covariance)).astype(float)
    own = np.diag(known)
    result = np.empty(jacobian.shape[0])
    for block in _blocks(jacobian.shape[0]):
        part = jacobian[block]
        variance = np.asarray(part.multiply(part @ known).sum(axis=1)).ravel()
        apart = np.asarray(part.multiply(part) @ own).ravel()
        variance = np.where(variance <= NO_VARIANCE * apart, 0.0, variance)
        result[block] = np.where(np.asarray(abs(part) @ unknown).ravel() > 0, np.nan, variance)
        result[block][np.isnan(np.asarray(part.sum(axis=1)).ravel())] = np.nan
    return result


def smallest_df(table: pd.DataFrame, jacobian: sparse.csr_array) -> np.ndarray:
    """For each contrast the smallest degrees of freedom among the figures it uses, (m,)."""
    df = table["df"].to_numpy(dtype=float)
    return np.array([df[jacobian.indices[a:b]].min(initial=np.inf)
                     for a, b in zip(jacobian.indptr[:-1], jacobian.indptr[1:], strict=True)])


class _Asked(dict):
    """A mapping that remembers which of its labels were read."""

    def __init__(self, values: Mapping[str, float]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, label: str) -> float:
        if label not in self:
            raise DesignError(f"no figure {label!r}; there are: {', '.join(list(self)[:20])}")
        self.read.add(label)
        return super().__getitem__(label)


def _slope(name: str, function, at: Mapping[str, float], label: str, scale: float) -> float:
    """Derivative by central differences with two Richardson extrapolations (orders h^2 and h^4 removed)."""
    rough = []
    for step in (0.01 * scale, 0.005 * scale, 0.0025 * scale):
        if step == 0:
            return 0.0  # a figure that is 0 and has no variance adds none
        above, below = (float(function({**at, label: at[label] + sign * step})) for sign in (1, -1))
        rough.append((above - below) / (2 * step))
    if not np.isfinite(rough).all():
        raise DesignError(f"contrast {name!r} is not defined near the estimate of {label!r}: no derivative there")
    finer = [(4 * b - a) / 3 for a, b in zip(rough, rough[1:], strict=False)]
    return (16 * finer[1] - finer[0]) / 15


def key_columns(table: pd.DataFrame) -> list[str]:
    """The columns of a table of figures that say what each row is: those before `estimate`."""
    return list(table.columns[: table.columns.get_loc("estimate")])


def _names(table: pd.DataFrame) -> list[str]:
    return [":".join(map(str, row)) for row in table[key_columns(table)].itertuples(index=False)]


def _coefficients(names: list[str], name: str, given) -> np.ndarray:
    if isinstance(given, Mapping):
        _refuse_ambiguous(names)
        unknown = [label for label in given if label not in names]
        if unknown:
            raise DesignError(f"contrast {name!r}: no figure {unknown[0]!r}; there are: {', '.join(names[:20])}")
        row = np.zeros(len(names))
        row[[names.index(label) for label in given]] = list(given.values())
    else:
        row = np.asarray(given, dtype=float)
        if row.shape != (len(names),):
            raise DesignError(f"contrast {name!r} has {row.size} coefficients for {len(names)} figures")
    if not np.isfinite(row).all() or not row.any():
        raise DesignError(f"contrast {name!r}: coefficients must be finite and not all zero")
    return row


def _refuse_ambiguous(names: list[str]) -> None:
    if len(set(names)) < len(names):
        twice = next(label for label in names if names.count(label) > 1)
        raise DesignError(f"two figures are called {twice!r}; give coefficients by position")


def _domain_column(keys: list[str], over: str | None) -> str:
    domains = [key for key in keys if key not in ("item", "level", "probability")]
    if over is None:
        if len(domains) != 1:
            raise DesignError("the estimates have no domains: estimate them with by=" if not domains else
                              f"name the column to compare over: {', '.join(domains)}")
        return domains[0]
    if over not in keys:
        raise DesignError(f"no key column {over!r}; there are: {', '.join(keys)}")
    return over


def _pairs(group: np.ndarray, names: list[object], against: str, reference: object) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the figures (first minus second) in one group, in the order of the table."""
    if against == "pairs":
        second, first = np.triu_indices(group.size, 1)
        return group[first], group[second]
    if against == "previous":
        return group[1:], group[:-1]
    if against == "mean":
        return group, group
    if reference not in names:
        return group[:0], group[:0]
    fixed = names.index(reference)
    rest = np.delete(group, fixed)
    return rest, np.full(rest.size, group[fixed])


def _combined(jacobian: sparse.csr_array, x: np.ndarray) -> np.ndarray:
    """J x, where a figure that is not used does not spread its NaN."""
    value = np.asarray(jacobian @ np.nan_to_num(x)).ravel()
    return np.where(np.asarray(abs(jacobian) @ np.isnan(x).astype(float)).ravel() > 0, np.nan, value)


def _blocks(size: int) -> Iterator[slice]:
    for start in range(0, size, BLOCK):
        yield slice(start, min(start + BLOCK, size))
