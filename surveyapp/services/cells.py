"""Cells of an imported table to values. What cannot be read is told with its line and column, and becomes None."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from analysis.index.checks import suggest
from documents.csv_reader import Row, Table
from documents.faults import FaultList

#: codes go into links, column names and file names
CODE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,79}", re.ASCII)
#: a dot or a comma, no thousands mark: Vietnamese spreadsheets write the comma
NUMBER = re.compile(r"[-+]?[0-9]{1,12}(?:[.,]([0-9]{1,40}))?", re.ASCII)
ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
VIETNAMESE_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", re.ASCII)
PLACES = 6
#: a spreadsheet takes a cell that begins so for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def shown(text: str) -> str:
    """A cell inside a sentence: short, on one line, nothing in it that a terminal would obey."""
    flat = " ".join("".join(each if each.isprintable() or each.isspace() else "\ufffd" for each in text[:200]).split())
    return flat if len(flat) <= 40 and len(text) <= 200 else f"{flat[:40]}…"


def read_day(text: str) -> date | None:
    """`2024-11-30`, or `30/11/2024` as a Vietnamese spreadsheet writes it."""
    if match := ISO_DAY.fullmatch(text):
        year, month, day = match.groups()
    elif match := VIETNAMESE_DAY.fullmatch(text):
        day, month, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def plain(text: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking the cell for a formula."""
    return text[1:] if text[:1] == "'" and text.lstrip("'")[:1] in FORMULA else text


def has_control_characters(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


class Cells:
    """Reads one table's cells and collects what is wrong with them."""

    def __init__(self, table: Table, faults: FaultList):
        self.table = table
        self.faults = faults

    def fault(self, row: Row, column: str | None, reason: str, mend: str) -> None:
        self.faults.add(self.table.place(row, column), reason, mend)

    def text(self, row: Row, column: str, *, required: bool = True, longest: int = 300) -> str | None:
        text = row[column]
        if not text:
            return self._blank(row, column) if required else ""
        if len(text) > longest:
            return self.fault(row, column, f"Dài {len(text)} ký tự, tối đa {longest}.", "Viết ngắn lại.")
        if has_control_characters(text):
            return self.fault(row, column, "Có ký tự điều khiển hoặc xuống dòng trong ô.", "Xóa ký tự đó.")
        return unicodedata.normalize("NFC", text)

    def code(self, row: Row, column: str, *, required: bool = True) -> str | None:
        text = row[column]
        if not text:
            return self._blank(row, column) if required else ""
        if not CODE.fullmatch(text):
            return self.fault(row, column, f"Mã “{shown(text)}” không đúng dạng.",
                              "Dùng chữ cái không dấu, chữ số, dấu chấm, gạch ngang, gạch dưới; tối đa 80 ký tự.")
        return text

    def known(self, row: Row, column: str, known: Iterable[str], what: str, *, required: bool = True) -> str | None:
        """One of the known codes; `what` says in Vietnamese what they are codes of."""
        text = row[column]
        if not text:
            return self._blank(row, column) if required else ""
        if text not in known:
            return self.fault(row, column, f"Không có {what} “{shown(text)}”.",
                              suggest(text[:80], known) or f"Nhập {what} này trước.")
        return text

    def day(self, row: Row, column: str, *, required: bool = True) -> date | None:
        text = row[column]
        if not text:
            return self._blank(row, column) if required else None
        if (day := read_day(text)) is None:
            return self.fault(row, column, f"“{shown(text)}” không phải là ngày.",
                              "Viết năm-tháng-ngày, ví dụ 2024-11-30, hoặc ngày/tháng/năm, ví dụ 30/11/2024.")
        return day

    def number(self, row: Row, column: str, *, required: bool = True) -> Decimal | None:
        text = row[column]
        if not text:
            return self._blank(row, column) if required else None
        if not (match := NUMBER.fullmatch(text)):
            return self.fault(row, column, f"“{shown(text)}” không phải là số.",
                              "Viết chữ số và một dấu thập phân, ví dụ 1.75; không viết dấu ngăn hàng nghìn.")
        if match[1] and len(match[1].rstrip("0")) > PLACES:
            return self.fault(row, column, f"“{shown(text)}” có hơn {PLACES} chữ số thập phân.",
                              f"Làm tròn đến nhiều nhất {PLACES} chữ số thập phân.")
        return Decimal(text.replace(",", "."))

    def whole(self, row: Row, column: str, lowest: int, highest: int) -> int | None:
        text = row[column]
        if not text:
            return self._blank(row, column)
        if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) or not lowest <= int(text) <= highest:
            return self.fault(row, column, f"“{shown(text)}” không phải là số nguyên từ {lowest} đến {highest}.",
                              "Viết chữ số liền nhau, không viết dấu ngăn hàng nghìn.")
        return int(text)

    def _blank(self, row: Row, column: str) -> None:
        self.fault(row, column, "Ô này để trống.", f"Điền cột “{column}”.")
