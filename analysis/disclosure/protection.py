"""Which cells are hidden: the rule's own, and as many more as keep them from being worked out."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from analysis.disclosure.attack import components
from analysis.disclosure.linked import several_margins
from analysis.disclosure.tables import (
    COMPLEMENT,
    FEW,
    ONE_ANSWER,
    SHOWN,
    SMALL,
    UNPUBLISHED,
    WHOLE,
    ZERO,
    DisclosureRule,
    LinkedTables,
    Suppression,
    unprotected,
)
from analysis.variance import DesignError


def protect(tables: LinkedTables, rule: DisclosureRule, exact_up_to: int = 1500) -> Suppression:
    """Hide the primary cells, then the fewest respondents' cells more that keep them from being worked out.

    Primary: counts of 1..minimum_count - 1; zeros if sensitive; every answer of a group with 1 to minimum_respondents - 1 (or
    minimum_count - 1) respondents; an answer that all of a group of fewer than one_answer_below gave, and with it the whole
    table, zeros too, so that only the answer's name is missed and not the fact.
    Complementary, a table with one total that is shown: the smallest cells, one after the other, until (two or more are hidden)
    their sum is at least minimum_count and each is protection_range wide even to an attacker who knows that the smallest are
    hidden and why (see _width_to_who_knows_the_rule); zeros are not taken. If that cannot be, the whole table is hidden, and
    its total too when it is still too narrow. What a lower minimum_count would hide is hidden too: raising it shows nothing.
    Complementary, tables with several margins: least sum of hidden counts by an integer programme if twice the cells times the
    primary cells that lack protection are at most exact_up_to; else cell by cell, cheapest deviation by a linear programme, and
    then cells that turn out not to be needed are shown again. A zero is as dear as the largest total. Repeated until the audit
    finds every primary cell at least protection_range wide, no complementary one exactly known, and no sum of hidden cells that
    follows from one equation between 1 and minimum_count - 1.
    Not covered with several margins: an attacker who also reckons with how the cells were chosen.
    Raises DesignError if the audit fails (it cannot, short of a defect).
    """
    by, floor = _primary(tables, rule)
    equations = np.diff(tables.sums.tocsc().indptr)
    _, piece = components(tables.sums)
    alone = np.bincount(piece[tables.sums.shape[1]:], minlength=piece.max(initial=-1) + 1) == 1
    single = alone[piece[: equations.size]]
    by, floor = _single_totals(tables, rule, by, floor, alone[piece[equations.size:]])
    linked = np.flatnonzero(~single & (equations > 0))
    order = linked[np.argsort(piece[linked], kind="stable")]
    for cells in np.split(order, np.flatnonzero(np.diff(piece[order])) + 1) if order.size else ():
        rows = np.unique(tables.sums[:, cells].tocoo().row)
        part = Suppression(replace(tables, count=tables.count[cells], sums=tables.sums[rows][:, cells]), rule, by[cells],
                           floor[cells])
        by[cells] = several_margins(part, exact_up_to)
    done = Suppression(tables, rule, by, floor)
    rows = np.unique(tables.sums[:, np.flatnonzero(single)].tocoo().row)
    if unprotected(replace(done, tables=replace(tables, sums=tables.sums[rows])))[single].any():
        raise DesignError("the audit found a hidden cell that can be worked out")
    for array in (by, floor):
        array.flags.writeable = False
    return done


def _primary(tables: LinkedTables, rule: DisclosureRule) -> tuple[np.ndarray, np.ndarray]:
    count = tables.count
    by = np.where((count > 0) & (count < rule.minimum_count), SMALL, SHOWN)
    by[(count == 0) & rule.zeros_sensitive] = ZERO
    floor = np.zeros(count.size) if rule.zeros_sensitive else np.minimum(count, 1.0)
    of = tables.sums[tables.distribution].tocoo()
    size = np.zeros(of.shape[0], dtype=np.int64)
    size[of.row[of.data < 0]] = count[of.col[of.data < 0]]
    row, part = of.row[of.data > 0], of.col[of.data > 0]
    few = (size > 0) & (size < max(rule.minimum_respondents, rule.minimum_count))
    below = 0 if rule.one_answer_below is None else rule.one_answer_below
    agree = (count[part] == size[row]) & (size[row] > 0) & (size[row] < below) & ~few[row]
    one = np.zeros(size.size, dtype=bool)
    one[row[agree]] = True
    for cells, name in ((part[few[row]], FEW), (part[agree], ONE_ANSWER), (part[one[row]], WHOLE)):
        by[cells] = np.where(by[cells] == SHOWN, name, by[cells])
    floor[part[(few | one)[row]]] = 0
    if not rule.totals_published:
        by[tables.total] = UNPUBLISHED
    return by, floor


def _single_totals(tables, rule, by, floor, equations) -> tuple[np.ndarray, np.ndarray]:
    """Complementary cells of all tables with one total each, at once; equations: which rows of `sums` they are."""
    of = tables.sums[equations].tocoo()
    by, floor = by.copy(), floor.copy()
    total = np.zeros(of.shape[0], dtype=np.int64)
    total[of.row[of.data < 0]] = of.col[of.data < 0]
    cell, used = _padded(of)
    count, least = np.where(used, tables.count[cell], 0), np.where(used, floor[cell], 0)
    began = used & (by[cell] != SHOWN)
    hidden = began & (by[cell] != SMALL)
    whole = np.zeros(total.size, dtype=bool)
    # from the least minimum up, so that a higher one never shows what a lower one hides
    for minimum in range(1, rule.minimum_count + 1):
        hidden |= used & (count > 0) & (count < minimum)
        live = np.flatnonzero(hidden.any(axis=1) & (by[total] == SHOWN))
        while live.size:
            width = _width_to_who_knows_the_rule(count[live], used[live], hidden[live], least[live], minimum)
            lacking = (width < rule.protection_range) | ((hidden[live] * count[live]).sum(axis=1) < minimum)
            live = live[lacking]
            free = used[live] & ~hidden[live] & (count[live] > 0)
            can = free.any(axis=1)
            hidden[live[can], np.where(free, count[live], np.inf).argmin(axis=1)[can]] = True
            stuck = live[~can]
            by[total[stuck[whole[stuck]]]] = COMPLEMENT
            live = live[can | ~whole[live]]
            whole[stuck], hidden[stuck], least[stuck] = True, used[stuck], 0
    new = hidden & ~began
    by[cell[new]] = np.where(np.broadcast_to(whole[:, None], new.shape)[new], WHOLE, COMPLEMENT)
    floor[cell[used & whole[:, None]]] = 0
    return by, floor


def _width_to_who_knows_the_rule(count, used, hidden, least, minimum: int) -> np.ndarray:
    """Least width over the hidden cells of each table (t,), for an attacker who knows how they are chosen.

    x_c is at most u_c, the least of the shown counts that are not 0, less 1 where that cell comes first (ties go by place); one
    of the cells, p, is below minimum. With S the hidden sum, and u_p at most minimum - 1, for every p that can be:
    max(floor_c, S - sum of other u) <= x_c <= min(u_c, S - sum of other floors); low and high over all p.
    """
    places = count.shape[1]
    sums = (hidden * count).sum(axis=1)[:, None]
    shown = np.where(used & ~hidden & (count > 0), count, np.inf)
    first = np.tri(places, k=-1)
    bound = np.minimum((shown[:, None, :] - first).min(axis=2, initial=np.inf), sums)
    low, high = np.full(count.shape, np.inf), np.full(count.shape, -np.inf)
    for place in range(places):
        most = np.where(np.arange(places) == place, np.minimum(bound, minimum - 1), bound)
        possible = hidden[:, [place]] & ((hidden * most).sum(axis=1)[:, None] >= sums)
        rest_most, rest_least = ((hidden * one).sum(axis=1)[:, None] - one for one in (most, least))
        low = np.where(possible, np.minimum(low, np.maximum(least, sums - rest_most)), low)
        high = np.where(possible, np.maximum(high, np.minimum(most, sums - rest_least)), high)
    return np.where(hidden, np.maximum(high - low, 0), np.inf).min(axis=1, initial=np.inf)


def _padded(of: sparse.coo_array) -> tuple[np.ndarray, np.ndarray]:
    """Parts of each equation in a row (e, most parts) and which places are taken."""
    row, part = of.row[of.data > 0], of.col[of.data > 0]
    order = np.lexsort((part, row))
    row, part = row[order], part[order]
    many = np.bincount(row, minlength=of.shape[0])
    place = np.arange(row.size) - np.repeat(np.cumsum(many) - many, many)
    cell = np.zeros((of.shape[0], many.max(initial=0)), dtype=np.int64)
    used = np.zeros(cell.shape, dtype=bool)
    cell[row, place], used[row, place] = part, True
    return cell, used
