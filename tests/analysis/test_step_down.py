"""Step-down max-t: what it must be in cases that are known, how it lies between other adjustments, how often it errs."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.compare import contrast, domain_differences
from analysis.design import DesignError, SurveyDesign
from analysis.multiple_comparisons import adjusted_p_values, max_t, step_down_max_t


def groups(shifts, rng, size=8) -> SurveyDesign:
    """One stratum for each shift; people independent."""
    unit = np.repeat(np.arange(len(shifts)), size)
    return SurveyDesign.from_frame(pd.DataFrame({"unit": unit, "y": rng.normal(0, 1, unit.size) + np.repeat(shifts, size)}),
                                   strata="unit")


def each_alone(shifts, rng, df=np.inf, size=8):
    means = groups(shifts, rng, size).mean("y", by="unit")
    return contrast(means, {f"c{j}": row for j, row in enumerate(np.eye(len(shifts)))}, df=df)


def test_of_independent_figures_it_is_sidak_step_by_step():
    comparison = each_alone([0.1, 0.9, 0.4, -0.7, 0.2], np.random.default_rng(1))
    found = step_down_max_t(comparison, seed=1, draws=200_000)
    order = np.argsort(-np.abs(comparison.t))
    exact = np.maximum.accumulate(1 - (1 - comparison.p_value[order]) ** np.arange(5, 0, -1))
    np.testing.assert_allclose(found.p_value[order], exact, atol=0.005)


def test_the_last_step_is_the_test_of_one_contrast_with_its_degrees_of_freedom():
    comparison = each_alone([0.3, 4.0, 5.0, 6.0], np.random.default_rng(2), df=4)
    found = step_down_max_t(comparison, seed=1, draws=200_000)
    least = np.argmin(np.abs(comparison.t))
    assert found.p_value[least] == pytest.approx(2 * stats.t.sf(np.abs(comparison.t[least]), 4), abs=0.005)


@pytest.mark.parametrize("df", [None, np.inf, 3])
@pytest.mark.parametrize("seed", range(5))
def test_it_lies_between_no_adjustment_and_the_single_step_and_below_holm(seed, df):
    rng = np.random.default_rng(seed)
    means = groups(rng.normal(0, 0.6, 5), rng).mean("y", by="unit")
    comparison = domain_differences(means) if df is None else domain_differences(means, df=df)
    stepped, single = (each(comparison, seed=7, draws=20_000).p_value for each in (step_down_max_t, max_t))
    assert (stepped <= single).all()
    assert (stepped < single).any()
    clearest = np.argmax(np.abs(comparison.t))
    assert stepped[clearest] == single[clearest]
    assert (stepped >= comparison.p_value - 0.01).all()
    assert (stepped <= adjusted_p_values(comparison.p_value, "holm") + 0.01).all()
    assert (np.diff(stepped[np.argsort(-np.abs(comparison.t))]) >= 0).all()


def test_order_and_blocks_change_nothing(monkeypatch):
    means = groups([0, 0.5, 1, 1.2], np.random.default_rng(3)).mean("y", by="unit")
    rows = {f"{i}{j}": np.eye(4)[i] - np.eye(4)[j] for i in range(4) for j in range(i)}
    one = step_down_max_t(contrast(means, rows, df=9), seed=2, draws=5000).p_value
    turned = step_down_max_t(contrast(means, dict(reversed(rows.items())), df=9), seed=2, draws=5000).p_value
    np.testing.assert_array_equal(one, turned[::-1])
    monkeypatch.setattr("analysis.multiple_comparisons.BLOCK", 997)
    np.testing.assert_array_equal(step_down_max_t(contrast(means, rows, df=9), seed=2, draws=5000).p_value, one)


def test_a_contrast_named_twice_costs_nothing():
    """Neither of the clear one nor of the other, which is then judged as if it were alone."""
    means = groups([0, 0.3, 2], np.random.default_rng(4)).mean("y", by="unit")
    rows = {"unclear": [1, -1, 0], "clear": [0, 1, -1]}
    once = step_down_max_t(contrast(means, rows), seed=5, draws=50_000).p_value
    for name, place in (("unclear", 0), ("clear", 1)):
        again = contrast(means, rows | {"again": -np.array(rows[name])})
        assert np.abs(again.t).argmin() != 1
        twice = step_down_max_t(again, seed=5, draws=50_000).p_value
        np.testing.assert_allclose(twice, [*once, once[place]], atol=1e-12)
        assert twice[0] == pytest.approx(again.p_value[0], abs=0.01)


def test_any_false_finding_is_as_rare_as_promised_also_when_some_differences_are_true():
    """Twelve figures, four truly apart: at 10 % no more than 10 % of samples may call one of the other eight; and it finds more
    than the single step."""
    rng = np.random.default_rng(6)
    shifts = [0.0] * 8 + [1.0] * 4
    false, stepped_found, single_found = 0, 0, 0
    for _ in range(300):
        comparison = each_alone(shifts, rng, size=25, df=24)
        stepped, single = (each(comparison, seed=1, draws=1000).p_value <= 0.1 for each in (step_down_max_t, max_t))
        false += stepped[:8].any()
        stepped_found += stepped[8:].sum()
        single_found += single[8:].sum()
    assert false / 300 <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 300)
    assert stepped_found > single_found


def test_what_has_no_error_is_left_out_and_the_table_says_so():
    frame = pd.DataFrame({"unit": np.repeat([0, 1, 2], 6), "y": np.random.default_rng(8).normal(size=18)})
    frame.loc[frame["unit"] == 1, "y"] = np.nan
    comparison = domain_differences(SurveyDesign.from_frame(frame).mean("y", by="unit", missing="exclude"))
    found = step_down_max_t(comparison, seed=1, draws=2000)
    known = ~np.isnan(comparison.t)
    assert known.tolist().count(True) == 1
    assert np.isnan(found.p_value[~known]).all()
    assert found.p_value[known][0] == pytest.approx(comparison.p_value[known][0], abs=0.04)
    assert found.table().columns[-1] == "adjusted_p_value"


def test_bad_questions_are_refused():
    comparison = each_alone([0, 1], np.random.default_rng(9))
    with pytest.raises(DesignError, match="draws must be at least 1"):
        step_down_max_t(comparison, seed=1, draws=0)
    with pytest.raises(DesignError, match="degrees of freedom"):
        step_down_max_t(comparison, seed=1, df=0.5)
