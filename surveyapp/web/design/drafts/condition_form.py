"""A condition as a page of one field: the expression. The rows above it are only a way of writing it (conditions.py)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from questionnaires import editing, group_editing
from questionnaires.condition_rows import Kind
from questionnaires.model import Group, Page, Question, Questionnaire
from surveyapp.web.design.drafts import reach
from surveyapp.web.design.drafts.form_page import FormPage, one
from surveyapp.web.design.drafts.saving import Fields


@dataclass(frozen=True)
class Condition:
    """Where a condition stands, and what it may look at."""

    of: Literal["pages", "questions", "groups"]
    part: Literal["relevant", "constraint"]
    heading: str
    explained: str

    def thing(self, form: Questionnaire, name: str):
        return _THINGS[self.of].found(form, name)

    def expression(self, form: Questionnaire, name: str) -> str:
        return getattr(self.thing(form, name), self.part)

    def questions(self, form: Questionnaire, name: str) -> list[Question]:
        return reach.beside_question(form, name) if self.part == "constraint" else _THINGS[self.of].before(form, name)

    def current(self, form: Questionnaire, name: str) -> Question | None:
        return editing.question_of(form, name) if self.part == "constraint" else None

    def kinds(self, form: Questionnaire, name: str) -> dict[str, Kind]:
        return reach.kinds(self.questions(form, name), self.current(form, name))

    def form_page(self) -> FormPage:
        def change(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
            written: dict[str, Any] = {self.part: one(fields, "expression")}
            return _THINGS[self.of].change(form, name, **written), name

        return FormPage("condition.html", f"Sửa {self.heading.lower()}", change=change, words=lambda form, field: "Điều kiện",
                        fields=lambda form, name: {"expression": [self.expression(form, name)]})


@dataclass(frozen=True)
class _Thing:
    """What may have a condition: how it is found and changed, and the questions that stand before it."""

    found: Callable[[Questionnaire, str], Page | Question | Group]
    change: Callable[..., Questionnaire]
    before: Callable[[Questionnaire, str], list[Question]]


_THINGS = {
    "questions": _Thing(editing.question_of, editing.change_question, reach.before_question),
    "pages": _Thing(editing.page_of, editing.change_page, reach.before_page),
    "groups": _Thing(lambda form, name: group_editing.place_of(form, name).group, group_editing.change_group,
                     reach.before_group),
}
CONDITIONS = {
    "hien-cau": Condition("questions", "relevant", "Điều kiện hiện câu hỏi", "Câu hỏi chỉ hiện khi điều kiện này đúng."),
    "hien-trang": Condition("pages", "relevant", "Điều kiện hiện trang", "Cả trang chỉ hiện khi điều kiện này đúng."),
    "hien-nhom": Condition("groups", "relevant", "Điều kiện hiện nhóm", "Mọi thứ trong nhóm chỉ hiện khi điều kiện này đúng."),
    "tra-loi": Condition("questions", "constraint", "Điều kiện của câu trả lời",
                         "Câu trả lời chỉ được nhận khi điều kiện này đúng; chưa trả lời thì không xét."),
}
