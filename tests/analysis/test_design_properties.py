"""What must hold for every design, whatever the data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis import variance
from analysis.design import DesignError, LonelyPsuError, SurveyDesign, degrees_of_freedom, psu_covariance

FIGURES = ["estimate", "standard_error", "ci_low", "ci_high", "df", "design_effect", "n"]
POLICIES = ("remove", "adjust", "average", "certainty")


def sample(seed: int, gaps: bool = False) -> pd.DataFrame:
    """A random stratified cluster sample: uneven PSUs and weights, domains that miss PSUs, some lonely strata."""
    random = np.random.default_rng(seed)
    rows = []
    for stratum in range(random.integers(1, 5)):
        psus = random.integers(1, 5)
        for i in range(psus):
            rows += [(stratum, f"{stratum}-{i}", psus + random.integers(0, 4))] * random.integers(1, 6)
    frame = pd.DataFrame(rows, columns=["stratum", "psu", "size"])
    frame["size"] = frame.groupby("stratum")["size"].transform("max")
    frame["weight"] = random.uniform(1, 9, len(frame))
    frame["unit"] = random.choice(["x", "y", "z"], len(frame))
    for item in ("a", "b"):
        frame[item] = random.integers(1, 6, len(frame)).astype(float)
        if gaps:
            frame.loc[random.random(len(frame)) < 0.3, item] = np.nan
    return frame


def design(frame: pd.DataFrame, **options) -> SurveyDesign:
    options = {"weights": "weight", "strata": "stratum", "psu": "psu", "lonely_psu": "adjust"} | options
    return SurveyDesign.from_frame(frame, **options)


def same(one: pd.DataFrame, other: pd.DataFrame, columns=FIGURES) -> None:
    np.testing.assert_allclose(one[columns].to_numpy(float), other[columns].to_numpy(float), rtol=1e-9, atol=1e-12)


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from(POLICIES), st.booleans())
def test_domains_equal_the_textbook_scores_over_the_full_design(seed, policy, finite):
    frame = sample(seed)
    made = design(frame, lonely_psu=policy, fpc="size" if finite else None)
    result = made.mean(["a", "b"], by="unit")
    psu, stratum = pd.factorize(frame["psu"])[0], pd.factorize(frame["stratum"])[0]
    of_psu = np.zeros(psu.max() + 1, dtype=int)
    of_psu[psu] = stratum
    columns = []
    for item in ("a", "b"):
        for unit in sorted(frame["unit"].unique()):
            inside = (frame["unit"] == unit) * frame["weight"]
            mean = (inside * frame[item]).sum() / inside.sum()
            columns.append(np.bincount(psu, weights=inside * (frame[item] - mean) / inside.sum()))
    fraction = (np.bincount(of_psu) / frame.groupby(stratum)["size"].first().to_numpy()) if finite else None
    expected = psu_covariance(np.column_stack(columns), of_psu, fraction, "remove" if policy == "average" else policy)
    ours = result.covariance()
    np.testing.assert_allclose(np.sqrt(np.diag(ours)), result.table()["standard_error"], rtol=1e-9, atol=1e-14)
    if policy != "average":
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-14)


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 6))
def test_psu_covariance_equals_the_sum_over_strata_written_out(seed, k):
    random = np.random.default_rng(seed)
    stratum = np.repeat(np.arange(4), [2, 3, 5, 2])
    totals, fraction = random.normal(size=(12, k)), random.uniform(0, 1, 4)
    expected = np.zeros((k, k))
    for h in range(4):
        z = totals[stratum == h]
        for one in z - z.mean(axis=0):
            expected += (1 - fraction[h]) * len(z) / (len(z) - 1) * np.outer(one, one)
    np.testing.assert_allclose(psu_covariance(totals, stratum, fraction), expected, rtol=1e-10, atol=1e-12)
    padded = np.vstack([totals, np.zeros((2, k))])
    with_zeros = psu_covariance(padded, np.append(stratum, [1, 3]), fraction)
    counted = psu_covariance(totals, stratum, fraction, psu_count=np.array([2, 4, 5, 3]))
    np.testing.assert_allclose(counted, with_zeros, rtol=1e-10)


@settings(max_examples=40, deadline=None)
@given(seeds)
@example(1_017_858_356)  # a domain whose answers are all equal: no variance, so no design effect, in any order
def test_row_order_does_not_matter(seed):
    frame = sample(seed, gaps=True)
    shuffled = frame.sample(frac=1, random_state=seed % 2**31).reset_index(drop=True)
    for statistic in ("mean", "total"):
        one, other = (getattr(design(f), statistic)(["a", "b"], by="unit", missing="exclude") for f in (frame, shuffled))
        same(one.table(), other.table())
        np.testing.assert_allclose(one.covariance(), other.covariance(), rtol=1e-9, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(seeds, st.floats(0.01, 100))
def test_rescaled_weights_change_totals_but_not_means_ratios_or_their_errors(seed, factor):
    frame = sample(seed)
    scaled = frame.assign(weight=frame["weight"] * factor)
    columns = [c for c in FIGURES if c != "design_effect"]
    same(design(frame).mean(["a", "b"], by="unit").table(), design(scaled).mean(["a", "b"], by="unit").table(), columns)
    same(design(frame).ratio("a", "b").table(), design(scaled).ratio("a", "b").table(), columns)
    same(*(design(f).mean("a", design_effect="with_replacement").table() for f in (frame, scaled)))
    errors = [design(f).total("a").standard_error for f in (frame, scaled)]
    np.testing.assert_allclose(errors[1], errors[0] * factor, rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_identical_respondents_of_a_psu_may_be_merged_with_their_weights(seed):
    frame = sample(seed)
    merged = frame.groupby(["stratum", "psu", "size", "unit", "a", "b"], as_index=False)["weight"].sum()
    columns = ["estimate", "standard_error", "ci_low", "ci_high", "df"]
    for statistic in ("mean", "total", "proportion"):
        same(*(getattr(design(f), statistic)(["a", "b"], by="unit").table() for f in (frame, merged)), columns)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_census_has_no_sampling_error(seed):
    frame = sample(seed).assign(all=1.0)
    table = design(frame, fpc="all", lonely_psu="fail").mean(["a", "b"], by="unit").table()
    assert (table["standard_error"] == 0).all()


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_domain_totals_add_up_to_the_whole_with_their_covariance(seed):
    frame = sample(seed)
    parts, whole = design(frame).total("a", by="unit"), design(frame).total("a")
    np.testing.assert_allclose(parts.estimate.sum(), whole.estimate[0, 0], rtol=1e-10)
    np.testing.assert_allclose(parts.covariance().sum(), whole.covariance()[0, 0], rtol=1e-8, atol=1e-9)


def test_the_large_sparse_covariance_equals_the_dense_one(monkeypatch):
    frame = sample(7)
    dense = design(frame).mean(["a", "b"], by="unit").covariance()
    monkeypatch.setattr(variance, "DENSE_LIMIT", 0)
    np.testing.assert_allclose(design(frame).mean(["a", "b"], by="unit").covariance(), dense, rtol=1e-9, atol=1e-13)


def test_a_large_common_offset_does_not_eat_the_digits():
    frame = sample(3)
    far = frame.assign(a=frame["a"] + 1e7)
    same(*(design(f).mean("a", by="unit").table() for f in (frame, far)), ["standard_error", "design_effect"])


def test_missing_answers_need_a_declared_policy():
    frame = sample(1, gaps=True)
    with pytest.raises(DesignError, match=r"missing values in a \("):
        design(frame).mean("a")
    alone = design(frame).mean(["a", "b"], missing="exclude").table()
    assert alone["n"].tolist() == [frame["a"].count(), frame["b"].count()]
    rows = design(frame).mean(["a", "b"], missing="exclude_rows").table()
    assert set(rows["n"]) == {len(frame.dropna())}
    with pytest.raises(DesignError, match="missing must be one of"):
        design(frame).mean("a", missing="drop")


def test_a_domain_without_a_valid_answer_is_shown_empty():
    frame = sample(1)
    frame.loc[frame["unit"] == "x", "a"] = np.nan
    result = design(frame).mean("a", by="unit", missing="exclude")
    row = result.table().set_index("unit").loc["x"]
    assert row["n"] == 0
    assert np.isnan(result.covariance()[0]).all()
    assert np.isfinite(result.covariance()[1, 1])
    assert row[["estimate", "standard_error", "ci_low"]].isna().all()


def test_rows_seen_through_another_table_keep_psus_without_a_line():
    frame = pd.DataFrame({"psu": ["p", "q", "r"], "w": [2.0, 1.0, 1.0]})
    made = SurveyDesign.from_frame(frame, weights="w", psu="psu")
    lines = pd.DataFrame({"unit": ["u", "u", "v"], "y": [1.0, 0.0, 1.0]})
    total = made.observe(lines, np.array([0, 1, 0])).total("y", by="unit")
    scores = np.array([[2.0, 2.0], [0.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(total.covariance(), psu_covariance(scores, np.zeros(3, dtype=int)), rtol=1e-12)
    with pytest.raises(DesignError, match="position"):
        made.observe(lines, np.array([0, 1, 3]))


def test_lonely_strata_are_refused_by_name_unless_a_policy_is_declared():
    frame = pd.DataFrame({"stratum": ["north", "south", "south"], "y": [1.0, 2.0, 4.0]})
    with pytest.raises(LonelyPsuError, match="north"):
        SurveyDesign.from_frame(frame, strata="stratum").mean("y")
    # A domain that does not meet the lonely stratum is not concerned.
    frame["unit"] = ["a", "b", "b"]
    kept = frame[frame["unit"] == "b"]
    assert SurveyDesign.from_frame(kept, strata="stratum").mean("y").standard_error[0, 0] == 1


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"weights": "nothing"}, "no column 'nothing'"),
        ({"weight": -1.0}, {}, "negative"),
        ({"weight": 0.0}, {}, "all weights are zero"),
        ({"weight": np.nan}, {}, "missing values in weights"),
        ({"psu": None}, {}, "missing values in psu"),
        ({"psu": 1}, {}, "more than one stratum"),
        ({"size": 0.5}, {"fpc": "part"}, "no column 'part'"),
        ({"size": 1}, {"fpc": "stratum"}, "fpc must be all"),
        ({"size": 2.5}, {"fpc": "size"}, "smaller than the"),
        ({}, {"fpc": ["size", "size"]}, "units of every stage"),
        ({}, {"lonely_psu": "ignore"}, "lonely_psu must be one of"),
    ],
)
def test_designs_that_cannot_be_are_refused(change, options, message):
    frame = pd.DataFrame({"stratum": [0, 0, 0, 1, 1, 1], "psu": list("abcdef"), "weight": 1.0, "size": 9})
    frame = frame.assign(unit="x", a=1.0)
    with pytest.raises(DesignError, match=message):
        design(frame.assign(**change), **options)


def test_fpc_that_varies_within_a_stratum_is_refused():
    frame = pd.DataFrame({"stratum": [0, 0], "psu": ["a", "b"], "weight": 1.0, "size": [9, 8]})
    with pytest.raises(DesignError, match="varies within stratum"):
        design(frame, fpc="size")


def test_items_that_are_not_numbers_or_clash_with_the_table_are_refused():
    frame = sample(2)
    with pytest.raises(DesignError, match="not numbers"):
        design(frame).mean("unit")
    with pytest.raises(DesignError, match="may not be called n"):
        design(frame.rename(columns={"unit": "n"})).mean("a", by="n")
    with pytest.raises(DesignError, match="infinite"):
        design(frame.assign(a=np.inf)).mean("a")


def test_proportions_have_a_row_per_level_and_sum_to_one():
    frame = sample(5)
    table = design(frame).proportion("unit", by="stratum").table()
    np.testing.assert_allclose(table.groupby("stratum")["estimate"].sum(), 1)
    boolean = design(frame.assign(high=frame["a"] > 3)).proportion("high").table()
    assert boolean["level"].tolist() == [True]


def test_results_cannot_be_written_to():
    result = design(sample(5)).mean("a")
    with pytest.raises(ValueError, match="read-only"):
        result.estimate[0, 0] = 1
    table = result.table()
    table.loc[0, "estimate"] = -1
    assert result.table().loc[0, "estimate"] != -1


def test_degrees_of_freedom_count_psus_less_strata():
    assert degrees_of_freedom(np.array([0, 0, 1, 1, 1])) == 3


@pytest.mark.parametrize("policy", ["remove", "adjust", "average", "certainty"])
def test_a_part_of_the_rows_is_seen_with_the_strata_it_meets_as_a_domain_is(policy):
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"stratum": np.repeat([0, 1, 2, 3], [8, 8, 2, 3]), "y": rng.normal(10, 2, 21)})
    frame["psu"] = np.concatenate([np.repeat(range(4), 2), np.repeat(range(4, 8), 2), [8, 8], [9, 9, 9]])
    frame["part"] = frame["stratum"] < 3  # stratum 3, a lonely one, is not met
    design = SurveyDesign.from_frame(frame, strata="stratum", psu="psu", lonely_psu=policy)
    domain = design.mean("y", by="part").table().set_index("part").loc[True]
    rows = np.flatnonzero(frame["part"])
    seen = design.observe(frame.iloc[rows], rows)
    scores = (frame["y"].to_numpy()[rows] - domain["estimate"]) / rows.size
    assert seen.covariance_of(scores[:, None])[0, 0] == pytest.approx(domain["standard_error"] ** 2, rel=1e-12)
