"""Rotations of factor loadings, and the order and sign in which factors are given (see factors.py)."""

import numpy as np
from scipy import optimize

from analysis.variance import DesignError

#: Largest gradient at which an iteration has arrived, and the steps after which it is given up.
ARRIVED, STEPS = 1e-9, 2000


class NotConvergedError(DesignError):
    """An iteration found no optimum: too many factors, or factors that run into one another."""


def varimax(loadings: np.ndarray, normalise: bool = True) -> np.ndarray:
    """Orthogonally rotated loadings (k, m) of largest sum over factors of the variance of the squared loadings.

    Planes are rotated in turn by the angle that is best in closed form, until no angle is left. normalise: rows are first
    brought to length 1 (Kaiser). Raises NotConvergedError.
    Source: Kaiser (1958) Psychometrika 23; R stats::varimax (whose eps of 1e-5 stops earlier).
    """
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True)) if normalise else np.ones((len(loadings), 1))
    length = np.where(length > 0, length, 1.0)
    turned, m = loadings / length, loadings.shape[1]
    for _ in range(STEPS):
        largest = 0.0
        for a in range(m - 1):
            for b in range(a + 1, m):
                x, y = turned[:, a].copy(), turned[:, b].copy()
                u, v = x**2 - y**2, 2 * x * y
                sine = 2 * (u @ v - u.sum() * v.sum() / len(u))
                cosine = u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / len(u)
                angle = np.arctan2(sine, cosine) / 4 if np.hypot(sine, cosine) > 1e-15 else 0.0
                turned[:, a], turned[:, b] = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
                largest = max(largest, abs(angle))
        if largest < ARRIVED * 1e-2:
            return turned * length
    raise NotConvergedError("varimax found no optimum; ask for fewer factors")


def quartimin(loadings: np.ndarray) -> float:
    """1/4 sum over pairs of factors r != s of sum_i l_ir^2 l_is^2: what `oblimin` minimises (Carroll 1953)."""
    square = loadings**2
    return float((square * (square.sum(axis=1, keepdims=True) - square)).sum() / 4)


def oblimin(loadings: np.ndarray, normalise: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Obliquely rotated loadings L = A (T^-1)' (k, m) and factor correlations Phi = T'T of smallest quartimin criterion.

    T has columns of length 1. Gradient projection, finished by solving for a gradient of zero; started both at the loadings
    given and at their varimax rotation, and the better optimum kept. normalise: rows first brought to length 1.
    Raises NotConvergedError when the factors run into one another.
    Source: Jennrich (2002) Psychometrika 67; Bernaards and Jennrich (2005) Educ. Psychol. Meas. 65; R GPArotation::oblimin
    (gam = 0; one start, and an eps of 1e-5 that stops earlier).
    """
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True)) if normalise else np.ones((len(loadings), 1))
    a = loadings / np.where(length > 0, length, 1.0)
    if np.linalg.svd(a, compute_uv=False)[-1] < 1e-6:
        raise NotConvergedError(f"the loadings hold fewer than {a.shape[1]} factors; ask for fewer factors")
    # a @ start is the varimax solution, so T = start rotates the given loadings there.
    start = np.linalg.lstsq(a, varimax(a), rcond=None)[0]
    arrived = [t for t in (_descend(a, one) for one in (np.eye(a.shape[1]), start)) if t is not None]
    if not arrived:
        raise NotConvergedError(f"oblimin found no optimum for {a.shape[1]} factors; ask for fewer factors")
    best = arrived[0]
    if len(arrived) > 1 and quartimin(_turned(a, arrived[1])) < quartimin(_turned(a, best)) * (1 - 1e-9):
        best = arrived[1]
    return _turned(a, best) * length, best.T @ best


def _turned(a, t):
    return np.linalg.solve(t, a.T).T


def _oblique_gradient(a, t):
    """Gradient of the criterion along the manifold of columns of length 1, and the criterion."""
    turned = _turned(a, t)
    square = turned**2
    slope = turned * (square.sum(axis=1, keepdims=True) - square)
    gradient = -np.linalg.solve(t.T, slope.T @ turned)
    return gradient - t * (t * gradient).sum(axis=0), (square * (square.sum(axis=1, keepdims=True) - square)).sum() / 4


def _descend(a, t):
    """T at a minimum of the criterion, or None: gradient projection until near, then a root of the gradient."""
    step = 1.0
    gradient, value = _oblique_gradient(a, t)
    for _ in range(STEPS):
        size = np.linalg.norm(gradient)
        if size < 1e-6:
            break
        step *= 2
        for _ in range(30):
            trial = t - step * gradient
            trial = trial / np.linalg.norm(trial, axis=0)
            if np.linalg.svd(trial, compute_uv=False)[-1] > 1e-6:
                new_gradient, new_value = _oblique_gradient(a, trial)
                if value - new_value > 0.5 * size**2 * step:
                    break
            step /= 2
        else:
            break
        t, gradient, value = trial, new_gradient, new_value

    def system(flat):
        x = flat.reshape(t.shape)
        length = np.linalg.norm(x, axis=0)
        return (_oblique_gradient(a, x / length)[0] + x * (length**2 - 1)).ravel()

    try:
        root = optimize.root(system, t.ravel(), tol=1e-14).x.reshape(t.shape)
    except np.linalg.LinAlgError:
        # Two factors became one on the way.
        return None
    root = root / np.linalg.norm(root, axis=0)
    left, reached = _oblique_gradient(a, root)
    settled = np.abs(left).max() < ARRIVED and reached < value + 1e-9 and np.linalg.svd(root, compute_uv=False)[-1] > 1e-4
    return root if settled else None


def in_order(loadings: np.ndarray, phi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Loadings (k, m) and factor correlations (m, m) ordered and signed as the module says (R psych::fa does the same)."""
    order = np.argsort(-np.diag(phi @ loadings.T @ loadings), kind="stable")
    loadings, phi = loadings[:, order], phi[np.ix_(order, order)]
    total = loadings.sum(axis=0)
    first = loadings[np.argmax(np.abs(loadings) > 1e-9, axis=0), np.arange(loadings.shape[1])]
    sign = np.where(np.where(np.abs(total) > 1e-12, total, first) < 0, -1.0, 1.0)
    return loadings * sign, phi * np.outer(sign, sign)
