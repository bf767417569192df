"""Intervals of a share that R's survey 4.1 does not have, or does not solve to the end: against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis import intervals

shares = st.floats(0.02, 0.98)


@given(shares, st.floats(0.005, 0.2), st.integers(1, 60), st.sampled_from([0.8, 0.95]))
def test_wilsons_ends_are_t_errors_away_by_their_own_variance(p, error, df, confidence):
    low, high = intervals.proportion(p, error, df, 100, confidence, "wilson")
    effective = p * (1 - p) / error**2
    for end in (low, high):
        assert abs(p - end) == pytest.approx(stats.t.ppf((1 + confidence) / 2, df) * np.sqrt(end * (1 - end) / effective))
    assert 0 < low < p < high < 1


@given(shares, st.floats(0.005, 0.2), st.integers(2, 60))
def test_the_ends_of_the_likelihood_interval_have_the_same_scaled_deviance(p, error, df):
    low, high = intervals.proportion(p, error, df, 100, 0.95, "likelihood")
    effective, limit = p * (1 - p) / error**2, stats.t.ppf(0.975, df) ** 2
    for end in (low, high):
        if 1e-9 < end < 1 - 1e-9:
            deviance = 2 * effective * (p * np.log(p / end) + (1 - p) * np.log((1 - p) / (1 - end)))
            assert deviance == pytest.approx(limit, rel=1e-6)
    assert 0 <= low < p < high <= 1


@pytest.mark.parametrize("method", ["likelihood", "wilson", "beta"])
def test_a_share_of_all_or_none_still_has_an_interval(method):
    low, high = intervals.proportion(np.array([0.0, 1.0]), np.zeros(2), np.array([20, 20]), np.array([30, 30]), 0.95, method)
    assert low[0] == pytest.approx(0, abs=1e-15)
    assert high[1] == pytest.approx(1, abs=1e-15)
    assert 0.05 < high[0] < 0.15
    assert low[1] == pytest.approx(1 - high[0])


def test_without_sampling_error_the_interval_is_the_share():
    for method in intervals.PROPORTION_INTERVALS:
        assert intervals.proportion(0.3, 0.0, 20, 50, 0.95, method) == (pytest.approx(0.3), pytest.approx(0.3))
