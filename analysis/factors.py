"""Items answered by the same people: their covariances, and exploratory factor analysis of them.

Conventions, declared once: loadings belong to standardised items. Factors are ordered by the variance they account for
(diag(Phi L'L), largest first), each signed so that its loadings sum to a positive number (when they sum to zero, so that the
first loading that is not zero is positive). Phi is the identity for orthogonal rotations. Nothing depends on row order.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from analysis.intervals import check_confidence
from analysis.items import SINGULAR, Items, ratio_or_nan, second_moments, squared_multiple_correlations
from analysis.rotations import ARRIVED, STEPS, NotConvergedError, in_order, oblimin, varimax
from analysis.variance import DesignError

ROTATIONS = ("none", "varimax", "oblimin")


@dataclass(frozen=True, eq=False)
class Minres:
    """Unrotated loadings (k, m); uniquenesses (k,) at the optimum; objective; at_bound (k,): held at the lowest uniqueness."""

    loadings: np.ndarray
    uniquenesses: np.ndarray
    objective: float
    at_bound: np.ndarray


def minres(correlation: np.ndarray, factors: int, lowest_uniqueness: float = 0.005) -> Minres:
    """Minimum residual (unweighted least squares) factors of a correlation matrix R (k, k).

    Minimises F(psi) = 1/2 ||R - diag(psi) - L L'||^2 over psi >= lowest_uniqueness, L from the m largest eigenvalues t (cut
    at 0) and vectors u of R - diag(psi). By Newton's method with the exact gradient diag(L L') + psi - 1 and Hessian
    P o P + sum_{j>m>=k} 2 t_j / (t_j - t_k) (u_j o u_k)(u_j o u_k)', P = sum_{j>m} u_j u_j', started at 1 - smc.
    Loadings are unrotated, ordered and signed as the module says. Raises DesignError when the factors are more than the
    correlations can carry (df < 0), NotConvergedError.
    Source: Harman and Jones (1966) Psychometrika 31; Harman and Fukuda (1966) 31; Jöreskog (1977); R psych::fa(fm="minres").
    """
    r, k = np.asarray(correlation, dtype=float), len(correlation)
    if not 1 <= factors <= k or factor_degrees(k, factors) < 0:
        raise DesignError(f"{factors} factors cannot be found in {k} items: ask for fewer factors or add items")
    start = 1 - squared_multiple_correlations(r)
    psi = np.clip(np.where(np.isnan(start), 0.5, start), lowest_uniqueness, 1.0)
    now = _residuals(r, psi, factors)
    for _ in range(STEPS):
        objective, gradient, values, vectors = now
        held = (psi <= lowest_uniqueness) & (gradient > 0)
        if np.abs(gradient[~held]).max(initial=0.0) < ARRIVED * 1e-2:
            loadings = vectors[:, :factors] * np.sqrt(np.maximum(values[:factors], 0))
            ordered, _ = in_order(loadings, np.eye(factors))
            return Minres(ordered, psi, objective, held)
        moved = _newton_step(r, psi, factors, held, now, lowest_uniqueness)
        if moved is None:
            break
        psi, now = moved
    raise NotConvergedError(f"minres found no optimum for {factors} factors of {k} items; ask for fewer factors")


def _residuals(r, psi, m):
    values, vectors = np.linalg.eigh(r - np.diag(psi))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = np.where(np.arange(psi.size) < m, np.maximum(values, 0), 0.0)
    gradient = (vectors**2 * kept).sum(axis=1) + psi - np.diag(r)
    return ((values - kept) ** 2).sum() / 2, gradient, values, vectors


def _newton_step(r, psi, m, held, now, bound):
    """A step that lowers the objective (or, at its rounding, the gradient), with as little damping as that takes."""
    objective, gradient, values, vectors = now
    rest, low = vectors[:, m:], values[m:]
    projector = rest @ rest.T
    hessian = projector**2
    for one in range(m):
        # Near a tie of eigenvalues the curvature is unbounded; damping deals with what the cut leaves.
        gap = np.minimum(low - values[one], -1e-8)
        crossed = rest * vectors[:, [one]]
        hessian += (crossed * (2 * low / gap)) @ crossed.T
    free = np.flatnonzero(~held)
    lowest = np.linalg.eigvalsh(hessian[np.ix_(free, free)])[0]
    damping = 0.0 if lowest > 1e-8 else 1e-4 - lowest
    for _ in range(60):
        step = np.zeros_like(psi)
        step[free] = -np.linalg.solve(hessian[np.ix_(free, free)] + damping * np.eye(free.size), gradient[free])
        trial = np.maximum(psi + step, bound)
        new = _residuals(r, trial, m)
        fell = objective - new[0] > -1e-4 * (gradient @ (trial - psi))
        noise = abs(objective - new[0]) < 1e-12 * max(objective, 1e-3)
        if fell or (noise and np.abs(new[1][free]).max() < np.abs(gradient[free]).max()):
            return trial, new
        damping = max(4 * damping, 1e-4)
    return None


def factor_degrees(items: int, factors: int) -> int:
    """k (k - 1) / 2 - k m + m (m - 1) / 2: correlations minus free parameters of m factors (Lawley and Maxwell 1971)."""
    return items * (items - 1) // 2 - items * factors + factors * (factors - 1) // 2


@dataclass(frozen=True, eq=False)
class FactorAnalysis:
    """m factors of k items. loadings (k, m), correlations of the factors (m, m), communalities and uniquenesses (k,).

    eigenvalues: of R; common_eigenvalues: of R with the communalities on its diagonal; variance (m,): what each factor
    accounts for, in items. rmsr: root mean square of the residual correlations. chi_square, p_value, rmsea with its interval
    and tli test the model of m factors; NaN without degrees of freedom or when R is not positive definite.
    heywood: items held at the lowest uniqueness: there the solution is not to be trusted.
    """

    items: tuple[str, ...]
    rotation: str
    n: float
    loadings: np.ndarray
    correlations: np.ndarray
    communalities: np.ndarray
    uniquenesses: np.ndarray
    eigenvalues: np.ndarray
    common_eigenvalues: np.ndarray
    variance: np.ndarray
    objective: float
    rmsr: float
    df: int
    chi_square: float
    p_value: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    tli: float
    heywood: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """One row per item: item, F1 ... Fm (loadings), communality, uniqueness, complexity (sum l^2)^2 / sum l^4."""
        square = self.loadings**2
        complexity = ratio_or_nan(square.sum(axis=1) ** 2, (square**2).sum(axis=1))
        columns = {f"F{j + 1}": self.loadings[:, j] for j in range(self.loadings.shape[1])}
        return pd.DataFrame({"item": self.items, **columns, "communality": self.communalities,
                             "uniqueness": self.uniquenesses, "complexity": complexity})


def factor_analysis(items: Items, factors: int, rotation: str = "oblimin", normalise: bool | None = None,
                    lowest_uniqueness: float = 0.005, confidence: float = 0.90) -> FactorAnalysis:
    """Minres factors of the items' correlations, rotated: see `minres`, `varimax`, `oblimin` and, for the fit, `model_fit`.

    rotation: "none" | "varimax" | "oblimin"; normalise: Kaiser's row normalisation, None: as in R, with varimax only.
    communality = sum of squared unrotated loadings, uniqueness = 1 - communality. Raises DesignError (an item that does not
    vary, too many factors, unknown rotation), NotConvergedError.
    Source: R psych::fa(fm="minres", rotate=).
    """
    if rotation not in ROTATIONS:
        raise DesignError(f"rotation must be one of {', '.join(ROTATIONS)}, not {rotation!r}")
    r = items.known_correlation()
    found = minres(r, factors, lowest_uniqueness)
    loadings, phi = found.loadings, np.eye(factors)
    if factors > 1 and rotation == "varimax":
        loadings = varimax(loadings, normalise is not False)
    elif factors > 1 and rotation == "oblimin":
        loadings, phi = oblimin(loadings, normalise is True)
    loadings, phi = in_order(loadings, phi)
    communality = (found.loadings**2).sum(axis=1)
    common = r - np.diag(1 - communality)
    heywood = tuple(name for name, held in zip(items.names, found.at_bound, strict=True) if held)
    return FactorAnalysis(
        items.names, rotation, items.n, loadings, phi, communality, 1 - communality, np.linalg.eigvalsh(r)[::-1],
        np.linalg.eigvalsh(common)[::-1], np.diag(phi @ loadings.T @ loadings), found.objective,
        *model_fit(r, found.loadings, items.n, confidence), heywood)


def model_fit(r: np.ndarray, loadings: np.ndarray, n: float, confidence: float = 0.90) -> tuple[float | int, ...]:
    """(rmsr, df, chi_square, p_value, rmsea, rmsea_low, rmsea_high, tli) of unrotated loadings L (k, m), n people behind R.

    rmsr = root mean square of R - L L' off the diagonal. With S = L L' + diag(1 - h2): chi2 = (n - 1 - (2 k + 5) / 6 - 2 m / 3)
    (tr S^-1 R - log |S^-1 R| - k), df as `factor_degrees`; rmsea = sqrt(max(chi2 / (df n) - 1 / (n - 1), 0)), its bounds from
    the noncentrality at which chi2 is the (1 +/- confidence) / 2 quantile, over df (n - 1); tli from chi2 / df and the null
    model. The chi-square supposes normal answers from a simple random sample: with five levels and clusters, a guide only.
    Source: Bartlett (1951); Steiger (1990); Tucker and Lewis (1973) Psychometrika 38; R psych::fa.stats.
    """
    check_confidence(confidence)
    k, m = loadings.shape
    model = loadings @ loadings.T
    off = (r - model)[~np.eye(k, dtype=bool)]
    rmsr, df = float(np.sqrt(np.mean(off**2))), factor_degrees(k, m)
    np.fill_diagonal(model, 1.0)
    scale = n - 1 - (2 * k + 5) / 6 - 2 * m / 3
    lowest = min(np.linalg.eigvalsh(r)[0], np.linalg.eigvalsh(model)[0])
    if df <= 0 or scale <= 0 or lowest < SINGULAR:
        return rmsr, df, *[np.nan] * 6
    ratio = np.linalg.solve(model, r)
    discrepancy = np.trace(ratio) - np.linalg.slogdet(ratio)[1] - k
    chi = max(scale * discrepancy, 0.0)
    rmsea = float(np.sqrt(max(chi / (df * n) - 1 / (n - 1), 0)))

    def bound(probability: float) -> float:
        if special.chdtr(df, chi) <= probability:
            return 0.0
        top = 2 * max(n, chi) + 2 * df
        while special.chndtr(chi, df, top) > probability:
            top *= 2
        found = optimize.brentq(lambda nc: special.chndtr(chi, df, nc) - probability, 0, top, xtol=1e-12, rtol=1e-14)
        return float(np.sqrt(found / (n - 1) / df))

    null = -np.linalg.slogdet(r)[1] * 2 / (k * (k - 1))
    tli = (null - discrepancy / df) / (null - 1 / scale)
    tail = (1 - confidence) / 2
    return rmsr, df, float(chi), float(special.chdtrc(df, chi)), rmsea, bound(1 - tail), bound(tail), float(tli)


@dataclass(frozen=True, eq=False)
class SamplingAdequacy:
    """kmo: overall (0 to 1); by_item: (k,). Below 0.5 the items share too little for factors to mean anything (Kaiser 1974)."""

    items: tuple[str, ...]
    kmo: float
    by_item: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row per item: item, kmo."""
        return pd.DataFrame({"item": self.items, "kmo": self.by_item})


def sampling_adequacy(items: Items) -> SamplingAdequacy:
    """Kaiser-Meyer-Olkin: sum r^2 / (sum r^2 + sum q^2) over pairs, q the partial correlations given all other items.

    By item: its own pairs. NaN when R is not positive definite. Source: Kaiser (1970) Psychometrika 35; R psych::KMO.
    """
    r = items.known_correlation()
    if np.linalg.eigvalsh(r)[0] < SINGULAR:
        return SamplingAdequacy(items.names, np.nan, np.full(len(r), np.nan))
    inverse = np.linalg.inv(r)
    partial = inverse / np.sqrt(np.outer(np.diag(inverse), np.diag(inverse)))
    off = 1 - np.eye(len(r))
    shared, unique = (r**2 * off).sum(axis=0), (partial**2 * off).sum(axis=0)
    both = shared + unique
    return SamplingAdequacy(items.names, float(ratio_or_nan(shared.sum(), both.sum())), ratio_or_nan(shared, both))


@dataclass(frozen=True)
class Sphericity:
    """Bartlett's test that the items are uncorrelated."""

    chi_square: float
    df: int
    p_value: float


def sphericity(items: Items) -> Sphericity:
    """chi2 = -(n - 1 - (2 k + 5) / 6) log |R| with k (k - 1) / 2 degrees of freedom; NaN when R is not positive definite.

    Source: Bartlett (1951) Biometrika 38; R psych::cortest.bartlett.
    """
    r, k = items.known_correlation(), len(items.names)
    df = k * (k - 1) // 2
    if np.linalg.eigvalsh(r)[0] < SINGULAR:
        return Sphericity(np.nan, df, np.nan)
    chi = -(items.n - 1 - (2 * k + 5) / 6) * np.linalg.slogdet(r)[1]
    return Sphericity(float(chi), df, float(special.chdtrc(df, chi)))


@dataclass(frozen=True, eq=False)
class ParallelAnalysis:
    """How many factors stand out from chance. observed, threshold: (k,) eigenvalues; factors: how many come before the first
    observed one that does not pass its threshold."""

    observed: np.ndarray
    threshold: np.ndarray
    factors: int

    def table(self) -> pd.DataFrame:
        """One row per factor: factor (1, 2, ...), observed, threshold."""
        return pd.DataFrame({"factor": np.arange(1, self.observed.size + 1), "observed": self.observed,
                             "threshold": self.threshold})


def parallel_analysis(items: Items, seed: int, simulations: int = 100, quantile: float = 0.95, basis: str = "factors",
                      null: str = "permuted") -> ParallelAnalysis:
    """Eigenvalues of R against those of data without any common factor.

    basis: "components": eigenvalues of R (Horn); "factors": of R with the communalities of one minres factor on its diagonal.
    null: "permuted": each item's own answers shuffled; "normal": normal numbers. Simulated data keep the gaps and the weights
    that were there, so their correlations rest on as many answers. threshold: `quantile` of the simulated eigenvalues.
    Raises DesignError on unknown choices. Source: Horn (1965) Psychometrika 30; Glorfeld (1995); R psych::fa.parallel (which
    draws normal numbers without gaps, or resamples).
    """
    if basis not in ("components", "factors") or null not in ("permuted", "normal"):
        raise DesignError(f"basis must be components or factors and null permuted or normal, not {basis!r} and {null!r}")
    if simulations < 1 or not 0 < quantile < 1:
        raise DesignError("simulations must be at least 1 and quantile between 0 and 1")
    rng = np.random.default_rng(seed)
    # Rows in an order of their own, so that the draws do not depend on the order they came in.
    order = np.lexsort((*items.values.T, items.weights))
    values, weights = items.values[order], items.weights[order]
    answered = ~np.isnan(values)

    def draw(j: int) -> np.ndarray:
        own = values[answered[:, j], j]
        return rng.permutation(own) if null == "permuted" else rng.standard_normal(own.size)

    observed = _eigenvalues(items.known_correlation(), basis)
    simulated = np.empty((simulations, observed.size))
    for s in range(simulations):
        chance = np.full(values.shape, np.nan)
        for j in range(observed.size):
            chance[answered[:, j], j] = draw(j)
        drawn = second_moments(chance, weights, items.names)[1]
        if np.isnan(drawn).any():
            raise DesignError("too few people answered some pairs of items together to simulate them; leave an item out")
        simulated[s] = _eigenvalues(drawn, basis)
    threshold = np.quantile(simulated, quantile, axis=0)
    below = np.flatnonzero(~(observed > threshold))
    return ParallelAnalysis(observed, threshold, int(below[0]) if below.size else observed.size)


def _eigenvalues(r: np.ndarray, basis: str) -> np.ndarray:
    if basis == "factors":
        r = r - np.eye(len(r)) + np.diag((minres(r, 1).loadings ** 2).sum(axis=1))
    return np.linalg.eigvalsh(r)[::-1]
