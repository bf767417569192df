"""Confidence intervals from an estimate, its standard error and degrees of freedom; arrays in, arrays out."""

import numpy as np
from scipy import special, stats

#: A share this near 0 or 1 is 0 or 1: the rest is floating-point noise of the sums behind it.
EDGE = 1e-12

#: Halvings of [0, 1] after which nothing is left of a double.
BISECTIONS = 60

PROPORTION_INTERVALS = ("logit", "beta", "likelihood", "asin", "mean", "wilson")


def check_confidence(confidence: float) -> None:
    """Raise ValueError unless 0 < confidence < 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence!r}")


def t_quantile(df: np.ndarray, confidence: float) -> np.ndarray:
    """Upper (1 + confidence) / 2 quantile of Student's t; NaN where df < 1 (no variance can be trusted)."""
    check_confidence(confidence)
    df = np.asarray(df, dtype=float)
    return np.where(df >= 1, stats.t.ppf((1 + confidence) / 2, np.maximum(df, 1)), np.nan)


def symmetric(estimate, standard_error, df, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """estimate -/+ t_df * standard_error, in the estimate's units. R: confint(svymean(...), df=)."""
    half = t_quantile(df, confidence) * standard_error
    return estimate - half, estimate + half


def proportion(estimate, standard_error, df, n, confidence: float = 0.95, method: str = "logit"):
    """Interval for a share in [0, 1], by the methods of R's survey::svyciprop.

    logit: logit(p) -/+ t * se / (p (1 - p)), back-transformed. asin: asin(sqrt(p)) -/+ t * se / (2 sqrt(p (1 - p))).
    mean: p -/+ t * se. beta (Korn and Graubard 1998): Clopper-Pearson with the effective sample size
    n* = p (1 - p) / se^2 * (t_{n-1} / t_df)^2.
    likelihood (Rao and Scott 1984): the shares q whose deviance 2 n [p log(p / q) + (1 - p) log((1 - p) / (1 - q))] is at
    most t^2 n se^2 / (p (1 - p)). wilson: |p - q| <= t sqrt(q (1 - q) / m) with m = p (1 - p) / se^2 (Franco et al. 2019).
    Where p is 0 or 1 the standard error is 0 and R returns NaN; here "beta" takes n* = n, the observations
    (so 30 of 30 gives 0.88 to 1, not 1 to 1), "wilson" and "likelihood" take m = n, and "logit" and "asin" give NaN.
    Arrays of one shape; n is the number of observations behind p. Raises ValueError on an unknown method.
    """
    if method not in PROPORTION_INTERVALS:
        raise ValueError(f"interval must be one of {', '.join(PROPORTION_INTERVALS)}, not {method!r}")
    p, se, df, n = (np.asarray(a, dtype=float) for a in (estimate, standard_error, df, n))
    p = np.where(p < EDGE, 0.0, np.where(p > 1 - EDGE, 1.0, p))
    t = t_quantile(df, confidence)
    if method == "mean":
        return p - t * se, p + t * se
    inside = (p > 0) & (p < 1)
    spread = np.where(inside, p * (1 - p), np.nan)
    if method == "logit":
        centre, half = np.log(np.where(inside, p, np.nan) / (1 - np.where(inside, p, np.nan))), t * se / spread
        return 1 / (1 + np.exp(-(centre - half))), 1 / (1 + np.exp(-(centre + half)))
    if method == "asin":
        centre, half = np.arcsin(np.sqrt(np.where(inside, p, np.nan))), t * se / (2 * np.sqrt(spread))
        return np.sin(centre - half) ** 2, np.sin(centre + half) ** 2
    if method in ("likelihood", "wilson"):
        with np.errstate(divide="ignore", invalid="ignore"):
            m = np.where(inside, spread / se**2, n)
        return _wilson(p, m, t) if method == "wilson" else _likelihood(p, m, t)
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = np.where(inside, spread / se**2 * (t_quantile(n - 1, confidence) / t) ** 2, n)
    tail = (1 - confidence) / 2
    x, y = effective * p, effective * (1 - p)
    known = np.isfinite(effective) & np.isfinite(p) & (effective > 0)
    with np.errstate(invalid="ignore"):
        low = np.where(p > 0, stats.beta.ppf(tail, x, y + 1), 0.0)
        high = np.where(p < 1, stats.beta.ppf(1 - tail, x + 1, y), 1.0)
    exact = (se == 0) & inside & np.isfinite(t)
    return np.where(exact, p, np.where(known, low, np.nan)), np.where(exact, p, np.where(known, high, np.nan))


def _wilson(p: np.ndarray, m: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of |p - q| = t sqrt(q (1 - q) / m); m may be infinite (no sampling error)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.isinf(m), 0.0 * t, t**2 / m)
        half = np.sqrt(share * (p * (1 - p) + share / 4))
    return (p + share / 2 - half) / (1 + share), (p + share / 2 + half) / (1 + share)


def _likelihood(p: np.ndarray, m: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of 2 m [p log(p / q) + (1 - p) log((1 - p) / (1 - q))] = t^2, by bisection on each side of p."""
    p, m, t = np.broadcast_arrays(p, m, t)
    with np.errstate(divide="ignore", invalid="ignore"):
        limit = np.where(np.isinf(m), 0.0 * t, t**2 / (2 * m))
    known = np.isfinite(p) & np.isfinite(limit)

    def distance(q):
        with np.errstate(divide="ignore", invalid="ignore"):
            return special.rel_entr(p, q) + special.rel_entr(1 - p, 1 - q)

    ends = []
    for edge in (0.0, 1.0):
        far, near = np.full(p.shape, edge), p.astype(float)
        for _ in range(BISECTIONS):
            middle = (far + near) / 2
            outside = distance(middle) > limit
            far, near = np.where(outside, middle, far), np.where(outside, near, middle)
        ends.append(np.where(known, np.where(p == edge, edge, near), np.nan))
    return ends[0], ends[1]
