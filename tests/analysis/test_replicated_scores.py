"""Composite scores in replicates: the same as from every mean by itself, and as the linearised errors say."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import DesignError, SurveyDesign
from analysis.index.ranking import rank_confidence_from_draws
from analysis.index.replicated import composite_scores
from analysis.replicate_weights import rescaling_bootstrap

COEFFICIENTS = pd.DataFrame({"q1": [1.0, 2.0], "q2": [0.5, 0.0], "q3": [3.0, 1.0]}, index=["citizens", "officials"])


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    n = 900
    frame = pd.DataFrame({"unit": rng.choice(list("abcde"), n), "group": rng.choice(list(COEFFICIENTS.index), n),
                          "weight": rng.uniform(.5, 2, n)})
    frame["stratum"] = frame["unit"] + frame["group"]
    frame["psu"] = frame["stratum"] + rng.integers(0, 6, n).astype(str)
    for item in COEFFICIENTS:
        frame[item] = rng.integers(1, 6, n) * 1.0
        frame.loc[rng.random(n) < .1, item] = np.nan
    return frame


def replicated(frame, replicates=40):
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu")
    return rescaling_bootstrap(design, replicates, seed=8)


def test_scores_are_sums_of_the_means_of_each_group_and_item(frame):
    design = replicated(frame)
    found = composite_scores(design, COEFFICIENTS, "unit", "group", missing="exclude")
    means = design.mean(list(COEFFICIENTS), by=["unit", "group"], missing="exclude")
    table = means.table().assign(replicates=list(means.replicates.reshape(-1, 40)))
    for position, unit in enumerate(found.units):
        mine = table[table["unit"] == unit]
        worth = np.array([COEFFICIENTS.loc[group, item] for group, item in zip(mine["group"], mine["item"], strict=True)])
        assert found.estimates[position] == pytest.approx(worth @ mine["estimate"], rel=1e-12)
        np.testing.assert_allclose(found.draws[:, position], worth @ np.stack(mine["replicates"]), rtol=1e-12)


def test_their_spread_is_the_linearised_error(frame):
    found = composite_scores(replicated(frame, 2000), COEFFICIENTS, "unit", "group", missing="exclude")
    means = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu").mean(
        list(COEFFICIENTS), by=["unit", "group"], missing="exclude")
    table = means.table()
    worth = np.array([COEFFICIENTS.loc[group, item] for group, item in zip(table["group"], table["item"], strict=True)])
    pick = (table["unit"].to_numpy()[:, None] == np.array(found.units)) * worth[:, None]
    error = np.sqrt(np.diag(pick.T @ means.covariance() @ pick))
    np.testing.assert_allclose(found.draws.std(axis=0), error, rtol=.08)
    sets = rank_confidence_from_draws(found.estimates, found.draws)
    assert (sets.low <= sets.rank).all()
    assert (sets.rank <= sets.high).all()


def test_a_unit_that_a_group_did_not_rate_has_no_score_and_the_row_order_does_not_matter(frame):
    fewer = frame[~((frame["unit"] == "b") & (frame["group"] == "officials"))]
    gap = fewer.assign(q1=fewer["q1"].where(~((fewer["unit"] == "c") & (fewer["group"] == "citizens"))))
    found = composite_scores(replicated(gap), COEFFICIENTS, "unit", "group", missing="exclude")
    assert np.isnan(found.estimates).tolist() == [False, True, True, False, False]
    again = replicated(gap.sample(frac=1, random_state=1))
    shuffled = composite_scores(again, COEFFICIENTS, "unit", "group", missing="exclude")
    np.testing.assert_allclose(shuffled.draws, found.draws, rtol=1e-10)


def test_bad_input_is_refused(frame):
    with pytest.raises(DesignError, match="no coefficients for respondent group 'officials'"):
        composite_scores(replicated(frame), COEFFICIENTS.loc[["citizens"]], "unit", "group", missing="exclude")
    with pytest.raises(DesignError, match="missing values in q1"):
        composite_scores(replicated(frame), COEFFICIENTS, "unit", "group")
