"""Signs of doubtful questionnaires, what they change, and what depends on who asked. A flag asks for a look, deletes nothing.

| file | knows |
|---|---|
| `answers.py`, `flags.py` | answers as arrays, what counts as none; what a flag looks like |
| `patterns.py` | straight-lining, runs, variability, even-odd consistency, Mahalanobis distance |
| `duplicates.py` | exact duplicates and near-clones |
| `timing.py` | speed, bursts of submissions |
| `field_effects.py` | interviewer and site effects, staff who answer about their own unit |
| `report.py` | every figure with all questionnaires and without the flagged |
"""

from analysis.response_quality.duplicates import exact_duplicates, near_clones
from analysis.response_quality.field_effects import FieldEffects, OwnUnit, field_effects, own_unit
from analysis.response_quality.flags import Flag
from analysis.response_quality.patterns import (
    average_run,
    even_odd_consistency,
    longest_run,
    mahalanobis_distance,
    response_variability,
    straight_lining,
)
from analysis.response_quality.report import WithAndWithout, with_and_without
from analysis.response_quality.timing import bursts, speed

__all__ = [
    "FieldEffects", "Flag", "OwnUnit", "WithAndWithout", "average_run", "bursts", "even_odd_consistency", "exact_duplicates",
    "field_effects", "longest_run", "mahalanobis_distance", "near_clones", "own_unit", "response_variability", "speed",
    "straight_lining", "with_and_without",
]
