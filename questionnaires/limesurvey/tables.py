"""The tables of an .lss file, read by expat without a tree: what could blow up or reach outside is refused while it is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

from documents.faults import Fault, Faults

MAX_BYTES = 8_000_000
MAX_ROWS = 50_000
MAX_DEPTH = 30
SUFFIX = ".lss"
#: other files of LimeSurvey -> what they are
OTHER_FILES = {
    ".lsa": "tệp lưu trữ (.lsa) của LimeSurvey",
    ".lsg": "một nhóm câu hỏi (.lsg)",
    ".lsq": "một câu hỏi (.lsq)",
    ".lsr": "các câu trả lời (.lsr)",
}
_EXPORT = "Xuất từ LimeSurvey: Display/Export > Survey structure (.lss)."

Row = Mapping[str, str]
#: document > table > rows > row > cell
_TABLE, _LIST, _ROW, _CELL = 2, 3, 4, 5


@dataclass(frozen=True)
class Tables:
    rows: Mapping[str, list[Row]]
    #: of `<languages>`, for files whose survey names none
    languages: tuple[str, ...]

    def of(self, table: str) -> list[Row]:
        return self.rows.get(table, [])


def read(source: bytes, name: str) -> Tables:
    """Raises Faults where the file is no survey structure, too large, or made to harm."""
    other = next((what for suffix, what in OTHER_FILES.items() if name.lower().endswith(suffix)), "")
    if source.startswith(b"PK\x03\x04"):
        other = OTHER_FILES[".lsa"]
    if other:
        mend = "Giải nén tệp .lsa rồi chọn tệp .lss ở trong." if other == OTHER_FILES[".lsa"] else _EXPORT
        raise refused(name, f"Tệp là {other}, không phải cấu trúc khảo sát.", mend)
    if len(source) > MAX_BYTES:
        raise refused(name, f"Tệp quá lớn ({len(source)} byte).", f"Tệp cấu trúc khảo sát (.lss) tối đa {MAX_BYTES} byte.")
    reading = _Reading(name)
    try:
        reading.parser.Parse(source, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, Faults):
            raise
        where = f", dòng {error.lineno}" if isinstance(error, expat.ExpatError) else ""
        raise refused(f"{name}{where}", "Tệp không phải XML đọc được.", _EXPORT) from error
    if reading.root != "document" or reading.kind != "Survey":
        raise refused(
            name,
            "Tệp không phải cấu trúc khảo sát của LimeSurvey.",
            f"{_EXPORT} Không dùng tệp nhóm câu hỏi (.lsg), câu hỏi (.lsq) hay câu trả lời.",
        )
    return Tables(reading.rows, tuple(reading.languages))


def refused(place: str, reason: str, mend: str) -> Faults:
    return Faults([Fault(place, reason, mend)])


class _Reading:
    def __init__(self, name: str) -> None:
        self.root = self.kind = ""
        self.rows: dict[str, list[Row]] = {}
        self.languages: list[str] = []
        self._name, self._path, self._text, self._count = name, [], [], 0
        self._row: dict[str, str] = {}
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words

    def _doctype(self, *_: object) -> None:
        # a structure file has no document type: entities would only serve to blow it up or to read other files
        raise refused(self._name, "Tệp có khai báo DOCTYPE.", "Xuất lại tệp .lss từ LimeSurvey, không sửa bằng tay.")

    def _start(self, tag: str, _: object) -> None:
        self._path.append(tag)
        depth = len(self._path)
        if depth > MAX_DEPTH:
            raise refused(self._name, f"Tệp lồng quá {MAX_DEPTH} tầng.", _EXPORT)
        self.root = self.root or tag
        if depth == _LIST:
            self.rows.setdefault(self._path[1], [])
        elif depth == _ROW:
            self._row = {}
        if depth <= _CELL:
            self._text = []

    def _words(self, text: str) -> None:
        if len(self._path) <= _CELL:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        depth, text = len(self._path), "".join(self._text).strip()
        if depth == _TABLE and tag == "LimeSurveyDocType":
            self.kind = text
        elif self._path[1:] == ["languages", "language"]:
            self.languages.append(text)
        elif depth == _CELL and self._in_a_row():
            self._row[tag] = text
        elif depth == _ROW and self._in_a_row():
            self._count += 1
            if self._count > MAX_ROWS:
                raise refused(self._name, f"Tệp có quá {MAX_ROWS} dòng.", "Chia khảo sát thành nhiều phiếu.")
            self.rows[self._path[1]].append(self._row)
        self._path.pop()

    def _in_a_row(self) -> bool:
        return self._path[2:4] == ["rows", "row"]
