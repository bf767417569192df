"""CSV to rows with line numbers; wrong encodings, headers and shapes are named, all at once."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from documents.faults import Fault, FaultList, Faults

MAX_BYTES = 200_000_000
MAX_CELL = 1_000_000


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


def read(source: bytes, name: str, required: Sequence[str], optional: Sequence[str] | None = ()) -> Table:
    """Read a table whose first line names its columns; the separator may be a comma, a semicolon or a tab.

    `optional=None` lets any further column pass (a response file has one per question).
    Raises Faults: wrong encoding (UTF-16, Windows-1258 ...), NUL, missing, repeated or unknown columns, rows too long or
    too short, no rows.
    """
    text = decode(source, name)
    faults = FaultList()
    lines = text.splitlines()
    blank_lines = next((index for index, line in enumerate(lines) if line.strip()), None)
    if blank_lines is None:
        raise Faults([Fault(f"{name}, dòng 1", "Thiếu dòng tên cột.", f"Dòng đầu phải có các cột: {', '.join(required)}.")])
    header_line = lines[blank_lines]
    separator = max(",;\t", key=header_line.count)
    csv.field_size_limit(MAX_CELL * 2)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = [cell.strip() for cell in _first_filled(reader)]
        _check_columns(f"{name}, dòng {blank_lines + 1}", columns, required, optional, faults)
        rows = tuple(_rows(reader, name, columns, faults))
    except csv.Error as error:
        faults.add(f"{name}, dòng {reader.line_num}", f"Dòng không đúng dạng CSV ({error}).",
                   "Kiểm tra dấu nháy kép mở và đóng ở dòng này.")
        faults.refuse_if_any()
        raise
    if not rows and not len(faults):
        faults.add(name, "Tệp chỉ có tên cột, không có dòng dữ liệu.", "Thêm ít nhất một dòng dữ liệu.")
    faults.refuse_if_any()
    return Table(name, tuple(columns), rows)


def _first_filled(reader) -> list[str]:
    return next((cells for cells in reader if any(cell.strip() for cell in cells)), [])


def _check_columns(place: str, columns, required, optional, faults: FaultList) -> None:
    for column in required:
        if column not in columns:
            faults.add(place, f"Thiếu cột “{column}”.", f"Thêm cột “{column}”; các cột bắt buộc: {', '.join(required)}.")
    for column in sorted({c for c in columns if columns.count(c) > 1}):
        faults.add(place, f"Cột “{column}” xuất hiện nhiều lần.", "Giữ lại một cột.")
    if optional is not None:
        for column in columns:
            if column not in required and column not in optional:
                faults.add(place, f"Không biết cột “{column}”.",
                           f"Bỏ cột này hoặc đổi tên thành một trong: {', '.join([*required, *optional])}.")
    faults.refuse_if_any()


def _rows(reader, name: str, columns: list[str], faults: FaultList) -> Iterator[Row]:
    end_of_previous = reader.line_num
    for cells in reader:
        line, end_of_previous = end_of_previous + 1, reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            faults.add(f"{name}, dòng {line}", f"Có {len(cells)} ô, cần {len(columns)} ô.",
                       "Kiểm tra dấu phân cách; ô có dấu phân cách bên trong phải đặt trong nháy kép.")
            continue
        yield Row(line, {column: cell.strip() for column, cell in zip(columns, cells, strict=True)})


def decode(source: bytes, name: str) -> str:
    """UTF-8 text (a byte order mark is allowed); anything else is refused with the encoding it most likely is."""
    mend = "Lưu lại tệp ở dạng “CSV UTF-8” (Excel: Lưu thành… > CSV UTF-8)."
    if len(source) > MAX_BYTES:
        raise Faults([Fault(name, f"Tệp quá lớn ({len(source)} byte).", "Tách tệp thành nhiều phần.")])
    if source[:2] in (b"\xff\xfe", b"\xfe\xff") or _looks_utf16(source):
        raise Faults([Fault(name, "Tệp được lưu với mã UTF-16, không phải UTF-8.", mend)])
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise Faults([Fault(f"{name}, dòng {line}",
                            "Tệp không phải mã UTF-8 (có thể là Windows-1258, TCVN3 hoặc VNI).", mend)]) from error
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise Faults([Fault(f"{name}, dòng {line}", "Có ký tự NUL (byte 0) trong tệp.",
                            "Xuất lại tệp từ phần mềm gốc; ký tự này không được phép.")])
    return text


def _looks_utf16(source: bytes) -> bool:
    head = source[:400]
    return len(head) >= 20 and head.count(0) > len(head) // 4
