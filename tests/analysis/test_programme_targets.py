"""The programme's three targets, and what cannot be known."""

from decimal import Decimal

import pytest

from analysis.index.rounding import Rounding
from analysis.index.targets import (
    NationalRank,
    RankTarget,
    national_rank,
    unit_above_own_previous,
    units_above_own_previous,
    units_mean_above_province,
)

SHOWN = Rounding(2, "half_even")
D = Decimal


@pytest.mark.parametrize(("units", "previous", "met", "words"), [
    ({"a": D("90"), "b": D("80.02")}, D("85"), True, "85,01\u00a0%, cao hơn"),
    ({"a": D("90"), "b": D("80")}, D("85"), False, "bằng Chỉ số của tỉnh năm 2021 (85,00\u00a0%): không đạt"),
    ({"a": D("90"), "b": D("79")}, D("85"), False, "thấp hơn"),
    ({"a": D("90"), "b": None}, D("40"), True, "chỉ được 0\u00a0%"),
    ({"a": D("50"), "b": None}, D("80"), False, "được 100\u00a0%"),
    ({"a": D("50"), "b": None}, D("75"), False, "không cao hơn"),
    ({"a": D("50"), "b": None}, D("60"), None, "giữa 25,00\u00a0% và 75,00\u00a0%"),
    ({"a": None}, D("60"), None, "chưa có Chỉ số của đơn vị nào"),
    ({}, D("60"), None, "chưa có Chỉ số của đơn vị nào"),
    ({"a": D("50")}, None, None, "chưa có Chỉ số của tỉnh năm 2021"),
])
def test_mean_of_units_against_the_province_a_year_before(units, previous, met, words):
    check = units_mean_above_province(2022, units, previous, SHOWN)
    assert check.met is met
    assert words in check.explanation


def test_the_comparison_is_exact_even_where_the_shown_figures_are_equal():
    check = units_mean_above_province(2022, {"a": D("85.001")}, D("85"), SHOWN)
    assert check.met is True
    assert "85,00\u00a0%" in check.explanation


@pytest.mark.parametrize(("now", "then", "broken", "met", "words"), [
    (D("80.5"), D("80"), None, True, "tăng 0,50 điểm phần trăm"),
    (D("80"), D("80"), None, False, "không đổi so với năm 2021"),
    (D("79"), D("80"), None, False, "giảm 1,00"),
    (None, D("80"), None, None, "chưa có Chỉ số năm 2022"),
    (None, None, None, None, "2021 và 2022"),
    (D("90"), D("80"), "đơn vị được hợp nhất", None, "Không so sánh được với năm 2021: đơn vị được hợp nhất."),
])
def test_unit_against_its_own_year_before(now, then, broken, met, words):
    check = unit_above_own_previous(2022, "Sở Nội vụ", now, then, SHOWN, broken)
    assert check.met is met
    assert words in check.explanation


def test_every_unit_has_a_row_in_the_given_order():
    rows = units_above_own_previous(2022, {"b": D(80), "a": D(70)}, {"a": D(60)}, SHOWN, {"a": "tách đơn vị"})
    assert [(row.subject, row.met) for row in rows] == [("b", None), ("a", None)]


def test_percentages_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="percentage"):
        unit_above_own_previous(2022, "a", D("101"), D("1"), SHOWN)
    with pytest.raises(TypeError, match="exact"):
        unit_above_own_previous(2022, "a", 80.5, D("1"), SHOWN)


TARGET = RankTarget(top=15, by_year=2025, step=1, until_year=2030)


def test_rank_by_2025_and_a_step_each_year_after():
    ranks = [NationalRank(2025, 15, 63), NationalRank(2026, 14, 63), NationalRank(2027, 14, 63), NationalRank(2028, 10, 63),
             NationalRank(2030, 9, 63)]
    rows = national_rank(ranks, TARGET)
    assert [row.year for row in rows] == list(range(2025, 2031))
    assert [row.met for row in rows] == [True, True, False, True, None, None]
    assert "giữ nguyên hạng" in rows[2].explanation
    assert "2029" in rows[4].explanation


def test_ranks_among_different_numbers_of_provinces_are_not_compared():
    rows = national_rank([NationalRank(2025, 16, 63), NationalRank(2026, 9, 34)], TARGET)
    assert [row.met for row in rows[:2]] == [False, None]
    assert "đã khác" in rows[1].explanation


def test_the_target_set_among_63_is_not_judged_among_34():
    target = RankTarget(top=15, by_year=2025, step=1, until_year=2030, out_of=63)
    rows = national_rank([NationalRank(2025, 9, 34), NationalRank(2026, 8, 34)], target)
    assert [row.met for row in rows[:2]] == [None, True]
    assert "63 tỉnh" in rows[0].explanation
    assert national_rank([NationalRank(2025, 9)], target)[0].met is True


def test_first_that_stays_first_has_met_it():
    rows = national_rank([NationalRank(2025, 1, 34), NationalRank(2026, 1, 34)], TARGET)
    assert rows[1].met is True


def test_ranks_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="cannot be"):
        national_rank([NationalRank(2025, 64, 63)], TARGET)
    with pytest.raises(ValueError, match="two ranks"):
        national_rank([NationalRank(2025, 1), NationalRank(2025, 2)], TARGET)
