"""Contrasts, differences between domains, changes between years, trends, and many comparisons at once."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.changes import change, satterthwaite, stack_periods
from analysis.compare import contrast, domain_differences, labels, ratio_contrast, smooth_contrast
from analysis.design import DesignError, SurveyDesign
from analysis.multiple_comparisons import adjusted_p_values, max_t
from analysis.replicate_weights import jackknife_n
from analysis.trend import SeriesBreakError, domain_trends, linear_trend


def sample(seed: int, psus=range(24), units: str = "abc", per_psu: int = 6) -> pd.DataFrame:
    """Three strata of PSUs with effects of their own; every PSU id gives the same effect whatever the seed."""
    rng = np.random.default_rng(seed)
    effect = np.random.default_rng(7).normal(0, 4, 1000)
    return pd.concat([pd.DataFrame({
        "stratum": p % 3, "psu": p, "weight": rng.uniform(1, 4, per_psu), "unit": rng.choice(list(units), per_psu),
        "q1": rng.normal(60, 8, per_psu) + 5 * (p % 3) + effect[p], "q2": rng.normal(50, 5, per_psu)}) for p in psus],
        ignore_index=True)


def design_of(frame: pd.DataFrame, **more) -> SurveyDesign:
    return SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", **more)


@pytest.fixture(scope="module")
def by_unit():
    return design_of(sample(1)).mean(["q1", "q2"], by="unit")


# Contrasts


def test_a_contrast_is_its_coefficients_on_estimates_and_covariance(by_unit):
    rows = np.array([[1, -1, 0, 0, 0, 0], [0.5, 0.5, -1, 0, 2, 0]])
    ours = contrast(by_unit, {"a": rows[0], "b": {"q1:a": 0.5, "q1:b": 0.5, "q1:c": -1, "q2:b": 2}})
    x, v = by_unit.estimate.ravel(), by_unit.covariance()
    np.testing.assert_allclose(ours.estimate, rows @ x)
    np.testing.assert_allclose(ours.covariance(), rows @ v @ rows.T)
    np.testing.assert_allclose(ours.standard_error**2, np.diag(rows @ v @ rows.T))
    assert labels(by_unit) == ["q1:a", "q1:b", "q1:c", "q2:a", "q2:b", "q2:c"]
    assert ours.df.tolist() == [min(by_unit.df[0, :2]), by_unit.df.min()]
    assert ours.table().columns.tolist() == ["contrast", "estimate", "standard_error", "ci_low", "ci_high", "df", "t",
                                             "p_value"]


def test_the_interval_holds_the_null_exactly_when_the_test_does_not_reject(by_unit):
    ours = domain_differences(by_unit)
    outside = (ours.ci_low > 0) | (ours.ci_high < 0)
    assert (outside == (ours.p_value < 0.05)).all()
    at_limit = contrast(by_unit, {"c": {"q1:a": 1}}, null=float(by_unit.ci_low[0, 0]))
    assert at_limit.p_value[0] == pytest.approx(0.05)


def test_contrasts_of_contrasts_keep_the_covariance(by_unit):
    steps = domain_differences(by_unit)
    twice = contrast(steps, {"c": {"q1:c:a": 1, "q1:b:a": -1}})
    once = contrast(by_unit, {"c": {"q1:c": 1, "q1:b": -1}})
    assert twice.estimate[0] == pytest.approx(once.estimate[0])
    assert twice.standard_error[0] == pytest.approx(once.standard_error[0])


def test_ratio_and_smooth_contrasts_agree(by_unit):
    ratio = ratio_contrast(by_unit, {"c": ({"q1:a": 2, "q1:b": 1}, {"q2:a": 1})})
    smooth = smooth_contrast(by_unit, {"c": lambda x: (2 * x["q1:a"] + x["q1:b"]) / x["q2:a"]}, null=1.0)
    for name in ("estimate", "standard_error", "ci_low", "t", "p_value", "df"):
        np.testing.assert_allclose(getattr(smooth, name), getattr(ratio, name), rtol=1e-9)


def test_order_of_rows_does_not_matter():
    frame = sample(2)
    first, second = (domain_differences(design_of(one).mean(["q1"], by="unit")).table()
                     for one in (frame, frame.sample(frac=1, random_state=5)))
    pd.testing.assert_frame_equal(first, second, rtol=1e-10)


@pytest.mark.parametrize(("contrasts", "message"), [
    ({}, "at least one"), ({"c": [1, -1]}, "2 coefficients for 6"), ({"c": {"q9": 1}}, "no figure 'q9'"),
    ({"c": [0] * 6}, "not all zero"), ({"c": [np.nan] * 6}, "finite")])
def test_contrasts_that_make_no_sense_are_refused(by_unit, contrasts, message):
    with pytest.raises(DesignError, match=message):
        contrast(by_unit, contrasts)


def test_functions_that_are_not_defined_are_refused(by_unit):
    with pytest.raises(DesignError, match="is nan at the estimates"):
        smooth_contrast(by_unit, {"c": lambda x: np.nan * x["q1:a"]})
    edge = by_unit.table()["estimate"].iloc[0]
    with pytest.raises(DesignError, match="no derivative"):
        smooth_contrast(by_unit, {"c": lambda x: 1.0 if x["q1:a"] == edge else np.nan})
    with pytest.raises(DesignError, match="no figure 'z'"):
        smooth_contrast(by_unit, {"c": lambda x: x["z"]})


def test_no_variance_gives_a_point_and_no_test():
    frame = sample(3).assign(size=8)
    census = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", fpc="size")
    ours = contrast(census.mean(["q1", "q2"]), {"c": [1, -1]})
    assert ours.standard_error[0] == 0
    assert ours.ci_low[0] == ours.estimate[0]
    assert np.isnan([ours.t[0], ours.p_value[0]]).all()
    same = design_of(frame.assign(q3=frame["q1"])).mean(["q1", "q3"])
    assert contrast(same, {"c": [1, -1]}).standard_error[0] == 0


# Domains


def test_each_way_to_compare_domains(by_unit):
    x = by_unit.estimate
    pairs = domain_differences(by_unit).table()
    assert pairs[["unit", "compared_with"]].to_numpy().tolist() == [["b", "a"], ["c", "a"], ["c", "b"]] * 2
    np.testing.assert_allclose(pairs["estimate"], [x[i, j] - x[i, k] for i in (0, 1) for j, k in ((1, 0), (2, 0), (2, 1))])
    fixed = domain_differences(by_unit, against="reference", reference="b").table()
    assert fixed["unit"].tolist() == ["a", "c"] * 2
    mean = domain_differences(by_unit, against="mean")
    np.testing.assert_allclose(mean.estimate.reshape(2, 3), x - x.mean(axis=1, keepdims=True))
    assert abs(mean.covariance()[:3, :3].sum()) < 1e-10  # deviations from a mean add up to nothing
    assert domain_differences(by_unit, against="previous").table()["compared_with"].tolist() == ["a", "b"] * 2


def test_domains_that_share_psus_covary(by_unit):
    v = by_unit.covariance()
    assert abs(v[2, 0]) > 0.01 * v[0, 0]
    assert domain_differences(by_unit).standard_error[1] == pytest.approx(np.sqrt(v[2, 2] + v[0, 0] - 2 * v[2, 0]))


def test_a_domain_without_answers_is_nan_and_spreads_no_further():
    frame = sample(4)
    frame.loc[frame["unit"] == "b", "q1"] = np.nan
    means = design_of(frame).mean("q1", by="unit", missing="exclude")
    table = domain_differences(means, against="pairs").table().set_index(["unit", "compared_with"])
    assert table.loc[("c", "a"), "p_value"] > 0
    assert table.drop(index=("c", "a"))[["estimate", "standard_error", "p_value"]].isna().all().all()
    mean = domain_differences(means, against="mean").table().set_index("unit")
    x = means.table().set_index("unit")["estimate"]
    assert mean.loc["a", "estimate"] == pytest.approx(x["a"] - (x["a"] + x["c"]) / 2)
    assert np.isnan(mean.loc["b", "estimate"])
    assert np.isnan(domain_differences(means).covariance()).sum() == 8


def test_previous_follows_the_order_of_categories():
    frame = sample(5)
    frame["unit"] = pd.Categorical(frame["unit"], ["c", "a", "b"])
    table = domain_differences(design_of(frame).mean("q1", by="unit"), against="previous").table()
    assert table[["unit", "compared_with"]].to_numpy().tolist() == [["a", "c"], ["b", "a"]]


def test_comparisons_of_domains_that_make_no_sense_are_refused(by_unit):
    design = design_of(sample(6, units="a"))
    with pytest.raises(DesignError, match="one domain only"):
        domain_differences(design.mean("q1", by="unit"))
    with pytest.raises(DesignError, match="have no domains"):
        domain_differences(design.mean("q1"))
    with pytest.raises(DesignError, match="name the column"):
        domain_differences(design.mean("q1", by=["unit", "stratum"]))
    with pytest.raises(DesignError, match="no domain 'z'"):
        domain_differences(by_unit, against="reference", reference="z")
    with pytest.raises(DesignError, match="against must be"):
        domain_differences(by_unit, against="everything")


def test_many_units_are_compared_in_blocks():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(60), 10), "y": rng.normal(0, 1, 600)})
    means = SurveyDesign.from_frame(frame).mean("y", by="unit")
    ours = domain_differences(means)
    v = means.covariance()
    assert ours.estimate.size == 60 * 59 / 2
    last = np.sqrt(v[58, 58] + v[59, 59] - 2 * v[58, 59])
    assert ours.standard_error[-1] == pytest.approx(last)


def test_replicate_estimates_are_compared_like_others():
    design = design_of(sample(8))
    ours = domain_differences(jackknife_n(design).mean("q1", by="unit"))
    linearised = domain_differences(design.mean("q1", by="unit"))
    np.testing.assert_allclose(ours.estimate, linearised.estimate)
    np.testing.assert_allclose(ours.standard_error, linearised.standard_error, rtol=0.05)


# Years


def test_independent_years_add_their_variances():
    old, new = (design_of(sample(seed, psus)).mean(["q1", "q2"], by="unit")
                for seed, psus in ((1, range(24)), (2, range(30, 60))))
    ours = change(old, new)
    np.testing.assert_allclose(ours.estimate, (new.estimate - old.estimate).ravel())
    np.testing.assert_allclose(ours.covariance(), old.covariance() + new.covariance())
    smallest = np.minimum(old.df, new.df).ravel()
    assert ((ours.df >= smallest) & (ours.df <= (old.df + new.df).ravel())).all()


def test_a_unit_of_one_year_only_is_shown_without_a_change():
    old, new = (design_of(sample(1, psus, units)).mean("q1", by="unit")
                for psus, units in ((range(24), "abc"), (range(30, 54), "bcd")))
    table = change(old, new).table().set_index("unit")
    assert set(table.index) == set("abcd")
    assert table["estimate"].isna().to_dict() == {"a": True, "b": False, "c": False, "d": True}


def test_years_that_do_not_match_are_refused():
    design = design_of(sample(1))
    with pytest.raises(DesignError, match="keyed by"):
        change(design.mean("q1"), design.mean("q1", by="unit"))
    with pytest.raises(DesignError, match="nothing|no item and domain in common"):
        change(design.mean("q1"), design.mean("q2"))
    with pytest.raises(DesignError, match="one side is a total"):
        change(design.total("q1"), design.mean("q1"))


def test_satterthwaite_weighs_the_samples():
    assert satterthwaite([[1.0], [0.0]], [[7], [3]])[0] == 7
    assert satterthwaite([[1.0], [1.0]], [[5], [5]])[0] == 10
    assert np.isnan(satterthwaite([[0.0], [0.0]], [[5], [5]])[0])
    assert np.isnan(satterthwaite([[1.0], [1.0]], [[5], [0]])[0])


def test_a_full_panel_has_the_variance_of_differences_within_psus():
    first, second = sample(1), sample(1).assign(q1=lambda f: f["q1"] + np.random.default_rng(3).normal(2, 1, len(f)))
    stack = stack_periods({2020: first, 2021: second}, psu="psu", weights="weight", strata="stratum")
    ours = domain_differences(stack.mean("q1", by="year"), over="year", against="previous")
    paired = design_of(first.assign(d=second["q1"] - first["q1"])).mean("d")
    assert ours.estimate[0] == pytest.approx(paired.estimate[0, 0])
    assert ours.standard_error[0] == pytest.approx(paired.standard_error[0, 0])
    apart = change(design_of(first).mean("q1"), design_of(second).mean("q1"))
    assert ours.standard_error[0] < apart.standard_error[0] / 2


def test_psus_of_one_year_only_stay_that_years_own_sample():
    """Strata are split by the years a PSU was seen in: years without a common PSU in a stratum do not covary."""
    first, second = sample(1, range(18)), sample(2, [*range(9), *range(60, 69)])
    stack = stack_periods({2020: first, 2021: second}, psu="psu", weights="weight", strata="stratum")
    assert sorted(map(str, stack.frame["stratum_and_periods"].unique()))[:3] == ["0: 2020", "0: 2020 + 2021", "0: 2021"]
    apart = stack_periods({2020: sample(1, range(18)), 2021: sample(2, [0, 1, 2, *range(60, 75)])}, psu="psu", weights="weight",
                          strata="stratum", lonely_psu="remove")
    v = apart.mean("q1", by="year").covariance()
    assert v[0, 1] == 0  # one common PSU in each stratum: lonely, and removed


def test_variance_of_a_change_is_right_when_half_the_psus_are_replaced():
    """1,000 PSUs; in each round 20 in 2020, of which 10 stay in 2021 with 10 new ones, in two very unequal strata."""
    rng = np.random.default_rng(11)
    level = np.where(np.arange(1000) < 500, 20.0, 80.0) + rng.normal(0, 5, 1000)
    later = level + rng.normal(3, 2, 1000)
    changes, variances = [], []
    for _ in range(150):
        drawn = np.concatenate([rng.choice(500, 15, replace=False) + 500 * h for h in (0, 1)]).reshape(2, 15)
        old, new = drawn[:, :10].ravel(), drawn[:, 5:].ravel()
        frames = {2020: pd.DataFrame({"psu": old, "stratum": old // 500, "y": level[old]}),
                  2021: pd.DataFrame({"psu": new, "stratum": new // 500, "y": later[new]})}
        ours = domain_differences(stack_periods(frames, psu="psu", strata="stratum").mean("y", by="year"))
        changes.append(ours.estimate[0])
        variances.append(ours.standard_error[0] ** 2)
    assert np.mean(variances) == pytest.approx(np.var(changes), rel=0.25)


@pytest.mark.parametrize(("frames", "options", "message"), [
    ({2020: sample(1)}, {}, "at least two periods"),
    ({2020: sample(1), 2021: sample(2, range(50, 60))}, {}, "use `change`"),
    ({2020: sample(1), 2021: sample(2).drop(columns="psu")}, {}, "year 2021: no column 'psu'"),
    ({2020: sample(1), 2021: sample(2).assign(year=1)}, {}, "already has a column"),
    ({2020: sample(1), 2021: sample(2).assign(psu=np.nan)}, {}, "missing values in column 'psu'"),
    ({2020: sample(1).assign(size=40), 2021: sample(2, range(12)).assign(size=40)}, {"fpc": "size"}, "leave fpc out"),
    ({2020: sample(1), 2021: sample(2).assign(stratum=1)}, {}, "more than one stratum")])
def test_stacks_that_make_no_sense_are_refused(frames, options, message):
    with pytest.raises(DesignError, match=message):
        stack_periods(frames, psu="psu", weights="weight", strata="stratum", **options)


# Trends


def test_a_line_is_found_and_a_break_becomes_a_step():
    years = np.array([2016, 2017, 2018, 2020, 2021, 2022])
    line = 70 + 1.5 * (years - 2016)
    for weighting in ("covariance", "variance", "equal"):
        ours = linear_trend(years, line, np.linspace(1, 3, 6), weighting=weighting)
        assert ours.estimate[1] == pytest.approx(1.5)
        assert ours.linearity == pytest.approx(0, abs=1e-12)
    broken = linear_trend(years, line + 4 * (years >= 2020), np.linspace(1, 3, 6), breaks=[2020], across_breaks="step")
    assert broken.parameters == ("level", "slope", "step 2020")
    np.testing.assert_allclose(broken.estimate[1:], [1.5, 4])
    assert linear_trend(years, line + 4 * (years >= 2020), np.linspace(1, 3, 6)).linearity_p_value < 0.99
    assert linear_trend(years, line, np.ones(6), breaks=[2016, 2030]).parameters == ("level", "slope")


def test_a_trend_across_a_break_is_refused_unless_a_step_is_declared():
    with pytest.raises(SeriesBreakError, match="breaks in 2020.*across_breaks='step'"):
        linear_trend([2018, 2019, 2020, 2021], [1, 2, 3, 4], np.ones(4), breaks=[2020])
    with pytest.raises(DesignError, match="cannot be told from the steps"):
        linear_trend([2019, 2020], [1, 2], np.ones(2), breaks=[2020], across_breaks="step")
    with pytest.raises(DesignError, match="cannot be told from the steps"):
        linear_trend([2018, 2019, 2020], [1, 2, 3], np.ones(3), breaks=[2019, 2020], across_breaks="step")


def test_degrees_of_freedom_and_order_of_a_trend():
    years, y, v = [2018, 2019, 2020, 2021], [1.0, 3.0, 2.0, 5.0], np.array([1.0, 2.0, 1.5, 1.0])
    ours = linear_trend(years, y, v, df=[10, 20, 15, 12])
    assert 10 < ours.df[1] < 57
    assert (linear_trend(years, y, v, df=9).df == 9).all()
    assert (linear_trend(years, y, np.diag(v) + 0.1, df=[10, 20, 15, 12]).df == 10).all()
    order = [2, 0, 3, 1]
    shuffled = linear_trend(np.array(years)[order], np.array(y)[order], v[order], df=np.array([10, 20, 15, 12])[order])
    np.testing.assert_allclose(shuffled.p_value, ours.p_value)
    assert ours.linearity_df == (2, 9)


@pytest.mark.parametrize(("weighting", "weights"), [("equal", np.ones(4)), ("variance", 1 / np.array([1.1, 2.1, 1.6, 1.1]))])
def test_other_weightings_still_use_the_whole_covariance(weighting, weights):
    years, v = np.array([2018, 2019, 2020, 2021]), np.diag([1.0, 2.0, 1.5, 1.0]) + 0.1
    away = years - np.average(years, weights=weights)
    slope = weights * away / (weights @ away**2)
    ours = linear_trend(years, [1.0, 3.0, 2.0, 5.0], v, weighting=weighting)
    assert ours.estimate[1] == pytest.approx(slope @ [1.0, 3.0, 2.0, 5.0])
    assert ours.standard_error[1] == pytest.approx(np.sqrt(slope @ v @ slope))
    assert ours.standard_error[1] > linear_trend(years, [1.0, 3.0, 2.0, 5.0], v).standard_error[1]


def test_a_gap_in_the_series_is_left_out_and_two_years_leave_nothing_to_test():
    ours = linear_trend([2018, 2019, 2020], [1, np.nan, 3], np.ones(3))
    assert ours.years.tolist() == [2018, 2020]
    assert ours.estimate[1] == 1
    assert np.isnan(ours.linearity_p_value)


@pytest.mark.parametrize(("years", "y", "v", "options", "message"), [
    ([2018], [1], [1], {}, "two years"), ([2018, 2018], [1, 2], [1, 1], {}, "once only"),
    ([2018, 2019], [1, 2], [1, 0], {}, "year 2019 has no variance"), ([2018, 2019], [1, 2], [1], {}, "need m years"),
    ([2018, 2019, 2020], [1, 2, 3], np.ones((3, 3)), {}, "no inverse"),
    ([2018, 2019], [1, 2], [1, 1], {"weighting": "size"}, "weighting must be")])
def test_trends_that_make_no_sense_are_refused(years, y, v, options, message):
    with pytest.raises(DesignError, match=message):
        linear_trend(years, y, np.array(v, dtype=float), **options)


def test_trends_of_every_unit_from_independent_years_and_from_a_panel():
    frames = {year: sample(year, range(24), "ab").assign(q1=lambda f, year=year: f["q1"] + 2 * (year - 2018))
              for year in (2018, 2019, 2020, 2021)}
    yearly = {year: design_of(frame).mean("q1", by="unit") for year, frame in frames.items()}
    apart = domain_trends(yearly)
    assert apart[["item", "unit"]].to_numpy().tolist() == [["q1", "a"], ["q1", "b"]]
    panel = domain_trends(stack_periods(frames, psu="psu", weights="weight", strata="stratum").mean("q1", by=["unit", "year"]))
    assert (panel["standard_error"] < apart["standard_error"]).all()
    assert (apart["slope"].between(0.5, 3.5)).all()
    declared = domain_trends(yearly, breaks={("q1", "b"): [2020]})
    assert declared["note"].tolist()[0] == ""
    assert "breaks in 2020" in declared["note"].tolist()[1]
    assert np.isnan(declared["slope"].iloc[1])
    with pytest.raises(DesignError, match="no series"):
        domain_trends(yearly, breaks={("q1", "z"): [2020]})
    with pytest.raises(DesignError, match="no key column 'year'"):
        domain_trends(yearly[2018])
    with pytest.raises(DesignError, match="not a number"):
        domain_trends(yearly[2018], over="unit")


# Many at once


def test_all_pairs_of_equal_independent_units_follow_the_studentized_range():
    """Tukey's distribution, from scipy: four means with the same variance."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"unit": np.repeat(list("abcd"), 8),
                          "y": np.tile(rng.normal(0, 1, 8), 4) + np.repeat([0, 0.5, 1, 1.2], 8)})
    means = SurveyDesign.from_frame(frame, strata="unit").mean("y", by="unit")
    ours = max_t(domain_differences(means, df=28), seed=1, draws=200_000)
    exact = stats.studentized_range.sf(np.abs(ours.comparison.t) * np.sqrt(2), 4, 28)
    np.testing.assert_allclose(ours.p_value, exact, atol=0.004)
    assert ours.critical == pytest.approx(stats.studentized_range.ppf(0.95, 4, 28) / np.sqrt(2), abs=0.02)


def test_max_t_lies_between_one_test_and_bonferroni_and_keeps_its_seed(by_unit):
    comparison = domain_differences(by_unit, against="mean")
    ours = max_t(comparison, seed=3)
    assert (ours.p_value >= comparison.p_value - 0.01).all()
    assert (ours.p_value <= adjusted_p_values(comparison.p_value, "bonferroni") + 0.01).all()
    assert ((ours.ci_low > 0) | (ours.ci_high < 0)).tolist() == (ours.p_value < 0.05).tolist()
    np.testing.assert_array_equal(ours.p_value, max_t(comparison, seed=3).p_value)
    assert ours.table().columns[-3:].tolist() == ["adjusted_p_value", "simultaneous_low", "simultaneous_high"]


def test_max_t_leaves_out_what_has_no_error():
    frame = sample(4)
    frame.loc[frame["unit"] == "b", "q1"] = np.nan
    comparison = domain_differences(design_of(frame).mean("q1", by="unit", missing="exclude"))
    ours = max_t(comparison, seed=1, draws=2000)
    known = ~np.isnan(comparison.t)
    assert known.sum() == 1
    assert ours.p_value[known][0] == pytest.approx(comparison.p_value[known][0], abs=0.03)
    assert np.isnan(ours.p_value[~known]).all()
    with pytest.raises(DesignError, match="draws must be"):
        max_t(comparison, seed=1, draws=0)
    same = design_of(frame.assign(q3=frame["q2"])).mean(["q2", "q3"])
    with pytest.raises(DesignError, match="nothing to adjust"):
        max_t(contrast(same, {"c": [1, -1]}), seed=1)


def test_adjusted_p_values_are_ordered_by_how_much_they_protect():
    p = np.random.default_rng(2).uniform(0, 0.1, 12)
    raw, bh, hochberg, holm, bonferroni = (p, *(adjusted_p_values(p, method) for method in (
        "benjamini_hochberg", "hochberg", "holm", "bonferroni")))
    for less, more in ((raw, bh), (bh, hochberg), (hochberg, holm), (holm, bonferroni)):
        assert (less <= more + 1e-15).all()
    assert adjusted_p_values(np.array([np.nan]), "holm").tolist() != [0.0]
    with pytest.raises(DesignError, match="method must be"):
        adjusted_p_values(p, "sidak")
    with pytest.raises(DesignError, match="from 0 to 1"):
        adjusted_p_values(np.array([1.2]), "holm")
