"""The sampling frame: is it whole, what is in it, and its units at each stage in an order that no file can change."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sampling.canonical import digest, sort_key, text_of, texts_of
from analysis.sampling.plan import Plan, Stage
from analysis.sampling.selection import METHODS
from documents.faults import FaultList

#: stratum of a stage that has none
ALL = "(all)"


@dataclass(frozen=True)
class FrameRecord:
    """What the frame was when it was used: rows, the columns that counted, SHA-256 of their canonical content, and the sum of
    each size measure."""

    rows: int
    columns: tuple[str, ...]
    sha256: str
    size_totals: tuple[tuple[str, float], ...]

    def as_document(self) -> dict[str, object]:
        return {"rows": self.rows, "columns": list(self.columns), "sha256": self.sha256,
                "size_totals": [list(pair) for pair in self.size_totals]}


@dataclass(frozen=True, eq=False)
class Level:
    """The U units of one stage in canonical order: labels, their texts, parent (U,) among the units of the stage before
    (0 at the first), stratum (U,) code and strata labels, size (U,), and `rank` (U,), the order for systematic methods."""

    labels: list[object]
    texts: list[str]
    parent: np.ndarray
    stratum: np.ndarray
    strata: list[object]
    size: np.ndarray
    rank: np.ndarray


def record_frame(frame: pd.DataFrame, plan: Plan, name: str = "khung mẫu") -> FrameRecord:
    """The frame's record, for the columns that `plan` uses. Row order, column order and number types (12, 12.0) do not matter;
    neither do columns that the plan does not use.

    Raises documents.faults.Faults as `check_frame`.
    """
    check_frame(frame, plan, name)
    return _fingerprint(frame, plan)


def check_frame(frame: pd.DataFrame, plan: Plan, name: str = "khung mẫu") -> None:
    """Raises documents.faults.Faults with everything that is wrong, each with its row (the first is 1): missing columns;
    missing and repeated ids; missing units, strata and sort values; sizes that are not numbers above 0; units that lie in
    two parents or two strata, or bear two sizes or sort values; strata without an n, and an n for strata that do not occur.
    """
    faults = FaultList()
    for column in plan.columns():
        if list(frame.columns).count(column) != 1:
            faults.add(name, f"Không có đúng một cột “{column}”.", f"Thêm hoặc đổi tên cột để có đúng một cột “{column}”.")
    if len(frame) == 0:
        faults.add(name, "Không có dòng nào.", "Đưa khung mẫu có ít nhất một dòng.")
    faults.refuse_if_any()
    texts = {column: texts_of(frame[column]) for column in plan.columns()}
    for column, values in texts.items():
        for row in (i for i, text in enumerate(values) if not text.lstrip("=").strip()):
            faults.add(_place(name, row, column), "Ô để trống.", "Điền ô này, hoặc bỏ dòng khỏi khung mẫu.")
    _repeated(name, plan.id, texts[plan.id], faults)
    for column in plan.size_columns():
        numbers = _numbers(frame, column)
        for row in np.flatnonzero(~(np.isfinite(numbers) & (numbers > 0))):
            if texts[column][row]:
                faults.add(_place(name, row, column), f"“{frame[column].iloc[row]}” không phải là số lớn hơn 0.",
                           "Ghi quy mô là một số lớn hơn 0.")
    parent: str | None = None
    for stage in plan.stages:
        constant = [stage.strata, *stage.sort, stage.size if stage.size_of_unit == "constant" else None, parent]
        for column in dict.fromkeys(c for c in constant if c and stage.unit != plan.id):
            _constant(name, stage.unit, column, texts, faults)
        _strata_known(name, stage, texts, faults)
        parent = stage.unit
    faults.refuse_if_any()


def levels_of(frame: pd.DataFrame, plan: Plan) -> list[Level]:
    """The units of each stage; the frame must have passed `check_frame`."""
    row_of = _row_order(frame, plan)
    levels: list[Level] = []
    code_above = np.zeros(len(frame), dtype=np.int64)
    for stage in plan.stages:
        values = frame[stage.unit].astype(object).to_numpy()[row_of]
        texts, code, first = _codes([text_of(value) for value in values])
        stratum, strata = _stratum_codes(frame, stage, row_of[first])
        levels.append(Level([values[i] for i in first], texts, code_above[first], stratum, strata,
                            _sizes(frame, stage, row_of, code, first), _ranks(frame, stage, row_of[first])))
        code_above = code
    return levels


def _fingerprint(frame: pd.DataFrame, plan: Plan) -> FrameRecord:
    columns = plan.columns()
    rows = _row_order(frame, plan)
    texts = [texts_of(frame[column].iloc[rows]) for column in columns]
    sha256 = digest(part for line in [columns, *zip(*texts, strict=True)] for part in line)
    totals = tuple((column, math.fsum(_numbers(frame, column))) for column in plan.size_columns())
    return FrameRecord(len(frame), columns, sha256, totals)


def _row_order(frame: pd.DataFrame, plan: Plan) -> np.ndarray:
    keys = [sort_key(text) for text in texts_of(frame[plan.id])]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def _codes(texts: Sequence[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Distinct texts in canonical order, the code of each value, and the first position of each code."""
    found: dict[str, int] = {}
    for position, text in enumerate(texts):
        found.setdefault(text, position)
    distinct = sorted(found, key=sort_key)
    number = {text: code for code, text in enumerate(distinct)}
    return distinct, np.array([number[text] for text in texts], dtype=np.int64), np.array([found[t] for t in distinct])


def _stratum_codes(frame: pd.DataFrame, stage: Stage, rows: np.ndarray) -> tuple[np.ndarray, list[object]]:
    if stage.strata is None:
        return np.zeros(rows.size, dtype=np.int64), [ALL]
    values = frame[stage.strata].astype(object).to_numpy()[rows]
    _, code, first = _codes([text_of(value) for value in values])
    return code, [values[i] for i in first]


def _sizes(frame: pd.DataFrame, stage: Stage, row_of: np.ndarray, code: np.ndarray, first: np.ndarray) -> np.ndarray:
    if not METHODS[stage.method].by_size:
        return np.ones(first.size)
    if stage.size is None:
        return np.bincount(code).astype(float)
    numbers = _numbers(frame, stage.size)[row_of]
    return numbers[first] if stage.size_of_unit == "constant" else np.bincount(code, weights=numbers)


def _ranks(frame: pd.DataFrame, stage: Stage, rows: np.ndarray) -> np.ndarray:
    """Rank by the sort columns; equals keep the canonical order of their ids, which is the order they come in."""
    columns = [[sort_key(text) for text in texts_of(frame[column].iloc[rows])] for column in stage.sort]
    keys = list(zip(*columns, strict=True)) if columns else [()] * rows.size
    order = sorted(range(rows.size), key=keys.__getitem__)
    rank = np.empty(rows.size, dtype=np.int64)
    rank[order] = np.arange(rows.size)
    return rank


def _numbers(frame: pd.DataFrame, column: str) -> np.ndarray:
    return pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _place(name: str, row: int, column: str) -> str:
    return f"{name}, dòng {row + 1}, cột “{column}”"


def _repeated(name: str, column: str, texts: Sequence[str], faults: FaultList) -> None:
    seen: dict[str, int] = {}
    for row, text in enumerate(texts):
        if text and seen.setdefault(text, row) != row:
            faults.add(_place(name, row, column), f"Mã “{text[1:]}” đã có ở dòng {seen[text] + 1}.",
                       "Bỏ dòng trùng, hoặc sửa mã để mỗi dòng có một mã riêng.")


def _constant(name: str, unit: str, column: str, texts, faults: FaultList) -> None:
    seen: dict[str, int] = {}
    for row, (one, value) in enumerate(zip(texts[unit], texts[column], strict=True)):
        if one and value and texts[column][seen.setdefault(one, row)] not in ("", value):
            faults.add(_place(name, row, column),
                       f"“{one[1:]}” (cột “{unit}”) có giá trị “{value[1:]}” ở dòng này, nhưng là "
                       f"“{texts[column][seen[one]][1:]}” ở dòng {seen[one] + 1}.",
                       "Sửa cho giống nhau, hoặc đặt mã khác cho hai đơn vị khác nhau.")


def _strata_known(name: str, stage: Stage, texts, faults: FaultList) -> None:
    wanted = stage.wanted()
    if wanted is None:
        return
    present = {text for text in texts[stage.strata] if text}
    for text in sorted(present - set(wanted), key=sort_key):
        row = texts[stage.strata].index(text)
        faults.add(_place(name, row, stage.strata), f"Tầng “{text[1:]}” chưa có cỡ mẫu.",
                   "Thêm cỡ mẫu cho tầng này, hoặc sửa tên tầng.")
    for text in sorted(set(wanted) - present, key=sort_key):
        faults.add(f"{name}, cột “{stage.strata}”", f"Không có dòng nào thuộc tầng “{text[1:]}”.",
                   "Bỏ tầng này khỏi phân bổ mẫu, hoặc sửa tên tầng.")
