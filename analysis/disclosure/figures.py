"""Figures printed beside a distribution (means, top two), and magnitudes of few contributors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np
import pandas as pd

from analysis.disclosure.attack import TOUCH
from analysis.disclosure.tables import FEW, FIGURE, RULES, DisclosureRule, Suppression, required_range
from analysis.variance import DesignError

KEEPS = ("figures", "distribution")


@dataclass(frozen=True)
class Figure:
    """A mean or share that stands beside a distribution: sum score x count / sum count, over the answers that have a score.

    scores: answer -> score (a top-two share: 100 or 0). decimals: at which it may be published, the finest first; None: as an
    exact number. A standard error or an interval of a mean tells the mean of the squared scores: declare that figure too.
    """

    name: str
    scores: Mapping[object, float]
    decimals: tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class FiguresBeside:
    """What becomes of the figures, and the distributions as they may stand beside them."""

    suppression: Suppression
    figures: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """One row per table and figure: the table's keys, figure, status (shown, coarsened, withheld), decimals (missing: exact
        or withheld), rule."""
        return self.figures.copy()


def figures_beside(suppression: Suppression, figures: Sequence[Figure], keep: str, valid_known: bool) -> FiguresBeside:
    """Which figures may be published beside distributions with hidden cells, and at how many decimals.

    A figure is one more equation: with n and a mean, two hidden answers are known exactly. So for each distribution with a
    hidden cell the first that holds, all figures together:
    keep="figures": the distribution as it is and the figures at their finest; the distribution hidden whole (n stays) and the
    figures at their finest; hidden whole and the figures at fewer decimals, step by step; the figures withheld.
    keep="distribution": the distribution as it is and the figures at fewer and fewer decimals; the figures withheld.
    A figure on fewer than minimum_respondents valid answers is withheld. valid_known: does the exact number of valid answers
    stand anywhere? Beside the total it tells a single "don't know" cell exactly.
    Holds: whole moves d with sum d = 0 (where valid_known: among valid and among other answers), d = 0 at shown cells,
    count + t d >= floor, that leave every figure's printed value as it is, make each primary cell protection_range wide: so
    many tables print the same. Moves of up to four answers by 1 or 2, and their multiples t, are tried, therefore "withheld"
    may be too careful, "shown" never is. A distribution that is also a part of other sums (`over`) is not searched: withheld.
    Raises DesignError: figures with different valid answers, unknown `keep`.
    """
    tables, rule = suppression.tables, suppression.rule
    valid = [set(figure.scores) for figure in figures]
    if keep not in KEEPS or not figures or any(one != valid[0] for one in valid) or not all(one.decimals for one in figures):
        raise DesignError(f"keep must be one of {', '.join(KEEPS)}; figures must have decimals and score the same answers")
    of = tables.sums[tables.distribution].tocoo()
    total = np.zeros(of.shape[0], dtype=np.int64)
    total[of.row[of.data < 0]] = of.col[of.data < 0]
    row, part = of.row[of.data > 0], of.col[of.data > 0]
    code, answers = pd.factorize(tables.keys.iloc[part, -1], sort=True, use_na_sentinel=False)
    cell, used = np.zeros((total.size, len(answers)), dtype=np.int64), np.zeros((total.size, len(answers)), dtype=bool)
    cell[row, code], used[row, code] = part, True
    count, hidden = np.where(used, tables.count[cell], 0), used & suppression.hidden[cell]
    needed = np.where(used, required_range(suppression)[cell], 0)
    scored = np.array([answer in valid[0] for answer in answers], dtype=bool)
    n = count[:, scored].sum(axis=1)
    few = n < max(rule.minimum_respondents, rule.minimum_count)
    linked = (np.diff(tables.sums.tocsc().indptr)[cell] * used).max(axis=1, initial=0) > 1
    steps = range(max(len(figure.decimals) for figure in figures))
    ladder = [(False, 0)] + ([(True, step) for step in steps] if keep == "figures" else [(False, step) for step in steps[1:]])
    taken = np.where(few | hidden.any(axis=1), -1, 0)
    open_rows = np.flatnonzero(hidden.any(axis=1) & ~few & ~linked)
    moves = _moves(scored, valid_known)
    for rung, (whole, step) in enumerate(ladder):
        mine = used[open_rows] if whole else hidden[open_rows]
        floor = np.where(mine & ~whole, suppression.floor[cell[open_rows]], 0)
        prints = [(np.array([figure.scores.get(answer, 0) for answer in answers], dtype=float),
                   figure.decimals[min(step, len(figure.decimals) - 1)]) for figure in figures]
        holds = _hold(count[open_rows], mine, floor, needed[open_rows], scored, moves, prints, rule.protection_range)
        taken[open_rows[holds]] = rung
        open_rows = open_rows[~holds]
    by, floor = suppression.hidden_by.copy(), suppression.floor.copy()
    gone = used & np.array([whole for whole, _ in ladder] + [False])[taken][:, None]
    by[cell[gone & ~hidden]], floor[cell[gone]] = FIGURE, 0
    rows = []
    for figure in figures:
        step = np.minimum(np.array([step for _, step in ladder])[taken], len(figure.decimals) - 1)
        at = pd.array([None if t < 0 else figure.decimals[k] for t, k in zip(taken, step, strict=True)], dtype="Int64")
        rows.append(tables.keys.iloc[total, :-1].assign(
            figure=figure.name, status=np.where(taken < 0, "withheld", np.where(step > 0, "coarsened", "shown")), decimals=at,
            rule=np.where(few, RULES[FEW], np.where(taken < 0, "would tell hidden cells", ""))))
    return FiguresBeside(replace(suppression, hidden_by=by, floor=floor), pd.concat(rows, ignore_index=True))


def _moves(scored: np.ndarray, valid_known: bool) -> np.ndarray:
    """Changes of up to four answers by 1 or 2 that leave the number of answers, and of valid ones, as it is: (m, k)."""
    found = []
    for size in (2, 3, 4):
        for places in combinations(range(scored.size), size):
            for steps in product((-2, -1, 1, 2), repeat=size):
                move = np.bincount(places, weights=steps, minlength=scored.size).astype(int)
                if not move.sum() and not (valid_known and move[scored].sum()) and 1 in np.abs(steps):
                    found.append(move)
    return np.array(found, dtype=int).reshape(len(found), scored.size)


def _hold(count, hidden, floor, needed, scored, moves, prints, reach: int) -> np.ndarray:
    """Tables whose hidden cells can each move as far as needed while everything printed stays: (tables,)."""
    low, high = np.zeros(count.shape), np.zeros(count.shape)
    for move in moves:
        live = np.flatnonzero((high - low < needed).any(axis=1))
        live = live[(hidden[live] | (move == 0)).all(axis=1)]
        for times in range(1, reach + 1):
            live = live[(count[live] + times * move >= floor[live])[:, move != 0].all(axis=1)]
            if not live.size:
                break
            same = np.ones(live.size, dtype=bool)
            n, other = count[live][:, scored].sum(axis=1), times * move[scored].sum()
            same &= n + other > 0
            for scores, decimals in prints:
                value = count[live] @ scores / n
                moved = np.divide(count[live] @ scores + times * (move @ scores), n + other, where=same, out=value.copy())
                same &= _prints_alike(value, moved - value, decimals)
            rows = live[same]
            low[rows], high[rows] = np.minimum(low[rows], times * move), np.maximum(high[rows], times * move)
    return (high - low >= needed).all(axis=1)


def _prints_alike(value: np.ndarray, shift: np.ndarray, decimals: int | None) -> np.ndarray:
    """Do value and value + shift print the same, whichever way halves are rounded?"""
    nothing = np.abs(shift) < 1e-9 * np.maximum(np.abs(value), 1)
    if decimals is None:
        return nothing
    at, moved = value * 10.0**decimals, (value + shift) * 10.0**decimals
    half = np.abs(np.abs(at - np.floor(at)) - 0.5) < TOUCH
    return nothing | (~half & (np.abs(moved - np.round(at)) < 0.5 - TOUCH))


def dominated(contributions: pd.DataFrame, by: Sequence[str], value: str, rule: DisclosureRule) -> pd.DataFrame:
    """Cells of a magnitude table (sums of amounts, or of the weights behind a weighted mean) that one or two people make.

    One row per cell: `by`, n, total, sensitive, rule. Sensitive: the `dominance` (n, k) largest contributions are more than k %
    of the total; or total - largest - second < p_percent / 100 x largest, so that the second could tell the first to within
    p %; or fewer than minimum_respondents contribute. A cell whose total is 0 is only counted. Raises DesignError on missing or
    negative contributions. Source: Hundepool et al. (2012) 4.2.2.
    """
    amount = contributions[value].to_numpy(dtype=float, na_value=np.nan)
    if not np.all(amount >= 0) or not np.isfinite(amount).all():
        raise DesignError(f"column {value!r} must hold contributions from 0, without gaps")
    largest, share = rule.dominance or (1, 100.0)
    frame = contributions[[*by]].assign(n=1, total=amount).sort_values("total", ascending=False)
    place = frame.groupby([*by], sort=False, dropna=False, observed=True).cumcount()
    for name, most in (("_first", 1), ("_two", 2), ("_top", largest)):
        frame[name] = frame["total"].where(place < most, 0.0)
    cells = frame.groupby([*by], sort=True, dropna=False, observed=True).sum().reset_index()
    checks = [(cells["n"] < rule.minimum_respondents, RULES[FEW])]
    if rule.dominance is not None:
        checks.append((cells["_top"] > share / 100 * cells["total"] * (1 + 1e-12), "dominance"))
    if rule.p_percent is not None:
        left = (cells["total"] - cells["_two"]).where(cells["total"] - cells["_two"] > 1e-12 * cells["total"], 0.0)
        checks.append((left < rule.p_percent / 100 * cells["_first"], "p percent"))
    named = np.select([check.to_numpy() for check, _ in checks], [name for _, name in checks], "")
    return cells[[*by, "n", "total"]].assign(sensitive=named != "", rule=named)
