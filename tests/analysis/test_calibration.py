"""Weights that meet known totals: against R's survey (reference/make_calibration_reference.R), and what must always hold."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.calibration import calibrate, post_stratify, rake
from analysis.calibration_equations import CalibrationError
from analysis.design import SurveyDesign
from analysis.variance import DesignError
from analysis.weighting import adjust_for_nonresponse, trim

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = pd.read_csv(REFERENCE / "calibration_expected.csv", keep_default_na=False, skipinitialspace=True)
WEIGHTS = pd.read_csv(REFERENCE / "calibration_weights.csv", dtype={"cds": str})
TOTALS = pd.read_csv(REFERENCE / "calibration_totals.csv", keep_default_na=False, skipinitialspace=True)


def known(variable: str) -> pd.Series:
    return TOTALS[TOTALS["variable"] == variable].set_index("level")["total"]


def schools() -> SurveyDesign:
    frame = pd.read_csv(REFERENCE / "apiclus1_data.csv", dtype={"cds": str})
    return SurveyDesign.from_frame(frame, weights="pw", psu="dnum", fpc="fpc")


def reference_design(case: str) -> SurveyDesign:
    design, stype, wide = schools(), known("stype"), known("sch.wide")
    linear = {"stype": stype, "api99": known("api99").iloc[0]}
    crossed = known("stype x sch.wide")
    crossed.index = pd.MultiIndex.from_tuples([tuple(level.split()) for level in crossed.index])
    size = {"population": known("(population)").iloc[0]}
    return {
        "post": lambda: post_stratify(design, "stype", stype),
        "crossed": lambda: post_stratify(design, ["stype", "sch.wide"], crossed),
        "rake": lambda: rake(design, {"stype": stype, "sch.wide": wide}, epsilon=1e-13, max_iterations=1000),
        "linear": lambda: calibrate(design, linear),
        "bounded": lambda: calibrate(design, linear, bounds=(0.7, 1.8)),
        "raking": lambda: calibrate(design, linear, distance="raking"),
        "raking_bounded": lambda: calibrate(design, linear, distance="raking", bounds=(0.7, 1.8)),
        "logit": lambda: calibrate(design, linear, distance="logit", bounds=(0.6, 2)),
        "variance": lambda: calibrate(design, {name: known(name).iloc[0] for name in ("api99", "enroll")}, variance="api99",
                                      **size),
        "trimmed": lambda: trim(post_stratify(design, "stype", stype), 20, 35),
        "trimmed_strict": lambda: trim(post_stratify(design, "stype", stype), 20, 35, strict=True),
    }[case]()


@pytest.mark.parametrize("case", sorted(set(EXPECTED["case"])))
def test_weights_estimates_and_errors_are_those_of_r(case):
    design = reference_design(case)
    np.testing.assert_allclose(design.weights, WEIGHTS[case], rtol=1e-8)
    figures = EXPECTED[EXPECTED["case"] == case]
    for (what, item, parts), theirs in figures.groupby(["statistic", "item", figures["domain"] != ""]):
        by = "sch.wide" if parts else None
        ours = design.ratio(*item.split("/")) if what == "ratio" else getattr(design, what)(item, by=by)
        table = ours.table()
        assert by is None or table[by].tolist() == theirs["domain"].tolist()
        np.testing.assert_allclose(table["estimate"], theirs["estimate"], rtol=1e-8)
        # a total that was calibrated to has no error but rounding
        rounding = 1e-13 * theirs["estimate"].abs().max()
        np.testing.assert_allclose(table["standard_error"], theirs["se"], rtol=1e-8, atol=rounding)


def sample(seed: int = 1, n: int = 160) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "stratum": rng.integers(0, 4, n), "weight": rng.uniform(1, 5, n), "sex": rng.choice(["f", "m"], n),
        "age": rng.choice([20, 40, 60], n), "x": rng.uniform(1, 3, n), "answered": rng.random(n) < 0.7})
    frame["psu"] = frame["stratum"] * 10 + rng.integers(0, 6, n)
    frame["y"] = frame["x"] + (frame["sex"] == "f") + rng.normal(0, 1, n)
    return frame


def design_of(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu")


SEX, AGE = {"f": 300.0, "m": 350.0}, {20: 200.0, 40: 230.0, 60: 220.0}
TOTAL_X = 1340.0
HOW = [{"distance": "linear"}, {"distance": "raking"}, {"distance": "logit", "bounds": (0.2, 4.0)}, {"bounds": (0.5, 2.5)},
       {"distance": "raking", "bounds": (0.5, 2.5)}, {"variance": "x"}, {"variance": "x", "distance": "raking"}]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("options", HOW)
def test_totals_are_met_and_have_no_error(options, seed):
    design = calibrate(design_of(sample(seed)), {"sex": SEX, "age": AGE, "x": TOTAL_X}, **options)
    low, high = options.get("bounds", (0, np.inf))
    factor = design.weights / design.frame["weight"]
    assert factor.min() >= low - 1e-12
    assert factor.max() <= high + 1e-12
    frame = design.frame.assign(weight=design.weights)
    for name, totals in (("sex", SEX), ("age", AGE)):
        np.testing.assert_allclose(frame.groupby(name)["weight"].sum(), list(totals.values()), rtol=1e-9)
    found = design.total(["x", "y"])
    np.testing.assert_allclose(found.estimate[0], TOTAL_X, rtol=1e-9)
    assert found.standard_error[0, 0] < 1e-9 * TOTAL_X
    assert found.standard_error[1, 0] < design_of(design.frame).total("y").standard_error[0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_raking_meets_every_margin_with_the_weights_of_exponential_calibration(seed):
    design = design_of(sample(seed))
    raked = rake(design, {"sex": SEX, ("age",): AGE})
    frame = design.frame.assign(weight=raked.weights)
    np.testing.assert_allclose(frame.groupby("sex")["weight"].sum(), list(SEX.values()), rtol=1e-9)
    np.testing.assert_allclose(frame.groupby("age")["weight"].sum(), list(AGE.values()), rtol=1e-9)
    np.testing.assert_allclose(raked.weights, calibrate(design, {"sex": SEX, "age": AGE}, distance="raking").weights, rtol=1e-8)


def test_calibration_on_one_category_is_post_stratification():
    design = design_of(sample())
    one, other = post_stratify(design, "age", AGE), calibrate(design, {"age": AGE})
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-12)
    for by in (None, "sex"):
        np.testing.assert_allclose(one.mean("y", by=by).standard_error, other.mean("y", by=by).standard_error, rtol=1e-10)


def test_totals_as_mapping_series_and_frame_are_the_same():
    design = design_of(sample())
    series = pd.Series(AGE)
    frame = pd.DataFrame({"age": list(AGE), "total": list(AGE.values())})
    expected = post_stratify(design, "age", AGE).weights
    for totals in (series, series[::-1], frame):
        np.testing.assert_allclose(post_stratify(design, "age", totals).weights, expected, rtol=1e-12)


def steps() -> dict:
    """Adjustments whose linearisation is exact, alone and one after another."""
    def post(d):
        return post_stratify(d, "sex", SEX)

    def linear(d):
        return calibrate(d, {"age": AGE, "x": TOTAL_X})

    def nonresponse(d):
        return adjust_for_nonresponse(d, "answered", "age")

    return {"post": [post], "linear": [linear], "nonresponse": [nonresponse], "post, linear": [post, linear],
            "linear, post": [linear, post], "nonresponse, post, linear": [nonresponse, post, linear]}


@pytest.mark.parametrize("chain", steps())
def test_residuals_are_the_derivatives_by_the_first_weights(chain):
    """The influence of row i on sum w y is d_i times the derivative by d_i, its weight before all adjustments."""
    frame = sample(3, 90)

    def total(weight: np.ndarray) -> float:
        design = design_of(frame.assign(weight=weight))
        for step in steps()[chain]:
            design = step(design)
        return float(design.weights @ frame["y"])

    adjusted = design_of(frame)
    for step in steps()[chain]:
        adjusted = step(adjusted)
    scores = (adjusted.weights * frame["y"].to_numpy())[:, None]
    for step in adjusted.adjustments:
        scores = step.residuals(scores)
    first = frame["weight"].to_numpy()
    for i in range(0, 90, 7):
        h = np.zeros(90)
        h[i] = 1e-4 * first[i]
        slope = (total(first + h) - total(first - h)) / 2e-4
        np.testing.assert_allclose(scores[i, 0], slope, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("adjust", [
    lambda d: post_stratify(d, ["sex", "age"], {(s, a): 100.0 + a for s in "fm" for a in (20, 40, 60)}),
    lambda d: rake(d, {"sex": SEX, "age": AGE}),
    lambda d: calibrate(d, {"sex": SEX, "x": TOTAL_X}, bounds=(0.4, 2.5)),
    lambda d: trim(d, 1.5, 4),
    lambda d: adjust_for_nonresponse(d, "answered", ["sex"]),
])
def test_row_order_does_not_matter(adjust):
    frame = sample()
    order = np.random.default_rng(5).permutation(len(frame))
    one, other = adjust(design_of(frame)), adjust(design_of(frame.iloc[order].reset_index(drop=True)))
    np.testing.assert_allclose(one.weights[order], other.weights, rtol=1e-9)
    np.testing.assert_allclose(one.mean("y", by="sex").standard_error, other.mean("y", by="sex").standard_error, rtol=1e-7)
    with pytest.raises(ValueError, match="read-only"):
        one.weights[0] = 1


def test_rows_without_weight_change_nothing_and_need_no_category():
    frame = sample()
    more = pd.concat([frame, frame.head(7).assign(weight=0.0, sex=None, age=None, x=np.nan, y=np.nan)], ignore_index=True)
    for adjust in (lambda d: post_stratify(d, "sex", SEX), lambda d: rake(d, {"sex": SEX, "age": AGE}),
                   lambda d: calibrate(d, {"sex": SEX, "x": TOTAL_X}, distance="raking")):
        one, other = adjust(design_of(frame)), adjust(design_of(more))
        np.testing.assert_allclose(other.weights[:len(frame)], one.weights, rtol=1e-12)
        assert (other.weights[len(frame):] == 0).all()
        np.testing.assert_allclose(other.mean("y").standard_error, one.mean("y").standard_error, rtol=1e-10)


def test_a_table_of_ratings_sees_the_respondents_calibration():
    design = post_stratify(design_of(sample()), "sex", SEX)
    row = np.repeat(np.arange(len(design.frame)), 2)
    ratings = design.frame.iloc[row].reset_index(drop=True)
    seen = design.observe(ratings, row)
    np.testing.assert_allclose(seen.mean("y").standard_error, design.mean("y").standard_error, rtol=1e-12)
    with pytest.raises(DesignError, match="respondents' design"):
        post_stratify(seen, "sex", SEX)


def test_every_fault_of_the_totals_is_told_at_once():
    frame = sample()
    frame.loc[0, "sex"] = None
    frame.loc[1, "age"] = 99
    with pytest.raises(CalibrationError) as caught:
        calibrate(design_of(frame), {"sex": {"f": 3, "m": np.nan, "x": 5}, "age": {20: 1, 40: 0, 60: -1}, "town": {"a": 1},
                                     "y": 3, "shoe": 2, "stratum": np.inf})
    told = caught.value.faults
    for part in ("sex: 1 rows with weight have no category", "sex: the total is missing or negative for 'm'",
                 "sex: nobody in the sample for the total of 'x'", "age: no total for 99", "missing or negative for 60",
                 "age: respondents where the total is 0: 40", "no column 'town'", "no column 'shoe'",
                 "the total of 'stratum' is missing"):
        assert any(part in fault for fault in told), (part, told)
    assert all(fault in str(caught.value) for fault in told)


@pytest.mark.parametrize(("totals", "message"), [
    ({"f": 1.0}, "no total for 'm'"),
    (pd.Series([1.0, 2.0, 3.0], index=["f", "m", "m"]), "repeated totals for 'm'"),
    (pd.DataFrame({"sex": ["f", "m"], "people": [1, 2]}), "no column 'total'"),
])
def test_post_stratification_refuses(totals, message):
    with pytest.raises(CalibrationError, match=message):
        post_stratify(design_of(sample()), "sex", totals)


def test_margins_of_different_populations_are_refused():
    with pytest.raises(CalibrationError, match=r"different populations: sex 650, age 651"):
        rake(design_of(sample()), {"sex": SEX, "age": AGE | {20: 201.0}})
    with pytest.raises(CalibrationError, match=r"different populations: \(population\) 600, sex 650"):
        calibrate(design_of(sample()), {"sex": SEX}, population=600)


def test_raking_that_does_not_converge_names_the_margin():
    frame = sample()
    frame["twin"] = frame["sex"]
    with pytest.raises(CalibrationError, match="margin sex is not met after 20 rounds: off by"):
        rake(design_of(frame), {"sex": SEX, "twin": {"f": 320.0, "m": 330.0}}, max_iterations=20)


def test_totals_out_of_reach_are_named():
    design = design_of(sample())
    with pytest.raises(CalibrationError, match=r"the total 350 of sex=m is out of reach of factors 0.5 to 1.1: from"):
        calibrate(design, {"sex": SEX}, bounds=(0.5, 1.1))
    with pytest.raises(CalibrationError, match=r"cannot all be met by factors 0 to inf: at best .*x"):
        calibrate(design, {"sex": SEX, "x": 3.2 * 650}, distance="raking")
    frame = sample()
    frame["twin"] = frame["x"] * 2
    with pytest.raises(CalibrationError, match="cannot all be met"):
        calibrate(design_of(frame), {"x": TOTAL_X, "twin": TOTAL_X})
    with pytest.raises(CalibrationError, match=r"\d+ weights would be negative; declare bounds"):
        calibrate(design, {"sex": SEX, "x": 2.7 * 650})


@pytest.mark.parametrize("options", [{"distance": "sinh"}, {"bounds": (2, 1)}, {"distance": "logit"},
                                     {"distance": "logit", "bounds": (1.1, 2)}])
def test_distances_and_bounds_that_make_no_sense_are_refused(options):
    with pytest.raises(DesignError, match="must be|needs finite bounds"):
        calibrate(design_of(sample()), {"sex": SEX}, **options)


@pytest.mark.parametrize("strict", [False, True])
def test_trimming_keeps_the_sum(strict):
    frame = sample().assign(weight=lambda t: 6 * np.exp(t["y"] / 2) / np.exp(t["y"] / 2).mean())
    design = trim(design_of(frame), 2.0, 12.0, strict)
    np.testing.assert_allclose(design.weights.sum(), frame["weight"].sum(), rtol=1e-12)
    inside = frame["weight"].between(2, 12)
    added = (design.weights - frame["weight"])[inside]
    if strict:
        assert design.weights.min() >= 2
        assert design.weights.max() <= 12
    else:
        np.testing.assert_allclose(added, added.iloc[0], rtol=1e-10)
        assert set(design.weights[~inside]) == {2.0, 12.0}


def test_trimming_refuses_bounds_that_cannot_be_kept():
    design = design_of(sample())
    with pytest.raises(DesignError, match="mean weight .* is outside 4 to 9"):
        trim(design, 4, 9)
    with pytest.raises(DesignError, match="lower must be below upper"):
        trim(design, 4, 3)
    assert (trim(design, 0.5, 9).weights == design.weights).all()


def test_respondents_stand_for_all_eligible_people_of_their_class():
    frame = sample().assign(eligible=lambda t: t["stratum"] != 0)
    design = adjust_for_nonresponse(design_of(frame), "answered", ["sex", "age"], eligible="eligible")
    table = design.adjustments[0].table()
    assert table.columns.tolist() == ["sex", "age", "eligible", "responded", "eligible_weight", "responded_weight", "factor"]
    assert table["eligible"].sum() == frame["eligible"].sum()
    np.testing.assert_allclose(table["factor"], table["eligible_weight"] / table["responded_weight"])
    assert (design.weights[~(frame["answered"] & frame["eligible"])] == 0).all()
    after = frame.assign(weight=design.weights).groupby(["sex", "age"])["weight"].sum()
    before = frame[frame["eligible"]].groupby(["sex", "age"])["weight"].sum()
    np.testing.assert_allclose(after, before, rtol=1e-12)
    assert design.mean("y").n[0, 0] == (frame["answered"] & frame["eligible"]).sum()


def test_if_everybody_answers_nothing_changes():
    design = design_of(sample().assign(answered=True))
    adjusted = adjust_for_nonresponse(design, "answered", "age")
    np.testing.assert_allclose(adjusted.weights, design.weights, rtol=1e-14)
    np.testing.assert_allclose(adjusted.mean("y").standard_error, design.mean("y").standard_error, rtol=1e-12)


def test_classes_that_are_empty_too_small_or_too_heavy_are_named_together():
    frame = sample()
    frame.loc[frame["age"] == 20, "answered"] = False
    small = frame.index[frame["age"] == 40]
    frame.loc[small, "answered"] = np.arange(len(small)) < 3
    with pytest.raises(CalibrationError) as caught:
        adjust_for_nonresponse(design_of(frame), "answered", "age", minimum=5, largest_factor=1.1)
    told = " | ".join(caught.value.faults)
    assert "class age=20: none of" in told
    assert "class age=40: 3 responded, fewer than 5; merge it" in told
    assert "class age=60: factor" in told
    frame.loc[0, "age"] = np.nan
    frame["said"] = np.where(frame["answered"], "yes", "no")
    with pytest.raises(CalibrationError, match="'said' must hold true and false only; 1 missing values in class column 'age'"):
        adjust_for_nonresponse(design_of(frame), "said", "age")
