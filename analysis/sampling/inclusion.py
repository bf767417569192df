"""Chances of being drawn: of one unit (first order) and of two together (second order), for each way of drawing."""

import numpy as np

from analysis.variance import DesignError

#: A probability this near to 1 is 1: the unit is taken with certainty.
CERTAIN = 1e-9


def inclusion_probabilities(size: np.ndarray, n: int) -> np.ndarray:
    """pi_k (N,) proportional to size, sum n: n x_k / sum x; those that come out at 1 or more are certain, and the rest is
    shared out again among the others.

    size: (N,), > 0; n: 1 to N. Raises DesignError outside these.
    Source: Särndal, Swensson and Wretman (1992) 3.6.2; R sampling::inclusionprobabilities.
    """
    x = np.asarray(size, dtype=float)
    if x.ndim != 1 or not (np.isfinite(x) & (x > 0)).all():
        raise DesignError("sizes must be above 0 and finite, one per unit")
    if isinstance(n, bool) or n != int(n) or not 1 <= n <= x.size:
        raise DesignError(f"n must be a whole number from 1 to {x.size}, not {n!r}")
    certain = np.zeros(x.size, dtype=bool)
    while True:
        left = int(n) - int(certain.sum())
        if left == 0:
            return certain.astype(float)
        pi = np.where(certain, 1.0, left * x / x[~certain].sum())
        more = ~certain & (pi >= 1 - CERTAIN)
        if not more.any():
            return pi
        certain |= more


def simple_joint(population: int, n: int) -> np.ndarray:
    """pi_kl (N, N) of simple random sampling: n (n - 1) / (N (N - 1)), n / N on the diagonal. Source: Cochran (1977) 2.3."""
    if not 1 <= n <= population:
        raise DesignError(f"n must be from 1 to {population}, not {n!r}")
    joint = np.full((population, population), n * (n - 1) / (population * max(population - 1, 1)))
    np.fill_diagonal(joint, n / population)
    return joint


def sampford_joint(pi: np.ndarray) -> np.ndarray:
    """pi_kl (N, N) of Sampford's design with first-order probabilities pi (N,), whose sum is whole; pi on the diagonal.

    The design draws s, of size n, with p(s) proportional to sum_{k in s} (1 - pi_k) prod_{k in s} pi_k / (1 - pi_k): a
    Poisson sample of probabilities pi, given its size, weighted by the sum. So with f_k(z) = 1 - pi_k + pi_k z and
    t_k(z) = (1 - pi_k) pi_k z / f_k(z), pi_kl is the coefficient of z^n in
    pi_k pi_l z^2 prod_{m != k,l} f_m(z) (2 - pi_k - pi_l + sum_{m != k,l} t_m(z)), over that of z^n in prod f_m sum t_m,
    taken by a discrete Fourier sum on the unit circle: nothing cancels, since the size's mean there is n itself.
    Cost: N^3 multiplications. Raises DesignError: pi outside (0, 1], sum not whole.
    Source: Sampford (1967) Biometrika 54, 499-513; R sampling::UPsampfordpi2 (which fails for larger n).
    """
    return _with_certain(pi, _sampford_inner)


def tille_joint(pi: np.ndarray) -> np.ndarray:
    """pi_kl (N, N) of Tillé's elimination: prod over the N - n steps of (1 - r_k - r_l), r_k = 1 - pi_k(i) / pi_k(i + 1)
    the chance of going at the step from i + 1 to i units; pi on the diagonal.

    Raises DesignError: pi outside (0, 1], sum not whole. Source: Tillé (1996) Biometrika 83, 238-241; Tillé (2006)
    Sampling Algorithms, 6.3; R sampling::UPtillepi2.
    """
    return _with_certain(pi, _tille_inner)


def systematic_joint(pi: np.ndarray) -> np.ndarray:
    """pi_kl (N, N) of systematic sampling in the order given: the length of starts u in [0, 1) that draw both; pi on the
    diagonal. Many are 0, so no variance can be estimated from them. Source: Madow (1949); R sampling::UPsystematicpi2.
    """
    return _with_certain(pi, _systematic_inner)


def _systematic_inner(pi: np.ndarray, n: int) -> np.ndarray:
    turns = np.concatenate([[0.0], cumulated(pi)])
    starts = np.unique(np.concatenate([turns % 1.0, [0.0, 1.0]]))
    middle, length = (starts[1:] + starts[:-1]) / 2, np.diff(starts)
    drawn = (np.floor(turns[1:, None] - middle) > np.floor(turns[:-1, None] - middle)).astype(float)
    return (drawn * length) @ drawn.T


def cumulated(pi: np.ndarray) -> np.ndarray:
    """Running sums of pi; the last one exactly whole."""
    sums = np.cumsum(pi)
    sums[-1] = round(float(sums[-1]))
    return np.minimum(sums, sums[-1])


def elimination_steps(pi: np.ndarray):
    """For Tillé's method: yields, from N - 1 units down to n, the chance (N,) with which each unit still there goes."""
    n = round(float(pi.sum()))
    before = np.ones(pi.size)
    for count in range(pi.size - 1, n - 1, -1):
        after = inclusion_probabilities(pi, count)
        yield 1 - after / before
        before = after


def _tille_inner(pi: np.ndarray, n: int) -> np.ndarray:
    joint = np.ones((pi.size, pi.size))
    for going in elimination_steps(pi):
        joint *= 1 - going[:, None] - going[None, :]
    return joint


def _sampford_inner(pi: np.ndarray, n: int) -> np.ndarray:
    if n == 1:
        return np.zeros((pi.size, pi.size))
    # an odd number of points keeps z = -1 out, where f(z) = 0 for pi = 1/2
    points = pi.size + 1 + pi.size % 2
    z = np.exp(2j * np.pi * np.arange(points) / points)
    f = 1 - pi[:, None] + pi[:, None] * z
    t = (1 - pi[:, None]) * pi[:, None] * z / f
    product, total = np.prod(f, axis=0), t.sum(axis=0)
    norm = np.mean(product * total * z ** (-n)).real
    # (rest_k + rest_l + total) / (f_k f_l), rest_k = 1 - pi_k - t_k: three products of matrices
    base = product * z ** (2 - n) / points
    u = pi[:, None] / f
    v = u * (1 - pi[:, None] - t)
    mixed = (v * base) @ u.T
    return ((u * (base * total)) @ u.T + mixed + mixed.T).real / norm


def _with_certain(pi: np.ndarray, inner) -> np.ndarray:
    """Certain units are drawn with everybody: pi_kl = pi_l; the method concerns the others only."""
    pi, n = _checked(pi)
    open_ = np.flatnonzero(pi < 1 - CERTAIN)
    joint = np.outer(pi, pi)
    if open_.size:
        joint[np.ix_(open_, open_)] = inner(pi[open_], n - (pi.size - open_.size))
    np.fill_diagonal(joint, pi)
    return joint


def _checked(pi: np.ndarray) -> tuple[np.ndarray, int]:
    pi = np.asarray(pi, dtype=float)
    n = round(float(pi.sum())) if pi.ndim == 1 and np.isfinite(pi).all() else 0
    if n < 1 or not ((pi > 0) & (pi <= 1 + CERTAIN)).all() or abs(pi.sum() - n) > 1e-6:
        raise DesignError("inclusion probabilities must lie above 0 and at most 1, and their sum be whole, at least 1")
    return np.where(pi >= 1 - CERTAIN, 1.0, pi), n
