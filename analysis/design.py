"""SurveyDesign: how a sample was drawn, and every estimate that follows from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from analysis import estimates as est
from analysis import intervals, quantile_scores, quantiles
from analysis.design_columns import Stage, expansion, names_of, numbers, read_stages
from analysis.estimates import Cells, Domains, Estimates, Scored
from analysis.level_sums import coded_column, pack_tables, packs, score_coded, short_scale
from analysis.variance import (
    LONELY_POLICIES,
    DesignError,
    DomainTotals,
    LonelyPsuError,
    SamplingPlan,
    degrees_of_freedom,
    psu_covariance,
    sums_by,
)

__all__ = ["DesignError", "LonelyPsuError", "SurveyDesign", "degrees_of_freedom", "psu_covariance"]

Names = str | Sequence[str]

#: Columns of linearised scores that are adjusted at a time: bounds the memory at 8 bytes x rows x this.
ADJUSTED_COLUMNS = 16


class Adjustment(Protocol):
    """One step of weighting (analysis.calibration), between the weights `before` and `after` it, both (n,).

    residuals: weighted linearised values (n, k) -> what the step leaves of their sampling error, (n, k). reweight: the same
    step on other weights before it, (n,) -> (n,). A design holds the newest step first: in that order, by the chain rule,
    their residuals are taken.
    """

    before: np.ndarray
    after: np.ndarray

    def residuals(self, scores: np.ndarray) -> np.ndarray: ...

    def reweight(self, weights: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """A sample and its design: weights (n,), the stages of selection, and the steps of weighting, newest first.

    The frame is kept by reference and never written to. `seen_from` is set when the rows of the frame are lines of another
    table: the respondents' design, and the position of each line's respondent in it.
    """

    frame: pd.DataFrame
    weights: np.ndarray
    stages: tuple[Stage, ...]
    adjustments: tuple[Adjustment, ...] = ()
    seen_from: "tuple[SurveyDesign, np.ndarray] | None" = None

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        weights: str | None = None,
        strata: Names | None = None,
        psu: Names | None = None,
        fpc: Names | None = None,
        nest: bool = False,
        lonely_psu: str = "fail",
    ) -> "SurveyDesign":
        """Read the design from columns of `frame`, one row per respondent.

        weights: column of sampling weights (>= 0); None: the product of inverse sampling fractions when fpc is given, else 1.
        strata: column, or one for each stage; None: one stratum. psu: column of primary sampling units, or a list with the
        units of each stage (ids of a later stage may repeat between units of the one before); None: every row is one.
        fpc: for each stage the units in the stratum's population (all >= 1) or the sampling fraction (all <= 1), constant
        within a stratum (at a later stage: within the unit drawn before); None: with replacement, and then later stages need
        no term of their own. nest: PSU ids repeat between strata. lonely_psu: what a stratum with one
        PSU does: fail, remove, adjust, average, certainty (see analysis.variance.stratum_factors).
        Raises DesignError: unknown column, missing value in a design column, negative weight, PSU in two strata without
        nest, fpc that varies within a stratum or is smaller than the sample, unknown policy, empty frame.
        Source: R survey::svydesign; Särndal, Swensson, Wretman (1992) 4.3, 4.4 (stages).
        """
        if lonely_psu not in LONELY_POLICIES:
            raise DesignError(f"lonely_psu must be one of {', '.join(LONELY_POLICIES)}, not {lonely_psu!r}")
        if len(frame) == 0:
            raise DesignError("the frame has no rows")
        stages = read_stages(frame, names_of(strata), names_of(psu), names_of(fpc), nest, lonely_psu)
        if weights is None:
            weight = np.ones(len(frame)) * expansion(stages)
        else:
            weight = numbers(frame, weights, "weights")
            if (weight < 0).any():
                raise DesignError(f"column {weights!r} has negative weights")
            if not (weight > 0).any():
                raise DesignError(f"column {weights!r}: all weights are zero")
        weight.flags.writeable = False
        return cls(frame, weight, stages)

    @property
    def psu(self) -> np.ndarray:
        """PSU of each row, (n,)."""
        return self.stages[0].unit

    @property
    def plan(self) -> SamplingPlan:
        """The first stage of selection."""
        return self.stages[0].plan

    def observe(self, frame: pd.DataFrame, row: np.ndarray) -> "SurveyDesign":
        """The same design seen through other rows: line j of `frame` belongs to row `row[j]` of this design.

        For answers in a table of their own (one respondent rates many units, or none): PSUs without a line still count.
        Raises DesignError if `row` does not have one valid position per line.
        """
        row = np.asarray(row)
        if row.shape != (len(frame),) or (row.size and (row.min() < 0 or row.max() >= len(self.weights))):
            raise DesignError("row must hold, for each line of the frame, the position of its respondent in the design")
        stages = tuple(Stage(stage.unit[row], stage.plan) for stage in self.stages)
        return SurveyDesign(frame, self.weights[row], stages, self.adjustments, (self, row))

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
        pairs = {f"{y}/{x}": (y, x) for x in names_once(denominator) for y in names_once(numerator)}
        return self.ratio_pairs(pairs, by, missing, confidence, design_effect)

    def ratio_pairs(self, pairs: Mapping[str, tuple[str, str]], by: Names | None = None, missing: str = "fail",
                    confidence: float = 0.95, design_effect: str = "without_replacement",
                    interval: est.Interval = est.t_interval) -> Estimates:
        """As `ratio`, for named (numerator, denominator) pairs and with an interval rule of the caller's.

        `interval(estimate, standard_error, df, n, confidence)` gives (low, high), arrays (k, D).
        """
        domains, stages = self._domains(by, missing)
        columns = {name: est.numbers_of(self.frame, name, stages[0].row) for pair in pairs.values() for name in pair}
        valid = est.valid_rows(columns, missing)
        scored = []
        for y, x in pairs.values():
            masks = [mask for mask in (valid[x], valid[y]) if mask is not None]
            scored.append(est.score_ratio(stages, columns[y], columns[x], np.logical_and.reduce(masks) if masks else None))
        return self._assemble("ratio", stages, domains, scored, list(pairs), None, confidence, design_effect, interval)

    def proportion(self, items: Names, by: Names | None = None, missing: str = "fail", confidence: float = 0.95,
                   design_effect: str = "without_replacement", interval: str = "logit") -> Estimates:
        """Share of each level of each item: the mean of its 0/1 indicator; the table has a column `level`.

        Levels: the categories of a categorical column, only True of a boolean one, else the sorted values that occur.
        interval: logit | beta | likelihood | asin | mean | wilson (see analysis.intervals.proportion); share in [0, 1].
        Otherwise as `mean`. Source: R survey::svymean of a factor, svyciprop.
        """
        domains, stages = self._domains(by, missing)
        names = names_once(items)
        columns = {name: self._answers(name, stages[0]) for name in names}
        valid = est.valid_rows({name: np.where(code < 0, np.nan, 0.0) for name, (code, _) in columns.items()}, missing)
        scored: list[Scored] = []
        labels, levels = [], []
        for name in names:
            code, categories = columns[name]
            for position, category in categories:
                scored.append(est.score_level(stages, (code == position).astype(float), valid[name], "share"))
                labels.append(name)
                levels.append(category)

        def bounds(value, error, df, n, confidence):
            return intervals.proportion(value, error, df, n, confidence, interval)

        return self._assemble("proportion", stages, domains, scored, labels, levels, confidence, design_effect, bounds)

    def quantile(self, x: str, probabilities: Sequence[float], by: Names | None = None, missing: str = "fail",
                 confidence: float = 0.95, rule: str = "math", interval: str = "mean") -> Estimates:
        """Weighted quantiles of `x` in each domain, by one of 12 rules (see analysis.quantiles); units of x; the table has a
        column `probability`.

        interval: mean | beta | xlogit | asin: of the share at or below the quantile, inverted by the rule (Woodruff); score:
        the values that the test of F(v) = p does not reject (see analysis.quantile_scores). Standard error: the interval's
        width over 2 t. NaN where an end lies beyond the values of the sample. Otherwise as `mean`.
        Source: R survey::svyquantile (4.1); Hyndman and Fan (1996); Woodruff (1952); Francisco and Fuller (1991).
        """
        quantiles.check_interval(interval)
        domains, stages = self._domains(by, missing)
        values = est.numbers_of(self.frame, x, stages[0].row)
        valid = est.valid_rows({x: values}, missing)[x]
        steps = quantile_scores.Steps.of(stages[0], values, valid)
        found = quantiles.by_domain(stages[0], values, steps, probabilities, rule)

        def shares_at(points: np.ndarray, names: Sequence[object]) -> Estimates:
            scored = [est.score_level(stages, (values <= at[stages[0].domain][stages[0].cell]).astype(float), valid, "share")
                      for at in points]
            return self._assemble("quantile", stages, domains, scored, [x] * len(scored), names, confidence, "with_replacement")

        below = shares_at(found.value, list(probabilities))
        if interval == "score":
            if self.adjustments:
                error = quantile_scores.errors_in_blocks(steps, values, lambda at: shares_at(at, range(len(at))).standard_error)
            else:
                error = quantile_scores.share_errors([stage.plan for stage in self.stages], stages, steps)
            limits = intervals.t_quantile(below.df, confidence)
            shares = quantile_scores.score_ends(steps, stages[0], error, np.asarray(probabilities, dtype=float), limits)
        else:
            shares = quantiles.woodruff_shares(below, confidence, interval)
        return quantiles.with_intervals(below, found, shares, confidence)

    def variance(self, items: Names, by: Names | None = None, missing: str = "fail", confidence: float = 0.95) -> Estimates:
        """Population variance of each item, n / (n - 1) sum w (y - mean)^2 / sum w, in each domain.

        Linearised as the mean of n / (n - 1) (y - mean)^2 (the mean itself adds nothing at first order). Squared units of the
        item. Otherwise as `mean`. Source: R survey::svyvar.
        """
        domains, stages = self._domains(by, missing)
        names = names_once(items)
        columns = {name: est.numbers_of(self.frame, name, stages[0].row) for name in names}
        valid = est.valid_rows(columns, missing)
        scored, cells = [], stages[0]
        for name in names:
            first = est.score_level(stages, columns[name], valid[name], "mean")
            with np.errstate(divide="ignore", invalid="ignore"):
                grow = np.where(first.n > 1, first.n / (first.n - 1), np.nan)
            squares = (columns[name] - first.value[cells.domain][cells.cell]) ** 2 * grow[cells.domain][cells.cell]
            scored.append(est.score_level(stages, squares, valid[name], "mean"))
        return self._assemble("variance", stages, domains, scored, names, None, confidence, "with_replacement")

    def covariance_of(self, scores: np.ndarray) -> np.ndarray:
        """Covariance (k, k) of the k sample totals of `scores` (n, k): linearised values, one row per row of the frame,
        already multiplied by the weights (for a mean: w (y - mean) / sum w). Every estimator's variance passes here or
        through its sparse twin, `DomainTotals`.

        V = sum over stages s of V_s, each `psu_covariance` of the totals of its units, times the sampling fractions of the
        stages before. Calibrated weights: of the residuals. Rows that do not belong to a domain carry zeros: the full design
        stays. Raises DesignError on shapes, LonelyPsuError. Source: Binder (1983); R survey::svyrecvar.
        """
        scores = np.asarray(scores, dtype=float)
        if scores.ndim != 2 or len(scores) != len(self.weights):
            raise DesignError(f"scores must be ({len(self.weights)}, k), got {scores.shape}")
        if self.seen_from is not None and self.adjustments:
            design, row = self.seen_from
            return design.covariance_of(sums_by(row, scores, len(design.weights)))
        for adjustment in self.adjustments:
            scores = adjustment.residuals(scores)
        total = np.zeros((scores.shape[1],) * 2)
        for stage in self.stages:
            # units without a row count with zero, but strata without one are not there (as in a subset of R's designs)
            units, unit = np.unique(stage.unit, return_inverse=True)
            one = np.zeros(units.size, dtype=np.int64)
            total += DomainTotals(stage.plan, units, one, 1, sums_by(unit, scores, units.size)).covariance()
        return total

    def degrees_of_freedom(self) -> int:
        """PSUs minus strata, counting PSUs with some positive weight (R survey::degf)."""
        return degrees_of_freedom(self.plan.psu_stratum[np.unique(self.psu[self.weights > 0])])

    def _levels(self, kind: str, items: Names, by, missing: str, confidence: float, design_effect: str) -> Estimates:
        domains, stages = self._domains(by, missing)
        names = names_once(items)
        scored = list(self._coded(names, stages, missing, kind))
        if not scored:
            columns = {name: est.numbers_of(self.frame, name, stages[0].row) for name in names}
            valid = est.valid_rows(columns, missing)
            scored = [est.score_level(stages, columns[name], valid[name], kind) for name in names]
        return self._assemble(kind, stages, domains, scored, names, None, confidence, design_effect)

    def _coded(self, names: Sequence[str], stages: Sequence[Cells], missing: str, kind: str) -> Iterator[Scored]:
        """The items scored by counts of their levels, if all of them are on short scales and that pays; else nothing."""
        scales = [short_scale(self.frame, name, missing) for name in names]
        if None in scales:
            return
        for pack in packs(scales, max(at.psu.size for at in stages), stages[0].cell.size):
            items = [coded_column(self.frame, scale, stages[0].row) for scale in pack]
            for item, tables in zip(items, pack_tables(stages, items), strict=True):
                yield score_coded(stages, item, tables, kind)

    def _domains(self, by, missing: str) -> tuple[Domains, list[Cells]]:
        """The domains, and the cells of each stage; calibrated weights need the rows themselves as one stage more."""
        domains = est.domains_of(self.frame, by, missing)
        units = [(stage.unit, stage.plan.psu_stratum.size) for stage in self.stages]
        if self.adjustments:
            units.append((np.arange(len(self.weights)), len(self.weights)))
        return domains, [Cells.of(unit, self.weights, domains, count) for unit, count in units]

    def _assemble(self, kind: str, stages: Sequence[Cells], domains: Domains, scored: Sequence[Scored], items, levels,
                  confidence: float, design_effect: str, interval: est.Interval | None = None) -> Estimates:
        plans = [stage.plan for stage in self.stages]
        adjusted = self._adjusted(stages[-1], [one.totals[-1] for one in scored]) if self.adjustments else None
        return est.assemble(kind, plans, stages[: len(plans)], domains, scored, items, levels, confidence, design_effect,
                            interval, adjusted)

    def _adjusted(self, rows: Cells, scores: Sequence[np.ndarray]) -> list[DomainTotals]:
        """Per stage, the totals of the scores' residuals from the calibrations, for every unit and domain."""
        design, row = self.seen_from or (self, np.arange(len(self.weights)))
        size = len(design.weights)
        parts: list[list[np.ndarray]] = [[] for _ in self.stages]
        for one in scores:
            for first in range(0, rows.domains, ADJUSTED_COLUMNS):
                last = min(first + ADJUSTED_COLUMNS, rows.domains)
                mine = np.flatnonzero((rows.domain >= first) & (rows.domain < last))
                dense = np.zeros((size, last - first))
                np.add.at(dense, (row[rows.psu[mine]], rows.domain[mine] - first), one[mine])
                for adjustment in self.adjustments:
                    dense = adjustment.residuals(dense)
                for part, stage in zip(parts, design.stages, strict=True):
                    part.append(sums_by(stage.unit, dense, stage.plan.psu_stratum.size))
        return [dense_totals(stage.plan, np.hstack(part), rows.domains) for part, stage in zip(parts, self.stages, strict=True)]

    def _answers(self, name: str, cells: Cells) -> tuple[np.ndarray, list[tuple[int, object]]]:
        code, labels = est.codes_of(self.frame, name)
        wanted = [(i, label) for i, label in enumerate(labels)]
        if pd.api.types.is_bool_dtype(self.frame[name].dtype):
            wanted = [(i, label) for i, label in wanted if bool(label)] or [(len(labels), True)]
        return code[cells.row], wanted


def names_once(names: Names) -> list[str]:
    listed = names_of(names)
    if not listed or len(set(listed)) < len(listed):
        raise DesignError("name at least one item, and each only once")
    return listed


def dense_totals(plan: SamplingPlan, totals: np.ndarray, domains: int) -> DomainTotals:
    """Totals of every unit of a stage, (units, k * domains) with domains fastest."""
    units, k = len(totals), totals.shape[1] // domains
    cells = totals.reshape(units, k, domains).transpose(0, 2, 1).reshape(units * domains, k)
    return DomainTotals(plan, np.repeat(np.arange(units), domains), np.tile(np.arange(domains), units), domains, cells)
