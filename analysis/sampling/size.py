"""How many people to ask, and how close the answer comes: exact arithmetic, one ceiling at the end.

Numbers may be int, float, Decimal or Fraction. A float means the decimal it is written as (0.05 is exactly 5/100), so a
size that comes out whole stays whole.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, isfinite, sqrt
from statistics import NormalDist

Number = int | float | Decimal | Fraction


@dataclass(frozen=True)
class SampleSize:
    """`completes`: answers needed; `invitations`: people to ask so that as many answer; `population` as given.

    `reachable` is False when more invitations are needed than there are people: then ask everybody, and expect
    `achieved_margin` instead of the margin that was wanted.
    """

    completes: int
    invitations: int
    population: int | None
    reachable: bool


def yamane(population: int, margin: Number) -> int:
    """n = N / (1 + N e^2), rounded up: the official habit; 95 % confidence and p = 0.5 are built in (with z = 2).

    population N: people, at least 1; margin e: half-width of the interval as a share, 0 < e < 1 (0.05 is 5 points).
    Raises ValueError outside these. Source: Yamane (1967) Statistics: An Introductory Analysis, 2nd ed., p. 886.
    """
    size, e = _population(population), _share("margin", margin)
    return ceil(size / (1 + size * e**2))


def cochran(
    p: Number,
    margin: Number,
    population: int | None = None,
    confidence: Number = 0.95,
    design_effect: Number = 1,
    response_rate: Number = 1,
) -> SampleSize:
    """Answers needed to know a share p within -/+ e, and invitations for them.

    n0 = deff z^2 p (1 - p) / e^2;  n = n0 / (1 + (n0 - 1) / N) for a finite population;  invitations = n / response rate.
    p, margin, confidence: shares strictly between 0 and 1; design_effect > 0; 0 < response_rate <= 1; population: people
    or None. The design effect comes before the finite population correction, so that n never exceeds N.
    Raises ValueError outside these. Source: Cochran (1977) Sampling Techniques, 3rd ed., 4.4 and 5.9.
    """
    share = _share("p", p)
    n0 = _z_squared(confidence) * share * (1 - share) / _share("margin", margin) ** 2
    return _sample_size(n0, population, design_effect, response_rate)


def for_mean(
    standard_deviation: Number,
    margin: Number,
    population: int | None = None,
    confidence: Number = 0.95,
    design_effect: Number = 1,
    response_rate: Number = 1,
) -> SampleSize:
    """Answers needed to know a mean within -/+ e: n0 = deff z^2 S^2 / e^2, then as `cochran`.

    standard_deviation S and margin e in the item's own units, both > 0 (a five-level item scored 0-100 has S of about 25).
    Raises ValueError outside these. Source: Cochran (1977) 4.6.
    """
    n0 = _z_squared(confidence) * (_positive("standard_deviation", standard_deviation) / _positive("margin", margin)) ** 2
    return _sample_size(n0, population, design_effect, response_rate)


def for_ratio(
    margin: Number,
    mean_denominator: Number,
    residual_deviation: Number,
    population: int | None = None,
    confidence: Number = 0.95,
    design_effect: Number = 1,
    response_rate: Number = 1,
) -> SampleSize:
    """Answers needed to know a ratio R = Y / X within -/+ e: n0 = deff z^2 S_d^2 / (e^2 xbar^2), then as `cochran`.

    margin e in the ratio's units; mean_denominator xbar: mean of x per person; residual_deviation S_d: standard deviation of
    d = y - R x in y's units, observed or from `residual_deviation`; all > 0. Large samples: the bias of the ratio is left out.
    Raises ValueError outside these. Source: Cochran (1977) 6.4; Särndal, Swensson and Wretman (1992) 5.6.
    """
    spread = _positive("residual_deviation", residual_deviation) / _positive("mean_denominator", mean_denominator)
    n0 = _z_squared(confidence) * (spread / _positive("margin", margin)) ** 2
    return _sample_size(n0, population, design_effect, response_rate)


def residual_deviation(
    ratio: Number, deviation_numerator: Number, deviation_denominator: Number, correlation: Number
) -> float:
    """Standard deviation of y - R x by linearisation: sqrt(S_y^2 + R^2 S_x^2 - 2 R rho S_y S_x), in y's units.

    Deviations >= 0, -1 <= correlation rho <= 1. Raises ValueError outside these. Source: Cochran (1977) 6.4.
    """
    r, rho = _exact("ratio", ratio), _exact("correlation", correlation)
    sy, sx = _exact("deviation_numerator", deviation_numerator), _exact("deviation_denominator", deviation_denominator)
    if sy < 0 or sx < 0 or not -1 <= rho <= 1:
        raise ValueError("deviations must be at least 0 and correlation must lie from -1 to 1")
    return sqrt(sy**2 + r**2 * sx**2 - 2 * r * rho * sy * sx)


def achieved_margin(
    n: int,
    population: int | None = None,
    p: Number = 0.5,
    confidence: Number = 0.95,
    design_effect: Number = 1,
) -> float:
    """Half-width of the interval of a share with n answers, as a share (0.179 is 17.9 points).

    e = z sqrt(deff p (1 - p) / n * (N - n) / (N - 1)); 0 when everybody answered. `cochran` turned round.
    n: answers, at least 1 and at most the population. Raises ValueError outside these. Source: Cochran (1977) 3.2.
    """
    answers = _whole("n", n)
    share = _share("p", p)
    variance = _positive("design_effect", design_effect) * share * (1 - share) / answers
    if population is not None:
        people = _population(population)
        if answers > people:
            raise ValueError(f"n ({answers}) is larger than the population ({people})")
        variance *= Fraction(people - answers, max(people - 1, 1))
    return sqrt(_z_squared(confidence) * variance)


def cluster_design_effect(cluster_size: Number, intraclass_correlation: Number) -> float:
    """Design effect of equal clusters: 1 + (m - 1) rho. m >= 1 answers per cluster, -1 <= rho <= 1.

    Raises ValueError outside these, or when the result is not positive. Source: Kish (1965) Survey Sampling, 5.4.
    """
    m, rho = _exact("cluster_size", cluster_size), _exact("intraclass_correlation", intraclass_correlation)
    if m < 1 or not -1 <= rho <= 1 or (effect := 1 + (m - 1) * rho) <= 0:
        raise ValueError(f"no design effect for clusters of {cluster_size} with correlation {intraclass_correlation}")
    return float(effect)


def _sample_size(n0: Fraction, population: int | None, design_effect: Number, response_rate: Number) -> SampleSize:
    n = n0 * _positive("design_effect", design_effect)
    people = None if population is None else _population(population)
    if people is not None:
        n = n * people / (people - 1 + n)
    rate = _positive("response_rate", response_rate)
    if rate > 1:
        raise ValueError(f"response_rate must be at most 1, not {response_rate!r}")
    completes = max(ceil(n), 1) if people is None else min(max(ceil(n), 1), people)
    invitations = ceil(completes / rate)
    return SampleSize(completes, invitations, people, people is None or invitations <= people)


def _z_squared(confidence: Number) -> Fraction:
    return Fraction(NormalDist().inv_cdf(float((1 + _share("confidence", confidence)) / 2))) ** 2


def _exact(name: str, value: Number) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        raise ValueError(f"{name} must be a number, not {value!r}")
    if not isinstance(value, Fraction) and not isfinite(value):
        raise ValueError(f"{name} must be finite, not {value!r}")
    return Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)


def _share(name: str, value: Number) -> Fraction:
    exact = _exact(name, value)
    if not 0 < exact < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1, not {value!r}")
    return exact


def _positive(name: str, value: Number) -> Fraction:
    exact = _exact(name, value)
    if exact <= 0:
        raise ValueError(f"{name} must be greater than 0, not {value!r}")
    return exact


def _whole(name: str, value: int) -> int:
    exact = _exact(name, value)
    if exact < 1 or exact.denominator != 1:
        raise ValueError(f"{name} must be a whole number of at least 1, not {value!r}")
    return int(exact)


def _population(value: int) -> int:
    return _whole("population", value)
