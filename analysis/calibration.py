"""Weights made to meet known population totals, and what that does to the variance: post-stratification, raking, calibration.

Each function returns the design with new weights and one more `Adjustment`. An adjustment turns weighted linearised values
into weighted residuals (what the known totals do not explain), and can be repeated on other weights (replicates).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import linalg

from analysis import estimates as est
from analysis.calibration_equations import UNBOUNDED, CalibrationError, Equations, check_distance
from analysis.design import Adjustment, SurveyDesign
from analysis.variance import DesignError, sums_by

#: A column of which less than this share is left after the columns before it are taken out is their combination (R's qr).
DEPENDENT = 1e-7

#: Totals of two margins that differ by more than this share contradict each other.
SAME_POPULATION = 1e-8

Names = str | Sequence[str]
Totals = pd.Series | pd.DataFrame | Mapping[object, float]


@dataclass(frozen=True, eq=False)
class Margin:
    """Cells of one variable or of several crossed: code (n,) from 0, labels and population totals (C,)."""

    name: str
    code: np.ndarray
    labels: tuple[object, ...]
    totals: np.ndarray

    def fit(self, weights: np.ndarray) -> np.ndarray:
        """weights * total of the cell / sum of weights in the cell. Raises CalibrationError naming cells without weight."""
        sums = np.bincount(self.code, weights=weights, minlength=self.totals.size)
        empty = np.flatnonzero((sums <= 0) & (self.totals > 0))
        if empty.size:
            raise CalibrationError([f"{self.name}: no weight in cell {self.labels[c]!r}; merge it with another" for c in empty])
        return weights * np.divide(self.totals, sums, out=np.zeros_like(sums), where=sums > 0)[self.code]


@dataclass(frozen=True, eq=False)
class PostStratification:
    """Weights scaled to the population total of each cell."""

    before: np.ndarray
    after: np.ndarray
    margin: Margin

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        """x - w m, with e = x / w and m the cell's mean of e under the weights before (R svyrecvar, postStrata)."""
        share = _quotient(self.before, self.after)[:, None]
        cells = self.margin.totals.size
        whole = np.bincount(self.margin.code, weights=self.before, minlength=cells)[:, None]
        mean = _quotient(sums_by(self.margin.code, scores * share, cells), whole)
        return scores - self.after[:, None] * mean[self.margin.code]

    def reweight(self, weights: np.ndarray) -> np.ndarray:
        return self.margin.fit(weights)


@dataclass(frozen=True, eq=False)
class Raking:
    """Weights scaled to each margin in turn until all are met; margin_weights: those after each margin, last round."""

    before: np.ndarray
    after: np.ndarray
    margins: tuple[Margin, ...]
    margin_weights: tuple[np.ndarray, ...]
    epsilon: float
    max_iterations: int
    projections: int

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        """x - w (plain mean of x / w in the cell) for each margin in turn, `projections` rounds (R svyrecvar, raking)."""
        counts = [np.bincount(m.code, weights=w > 0, minlength=m.totals.size)[:, None]
                  for m, w in zip(self.margins, self.margin_weights, strict=True)]
        for _ in range(self.projections):
            for margin, weights, count in zip(self.margins, self.margin_weights, counts, strict=True):
                mean = _quotient(sums_by(margin.code, _quotient(scores, weights[:, None]), count.size), count)
                scores = scores - weights[:, None] * mean[margin.code]
        return scores

    def reweight(self, weights: np.ndarray) -> np.ndarray:
        return _rake(weights, self.margins, self.epsilon, self.max_iterations)[-1]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Weights times factors, so that columns meet their totals."""

    before: np.ndarray
    after: np.ndarray
    equations: Equations

    @cached_property
    def _basis(self) -> tuple[np.ndarray, np.ndarray]:
        """Orthonormal basis of the columns times sqrt(before / sigma2), and after / that root; rows without weight are 0."""
        root = np.sqrt(np.where(self.after != 0, self.before, 0.0) / self.equations.sigma2)
        columns = self.equations.columns * root[:, None]
        basis, triangle, _ = linalg.qr(_quotient(columns, np.sqrt((columns**2).sum(axis=0))), mode="economic", pivoting=True)
        return basis[:, np.abs(np.diag(triangle)) > DEPENDENT], _quotient(self.after, root)

    def residuals(self, scores: np.ndarray) -> np.ndarray:
        """w (e - x' B), e = x / w, B the regression of e on the columns with weights before / sigma2 (R qr.resid)."""
        basis, scale = self._basis
        left = _quotient(scores, scale[:, None])
        left = left - basis @ (basis.T @ left)
        return np.where(scale[:, None] != 0, left * scale[:, None], scores)

    def reweight(self, weights: np.ndarray) -> np.ndarray:
        return weights * self.equations.factors(weights)


def post_stratify(design: SurveyDesign, by: Names, totals: Totals) -> SurveyDesign:
    """Scale the weights so that each cell of `by` has its population total: w' = w N_c / sum_c w.

    by: column or columns (crossed). totals: a series or mapping by category (tuples when crossed), or a frame with the
    columns of `by` and one called "total". Units: people. Rows with weight zero need no cell.
    Raises CalibrationError with every fault: missing values, a category without a total, a total without respondents,
    totals that are negative, missing or repeated.
    Source: Holt and Smith (1979); Särndal, Swensson, Wretman (1992) 7.6; R survey::postStratify.
    """
    faults: list[str] = []
    margin = _margin(design, by, totals, faults)
    _refuse(faults)
    return adjusted(design, PostStratification(design.weights, margin.fit(design.weights), margin))


def rake(design: SurveyDesign, margins: Mapping[str | tuple[str, ...], Totals], epsilon: float = 1e-10,
         max_iterations: int = 200, projections: int = 10) -> SurveyDesign:
    """Iterative proportional fitting: post-stratify to each margin in turn until every cell is within epsilon * population.

    margins: totals by column, or by a tuple of columns for a crossed margin. projections: rounds in which the variance takes
    the margins out of the residuals (R: 10). Starts from the design's weights; order of margins as given.
    Raises CalibrationError: every fault of the totals, margins of different populations, and, when the rounds run out, the
    margins that are not met and by how much.
    Source: Deming and Stephan (1940); Deville, Särndal, Sautory (1993); R survey::rake.
    """
    faults: list[str] = []
    if not margins:
        faults.append("no margins to rake to")
    cells = tuple(_margin(design, by, totals, faults) for by, totals in margins.items())
    _refuse(faults)
    _refuse(_different_populations([(m.name, float(m.totals.sum())) for m in cells]))
    weights = _rake(design.weights, cells, epsilon, max_iterations)
    return adjusted(design, Raking(design.weights, weights[-1], cells, tuple(weights), epsilon, max_iterations, projections))


def calibrate(design: SurveyDesign, totals: Mapping[str | tuple[str, ...], float | Totals], population: float | None = None,
              distance: str = "linear", bounds: tuple[float, float] = UNBOUNDED, variance: str | None = None,
              epsilon: float = 1e-10, max_iterations: int = 100) -> SurveyDesign:
    """Weights d F(x' eta / sigma2) that meet known totals, as near the old ones d as the distance asks.

    totals: a numeric column -> its population total; a categorical column (or tuple, crossed) -> totals by category, all
    categories. population: total of 1, when no categorical column implies it (R's "(Intercept)").
    distance: linear F = 1 + u (the regression estimator, GREG); raking F = exp(u); logit needs bounds L < 1 < U. bounds: of
    new / old weight; with linear and raking F is cut there. variance: column sigma2 > 0 (R variance=), None: equal.
    epsilon: largest |achieved - total| / (1 + |total|).
    Raises CalibrationError with every fault by name: as post_stratify, columns that are missing or not numbers, totals out
    of reach of the bounds or contradicting each other, weights that would be negative, no convergence.
    Source: Deville and Särndal (1992); R survey::calibrate (a difference: with a distance or bounds R leaves sigma2 out of
    the residuals, here it stays in).
    """
    check_distance(distance, bounds)
    faults: list[str] = []
    weighted = design.weights > 0
    columns, names, wanted, sizes = [], [], [], []
    if population is not None:
        _add_numeric(np.ones(weighted.size), "(population)", population, weighted, (columns, names, wanted), faults)
        sizes.append(("(population)", float(population)))
    for by, total in totals.items():
        if isinstance(total, (Mapping, pd.Series, pd.DataFrame)):
            margin = _margin(design, by, total, faults)
            columns.extend((margin.code == c) & weighted for c in range(len(margin.labels)))
            names.extend(f"{margin.name}={label}" for label in margin.labels)
            wanted.extend(margin.totals)
            sizes.append((margin.name, float(margin.totals.sum())))
        else:
            try:
                values = est.numbers_of(design.frame, by, slice(None))
            except DesignError as error:
                faults.append(str(error))
            else:
                _add_numeric(values, str(by), total, weighted, (columns, names, wanted), faults)
    sigma2 = np.ones(weighted.size) if variance is None else est.numbers_of(design.frame, variance, slice(None))
    if not (sigma2[weighted] > 0).all():
        faults.append(f"variance column {variance!r} must be positive in every row")
    if not columns and not faults:
        faults.append("no totals to calibrate to")
    _refuse(faults)
    _refuse(_different_populations(sizes))
    equations = Equations(_frozen(np.column_stack(columns).astype(float)), tuple(names), _frozen(np.array(wanted, dtype=float)),
                          _frozen(np.where(weighted, sigma2, 1.0)), distance, (float(bounds[0]), float(bounds[1])), epsilon,
                          max_iterations)
    after = design.weights * equations.factors(design.weights)
    if (after < 0).any():
        raise CalibrationError([f"{int((after < 0).sum())} weights would be negative; declare bounds, such as bounds=(0, 3), "
                                "or distance='raking'"])
    return adjusted(design, Calibration(design.weights, after, equations))


def adjusted(design: SurveyDesign, step: Adjustment) -> SurveyDesign:
    """The design with the weights after the step. Raises DesignError for a design seen through another table's rows."""
    if design.seen_from is not None:
        raise DesignError("weights belong to respondents: adjust the respondents' design, then observe the other table")
    _frozen(step.after)
    return replace(design, weights=step.after, adjustments=(step, *design.adjustments))


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        raise CalibrationError(faults)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _quotient(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """top / bottom, 0 where bottom is 0: rows without weight carry nothing."""
    shape = np.broadcast_shapes(np.shape(top), np.shape(bottom))
    return np.divide(top, bottom, out=np.zeros(shape), where=np.broadcast_to(bottom, shape) != 0)


def _add_numeric(values, name, total, weighted, into, faults) -> None:
    gaps = int(np.isnan(values[weighted]).sum())
    if gaps:
        faults.append(f"{gaps} missing values in column {name!r}")
    if not np.isfinite(total):
        faults.append(f"the total of {name!r} is missing")
    for part, one in zip(into, (np.where(weighted, values, 0.0), name, total), strict=True):
        part.append(one)


def _margin(design: SurveyDesign, by: Names | tuple[str, ...], totals: Totals, faults: list[str]) -> Margin:
    """Cells of the sample lined up with their totals; what does not fit is added to `faults`."""
    names = [by] if isinstance(by, str) else list(by)
    name = " x ".join(map(str, names))
    absent = [one for one in names if one not in design.frame.columns]
    if absent:
        faults.extend(f"no column {one!r}" for one in absent)
        return Margin(name, np.zeros(len(design.frame), dtype=np.int64), (), np.zeros(0))
    if isinstance(totals, pd.DataFrame):
        lost = [one for one in (*names, "total") if one not in totals.columns]
        if lost:
            faults.append(f"{name}: the totals have no column {', '.join(map(repr, lost))}")
            return Margin(name, np.zeros(len(design.frame), dtype=np.int64), (), np.zeros(0))
        totals = totals.set_index(names if len(names) > 1 else names[0])["total"]
    known = totals if isinstance(totals, pd.Series) else pd.Series(dict(totals), dtype=float)
    frame, weighted = design.frame[names], design.weights > 0
    gaps = frame.isna().any(axis=1).to_numpy() & weighted
    if gaps.any():
        faults.append(f"{name}: {int(gaps.sum())} rows with weight have no category")
    cells = list(frame.itertuples(index=False, name=None)) if len(names) > 1 else list(frame[names[0]])
    repeated = known.index[known.index.duplicated()]
    if len(repeated):
        faults.append(f"{name}: repeated totals for {_listed(repeated)}")
        known = known[~known.index.duplicated()]
    labels, values = list(known.index), known.to_numpy(dtype=float, na_value=np.nan)
    bad = [label for label, value in zip(labels, values, strict=True) if not (np.isfinite(value) and value >= 0)]
    if bad:
        faults.append(f"{name}: the total is missing or negative for {_listed(bad)}")
    place = {label: c for c, label in enumerate(labels)}
    code = np.array([place.get(cell, -1) for cell in cells], dtype=np.int64)
    unknown = {cells[row] for row in np.flatnonzero((code < 0) & weighted & ~gaps)}
    if unknown:
        faults.append(f"{name}: no total for {_listed(unknown)}")
    met = np.bincount(code[(code >= 0) & weighted], minlength=len(labels)) > 0
    for fault, wrong in (("nobody in the sample for the total of", ~met & (values > 0)),
                         ("respondents where the total is 0:", met & (values == 0))):
        if wrong.any():
            faults.append(f"{name}: {fault} {_listed([labels[c] for c in np.flatnonzero(wrong)])}")
    return Margin(name, _frozen(np.where(code < 0, 0, code)), tuple(labels), _frozen(values.copy()))


def _listed(labels) -> str:
    return ", ".join(sorted({repr(label) for label in labels}))


def _different_populations(sizes: Sequence[tuple[str, float]]) -> list[str]:
    if len(sizes) < 2 or np.ptp([size for _, size in sizes]) <= SAME_POPULATION * max(size for _, size in sizes):
        return []
    return ["the totals are of different populations: " + ", ".join(f"{name} {size:.10g}" for name, size in sizes)]


def _rake(weights: np.ndarray, margins: Sequence[Margin], epsilon: float, max_iterations: int) -> list[np.ndarray]:
    """The weights after each margin, in the last round."""
    allowed = epsilon * margins[0].totals.sum()
    worst: dict[str, float] = {}
    for _ in range(max_iterations):
        steps = []
        for margin in margins:
            weights = margin.fit(weights)
            steps.append(weights)
        worst = {m.name: float(np.abs(np.bincount(m.code, weights=weights, minlength=m.totals.size) - m.totals).max())
                 for m in margins}
        if max(worst.values()) <= allowed:
            return steps
    raise CalibrationError([f"margin {name} is not met after {max_iterations} rounds: off by {off:.4g}; raise max_iterations, "
                            "merge thin categories or check that the margins can hold together"
                            for name, off in worst.items() if off > allowed])
