"""Totals: exact to the end, rounded once; incomplete is never zero; ties, bands, areas, and the commune rule."""

from decimal import Decimal
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_samples import BANDS, appraised, framework, ratings, rule, source, survey

from analysis.index.framework import Area, Criterion
from analysis.index.points import UnitComponent, score
from analysis.index.rounding import Rounding, round_once
from analysis.index.totals import group_mean, rank, total

RULE = rule(source("citizens", 1, "citizen", "a"))
SIMPLE = framework(appraised("1.1", 40), appraised("1.2", 23), survey("1.3", 37, RULE))
GIVEN = {"1.1": Decimal("35.5"), "1.2": Decimal("20")}


def component(points, most=37, unit="x", status="ok", error=1.5):
    low, high = (None, None) if points is None else (float(points) - 3, float(points) + 3)
    return UnitComponent(unit, None if points is None else F(points), F(most), None if points is None else error, low, high, 20,
                         1.1, 30, status)


def with_percent(percent, unit):
    only = framework(appraised("1.1", 100))
    return total(only, None, {"1.1": F(percent)}, unit=unit)


def test_a_total_worked_by_hand():
    """35.5 + 20 + 90/3.2 = 55.5 + 28.125 = 83.625 of 100: 83.62 (half to even), band B."""
    scored = total(SIMPLE, component(F("28.125")), GIVEN, self_scored={"1.1": 38, "1.2": 23})
    assert (scored.status, scored.band, scored.unit) == ("complete", "B", "x")
    assert (scored.appraised.printed, scored.survey.printed) == (Decimal("55.50"), Decimal("28.12"))
    assert scored.total.exact == F("83.625")
    assert scored.total.printed == scored.percent == Decimal("83.62")
    assert scored.self_scored.printed == Decimal("61.00")
    assert (scored.standard_error, scored.percent_standard_error) == (1.5, 1.5)
    assert (scored.ci_low, scored.ci_high) == (pytest.approx(80.625), pytest.approx(86.625))


def test_printed_parts_may_miss_the_printed_total():
    its = framework(appraised("1.1", 50), appraised("1.2", 50))
    scored = total(its, None, {"1.1": F("20.004"), "1.2": F("30.004")})
    assert [line.points.printed for line in scored.lines] == [Decimal("20.00"), Decimal("30.00")]
    assert scored.total.printed == Decimal("50.01")


@given(st.lists(st.fractions(0, 10, max_denominator=997), min_size=1, max_size=8))
def test_the_total_is_rounded_once(values):
    leaves = [appraised(f"1.{index}", 10) for index in range(len(values))]
    scored = total(framework(*leaves), None, {leaf.code: value for leaf, value in zip(leaves, values, strict=True)})
    assert scored.total.printed == round_once(sum(values), Rounding(2))
    assert scored.percent == round_once(100 * sum(values) / (10 * len(values)), Rounding(2))


def test_a_missing_appraised_leaf_is_incomplete_and_not_zero():
    scored = total(SIMPLE, component(30), {"1.1": 40})
    assert (scored.status, scored.missing_appraised) == ("incomplete", ("1.2",))
    for nothing in (scored.total.exact, scored.total.printed, scored.percent, scored.band, scored.appraised.printed,
                    scored.standard_error, scored.areas[0].total.exact):
        assert nothing is None
    assert scored.survey.printed == Decimal("30.00")
    assert total(SIMPLE, component(30), GIVEN | {"1.2": 0}).total.printed == Decimal("65.50")


def test_a_missing_survey_component_is_incomplete():
    for its in (None, component(None, status="insufficient"), component(None, status="not_surveyed")):
        scored = total(SIMPLE, its, GIVEN, unit="x")
        assert (scored.status, scored.total.printed, scored.missing_appraised) == ("incomplete", None, ())
    assert scored.appraised.printed == Decimal("55.50")


def test_a_commune_without_a_survey_is_rescaled_to_100():
    """55.5 of 63 -> 55.5 * 100 / 63 = 88.0952...; a commune that was surveyed but has too few ratings is not."""
    its = framework(*SIMPLE.leaves, rescale_appraised_without_survey=True)
    for without in (None, component(None, status="not_surveyed")):
        scored = total(its, without, GIVEN, unit="x")
        assert (scored.status, scored.percent, scored.band) == ("rescaled", Decimal("88.10"), "B")
        assert (scored.total.max_points, scored.total.exact) == (100, F(5550, 63))
    assert total(its, component(None, status="insufficient"), GIVEN).status == "incomplete"
    assert total(its, component(30), GIVEN).status == "complete"
    assert total(its, None, {"1.1": 1}, unit="x").status == "incomplete"
    seventy = framework(appraised("1.1", 70), rescale_appraised_without_survey=True)
    assert total(seventy, None, {"1.1": 35}).total.printed == Decimal("50.00")


def test_a_maximum_other_than_100():
    its = framework(appraised("1.1", 30), survey("1.2", 20, RULE))
    scored = total(its, component(15, most=20, error=2.0), {"1.1": 25})
    assert (scored.total.printed, scored.percent, scored.total.max_points) == (Decimal("40.00"), Decimal("80.00"), 50)
    assert (scored.band, scored.percent_standard_error) == ("B", 4.0)


def test_the_band_is_that_of_the_percentage_people_see():
    assert with_percent("89.995", "x").percent == Decimal("90.00")
    assert with_percent("89.995", "x").band == "A"
    assert with_percent("89.994", "x").band == "B"


def test_ranks_share_ties_and_leave_out_the_incomplete():
    missing = total(SIMPLE, None, {}, unit="e")
    totals = [with_percent("80.001", "a"), with_percent("90", "b"), missing, with_percent("79.999", "c"),
              with_percent("70", "d")]
    assert [(place.unit, place.rank, place.tied) for place in rank(totals)] == [
        ("a", 2, True), ("b", 1, False), ("e", None, False), ("c", 2, True), ("d", 4, False)]


def test_the_groups_mean_is_of_exact_percentages_of_complete_units():
    totals = [with_percent("80.004", "a"), with_percent("80.004", "b"), with_percent("80.01", "c"),
              total(SIMPLE, None, {}, unit="d")]
    mean = group_mean(totals, Rounding(2))
    assert (mean.percent, mean.units, mean.of_units) == (Decimal("80.01"), 3, 4)
    assert group_mean([], Rounding(2)).percent is None


def test_areas_answer_for_both_kinds_of_points():
    columns = ratings([(i, "citizens", "s", str(i), 1_000_000, "x", {"citizen.a": answer}) for i, answer in enumerate("53")],
                      ["citizen.a"])
    second = Area("2", "Thủ tục", (Criterion("2.1", "T", sub_criteria=(appraised("2.1.1", 10), survey("2.1.2", 10, RULE))),),
                  "Văn phòng UBND tỉnh")
    first = framework(appraised("1.1", 80)).areas[0]
    its = framework(areas=(first, second), bands=BANDS)
    scores = score(its, columns, ["x"])
    scored = total(its, scores.component("x"), {"1.1": 60, "2.1.1": 9}, leaves=scores.leaves_of("x"), self_scored={"1.1": 70})
    area = scored.areas[1]
    assert (area.lead, area.appraised.printed, area.survey.printed) == ("Văn phòng UBND tỉnh", Decimal("9.00"), Decimal("7.50"))
    assert (area.total.printed, area.percent) == (Decimal("16.50"), Decimal("82.50"))
    assert [(line.area, line.criterion, line.leaf.code) for line in scored.lines] == [
        ("1", "1.1", "1.1"), ("2", "2.1", "2.1.1"), ("2", "2.1", "2.1.2")]
    assert scored.lines[0].self_scored.printed == Decimal("70.00")
    assert (scored.self_scored.printed, scored.missing_self_scored) == (None, ("2.1.1",))


@pytest.mark.parametrize(("points", "message"), [
    ({"9.9": 1}, "not an appraised leaf"), ({"1.3": 1}, "not an appraised leaf"),
    ({"1.1": Decimal("40.01")}, "outside 0 to 40"),
    ({"1.1": -1}, "outside 0 to 40"), ({"1.1": 39.5}, "exact finite"), ({"1.1": Decimal("NaN")}, "exact finite")])
def test_faulty_points_are_refused(points, message):
    with pytest.raises(ValueError, match=message):
        total(SIMPLE, component(30), points)
    with pytest.raises(ValueError, match=message):
        total(SIMPLE, component(30), GIVEN, self_scored=points)


def test_a_component_of_another_framework_is_refused():
    with pytest.raises(ValueError, match="another framework"):
        total(SIMPLE, component(30, most=40), GIVEN)
