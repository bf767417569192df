"""Shrunken estimates for units with few respondents: the Fay-Herriot model. A diagnostic beside the official figures.

    direct_i = x_i'b + u_i + e_i,   u_i ~ (0, A),   e_i ~ (0, D_i), D_i known

An estimate drawn towards what the other units suggest. It says how much of a unit's distance from the rest may be noise; it
never replaces the official figure, which is the unit's own answers counted by the declared rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize

Method = Literal["reml", "ml", "prasad_rao", "fay_herriot"]
#: points at which the sign of an estimating function is looked at before its root is sought
GRID = 100


@dataclass(frozen=True, eq=False)
class SmallAreas:
    """Estimates of m units; arrays (m,) in the order given, in the units of the direct estimates (mse: squared).

    estimate = gamma * direct + (1 - gamma) * synthetic; gamma = A / (A + D): how much the unit's own answers count.
    coefficients (p,) with covariance (p, p) at the estimated A = model_variance. When that is 0 every unit gets its synthetic
    value and mse is too small: take it as "no difference between the units can be seen", not as certainty.
    """

    direct: np.ndarray
    direct_variance: np.ndarray
    estimate: np.ndarray
    synthetic: np.ndarray
    gamma: np.ndarray
    mse: np.ndarray
    coefficients: np.ndarray
    coefficient_covariance: np.ndarray
    model_variance: float
    method: Method

    def table(self, units: Sequence[object]) -> pd.DataFrame:
        """One row per unit: unit, direct, direct_se, estimate, root_mse, gamma, synthetic."""
        if len(units) != self.direct.size:
            raise ValueError(f"{len(units)} unit names for {self.direct.size} estimates")
        return pd.DataFrame({
            "unit": list(units), "direct": self.direct, "direct_se": np.sqrt(self.direct_variance), "estimate": self.estimate,
            "root_mse": np.sqrt(self.mse), "gamma": self.gamma, "synthetic": self.synthetic})


def fay_herriot(
    direct: np.ndarray, variance: np.ndarray, covariates: np.ndarray | None = None, method: Method = "reml",
) -> SmallAreas:
    """EBLUP under the Fay-Herriot model with its estimated mean squared error. Never in place of the official figure.

    V = diag(A + D), b = (X'V^-1 X)^-1 X'V^-1 y, P = V^-1 - V^-1 X (X'V^-1 X)^-1 X'V^-1. A >= 0 by `method`:
      reml         most restricted likelihood: y'PPy = tr P
      ml           most likelihood:            y'PPy = tr V^-1
      prasad_rao   [sum of squared OLS residuals - sum D_i (1 - h_ii)] / (m - p), not below 0
      fay_herriot  y'Py = m - p
    mse = g1 + g2 + 2 g3 - bias(A) (1 - gamma)^2, with g1 = gamma D, g2 = (1 - gamma)^2 x'(X'V^-1 X)^-1 x and
    g3 = D^2 / (A + D)^3 avar(A). avar(A) is 2 / sum V^-2 (reml, ml), 2 sum V^2 / m^2 (prasad_rao), 2 m / (sum V^-1)^2
    (fay_herriot); bias(A) is 0 (reml, prasad_rao), -tr[(X'V^-1 X)^-1 X'V^-2 X] / sum V^-2 (ml),
    2 [m sum V^-2 - (sum V^-1)^2] / (sum V^-1)^3 (fay_herriot: near A = 0 that can make mse negative, which then is NaN).

    direct, variance: (m,) estimates and their sampling variances > 0; the sampling errors count as independent, so shared
    raters are left out of account. covariates: (m, q) without the constant, which is always in; None: the constant alone.
    Raises ValueError: shapes, values not finite, variances not above 0 (all answers agreed, which is no proof of certainty:
    leave the unit out or give a smoothed variance), covariates that are linearly dependent, m <= p.
    Source: Fay and Herriot (1979) JASA 74; Prasad and Rao (1990) JASA 85; Datta and Lahiri (2000) Statistica Sinica 10;
    Datta, Rao and Smith (2005) Biometrika 92; R sae::mseFH; A and b also metafor::rma (REML, ML, HE, PM).
    """
    y, d, x = _checked(direct, variance, covariates)
    if method not in _ESTIMATORS:
        raise ValueError(f"method is one of {', '.join(_ESTIMATORS)}, not {method!r}")
    scale = float(np.median(d))  # the same answer in points and in per cent: solve in units of the typical error
    a = _ESTIMATORS[method](y / np.sqrt(scale), d / scale, x) * scale
    v = a + d
    inverse = np.linalg.inv(x.T @ (x / v[:, None]))
    b = inverse @ (x.T @ (y / v))
    gamma, synthetic = a / v, x @ b
    g2 = (d / v) ** 2 * np.einsum("ip,pq,iq->i", x, inverse, x)
    spread, bias = _moments_of_a(v, x, inverse, method)
    mse = gamma * d + g2 + 2 * d**2 / v**3 * spread - bias * (d / v) ** 2
    mse = np.where(mse > 0, mse, np.nan)
    return SmallAreas(y, d, gamma * y + (d / v) * synthetic, synthetic, gamma, mse, b, inverse, float(a), method)


def _checked(direct, variance, covariates) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, d = np.asarray(direct, dtype=float), np.asarray(variance, dtype=float)
    if y.ndim != 1 or y.shape != d.shape:
        raise ValueError(f"direct estimates and variances must be vectors of one length, got {y.shape} and {d.shape}")
    x = np.ones((y.size, 1))
    if covariates is not None:
        z = np.asarray(covariates, dtype=float)
        z = z[:, None] if z.ndim == 1 else z
        if z.ndim != 2 or len(z) != y.size:
            raise ValueError(f"covariates must have one row per unit, got {z.shape} for {y.size} units")
        x = np.hstack([x, z])
    if not (np.isfinite(y).all() and np.isfinite(d).all() and np.isfinite(x).all()):
        raise ValueError("estimates, variances and covariates must be finite: leave out units without them")
    if (d <= 0).any():
        raise ValueError(f"the sampling variance must be above 0, which it is not at position {int(np.argmax(d <= 0))}: "
                         "leave the unit out or give a smoothed variance")
    if y.size <= x.shape[1]:
        raise ValueError(f"{y.size} units cannot support {x.shape[1]} coefficients and a variance between the units")
    if np.linalg.matrix_rank(x / np.linalg.norm(x, axis=0).clip(1e-300)) < x.shape[1]:
        raise ValueError("the covariates are linearly dependent, or one is constant beside the constant: leave one out")
    return y, d, x


@dataclass(frozen=True)
class _Sums:
    """At one A: tr V^-1, tr P, y'Py, y'PPy, log |V|, log |X'V^-1 X|."""

    trace: float
    trace_p: float
    ypy: float
    yppy: float
    log_v: float
    log_x: float


def _sums(a: float, y: np.ndarray, d: np.ndarray, x: np.ndarray) -> _Sums:
    v = a + d
    root = np.sqrt(v)
    q, r = np.linalg.qr(x / root[:, None])
    whitened = y / root
    residual = whitened - q @ (q.T @ whitened)
    trace = float(np.sum(1 / v))
    return _Sums(trace, trace - float(np.sum(q**2 / v[:, None])), float(residual @ residual), float(np.sum(residual**2 / v)),
                 float(np.sum(np.log(v))), 2 * float(np.sum(np.log(np.abs(np.diag(r))))))


def _least_squares(y, x) -> tuple[float, np.ndarray]:
    q, _ = np.linalg.qr(x)
    residual = y - q @ (q.T @ y)
    return float(residual @ residual), np.sum(q**2, axis=1)


def _limit(y, d, x) -> float:
    """Beyond this A all estimating functions are negative: there RSS / A^2 < (m - p) / (A + max D), and RSS / A < m - p."""
    mean_square = _least_squares(y, x)[0] / (y.size - x.shape[1])
    return (mean_square + np.sqrt(mean_square**2 + 4 * mean_square * d.max())) / 2 * 1.01 + 1e-12


def _falling_roots(function, limit: float) -> list[float]:
    """0 and the A at which `function` passes from above to below 0: where a maximum may lie."""
    grid = np.concatenate([[0], np.geomspace(limit * 1e-6, limit, GRID)])
    signs = np.array([function(a) for a in grid]) > 0
    at = np.flatnonzero(signs[:-1] & ~signs[1:])
    return [0.0, *(float(optimize.brentq(function, grid[i], grid[i + 1], xtol=1e-15 * limit, rtol=1e-15)) for i in at)]


def _reml(y, d, x) -> float:
    def score(a):
        sums = _sums(a, y, d, x)
        return sums.yppy - sums.trace_p

    def deviance(a):
        sums = _sums(a, y, d, x)
        return sums.log_v + sums.log_x + sums.ypy

    return min(_falling_roots(score, _limit(y, d, x)), key=deviance)


def _ml(y, d, x) -> float:
    def score(a):
        sums = _sums(a, y, d, x)
        return sums.yppy - sums.trace

    def deviance(a):
        sums = _sums(a, y, d, x)
        return sums.log_v + sums.ypy

    return min(_falling_roots(score, _limit(y, d, x)), key=deviance)


def _prasad_rao(y, d, x) -> float:
    squares, leverage = _least_squares(y, x)
    return max(0.0, (squares - float(d @ (1 - leverage))) / (y.size - x.shape[1]))


def _fay_herriot(y, d, x) -> float:
    return _falling_roots(lambda a: _sums(a, y, d, x).ypy - (y.size - x.shape[1]), _limit(y, d, x))[-1]  # it falls: one root


_ESTIMATORS = {"reml": _reml, "ml": _ml, "prasad_rao": _prasad_rao, "fay_herriot": _fay_herriot}


def _moments_of_a(v: np.ndarray, x: np.ndarray, inverse: np.ndarray, method: Method) -> tuple[float, float]:
    """Asymptotic variance and bias of the estimator of A."""
    m, first, second = v.size, np.sum(1 / v), np.sum(1 / v**2)
    if method == "prasad_rao":
        return float(2 * np.sum(v**2) / m**2), 0.0
    if method == "fay_herriot":
        return float(2 * m / first**2), float(2 * (m * second - first**2) / first**3)
    bias = -np.trace(inverse @ (x.T @ (x / v[:, None] ** 2))) / second if method == "ml" else 0.0
    return float(2 / second), float(bias)
