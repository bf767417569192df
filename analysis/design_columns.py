"""From columns of a frame to the stages of a design: who was drawn where, out of how many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimates import column_of
from analysis.variance import DesignError, SamplingPlan


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of selection: the unit each row belongs to, (n,), and the plan by which the units were drawn."""

    unit: np.ndarray
    plan: SamplingPlan


def names_of(names: str | Sequence[str] | None) -> list[str]:
    return [] if names is None else [names] if isinstance(names, str) else list(names)


def read_stages(frame: pd.DataFrame, strata: list[str], psu: list[str], fpc: list[str], nest: bool,
                lonely_psu: str) -> tuple[Stage, ...]:
    """The stages of selection, first one first; a stage whose variance counts for nothing is left out.

    A stage counts by the product of the sampling fractions before it, so without fpc only the first stage does.
    """
    if len(fpc) > max(len(psu), 1) or len(strata) > max(len(psu), 1):
        raise DesignError(f"{len(psu) or 1} stage(s) of units, but {len(strata)} of strata and {len(fpc)} of fpc: name the "
                          "units of every stage in psu=[...]")
    sizes = _population_sizes(frame, fpc)
    stages: list[Stage] = []
    before = carried = None
    for s in range(max(len(psu), 1)):
        label = psu[s] if psu else None
        stratum, names = _strata(frame, strata[s] if s < len(strata) else None, before)
        unit, of_stratum = _units(frame, label, stratum, len(names), nest or s > 0)
        count = np.bincount(of_stratum, minlength=len(names))
        fraction = _fractions(sizes[s], stratum, count, names, fpc[s]) if s < len(fpc) else None
        parent = None
        if before is not None:
            parent = np.zeros(len(names), dtype=np.int64)
            parent[stratum] = before
        here = None if carried is None else _first_by(stratum, carried, len(names))
        plan = SamplingPlan(of_stratum, count, fraction, tuple(names), lonely_psu, here, parent)
        for array in (unit, of_stratum, count):
            array.flags.writeable = False
        stages.append(Stage(unit, plan))
        if fraction is None:
            break
        carried = (1.0 if carried is None else carried) * fraction[stratum]
        if not (carried > 0).any():
            break
        before = unit
    return tuple(stages)


def expansion(stages: Sequence[Stage]) -> np.ndarray:
    """Weight of each row by the draw alone: the product over stages of 1 / sampling fraction."""
    weight = 1.0
    for stage in stages:
        if stage.plan.fraction is None:
            continue
        fraction = stage.plan.fraction[stage.plan.psu_stratum[stage.unit]]
        if (fraction == 0).any():
            raise DesignError("weights cannot be derived from an infinite population; name a weights column")
        weight = weight / fraction
    return weight


def numbers(frame: pd.DataFrame, name: str, what: str) -> np.ndarray:
    values = column_of(frame, name)
    if not pd.api.types.is_numeric_dtype(values.dtype):
        raise DesignError(f"{what} column {name!r} is not numeric")
    found = values.to_numpy(dtype=float, na_value=np.nan).copy()
    if np.isnan(found).any():
        raise DesignError(f"{int(np.isnan(found).sum())} missing values in {what} column {name!r}")
    if what == "weights" and np.isinf(found).any():
        raise DesignError(f"infinite values in weights column {name!r}")
    return found


def _codes(frame: pd.DataFrame, name: str, what: str) -> tuple[np.ndarray, list[object]]:
    codes, labels = pd.factorize(column_of(frame, name), sort=True)
    if (codes < 0).any():
        raise DesignError(f"{int((codes < 0).sum())} missing values in {what} column {name!r}")
    return codes.astype(np.int64, copy=False), list(labels)


def _strata(frame: pd.DataFrame, name: str | None, before: np.ndarray | None) -> tuple[np.ndarray, list[object]]:
    """Stratum of each row at this stage, and the strata's names; at a later stage each unit of the one before is one."""
    if name is None and before is None:
        return np.zeros(len(frame), dtype=np.int64), ["(all)"]
    if before is None:
        return _codes(frame, name, "strata")
    if name is None:
        return before, list(range(int(before.max()) + 1))
    codes, labels = _codes(frame, name, "strata")
    pairs, code = np.unique(before * len(labels) + codes, return_inverse=True)
    return code, [labels[pair % len(labels)] for pair in pairs]


def _units(frame, name: str | None, stratum: np.ndarray, strata: int, nest: bool) -> tuple[np.ndarray, np.ndarray]:
    """Unit of each row, and stratum of each unit."""
    if name is None:
        return np.arange(len(frame)), stratum.copy()
    member, labels = _codes(frame, name, "psu")
    if nest:
        pairs, member = np.unique(member * strata + stratum, return_inverse=True)
        return member, pairs % strata
    of_stratum = np.zeros(len(labels), dtype=np.int64)
    of_stratum[member] = stratum
    astray = np.flatnonzero(of_stratum[member] != stratum)
    if astray.size:
        raise DesignError(f"PSU {labels[member[astray[0]]]!r} lies in more than one stratum; nest=True if ids repeat "
                          "between strata")
    return member, of_stratum


def _population_sizes(frame: pd.DataFrame, fpc: list[str]) -> list[tuple[np.ndarray, bool]]:
    """The fpc columns, and whether they are population sizes: by R's rule all of them are >= 1, or all <= 1."""
    columns = [numbers(frame, name, "fpc") for name in fpc]
    sizes = any(bool((values > 1).any()) for values in columns)
    if any((values <= 0).any() or (sizes and (values < 1).any()) for values in columns):
        raise DesignError("fpc must be all population sizes (>= 1) or all sampling fractions (> 0 and <= 1)")
    return [(values, sizes) for values in columns]


def _fractions(column: tuple[np.ndarray, bool], stratum: np.ndarray, count: np.ndarray, names: Sequence[object],
               fpc: str) -> np.ndarray:
    """Sampling fraction of each stratum."""
    values, sizes = column
    first = _first_by(stratum, values, len(count))
    uneven = np.flatnonzero(first[stratum] != values)
    if uneven.size:
        raise DesignError(f"fpc {fpc!r} varies within stratum {names[stratum[uneven[0]]]!r}")
    if not sizes:
        return first
    small = np.flatnonzero(first < count)
    if small.size:
        h = small[0]
        raise DesignError(f"stratum {names[h]!r}: fpc {first[h]:g} is smaller than the {count[h]} units drawn")
    return count / first


def _first_by(code: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    found = np.empty(size)
    found[code] = values
    return found
