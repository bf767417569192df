"""Figures beside a distribution, two publications, magnitudes: against attackers of our own."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from disclosure_samples import LEVELS, MEAN, RULE, TOP_TWO, compositions, one_way, shown, two_way
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import (
    TOTAL,
    Figure,
    differencing_risk,
    dominated,
    figures_beside,
    protect,
)
from analysis.variance import DesignError

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
