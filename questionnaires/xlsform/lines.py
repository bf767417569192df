"""Rows of a sheet by what their columns mean."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from documents.faults import FaultList
from questionnaires.model import Text
from questionnaires.xlsform.columns import KNOWN, Column, understood
from questionnaires.xlsform.sheets import Sheet

_EXPRESSIONS = frozenset({"required", "relevant", "constraint", "calculation", "choice_filter", "repeat_count"})
_CURLY = str.maketrans("‘’“”", "''\"\"")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True)
class Line:
    """One row: the cells whose column we understand, and the others by their column's name."""

    sheet: Sheet
    number: int
    columns: Mapping[Column, int]
    known: Mapping[Column, str]
    unknown: Mapping[str, str]

    def __getitem__(self, field: str) -> str:
        return self.known.get(Column(field), "")

    def text(self, field: str) -> Text:
        return Text(
            MappingProxyType(
                {column.language: text for column, text in self.known.items() if column.field == field and column.language}
            )
        )

    def place(self, field: str = "", language: str | None = None) -> str:
        """With a field its column's letter; a column that is not there is named, since it has to be added."""
        if not field:
            return self.sheet.place(self.number)
        of_field = [column for column in self.columns if column.field == field and language in (None, column.language)]
        if of_field:
            return self.sheet.place(self.number, self.columns[of_field[0]])
        return f"{self.sheet.place(self.number)}, cột {field}{f'::{language}' if language else ''} (chưa có)"

    def place_of(self, header: str) -> str:
        """Of a column without meaning here."""
        return self.sheet.place(self.number, next(at for at, name in self.sheet.header.items() if name == header))


def header_place(sheet: Sheet, header: str) -> str:
    return sheet.place(sheet.header_row, next(column for column, name in sheet.header.items() if name == header))


def read(sheet: Sheet, key: str, default_language: str, faults: FaultList) -> list[Line]:
    """Columns that mean the same are told; texts without a language are in the default one."""
    columns: dict[Column, int] = {}
    unknown: dict[str, int] = {}
    for at, named, header in _understood(sheet, key):
        without_language = named and named.language is None and KNOWN[key][named.field]
        column = Column(named.field, default_language) if named and without_language else named
        before = columns.get(column) if column else unknown.get(header)
        if before is not None:
            faults.add(
                sheet.place(sheet.header_row, at), f"Cột này trùng nghĩa với cột “{sheet.header[before]}”.", "Giữ lại một cột."
            )
        elif column:
            columns[column] = at
        else:
            unknown[header] = at
    return [_line(sheet, number, cells, columns, unknown) for number, cells in sheet.rows]


def _line(
    sheet: Sheet, number: int, cells: Mapping[int, str], columns: Mapping[Column, int], unknown: Mapping[str, int]
) -> Line:
    return Line(
        sheet,
        number,
        columns,
        {column: _straight(column, cells[at]) for column, at in columns.items() if at in cells},
        {header: cells[at] for header, at in unknown.items() if at in cells},
    )


def _straight(column: Column, text: str) -> str:
    """Excel makes quotes curly as one types; in an expression, outside of quoted words, they can only be meant straight."""
    curly = column.field in _EXPRESSIONS and set("‘’“”") & set(_QUOTED.sub("", text))
    return text.translate(_CURLY) if curly else text


def _understood(sheet: Sheet, key: str) -> Iterator[tuple[int, Column | None, str]]:
    for at, header in sheet.header.items():
        yield at, understood(key, header), header


def language_of_labels(survey: Sheet) -> str | None:
    """The first language of the labels, where they all name one; other texts without a language are then in it too.

    None where that would give two columns the same meaning.
    """
    named = [column for _, column, _ in _understood(survey, "survey") if column and KNOWN["survey"][column.field]]
    labels = [column.language for column in named if column.field == "label"]
    if not labels or None in labels:
        return None
    taken = {column.field for column in named if column.language == labels[0]}
    return None if any(column.language is None and column.field in taken for column in named) else labels[0]


def languages(sheets: Mapping[str, Sheet]) -> list[str | None]:
    """The languages of columns, in order; None for columns of texts that name none."""
    found = [
        column.language
        for key, sheet in sheets.items()
        for _, column, _ in _understood(sheet, key)
        if column and KNOWN[key][column.field]
    ]
    return list(dict.fromkeys(found))
