"""The measures of `analysis.satisfaction` from the sums of ratings: same definitions, no table of respondents in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.design import DesignError
from analysis.index.layout import Layout, lay_out
from analysis.index.linearise import Term, linearised_errors
from analysis.index.sums import RatingSums
from analysis.satisfaction import MEASURES, OVERALL, SatisfactionRule, mean_interval, share_interval


@dataclass(frozen=True)
class FactorScore:
    """One measure of one factor ("overall": all of them) for one unit, in percent of the scale; NaN where undefined."""

    unit: str
    factor: str
    measure: str
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    df: int
    design_effect: float
    #: respondents with a valid answer; -1 where sums without parts cannot tell
    n: int


def satisfaction_of_sums(sums: RatingSums, units: Sequence[str], group: str, factors: Mapping[str, Sequence[str]],
                         levels: Mapping[str, Mapping[str, int]], rule: SatisfactionRule,
                         lonely_psu: str = "adjust") -> list[FactorScore]:
    """Both measures by factor and overall for the answers of one respondent group, for each unit that has a valid answer.

    factors: factor -> question columns; levels: per column answer -> level (1 to rule.highest), an answer without a level
    leaves the denominator; of `rule` the thresholds, confidence and interval count. Ratios are linearised per respondent, all
    PSUs of the campaign count. Errors, df and design effects are those of `linearised_errors`, intervals those of
    `analysis.satisfaction.satisfaction`. Raises DesignError as that does, and what `linearised_errors` raises.
    """
    columns = [column for of_factor in factors.values() for column in of_factor]
    if OVERALL in factors or not factors or any(not of_factor for of_factor in factors.values()):
        raise DesignError(f"factors must each have a question, and none may be called {OVERALL!r}")
    if len(set(columns)) != len(columns):
        raise DesignError(f"a question stands in two factors: {', '.join(sorted(c for c in columns if columns.count(c) > 1))}")
    layout = lay_out(sums, units, lonely_psu, group)
    by_factor = {**{factor: list(of_factor) for factor, of_factor in factors.items()}, OVERALL: columns}
    worth = {column: _worth(layout, column, levels[column], rule) for column in columns}
    ratios, terms = [], []
    for measure in MEASURES:
        for of_factor in by_factor.values():
            ratio, its_terms = _ratio(layout, group, of_factor, [worth[column][measure] for column in of_factor],
                                      [worth[column]["valid"] for column in of_factor])
            ratios.append(ratio)
            terms.append(its_terms)
    errors = linearised_errors(layout, terms)
    value, error = np.array(ratios).reshape(len(terms), -1).T, np.sqrt(errors.variance)
    arguments = value, error, errors.df, errors.n, rule.confidence
    half = len(by_factor)
    low, high = (np.concatenate([share[:, :half], mean[:, half:]], axis=1) for share, mean in zip(
        share_interval(rule.interval)(*arguments), mean_interval(*arguments), strict=True))
    return [
        FactorScore(unit, factor, measure, float(value[u, k]), float(error[u, k]), float(low[u, k]), float(high[u, k]),
                    int(errors.df[u, k]), float(errors.design_effect[u, k]), int(errors.n[u, k]))
        for k, (measure, factor) in enumerate((measure, factor) for measure in MEASURES for factor in by_factor)
        for u, unit in enumerate(units) if np.isfinite(value[u, k])
    ]


def _worth(layout: Layout, column: str, levels: Mapping[str, int], rule: SatisfactionRule) -> dict[str, np.ndarray]:
    """Per answer, and last the blank: valid (0 or 1), and what it adds to the top of each measure."""
    answers = layout.sums.answers.get(column, ())
    level = np.array([levels.get(answer, 0) for answer in answers] + [0], dtype=float)
    valid = level > 0
    return {"valid": valid.astype(float), "top_two": np.where(level >= rule.satisfied_from, 100.0, 0.0),
            "mean_100": np.where(valid, 100 * (level - 1) / (rule.highest - 1), 0.0)}


def _ratio(layout: Layout, group: str, columns: Sequence[str], tops: Sequence[np.ndarray],
           valid: Sequence[np.ndarray]) -> tuple[np.ndarray, list[Term]]:
    top, bottom = np.zeros(len(layout.units)), np.zeros(len(layout.units))
    for column, adds, counts in zip(columns, tops, valid, strict=True):
        weighted = layout.tally(column, group).weighted.astype(float)
        for answer in range(weighted.shape[1]):
            top += weighted[:, answer] * adds[answer]
            bottom += weighted[:, answer] * counts[answer]
    ratio = np.divide(top, bottom, out=np.full(len(bottom), np.nan), where=bottom > 0)
    known = bottom > 0
    terms = []
    for column, adds, counts in zip(columns, tops, valid, strict=True):
        away = adds[None, :] - np.where(known, ratio, 0.0)[:, None] * counts[None, :]
        terms.append(Term(column, group, np.where(known[:, None], away / np.where(known, bottom, 1.0)[:, None], 0.0),
                          counts > 0, known))
    return ratio, terms
