"""Our estimates against R's survey package: tests/analysis/reference/make_reference.R made the expected values."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign

REFERENCE = Path(__file__).parent / "reference"
TOLERANCE = 1e-10
EXPECTED = pd.read_csv(REFERENCE / "estimates.csv", dtype={"domain": str, "item": str}, keep_default_na=False,
                       na_values={c: [""] for c in ("estimate", "se", "deff")}, skipinitialspace=True)
CASES = sorted(set(EXPECTED["case"]))


def data(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / f"{name}_data.csv", dtype={"cds": str})


def design_of(case: str) -> SurveyDesign:
    name = case.split("/", maxsplit=1)[0]
    if name == "srs":
        return SurveyDesign.from_frame(data("apisrs"), fpc="fpc")
    if name == "strat":
        return SurveyDesign.from_frame(data("apistrat"), weights="pw", strata="stype", fpc="fpc")
    if name == "clus":
        return SurveyDesign.from_frame(data("apiclus1"), weights="pw", psu="dnum", fpc="fpc")
    if name == "wr":
        return SurveyDesign.from_frame(data("apiclus1"), weights="pw", psu=["dnum"])
    _, policy, how = name.split("-")
    return SurveyDesign.from_frame(data("lonely"), weights="weight", strata="stratum", psu="psu", nest=True,
                                   fpc="size" if how == "fpc" else None, lonely_psu=policy)


def estimate(case: str, items: list[str]) -> pd.DataFrame:
    design, parts = design_of(case), case.split("/")[1:]
    options = {}
    if "exclude" in parts:
        options["missing"] = "exclude"
    if "replace" in parts:
        options["design_effect"] = "with_replacement"
    by = [p for p in parts[1:] if p not in ("exclude", "replace")]
    if by:
        options["by"] = "sch.wide" if items == ["acs.k3"] else by[0]
    if parts[0] == "ratio":
        return design.ratio(*items[0].split("/"), **options).table()
    if parts[0] == "proportion":
        return design.proportion("stype", **options).table()
    return getattr(design, parts[0])(items, **options).table()


@pytest.mark.parametrize("case", CASES)
def test_estimates_errors_and_design_effects_are_those_of_r(case):
    expected = EXPECTED[EXPECTED["case"] == case]
    if case.endswith("degf"):
        assert design_of(case).degrees_of_freedom() == float(expected["estimate"].iloc[0])
        return
    table = estimate(case, list(dict.fromkeys(expected["item"])))
    assert len(table) == len(expected)
    labels = [c for c in table.columns if c in ("stype", "sch.wide", "unit")]
    if labels:
        assert table[labels[0]].tolist() == expected["domain"].tolist()
    for column, ours in (("estimate", "estimate"), ("se", "standard_error"), ("deff", "design_effect")):
        theirs = pd.to_numeric(expected[column]).to_numpy()
        known = ~np.isnan(theirs)
        np.testing.assert_allclose(table[ours].to_numpy()[known], theirs[known], rtol=TOLERANCE, atol=1e-14, err_msg=column)


@pytest.mark.parametrize(
    ("case", "items", "by"),
    [
        ("clus/mean", ["api00", "api99", "enroll"], None),
        ("strat/mean", ["api00", "api99", "enroll"], None),
        ("clus/mean/stype", ["api00"], "stype"),
        ("strat/mean/sch.wide", ["api00"], "sch.wide"),
        ("lonely-adjust-fpc/mean/unit", ["q1"], "unit"),
    ],
)
def test_joint_covariance_is_that_of_r(case, items, by):
    expected = pd.read_csv(REFERENCE / "covariances.csv").query("case == @case")
    theirs = expected.pivot(index="row", columns="column", values="covariance").to_numpy()
    ours = design_of(case).mean(items, by=by).covariance()
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE, atol=1e-12 * np.abs(theirs).max())


@pytest.mark.parametrize("row", pd.read_csv(REFERENCE / "intervals.csv").to_dict("records"),
                         ids=lambda row: f"{row['case']}-{row['method']}")
def test_intervals_are_those_of_r(row):
    design = design_of(row["case"])
    if row["method"] == "t":
        one = design.mean("api00").table().iloc[0]
    else:
        one = design.proportion("sch.wide", interval=row["method"]).table().query("level == 'Yes'").iloc[0]
    # R's logit comes from an iterated glm, so it carries the fit's own tolerance.
    np.testing.assert_allclose([one["ci_low"], one["ci_high"]], [row["low"], row["high"]],
                               rtol=1e-6 if row["method"] == "logit" else TOLERANCE)
