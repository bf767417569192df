"""Rank confidence sets: the extremes, the symmetries, the coverage, and the time."""

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.index.bands import Band
from analysis.index.ranking import band_probabilities, rank_confidence, ranks

seeds = st.integers(0, 2**32 - 1)


def problem(seed: int, k: int | None = None):
    random = np.random.default_rng(seed)
    k = k or int(random.integers(2, 12))
    root = random.normal(size=(k, k))
    return random.normal(80, 3, k), root @ root.T / k


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), seeds)
def test_without_variance_ranks_are_exact(scores, seed):
    k = len(scores)
    result = rank_confidence(np.array(scores, dtype=float), np.zeros((k, k)), seed=seed, draws=20, rank_bands={"first": (1, 1)})
    expected = [1 + sum(other > one for other in scores) for one in scores]
    for found in (result.rank, result.low, result.high, result.simultaneous_low, result.simultaneous_high):
        assert found.tolist() == expected
    assert result.rank_band["first"].tolist() == [float(rank == 1) for rank in expected]


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_with_huge_variance_nothing_is_known(seed):
    x, v = problem(seed)
    result = rank_confidence(x, np.eye(x.size) * 1e12, seed=seed, draws=200)
    assert (result.low == 1).all()
    assert (result.high == x.size).all()


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_the_order_of_the_units_does_not_matter(seed):
    x, v = problem(seed)
    order = np.random.default_rng(seed).permutation(x.size)
    bands = {"top": (1, 2)}
    one = rank_confidence(x, v, seed=5, draws=100, rank_bands=bands)
    other = rank_confidence(x[order], v[np.ix_(order, order)], seed=5, draws=100, rank_bands=bands)
    for name in ("rank", "low", "high", "simultaneous_low", "simultaneous_high"):
        assert getattr(one, name)[order].tolist() == getattr(other, name).tolist()
    assert one.rank_band["top"][order].tolist() == other.rank_band["top"].tolist()


@settings(max_examples=30, deadline=None)
@given(seeds, st.floats(-1000, 1000), st.floats(0.01, 100))
def test_sets_hold_the_rank_nest_and_ignore_units_of_measurement(seed, shift, scale):
    x, v = problem(seed)
    result = rank_confidence(x, v, seed=1, draws=100)
    assert (result.low <= result.rank).all()
    assert (result.rank <= result.high).all()
    assert (result.simultaneous_low <= result.low).all()
    assert (result.high <= result.simultaneous_high).all()
    moved = rank_confidence(x * scale, v * scale**2, seed=1, draws=100)
    assert moved.low.tolist() == result.low.tolist()
    assert rank_confidence(x + np.round(shift), v, seed=1, draws=100).high.tolist() == result.high.tolist()


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_common_error_of_all_units_does_not_blur_the_order(seed):
    x, _ = problem(seed)
    x = np.round(x, 3)
    result = rank_confidence(x, np.full((x.size, x.size), 4.0), seed=1, draws=50)
    assert result.low.tolist() == ranks(x).tolist()
    assert result.high.tolist() == ranks(x).tolist()


def test_equals_share_the_best_rank():
    assert ranks(np.array([70.0, 90, 80, 80])).tolist() == [4, 1, 2, 2]


def test_two_units_are_told_apart_by_the_usual_t():
    # With two units max |t| is |t|, so the critical value is near 1.96.
    v = np.diag([0.5, 0.5])
    assert rank_confidence(np.array([1.85, 0]), v, seed=1, draws=20_000).high.tolist() == [2, 2]
    assert rank_confidence(np.array([2.05, 0]), v, seed=1, draws=20_000).high.tolist() == [1, 2]


def test_each_difference_has_its_own_standard_error():
    # The first two share nearly all their error, so they are told apart; the third is not.
    v = np.array([[1, 0.9999, 0], [0.9999, 1, 0], [0, 0, 1.0]])
    result = rank_confidence(np.array([1.0, 0.8, 0.9]), v, seed=1, draws=2000)
    assert result.low.tolist() == [1, 2, 1]
    assert result.high.tolist() == [2, 3, 3]


def test_true_ranks_are_covered_as_often_as_promised():
    k, trials = 8, 300
    random = np.random.default_rng(11)
    truth, v = np.linspace(0, 3, k), problem(11, k)[1]
    root = np.linalg.cholesky(v)
    each, every = np.zeros(k), 0
    for trial in range(trials):
        result = rank_confidence(truth + root @ random.normal(size=k), v, seed=trial, draws=400)
        right = ranks(truth)
        each += (result.low <= right) & (right <= result.high)
        every += ((result.simultaneous_low <= right) & (right <= result.simultaneous_high)).all()
    assert (each / trials > 0.92).all()
    assert every / trials > 0.92


def test_band_of_ranks_and_seed():
    x, v = problem(4, 6)
    bands = {"top": (1, 2), "rest": (3, 6)}
    result = rank_confidence(x, v, seed=9, draws=500, rank_bands=bands)
    np.testing.assert_allclose(result.rank_band["top"] + result.rank_band["rest"], 1)
    again = rank_confidence(x, v, seed=9, draws=500, rank_bands=bands)
    assert result.table(range(6)).equals(again.table(range(6)))
    assert not result.table(range(6)).equals(rank_confidence(x, v, seed=10, draws=500, rank_bands=bands).table(range(6)))


BANDS = (Band("A", Fraction(90)), Band("B", Fraction(80)), Band("C", Fraction(70)), Band("D", Fraction(0)))


def test_score_bands():
    table = band_probabilities(np.array([90.0, 90, 75, 10]), np.array([0.0, 2, 1, 0]), BANDS)
    assert table.loc[0].tolist() == [1, 0, 0, 0]
    assert table.loc[1, "A"] == pytest.approx(0.5)
    assert table.loc[3].tolist() == [0, 0, 0, 1]
    np.testing.assert_allclose(table.sum(axis=1), 1)


@pytest.mark.parametrize(("x", "v", "message"), [
    ([1, np.nan], np.eye(2), "finite"),
    ([1, 2], np.eye(3), "k x k"),
    ([], np.eye(0), "k x k"),
    ([1, 2], [[1, 0.5], [0, 1]], "symmetric"),
    ([1, 2], [[1, 2], [2, 1]], "semidefinite"),
])
def test_nonsense_is_refused(x, v, message):
    with pytest.raises(ValueError, match=message):
        rank_confidence(np.array(x, dtype=float), np.array(v, dtype=float), seed=1)


def test_two_hundred_units_and_a_thousand_draws_take_less_than_two_seconds():
    x, v = problem(2, 200)
    start = time.process_time()
    rank_confidence(x, v, seed=1, draws=1000, rank_bands={"top": (1, 10)})
    assert time.process_time() - start < 4  # both cores may be counted
