"""Answers on a short scale of whole numbers: one weighted count per cell and level gives every moment of an item.

A five-point item costs one pass over its column; the distribution of the answers comes with it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimates import Moments, Scored, Stages, column_of, score_moments

#: A scale of more levels than this is read as numbers.
MOST_LEVELS = 32


@dataclass(frozen=True, eq=False)
class CodedColumn:
    """An item as codes, one per kept row: `levels[code]`, or a blank where code is the number of levels.

    `blank`: positions of the rows without an answer.
    """

    code: np.ndarray
    levels: np.ndarray
    blank: np.ndarray


def is_short_scale(frame: pd.DataFrame, name: str, missing: str) -> bool:
    """Whether the column can be read as codes: whole numbers within a few levels, and blanks only where the missing-data
    policy leaves every item its own rows."""
    column = column_of(frame, name)
    if not pd.api.types.is_integer_dtype(column.dtype) or column.empty:
        return False
    if column.hasnans and missing != "exclude":
        return False
    low, high = column.min(), column.max()
    return low is not pd.NA and int(high) - int(low) < MOST_LEVELS


def coded_column(frame: pd.DataFrame, name: str, row: np.ndarray | slice) -> CodedColumn:
    """A column on a short scale as codes."""
    column = column_of(frame, name)
    low, high = int(column.min()), int(column.max())
    levels = high - low + 1
    if column.hasnans:
        gap = column.isna().to_numpy()[row]
        values = column.to_numpy(dtype=column.dtype.numpy_dtype, na_value=low)[row]
    else:
        gap, values = None, column.to_numpy(dtype=getattr(column.dtype, "numpy_dtype", column.dtype))[row]
    code = values if low == 0 else (values - low if values.dtype.itemsize > 1 else values - values.dtype.type(low))
    if gap is None or not gap.any():
        return CodedColumn(code, np.arange(low, high + 1, dtype=float), np.zeros(0, dtype=np.int64))
    return CodedColumn(np.where(gap, levels, code), np.arange(low, high + 1, dtype=float), np.flatnonzero(gap))


def score_coded(stages: Stages, item: CodedColumn, kind: str) -> tuple[Scored, np.ndarray]:
    """`estimates.score_level` of a coded item, and its answers: sum of weights per domain and level, (D, levels)."""
    cells, levels = stages[0], item.levels.size
    width = levels + bool(item.blank.size)
    origin = float(item.levels.mean())
    near = item.levels - origin
    tables = [at.level_sums(item.code, width)[:, :levels] for at in stages]
    moments = [Moments(table.sum(axis=1) if item.blank.size else at.weight, table @ near)
               for at, table in zip(stages, tables, strict=True)]
    count = cells.count - np.bincount(cells.cell[item.blank], minlength=cells.psu.size)
    answers = np.column_stack([cells.by_domain(column) for column in tables[0].T])
    return score_moments(stages, moments, tables[0] @ near**2, count, origin, kind), answers
