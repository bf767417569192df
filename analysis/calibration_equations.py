"""The equations of calibration: factors F(x' eta / sigma2) of the weights that make columns meet their totals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from analysis.variance import DesignError

DISTANCES = ("linear", "raking", "logit")
UNBOUNDED = (-np.inf, np.inf)


class CalibrationError(DesignError):
    """The known totals and the sample do not fit; `faults` names every one."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, eq=False)
class Equations:
    """Columns x (n, p), p >= 1, to meet totals (p,); sigma2 (n,) > 0; the distance and how near is met (see `calibrate`)."""

    columns: np.ndarray
    names: tuple[str, ...]
    totals: np.ndarray
    sigma2: np.ndarray
    distance: str
    bounds: tuple[float, float]
    epsilon: float
    max_iterations: int

    def factors(self, weights: np.ndarray) -> np.ndarray:
        """New over old weights (n,), by Newton's method; a step that overshoots is halved (the dual is convex).

        Raises CalibrationError: totals out of reach of the bounds one by one or together, or not met in max_iterations.
        Source: Deville and Särndal (1992) 2; R survey::grake.
        """
        root = np.sqrt((self.columns**2 * weights[:, None]).sum(axis=0))
        size = np.where(root > 0, root, 1.0)
        x, wanted = self.columns / size, self.totals / size
        tolerance = self.epsilon * (1 + np.abs(self.totals)) / size

        def at(eta):
            factor, slope = response(self.distance, self.bounds, x @ eta / self.sigma2)
            with np.errstate(invalid="ignore"):
                return factor, slope, wanted - x.T @ (weights * factor)

        eta = np.zeros(x.shape[1])
        factor, slope, misfit = at(eta)
        for _ in range(self.max_iterations):
            if (np.abs(misfit) <= tolerance).all():
                return factor
            ahead = _solved(x, weights * slope / self.sigma2, misfit)
            if misfit @ ahead <= 1e-12 * (misfit @ misfit):
                ahead = _solved(x, weights / self.sigma2, misfit)
            gain, stride = misfit @ ahead, 1.0
            for _ in range(60):
                factor, slope, left = at(eta + stride * ahead)
                if np.isfinite(left).all() and -(left @ ahead) <= 0.5 * gain:
                    break
                stride /= 2
            eta, misfit = eta + stride * ahead, left
        if (np.abs(misfit) <= tolerance).all():
            return factor
        raise CalibrationError(self._unmet(weights, misfit * size, tolerance * size))

    def _unmet(self, weights: np.ndarray, misfit: np.ndarray, tolerance: np.ndarray) -> list[str]:
        low, high = self.bounds if self.distance != "raking" else (max(self.bounds[0], 0.0), self.bounds[1])
        part = self.columns * weights[:, None]
        with np.errstate(invalid="ignore"):
            ends = np.stack([np.where(part == 0, 0.0, part * low), np.where(part == 0, 0.0, part * high)])
        least, most = ends.min(axis=0).sum(axis=0), ends.max(axis=0).sum(axis=0)
        bounds = f"factors {low:g} to {high:g}"
        out = np.flatnonzero((self.totals < least) | (self.totals > most))
        if out.size:
            return [f"the total {self.totals[j]:.10g} of {self.names[j]} is out of reach of {bounds}: from {least[j]:.10g} to "
                    f"{most[j]:.10g}" for j in out]
        missed = self._misses_at_best(part, low, high)
        if missed:
            return [f"the totals cannot all be met by {bounds}: at best {', '.join(missed)} miss theirs; widen the bounds, "
                    "merge categories or check the totals"]
        return [f"calibration did not converge in {self.max_iterations} rounds: {self.names[j]} is off by {misfit[j]:.4g}"
                for j in np.flatnonzero(np.abs(misfit) > tolerance)]

    def _misses_at_best(self, part: np.ndarray, low: float, high: float) -> list[str]:
        """Names of the totals that are missed when the sum of relative misses is least (a linear programme)."""
        n, p = part.shape
        size = 1 + np.abs(self.totals)
        found = optimize.linprog(
            np.concatenate([np.zeros(n), np.ones(2 * p)]), method="highs",
            A_eq=np.hstack([part.T / size[:, None], np.eye(p), -np.eye(p)]), b_eq=self.totals / size,
            bounds=[(low, high)] * n + [(0, None)] * (2 * p))
        if found.status != 0 or found.fun <= 1e-6:
            return []
        return [self.names[j] for j in np.flatnonzero(found.x[n:n + p] + found.x[n + p:] > 1e-9)]


def check_distance(distance: str, bounds: tuple[float, float]) -> None:
    """Raise DesignError unless the distance is known and the bounds are (lower, upper), for logit finite and around 1."""
    if distance not in DISTANCES:
        raise DesignError(f"distance must be one of {', '.join(DISTANCES)}, not {distance!r}")
    low, high = bounds
    if not low < high:
        raise DesignError(f"bounds must be (lower, upper) with lower < upper, not {bounds!r}")
    if distance == "logit" and not (np.isfinite([low, high]).all() and low < 1 < high):
        raise DesignError("logit calibration needs finite bounds around 1, such as bounds=(0.5, 2)")


def response(distance: str, bounds: tuple[float, float], u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """F(u) and F'(u): linear 1 + u, raking exp(u), both cut at the bounds; logit a curve between them with F(0) = F'(0) = 1."""
    low, high = bounds
    if distance == "logit":
        steep = (high - low) / ((1 - low) * (high - 1))
        # a logistic curve written with tanh, which cannot overflow
        share = 0.5 * (1 + np.tanh(0.5 * (steep * u + np.log((1 - low) / (high - 1)))))
        return low + (high - low) * share, steep * (high - low) * share * (1 - share)
    with np.errstate(over="ignore"):
        value = np.exp(u) if distance == "raking" else 1 + u
    inside = (value > low) & (value < high)
    return np.clip(value, low, high), np.where(inside, value if distance == "raking" else 1.0, 0.0)


def _solved(x: np.ndarray, weights: np.ndarray, misfit: np.ndarray) -> np.ndarray:
    """Least-norm solution of X' W X a = misfit: columns may be combinations of each other."""
    return linalg.pinvh((x * weights[:, None]).T @ x, rtol=1e-11) @ misfit
