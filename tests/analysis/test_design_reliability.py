"""Alpha of a population: values from R (reference/make_design_reliability_reference.R), properties, edges, bad input."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.design import DesignError, LonelyPsuError, SurveyDesign
from analysis.design_reliability import design_alpha, weighted_alpha
from analysis.items import Items
from analysis.reliability import alpha
from analysis.replicate_weights import jackknife_1, jackknife_n

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = pd.read_csv(REFERENCE / "design_reliability.csv", skipinitialspace=True)
SCORES = ["api00", "api99", "enroll", "acs.k3"]
DESIGNS = {
    "strat": SurveyDesign.from_frame(pd.read_csv(REFERENCE / "apistrat_data.csv"), weights="pw", strata="stype", fpc="fpc"),
    "clus": SurveyDesign.from_frame(pd.read_csv(REFERENCE / "apiclus1_data.csv"), weights="pw", psu="dnum"),
}
ITEMS = list("abcd")


@pytest.mark.parametrize("row", EXPECTED.to_dict("records"), ids=lambda row: row["case"])
def test_alpha_and_its_error_by_the_jackknife_are_those_of_r(row):
    name, case, mse = row["case"].split("/")
    make = jackknife_1 if name == "clus" else jackknife_n
    replicates = make(DESIGNS[name], mse=mse == "TRUE")
    items, missing = (SCORES[:3], "fail") if case == "three" else (SCORES, "exclude_rows")
    found = design_alpha(replicates, items, missing=missing)
    np.testing.assert_allclose(found.estimate[0, 0], row["estimate"], rtol=1e-10)
    np.testing.assert_allclose(found.standard_error[0, 0], row["se"], rtol=1e-10)
    np.testing.assert_allclose(design_alpha(DESIGNS[name], items, missing=missing).estimate[0, 0], row["estimate"], rtol=1e-10)


def people(seed: int, psus: int = 60, size: int = 8) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    psu = np.repeat(np.arange(psus), size)
    trait = rng.normal(0, .7, psus)[psu] + rng.normal(0, .7, psu.size)
    return pd.DataFrame({name: np.clip(np.round(3 + trait + rng.normal(0, 1, psu.size)), 1, 5) for name in ITEMS}).assign(
        psu=psu, stratum=psu // 10, w=rng.uniform(1, 4, psu.size), d=rng.integers(0, 2, psu.size))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_linearisation_is_the_jackknife_to_first_order(seed):
    design = SurveyDesign.from_frame(people(seed), weights="w", strata="stratum", psu="psu")
    for by in (None, "d"):
        linear, jackknife = design_alpha(design, ITEMS, by=by), design_alpha(jackknife_n(design), ITEMS, by=by)
        np.testing.assert_allclose(linear.estimate, jackknife.estimate, rtol=1e-12)
        np.testing.assert_allclose(linear.standard_error, jackknife.standard_error, rtol=.1)
        np.testing.assert_array_equal(linear.df, jackknife.df)
        np.testing.assert_array_equal(linear.n, jackknife.n)


def test_the_point_is_that_of_the_simple_sample_and_clusters_make_it_less_sure():
    data = people(1)
    simple = alpha(Items.from_frame(data, ITEMS))
    rows, clusters = (design_alpha(SurveyDesign.from_frame(data, **spec), ITEMS) for spec in ({}, {"psu": "psu"}))
    assert rows.estimate[0, 0] == pytest.approx(simple.raw, rel=1e-12)
    assert rows.standard_error[0, 0] == pytest.approx(simple.ase, rel=.1)
    assert clusters.standard_error[0, 0] > rows.standard_error[0, 0]


def test_domains_stand_each_on_its_own_and_covary_where_they_share_clusters():
    data = people(2)
    design = SurveyDesign.from_frame(data, weights="w", strata="stratum", psu="psu")
    found = design_alpha(design, ITEMS, by="d")
    assert found.table()[["item", "d"]].values.tolist() == [["alpha", 0], ["alpha", 1]]
    for d in (0, 1):
        part = data[data["d"] == d]
        assert found.estimate[0, d] == pytest.approx(weighted_alpha(part[ITEMS].to_numpy(), part["w"].to_numpy()))
    covariance = found.covariance()
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), found.standard_error[0])
    assert covariance[0, 1] != 0


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_order_origin_unit_and_size_of_weights_change_nothing(seed):
    data = people(seed, psus=10)
    one = design_alpha(SurveyDesign.from_frame(data, weights="w", psu="psu"), ITEMS)
    for other, items in ((data.sample(frac=1, random_state=1), ITEMS[::-1]), (data.assign(w=data["w"] * 1000), ITEMS),
                         (data.assign(**{name: 1e6 + 100 * data[name] for name in ITEMS}), ITEMS)):
        two = design_alpha(SurveyDesign.from_frame(other, weights="w", psu="psu"), items)
        np.testing.assert_allclose(two.estimate, one.estimate, rtol=1e-8)
        np.testing.assert_allclose(two.standard_error, one.standard_error, rtol=1e-8)


def test_a_row_with_a_gap_is_out_and_its_cluster_still_counts():
    data = people(3, psus=8)
    data.loc[data["psu"] == 5, "a"] = np.nan
    design = SurveyDesign.from_frame(data, weights="w", psu="psu")
    with pytest.raises(DesignError, match=r"missing values in a \(8\)"):
        design_alpha(design, ITEMS)
    found = design_alpha(design, ITEMS, missing="exclude_rows")
    assert (found.n[0, 0], found.df[0, 0]) == (56, 6)
    alone = design_alpha(SurveyDesign.from_frame(data.dropna(), weights="w", psu="psu"), ITEMS)
    assert found.estimate == alone.estimate
    assert found.standard_error[0, 0] == pytest.approx(alone.standard_error[0, 0] * np.sqrt(8 / 7 * 6 / 7))
    replicates = design_alpha(jackknife_1(design), ITEMS, missing="exclude_rows")
    assert (replicates.n[0, 0], replicates.df[0, 0]) == (56, 6)


def test_a_gap_of_somebody_without_weight_is_nobodys():
    data = people(4, psus=8)
    data.loc[0, ["a", "w"]] = [np.nan, 0.0]
    design = SurveyDesign.from_frame(data, weights="w", psu="psu")
    assert design_alpha(design, ITEMS).n[0, 0] == design_alpha(jackknife_1(design), ITEMS).n[0, 0] == 63


def test_intervals():
    design = SurveyDesign.from_frame(people(5, psus=6, size=5), psu="psu")
    usual, log = (design_alpha(design, ITEMS, interval=kind).table().iloc[0] for kind in ("symmetric", "log"))
    t = 2.570581835636314
    assert usual["ci_high"] - usual["estimate"] == pytest.approx(t * usual["standard_error"])
    assert usual["estimate"] - usual["ci_low"] == pytest.approx(t * usual["standard_error"])
    ends = np.log([1 - log["ci_low"], 1 - log["ci_high"]]) - np.log(1 - log["estimate"])
    np.testing.assert_allclose(ends, np.array([1, -1]) * t * log["standard_error"] / (1 - log["estimate"]))
    narrow = design_alpha(design, ITEMS, confidence=.8).table().iloc[0]
    assert narrow["ci_high"] - narrow["estimate"] == pytest.approx(1.4758840488558213 * narrow["standard_error"])
    replicates = design_alpha(jackknife_1(design), ITEMS, interval="log")
    assert replicates.ci_low[0, 0] < replicates.estimate[0, 0] < replicates.ci_high[0, 0] < 1


def test_answers_whose_sums_do_not_vary_have_no_alpha():
    data = pd.DataFrame({"a": [1.1, 1.1, 1.1, 2, 4, 3], "b": [.3, .3, .3, 1, 5, 3], "d": [0, 0, 0, 1, 1, 1]})
    for design in (SurveyDesign.from_frame(data), jackknife_1(SurveyDesign.from_frame(data), lost="discard")):
        table = design_alpha(design, ["a", "b"], by="d").table()
        assert table.loc[0, ["estimate", "standard_error", "ci_low"]].isna().all()
        assert table["n"].tolist() == [3, 3]
        assert np.isnan(design_alpha(design, ["a", "b"], by="d").covariance()).tolist() == [[True, True], [True, False]]
        assert table.loc[1, ["estimate", "standard_error"]].notna().all()


@pytest.mark.parametrize(("items", "options", "words"), [
    (["a"], {}, "two or more"),
    (["a", "a"], {}, "each only once"),
    (["a", "z"], {}, "no column 'z'"),
    (ITEMS, {"missing": "pairwise"}, "missing must be one of fail, exclude_rows"),
    (ITEMS, {"interval": "feldt"}, "interval one of symmetric, log"),
])
def test_bad_questions_are_refused(items, options, words):
    with pytest.raises(DesignError, match=words):
        design_alpha(SurveyDesign.from_frame(people(6, psus=4)), items, **options)


def test_a_lonely_psu_is_refused_unless_declared():
    data = people(7, psus=11)
    with pytest.raises(LonelyPsuError):
        design_alpha(SurveyDesign.from_frame(data, psu="psu", strata="stratum"), ITEMS)
