"""Standard errors and intervals beside a distribution with hidden answers: do they tell what was hidden?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis.disclosure.figures import every_move


@dataclass(frozen=True, eq=False)
class Precision:
    """A printed standard error and interval that the mean of `scores` is a part of.

    scores: (k,) score of each answer; factor: what one unit of that mean is worth in the printed figure.
    """

    scores: np.ndarray
    factor: float
    standard_error: float
    low: float | None
    high: float | None


def precision_stays(count: np.ndarray, hidden: np.ndarray, floor: np.ndarray, needed: np.ndarray, kept: Sequence[np.ndarray],
                    printed: Sequence[Precision], decimals: int, reach: int) -> bool:
    """Whether every hidden answer can move as far as needed (k,) while all that is printed stays as it is.

    A standard error tells the mean of the squares of a distribution whose mean is known: with r = sum of squared scores,
    its variance is at most factor^2 r / (n (n - 1)) + what others bring, all of which the attacker is taken to know (a simple
    random sample, everybody else's answers). So moves d are tried as in `figures_beside`: sum d = 0, d = 0 at shown answers,
    count + t d >= floor, each of `kept` exactly as it was; and se, low and high, rounded to `decimals`, as they were.
    """
    n = int(count.sum())
    if not hidden.any():
        return True
    if n < 2 or any(each.standard_error <= 0 for each in printed):
        return False
    lowest, highest = np.zeros(count.size), np.zeros(count.size)
    for move in _moves_that_keep(count.size, tuple(tuple(scores) for scores in kept)):
        if (move[~hidden] != 0).any():
            continue
        for times in range(1, reach + 1):
            step = times * move
            if (count + step < floor)[move != 0].any():
                break
            if all(_prints_alike(each, float(step @ each.scores**2) / (n * (n - 1)), decimals) for each in printed):
                lowest, highest = np.minimum(lowest, step), np.maximum(highest, step)
    return bool((highest - lowest >= needed).all())


@lru_cache(maxsize=64)
def _moves_that_keep(answers: int, kept: tuple[tuple[float, ...], ...]) -> np.ndarray:
    moves = every_move(answers)
    for scores in kept:
        moves = moves[np.abs(moves @ np.array(scores)) < 1e-9 * max(1.0, np.abs(scores).max())]
    return moves


def _prints_alike(each: Precision, change: float, decimals: int) -> bool:
    variance = each.standard_error**2 + each.factor**2 * change
    if variance < 0:
        return False
    error = variance**0.5
    values = [(each.standard_error, error)]
    if each.low is not None and each.high is not None:
        wider = (each.high - each.low) / 2 * (error / each.standard_error - 1)
        values += [(each.low, each.low - wider), (each.high, each.high + wider)]
    return all(_cell(before, decimals) == _cell(after, decimals) for before, after in values)


def _cell(value: float, decimals: int) -> float:
    return round(value, decimals)
