"""The cheapest allocation that reaches a target for each of several items at once."""

from collections.abc import Mapping

import numpy as np
from scipy import linalg, optimize

from analysis.sampling.allocation import (
    Allocation,
    AllocationError,
    PerStratum,
    Strata,
    bounds,
)

#: A target counts as reached when the variance is within this share of it.
CLOSE = 1e-10
ITERATIONS = 500


def bethel(strata: Strata, targets: Mapping[str, float], minimum: PerStratum = 2,
           maximum: PerStratum | None = None) -> Allocation:
    """Smallest cost sum_h c_h n_h with CV(total of item k) <= targets[k] for every item, within the bounds.

    Constraint k: sum_h a_kh / n_h <= 1, a_kh = N_h^2 S_hk^2 / (Y_k^2 CV_k^2 + sum_h N_h S_hk^2). The program is convex;
    its solution is n_h = clip(sqrt(sum_k lambda_k a_kh / c_h), lower_h, upper_h) with multipliers lambda_k >= 0 that are
    0 where the target is more than reached. They maximise the concave dual: Chromy's steps lambda_k (sum_h a_kh / n_h)^2
    first, Newton's among multipliers >= 0 after. `exact` is the solution; `n` is whole, rounded up and then taken down by
    ones wherever no target is lost (dearest strata first), so every target holds. `multipliers` are in the order of targets
    and in units of cost: letting a CV that binds go by 1 % saves about 2 % of its multiplier (less when N is small).
    Raises AllocationError: unknown item, target not > 0, a mean of 0 overall, a target that the maximum does not allow.
    Source: Bethel (1989) Survey Methodology 15(1), 47-57; Chromy (1987) Proc. ASA Survey Research Methods, 194-199.
    """
    scaled = _constraints(strata, targets)
    lower, upper = bounds(strata, minimum, maximum)
    needed = scaled.max(axis=0) > 0
    start = np.where(needed, np.maximum(lower, np.minimum(1.0, upper)), lower)
    reached = _load(scaled, upper)
    if (reached > 1 + CLOSE).any():
        names = ", ".join(item for item, value in zip(targets, reached, strict=True) if value > 1 + CLOSE)
        raise AllocationError(f"the maximum does not allow the targets of {names}; raise the maximum or the targets")
    exact, multipliers = _solve(scaled, strata.cost, start, upper)
    n = _whole_and_enough(scaled, exact, start, strata)
    return Allocation("bethel", strata, n.astype(np.int64), exact, lower, upper, dict(targets), multipliers)


def _constraints(strata: Strata, targets: Mapping[str, float]) -> np.ndarray:
    """a_kh (K, H), so that constraint k reads sum_h a_kh / n_h <= 1."""
    if not targets:
        raise AllocationError("give a target for at least one item")
    columns = [strata.column(item) for item in targets]
    cv = np.array(list(targets.values()), dtype=float)
    if not (np.isfinite(cv) & (cv > 0)).all():
        raise AllocationError("targets must be above 0 (0.05 is a CV of 5 %)")
    totals = strata.population @ strata.means[:, columns]
    if not (np.abs(totals) > 0).all():
        raise AllocationError("a CV needs an item with a mean other than 0; give means for every item of the targets")
    variance = strata.deviations[:, columns].T ** 2
    allowed = (totals * cv) ** 2 + variance @ strata.population
    return strata.population**2 * variance / allowed[:, None]


def _load(scaled: np.ndarray, n: np.ndarray) -> np.ndarray:
    return np.divide(scaled, n, out=np.where(scaled > 0, np.inf, 0.0), where=n > 0).sum(axis=1)


def _solve(scaled: np.ndarray, cost: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    def sizes(multipliers: np.ndarray) -> np.ndarray:
        return np.clip(np.sqrt(multipliers @ scaled / cost), lower, upper)

    def dual(multipliers: np.ndarray) -> float:
        n = sizes(multipliers)
        return float(cost @ n + multipliers @ (_load(scaled, n) - 1))

    # each target alone, no bounds: lambda_k = (sum_h sqrt(a_kh c_h))^2
    multipliers = np.sqrt(scaled * cost).sum(axis=1) ** 2 / len(scaled)
    for _ in range(30):
        multipliers = multipliers * np.minimum(_load(scaled, sizes(multipliers)), 1e3) ** 2
    unit = max(float(cost @ upper), 1.0)
    for _ in range(ITERATIONS):
        n = sizes(multipliers)
        slope = _load(scaled, n) - 1
        if _settled(multipliers, slope, unit):
            return n, multipliers
        multipliers = _ascend(multipliers, slope, _curvature(scaled, cost, n, lower, upper), dual)
    raise AllocationError("the allocation did not settle; check that the deviations are of a sensible size")


def _settled(multipliers: np.ndarray, slope: np.ndarray, unit: float) -> bool:
    """Karush-Kuhn-Tucker: every target reached, and a target with a price reached exactly."""
    return bool((slope <= CLOSE).all() and (np.abs(slope) * (multipliers > 1e-12 * unit) <= CLOSE).all())


def _curvature(scaled, cost, n, lower, upper) -> np.ndarray:
    """Minus the dual's second derivative (K, K), positive semidefinite: only strata between their bounds count."""
    free = (n > lower) & (n < upper)
    return (scaled[:, free] / (2 * cost[free] * n[free] ** 3)) @ scaled[:, free].T


def _ascend(multipliers, slope, curvature, dual) -> np.ndarray:
    """A step uphill on the dual: Newton's among multipliers >= 0, or, when that does not gain (where no stratum is between
    its bounds the dual is straight), missed targets' prices up fourfold and reached ones' to 0. Halved until it gains.
    """
    ends = []
    ridge = 1e-11 * float(np.trace(curvature))
    if ridge > 0:
        ends.append(_newton(multipliers, slope, curvature + ridge * np.eye(slope.size)))
    raised = np.maximum(4 * multipliers, 1e-3 * max(multipliers.max(), 1.0))
    ends.append(np.where(slope < 0, 0.0, raised))
    before = dual(multipliers)
    for end in ends:
        share = 1.0
        while share > 1e-6:
            tried = multipliers + share * (end - multipliers)
            if dual(tried) >= before - 1e-13 * abs(before) and not np.array_equal(tried, multipliers):
                return tried
            share /= 2
    return multipliers


def _newton(multipliers: np.ndarray, slope: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Where slope d - d' H d / 2 is largest with multipliers + d >= 0: least squares in L'x, H = L L', to learn which are
    positive; then those exactly, since the least squares lose half the digits."""
    root = np.linalg.cholesky(curvature)
    end = optimize.nnls(root.T, root.T @ multipliers + linalg.solve_triangular(root, slope, lower=True))[0]
    free, step = end > 0, -multipliers
    if free.any():
        step[free] = np.linalg.solve(curvature[np.ix_(free, free)], slope[free] - curvature[np.ix_(free, ~free)] @ step[~free])
    return np.maximum(multipliers + step, 0.0)


def _whole_and_enough(scaled: np.ndarray, exact: np.ndarray, lower: np.ndarray, strata: Strata) -> np.ndarray:
    n = np.ceil(exact - 1e-9)
    load = _load(scaled, n)
    if (load > 1 + 1e-9).any():
        n = np.ceil(exact)
        load = _load(scaled, n)
    for h in np.argsort(-strata.cost, kind="stable"):
        while n[h] - 1 >= lower[h] and n[h] > 1:
            eased = load + scaled[:, h] * (1 / (n[h] - 1) - 1 / n[h])
            if (eased > 1 + 1e-12).any():
                break
            n[h], load = n[h] - 1, eased
    return n
