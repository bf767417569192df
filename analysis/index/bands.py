"""Bands (xếp loại): A from 90, B from 80 ... each with the exact percentage at which it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Band:
    """A name and the percentage of the maximum from which it applies, the limit itself included."""

    name: str
    at_least: Fraction


def band_of(percent: Fraction | Decimal | int, bands: Sequence[Band]) -> str:
    """Name of the first band whose limit `percent` reaches.

    Bands stand in descending order and the last one begins at 0 (framework checks refuse others). Whether `percent` is the
    exact or the rounded one is the caller's choice; totals pass the rounded one, which is the one people see.
    Raises ValueError when no band applies (no bands, or a percentage below them all).
    """
    for band in bands:
        if percent >= band.at_least:
            return band.name
    raise ValueError(f"no band applies to {percent}")
