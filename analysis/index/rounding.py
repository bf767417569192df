"""The only place that rounds official numbers: exact value in, decimal out, once, by the framework's declared rule."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Literal

MODES = ("half_even", "half_up")


@dataclass(frozen=True)
class Rounding:
    """Number of decimal places (0 to 12) and what happens to a tie: to the even digit, or away from zero."""

    places: int = 2
    mode: Literal["half_even", "half_up"] = "half_even"

    def __post_init__(self) -> None:
        if not isinstance(self.places, int) or not 0 <= self.places <= 12:
            raise ValueError(f"places must be an integer from 0 to 12, not {self.places!r}")
        if self.mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, not {self.mode!r}")


def round_once(value: Fraction | Decimal | int, rounding: Rounding) -> Decimal:
    """The decimal with `rounding.places` places nearest to the exact `value`.

    A tie (exactly half of the last place) goes to the even digit ("half_even": 86.405 -> 86.40, as the programme prints)
    or away from zero ("half_up": 86.405 -> 86.41, -0.5 -> -1). Minus zero is never returned.
    Raises TypeError for a float: a float has already been rounded.
    """
    if isinstance(value, float):
        raise TypeError("round_once takes exact numbers (Fraction, Decimal, int), not a float")
    scaled = Fraction(value) * 10**rounding.places
    size = round(abs(scaled)) if rounding.mode == "half_even" else floor(abs(scaled) + Fraction(1, 2))
    negative = scaled < 0 and size != 0
    return Decimal((int(negative), tuple(int(digit) for digit in str(size)), -rounding.places))
