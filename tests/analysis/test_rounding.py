"""Rounding: the declared rule, once, on exact numbers."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.index.bands import Band, band_of
from analysis.index.rounding import Rounding, round_once


@pytest.mark.parametrize(("value", "places", "mode", "printed"), [
    ("86.405", 2, "half_even", "86.40"),  # as the programme prints it
    ("86.405", 2, "half_up", "86.41"),
    ("86.415", 2, "half_even", "86.42"),
    ("0.5", 0, "half_even", "0"),
    ("1.5", 0, "half_even", "2"),
    ("-0.5", 0, "half_up", "-1"),
    ("-2.5", 0, "half_even", "-2"),
    ("-0.001", 2, "half_even", "0.00"),
    ("1/3", 4, "half_even", "0.3333"),
    ("99.995", 2, "half_up", "100.00"),
    ("7", 2, "half_even", "7.00"),
])
def test_ties_and_signs(value, places, mode, printed):
    assert str(round_once(Fraction(value), Rounding(places, mode))) == printed


def test_the_programmes_mean_of_six_years():
    values = [Fraction(text) for text in ["79.41", "79.40", "88.10", "86.00", "87.65", "97.87"]]
    assert round_once(sum(values) / 6, Rounding(2, "half_even")) == Decimal("86.40")


@given(st.decimals(-10_000, 10_000, places=6), st.integers(0, 5))
def test_decimals_round_as_the_decimal_module_does(value, places):
    exponent = Decimal(1).scaleb(-places)
    for mode, name in ((ROUND_HALF_EVEN, "half_even"), (ROUND_HALF_UP, "half_up")):
        assert round_once(value, Rounding(places, name)) == value.quantize(exponent, mode)


def test_floats_and_unknown_rules_are_refused():
    with pytest.raises(TypeError, match="float"):
        round_once(86.405, Rounding())
    with pytest.raises(ValueError, match="places"):
        Rounding(-1)
    with pytest.raises(ValueError, match="mode"):
        Rounding(2, "floor")


def test_bands_include_their_limit():
    bands = (Band("A", Fraction(90)), Band("B", Fraction(80)), Band("D", Fraction(0)))
    assert [band_of(Decimal(text), bands) for text in ("100", "90", "89.99", "80.00", "79.99", "0")] == list("AABBDD")
    with pytest.raises(ValueError, match="no band"):
        band_of(Fraction(-1), bands)
