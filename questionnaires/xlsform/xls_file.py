"""Cells of an old .xls file, read by xlrd. It shows last values of formulas; the records themselves tell where those are."""

import struct
from collections.abc import Iterator
from io import StringIO

import xlrd

from questionnaires.xlsform.sheets import RawSheet, column_letters, refused
from questionnaires.xlsform.xlsx_file import text_of

_MACROS = "_VBA_PROJECT".encode("utf-16-le")
_ENCRYPTED_XLSX = "EncryptedPackage".encode("utf-16-le")
_FORMULA, _BOF, _EOF = 0x0006, 0x0809, 0x000A


def read(source: bytes, name: str) -> list[RawSheet]:
    if _ENCRYPTED_XLSX in source:
        raise refused(name, "Tệp được đặt mật khẩu.", "Bỏ mật khẩu rồi lưu lại.")
    if _MACROS in source:
        raise refused(name, "Tệp có macro.", "Lưu lại dạng .xlsx, không có macro.")
    try:
        # on demand, so that the records are still there when formulas are looked for
        book = xlrd.open_workbook(file_contents=source, formatting_info=True, on_demand=True, logfile=StringIO())
        return [_sheet(book, number) for number in range(book.nsheets)]
    except Exception as error:  # xlrd tells broken files by whatever it stumbles over: struct.error, AssertionError ...
        if "ncrypted" in str(error):
            raise refused(name, "Tệp được đặt mật khẩu.", "Bỏ mật khẩu rồi lưu lại.") from error
        raise refused(
            name,
            "Tệp .xls bị hỏng hoặc không đúng dạng.",
            "Mở tệp bằng Excel hoặc LibreOffice, lưu lại dạng .xlsx rồi chọn lại.",
        ) from error


def _sheet(book: xlrd.Book, number: int) -> RawSheet:
    sheet = book.sheet_by_index(number)
    formulas = dict.fromkeys(_formulas(book, number))
    rows = []
    for row in range(sheet.nrows):
        cells = {
            column: _text(book, cell)
            for column, cell in enumerate(sheet.row(row))
            if cell.ctype != xlrd.XL_CELL_ERROR or (row + 1, column) not in formulas
        }
        rows.append((row + 1, {column: text for column, text in cells.items() if text}))
    merged = tuple(
        f"{column_letters(left)}{top + 1}:{column_letters(right - 1)}{bottom}"
        for top, bottom, left, right in sheet.merged_cells
    )
    return RawSheet(sheet.name, tuple(rows), sheet.visibility != 0, tuple(formulas), merged)


def _text(book: xlrd.Book, cell) -> str:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    if cell.ctype == xlrd.XL_CELL_DATE:
        moment = xlrd.xldate_as_datetime(cell.value, book.datemode)
        # less than a day since the calendar's beginning: a time of day
        return text_of(moment.time() if 0 <= cell.value < 1 else moment)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return text_of(bool(cell.value))
    return xlrd.error_text_from_code[cell.value] if cell.ctype == xlrd.XL_CELL_ERROR else text_of(cell.value)


def _formulas(book: xlrd.Book, number: int) -> Iterator[tuple[int, int]]:
    """(row from 1, column from 0) of each formula record of a sheet; charts inside it have records of their own."""
    position, depth = book._sh_abs_posn[number], 0
    while position + 4 <= len(book.mem):
        kind, length = struct.unpack_from("<HH", book.mem, position)
        depth += (kind == _BOF) - (kind == _EOF)
        if depth == 0:
            return
        if kind == _FORMULA and depth == 1:
            row, column = struct.unpack_from("<HH", book.mem, position + 4)
            yield row + 1, column
        position += 4 + length
