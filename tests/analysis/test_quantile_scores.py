"""Intervals of quantiles by the score test: values from R (reference/make_quantile_scores_reference.R), definition, edges."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.calibration import post_stratify
from analysis.design import DesignError, LonelyPsuError, SurveyDesign
from analysis.quantiles import INTERVALS
from analysis.replicate_weights import jackknife_1

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = pd.read_csv(REFERENCE / "quantile_scores.csv", keep_default_na=False, skipinitialspace=True)


def schools(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / f"api{name}_data.csv").assign(one=1.0, half=lambda frame: np.round(2 * frame["pw"]) / 2)


DESIGNS = {
    "srs": SurveyDesign.from_frame(schools("srs"), weights="one"),
    "clus": SurveyDesign.from_frame(schools("clus1"), weights="one", psu="dnum", fpc="fpc"),
    "strat": SurveyDesign.from_frame(schools("strat"), weights="half", strata="stype", fpc="fpc"),
}


def test_intervals_of_a_replicate_design_are_those_of_r():
    cases = EXPECTED[EXPECTED["case"].str.startswith("jackknife")]
    for case, expected in cases.groupby("case"):
        *_, item, interval = case.split("/")
        table = jackknife_1(DESIGNS["clus"], mse=True).quantile(item, [.25, .5, .75], rule="hf1", interval=interval).table()
        for ours, theirs in (("estimate", "estimate"), ("ci_low", "low"), ("ci_high", "high"), ("standard_error", "se")):
            np.testing.assert_allclose(table[ours], expected[theirs], rtol=1e-9, err_msg=f"{case} {ours}")
    assert cases["case"].nunique() == 4


@pytest.mark.parametrize("case", sorted(case for case in set(EXPECTED["case"]) if not case.startswith("jackknife")))
def test_score_intervals_are_those_of_r(case):
    expected = EXPECTED[EXPECTED["case"] == case]
    _, name, item, rule = case.split("/")
    name, _, by = name.partition(" by ")
    shares = list(dict.fromkeys(expected["probability"]))
    table = DESIGNS[name].quantile(item, shares, by=by or None, rule=rule, interval="score").table()
    if by:
        table = table.sort_values([by, "probability"])
        assert table[by].tolist() == expected["domain"].tolist()
    for ours, theirs in (("estimate", "estimate"), ("ci_low", "low"), ("ci_high", "high"), ("standard_error", "se")):
        np.testing.assert_allclose(table[ours], expected[theirs], rtol=1e-9, err_msg=ours)


def sample(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(30, 70))
    psu = np.sort(rng.integers(0, 12, n))
    return pd.DataFrame({"psu": psu, "stratum": psu // 4, "size": 9 + psu // 4, "w": rng.integers(1, 9, n) / 2.0,
                         "x": np.round(rng.normal(0, 1, 12)[psu] + rng.normal(0, 2, n), 1) * 10, "d": rng.integers(0, 2, n),
                         "second": np.arange(n), "seconds": 70})


def from_means(design: SurveyDesign, x: pd.Series, p: float, t: float) -> tuple[float, float]:
    """The definition, value by value, with the design's own mean of x <= v."""
    values = np.sort(x.unique())
    tests = []
    for v in values[:-1]:
        seen = SurveyDesign(design.frame.assign(below=(x <= v).astype(float)), design.weights, design.stages)
        below = seen.mean("below")
        tests.append(float((p - below.estimate[0, 0]) / below.standard_error[0, 0]))
    tests.append(-np.inf)
    low = next(k for k, test in enumerate(tests) if test < t)
    high = max(k for k, test in enumerate(tests) if test > -t)
    ends = []
    for step, limit, known in ((low - 1, t, low > 0), (high, -t, high < len(values) - 2)):
        nearer = step + (abs(tests[step + 1] - limit) <= abs(tests[step] - limit)) if known else None
        ends.append(np.nan if nearer is None else values[nearer])
    return ends[0], ends[1]


@pytest.mark.parametrize("stages", [{"psu": "psu"}, {"psu": "psu", "fpc": "size"},
                                    {"psu": ["psu", "second"], "fpc": ["size", "seconds"]}])
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_walk_gives_the_ends_of_the_test_made_value_by_value(stages, seed):
    data = sample(seed)
    design = SurveyDesign.from_frame(data, weights="w", strata="stratum", lonely_psu="adjust", **stages)
    ours = design.quantile("x", [.25, .5], rule="hf1", interval="score")
    for i, p in enumerate((.25, .5)):
        ends = from_means(design, data["x"], p, stats.t.ppf(.975, ours.df[i, 0]))
        np.testing.assert_allclose([ours.ci_low[i, 0], ours.ci_high[i, 0]], ends)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_weights_calibrated_to_what_they_were_change_nothing(seed):
    """One post-stratum that is the whole sample: residuals are the scores. The other way of computing must give the same."""
    data = sample(seed).assign(all=1)
    design = SurveyDesign.from_frame(data, weights="w", psu="psu")
    whole = post_stratify(design, "all", {1: float(data["w"].sum())})
    assert whole.adjustments
    for by in (None, "d"):
        one, two = (each.quantile("x", [.2, .5, .8], by=by, interval="score").table() for each in (design, whole))
        pd.testing.assert_frame_equal(one, two, rtol=1e-12)


def test_every_domain_is_on_its_own():
    data = sample(5)
    design = SurveyDesign.from_frame(data, weights="w", strata="stratum", psu="psu")
    table = design.quantile("x", [.4, .6], by="d", interval="score").table()
    for d in (0, 1):
        rest = data.assign(x=data["x"].where(data["d"] == d))
        alone = SurveyDesign.from_frame(rest, weights="w", strata="stratum", psu="psu")
        one = alone.quantile("x", [.4, .6], missing="exclude", interval="score").table()
        part = table[table["d"] == d]
        for column in ("estimate", "ci_low", "ci_high", "standard_error", "n"):
            np.testing.assert_allclose(part[column], one[column], err_msg=column)


def test_the_interval_does_not_depend_on_row_order_the_size_of_weights_or_the_unit():
    data = sample(11)
    ends = {}
    for name, frame in {"as it is": data, "mixed": data.sample(frac=1, random_state=1),
                        "heavier": data.assign(w=data["w"] * 1024), "other unit": data.assign(x=data["x"] / 4)}.items():
        design = SurveyDesign.from_frame(frame, weights="w", strata="stratum", psu="psu")
        found = design.quantile("x", [.3, .5], interval="score")
        ends[name] = np.array([found.ci_low, found.ci_high, found.standard_error]) * (4 if name == "other unit" else 1)
    for name, figures in ends.items():
        np.testing.assert_allclose(figures, ends["as it is"], err_msg=name)


def test_unequal_weights_leave_the_quantile_within_its_interval():
    """R 4.1 looks its root up by the unweighted share: here 365 to 424 for a median of 446."""
    row = DESIGNS["strat"].quantile("enroll", [.5], interval="score").table().iloc[0]
    assert row["ci_low"] < row["estimate"] < row["ci_high"]


def test_covers_as_often_as_it_says():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(400):
        found = SurveyDesign.from_frame(pd.DataFrame({"x": rng.exponential(size=60)})).quantile("x", [.5], interval="score")
        hits += int(found.ci_low[0, 0] <= np.log(2) <= found.ci_high[0, 0])
    assert 0.92 <= hits / 400 <= 0.975


def test_an_end_beyond_the_sample_is_undefined_and_so_is_the_error():
    five = SurveyDesign.from_frame(pd.DataFrame({"x": [1, 1, 2, 3, 4, 4, 5, 5, 5, 5, 5, 5.0]}))
    found = five.quantile("x", [.1, .5, .9], interval="score").table()
    assert found["ci_low"].isna().tolist() == [True, False, False]
    assert found["ci_high"].isna().tolist() == [False, True, True]
    assert found["standard_error"].isna().all()
    assert found["estimate"].tolist() == [1, 4, 5]


def test_where_everybody_was_asked_the_interval_is_the_quantile():
    data = pd.DataFrame({"x": np.arange(20.0), "size": 20})
    found = SurveyDesign.from_frame(data, fpc="size").quantile("x", [.25, .52], rule="hf1", interval="score")
    assert found.ci_low.tolist() == found.ci_high.tolist() == found.estimate.tolist() == [[4], [10]]
    assert found.standard_error.tolist() == [[0], [0]]


def test_one_value_or_one_psu_or_nobody_has_no_interval():
    data = pd.DataFrame({"x": [3.0, 3, 3, 1, 2, np.nan], "d": ["same", "same", "same", "one psu", "one psu", "nobody"],
                         "psu": [1, 2, 3, 4, 4, 5]})
    table = SurveyDesign.from_frame(data, psu="psu").quantile("x", [.5], by="d", missing="exclude", interval="score").table()
    assert table[["ci_low", "ci_high", "standard_error"]].isna().all(axis=None)
    assert table.set_index("d")["n"].to_dict() == {"nobody": 0, "one psu": 2, "same": 3}


def test_a_lonely_psu_is_refused_unless_declared():
    data = sample(2)
    data.loc[0, "stratum"] = 99
    with pytest.raises(LonelyPsuError):
        SurveyDesign.from_frame(data, weights="w", strata="stratum").quantile("x", [.5], interval="score")


def test_an_unknown_interval_is_refused_with_the_names_there_are():
    assert INTERVALS == ("mean", "beta", "xlogit", "asin", "score")
    with pytest.raises(DesignError, match="interval must be one of mean, beta, xlogit, asin, score, not 'woodruff'"):
        DESIGNS["srs"].quantile("api00", [.5], interval="woodruff")
