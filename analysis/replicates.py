"""Replicate weights: how far an estimate moves when the sample is drawn again from itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import linalg, sparse

from analysis import estimates as est
from analysis import intervals
from analysis.quantiles import WOODRUFF, error_of_interval, weighted_quantile, woodruff_shares
from analysis.variance import DesignError

Names = str | Sequence[str]

LOST_REPLICATES = ("nan", "discard")
QUANTILE_INTERVALS = ("quantile", *WOODRUFF)

#: Columns of replicate weights that depend on the others up to this share do not add degrees of freedom (R's degf).
DEPENDENT = 1e-5


@dataclass(frozen=True, eq=False)
class ReplicateEstimates:
    """Estimates of k items in each of D domains, (k, D), and what each replicate made of them, (k, D, R).

    deviations: (k * D, R) from the centre, scaled so that their squares add up to the variance.
    """

    items: tuple[str, ...]
    levels: tuple[object, ...] | None
    level_name: str
    domain_labels: tuple[tuple[str, tuple[object, ...]], ...]
    estimate: np.ndarray
    standard_error: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    df: np.ndarray
    n: np.ndarray
    replicates: np.ndarray
    deviations: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row per item and domain, items slowest: item, (level or probability,) the domain columns, estimate,
        standard_error, ci_low, ci_high, df, n. A new frame at each call; nothing is rounded."""
        return est.table_of(self, ("estimate", "standard_error", "ci_low", "ci_high", "df", "n"))

    def covariance(self) -> np.ndarray:
        """Joint covariance of all rows of `table`, in its order, (k * D, k * D); NaN for rows that rest on nothing."""
        return self.deviations @ self.deviations.T


@dataclass(frozen=True, eq=False)
class ReplicateDesign:
    """Weights of the sample and of R replicates of it: row i has base[i] * whole[unit[i]] and base[i] * factors[unit[i], r].

    unit: (n,) rows of one unit (PSU) share their factors. Variance of an estimate t: scale * sum_r rscales_r (t_r - c)^2,
    where c is t itself (mse) or the mean of the t_r with rscales_r > 0. Degrees of freedom: `df` when declared; PSUs minus
    strata when psu (n,) and psu_stratum (PSUs,) are known; else the rank of the replicate weights minus 1 (R degf).
    lost: what a replicate does in which a figure is undefined (a domain with no weight left): "nan" makes its standard error
    NaN, "discard" leaves the replicate out for that figure (R).
    """

    frame: pd.DataFrame
    base: np.ndarray
    unit: np.ndarray
    whole: np.ndarray
    factors: np.ndarray
    scale: float
    rscales: np.ndarray
    mse: bool = False
    psu: np.ndarray | None = None
    psu_stratum: np.ndarray | None = None
    df: int | None = None
    lost: str = "nan"

    def __post_init__(self) -> None:
        if self.lost not in LOST_REPLICATES:
            raise DesignError(f"lost must be one of {', '.join(LOST_REPLICATES)}, not {self.lost!r}")

    @property
    def weights(self) -> np.ndarray:
        """Weights of the sample, (n,)."""
        return self.base * self.whole[self.unit]

    @property
    def replicate_weights(self) -> np.ndarray:
        """Weights of the replicates, (n, R), built at each call."""
        return self.base[:, None] * self.factors[self.unit]

    def observe(self, frame: pd.DataFrame, row: np.ndarray) -> "ReplicateDesign":
        """The same design seen through other rows: line j of `frame` belongs to row `row[j]` of this design.

        Raises DesignError if `row` does not have one valid position per line.
        """
        row = np.asarray(row)
        if row.shape != (len(frame),) or (row.size and (row.min() < 0 or row.max() >= len(self.base))):
            raise DesignError("row must hold, for each line of the frame, the position of its respondent in the design")
        psu = None if self.psu is None else self.psu[row]
        return replace(self, frame=frame, base=self.base[row], unit=self.unit[row], psu=psu)

    def mean(self, items: Names, by: Names | None = None, missing: str = "fail",
             confidence: float = 0.95) -> ReplicateEstimates:
        """Weighted mean of each item in each domain; missing: as SurveyDesign.mean. Interval: Student's t.

        Raises DesignError: not numbers, missing values under "fail". Source: Wolter (2007) 3-5; R survey::svymean.
        """
        return self._ratios([(name, name, None) for name in _list(items)], by, missing, confidence)

    def total(self, items: Names, by: Names | None = None, missing: str = "fail",
              confidence: float = 0.95) -> ReplicateEstimates:
        """Weighted total of each item in each domain. Otherwise as `mean`. Source: R survey::svytotal."""
        names = _list(items)
        domains, row, columns, valid = self._columns(names, by, missing)
        sums, n, df = [], [], []
        for name in names:
            mask = valid[name]
            sums.append(self._sums(domains, row, _kept(columns[name], mask)))
            self._count(domains, row, mask, n, df)
        values = np.where((np.array(n) > 0)[:, :, None], np.array(sums), np.nan)
        return self._assemble(values, names, None, domains, n, df, confidence)

    def ratio(self, numerator: Names, denominator: Names, by: Names | None = None, missing: str = "fail",
              confidence: float = 0.95) -> ReplicateEstimates:
        """sum w y / sum w x for every numerator y and denominator x (denominators slowest), item named "y/x".

        A row counts when both are present. Otherwise as `mean`. Source: R survey::svyratio.
        """
        return self._ratios([(f"{y}/{x}", y, x) for x in _list(denominator) for y in _list(numerator)], by, missing, confidence)

    def proportion(self, items: Names, by: Names | None = None, missing: str = "fail", confidence: float = 0.95,
                   interval: str = "logit") -> ReplicateEstimates:
        """Share of each level of each item; levels and intervals as SurveyDesign.proportion. Source: R svymean of a factor."""
        names = _list(items)
        coded = {name: est.codes_of(self.frame, name) for name in names}
        gaps = {name: np.where(code < 0, np.nan, 0.0) for name, (code, _) in coded.items()}
        domains, row, _, valid = self._columns(names, by, missing, gaps)
        values, n, df, labels, levels = [], [], [], [], []
        for name in names:
            code, categories = coded[name]
            wanted = list(enumerate(categories))
            if pd.api.types.is_bool_dtype(self.frame[name].dtype):
                wanted = [(i, label) for i, label in wanted if bool(label)] or [(len(categories), True)]
            whole = self._sums(domains, row, _kept(np.ones(row.size), valid[name]))
            for i, label in wanted:
                values.append(_over(self._sums(domains, row, _kept((code[row] == i).astype(float), valid[name])), whole))
                self._count(domains, row, valid[name], n, df)
                labels.append(name)
                levels.append(label)

        def bounds(value, error, df, n, confidence):
            return intervals.proportion(value, error, df, n, confidence, interval)

        return self._assemble(np.array(values), labels, levels, domains, n, df, confidence, bounds)

    def quantile(self, items: Names, probabilities: Sequence[float], by: Names | None = None, missing: str = "fail",
                 confidence: float = 0.95, rule: str = "math", interval: str = "quantile") -> ReplicateEstimates:
        """Quantiles by the rules of analysis.quantiles; the table has a column `probability`.

        interval: quantile: standard error from the replicates' own quantiles, right for balanced and bootstrap replicates,
        not for the jackknife. mean | beta | xlogit | asin: Woodruff's, of the share at or below the quantile with its error
        over the replicates, right for all; standard error, NaN and covariance as SurveyDesign.quantile. Otherwise as `mean`.
        Source: Kovar, Rao, Wu (1988); Woodruff (1952); R survey::svyquantile of replicate designs.
        """
        if interval not in QUANTILE_INTERVALS:
            raise DesignError(f"interval must be one of {', '.join(QUANTILE_INTERVALS)}, not {interval!r}")
        names, shares = _list(items), np.atleast_1d(np.asarray(probabilities, dtype=float))
        domains, row, columns, valid = self._columns(names, by, missing)
        values = np.full((len(names), shares.size, domains.count, self.factors.shape[1] + 1), np.nan)
        n, df = [], []
        samples: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]] = {}
        for i, name in enumerate(names):
            mask = np.ones(row.size, dtype=bool) if valid[name] is None else valid[name]
            for d in range(domains.count):
                here = np.flatnonzero((domains.code[row] == d) & mask)
                here = here[np.argsort(columns[name][here], kind="stable")]
                for c, weights in enumerate(self._all_weights(row[here]).T):
                    kept = weights > 0
                    if kept.any():
                        x, w = columns[name][here][kept], weights[kept]
                        values[i, :, d, c] = weighted_quantile(x, w, shares, rule)
                        if c == 0:
                            samples[name, d] = x, w
            for _ in shares:
                self._count(domains, row, valid[name], n, df)
        described = [name for name in names for _ in shares], list(shares) * len(names), domains, n, df, confidence
        own = self._assemble(values.reshape(-1, *values.shape[2:]), *described, level_name="probability")
        if interval == "quantile":
            return own
        below = []
        for i, name in enumerate(names):
            whole = self._sums(domains, row, _kept(np.ones(row.size), valid[name]))
            for at in values[i, :, :, 0]:
                inside = (columns[name] <= at[domains.code[row]]).astype(float)
                below.append(_over(self._sums(domains, row, _kept(inside, valid[name])), whole))
        return _woodruff(own, self._assemble(np.array(below), *described), samples, rule, interval, confidence)

    def estimate(self, statistic: Callable[[np.ndarray], np.ndarray], names: Names | None = None, by: Names | None = None,
                 missing: str = "fail", confidence: float = 0.95) -> ReplicateEstimates:
        """Any statistic: `statistic(weights)`, weights (n,), gives one number or an array (k,); called once for the sample and
        once for each replicate, in each domain with the weights of other rows at 0. names: of the k numbers.

        Raises DesignError when the number of names is not the number of figures.
        """
        domains, row = self._domains(by, missing)
        found = []
        for d in range(domains.count):
            here = row[domains.code[row] == d]
            columns = self._all_weights(here)
            weights = np.zeros(len(self.base))
            results = []
            for column in columns.T:
                weights[here] = column
                results.append(np.atleast_1d(np.asarray(statistic(weights.copy()), dtype=float)))
            found.append(np.array(results).T)
        values = np.stack(found, axis=1)
        labels = [str(i) for i in range(len(values))] if names is None else _list(names)
        if values.ndim != 3 or len(labels) != len(values):
            raise DesignError(f"the statistic gives figures of shape {values.shape[:1]}, but {len(labels)} names were given")
        n: list[np.ndarray] = []
        df: list[np.ndarray] = []
        for _ in labels:
            self._count(domains, row, None, n, df)
        return self._assemble(values, labels, None, domains, n, df, confidence)

    @cached_property
    def _columns_of_units(self) -> np.ndarray:
        return np.column_stack([self.whole, self.factors])

    def _all_weights(self, row: np.ndarray) -> np.ndarray:
        """Weights of some rows in the sample and in the replicates, (rows, 1 + R)."""
        return self.base[row, None] * self._columns_of_units[self.unit[row]]

    def _domains(self, by: Names | None, missing: str) -> tuple[est.Domains, np.ndarray]:
        """Domains, and the rows that belong to one and have weight in the sample or in some replicate."""
        domains = est.domains_of(self.frame, by, missing)
        weighted = (self.base != 0) & (self._columns_of_units != 0).any(axis=1)[self.unit]
        return domains, np.flatnonzero((domains.code >= 0) & weighted)

    def _columns(self, names, by, missing, arrays=None):
        domains, row = self._domains(by, missing)
        columns = {name: est.numbers_of(self.frame, name, row) if arrays is None else arrays[name][row] for name in names}
        return domains, row, columns, est.valid_rows(columns, missing)

    def _sums(self, domains: est.Domains, row: np.ndarray, values: np.ndarray) -> np.ndarray:
        """sum w values in each domain for the sample and each replicate, (D, 1 + R): added up per unit and domain first."""
        cells = sparse.csr_array((self.base[row] * values, (domains.code[row], self.unit[row])),
                                 shape=(domains.count, len(self.whole)))
        cells.sum_duplicates()
        return np.asarray(cells @ self._columns_of_units)

    def _ratios(self, pairs, by, missing, confidence) -> ReplicateEstimates:
        """For (label, y, x): sum w y / sum w x, or over sum w of the rows with y where x is None."""
        names = list(dict.fromkeys(name for _, y, x in pairs for name in (y, x) if name is not None))
        domains, row, columns, valid = self._columns(names, by, missing)
        values, n, df = [], [], []
        known: dict[str | None, np.ndarray] = {}
        for _, y, x in pairs:
            masks = [valid[name] for name in (y, x) if name is not None and valid[name] is not None]
            mask = np.logical_and.reduce(masks) if masks else None
            below = np.ones(row.size) if x is None else columns[x]
            if mask is not None:
                under = self._sums(domains, row, np.where(mask, below, 0.0))
            else:
                under = known[x] = known[x] if x in known else self._sums(domains, row, below)
            values.append(_over(self._sums(domains, row, _kept(columns[y], mask)), under))
            self._count(domains, row, mask, n, df)
        return self._assemble(np.array(values), [label for label, _, _ in pairs], None, domains, n, df, confidence)

    def _count(self, domains: est.Domains, row: np.ndarray, mask: np.ndarray | None, n: list, df: list) -> None:
        """Adds the observations with weight and the degrees of freedom in each domain, (D,) each."""
        used = row if mask is None else row[mask]
        used = used[(self.base[used] * self.whole[self.unit[used]]) != 0]
        n.append(np.bincount(domains.code[used], minlength=domains.count))
        df.append(self._degrees(domains.code[used], used, domains.count))

    def _degrees(self, code: np.ndarray, row: np.ndarray, domains: int) -> np.ndarray:
        if self.df is not None:
            return np.full(domains, self.df)
        if self.psu is None or self.psu_stratum is None:
            return np.array([_rank(self.factors[np.unique(self.unit[row[code == d]])]) - 1 for d in range(domains)])
        met = np.unique(self.psu[row].astype(np.int64) * domains + code)
        strata = np.unique(self.psu_stratum[met // domains].astype(np.int64) * domains + met % domains)
        return np.bincount(met % domains, minlength=domains) - np.bincount(strata % domains, minlength=domains)

    def _assemble(self, values, labels, levels, domains, n, df, confidence, interval=est.t_interval,
                  level_name="level") -> ReplicateEstimates:
        """values: (k, D, 1 + R), the sample's first."""
        value, replicates = values[:, :, 0], values[:, :, 1:]
        flat = replicates.reshape(-1, replicates.shape[2])
        counted = ~np.isnan(flat) if self.lost == "discard" else np.ones(flat.shape, dtype=bool)
        if self.mse:
            centre = value.reshape(-1, 1)
        else:
            inside = counted & (self.rscales > 0)
            total = np.where(inside, flat, 0.0).sum(axis=1)
            centre = np.divide(total, inside.sum(axis=1), out=np.full(total.size, np.nan), where=inside.any(axis=1))[:, None]
        deviations = np.where(counted, flat - centre, 0.0) * np.sqrt(self.scale * self.rscales)
        deviations[~counted.any(axis=1) | np.isnan(value.ravel())] = np.nan
        error = np.sqrt((deviations**2).sum(axis=1)).reshape(value.shape)
        n, df = np.array(n), np.array(df)
        low, high = interval(value, error, df, n, confidence)
        arrays = [value, error, low, high, df, n, replicates, deviations]
        for array in arrays:
            array.flags.writeable = False
        return ReplicateEstimates(tuple(labels), None if levels is None else tuple(levels), level_name, domains.labels, *arrays)


def _woodruff(own: ReplicateEstimates, below: ReplicateEstimates,
              samples: Mapping[tuple[str, int], tuple[np.ndarray, np.ndarray]], rule: str, interval: str,
              confidence: float) -> ReplicateEstimates:
    """The quantiles `own` with the intervals and errors that follow from the shares `below` them. samples: item and domain ->
    sorted values and weights."""
    ends = []
    for shares in woodruff_shares(below, confidence, interval):
        end = np.full(shares.shape, np.nan)
        for (name, d), (x, weights) in samples.items():
            mine = [place for place, item in enumerate(own.items) if item == name]
            end[mine, d] = weighted_quantile(x, weights, shares[mine, d], rule)
        ends.append(end)
    error, slope = error_of_interval(*ends, below, confidence)
    deviations = below.deviations * slope.reshape(-1, 1)
    return replace(own, standard_error=error, ci_low=ends[0], ci_high=ends[1], deviations=deviations)


def _list(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _kept(values: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    return values if mask is None else np.where(mask, values, 0.0)


def _over(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)


def _rank(columns: np.ndarray) -> int:
    """Rank of replicate weights (units, R); what is left of a column below DEPENDENT of it counts as nothing."""
    columns = columns[:, (columns != 0).any(axis=0)]
    if columns.size == 0:
        return 0
    (triangle,) = linalg.qr(columns, mode="r") if columns.shape[0] > columns.shape[1] else (columns,)
    triangle = triangle[: columns.shape[1]] / np.sqrt((columns**2).sum(axis=0))
    return int((np.abs(np.diag(linalg.qr(triangle, mode="r", pivoting=True)[0])) > DEPENDENT).sum())
