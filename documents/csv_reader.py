"""CSV to rows with line numbers; wrong encodings, headers and shapes are named, all at once."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from documents.decoding import decode
from documents.faults import Fault, FaultList, Faults

MAX_BYTES = 200_000_000
MAX_CELL = 1_000_000
#: what the csv module says of a record, and what a person is told
NOT_CSV = {
    "unexpected end of data": ("dấu nháy kép mở ở dòng này không được đóng", "Đóng dấu nháy kép, hoặc bỏ nó đi."),
    "expected after": ("sau dấu nháy kép đóng còn có chữ",
                       "Đặt cả ô trong nháy kép; nháy kép bên trong viết hai lần (\"\")."),
    "field larger": (f"một ô dài hơn {MAX_CELL * 2} ký tự",
                     "Rút ngắn ô đó; nếu không ô nào dài như thế, kiểm tra dấu nháy kép."),
    "": ("", "Kiểm tra dấu nháy kép mở và đóng ở dòng này."),
}


@dataclass(frozen=True)
class Row:
    """One record: the line it starts on (the header is line 1) and its cells, stripped, by column name."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Table:
    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def place(self, row: Row, column: str | None = None) -> str:
        return f"{self.name}, dòng {row.line}" + (f", cột “{column}”" if column else "")

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


def read(source: bytes, name: str, required: Sequence[str], optional: Sequence[str] | None = (),
         faults: FaultList | None = None) -> Table:
    """Read a table whose first line names its columns; the separator may be a comma, a semicolon or a tab.

    `optional=None` lets any further column pass (a response file has one per question).
    Raises Faults: wrong encoding (UTF-16, Windows-1258 ...), NUL, missing, repeated, nameless or unknown columns, rows too long
    or too short, no rows. With `faults`, what is wrong with columns and rows is added there instead, so that the caller can go
    on and tell everything at once: the rows that can be read come back, none when the columns are wrong.
    """
    text = decode(source, name, MAX_BYTES, "Lưu lại tệp ở dạng “CSV UTF-8” (Excel: Lưu thành… > CSV UTF-8).")
    found = FaultList() if faults is None else faults
    before = len(found)
    lines = text.splitlines()
    blank_lines = next((index for index, line in enumerate(lines) if line.strip()), None)
    if blank_lines is None:
        raise Faults([Fault(f"{name}, dòng 1", "Thiếu dòng tên cột.", f"Dòng đầu phải có các cột: {', '.join(required)}.")])
    separator = max(",;\t", key=lines[blank_lines].count)
    csv.field_size_limit(MAX_CELL * 2)
    records = _records(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), name, found)
    header = next(records, None)
    if header is None:
        raise Faults(found)
    columns = [cell.strip() for cell in header[1]]
    _check_columns(f"{name}, dòng {blank_lines + 1}", columns, required, optional, found)
    rows = tuple(_rows(records, name, columns, found)) if len(found) == before else ()
    if not rows and len(found) == before:
        found.add(name, "Tệp chỉ có tên cột, không có dòng dữ liệu.", "Thêm ít nhất một dòng dữ liệu.")
    if faults is None:
        found.refuse_if_any()
    return Table(name, tuple(columns), rows)


def _records(reader, name: str, faults: FaultList) -> Iterator[tuple[int, list[str]]]:
    """Each filled record with the line it starts on; a record that is no CSV is told and ends the reading."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason, mend = next((told for known, told in NOT_CSV.items() if known in str(error)), NOT_CSV[""])
            faults.add(f"{name}, dòng {line}", f"Dòng không đúng dạng CSV{f': {reason}' if reason else ''}.", mend)
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _check_columns(place: str, columns, required, optional, faults: FaultList) -> None:
    for column in required:
        if column not in columns:
            faults.add(place, f"Thiếu cột “{column}”.", f"Thêm cột “{column}”; các cột bắt buộc: {', '.join(required)}.")
    for column in sorted({c for c in columns if c and columns.count(c) > 1}):
        faults.add(place, f"Cột “{column}” xuất hiện nhiều lần.", "Giữ lại một cột.")
    for number, column in enumerate(columns, start=1):
        if not column:
            faults.add(place, f"Cột thứ {number} không có tên.",
                       "Đặt tên cho cột này, hoặc xóa cả cột (kể cả dấu phân cách thừa).")
        elif optional is not None and column not in required and column not in optional:
            faults.add(place, f"Không biết cột “{column}”.",
                       f"Bỏ cột này hoặc đổi tên thành một trong: {', '.join([*required, *optional])}.")


def _rows(records: Iterator[tuple[int, list[str]]], name: str, columns: list[str], faults: FaultList) -> Iterator[Row]:
    for line, cells in records:
        if len(cells) != len(columns):
            faults.add(f"{name}, dòng {line}", f"Có {len(cells)} ô, cần {len(columns)} ô.",
                       "Kiểm tra dấu phân cách; ô có dấu phân cách bên trong phải đặt trong nháy kép.")
            continue
        yield Row(line, {column: cell.strip() for column, cell in zip(columns, cells, strict=True)})
