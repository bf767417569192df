"""Standard errors and intervals beside a distribution with hidden answers: do they tell what was hidden?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis.disclosure.figures import every_move


@dataclass(frozen=True, eq=False)
class Precision:
    """A standard error and interval that the mean of `scores` is a part of.

    scores: (k,) score of each answer; factor: what one unit of that mean is worth in the figure whose error it is.
    """

    scores: np.ndarray
    factor: float
    standard_error: float
    low: float | None
    high: float | None


def precision_stays(count: np.ndarray, hidden: np.ndarray, floor: np.ndarray, needed: np.ndarray, kept: Sequence[np.ndarray],
                    precisions: Sequence[Precision], printed: Callable[[float, float | None, float | None], object],
                    reach: int) -> bool:
    """Whether every hidden answer can move as far as needed (k,) while all that is printed stays as it is.

    A standard error tells the mean of the squares of a distribution whose mean is known: with r = sum of squared scores,
    its variance is at most factor^2 r / (n (n - 1)) + what others bring, all of which the attacker is taken to know (a simple
    random sample, everybody else's answers). So moves d are tried as in `figures_beside`: sum d = 0, d = 0 at shown answers,
    count + t d >= floor, each of `kept` exactly as it was; and `printed` (se, low, high), all that is seen of a precision, too.
    """
    n = int(count.sum())
    if not hidden.any():
        return True
    if n < 2 or any(each.standard_error <= 0 for each in precisions):
        return False
    lowest, highest = np.zeros(count.size), np.zeros(count.size)
    for move in _moves_that_keep(count.size, tuple(tuple(scores) for scores in kept)):
        if (move[~hidden] != 0).any():
            continue
        for times in range(1, reach + 1):
            step = times * move
            if (count + step < floor)[move != 0].any():
                break
            if all(_prints_alike(each, float(step @ each.scores**2) / (n * (n - 1)), printed) for each in precisions):
                lowest, highest = np.minimum(lowest, step), np.maximum(highest, step)
    return bool((highest - lowest >= needed).all())


@lru_cache(maxsize=64)
def _moves_that_keep(answers: int, kept: tuple[tuple[float, ...], ...]) -> np.ndarray:
    moves = every_move(answers)
    for scores in kept:
        moves = moves[np.abs(moves @ np.array(scores)) < 1e-9 * max(1.0, np.abs(scores).max())]
    return moves


def _prints_alike(each: Precision, change: float, printed: Callable) -> bool:
    variance = each.standard_error**2 + each.factor**2 * change
    if variance < 0:
        return False
    error = variance**0.5
    low, high = each.low, each.high
    if low is not None and high is not None:
        wider = (high - low) / 2 * (error / each.standard_error - 1)
        low, high = low - wider, high + wider
    return printed(each.standard_error, each.low, each.high) == printed(error, low, high)
