"""Drivers of satisfaction: against R's lm() over all subsets and survey's jackknife, and what must hold whatever the data."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import drivers
from analysis.design import SurveyDesign
from analysis.drivers import importance, importance_performance
from analysis.regression import linear
from analysis.variance import DesignError, LonelyPsuError
from tests.analysis.test_regression import PEOPLE, REFERENCE, design_of

FACTORS = ["access", "procedures", "staff", "result", "feedback"]
EXPECTED = pd.read_csv(REFERENCE / "regression_importance.csv", skipinitialspace=True, keep_default_na=False)
ORDER = [*drivers.MEASURES, "r_squared"]


def figures(found, name):
    return np.concatenate([getattr(getattr(found, measure), name) for measure in ORDER])


@pytest.mark.parametrize("case", sorted(set(EXPECTED["case"])))
def test_measures_and_jackknife_errors_are_those_of_r(case):
    expected = EXPECTED[EXPECTED["case"] == case]
    factors = ["staff", "feedback"] if case.endswith("-two") else FACTORS
    name = case.removesuffix("-two").removesuffix("-domain")
    found = importance(design_of(name), "overall", factors, subset="inside" if case.endswith("domain") else None)
    assert expected["measure"].tolist() == [*np.repeat(drivers.MEASURES, len(factors)), "r_squared"]
    np.testing.assert_allclose(figures(found, "estimate"), expected["estimate"].astype(float), rtol=1e-8)
    np.testing.assert_allclose(figures(found, "standard_error"), expected["se"].astype(float), rtol=1e-8)


def r_squared(frame: pd.DataFrame, columns: list[str]) -> float:
    x = np.column_stack([np.ones(len(frame)), frame[columns]]) * np.sqrt(frame[["weight"]].to_numpy())
    y = frame["overall"] - np.average(frame["overall"], weights=frame["weight"])
    y = (y * np.sqrt(frame["weight"])).to_numpy()
    residual = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return 1 - (residual @ residual) / (y @ y)


def test_importance_is_the_mean_gain_over_all_orders_of_entry():
    frame, factors = PEOPLE[PEOPLE["stratum"] < 5], FACTORS[:4]
    gains = dict.fromkeys(factors, 0.0)
    orders = list(permutations(factors))
    for order in orders:
        for i, name in enumerate(order):
            gains[name] += (r_squared(frame, list(order[: i + 1])) - r_squared(frame, list(order[:i]))) / len(orders)
    found = importance(design_of("stratified"), "overall", factors)
    np.testing.assert_allclose(found.importance.estimate, [gains[name] for name in factors], rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_importance_adds_up_and_knows_neither_rows_nor_units_nor_the_order_of_factors(seed, k):
    rng = np.random.default_rng(seed)
    n = 80
    names = list("abcdef"[:k])
    frame = pd.DataFrame(rng.normal(size=(n, k)) @ rng.normal(size=(k, k)) + rng.normal(size=(n, k)), columns=names)
    frame = frame.assign(y=frame.sum(axis=1) * rng.uniform(-1, 1) + rng.normal(size=n), weight=rng.uniform(1, 5, n),
                         psu=np.arange(n) // 4, stratum=np.arange(n) // 40)

    def found(frame, names):
        design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu")
        return importance(design, "y", names).table().set_index(["measure", "factor"]).sort_index()

    one = found(frame, names)
    result = importance(SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu"), "y", names)
    assert result.importance.estimate.sum() == pytest.approx(result.r_squared.estimate[0], abs=1e-12)
    assert result.share.estimate.sum() == pytest.approx(1)
    assert (result.importance.estimate >= -1e-12).all()
    moved = frame.assign(weight=frame["weight"] * 7, **{name: 1e3 + 50 * frame[name] for name in names})
    other = found(moved.sample(frac=1, random_state=seed), list(rng.permutation(names)))
    columns = ["estimate", "standard_error", "ci_low", "ci_high", "variance_inflation"]
    np.testing.assert_allclose(other[columns], one[columns], rtol=1e-6, atol=1e-8)


def test_uncorrelated_factors_have_their_squared_correlation():
    x = np.array(np.meshgrid([0, 1], [0, 1, 2], [0, 1], indexing="ij")).reshape(3, -1).T
    frame = pd.DataFrame(np.tile(x, (4, 1)), columns=["a", "b", "c"])
    frame["y"] = 3 * frame["a"] + frame["b"] + np.tile([1.0, -1.0], 24)
    found = importance(SurveyDesign.from_frame(frame), "y", ["a", "b", "c"])
    for measure in (found.first, found.last, found.importance):
        np.testing.assert_allclose(measure.estimate, np.corrcoef(frame.T)[3, :3] ** 2, atol=1e-12)
    np.testing.assert_allclose(found.standardised.estimate, np.corrcoef(frame.T)[3, :3], atol=1e-12)
    np.testing.assert_allclose(found.variance_inflation, 1)
    assert found.inflated == ()


def test_linearised_scores_are_the_derivatives_of_the_measures_by_the_weights():
    rng = np.random.default_rng(4)
    values = PEOPLE[[*FACTORS[:3], "overall"]].to_numpy()[:40]
    w = rng.uniform(1, 3, 40)

    def measures(w):
        sums = np.einsum("i,ia,ib->ab", w, *[np.column_stack([np.ones(40), values - values.mean(axis=0)])] * 2)
        return drivers._statistics(sums[None])[0]

    centred = values - np.average(values, axis=0, weights=w)
    ours = drivers._linearised(centred / np.sqrt(np.average(centred**2, axis=0, weights=w)), w) / w.sum()
    for i in (0, 7, 39):
        step = np.zeros(40)
        step[i] = 1e-5
        np.testing.assert_allclose(ours[i], (measures(w + step) - measures(w - step)) / 2e-5, rtol=1e-5, atol=1e-8)


def test_linearised_and_jackknife_errors_meet_in_large_samples():
    rng = np.random.default_rng(5)
    n = 6000
    common = rng.normal(size=n) + np.repeat(rng.normal(size=n // 10), 10)
    frame = pd.DataFrame({name: common + rng.normal(size=n) for name in FACTORS}).assign(psu=np.arange(n) // 10)
    frame["overall"] = frame[FACTORS] @ [0.1, 0.4, 0.2, 0.3, 0] + rng.normal(size=n) * 2
    design = SurveyDesign.from_frame(frame, psu="psu")
    one, other = (importance(design, "overall", FACTORS, errors=errors) for errors in drivers.ERRORS)
    np.testing.assert_array_equal(figures(one, "estimate"), figures(other, "estimate"))
    np.testing.assert_allclose(figures(one, "standard_error"), figures(other, "standard_error"), rtol=0.03)


class Halved:
    """A calibration that explains half of every score."""

    def residuals(self, scores):
        return scores / 2


def test_calibrated_weights_and_several_stages_need_linearised_errors():
    plain = design_of("fpc")
    calibrated = replace(plain, adjustments=(Halved(),))
    several = replace(plain, stages=plain.stages * 2)
    for design in (calibrated, several):
        with pytest.raises(DesignError, match="declare errors='linearised'"):
            importance(design, "overall", FACTORS)
    one, other = (importance(design, "overall", FACTORS, errors="linearised") for design in (plain, calibrated))
    np.testing.assert_allclose(figures(other, "standard_error"), figures(one, "standard_error") / 2, rtol=1e-12)
    halved = linear(calibrated, "overall", FACTORS)
    np.testing.assert_allclose(halved.standard_error, linear(plain, "overall", FACTORS).standard_error / 2, rtol=1e-12)


def test_replicates_are_the_same_whatever_the_chunk(monkeypatch):
    whole = importance(design_of("fpc"), "overall", FACTORS, subset="inside")
    monkeypatch.setattr(drivers, "CHUNK", 500)
    np.testing.assert_allclose(figures(importance(design_of("fpc"), "overall", FACTORS, subset="inside"), "standard_error"),
                               figures(whole, "standard_error"), rtol=1e-12)


def test_lonely_strata_follow_the_declared_policy():
    with pytest.raises(LonelyPsuError, match="strata with one PSU only: 5"):
        importance(design_of("lonely-fail"), "overall", FACTORS)
    remove, adjust, average = (importance(design_of(f"lonely-{policy}"), "overall", FACTORS).importance.standard_error
                               for policy in ("remove", "adjust", "average"))
    assert (adjust > remove).all()
    np.testing.assert_allclose(average, remove * np.sqrt(5 / 4), rtol=1e-12)
    # Without the lonely stratum the statistic moves by theta_(h1) - theta, which counts once, times 1 - f.
    theta = [importance(design_of("lonely-adjust", PEOPLE[keep]), "overall", FACTORS).importance.estimate
             for keep in (PEOPLE["stratum"] > 0, PEOPLE["stratum"] < 5)]
    np.testing.assert_allclose(adjust**2 - remove**2, (1 - 1 / 12) * (theta[1] - theta[0]) ** 2, rtol=1e-9)


def test_limits_of_shares_are_cut_at_0_and_1_and_those_of_slopes_are_not():
    found = importance(design_of("stratified"), "overall", FACTORS)
    for measure in ORDER:
        one = getattr(found, measure)
        half = stats.t.ppf(0.975, found.df) * one.standard_error
        low, high = one.estimate - half, one.estimate + half
        if measure != "standardised":
            low, high = np.maximum(low, 0), np.minimum(high, 1)
        np.testing.assert_allclose(one.ci_low, low, rtol=1e-10, atol=1e-15)
        np.testing.assert_allclose(one.ci_high, high, rtol=1e-10)
    assert (found.last.ci_low == 0).any()
    assert (found.standardised.ci_low < 0).any()


@pytest.mark.parametrize("otherwise", [70.0, 2 * PEOPLE["access"] + 3])
def test_a_factor_that_is_fixed_or_a_copy_without_one_psu_has_no_error(otherwise):
    people = PEOPLE.assign(staff=np.where(PEOPLE["psu"] == 31, PEOPLE["staff"], otherwise))
    found = importance(design_of("stratified", people), "overall", ["access", "staff"])
    assert np.isfinite(found.importance.estimate).all()
    assert np.isnan(figures(found, "standard_error")).all()
    assert np.isnan(figures(found, "ci_low")).all()


def test_correlated_factors_are_named():
    rng = np.random.default_rng(2)
    people = PEOPLE.assign(twin=PEOPLE["staff"] + rng.normal(0, 1, len(PEOPLE)))
    found = importance(design_of("fpc", people), "overall", ["access", "staff", "twin"], vif_limit=10)
    assert found.inflated == ("staff", "twin")
    assert importance(design_of("fpc", people), "overall", ["access", "staff", "twin"], vif_limit=1e6).inflated == ()
    others = linear(design_of("fpc", people), "staff", ["access", "twin"]).r_squared
    assert found.variance_inflation[1] == pytest.approx(1 / (1 - others), rel=1e-9)
    people = people.assign(twin=2 * people["staff"])
    with pytest.raises(DesignError, match="'twin' is a combination of 'staff'"):
        importance(design_of("fpc", people), "overall", ["access", "staff", "twin"])


def test_twelve_factors_are_within_reach():
    rng = np.random.default_rng(3)
    names = [f"f{i}" for i in range(12)]
    frame = pd.DataFrame(rng.normal(size=(400, 12)), columns=names).assign(psu=np.arange(400) // 8)
    frame["y"] = frame[names].sum(axis=1) + rng.normal(size=400)
    for errors in drivers.ERRORS:
        found = importance(SurveyDesign.from_frame(frame, psu="psu"), "y", names, errors=errors)
        assert found.importance.estimate.sum() == pytest.approx(found.r_squared.estimate[0])
    with pytest.raises(DesignError, match="at most 12"):
        importance(SurveyDesign.from_frame(frame.assign(g=frame["y"] ** 2), psu="psu"), "y", [*names, "g"])


def test_performance_gain_and_quadrants_are_what_they_are_made_of():
    design = design_of("fpc")
    found = importance_performance(design, "overall", FACTORS, step=5, by="unit")
    table = found.table().set_index(["unit", "factor"])
    assert table.index.tolist() == [(unit, factor) for factor in FACTORS for unit in ("north", "south")]
    means = design.mean(FACTORS, by="unit").table().set_index(["unit", "item"])
    for unit in ("north", "south"):
        mask = design.frame["unit"] == unit
        one, fit = importance(design, "overall", FACTORS, mask), linear(design, "overall", FACTORS, mask)
        part = table.loc[unit].loc[FACTORS]
        np.testing.assert_array_equal(part["importance"], one.importance.estimate)
        np.testing.assert_array_equal(part["share_high"], one.share.ci_high)
        np.testing.assert_allclose(part["gain"], 5 * fit.estimate[1:])
        np.testing.assert_allclose(part[["gain_error", "gain_low", "gain_high"]],
                                   5 * np.column_stack([fit.standard_error, fit.ci_low, fit.ci_high])[1:])
        np.testing.assert_allclose(part["performance"], means.loc[unit, "estimate"])
        np.testing.assert_allclose(part["performance_error"], means.loc[unit, "standard_error"])
        important, low = part["share"] >= 0.2, part["performance"] < part["performance"].mean()
        expected = np.select([important & low, important, low], drivers.QUADRANTS[:3], drivers.QUADRANTS[3])
        assert part["quadrant"].tolist() == expected.tolist()
        assert (part["complete"] == mask.sum()).all()
    assert found.note == (None, None)


def test_a_quadrant_is_sure_when_both_differences_from_the_cuts_are():
    design = design_of("fpc")
    found = importance_performance(design, "overall", FACTORS, step=5)
    for j, name in enumerate(FACTORS):
        frame = design.frame.assign(contrast=design.frame[name] - design.frame[FACTORS].mean(axis=1))
        one = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", fpc="size").mean("contrast").table()
        share = found.share.ci_low[j, 0] > 0.2 or found.share.ci_high[j, 0] < 0.2
        assert found.sure[j, 0] == (share and (one["ci_low"][0] > 0 or one["ci_high"][0] < 0))
    declared = importance_performance(design, "overall", FACTORS, step=5, importance_cut=0.001, performance_cut=20)
    assert set(declared.quadrant.ravel()) == {"keep"}
    assert declared.sure.sum() == (declared.share.ci_low > 0.001).sum()


def test_performance_is_on_0_to_100_of_the_declared_scale_and_the_step_must_stay_on_it():
    levels = PEOPLE.assign(**{name: 1 + PEOPLE[name] / 25 for name in FACTORS})
    one = importance_performance(design_of("fpc"), "overall", FACTORS, step=25)
    other = importance_performance(design_of("fpc", levels), "overall", FACTORS, step=1, scale=(1, 5))
    for name in ("importance", "performance", "gain"):
        for figure in ("estimate", "standard_error", "ci_low", "ci_high"):
            np.testing.assert_allclose(getattr(getattr(other, name), figure), getattr(getattr(one, name), figure), rtol=1e-7)
    np.testing.assert_array_equal(other.reachable, one.performance.estimate <= 75)
    assert other.quadrant.tolist() == one.quadrant.tolist()


def test_small_domains_have_no_importance_but_keep_their_performance():
    people = PEOPLE.assign(unit=PEOPLE["unit"].where(PEOPLE.index % 10 > 0, "small"))
    found = importance_performance(design_of("fpc", people), "overall", FACTORS, step=5, by="unit", minimum_n=50)
    table = found.table().set_index("unit").loc["small"]
    assert table[["importance", "share", "gain", "variance_inflation"]].isna().all(axis=None)
    assert table["performance"].notna().all()
    assert table["quadrant"].isna().all()
    assert not table["sure"].any()
    assert found.note[1] is not None
    assert "declared minimum 50" in found.note[1]
    assert found.table()["note"].notna().sum() == len(FACTORS)


def test_missing_answers_by_policy():
    people = PEOPLE.assign(staff=PEOPLE["gap"])
    design = design_of("fpc", people)
    with pytest.raises(DesignError, match="missing values in staff"):
        importance_performance(design, "overall", FACTORS, step=5)
    own = importance_performance(design, "overall", FACTORS, step=5, missing="exclude")
    joint = importance_performance(design, "overall", FACTORS, step=5, missing="exclude_rows")
    np.testing.assert_array_equal(own.importance.estimate, joint.importance.estimate)
    assert own.n.ravel().tolist() == design.frame[FACTORS].notna().sum().tolist()
    assert (joint.n == joint.complete).all()
    complete = design.frame["staff"].notna()
    np.testing.assert_allclose(joint.importance.estimate[:, 0],
                               importance(design, "overall", FACTORS, subset=complete).importance.estimate)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"factors": []}, "at least one factor"),
    ({"factors": "staff"}, "a list"),
    ({"factors": ["staff", "staff"]}, "only once"),
    ({"factors": ["overall"]}, "only once"),
    ({"factors": ["age"]}, "not numbers"),
    ({"factors": ["gap"]}, "missing values in gap"),
    ({"missing": "exclude"}, "rows valid in all"),
    ({"minimum_n": 5000}, "declared minimum 5000"),
    ({"errors": "bootstrap"}, "errors must be"),
    ({"subset": "unit"}, "True or False"),
])
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        importance(design_of("fpc"), **{"outcome": "overall", "factors": FACTORS} | arguments)


def test_bad_steps_and_scales_are_refused_and_constants_named():
    for arguments in ({"step": 0}, {"step": float("nan")}, {"step": 5, "scale": (5, 1)}):
        with pytest.raises(DesignError, match="step must be positive"):
            importance_performance(design_of("fpc"), "overall", FACTORS, **arguments)
    for name in ("overall", "staff"):
        with pytest.raises(DesignError, match=f"'{name}' is the same"):
            importance(design_of("fpc", PEOPLE.assign(**{name: 0.1})), "overall", FACTORS)
