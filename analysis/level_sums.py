"""Answers on a short scale of whole numbers: one weighted count per cell and level gives every moment of an item.

A five-point item costs less than one pass over its column, as several are counted in one joint table; the distribution of
the answers comes with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.estimates import Answers, Moments, Scored, Stages, column_of, score_moments

#: A scale of more levels than this is read as numbers.
MOST_LEVELS = 32

#: Joint levels of items that are counted together: they fit in one byte.
MOST_JOINT_LEVELS = 256

#: A table of counts pays while it has at most this share of the rows.
TABLE_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class CodedColumn:
    """An item as codes, one per kept row: `levels[code]`, or a blank where code is the number of levels.

    `blank`: positions of the rows without an answer.
    """

    code: np.ndarray
    levels: np.ndarray
    blank: np.ndarray

    @property
    def width(self) -> int:
        return self.levels.size + bool(self.blank.size)


@dataclass(frozen=True)
class Scale:
    """A column on a short scale of whole numbers: its lowest and highest level, and whether it has blanks."""

    name: str
    low: int
    high: int
    gaps: bool

    @property
    def width(self) -> int:
        return self.high - self.low + 1 + self.gaps


def short_scale(frame: pd.DataFrame, name: str, missing: str) -> Scale | None:
    """The column's scale; None where it is not one of a few whole numbers, or has blanks and the missing-data policy does
    not leave every item its own rows."""
    column = column_of(frame, name)
    if not pd.api.types.is_integer_dtype(column.dtype) or column.empty:
        return None
    gaps = not isinstance(column.dtype, np.dtype) and column.hasnans
    if gaps and missing != "exclude":
        return None
    values = column.dropna() if gaps else column
    if values.empty:
        return None
    values = values.to_numpy(dtype=getattr(column.dtype, "numpy_dtype", column.dtype))
    low, high = int(values.min()), int(values.max())
    return Scale(name, low, high, gaps) if high - low < MOST_LEVELS else None


def packs(scales: Sequence[Scale], cells: int, rows: int) -> list[list[Scale]]:
    """Items in their order, put together as far as their joint table of counts pays; nothing if even one item's does not."""
    limit = min(MOST_JOINT_LEVELS, TABLE_SHARE * rows / max(cells, 1))
    if any(scale.width > limit for scale in scales):
        return []
    found: list[list[Scale]] = []
    joint = limit + 1
    for scale in scales:
        if joint * scale.width > limit:
            found.append([])
            joint = 1
        found[-1].append(scale)
        joint *= scale.width
    return found


def coded_column(frame: pd.DataFrame, scale: Scale, row: np.ndarray | slice) -> CodedColumn:
    """A column on a short scale as codes."""
    column = column_of(frame, scale.name)
    plain = getattr(column.dtype, "numpy_dtype", column.dtype)
    levels = np.arange(scale.low, scale.high + 1)
    if not scale.gaps:
        values = column.to_numpy(dtype=plain)[row]
        return CodedColumn((values - plain.type(scale.low)).astype(np.uint8), levels.astype(float), np.zeros(0, dtype=np.int64))
    gap = column.isna().to_numpy()[row]
    values = column.to_numpy(dtype=plain, na_value=scale.low)[row]
    code = np.where(gap, levels.size, values - plain.type(scale.low)).astype(np.uint8)
    return CodedColumn(code, levels.astype(float), np.flatnonzero(gap))


def pack_tables(stages: Stages, items: Sequence[CodedColumn]) -> list[list[np.ndarray]]:
    """For each item, and each stage, the sum of weights per cell and level, (cells, levels)."""
    joint = items[0].code
    for item in items[1:]:
        joint = joint * np.uint8(item.width) + item.code
    shape = tuple(item.width for item in items)
    tables = [at.level_sums(joint, int(np.prod(shape))).reshape(-1, *shape) for at in stages]
    found = []
    for position, item in enumerate(items):
        others = tuple(axis + 1 for axis in range(len(items)) if axis != position)
        found.append([table.sum(axis=others)[:, : item.levels.size] for table in tables])
    return found


def score_coded(stages: Stages, item: CodedColumn, tables: Sequence[np.ndarray], kind: str) -> Scored:
    """`estimates.score_level` of a coded item from its tables, with its answers."""
    cells = stages[0]
    origin = float(item.levels.mean())
    near = item.levels - origin
    moments = [Moments(table.sum(axis=1) if item.blank.size else at.weight, table @ near)
               for at, table in zip(stages, tables, strict=True)]
    count = cells.count
    if item.blank.size:
        count = count - np.bincount(cells.cell[item.blank], minlength=cells.psu.size)
    answers = Answers(item.levels, np.column_stack([cells.by_domain(column) for column in tables[0].T]))
    return replace(score_moments(stages, moments, tables[0] @ near**2, count, origin, kind), answers=answers)
