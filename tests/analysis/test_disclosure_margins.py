"""Disclosure control of tables with several margins, against attackers of our own."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from disclosure_samples import RULE, everything_that_fits, one_way, shown, two_way
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import (
    bounds_of_unknowns,
    protect,
)
from analysis.variance import DesignError

# ---- several margins ------------------------------------------------------------------------------------------------------


SMALL_MATRICES = st.integers(2, 3).flatmap(
    lambda answers: st.lists(st.lists(st.integers(0, 5), min_size=answers, max_size=answers), min_size=2, max_size=2))


@settings(max_examples=20, deadline=None)
@given(SMALL_MATRICES, st.integers(2, 4), st.integers(1, 3), st.booleans())
def test_brute_force_on_two_margins(matrix, minimum, reach, exact):
    rule = replace(RULE, minimum_count=minimum, minimum_respondents=1, protection_range=reach)
    suppression = protect(two_way(matrix), rule, exact_up_to=10**6 if exact else 0)
    hidden = suppression.hidden
    audit = suppression.audit()
    assert audit.protected.all()
    if not hidden.any():
        return
    fits = everything_that_fits(suppression)
    low, high = fits.min(axis=0)[hidden], fits.max(axis=0)[hidden]
    assert (audit.low <= low).all()
    # the brute force stops at a bound where a total is hidden; elsewhere both must be the same
    bounded = np.isfinite(audit.high).all()
    if bounded:
        assert (audit.low == low).all()
        assert (audit.high == high).all()
        assert (high - low >= np.where(suppression.primary[hidden], reach, 1)).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_audits_pass_on_hierarchies(seed, exact):
    rng = np.random.default_rng(seed)
    units, answers = int(rng.integers(2, 6)), int(rng.integers(2, 5))
    matrix = rng.poisson(rng.choice([2, 8, 20]), (units, answers))
    suppression = protect(two_way(matrix, [unit % 2 for unit in range(units)]), RULE, exact_up_to=1000 if exact else 0)
    audit = suppression.audit()
    assert audit.protected.all()
    assert (audit.low <= suppression.tables.count[suppression.hidden]).all()
    assert (audit.high >= suppression.tables.count[suppression.hidden]).all()
    if not suppression.primary.any():
        assert not suppression.hidden.any()
    # no sum of hidden parts beside a shown total is a small count
    sums, hidden = suppression.tables.sums.toarray(), suppression.hidden
    for equation in sums:
        if not hidden[equation < 0].any():
            rest = suppression.tables.count[(equation > 0) & hidden].sum()
            assert rest == 0 or rest >= RULE.minimum_count


def test_two_margins_need_a_square_and_the_exact_programme_finds_the_cheapest():
    matrix = [[3, 20, 30], [20, 9, 40], [30, 40, 8]]
    suppression = protect(two_way(matrix), RULE, exact_up_to=10**6)
    hidden = suppression.table().query("reason != 'shown'")
    assert suppression.tables.count[suppression.hidden].sum() == 3 + 20 + 20 + 9
    assert list(zip(hidden["unit"], hidden["answer"], strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    best = min(cost for cost, cells in _choices(matrix) if _protects(matrix, cells))
    assert suppression.tables.count[suppression.hidden].sum() - 3 == best


def _choices(matrix):
    flat = np.ravel(matrix)
    for keep in product((False, True), repeat=8):
        cells = [0, *(i + 1 for i, one in enumerate(keep) if one)]
        yield flat[cells[1:]].sum(), cells


def _protects(matrix, cells):
    """Can cell 0 move by 3 when only these cells of the table are hidden? By one step of brute force along rectangles."""
    size, flat = 3, np.ravel(matrix)
    total = 0
    for i, j in product((1, 2), repeat=2):
        if {i * size, j, i * size + j} <= set(cells):
            total += min(flat[i * size], flat[j]) - 1 + min(flat[0], flat[i * size + j]) - 1
    return total >= 3


def test_a_unit_alone_in_its_group_is_hidden_in_the_subtotal_too():
    suppression = protect(two_way([[3, 20], [9, 30], [8, 25]], ["a", "b", "b"]), RULE)
    table = suppression.table()
    row = table[(table["group"] == "a") & (table["answer"] == 0)]
    assert row["value"].isna().all()
    assert suppression.audit().protected.all()


def test_the_exact_programme_hides_less_than_cell_by_cell():
    matrix = np.random.default_rng(7).poisson(8, (5, 4))
    costs = []
    for exact_up_to in (10**6, 0):
        suppression = protect(two_way(matrix, [0, 0, 1, 1, 1]), RULE, exact_up_to)
        assert suppression.audit().protected.all()
        costs.append(suppression.tables.count[suppression.hidden & ~suppression.primary].sum())
    assert costs == sorted(costs)
    assert costs[0] < costs[1]


@pytest.mark.parametrize("exact_up_to", [10**6, 0])
def test_hidden_cells_that_are_small_together_are_not_told_by_a_margin(exact_up_to):
    """Wide enough for a range of 1, yet 1 + 2 = 3 people of a row would be known."""
    rule = replace(RULE, protection_range=1)
    suppression = protect(two_way([[1, 2, 30], [2, 1, 40], [30, 40, 50]]), rule, exact_up_to)
    for equation in suppression.tables.sums.toarray():
        hidden = suppression.hidden
        rest = suppression.tables.count[(equation > 0) & hidden].sum()
        assert hidden[equation < 0].any() or rest == 0 or rest >= 5
    assert suppression.audit().protected.all()
    assert shown(protect(one_way((1, 2, 30, 9)), rule)) == [None, None, 30, None, 42]


def test_bounds_of_one_equation_use_both_ends():
    low, high = bounds_of_unknowns(np.array([[1.0, 1.0, -1.0]]), np.array([2.0]), np.array([0.0, 1, 0]), np.array([3.0, 9, 4]))
    assert [low.tolist(), high.tolist()] == [[0, 1, 0], [3, 6, 4]]
    low, high = bounds_of_unknowns(np.array([[1.0, 1.0]]), np.array([5.0]), np.zeros(2), np.array([3.0, 4.0]))
    assert [low.tolist(), high.tolist()] == [[1, 2], [3, 4]]


def test_bounds_refuse_numbers_that_contradict_each_other():
    matrix, edge = np.array([[1.0, 1.0], [1.0, 0.0]]), np.full(2, 50.0)
    assert [one.tolist() for one in bounds_of_unknowns(matrix, np.array([5.0, 2.0]), np.zeros(2), edge)] == [[2, 3], [2, 3]]
    with pytest.raises(DesignError, match="contradict"):
        bounds_of_unknowns(matrix, np.array([5.0, 7.0]), np.zeros(2), edge)
