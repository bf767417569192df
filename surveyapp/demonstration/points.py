"""Made-up appraised points and last year's figures, in keeping with each unit's quality."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Protocol

import numpy

#: this unit's file came without one criterion: its total is shown as incomplete
MISSING_LEAF_UNIT = "NHNN"
QUARTER = Decimal("0.25")


class LeafLike(Protocol):
    code: str
    max_points: Fraction


def appraised_rows(unit: str, leaves: Sequence[LeafLike], quality: float,
                   rng: numpy.random.Generator) -> Iterable[dict[str, str]]:
    """Most criteria reach their maximum, some lose quarters of a point; units think a little better of themselves."""
    diligence = rng.normal(0.05, 0.03)
    kept = leaves[:-1] if unit == MISSING_LEAF_UNIT else leaves
    for leaf in kept:
        maximum = Decimal(leaf.max_points.numerator) / Decimal(leaf.max_points.denominator)
        share = min(1.0, max(0.0, rng.beta(6, 1.4) + diligence + quality * 0.15))
        appraised = _steps(maximum, share)
        own = appraised if rng.random() < 0.7 else _steps(maximum, min(1.0, share + 0.2))
        yield {"unit": unit, "leaf": leaf.code, "self_scored": f"{own.normalize():f}",
               "appraised": f"{appraised.normalize():f}"}


def previous_percents(quality: Mapping[str, float], rng: numpy.random.Generator) -> dict[str, Decimal]:
    """The index of the year before, in percent with two places."""
    return {code: Decimal(repr(float(min(97.5, max(58.0, rng.normal(79.5 + value * 8, 2.2)))))).quantize(Decimal("0.01"))
            for code, value in quality.items()}


def _steps(maximum: Decimal, share: float) -> Decimal:
    """A share of the maximum in quarters of a point (of the maximum, where that is smaller)."""
    step = min(QUARTER, maximum / 4)
    points = (maximum * Decimal(repr(float(share))) / step).to_integral_value(rounding=ROUND_HALF_EVEN) * step
    return min(maximum, points)
