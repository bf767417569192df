"""Alpha, item statistics and raters: values from R's psych, properties, edge cases, bad input. Omega: test_factors.py."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.items import Items
from analysis.raters import agreement, inter_rater
from analysis.reliability import alpha, as_levels, item_statistics, omega
from analysis.variance import DesignError

REFERENCE = Path(__file__).parent / "reference"
DATA = pd.read_csv(REFERENCE / "reliability_data.csv")
RATINGS = pd.read_csv(REFERENCE / "reliability_ratings.csv").rename(columns={"rating": "q"})
EXPECTED = pd.read_csv(REFERENCE / "reliability_alpha.csv", skipinitialspace=True)
ICC = pd.read_csv(REFERENCE / "reliability_icc.csv", skipinitialspace=True)
FORWARD = ["q1", "q2", "q3", "q4", "q5"]
SIX = [*FORWARD, "q6"]
LEVELS = {j: j for j in range(1, 6)}
CASES = {
    "pairwise": lambda: Items.from_frame(DATA, FORWARD, missing="pairwise"),
    "rows": lambda: Items.from_frame(DATA, FORWARD, missing="exclude_rows"),
    "with the turned item": lambda: Items.from_frame(DATA, SIX, missing="pairwise"),
    # R takes the rows complete in q6 as well.
    "weighted": lambda: Items.from_frame(DATA.dropna(), FORWARD, weights="weight"),
}


@pytest.mark.parametrize("case", CASES)
def test_alpha_is_that_of_psych(case):
    ours = alpha(CASES[case]())
    expected = EXPECTED[(EXPECTED["case"] == case) & (EXPECTED["name"] != "skew")]
    assert len(expected) >= 20
    for name, part in expected.groupby("name"):
        np.testing.assert_allclose(getattr(ours, name), part["value"].to_numpy().squeeze(), rtol=1e-8, err_msg=name)


def test_an_item_worded_the_other_way_is_named_and_not_turned():
    ours = alpha(CASES["with the turned item"]())
    assert ours.run_against == ("q6",)
    assert ours.table().set_index("item").loc["q6", "runs_against"]
    assert ours.r_drop[5] < 0
    turned = alpha(Items.from_frame(DATA.assign(q6=6 - DATA["q6"]), SIX, missing="pairwise"))
    assert turned.run_against == ()
    assert turned.raw > ours.raw
    assert omega(CASES["with the turned item"]()).run_against == ("q6",)


def test_alpha_of_a_design_whose_answer_is_known():
    """Four parallel items of correlation 1/2: alpha = k r / (1 + (k - 1) r) = 0.8, whichever way it is computed."""
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * 5)).reshape(5, -1).T
    frame = pd.DataFrame(signs[:, 1:] + signs[:, [0]], columns=list("abcd"))
    ours = alpha(Items.from_frame(frame, list("abcd")))
    assert [ours.raw, ours.standardised, ours.guttman_6, ours.mean_r] == pytest.approx([0.8, 0.8, 1 - 4 * 0.625 / 10, 0.5])
    np.testing.assert_allclose(ours.dropped_raw, 0.75)
    assert omega(Items.from_frame(frame, list("abcd"))).total == pytest.approx(0.8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_alpha_does_not_depend_on_order_origin_unit_or_the_size_of_weights(seed):
    rng = np.random.default_rng(seed)
    x = np.clip(np.round(3 + rng.normal(size=(40, 1)) + rng.normal(size=(40, 4))), 1, 5)
    x[rng.random(x.shape) < 0.1] = np.nan
    x[:3] = [[1, 2, 1, 3], [5, 4, 5, 5], [3, 3, 2, 4]]
    frame = pd.DataFrame(x, columns=list("abcd")).assign(w=rng.uniform(0.5, 3, 40))

    def figures(data, items="abcd"):
        a = alpha(Items.from_frame(data, list(items), missing="pairwise", weights="w"))
        return np.array([a.raw, a.standardised, a.ase, a.mean_r, a.feldt_low, a.guttman_6])

    one = figures(frame)
    np.testing.assert_allclose(figures(frame.sample(frac=1, random_state=1)), one, rtol=1e-10)
    np.testing.assert_allclose(figures(frame, "dbca"), one, rtol=1e-10)
    np.testing.assert_allclose(figures(frame.assign(w=frame["w"] * 1000)), one, rtol=1e-10)
    stretched = frame.assign(**{name: 100 * frame[name] + 1e6 for name in "abcd"})
    np.testing.assert_allclose(figures(stretched), one, rtol=1e-8)


def test_equal_weights_change_nothing_and_a_weight_of_zero_is_no_row():
    plain = alpha(CASES["pairwise"]())
    weighted = alpha(Items.from_frame(DATA.assign(w=3.0), FORWARD, "pairwise", "w"))
    assert weighted.raw == pytest.approx(plain.raw)
    assert weighted.ase == pytest.approx(plain.ase)
    half = DATA.assign(w=np.where(np.arange(len(DATA)) < 60, 1.0, 0.0))
    assert alpha(Items.from_frame(half, FORWARD, "pairwise", "w")).raw == pytest.approx(
        alpha(Items.from_frame(DATA.iloc[:60], FORWARD, "pairwise")).raw)


def test_a_blank_is_never_zero_and_rows_that_answer_nothing_count_nowhere():
    empty = pd.concat([DATA, pd.DataFrame({name: [np.nan] * 50 for name in DATA})], ignore_index=True)
    assert alpha(Items.from_frame(empty, FORWARD, "pairwise")).table().equals(alpha(CASES["pairwise"]()).table())
    assert Items.from_frame(empty, FORWARD, "pairwise").n == 120


def test_the_cautious_count_widens_the_intervals():
    rows, cautious = (alpha(Items.from_frame(DATA, FORWARD, "pairwise", count=one)) for one in ("rows", "smallest_pair"))
    assert cautious.n == (DATA[FORWARD].notna().astype(int).T @ DATA[FORWARD].notna().astype(int)).to_numpy().min() < rows.n
    assert cautious.raw == rows.raw
    assert cautious.high - cautious.low > rows.high - rows.low
    assert cautious.feldt_low < rows.feldt_low


def test_unequal_weights_count_as_fewer_people_and_move_the_mean():
    whole = DATA[[*FORWARD, "weight"]].dropna()
    w = whole["weight"].to_numpy()
    for count in ("rows", "smallest_pair"):
        assert Items.from_frame(whole, FORWARD, weights="weight", count=count).n == pytest.approx(w.sum() ** 2 / (w**2).sum())
    ours = alpha(Items.from_frame(whole, FORWARD, weights="weight"))
    assert ours.mean == pytest.approx(np.average(whole[FORWARD].mean(axis=1), weights=w))
    np.testing.assert_allclose(ours.item_mean, np.average(whole[FORWARD], axis=0, weights=w))


def test_intervals_follow_the_confidence():
    ours = alpha(CASES["pairwise"](), confidence=0.9)
    half = 1.6448536269514722 * ours.ase
    assert [ours.low, ours.high] == pytest.approx([ours.raw - half, ours.raw + half])
    usual = alpha(CASES["pairwise"]())
    assert usual.feldt_low < ours.feldt_low < ours.raw < ours.feldt_high < usual.feldt_high
    with pytest.raises(ValueError, match="confidence"):
        alpha(CASES["pairwise"](), confidence=95)


def test_two_items_have_an_alpha_and_nothing_without_one_of_them():
    ours = alpha(Items.from_frame(DATA, ["q1", "q2"], "pairwise"))
    assert ours.standardised == pytest.approx(2 * ours.mean_r / (1 + ours.mean_r))
    assert np.isnan(ours.dropped_raw).all()
    np.testing.assert_allclose(ours.r_drop, ours.mean_r)


def test_what_needs_an_inverse_is_not_a_number_when_two_items_are_the_same():
    twice = DATA[FORWARD].dropna().assign(again=lambda f: f["q1"])
    ours = alpha(Items.from_frame(twice, [*FORWARD, "again"]))
    assert np.isnan(ours.guttman_6)
    assert np.isnan(ours.r_cor).all()
    assert 0 < ours.raw < 1
    assert np.isfinite(ours.dropped_guttman_6[[0, 5]]).all()


@pytest.mark.parametrize(("change", "options", "words"), [
    ({}, {}, "missing values in q1"),
    ({}, {"missing": "drop"}, "missing must be one of"),
    ({}, {"missing": "pairwise", "count": "all"}, "smallest_pair"),
    ({"q1": "rất hài lòng"}, {"missing": "pairwise"}, "not numbers"),
    ({"q1": np.inf}, {"missing": "pairwise"}, "infinite"),
    ({"weight": -1.0}, {"missing": "pairwise", "weights": "weight"}, "numbers from 0"),
    ({"weight": np.nan}, {"missing": "pairwise", "weights": "weight"}, "numbers from 0"),
    ({"q1": np.nan}, {"missing": "pairwise"}, "fewer than two people answered 'q1'"),
    ({"q1": 4.0}, {"missing": "pairwise"}, "no variance in q1"),
    ({"q3": DATA["q1"].rsub(6), "q2": DATA["q1"]}, {"missing": "pairwise", "items": ["q1", "q3"]}, "sum to nothing"),
    ({}, {"missing": "pairwise", "items": ["q1"]}, "two or more different items"),
    ({}, {"missing": "pairwise", "items": ["q1", "q1"]}, "two or more different items"),
    ({}, {"missing": "pairwise", "items": ["q1", "q9"]}, "no column 'q9'"),
])
def test_bad_scales_are_refused_with_the_place_and_the_mend(change, options, words):
    options = {"items": FORWARD, **options}
    with pytest.raises(DesignError, match=words):
        alpha(Items.from_frame(DATA.assign(**change), **options))


def test_items_answered_alike_where_they_meet_are_named():
    frame = pd.DataFrame({"a": [1, 1, 1, 2, 3], "b": [1, 2, 3, np.nan, np.nan], "c": [1, 3, 2, 5, 4.0]})
    with pytest.raises(DesignError, match=r"a and b \(where both are answered\)"):
        alpha(Items.from_frame(frame, list("abc"), "pairwise"))


# Item statistics

ANSWERS = pd.DataFrame({
    "q1": ["5", "4", "dk", None, "1", "5", "5"], "q2": ["3", "3", "3", "3", None, "dk", "3"],
    "q3": ["1", "2", "unfamiliar", "4", "2", "5", None], "w": [1.0, 2, 1, 1, 4, 1, 1]})
WORDS = {str(j): float(j) for j in range(1, 6)}


def test_item_statistics_by_hand():
    s = item_statistics(ANSWERS, ["q1", "q2", "q3"], WORDS, ["dk", "unfamiliar"])
    table = s.table().set_index("item")
    assert table["n"].tolist() == [5, 5, 5]
    assert table["missing"].tolist() == [2, 2, 2]
    assert table["mean"].tolist() == [4, 3, pytest.approx(2.8)]
    assert table.loc["q1", "sd"] == pytest.approx(np.sqrt(3))
    assert table.loc["q1", "skew"] == pytest.approx((1 + 1 + 1 - 27) / 5 / 3**1.5)
    assert table.loc["q1", ["floor", "ceiling", "difficulty"]].tolist() == pytest.approx([0.2, 0.6, 0.75])
    assert table.loc["q1", "entropy"] == pytest.approx(-(0.6 * np.log2(0.6) + 2 * 0.2 * np.log2(0.2)))
    assert table.loc["q2", ["sd", "entropy", "floor"]].tolist() == [0, 0, 0]
    assert table.loc["q2", ["skew", "discrimination"]].isna().all()
    kinds = s.distribution().set_index(["item", "answer"])
    assert kinds.loc[("q3", "unfamiliar"), "count"].item() == 1
    assert kinds.loc[("q3", "dk"), "count"].item() == 0
    assert s.counts.sum(axis=1).tolist() == [7, 7, 7]
    assert s.counts[:, -1].tolist() == [1, 1, 1]
    shares = s.distribution().groupby("item")["share"].sum()
    np.testing.assert_allclose(shares, 1)


def test_weights_count_as_so_many_people_in_means_and_shares():
    repeated = ANSWERS.loc[ANSWERS.index.repeat(ANSWERS["w"].astype(int))]
    ours = item_statistics(ANSWERS, ["q1", "q3"], WORDS, ["dk", "unfamiliar"], weights="w").table()
    many = item_statistics(repeated, ["q1", "q3"], WORDS, ["dk", "unfamiliar"]).table()
    for name in ("mean", "floor", "ceiling", "difficulty", "entropy"):
        np.testing.assert_allclose(ours[name], many[name], rtol=1e-12, err_msg=name)
    assert ours["n"].tolist() == [5, 5]
    # With gaps the n / (n - 1) of pairs differs from that of items, so discrimination is compared without gaps.
    whole = DATA[FORWARD].dropna().assign(w=lambda f: 1.0 + np.arange(len(f)) % 3)
    ours, many = (item_statistics(one, FORWARD, LEVELS, weights=w) for one, w in (
        (whole, "w"), (whole.loc[whole.index.repeat(whole["w"].astype(int))], None)))
    np.testing.assert_allclose(ours.discrimination, many.discrimination, rtol=1e-12)


def test_a_row_that_weighs_nothing_is_not_among_the_answers():
    nothing = ANSWERS.assign(w=[0.0, 2, 1, 1, 4, 1, 1])
    s = item_statistics(nothing, ["q1", "q3"], WORDS, ["dk", "unfamiliar"], weights="w").table()
    without = item_statistics(ANSWERS[1:], ["q1", "q3"], WORDS, ["dk", "unfamiliar"], weights="w").table()
    pd.testing.assert_frame_equal(s, without)


def test_skew_and_discrimination_are_those_of_psych():
    expected = EXPECTED[EXPECTED["case"] == "with the turned item"].set_index(["name", "item"])["value"]
    s = item_statistics(DATA, SIX, LEVELS).table().set_index("item")
    for ours, theirs in (("skew", "skew"), ("discrimination", "r_drop"), ("mean", "item_mean"), ("sd", "item_sd")):
        np.testing.assert_allclose(s[ours], expected[theirs][SIX], rtol=1e-8)


def test_an_item_nobody_answered_stands_in_the_table_with_nothing():
    s = item_statistics(ANSWERS.assign(q2=None), ["q1", "q2", "q3"], WORDS, ["dk", "unfamiliar"]).table()
    row = s.set_index("item").loc["q2"]
    assert row["n"] == 0
    assert row.drop(["n", "missing"]).isna().all()
    assert s["mean"].notna().tolist() == [True, False, True]


def test_categories_are_read_as_their_words():
    categories = ANSWERS.astype({"q1": "category", "q3": "category"})
    one = item_statistics(categories, ["q1", "q3"], WORDS, ["dk", "unfamiliar"]).table()
    pd.testing.assert_frame_equal(one, item_statistics(ANSWERS, ["q1", "q3"], WORDS, ["dk", "unfamiliar"]).table())


@pytest.mark.parametrize(("levels", "not_answers", "words"), [
    (WORDS, ["dk"], "column 'q3' has answers that are neither levels .*: unfamiliar"),
    (WORDS, ["dk", "unfamiliar", "5"], "both as a level"),
    ({"1": 1}, ["dk"], "two different levels"),
])
def test_answers_the_rule_does_not_know_are_refused(levels, not_answers, words):
    with pytest.raises(DesignError, match=words):
        item_statistics(ANSWERS, ["q1", "q3"], levels, not_answers)


def test_levels_leave_blanks_blank():
    numbers = as_levels(ANSWERS, ["q1"], WORDS, ["dk"])["q1"]
    assert numbers.isna().tolist() == [False, False, True, True, False, False, False]
    assert numbers.dropna().tolist() == [5, 4, 1, 5, 5]


# Raters

@pytest.mark.parametrize("case", ["balanced", "unequal"])
def test_intraclass_correlations_are_those_of_r(case):
    data = RATINGS if case == "balanced" else RATINGS[RATINGS["kept"]]
    ours = inter_rater(data, "unit", "q")
    for row in ICC[ICC["case"] == case].itertuples():
        assert getattr(ours, row.name) == pytest.approx(row.value, rel=1e-8), row.name


def test_reliability_of_a_unit_mean_is_icc_k_when_all_have_as_many_raters():
    ours = inter_rater(RATINGS, "unit", "q")
    np.testing.assert_allclose(ours.reliability, ours.icc_k)
    fewer = inter_rater(RATINGS[RATINGS["kept"]], "unit", "q").table()
    assert fewer.sort_values("n")["reliability"].is_monotonic_increasing
    assert fewer.sort_values("n")["standard_error"].is_monotonic_decreasing


def test_units_below_the_minimum_are_listed_and_count_nowhere():
    lonely = pd.concat([RATINGS, pd.DataFrame({"unit": [99, 99, 99], "q": [5, 5, np.nan]})], ignore_index=True)
    ours = inter_rater(lonely, "unit", "q", minimum_raters=3, missing="exclude")
    row = ours.table().set_index("unit").loc[99]
    assert row["n"] == 2
    assert row[["mean", "sd", "reliability", "standard_error"]].isna().all()
    assert ours.icc_1 == inter_rater(RATINGS, "unit", "q").icc_1


def test_raters_do_not_depend_on_the_order_of_lines():
    mixed = RATINGS.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(inter_rater(mixed, "unit", "q").table(), inter_rater(RATINGS, "unit", "q").table())


def test_raters_who_agree_wholly_and_units_that_do_not_differ():
    whole = pd.DataFrame({"unit": [1, 1, 2, 2], "q": [2, 2, 4, 4]})
    ours = inter_rater(whole, "unit", "q")
    assert [ours.icc_1, ours.icc_k, ours.p_value] == [1, 1, 0]
    same = inter_rater(pd.DataFrame({"unit": [1, 1, 2, 2], "q": [1, 5, 1, 5]}), "unit", "q")
    assert same.icc_1 == pytest.approx(-1)
    assert np.isnan(inter_rater(pd.DataFrame({"unit": [1, 1], "q": [1, 5]}), "unit", "q").icc_1)
    assert np.isnan(inter_rater(pd.DataFrame({"unit": [1, 2], "q": [1, 5]}), "unit", "q", minimum_raters=1).icc_1)
    assert np.isnan(inter_rater(pd.DataFrame({"unit": [1, 1, 2, 2], "q": [3, 3, 3, 3]}), "unit", "q").icc_1)


def test_agreement_by_hand():
    """Five levels: a random rater's variance is 2. Raters 4 4 4 4 3 have variance 0.2; 1 5 1 5 5 have 4.8."""
    frame = pd.DataFrame({"unit": list("aaaaabbbbbcc"), "q": [4, 4, 4, 4, 3, 1, 5, 1, 5, 5, 4, 4],
                          "p": [4, 4, 4, 4, 4, 1, 5, 1, 5, 5, 4, 4]})
    one = agreement(frame, "unit", ["q"], levels=5).table()
    assert one["r_wg"].tolist() == pytest.approx([0.9, 0, np.nan], nan_ok=True)
    assert one["n"].tolist() == [5, 5, 2]
    assert agreement(frame, "unit", ["q"], 5, below_zero="keep").r_wg[1] == pytest.approx(1 - 2.4)
    both = agreement(frame, "unit", ["q", "p"], levels=5, minimum_raters=2)
    # mean of 0.1 and 0: 2 * 0.95 / (2 * 0.95 + 0.05)
    assert both.r_wg.tolist() == pytest.approx([1.9 / 1.95, 0, 1])
    assert both.r_wg_items[0].tolist() == pytest.approx([0.9, 1])
    assert np.isnan(agreement(frame, "unit", ["q", "p"], 5, below_zero="keep").r_wg[1])


def test_agreement_needs_the_minimum_of_raters_for_every_item():
    frame = pd.DataFrame({"unit": ["a"] * 6, "q": [3, 4, 4, 4, 4, 4], "p": [3, 4, 4, np.nan, np.nan, 4]})
    assert np.isnan(agreement(frame, "unit", ["q", "p"], 5, missing="exclude").r_wg[0])
    assert agreement(frame, "unit", ["q", "p"], 5, minimum_raters=4, missing="exclude").n.tolist() == [4]


@pytest.mark.parametrize(("options", "words"), [
    ({"item": "z"}, "no column 'z'"),
    ({"unit": "z"}, "no column 'z'"),
    ({"minimum_raters": 0}, "minimum_raters"),
    ({"missing": "pairwise"}, "missing fail or exclude"),
])
def test_bad_ratings_are_refused(options, words):
    with pytest.raises(DesignError, match=words):
        inter_rater(RATINGS, **{"unit": "unit", "item": "q", **options})


def test_blanks_are_refused_unless_declared():
    gap = RATINGS.assign(q=RATINGS["q"].where(RATINGS.index > 3))
    with pytest.raises(DesignError, match="missing values in q"):
        inter_rater(gap, "unit", "q")
    with pytest.raises(DesignError, match="name no unit"):
        inter_rater(RATINGS.assign(unit=None), "unit", "q")
    with pytest.raises(DesignError, match="below_zero"):
        agreement(RATINGS, "unit", ["q"], 5, below_zero="cut")
