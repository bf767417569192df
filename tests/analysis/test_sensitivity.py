"""Ranks under other rules: cases reckoned by hand, the symmetries, the scenarios, and what is refused."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.index.sensitivity import (
    Scenario,
    equal_shares,
    leave_each_group_out,
    linear_coefficients,
    mean_coefficients,
    moved_shares,
    rank_sensitivity,
    sampled_shares,
)

seeds = st.integers(0, 2**32 - 1)
GROUPS = ("citizens", "officials", "leaders")
NAN = np.nan


def problem(seed: int, gaps: float = 0.0):
    random = np.random.default_rng(seed)
    units, groups, criteria = (int(random.integers(low, 7)) for low in (2, 2, 1))
    means = random.choice(np.linspace(0, 1, 21), size=(units, groups, criteria))
    means[random.uniform(size=means.shape) < gaps] = NAN
    means[:, 0] = np.where(np.isnan(means).all(axis=1), 0.5, means[:, 0])  # every unit has a score
    shares = random.dirichlet(np.ones(groups), size=criteria).T
    return means, shares, random.integers(1, 10, criteria).astype(float), random.normal(60, 3, units)


def test_three_units_by_hand():
    # One criterion of 10 points, citizens 0.6 and officials 0.4: a 0.9/0.5, b 0.5/1.0, c 0.7/0.7 -> 7.4, 7.0, 7.0
    means = np.array([[[0.9], [0.5]], [[0.5], [1.0]], [[0.7], [0.7]]])
    shares = np.array([[0.6], [0.4]])
    scenarios = [*leave_each_group_out(shares, GROUPS[:2]), equal_shares(shares), Scenario("the same")]
    found = rank_sensitivity(means, shares, [10], scenarios)
    assert found.scenarios == ("without citizens", "without officials", "equal shares", "the same")
    assert found.official.tolist() == [1, 2, 2]
    assert found.ranks.tolist() == [[3, 1, 2], [1, 3, 2], [2, 1, 2], [1, 2, 2]]
    assert found.best.tolist() == [1, 1, 2]
    assert found.worst.tolist() == [3, 3, 2]
    assert found.stays.tolist() == [0.5, 0.25, 1]
    assert found.moved.tolist() == [2, 1, 2, 0]
    np.testing.assert_allclose(found.tau, [-2 / np.sqrt(2 * 3), 2 / np.sqrt(2 * 3), -0.5, 1])
    assert found.table("abc").iloc[1].tolist() == ["b", 2, 1, 3, 0.25]
    assert found.scenario_table()["without_score"].tolist() == [0, 0, 0, 0]


def test_fixed_points_count_and_are_not_touched():
    means, shares = np.array([[[0.9], [0.1]], [[0.1], [0.9]]]), np.array([[0.5], [0.5]])
    scenarios = leave_each_group_out(shares, GROUPS[:2])
    assert rank_sensitivity(means, shares, [10], scenarios).ranks.tolist() == [[2, 1], [1, 2]]
    assert rank_sensitivity(means, shares, [10], scenarios, fixed=[60, 50]).ranks.tolist() == [[1, 2], [1, 2]]


def test_a_missing_group_is_spread_or_withholds_the_score():
    means = np.array([[[0.9], [NAN]], [[0.5], [0.7]], [[0.6], [0.6]]])
    shares = np.array([[0.5], [0.5]])
    found = rank_sensitivity(means, shares, [10], leave_each_group_out(shares, GROUPS[:2]))
    assert found.official.tolist() == [1, 2, 2]
    # without citizens nothing is known of the first unit: the others are ranked, and compared, among themselves
    np.testing.assert_array_equal(found.ranks, [[NAN, 1, 2], [1, 3, 2]])
    assert found.without_score.tolist() == [1, 0]
    assert found.stays.tolist() == [1, 0.5, 0.5]
    assert (found.best[0], found.worst[0]) == (1, 1)
    assert np.isnan(found.tau[0])  # b and c are equal officially
    with pytest.raises(ValueError, match="position 0"):
        rank_sensitivity(means, shares, [10], [Scenario("x")], missing="withhold")


def test_a_criterion_that_only_the_left_out_group_answers_drops_out():
    means = np.array([[[0.9, NAN], [NAN, 0.1]], [[0.1, NAN], [NAN, 0.5]]])
    shares = np.array([[1.0, 0], [0, 1]])
    for missing in ("spread", "withhold"):
        found = rank_sensitivity(means, shares, [10, 10], leave_each_group_out(shares, GROUPS[:2]), missing=missing)
        assert found.official.tolist() == [1, 2]
        assert found.ranks.tolist() == [[2, 1], [1, 2]]


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from([0.0, 0.3]))
def test_the_scores_are_the_plain_sum(seed, gaps):
    means, shares, points, fixed = problem(seed, gaps)
    names = [f"g{g}" for g in range(len(shares))]
    scenarios = [*leave_each_group_out(shares, names), *moved_shares(shares, names, 0.1), equal_shares(shares),
                 *sampled_shares(shares, 20, seed, 3)]
    found = rank_sensitivity(means, shares, points, scenarios, fixed)
    for scenario, ranks in zip(scenarios, found.ranks, strict=True):
        scores = []
        for unit, base in zip(means, fixed, strict=True):
            total = base
            for c, most in enumerate(points):
                there = ~np.isnan(unit[:, c])
                weight = scenario.shares[there, c].sum()
                total += most * (scenario.shares[there, c] @ unit[there, c] / weight if weight > 1e-9 else NAN)
            scores.append(round(total, 9))
        scores = np.array(scores)
        expected = [NAN if np.isnan(mine) else 1 + (scores > mine).sum() for mine in scores]
        np.testing.assert_array_equal(ranks, expected)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_order_of_units_criteria_and_groups_does_not_matter(seed):
    means, shares, points, fixed = problem(seed)
    random = np.random.default_rng(seed)
    names = np.array([f"g{g}" for g in range(len(shares))])
    u, g, c = (random.permutation(size) for size in means.shape)
    one = rank_sensitivity(means, shares, points, leave_each_group_out(shares, names), fixed)
    moved = shares[np.ix_(g, c)]
    other = rank_sensitivity(means[np.ix_(u, g, c)], moved, points[c], leave_each_group_out(moved, names[g]), fixed[u])
    back = [other.scenarios.index(name) for name in one.scenarios]
    np.testing.assert_array_equal(one.ranks[:, u], other.ranks[back])
    np.testing.assert_allclose(one.tau, other.tau[back])
    np.testing.assert_allclose(one.stays[u], other.stays)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_tau_is_kendalls(seed):
    means, shares, points, fixed = problem(seed)
    scenario = sampled_shares(shares, 2, seed, 1)[0]
    found = rank_sensitivity(means, shares, points, [scenario], fixed)
    expected = stats.kendalltau(found.official, found.ranks[0]).statistic
    np.testing.assert_allclose(found.tau[0], expected)


def test_one_unit_stays_first():
    found = rank_sensitivity(np.full((1, 2, 1), 0.5), [[0.5], [0.5]], [10], leave_each_group_out([[0.5], [0.5]], "ab"))
    assert (found.best.tolist(), found.worst.tolist(), found.stays.tolist()) == ([1], [1], [1])
    assert np.isnan(found.tau).all()


def test_moved_shares():
    shares = np.array([[0.5, 1, 0.05], [0.3, 0, 0.95], [0.2, 0, 0]])
    found = {scenario.name: scenario.shares for scenario in moved_shares(shares, GROUPS, 0.1)}
    assert list(found) == ["citizens +0.1", "citizens -0.1", "officials +0.1", "officials -0.1", "leaders +0.1", "leaders -0.1"]
    np.testing.assert_allclose(found["citizens +0.1"], [[0.6, 1, 0.15], [0.24, 0, 0.85], [0.16, 0, 0]])
    np.testing.assert_allclose(found["citizens -0.1"], [[0.4, 1, 0], [0.36, 0, 1], [0.24, 0, 0]])
    np.testing.assert_allclose(found["leaders -0.1"][:, 0], [0.5625, 0.3375, 0.1])
    assert moved_shares(np.ones((1, 2)), ["only"], 0.1) == []


def test_equal_shares_only_among_those_who_are_asked():
    shares = np.array([[0.5, 1, 0.05], [0.3, 0, 0.95], [0.2, 0, 0]])
    np.testing.assert_allclose(equal_shares(shares).shares, [[1 / 3, 1, 0.5], [1 / 3, 0, 0.5], [1 / 3, 0, 0]])


def test_sampled_shares_are_dirichlet_and_move_together():
    shares = np.array([[0.5, 0.5, 1, 0.1], [0.3, 0.3, 0, 0.9], [0.2, 0.2, 0, 0]])
    found = np.stack([scenario.shares for scenario in sampled_shares(shares, 30, seed=1, draws=4000)])
    np.testing.assert_allclose(found.sum(axis=1), 1)
    np.testing.assert_allclose(found.mean(axis=0), shares, atol=0.005)
    np.testing.assert_allclose(found.std(axis=0), np.sqrt(shares * (1 - shares) / 31), atol=0.003)
    np.testing.assert_array_equal(found[:, :, 0], found[:, :, 1])
    assert np.corrcoef(found[:, 0, 0], found[:, 0, 3])[0, 1] > 0.5
    again = np.stack([scenario.shares for scenario in sampled_shares(shares, 30, seed=1, draws=4000)])
    np.testing.assert_array_equal(found, again)
    assert not np.array_equal(found[0], sampled_shares(shares, 30, seed=2, draws=1)[0].shares)


def test_other_coefficients():
    table = np.array([[1, 0.6, 0.2, 0, NAN], [1, 0.75, 0.5, 0.25, 0]])
    linear = linear_coefficients(table)
    np.testing.assert_allclose(linear, [[1, 2 / 3, 1 / 3, 0, NAN], [1, 0.75, 0.5, 0.25, 0]])
    # the fifth answer of the first criterion ("don't know") leaves both sums
    answers = np.zeros((2, 1, 2, 5))
    answers[0, 0] = [[0, 4, 0, 0, 7], [2, 2, 0, 0, 0]]
    answers[1, 0] = [[1, 1, 1, 1, 0], [0, 0, 0, 0, 0]]
    np.testing.assert_allclose(mean_coefficients(answers, table)[:, 0], [[0.6, 0.875], [0.45, NAN]])
    np.testing.assert_allclose(mean_coefficients(answers, linear)[:, 0], [[2 / 3, 0.875], [0.5, NAN]])
    scenario = Scenario("linear", means=mean_coefficients(answers, linear)[:, :, :1])
    found = rank_sensitivity(mean_coefficients(answers, table)[:, :, :1], [[1.0]], [10], [scenario, Scenario("as declared")])
    assert found.ranks.tolist() == [[1, 2], [1, 2]]
    falling = linear_coefficients([[0, 0.1, 1]])
    np.testing.assert_allclose(falling, [[0, 0.5, 1]])


def test_printed_decimals_make_equals():
    means, shares = np.array([[[0.8004]], [[0.8001]]]), np.array([[1.0]])
    assert rank_sensitivity(means, shares, [10], [Scenario("x")]).official.tolist() == [1, 2]
    assert rank_sensitivity(means, shares, [10], [Scenario("x")], decimals=2).official.tolist() == [1, 1]


def test_two_hundred_units_and_a_thousand_scenarios_are_quick():
    random = np.random.default_rng(1)
    means, shares = random.uniform(size=(200, 5, 40)), random.dirichlet(np.ones(5), size=40).T
    start = time.process_time()
    rank_sensitivity(means, shares, np.ones(40), sampled_shares(shares, 50, seed=1, draws=1000))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(("change", "message"), [
    ({"means": np.ones((2, 2))}, "need means"),
    ({"max_points": [1, 2]}, "need means"),
    ({"shares": [[0.5], [0.4]]}, "add up to 1"),
    ({"shares": [[1.5], [-0.5]]}, "add up to 1"),
    ({"shares": [0.5, 0.5]}, "groups, criteria"),
    ({"fixed": [1]}, "fixed"),
    ({"missing": "zero"}, "missing"),
    ({"scenarios": []}, "at least one"),
    ({"scenarios": [Scenario("x", shares=np.ones((1, 1)))]}, "x: shares"),
    ({"scenarios": [Scenario("x", shares=np.full((2, 1), 0.3))]}, "add up to 1"),
    ({"scenarios": [Scenario("x", means=np.ones((1, 2, 1)))]}, "x: means"),
])
def test_nonsense_is_refused(change, message):
    arguments = {"means": np.ones((2, 2, 1)), "shares": [[0.5], [0.5]], "max_points": [1], "scenarios": [Scenario("x")]}
    with pytest.raises(ValueError, match=message):
        rank_sensitivity(**arguments | change)


def test_nonsense_scenarios_are_refused():
    shares = np.array([[0.5], [0.5]])
    with pytest.raises(ValueError, match="name for each group"):
        leave_each_group_out(shares, ["one"])
    with pytest.raises(ValueError, match="step"):
        moved_shares(shares, "ab", 0)
    with pytest.raises(ValueError, match="concentration"):
        sampled_shares(shares, 0, seed=1, draws=1)
    with pytest.raises(ValueError, match="rise or only fall"):
        linear_coefficients([[1, 0, 0.5]])
    with pytest.raises(ValueError, match="need answers"):
        mean_coefficients(np.ones((1, 1, 1, 2)), np.ones((1, 3)))
    with pytest.raises(ValueError, match="counts"):
        mean_coefficients(-np.ones((1, 1, 1, 2)), np.ones((1, 2)))
