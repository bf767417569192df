"""A condition as a page of one field: the expression. The rows above it are only a way of writing it (conditions.py)."""

from dataclasses import dataclass
from typing import Any, Literal

from questionnaires import editing
from questionnaires.condition_rows import Kind
from questionnaires.model import Question, Questionnaire
from surveyapp.web.design.drafts import reach
from surveyapp.web.design.drafts.form_page import FormPage, one
from surveyapp.web.design.drafts.saving import Fields


@dataclass(frozen=True)
class Condition:
    """Where a condition stands, and what it may look at."""

    of: Literal["pages", "questions"]
    part: Literal["relevant", "constraint"]
    heading: str
    explained: str

    def thing(self, form: Questionnaire, name: str):
        return editing.page_of(form, name) if self.of == "pages" else editing.question_of(form, name)

    def expression(self, form: Questionnaire, name: str) -> str:
        return getattr(self.thing(form, name), self.part)

    def questions(self, form: Questionnaire, name: str) -> list[Question]:
        if self.of == "pages":
            return reach.before_page(form, name)
        return (reach.beside_question if self.part == "constraint" else reach.before_question)(form, name)

    def current(self, form: Questionnaire, name: str) -> Question | None:
        return editing.question_of(form, name) if self.part == "constraint" else None

    def kinds(self, form: Questionnaire, name: str) -> dict[str, Kind]:
        return reach.kinds(self.questions(form, name), self.current(form, name))

    def form_page(self) -> FormPage:
        def change(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
            written: dict[str, Any] = {self.part: one(fields, "expression")}
            act = editing.change_page if self.of == "pages" else editing.change_question
            return act(form, name, **written), name

        return FormPage("condition.html", f"Sửa {self.heading.lower()}", change=change, words=lambda form, field: "Điều kiện",
                        fields=lambda form, name: {"expression": [self.expression(form, name)]})


CONDITIONS = {
    "hien-cau": Condition("questions", "relevant", "Điều kiện hiện câu hỏi", "Câu hỏi chỉ hiện khi điều kiện này đúng."),
    "hien-trang": Condition("pages", "relevant", "Điều kiện hiện trang", "Cả trang chỉ hiện khi điều kiện này đúng."),
    "tra-loi": Condition("questions", "constraint", "Điều kiện của câu trả lời",
                         "Câu trả lời chỉ được nhận khi điều kiện này đúng; chưa trả lời thì không xét."),
}
