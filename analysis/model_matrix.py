"""From columns of a design to the rows and columns of a model: predictors, subsets, missing values, what cannot be fitted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import estimates as est
from analysis.design import SurveyDesign
from analysis.variance import DesignError, degrees_of_freedom

INTERCEPT = "(intercept)"
POLICIES = ("fail", "exclude_rows")

#: A column of which less than this share is its own, after the columns before it, is a combination of them.
OWN_SHARE = 1e-8

#: A column whose spread is less than this share of its size is constant.
CONSTANT_SHARE = 1e-12

#: A correlation matrix with an eigenvalue below this cannot be inverted; nor a factor with such a pivot.
SINGULAR_SHARE = 1e-12
Subset = np.ndarray | pd.Series | Sequence[bool] | str | None


@dataclass(frozen=True)
class Predictor:
    """A column as it enters a model: numbers (levels None), or 0/1 for each level after the first, the reference."""

    column: str
    levels: tuple[object, ...] | None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.column,) if self.levels is None else tuple(f"{self.column}[{level}]" for level in self.levels[1:])

    def columns(self, frame: pd.DataFrame) -> np.ndarray:
        """(n, columns); NaN where the value is missing. Raises DesignError on a level the model does not have."""
        if self.levels is None:
            return est.numbers_of(frame, self.column, slice(None))[:, None]
        code, labels = est.codes_of(frame, self.column)
        position = {level: i for i, level in enumerate(self.levels)}
        lookup = np.array([position.get(label, -2) for label in labels] + [-1])[code]
        if (lookup == -2).any():
            strange = sorted({str(labels[c]) for c in np.unique(code[lookup == -2])})
            raise DesignError(f"column {self.column!r} has levels the model was not fitted on: {', '.join(strange)}")
        dummies = (lookup[:, None] == np.arange(1, len(self.levels))).astype(float)
        dummies[lookup < 0] = np.nan
        return dummies


def model_rows(design: SurveyDesign, values: dict[str, np.ndarray], subset: Subset, missing: str) -> np.ndarray:
    """Positions of the rows in a model: in the subset, with positive weight, valid in all `values` (n,) by the policy.

    Raises DesignError: a subset that is not one True or False per row, missing values under "fail", no row left.
    """
    if missing not in POLICIES:
        raise DesignError(f"missing must be one of {', '.join(POLICIES)} (a model needs rows valid in all its columns), "
                          f"not {missing!r}")
    row = np.flatnonzero((design.weights > 0) & _subset_mask(design.frame, subset))
    for mask in est.valid_rows({name: column[row] for name, column in values.items()}, missing).values():
        if mask is not None:
            row = row[mask]
            break
    if row.size == 0:
        raise DesignError("no row with positive weight is in the subset and valid in all columns of the model")
    return row


def refuse_constant(x: np.ndarray, w: np.ndarray, names: Sequence[str]) -> None:
    """Raise DesignError naming the first column of `x` (n, k) with no spread about its weighted mean."""
    norm = np.sqrt(w @ (x - np.average(x, axis=0, weights=w)) ** 2)
    constant = np.flatnonzero(norm <= CONSTANT_SHARE * np.sqrt(w @ x**2))
    if constant.size:
        raise DesignError(f"column {names[constant[0]]!r} is the same in all {len(x)} rows of the model; leave it out or take "
                          "other rows")


def refuse_dependent(x: np.ndarray, w: np.ndarray, names: Sequence[str]) -> None:
    """Raise DesignError naming the columns of `x` (n, k) that are constant or combinations of others (weights w, (n,)).

    Walks from left to right; a column's own share is its norm after the columns before it are taken out, over its norm,
    both about the weighted mean.
    """
    refuse_constant(x, w, names)
    centred = (x - np.average(x, axis=0, weights=w)) * np.sqrt(w)[:, None]
    norm = np.sqrt((centred**2).sum(axis=0))
    scaled = np.vstack([centred / norm, np.zeros((x.shape[1], x.shape[1]))])  # so that few rows too give a square factor
    dependent = np.flatnonzero(np.abs(np.diag(np.linalg.qr(scaled, mode="r"))) < OWN_SHARE)
    if dependent.size:
        j = dependent[0]
        part = np.linalg.lstsq(scaled[:, :j], scaled[:, j], rcond=OWN_SHARE)[0]
        others = [names[i] for i in np.flatnonzero(np.abs(part) > 1e-6)]
        raise DesignError(f"column {names[j]!r} is a combination of {', '.join(map(repr, others))} in the {len(x)} rows of the "
                          "model; leave one of them out")


@dataclass(frozen=True, eq=False)
class Model:
    """Rows (n,) of the design, weights with mean 1, outcome and its mean, columns about their weighted means and in units
    of their spread with the intercept first: x (n, p); `back` (p, p) turns its coefficients into those of the plain columns;
    df: residual degrees of freedom."""

    outcome: str
    predictors: tuple[Predictor, ...]
    row: np.ndarray
    w: np.ndarray
    y: np.ndarray
    mean: float
    x: np.ndarray
    back: np.ndarray
    df: int


def model_of(design: SurveyDesign, outcome: str, predictors: str | Sequence[str], subset: Subset, missing: str) -> Model:
    names = [predictors] if isinstance(predictors, str) else list(predictors)
    if not names or len({outcome, *names}) <= len(names):
        raise DesignError("name the outcome and at least one predictor, and each column only once")
    dtype = est.column_of(design.frame, outcome).dtype
    if not pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        raise DesignError(f"the outcome {outcome!r} is {dtype}, not numbers; make a column of numbers of it")
    y = est.numbers_of(design.frame, outcome, slice(None))
    whole = [_predictor(design.frame, name) for name in names]
    columns = [one.columns(design.frame) for one in whole]
    gaps = {one.column: column.sum(axis=1) for one, column in zip(whole, columns, strict=True)}
    row = model_rows(design, {outcome: y, **gaps}, subset, missing)
    kept = [_levels_with_rows(one, column[row]) for one, column in zip(whole, columns, strict=True)]
    chosen, x = tuple(one for one, _ in kept), np.hstack([column for _, column in kept])
    labels = [name for one in chosen for name in one.names]
    if len({INTERCEPT, *labels}) <= len(labels):
        raise DesignError(f"two coefficients would have the same name among {', '.join(labels)}; rename a column")
    y, w = y[row], design.weights[row] / design.weights[row].mean()
    mean = float(np.average(y, weights=w))
    refuse_constant(y[:, None], w, [outcome])
    refuse_dependent(x, w, labels)
    degf = degrees_of_freedom(design.plan.psu_stratum[np.unique(design.psu[row])])
    if degf - len(labels) < 1:
        raise DesignError(f"{degf} degrees of freedom (PSUs minus strata with a row in the model) cannot carry {len(labels)} "
                          f"coefficients ({', '.join(labels)}); take at most {max(degf - 1, 0)}, or merge strata or levels")
    centre = np.average(x, axis=0, weights=w)
    spread = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=w))
    back = np.diag(np.append(1.0, 1 / spread))
    back[0, 1:] = -centre / spread
    scaled = np.column_stack([np.ones(row.size), (x - centre) / spread])
    return Model(outcome, chosen, row, w, y, mean, scaled, back, degf - len(labels))


def _predictor(frame: pd.DataFrame, name: str) -> Predictor:
    dtype = est.column_of(frame, name).dtype
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return Predictor(name, None)
    levels = tuple(est.codes_of(frame, name)[1])
    if not levels:
        raise DesignError(f"column {name!r} has no value")
    return Predictor(name, levels)


def _levels_with_rows(predictor: Predictor, column: np.ndarray) -> tuple[Predictor, np.ndarray]:
    """The predictor and its columns without the levels that no row has. The reference stays what it was, or is refused: a
    new one would quietly change what the coefficients mean."""
    if predictor.levels is None:
        return predictor, column
    reference, met = predictor.levels[0], column.any(axis=0)
    if column.any(axis=1).all():
        raise DesignError(f"no row of the model has the reference level {reference!r} of {predictor.column!r}; make the column "
                          "categorical with a level that occurs first")
    if not met.any():
        raise DesignError(f"column {predictor.column!r} is the same in all {len(column)} rows of the model; leave it out")
    kept = [level for level, seen in zip(predictor.levels[1:], met, strict=True) if seen]
    return Predictor(predictor.column, (reference, *kept)), column[:, met]


def _subset_mask(frame: pd.DataFrame, subset: Subset) -> np.ndarray:
    if subset is None:
        return np.ones(len(frame), dtype=bool)
    if isinstance(subset, str):
        subset = est.column_of(frame, subset)
    elif isinstance(subset, pd.Series) and not subset.index.equals(frame.index):
        raise DesignError("the subset's index is not that of the design's frame")
    mask = pd.Series(subset).reset_index(drop=True)
    if mask.shape != (len(frame),) or mask.isna().any() or not pd.api.types.is_bool_dtype(mask.dtype):
        raise DesignError(f"a subset is True or False for each of the {len(frame)} rows of the frame, without gaps")
    return mask.to_numpy(dtype=bool)
