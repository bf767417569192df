"""Faults of `relevant` and `constraint`: syntax, names that do not exist, questions that come too late to be asked about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from documents.yaml_reader import Path
from questionnaires import expressions
from questionnaires.answers import type_of
from questionnaires.expressions import Expression, ExpressionError
from questionnaires.findings import Finding
from questionnaires.model import Question, Questionnaire
from questionnaires.shape import did_you_mean, shorten


@dataclass(frozen=True)
class _Condition:
    """An expression where it stands: what it may look at, and whose answer `.` is, if anyone's."""

    path: Path
    source: str
    #: questions with a position below this one have been answered when the expression is evaluated
    known_before: int
    current: Question | None = None


@dataclass(frozen=True)
class _Placed:
    question: Question
    position: int


def check_expressions(questionnaire: Questionnaire) -> Iterator[Finding]:
    placed: dict[str, _Placed] = {}
    for position, question in enumerate(questionnaire.questions):
        placed.setdefault(question.name, _Placed(question, position))
    for condition in _conditions(questionnaire):
        try:
            expression = expressions.compile(condition.source)
        except ExpressionError as error:
            yield Finding(condition.path, error.reason, error.mend)
        else:
            yield from _check_references(condition, expression, placed)
            yield from _check_compared_choices(condition, expression, placed)


def _conditions(questionnaire: Questionnaire) -> Iterator[_Condition]:
    position = 0
    for page_index, page in enumerate(questionnaire.pages):
        path: Path = ("pages", page_index)
        if page.relevant:
            yield _Condition((*path, "relevant"), page.relevant, position)
        end_of_page = position + len(page.questions)
        for index, question in enumerate(page.questions):
            place = (*path, "questions", index)
            if question.relevant:
                yield _Condition((*place, "relevant"), question.relevant, position)
            if question.constraint and type_of(question).in_expressions:
                # a page is checked as a whole, so a constraint sees all of its questions
                yield _Condition((*place, "constraint"), question.constraint, end_of_page, question)
            position += 1


def _check_references(
    condition: _Condition, expression: Expression, placed: Mapping[str, _Placed]
) -> Iterator[Finding]:
    for name in expression.references:
        found = placed.get(name)
        if found is None:
            yield Finding(
                condition.path, f"Không có câu hỏi “{shorten(name)}”.", did_you_mean(name, tuple(placed))
            )
        elif not type_of(found.question).in_expressions:
            yield Finding(
                condition.path,
                f"Điều kiện không xét được câu “{name}” (loại {found.question.type}).",
                "Dùng một câu hỏi loại khác.",
            )
        elif found.position >= condition.known_before:
            yield Finding(
                condition.path,
                f"Câu hỏi “{name}” chưa được trả lời khi xét điều kiện này.",
                "Chỉ dùng câu hỏi đứng trước; đổi thứ tự các câu hỏi nếu cần.",
            )
    if expression.uses_current and condition.current is None:
        yield Finding(
            condition.path,
            "Dấu chấm “.” chỉ dùng trong constraint.",
            "Viết ${ten_cau_hoi} thay cho dấu chấm.",
        )


def _check_compared_choices(
    condition: _Condition, expression: Expression, placed: Mapping[str, _Placed]
) -> Iterator[Finding]:
    """`${served} = 'có'` can never hold if the list says `yes`."""
    for name, text in expression.compared_texts:
        question = condition.current if name == "." else placed[name].question if name in placed else None
        if question and question.choices and text and text not in question.choices.names:
            yield Finding(
                condition.path,
                f"Câu “{question.name}” không có phương án “{shorten(text)}”.",
                did_you_mean(text, question.choices.names),
            )
