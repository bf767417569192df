"""One row of a response file to one form's answers, by the very rules of the form: types, relevance, required, constraints.

Rows repeat each other: what a cell means, which questions apply, whether a constraint holds is worked out once for each
distinct case and remembered, so that tens of thousands of rows take seconds.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from documents.csv_reader import Row
from questionnaires import expressions, routing
from questionnaires.answers import AnswerFault, Parsed, UnitToRate, type_of
from questionnaires.expressions import answer_text
from questionnaires.model import Question, Questionnaire
from surveyapp.services import paradata
from surveyapp.services.cells import Cells, shown

#: columns that say who answered, for which unit and how; the others are questions
ABOUT = ("receipt", "respondent_group", "unit", "stratum", "psu", "weight", "mode", "language", "answered_on")


def column_of(question: Question) -> str:
    """A question that bears the name of one of the columns above stands under `answers.<name>`."""
    return f"answers.{question.name}" if question.name in ABOUT else question.name


class AnswerReader:
    """Reads the answer columns of one file; `rated` has the units that each respondent group rates."""

    def __init__(self, form: Questionnaire, rated: Mapping[str, Sequence[UnitToRate]], cells: Cells):
        self.form = form
        self.cells = cells
        self.units = {group: {unit.code: unit for unit in units} for group, units in rated.items()}
        self.questions = {question.name: question for question in form.questions if type_of(question).has_value}
        self._calculated = frozenset(name for name, question in self.questions.items() if question.calculation)
        self.places: dict[str, tuple[Question, UnitToRate | None]] = {}
        self._pages = {question.name: page for page in form.pages for question in page.questions}
        self._looked_at = sorted({name for condition in self._conditions()
                                  for name in expressions.compile(condition).references})
        self._always = frozenset(name for name in self.questions if not self._rules(self.questions[name]))
        self._parsed: dict[tuple[str, str], Parsed] = {}
        self._applying: dict[tuple[str, ...], frozenset[str]] = {}
        self._holds: dict[tuple, bool] = {}

    # -- the header ------------------------------------------------------------------------------------------------

    def read_header(self) -> None:
        """Which column is which question (and unit); unknown and missing columns are told."""
        table, by_column = self.cells.table, {column_of(question): question for question in self.questions.values()}
        known_units = {code: unit for units in self.units.values() for code, unit in units.items()}
        covered: set[str] = set()
        for column in table.columns:
            if column in ABOUT or not column:  # a column without a name has been told
                continue
            if column in paradata.COLUMNS and paradata.declared(self.form):  # measured on our pages only; a file tells none
                continue
            name, _, unit_code = column.partition(":")
            question = by_column.get(name)
            if question is None:
                self._header_fault(f"Phiếu “{self.form.form_id}” ({self.form.version}) không có câu hỏi “{shown(name)}”.",
                                   "Bỏ cột này hoặc sửa tên cột theo phiếu.")
            elif type_of(question).rates_many_units and unit_code not in known_units:
                self._header_fault(f"Cột “{shown(column)}”: không nhóm nào đánh giá đơn vị “{shown(unit_code)}” trong đợt này.",
                                   f"Viết cột là {name}:mã-đơn-vị, mã của một đơn vị được đánh giá trong đợt.")
            elif unit_code and not type_of(question).rates_many_units:
                self._header_fault(f"Câu hỏi “{name}” không hỏi riêng từng đơn vị.", f"Viết tên cột là “{name}”.")
            else:
                covered.add(question.name)
                self.places[column] = (question, known_units.get(unit_code))
        for question in self.questions.values():
            if self._needed(question) and question.name not in covered:
                self._missing_column(question)

    @staticmethod
    def _needed(question: Question) -> bool:
        """A table holds no files, so that forms on paper may lack them."""
        return question.required and not type_of(question).takes_files

    def _missing_column(self, question: Question) -> None:
        many = type_of(question).rates_many_units
        wanted = f"{column_of(question)}:mã-đơn-vị" if many else column_of(question)
        self._header_fault(f"Thiếu cột “{wanted}” của câu hỏi bắt buộc.", "Thêm cột này, ghi mã phương án ở từng dòng.")

    def _header_fault(self, reason: str, mend: str) -> None:
        self.cells.faults.add(f"{self.cells.table.name}, dòng 1", reason, mend)

    # -- a row -----------------------------------------------------------------------------------------------------

    def read(self, row: Row, group: str | None) -> dict[str, Any]:
        """The answers of one row as they are stored; whatever is wrong with them is told."""
        answers, unreadable = self._parse(row, group)
        if unreadable.intersection(self._looked_at):  # what depends on an unreadable answer cannot be judged
            applying = self._always
        else:
            applying = self._applying_to(answers)
            for name in [name for name in answers if name not in applying and name not in self._calculated]:
                self._tell_hidden(row, self.questions[name])
                del answers[name]
            if self._calculated:
                self._calculate(row, answers)
        units = tuple(self.units.get(group, {}).values())
        for name, question in self.questions.items():
            if name in applying:
                self._check(row, question, answers, units)
        return answers

    def _calculate(self, row: Row, answers: dict[str, Any]) -> None:
        """Calculated values are worked out anew; a cell that says something else is told."""
        worked_out = routing.relevant_answers(self.form, answers)
        for name in sorted(self._calculated):
            value, given = worked_out.get(name), answers.get(name)
            if value and given and value != given:
                self.cells.fault(row, column_of(self.questions[name]),
                                 f"Giá trị tính ra là “{shown(value)}”, không phải “{shown(given)}”.",
                                 "Xóa ô này, hoặc sửa các câu trả lời mà công thức dùng.")
            if value:
                answers[name] = value

    def _parse(self, row: Row, group: str | None) -> tuple[dict[str, Any], set[str]]:
        """The answers, and the questions of which a cell could not be read."""
        answers: dict[str, Any] = {}
        unreadable: set[str] = set()
        mine = self.units.get(group, {})
        for column, (question, unit) in self.places.items():
            text = row[column]
            if not text:
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
            if parsed.value and unit is not None:
                answers.setdefault(question.name, {}).update(parsed.value)
            elif parsed.value:
                answers[question.name] = parsed.value
        return answers, unreadable

    def _read_cell(self, question: Question, unit: UnitToRate | None, column: str, text: str) -> Parsed:
        key = (column, text)
        if key not in self._parsed:
            field = f"{question.name}:{unit.code}" if unit else question.name
            parsed = type_of(question).from_cells(question, {field: text}, (unit,) if unit else ())
            if len(text) > 200:  # long texts hardly repeat; remembering them would only fill the memory
                return parsed
            self._parsed[key] = parsed
        return self._parsed[key]

    def _applying_to(self, answers: Mapping[str, Any]) -> frozenset[str]:
        """Which questions apply depends only on the answers that conditions look at."""
        seen = tuple(answer_text(answers.get(name)) for name in self._looked_at)
        if seen not in self._applying:
            looked_at = {name: answers[name] for name in self._looked_at if name in answers}
            plans = routing.plan(self.form, looked_at)
            self._applying[seen] = frozenset(question.name for plan in plans for question in plan.questions)
        return self._applying[seen]

    def _check(self, row: Row, question: Question, answers: Mapping[str, Any], units: tuple[UnitToRate, ...]) -> None:
        value, answer_type = answers.get(question.name), type_of(question)
        blank = answer_type.unanswered_fields(question, value, units) if self._needed(question) else ()
        for field in blank:
            _, _, unit_code = field.partition(":")
            column = f"{column_of(question)}:{unit_code}" if unit_code else column_of(question)
            if not row[column]:  # a cell that is filled in but wrong has been told
                self.cells.fault(row, column, "Câu hỏi bắt buộc chưa được trả lời.", self._codes(question) or "Điền ô này.")
        if blank or not value or not question.constraint or answer_type.is_missing(question, value):
            return
        constraint = expressions.compile(question.constraint)
        key = (question.name, answer_text(value), *(answer_text(answers.get(name)) for name in constraint.references))
        if key not in self._holds:
            self._holds[key] = constraint.evaluate(answers, value)
        if not self._holds[key]:
            message = question.constraint_message.in_language("vi")
            self.cells.fault(row, column_of(question), message or f"Không thỏa điều kiện “{question.constraint}”.",
                             "Xem lại phiếu và sửa ô này.")

    # -- words -----------------------------------------------------------------------------------------------------

    def _tell(self, row: Row, column: str, question: Question, fault: AnswerFault, text: str) -> None:
        reason = fault.reason % fault.values if fault.values else fault.reason
        mend = self._codes(question) if fault.kind == "not_a_choice" else ""
        self.cells.fault(row, column, f"“{shown(text)}”: {reason}", mend or fault.mend)

    def _tell_hidden(self, row: Row, question: Question) -> None:
        column = next((column for column, (each, _) in self.places.items() if each.name == question.name and row[column]), None)
        rules = " và ".join(self._rules(question))
        self.cells.fault(row, column,
                         f"Câu hỏi này chỉ hỏi khi: {rules}; với các câu trả lời ở dòng này thì không hỏi.",
                         "Xóa ô này, hoặc sửa các câu trả lời đứng trước.")

    def _codes(self, question: Question) -> str:
        return f"Ghi một trong các mã: {', '.join(question.choices.names)}." if question.choices else ""

    def _rules(self, question: Question) -> list[str]:
        """The conditions under which it is asked."""
        return [rule for rule in (self._pages[question.name].relevant, question.relevant) if rule]

    def _conditions(self) -> list[str]:
        found = [page.relevant for page in self.form.pages]
        # a condition may look at a calculated value, and so at what that is calculated from
        found += [text for question in self.form.questions for text in (question.relevant, question.calculation)]
        return [condition for condition in found if condition]
