"""Score runs read back: rows are the stored ones, sums and means follow from them, the way back can be walked by hand."""

from decimal import Decimal
from fractions import Fraction

import pytest

from analysis.index.rounding import Rounding, round_once
from surveyapp.errors import NotFound
from surveyapp.queries import asked, scores, targets, walk_back
from tests.surveyapp import score_rows


@pytest.fixture(scope="module")
def beforehand():
    return score_rows.make_run


@pytest.fixture
def run(app_context):
    return scores.run_of(1)


def test_groups_come_in_order_with_the_ranked_first(run):
    department, district = scores.groups(run)
    assert (department.name, district.name) == ("Sở, ban, ngành tỉnh", "UBND huyện, thị xã, thành phố")
    assert [unit.rank for unit in department.ranked] == sorted(unit.rank for unit in department.ranked)
    assert {unit.unit_code for unit in department.not_ranked} == {"so-y-te", "thanh-tra"}
    assert all(unit.note for unit in department.not_ranked)
    assert department.illustrative


def test_a_groups_mean_is_the_mean_of_exact_percentages_rounded_once(run):
    group = scores.groups(run)[1]
    exact = sum(unit.percent_exact for unit in group.ranked) / len(group.ranked)
    assert group.mean_percent == round_once(exact, Rounding(2))


def test_official_figures_keep_the_decimals_of_their_rule(run):
    unit = scores.groups(run)[0].ranked[0]
    assert unit.total.as_tuple().exponent == unit.percent.as_tuple().exponent == -2
    assert unit.survey_max == Decimal(40)


def test_a_units_areas_add_up_and_weak_criteria_come_largest_loss_first(run):
    result = scores.unit_result(run, "so-noi-vu")
    assert sum(area.points for area in result.areas) == pytest.approx(result.unit.total, abs=Decimal("0.02"))
    assert sum(area.max_points for area in result.areas) == 100
    losses = [leaf.lost for leaf in result.weakest]
    assert losses == sorted(losses, reverse=True)
    assert result.areas[0].lead == "Sở Nội vụ"


def test_an_area_with_a_leaf_without_points_has_none(run):
    result = scores.unit_result(run, "so-y-te")
    assert result.areas[0].points is None
    assert result.areas[0].survey is not None
    assert result.areas[1].points is not None


def test_answers_carry_their_words(run):
    words = asked.of_campaign(run.campaign_id)
    rows = scores.answers(run, words, "so-noi-vu")
    labels = {row.answer: row.answer_label for row in rows if row.question == "steering"}
    assert labels["4"] == "Tốt"
    assert labels[""] == "Để trống"
    assert {row.group_name for row in rows} == {"người dân", "cán bộ, công chức, viên chức", "lãnh đạo"}


@pytest.mark.parametrize("unit_code", ["so-noi-vu", "ke-sach", "so-xay-dung", "hostile-script"])
def test_every_survey_point_can_be_walked_back_to_its_counts(run, unit_code):
    words = asked.of_campaign(run.campaign_id)
    own = [leaf for leaf in scores.leaves(run, words, scores.unit_of(run, unit_code)) if leaf.kind == "survey"]
    for leaf in own:
        walk = walk_back.leaf_walk(run, unit_code, leaf.leaf_code)
        assert all(source.mean == source.source.mean for source in walk.sources)
        assert walk.exact == Fraction(leaf.points_exact)
        assert round_once(walk.exact, Rounding(walk.rounding_places, walk.rounding_mode)) == leaf.points


def test_blanks_and_kinds_of_missing_stand_apart_and_count_nothing(run):
    walk = walk_back.leaf_walk(run, "so-noi-vu", "3.2")
    assert {row.missing for row in walk.sources[0].left_out} == {"dont_know", "blank"}
    assert walk.sources[0].n == walk.sources[0].source.ratings


def test_a_group_below_its_minimum_adds_nothing_and_the_others_shares_grow(run):
    walk = walk_back.leaf_walk(run, "so-xay-dung", "2.2")
    leaders, officials = walk.sources
    assert (leaders.counts, officials.source.effective_share, walk.leaf.status) == (False, Fraction(1), "spread")


def test_an_insufficient_leaf_has_no_points(run):
    walk = walk_back.leaf_walk(run, "thanh-tra", "3.2")
    assert (walk.leaf.points, walk.exact) == (None, None)


def test_targets_without_and_with_a_year_before(run):
    groups = scores.groups(run)
    nothing = targets.of_run(run, groups)
    assert nothing.units_mean.met is None
    assert nothing.known == 0
    score_rows.add_history()
    score_rows.make_run(year=2023, code="2023", seed=3)
    checked = targets.of_run(run, groups)
    assert checked.units_mean.required == Decimal("85")
    assert checked.known == len(groups[0].ranked) + len(groups[1].ranked)
    assert targets.of_unit(run, groups[0].ranked[0]) == checked.own[groups[0].ranked[0].unit_code]




def test_what_is_not_there_is_named(run):
    with pytest.raises(NotFound, match="lượt chấm số 99"):
        scores.run_of(99)
    with pytest.raises(NotFound, match="khong-co"):
        scores.unit_of(run, "khong-co")
    with pytest.raises(NotFound, match=r"9\.9"):
        walk_back.leaf_walk(run, "so-noi-vu", "9.9")
    assert len(scores.unit_codes(run.id)) == len(score_rows.DEPARTMENTS) + len(score_rows.DISTRICTS)
