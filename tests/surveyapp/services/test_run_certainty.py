"""How sure an order is: what a run keeps of it follows from the scores, and other rules are reckoned again by hand."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from analysis.index import points
from analysis.index.rounding import round_once
from analysis.index.totals import rank, total
from surveyapp.services import run_certainty
from surveyapp.services.score import Policy
from tests.analysis import index_samples as samples

#: citizens answer two questions of 1.2, "don't know" counts in 1.3, and its scale of four has uneven steps
FRAMEWORK = samples.framework(samples.appraised("0", 2), *samples.MIXED.survey_leaves)
POLICY = Policy(draws=500)


def scored(framework=FRAMEWORK, *, seed: int = 1, people: int = 300, without: str = "",
           policy: Policy = POLICY) -> SimpleNamespace:
    """Six units, `without` the appraised points of one."""
    names, _, ratings = samples.campaign(seed, units=6, people=people)
    scores = points.score(framework, ratings, names)
    totals = [total(framework, scores.component(unit), {} if unit == without else {"0": 1 + Fraction(at % 3, 10)},
                    leaves=scores.leaves_of(unit)) for at, unit in enumerate(names)]
    return SimpleNamespace(names=names, scores=scores, totals=totals, framework=framework,
                           sure=run_certainty.of_group(framework, totals, scores, policy))


def by_hand(run: SimpleNamespace, share_of, mean_of) -> dict[str, int]:
    """Ranks in exact numbers. `share_of(source)`: its share by the other rule; `mean_of(group score, source, leaf)`."""
    percents = {}
    for unit, official in zip(run.names, run.totals, strict=True):
        got = Fraction(official.appraised.exact)
        for leaf in run.framework.survey_leaves:
            parts = list(zip(leaf.rule.sources, run.scores.leaf(unit, leaf.code).groups, strict=True))
            shares = [share_of(source, leaf) for source, _ in parts]
            if not any(shares):
                continue
            counted = [(share, mean_of(group, source, leaf)) for share, (source, group) in zip(shares, parts, strict=True)
                       if share and group.n >= leaf.rule.minimum_n]
            got += leaf.max_points * sum(share * mean for share, mean in counted) / sum(share for share, _ in counted)
        percents[unit] = round_once(100 * got / run.framework.max_points, run.framework.rounding)
    return {unit: 1 + sum(other > percent for other in percents.values()) for unit, percent in percents.items()}


def declared(group, _source, _leaf):
    return group.mean


def straight(group, source, leaf):
    """The mean with equal steps between the first and the last coefficient."""
    if leaf.rule.dont_know != "exclude":
        return group.mean
    values = list(source.coefficients.values())
    steps = [values[0] + (values[-1] - values[0]) * Fraction(k, len(values) - 1) for k in range(len(values))]
    weights = list(group.weighted_counts.values())
    return sum(weight * step for weight, step in zip(weights, steps, strict=True)) / sum(weights)


def group_shares(leaf) -> dict[str, Fraction]:
    result: dict[str, Fraction] = {}
    for source in leaf.rule.sources:
        result[source.group] = result.get(source.group, Fraction(0)) + source.share
    return result


def other_share(kind: str, group: str, step: Fraction):
    def share(source, leaf) -> Fraction:
        of_groups = group_shares(leaf)
        mine = of_groups[source.group]
        if kind == "without_group":
            return Fraction(0) if source.group == group else source.share
        if kind == "equal_shares":
            return source.share / mine / len(of_groups)
        if kind == "linear" or group not in of_groups or of_groups[group] == 1:
            return source.share
        moved = min(max(of_groups[group] + (step if kind == "more_share" else -step), Fraction(0)), Fraction(1))
        return source.share / mine * moved if source.group == group else source.share * (1 - moved) / (1 - of_groups[group])

    return share


@pytest.mark.parametrize("seed", range(4))
def test_ranks_under_other_rules_are_those_reckoned_by_hand(seed):
    run = scored(seed=seed)
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in run.sure.scenarios:
        found.setdefault((row["scenario"], row["respondent_group"]), {})[row["unit_code"]] = row["rank"]
    assert set(found) == {
        *(("without_group", group) for group in ("citizens", "leaders", "officials")), ("equal_shares", ""), ("linear", ""),
        *((kind, group) for kind in ("more_share", "less_share") for group in ("citizens", "leaders", "officials"))}
    for (kind, group), ranks in found.items():
        means = straight if kind == "linear" else declared
        assert ranks == by_hand(run, other_share(kind, group, Fraction(1, 10)), means), (kind, group)
    assert any(len(set(of_unit)) > 1 for of_unit in zip(*(ranks.values() for ranks in found.values()), strict=True))


def test_best_worst_and_staying_are_those_of_the_scenarios():
    run = scored()
    places = {place.unit: place.rank for place in rank(run.totals)}
    for unit, row in run.sure.units.items():
        ranks = [each["rank"] for each in run.sure.scenarios if each["unit_code"] == unit]
        assert (row["rank_best"], row["rank_worst"]) == (min(ranks), max(ranks))
        assert row["rank_stays"] == pytest.approx(sum(each == places[unit] for each in ranks) / len(ranks))


def test_a_scenario_that_changes_nothing_is_none():
    only = samples.framework(samples.appraised("0", 2), samples.survey("1", 3, samples.rule(
        samples.source("citizens", 1, "citizen", "a"))))
    run = scored(only)
    # leaving out the only group leaves no criterion: all that is left is the appraised part
    assert {(row["scenario"], row["respondent_group"]) for row in run.sure.scenarios} == {("without_group", "citizens")}


def test_sets_probabilities_and_places_fit_together():
    run = scored()
    places = {place.unit: place.rank for place in rank(run.totals)}
    for unit, row in run.sure.units.items():
        assert row["rank_all_low"] <= row["rank_low"] <= places[unit] <= row["rank_high"] <= row["rank_all_high"]
        assert sum(each["probability"] for each in row["band_probabilities"]) == pytest.approx(1)
        assert [each["band"] for each in row["band_probabilities"]] == ["A", "B", "C", "D"]
    assert sum(row["top_probability"] for row in run.sure.units.values()) == pytest.approx(POLICY.top)
    assert sum(row["upper_half_probability"] for row in run.sure.units.values()) == pytest.approx(3)
    assert sum(row["rank_expected"] for row in run.sure.units.values()) == pytest.approx(21)


def test_neighbours_are_compared_with_the_covariance_of_shared_respondents():
    run = scored()
    at = {unit: index for index, unit in enumerate(run.names)}
    percent = {each.unit: float(each.percent) for each in run.totals}
    covariance = run.scores.covariance * (100 / float(run.framework.max_points)) ** 2
    assert len(run.sure.neighbours) == 5
    for pair in run.sure.neighbours:
        upper, lower = pair["unit_code"], pair["next_unit_code"]
        i, j = at[upper], at[lower]
        se = np.sqrt(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j])
        df = min(run.scores.component(upper).df, run.scores.component(lower).df)
        assert pair["difference"] == pytest.approx(percent[upper] - percent[lower])
        assert pair["se"] == pytest.approx(se)
        assert pair["p"] == pytest.approx(2 * stats.t.sf(pair["difference"] / se, df))
        assert pair["differs"] == (pair["p_holm"] <= 1 - POLICY.confidence)
    assert sorted(pair["p_holm"] for pair in run.sure.neighbours)[0] == pytest.approx(
        min(1, 5 * min(pair["p"] for pair in run.sure.neighbours)))


def test_a_unit_without_a_total_has_nothing_and_does_not_disturb_the_others():
    run = scored(without="u2")
    assert set(run.sure.units["u2"].values()) == {None}
    assert "u2" not in {row["unit_code"] for row in (*run.sure.neighbours, *run.sure.scenarios)}
    assert all(value is not None for unit, row in run.sure.units.items() if unit != "u2" for value in row.values())


def test_nothing_is_claimed_beside_a_unit_whose_criteria_were_left_out():
    rescaling = samples.framework(samples.appraised("0", 2), *samples.MIXED.survey_leaves, insufficient="rescale")
    run = scored(rescaling, people=60, seed=5)
    if all(each.survey_status != "rescaled" for each in run.totals):
        pytest.fail("this sample was meant to have a unit with a criterion left out")
    assert run.sure.scenarios == []
    assert {row["rank_best"] for row in run.sure.units.values()} == {None}


def test_nobody_ranked_and_one_ranked():
    run = scored()
    nobody = [total(FRAMEWORK, run.scores.component(unit), {}) for unit in run.names]
    empty = run_certainty.of_group(FRAMEWORK, nobody, run.scores, POLICY)
    assert ({value for row in empty.units.values() for value in row.values()}, empty.neighbours) == ({None}, [])
    alone = run_certainty.of_group(FRAMEWORK, [run.totals[0], *nobody[1:]], run.scores, POLICY)
    assert (alone.units["u0"]["rank_low"], alone.units["u0"]["rank_all_high"], alone.neighbours) == (1, 1, [])


def test_the_declared_number_of_first_places_and_step_are_used():
    wide = scored(policy=Policy(draws=500, top=6, share_step=0.4))
    assert {row["top_probability"] for row in wide.sure.units.values()} == {1.0}
    ranks = {row["unit_code"]: row["rank"] for row in wide.sure.scenarios
             if (row["scenario"], row["respondent_group"]) == ("more_share", "leaders")}
    assert ranks == by_hand(wide, other_share("more_share", "leaders", Fraction(2, 5)), declared)
