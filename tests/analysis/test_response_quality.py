"""Flags, field effects and the report: against R (reference/make_response_quality_reference.R), by hand, by properties."""

from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.design import DesignError, SurveyDesign
from analysis.response_quality import (
    average_run,
    bursts,
    even_odd_consistency,
    exact_duplicates,
    field_effects,
    longest_run,
    mahalanobis_distance,
    near_clones,
    own_unit,
    response_variability,
    speed,
    straight_lining,
    with_and_without,
)
from analysis.response_quality.flags import raised

REFERENCE = Path(__file__).parent / "reference"
ITEMS = [f"q{j}" for j in range(1, 13)]
SCALES = {f"s{j}": ITEMS[3 * j : 3 * j + 3] for j in range(4)}
PEOPLE = pd.read_csv(REFERENCE / "response_quality_data.csv", index_col="respondent")
VALUES = pd.read_csv(REFERENCE / "response_quality_values.csv", index_col="respondent", skipinitialspace=True)
SOME = {"minimum_answers": 6, "missing": "exclude"}

FLAGS = {
    "straight": lambda frame: straight_lining(frame, ITEMS, share=0.8, **SOME),
    "variability": lambda frame: response_variability(frame, ITEMS, standard_deviation=0.3, **SOME),
    "longest_breaks": lambda frame: longest_run(frame, ITEMS, length=6, gap="breaks", **SOME),
    "longest_skipped": lambda frame: longest_run(frame, ITEMS, length=6, gap="skipped", **SOME),
    "average_breaks": lambda frame: average_run(frame, ITEMS, length=3, gap="breaks", **SOME),
    "average_skipped": lambda frame: average_run(frame, ITEMS, length=3, gap="skipped", **SOME),
    "even_odd": lambda frame: even_odd_consistency(frame, SCALES, consistency=-0.5, minimum_scales=3, missing="exclude"),
    "distance": lambda frame: mahalanobis_distance(frame, ITEMS, chance=0.01, minimum_answers=6, missing="exclude_rows"),
    "distance_gaps": lambda frame: mahalanobis_distance(frame, ITEMS, chance=0.01, shrinkage=0.1, **SOME),
    "nearest": lambda frame: near_clones(frame, ITEMS, share=0.9, minimum_shared=6, within="site", maximum_chance=0.9,
                                         minimum_elsewhere=20, missing="exclude"),
}


def frame_of(*rows, **columns) -> pd.DataFrame:
    data = pd.DataFrame(list(rows), columns=[f"q{j + 1}" for j in range(len(rows[0]))])
    return data.assign(**columns)


# Against R


@pytest.mark.parametrize("name", FLAGS)
def test_values_are_those_of_r(name):
    np.testing.assert_allclose(FLAGS[name](PEOPLE).value, VALUES[name], rtol=1e-8, atol=1e-12)


def test_the_chance_of_a_distance_is_that_of_r():
    np.testing.assert_allclose(FLAGS["distance_gaps"](PEOPLE).details["chance"], VALUES["chance_gaps"], rtol=1e-8)


@pytest.mark.parametrize(("how", "within"), [("all", None), ("within", "site")])
def test_interviewer_effects_are_those_of_r(how, within):
    expected = pd.read_csv(REFERENCE / "response_quality_effects.csv", skipinitialspace=True).query("how == @how")
    ours = field_effects(PEOPLE, ["y", "z"], "interviewer", within=within).table()
    for column in ours.columns.drop(["item", "n"]):
        np.testing.assert_allclose(ours[column], expected[column], rtol=1e-8, err_msg=column)


@pytest.mark.parametrize(("adjustment", "theirs"),
                         [("holm", "holm"), ("bonferroni", "bonferroni"), ("benjamini_hochberg", "BH")])
def test_interviewer_deviations_and_adjusted_p_are_those_of_r(adjustment, theirs):
    expected = pd.read_csv(REFERENCE / "response_quality_deviations.csv", skipinitialspace=True)
    ours = field_effects(PEOPLE, ["y", "z"], "interviewer", within="site", adjustment=adjustment).deviations()
    assert ours[["item", "interviewer"]].equals(expected[["item", "interviewer"]])
    for column in ("deviation", "standard_error", "p"):
        np.testing.assert_allclose(ours[column], expected[column], rtol=1e-8, err_msg=column)
    np.testing.assert_allclose(ours["p_adjusted"], expected[theirs], rtol=1e-8)


@pytest.mark.parametrize("by", ["site", None])
def test_with_and_without_is_that_of_r(by):
    expected = pd.read_csv(REFERENCE / "response_quality_report.csv", skipinitialspace=True)
    expected = expected.query("site != 'all'" if by else "site == 'all'")
    design = SurveyDesign.from_frame(PEOPLE, weights="weight", strata="stratum", psu="psu", nest=True)
    flag = longest_run(PEOPLE, ITEMS, length=4, gap="skipped", **SOME)
    ours = with_and_without(design, ["y", "z"], [flag], by=by).table()
    pairs = {"estimate_all": "everyone", "estimate_without": "without", "difference": "difference",
             "standard_error_all": "se_everyone", "standard_error_without": "se_without", "standard_error": "se_difference",
             "n_all": "n_all", "n_without": "n_without"}
    for mine, theirs in pairs.items():
        np.testing.assert_allclose(ours[mine], expected[theirs], rtol=1e-8, err_msg=mine)


# Every flag


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_keeps_the_rows_and_never_marks_an_unknown_value(name):
    flag = FLAGS[name](PEOPLE)
    table = flag.table()
    assert table.index.equals(PEOPLE.index)
    assert np.isnan(flag.value[19])
    assert not flag.flagged[np.isnan(flag.value)].any()
    with pytest.raises(ValueError, match="read-only"):
        flag.flagged[0] = True


@pytest.mark.parametrize("name", FLAGS)
def test_the_order_of_rows_does_not_matter(name):
    mixed = PEOPLE.sample(frac=1, random_state=5)
    one, other = FLAGS[name](PEOPLE).table(), FLAGS[name](mixed).table().loc[PEOPLE.index]
    pd.testing.assert_frame_equal(one, other, rtol=1e-10)


@pytest.mark.parametrize("name", FLAGS)
def test_the_frame_is_not_written_to(name):
    before = PEOPLE.copy(deep=True)
    FLAGS[name](PEOPLE)
    pd.testing.assert_frame_equal(PEOPLE, before)


@pytest.mark.parametrize("make", [
    lambda f, **o: straight_lining(f, ["q1", "q2"], share=1, minimum_answers=2, **o),
    lambda f, **o: response_variability(f, ["q1", "q2"], standard_deviation=0, minimum_answers=2, **o),
    lambda f, **o: longest_run(f, ["q1", "q2"], length=2, minimum_answers=2, **o),
    lambda f, **o: mahalanobis_distance(f, ["q1", "q2"], chance=0.1, minimum_answers=2, **o),
    lambda f, **o: exact_duplicates(f, ["q1", "q2"], copies=2, minimum_answers=2, **o),
    lambda f, **o: near_clones(f, ["q1", "q2"], share=1, minimum_shared=2, within=None, **o),
])
def test_gaps_are_refused_unless_a_policy_is_declared(make):
    frame = frame_of((1, 2), (2, 2), (np.nan, 3), (3, 1))
    with pytest.raises(DesignError, match=r"q1 \(1\)"):
        make(frame)
    with pytest.raises(DesignError, match="missing must be"):
        make(frame, missing="zero")
    assert np.isnan(make(frame, missing="exclude").value[2])
    with pytest.raises(DesignError, match="no column 'q2'"):
        make(frame.drop(columns="q2"), missing="exclude")


def test_an_unknown_value_is_never_flagged():
    flag = raised("any", "all", PEOPLE.index[:2], np.array([np.nan, 1.0]), np.array([True, True]), np.array([0, 1]))
    assert flag.flagged.tolist() == [False, True]


# Patterns


def test_a_blank_and_a_dont_know_are_no_answers():
    frame = frame_of(("good", "good", " ", "dk"), ("good", "bad", "good", None), ("dk", "dk", "dk", "dk"))
    options = {"minimum_answers": 2, "missing": "exclude", "not_answers": ("dk",)}
    flag = straight_lining(frame, list(frame), share=1, **options)
    assert flag.value.tolist()[:2] == [1, 2 / 3]
    assert np.isnan(flag.value[2])
    assert flag.flagged.tolist() == [True, False, False]
    assert flag.answers.tolist() == [2, 3, 0]


def test_the_same_answer_is_the_same_in_columns_of_different_types():
    frame = pd.DataFrame({"q1": [1, 2], "q2": [1.0, 3.0], "q3": pd.Categorical([1, 5], categories=[5, 1])})
    assert straight_lining(frame, list(frame), share=1, minimum_answers=3).value.tolist() == [1, 1 / 3]


def test_a_gap_breaks_a_run_or_is_skipped():
    frame = frame_of((4, 4, None, 4, 4, 1), (None, 1, 2, 2, None, None))
    values = {gap: longest_run(frame, ITEMS[:6], length=4, minimum_answers=3, missing="exclude", gap=gap)
              for gap in ("breaks", "skipped")}
    assert values["breaks"].value.tolist() == [2, 2]
    assert values["skipped"].value.tolist() == [4, 2]
    assert values["skipped"].details["average_run"].tolist() == [2.5, 1.5]
    with pytest.raises(DesignError, match="gap must be"):
        longest_run(frame, ITEMS[:6], length=4, minimum_answers=3, gap="zero")


def test_consistency_is_one_for_parallel_halves_minus_one_for_opposed_ones_and_unknown_without_variation():
    scales = {"a": ["q1", "q2"], "b": ["q3", "q4"], "c": ["q5", "q6"]}
    frame = frame_of((1, 1, 3, 3, 5, 5), (1, 5, 3, 3, 5, 1), (0.1, 0.1, 0.1, 0.1, 0.1, 0.1), (1, 1, 3, 3, None, 5))
    flag = even_odd_consistency(frame, scales, consistency=0, minimum_scales=3, missing="exclude")
    np.testing.assert_allclose(flag.value, [1, -1, np.nan, np.nan])
    assert flag.flagged.tolist() == [False, True, False, False]
    assert flag.answers.tolist() == [3, 3, 3, 2]
    with pytest.raises(DesignError, match="two always"):
        even_odd_consistency(frame, scales, consistency=0, minimum_scales=2)
    with pytest.raises(DesignError, match="no halves: c"):
        even_odd_consistency(frame, {**scales, "c": ["q5"]}, consistency=0, minimum_scales=3)


def test_a_distance_that_cannot_be_told_is_refused_with_its_mend():
    same = PEOPLE.assign(q2=PEOPLE["q1"])
    with pytest.raises(DesignError, match="shrinkage above 0"):
        mahalanobis_distance(same, ITEMS, chance=0.01, minimum_answers=6, missing="exclude_rows")
    mahalanobis_distance(same, ITEMS, chance=0.01, minimum_answers=6, missing="exclude_rows", shrinkage=0.1)
    with pytest.raises(DesignError, match="do not vary.*q3"):
        mahalanobis_distance(PEOPLE.assign(q3=0.1), ITEMS, chance=0.01, minimum_answers=6, missing="exclude")
    with pytest.raises(DesignError, match="not numbers"):
        mahalanobis_distance(PEOPLE.assign(q3="x"), ITEMS, chance=0.01, minimum_answers=6, missing="exclude")


def test_a_distance_does_not_depend_on_the_scale_of_an_item():
    one = FLAGS["distance_gaps"](PEOPLE).value
    np.testing.assert_allclose(FLAGS["distance_gaps"](PEOPLE.assign(q4=1000 * PEOPLE["q4"] - 7)).value, one, rtol=1e-9)


# Duplicates


def test_exact_copies_are_counted_within_the_block_and_gaps_count():
    frame = frame_of((1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2, None), (1, None, 2), (1, 2, None), unit=list("aabaaa"))
    flag = exact_duplicates(frame, ITEMS[:3], copies=2, minimum_answers=2, within="unit", missing="exclude")
    assert flag.value.tolist() == [2, 2, 1, 2, 1, 2]
    everywhere = exact_duplicates(frame, ITEMS[:3], copies=3, minimum_answers=2, missing="exclude")
    assert everywhere.flagged.tolist() == [True] * 3 + [False] * 3
    assert flag.details["pattern"][0] == everywhere.details["pattern"][2]


def test_the_hash_of_answers_does_not_depend_on_the_order_of_rows():
    frame = frame_of((2, 3), (1, 3), (2, 3), (3, 1))
    flag = exact_duplicates(frame, ITEMS[:2], copies=2, minimum_answers=2)
    turned = exact_duplicates(frame.loc[[3, 1, 0, 2]], ITEMS[:2], copies=2, minimum_answers=2)
    pd.testing.assert_frame_equal(turned.table().loc[frame.index], flag.table())
    assert len(set(flag.details["pattern"])) == 3


def test_the_nearest_is_found_in_the_own_block_over_items_both_answered():
    frame = frame_of((1, 2, 3, 4), (1, 2, 3, 5), (1, 2, None, 4), (1, None, None, 5), (1, 2, 3, 4), unit=list("aaaab"))
    frame.index = list("vwxyz")
    flag = near_clones(frame, ITEMS[:4], share=0.75, minimum_shared=2, within="unit", missing="exclude")
    table = flag.table()
    np.testing.assert_allclose(table["value"], [1, 1, 1, 1, np.nan])
    assert table["nearest"].tolist()[:4] == ["x", "y", "v", "w"]
    assert table["mates"].tolist() == [2, 2, 1, 1, 0]
    assert table["compared"].tolist() == [3, 3, 3, 3, 0]
    wider = near_clones(frame, ITEMS[:4], share=0.75, minimum_shared=3, within="unit", missing="exclude").table()
    np.testing.assert_allclose(wider["value"], [1, 0.75, 1, np.nan, np.nan])
    assert wider["compared"].tolist() == [2, 2, 2, 0, 0]
    apart = frame_of((1, 2, 3, 4, None, None), (None, None, 3, 4, 5, 6), (9, 9, None, 4, 5, 7))
    flag = near_clones(apart, ITEMS[:6], share=0.5, minimum_shared=3, within=None, missing="exclude")
    np.testing.assert_allclose(flag.value, [1 / 3, 2 / 3, 2 / 3])
    assert flag.details["compared"].tolist() == [1, 1, 2]
    with pytest.raises(DesignError, match="labels repeat"):
        near_clones(frame.set_axis([1] * 5), ITEMS[:4], share=0.75, minimum_shared=2, within="unit", missing="exclude")


def likeness(seed: int, n: int) -> tuple[pd.DataFrame, list[str]]:
    """People of whom many say "all 5", in 30 units."""
    random = np.random.default_rng(seed)
    items = [f"i{j}" for j in range(20)]
    frame = pd.DataFrame(random.integers(1, 6, (n, 20)), columns=items)
    frame.loc[random.random(n) < 0.2, items] = 5
    return frame.assign(unit=random.integers(0, 30, n)), items


def test_chance_tells_copies_from_answers_that_many_give():
    frame, items = likeness(1, 1500)
    odd = frame.index[(frame["unit"] == 3) & (frame[items] != 5).any(axis=1)]
    frame.loc[odd[1], items] = frame.loc[odd[0], items]
    flag = near_clones(frame, items, share=0.9, minimum_shared=20, within="unit", maximum_chance=0.05)
    assert frame.index[flag.flagged].tolist() == odd[:2].tolist()
    same = (frame[items] == 5).all(axis=1).to_numpy()
    assert (flag.details["chance"][same] > 0.9).all()
    assert near_clones(frame, items, share=0.9, minimum_shared=20, within="unit").flagged.sum() > 200
    few = near_clones(frame, items, share=0.9, minimum_shared=20, within="unit", maximum_chance=0.05, minimum_elsewhere=5000)
    assert not few.flagged.any()


def test_chance_by_hand():
    frame = frame_of((1, 1), (1, 1), (1, 2), (1, 1), (2, 2), (1, 2), unit=list("aaabbb"))
    flag = near_clones(frame, ["q1", "q2"], share=1, minimum_shared=2, within="unit", maximum_chance=0.9, minimum_elsewhere=3)
    # One of three elsewhere is as like the first: q = (1 + 1) / (3 + 1); two others in the unit.
    assert flag.details["chance"][0] == pytest.approx(1 - 0.5**2)


def test_more_answers_than_a_byte_holds_and_more_items():
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.integers(0, 10_000, (60, 300)), columns=[f"i{j}" for j in range(300)])
    frame.iloc[7] = frame.iloc[4]
    flag = near_clones(frame, list(frame), share=0.5, minimum_shared=300, within=None)
    assert np.flatnonzero(flag.flagged).tolist() == [4, 7]


def test_twenty_thousand_questionnaires_of_forty_items_take_seconds():
    random = np.random.default_rng(2)
    items = [f"i{j}" for j in range(40)]
    frame = pd.DataFrame(random.integers(1, 6, (20_000, 40)), columns=items).assign(unit=random.integers(0, 100, 20_000))
    start = perf_counter()
    near_clones(frame, items, share=0.85, minimum_shared=40, within="unit")
    exact_duplicates(frame, items, copies=2, minimum_answers=40)
    assert perf_counter() - start < 5


# Timing


def test_speed_is_against_the_median_of_the_group():
    frame = pd.DataFrame({"seconds": [100, 200, 30, np.nan, 900, 300, 50], "questions": [10, 10, 10, 10, 9, 10, 2],
                          "mode": ["web"] * 4 + ["visit", "visit", "web"]})
    flag = speed(frame, "seconds", "questions", share_of_median=0.5, minimum_questions=5, minimum_group=2, within="mode")
    np.testing.assert_allclose(flag.value, [1, 2, 0.3, np.nan, 100 / 65, 30 / 65, np.nan])
    assert flag.flagged.tolist() == [False, False, True, False, False, True, False]
    paper = speed(frame, None, "questions", share_of_median=0.5, minimum_questions=5, minimum_group=2)
    assert np.isnan(paper.value).all()
    assert not paper.flagged.any()
    small = speed(frame, "seconds", "questions", share_of_median=0.5, minimum_questions=5, minimum_group=3, within="mode")
    assert np.isnan(small.value[4:6]).all()
    with pytest.raises(DesignError, match="wrong clock"):
        speed(frame.assign(seconds=-1.0), "seconds", "questions", share_of_median=0.5, minimum_questions=5, minimum_group=2)


def submissions(seed: int, by: str) -> pd.DataFrame:
    """Forty days of office hours; unit 0 hands in twelve forms within a quarter of an hour."""
    random = np.random.default_rng(seed)
    n = 1200
    minute = random.integers(0, 40, n) * 1440 + random.integers(8 * 60, 16 * 60, n)
    unit = random.integers(0, 20, n)
    burst = np.flatnonzero(unit == 0)[:12]
    minute[burst] = 17 * 1440 + 600 + np.arange(12)
    time = pd.Timestamp("2026-10-01") + pd.to_timedelta(minute, unit="min")
    return pd.DataFrame({"time": time.normalize() if by == "day" else time, "unit": unit,
                         "burst": np.isin(np.arange(n), burst)})


SCAN = {"chance": 0.001, "minimum_count": 5}


@pytest.mark.parametrize(("resolution", "window", "baseline"), [("minute", 15, "elsewhere"), ("minute", 15, "uniform"),
                                                               ("day", 1, "uniform"), ("day", 1, "elsewhere")])
def test_a_burst_is_found_and_only_it(resolution, window, baseline):
    frame = submissions(4, resolution)
    flag = bursts(frame, "time", "unit", window=window, resolution=resolution, baseline=baseline, **SCAN)
    assert (flag.flagged >= frame["burst"]).all()
    assert (frame.loc[flag.flagged, "unit"] == 0).all()
    assert flag.flagged.sum() <= 15
    mixed = frame.sample(frac=1, random_state=1)
    other = bursts(mixed, "time", "unit", window=window, resolution=resolution, baseline=baseline, **SCAN).table()
    pd.testing.assert_frame_equal(flag.table(), other.loc[frame.index])


def test_the_chance_of_a_burst_by_hand():
    days = pd.to_datetime(["2026-10-01", "2026-10-03", "2026-10-03", "2026-10-03", "2026-10-10", None, "2026-10-10"])
    frame = pd.DataFrame({"day": days, "unit": list("aaaaabb")})
    flag = bursts(frame, "day", "unit", window=1, resolution="day", baseline="uniform", chance=0.5, minimum_count=3)
    expected = 5 * stats.poisson.sf(1, 4 / 10)
    np.testing.assert_allclose(flag.value, [1, *[expected] * 3, 1, np.nan, np.nan])
    assert flag.flagged.tolist() == [False, True, True, True, False, False, False]
    assert flag.details["expected"][1] == pytest.approx(1.4)
    assert flag.table()["window_start"].iloc[2] == pd.Timestamp("2026-10-03")
    many = pd.DataFrame({"day": days[[0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4]], "unit": "a"})
    flag = bursts(many, "day", "unit", window=2, resolution="day", baseline="uniform", chance=0.5, minimum_count=3)
    assert flag.value[1] == pytest.approx(10 * stats.poisson.sf(9, 12 * 2 / 10))


def test_the_chance_of_a_burst_against_the_others_by_hand():
    minutes = [600, 602, 604, 900, 601, 700, 800, 850, 1000]
    frame = pd.DataFrame({"time": pd.Timestamp("2026-10-01") + pd.to_timedelta(minutes, unit="min"), "unit": list("aaaabbbcc")})
    flag = bursts(frame, "time", "unit", window=5, resolution="minute", baseline="elsewhere", chance=0.5, minimum_count=3)
    # One of the five others falls into the window; four windows in each of three units.
    assert flag.value[0] == pytest.approx(min(1, stats.poisson.sf(1, 3 * 2 / 6) * 4 * 3))
    late = frame.assign(time=frame["time"].where(frame.index != 4, frame["time"] + pd.Timedelta(hours=1)))
    flag = bursts(late, "time", ["unit"], window=5, resolution="minute", baseline="elsewhere", chance=0.5, minimum_count=3,
                  minimum_submissions=4)
    assert flag.value[0] == pytest.approx(stats.poisson.sf(1, 3 * 1 / 6) * 4)
    assert np.isnan(flag.value[4:]).all()
    three = frame.assign(unit=["a"] * 4 + ["b"] * 5, time=frame["time"] + pd.to_timedelta([0] * 4 + [90_000] * 5, unit="min"))
    flag = bursts(three, "time", "unit", window=5, resolution="minute", baseline="uniform", chance=0.5, minimum_count=3)
    period = (three["time"].max() - three["time"].min()) / pd.Timedelta(minutes=1) + 1
    assert flag.value[0] == pytest.approx(stats.poisson.sf(1, 3 * 5 / period) * 4 * 2)


@pytest.mark.parametrize("baseline", ["uniform", "elsewhere"])
def test_evenly_spread_submissions_rarely_alarm(baseline):
    alarms = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        time = pd.Timestamp("2026-10-01") + pd.to_timedelta(random.integers(0, 30 * 1440, 400), unit="min")
        frame = pd.DataFrame({"time": time, "unit": random.integers(0, 8, 400)})
        alarms += bursts(frame, "time", "unit", window=60, resolution="minute", baseline=baseline, chance=0.05,
                         minimum_count=2).flagged.any()
    assert alarms <= 6


def test_bad_times_are_refused():
    frame = submissions(1, "day")
    with pytest.raises(DesignError, match="resolution='day'"):
        bursts(frame, "time", "unit", window=15, resolution="minute", baseline="uniform", **SCAN)
    with pytest.raises(DesignError, match="not datetimes"):
        bursts(frame, "unit", "unit", window=1, resolution="day", baseline="uniform", **SCAN)
    with pytest.raises(DesignError, match="whole number"):
        bursts(frame, "time", "unit", window=0, resolution="day", baseline="uniform", **SCAN)


# Field effects


def test_a_deviating_interviewer_is_flagged_and_a_small_deviation_is_not():
    random = np.random.default_rng(8)
    frame = pd.DataFrame({"interviewer": np.repeat(list("abcde"), 60), "y": random.normal(0, 1, 300)})
    frame.loc[frame["interviewer"] == "c", "y"] += 2
    effects = field_effects(frame, "y", "interviewer")
    flag = effects.flag(chance=0.001, minimum_deviation=1)
    assert set(frame.loc[flag.flagged, "interviewer"]) == {"c"}
    assert not effects.flag(chance=0.001, minimum_deviation=5).flagged.any()
    assert effects.table()["icc"].iloc[0] > 0.3


def test_a_group_alone_has_no_effect_and_a_missing_one_needs_a_policy():
    frame = pd.DataFrame({"interviewer": ["a"] * 4 + [None], "y": [1.0, 2, 3, 4, 5]})
    with pytest.raises(DesignError, match="1 rows without 'interviewer'"):
        field_effects(frame, "y", "interviewer")
    effects = field_effects(frame, "y", "interviewer", missing="exclude")
    assert np.isnan(effects.icc).all()
    assert np.isnan(effects.flag(chance=0.5).value).all()
    assert effects.table()["n"].tolist() == [4]


def test_sites_explain_what_interviewers_do_not():
    random = np.random.default_rng(9)
    frame = pd.DataFrame({"interviewer": np.repeat(np.arange(8), 50), "site": np.repeat([0, 1], 200)})
    frame["y"] = random.normal(0, 1, 400) + 3 * frame["site"]
    assert field_effects(frame, "y", "interviewer").icc[0] > 0.5
    assert abs(field_effects(frame, "y", "interviewer", within="site").icc[0]) < 0.05


def test_staff_about_their_own_unit_are_counted_among_the_declared():
    frame = pd.DataFrame({"unit": ["u"] * 4 + ["v"] * 3, "employer": ["u", "u", "none", None, "u", "v", "none"]})
    result = own_unit(frame, "unit", "employer", maximum_share=0.5)
    np.testing.assert_allclose(result.flag.value, [1, 1, 0, np.nan, 0, 1, 0])
    assert result.flag.flagged.tolist() == [True, True, False, False, False, False, False]
    table = result.table()
    assert table[["respondents", "declared", "own", "beyond"]].to_numpy().tolist() == [[4, 3, 2, True], [3, 3, 1, False]]


# With and without


def survey() -> tuple[SurveyDesign, list]:
    design = SurveyDesign.from_frame(PEOPLE, weights="weight", strata="stratum", psu="psu", nest=True)
    return design, [FLAGS["straight"](PEOPLE), FLAGS["longest_skipped"](PEOPLE), FLAGS["nearest"](PEOPLE)]


def test_the_difference_has_the_covariance_of_nested_domains():
    design, flags = survey()
    result = with_and_without(design, "q5", flags, by="site", missing="exclude")
    y, w, answered = PEOPLE["q5"].fillna(0).to_numpy(), design.weights, PEOPLE["q5"].notna().to_numpy()
    for d, site in enumerate("AB"):
        inside = answered & (PEOPLE["site"] == site).to_numpy()
        scores = []
        for mask in (inside, inside & ~result.left_out):
            scores.append(np.where(mask, w * (y - np.average(y[mask], weights=w[mask])) / w[mask].sum(), 0))
        covariance = design.covariance_of(np.column_stack(scores))
        expected = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
        assert result.standard_error[0, d] ** 2 == pytest.approx(expected, rel=1e-9)


def test_all_is_the_design_mean_and_without_its_mean_over_the_domain_of_the_kept():
    design, flags = survey()
    result = with_and_without(design, ["y", "q5"], flags, missing="exclude")
    pd.testing.assert_frame_equal(result.everyone.table(), design.mean(["y", "q5"], missing="exclude").table())
    seen = design.observe(PEOPLE.assign(kept=~result.left_out), np.arange(len(PEOPLE)))
    kept = seen.mean(["y", "q5"], by="kept", missing="exclude").table().query("kept")
    for column in ("estimate", "standard_error", "df", "n"):
        np.testing.assert_allclose(result.without.table()[column], kept[column], rtol=1e-10)


@pytest.mark.parametrize("policy", ["adjust", "remove", "average"])
def test_lonely_psus_count_by_the_policy_of_the_design(policy):
    frame = PEOPLE.assign(stratum=np.where(PEOPLE["psu"] == "A1", "alone", PEOPLE["stratum"]))
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", nest=True, lonely_psu=policy)
    flag = own_unit(frame.assign(employer=np.where(frame["q1"] > 3, "A", "none")), "site", "employer", maximum_share=0).flag
    result = with_and_without(design, "y", [flag])
    y, w, scores = frame["y"].to_numpy(), design.weights, []
    for mask in (np.ones(len(frame), dtype=bool), ~result.left_out):
        scores.append(np.where(mask, w * (y - np.average(y[mask], weights=w[mask])) / w[mask].sum(), 0))
    variance = design.covariance_of((scores[1] - scores[0])[:, None])[0, 0]
    assert result.standard_error[0, 0] ** 2 == pytest.approx(variance, rel=1e-9)


def test_gaps_true_or_false_items_and_rows_without_a_domain():
    frame = PEOPLE.assign(yes=PEOPLE["y"] > 50, site=PEOPLE["site"].where(PEOPLE["z"] < 22))
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", nest=True)
    flags = [FLAGS["longest_skipped"](frame)]
    rows = with_and_without(design, ["yes", "q5", "q6"], flags, by="site", missing="exclude_rows").table()
    assert rows.groupby("site")["n_all"].nunique().tolist() == [1, 1]
    own = with_and_without(design, ["yes", "q5"], flags, by="site", missing="exclude").table().set_index(["item", "site"])
    assert own.loc[("yes", "A"), "n_all"] == (frame["site"] == "A").sum() > own.loc[("q5", "A"), "n_all"]
    with pytest.raises(DesignError, match="missing values"):
        with_and_without(design, ["q5"], flags)
    with pytest.raises(DesignError, match="both an item and a domain: q1"):
        with_and_without(design, ["q1"], flags, by="q1", missing="exclude")


def test_few_psus_behind_the_kept_widen_the_interval():
    design, _ = survey()
    where = np.where(PEOPLE["psu"].isin(["A1", "A2", "B1", "B2"]), "none", "A")
    flag = own_unit(PEOPLE.assign(employer=where, unit="A"), "unit", "employer", maximum_share=0).flag
    result = with_and_without(design, "y", [flag])
    assert result.df.ravel().tolist() == [2]
    assert result.everyone.df.ravel().tolist() == [14]
    assert result.ci_high[0, 0] - result.difference[0, 0] == pytest.approx(stats.t.ppf(0.975, 2) * result.standard_error[0, 0])


def test_nothing_left_out_changes_nothing_and_nobody_kept_is_unknown():
    design, _ = survey()
    none = straight_lining(PEOPLE, ITEMS, share=1, minimum_answers=12, missing="exclude", name="none")
    first = PEOPLE.index == 1
    table = with_and_without(design, "y", [none], by="site").table()
    assert table["n_left_out"].tolist() == [1, 0]
    assert table[["difference", "standard_error"]].iloc[1].tolist() == [0, 0]
    own = own_unit(PEOPLE.assign(employer="A"), "site", "employer", maximum_share=0).flag
    table = with_and_without(design, "y", [own], by="site").table()
    assert table["n_without"].tolist() == [0, 60]
    assert table[["estimate_without", "difference", "standard_error"]].iloc[0].isna().all()
    assert none.flagged[first].all()


def test_counts_and_combinations_add_up():
    design, flags = survey()
    result = with_and_without(design, "y", flags, by="site", at_least=2)
    counts = result.counts().set_index(["flag", "site"])
    for flag in flags:
        assert counts.loc[flag.name, "flagged"].sum() == flag.flagged.sum()
    number = np.sum([flag.flagged for flag in flags], axis=0)
    assert counts.loc["any", "flagged"].sum() == (number > 0).sum()
    assert counts.loc["left out", "flagged"].sum() == (number > 1).sum() == result.left_out.sum()
    combinations = result.combinations()
    assert combinations["n"].sum() == len(PEOPLE)
    assert (combinations["n"] * combinations["number"]).sum() == sum(flag.flagged.sum() for flag in flags)


def test_flags_of_other_rows_and_of_one_name_are_refused():
    design, flags = survey()
    with pytest.raises(DesignError, match="other rows.*straight"):
        with_and_without(design, "y", [FLAGS["straight"](PEOPLE.iloc[::-1])])
    with pytest.raises(DesignError, match="name of its own"):
        with_and_without(design, "y", [flags[0], flags[0]])
    with pytest.raises(DesignError, match="at_least"):
        with_and_without(design, "y", flags, at_least=4)
