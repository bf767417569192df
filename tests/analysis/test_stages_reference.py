"""A sample of two stages against R's survey package: reference/make_stages_reference.R made the expected values."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = pd.read_csv(REFERENCE / "stages.csv", na_values=["NA", "NaN"], skipinitialspace=True)
CASES = sorted(set(EXPECTED["case"]))
DATA = pd.read_csv(REFERENCE / "apiclus2_data.csv").assign(wide=lambda frame: frame["sch.wide"] == "Yes")
DESIGNS = {
    "both": SurveyDesign.from_frame(DATA, psu=["dnum", "snum"], fpc=["fpc1", "fpc2"]),
    "first": SurveyDesign.from_frame(DATA, weights="pw", psu="dnum", fpc="fpc1"),
}


def table_of(case: str, item: str) -> pd.DataFrame:
    if case.startswith("quantile"):
        _, rule, interval = case.split()
        return DESIGNS["both"].quantile(item, [.25, .5, .75], rule=rule, interval=interval).table()
    name, _, what = case.partition("/")
    design = DESIGNS[name]
    if what == "ratio":
        return design.ratio("api.stu", "enroll", missing="exclude").table()
    if what.startswith("share"):
        method = what.split()[1].replace("xlogit", "logit")
        return design.proportion("wide", interval=method).table()
    if what.endswith("by stype"):
        return design.mean(item, by="stype").table()
    return getattr(design, what)(item).table()


@pytest.mark.parametrize("case", CASES)
def test_figures_of_a_sample_of_two_stages_are_those_of_r(case):
    expected = EXPECTED[EXPECTED["case"] == case]
    tables = pd.concat([table_of(case, item) for item in dict.fromkeys(expected["item"])])
    np.testing.assert_allclose(tables["estimate"], expected["estimate"], rtol=1e-10)
    np.testing.assert_allclose(tables["standard_error"], expected["se"], rtol=1e-9)
    known = expected["low"].notna().to_numpy()
    np.testing.assert_allclose(tables["ci_low"][known], expected["low"][known], rtol=1e-9)
    np.testing.assert_allclose(tables["ci_high"][known], expected["high"][known], rtol=1e-9)


def test_the_weights_of_a_draw_are_those_of_its_stages():
    np.testing.assert_allclose(DESIGNS["both"].weights, DATA["pw"], rtol=1e-12)


def test_without_fpc_the_later_stages_add_nothing():
    one = SurveyDesign.from_frame(DATA, weights="pw", psu="dnum").mean("api00")
    two = SurveyDesign.from_frame(DATA, weights="pw", psu=["dnum", "snum"]).mean("api00")
    assert two.standard_error == one.standard_error


def test_ids_of_the_second_stage_may_repeat_between_units_of_the_first():
    again = DATA.assign(snum=DATA.groupby("dnum").cumcount())
    repeated = SurveyDesign.from_frame(again, psu=["dnum", "snum"], fpc=["fpc1", "fpc2"]).total("enroll", missing="exclude")
    assert repeated.standard_error == pytest.approx(DESIGNS["both"].total("enroll", missing="exclude").standard_error)


def test_a_census_of_every_stage_has_no_sampling_error():
    whole = DATA.assign(n1=DATA["dnum"].nunique(), n2=DATA.groupby("dnum")["snum"].transform("nunique"))
    design = SurveyDesign.from_frame(whole, psu=["dnum", "snum"], fpc=["n1", "n2"])
    assert design.mean("api00").standard_error == pytest.approx(0, abs=1e-12)
    assert (design.weights == 1).all()
