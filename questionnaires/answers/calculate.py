"""A value that routing works out from other answers; nobody is asked, and what is posted under its name is not looked at."""

from collections.abc import Iterator, Mapping
from typing import Any

from questionnaires.answers.base import AnswerType, Misfit, Parsed, Posted, Units, is_blank
from questionnaires.model import Question


class Calculate(AnswerType):
    name = "calculate"
    asks = False
    shown = False

    def _fields(self, question: Question, units: Units) -> tuple[str, ...]:
        return ()

    def _parse(self, question: Question, posted: Posted, units: Units) -> Parsed:
        return Parsed()

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        return Parsed(given)

    def _to_posted(self, question: Question, value: Any, units: Units, language: str) -> dict[str, list[str]]:
        return {}

    def _from_cells(self, question: Question, cells: Mapping[str, str], units: Units) -> Parsed:
        """What a table says was calculated; who reads the table works it out anew and compares."""
        given = cells.get(question.name, "").strip()
        return Parsed() if is_blank(given) else self._read(question, question.name, given)

    def unanswered_fields(self, question: Question, value: Any, units: Units = ()) -> tuple[str, ...]:
        return ()

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return (value,) if value else ()

    def _check(self, question: Question) -> Iterator[Misfit]:
        if not question.calculation:
            yield "calculation", "Câu calculate chưa có công thức.", "Viết calculation: biểu thức."
        if question.default:
            yield "default", "Câu calculate có giá trị từ công thức, không có giá trị điền sẵn.", "Bỏ khóa default."
