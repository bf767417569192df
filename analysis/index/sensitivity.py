"""How much of the order hangs on declared choices: ranks under other shares of the groups and other coefficients.

Sampling error is another matter (ranking.py): here the answers stay as they are and the rule is varied. Nothing here replaces
the official ranking, which follows the declared rule. U units, G respondent groups, C criteria, S scenarios, A answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

Missing = Literal["spread", "withhold"]
#: shares that add up to 1 but for this are taken to add up to 1
SUM = 1e-9


@dataclass(frozen=True, eq=False)
class Scenario:
    """Another rule: shares (G, C) and group means (U, G, C) that take the place of the official ones; None: they stay."""

    name: str
    shares: np.ndarray | None = None
    means: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Ranks under S scenarios beside the official ones; rank 1 is best, equals share the best rank.

    ranks: (S, U), NaN where a unit has no score; best, worst: (U,) smallest and largest rank over the scenarios;
    stays: (U,) share of the scenarios in which the unit keeps its official rank (among the units that have a score there);
    tau: (S,) Kendall's tau-b with the official ranking; moved: (S,) units with another rank; without_score: (S,) units.
    """

    scenarios: tuple[str, ...]
    official: np.ndarray
    ranks: np.ndarray
    best: np.ndarray
    worst: np.ndarray
    stays: np.ndarray
    tau: np.ndarray
    moved: np.ndarray
    without_score: np.ndarray

    def table(self, units: Sequence[object]) -> pd.DataFrame:
        """One row per unit: unit, rank, rank_best, rank_worst, stays."""
        if len(units) != self.official.size:
            raise ValueError(f"{len(units)} unit names for {self.official.size} ranks")
        return pd.DataFrame({"unit": list(units), "rank": self.official, "rank_best": self.best, "rank_worst": self.worst,
                             "stays": self.stays})

    def scenario_table(self) -> pd.DataFrame:
        """One row per scenario: scenario, tau, moved, without_score."""
        return pd.DataFrame({"scenario": self.scenarios, "tau": self.tau, "moved": self.moved,
                             "without_score": self.without_score})


def rank_sensitivity(
    means: np.ndarray,
    shares: np.ndarray,
    max_points: np.ndarray,
    scenarios: Sequence[Scenario],
    fixed: np.ndarray | None = None,
    missing: Missing = "spread",
    decimals: int = 9,
) -> Sensitivity:
    """Ranks of points_u = fixed_u + sum_c max_c * sum_g share_gc mean_ugc under the official rule and under each scenario.

    means: (U, G, C) mean coefficients, NaN where the group has no (or too few) ratings; shares: (G, C), each criterion's add up
    to 1; max_points: (C,); fixed: (U,) points that no scenario touches (the appraised ones), by default 0.
    missing "spread": shares of groups without a mean go to the unit's other groups in proportion; "withhold": the unit has no
    score. In both a unit without any mean in a criterion has no score. A criterion whose shares are all 0 in a scenario
    drops out for every unit. decimals: points that agree when rounded to so many are equal (give the printed number of decimals
    to rank as printed; the default only removes rounding noise).
    tau-b = sum sign(dx) sign(dy) / sqrt(sum |sign(dx)| sum |sign(dy)|) over pairs of units; NaN when all are equal.
    Raises ValueError: shapes, shares below 0 or not adding up to 1, a unit without an official score, no scenario.
    Source: OECD/JRC Handbook on Constructing Composite Indicators (2008), step 7; tau-b: R cor(method = "kendall").
    """
    means, shares, points, base = _checked(means, shares, max_points, fixed)
    if missing not in {"spread", "withhold"}:
        raise ValueError(f"missing is spread or withhold, not {missing!r}")
    if not scenarios:
        raise ValueError("give at least one scenario")
    official = np.round(_scores(means, shares[None], points, base, missing)[0], decimals)
    if np.isnan(official).any():
        raise ValueError(f"no official score at position {int(np.argmax(np.isnan(official)))}: leave out such units")
    scores = np.round(_scenario_scores(means, shares, points, base, missing, scenarios), decimals)

    present = ~np.isnan(scores)
    ranks = np.full(scores.shape, np.nan)
    stays = np.zeros(scores.shape, dtype=bool)
    tau = np.empty(len(scores))
    for s, (mine, there) in enumerate(zip(scores, present, strict=True)):
        ranks[s, there] = _ranks(mine[there])
        stays[s, there] = ranks[s, there] == _ranks(official[there])
        tau[s] = _tau(official[there], mine[there])
    known = present.any(axis=0)
    best, worst = np.full(len(known), np.nan), np.full(len(known), np.nan)
    best[known], worst[known] = np.nanmin(ranks[:, known], axis=0), np.nanmax(ranks[:, known], axis=0)
    with np.errstate(invalid="ignore"):
        kept = stays.sum(axis=0) / present.sum(axis=0)
    return Sensitivity(tuple(scenario.name for scenario in scenarios), _ranks(official).astype(int), ranks, best, worst, kept,
                       tau, (present & ~stays).sum(axis=1), (~present).sum(axis=1))


def leave_each_group_out(shares: np.ndarray, groups: Sequence[str]) -> list[Scenario]:
    """One scenario per group that has a share: its share goes to the others in proportion; a criterion that only it answers
    drops out (shares 0). shares: (G, C); groups: G names."""
    shares = _checked_shares(shares, groups)
    result = []
    for g in np.flatnonzero(shares.any(axis=1)):
        rest = shares.copy()
        rest[g] = 0
        total = rest.sum(axis=0)
        result.append(Scenario(f"without {groups[g]}", np.divide(rest, total, out=np.zeros_like(rest), where=total > SUM)))
    return result


def equal_shares(shares: np.ndarray) -> Scenario:
    """In each criterion the same share for every group that has one. shares: (G, C)."""
    asked = _checked_shares(shares) > 0
    return Scenario("equal shares", asked / asked.sum(axis=0))


def moved_shares(shares: np.ndarray, groups: Sequence[str], step: float) -> list[Scenario]:
    """Two scenarios per group: its share + step and - step (kept within 0 and 1), the others' scaled to the rest.

    Criteria where the group has no share, or the whole of it, stay; a group that has only such criteria has no scenario.
    shares: (G, C); step in (0, 1), as a share."""
    shares = _checked_shares(shares, groups)
    if not 0 < step < 1:
        raise ValueError(f"step must lie between 0 and 1, got {step}")
    result = []
    for g, name in enumerate(groups):
        free = (shares[g] > 0) & (shares[g] < 1 - SUM)
        if not free.any():
            continue
        for change in (step, -step):
            moved = shares.copy()
            mine = np.clip(shares[g, free] + change, 0, 1)
            moved[:, free] *= (1 - mine) / (1 - shares[g, free])
            moved[g, free] = mine
            result.append(Scenario(f"{name} {change:+g}", moved))
    return result


def sampled_shares(shares: np.ndarray, concentration: float, seed: int, draws: int) -> list[Scenario]:
    """`draws` scenarios with shares from Dirichlet(concentration * shares) in each criterion.

    Mean: the official share s; standard deviation sqrt(s (1 - s) / (concentration + 1)); shares of 0 stay 0. Criteria move
    together: each group has one random level per scenario (the quantile of its gamma variate), so criteria with the same shares
    keep the same shares. shares: (G, C); concentration > 0; seed: of numpy's Generator.
    """
    shares = _checked_shares(shares)
    if concentration <= 0 or draws < 1:
        raise ValueError("concentration must be above 0 and draws be at least 1")
    level = np.random.default_rng(seed).uniform(size=(draws, len(shares)))
    columns, back = np.unique(shares, axis=1, return_inverse=True)
    shape = concentration * columns
    drawn = np.where(shape > 0, stats.gamma.ppf(level[:, :, None], np.where(shape > 0, shape, 1.0)), 0.0)
    total = drawn.sum(axis=1, keepdims=True)
    drawn = np.where(total > 0, drawn / np.where(total > 0, total, 1), columns)[:, :, back.ravel()]
    return [Scenario(f"shares drawn {number}", one) for number, one in enumerate(drawn, start=1)]


def mean_coefficients(answers: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Group means (U, G, C) = sum_a n_a coefficient_a / sum_a n_a; NaN without answers.

    answers: (U, G, C, A) weighted counts >= 0; coefficients: (C, A), NaN where the criterion has no such answer (or it does not
    count, as "don't know"): such answers leave both sums. Raises ValueError on shapes and negative counts.
    """
    n, table = np.asarray(answers, dtype=float), np.asarray(coefficients, dtype=float)
    if n.ndim != 4 or table.shape != n.shape[2:]:
        raise ValueError(f"need answers (U, G, C, A) and coefficients (C, A), got {n.shape} and {table.shape}")
    if not (np.isfinite(n).all() and (n >= 0).all()):
        raise ValueError("counts of answers must be finite and not below 0")
    counts = ~np.isnan(table)
    total = np.einsum("ugca,ca->ugc", n, counts.astype(float))
    value = np.einsum("ugca,ca->ugc", n, np.where(counts, table, 0))
    return np.divide(value, total, out=np.full_like(total, np.nan), where=total > 0)


def linear_coefficients(coefficients: np.ndarray) -> np.ndarray:
    """The same first and last coefficient of each criterion, with equal steps between: 100/60/20/0 -> 100/66.7/33.3/0.

    coefficients: (C, A) in the order of the scale, NaN where there is no such answer. Raises ValueError when a criterion's
    coefficients go up and down, or it has none."""
    table = np.asarray(coefficients, dtype=float)
    result = np.full_like(table, np.nan)
    for c, row in enumerate(table):
        used = np.flatnonzero(~np.isnan(row))
        steps = np.diff(row[used])
        if not used.size or not ((steps >= 0).all() or (steps <= 0).all()):
            raise ValueError(f"criterion {c} needs coefficients that only rise or only fall, got {row.tolist()}")
        result[c, used] = np.linspace(row[used[0]], row[used[-1]], used.size)
    return result


def _checked(means, shares, max_points, fixed) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    means, points, shares = np.asarray(means, dtype=float), np.asarray(max_points, dtype=float), _checked_shares(shares)
    if means.ndim != 3 or 0 in means.shape or means.shape[1:] != shares.shape or points.shape != means.shape[2:]:
        raise ValueError(f"need means (U, G, C), shares (G, C) and max_points (C,), got {means.shape}, {shares.shape}, "
                         f"{points.shape}")
    base = np.zeros(len(means)) if fixed is None else np.asarray(fixed, dtype=float)
    if base.shape != (len(means),) or not np.isfinite(base).all() or not np.isfinite(points).all():
        raise ValueError("fixed must be one finite number per unit, max_points one per criterion")
    return means, shares, points, base


def _checked_shares(shares, groups: Sequence[str] | None = None, may_drop_out: bool = False) -> np.ndarray:
    shares = np.asarray(shares, dtype=float)
    if shares.ndim != 2 or (groups is not None and len(groups) != len(shares)):
        raise ValueError(f"shares must be (groups, criteria) with a name for each group, got {shares.shape}")
    total = shares.sum(axis=0)
    good = (np.abs(total - 1) <= SUM) | (may_drop_out & (total == 0))
    if not (np.isfinite(shares).all() and (shares >= 0).all() and good.all()):
        raise ValueError("shares must be at least 0 and add up to 1 in each criterion")
    return shares


def _scenario_scores(means, shares, points, base, missing, scenarios: Sequence[Scenario]) -> np.ndarray:
    """(S, U); scenarios with the same means are reckoned together."""
    together: dict[int, list[int]] = {}
    for s, scenario in enumerate(scenarios):
        together.setdefault(id(scenario.means), []).append(s)
    scores = np.empty((len(scenarios), len(means)))
    for positions in together.values():
        own = scenarios[positions[0]].means
        used = means if own is None else np.asarray(own, dtype=float)
        if used.shape != means.shape:
            raise ValueError(f"{scenarios[positions[0]].name}: means are {used.shape}, not {means.shape}")
        stacked = []
        for s in positions:
            mine = shares if scenarios[s].shares is None else _checked_shares(scenarios[s].shares, may_drop_out=True)
            if mine.shape != shares.shape:
                raise ValueError(f"{scenarios[s].name}: shares are {mine.shape}, not {shares.shape}")
            stacked.append(mine)
        scores[positions] = _scores(used, np.stack(stacked), points, base, missing)
    return scores


def _scores(means, shares, points, base, missing: Missing) -> np.ndarray:
    """Points (S, U) under shares (S, G, C)."""
    valid = ~np.isnan(means)
    filled = np.where(valid, means, 0.0)
    result = np.tile(base, (len(shares), 1))
    for c, most in enumerate(points):
        share = shares[:, :, c]
        counted, value = share @ valid[:, :, c].T.astype(float), share @ filled[:, :, c].T
        whole = share.sum(axis=1, keepdims=True)
        enough = (counted > SUM) & ((missing == "spread") | (counted > whole - SUM))
        mean = np.divide(value, counted, out=np.full_like(value, np.nan), where=enough)
        result += most * np.where(whole > 0, mean, 0.0)
    return result


def _ranks(scores: np.ndarray) -> np.ndarray:
    return stats.rankdata(-scores, method="min")


def _tau(one: np.ndarray, other: np.ndarray) -> float:
    first, second = np.sign(one[:, None] - one[None, :]), np.sign(other[:, None] - other[None, :])
    scale = np.sqrt(np.abs(first).sum() * np.abs(second).sum())
    return float((first * second).sum() / scale) if scale > 0 else float("nan")
