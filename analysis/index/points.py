"""Survey points: exact counts and points per unit, leaf and respondent group, with their sampling errors.

    points = max_points * sum over sources s of share_s * mean_s,   mean_s = sum_i w_i coefficient(answer_i) / sum_i w_i

over the ratings in the source's respondent group. Points are Fractions of integer counts (weights are integer millionths);
no float is on their way. Kinds of missing leave both sums, or count as the coefficient that the rule declares; a blank is
never counted. Sampling errors are floats: see linearise.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm, sqrt
from typing import Literal

import numpy as np
from scipy import stats

from analysis.index.framework import Framework, Leaf, Rule, Source
from analysis.index.layout import Layout, Tally, lay_out
from analysis.index.linearise import Errors, Term, linearised_errors
from analysis.index.ratings import Ratings
from analysis.index.sums import RatingSums, sums_of


@dataclass(frozen=True)
class GroupScore:
    """One source of a leaf for one unit: the way back from a point to its counts."""

    group: str
    questionnaire: str
    question: str
    share: Fraction
    #: the share that counted after groups below the minimum were spread; 0 for those groups themselves
    effective_share: Fraction
    #: ratings in the mean, unweighted
    n: int
    n_missing_by_kind: Mapping[str, int]
    n_blank: int
    #: weighted mean of the coefficients, 0 to 1; None without a rating
    mean: Fraction | None
    #: substantive answer -> ratings, and -> sum of weights in millionths
    counts: Mapping[str, int]
    weighted_counts: Mapping[str, int]


@dataclass(frozen=True)
class LeafScore:
    """One survey leaf for one unit. Errors are None where points are, and where the design cannot give them."""

    unit: str
    leaf: str
    points: Fraction | None
    max_points: Fraction
    standard_error: float | None
    #: points -/+ t * standard error, as they come out: not cut at 0 and max_points, so that a poor approximation is seen
    ci_low: float | None
    ci_high: float | None
    df: int
    design_effect: float | None
    #: respondents with at least one rating in a source of this leaf; None where sums cannot tell
    n: int | None
    status: Literal["ok", "spread", "insufficient"]
    groups: tuple[GroupScore, ...]


@dataclass(frozen=True)
class UnitComponent:
    """A unit's survey component: the sum of its survey leaves.

    status: "ok"; "spread" (a group's share was spread in some leaf); "rescaled" (insufficient leaves left out, the rest scaled
    to the full survey points, where the framework says so); "insufficient" (no points); "not_surveyed" (no points: the
    framework has no survey leaf, or none of the units scored together has a single rating).
    """

    unit: str
    points: Fraction | None
    max_points: Fraction
    standard_error: float | None
    ci_low: float | None
    ci_high: float | None
    df: int
    design_effect: float | None
    n_respondents: int | None
    status: Literal["ok", "spread", "rescaled", "insufficient", "not_surveyed"]


@dataclass(frozen=True, eq=False)
class SurveyScores:
    """All units of one framework. `covariance` (units x units) is of the components' points; NaN where there are none."""

    units: tuple[str, ...]
    components: tuple[UnitComponent, ...]
    leaves: tuple[LeafScore, ...]
    covariance: np.ndarray
    confidence: float

    @cached_property
    def _by_unit(self) -> dict[str, UnitComponent]:
        return {component.unit: component for component in self.components}

    @cached_property
    def _leaves_by_unit(self) -> dict[str, dict[str, LeafScore]]:
        result: dict[str, dict[str, LeafScore]] = {unit: {} for unit in self.units}
        for leaf in self.leaves:
            result[leaf.unit][leaf.leaf] = leaf
        return result

    def component(self, unit: str) -> UnitComponent:
        return self._by_unit[unit]

    def leaf(self, unit: str, code: str) -> LeafScore:
        return self._leaves_by_unit[unit][code]

    def leaves_of(self, unit: str) -> tuple[LeafScore, ...]:
        return tuple(self._leaves_by_unit[unit].values())


def score(framework: Framework, ratings: Ratings | RatingSums, units: Sequence[str], *, confidence: float = 0.95,
          lonely_psu: str = "adjust") -> SurveyScores:
    """Survey points of `units` with standard errors, `confidence` intervals (Student's t) and design effects.

    A question that `ratings` has no column for was not asked: its source has no rating. Finite population correction:
    RatingSums.sampling_fractions. From sums without parts (RatingSums.parts) points, errors and df are the same; design effects
    are None, and so is n where one respondent may count by two questions.
    Raises ValueError for repeated units, a confidence outside (0, 1), or an answer that is neither in the rule's coefficients
    nor a kind of missing (or is both).
    `lonely_psu`: what a stratum with one PSU does (analysis.variance.stratum_factors); "fail" raises LonelyPsuError.
    Cost: time is in proportion to rating rows x survey leaves, memory to cells (PSU x unit) x answers and to units squared.
    """
    if len(set(units)) != len(units):
        raise ValueError("units must not repeat")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, not {confidence}")
    layout = lay_out(ratings if isinstance(ratings, RatingSums) else sums_of(ratings), units, lonely_psu)
    leaves = framework.survey_leaves
    tallies = {(column, group): layout.tally(column, group) for column, group in sorted(
        {(f"{source.questionnaire}.{source.question}", source.group) for leaf in leaves for source in leaf.rule.sources})}
    questions = [_questions(leaf.rule, tallies) for leaf in leaves]
    measured = [_measure(framework, leaves, questions, index) for index in range(len(units))]
    errors = _errors(layout, leaves, questions, measured)
    surveyed = any(group.n for outcome in measured for groups in outcome.groups for group in groups)
    components, leaf_scores = [], []
    for index, (unit, outcome) in enumerate(zip(units, measured, strict=True)):
        leaf_scores += outcome.leaf_scores(unit, _ErrorsOf(errors, index, confidence))
        components.append(outcome.component(unit, _ErrorsOf(errors, index, confidence), surveyed))
    covariance = errors.covariance
    without = [index for index, component in enumerate(components) if component.points is None]
    covariance[without, :] = np.nan
    covariance[:, without] = np.nan
    return SurveyScores(tuple(units), tuple(components), tuple(leaf_scores), covariance, confidence)


@dataclass(frozen=True)
class _Question:
    """A source of a leaf, the tally it reads, and what each of the tally's answers is worth (None: not in the mean)."""

    source: Source
    tally: Tally
    worth: tuple[Fraction | None, ...]


def _questions(rule: Rule, tallies: Mapping[tuple[str, str], Tally]) -> list[_Question]:
    questions = []
    for source in rule.sources:
        tally = tallies[f"{source.questionnaire}.{source.question}", source.group]
        questions.append(_Question(source, tally, tuple(
            _worth(rule, source, tally, index, answer) for index, answer in enumerate(tally.answers))))
    return questions


def _worth(rule: Rule, source: Source, tally: Tally, index: int, answer: str) -> Fraction | None:
    declared, missing = source.coefficients.get(answer), answer in tally.missing
    if (declared is None) != missing and tally.counts[:, index].any():
        which = "both in the coefficients and a kind of missing" if missing else "without a coefficient"
        raise ValueError(f"answer {answer!r} to {source.questionnaire}.{source.question} is {which}")
    if missing:
        return None if rule.dont_know == "exclude" else rule.dont_know
    return declared


@dataclass(frozen=True)
class _Measured:
    """A unit's leaves measured: exact scores without errors yet."""

    leaves: tuple[Leaf, ...]
    sources: tuple[tuple["_SourceOfUnit", ...], ...]
    shares: tuple[tuple[Fraction, ...], ...]
    statuses: tuple[str, ...]
    points: tuple[Fraction | None, ...]
    total: Fraction | None
    status: str
    #: by which the leaves' points were scaled
    factor: Fraction

    @cached_property
    def groups(self) -> list[tuple[GroupScore, ...]]:
        return [tuple(source.group_score(share) for source, share in zip(sources, shares, strict=True))
                for sources, shares in zip(self.sources, self.shares, strict=True)]

    def leaf_scores(self, unit: str, errors: "_ErrorsOf") -> list[LeafScore]:
        return [
            LeafScore(unit=unit, leaf=leaf.code, points=self.points[k], max_points=leaf.max_points, n=errors.n(k),
                      status=self.statuses[k], groups=self.groups[k], **errors.fields(k, self.points[k]))
            for k, leaf in enumerate(self.leaves)
        ]

    def component(self, unit: str, errors: "_ErrorsOf", surveyed: bool) -> UnitComponent:
        return UnitComponent(
            unit=unit, points=self.total, max_points=sum((leaf.max_points for leaf in self.leaves), Fraction(0)),
            n_respondents=errors.n(len(self.leaves)), status=self.status if surveyed and self.leaves else "not_surveyed",
            **errors.fields(len(self.leaves), self.total))


@dataclass(frozen=True)
class _ErrorsOf:
    """The errors of one unit's columns: leaves in order, then the component."""

    errors: Errors
    unit: int
    confidence: float

    def n(self, column: int) -> int | None:
        n = int(self.errors.n[self.unit, column])
        return None if n < 0 else n

    def fields(self, column: int, points: Fraction | None) -> dict:
        df, variance = int(self.errors.df[self.unit, column]), self.errors.variance[self.unit, column]
        if points is None or not np.isfinite(variance):
            return {"standard_error": None, "ci_low": None, "ci_high": None, "df": df, "design_effect": None}
        error, effect = sqrt(variance), float(self.errors.design_effect[self.unit, column])
        half = float(stats.t.ppf((1 + self.confidence) / 2, df)) * error if df >= 1 else None
        return {"standard_error": error, "df": df, "design_effect": effect if np.isfinite(effect) else None,
                "ci_low": None if half is None else float(points) - half,
                "ci_high": None if half is None else float(points) + half}


def _measure(framework: Framework, leaves: Sequence[Leaf], questions: Sequence[Sequence[_Question]], unit: int) -> _Measured:
    found, all_shares, statuses, points = [], [], [], []
    for leaf, its_questions in zip(leaves, questions, strict=True):
        sources = tuple(_source_of(question, unit) for question in its_questions)
        shares, status = _effective_shares(leaf.rule, [source.n for source in sources])
        found.append(sources)
        all_shares.append(tuple(shares))
        statuses.append(status)
        points.append(None if status == "insufficient" else leaf.max_points * sum(
            (share * source.mean for source, share in zip(sources, shares, strict=True) if share), Fraction(0)))
    return _Measured(tuple(leaves), tuple(found), tuple(all_shares), tuple(statuses), tuple(points),
                     *_component(framework, leaves, points, statuses))


def _errors(layout: Layout, leaves: Sequence[Leaf], questions: Sequence[Sequence[_Question]],
            measured: Sequence[_Measured]) -> Errors:
    columns = [[_term(leaf, question, [(outcome.sources[k][s], outcome.shares[k][s]) for outcome in measured])
                for s, question in enumerate(questions[k])] for k, leaf in enumerate(leaves)]
    return linearised_errors(layout, columns, np.array([float(outcome.factor) for outcome in measured]))


def _term(leaf: Leaf, question: _Question, of_units: Sequence[tuple["_SourceOfUnit", Fraction]]) -> Term:
    scale = np.array([float(leaf.max_points * share) for _, share in of_units])
    deviations = np.array([source.deviations for source, _ in of_units]).reshape(len(of_units), -1)
    rated = np.array([value is not None for value in question.worth] + [False])
    source = question.source
    return Term(f"{source.questionnaire}.{source.question}", source.group, deviations * scale[:, None], rated, scale > 0)


@dataclass(frozen=True)
class _SourceOfUnit:
    """One source for one unit, before it is known whether its share counts."""

    question: _Question
    unit: int
    n: int
    mean: Fraction | None
    #: by answer index, one more at the end for a blank: (coefficient - mean) / sum of weights
    deviations: np.ndarray

    def group_score(self, effective_share: Fraction) -> GroupScore:
        source, tally = self.question.source, self.question.tally
        counts = dict(zip(tally.answers, tally.counts[self.unit].tolist(), strict=True))
        weights = dict(zip(tally.answers, tally.weighted[self.unit].tolist(), strict=True))
        return GroupScore(
            group=source.group, questionnaire=source.questionnaire, question=source.question, share=source.share,
            effective_share=effective_share, n=self.n, mean=self.mean,
            n_missing_by_kind={kind: count for kind, count in counts.items() if kind in tally.missing},
            n_blank=int(tally.blanks[self.unit]),
            counts={answer: counts.get(answer, 0) for answer in source.coefficients},
            weighted_counts={answer: weights.get(answer, 0) for answer in source.coefficients})


def _source_of(question: _Question, unit: int) -> _SourceOfUnit:
    counts, weights = question.tally.counts[unit].tolist(), question.tally.weighted[unit].tolist()
    used = [index for index, value in enumerate(question.worth) if value is not None]
    n = sum(counts[index] for index in used)
    deviations, mean = np.zeros(len(counts) + 1), None
    if n:
        common = lcm(*(question.worth[index].denominator for index in used))
        heavy = sum(weights[index] for index in used)
        mean = Fraction(sum(weights[index] * int(question.worth[index] * common) for index in used), common * heavy)
        for index in used:
            deviations[index] = float(question.worth[index] - mean) / heavy
    return _SourceOfUnit(question, unit, n, mean, deviations)


def _effective_shares(rule: Rule, ns: Sequence[int]) -> tuple[list[Fraction], str]:
    """Shares after the rule's policy for groups below its minimum, and the leaf's status.

    "spread": the others' shares grow in proportion, so that they sum to 1 again; "mark": the leaf is insufficient.
    """
    shares = [source.share for source in rule.sources]
    enough = [n >= rule.minimum_n for n in ns]
    if all(enough):
        return shares, "ok"
    kept = sum((share for share, counts in zip(shares, enough, strict=True) if counts), Fraction(0))
    if rule.below_minimum == "mark" or not kept:
        return [Fraction(0)] * len(shares), "insufficient"
    return [share / kept if counts else Fraction(0) for share, counts in zip(shares, enough, strict=True)], "spread"


def _component(framework: Framework, leaves: Sequence[Leaf], points: Sequence[Fraction | None], statuses: Sequence[str]):
    """The component's points, status, and the factor by which the leaves' points were scaled."""
    known = [(leaf.max_points, value) for leaf, value in zip(leaves, points, strict=True) if value is not None]
    total = sum((value for _, value in known), Fraction(0))
    if len(known) == len(leaves) and leaves:
        return total, "spread" if "spread" in statuses else "ok", Fraction(1)
    if framework.insufficient == "withhold" or not known:
        return None, "insufficient", Fraction(0)
    factor = sum((leaf.max_points for leaf in leaves), Fraction(0)) / sum((most for most, _ in known), Fraction(0))
    return total * factor, "rescaled", factor
