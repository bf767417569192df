"""Flags and field effects: against R (reference/make_response_quality_reference.R), by hand, by properties."""


import numpy as np
import pandas as pd
import pytest
from response_quality_samples import FLAGS, ITEMS, PEOPLE, REFERENCE, SOME, VALUES, frame_of

from analysis.design import DesignError, SurveyDesign
from analysis.response_quality import (
    even_odd_consistency,
    exact_duplicates,
    field_effects,
    longest_run,
    mahalanobis_distance,
    near_clones,
    own_unit,
    response_variability,
    straight_lining,
    with_and_without,
)
from analysis.response_quality.flags import raised

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
