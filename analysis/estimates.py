"""Estimators by linearisation: sums per PSU and domain first, statistics on the sums."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import intervals
from analysis.variance import DesignError, DomainTotals, SamplingPlan

MISSING_POLICIES = ("fail", "exclude", "exclude_rows")
DESIGN_EFFECTS = ("without_replacement", "with_replacement")
OWN_COLUMNS = ("item", "level", "estimate", "standard_error", "ci_low", "ci_high", "df", "design_effect", "n")

#: (estimate, standard_error, df, n, confidence) -> (low, high); arrays (k, D).
Interval = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float], tuple[np.ndarray, np.ndarray]]


def t_interval(value, error, df, n, confidence):
    """The default Interval: Student's t; n is not needed."""
    return intervals.symmetric(value, error, df, confidence)


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of k items in each of D domains; arrays are (k, D) and read-only.

    `n` counts the observations with positive weight behind each figure, `df` is PSUs minus strata among those.
    """

    statistic: str
    items: tuple[str, ...]
    levels: tuple[object, ...] | None
    domain_labels: tuple[tuple[str, tuple[object, ...]], ...]
    estimate: np.ndarray
    standard_error: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    df: np.ndarray
    design_effect: np.ndarray
    n: np.ndarray
    #: linearised totals of each stage's units; their variances add up
    stage_totals: tuple[DomainTotals, ...]
    level_name: str = "level"
    #: how each item was answered, where all items are on short scales of whole numbers
    answers: "tuple[Answers, ...] | None" = None

    def table(self) -> pd.DataFrame:
        """One row per item and domain, items slowest: item, (level or probability,) the domain columns, estimate,
        standard_error, ci_low, ci_high, df, design_effect, n. A new frame at each call; nothing is rounded."""
        return table_of(self, ("estimate", "standard_error", "ci_low", "ci_high", "df", "design_effect", "n"))

    def distribution(self) -> pd.DataFrame:
        """How the items were answered: item, level, the domain columns, weight (sum of weights), share of the valid ones.

        Raises DesignError unless the items are on short scales of whole numbers (see analysis.level_sums).
        """
        if self.answers is None:
            raise DesignError("the answers were not counted by level: use proportion, or items of few whole numbers")
        parts = []
        for item, one in zip(self.items, self.answers, strict=True):
            whole = one.weight.sum(axis=1, keepdims=True)
            share = np.divide(one.weight, whole, out=np.full(one.weight.shape, np.nan), where=whole > 0)
            columns = {"item": item, "level": np.repeat(one.levels, one.weight.shape[0])}
            columns |= {name: list(labels) * one.levels.size for name, labels in self.domain_labels}
            parts.append(pd.DataFrame(columns | {"weight": one.weight.T.ravel(), "share": share.T.ravel()}))
        return pd.concat(parts, ignore_index=True)

    def covariance(self) -> np.ndarray:
        """Joint covariance of all rows of `table`, in its order: (k * D, k * D), units of the estimates squared.

        Domains that share PSUs or strata covary; nothing is assumed independent. Rows that rest on no observation are NaN.
        Cost: one pass over the PSU totals.
        """
        matrix = sum(totals.covariance() for totals in self.stage_totals)
        empty = self.n.ravel() == 0
        matrix[empty, :] = np.nan
        matrix[:, empty] = np.nan
        return matrix


def table_of(result, figures: Sequence[str]) -> pd.DataFrame:
    """One row per item and domain of a result with arrays (k, D), items slowest: what the row is, then the named figures."""
    k, domains = result.estimate.shape
    columns: dict[str, object] = {"item": np.repeat(np.array(result.items, dtype=object), domains)}
    if result.levels is not None:
        level = np.empty(k, dtype=object)
        level[:] = result.levels
        columns[result.level_name] = np.repeat(level, domains)
    for name, labels in result.domain_labels:
        columns[name] = list(labels) * k
    for name in figures:
        columns[name] = getattr(result, name).ravel()
    return pd.DataFrame(columns)


@dataclass(frozen=True, eq=False)
class Answers:
    """Sum of weights per domain and level of one item, (D, levels)."""

    levels: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True, eq=False)
class Domains:
    """Which domain each row is in (-1: none) and what the domains are called."""

    code: np.ndarray
    count: int
    labels: tuple[tuple[str, tuple[object, ...]], ...]


@dataclass(frozen=True, eq=False)
class Scored:
    """One item after its sums are known: value (D,), for each stage the totals of linearised scores per cell (C,), their
    weighted sum of squares about the mean (D,), weight and count behind them (D,), and which first-stage cells (C,) hold
    an observation."""

    value: np.ndarray
    totals: tuple[np.ndarray, ...]
    squares: np.ndarray
    weight: np.ndarray
    n: np.ndarray
    used: np.ndarray
    answers: Answers | None = None


@dataclass(frozen=True, eq=False)
class Cells:
    """The observed pairs of a stage's unit and domain, and the sums over them. `row`: the rows of the frame that belong to a
    domain and have weight; `cell`: the pair of each of them."""

    row: np.ndarray | slice
    cell: np.ndarray
    weights: np.ndarray
    psu: np.ndarray
    domain: np.ndarray
    domains: int

    @classmethod
    def of(cls, psu: np.ndarray, weights: np.ndarray, domains: Domains, psus: int) -> "Cells":
        row: np.ndarray | slice = slice(None)
        keep = (domains.code >= 0) & (weights > 0)
        if not keep.all():
            row = np.flatnonzero(keep)
        code = psu[row].astype(np.int64) * domains.count + domains.code[row]
        if psus * domains.count <= 4 * code.size + 1_000_000:
            present = np.bincount(code, minlength=psus * domains.count) > 0
            pairs, cell = np.flatnonzero(present), (np.cumsum(present) - 1)[code]
        else:
            pairs, cell = np.unique(code, return_inverse=True)
        return cls(row, cell, weights[row], *np.divmod(pairs, domains.count), domains.count)

    def sums(self, values: np.ndarray | None) -> np.ndarray:
        """Sum of `values` (already weighted, one per kept row) in each cell; None counts rows."""
        return np.bincount(self.cell, weights=values, minlength=self.psu.size)

    def level_sums(self, code: np.ndarray, levels: int) -> np.ndarray:
        """Sum of weights in each cell at each level, (cells, levels); code: integers 0 .. levels - 1, one per kept row."""
        place = np.add(self._offset(levels), code, out=self._place)
        return np.bincount(place, weights=self.weights, minlength=self.psu.size * levels).reshape(-1, levels)

    def _offset(self, levels: int) -> np.ndarray:
        if levels not in self._offsets:
            self._offsets[levels] = self.cell.astype(np.int64, copy=False) * levels
        return self._offsets[levels]

    @cached_property
    def _place(self) -> np.ndarray:
        """Room for a sum per row, used again for each item: fresh memory costs as much as the counting."""
        return np.empty(self.cell.size, dtype=np.int64)

    @cached_property
    def _offsets(self) -> dict[int, np.ndarray]:
        return {}

    @cached_property
    def weight(self) -> np.ndarray:
        """Sum of weights in each cell."""
        return self.sums(self.weights)

    @cached_property
    def count(self) -> np.ndarray:
        """Rows in each cell."""
        return self.sums(None)

    def by_domain(self, cell_values: np.ndarray) -> np.ndarray:
        return np.bincount(self.domain, weights=cell_values, minlength=self.domains)


def domains_of(frame: pd.DataFrame, by: str | Sequence[str] | None, missing: str) -> Domains:
    """Combinations of the `by` columns that occur, sorted; a row with a missing one belongs to none of them."""
    names = [] if by is None else [by] if isinstance(by, str) else list(by)
    clash = set(names) & set(OWN_COLUMNS)
    if clash:
        raise DesignError(f"domain columns may not be called {', '.join(sorted(clash))}: the table uses these names")
    code, count = np.zeros(len(frame), dtype=np.int64), 1
    uniques = []
    for name in names:
        one, labels = codes_of(frame, name)
        if (one < 0).any() and missing == "fail":
            raise DesignError(f"{int((one < 0).sum())} missing values in domain column {name!r}; missing='exclude' drops them")
        uniques.append(labels)
        code = one if len(names) == 1 else np.where((one < 0) | (code < 0), -1, code * max(len(labels), 1) + one)
        count *= max(len(labels), 1)
    if count <= 4 * code.size + 1_000_000:
        found = np.flatnonzero(np.bincount(code + 1, minlength=count + 1)[1:])
    else:
        found = np.unique(code[code >= 0])
    if found.size < count:
        code = np.where(code >= 0, np.searchsorted(found, code), -1)
    parts, rest = [], found
    for labels in reversed(uniques):
        rest, part = np.divmod(rest, max(len(labels), 1))
        parts.append(tuple(labels[i] for i in part))
    return Domains(code, found.size, tuple(zip(names, reversed(parts), strict=True)))


def column_of(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise DesignError(f"no column {name!r}; there are: {', '.join(map(str, frame.columns))}")
    return frame[name]


def codes_of(frame: pd.DataFrame, name: str) -> tuple[np.ndarray, list[object]]:
    column = column_of(frame, name)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int64), list(column.cat.categories)
    codes, labels = pd.factorize(column, sort=True)
    return codes.astype(np.int64, copy=False), list(labels)


def numbers_of(frame: pd.DataFrame, name: str, row: np.ndarray | slice) -> np.ndarray:
    column = column_of(frame, name)
    if not (pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype)):
        raise DesignError(f"column {name!r} is {column.dtype}, not numbers; use proportion for categories")
    values = column.to_numpy(dtype=float, na_value=np.nan)[row]
    if np.isinf(values).any():
        raise DesignError(f"column {name!r} has infinite values")
    return values


def valid_rows(arrays: dict[str, np.ndarray], missing: str) -> dict[str, np.ndarray | None]:
    """For each column the mask of usable rows, or None when all are; by the declared policy."""
    if missing not in MISSING_POLICIES:
        raise DesignError(f"missing must be one of {', '.join(MISSING_POLICIES)}, not {missing!r}")
    masks = {name: ~np.isnan(values) for name, values in arrays.items()}
    gaps = {name: int((~mask).sum()) for name, mask in masks.items() if not mask.all()}
    if gaps and missing == "fail":
        listed = ", ".join(f"{name} ({count})" for name, count in gaps.items())
        raise DesignError(f"missing values in {listed}; declare missing='exclude' or 'exclude_rows'")
    if gaps and missing == "exclude_rows":
        joint = np.logical_and.reduce(list(masks.values()))
        return dict.fromkeys(masks, joint)
    return {name: masks[name] if name in gaps else None for name in masks}


def _ratio_or_nan(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(np.shape(bottom), np.nan), where=bottom != 0)


def _above_rounding(difference: np.ndarray, of: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """A difference of sums of that many terms; zero where it is no more than their rounding: equal answers do not vary."""
    return np.where(difference > np.finfo(float).eps * np.maximum(terms, 16) * of, difference, 0.0)


#: The cells of each stage, first stage first; all of them over the same rows.
Stages = Sequence[Cells]


def score_level(stages: Stages, values: np.ndarray, valid: np.ndarray | None, kind: str) -> Scored:
    """Mean, total or share (mean of an indicator, so that all of them give exactly 1) of one variable in every domain.

    mean: sum w y / sum w, score of a row w (y - mean) / sum w; total: sum w y, score w y.
    """
    w = stages[0].weights
    if valid is not None:
        w, values = np.where(valid, w, 0.0), np.where(valid, values, 0.0)
    # Sums about a nearby origin: a large common offset would eat the digits of the squares.
    origin = values.mean() if values.size and kind != "share" else 0.0
    near = values - origin
    weighted = w * near
    sums = [Moments(cells.weight if valid is None else cells.sums(w), cells.sums(weighted)) for cells in stages]
    cells = stages[0]
    count = cells.count if valid is None else cells.sums(valid.astype(float))
    return score_moments(stages, sums, cells.sums(weighted * near), count, origin, kind)


@dataclass(frozen=True, eq=False)
class Moments:
    """Per cell of one stage: sum of weights and weighted sum of the variable about an origin, (C,)."""

    weight: np.ndarray
    first: np.ndarray


def score_moments(stages: Stages, sums: Sequence[Moments], second: np.ndarray, count: np.ndarray, origin: float,
                  kind: str) -> Scored:
    """`score_level` from the sums per cell: of each stage weight and first moment, of the first one second moment and count."""
    cells = stages[0]
    domain_weight = cells.by_domain(sums[0].weight)
    mean = _ratio_or_nan(cells.by_domain(sums[0].first), domain_weight)
    n, used = cells.by_domain(count), count > 0
    squares = _above_rounding(cells.by_domain(second) - domain_weight * mean**2, cells.by_domain(second), n)
    if kind == "total":
        totals = tuple(one.first + origin * one.weight for one in sums)
        return Scored(cells.by_domain(totals[0]), totals, squares, domain_weight, n, used)
    totals = tuple(np.nan_to_num(_ratio_or_nan(one.first - mean[at.domain] * one.weight, domain_weight[at.domain]))
                   for at, one in zip(stages, sums, strict=True))
    return Scored(mean + origin, totals, squares / np.where(n > 0, domain_weight, 1) ** 2, domain_weight, n, used)


def score_ratio(stages: Stages, top: np.ndarray, bottom: np.ndarray, valid: np.ndarray | None) -> Scored:
    """R = sum w y / sum w x in every domain; score of a row w (y - R x) / sum w x."""
    cells = stages[0]
    w, weight, count = cells.weights, cells.weight, cells.count
    if valid is not None:
        w, top, bottom = (np.where(valid, a, 0.0) for a in (w, top, bottom))
        weight, count = cells.sums(w), cells.sums(valid.astype(float))
    y, x = [at.sums(w * top) for at in stages], [at.sums(w * bottom) for at in stages]
    denominator = cells.by_domain(x[0])
    ratio = _ratio_or_nan(cells.by_domain(y[0]), denominator)
    totals = tuple(np.nan_to_num(_ratio_or_nan(y[s] - ratio[at.domain] * x[s], denominator[at.domain]))
                   for s, at in enumerate(stages))
    residual = top - ratio[cells.domain][cells.cell] * bottom
    squares = _ratio_or_nan(cells.by_domain(cells.sums(w * residual**2)), denominator**2)
    return Scored(ratio, totals, squares, cells.by_domain(weight), cells.by_domain(count), count > 0)


def assemble(
    statistic: str, plans: Sequence[SamplingPlan], stages: Stages, domains: Domains, scored: Sequence[Scored],
    items: Sequence[str], levels: Sequence[object] | None, confidence: float, design_effect: str,
    interval: Interval | None = None, adjusted: Sequence[DomainTotals] | None = None,
) -> Estimates:
    """Variances, intervals and design effects for scored items.

    Design effect: variance over that of a simple random sample of the same n,
    s2 (N - n) / (N n) without replacement (R: deff=TRUE) or s2 / n with replacement (R: deff="replace"), where N is the
    domain's sum of weights; NaN where N <= n without replacement (weights that do not expand to a population).
    adjusted: totals of each stage's units when the weights were calibrated (their residuals), instead of the scored ones.
    """
    if design_effect not in DESIGN_EFFECTS:
        raise DesignError(f"design_effect must be one of {', '.join(DESIGN_EFFECTS)}, not {design_effect!r}")
    kept = tuple(adjusted or (
        DomainTotals(plan, at.psu, at.domain, at.domains, _columns([one.totals[s] for one in scored], at.psu.size))
        for s, (plan, at) in enumerate(zip(plans, stages, strict=True))))
    value, weight, n, squares = (
        np.array([getattr(one, name) for one in scored]) for name in ("value", "weight", "n", "squares")
    )
    variance = np.where(n > 0, sum(totals.variances().T for totals in kept), np.nan)
    df = _degrees(plans[0], stages[0], scored)
    whole = weight if design_effect == "with_replacement" else weight - n
    with np.errstate(divide="ignore", invalid="ignore"):
        simple = squares * np.where(whole > 0, whole, np.nan) / np.where(n > 1, n - 1, np.nan)
        effect = np.where(simple > 0, variance / simple, np.nan)
    error = np.sqrt(variance)
    low, high = (interval or t_interval)(value, error, df, n, confidence)
    arrays = [value, error, low, high, df, effect, n.astype(int)]
    for array in arrays:
        array.flags.writeable = False
    return Estimates(statistic, tuple(items), None if levels is None else tuple(levels), domains.labels, *arrays, kept,
                     answers=tuple(one.answers for one in scored) if all(one.answers for one in scored) else None)


def _columns(totals: Sequence[np.ndarray], cells: int) -> np.ndarray:
    return np.column_stack(totals) if totals else np.zeros((cells, 0))


def _degrees(plan: SamplingPlan, cells: Cells, scored: Sequence[Scored]) -> np.ndarray:
    """PSUs minus strata among the cells that hold an observation, (k, D)."""
    stratum = plan.psu_stratum[cells.psu].astype(np.int64)
    pairs, pair = np.unique(stratum * cells.domains + cells.domain, return_inverse=True)
    known: dict[bytes, np.ndarray] = {}
    rows = []
    for one in scored:
        key = one.used.tobytes()
        if key not in known:
            met = np.bincount(pair, weights=one.used, minlength=pairs.size) > 0
            strata = np.bincount(pairs[met] % cells.domains, minlength=cells.domains)
            known[key] = np.bincount(cells.domain[one.used], minlength=cells.domains) - strata
        rows.append(known[key])
    return np.array(rows)
