"""Linear and logistic regression on survey data: weighted fits with standard errors from the sampling design."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, optimize, special, stats

from analysis import estimates as est
from analysis import intervals
from analysis.design import SurveyDesign
from analysis.model_matrix import INTERCEPT, SINGULAR_SHARE, Model, Predictor, Subset, model_of
from analysis.variance import DesignError

#: Newton's method stops when no coefficient moves by more than this share of itself.
STEP_TOLERANCE = 1e-10
MAXIMUM_STEPS = 50
#: Log odds beyond this on a row of the model may mean separation, and are looked into.
LARGE_LOG_ODDS = 20.0


@dataclass(frozen=True)
class WaldTest:
    """F = statistic on df and residual_df degrees of freedom; p_value = P(F' > F)."""

    terms: tuple[str, ...]
    statistic: float
    df: int
    residual_df: int
    p_value: float


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted model. Arrays are (p,), coefficients in the order of `names`; covariance (p, p); read-only.

    kind: "linear" (units of the outcome) or "logistic" (log odds). df: residual degrees of freedom. r_squared: weighted
    R2 (linear) or Nagelkerke's (logistic). n: rows with positive weight. mean: the outcome's weighted mean in these rows.
    """

    kind: str
    outcome: str
    predictors: tuple[Predictor, ...]
    names: tuple[str, ...]
    estimate: np.ndarray
    standard_error: np.ndarray
    t: np.ndarray
    p_value: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    covariance: np.ndarray
    df: int
    r_squared: float
    mean: float
    n: int
    confidence: float

    def table(self) -> pd.DataFrame:
        """One row per coefficient: coefficient, estimate, standard_error, t, p_value, ci_low, ci_high, df, n."""
        columns = {name: getattr(self, name) for name in ("estimate", "standard_error", "t", "p_value", "ci_low", "ci_high")}
        return pd.DataFrame({"coefficient": self.names, **columns, "df": self.df, "n": self.n})

    def odds_ratios(self) -> pd.DataFrame:
        """exp of each slope of a logistic model and of its limits: coefficient, odds_ratio, ci_low, ci_high.

        Raises DesignError for a linear model.
        """
        if self.kind != "logistic":
            raise DesignError("odds ratios belong to a logistic model")
        ratio, low, high = (np.exp(a[1:]) for a in (self.estimate, self.ci_low, self.ci_high))
        return pd.DataFrame({"coefficient": self.names[1:], "odds_ratio": ratio, "ci_low": low, "ci_high": high})

    def wald(self, columns: str | Sequence[str]) -> WaldTest:
        """Test that all coefficients of these predictors are zero: F = b' V^-1 b / q on q and df degrees of freedom.

        columns: predictor columns (a categorical one brings all its levels). Raises DesignError on a column that is not in
        the model or a covariance that cannot be inverted. Source: R survey::regTermTest(method="Wald").
        """
        wanted = (columns,) if isinstance(columns, str) else tuple(dict.fromkeys(columns))
        known = [one.column for one in self.predictors]
        if not wanted or not set(wanted) <= set(known):
            raise DesignError(f"a Wald test needs predictors of the model ({', '.join(known)}), not {list(wanted)}")
        owner = [one.column for one in self.predictors for _ in one.names]
        index = np.flatnonzero([name in wanted for name in owner]) + 1
        error = self.standard_error[index]
        joint = self.covariance[np.ix_(index, index)] / np.where(error > 0, np.outer(error, error), np.nan)
        if np.isnan(joint).any() or np.linalg.eigvalsh(joint)[0] < SINGULAR_SHARE:
            raise DesignError(f"the covariance of {', '.join(wanted)} cannot be inverted: too few PSUs; test fewer predictors")
        b = self.estimate[index] / error
        f = float(b @ np.linalg.solve(joint, b)) / index.size
        return WaldTest(wanted, f, index.size, self.df, float(stats.f.sf(f, index.size, self.df)))

    def fitted(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The model's mean for each row of `frame` (a share for a logistic model): fitted, standard_error, ci_low, ci_high.

        Linear x'b with variance x'Vx; logistic 1 / (1 + exp(-x'b)) with the interval taken on the log odds. Index of the
        frame; NaN where a predictor is missing. Raises DesignError on unknown columns and levels.
        Source: R survey's predict.svyglm(type="response").
        """
        x = np.hstack([np.ones((len(frame), 1)), *(one.columns(frame) for one in self.predictors)])
        value, error = x @ self.estimate, np.sqrt(np.einsum("ij,jk,ik->i", x, self.covariance, x))
        low, high = intervals.symmetric(value, error, self.df, self.confidence)
        if self.kind == "logistic":
            value, low, high = special.expit(value), special.expit(low), special.expit(high)
            error = error * value * (1 - value)
        return pd.DataFrame({"fitted": value, "standard_error": error, "ci_low": low, "ci_high": high}, index=frame.index)


@dataclass(frozen=True, eq=False)
class Regressions:
    """One model in each domain; None where it was refused, with the reason."""

    domain_labels: tuple[tuple[str, tuple[object, ...]], ...]
    fits: tuple[Regression | None, ...]
    refused: tuple[str | None, ...]

    def table(self) -> pd.DataFrame:
        """The tables of the models under each other after the domain columns, and `refused`: the reason where there is no
        model (one row, coefficient None and figures NaN), else None."""
        parts = []
        for d, (fit, reason) in enumerate(zip(self.fits, self.refused, strict=True)):
            part = pd.DataFrame({"coefficient": [None]}) if fit is None else fit.table()
            for position, (name, labels) in enumerate(self.domain_labels):
                part.insert(position, name, [labels[d]] * len(part))
            part["refused"] = pd.Series([reason] * len(part), dtype=object)
            parts.append(part)
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def linear(design: SurveyDesign, outcome: str, predictors: str | Sequence[str], subset: Subset = None,
           missing: str = "fail", confidence: float = 0.95) -> Regression:
    """Weighted least squares b = (X'WX)^-1 X'Wy with an intercept.

    Covariance: of the totals of the linearised scores w (X'WX)^-1 x (y - x'b) over the full design (rows outside the
    subset and left-out rows count with zero). Interval and p: Student's t with PSUs - strata + 1 - p degrees of freedom,
    PSUs and strata counted among those with a row in the model. R2 = 1 - sum w (y - x'b)^2 / sum w (y - ybar)^2.
    predictors: columns. Numbers enter as they are; categories, text and True/False by treatment coding, the first level
    (category order, else sorted) the reference, coefficients named `column[level]`. Levels that no row of the model has are
    left out. subset: a boolean column or array, one value per row of the frame; None: all. missing: "fail" or
    "exclude_rows" (rows valid in all columns of the model).
    Raises DesignError: outcome not numbers or constant, missing values under "fail", a constant predictor, a reference
    level without rows, predictors that are combinations of others (named), no degrees of freedom left; LonelyPsuError.
    Source: Fuller (1975) Sankhya C 37; Binder (1983); R survey::svyglm(family=gaussian).
    """
    model = model_of(design, outcome, predictors, subset, missing)
    root, near = np.sqrt(model.w), model.y - model.mean
    q, r = np.linalg.qr(model.x * root[:, None])
    b = linalg.solve_triangular(r, q.T @ (root * near))
    residual = near - model.x @ b
    b[0] += model.mean
    return _regression("linear", design, model, b, residual, r, 1 - model.w @ residual**2 / (model.w @ near**2), confidence)


def logistic(design: SurveyDesign, outcome: str, predictors: str | Sequence[str], subset: Subset = None,
             missing: str = "fail", confidence: float = 0.95) -> Regression:
    """Log odds of an outcome that is 0/1 or True/False as x'b: the weighted likelihood's maximum, by Newton's method.

    Scores w A^-1 x (y - mu) with A = sum w mu (1 - mu) x x'; otherwise as `linear`. r_squared is Nagelkerke's
    (1 - exp(-(D0 - D) / sum w)) / (1 - exp(-D0 / sum w)) with D the weighted deviance and D0 that of the intercept alone.
    Raises DesignError as `linear`, also on an outcome that is not 0/1 and on predictors that separate the outcome (all
    zeros on one side of a line, all ones on the other), which have no finite coefficient; they are named.
    Source: Binder (1983); Lumley (2017) Aust. N. Z. J. Stat. 59 (pseudo-R2); R survey::svyglm(family=quasibinomial), psrsq.
    """
    model = model_of(design, outcome, predictors, subset, missing)
    values = np.unique(model.y)
    if not np.isin(values, (0, 1)).all():
        shown = ", ".join(f"{value:g}" for value in values[:5])
        raise DesignError(f"the outcome {outcome!r} of a logistic model must be 0 and 1 (or True and False), not {shown}")
    b = np.append(special.logit(model.mean), np.zeros(model.x.shape[1] - 1))
    null = deviance = _deviance(model, b)
    settled = False
    for _ in range(MAXIMUM_STEPS):
        mu = special.expit(model.x @ b)
        r = np.linalg.qr(model.x * np.sqrt(model.w * mu * (1 - mu))[:, None], mode="r")
        pivots = np.abs(np.diag(r))
        if settled or pivots.min() <= SINGULAR_SHARE * pivots.max():
            break
        step = linalg.solve_triangular(r, linalg.solve_triangular(r, model.x.T @ (model.w * (model.y - mu)), trans="T"))
        following = _deviance(model, b + step)
        while following > deviance * (1 + 1e-12):
            step /= 2
            following = _deviance(model, b + step)
        b, deviance = b + step, following
        settled = bool(np.abs(step).max() <= STEP_TOLERANCE * max(1.0, np.abs(b).max()))
    if not settled or np.abs(model.x @ b).max() > LARGE_LOG_ODDS:
        _refuse_separation(model, outcome)
    if not settled:
        raise DesignError(f"the logistic model of {outcome!r} does not converge; leave predictors out or rescale them")
    whole = model.w.sum()
    r_squared = np.expm1(-(null - deviance) / whole) / np.expm1(-null / whole)
    return _regression("logistic", design, model, b, model.y - mu, r, r_squared, confidence)


def by_domain(design: SurveyDesign, by: str | Sequence[str], fit: Callable[[np.ndarray], Regression],
              missing: str = "fail") -> Regressions:
    """`fit(subset)` for each domain of the `by` columns: `by_domain(d, "unit", lambda s: linear(d, "y", ["x"], s))`.

    A domain whose model is refused (DesignError) has none, with the reason. missing: what a missing domain does ("fail", or
    any other policy: it belongs to none). Raises DesignError on unknown columns.
    """
    domains = est.domains_of(design.frame, by, missing)
    fits: list[Regression | None] = []
    refused: list[str | None] = []
    for d in range(domains.count):
        try:
            fits.append(fit(domains.code == d))
            refused.append(None)
        except DesignError as error:
            fits.append(None)
            refused.append(str(error))
    return Regressions(domains.labels, tuple(fits), tuple(refused))


def _regression(kind: str, design: SurveyDesign, model: Model, b: np.ndarray, residual: np.ndarray, factor: np.ndarray,
                r_squared: float, confidence: float) -> Regression:
    """factor: upper triangular R (p, p) with R'R = sum of (w or w mu (1 - mu)) x x'."""
    moment = (model.x * (model.w * residual)[:, None]).T
    scores = np.zeros((len(design.weights), b.size))  # rows outside the model stay in the design with zeros
    scores[model.row] = (model.back @ linalg.solve_triangular(factor, linalg.solve_triangular(factor, moment, trans="T"))).T
    covariance = design.covariance_of(scores)
    estimate, error, df = model.back @ b, np.sqrt(np.diag(covariance)), model.df
    t = np.divide(estimate, error, out=np.full(b.size, np.nan), where=error > 0)
    low, high = intervals.symmetric(estimate, error, df, confidence)
    arrays = [estimate, error, t, 2 * stats.t.sf(np.abs(t), df), low, high, covariance]
    for array in arrays:
        array.flags.writeable = False
    names = (INTERCEPT, *(name for one in model.predictors for name in one.names))
    return Regression(kind, model.outcome, model.predictors, names, *arrays, df, float(r_squared), model.mean, model.row.size,
                      confidence)


def _deviance(model: Model, b: np.ndarray) -> float:
    return 2 * float(model.w @ np.logaddexp(0, np.where(model.y == 1, -1, 1) * (model.x @ b)))


def _refuse_separation(model: Model, outcome: str) -> None:
    """Raise DesignError naming predictors that separate the outcome: some direction d has (2y - 1) x'd >= 0 on all rows and
    > 0 on some (Albert and Anderson 1984). A predictor that does so alone is named alone."""
    signed = model.x * np.where(model.y == 1, 1.0, -1.0)[:, None]
    owner = np.repeat(np.arange(len(model.predictors)), [len(one.names) for one in model.predictors])

    def direction(columns: np.ndarray) -> np.ndarray | None:
        part = signed[:, np.append(0, columns + 1)]
        found = optimize.linprog(-part.mean(axis=0), A_ub=-part, b_ub=np.zeros(len(part)), bounds=(-1, 1), method="highs")
        return found.x[1:] if found.success and -found.fun > 1e-7 else None

    alone = [i for i in range(len(model.predictors)) if direction(np.flatnonzero(owner == i)) is not None]
    if not alone:
        joint = direction(np.arange(owner.size))
        if joint is None:
            return
        alone = sorted(set(owner[np.abs(joint) > 1e-7]))
    listed = ", ".join(repr(model.predictors[i].column) for i in alone)
    raise DesignError(f"the outcome {outcome!r} is perfectly separated by {listed} in some or all of {model.row.size} rows, "
                      "so no finite coefficient fits; leave it out, or merge levels or domains")
