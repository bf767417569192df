"""What the templates of questions need: the same on a respondent's page and on the designer's preview of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from questionnaires import layout
from questionnaires.answers import Units, type_of
from questionnaires.model import Page, Question, Questionnaire


def on_page(form: Questionnaire, page: Page, questions: Sequence[Question], language: str) -> dict[str, Any]:
    """`titled` is the question whose label is the heading of the page, where the page has none."""
    title = layout.title_question(page)
    titled = next((question for question in questions if title and question.name == title.name), None)
    return {
        "page": page,
        "blocks": layout.laid_out(questions),
        "titled": titled,
        "title_text": page.label.in_language(language) or (titled.label if titled else form.title).in_language(language),
        "takes_files": any(type_of(question).takes_files for question in questions),
        "template": lambda question: f"answers/{type_of(question).template}",
        "type_of": type_of,
    }


def defaults(questions: Iterable[Question], units: Units, language: str) -> dict[str, list[str]]:
    """What is filled in before anybody answered, field by field."""
    filled: dict[str, list[str]] = {}
    for question in questions:
        value = type_of(question).from_cells(question, {question.name: question.default}).value if question.default else None
        filled |= type_of(question).to_posted(question, value, units, language)
    return filled
