"""One row of a response file to one form's answers, judged by the very router of the form: what applies, what is missing,
what a constraint or a filter does not let through.

Rows repeat each other: what a cell means and whether a condition holds is worked out once for each distinct case and
remembered, so that tens of thousands of rows take seconds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from documents.csv_reader import Row
from questionnaires import expressions, routing
from questionnaires.answers import AnswerFault, Parsed, UnitToRate, type_of
from questionnaires.columns import column_name
from questionnaires.expressions import Expression
from questionnaires.model import Page, Question, Questionnaire
from questionnaires.offering import attributes_of
from surveyapp.services.cells import Cells, plain, shown
from surveyapp.services.response_header import ABOUT, HeaderReader, Place, column_of

__all__ = ["ABOUT", "AnswerReader", "column_of"]

#: one answer: the question, and in a repeat which time (from 0)
Asked = tuple[str, int | None]
#: stands among unreadable answers for a day of answering that could not be read
TODAY = "today()"


class AnswerReader:
    """Reads the answer columns of one file; `rated` has the units that each respondent group rates."""

    def __init__(self, form: Questionnaire, rated: Mapping[str, Sequence[UnitToRate]], cells: Cells):
        self.form = form
        self.cells = cells
        self.units = {group: {unit.code: unit for unit in units} for group, units in rated.items()}
        self.places: Mapping[str, Place] = {}
        self._columns: dict[tuple[str, int | None, str], str] = {}
        self._page = {question.name: page for page in form.pages for question in page.questions}
        self._questions = {question.name: question for question in form.questions}
        self._rules = {question.name: tuple(_rules(page, question)) for page in form.pages for question in page.questions}
        #: what decides which questions apply, and what decides whether one answer is right
        self._decides = frozenset(name for page in form.pages for question in page.questions
                                  for name in _looks_at(_deciding(page, question)))
        self._judges = {question.name: frozenset(_looks_at(_judging(question))) for question in form.questions}
        self._calculated = frozenset(question.name for question in form.questions if question.calculation)
        self._parsed: dict[tuple[str, str], Parsed] = {}
        self._memory: dict[tuple, Any] = {}

    def read_header(self) -> None:
        every = {code: unit for units in self.units.values() for code, unit in units.items()}
        self.places = HeaderReader(self.form, every.values(), self.cells.table, self.cells.faults).places()
        self._columns = {(place.question.name, place.time, place.unit.code if place.unit else ""): column
                         for column, place in self.places.items() if place.question}

    # -- a row -----------------------------------------------------------------------------------------------------

    def read(self, row: Row, group: str | None, day: date | None = None) -> dict[str, Any]:
        """The answers of one row as they are stored; whatever is wrong with them is told. `day`: when they were given."""
        answers, unreadable = self._parse(row, group)
        if day is None:
            unreadable.add(TODAY)
        judged = routing.judge(self.form, answers, tuple(self.units.get(group, {}).values()), day, self._memory)
        if unreadable.isdisjoint(self._decides):
            self._tell_what_does_not_apply(row, answers, judged)
            self._tell_miscalculated(row, answers, judged)
        for wrong in judged.wrong:
            if wrong.fault.kind == "required" and type_of(wrong.question).takes_files:
                continue  # a table holds no files, so that forms on paper may lack them
            # what depends on an unreadable answer cannot be judged
            if unreadable.isdisjoint(self._judges[wrong.question.name]) and (
                    not self._rules[wrong.question.name] or unreadable.isdisjoint(self._decides)):
                self._tell_wrong(row, wrong)
        return judged.visible

    def _parse(self, row: Row, group: str | None) -> tuple[dict[str, Any], set[str]]:
        """The answers, and the questions of which a cell could not be read."""
        answers: dict[str, Any] = {}
        #: repeat -> time -> answers
        repeated: dict[str, dict[int, dict[str, Any]]] = {}
        unreadable: set[str] = set()
        mine = self.units.get(group, {})
        for column, place in self.places.items():
            text = row.cells[column]
            if not text:
                continue
            question, unit = place.question, place.unit
            if question is None:
                if not self._read_times(row, column, place, repeated):
                    unreadable.add(place.repeat.name)
                continue
            if unit is not None and group is None:  # the group is unknown, which was told
                continue
            if unit is not None and unit.code not in mine:
                self.cells.fault(row, column, f"Nhóm “{group}” không đánh giá đơn vị “{unit.code}” trong đợt này.",
                                 "Xóa ô này.")
                continue
            parsed = self._read_cell(question, unit, column, text)
            for fault in parsed.faults:
                self._tell(row, column, question, fault, text)
                unreadable.add(question.name)
            own = answers if place.repeat is None else repeated.setdefault(place.repeat.name, {}).setdefault(place.time, {})
            if parsed.value and unit is not None:
                own.setdefault(question.name, {}).update(parsed.value)
            elif parsed.value:
                own[question.name] = parsed.value
        for name, by_time in repeated.items():
            answers[name] = [by_time.get(time, {}) for time in range(max(by_time) + 1)]
        return answers, unreadable

    def _read_times(self, row: Row, column: str, place: Place, repeated: dict[str, dict[int, dict]]) -> bool:
        """How often an open repeat was asked; where the cell is blank, as often as there are answers. False: unreadable."""
        most = place.repeat.repeat.most
        times = self.cells.whole(row, column, 1, most)
        last = max((each.time + 1 for other, each in self.places.items() if each.question and each.repeat == place.repeat
                    and row.cells[other]), default=0)
        if times is not None and times < last:
            self.cells.fault(row, column, f"Ghi {times} lần, nhưng có câu trả lời ở lần {last}.",
                             "Sửa số lần, hoặc xóa các ô của lần thừa.")
        elif times is not None:
            repeated.setdefault(place.repeat.name, {}).setdefault(times - 1, {})
        return times is not None and times >= last

    def _read_cell(self, question: Question, unit: UnitToRate | None, column: str, text: str) -> Parsed:
        key = (column, text)
        if key not in self._parsed:
            field = f"{question.name}:{unit.code}" if unit else question.name
            parsed = type_of(question).from_cells(question, {field: plain(text)}, (unit,) if unit else ())
            if len(text) > 200:  # long texts hardly repeat; remembering them would only fill the memory
                return parsed
            self._parsed[key] = parsed
        return self._parsed[key]

    # -- what the router says --------------------------------------------------------------------------------------

    def _tell_what_does_not_apply(self, row: Row, answers: Mapping[str, Any], judged: routing.Judged) -> None:
        applying = {(question.name, plan.time) for plan in judged.plans for question in plan.questions}
        for name, time in self._given(answers):
            if (name, time) not in applying and name not in self._calculated:
                rules = " và ".join(self._rules[name])
                self.cells.fault(row, self._first_column(row, name, time),
                                 f"Câu hỏi này chỉ hỏi khi: {rules}; với các câu trả lời ở dòng này thì không hỏi.",
                                 "Xóa ô này, hoặc sửa các câu trả lời đứng trước.")

    def _tell_miscalculated(self, row: Row, answers: Mapping[str, Any], judged: routing.Judged) -> None:
        """Calculated values are worked out anew; a cell that says something else is told."""
        if not self._calculated:
            return
        for name, time in self._given(answers):
            if name not in self._calculated:
                continue
            page = self._page[name]
            given, value = (routing.answers_at(each, page, time).get(name) for each in (answers, judged.visible))
            if given != value:
                reason = f"Giá trị tính ra là “{shown(value)}”" if value else "Giá trị tính ra là trống"
                self.cells.fault(row, self._first_column(row, name, time), f"{reason}, không phải “{shown(given)}”.",
                                 "Xóa ô này, hoặc sửa các câu trả lời mà công thức dùng.")

    def _tell_wrong(self, row: Row, wrong: routing.Wrong) -> None:
        question, fault = wrong.question, wrong.fault
        _, _, unit_code = fault.field.partition(":")
        column = self._columns.get((question.name, wrong.time, unit_code)) or self._wanted(question, wrong.time, unit_code)
        if fault.kind in ("required", "required_unit"):
            if not row[column]:  # a cell that is filled in but wrong has been told
                self.cells.fault(row, column, "Câu hỏi bắt buộc chưa được trả lời.", self._codes(question) or "Điền ô này.")
        elif fault.kind == "not_a_choice":
            self.cells.fault(row, column, f"“{shown(row[column])}”: với các câu trả lời ở dòng này thì không có phương án đó "
                             f"(chỉ có phương án mà {question.choice_filter}).",
                             "Xem lại phiếu, sửa ô này hoặc các câu trả lời đứng trước.")
        else:
            message = question.constraint_message.in_language("vi")
            self.cells.fault(row, column, message or f"Không thỏa điều kiện “{question.constraint}”.",
                             "Xem lại phiếu và sửa ô này.")

    def _given(self, answers: Mapping[str, Any]) -> Iterator[Asked]:
        """Every answer of the row, in the order of the form."""
        for name, page in self._page.items():
            if page.repeat is None:
                if name in answers:
                    yield name, None
            else:
                yield from ((name, time) for time, own in enumerate(answers.get(page.repeat.name) or ()) if name in own)

    # -- words -----------------------------------------------------------------------------------------------------

    def _tell(self, row: Row, column: str, question: Question, fault: AnswerFault, text: str) -> None:
        reason = fault.reason % fault.values if fault.values else fault.reason
        mend = self._codes(question) if fault.kind == "not_a_choice" else ""
        self.cells.fault(row, column, f"“{shown(text)}”: {reason}", mend or fault.mend)

    def _first_column(self, row: Row, name: str, time: int | None) -> str | None:
        """The first column of an answer that is filled in."""
        return next((column for (each, at, _), column in self._columns.items() if (each, at) == (name, time) and row[column]),
                    None)

    def _wanted(self, question: Question, time: int | None, unit_code: str) -> str:
        """A column that the file does not have."""
        name = column_name(question, None if time is None else time + 1, column_of)
        return f"{name}:{unit_code}" if unit_code else name

    def _codes(self, question: Question) -> str:
        return f"Ghi một trong các mã: {', '.join(question.choices.names)}." if question.choices else ""


def _rules(page: Page, question: Question) -> Iterator[str]:
    """The conditions under which it is asked, from the outermost group inwards, and how often."""
    for each in (*page.within, page, *question.within, question):
        if each.relevant:
            yield each.relevant
    if page.repeat and page.repeat.repeat.count:
        yield f"số thứ tự của lần không quá {page.repeat.repeat.count}"


def _deciding(page: Page, question: Question) -> Iterator[str]:
    """What decides whether it is asked, how often, and, of a calculated value, which it is."""
    yield from (each.relevant for each in (*page.within, page, *question.within, question))
    yield question.calculation
    if page.repeat:
        yield page.repeat.repeat.count


def _judging(question: Question) -> Iterator[str | Expression]:
    """What says whether an answer is right: a constraint, the filter of its choices."""
    if question.constraint and type_of(question).in_expressions:
        yield question.constraint
    if question.choice_filter and question.choices:
        yield expressions.compile(question.choice_filter, attributes_of(question.choices))


def _looks_at(conditions: Iterable[str | Expression]) -> Iterator[str]:
    for condition in conditions:
        compiled = expressions.compile(condition) if isinstance(condition, str) and condition else condition
        if compiled:
            yield from compiled.references
            yield from [TODAY] * compiled.uses_today
