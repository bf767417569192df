"""A picture or a file. Their questions can be written and read, so that forms made elsewhere keep them; sending files in is not
taken yet, and the form says so instead of losing them."""

from collections.abc import Iterator
from typing import Any

from questionnaires.answers.base import AnswerType, Misfit, Parsed, Units
from questionnaires.answers.faults import fault
from questionnaires.model import Question


class File(AnswerType):
    name = "file"
    in_expressions = False
    collects = "files"

    def _fields(self, question: Question, units: Units) -> tuple[str, ...]:
        return ()

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        return Parsed(faults=(fault(field, "no_files"),))

    def unanswered_fields(self, question: Question, value: Any, units: Units = ()) -> tuple[str, ...]:
        """Nobody can answer, so nobody is held up."""
        return ()

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return (value,) if value else ()

    def _check(self, question: Question) -> Iterator[Misfit]:
        if question.required:
            yield "required", "Hệ thống chưa nhận tệp gửi kèm, nên câu này không thể bắt buộc.", "Bỏ khóa required."


class Image(File):
    name = "image"
