"""Replicate weights: against R's survey (reference/make_replicates_reference.R), and what must always hold."""

import numpy as np
import pandas as pd
import pytest

from analysis.calibration import calibrate, post_stratify
from analysis.design import SurveyDesign
from analysis.replicate_weights import (
    balanced_half_samples,
    half_sample_bootstrap,
    jackknife_1,
    jackknife_n,
    rescaling_bootstrap,
    stored_replicates,
)
from analysis.replicates import ReplicateDesign
from analysis.variance import DesignError, LonelyPsuError
from analysis.weighting import adjust_for_nonresponse
from tests.analysis.test_calibration import AGE, REFERENCE, SEX, design_of, known, sample, schools

EXPECTED = pd.read_csv(REFERENCE / "replicates_expected.csv", keep_default_na=False, na_values={"df": ["NA"]},
                       skipinitialspace=True)
BOOTSTRAPS = [rescaling_bootstrap, half_sample_bootstrap]


def reference_design(case: str) -> ReplicateDesign:
    if case == "jkn":
        frame = pd.read_csv(REFERENCE / "apistrat_data.csv", dtype={"cds": str})
        return jackknife_n(SurveyDesign.from_frame(frame, weights="pw", strata="stype", fpc="fpc"))
    if case.startswith("stored"):
        pairs = pd.read_csv(REFERENCE / "replicates_pairs.csv")
        method = {"stored_brr": "BRR", "stored_fay": "Fay", "stored_boot": "bootstrap"}[case]
        return stored_replicates(pairs, "weight", case.removeprefix("stored_"), method, rho=0.3 if method == "Fay" else None)
    design = schools()
    if case == "jk1_post":
        design = post_stratify(design, "stype", known("stype"))
    elif case in ("jk1_linear", "jk1_raking"):
        design = calibrate(design, {"stype": known("stype"), "api99": known("api99").iloc[0]}, distance=case[4:])
    return jackknife_1(design, mse=case == "jk1_mse")


@pytest.mark.parametrize("case", sorted(set(EXPECTED["case"])))
def test_estimates_errors_and_degrees_of_freedom_are_those_of_r(case):
    design = reference_design(case)
    figures = EXPECTED[EXPECTED["case"] == case]
    for (what, item, parts), theirs in figures.groupby(["statistic", "item", figures["domain"] != ""]):
        by = "sch.wide" if parts else None
        ours = design.ratio(*item.split("/")) if what == "ratio" else getattr(design, what)(item, by=by)
        table = ours.table()
        assert by is None or table[by].tolist() == theirs["domain"].tolist()
        np.testing.assert_allclose(table["estimate"], theirs["estimate"], rtol=1e-8)
        np.testing.assert_allclose(table["standard_error"], theirs["se"], rtol=1e-6 if "raking" in case else 1e-8)
        if by is None and "_linear" not in case and "_raking" not in case:
            assert table["df"].tolist() == theirs["df"].tolist()


def pairs(seed: int = 1, strata: int = 5) -> pd.DataFrame:
    """Two PSUs in every stratum."""
    rng = np.random.default_rng(seed)
    frame = sample(seed, strata * 2 * 8)
    frame["psu"] = rng.permutation(np.repeat(np.arange(strata * 2), 8))
    return frame.assign(stratum=frame["psu"] // 2)


@pytest.mark.parametrize("seed", range(3))
def test_jackknife_of_totals_is_the_linearised_variance(seed):
    design = design_of(sample(seed))
    ours, linear = jackknife_n(design, mse=True).total(["x", "y"], by="sex"), design.total(["x", "y"], by="sex")
    np.testing.assert_allclose(ours.covariance(), linear.covariance(), rtol=1e-10)
    for column in ("estimate", "df", "n", "ci_low", "ci_high"):
        np.testing.assert_allclose(getattr(ours, column), getattr(linear, column), rtol=1e-10)


@pytest.mark.parametrize("strata", [1, 2, 3, 4, 7, 8])
@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_half_samples_of_totals_are_balanced(strata, rho):
    design = design_of(pairs(2, strata))
    ours = balanced_half_samples(design, rho)
    np.testing.assert_allclose(ours.total(["x", "y"]).covariance(), design.total(["x", "y"]).covariance(), rtol=1e-10)
    assert ours.rscales.size in (2, 4, 8, 16)
    assert ours.rscales.size > strata
    assert set(np.unique(ours.factors.round(12))) == {rho, 2 - rho}


@pytest.mark.parametrize("make", BOOTSTRAPS)
def test_bootstraps_come_near_the_linearised_variance_and_repeat_by_seed(make):
    frame = sample(4, 300).assign(size=9)
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", fpc="size")
    ours = make(design, 4000, seed=1)
    np.testing.assert_allclose(ours.total("y").standard_error, design.total("y").standard_error, rtol=0.05)
    np.testing.assert_allclose(ours.mean("y", by="sex").standard_error, design.mean("y", by="sex").standard_error, rtol=0.08)
    assert (make(design, 20, seed=1).factors == make(design, 20, seed=1).factors).all()
    assert (make(design, 20, seed=1).factors != make(design, 20, seed=2).factors).any()
    count = np.bincount(design.plan.psu_stratum)
    sums = np.array([ours.factors[design.plan.psu_stratum == h].sum(axis=0) for h in range(count.size)])
    np.testing.assert_allclose(sums, np.repeat(count[:, None], 4000, axis=1), rtol=1e-12)


def test_rescaling_bootstrap_draws_one_psu_less_than_the_stratum_has():
    design = design_of(sample())
    factors = rescaling_bootstrap(design, 50, seed=3).factors
    for h, count in enumerate(design.plan.psu_count):
        times = factors[design.plan.psu_stratum == h] * (count - 1) / count
        np.testing.assert_allclose(times, times.round(), atol=1e-12)
        np.testing.assert_allclose(times.sum(axis=0), count - 1)


def test_the_given_statistic_is_evaluated_in_every_replicate_and_domain():
    design = jackknife_n(design_of(sample()))
    values = design.frame["y"].to_numpy()
    ours = design.estimate(lambda w: [w @ values / w.sum(), w @ values], names=["mean", "total"], by="sex", confidence=0.9)
    mean, total = design.mean("y", by="sex", confidence=0.9), design.total("y", by="sex", confidence=0.9)
    for column in ("estimate", "standard_error", "ci_low", "ci_high", "df", "n"):
        expected = np.vstack([getattr(mean, column), getattr(total, column)])
        np.testing.assert_allclose(getattr(ours, column), expected, rtol=1e-10)
    np.testing.assert_allclose(ours.covariance()[:2, :2], mean.covariance(), rtol=1e-10)
    with pytest.raises(DesignError, match="2 names"):
        design.estimate(lambda w: w.sum(), names=["a", "b"])


def test_shares_ratios_and_quantiles_by_domain_are_the_statistics_of_each_replicate():
    design = rescaling_bootstrap(design_of(sample()), 25, seed=1)
    frame = design.frame

    def figures(w):
        order = np.argsort(frame["y"].to_numpy())
        cumulated = np.cumsum(w[order])
        middle = frame["y"].to_numpy()[order][np.searchsorted(cumulated, 0.5 * cumulated[-1])]
        return [w @ (frame["age"] == 40) / w.sum(), w @ frame["y"] / (w @ frame["x"]), middle]

    theirs = design.estimate(figures, by="sex")
    share, ratio = design.proportion("age", by="sex"), design.ratio("y", "x", by="sex")
    middle = design.quantile("y", [0.25, 0.5], by="sex")
    for column in ("estimate", "standard_error"):
        np.testing.assert_allclose(getattr(share, column)[1], getattr(theirs, column)[0], rtol=1e-10)
        np.testing.assert_allclose(getattr(ratio, column)[0], getattr(theirs, column)[1], rtol=1e-10)
        np.testing.assert_allclose(getattr(middle, column)[1], getattr(theirs, column)[2], rtol=1e-10)
    figures_of = ["estimate", "standard_error", "ci_low", "ci_high", "df", "n"]
    assert share.table().columns.tolist() == ["item", "level", "sex", *figures_of]
    assert middle.table()["probability"].tolist() == [0.25, 0.25, 0.5, 0.5]


def test_woodruff_intervals_of_a_jackknife_are_those_of_the_shares_errors():
    """The jackknife of a share is its linearisation but for the ratio's curvature: nearly the same intervals, by domain too."""
    frame = sample()
    design = design_of(frame)
    replicated = jackknife_n(design, mse=True)
    for by in (None, "sex"):
        for interval in ("mean", "beta", "xlogit", "asin"):
            ours, linear = (each.quantile("y", [0.3, 0.5], by=by, rule="hf4", interval=interval)
                            for each in (replicated, design))
            for column in ("estimate", "df", "n"):
                np.testing.assert_array_equal(getattr(ours, column), getattr(linear, column))
            known = np.isfinite(linear.standard_error)
            assert known.sum() >= known.size - 1
            for column in ("ci_low", "ci_high"):
                near = np.abs(getattr(ours, column) - getattr(linear, column))[known]
                assert (near < 0.35 * linear.standard_error[known]).all()
            np.testing.assert_allclose(np.sqrt(np.diag(ours.covariance())), ours.standard_error.ravel())


def test_several_items_have_each_their_own_woodruff_interval():
    frame = sample()
    frame.loc[::7, "y"] = np.nan
    replicated = jackknife_n(design_of(frame))
    both = replicated.quantile(["x", "y"], [0.4, 0.6], by="sex", missing="exclude", interval="xlogit").table()
    for item in ("x", "y"):
        alone = replicated.quantile(item, [0.4, 0.6], by="sex", missing="exclude", interval="xlogit").table()
        pd.testing.assert_frame_equal(both[both["item"] == item].reset_index(drop=True), alone)
    with pytest.raises(DesignError, match="interval must be one of quantile, mean, beta, xlogit, asin, not 'score'"):
        replicated.quantile("x", [0.5], interval="score")


def test_missing_answers_by_the_declared_policy():
    frame = sample()
    frame.loc[::5, "y"] = np.nan
    design = design_of(frame)
    replicated = jackknife_n(design, mse=True)
    with pytest.raises(DesignError, match=r"missing values in y \(32\)"):
        replicated.mean("y")
    for missing in ("exclude", "exclude_rows"):
        for what in ("mean", "total"):
            ours = getattr(replicated, what)(["x", "y"], by="sex", missing=missing)
            linear = getattr(design, what)(["x", "y"], by="sex", missing=missing)
            np.testing.assert_allclose(ours.estimate, linear.estimate, rtol=1e-12)
            assert (ours.n == linear.n).all()
            assert (ours.df == linear.df).all()
    frame["none"] = np.nan
    empty = jackknife_n(design_of(frame)).total("none", missing="exclude").table()
    assert empty["n"].tolist() == [0]
    assert empty[["estimate", "standard_error", "ci_low"]].isna().all(axis=None)


def test_a_domain_that_is_lost_in_a_replicate():
    frame = sample()
    frame["place"] = np.where(frame["psu"] == frame["psu"].iloc[0], "one", "else")
    design = design_of(frame)
    table = jackknife_n(design).mean("y", by="place").table().set_index("place")
    assert np.isnan(table.loc["one", "standard_error"])
    assert table.loc["else", "standard_error"] > 0
    kept = jackknife_n(design, lost="discard").mean("y", by="place").table().set_index("place")
    np.testing.assert_allclose(kept.loc["one", "standard_error"], 0, atol=1e-12)
    with pytest.raises(DesignError, match="lost must be one of"):
        jackknife_n(design, lost="drop")


def test_ratings_see_the_replicates_of_their_respondents():
    design = design_of(sample())
    row = np.repeat(np.arange(len(design.frame)), 3)
    ratings = design.frame.iloc[row].reset_index(drop=True).assign(score=np.arange(row.size) % 7)
    seen, linear = jackknife_n(design, mse=True).observe(ratings, row), design.observe(ratings, row)
    np.testing.assert_allclose(seen.total("score", by="sex").covariance(), linear.total("score", by="sex").covariance(),
                               rtol=1e-10)
    calibrated = post_stratify(design, "sex", SEX)
    one = jackknife_n(calibrated).observe(ratings, row).mean("score")
    other = jackknife_n(calibrated.observe(ratings, row)).mean("score")
    np.testing.assert_allclose(one.standard_error, other.standard_error, rtol=1e-12)
    assert one.df == other.df == design.degrees_of_freedom()
    with pytest.raises(DesignError, match="row must hold"):
        jackknife_n(design).observe(ratings, row[1:])


def test_every_replicate_meets_the_known_totals():
    design = calibrate(post_stratify(adjust_for_nonresponse(design_of(sample(2, 400)), "answered", "age"), "sex", SEX),
                       {"age": AGE}, distance="raking")
    ours = jackknife_n(design)
    assert (ours.replicate_weights[~design.frame["answered"]] == 0).all()
    for age, total in AGE.items():
        np.testing.assert_allclose(ours.replicate_weights[design.frame["age"] == age].sum(axis=0), total, rtol=1e-8)
    # the linearised errors know the same three steps
    np.testing.assert_allclose(ours.mean("y").standard_error, design.mean("y").standard_error, rtol=0.05)
    assert ours.mean("y").df == design.mean("y").df
    fixed = jackknife_n(design, adjust_again=False)
    np.testing.assert_allclose(fixed.weights, ours.weights)
    assert not np.allclose(fixed.replicate_weights[design.frame["age"] == 20].sum(axis=0), AGE[20])


def test_a_replicate_that_cannot_be_calibrated_is_named():
    frame = sample()
    frame["place"] = np.where(frame["psu"] == frame["psu"].iloc[0], "one", "else")
    design = post_stratify(design_of(frame), "place", {"one": 20, "else": 500})
    with pytest.raises(DesignError, match=r"replicate \d+ of \d+ cannot be weighted .* no weight in cell 'one'"):
        jackknife_n(design)


def test_row_order_does_not_matter():
    frame = sample()
    order = np.random.default_rng(5).permutation(len(frame))
    one = jackknife_n(design_of(frame)).mean("y", by="sex")
    other = jackknife_n(design_of(frame.iloc[order].reset_index(drop=True))).mean("y", by="sex")
    np.testing.assert_allclose(one.covariance(), other.covariance(), rtol=1e-9)


@pytest.mark.parametrize(("policy", "scale"), [("remove", 1.0), ("certainty", 1.0), ("average", 5 / 4), ("adjust", None)])
def test_lonely_psus(policy, scale):
    frame = pd.concat([sample(), sample(9, 6).assign(stratum=8, psu=80)], ignore_index=True)
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", lonely_psu=policy)
    ours = jackknife_n(design, mse=True)
    if scale is not None:
        np.testing.assert_allclose(ours.total("y").covariance(), design.total("y").covariance(), rtol=1e-10)
        assert ours.scale == scale
    else:
        assert ours.rscales.size == len(design.plan.psu_stratum)
    failing = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu")
    for make in (jackknife_n, lambda d: rescaling_bootstrap(d, 10, 1)):
        with pytest.raises(LonelyPsuError, match="8"):
            make(failing)
    if policy in ("average", "adjust"):
        with pytest.raises(DesignError, match="a bootstrap cannot do"):
            rescaling_bootstrap(design, 10, 1)


def test_a_stratum_drawn_whole_has_no_replicate():
    frame = sample().assign(size=lambda t: np.where(t["stratum"] == 0, t[t["stratum"] == 0]["psu"].nunique(), 40))
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", fpc="size")
    ours = jackknife_n(design, mse=True)
    assert ours.rscales.size == frame[frame["stratum"] != 0]["psu"].nunique()
    np.testing.assert_allclose(ours.total("y").covariance(), design.total("y").covariance(), rtol=1e-10)


def test_methods_refuse_designs_they_cannot_serve():
    design = design_of(sample())
    with pytest.raises(DesignError, match="JK1 is for one stratum, the design has 4"):
        jackknife_1(design)
    with pytest.raises(DesignError, match="half samples need two PSUs in every stratum; these have another number"):
        balanced_half_samples(design)
    fpc = SurveyDesign.from_frame(pairs().assign(size=5), weights="weight", strata="stratum", psu="psu", fpc="size")
    with pytest.raises(DesignError, match="ignore_fpc=True"):
        balanced_half_samples(fpc)
    assert balanced_half_samples(fpc, ignore_fpc=True).total("y").standard_error > fpc.total("y").standard_error
    with pytest.raises(DesignError, match="rho must be"):
        balanced_half_samples(design_of(pairs()), 1.0)
    with pytest.raises(DesignError, match="two or more"):
        rescaling_bootstrap(design, 1, 1)
    staged = SurveyDesign.from_frame(sample().assign(row=range(160), size=30, many=99), weights="weight", strata="stratum",
                                     psu=["psu", "row"], fpc=["size", "many"])
    with pytest.raises(DesignError, match="without fpc"):
        jackknife_n(staged)


def stored(**changes) -> ReplicateDesign:
    frame = pd.read_csv(REFERENCE / "replicates_pairs.csv")
    return stored_replicates(**{"frame": frame, "weights": "weight", "replicates": "brr", "method": "BRR", **changes})


@pytest.mark.parametrize(("changes", "message"), [
    ({"replicates": "nothing"}, "0 column"),
    ({"method": "jk9"}, "method must be one of"),
    ({"method": "JKn"}, "JKn needs rscales"),
    ({"method": "other"}, "needs a scale"),
    ({"method": "Fay"}, "needs rho"),
    ({"rscales": [1, 2]}, "4 numbers, one per replicate"),
    ({"replicates": ["brr1", "gone"]}, "no column 'gone'"),
])
def test_stored_weights_refuse(changes, message):
    with pytest.raises(DesignError, match=message):
        stored(**changes)


def test_stored_weights_by_prefix_by_list_combined_or_not_are_the_same():
    expected = stored().total("alive")
    names = [f"brr{i}" for i in (1, 2, 3, 4)]
    frame = pd.read_csv(REFERENCE / "replicates_pairs.csv")
    split = frame.assign(**{name: frame[name] / frame["weight"] for name in names})
    for other in (stored(replicates=names[::-1]), stored(frame=split, combined=False), stored(method="other", scale=0.25)):
        np.testing.assert_allclose(other.total("alive").standard_error, expected.standard_error, rtol=1e-12)
    assert stored(df=17).total("alive").df == 17
    assert stored(method="successive-difference").scale == 1.0
    assert stored(method="JK2").scale == 1.0
    assert stored(method="JK1").scale == 0.75
    assert stored(method="Fay", rho=0.5).scale == 1.0
    gap = frame.assign(brr1=np.nan)
    with pytest.raises(DesignError, match="missing values in replicate weights column 'brr1'"):
        stored(frame=gap)


def test_replicates_that_do_not_count_leave_the_centre_too():
    names = [f"brr{i}" for i in (1, 2, 3, 4)]
    three = stored(replicates=names[:3], method="other", scale=0.25)
    four = stored(replicates=names, method="other", scale=0.25, rscales=[1, 1, 1, 0])
    np.testing.assert_allclose(four.total("alive").standard_error, three.total("alive").standard_error, rtol=1e-12)


def test_figures_are_read_only():
    found = stored().mean("alive")
    with pytest.raises(ValueError, match="read-only"):
        found.estimate[0, 0] = 1
