"""Satisfaction (SIPAS): two measures, each under its own name, never mixed.

`top_two`: of all valid answers, the percentage that are satisfied or very satisfied. `mean_100`: the mean level of all
valid answers, stretched so that the lowest level is 0 and the highest 100. Both by factor and over all factors.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import intervals
from analysis.design import DesignError, SurveyDesign
from analysis.estimates import Estimates, Interval

MEASURES = ("top_two", "mean_100")
OVERALL = "overall"


@dataclass(frozen=True)
class SatisfactionRule:
    """What the answers mean. Policies, declared before fieldwork.

    levels: valid answer -> level, 1 (very dissatisfied) to `highest`; not_answers: "don't know", "not familiar" and the
    like, which leave the denominator as a blank does. satisfied_from: lowest level that counts as satisfied.
    interval: how the interval of top_two is made (see analysis.intervals.proportion).
    """

    levels: Mapping[object, int]
    not_answers: Collection[object] = ()
    highest: int = 5
    satisfied_from: int = 4
    confidence: float = 0.95
    interval: str = "beta"

    def __post_init__(self) -> None:
        if self.highest < 2 or not self.levels or any(not 1 <= level <= self.highest for level in self.levels.values()):
            raise ValueError(f"levels must lie between 1 and {self.highest}")
        if not 1 < self.satisfied_from <= self.highest:
            raise ValueError("satisfied_from must be above the lowest level and not above the highest")
        both = set(self.levels) & set(self.not_answers)
        if both:
            raise ValueError(f"answers that are both a level and not an answer: {sorted(map(str, both))}")
        intervals.check_confidence(self.confidence)


@dataclass(frozen=True, eq=False)
class Satisfaction:
    """Estimates of both measures, in percent of the scale; items are the factors and "overall", domains the units."""

    top_two: Estimates
    mean_100: Estimates

    def table(self) -> pd.DataFrame:
        """One row per measure, factor and unit: factor, measure, the domain columns, estimate, standard_error, ci_low,
        ci_high, df, design_effect, n (respondents with a valid answer)."""
        parts = []
        for measure in MEASURES:
            part = getattr(self, measure).table().rename(columns={"item": "factor"})
            part.insert(1, "measure", measure)
            parts.append(part)
        return pd.concat(parts, ignore_index=True)


def satisfaction(
    respondents: pd.DataFrame,
    ratings: pd.DataFrame,
    factors: Mapping[str, Sequence[str]],
    rule: SatisfactionRule,
    by: str | Sequence[str] = "unit",
    fraction: Mapping[object, float] | None = None,
    lonely_psu: str = "adjust",
) -> Satisfaction:
    """Both measures by factor and overall, for each unit, with linearised standard errors.

    For respondent i and factor f let m be the valid answers, s the satisfied ones, v the sum of 100 (level - 1) / (top - 1):
    top_two = 100 sum_i w s / sum_i w m,  mean_100 = sum_i w v / sum_i w m.
    Each valid answer counts once, whoever gave it and whichever question it is to; "overall" is the same over the questions
    of all factors together (it is not the mean of the factors). These are ratios, linearised per respondent: who answers
    many questions or rates many units is one draw; totals are added up per PSU; every PSU of the design counts, also one
    without a rating of the unit.

    respondents: respondent (unique) and, where they exist, group, stratum, psu (else the respondent), weight (else 1).
    PSU numbers may repeat between strata. ratings: respondent, unit, one column per question with answers as they were given.
    fraction: sampling fraction per stratum; None: with replacement. by: "unit", or with "group".
    Intervals: top_two by rule.interval; mean_100 by Student's t, cut at 0 and 100. Design effect: with replacement, over
    respondents. A unit with no valid answer has NaN and n = 0.
    Raises DesignError: unknown respondent, a respondent who rates a unit twice, missing question column, an answer that is
    neither a level nor declared as not an answer; LonelyPsuError under lonely_psu="fail".
    Source: Ministry of Home Affairs' SIPAS (share of answers); Cochran (1977) 6.5; Binder (1983).
    """
    if OVERALL in factors or not factors or any(not questions for questions in factors.values()):
        raise DesignError(f"factors must each have a question, and none may be called {OVERALL!r}")
    design = _design(respondents, fraction, lonely_psu)
    row = _respondent_rows(respondents, ratings)
    frame, pairs = _sums_per_respondent(ratings, factors, rule)
    if "group" in respondents.columns:
        frame["group"] = respondents["group"].array[row]
    seen = design.observe(frame, row)

    results = {
        measure: seen.ratio_pairs(pairs[measure], by, "exclude", rule.confidence, "with_replacement", interval)
        for measure, interval in (("top_two", share_interval(rule.interval)), ("mean_100", mean_interval))
    }
    return Satisfaction(**results)


def share_interval(method: str) -> Interval:
    """The interval of top_two, in percent: `analysis.intervals.proportion` by its method."""
    def interval(value, error, df, n, confidence):
        low, high = intervals.proportion(value / 100, error / 100, df, n, confidence, method)
        return low * 100, high * 100

    return interval


def mean_interval(value, error, df, n, confidence):
    """The interval of mean_100: Student's t, cut at 0 and 100."""
    low, high = intervals.symmetric(value, error, df, confidence)
    return np.maximum(low, 0), np.minimum(high, 100)


def response_distribution(
    respondents: pd.DataFrame, ratings: pd.DataFrame, questions: Sequence[str], rule: SatisfactionRule
) -> pd.DataFrame:
    """How each question was answered, per unit: unit, question, answer, level, count, weighted_count, percent_of_valid.

    One row for each declared answer, also those nobody gave; level and percent_of_valid are empty for answers that are
    not levels; answer is None for blanks. percent_of_valid = 100 sum of weights of the answer / of all valid answers
    (NaN when there is none). Counts are respondents. Raises DesignError as `satisfaction` does.
    """
    row = _respondent_rows(respondents, ratings)
    weight = respondents["weight"].to_numpy(dtype=float)[row] if "weight" in respondents else np.ones(len(ratings))
    units, labels = pd.factorize(ratings["unit"], sort=True)
    answers = [*rule.levels, *rule.not_answers, None]
    level = [*rule.levels.values(), *[None] * (len(rule.not_answers) + 1)]
    size = len(labels) * len(answers)
    tables = []
    for question in questions:
        code = _answer_positions(ratings, question, rule)
        cell = units * len(answers) + np.where(code < 0, len(answers) - 1, code)
        count = np.bincount(cell, minlength=size).reshape(-1, len(answers))
        weighted = np.bincount(cell, weights=weight, minlength=size).reshape(-1, len(answers))
        valid = weighted[:, : len(rule.levels)]
        whole = valid.sum(axis=1, keepdims=True)
        percent = np.full(weighted.shape, np.nan)
        np.divide(100 * valid, whole, out=percent[:, : len(rule.levels)], where=whole > 0)
        tables.append(pd.DataFrame({
            "unit": np.repeat(np.asarray(labels), len(answers)), "question": question,
            "answer": pd.Series(answers * len(labels), dtype=object), "level": pd.array(level * len(labels), dtype="Int64"),
            "count": count.ravel(), "weighted_count": weighted.ravel(), "percent_of_valid": percent.ravel(),
        }))
    return pd.concat(tables, ignore_index=True)


def _design(respondents: pd.DataFrame, fraction: Mapping[object, float] | None, lonely_psu: str) -> SurveyDesign:
    columns = {name: name for name in ("weight", "stratum", "psu") if name in respondents.columns}
    frame, fpc = respondents, None
    if fraction is not None:
        stratum = respondents["stratum"] if "stratum" in columns else pd.Series("(all)", index=respondents.index)
        unknown = set(stratum.unique()) - set(fraction)
        if unknown:
            raise DesignError(f"no sampling fraction for strata: {', '.join(sorted(map(str, unknown)))}")
        frame, fpc = respondents.assign(_fraction=stratum.map(fraction).astype(float)), "_fraction"
        if "weight" not in columns:
            frame, columns["weight"] = frame.assign(_weight=1.0), "_weight"
    return SurveyDesign.from_frame(frame, columns.get("weight"), columns.get("stratum"), columns.get("psu"), fpc,
                                   nest=True, lonely_psu=lonely_psu)


def _respondent_rows(respondents: pd.DataFrame, ratings: pd.DataFrame) -> np.ndarray:
    index = pd.Index(respondents["respondent"])
    if not index.is_unique:
        raise DesignError("respondents has the same respondent twice")
    row = index.get_indexer(ratings["respondent"])
    if (row < 0).any():
        raise DesignError(f"{int((row < 0).sum())} ratings belong to no respondent")
    if ratings["unit"].isna().any():
        raise DesignError(f"{int(ratings['unit'].isna().sum())} ratings name no unit")
    twice = ratings.duplicated(["respondent", "unit"])
    if twice.any():
        raise DesignError(f"{int(twice.sum())} ratings repeat a respondent and unit")
    return row


def _answer_positions(ratings: pd.DataFrame, question: str, rule: SatisfactionRule) -> np.ndarray:
    """Position of each answer among the levels, then the not-answers; -1 for a blank."""
    if question not in ratings.columns:
        raise DesignError(f"ratings has no column for question {question!r}")
    column = ratings[question]
    if isinstance(column.dtype, pd.CategoricalDtype):
        code, labels = column.cat.codes.to_numpy(), column.cat.categories
    else:
        code, labels = pd.factorize(column)
    position = {answer: i for i, answer in enumerate([*rule.levels, *rule.not_answers])}
    lookup = np.array([position.get(label, -2) for label in labels] + [-1])
    found = lookup[code]
    if (found == -2).any():
        strange = sorted({str(labels[c]) for c in np.unique(code[found == -2])})
        raise DesignError(f"question {question!r} has answers the rule does not know: {', '.join(strange)}")
    return found


def _sums_per_respondent(ratings, factors, rule) -> tuple[pd.DataFrame, dict[str, dict[str, tuple[str, str]]]]:
    """Per line of ratings and factor: valid answers (NaN when none), 100 x satisfied ones, summed 0-100 scores."""
    level = np.array([*rule.levels.values(), *[0] * len(rule.not_answers), 0], dtype=float)
    valid = level > 0
    satisfied = np.where(level >= rule.satisfied_from, 100.0, 0.0)
    score = np.where(valid, 100 * (level - 1) / (rule.highest - 1), 0.0)
    kinds = ("answers", *MEASURES)
    sums = {(factor, kind): np.zeros(len(ratings)) for factor in (*factors, OVERALL) for kind in kinds}
    read: dict[str, np.ndarray] = {}
    for factor, questions in factors.items():
        for question in questions:
            if question in read:
                raise DesignError(f"question {question!r} stands in two factors")
            code = read[question] = _answer_positions(ratings, question, rule)
            for kind, table in zip(kinds, (valid.astype(float), satisfied, score), strict=True):
                sums[factor, kind] += table[code]
    for kind in kinds:
        sums[OVERALL, kind] = sum(sums[factor, kind] for factor in factors)
    columns = {"unit": ratings["unit"].array}
    for (factor, kind), values in sums.items():
        columns[f"{factor} {kind}"] = np.where(sums[factor, "answers"] > 0, values, np.nan)
    pairs = {m: {factor: (f"{factor} {m}", f"{factor} answers") for factor in (*factors, OVERALL)} for m in MEASURES}
    return pd.DataFrame(columns), pairs
