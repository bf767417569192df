"""Sample sizes: published values, exact ceilings, and each formula against its inverse."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sampling.size import achieved_margin, cluster_design_effect, cochran, for_mean, yamane


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
