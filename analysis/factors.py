"""Items answered by the same people: their covariances, and exploratory factor analysis of them.

Conventions, declared once: loadings belong to standardised items. Factors are ordered by the variance they account for
(diag(Phi L'L), largest first), each signed so that its loadings sum to a positive number (when they sum to zero, so that the
first loading that is not zero is positive). Phi is the identity for orthogonal rotations. Nothing depends on row order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from analysis import estimates as est
from analysis.intervals import check_confidence
from analysis.variance import DesignError

MISSING_POLICIES = ("fail", "pairwise", "exclude_rows")
COUNT_POLICIES = ("rows", "smallest_pair")
ROTATIONS = ("none", "varimax", "oblimin")

#: A variance below this share of the item's own is rounding: the answers do not vary.
NO_VARIANCE = 1e-12
#: An eigenvalue below this makes a correlation matrix singular for every purpose here.
SINGULAR = 1e-10
#: Largest gradient at which an iteration has arrived, and the steps after which it is given up.
ARRIVED, STEPS = 1e-9, 2000


class NotConvergedError(DesignError):
    """An iteration found no optimum: too many factors, or factors that run into one another."""


@dataclass(frozen=True, eq=False)
class Items:
    """Answers of n people to k items, and their second moments.

    values: (n, k), NaN where not answered; weights: (n,). covariance: (k, k), each pair over the people who answered both;
    correlation: (k, k), with the standard deviations over those same people (not those of `covariance`'s diagonal).
    pairs: (k, k) and n: how many answers these rest on; with weights Kish's effective number (sum w)^2 / sum w^2.
    """

    names: tuple[str, ...]
    values: np.ndarray
    weights: np.ndarray
    covariance: np.ndarray
    correlation: np.ndarray
    pairs: np.ndarray
    n: float

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, items: Sequence[str], missing: str = "fail", weights: str | None = None,
                   count: str = "rows") -> "Items":
        """Read columns of numbers, one row per person.

        c_jk = n_jk / (n_jk - 1) sum w (x_j - m_j)(x_k - m_k) / sum w over the n_jk people who answered both items, m their
        means; r_jk likewise. Without weights R's cov and cor. Rows that answer nothing or weigh nothing are left out.
        missing: "fail" | "pairwise" (as above; R use="pairwise") | "exclude_rows" (those who answered every item).
        count: the n behind intervals and tests: "rows" (everybody left, as in psych, too many when there are many gaps) or
        "smallest_pair" (cautious). Raises DesignError: unknown or repeated column, not numbers, missing values under "fail",
        negative or missing weights, fewer than two items, a pair that fewer than two people answered.
        Source: R stats::cov, stats::cor, stats::cov.wt.
        """
        names = tuple(items)
        if missing not in MISSING_POLICIES or count not in COUNT_POLICIES:
            raise DesignError(f"missing must be one of {', '.join(MISSING_POLICIES)} and count one of "
                              f"{', '.join(COUNT_POLICIES)}, not {missing!r} and {count!r}")
        if len(names) < 2 or len(set(names)) < len(names):
            raise DesignError(f"name two or more different items, not {list(names)}")
        values = np.column_stack([est.numbers_of(frame, name, slice(None)) for name in names])
        weight = np.ones(len(frame)) if weights is None else est.numbers_of(frame, weights, slice(None))
        if not (weight >= 0).all():
            raise DesignError(f"weights {weights!r} must be numbers from 0, none missing")
        gaps = np.isnan(values)
        if gaps.any() and missing == "fail":
            listed = ", ".join(f"{name} ({c})" for name, c in zip(names, gaps.sum(axis=0), strict=True) if c)
            raise DesignError(f"missing values in {listed}; declare missing='pairwise' or 'exclude_rows'")
        keep = (weight > 0) & ~(gaps.any(axis=1) if missing == "exclude_rows" else gaps.all(axis=1))
        values, weight = values[keep], weight[keep]
        covariance, correlation, pairs = second_moments(values, weight, names)
        n = float(pairs.min() if count == "smallest_pair" else weight.sum() ** 2 / (weight**2).sum())
        for array in (values, weight, covariance, correlation, pairs):
            array.flags.writeable = False
        return cls(names, values, weight, covariance, correlation, pairs, n)

    def known_correlation(self) -> np.ndarray:
        """The correlation matrix; raises DesignError naming the items whose answers do not vary."""
        unknown = np.isnan(self.correlation)
        if unknown.any():
            flat = [self.names[j] for j in np.flatnonzero(np.diag(unknown))]
            j, k = np.argwhere(unknown)[0]
            where = ", ".join(flat) if flat else f"{self.names[j]} and {self.names[k]} (where both are answered)"
            raise DesignError(f"no variance in {where}: everybody answered alike; leave them out")
        return self.correlation


def second_moments(values: np.ndarray, weights: np.ndarray,
                   names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariances, correlations and effective counts (k, k) over the rows valid in each pair; see Items.from_frame.

    A correlation is NaN where the answers of the pair do not vary.
    """
    valid = (~np.isnan(values)).astype(float)
    count = valid.T @ valid
    if (count < 2).any():
        j, k = np.argwhere(count < 2)[0]
        raise DesignError(f"fewer than two people answered {names[j]!r} and {names[k]!r} together")
    # Sums about the column means: a common offset would eat the digits of the squares.
    near = np.where(valid > 0, values - np.nanmean(values, axis=0), 0.0)
    weighted, w = near * weights[:, None], valid * weights[:, None]
    total, first = w.T @ valid, weighted.T @ valid
    # first[j, k]: sum of item j over those who answered k as well.
    cross = weighted.T @ near / total - (first / total) * (first.T / total)
    own = (weighted * near).T @ valid / total - (first / total) ** 2
    floor = NO_VARIANCE * np.maximum(np.diag(own), np.finfo(float).eps * np.nanmax(np.abs(values), axis=0) ** 2)
    own = np.where(own > floor[:, None], own, np.nan)
    correlation = cross / np.sqrt(own * own.T)
    covariance = np.where(np.isnan(own) | np.isnan(own.T), 0.0, cross) * count / (count - 1)
    np.fill_diagonal(correlation, np.where(np.isnan(np.diag(own)), np.nan, 1.0))
    pairs = total**2 / ((w * weights[:, None]).T @ valid)
    return (covariance + covariance.T) / 2, (correlation + correlation.T) / 2, (pairs + pairs.T) / 2


def ratio_or_nan(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """top / bottom, NaN where bottom is not positive."""
    return np.divide(top, bottom, out=np.full(np.shape(bottom), np.nan), where=np.asarray(bottom) > 0)


def squared_multiple_correlations(correlation: np.ndarray) -> np.ndarray:
    """1 - 1 / diag(R^-1), (k,): the variance of each item the others explain; NaN when R is not positive definite.

    Source: Guttman (1953) Psychometrika 18; R psych::smc (which goes on with a pseudo-inverse where ours is NaN).
    """
    if np.linalg.eigvalsh(correlation)[0] < SINGULAR:
        return np.full(len(correlation), np.nan)
    return 1 - 1 / np.diag(np.linalg.inv(correlation))


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
