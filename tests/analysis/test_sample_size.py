"""Sample sizes: published values, exact ceilings, and each formula against its inverse."""

from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sampling import power
from analysis.sampling.size import (
    achieved_margin,
    cluster_design_effect,
    cochran,
    for_mean,
    for_ratio,
    residual_deviation,
    yamane,
)

REFERENCE = Path(__file__).parent / "reference" / "sampling_power.csv"
ROWS = list(pd.read_csv(REFERENCE).itertuples(index=False))


@pytest.mark.parametrize(("population", "margin", "size"), [
    (400, 0.05, 200), (2000, 0.05, 334), (100_000, 0.05, 399), (1, 0.05, 1), (100, 0.1, 50), (900, 0.1, 90), (10_000, 0.1, 100),
])
def test_yamane(population, margin, size):
    assert yamane(population, margin) == size


@given(st.integers(1, 10**7), st.integers(1, 99))
def test_yamane_is_the_smallest_whole_number_that_reaches_the_formula(population, hundredths):
    e = Fraction(hundredths, 100)
    exact = population / (1 + population * e**2)
    assert exact <= yamane(population, hundredths / 100) < exact + 1


def test_cochran_published_values():
    assert cochran(0.5, 0.05).completes == 385
    assert cochran(0.5, 0.05, population=2000).completes == 323
    assert cochran(0.5, 0.03).completes == 1068
    assert cochran(0.5, 0.05, confidence=0.99).completes == 664


def test_design_effect_and_response_rate():
    assert cochran(0.5, 0.05, design_effect=2.5).completes == 961
    size = cochran(0.5, 0.05, response_rate=0.7)
    assert (size.completes, size.invitations) == (385, 550)
    assert cochran(0.5, 0.05, response_rate=1).invitations == 385


def test_more_invitations_than_people_is_said():
    size = cochran(0.5, 0.05, population=40, response_rate=0.5)
    assert size.completes <= 40 < size.invitations
    assert not size.reachable


@given(st.integers(2, 10**6), st.integers(1, 99), st.integers(2, 30), st.integers(10, 40))
def test_the_size_reaches_its_margin_and_one_less_does_not(population, p, margin, effect):
    share, e, deff = p / 100, margin / 100, effect / 10
    size = cochran(share, e, population, design_effect=deff)
    assert size.completes <= population
    assert achieved_margin(size.completes, population, share, design_effect=deff) <= e * (1 + 1e-12)
    if size.completes > 1:
        assert achieved_margin(size.completes - 1, population, share, design_effect=deff) > e * (1 - 1e-12)


def test_margins_of_the_field():
    assert achieved_margin(30) == pytest.approx(0.1789, abs=1e-4)
    assert achieved_margin(580, p=0.84, design_effect=cluster_design_effect(31, 0.05)) == pytest.approx(0.047, abs=5e-4)
    assert cluster_design_effect(31, 0.05) == 2.5
    assert achieved_margin(40, population=40) == 0
    assert achieved_margin(1, population=1) == 0


def test_size_for_a_mean():
    assert for_mean(25, 5).completes == 97
    assert for_mean(25, 5, population=100).completes == 50


def test_size_for_a_ratio():
    # S_d^2 = 16 + 0.25 * 36 - 2 * 0.5 * 0.5 * 4 * 6 = 13; n0 = 3.8415 * 13 / (10^2 * 0.05^2) = 199.8
    deviation = residual_deviation(0.5, 4, 6, 0.5)
    assert deviation == pytest.approx(13**0.5, rel=1e-15)
    assert for_ratio(0.05, 10, deviation).completes == 200
    assert for_ratio(0.05, 10, deviation, population=200).completes == 101
    assert for_ratio(0.05, 10, deviation, design_effect=2, response_rate=0.5).invitations == 800
    assert for_ratio(0.05, 1, deviation).completes == for_mean(deviation, 0.05).completes
    assert residual_deviation(2, 6, 3, 1) == 0


@pytest.mark.parametrize("row", ROWS, ids=[f"{r.what}-{r.solve}-{i}" for i, r in enumerate(ROWS)])
def test_comparisons_against_base_r(row):
    given_here = {"alpha": row.alpha, "sides": row.sides}
    shares = row.what == "proportions"
    if row.solve == "power":
        of = power.power_of_proportions if shares else power.power_of_means
        assert of(row.first, row.second, int(row.n), **given_here) == pytest.approx(row.value, rel=1e-8)
    elif row.solve == "n":
        of = power.size_for_proportions if shares else power.size_for_means
        size = of(row.first, row.second, power=row.power, **given_here)
        assert size.completes == (ceil(row.value), ceil(row.value))
    else:
        ours = (power.detectable_proportion(row.first, int(row.n), row.power, **given_here) if shares
                else power.detectable_difference(row.second, int(row.n), row.power, **given_here))
        assert ours == pytest.approx(row.value, rel=1e-8)


PEOPLE = st.one_of(st.none(), st.integers(2, 3000))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 98), st.integers(2, 98), st.tuples(PEOPLE, PEOPLE), st.integers(10, 30),
       st.sampled_from([0.5, 0.8, 0.95]))
def test_a_comparison_reaches_its_power_and_one_answer_less_does_not(first, second, populations, effect, wanted):
    if first == second:
        return
    setting = {"design_effect": effect / 10, "populations": populations}
    size = power.size_for_proportions(first / 100, second / 100, wanted, **setting)
    largest = max(size.completes)
    assert size.power >= wanted
    assert size.power == power.power_of_proportions(first / 100, second / 100, largest, **setting)
    assert all(people is None or n <= people for n, people in zip(size.completes, populations, strict=True))
    if largest > 1:
        assert power.power_of_proportions(first / 100, second / 100, largest - 1, **setting) < wanted
    means = power.size_for_means((first - second) / 10, (20.0, 25.0), wanted, **setting)
    assert means.power >= wanted
    if max(means.completes) > 2:
        fewer = max(means.completes) - 1
        assert power.power_of_means((first - second) / 10, (20.0, 25.0), fewer, **setting) < wanted


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 98), st.integers(5, 2000), PEOPLE, st.sampled_from(["above", "below"]))
def test_what_can_be_detected_is_just_detected(first, n, people, direction):
    p1, setting = first / 100, {"populations": (people, None), "design_effect": 1.5}
    p2 = power.detectable_proportion(p1, n, direction=direction, **setting)
    if np.isnan(p2):
        assert power.power_of_proportions(p1, float(direction == "above"), n, **setting) < 0.8
    else:
        assert (p2 > p1) == (direction == "above")
        assert power.power_of_proportions(p1, p2, n, **setting) == pytest.approx(0.8, abs=1e-9)
    difference = power.detectable_difference(25, n, **setting)
    assert power.power_of_means(difference, 25, n, **setting) == pytest.approx(0.8, abs=1e-9)


def test_comparisons_of_the_field():
    # thirty ratings a department: 84 % is told from nothing above it, and only from 51 % below
    assert np.isnan(power.detectable_proportion(0.84, 30))
    assert power.detectable_proportion(0.84, 30, direction="below") == pytest.approx(0.5075, abs=5e-5)
    # a unit where everybody answers is known; two such units always differ if they do
    assert power.power_of_proportions(0.5, 0.51, 40, populations=(40, 40)) == 1
    assert power.power_of_proportions(0.5, 0.5, 40, populations=(40, 40)) == 0
    assert power.power_of_means(1, 25, 40, populations=(40, 30)) == 1
    assert power.detectable_difference(25, 40, populations=(40, 30)) == 0
    # no difference: the level of one tail
    assert power.power_of_proportions(0.5, 0.5, 100) == pytest.approx(0.025, rel=1e-12)
    assert power.power_of_means(0, 25, 100) == pytest.approx(0.025, rel=1e-9)
    # a design effect of 2 is half the sample, exactly so for shares
    half = power.power_of_proportions(0.5, 0.6, 200)
    assert power.power_of_proportions(0.5, 0.6, 400, design_effect=2) == pytest.approx(half)
    size = power.size_for_proportions(0.8, 0.7, populations=(40, 200), response_rate=0.7)
    assert size.completes[0] == 40
    assert size.invitations[0] == 58
    assert not size.reachable
    # fewer degrees of freedom, less power
    assert power.power_of_means(10, 25, 100, df=6) < power.power_of_means(10, 25, 100)


@pytest.mark.parametrize("call", [
    lambda: for_ratio(0, 10, 1),
    lambda: for_ratio(0.1, 0, 1),
    lambda: for_ratio(0.1, 10, 0),
    lambda: residual_deviation(1, -1, 1, 0),
    lambda: residual_deviation(1, 1, 1, 1.5),
    lambda: power.power_of_proportions(1.1, 0.5, 10),
    lambda: power.power_of_proportions(float("nan"), 0.5, 10),
    lambda: power.power_of_proportions(0.4, 0.5, 0),
    lambda: power.power_of_proportions(0.4, 0.5, (10, 2.5)),
    lambda: power.power_of_proportions(0.4, 0.5, 10, alpha=0),
    lambda: power.power_of_proportions(0.4, 0.5, 10, sides=3),
    lambda: power.power_of_proportions(0.4, 0.5, 10, design_effect=0),
    lambda: power.power_of_proportions(0.4, 0.5, 10, populations=(0, None)),
    lambda: power.power_of_means(float("inf"), 25, 10),
    lambda: power.power_of_means(1, 0, 10),
    lambda: power.power_of_means(1, 25, 1),
    lambda: power.power_of_means(1, 25, 10, df=0),
    lambda: power.size_for_proportions(0.5, 0.5),
    lambda: power.size_for_proportions(0.4, 0.5, power=1),
    lambda: power.size_for_proportions(0.4, 0.5, response_rate=0),
    lambda: power.size_for_means(0, 25),
    lambda: power.size_for_means(1e-9, 25),
    lambda: power.detectable_proportion(0.4, 10, power=0),
    lambda: power.detectable_proportion(0.4, 10, direction="sideways"),
    lambda: power.detectable_difference(25, 10, power=1.2),
])
def test_nonsense_about_ratios_and_comparisons_is_refused(call):
    with pytest.raises(ValueError, match="must|equal|is 0|df above 0|would be needed"):
        call()


@pytest.mark.parametrize("call", [
    lambda: yamane(0, 0.05),
    lambda: yamane(10, 0),
    lambda: yamane(10, 1),
    lambda: yamane(10.5, 0.05),
    lambda: yamane(10, float("nan")),
    lambda: yamane("10", 0.05),
    lambda: yamane(True, 0.05),
    lambda: cochran(0, 0.05),
    lambda: cochran(1, 0.05),
    lambda: cochran(0.5, -0.05),
    lambda: cochran(0.5, 0.05, confidence=1),
    lambda: cochran(0.5, 0.05, confidence=95),
    lambda: cochran(0.5, 0.05, design_effect=0),
    lambda: cochran(0.5, 0.05, response_rate=0),
    lambda: cochran(0.5, 0.05, response_rate=1.1),
    lambda: cochran(0.5, 0.05, population=-5),
    lambda: for_mean(0, 5),
    lambda: for_mean(25, 0),
    lambda: achieved_margin(0),
    lambda: achieved_margin(11, population=10),
    lambda: achieved_margin(10, p=1),
    lambda: achieved_margin(10, design_effect=float("inf")),
    lambda: cluster_design_effect(0, 0.1),
    lambda: cluster_design_effect(31, -0.5),
    lambda: cluster_design_effect(31, 1.5),
])
def test_nonsense_is_refused(call):
    with pytest.raises(ValueError, match="must|no design effect|larger than"):
        call()
