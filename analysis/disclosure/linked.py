"""Tables with several margins: least information hidden, exactly where they are small, cell by cell where they are large."""

from dataclasses import replace

import numpy as np
from scipy import optimize, sparse

from analysis.disclosure.attack import TOUCH, programme
from analysis.disclosure.tables import COMPLEMENT, Suppression, required_range, unprotected


def several_margins(part: Suppression, exact_up_to: int) -> np.ndarray:
    """hidden_by of one set of linked tables after complementary suppression."""
    by, exactly = part.hidden_by.copy(), True
    while True:
        now = replace(part, hidden_by=by)
        weak, telling = np.flatnonzero(unprotected(now)), _telling_sums(now)
        if not weak.size and not telling.size:
            return by
        found = _least_cells(now, weak, telling) if exactly and 2 * by.size * weak.size <= exact_up_to else None
        if found is None:
            exactly, found = False, _cell_by_cell(now, weak, telling)
        by[found] = COMPLEMENT


def _telling_sums(now: Suppression) -> np.ndarray:
    """Equations whose total is shown and whose hidden parts add up to a small count, which is then known."""
    known = -(now.tables.sums.minimum(0) @ (~now.hidden).astype(float)) > 0
    hidden = now.tables.sums.maximum(0) @ (now.tables.count * now.hidden)
    return np.flatnonzero(known & (hidden > 0) & (hidden < now.rule.minimum_count))


def _price(count: np.ndarray) -> np.ndarray:
    return np.where(count > 0, count, count.max(initial=1)).astype(float)


def _least_cells(now: Suppression, weak: np.ndarray, telling: np.ndarray) -> np.ndarray | None:
    """Cells to hide, by min sum price_c y_c over y in {0, 1} such that each weak cell p has two tables u, w that fit:
    sums @ u = sums @ w = 0, -(count - floor) y <= u, w <= M y, u_p - w_p >= needed_p (y = 1 where hidden already).
    """
    count, sums, hidden, n = now.tables.count, now.tables.sums, now.hidden, now.hidden.size
    needed, down = required_range(now), count - now.floor
    most = needed.max(initial=1)
    free = sparse.diags_array((~hidden).astype(float))
    rows, low, high = [], [], []

    def require(blocks: dict[int, sparse.sparray], least, greatest) -> None:
        size = next(iter(blocks.values())).shape[0]
        rows.append([blocks.get(k, sparse.csr_array((size, n))) for k in range(1 + 2 * weak.size)])
        low.append(np.broadcast_to(least, size))
        high.append(np.broadcast_to(greatest, size))

    eye = sparse.eye_array(n)
    for k, cell in enumerate(weak):
        for table in (2 * k + 1, 2 * k + 2):
            require({table: sums}, 0, 0)
            require({table: eye, 0: -most * free}, -np.inf, np.where(hidden, most, 0))
            require({table: eye, 0: sparse.diags_array(down) @ free}, np.where(hidden, -down, 0), np.inf)
        pick = sparse.csr_array(([1.0], ([0], [cell])), shape=(1, n))
        require({2 * k + 1: pick, 2 * k + 2: -pick}, needed[cell], np.inf)
    if telling.size:
        parts, totals = sums[telling].maximum(0), -sums[telling].minimum(0)
        shown = sparse.diags_array((count * ~hidden).astype(float))
        require({0: parts @ shown + now.rule.minimum_count * totals}, now.rule.minimum_count - parts @ (count * hidden), np.inf)
    choice = np.arange(n * (1 + 2 * weak.size)) < n
    solution = optimize.milp(
        np.where(choice, np.resize(_price(count) * ~hidden, choice.size), 0),
        constraints=optimize.LinearConstraint(sparse.block_array(rows).tocsr(), np.concatenate(low), np.concatenate(high)),
        bounds=optimize.Bounds(np.where(choice, 0, -np.inf), np.where(choice, np.resize(~hidden, choice.size), np.inf)),
        integrality=choice.astype(int))
    if solution.x is None:
        return None
    found = np.flatnonzero(solution.x[:n] > 0.5)
    return found if found.size else None


def _cell_by_cell(now: Suppression, weak: np.ndarray, telling: np.ndarray) -> np.ndarray:
    """Cells to hide so that each weak cell can move as far as it needs: for one after the other, the largest first, the
    cheapest move that fits. What none of the moves needs in the end is left shown, the dearest tried first."""
    count, needed = now.tables.count, required_range(now)
    hidden, price = now.hidden.copy(), _price(count)
    for equation in telling:
        of = now.tables.sums[[equation]].tocoo()
        cells = of.col[~hidden[of.col] & (count[of.col] > 0)]
        if not hidden[of.col[of.data < 0]].any():
            hidden[cells[np.argmin(price[cells])]] = True
    asked = hidden & ~now.hidden
    moves: dict[int, np.ndarray] = {}
    for cell in weak[np.lexsort((weak, -count[weak]))]:
        moved = _cheapest_move(now, cell, needed[cell], np.where(hidden, TOUCH, price))
        hidden |= True if moved is None else moved
        if moved is not None:
            moves[cell] = moved
    spare = np.flatnonzero(hidden & ~now.hidden & ~asked) if len(moves) == weak.size else ()
    for cell in sorted(spare, key=lambda one: (-price[one], one)):
        hidden[cell] = False
        again = {}
        for target in [target for target, moved in moves.items() if moved[cell]]:
            again[target] = _cheapest_move(now, target, needed[target], np.where(hidden, 1.0, np.inf))
            if again[target] is None:
                hidden[cell] = True
                break
        else:
            moves |= again
    return np.flatnonzero(hidden & ~now.hidden)


def _cheapest_move(now: Suppression, cell: int, needed: float, price: np.ndarray) -> np.ndarray | None:
    """Which cells take part in d, the whole numbers with sums @ d = 0, d >= -(count - floor), d at `cell` = needed or
    -needed and the least sum of price |d| (an infinite price: the cell stays); None if there is none."""
    down = np.where(np.isfinite(price), now.tables.count - now.floor, 0)
    up = np.where(np.isfinite(price), np.inf, 0)
    cost, n = np.resize(np.where(np.isfinite(price), price, 0), 2 * price.size), price.size
    matrix, best = sparse.hstack([now.tables.sums, -now.tables.sums]).tocsr(), None
    for forward, back in ((cell, cell + n), (cell + n, cell)):
        low, high = np.zeros(2 * n), np.concatenate([up, down])
        if high[forward] < needed:
            continue
        low[forward], high[forward], high[back] = needed, needed, 0
        d = programme(cost, matrix, np.zeros(matrix.shape[0]), low, high)
        if d is not None and (best is None or cost @ d < cost @ best - TOUCH):
            best = d
    return None if best is None else best[:n] + best[n:] > TOUCH
