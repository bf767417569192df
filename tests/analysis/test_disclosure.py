"""Disclosure control against attackers of our own: every table that fits what is published, counted one by one."""

from collections import defaultdict
from dataclasses import replace
from functools import lru_cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import (
    TOTAL,
    DisclosureRule,
    Figure,
    bounds_of_unknowns,
    differencing_risk,
    dominated,
    figures_beside,
    protect,
    tabulate,
)
from analysis.variance import DesignError

RULE = DisclosureRule(minimum_count=5, minimum_respondents=5, protection_range=3, zeros_sensitive=False, totals_published=True,
                      one_answer_below=None, dominance=None, p_percent=None)
LEVELS = dict(enumerate((1.0, 2.0, 3.0, 4.0, 5.0)))
MEAN = Figure("mean", LEVELS, (2,))
TOP_TWO = Figure("top two", {0: 0, 1: 0, 2: 0, 3: 100, 4: 100}, (2,))


def one_way(*tables):
    frame = pd.DataFrame([{"unit": unit, "answer": answer, "count": count} for unit, table in enumerate(tables)
                          for answer, count in enumerate(table)])
    return tabulate(frame, "answer", by=["unit"])


def two_way(matrix, groups=None):
    matrix = np.asarray(matrix)
    frame = pd.DataFrame([{"unit": i, "answer": j, "count": int(matrix[i, j])} for i, j in np.ndindex(matrix.shape)])
    if groups is None:
        return tabulate(frame, "answer", by=[], over=[("unit",)])
    return tabulate(frame.assign(group=[groups[unit] for unit in frame["unit"]]), "answer", by=[], over=[("group", "unit")])


def shown(suppression):
    return [None if pd.isna(value) else int(value) for value in suppression.published()["value"]]


@lru_cache
def compositions(total, parts):
    """Every way to share `total` among `parts`: (ways, parts)."""
    if parts == 1:
        return np.array([[total]])
    return np.vstack([np.insert(compositions(total - first, parts - 1), 0, first, axis=1) for first in range(total + 1)])


def everything_that_fits(suppression):
    """All whole-number tables that agree with the published numbers and the sums; hidden totals are free up to a bound.

    Written without the code under test: published values, the sums of the keys, and the declared floor."""
    tables, hidden, floor = suppression.tables, suppression.hidden, suppression.floor.astype(int)
    keys = list(tables.keys.itertuples(index=False, name=None))
    inner = [i for i, key in enumerate(keys) if TOTAL not in key]
    inside = [[at for at, j in enumerate(inner) if all(a in (TOTAL, b) for a, b in zip(key, keys[j], strict=True))]
              for key in keys]
    most = [min((tables.count[i] for i in range(len(keys)) if at in inside[i] and not hidden[i]), default=tables.count[j] + 3)
            for at, j in enumerate(inner)]
    ranges = [np.arange(floor[j], high + 1) if hidden[j] else tables.count[[j]] for j, high in zip(inner, most, strict=True)]
    values = np.stack([axis.ravel() for axis in np.meshgrid(*ranges, indexing="ij")], axis=1)
    full = np.stack([values[:, parts].sum(axis=1) for parts in inside], axis=1)
    fits = full[(full[:, ~hidden] == tables.count[~hidden]).all(axis=1) & (full >= floor).all(axis=1)]
    assert not (tables.sums @ fits.T).any()
    return fits


# ---- one total ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("counts", "expected"), [
    ((3, 27, 0, 0, 0), [None, None, 0, 0, 0, 30]),          # one small count takes the next with it
    ((2, 6, 30, 4), [None, 6, 30, None, 42]),               # two small ones cover each other
    ((1, 1, 30, 9), [None, None, 30, None, 41]),            # 1 + 1 is itself a small count
    ((2, 2, 0, 0), [None] * 5),                             # too few people: nothing is seen, n neither
    ((1, 1, 1, 1, 1), [None, None, None, None, None, 5]),   # zeros that are shown would tell that all are 1
    ((30, 0, 0), [30, 0, 0, 30]),
    ((8, 9, 0, 5), [8, 9, 0, 5, 22]),
    ((0, 0, 0), [0, 0, 0, 0]),
    ((4, 4, 5), [None, None, None, 13]),                    # 4 + 4 with 5 shown: who knows the rule would know both
])
def test_one_total(counts, expected):
    suppression = protect(one_way(counts), RULE)
    assert shown(suppression) == expected
    assert suppression.audit().protected.all()


def test_reasons_are_for_the_office_and_not_published():
    suppression = protect(one_way((3, 27, 0)), RULE)
    table = suppression.table()
    assert list(table.columns) == ["unit", "answer", "value", "reason", "rule"]
    assert list(table["reason"]) == ["primary", "complementary", "shown", "shown"]
    assert list(table["rule"]) == ["small count", "complement", "", ""]
    assert list(suppression.published().columns) == ["unit", "answer", "value"]
    audit = suppression.audit().table()
    assert audit[["low", "high", "needed"]].to_numpy().tolist() == [[1, 29, 3], [1, 29, 1]]


def test_all_in_one_answer_hides_which_answer_it_is():
    rule = replace(RULE, one_answer_below=20)
    assert shown(protect(one_way((0, 8, 0)), rule)) == [None, None, None, 8]
    assert list(protect(one_way((0, 8, 0)), rule).table()["rule"]) == ["whole table", "all in one answer", "whole table", ""]
    assert shown(protect(one_way((0, 20, 0)), rule)) == [0, 20, 0, 20]


def test_a_distribution_on_few_respondents_is_hidden_whole_and_its_n_stays():
    suppression = protect(one_way((0, 7, 0)), replace(RULE, minimum_respondents=10))
    assert shown(suppression) == [None, None, None, 7]
    assert set(suppression.table()["rule"]) == {"few respondents", ""}


def test_sensitive_zeros_are_hidden_and_then_nothing_is_known_to_be_above_zero():
    suppression = protect(one_way((0, 12, 9)), replace(RULE, zeros_sensitive=True))
    assert shown(suppression) == [None, 12, None, 21]
    assert suppression.audit().table()[["low", "high"]].to_numpy().tolist() == [[0, 9], [0, 9]]


def test_unpublished_totals_need_no_complement_and_are_not_in_the_table():
    suppression = protect(one_way((3, 27, 9)), replace(RULE, totals_published=False))
    assert shown(suppression) == [None, 27, 9]
    assert TOTAL not in set(suppression.table()["answer"])
    assert np.isinf(suppression.audit().high).all()


COUNTS = st.lists(st.integers(0, 12), min_size=1, max_size=5)
RULES = st.builds(DisclosureRule, st.integers(1, 6), st.integers(1, 8), st.integers(1, 5), st.booleans(), st.just(True),
                  st.none() | st.integers(1, 15), st.none(), st.none())


@settings(max_examples=150, deadline=None)
@given(COUNTS, RULES)
def test_no_hidden_cell_of_one_table_is_narrow(counts, rule):
    suppression = protect(one_way(counts), rule)
    hidden, total = suppression.hidden, sum(counts)
    if suppression.hidden.any() and not hidden[-1]:
        known = sum(count for count, gone in zip(counts, hidden, strict=False) if not gone)
        places = np.flatnonzero(hidden[:-1])
        fits = compositions(total - known, len(places))
        fits = fits[(fits >= suppression.floor[places]).all(axis=1)]
        width = fits.max(axis=0) - fits.min(axis=0)
        assert (width[suppression.primary[places]] >= rule.protection_range).all()
        assert (width >= 1).all()
        audit = suppression.audit()
        assert (audit.low == fits.min(axis=0)).all()
        assert (audit.high == fits.max(axis=0)).all()


@settings(max_examples=150, deadline=None)
@given(COUNTS, RULES)
def test_nothing_is_hidden_for_nothing_and_all_that_must_be_is(counts, rule):
    suppression = protect(one_way(counts), rule)
    small = [1 <= count < rule.minimum_count or (count == 0 and rule.zeros_sensitive) for count in [*counts, sum(counts)]]
    assert suppression.hidden[small].all()
    few = 0 < sum(counts) < rule.minimum_respondents
    one = 0 < sum(counts) == max(counts) < (rule.one_answer_below or 0)
    if not any(small) and not few and not one:
        assert not suppression.hidden.any()
    if few or one:
        assert suppression.hidden[:-1].all()


@settings(max_examples=150, deadline=None)
@given(COUNTS, RULES)
def test_a_higher_minimum_never_shows_what_a_lower_one_hides(counts, rule):
    lower = protect(one_way(counts), rule).hidden
    assert not (lower & ~protect(one_way(counts), replace(rule, minimum_count=rule.minimum_count + 1)).hidden).any()
    assert not (lower & ~protect(one_way(counts), replace(rule, minimum_respondents=rule.minimum_respondents + 1)).hidden).any()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.integers(0, 12), min_size=3, max_size=3), min_size=2, max_size=4), st.randoms(), st.booleans())
def test_the_order_of_rows_does_not_matter(matrix, random, linked):
    frame = pd.DataFrame([{"unit": i, "answer": j, "count": c} for i, row in enumerate(matrix) for j, c in enumerate(row)])
    order = list(range(len(frame)))
    random.shuffle(order)
    results = []
    for rows in (frame, frame.iloc[order]):
        tables = tabulate(rows, "answer", [], [("unit",)]) if linked else tabulate(rows, "answer", ["unit"])
        results.append(protect(tables, RULE).table())
    pd.testing.assert_frame_equal(*results)


@pytest.mark.parametrize("rule", [
    RULE, replace(RULE, one_answer_below=10), replace(RULE, zeros_sensitive=True), replace(RULE, protection_range=5),
    replace(RULE, minimum_count=4, minimum_respondents=6, one_answer_below=9),
])
@pytest.mark.parametrize(("answers", "largest"), [(3, 24), (4, 14), (5, 10)])
def test_an_attacker_with_the_programme_finds_several_tables(rule, answers, largest):
    """Every table with up to `largest` respondents is published; those that look alike must differ at every primary cell."""
    tables = np.vstack([compositions(total, answers) for total in range(largest + 1)]).tolist()
    suppression = protect(one_way(*tables), rule)
    value = suppression.published()["value"].astype(float).to_numpy().reshape(len(tables), -1)
    count, primary = (one.reshape(len(tables), -1) for one in (suppression.tables.count, suppression.primary))
    alike = defaultdict(list)
    for i, row in enumerate(value):
        alike[tuple(np.nan_to_num(row, nan=-1))].append(i)
    for rows in alike.values():
        width = np.ptp(count[rows], axis=0)
        assert (width[primary[rows].any(axis=0)] >= min(2, rule.protection_range)).all(), count[rows]


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


# ---- figures beside -------------------------------------------------------------------------------------------------------


def tables_that_print_the_same(counts, hidden, floor, figures):
    """Brute force over the hidden cells; figures: (scores, printed value, decimals or None)."""
    places, counts = np.flatnonzero(hidden), np.array(counts)
    ways = compositions(int(counts[places].sum()), len(places))
    fits = np.tile(counts, (len(ways), 1))
    fits[:, places] = ways
    fits = fits[(fits >= floor).all(axis=1)]
    for scores, value, decimals in figures:
        near = 1e-9 if decimals is None else 0.5 * 10.0**-decimals + 1e-9
        fits = fits[np.abs(fits @ scores / counts.sum() - value) <= near]
    return fits


def test_a_mean_tells_two_hidden_answers_exactly_so_one_of_them_has_to_go():
    suppression = protect(one_way((3, 9, 20, 40, 30)), RULE)
    assert shown(suppression) == [None, None, 20, 40, 30, 102]
    scores = np.arange(1.0, 6)
    mean = round(suppression.tables.count[:-1] @ scores / 102, 2)
    hidden, floor = suppression.hidden[:-1], suppression.floor[:-1]
    attack = tables_that_print_the_same((3, 9, 20, 40, 30), hidden, floor, [(scores, mean, 2)])
    assert attack.tolist() == [[3, 9, 20, 40, 30]]
    figures_first = figures_beside(suppression, [MEAN], keep="figures", valid_known=True)
    assert shown(figures_first.suppression) == [None] * 5 + [102]
    assert figures_first.table()[["figure", "status", "decimals"]].to_numpy().tolist() == [["mean", "shown", 2]]
    assert list(figures_first.suppression.table()["rule"])[2:5] == ["beside a figure"] * 3
    distribution_first = figures_beside(suppression, [MEAN], keep="distribution", valid_known=True)
    assert shown(distribution_first.suppression) == shown(suppression)
    assert list(distribution_first.table()["status"]) == ["withheld"]
    coarser = figures_beside(suppression, [replace(MEAN, decimals=(2, 1))], keep="distribution", valid_known=True).table()
    assert coarser[["status", "decimals"]].to_numpy().tolist() == [["coarsened", 1]]


def test_nearly_all_at_the_top_cannot_keep_an_exact_mean():
    suppression = protect(one_way((0, 0, 0, 1, 29)), RULE)
    ladder = replace(MEAN, decimals=(2, 1, 0))
    table = figures_beside(suppression, [ladder], "figures", valid_known=True).table()
    assert table[["status", "decimals"]].to_numpy().tolist() == [["coarsened", 0]]
    exact = figures_beside(suppression, [replace(MEAN, decimals=(None,))], "figures", valid_known=True).table()
    assert list(exact["status"]) == ["withheld"]
    assert exact["decimals"].isna().all()


@pytest.mark.parametrize("counts", [(2, 3, 3, 7, 7), (2, 3, 4, 8, 7)])
def test_a_table_counts_as_alike_only_when_its_figure_rounds_to_the_printed_one(counts):
    suppression = protect(one_way(counts), RULE)
    hidden, floor, scores = suppression.hidden[:-1], suppression.floor[:-1], np.arange(1.0, 6)
    mean = round(np.array(counts) @ scores / sum(counts), 1)
    fits = tables_that_print_the_same(counts, hidden, floor, [(scores, mean, 1)])
    assert (np.ptp(fits, axis=0)[suppression.primary[:-1]] < 3).any()
    beside = figures_beside(suppression, [replace(MEAN, decimals=(1,))], "distribution", valid_known=True)
    assert list(beside.table()["status"]) == ["withheld"]


def test_a_safe_distribution_keeps_its_figures_and_few_respondents_lose_them():
    suppression = protect(one_way((9, 9, 20, 40, 30), (0, 0, 1, 1, 1)), RULE)
    table = figures_beside(suppression, [MEAN, TOP_TWO], "figures", valid_known=True).table()
    assert list(table["status"]) == ["shown", "withheld"] * 2
    assert list(table["rule"]) == ["", "few respondents"] * 2
    assert list(table.columns) == ["unit", "figure", "status", "decimals", "rule"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=5, max_size=5), st.sampled_from(["figures", "distribution"]),
       st.sampled_from([(2,), (2, 1), (2, 1, 0), (None,), (None, 1)]), st.booleans(), st.integers(1, 4))
def test_figures_never_tell_a_primary_cell(counts, keep, decimals, both, reach):
    rule = replace(RULE, protection_range=reach)
    figures = [replace(one, decimals=decimals) for one in ((MEAN, TOP_TWO) if both else (MEAN,))]
    before = protect(one_way(counts), rule)
    after = figures_beside(before, figures, keep, valid_known=True)
    suppression, table = after.suppression, after.table()
    assert not (before.hidden & ~suppression.hidden).any()
    if suppression.hidden[-1] or not suppression.hidden.any() or (table["status"] == "withheld").all():
        return
    printed = []
    for figure, row in zip(figures, table.to_dict("records"), strict=True):
        assert row["status"] != "withheld"
        scores = np.array([figure.scores[answer] for answer in range(5)], dtype=float)
        value = np.array(counts) @ scores / sum(counts)
        at = None if pd.isna(row["decimals"]) else int(row["decimals"])
        printed.append((scores, value if at is None else round(value, at), at))
    fits = tables_that_print_the_same(counts, suppression.hidden[:-1], suppression.floor[:-1], printed)
    primary = suppression.primary[:-1]
    assert (np.ptp(fits, axis=0)[primary] >= reach).all()


def test_a_standard_error_is_one_more_figure():
    counts = (1, 2, 9, 12, 0)
    suppression = protect(one_way(counts), RULE)
    mean, squares = replace(MEAN, decimals=(None,)), Figure("mean square", {a: s**2 for a, s in LEVELS.items()}, (None,))
    alone = figures_beside(suppression, [mean], "figures", valid_known=True)
    together = figures_beside(suppression, [mean, squares], "figures", valid_known=True)
    assert list(alone.table()["status"]) == ["shown"]
    assert list(together.table()["status"]) == ["withheld"] * 2
    scores = np.arange(1.0, 6)
    printed = [(one, np.array(counts) @ one / 24, None) for one in (scores, scores**2)]
    fits = tables_that_print_the_same(counts, alone.suppression.hidden[:-1], alone.suppression.floor[:-1], printed)
    assert np.ptp(fits, axis=0)[0] < RULE.protection_range


def test_one_dont_know_cell_is_told_by_n_beside_the_number_of_valid_answers():
    suppression = protect(one_way((9, 12, 20, 40, 30, 2)), RULE)
    assert shown(suppression) == [None, 12, 20, 40, 30, None, 113]
    known, not_known = (figures_beside(suppression, [MEAN], "figures", valid_known=known) for known in (True, False))
    assert list(known.table()["status"]) == ["withheld"]
    assert list(not_known.table()["status"]) == ["shown"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=4, max_size=4), st.integers(0, 6), st.booleans(), st.integers(1, 3))
def test_figures_beside_dont_know_never_tell_a_primary_cell(levels, dont_know, valid_known, reach):
    counts, rule = np.array([*levels, dont_know]), replace(RULE, protection_range=reach)
    mean = Figure("mean", {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}, (1,))
    after = figures_beside(protect(one_way(counts.tolist()), rule), [mean], "figures", valid_known)
    suppression = after.suppression
    if suppression.hidden[-1] or not suppression.hidden.any() or (after.table()["status"] == "withheld").all():
        return
    printed = round(counts[:4] @ np.arange(1.0, 5) / counts[:4].sum(), 1)
    fits = tables_that_print_the_same(counts, suppression.hidden[:-1], suppression.floor[:-1], [])
    n = fits[:, :4].sum(axis=1)
    means = np.divide(fits[:, :4] @ np.arange(1.0, 5), n, where=n > 0, out=np.full(len(fits), np.inf))
    fits = fits[(np.abs(means - printed) <= 0.05 + 1e-9) & ((not valid_known) | (n == counts[:4].sum()))]
    assert (np.ptp(fits, axis=0)[suppression.primary[:-1]] >= reach).all()


def test_linked_distributions_with_hidden_cells_lose_their_figures():
    suppression = protect(two_way([[3, 20, 30], [20, 9, 40], [30, 40, 8]]), RULE)
    table = figures_beside(suppression, [Figure("mean", {0: 1.0, 1: 2.0, 2: 3.0}, (2,))], "figures", valid_known=True).table()
    assert dict(zip(table["unit"], table["status"], strict=True)) == {0: "withheld", 1: "withheld", 2: "shown", TOTAL: "shown"}


# ---- differencing, magnitudes ---------------------------------------------------------------------------------------------


def test_all_minus_women_tells_the_one_man():
    everybody, women = protect(one_way((10, 20, 31)), RULE), protect(one_way((10, 20, 30)), RULE)
    risk = differencing_risk(everybody, women, RULE, nested=True)
    assert not risk.safe
    # one man: what he answered, and so what he did not
    assert risk.table()[["answer", "low", "high"]].to_numpy().tolist() == [[0, 0, 0], [1, 0, 0], [2, 1, 1], [TOTAL, 1, 1]]
    assert differencing_risk(everybody, everybody, RULE, nested=True).safe
    assert not differencing_risk(everybody, everybody, replace(RULE, zeros_sensitive=True), nested=True).safe


def test_a_hidden_cell_of_one_run_is_told_by_the_next():
    first, second = protect(one_way((3, 9, 30)), RULE), protect(one_way((3, 25, 31)), RULE)
    assert shown(first) == [None, None, 30, 42]
    assert shown(second) == [None, None, 31, 59]
    assert differencing_risk(first, second, RULE, nested=False).table()["side"].unique().tolist() == ["difference"]
    later = protect(one_way((6, 9, 30)), RULE)
    nested = differencing_risk(later, first, RULE, nested=True).table()
    assert set(nested["side"]) >= {"difference"}
    # the first run's 3 and 9 lie in [1, 11]; the later one shows 6 and 9 of which they are a part: 3 to 6 and 6 to 9
    assert nested.query("answer == 0 and side == 'difference'")[["low", "high"]].to_numpy().tolist() == []
    tight = differencing_risk(protect(one_way((5, 8, 30)), RULE), protect(one_way((4, 8, 30)), RULE), RULE, nested=True).table()
    assert tight.query("side == 'second'")[["answer", "low", "high"]].to_numpy().tolist() == [[0, 4, 5]]


def test_a_difference_group_below_the_minimum_respondents_is_a_risk_even_without_small_cells():
    rule = replace(RULE, minimum_respondents=10)
    everybody, women = protect(one_way((17, 20, 30)), rule), protect(one_way((10, 20, 30)), rule)
    risk = differencing_risk(everybody, women, rule, nested=True).table()
    assert risk["answer"].tolist() == [0, 1, 2]
    one = replace(RULE, one_answer_below=20)
    assert differencing_risk(everybody, women, one, nested=True).table()["answer"].tolist() == [0]
    assert differencing_risk(everybody, women, RULE, nested=True).safe


def test_differencing_refuses_what_cannot_be():
    with pytest.raises(DesignError, match="contradict"):
        differencing_risk(protect(one_way((10, 20)), RULE), protect(one_way((11, 20)), RULE), RULE, nested=True)
    with pytest.raises(DesignError, match="key columns"):
        differencing_risk(protect(one_way((10, 20)), RULE), protect(two_way([[10, 20]], ["a"]), RULE), RULE, nested=True)


def test_dominance():
    frame = pd.DataFrame({"unit": list("aaaabbbbbbcc"), "weight": [90, 4, 3, 3, 5, 5, 5, 5, 5, 5, 1, 1]})
    ask = replace(RULE, minimum_respondents=3, dominance=(2, 85.0))
    by_size = dominated(frame, ["unit"], "weight", ask)
    assert list(by_size["rule"]) == ["dominance", "", "few respondents"]
    assert by_size[["n", "total"]].to_numpy().tolist() == [[4, 100], [6, 30], [2, 2]]
    # total - largest - second = 6 < 10 % of 90
    for percent, expected in ((10.0, "p percent"), (6.0, "")):
        asked = replace(ask, dominance=None, p_percent=percent)
        assert list(dominated(frame, ["unit"], "weight", asked)["rule"])[:2] == [expected, ""]
    pd.testing.assert_frame_equal(by_size, dominated(frame.sample(frac=1, random_state=1), ["unit"], "weight", ask))
    with pytest.raises(DesignError, match="contributions"):
        dominated(frame.assign(weight=-1), ["unit"], "weight", ask)


# ---- input ----------------------------------------------------------------------------------------------------------------


def test_tabulate_adds_every_total_once():
    frame = pd.DataFrame({"group": list("xxyy"), "unit": ["a", "b", "c", "c"], "answer": [1, 1, 1, 2], "count": [1, 2, 3, 4]})
    tables = tabulate(frame, "answer", by=[], over=[("group", "unit")])
    found = {tuple(key): count for *key, count in tables.keys.assign(count=tables.count).itertuples(index=False)}
    assert found == {
        ("x", "a", 1): 1, ("x", "b", 1): 2, ("y", "c", 1): 3, ("y", "c", 2): 4, ("x", TOTAL, 1): 3, ("y", TOTAL, 1): 3,
        ("y", TOTAL, 2): 4, (TOTAL, TOTAL, 1): 6, (TOTAL, TOTAL, 2): 4, ("x", "a", TOTAL): 1, ("x", "b", TOTAL): 2,
        ("y", "c", TOTAL): 7, ("x", TOTAL, TOTAL): 3, ("y", TOTAL, TOTAL): 7, (TOTAL, TOTAL, TOTAL): 10}
    assert not (tables.sums @ tables.count).any()


def test_no_rows_are_no_cells():
    empty = pd.DataFrame({"unit": [], "answer": [], "count": []})
    for tables in (tabulate(empty, "answer", ["unit"]), tabulate(empty, "answer", [], [("unit",)])):
        suppression = protect(tables, RULE)
        assert suppression.table().empty
        assert suppression.audit().table().empty
        assert figures_beside(suppression, [MEAN], "figures", valid_known=True).table().empty


def test_a_blank_is_an_answer_of_its_own():
    frame = pd.DataFrame({"unit": ["a"] * 3, "answer": pd.Series([1, 2, None], dtype=object), "count": [9, 8, 7]})
    assert shown(protect(tabulate(frame, "answer", ["unit"]), RULE)) == [9, 8, 7, 24]


@pytest.mark.parametrize(("frame", "message"), [
    ({"unit": [1, 1], "answer": [1, 1], "count": [1, 2]}, "stands twice"),
    ({"unit": [1, 1], "answer": [1, 2], "count": [1, -2]}, "whole numbers"),
    ({"unit": [1, 1], "answer": [1, 2], "count": [1, 2.5]}, "whole numbers"),
    ({"unit": [1, 1], "answer": [1, 2], "count": [1, None]}, "whole numbers"),
    ({"unit": [1, 1], "answer": [1, TOTAL], "count": [1, 2]}, "label may not be"),
    ({"answer": [1, 2], "count": [1, 2]}, "columns must exist"),
])
def test_bad_tables(frame, message):
    with pytest.raises(DesignError, match=message):
        tabulate(pd.DataFrame(frame), "answer", ["unit"])


@pytest.mark.parametrize("wrong", [
    {"minimum_count": 0}, {"minimum_respondents": 0}, {"protection_range": 0}, {"minimum_count": 2.5}, {"one_answer_below": 0},
    {"dominance": (0, 80.0)}, {"dominance": (1, 100.0)}, {"p_percent": 0.0},
])
def test_bad_rules(wrong):
    with pytest.raises(ValueError, match="must be"):
        replace(RULE, **wrong)


def test_bad_figures():
    suppression = protect(one_way((9, 9, 9, 9, 9)), RULE)
    for figures, keep in (([MEAN], "neither"), ([], "figures"), ([MEAN, Figure("other", {0: 1.0}, (2,))], "figures"),
                          ([replace(MEAN, decimals=())], "figures")):
        with pytest.raises(DesignError, match="keep"):
            figures_beside(suppression, figures, keep, valid_known=True)


def test_a_province_of_single_tables_is_fast_and_every_cell_is_audited():
    rng = np.random.default_rng(1)
    people, shares = rng.integers(3, 60, (200, 3)), [0.03, 0.07, 0.2, 0.4, 0.25, 0.05]
    names, sizes = ["unit", "group", "question", "answer"], (200, 3, 40, 6)
    frame = pd.MultiIndex.from_product(map(range, sizes), names=names).to_frame(index=False)
    frame["count"] = np.stack([rng.multinomial(n, shares, size=40) for n in people.ravel()]).ravel()
    suppression = protect(tabulate(frame, "answer", ["unit", "group", "question"]), RULE)
    assert suppression.audit().protected.all()
    assert suppression.hidden.mean() < 0.6
