"""How sure one group's order is, as rows of a score run: rank sets, probabilities, neighbours, other rules.

Two questions that never mix. Sampling error: where could each unit stand had other people been asked? The declared rule: where
would it stand with the same answers and other shares or coefficients? Nothing is claimed where a ranked unit has no sampling
error (no survey held, or a design that gives none), and no other rule is tried where criteria were left out of some unit's
score: what is unknown is None, never zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from analysis.index.bands import Band
from analysis.index.framework import Framework, Source
from analysis.index.points import GroupScore, SurveyScores
from analysis.index.ranking import (
    band_probabilities,
    neighbours_differ,
    rank_confidence,
    rank_distribution,
    score_draws,
)
from analysis.index.sensitivity import (
    Scenario,
    equal_shares,
    leave_each_group_out,
    linear_coefficients,
    mean_coefficients,
    moved_shares,
    rank_sensitivity,
)
from analysis.index.totals import UnitTotal

#: columns of unit_scores that this module fills
COLUMNS = ("rank_low", "rank_high", "rank_all_low", "rank_all_high", "rank_expected", "rank_median", "top_probability",
           "upper_half_probability", "band_probabilities", "rank_best", "rank_worst", "rank_stays")
MEDIAN = 0.5
#: survey components that are sums of all the framework's leaves
WHOLE = ("ok", "spread")
SAME = 1e-9


@dataclass(frozen=True)
class Certainty:
    """`units`: unit -> its columns of unit_scores; the others are rows without their run."""

    units: dict[str, dict]
    neighbours: list[dict] = field(default_factory=list)
    scenarios: list[dict] = field(default_factory=list)


def of_group(framework: Framework, totals: Sequence[UnitTotal], scores: SurveyScores, policy) -> Certainty:
    """All units of one framework; those without a total have no place and so nothing to be sure of."""
    sure = Certainty({each.unit: dict.fromkeys(COLUMNS) for each in totals})
    at = [index for index, each in enumerate(totals) if each.exact_percent is not None]
    ranked = [totals[index] for index in at]
    if not ranked:
        return sure
    to_percent = 100 / float(framework.max_points)
    covariance = scores.covariance[np.ix_(at, at)] * to_percent**2
    if all(each.status == "complete" for each in ranked) and np.isfinite(covariance).all():
        degrees = [scores.component(each.unit).df for each in ranked]
        standing(sure, [each.unit for each in ranked], [float(each.percent) for each in ranked], covariance, degrees,
                 framework.bands, policy)
    if framework.survey_leaves and all(each.survey_status in WHOLE for each in ranked):
        _under_other_rules(sure, framework, ranked, scores, policy)
    return sure


def standing(sure: Certainty, units: Sequence[str], percents: Sequence[float], covariance: np.ndarray,
             degrees_of_freedom: Sequence[float], bands: Sequence[Band], policy) -> None:
    """What sampling error leaves open. Percents as printed: ranks and bands go by those. Covariance in percent squared."""
    estimates = np.asarray(percents, dtype=float)
    sets = rank_confidence(estimates, covariance, policy.seed, policy.draws, policy.confidence)
    half = ceil(len(units) / 2)
    places = rank_distribution(score_draws(estimates, covariance, policy.seed, policy.draws), (policy.top, half), (MEDIAN,))
    in_band = band_probabilities(estimates, np.sqrt(np.diag(covariance)), bands)
    for index, unit in enumerate(units):
        sure.units[unit] |= {
            "rank_low": int(sets.low[index]), "rank_high": int(sets.high[index]),
            "rank_all_low": int(sets.simultaneous_low[index]), "rank_all_high": int(sets.simultaneous_high[index]),
            "rank_expected": float(places.expected[index]), "rank_median": int(places.quantiles[MEDIAN][index]),
            "top_probability": float(places.top[policy.top][index]),
            "upper_half_probability": float(places.top[half][index]),
            "band_probabilities": [{"band": band, "probability": float(share)} for band, share in in_band.iloc[index].items()],
        }
    # a sample of one PSU has no degrees of freedom: one is the most cautious that Student's t has
    pairs = neighbours_differ(estimates, covariance, policy.confidence, np.maximum(degrees_of_freedom, 1))
    sure.neighbours.extend(
        {"unit_code": pair.upper, "next_unit_code": pair.lower, "position": position, "difference": float(pair.difference),
         "se": float(pair.standard_error), "p": float(pair.p_value), "p_holm": float(pair.p_holm),
         "differs": bool(pair.differs)}
        for position, pair in enumerate(pairs.table(units).itertuples()))


def _under_other_rules(sure: Certainty, framework: Framework, ranked: Sequence[UnitTotal], scores: SurveyScores,
                       policy) -> None:
    rule = _Rule.of(framework, [each.unit for each in ranked], scores)
    scenarios = rule.scenarios(policy.share_step)
    if not scenarios:
        return
    to_percent = 100 / float(framework.max_points)
    points = np.array([float(leaf.max_points) for leaf in framework.survey_leaves])
    appraised = np.array([float(each.appraised.exact) for each in ranked])
    found = rank_sensitivity(rule.means, rule.shares, points * to_percent, [scenario for _, _, scenario in scenarios],
                             fixed=appraised * to_percent, decimals=framework.rounding.places)
    for u, each in enumerate(ranked):
        sure.units[each.unit] |= {"rank_best": _whole(found.best[u]), "rank_worst": _whole(found.worst[u]),
                                  "rank_stays": None if np.isnan(found.stays[u]) else float(found.stays[u])}
        sure.scenarios.extend(
            {"unit_code": each.unit, "scenario": kind, "respondent_group": group, "position": position,
             "rank": _whole(found.ranks[position, u])}
            for position, (kind, group, _) in enumerate(scenarios))


@dataclass(frozen=True, eq=False)
class _Rule:
    """The declared rule as arrays. A part is a respondent group's first, second ... question in a criterion, so that a group
    that answers two questions of one criterion keeps both; nearly always groups and parts are the same.

    means: (U, P, C), NaN below the minimum; straight: the same under coefficients with equal steps; shares: (P, C);
    part_of: (P,) position of each part's group in `groups`.
    """

    groups: tuple[str, ...]
    part_of: np.ndarray
    shares: np.ndarray
    means: np.ndarray
    straight: np.ndarray

    @classmethod
    def of(cls, framework: Framework, units: Sequence[str], scores: SurveyScores) -> "_Rule":
        leaves = framework.survey_leaves
        places = [_parts(leaf.rule.sources) for leaf in leaves]
        parts = sorted({part for of_leaf in places for part in of_leaf})
        groups = tuple(sorted({group for group, _ in parts}))
        shares = np.zeros((len(parts), len(leaves)))
        means = np.full((len(units), *shares.shape), np.nan)
        straight = means.copy()
        for c, (leaf, of_leaf) in enumerate(zip(leaves, places, strict=True)):
            for s, (source, part) in enumerate(zip(leaf.rule.sources, of_leaf, strict=True)):
                p = parts.index(part)
                shares[p, c] = float(source.share)
                counted = [scores.leaf(unit, leaf.code).groups[s] for unit in units]
                enough = np.array([group.n >= leaf.rule.minimum_n and group.mean is not None for group in counted])
                declared = np.array([np.nan if group.mean is None else float(group.mean) for group in counted])
                means[:, p, c] = np.where(enough, declared, np.nan)
                other = _straight_means(source, counted) if leaf.rule.dont_know == "exclude" else declared
                straight[:, p, c] = np.where(enough, other, np.nan)
        return cls(groups, np.array([groups.index(group) for group, _ in parts]), shares, means, straight)

    def scenarios(self, step: float) -> list[tuple[str, str, Scenario]]:
        """(kind, respondent group or "", scenario); a scenario that changes nothing is none."""
        shares = np.zeros((len(self.groups), self.shares.shape[1]))
        np.add.at(shares, self.part_of, self.shares)
        made = [("without_group", group, scenario)
                for group, scenario in zip(self.groups, leave_each_group_out(shares, self.groups), strict=True)]
        made.append(("equal_shares", "", equal_shares(shares)))
        for scenario in moved_shares(shares, self.groups, step):
            group, change = scenario.name.rsplit(" ", 1)
            made.append(("less_share" if change.startswith("-") else "more_share", group, scenario))
        kept = [(kind, group, Scenario(scenario.name, self._of_parts(scenario.shares, shares)))
                for kind, group, scenario in made if np.abs(scenario.shares - shares).max() > SAME]
        if np.nanmax(np.abs(self.straight - self.means), initial=0) > SAME:
            kept.append(("linear", "", Scenario("linear", means=self.straight)))
        return kept

    def _of_parts(self, of_groups: np.ndarray, declared: np.ndarray) -> np.ndarray:
        """A group's new share over its parts, in proportion to their declared ones."""
        within = np.divide(self.shares, declared[self.part_of], out=np.zeros_like(self.shares), where=self.shares > 0)
        return of_groups[self.part_of] * within


def _parts(sources: Sequence[Source]) -> list[tuple[str, int]]:
    seen: dict[str, int] = {}
    parts = []
    for source in sources:
        parts.append((source.group, seen.get(source.group, 0)))
        seen[source.group] = seen.get(source.group, 0) + 1
    return parts


def _straight_means(source: Source, counted: Sequence[GroupScore]) -> np.ndarray:
    """Means under coefficients with equal steps from the first answer to the last; a scale that goes up and down is left."""
    declared = np.array([[float(value) for value in source.coefficients.values()]])
    steps = np.diff(declared[0])
    straight = linear_coefficients(declared) if (steps >= 0).all() or (steps <= 0).all() else declared
    weights = np.array([[group.weighted_counts[answer] for answer in source.coefficients] for group in counted], dtype=float)
    return mean_coefficients(weights[:, None, None, :], straight)[:, 0, 0]


def _whole(rank: float) -> int | None:
    return None if np.isnan(rank) else int(rank)
