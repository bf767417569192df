"""Contrasts, tests and trends against R: tests/analysis/reference/make_compare_reference.R made the expected values."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.changes import change, stack_periods
from analysis.compare import contrast, domain_differences, ratio_contrast, smooth_contrast
from analysis.design import SurveyDesign
from analysis.multiple_comparisons import adjusted_p_values
from analysis.tests_of_difference import RANK_TESTS, paired_t_test, rank_test, t_test
from analysis.tests_of_independence import goodness_of_fit, independence
from analysis.trend import linear_trend

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = pd.read_csv(REFERENCE / "compare_expected.csv", skipinitialspace=True, dtype={"figure": str})
DESIGNS = ("strat", "clus", "wr", "gaps", "small")


def data(name: str) -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / f"{name}_data.csv", dtype={"cds": str})
    return frame.assign(size=frame["enroll"] + np.arange(1, len(frame) + 1) / 1000)


def design_of(name: str) -> tuple[SurveyDesign, str, dict]:
    """The design, the item whose mean is tested, and how its rows are chosen."""
    if name in ("strat", "small"):
        design = SurveyDesign.from_frame(data("apistrat"), weights="pw", strata="stype", fpc="fpc")
        return design, "api00", {"subset": (design.frame["enroll"] < 800).to_numpy()} if name == "small" else {}
    design = SurveyDesign.from_frame(data("apiclus1"), weights="pw", psu="dnum", fpc=None if name == "wr" else "fpc")
    if name == "gaps":
        return design, "acs.k3", {"subset": design.frame["acs.k3"].notna().to_numpy()}
    return design, "api00", {}


def agree(case: str, ours, tolerance: float = 1e-8, atol: float = 1e-290) -> None:
    """`ours` holds the figures of the case under their names, as attributes or keys."""
    expected = EXPECTED[EXPECTED["case"] == case]
    assert len(expected), case
    for figure, theirs in zip(expected["figure"], expected["value"], strict=True):
        one = ours[figure] if isinstance(ours, (dict, pd.Series)) else getattr(ours, figure)
        np.testing.assert_allclose(one, theirs, rtol=tolerance, atol=atol, err_msg=f"{case}: {figure}")


@pytest.mark.parametrize("name", DESIGNS)
def test_t_tests_are_those_of_r(name):
    design, item, subset = design_of(name)
    agree(f"{name}/t one", t_test(design, item, **subset))
    agree(f"{name}/t two", t_test(design, item, "sch.wide", **subset))
    agree(f"{name}/t paired", paired_t_test(design, "api99", "api00", **subset))


def test_leaving_out_missing_answers_is_the_subset_that_has_them():
    design, item, subset = design_of("gaps")
    for group in (None, "sch.wide"):
        assert t_test(design, item, group, missing="exclude_rows").p_value == t_test(design, item, group, **subset).p_value


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("test", RANK_TESTS)
def test_rank_tests_are_those_of_r(name, test):
    design, _, subset = design_of(name)
    # In "gaps" the two shares above the median are equal, and R's statistic is the rounding of zero.
    agree(f"{name}/rank two {test}", rank_test(design, "size", "sch.wide", test, **subset), atol=1e-13)
    if name != "gaps":
        agree(f"{name}/rank three {test}", rank_test(design, "size", "stype", test, **subset))


@pytest.mark.parametrize("name", ["strat", "clus", "wr", "small"])
def test_tests_of_shares_are_those_of_r(name):
    design, _, subset = design_of(name)
    table = independence(design, "sch.wide", "stype", **subset)
    by_test = table.table().set_index("test")
    agree(f"{name}/chisq Chisq", dict(by_test.loc["first_order"]) | {"statistic": table.pearson})
    agree(f"{name}/chisq F", by_test.loc["second_order"])
    agree(f"{name}/chisq Wald", by_test.loc["wald"])
    agree(f"{name}/chisq adjWald", by_test.loc["adjusted_wald"])
    fit = goodness_of_fit(design, "stype", {"E": 0.7, "H": 0.15, "M": 0.15}, **subset)
    agree(f"{name}/gof", fit.table().set_index("test").loc["satterthwaite"])


@pytest.mark.parametrize("name", ["strat", "clus", "wr"])
def test_contrasts_are_those_of_r(name):
    means = design_of(name)[0].mean(["api00", "api99", "enroll"])
    ours = {"linear": contrast(means, {"c": [1, -1, 0.5]}),
            "ratio": ratio_contrast(means, {"c": ({"api00": 1, "api99": -1}, {"enroll": 1})}),
            "smooth": smooth_contrast(means, {"c": lambda x: np.log(x["api00"]) * np.sqrt(x["enroll"]) / x["api99"]})}
    for kind, one in ours.items():
        agree(f"{name}/{kind}", one.table().iloc[0])


def test_changes_are_those_of_r():
    strat, clus = (design_of(name)[0] for name in ("strat", "clus"))
    agree("change", change(strat.mean("api00"), clus.mean("api00")).table().iloc[0])
    schools = data("apiclus1")
    panel = stack_periods({1999: schools.assign(y=schools["api99"]), 2000: schools.assign(y=schools["api00"])}, psu="dnum",
                          weights="pw", fpc="fpc")
    agree("panel", domain_differences(panel.mean("y", by="year")).table().iloc[0])


def test_trends_are_those_of_r():
    years, y = [2016, 2017, 2018, 2019, 2021, 2022, 2023], [71.2, 72.9, 73.1, 75.4, 79.8, 80.1, 82.7]
    joint = np.diag([0.8, 0.9, 0.7, 1.1, 0.6, 0.5, 0.9]) + 0.2
    independent = linear_trend(years, y, np.diag(joint))
    agree("trend independent", {"slope": independent.estimate[1], "standard_error": independent.standard_error[1],
                                "linearity": independent.linearity, "p_value": independent.linearity_p_value})
    step = linear_trend(years, y, np.diag(joint), breaks=[2021], across_breaks="step")
    agree("trend step", {"slope": step.estimate[1], "step": step.estimate[2], "standard_error": step.standard_error[1],
                         "step_error": step.standard_error[2]})
    generalised = linear_trend(years, y, joint)
    agree("trend joint", {"slope": generalised.estimate[1], "standard_error": generalised.standard_error[1],
                          "linearity": generalised.linearity})


@pytest.mark.parametrize(("ours", "theirs"), [("bonferroni", "bonferroni"), ("holm", "holm"), ("hochberg", "hochberg"),
                                              ("benjamini_hochberg", "BH"), ("benjamini_yekutieli", "BY")])
def test_adjusted_p_values_are_those_of_r(ours, theirs):
    p = np.array([0.001, 0.04, 0.02, np.nan, 0.02, 0.3, 0.0004, 0.9, 0.049])
    adjusted = adjusted_p_values(p, ours)
    assert np.isnan(adjusted[3])
    agree(f"adjust {theirs}", {str(i + 1): value for i, value in enumerate(adjusted)}, 1e-14)
