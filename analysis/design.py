"""SurveyDesign: how a sample was drawn, and every estimate that follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import estimates as est
from analysis import intervals
from analysis.estimates import Cells, Domains, Estimates, Scored
from analysis.variance import (
    LONELY_POLICIES,
    DesignError,
    LonelyPsuError,
    SamplingPlan,
    degrees_of_freedom,
    psu_covariance,
    sums_by,
)

__all__ = ["DesignError", "LonelyPsuError", "SurveyDesign", "degrees_of_freedom", "psu_covariance"]

Names = str | Sequence[str]


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """A sample and its design: weights (n,), PSU of each row (n,), and the plan of strata, PSUs and fractions.

    The frame is kept by reference and never written to.
    """

    frame: pd.DataFrame
    weights: np.ndarray
    psu: np.ndarray
    plan: SamplingPlan

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        weights: str | None = None,
        strata: str | None = None,
        psu: Names | None = None,
        fpc: Names | None = None,
        nest: bool = False,
        lonely_psu: str = "fail",
    ) -> "SurveyDesign":
        """Read the design from columns of `frame`, one row per respondent.

        weights: column of sampling weights (>= 0); None: the inverse sampling fraction when fpc is given, else 1.
        strata: column; None: one stratum. psu: column of primary sampling units; None: every row is one.
        fpc: column with the PSUs in the stratum's population (all >= 1) or the sampling fraction (all <= 1), constant
        within a stratum; None: with replacement. nest: PSU ids repeat between strata. lonely_psu: what a stratum with one
        PSU does: fail, remove, adjust, average, certainty (see analysis.variance.stratum_factors).
        Raises DesignError: unknown column, missing value in a design column, negative weight, PSU in two strata without
        nest, fpc that varies within a stratum or is smaller than the sample, unknown policy, empty frame, several stages.
        Source: R survey::svydesign.
        """
        psu, fpc = _one_stage(psu, "psu"), _one_stage(fpc, "fpc")
        if lonely_psu not in LONELY_POLICIES:
            raise DesignError(f"lonely_psu must be one of {', '.join(LONELY_POLICIES)}, not {lonely_psu!r}")
        if len(frame) == 0:
            raise DesignError("the frame has no rows")
        stratum, names = _design_codes(frame, strata, "strata")
        member, psu_stratum = _primary_units(frame, psu, stratum, len(names), nest)
        count = np.bincount(psu_stratum, minlength=len(names))
        fraction = None if fpc is None else _fractions(_design_numbers(frame, fpc, "fpc"), stratum, count, names)
        if weights is not None:
            weight = _design_numbers(frame, weights, "weights")
            if (weight < 0).any():
                raise DesignError(f"column {weights!r} has negative weights")
            if not (weight > 0).any():
                raise DesignError(f"column {weights!r}: all weights are zero")
        elif fraction is None:
            weight = np.ones(len(frame))
        elif (fraction == 0).any():
            raise DesignError("weights cannot be derived from an infinite population; name a weights column")
        else:
            weight = 1.0 / fraction[stratum]
        for array in (weight, member, psu_stratum, count):
            array.flags.writeable = False
        return cls(frame, weight, member, SamplingPlan(psu_stratum, count, fraction, tuple(names), lonely_psu))

    def observe(self, frame: pd.DataFrame, row: np.ndarray) -> "SurveyDesign":
        """The same design seen through other rows: line j of `frame` belongs to row `row[j]` of this design.

        For answers in a table of their own (one respondent rates many units, or none): PSUs without a line still count.
        Raises DesignError if `row` does not have one valid position per line.
        """
        row = np.asarray(row)
        if row.shape != (len(frame),) or (row.size and (row.min() < 0 or row.max() >= len(self.weights))):
            raise DesignError("row must hold, for each line of the frame, the position of its respondent in the design")
        return SurveyDesign(frame, self.weights[row], self.psu[row], self.plan)

    def mean(self, items: Names, by: Names | None = None, missing: str = "fail", confidence: float = 0.95,
             design_effect: str = "without_replacement") -> Estimates:
        """Weighted mean sum w y / sum w of each item, in each domain.

        Variance by linearisation: scores w (y - mean) / sum w summed per PSU, then analysis.variance.psu_covariance over
        the full design. Units of the item. Interval: t with PSUs minus strata of the domain.
        missing: "fail" | "exclude" (each item over its own valid answers) | "exclude_rows" (rows valid in all items).
        Raises DesignError (not numbers, missing values under "fail"), LonelyPsuError.
        Source: Binder (1983); Särndal, Swensson, Wretman (1992) 5.6; R survey::svymean, svyby.
        """
        return self._levels("mean", items, by, missing, confidence, design_effect)

    def total(self, items: Names, by: Names | None = None, missing: str = "fail", confidence: float = 0.95,
              design_effect: str = "without_replacement") -> Estimates:
        """Expanded total sum w y of each item, in each domain; scores w y. Otherwise as `mean`.

        Source: Cochran (1977) 11.6; R survey::svytotal.
        """
        return self._levels("total", items, by, missing, confidence, design_effect)

    def ratio(self, numerator: Names, denominator: Names, by: Names | None = None, missing: str = "fail",
              confidence: float = 0.95, design_effect: str = "without_replacement") -> Estimates:
        """sum w y / sum w x for every numerator y and denominator x (denominators slowest), item named "y/x".

        Scores w (y - R x) / sum w x. NaN where a domain's denominator is zero. A row counts when both are present.
        Otherwise as `mean`. Source: Cochran (1977) 6.5; R survey::svyratio.
        """
        pairs = {f"{y}/{x}": (y, x) for x in _names(denominator) for y in _names(numerator)}
        return self.ratio_pairs(pairs, by, missing, confidence, design_effect)

    def ratio_pairs(self, pairs: Mapping[str, tuple[str, str]], by: Names | None = None, missing: str = "fail",
                    confidence: float = 0.95, design_effect: str = "without_replacement",
                    interval: est.Interval = est.t_interval) -> Estimates:
        """As `ratio`, for named (numerator, denominator) pairs and with an interval rule of the caller's.

        `interval(estimate, standard_error, df, n, confidence)` gives (low, high), arrays (k, D).
        """
        domains, cells = self._domains(by, missing)
        columns = {name: est.numbers_of(self.frame, name, cells.row) for pair in pairs.values() for name in pair}
        valid = est.valid_rows(columns, missing)
        scored = []
        for y, x in pairs.values():
            masks = [mask for mask in (valid[x], valid[y]) if mask is not None]
            scored.append(est.score_ratio(cells, columns[y], columns[x], np.logical_and.reduce(masks) if masks else None))
        return est.assemble("ratio", self.plan, cells, domains, scored, list(pairs), None, confidence, design_effect, interval)

    def proportion(self, items: Names, by: Names | None = None, missing: str = "fail", confidence: float = 0.95,
                   design_effect: str = "without_replacement", interval: str = "logit") -> Estimates:
        """Share of each level of each item: the mean of its 0/1 indicator; the table has a column `level`.

        Levels: the categories of a categorical column, only True of a boolean one, else the sorted values that occur.
        interval: logit | beta | asin | mean (see analysis.intervals.proportion); share in [0, 1].
        Otherwise as `mean`. Source: R survey::svymean of a factor, svyciprop.
        """
        domains, cells = self._domains(by, missing)
        names = _names(items)
        columns = {name: self._answers(name, cells) for name in names}
        valid = est.valid_rows({name: np.where(code < 0, np.nan, 0.0) for name, (code, _) in columns.items()}, missing)
        scored: list[Scored] = []
        labels, levels = [], []
        for name in names:
            code, categories = columns[name]
            for position, category in categories:
                scored.append(est.score_level(cells, (code == position).astype(float), valid[name], "share"))
                labels.append(name)
                levels.append(category)

        def bounds(value, error, df, n, confidence):
            return intervals.proportion(value, error, df, n, confidence, interval)

        return est.assemble("proportion", self.plan, cells, domains, scored, labels, levels, confidence, design_effect, bounds)

    def covariance_of(self, scores: np.ndarray) -> np.ndarray:
        """Covariance (k, k) of the k sample totals of `scores` (n, k): linearised values, one row per row of the frame,
        already multiplied by the weights (for a mean: w (y - mean) / sum w). Every estimator's variance passes here or
        through its sparse twin, `DomainTotals`.

        Rows that do not belong to a domain carry zeros: the full design stays. Raises DesignError on shapes, LonelyPsuError.
        Source: Binder (1983); R survey::svyrecvar.
        """
        scores = np.asarray(scores, dtype=float)
        if scores.ndim != 2 or len(scores) != len(self.weights):
            raise DesignError(f"scores must be ({len(self.weights)}, k), got {scores.shape}")
        totals = sums_by(self.psu, scores, self.plan.psu_stratum.size)
        return psu_covariance(totals, self.plan.psu_stratum, self.plan.fraction, self.plan.lonely_psu, self.plan.psu_count)

    def degrees_of_freedom(self) -> int:
        """PSUs minus strata, counting PSUs with some positive weight (R survey::degf)."""
        return degrees_of_freedom(self.plan.psu_stratum[np.unique(self.psu[self.weights > 0])])

    def _levels(self, kind: str, items: Names, by, missing: str, confidence: float, design_effect: str) -> Estimates:
        domains, cells = self._domains(by, missing)
        names = _names(items)
        columns = {name: est.numbers_of(self.frame, name, cells.row) for name in names}
        valid = est.valid_rows(columns, missing)
        scored = [est.score_level(cells, columns[name], valid[name], kind) for name in names]
        return est.assemble(kind, self.plan, cells, domains, scored, names, None, confidence, design_effect)

    def _domains(self, by, missing: str) -> tuple[Domains, Cells]:
        domains = est.domains_of(self.frame, by, missing)
        return domains, Cells.of(self.psu, self.weights, domains, self.plan.psu_stratum.size)

    def _answers(self, name: str, cells: Cells) -> tuple[np.ndarray, list[tuple[int, object]]]:
        code, labels = est.codes_of(self.frame, name)
        wanted = [(i, label) for i, label in enumerate(labels)]
        if pd.api.types.is_bool_dtype(self.frame[name].dtype):
            wanted = [(i, label) for i, label in wanted if bool(label)] or [(len(labels), True)]
        return code[cells.row], wanted


def _names(names: Names) -> list[str]:
    listed = [names] if isinstance(names, str) else list(names)
    if not listed or len(set(listed)) < len(listed):
        raise DesignError("name at least one item, and each only once")
    return listed


def _one_stage(names: Names | None, what: str) -> str | None:
    if names is None or isinstance(names, str):
        return names
    if len(names) != 1:
        raise DesignError(f"{what}={list(names)!r}: designs of several stages are not supported yet; give the first stage only "
                          "(its variance estimate without fpc also covers the later stages)")
    return names[0]


def _design_codes(frame: pd.DataFrame, name: str | None, what: str) -> tuple[np.ndarray, list[object]]:
    if name is None:
        return np.zeros(len(frame), dtype=np.int64), ["(all)"]
    codes, labels = pd.factorize(est.column_of(frame, name), sort=False)
    if (codes < 0).any():
        raise DesignError(f"{int((codes < 0).sum())} missing values in {what} column {name!r}")
    return codes.astype(np.int64), list(labels)


def _design_numbers(frame: pd.DataFrame, name: str, what: str) -> np.ndarray:
    values = est.column_of(frame, name)
    if not pd.api.types.is_numeric_dtype(values.dtype):
        raise DesignError(f"{what} column {name!r} is not numeric")
    numbers = values.to_numpy(dtype=float, na_value=np.nan).copy()
    if np.isnan(numbers).any():
        raise DesignError(f"{int(np.isnan(numbers).sum())} missing values in {what} column {name!r}")
    if what == "weights" and np.isinf(numbers).any():
        raise DesignError(f"infinite values in weights column {name!r}")
    return numbers


def _primary_units(frame, psu: str | None, stratum: np.ndarray, strata: int, nest: bool) -> tuple[np.ndarray, np.ndarray]:
    """PSU of each row, and stratum of each PSU."""
    if psu is None:
        return np.arange(len(frame)), stratum.copy()
    member, labels = _design_codes(frame, psu, "psu")
    if nest:
        pairs, member = np.unique(member * strata + stratum, return_inverse=True)
        return member, pairs % strata
    psu_stratum = np.zeros(len(labels), dtype=np.int64)
    psu_stratum[member] = stratum
    astray = np.flatnonzero(psu_stratum[member] != stratum)
    if astray.size:
        raise DesignError(f"PSU {labels[member[astray[0]]]!r} lies in more than one stratum; nest=True if ids repeat "
                          "between strata")
    return member, psu_stratum


def _fractions(values: np.ndarray, stratum: np.ndarray, count: np.ndarray, names: Sequence[object]) -> np.ndarray:
    """Sampling fraction of each stratum, from population sizes or fractions by R's rule: all >= 1 or all <= 1."""
    sizes = bool((values > 1).any())
    if (values <= 0).any() or (sizes and (values < 1).any()):
        raise DesignError("fpc must be all population sizes (>= 1) or all sampling fractions (> 0 and <= 1)")
    first = np.empty(len(count))
    first[stratum] = values
    uneven = np.flatnonzero(first[stratum] != values)
    if uneven.size:
        raise DesignError(f"fpc varies within stratum {names[stratum[uneven[0]]]!r}")
    if not sizes:
        return first
    small = np.flatnonzero(first < count)
    if small.size:
        h = small[0]
        raise DesignError(f"stratum {names[h]!r}: fpc {first[h]:g} is smaller than the {count[h]} PSUs drawn")
    return count / first
