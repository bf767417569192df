"""Disclosure control against attackers of our own: every table that fits what is published, counted one by one."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from disclosure_samples import MEAN, RULE, compositions, one_way, shown
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import (
    TOTAL,
    DisclosureRule,
    Figure,
    figures_beside,
    protect,
    tabulate,
)
from analysis.variance import DesignError

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
