"""Figures with and without the flagged: by linearisation over the full design, and as R has them."""


import numpy as np
import pandas as pd
import pytest
from response_quality_samples import FLAGS, ITEMS, PEOPLE
from scipy import stats

from analysis.design import DesignError, SurveyDesign
from analysis.response_quality import (
    own_unit,
    straight_lining,
    with_and_without,
)

# With and without


def survey() -> tuple[SurveyDesign, list]:
    design = SurveyDesign.from_frame(PEOPLE, weights="weight", strata="stratum", psu="psu", nest=True)
    return design, [FLAGS["straight"](PEOPLE), FLAGS["longest_skipped"](PEOPLE), FLAGS["nearest"](PEOPLE)]


def test_the_difference_has_the_covariance_of_nested_domains():
    design, flags = survey()
    result = with_and_without(design, "q5", flags, by="site", missing="exclude")
    y, w, answered = PEOPLE["q5"].fillna(0).to_numpy(), design.weights, PEOPLE["q5"].notna().to_numpy()
    for d, site in enumerate("AB"):
        inside = answered & (PEOPLE["site"] == site).to_numpy()
        scores = []
        for mask in (inside, inside & ~result.left_out):
            scores.append(np.where(mask, w * (y - np.average(y[mask], weights=w[mask])) / w[mask].sum(), 0))
        covariance = design.covariance_of(np.column_stack(scores))
        expected = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
        assert result.standard_error[0, d] ** 2 == pytest.approx(expected, rel=1e-9)


def test_all_is_the_design_mean_and_without_its_mean_over_the_domain_of_the_kept():
    design, flags = survey()
    result = with_and_without(design, ["y", "q5"], flags, missing="exclude")
    pd.testing.assert_frame_equal(result.everyone.table(), design.mean(["y", "q5"], missing="exclude").table())
    seen = design.observe(PEOPLE.assign(kept=~result.left_out), np.arange(len(PEOPLE)))
    kept = seen.mean(["y", "q5"], by="kept", missing="exclude").table().query("kept")
    for column in ("estimate", "standard_error", "df", "n"):
        np.testing.assert_allclose(result.without.table()[column], kept[column], rtol=1e-10)


@pytest.mark.parametrize("policy", ["adjust", "remove", "average"])
def test_lonely_psus_count_by_the_policy_of_the_design(policy):
    frame = PEOPLE.assign(stratum=np.where(PEOPLE["psu"] == "A1", "alone", PEOPLE["stratum"]))
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", nest=True, lonely_psu=policy)
    flag = own_unit(frame.assign(employer=np.where(frame["q1"] > 3, "A", "none")), "site", "employer", maximum_share=0).flag
    result = with_and_without(design, "y", [flag])
    y, w, scores = frame["y"].to_numpy(), design.weights, []
    for mask in (np.ones(len(frame), dtype=bool), ~result.left_out):
        scores.append(np.where(mask, w * (y - np.average(y[mask], weights=w[mask])) / w[mask].sum(), 0))
    variance = design.covariance_of((scores[1] - scores[0])[:, None])[0, 0]
    assert result.standard_error[0, 0] ** 2 == pytest.approx(variance, rel=1e-9)


def test_gaps_true_or_false_items_and_rows_without_a_domain():
    frame = PEOPLE.assign(yes=PEOPLE["y"] > 50, site=PEOPLE["site"].where(PEOPLE["z"] < 22))
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", nest=True)
    flags = [FLAGS["longest_skipped"](frame)]
    rows = with_and_without(design, ["yes", "q5", "q6"], flags, by="site", missing="exclude_rows").table()
    assert rows.groupby("site")["n_all"].nunique().tolist() == [1, 1]
    own = with_and_without(design, ["yes", "q5"], flags, by="site", missing="exclude").table().set_index(["item", "site"])
    assert own.loc[("yes", "A"), "n_all"] == (frame["site"] == "A").sum() > own.loc[("q5", "A"), "n_all"]
    with pytest.raises(DesignError, match="missing values"):
        with_and_without(design, ["q5"], flags)
    with pytest.raises(DesignError, match="both an item and a domain: q1"):
        with_and_without(design, ["q1"], flags, by="q1", missing="exclude")


def test_few_psus_behind_the_kept_widen_the_interval():
    design, _ = survey()
    where = np.where(PEOPLE["psu"].isin(["A1", "A2", "B1", "B2"]), "none", "A")
    flag = own_unit(PEOPLE.assign(employer=where, unit="A"), "unit", "employer", maximum_share=0).flag
    result = with_and_without(design, "y", [flag])
    assert result.df.ravel().tolist() == [2]
    assert result.everyone.df.ravel().tolist() == [14]
    assert result.ci_high[0, 0] - result.difference[0, 0] == pytest.approx(stats.t.ppf(0.975, 2) * result.standard_error[0, 0])


def test_nothing_left_out_changes_nothing_and_nobody_kept_is_unknown():
    design, _ = survey()
    none = straight_lining(PEOPLE, ITEMS, share=1, minimum_answers=12, missing="exclude", name="none")
    first = PEOPLE.index == 1
    table = with_and_without(design, "y", [none], by="site").table()
    assert table["n_left_out"].tolist() == [1, 0]
    assert table[["difference", "standard_error"]].iloc[1].tolist() == [0, 0]
    own = own_unit(PEOPLE.assign(employer="A"), "site", "employer", maximum_share=0).flag
    table = with_and_without(design, "y", [own], by="site").table()
    assert table["n_without"].tolist() == [0, 60]
    assert table[["estimate_without", "difference", "standard_error"]].iloc[0].isna().all()
    assert none.flagged[first].all()


def test_counts_and_combinations_add_up():
    design, flags = survey()
    result = with_and_without(design, "y", flags, by="site", at_least=2)
    counts = result.counts().set_index(["flag", "site"])
    for flag in flags:
        assert counts.loc[flag.name, "flagged"].sum() == flag.flagged.sum()
    number = np.sum([flag.flagged for flag in flags], axis=0)
    assert counts.loc["any", "flagged"].sum() == (number > 0).sum()
    assert counts.loc["left out", "flagged"].sum() == (number > 1).sum() == result.left_out.sum()
    combinations = result.combinations()
    assert combinations["n"].sum() == len(PEOPLE)
    assert (combinations["n"] * combinations["number"]).sum() == sum(flag.flagged.sum() for flag in flags)


def test_flags_of_other_rows_and_of_one_name_are_refused():
    design, flags = survey()
    with pytest.raises(DesignError, match="other rows.*straight"):
        with_and_without(design, "y", [FLAGS["straight"](PEOPLE.iloc[::-1])])
    with pytest.raises(DesignError, match="name of its own"):
        with_and_without(design, "y", [flags[0], flags[0]])
    with pytest.raises(DesignError, match="at_least"):
        with_and_without(design, "y", flags, at_least=4)
