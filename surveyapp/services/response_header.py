"""The header of a response file: which column is which answer of one form; unknown and missing columns are told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from documents.csv_reader import Table
from documents.faults import FaultList
from questionnaires.answers import UnitToRate, type_of
from questionnaires.columns import column_name, counts_itself, times_column
from questionnaires.model import Group, Question, Questionnaire
from surveyapp.services import paradata
from surveyapp.services.cells import shown

#: columns that say who answered, for which unit and how; the others are questions
ABOUT = ("receipt", "respondent_group", "unit", "stratum", "psu", "weight", "mode", "language", "answered_on")


def column_of(item: Question | Group) -> str:
    """A question that bears the name of one of the columns above stands under `answers.<name>`."""
    return f"answers.{item.name}" if item.name in ABOUT else item.name


@dataclass(frozen=True)
class Place:
    """What stands in a column; `question` is None for how often the repeat was asked."""

    question: Question | None
    unit: UnitToRate | None = None
    repeat: Group | None = None
    #: from 0, as everywhere but in the names of columns
    time: int | None = None


class HeaderReader:
    def __init__(self, form: Questionnaire, units: Iterable[UnitToRate], table: Table, faults: FaultList):
        self._form, self._table, self._faults = form, table, faults
        self._units = {unit.code: unit for unit in units}
        self._repeats = {question.name: page.repeat for page in form.pages for question in page.questions}
        self._questions = [question for question in form.questions if type_of(question).has_value]
        self._by_column = {column_of(question): question for question in self._questions}
        self._counted = {times_column(group, column_of): group for group in form.groups if group.repeat}

    def places(self) -> Mapping[str, Place]:
        """In the order of the file. Where a column is told, the others are still read."""
        measured = paradata.COLUMNS if paradata.declared(self._form) else ()  # on our pages only; a file tells none
        found = {column: place for column in self._table.columns if column and column not in (*ABOUT, *measured)
                 and (place := self._place(column)) is not None}
        self._tell_missing({(place.question.name, place.time) for place in found.values() if place.question})
        return found

    def _place(self, column: str) -> Place | None:
        if column in self._counted:
            group = self._counted[column]
            if not counts_itself(group):
                return self._fault(f"Số lần của nhóm lặp “{group.name}” tính từ các câu trả lời: {group.repeat.count}.",
                                   f"Bỏ cột “{column}”.")
            return Place(None, repeat=group)
        name, _, unit_code = column.partition(":")
        question, number = self._named(name)
        if question is None:
            return self._fault(f"Phiếu “{self._form.form_id}” ({self._form.version}) không có câu hỏi “{shown(name)}”.",
                               "Bỏ cột này hoặc sửa tên cột theo phiếu.")
        many, repeat, own = type_of(question).rates_many_units, self._repeats[question.name], column_of(question)
        if many and unit_code not in self._units:
            return self._fault(f"Cột “{shown(column)}”: không nhóm nào đánh giá đơn vị “{shown(unit_code)}” trong đợt này.",
                               f"Viết cột là {name}:mã-đơn-vị, mã của một đơn vị được đánh giá trong đợt.")
        if unit_code and not many:
            return self._fault(f"Câu hỏi “{name}” không hỏi riêng từng đơn vị.", f"Viết tên cột là “{name}”.")
        if number and not repeat:
            return self._fault(f"Cột “{shown(column)}”: câu hỏi “{own}” không nằm trong nhóm lặp.", f"Viết tên cột là “{own}”.")
        if repeat and not number:
            return self._fault(f"Câu hỏi “{own}” được hỏi nhiều lần trong nhóm lặp “{repeat.name}”.",
                               f"Mỗi lần một cột: “{own}.1”, “{own}.2”…")
        time = self._time(column, number, repeat) if repeat else None
        return None if repeat and time is None else Place(question, self._units.get(unit_code), repeat, time)

    def _named(self, name: str) -> tuple[Question | None, str]:
        """The question, and the number of the time behind it."""
        if name in self._by_column:
            return self._by_column[name], ""
        start, _, number = name.rpartition(".")
        return self._by_column.get(start), number

    def _time(self, column: str, number: str, repeat: Group) -> int | None:
        most = repeat.repeat.most
        if not (number.isascii() and number.isdecimal() and len(number) < 6 and number == str(int(number)) and int(number) > 0):
            return self._fault(f"Cột “{shown(column)}”: “{shown(number)}” không phải là số lần.",
                               f"Viết số nguyên từ 1 đến {most} sau dấu chấm.")
        if int(number) > most:
            return self._fault(f"Cột “{shown(column)}”: nhóm lặp “{repeat.name}” được hỏi tối đa {most} lần.", "Bỏ cột này.")
        return int(number) - 1

    def _tell_missing(self, covered: set[tuple[str, int | None]]) -> None:
        """Required questions must have their column; in a repeat, that of every time up to the last that the file has."""
        last: dict[str, int] = {}
        for name, time in covered:
            if time is not None:
                repeat = self._repeats[name].name
                last[repeat] = max(last.get(repeat, 0), time)
        for question in self._questions:
            repeat = self._repeats[question.name]
            # a table holds no files, so that forms on paper may lack them
            if not question.required or type_of(question).takes_files:
                continue
            for time in range(last.get(repeat.name, 0) + 1) if repeat else (None,):
                if (question.name, time) not in covered:
                    wanted = column_name(question, None if time is None else time + 1, column_of)
                    wanted += ":mã-đơn-vị" if type_of(question).rates_many_units else ""
                    self._fault(f"Thiếu cột “{wanted}” của câu hỏi bắt buộc.", "Thêm cột này, ghi mã phương án ở từng dòng.")

    def _fault(self, reason: str, mend: str) -> None:
        self._faults.add(f"{self._table.name}, dòng 1", reason, mend)
