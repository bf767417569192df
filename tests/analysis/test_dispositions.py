"""Outcome rates against hand arithmetic, and what must hold between them for any counts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.sampling.dispositions import CATEGORIES, Dispositions, category, rates_by
from analysis.variance import DesignError

#: 1000 sampled addresses: 600 + 50 + 80 + 60 + 10 known eligible, 70 + 30 unknown, 100 not eligible
FIELD = Dispositions(complete=600, partial=50, refusal=80, non_contact=60, other=10, unknown_household=70, unknown_other=30,
                     not_eligible=100)


def test_rates_by_hand():
    rates = FIELD.rates(e=0.5)
    expected = {
        "RR1": 600 / 900, "RR2": 650 / 900, "RR3": 600 / 850, "RR4": 650 / 850, "RR5": 600 / 800, "RR6": 650 / 800,
        "COOP1": 600 / 740, "COOP2": 650 / 740, "COOP3": 600 / 730, "COOP4": 650 / 730,
        "REF1": 80 / 900, "REF2": 80 / 850, "REF3": 80 / 800,
        "CON1": 740 / 900, "CON2": 740 / 850, "CON3": 740 / 800,
    }
    assert list(rates.parts) == list(expected)
    for rate, value in expected.items():
        assert rates[rate] == pytest.approx(value, rel=1e-15), rate
    table = rates.table().set_index("rate")
    assert table.loc["RR3"].tolist() == [600, 850, 600 / 850]


def test_eligibility_by_proportional_allocation():
    assert FIELD.eligibility_share() == pytest.approx(800 / 900, rel=1e-15)
    assert FIELD.rates(FIELD.eligibility_share())["RR3"] == pytest.approx(600 / (800 + 800 / 9), rel=1e-14)
    assert np.isnan(Dispositions(unknown_other=5).eligibility_share())


@pytest.mark.parametrize(("code", "expected"), [
    ("1.1", "I"), ("1.10", "I"), ("1.2", "P"), ("2.10", "R"), ("2.1", "R"), ("2.11", "R"), ("2.112", "R"), ("2.12", "R"),
    ("2.20", "NC"), ("2.25", "NC"), ("2.30", "O"), ("2.31", "O"), ("2.332", "O"), ("2.90", "O"), ("3.11", "UH"),
    ("3.18", "UH"), ("3.20", "UO"), ("3.21", "UO"), ("3.90", "UO"), ("4.10", "NE"), ("4.50", "NE"), ("4.70", "NE"),
])
def test_categories_of_codes(code, expected):
    assert category(code) == expected


@pytest.mark.parametrize("code", ["", "1", "1.0", "2.0", "3.0", "1.3", "2.4", "5.1", "4.0", "2.1000", "refusal", "2,11", None,
                                  2.1, 1.1, np.nan])
def test_codes_that_say_too_little_or_nothing(code):
    with pytest.raises(DesignError, match="AAPOR code"):
        category(code)


def test_counting_codes_and_weights():
    codes = ["1.1", "1.1", "1.2", "2.11", "2.20", "2.32", "3.17", "3.21", "4.10"]
    assert Dispositions.from_codes(codes) == Dispositions(2, 1, 1, 1, 1, 1, 1, 1)
    weighted = Dispositions.from_codes(codes, [1.5, 2, 3, 4, 5, 6, 7, 8, 9])
    assert weighted == Dispositions(3.5, 3, 4, 5, 6, 7, 8, 9)
    with pytest.raises(DesignError) as raised:
        Dispositions.from_codes(["1.1", "x", "2.0"])
    assert "row 2: 'x'" in str(raised.value)
    assert "row 3: '2.0'" in str(raised.value)
    for weights in ([1], [1, -1], [1, np.nan]):
        with pytest.raises(DesignError, match="weights"):
            Dispositions.from_codes(["1.1", "1.2"], weights)
    assert Dispositions.from_codes([]) == Dispositions()


def test_what_rests_on_nothing_is_nan():
    rates = Dispositions(not_eligible=3).rates(0.5)
    assert all(np.isnan(rates[rate]) for rate in rates.parts)
    unknown = Dispositions(unknown_household=4).rates(0)
    assert unknown["RR1"] == 0
    assert np.isnan(unknown["RR3"])
    undeclared = FIELD.rates(float("nan"))
    assert np.isnan([undeclared[rate] for rate in ("RR3", "RR4", "REF2", "CON2")]).all()
    assert undeclared["RR1"] == 600 / 900
    assert Dispositions(complete=3).rates(float("nan"))["RR3"] == 1


@pytest.mark.parametrize("e", [-0.1, 1.1])
def test_e_is_a_share(e):
    with pytest.raises(DesignError, match="from 0 to 1"):
        FIELD.rates(e)


@pytest.mark.parametrize("count", [-1, float("nan"), float("inf")])
def test_counts_are_counts(count):
    with pytest.raises(DesignError, match="at least 0"):
        Dispositions(complete=count)


@given(st.lists(st.integers(0, 500), min_size=8, max_size=8), st.floats(0, 1))
def test_order_of_the_rates(counts, e):
    dispositions = Dispositions(*counts)
    rates = dispositions.rates(e)
    value = {rate: rates[rate] for rate in rates.parts}
    known = {rate: one for rate, one in value.items() if not np.isnan(one)}
    assert all(0 <= one <= 1 for one in known.values())
    for smaller, larger in (("RR1", "RR3"), ("RR3", "RR5"), ("RR1", "RR2"), ("RR3", "RR4"), ("RR5", "RR6"), ("COOP1", "COOP3"),
                            ("COOP1", "COOP2"), ("REF1", "REF2"), ("REF2", "REF3"), ("CON1", "CON2"), ("CON2", "CON3")):
        if smaller in known and larger in known:
            assert known[smaller] <= known[larger] + 1e-12
    if dispositions.eligible:
        for at, first, second in ((0.0, "RR3", "RR5"), (1.0, "RR3", "RR1"), (1.0, "RR4", "RR2"), (0.0, "CON2", "CON3")):
            ends = dispositions.rates(at)
            assert ends[first] == ends[second]
        # everybody who is eligible answered, refused, was not reached, or could not
        assert value["RR6"] + value["REF3"] + (counts[3] + counts[4]) / dispositions.eligible == pytest.approx(1)


def test_rates_by_group():
    frame = pd.DataFrame({"unit": ["b", "a", "a", "b", "a", "c"], "code": ["1.1", "1.1", "2.11", "3.11", "4.10", "3.20"],
                          "w": [2.0, 1, 3, 1, 1, 1]})
    table = rates_by(frame, "code", "unit", e=None)
    assert table["unit"].tolist() == ["a", "b", "c"]
    assert table["cases"].tolist() == [3, 2, 1]
    assert table["e"].tolist()[:2] == [2 / 3, 1]
    assert table["RR3"].tolist()[:2] == [0.5, 0.5]
    assert np.isnan(table["RR3"].iloc[2])
    assert table["RR1"].tolist() == [0.5, 0.5, 0]
    assert table[list(CATEGORIES)].sum(axis=1).tolist() == [3, 2, 1]
    weighted = rates_by(frame, "code", ["unit"], e=0.5, weights="w")
    assert weighted["RR1"].tolist() == [0.25, 2 / 3, 0]
    assert weighted["RR3"].tolist() == [0.25, 0.8, 0]
    pd.testing.assert_frame_equal(rates_by(frame.iloc[::-1], "code", "unit", e=None), table)
    with pytest.raises(DesignError, match="missing values in unit"):
        rates_by(frame.assign(unit=None), "code", "unit", e=1)
    with pytest.raises(DesignError, match="row 4: '0'"):
        rates_by(frame.assign(code=["1.1", "1.1", "1.1", "0", "1.1", "1.1"]), "code", "unit", e=1)
