"""What can be worked out about hidden cells from what is published: their least and greatest values."""


import numpy as np
from scipy import optimize, sparse

from analysis.variance import DesignError

#: unknowns in one linear programme: many small tables are solved together
BATCH = 4000

TOUCH = 1e-7


def components(matrix: sparse.csr_array) -> tuple[int, np.ndarray]:
    """Component of each column, then of each row."""
    return sparse.csgraph.connected_components(sparse.block_array([[None, matrix.T], [matrix, None]]), directed=False)


def attack(sums, count, hidden, floor, needed) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (n,) of every cell, from what is shown; infinite: none. With `needed`, only until they are that far apart."""
    low, high = count.astype(float), count.astype(float)
    unknown = np.flatnonzero(hidden)
    if unknown.size:
        matrix, right = sums[:, unknown], -(sums @ np.where(hidden, 0, count))
        # what is bounded at all is bounded by the shown counts together; above that the programme's own edge is met
        edge = np.where(hidden, 0, count).sum() + np.maximum(floor + 10, 0).sum() + (0 if needed is None else needed.sum())
        low[unknown], high[unknown] = bounds_of_unknowns(
            matrix, right, np.maximum(floor[unknown], -4.0 * edge), np.full(unknown.size, 4.0 * edge),
            None if needed is None else needed[unknown])
        high[hidden & (high > edge)], low[hidden & (low < -edge)] = np.inf, -np.inf
    return low, high


def bounds_of_unknowns(matrix, right, low, high, needed=None) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest whole x_c, for every c, with matrix @ x = right and low <= x <= high; matrix of 0, 1 and -1.

    One equation alone: interval arithmetic, which is exact. Several: linear programmes, one unknown of every component at a
    time; a solution that is not whole is sought again over whole numbers. With `needed` (n,) the two only have to be `needed`
    apart where they can be. Raises DesignError if nothing fits.
    """
    matrix = sparse.csr_array(matrix)
    least, greatest = low.astype(float), high.astype(float)
    filled = np.diff(matrix.indptr) > 0
    if np.any(np.abs(right[~filled]) > TOUCH):
        raise DesignError("the published numbers contradict each other")
    matrix, right = matrix[filled], right[filled]
    if not matrix.shape[0]:
        return least, greatest
    _, piece = components(matrix)
    columns, rows = piece[: low.size], piece[low.size:]
    several = np.bincount(rows, minlength=piece.max() + 1) > 1
    alone = ~several[rows]
    _one_equation(matrix[alone], right[alone], least, greatest)
    cells = np.flatnonzero(several[columns])
    if cells.size:
        # batches of whole components, so that many small tables are one programme
        _, dense = np.unique(columns[cells], return_inverse=True)
        start = np.cumsum(np.bincount(dense))
        batch = ((start - 1) // BATCH)[dense]
        for number in np.unique(batch):
            mine = cells[batch == number]
            own = np.unique(matrix[:, mine].tocoo().row)
            least[mine], greatest[mine] = _by_programmes(
                matrix[own][:, mine], right[own], low[mine], high[mine], dense[batch == number],
                None if needed is None else needed[mine])
    return least, greatest


def _one_equation(matrix: sparse.csr_array, right: np.ndarray, least: np.ndarray, greatest: np.ndarray) -> None:
    """Tighten bounds in place, for unknowns that stand in one equation each: x_c = (right - the others) / its sign."""
    of = matrix.tocoo()
    row, cell, sign = of.row, of.col, of.data
    smallest = np.where(sign > 0, least[cell], -greatest[cell])
    largest = np.where(sign > 0, greatest[cell], -least[cell])
    below, above = (np.bincount(row, weights=one, minlength=right.size) for one in (smallest, largest))
    if np.any((below > right + TOUCH) | (above < right - TOUCH)):
        raise DesignError("the published numbers contradict each other")
    from_above, from_below = right[row] - (below[row] - smallest), right[row] - (above[row] - largest)
    least[cell] = np.maximum(least[cell], np.where(sign > 0, from_below, -from_above))
    greatest[cell] = np.minimum(greatest[cell], np.where(sign > 0, from_above, -from_below))


def _by_programmes(matrix, right, low, high, component, needed) -> tuple[np.ndarray, np.ndarray]:
    least, greatest = np.full(low.size, np.inf), np.full(low.size, -np.inf)

    def look(aim: np.ndarray) -> None:
        for sign in (1, -1):
            x = programme(sign * aim, matrix, right, low, high)
            if x is None:
                raise DesignError("the published numbers contradict each other")
            np.minimum(least, x, out=least)
            np.maximum(greatest, x, out=greatest)

    pending = np.ones(low.size, dtype=bool)
    if needed is not None:
        # a few general aims settle most cells: every bit of their positions as a sign
        place = np.arange(low.size)
        for bit in range(int(low.size).bit_length()):
            look(np.where(place >> bit & 1, 1.0, -1.0))
        pending, before = greatest - least < needed, low.size + 1
        while pending.any() and pending.sum() < 0.8 * before:
            before = pending.sum()
            look(pending.astype(float))
            pending = greatest - least < needed
    while pending.any():
        left = np.flatnonzero(pending)
        chosen = left[np.unique(component[left], return_index=True)[1]]
        look(np.bincount(chosen, minlength=low.size).astype(float))
        pending[chosen] = False
        if needed is not None:
            pending &= greatest - least < needed
    return least, greatest


def programme(aim, matrix, right, low, high) -> np.ndarray | None:
    """Whole x with least aim @ x, matrix @ x = right, low <= x <= high; None if there is none.

    Most tables have whole corners: the linear programme answers, and only if its answer is not whole is it asked for that."""
    for whole in (0, 1):
        solution = optimize.milp(aim, constraints=optimize.LinearConstraint(matrix, right, right),
                                 bounds=optimize.Bounds(low, high), integrality=np.full(aim.size, whole))
        if solution.x is None:
            return None
        x = np.round(solution.x)
        if np.abs(x - solution.x).max() < 1e-6 and not np.any(matrix @ x != right):
            return x
    raise DesignError("no whole solution could be told")
