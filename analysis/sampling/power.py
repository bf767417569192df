"""Telling two units apart: the power of a comparison, the answers it needs, the difference it can see.

One convention for all: a call in the wrong direction is no success, so power counts one tail only (R's `strict = FALSE`).
A unit with fewer people than the answers wanted gives all its people.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, isfinite, sqrt

import numpy as np
from scipy import optimize, stats

Pair = tuple[float, float]
Populations = tuple[int | None, int | None]

NO_POPULATIONS: Populations = (None, None)
#: Beyond this many answers per unit no size is looked for.
LARGEST = 2**40


@dataclass(frozen=True)
class ComparisonSize:
    """`completes` and `invitations` in the first and in the second unit; `power` reached with these completes.

    `reachable` is False when a unit needs more invitations than it has people: the power will then be lower.
    """

    completes: tuple[int, int]
    invitations: tuple[int, int]
    power: float
    reachable: bool


def power_of_proportions(p1: float, p2: float, n: int | tuple[int, int], alpha: float = 0.05, sides: int = 2,
                         design_effect: float = 1.0, populations: Populations = NO_POPULATIONS) -> float:
    """Chance that a test of two shares at level alpha calls the difference p1 - p2, in its true direction.

    Phi((|p1 - p2| - z sqrt(V0)) / sqrt(V1)),  z = Phi^-1(1 - alpha / sides),
    V1 = deff sum_i g_i p_i q_i / n_i,  V0 = deff pbar qbar sum_i g_i / n_i,  g_i = (N_i - n_i) / (N_i - 1),
    pbar = (n_1 p_1 + n_2 p_2) / (n_1 + n_2). Everybody answered in both units: 1 if the shares differ, else 0.
    p1, p2: shares in [0, 1]; n: answers per unit, or a pair; populations: people per unit, None where there is no end.
    Raises ValueError outside these. Source: Fleiss, Levin and Paik (2003) Statistical Methods for Rates and Proportions,
    4.2; R stats::power.prop.test (equal n, deff 1, no population).
    """
    for share in (p1, p2):
        _between("a share", share, 0, 1)
    sizes, left = _sizes(n, populations)
    level = _level(alpha, sides)
    _above_zero("design_effect", design_effect)
    own, factor = np.array([p1 * (1 - p1), p2 * (1 - p2)]), design_effect * left / sizes
    pooled = (sizes @ [p1, p2]) / sizes.sum()
    tested, true = pooled * (1 - pooled) * factor.sum(), own @ factor
    return _normal_power(abs(p1 - p2), stats.norm.isf(level) * sqrt(tested), sqrt(true))


def power_of_means(difference: float, deviation: float | Pair, n: int | tuple[int, int], alpha: float = 0.05, sides: int = 2,
                   design_effect: float = 1.0, populations: Populations = NO_POPULATIONS, df: float | None = None) -> float:
    """Chance that a t test at level alpha calls the difference of two means, in its true direction.

    P(T > t), T noncentral t with df and ncp = |difference| / sqrt(V), V = deff sum_i g_i S_i^2 / n_i,
    g_i = (N_i - n_i) / (N_i - 1), t the 1 - alpha / sides quantile of t(df).
    difference and deviation S (one for both, or a pair) in the item's units; df: n_1 + n_2 - 2 unless given, for a clustered
    sample give PSUs minus strata. Raises ValueError: n < 2, deviation <= 0, other values out of range.
    Source: Cohen (1988) Statistical Power Analysis, 2.3; R stats::power.t.test (equal n and S, deff 1, no population).
    """
    if not isfinite(difference):
        raise ValueError(f"difference must be finite, not {difference!r}")
    spreads = np.broadcast_to(np.asarray(deviation, dtype=float), 2)
    for spread in spreads:
        _above_zero("deviation", spread)
    sizes, left = _sizes(n, populations)
    level = _level(alpha, sides)
    _above_zero("design_effect", design_effect)
    freedom = float(sizes.sum() - 2) if df is None else df
    if not freedom > 0:
        raise ValueError(f"a t test needs df above 0, not {freedom:g}: take at least 2 answers per unit")
    error = sqrt(design_effect * (left * spreads**2 / sizes).sum())
    if error == 0:
        return float(difference != 0)
    return float(stats.nct.sf(stats.t.isf(level, freedom), freedom, abs(difference) / error))


def size_for_proportions(p1: float, p2: float, power: float = 0.8, alpha: float = 0.05, sides: int = 2,
                         design_effect: float = 1.0, populations: Populations = NO_POPULATIONS,
                         response_rate: float = 1.0) -> ComparisonSize:
    """Smallest equal number of answers per unit with which `power_of_proportions` reaches `power`; invitations for them.

    Raises ValueError as there, and when p1 = p2. Source: as there.
    """
    if p1 == p2:
        raise ValueError("p1 and p2 are equal: no sample tells them apart")
    return _size(lambda n: power_of_proportions(p1, p2, n, alpha, sides, design_effect, populations),
                 1, power, populations, response_rate)


def size_for_means(difference: float, deviation: float | Pair, power: float = 0.8, alpha: float = 0.05, sides: int = 2,
                   design_effect: float = 1.0, populations: Populations = NO_POPULATIONS, response_rate: float = 1.0,
                   df: float | None = None) -> ComparisonSize:
    """Smallest equal number of answers per unit (at least 2) with which `power_of_means` reaches `power`; invitations.

    Raises ValueError as there, and when the difference is 0. Source: as there.
    """
    if difference == 0:
        raise ValueError("difference is 0: no sample tells the means apart")
    return _size(lambda n: power_of_means(difference, deviation, n, alpha, sides, design_effect, populations, df),
                 2, power, populations, response_rate)


def detectable_proportion(p1: float, n: int | tuple[int, int], power: float = 0.8, alpha: float = 0.05, sides: int = 2,
                          design_effect: float = 1.0, populations: Populations = NO_POPULATIONS,
                          direction: str = "above") -> float:
    """The share p2 nearest to p1, above or below it, that `power_of_proportions` tells from p1 with chance `power`.

    NaN when no share on that side can be told apart. Raises ValueError as there; direction: "above" | "below".
    Source: R stats::power.prop.test(p2 = NULL), which looks above.
    """
    if direction not in ("above", "below"):
        raise ValueError(f"direction must be above or below, not {direction!r}")
    _strictly_inside("power", power)
    end = 1.0 if direction == "above" else 0.0

    def excess(p2: float) -> float:
        return power_of_proportions(p1, p2, n, alpha, sides, design_effect, populations) - power

    steps = np.linspace(p1, end, 201)
    values = np.array([excess(p2) for p2 in steps])
    enough = np.flatnonzero(values >= 0)
    if enough.size == 0:
        return float("nan")
    first = enough[0]
    return float(steps[0]) if first == 0 else float(optimize.brentq(excess, steps[first - 1], steps[first], xtol=1e-14))


def detectable_difference(deviation: float | Pair, n: int | tuple[int, int], power: float = 0.8, alpha: float = 0.05,
                          sides: int = 2, design_effect: float = 1.0, populations: Populations = NO_POPULATIONS,
                          df: float | None = None) -> float:
    """The smallest difference of two means that `power_of_means` calls with chance `power`; the item's units, >= 0.

    0 when everybody answered. Raises ValueError as there. Source: R stats::power.t.test(delta = NULL).
    """
    _strictly_inside("power", power)

    def excess(difference: float) -> float:
        return power_of_means(difference, deviation, n, alpha, sides, design_effect, populations, df) - power

    if excess(0.0) >= 0:
        return 0.0
    high = float(np.max(deviation)) * 1e-6
    if excess(high) >= 0:
        return float(optimize.brentq(excess, 0.0, high, xtol=high * 1e-13)) if _sampled(n, populations) else 0.0
    while excess(high) < 0:
        high *= 2
    return float(optimize.brentq(excess, high / 2, high, xtol=high * 1e-14))


def _size(reached: Callable[[int], float], least: int, power: float, populations: Populations,
          response_rate: float) -> ComparisonSize:
    _strictly_inside("power", power)
    if not 0 < response_rate <= 1:
        raise ValueError(f"response_rate must be above 0 and at most 1, not {response_rate!r}")
    high = least
    while reached(high) < power:
        high *= 2
        if high > LARGEST:
            raise ValueError("more than 10^12 answers per unit would be needed")
    low = high // 2 if high > least else high - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) >= power else (middle, high)
    completes = tuple(high if people is None else min(high, people) for people in populations)
    invitations = tuple(ceil(round(count / response_rate, 9)) for count in completes)
    reachable = all(people is None or count <= people for count, people in zip(invitations, populations, strict=True))
    return ComparisonSize(completes, invitations, reached(high), reachable)


def _normal_power(difference: float, threshold: float, error: float) -> float:
    if error == 0:
        return float(difference > threshold)
    return float(stats.norm.cdf((difference - threshold) / error))


def _sizes(n: int | tuple[int, int], populations: Populations) -> tuple[np.ndarray, np.ndarray]:
    """Answers per unit, at most everybody, and the finite population factors."""
    wanted = n if isinstance(n, tuple) else (n, n)
    for count in (*wanted, *(people for people in populations if people is not None)):
        if isinstance(count, bool) or not count >= 1 or count != int(count):
            raise ValueError(f"answers and populations must be whole numbers of at least 1, not {count!r}")
    pairs = list(zip(wanted, populations, strict=True))
    sizes = np.array([count if people is None else min(count, people) for count, people in pairs], dtype=float)
    left = [1.0 if people is None else max(people - count, 0) / max(people - 1, 1) for count, people in pairs]
    return sizes, np.array(left)


def _sampled(n: int | tuple[int, int], populations: Populations) -> bool:
    return bool(_sizes(n, populations)[1].any())


def _level(alpha: float, sides: int) -> float:
    _strictly_inside("alpha", alpha)
    if sides not in (1, 2):
        raise ValueError(f"sides must be 1 or 2, not {sides!r}")
    return alpha / sides


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must lie from {low} to {high}, not {value!r}")


def _strictly_inside(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1, not {value!r}")


def _above_zero(name: str, value: float) -> None:
    if not (value > 0 and isfinite(value)):
        raise ValueError(f"{name} must be greater than 0 and finite, not {value!r}")
