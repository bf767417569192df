"""What every kind of workbook becomes before it is understood: sheets of texts, each text with its row and column."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from documents.faults import Fault, FaultList, Faults
from questionnaires.shape import did_you_mean, shorten, tidy

MAX_BYTES = 10_000_000
#: filled rows that a sheet may have; a form of 500 questions needs far fewer
MAX_ROWS = {"survey": 2_000, "choices": 20_000, "settings": 100}
MAX_COLUMNS = 300
MAX_CELL = 20_000
#: faults of one kind that are told one by one
MAX_TOLD = 50

SHEETS = ("survey", "choices", "settings")
#: sheets that XLSForm has and we cannot use, and what to do instead
UNUSED_SHEETS = {
    "external_choices": "Chuyển các phương án sang trang tính choices và dùng select_one với choice_filter.",
    "entities": "Phần mềm không có thực thể (entities) của ODK; bỏ trang tính này nếu không cần.",
    "osm": "Phần mềm không có bản đồ OpenStreetMap; bỏ trang tính này nếu không cần.",
}


#: place, reason, mend
_Told = tuple[str, str, str]


@dataclass(frozen=True)
class RawSheet:
    """A sheet as its file has it: row numbers from 1 with the texts by column number, from 0."""

    name: str
    rows: tuple[tuple[int, Mapping[int, str]], ...]
    hidden: bool = False
    #: (row, column) of the cells that hold a formula; the stored result stands in `rows`, if the file has one
    formulas: tuple[tuple[int, int], ...] = ()
    #: ranges as people write them, A1:B2
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """One sheet of the three: what its header says, and the filled rows under it."""

    file: str
    name: str
    header_row: int
    header: Mapping[int, str]
    rows: tuple[tuple[int, Mapping[int, str]], ...]

    def place(self, row: int, column: int | None = None) -> str:
        return place(self.file, self.name, row, column, self.header.get(column, "") if column is not None else "")


@dataclass(frozen=True)
class Workbook:
    name: str
    sheets: Mapping[str, Sheet]
    #: (name, reason, mend) of the sheets that are not read
    unused: tuple[_Told, ...] = field(default=())
    #: (place, reason, mend) of cells that are not read
    left_out: tuple[_Told, ...] = field(default=())
    #: the same of formulas whose stored result is read
    results: tuple[_Told, ...] = field(default=())


def place(file: str, sheet: str, row: int, column: int | None = None, header: str = "") -> str:
    """`phieu.xlsx, trang tính survey, dòng 12, cột C (relevant)`"""
    where = f"{file}, trang tính {sheet}, dòng {row}"
    if column is None:
        return where
    return f"{where}, cột {column_letters(column)}" + (f" ({shorten(header)})" if header else "")


def column_letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def refused(place: str, reason: str, mend: str) -> Faults:
    return Faults([Fault(place, reason, mend)])


def workbook(name: str, raw: Iterable[RawSheet]) -> Workbook:
    """The three sheets of a form. Raises Faults: what a sheet must not have, all of it at once."""
    faults, found, unused = FaultList(), {}, []
    left_out: list[_Told] = []
    results: list[_Told] = []
    raw = tuple(raw)
    for sheet in raw:
        key = "survey" if len(raw) == 1 else "_".join(sheet.name.split()).lower()
        if key not in SHEETS:
            unused.append((sheet.name, *_why_unused(key, sheet)))
        elif key in found:
            faults.add(
                f"{name}, trang tính {sheet.name}", f"Có hai trang tính “{key}”.", "Giữ lại một trang, hoặc đổi tên trang kia."
            )
        else:
            found[key] = made = _sheet(name, key, sheet, faults)
            left_out += _shortened(_without_a_column(made))
            results += _shortened(_results(made, sheet))
    if "survey" not in found:
        names = [sheet.name for sheet in raw]
        faults.add(
            name,
            "Không có trang tính “survey”.",
            f"Đặt tên survey cho trang tính có các câu hỏi. Tệp có: {', '.join(map(shorten, names)) or 'không trang nào'}.",
        )
    elif not found["survey"].header:
        faults.add(
            f"{name}, trang tính survey", "Trang tính rỗng.", "Viết tên cột (type, name, label) ở dòng 1, mỗi câu hỏi một dòng."
        )
    elif not found["survey"].rows and not len(faults):
        faults.add(f"{name}, trang tính survey", "Chỉ có dòng tên cột, không có câu hỏi nào.", "Thêm mỗi câu hỏi một dòng.")
    faults.refuse_if_any()
    return Workbook(name, found, tuple(unused), tuple(left_out), tuple(results))


def _why_unused(key: str, sheet: RawSheet) -> tuple[str, str]:
    if key in UNUSED_SHEETS:
        return "Trang tính này của XLSForm không dùng được ở đây.", UNUSED_SHEETS[key]
    hidden = " Trang tính đang bị ẩn." if sheet.hidden else ""
    return f"Trang tính không thuộc XLSForm.{hidden}", did_you_mean(key, SHEETS)


def _sheet(file: str, key: str, sheet: RawSheet, faults: FaultList) -> Sheet:
    where = f"{file}, trang tính {sheet.name}"
    if sheet.hidden:
        faults.add(
            where, "Trang tính đang bị ẩn, nên người xem tệp không thấy những gì được nhập.", "Bỏ ẩn trang tính rồi lưu lại."
        )
    rows = [(number, {column: tidy(text) for column, text in cells.items() if text.strip()}) for number, cells in sheet.rows]
    filled = [(number, cells) for number, cells in rows if cells]
    header_row, header = filled[0] if filled else (1, {})
    header = {column: " ".join(text.split()) for column, text in header.items()}
    if len(filled) - 1 > MAX_ROWS[key]:
        faults.add(where, f"Trang tính có {len(filled) - 1} dòng.", f"Tách phiếu; tối đa {MAX_ROWS[key]} dòng.")
        filled = filled[: MAX_ROWS[key]]
    if header and max(header) >= MAX_COLUMNS:
        faults.add(where, f"Có cột thứ {max(header) + 1}.", f"Xóa các cột không dùng; tối đa {MAX_COLUMNS} cột.")
    made = Sheet(file, sheet.name, header_row, header, tuple(filled[1:]))
    _tell(
        faults,
        [
            (
                made.place(row, column),
                "Ô có công thức mà tệp không giữ kết quả.",
                "Mở tệp bằng Excel hoặc LibreOffice rồi lưu lại; hoặc chép ô rồi dán lại dạng giá trị (Paste Values).",
            )
            for row, column in sheet.formulas
            if not _text_at(sheet, row, column)
        ],
    )
    _tell(
        faults,
        [
            (
                f"{where}, ô {cells}",
                "Các ô bị gộp, nên không rõ giá trị thuộc dòng, cột nào.",
                "Bỏ gộp ô (Unmerge) và viết lại từng ô.",
            )
            for cells in sheet.merged
        ],
    )
    _tell(
        faults,
        [
            (made.place(row, column), f"Ô dài {len(text)} ký tự.", f"Viết ngắn lại, tối đa {MAX_CELL} ký tự.")
            for row, cells in made.rows
            for column, text in cells.items()
            if len(text) > MAX_CELL
        ],
    )
    return made


def _text_at(sheet: RawSheet, row: int, column: int) -> str:
    return next((cells.get(column, "") for number, cells in sheet.rows if number == row), "").strip()


def _results(made: Sheet, sheet: RawSheet) -> list[_Told]:
    """Formulas that are read as the result that the file holds, which may be an old one."""
    return [
        (
            made.place(row, column),
            f"Ô có công thức; lấy kết quả đã lưu trong tệp: “{shorten(text)}”.",
            "Kiểm tra lại giá trị này; muốn chắc chắn thì chép ô rồi dán lại dạng giá trị (Paste Values).",
        )
        for row, column in sheet.formulas
        if (text := _text_at(sheet, row, column)) and (column in made.header or row == made.header_row)
    ]


def _without_a_column(made: Sheet) -> list[_Told]:
    """Cells under no column's name: notes mostly, which XLSForm takes no notice of either. One line for each row."""
    found = []
    for row, cells in made.rows:
        stray = sorted(column for column in cells if column not in made.header)
        if stray:
            more = f" (và {len(stray) - 1} ô nữa ở dòng này)" if len(stray) > 1 else ""
            found.append(
                (
                    made.place(row, stray[0]),
                    f"Bỏ ô “{shorten(cells[stray[0]])}”{more}: cột không có tên.",
                    f"Nếu cần thì đặt tên cột ở dòng {made.header_row}.",
                )
            )
    return found


def _shortened(found: list[_Told]) -> list[_Told]:
    if len(found) <= MAX_TOLD:
        return found
    where, reason, mend = found[MAX_TOLD]
    return [*found[:MAX_TOLD], (where, f"{reason} Còn {len(found) - MAX_TOLD} ô như vậy, kể từ ô này.", mend)]


def _tell(faults: FaultList, found: list[_Told]) -> None:
    for each in _shortened(found):
        faults.add(*each)
