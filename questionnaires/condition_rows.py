"""Conditions as rows that people fill in: question, comparison, value; joined by “và” or by “hoặc”.

Rows become an ODK expression, and an expression of that shape becomes rows again. Every other expression is no rows (None);
it stays as it is, to be read and written as text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from documents.faults import Fault, Faults

Joiner = Literal["and", "or"]
#: how an answer is compared: AnswerType.compared_as
Kind = Literal["choice", "choices", "number", "date", "text"]


@dataclass(frozen=True)
class Comparison:
    """One way of comparing: its words, and for which kinds of answers; `takes_value` is no for “đã được trả lời”."""

    words: str
    kinds: tuple[Kind, ...]
    takes_value: bool = True
    #: days are earlier or later rather than smaller or larger
    words_of_days: str = ""

    def said(self, kind: Kind) -> str:
        return self.words_of_days if kind == "date" and self.words_of_days else self.words


COMPARISONS: Mapping[str, Comparison] = MappingProxyType(
    {
        "is": Comparison("là", ("choice",)),
        "is_not": Comparison("không phải là", ("choice",)),
        "has": Comparison("có chọn", ("choices",)),
        "has_not": Comparison("không chọn", ("choices",)),
        "count_at_least": Comparison("chọn ít nhất (số phương án)", ("choices",)),
        "count_at_most": Comparison("chọn nhiều nhất (số phương án)", ("choices",)),
        "equals": Comparison("bằng", ("number", "date", "text"), words_of_days="đúng ngày"),
        "differs": Comparison("khác", ("number", "date", "text"), words_of_days="khác ngày"),
        "less": Comparison("nhỏ hơn", ("number", "date"), words_of_days="trước ngày"),
        "at_most": Comparison("nhỏ hơn hoặc bằng", ("number", "date"), words_of_days="không sau ngày"),
        "more": Comparison("lớn hơn", ("number", "date"), words_of_days="sau ngày"),
        "at_least": Comparison("lớn hơn hoặc bằng", ("number", "date"), words_of_days="không trước ngày"),
        "answered": Comparison("đã được trả lời", ("choice", "choices", "number", "date", "text"), False),
        "blank": Comparison("chưa được trả lời", ("choice", "choices", "number", "date", "text"), False),
    }
)
_SIGNS = {"is": "=", "is_not": "!=", "equals": "=", "differs": "!=", "less": "<", "at_most": "<=", "more": ">",
          "at_least": ">="}
_COUNTS = {"count_at_least": ">=", "count_at_most": "<="}
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SUBJECT = r"(?P<subject>\$\{\s*[A-Za-z_]\w*\s*\}|\.)"
_LITERAL = r"(?P<literal>'[^']*'|\"[^\"]*\")"
_SHAPES = (
    ("sign", re.compile(rf"{_SUBJECT}\s*(?P<sign>!=|<=|>=|=|<|>)\s*"
                        rf"(?:{_LITERAL}|(?P<number>-?[0-9]+(?:\.[0-9]+)?)|date\(\s*(?P<date>'[0-9-]+'|\"[0-9-]+\")\s*\))")),
    ("has", re.compile(rf"selected\(\s*{_SUBJECT}\s*,\s*{_LITERAL}\s*\)")),
    ("has_not", re.compile(rf"not\(\s*selected\(\s*{_SUBJECT}\s*,\s*{_LITERAL}\s*\)\s*\)")),
    ("count", re.compile(rf"count-selected\(\s*{_SUBJECT}\s*\)\s*(?P<sign>>=|<=)\s*(?P<number>[0-9]+)")),
)


@dataclass(frozen=True)
class Row:
    """`question` is a question's name, or "." for the answer that is being checked."""

    question: str
    comparison: str
    value: str = ""


@dataclass(frozen=True)
class Rows:
    joiner: Joiner
    rows: tuple[Row, ...]


def to_expression(rows: Rows, kinds: Mapping[str, Kind]) -> str:
    """No rows, no condition. Raises Faults that name the row: an unknown question, a value missing or not fit."""
    faults: list[Fault] = []
    pieces = []
    for number, row in enumerate(rows.rows, start=1):
        reason, mend = _wrong(row, kinds.get(row.question))
        if reason:
            faults.append(Fault(f"Dòng {number}", reason, mend))
        else:
            pieces.append(_piece(row, kinds[row.question]))
    if faults:
        raise Faults(faults)
    return f" {rows.joiner} ".join(pieces)


def from_expression(expression: str, kinds: Mapping[str, Kind]) -> Rows | None:
    """The rows that give this expression (but for spaces and the kind of quotes), or None."""
    if not expression.strip():
        return Rows("and", ())
    joiner, pieces = _split(expression)
    rows = [_row(piece, kinds) for piece in pieces]
    if joiner is None or not all(rows):
        return None
    return Rows(joiner, tuple(row for row in rows if row))


def _wrong(row: Row, kind: Kind | None) -> tuple[str, str]:
    comparison = COMPARISONS.get(row.comparison)
    if kind is None:
        return f"Điều kiện không xét được câu “{row.question}”.", "Bỏ dòng này, chọn một câu hỏi đứng trước."
    if comparison is None or kind not in comparison.kinds:
        return "Phép so sánh không hợp với câu hỏi này.", "Chọn phép so sánh trong danh sách."
    if not comparison.takes_value:
        return "", ""
    if not row.value:
        return "Chưa có giá trị để so sánh.", "Chọn hoặc ghi giá trị."
    if row.comparison in _COUNTS and not (row.value.isascii() and row.value.isdigit() and len(row.value) < 5):
        return f"“{row.value[:40]}” không phải là số phương án.", "Ghi một số nguyên, ví dụ 2."
    if kind == "number" and not _NUMBER.fullmatch(row.value):
        return f"“{row.value[:40]}” không phải là một số.", "Chỉ ghi chữ số, phần thập phân sau dấu chấm, ví dụ 18 hoặc 1.5."
    if kind == "date" and not _DATE.fullmatch(row.value):
        return f"“{row.value[:40]}” không phải là một ngày.", "Ghi theo dạng năm-tháng-ngày, ví dụ 2026-11-23."
    if "'" in row.value and '"' in row.value:
        return "Giá trị có cả nháy đơn và nháy kép.", "Bỏ một loại dấu nháy."
    return "", ""


def _piece(row: Row, kind: Kind) -> str:
    subject = "." if row.question == "." else f"${{{row.question}}}"
    if row.comparison in ("answered", "blank"):
        return f"{subject} {'!=' if row.comparison == 'answered' else '='} ''"
    if row.comparison in _COUNTS:
        return f"count-selected({subject}) {_COUNTS[row.comparison]} {row.value}"
    quoted = f'"{row.value}"' if "'" in row.value else f"'{row.value}'"
    if row.comparison == "has":
        return f"selected({subject}, {quoted})"
    if row.comparison == "has_not":
        return f"not(selected({subject}, {quoted}))"
    written = row.value if kind == "number" else f"date({quoted})" if kind == "date" else quoted
    return f"{subject} {_SIGNS[row.comparison]} {written}"


def _split(expression: str) -> tuple[Joiner | None, list[str]]:
    """At the `and`s or the `or`s that stand outside of quotes and brackets; both kinds together are no rows."""
    pieces, joiners = [""], set()
    depth = 0
    for token in re.findall(r"'[^']*'|\"[^\"]*\"|\$\{[^}]*\}|\s+|[\w.-]+|.", expression, re.S):
        depth += (token == "(") - (token == ")")
        if token in ("and", "or") and depth == 0:
            joiners.add(token)
            pieces.append("")
        else:
            pieces[-1] += token
    joiner = joiners.pop() if joiners else "and"
    return (None if joiners else joiner), [piece.strip() for piece in pieces]  # type: ignore[return-value]


def _row(piece: str, kinds: Mapping[str, Kind]) -> Row | None:
    for shape, pattern in _SHAPES:
        found = pattern.fullmatch(piece)
        if found is None:
            continue
        question = found["subject"].strip("${} ") if found["subject"] != "." else "."
        kind = kinds.get(question)
        row = _read(shape, found.groupdict(), question, kind)
        # only what would be written again in the same sense
        return row if row and not _wrong(row, kind)[0] else None
    return None


def _read(shape: str, found: dict[str, str], question: str, kind: Kind | None) -> Row | None:
    value = (found.get("literal") or found.get("date") or "'")[1:-1] or found.get("number") or ""
    if shape in ("has", "has_not"):
        return Row(question, shape, value)
    if shape == "count":
        return Row(question, next(name for name, sign in _COUNTS.items() if sign == found["sign"]), value)
    if found.get("literal") and not value:
        return {"=": Row(question, "blank"), "!=": Row(question, "answered")}.get(found["sign"])
    written_as = "number" if found.get("number") else "date" if found.get("date") else "text"
    if written_as != (kind if kind in ("number", "date") else "text"):
        return None
    names = [name for name, sign in _SIGNS.items() if sign == found["sign"] and kind in COMPARISONS[name].kinds]
    return Row(question, names[0], value) if names else None
