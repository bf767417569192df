"""Drivers of satisfaction: how much each factor explains of the overall rating, and what to improve first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import factorial

import numpy as np
import pandas as pd

from analysis import estimates as est
from analysis import intervals, regression
from analysis.design import SurveyDesign
from analysis.model_matrix import Subset, model_rows, refuse_constant, refuse_dependent
from analysis.variance import DesignError, degrees_of_freedom, refuse_lonely, stratum_factors, sums_by

MEASURES = ("importance", "share", "first", "last", "standardised")
ERRORS = ("jackknife", "linearised")
QUADRANTS = ("priority", "keep", "low_priority", "possible_excess")

#: 2^12 subsets of factors is as far as "all subsets" goes.
MOST_FACTORS = 12
#: A factor of which less than this share is its own, after the others of a subset, makes a replicate undefined.
OWN_SHARE = 1e-10
#: Numbers held at once while the subsets of all replicates are worked through (160 MB).
CHUNK = 20_000_000


@dataclass(frozen=True, eq=False)
class Figures:
    """Estimates with their standard errors and limits; arrays of one shape, read-only."""

    estimate: np.ndarray
    standard_error: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray

    def __post_init__(self) -> None:
        for array in (self.estimate, self.standard_error, self.ci_low, self.ci_high):
            array.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Importance:
    """What each of k factors explains of an outcome; figures are (k,), r_squared (1,).

    importance: LMG, shares of the outcome's variance that add up to r_squared; share: the same over r_squared (adds up to 1);
    first: R2 of the factor alone; last: what R2 loses without it; standardised: slope in spreads of the outcome per spread of
    the factor. variance_inflation (k,): 1 / (1 - R2 of the factor on the others); inflated: factors above the declared limit,
    whose slopes and `last` say little (LMG shares what they have in common among them). df: PSUs minus strata with a row.
    """

    outcome: str
    factors: tuple[str, ...]
    importance: Figures
    share: Figures
    first: Figures
    last: Figures
    standardised: Figures
    r_squared: Figures
    variance_inflation: np.ndarray
    inflated: tuple[str, ...]
    df: int
    n: int

    def table(self) -> pd.DataFrame:
        """One row per measure and factor: measure, factor, estimate, standard_error, ci_low, ci_high, df,
        variance_inflation, n; measures slowest."""
        columns = {name: np.concatenate([getattr(getattr(self, measure), name) for measure in MEASURES])
                   for name in ("estimate", "standard_error", "ci_low", "ci_high")}
        return pd.DataFrame({
            "measure": np.repeat(MEASURES, len(self.factors)), "factor": list(self.factors) * len(MEASURES), **columns,
            "df": self.df, "variance_inflation": np.tile(self.variance_inflation, len(MEASURES)), "n": self.n,
        })


def importance(design: SurveyDesign, outcome: str, factors: Sequence[str], subset: Subset = None, missing: str = "fail",
               confidence: float = 0.95, minimum_n: int = 30, vif_limit: float = 5.0, errors: str = "jackknife") -> Importance:
    """Decomposition of the weighted R2 of `outcome` on `factors` (columns of numbers).

    LMG_j = sum over subsets S without j of |S|! (k - |S| - 1)! / k! (R2(S and j) - R2(S)): the average, over all k! orders of
    entry, of what j adds. It is also Shapley's value. R2 of every subset comes from one weighted covariance matrix.
    errors="jackknife": delete-one-PSU about the estimate, V = sum_h (1 - f_h) (n_h - 1) / n_h sum_i (theta_(hi) - theta)^2, PSU
    i of stratum h left out, the others of h weighted by n_h / (n_h - 1); PSUs without a row in the subset are replicates too.
    A lonely stratum by the design's policy: fail; remove, certainty: no replicate; adjust: left out without reweighting,
    factor 1 - f_h; average: the others scaled up. NaN where a replicate is undefined (a factor does not vary in it). One stage,
    weights as drawn. errors="linearised": the covariance of the linearised scores (R2 of S: w ((1 - R2) y^2 - e_S^2) / sum w
    y^2, with y about its mean and e_S the residual on S), for every design; narrower where the sample is small.
    Intervals: Student's t with PSUs minus strata; all but standardised slopes are cut at 0 and 1.
    subset, missing: as analysis.regression.linear. minimum_n: fewer rows are refused. vif_limit: see `Importance.inflated`.
    Raises DesignError: one name twice, no or more than 12 factors, not numbers, missing values under "fail", too few rows, an
    outcome or factor that is constant, factors that are combinations of others (named), a jackknife of several stages or
    calibrated weights; LonelyPsuError.
    Source: Lindeman, Merenda, Gold (1980) p. 119; Grömping (2006) J. Stat. Software 17(1) (relaimpo's "lmg", "first", "last",
    "betasq" without the square); Wolter (2007) ch. 4; R survey::as.svrepdesign(type="JKn", mse=TRUE), withReplicates.
    """
    factors = _checked(design, outcome, factors, errors)
    columns = {name: est.numbers_of(design.frame, name, slice(None)) for name in (*factors, outcome)}
    row = model_rows(design, columns, subset, missing)
    if row.size < max(minimum_n, len(factors) + 2):
        raise DesignError(f"{row.size} rows are too few for the importance of {len(factors)} factors (declared minimum "
                          f"{minimum_n}, and at least {len(factors) + 2})")
    w = design.weights[row] / design.weights[row].mean()
    values = np.column_stack([column[row] for column in columns.values()])
    refuse_constant(values[:, [-1]], w, [outcome])
    refuse_dependent(values[:, :-1], w, factors)
    # Spreads as units, means as origin: what is left of a factor beside the others keeps its digits.
    centred = values - np.average(values, axis=0, weights=w)
    centred /= np.sqrt(np.average(centred**2, axis=0, weights=w))
    psu, cell = np.unique(design.psu[row], return_inverse=True)
    sums = _cross_products(np.column_stack([np.ones(row.size), centred]), w, cell, psu.size)
    theta = _statistics(sums.sum(axis=0)[None])[0]
    if errors == "jackknife":
        variance = _jackknife_variance(design, psu, sums, theta)
    else:
        scores = np.zeros((len(design.weights), theta.size))
        scores[row] = _linearised(centred, w) * (w / w.sum())[:, None]
        variance = np.diag(design.covariance_of(scores))
    error = np.sqrt(variance)
    df = degrees_of_freedom(design.plan.psu_stratum[psu])
    low, high = intervals.symmetric(theta, error, df, confidence)
    k = len(factors)
    share = np.arange(theta.size) // k != MEASURES.index("standardised")
    low, high = np.where(share, np.maximum(low, 0), low), np.where(share, np.minimum(high, 1), high)
    figures = [Figures(*(array[i * k : (i + 1) * k] for array in (theta, error, low, high))) for i in range(len(MEASURES) + 1)]
    inflation = np.diag(np.linalg.inv(np.atleast_2d(_covariances(sums.sum(axis=0)[None])[0][:k, :k]))).copy()
    inflation.flags.writeable = False
    inflated = tuple(name for name, one in zip(factors, inflation, strict=True) if one > vif_limit)
    return Importance(outcome, factors, *figures, inflation, inflated, df, row.size)


@dataclass(frozen=True, eq=False)
class ImportancePerformance:
    """Importance beside performance; figures and arrays are (k, D), factors by domains.

    importance, share: as in `Importance`. performance: mean on 0-100. gain: rise of the outcome's mean, in its units, that
    goes with a rise of the factor's mean by the step, other factors equal; reachable: the step ends on the scale. quadrant:
    priority (important and low), keep (important, not low), low_priority (low only), possible_excess (neither), None where
    unknown; sure: certain, at the confidence, to lie on these sides of the cuts. n: valid answers behind the performance;
    complete (D,): rows behind the importance; inflated (D,): factors above vif_limit; note (D,): why a domain has no
    importance, or None.
    """

    outcome: str
    factors: tuple[str, ...]
    domain_labels: tuple[tuple[str, tuple[object, ...]], ...]
    importance: Figures
    share: Figures
    performance: Figures
    gain: Figures
    reachable: np.ndarray
    quadrant: np.ndarray
    sure: np.ndarray
    variance_inflation: np.ndarray
    n: np.ndarray
    complete: np.ndarray
    inflated: tuple[tuple[str, ...], ...]
    note: tuple[str | None, ...]

    def table(self) -> pd.DataFrame:
        """One row per factor and domain, factors slowest: factor, the domain columns; importance, share, performance and gain,
        each followed by <name>_error, <name>_low, <name>_high; reachable, quadrant, sure, variance_inflation, n, complete,
        note."""
        k, domains = self.quadrant.shape
        columns: dict[str, object] = {"factor": np.repeat(np.array(self.factors, dtype=object), domains)}
        for name, labels in self.domain_labels:
            columns[name] = list(labels) * k
        for name in ("importance", "share", "performance", "gain"):
            one = getattr(self, name)
            columns[name] = one.estimate.ravel()
            for suffix, figure in (("error", one.standard_error), ("low", one.ci_low), ("high", one.ci_high)):
                columns[f"{name}_{suffix}"] = figure.ravel()
        for name in ("reachable", "quadrant", "sure", "variance_inflation", "n"):
            columns[name] = getattr(self, name).ravel()
        columns["complete"] = np.tile(self.complete, k)
        columns["note"] = pd.Series(list(self.note) * k, dtype=object)
        return pd.DataFrame(columns)


def importance_performance(
    design: SurveyDesign, outcome: str, factors: Sequence[str], step: float, by: str | Sequence[str] | None = None,
    missing: str = "fail", confidence: float = 0.95, scale: tuple[float, float] = (0.0, 100.0), minimum_n: int = 30,
    importance_cut: float | None = None, performance_cut: float | None = None, vif_limit: float = 5.0,
    errors: str = "jackknife",
) -> ImportancePerformance:
    """Which factor to improve first, in each domain of the `by` columns (None: all together).

    importance and share by `importance` (errors: see there); performance 100 (mean - lowest) / (highest - lowest) by
    SurveyDesign.mean on the declared scale of the factors, its limits cut at 0 and 100; gain = step * slope of the factor in
    `regression.linear` on all factors, with its interval (an association: what goes together, not what a reform would do).
    A factor is important when share >= importance_cut (None: 1 / k, an equal part) and low when performance < performance_cut
    (None: the mean of the factors' performances in the domain). `sure`: the intervals of share - cut and of performance -
    cut exclude 0; a mean of the factors is an estimate too, and its covariance with the factor counts.
    step: units of the factors, > 0. missing: "fail"; "exclude": performance over each factor's own valid answers, importance
    over rows valid in all; "exclude_rows": both over rows valid in all. A row without a domain belongs to none, unless "fail".
    A domain with fewer than minimum_n complete rows, or whose model is refused, has NaN and a note.
    Raises DesignError: as SurveyDesign.mean, and on a step or scale that is not one.
    Source: Martilla and James (1977) J. of Marketing 41(1).
    """
    factors, (lowest, highest) = _checked(design, outcome, factors, errors), scale
    if not (np.isfinite([step, lowest, highest]).all() and step > 0 and lowest < highest):
        raise DesignError(f"step must be positive and scale (lowest, highest), not {step!r} and {scale!r}")
    k = len(factors)
    means = design.mean([*factors, outcome], by, missing, confidence)
    domains = est.domains_of(design.frame, by, missing)
    policy = "fail" if missing == "fail" else "exclude_rows"
    shape = (k, domains.count)
    pieces = {name: np.full((4, *shape), np.nan) for name in ("importance", "share", "gain")}
    inflation, complete = np.full(shape, np.nan), np.zeros(domains.count, dtype=int)
    notes: list[str | None] = [None] * domains.count
    inflated: list[tuple[str, ...]] = [()] * domains.count
    valid = design.frame[[*factors, outcome]].notna().all(axis=1).to_numpy() & (design.weights > 0)
    for d in range(domains.count):
        inside = domains.code == d
        complete[d] = np.count_nonzero(inside & valid)
        try:
            one = importance(design, outcome, factors, inside, policy, confidence, minimum_n, vif_limit, errors)
            fit = regression.linear(design, outcome, factors, inside, policy, confidence)
        except DesignError as error:
            notes[d] = str(error)
            continue
        for name in ("importance", "share"):
            part = getattr(one, name)
            pieces[name][:, :, d] = part.estimate, part.standard_error, part.ci_low, part.ci_high
        pieces["gain"][:, :, d] = step * np.array([fit.estimate, fit.standard_error, fit.ci_low, fit.ci_high])[:, 1:]
        inflation[:, d], inflated[d] = one.variance_inflation, one.inflated
    share = Figures(*pieces["share"])
    cut = 1 / k if importance_cut is None else importance_cut
    important, sure = share.estimate >= cut, (share.ci_low > cut) | (share.ci_high < cut)
    performance, difference, certain = _performance(means, k, lowest, highest, performance_cut, confidence)
    quadrant = np.array(QUADRANTS, dtype=object)[np.where(important, 0, 2) + np.where(difference < 0, 0, 1)]
    quadrant[np.isnan(share.estimate) | np.isnan(difference)] = None
    arrays = [means.estimate[:k] + step <= highest, quadrant, sure & certain, inflation, means.n[:k], complete]
    for array in arrays:
        array.flags.writeable = False
    return ImportancePerformance(outcome, factors, domains.labels, Figures(*pieces["importance"]), share, performance,
                                 Figures(*pieces["gain"]), *arrays, tuple(inflated), tuple(notes))


def _checked(design: SurveyDesign, outcome: str, factors: Sequence[str], errors: str) -> tuple[str, ...]:
    if not factors or isinstance(factors, str) or len({outcome, *factors}) <= len(factors):
        raise DesignError("name the outcome and a list of at least one factor, and each column only once")
    if len(factors) > MOST_FACTORS:
        raise DesignError(f"{len(factors)} factors have {2 ** len(factors)} subsets; take at most {MOST_FACTORS}")
    if errors not in ERRORS:
        raise DesignError(f"errors must be one of {', '.join(ERRORS)}, not {errors!r}")
    if errors == "jackknife" and (len(design.stages) > 1 or design.adjustments):
        raise DesignError("the jackknife knows one stage and weights as drawn; declare errors='linearised'")
    return tuple(factors)


def _performance(means: est.Estimates, k: int, lowest: float, highest: float, cut: float | None,
                 confidence: float) -> tuple[Figures, np.ndarray, np.ndarray]:
    """Performances on 0-100, their differences (k, D) from the cut, and whether each difference is certain."""
    unit = 100 / (highest - lowest)
    value, error, df = unit * (means.estimate[:k] - lowest), unit * means.standard_error[:k], means.df[:k]
    low, high = intervals.symmetric(value, error, df, confidence)
    performance = Figures(value, error, np.maximum(low, 0), np.minimum(high, 100))
    if cut is None:
        contrast = np.eye(k) - 1 / k
        variances = [replace(one, totals=one.totals[:, :k] @ contrast).variances() for one in means.stage_totals]
        difference, spread = contrast @ value, unit * np.sqrt(sum(variances).T)
        df = np.broadcast_to(df.min(axis=0), df.shape)
    else:
        difference, spread = value - cut, error
    low, high = intervals.symmetric(difference, spread, df, confidence)
    return performance, difference, (low > 0) | (high < 0)


def _cross_products(z: np.ndarray, w: np.ndarray, cell: np.ndarray, cells: int) -> np.ndarray:
    """Sums of w z z' per cell: (cells, q, q)."""
    q = z.shape[1]
    upper = np.triu_indices(q)
    sums = np.empty((cells, q, q))
    for a, b in zip(*upper, strict=True):
        sums[:, a, b] = sums[:, b, a] = np.bincount(cell, weights=w * z[:, a] * z[:, b], minlength=cells)
    return sums


def _covariances(sums: np.ndarray) -> np.ndarray:
    """Weighted covariance matrices (R, q - 1, q - 1) from sums of w z z' (R, q, q), z starting with 1; NaN without weight."""
    weight = np.where(sums[:, 0, 0] > 0, sums[:, 0, 0], np.nan)[:, None]
    mean = sums[:, 0, 1:] / weight
    return sums[:, 1:, 1:] / weight[:, :, None] - mean[:, :, None] * mean[:, None, :]


def _explained(correlation: np.ndarray) -> np.ndarray:
    """R2 of each subset of the k factors from correlation matrices (R, k + 1, k + 1), the outcome last: (R, 2^k), factor j in
    subset s when bit j of s is set. Factor after factor, each matrix becomes two: without the factor, and with it swept out
    of the rest, which explains (its covariance with the outcome)^2 / its variance more."""
    left, explained = correlation[:, None], np.zeros((len(correlation), 1))
    for _ in range(correlation.shape[1] - 1):
        own = np.where(left[:, :, 0, 0] > OWN_SHARE, left[:, :, 0, 0], np.nan)
        rest = left[:, :, 1:, 1:]
        swept = rest - left[:, :, 1:, :1] * left[:, :, :1, 1:] / own[:, :, None, None]
        explained = np.concatenate([explained, explained + left[:, :, 0, -1] ** 2 / own], axis=1)
        left = np.concatenate([rest, swept], axis=1)
    return explained


def _combination(k: int) -> np.ndarray:
    """(2^k, 3 k + 1): R2 of the subsets (in the order of `_explained`) into LMG, first, last and R2, all sums of them."""
    subset, bit = np.arange(2**k), 2 ** np.arange(k)
    size = ((subset[:, None] & bit) > 0).sum(axis=1)
    matrix = np.zeros((2**k, 3 * k + 1))
    for j in range(k):
        without = subset[(subset & bit[j]) == 0]
        orders = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) for s in size[without]])
        matrix[without + bit[j], j] = orders
        matrix[without, j] = -orders
    matrix[bit, k + np.arange(k)] = 1
    matrix[-1, 2 * k :] = 1
    matrix[2**k - 1 - bit, 2 * k + np.arange(k)] -= 1
    return matrix


def _statistics(sums: np.ndarray) -> np.ndarray:
    """The measures of MEASURES, k each, then R2, from sums of w z z' (R, q, q): (R, 5 k + 1). NaN where undefined."""
    covariance = _covariances(sums)
    k = covariance.shape[1] - 1
    spread = np.diagonal(covariance, axis1=1, axis2=2)
    spread = np.sqrt(np.where(spread > 0, spread, np.nan))
    correlation = covariance / spread[:, :, None] / spread[:, None, :]
    lmg, first, last, whole = np.split(_explained(correlation) @ _combination(k), [k, 2 * k, 3 * k], axis=1)
    share = np.divide(lmg, whole, out=np.full(lmg.shape, np.nan), where=whole > 0)
    slopes = np.full(lmg.shape, np.nan)
    known = ~np.isnan(whole[:, 0])
    slopes[known] = np.linalg.solve(correlation[known, :k, :k], correlation[known, :k, k:])[:, :, 0]
    return np.hstack([lmg, share, first, last, slopes, whole])


def _linearised(z: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Linearised values (n, 5 k + 1) of `_statistics`, to be multiplied by w / sum w, from columns with mean 0 and spread 1,
    the outcome last: z (n, k + 1).

    Of R2 of subset S: y^2 (1 - R2) - e_S^2, a quadratic form in z; so is each sum of them. Of a slope b of factor x:
    (A^-1 x) e + b (x^2 - y^2) / 2, with A the correlation matrix of the factors and e the residual on all of them.
    """
    k = z.shape[1] - 1
    correlation = (z * w[:, None]).T @ z / w.sum()
    away = np.zeros((2**k, k + 1))  # the residual on each subset is z times its row
    away[:, k] = 1
    for s in range(1, 2**k):
        member = np.flatnonzero([s >> j & 1 for j in range(k)])
        away[s, member] = -np.linalg.solve(correlation[np.ix_(member, member)], correlation[member, k])
    unexplained = np.einsum("sa,ab,sb->s", away, correlation, away)
    sums = []
    for weights in _combination(k).T:
        form = -(away * weights[:, None]).T @ away
        form[k, k] += weights @ unexplained
        sums.append(((z @ form) * z).sum(axis=1))
    lmg, first, last, whole = np.split(np.column_stack(sums), [k, 2 * k, 3 * k], axis=1)
    theta = (1 - unexplained) @ _combination(k)
    share = (lmg - theta[:k] / theta[-1] * whole) / theta[-1]
    slope, residual = -away[-1, :k], z @ away[-1]
    slopes = np.linalg.solve(correlation[:k, :k], z[:, :k].T).T * residual[:, None]
    return np.hstack([lmg, share, first, last, slopes + slope * (z[:, :k] ** 2 - z[:, [k]] ** 2) / 2, whole])


def _jackknife_variance(design: SurveyDesign, psu: np.ndarray, sums: np.ndarray, theta: np.ndarray) -> np.ndarray:
    """Variance of each statistic: one replicate for each PSU with a row, and one for all those of a stratum without."""
    plan = design.plan
    factors = stratum_factors(plan.psu_count, plan.fraction, plan.lonely_psu)
    stratum, count = plan.psu_stratum[psu], plan.psu_count.astype(float)
    seen = np.bincount(stratum, minlength=count.size)
    if plan.lonely_psu == "fail":
        refuse_lonely(factors.lonely, seen > 0, plan.stratum_names)
    weight = factors.multiplier * np.where(count > 1, (count - 1) / count, 1) ** 2
    others = 1 / np.where(count > 1, count - 1, np.inf)
    flat = sums.reshape(len(sums), -1)
    raised = flat.sum(axis=0) + sums_by(stratum, flat, count.size) * others[:, None]
    kept = np.flatnonzero(weight[stratum] > 0)
    absent = np.flatnonzero((seen > 0) & (count > seen) & (weight > 0))
    times = np.append(weight[stratum[kept]], weight[absent] * (count - seen)[absent])
    variance = np.zeros(theta.size)
    chunk = max(1, CHUNK // (4 * 2 ** (sums.shape[1] - 2) + sums.shape[1] ** 2))
    for start in range(0, times.size, chunk):
        part = slice(start, min(start + chunk, times.size))
        index = np.arange(times.size)[part]
        met = index[index < kept.size]
        cell = kept[met]
        replicates = np.vstack([raised[stratum[cell]] - flat[cell] * (1 + others[stratum[cell]])[:, None],
                                raised[absent[index[index >= kept.size] - kept.size]]])
        variance += times[part] @ (_statistics(replicates.reshape(-1, *sums.shape[1:])) - theta) ** 2
    if plan.lonely_psu == "average":
        usable = ((seen > 0) & ~factors.lonely).sum()
        variance = variance * ((seen > 0).sum() / usable) if usable else np.full(theta.size, np.nan)
    return variance
