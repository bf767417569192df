"""Allocation: sums and bounds always hold, optima are optima, and every target of Bethel's allocation is reached."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from analysis.sampling.allocation import (
    AllocationError,
    Strata,
    equal,
    neyman,
    optimal,
    power,
    proportional,
    variance_of_totals,
)
from analysis.sampling.bethel import bethel

REFERENCE = Path(__file__).parent / "reference"
cases = settings(max_examples=60, deadline=None)


def strata_of(population, deviations=None, means=None, cost=None, names=None) -> Strata:
    frame = pd.DataFrame({"stratum": names or [f"h{h:02}" for h in range(len(population))], "people": population})
    frame["s"] = np.ones(len(frame)) if deviations is None else deviations
    frame["m"] = 50.0 if means is None else means
    frame["c"] = 1.0 if cost is None else cost
    return Strata.from_frame(frame, "stratum", "people", {"y": "s"}, {"y": "m"}, "c")


@st.composite
def random_strata(draw, items=1):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 15))
    frame = pd.DataFrame({"stratum": [f"h{h}" for h in range(count)], "people": rng.integers(1, 800, count),
                          "cost": rng.uniform(0.5, 4, count)})
    for k in range(items):
        frame[f"s{k}"] = np.where(rng.random(count) < 0.1, 0.0, rng.uniform(1, 30, count))
        frame[f"m{k}"] = rng.uniform(10, 90, count)
    names = {f"y{k}": f"s{k}" for k in range(items)}, {f"y{k}": f"m{k}" for k in range(items)}
    return Strata.from_frame(frame, "stratum", "people", *names, "cost"), frame, rng


def test_by_hand():
    strata = strata_of([100, 300, 600], deviations=[10, 5, 5], means=[50, 40, 20], cost=[4, 1, 1])
    assert proportional(strata, 100).n.tolist() == [10, 30, 60]
    assert equal(strata, 99).n.tolist() == [33, 33, 33]
    assert equal(strata, 100).n.tolist() == [34, 33, 33]
    # N S = 1000, 1500, 3000
    assert neyman(strata, 110, "y").n.tolist() == [20, 30, 60]
    # N S / sqrt(c) = 500, 1500, 3000
    assert optimal(strata, "y", n=100).n.tolist() == [10, 30, 60]
    assert optimal(strata, "y", budget=130).n.tolist() == [10, 30, 60]
    assert optimal(strata, "y", budget=129.5).n.tolist() == [10, 30, 59]
    # q = 0: S / mean = 0.2, 0.125, 0.25;  q = 1 is Neyman
    assert power(strata, 115, "y", 0).n.tolist() == [40, 25, 50]
    assert power(strata, 110, "y", 1).n.tolist() == [20, 30, 60]
    assert power(strata, 115, "y", 1, size=1.0).n.tolist() == [40, 25, 50]


def test_take_all_strata_give_their_surplus_to_the_others():
    strata = strata_of([8, 100, 100], deviations=[90, 10, 20])
    allocation = neyman(strata, 48, "y")
    # 720 : 1000 : 2000 would give the first 9.3 of 8; the other 40 are shared 1 : 2
    assert allocation.n.tolist() == [8, 13, 27]
    assert allocation.table().loc[0, "cv_y"] == 0
    assert proportional(strata, 208).n.tolist() == [8, 100, 100]
    assert proportional(strata, 30, minimum=5, maximum={"h00": 6, "h01": 100, "h02": 7}).n.tolist() == [5, 18, 7]


def test_strata_without_deviation_keep_their_minimum_until_the_others_are_full():
    strata = strata_of([10, 20, 30], deviations=[0, 5, 0])
    assert neyman(strata, 14, "y", minimum=2).n.tolist() == [2, 10, 2]
    assert neyman(strata, 40, "y", minimum=2).n.tolist() == [5, 20, 15]


def test_achieved_precision_by_hand():
    strata = strata_of([100, 300], deviations=[10, 5], means=[50, 40])
    allocation = proportional(strata, 40)
    variance = 100**2 * 100 * (1 / 10 - 1 / 100) + 300**2 * 25 * (1 / 30 - 1 / 300)
    achieved = allocation.achieved().iloc[0]
    assert achieved["standard_error"] == pytest.approx(variance**0.5, rel=1e-14)
    assert achieved["cv"] == pytest.approx(variance**0.5 / 17000, rel=1e-14)
    assert np.isnan(achieved["target"])
    table = allocation.table()
    assert table["cv_y"].tolist() == pytest.approx([(0.1 - 0.01) ** 0.5 * 10 / 50, (1 / 30 - 1 / 300) ** 0.5 * 5 / 40])
    assert (table["weight"] * table["n"]).tolist() == [100, 300]
    assert allocation.by_stratum() == {"h00": 10, "h01": 30}


def test_a_stratum_that_is_not_drawn_has_no_precision():
    allocation = proportional(strata_of([1, 1000]), 3, minimum=0)
    assert allocation.n.tolist() == [0, 3]
    assert np.isnan(allocation.achieved()["cv"].iloc[0])
    assert np.isnan(allocation.table()["cv_y"].iloc[0])
    assert np.isnan(allocation.table()["weight"].iloc[0])


@cases
@given(random_strata(), st.data())
def test_every_allocation_keeps_its_sum_and_its_bounds(case, data):
    strata, frame, _ = case
    low, high = data.draw(st.integers(0, 4)), data.draw(st.one_of(st.none(), st.integers(4, 300)))
    lower = np.minimum(low, strata.population)
    upper = strata.population if high is None else np.minimum(high, strata.population)
    n = data.draw(st.integers(max(int(lower.sum()), 1), int(upper.sum())))
    again = Strata.from_frame(frame.iloc[::-1], "stratum", "people", {"y0": "s0"}, {"y0": "m0"}, "cost")
    for method in (
        lambda s: proportional(s, n, low, high), lambda s: equal(s, n, low, high), lambda s: neyman(s, n, "y0", low, high),
        lambda s: optimal(s, "y0", n=n, minimum=low, maximum=high), lambda s: power(s, n, "y0", 0.5, None, low, high),
    ):
        allocation = method(strata)
        assert allocation.n.sum() == n
        assert allocation.exact.sum() == pytest.approx(n, rel=1e-12)
        assert (allocation.n >= lower).all()
        assert (allocation.n <= upper).all()
        assert (np.abs(allocation.n - allocation.exact) < 1).all()
        assert method(again).by_stratum() == allocation.by_stratum()


@cases
@given(random_strata(), st.data())
def test_neyman_and_cost_optimum_beat_every_neighbour(case, data):
    """Moving a share of a person (or of the money) from one stratum to another never lowers the variance."""
    strata, _, rng = case
    lower = np.minimum(2, strata.population)
    n = data.draw(st.integers(int(lower.sum()), int(strata.population.sum())))
    for exact, cost in ((neyman(strata, n, "y0").exact, np.ones(len(lower))),
                        (optimal(strata, "y0", budget=float(strata.cost @ lower) + n / 3).exact
                         if n / 3 < strata.cost @ (strata.population - lower) else None, strata.cost)):
        if exact is None:
            continue
        best = variance_of_totals(strata, exact)[0]
        for _ in range(20):
            a, b = rng.integers(0, len(lower), 2)
            moved = exact.copy()
            moved[a] -= 0.01 / cost[a]
            moved[b] += 0.01 / cost[b]
            if a != b and moved[a] >= lower[a] and moved[b] <= strata.population[b]:
                assert variance_of_totals(strata, moved)[0] >= best * (1 - 1e-12)


@cases
@given(random_strata(), st.integers(0, 2000))
def test_a_budget_is_never_exceeded_and_hardly_left_over(case, extra):
    strata, _, _ = case
    least = float(strata.cost @ np.minimum(2, strata.population))
    budget = min(least + extra, float(strata.cost @ strata.population))
    allocation = optimal(strata, "y0", budget=budget)
    spent = float(strata.cost @ allocation.n)
    assert spent <= budget + 1e-6
    assert (allocation.n >= np.minimum(2, strata.population)).all()
    room = allocation.n < allocation.upper
    fraction = allocation.exact - np.floor(allocation.exact + 1e-9) > 1e-6
    assert not (room & fraction & (strata.cost < budget - spent - 1e-6) & (allocation.n < allocation.exact)).any()


def constraints(strata: Strata, targets) -> np.ndarray:
    columns = [strata.items.index(item) for item in targets]
    totals = strata.population @ strata.means[:, columns]
    squares = strata.deviations[:, columns] ** 2
    allowed = (np.array(list(targets.values())) * totals) ** 2 + strata.population @ squares
    return (strata.population[:, None] ** 2 * squares / allowed).T


@cases
@given(random_strata(items=3), st.lists(st.floats(0.01, 0.1), min_size=3, max_size=3), st.booleans(), st.integers(1, 4))
def test_bethel_is_the_optimum_and_its_whole_numbers_reach_the_targets(case, levels, with_maximum, minimum):
    strata, _, _ = case
    targets = {f"y{k}": level for k, level in enumerate(levels)}
    scaled = constraints(strata, targets)
    maximum = {name: max(np.ceil(people * 0.6), min(4, people))
               for name, people in zip(strata.names, strata.population, strict=True)}
    if with_maximum and (scaled / np.array(list(maximum.values()))).sum(axis=1).max() > 1:
        with pytest.raises(AllocationError, match="maximum does not allow"):
            bethel(strata, targets, minimum, maximum)
        return
    allocation = bethel(strata, targets, minimum, maximum if with_maximum else None)
    n, price = allocation.exact, allocation.multipliers
    slack = (scaled / n).sum(axis=1) - 1
    cost = float(strata.cost @ n)
    # Karush, Kuhn and Tucker: feasible, complementary, stationary (the derivative points outwards at a bound)
    assert slack.max() <= 1e-9
    assert (price >= 0).all()
    assert np.abs(slack * price).max() <= 1e-9 * cost
    derivative = strata.cost - price @ scaled / n**2
    free = (n > allocation.lower + 1e-9) & (n < allocation.upper - 1e-9)
    assert np.abs(derivative[free]).max(initial=0) <= 1e-8 * strata.cost.max()
    assert (derivative[n <= allocation.lower + 1e-9] >= -1e-8).all()
    assert (derivative[n >= allocation.upper - 1e-9] <= 1e-8).all() or (allocation.lower == allocation.upper).any()
    # whole numbers
    achieved = allocation.achieved()
    assert (achieved["cv"] <= achieved["target"] * (1 + 1e-9)).all()
    assert (allocation.n >= allocation.lower).all()
    assert (allocation.n <= allocation.upper).all()
    assert strata.cost @ allocation.n < cost + strata.cost.sum()


@pytest.mark.parametrize("seed", range(8))
def test_bethel_costs_what_a_general_optimiser_finds(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 12))
    frame = pd.DataFrame({"h": range(count), "N": rng.integers(50, 5000, count), "c": rng.uniform(0.5, 3, count),
                          **{f"s{k}": rng.uniform(2, 30, count) for k in range(3)},
                          **{f"m{k}": rng.uniform(20, 80, count) for k in range(3)}})
    strata = Strata.from_frame(frame, "h", "N", {f"y{k}": f"s{k}" for k in range(3)}, {f"y{k}": f"m{k}" for k in range(3)}, "c")
    targets = {f"y{k}": float(rng.uniform(0.01, 0.05)) for k in range(3)}
    allocation, scaled = bethel(strata, targets), constraints(strata, targets)
    scale = strata.cost @ allocation.exact
    found = optimize.minimize(
        lambda n: strata.cost @ n / scale, np.clip(allocation.exact * 1.3, allocation.lower, allocation.upper),
        jac=lambda n: strata.cost / scale, bounds=list(zip(allocation.lower, allocation.upper, strict=True)), method="SLSQP",
        constraints=[{"type": "ineq", "fun": lambda n: 1 - (scaled / n).sum(axis=1), "jac": lambda n: scaled / n**2}],
        options={"ftol": 1e-14, "maxiter": 1000})
    assert found.fun == pytest.approx(1, rel=1e-6)


def test_bethel_against_base_r():
    frame = pd.read_csv(REFERENCE / "sampling_allocation.csv")
    strata = Strata.from_frame(frame, "stratum", "population", {"1": "s1", "2": "s2"}, {"1": "m1", "2": "m2"}, "cost")
    targets = {"1": frame["target1"][0], "2": frame["target2"][0]}
    allocation = bethel(strata, targets)
    assert (allocation.multipliers > 1).all(), "both targets bind in this example"
    assert allocation.exact == pytest.approx(frame["n"].to_numpy(), rel=1e-6)
    assert strata.cost @ allocation.exact == pytest.approx(frame["total_cost"][0], rel=1e-6)


def test_one_target_is_neyman():
    """With one item and equal costs Bethel shares out like Neyman."""
    strata = strata_of([1000, 3000, 6000], deviations=[10, 20, 5], means=[50, 60, 70])
    allocation = bethel(strata, {"y": 0.01})
    shares = allocation.exact / (strata.population * strata.deviations[:, 0])
    assert shares == pytest.approx(np.full(3, shares[0]), rel=1e-9)


@pytest.mark.parametrize(("call", "message"), [
    (lambda s: proportional(s, 5), "allow from 6 to 600"),
    (lambda s: proportional(s, 601), "allow from 6 to 600"),
    (lambda s: proportional(s, 2.5), "whole number"),
    (lambda s: proportional(s, 0), "whole number"),
    (lambda s: proportional(s, 10, minimum=5, maximum=4), "minimum is above the maximum"),
    (lambda s: proportional(s, 10, minimum=-1), "at least 0"),
    (lambda s: proportional(s, 10, maximum={"h00": 5}), "h01, h02"),
    (lambda s: proportional(s, 10, maximum={"h00": 5, "h01": 5, "h02": 5, "x": 5}), "x"),
    (lambda s: neyman(s, 10, "z"), "no deviations of 'z'"),
    (lambda s: optimal(s, "y"), "either n or budget"),
    (lambda s: optimal(s, "y", n=9, budget=9), "either n or budget"),
    (lambda s: power(s, 10, "y", -1), "exponent"),
    (lambda s: power(s, 10, "y", 1, size=0), "above 0"),
    (lambda s: bethel(s, {}), "at least one item"),
    (lambda s: bethel(s, {"y": 0}), "above 0"),
    (lambda s: bethel(s, {"z": 0.1}), "no deviations of 'z'"),
    (lambda s: bethel(s, {"y": 0.0001}, maximum=20), "maximum does not allow the targets of y"),
])
def test_what_does_not_go_together_is_refused(call, message):
    with pytest.raises(AllocationError, match=message):
        call(strata_of([100, 200, 300], deviations=[5, 6, 7]))


def test_items_without_means_have_no_cv():
    frame = pd.DataFrame({"h": ["a", "b"], "N": [10, 20], "s": [1.0, 2.0]})
    strata = Strata.from_frame(frame, "h", "N", {"y": "s"})
    achieved = proportional(strata, 9).achieved().iloc[0]
    assert achieved["standard_error"] > 0
    assert np.isnan(achieved["cv"])
    with pytest.raises(AllocationError, match="mean"):
        bethel(strata, {"y": 0.1})
    with pytest.raises(AllocationError, match="mean"):
        power(strata, 9, "y", 0.5)


def test_faulty_strata_are_told_all_at_once():
    frame = pd.DataFrame({"h": ["a", None, "a", "d"], "N": [10, 5, 0, 2.5], "s": [1, 1, 1, -1], "m": [1, 1, np.nan, 1],
                          "c": [0, 1, 1, 1]})
    with pytest.raises(AllocationError) as raised:
        Strata.from_frame(frame, "h", "N", {"y": "s"}, {"y": "m"}, "c")
    for part in ("row 1 (stratum 'a'): the cost", "row 2: no stratum", "row 3 (stratum 'a'): the stratum occurs twice",
                 "row 3 (stratum 'a'): the population", "row 3 (stratum 'a'): means", "row 4 (stratum 'd'): the population",
                 "row 4 (stratum 'd'): deviations"):
        assert part in str(raised.value)
    with pytest.raises(AllocationError, match="no column 'x', 'z'"):
        Strata.from_frame(frame, "x", "z")
    with pytest.raises(AllocationError, match="same items"):
        Strata.from_frame(frame, "h", "N", {"y": "s"}, {"z": "m"})
    with pytest.raises(AllocationError, match="no strata"):
        Strata.from_frame(frame.head(0), "h", "N")
