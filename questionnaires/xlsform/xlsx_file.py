"""Cells of an .xlsx file, read by openpyxl: nothing is computed, nothing outside the file is opened.

Of a formula we take the result that the file holds, which is what people see who open it; `RawSheet.formulas` tells where.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.xml.functions import iterparse

from questionnaires.xlsform.sheets import RawSheet, refused

#: what all parts may take unpacked: any of them may be named as a sheet, whatever it is called
MAX_UNPACKED = 30_000_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SAVE_AGAIN = "Mở tệp bằng Excel hoặc LibreOffice, lưu lại dạng .xlsx rồi chọn lại."


def read(source: bytes, name: str) -> list[RawSheet]:
    _check_archive(source, name)
    try:
        sheets = [_sheet(sheet) for sheet in _worksheets(source)]
        if any(sheet.formulas for sheet in sheets):
            results = _worksheets(source, data_only=True)
            sheets = [_with_results(sheet, of) for sheet, of in zip(sheets, results, strict=True)]
        return sheets
    except Exception as error:  # openpyxl tells broken files by whatever its parts raise: KeyError, TypeError, ParseError ...
        raise refused(name, "Tệp .xlsx bị hỏng hoặc không đúng dạng.", _SAVE_AGAIN) from error


def _check_archive(source: bytes, name: str) -> None:
    """What has to be known before any part is parsed."""
    try:
        archive = zipfile.ZipFile(BytesIO(source))
    except zipfile.BadZipFile as error:
        raise refused(name, "Tệp .xlsx bị hỏng.", _SAVE_AGAIN) from error
    parts = archive.infolist()
    if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
        raise refused(name, "Tệp nén này không phải bảng tính .xlsx.", "Chọn tệp XLSForm dạng .xlsx, .xls hoặc .csv.")
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise refused(name, "Tệp có macro.", "Lưu lại dạng “Excel Workbook (.xlsx)”, không có macro.")
    if any(part.flag_bits & 1 for part in parts):
        raise refused(name, "Tệp được đặt mật khẩu.", "Bỏ mật khẩu rồi lưu lại.")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        raise refused(
            name,
            f"Tệp bung ra {unpacked} byte, quá lớn cho một phiếu.",
            f"Xóa các dòng, cột và trang tính không dùng; tối đa {MAX_UNPACKED} byte.",
        )
    if any(_declares_entities(archive, part) for part in parts):
        raise refused(name, "Tệp .xlsx có khai báo DOCTYPE, là thứ bảng tính không cần và có thể gây hại.", _SAVE_AGAIN)


def _declares_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """A document type can name entities, and a few of them can grow to gigabytes; no office program writes one."""
    try:
        content = archive.read(part)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
        return False  # openpyxl meets it again and tells that the file is broken
    return any("<!DOCTYPE".encode(encoding) in content for encoding in ("ascii", "utf-16-le", "utf-16-be"))


class _Reader(ExcelReader):
    """Reads the texts of cells as they were written: openpyxl drops `x005F_` wherever it stands and keeps other escapes."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                self.shared_strings = list(_strings(source))


def _strings(source: Any) -> Iterator[str]:
    """The shared strings, each the sum of its runs; reading aids (phonetic runs) are not part of the text."""
    for _, element in iterparse(source):
        kind = _local(element.tag)
        if kind == "rPh":
            element.clear()
        elif kind == "si":
            yield _unescaped("".join(part.text or "" for part in element.iter() if _local(part.tag) == "t"))
            element.clear()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n").replace("\r", "\n")


def _worksheets(source: bytes, data_only: bool = False) -> list[Any]:
    """Their cells hold formulas or, with `data_only`, what the office program worked out and stored."""
    reader = _Reader(BytesIO(source), keep_links=False, data_only=data_only)
    reader.read()
    return reader.wb.worksheets


def _with_results(sheet: RawSheet, stored: Any) -> RawSheet:
    rows = {row: dict(cells) for row, cells in sheet.rows}
    for row, column in sheet.formulas:
        cell = stored._cells.get((row, column + 1))
        if cell is not None and cell.value is not None and cell.data_type != "e":
            rows.setdefault(row, {})[column] = text_of(cell.value)
    return replace(sheet, rows=tuple(sorted(rows.items())))


def _sheet(sheet: Any) -> RawSheet:
    rows: dict[int, dict[int, str]] = {}
    formulas = []
    # the cells that are there: a single cell far away must not cost a million empty ones
    for (row, column), cell in sorted(sheet._cells.items()):
        if not isinstance(cell, Cell) or cell.value is None:
            continue
        if cell.data_type == "f":
            formulas.append((row, column - 1))
        else:
            rows.setdefault(row, {})[column - 1] = text_of(cell.value)
    return RawSheet(
        sheet.title,
        tuple(rows.items()),
        sheet.sheet_state != "visible",
        tuple(formulas),
        tuple(str(cells) for cells in sheet.merged_cells.ranges),
    )


def text_of(value: Any) -> str:
    """A cell's value as the text that somebody typed: 5 for 5.0, TRUE for a truth, ISO for a day."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)
