"""Tests of means, ranks and shares: what must hold in any design, at the edges, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.design import DesignError, SurveyDesign
from analysis.tests_of_difference import RANK_TESTS, paired_t_test, rank_scores, rank_test, t_test
from analysis.tests_of_independence import goodness_of_fit, independence


def sample(seed: int = 1, psus: int = 30, per_psu: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    psu = np.repeat(np.arange(psus), per_psu)
    n = psu.size
    group = rng.choice(["citizens", "businesses"], n)
    shift = rng.normal(0, 3, psus)[psu]
    return pd.DataFrame({
        "psu": psu, "stratum": psu % 3, "weight": rng.uniform(1, 5, n), "group": group, "unit": rng.choice(list("abc"), n),
        "score": rng.normal(60, 10, n) + shift + 5 * (group == "citizens"), "before": rng.normal(58, 10, n) + shift,
        "level": rng.integers(1, 6, n), "answer": rng.choice(["bad", "fair", "good"], n, p=[0.2, 0.3, 0.5])})


def design_of(frame: pd.DataFrame, **more) -> SurveyDesign:
    return SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", **more)


@pytest.fixture(scope="module")
def design():
    return design_of(sample())


def figures(one) -> list[float]:
    """The numbers of the one row of a test's table."""
    return one.table().iloc[0].drop(["item", "difference", "test"], errors="ignore").astype(float).tolist()


# Means


def test_the_difference_is_second_minus_first_in_sorted_order(design):
    ours = t_test(design, "score", "group")
    assert ours.groups == ("businesses", "citizens")
    assert ours.estimate > 0
    assert ours.df == design.degrees_of_freedom() - 1
    assert ours.table()["difference"].tolist() == ["citizens - businesses"]
    swapped = design.frame.assign(group=design.frame["group"].map({"citizens": "a", "businesses": "b"}))
    assert t_test(design_of(swapped), "score", "group").t == pytest.approx(-ours.t)


def test_a_null_value_moves_the_test_and_not_the_interval(design):
    ours, moved = t_test(design, "score"), t_test(design, "score", null=60.0)
    assert (ours.ci_low, ours.ci_high) == (moved.ci_low, moved.ci_high)
    assert moved.t == pytest.approx((ours.estimate - 60) / ours.standard_error)
    assert t_test(design, "score", null=ours.ci_low).p_value == pytest.approx(0.05)


def test_pairs_are_the_differences_of_each_respondent(design):
    frame = design.frame.assign(gain=design.frame["score"] - design.frame["before"])
    assert figures(paired_t_test(design, "before", "score")) == pytest.approx(figures(t_test(design_of(frame), "gain")))


@pytest.mark.parametrize("test", [lambda d, **o: t_test(d, "score", "group", **o), lambda d, **o: t_test(d, "score", **o),
                                  lambda d, **o: rank_test(d, "level", "unit", **o),
                                  lambda d, **o: rank_test(d, "level", "group", "median", **o)])
def test_neither_order_nor_scale_of_weights_nor_rows_without_weight_matter(test):
    frame = sample()
    ours = figures(test(design_of(frame)))
    extra = frame.iloc[:20].assign(weight=0.0, score=1e6, level=5)
    for other in (frame.sample(frac=1, random_state=3), frame.assign(weight=frame["weight"] * 1000),
                  pd.concat([frame, extra], ignore_index=True)):
        assert figures(test(design_of(other))) == pytest.approx(ours, rel=1e-9)


def test_a_subset_keeps_the_design_and_a_column_may_name_it(design):
    inside = (design.frame["unit"] == "a").to_numpy()
    ours = t_test(design, "score", subset=inside)
    mean = design.mean("score", by="unit").table().set_index("unit").loc["a"]
    assert [ours.estimate, ours.standard_error] == pytest.approx([mean["estimate"], mean["standard_error"]])
    assert ours.df == mean["df"] - 1
    named = design_of(design.frame.assign(inside=inside))
    assert figures(t_test(named, "score", subset="inside")) == pytest.approx(figures(ours))


def test_missing_answers_are_refused_or_left_out_by_declaration():
    frame = sample()
    frame.loc[3, "score"] = np.nan
    frame.loc[5, "group"] = None
    design = design_of(frame)
    with pytest.raises(DesignError, match="score"):
        t_test(design, "score", "group")
    assert t_test(design, "score", "group", missing="exclude_rows").n == len(frame) - 2
    assert rank_test(design, "score", "group", missing="exclude_rows").n.sum() == len(frame) - 2


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 + 0.1])
def test_answers_that_do_not_vary_have_no_test(value):
    design = design_of(sample().assign(score=value))
    for ours in (t_test(design, "score"), t_test(design, "score", "group")):
        assert ours.standard_error == 0
        assert np.isnan([ours.t, ours.p_value]).all()
    assert np.isnan(rank_test(design, "score", "group").p_value)
    assert np.isnan(rank_test(design, "score", "unit").p_value)
    apart = design_of(sample().assign(score=lambda f: np.where(f["group"] == "citizens", 3.3, value)))
    assert np.isnan(t_test(apart, "score", "group").p_value)


def test_a_large_common_offset_changes_nothing():
    frame = sample()
    near, far = t_test(design_of(frame), "score", "group"), t_test(design_of(frame.assign(score=frame["score"] + 1e8)), "score",
                                                                 "group")
    assert far.t == pytest.approx(near.t, rel=1e-6)


def test_too_few_psus_leave_an_estimate_without_a_test():
    design = design_of(sample(psus=4).assign(stratum=lambda f: f["psu"] % 3), lonely_psu="remove")
    ours = t_test(design, "score", "group")
    assert ours.df == 0
    assert np.isfinite(ours.estimate)
    assert np.isnan([ours.p_value, ours.ci_low, ours.ci_high]).all()


@pytest.mark.parametrize(("call", "message"), [
    (lambda d: t_test(d, "score", "unit"), "has 3 values"),
    (lambda d: t_test(d, "answer"), "not numbers"),
    (lambda d: t_test(d, "score", "group", subset=(d.frame["group"] == "citizens").to_numpy()), "has 1 values"),
    (lambda d: rank_test(d, "score", "group", subset=(d.frame["group"] == "citizens").to_numpy()), "one value only"),
    (lambda d: rank_test(d, "score", "group", "sign"), "test must be"),
    (lambda d: t_test(d, "nothing"), "no column 'nothing'"),
    (lambda d: t_test(d, "score", subset=np.zeros(len(d.frame), dtype=bool)), "no row"),
    (lambda d: t_test(d, "score", missing="zero"), "missing must be"),
    (lambda d: independence(d, "answer", "answer"), "name two columns"),
    (lambda d: independence(d, "answer", "group", subset=(d.frame["group"] == "citizens").to_numpy()), "one value only"),
    (lambda d: independence(d, "answer", "group", empty_cells="drop"), "empty_cells must be"),
    (lambda d: goodness_of_fit(d, "answer", {"bad": 1, "fair": 1}), "no share is given for answer='good'"),
    (lambda d: goodness_of_fit(d, "answer", {"bad": 1, "fair": 1, "good": 0}), "above 0")])
def test_what_makes_no_sense_is_refused(design, call, message):
    with pytest.raises(DesignError, match=message):
        call(design)


# Ranks


@pytest.mark.parametrize("test", RANK_TESTS)
def test_only_the_order_of_the_answers_counts(design, test):
    stretched = design_of(design.frame.assign(score=np.exp(design.frame["score"] / 10)))
    for group in ("group", "unit"):
        assert figures(rank_test(design, "score", group, test)) == pytest.approx(
            figures(rank_test(stretched, "score", group, test)))


def test_equal_weights_without_clusters_come_near_the_classical_tests():
    frame = sample(3, psus=400, per_psu=1).assign(weight=1.0, stratum=0)
    design = design_of(frame)
    parts = [part["score"].to_numpy() for _, part in frame.groupby("unit")]
    assert rank_test(design, "score", "unit").p_value == pytest.approx(stats.kruskal(*parts).pvalue, abs=0.02)
    parts = [part["score"].to_numpy() for _, part in frame.groupby("group")]
    assert t_test(design, "score", "group").t == pytest.approx(-stats.ttest_ind(*parts, equal_var=False).statistic, rel=0.01)


def test_tied_answers_share_the_middle_of_their_weights():
    y, w = np.array([2.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(rank_scores(y, w, "wilcoxon"), [0.4, 0.1, 0.4, 0.8])
    np.testing.assert_allclose(rank_scores(y, w, "median"), [0, 0, 0, 1])
    np.testing.assert_allclose(rank_scores(y, w, "vanderWaerden"), stats.norm.ppf([0.4, 0.1, 0.4, 0.8]))


def test_the_mean_scores_show_which_group_ranks_higher(design):
    ours = rank_test(design, "score", "group")
    assert ours.groups == ("businesses", "citizens")
    assert ours.mean_score[1] > ours.mean_score[0]
    assert ours.statistic > 0
    assert ours.table()["n"].tolist() == [len(design.frame)]


# Shares


def test_a_simple_random_sample_has_no_design_effect():
    frame = sample(3, psus=300, per_psu=1)
    ours = independence(SurveyDesign.from_frame(frame), "answer", "unit")
    n = len(frame)
    np.testing.assert_allclose(ours.design_effects, n / (n - 1))
    classical = stats.chi2_contingency(pd.crosstab(frame["answer"], frame["unit"]), correction=False)
    assert ours.pearson == pytest.approx(classical.statistic)
    assert ours.table()["statistic"].iloc[0] == pytest.approx(classical.statistic * (n - 1) / n)
    fit = goodness_of_fit(SurveyDesign.from_frame(frame), "answer", {"bad": 2, "fair": 3, "good": 5})
    counts = fit.counts["count"]
    assert fit.pearson == pytest.approx(stats.chisquare(counts, np.array([0.2, 0.3, 0.5]) * n).statistic)


def test_rows_and_columns_may_be_exchanged(design):
    ours, turned = independence(design, "answer", "unit"), independence(design, "unit", "answer")
    pd.testing.assert_frame_equal(ours.table(), turned.table())
    pd.testing.assert_frame_equal(ours.shares.T, turned.shares, check_like=True)
    assert ours.shares.to_numpy().sum() == pytest.approx(1)
    assert ours.counts.to_numpy().sum() == ours.n


def test_answers_that_follow_the_clusters_weigh_less():
    """Everybody in a PSU answers alike: the classical test counts each of them, the corrected ones count PSUs."""
    frame = sample(5)
    alike = np.random.default_rng(1).choice(["bad", "good"], 30)[frame["psu"]]
    design = design_of(frame.assign(answer=alike, unit=np.random.default_rng(2).choice(list("ab"), 30)[frame["psu"]]))
    ours = independence(design, "answer", "unit")
    assert ours.design_effects[0] > 3
    assert (ours.table()["p_value"] > stats.chi2.sf(ours.pearson, 1)).all()


def test_an_empty_cell_is_named_or_kept():
    frame = sample()
    frame = frame[(frame["answer"] != "bad") | (frame["unit"] != "b")]
    with pytest.raises(DesignError, match="no answer with answer='bad' and unit='b'.*empty_cells='keep'"):
        independence(design_of(frame), "answer", "unit")
    ours = independence(design_of(frame), "answer", "unit", empty_cells="keep")
    assert ours.table()["p_value"].between(0, 1).all()
    unused = frame.assign(answer=pd.Categorical(frame["answer"], ["none", "bad", "fair", "good"]))
    kept = independence(design_of(unused), "answer", "unit", empty_cells="keep")
    np.testing.assert_allclose(kept.table()["p_value"], ours.table()["p_value"])


def test_more_cells_than_psus_leave_the_wald_tests_undefined():
    table = independence(design_of(sample(psus=9)), "level", "unit", empty_cells="keep").table().set_index("test")
    assert table.loc[["first_order", "second_order"], "p_value"].between(0, 1).all()
    assert table.loc[["wald", "adjusted_wald"], "p_value"].isna().all()


def test_shares_that_the_design_fixes_have_no_test():
    frame = sample().assign(weight=2.0, region=lambda f: f["stratum"].map({0: "x", 1: "y", 2: "z"}))
    fit = goodness_of_fit(design_of(frame), "region", {"x": 1, "y": 1, "z": 2})
    assert fit.table()["p_value"].isna().all()
    census = design_of(frame.assign(size=10), fpc="size")
    assert independence(census, "answer", "unit").table()["p_value"].isna().all()
