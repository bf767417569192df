"""A form as one CSV file: the first column names the sheet, its header and rows follow in the other columns."""

import csv
import io

from documents.decoding import decode
from documents.faults import Faults
from questionnaires.xlsform.sheets import MAX_BYTES, MAX_CELL, RawSheet, refused


def read(source: bytes, name: str) -> list[RawSheet]:
    text = decode(source, name, MAX_BYTES, "Lưu lại tệp ở dạng “CSV UTF-8” (Excel: Lưu thành… > CSV UTF-8).")
    separator = max(",;\t", key=text[:5_000].count)
    # a cell may be longer than we take: sheets.py tells where it stands
    csv.field_size_limit(MAX_CELL * 100)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    sheets: dict[str, list[tuple[int, dict[int, str]]]] = {}
    current: list[tuple[int, dict[int, str]]] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise refused(
                f"{name}, dòng {line}", "Dòng không đúng dạng CSV.", "Kiểm tra dấu nháy kép mở và đóng ở dòng này."
            ) from error
        title = cells[0].strip() if cells else ""
        if title:
            if title in sheets:
                raise _twice(name, line, title)
            current = sheets[title] = []
        content = {column: text for column, text in enumerate(cells) if column and text.strip()}
        if content and current is None:
            raise refused(
                f"{name}, dòng {line}",
                "Dòng này không thuộc trang tính nào.",
                "Cột đầu của dòng mở đầu phải ghi tên trang tính: survey, choices hoặc settings.",
            )
        if content and current is not None:
            current.append((line, content))
    return [RawSheet(title, tuple(rows)) for title, rows in sheets.items()]


def _twice(name: str, line: int, title: str) -> Faults:
    return refused(
        f"{name}, dòng {line}",
        f"Trang tính “{title}” mở đầu hai lần.",
        "Gộp các dòng của nó lại; chỉ ghi tên trang tính ở dòng mở đầu.",
    )
