"""Regression on survey data: against R's survey::svyglm, and what must hold whatever the data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import regression
from analysis.design import SurveyDesign
from analysis.regression import by_domain, linear, logistic
from analysis.variance import DesignError, LonelyPsuError

REFERENCE = Path(__file__).parent / "reference"
PEOPLE = pd.read_csv(REFERENCE / "regression_data.csv").astype({"inside": bool})
COEFFICIENTS = pd.read_csv(REFERENCE / "regression_coefficients.csv", skipinitialspace=True)
WALD = pd.read_csv(REFERENCE / "regression_wald.csv", skipinitialspace=True).set_index("case")
COLUMNS = {"estimate": "estimate", "se": "standard_error", "t": "t", "p": "p_value", "low": "ci_low", "high": "ci_high"}


def design_of(case: str, people: pd.DataFrame = PEOPLE, **options) -> SurveyDesign:
    """The design a reference case names: stratified, fpc, clustered, lonely-<policy>."""
    kind, _, rest = case.partition("-")
    spec = {"weights": "weight", "strata": "stratum", "psu": "psu"}
    if kind in ("fpc", "lonely"):
        spec["fpc"] = "size"
    if kind == "clustered":
        del spec["strata"]
    if kind == "lonely":
        spec["lonely_psu"] = rest
    else:
        people = people[people["stratum"] < 5].reset_index(drop=True)
    return SurveyDesign.from_frame(people, **spec | options)


@pytest.mark.parametrize("case", sorted(set(COEFFICIENTS["case"])))
def test_coefficients_errors_and_tests_are_those_of_svyglm(case):
    kind, name = case.split("/")
    third = "gap" if name.endswith("gap") else "staff"
    fit = getattr(regression, kind)(
        design_of(name), "overall" if kind == "linear" else "satisfied", ["access", third, "age"],
        subset="inside" if name.endswith("domain") else None, missing="exclude_rows" if name.endswith("gap") else "fail")
    expected, table = COEFFICIENTS[COEFFICIENTS["case"] == case], fit.table()
    assert fit.names == ("(intercept)", "access", third, "age[35-59]", "age[60+]")
    for theirs, ours in COLUMNS.items():
        np.testing.assert_allclose(table[ours], expected[theirs], rtol=1e-8, err_msg=ours)
    assert set(expected["df"]) == {fit.df}
    assert fit.r_squared == pytest.approx(expected["r2"].iloc[0], rel=1e-8)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), fit.standard_error)
    test = fit.wald([third, "age"])
    assert [test.statistic, test.p_value] == pytest.approx([WALD.loc[case, "f"], WALD.loc[case, "p"]], rel=1e-7)
    assert (test.df, test.residual_df) == (3, WALD.loc[case, "ddf"])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["linear", "logistic"]))
def test_row_order_and_the_unit_of_the_weights_do_not_matter(seed, kind):
    rng = np.random.default_rng(seed)
    shuffled = PEOPLE.sample(frac=1, random_state=seed).assign(weight=lambda f: f["weight"] * rng.uniform(0.01, 100))
    outcome = "overall" if kind == "linear" else "satisfied"
    one, other = (getattr(regression, kind)(design_of("stratified", frame), outcome, ["access", "age"], subset="inside")
                  for frame in (PEOPLE, shuffled))
    figures = list(COLUMNS.values())
    np.testing.assert_allclose(other.table()[figures], one.table()[figures], rtol=1e-7, atol=1e-10)
    assert other.r_squared == pytest.approx(one.r_squared, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3))
def test_moving_and_rescaling_a_predictor_changes_only_its_slope_and_the_intercept(shift, unit):
    moved = PEOPLE.assign(access=shift + unit * PEOPLE["access"])
    for kind, outcome in (("linear", "overall"), ("logistic", "satisfied")):
        one, other = (getattr(regression, kind)(design_of("fpc", frame), outcome, ["access", "staff"])
                      for frame in (PEOPLE, moved))
        np.testing.assert_allclose(other.t[1:], one.t[1:], rtol=1e-5)
        np.testing.assert_allclose(other.estimate[1:] * [unit, 1], one.estimate[1:], rtol=1e-5)


def test_a_single_category_gives_the_domain_means_and_their_errors():
    design = design_of("fpc")
    fit = linear(design, "overall", "age")
    means = design.mean("overall", by="age")
    fitted = fit.fitted(pd.DataFrame({"age": ["18-34", "35-59", "60+"]}))
    np.testing.assert_allclose(fitted["fitted"], means.table()["estimate"], rtol=1e-10)
    np.testing.assert_allclose(fitted["standard_error"], means.table()["standard_error"], rtol=1e-10)
    shares = design.mean("satisfied", by="age").table()
    fitted = logistic(design, "satisfied", "age").fitted(pd.DataFrame({"age": ["18-34", "35-59", "60+"]}))
    np.testing.assert_allclose(fitted["fitted"], shares["estimate"], rtol=1e-8)
    np.testing.assert_allclose(fitted["standard_error"], shares["standard_error"], rtol=1e-7)
    assert ((fitted["ci_low"] > 0) & (fitted["ci_high"] < 1)).all()


def test_a_subset_is_a_domain_and_not_a_smaller_sample():
    design, mask = design_of("stratified"), design_of("stratified").frame["inside"]
    domain = linear(design, "overall", ["access"], subset=mask)
    alone = linear(design_of("stratified", PEOPLE[PEOPLE["inside"]]), "overall", ["access"])
    np.testing.assert_allclose(domain.estimate, alone.estimate, rtol=1e-12)
    assert not np.allclose(domain.standard_error, alone.standard_error, rtol=1e-6)
    assert domain.n == int((PEOPLE["inside"] & (PEOPLE["stratum"] < 5)).sum())
    np.testing.assert_array_equal(linear(design, "overall", ["access"], subset=mask.to_numpy()).estimate, domain.estimate)


def test_rows_without_weight_and_blank_rows_outside_the_subset_do_not_matter():
    people = PEOPLE.copy()
    people.loc[~people["inside"], "access"] = np.nan
    one, other = (linear(design_of("stratified", frame), "overall", ["access"], subset="inside") for frame in (PEOPLE, people))
    np.testing.assert_allclose(other.standard_error, one.standard_error, rtol=1e-12)
    people = PEOPLE.assign(weight=PEOPLE["weight"].where(PEOPLE["inside"], 0.0),
                           overall=PEOPLE["overall"].where(PEOPLE["inside"]))
    weightless = linear(design_of("stratified", people), "overall", ["access"])
    np.testing.assert_allclose(weightless.standard_error, one.standard_error, rtol=1e-12)


def test_true_and_false_are_a_category_and_an_outcome():
    people = PEOPLE.assign(north=PEOPLE["unit"] == "north", pleased=PEOPLE["satisfied"] == 1)
    one = logistic(design_of("fpc", people), "pleased", ["north"])
    other = logistic(design_of("fpc", people), "satisfied", ["unit"])
    assert one.names == ("(intercept)", "north[True]")
    assert other.names == ("(intercept)", "unit[south]")
    assert one.estimate[1] == pytest.approx(-other.estimate[1], rel=1e-9)
    ratios = one.odds_ratios()
    assert ratios["odds_ratio"].iloc[0] == pytest.approx(np.exp(one.estimate[1]))
    assert ratios["ci_low"].iloc[0] == pytest.approx(np.exp(one.ci_low[1]))
    assert list(ratios["coefficient"]) == ["north[True]"]
    with pytest.raises(DesignError, match="logistic"):
        linear(design_of("fpc"), "overall", ["staff"]).odds_ratios()


def test_category_order_gives_the_reference_and_levels_without_rows_are_left_out():
    order = pd.CategoricalDtype(["60+", "18-34", "35-59", "nobody"], ordered=True)
    people = PEOPLE.assign(age=PEOPLE["age"].astype(order))
    fit = linear(design_of("fpc", people), "overall", ["age"])
    assert fit.names == ("(intercept)", "age[18-34]", "age[35-59]")
    with pytest.raises(DesignError, match="reference level '60\\+'"):
        linear(design_of("fpc", people), "overall", ["age"], subset=design_of("fpc").frame["age"] != "60+")


def test_fitted_keeps_the_index_knows_gaps_and_refuses_strange_levels():
    fit = linear(design_of("fpc"), "overall", ["staff", "age"])
    frame = pd.DataFrame({"staff": [50.0, np.nan, 60.0], "age": ["60+", "60+", None]}, index=[7, 8, 9])
    fitted = fit.fitted(frame)
    assert list(fitted.index) == [7, 8, 9]
    assert fitted.notna().all(axis=1).tolist() == [True, False, False]
    assert fitted.loc[7, "fitted"] == pytest.approx(fit.estimate @ [1, 50, 0, 1])
    with pytest.raises(DesignError, match="levels the model was not fitted on: 90"):
        fit.fitted(pd.DataFrame({"staff": [50.0], "age": ["90"]}))


def test_by_domain_lists_the_refused_ones_with_their_reason():
    people = PEOPLE.assign(unit=PEOPLE["unit"].where(PEOPLE.index != 3, "alone"))
    design = design_of("fpc", people)
    found = by_domain(design, "unit", lambda subset: linear(design, "overall", ["staff", "age"], subset))
    table = found.table()
    assert table["unit"].tolist() == ["alone"] + ["north"] * 4 + ["south"] * 4
    assert table["refused"].notna().tolist() == [True] + [False] * 8
    assert table.loc[0, ["estimate", "standard_error", "n"]].isna().all()
    north = linear(design, "overall", ["staff", "age"], subset=design.frame["unit"] == "north")
    np.testing.assert_array_equal(table.loc[table["unit"] == "north", "estimate"], north.estimate)
    gap = design_of("fpc", people.assign(unit=people["unit"].where(people["unit"] != "alone")))
    with pytest.raises(DesignError, match="missing values in domain column"):
        by_domain(gap, "unit", lambda subset: None)


def test_combinations_of_predictors_are_named():
    people = PEOPLE.assign(both=PEOPLE["access"] - 3 * PEOPLE["staff"] + 7, fixed=4.0, elder=(PEOPLE["age"] == "60+") * 1.0)
    design = design_of("fpc", people)
    with pytest.raises(DesignError, match="'both' is a combination of 'access', 'staff' in") as caught:
        linear(design, "overall", ["access", "procedures", "staff", "both"])
    assert "procedures" not in str(caught.value)
    with pytest.raises(DesignError, match=r"'elder' is a combination of 'age\[60\+\]'"):
        logistic(design, "satisfied", ["age", "elder"])
    for kind, outcome in ((linear, "overall"), (logistic, "satisfied")):
        with pytest.raises(DesignError, match="'fixed' is the same"):
            kind(design, outcome, ["staff", "fixed"])
    with pytest.raises(DesignError, match="'overall' is the same"):
        linear(design_of("fpc", PEOPLE.assign(overall=3.3)), "overall", ["staff"])


def test_nearly_equal_predictors_are_still_fitted():
    rng = np.random.default_rng(1)
    people = PEOPLE.assign(twin=PEOPLE["staff"] + 1e-4 * rng.normal(size=len(PEOPLE)))
    for kind, outcome in ((linear, "overall"), (logistic, "satisfied")):
        assert np.isfinite(kind(design_of("fpc", people), outcome, ["staff", "twin"]).standard_error).all()


def test_separated_outcomes_are_refused_with_the_predictor_named():
    people = PEOPLE.assign(sorted=(PEOPLE["overall"] > 70) * 1, rare=np.where(np.arange(len(PEOPLE)) % 40 == 0, "yes", "no"))
    with pytest.raises(DesignError, match="'sorted' is perfectly separated by 'overall' in"):
        logistic(design_of("fpc", people), "sorted", ["staff", "overall"])
    people.loc[people["rare"] == "yes", "satisfied"] = 1  # quasi-complete: nobody of a level has a zero
    with pytest.raises(DesignError, match="'satisfied' is perfectly separated by 'rare' in"):
        logistic(design_of("fpc", people), "satisfied", ["staff", "age", "rare"])
    people = PEOPLE.assign(either=(PEOPLE["access"] + PEOPLE["feedback"] > 140) * 1)
    with pytest.raises(DesignError, match="separated by 'access', 'feedback' in"):
        logistic(design_of("fpc", people), "either", ["access", "feedback"])


def test_strong_but_overlapping_predictors_are_fitted():
    people = PEOPLE.assign(nearly=((PEOPLE["overall"] > 70) ^ (np.arange(len(PEOPLE)) == 5)) * 1)
    fit = logistic(design_of("fpc", people), "nearly", ["overall"])
    assert np.isfinite(fit.estimate).all()
    assert fit.r_squared > 0.5


def test_too_few_degrees_of_freedom_are_refused():
    few = PEOPLE[PEOPLE["psu"].isin([11, 12, 13, 21, 22])]
    design = SurveyDesign.from_frame(few, weights="weight", strata="stratum", psu="psu")
    assert linear(design, "overall", ["access", "staff"]).df == 1
    with pytest.raises(DesignError, match="3 degrees of freedom .* cannot carry 3 .*access, staff, result.; take at most 2"):
        linear(design, "overall", ["access", "staff", "result"])


def test_wald_test_of_one_number_is_the_square_of_its_t():
    fit = linear(design_of("fpc"), "overall", ["access", "staff", "age"])
    test = fit.wald("staff")
    assert (test.statistic, test.p_value) == pytest.approx((fit.t[2] ** 2, fit.p_value[2]), rel=1e-10)
    for columns in ([], ["overall"], "(intercept)"):
        with pytest.raises(DesignError, match="a Wald test needs predictors of the model"):
            fit.wald(columns)
    flat = np.ones_like(fit.covariance)
    with pytest.raises(DesignError, match="cannot be inverted"):
        replace(fit, covariance=flat, standard_error=np.ones(len(flat))).wald(["access", "staff"])


@pytest.mark.parametrize(("arguments", "message"), [
    ({"outcome": "unit"}, "'unit' is .*, not numbers"),
    ({"outcome": "nothing"}, "no column 'nothing'"),
    ({"predictors": []}, "at least one predictor"),
    ({"predictors": ["staff", "staff"]}, "only once"),
    ({"predictors": ["overall"]}, "only once"),
    ({"predictors": ["gap"]}, "missing values in gap"),
    ({"missing": "exclude"}, "rows valid in all"),
    ({"subset": np.ones(3, dtype=bool)}, "True or False for each"),
    ({"subset": "stratum"}, "True or False for each"),
    ({"subset": pd.Series(True, index=range(1, len(PEOPLE) + 1))}, "index"),
    ({"subset": np.zeros((PEOPLE["stratum"] < 5).sum(), dtype=bool)}, "no row"),
])
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(DesignError, match=message):
        linear(design_of("fpc"), **{"outcome": "overall", "predictors": ["staff"]} | arguments)


def test_other_refusals():
    with pytest.raises(DesignError, match="must be 0 and 1 .* not 1, 2"):
        logistic(design_of("fpc", PEOPLE.assign(satisfied=PEOPLE["satisfied"] + 1)), "satisfied", ["staff"])
    with pytest.raises(ValueError, match="confidence"):
        linear(design_of("fpc"), "overall", ["staff"], confidence=95)
    with pytest.raises(LonelyPsuError):
        linear(design_of("lonely-fail"), "overall", ["staff"])
    clash = PEOPLE.rename(columns={"access": "age[60+]"})
    with pytest.raises(DesignError, match="same name"):
        linear(design_of("fpc", clash), "overall", ["age", "age[60+]"])
    fit = linear(design_of("fpc"), "overall", ["staff"])
    with pytest.raises(ValueError, match="read-only"):
        fit.estimate[0] = 0
