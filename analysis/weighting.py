"""Weights before calibration: adjustment for nonresponse by classes, and trimming of extreme weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import estimates as est
from analysis.calibration import adjusted
from analysis.calibration_equations import CalibrationError
from analysis.design import SurveyDesign
from analysis.variance import DesignError, sums_by

Names = str | Sequence[str]


@dataclass(frozen=True, eq=False)
class NonresponseAdjustment:
    """Respondents' weights times the factor of their class, so that they stand for all eligible people in it.

    code: (n,) class of each row, -1 for rows that are not eligible; labels: by class column, (C,).
    """

    before: np.ndarray
    after: np.ndarray
    code: np.ndarray
    responded: np.ndarray
    labels: tuple[tuple[str, tuple[object, ...]], ...]

    def table(self) -> pd.DataFrame:
        """One row per class: its columns, eligible and responded (rows), their sums of weights, and the factor."""
        size = len(self.labels[0][1])
        inside = (self.code >= 0) & (self.before > 0)
        code, answered, weight = self.code[inside], self.responded[inside], self.before[inside]
        columns: dict[str, object] = {name: list(labels) for name, labels in self.labels}
        columns["eligible"] = np.bincount(code, minlength=size)
        columns["responded"] = np.bincount(code[answered], minlength=size)
        columns["eligible_weight"] = np.bincount(code, weights=weight, minlength=size)
        columns["responded_weight"] = np.bincount(code[answered], weights=weight[answered], minlength=size)
        with np.errstate(divide="ignore"):
            columns["factor"] = columns["eligible_weight"] / columns["responded_weight"]
        return pd.DataFrame(columns)

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        """x - w m + d m: m is the class's mean of x / w over respondents, d the weights before, w those after.

        Linearises sum_c D_c / R_c sum_{r in c} d y, whose response rates R_c / D_c are estimated from the same sample.
        """
        inside = self.code >= 0
        code, classes = np.where(inside, self.code, 0), len(self.labels[0][1])
        weight = np.bincount(code, weights=self.after, minlength=classes)[:, None]
        mean = sums_by(code, np.where(inside[:, None], scores, 0.0), classes) / weight
        return scores + (np.where(inside, self.before, 0.0) - self.after)[:, None] * mean[code]

    def reweight(self, weights: np.ndarray) -> np.ndarray:
        inside = self.code >= 0
        answered = inside & self.responded
        classes = len(self.labels[0][1])
        whole = np.bincount(self.code[inside], weights=weights[inside], minlength=classes)
        heard = np.bincount(self.code[answered], weights=weights[answered], minlength=classes)
        silent = np.flatnonzero((heard <= 0) & (whole > 0))
        if silent.size:
            raise CalibrationError([f"nobody with weight responded in class {_class(self.labels, c)}; merge it with another"
                                    for c in silent])
        factor = np.divide(whole, heard, out=np.zeros_like(whole), where=heard > 0)
        return np.where(answered, weights * factor[self.code], 0.0)


@dataclass(frozen=True, eq=False)
class Trimming:
    """Weights cut at bounds, the rest spread over the others. As in R, the variance takes the trimmed weights as given."""

    before: np.ndarray
    after: np.ndarray
    lower: float
    upper: float
    strict: bool

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        return scores

    def reweight(self, weights: np.ndarray) -> np.ndarray:
        return trimmed(weights, self.lower, self.upper, self.strict)


def adjust_for_nonresponse(design: SurveyDesign, responded: str, classes: Names, minimum: int = 1, eligible: str | None = None,
                           largest_factor: float = np.inf) -> SurveyDesign:
    """In each class the respondents' weights are scaled to the weight of all eligible people: w = d D_c / R_c.

    responded, eligible: columns of true and false for every row with weight (eligible None: all); people who did not respond
    or are not eligible get weight 0 and stay in the design. classes: one column or several, crossed. minimum: respondents a
    class must have; largest_factor: the largest D_c / R_c allowed. The factors: `design.adjustments[0].table()`.
    Raises CalibrationError with every fault: gaps, a class without respondents, with too few, or with too large a factor.
    Source: Little (1986); Särndal and Lundström (2005) 6; Valliant, Dever, Kreuter (2018) 13.5.
    """
    names = [classes] if isinstance(classes, str) else list(classes)
    faults: list[str] = []
    weighted = design.weights > 0
    invited = weighted if eligible is None else _answers(design, eligible, weighted, faults) & weighted
    answered = _answers(design, responded, invited, faults)
    for name in names:
        gaps = int(est.column_of(design.frame, name)[invited].isna().sum())
        if gaps:
            faults.append(f"{gaps} missing values in class column {name!r}")
    if not names or not invited.any():
        faults.append("no classes" if not names else "nobody is eligible")
    if faults:
        raise CalibrationError(faults)
    inside = est.domains_of(design.frame[invited], names, "fail")
    code = np.full(weighted.size, -1, dtype=np.int64)
    code[invited] = inside.code
    labels = inside.labels
    step = NonresponseAdjustment(design.weights, design.weights, code, answered, labels)
    table = step.table()
    for c, (people, heard, factor) in enumerate(zip(table["eligible"], table["responded"], table["factor"], strict=True)):
        if heard == 0:
            faults.append(f"class {_class(labels, c)}: none of {people} responded; merge it with another")
        elif heard < minimum:
            faults.append(f"class {_class(labels, c)}: {heard} responded, fewer than {minimum}; merge it with another")
        elif factor > largest_factor:
            faults.append(f"class {_class(labels, c)}: factor {factor:.4g} is above {largest_factor:g}; merge it with another")
    if faults:
        raise CalibrationError(faults)
    for array in (code, answered):
        array.flags.writeable = False
    return adjusted(design, NonresponseAdjustment(design.weights, step.reweight(design.weights), code, answered, labels))


def trim(design: SurveyDesign, lower: float = 0.0, upper: float = np.inf, strict: bool = False) -> SurveyDesign:
    """Weights cut to [lower, upper]; what is cut off is added to the other weights in equal parts, so their sum stays.

    strict: repeat until none is outside (the others may have been pushed over). Rows with weight 0 stay out of it.
    Raises DesignError when the mean weight lies outside the bounds, or every weight is outside.
    Source: Potter (1990); R survey::trimWeights.
    """
    if not lower < upper:
        raise DesignError(f"lower must be below upper, not {lower!r} and {upper!r}")
    weights = trimmed(design.weights, lower, upper, strict)
    return adjusted(design, Trimming(design.weights, weights, lower, upper, strict))


def trimmed(weights: np.ndarray, lower: float, upper: float, strict: bool) -> np.ndarray:
    """The weights of `trim`, for any weights (n,)."""
    result = np.array(weights, dtype=float)
    kept = result > 0
    mean = result[kept].mean()
    if not lower <= mean <= upper:
        raise DesignError(f"the mean weight {mean:.6g} is outside {lower:g} to {upper:g}: the bounds cannot be kept")
    while True:
        low, high = kept & (result < lower), kept & (result > upper)
        inside = kept & ~low & ~high
        if not (low | high).any():
            return result
        if not inside.any():
            raise DesignError(f"every weight is outside {lower:g} to {upper:g}: nothing can take up what is cut off")
        cut = np.clip(result, lower, upper)
        surplus = (result - cut)[kept].sum() / inside.sum()
        result = np.where(kept, np.where(inside, result + surplus, cut), 0.0)
        if not strict or abs(surplus) <= 8 * np.finfo(float).eps * mean:
            return np.where(kept, np.clip(result, lower, upper), 0.0) if strict else result


def _answers(design: SurveyDesign, name: str, asked: np.ndarray, faults: list[str]) -> np.ndarray:
    column = est.column_of(design.frame, name)
    gaps = int(column[asked].isna().sum())
    if gaps:
        faults.append(f"{gaps} missing values in column {name!r}")
    elif not column[asked].isin([True, False]).all():
        faults.append(f"column {name!r} must hold true and false only")
    return (column.isin([True]) & asked).to_numpy()


def _class(labels: tuple[tuple[str, tuple[object, ...]], ...], c: int) -> str:
    return ", ".join(f"{name}={values[c]!r}" for name, values in labels)
