"""Which questions a condition may look at, from where it stands, and how their answers are compared."""

from collections.abc import Iterable

from questionnaires.answers import type_of
from questionnaires.condition_rows import Kind
from questionnaires.model import Question, Questionnaire


def before_page(form: Questionnaire, name: str) -> list[Question]:
    found: list[Question] = []
    for page in form.pages:
        if page.name == name:
            break
        found += page.questions
    return _seen(found)


def before_question(form: Questionnaire, name: str) -> list[Question]:
    found: list[Question] = []
    for question in form.questions:
        if question.name == name:
            break
        found.append(question)
    return _seen(found)


def beside_question(form: Questionnaire, name: str) -> list[Question]:
    """For the condition of an answer: all up to the end of its page, since a page is checked as a whole."""
    found: list[Question] = []
    for page in form.pages:
        found += page.questions
        if any(question.name == name for question in page.questions):
            break
    return [each for each in _seen(found) if each.name != name]


def kinds(questions: Iterable[Question], current: Question | None = None) -> dict[str, Kind]:
    found: dict[str, Kind] = {question.name: type_of(question).compared_as for question in questions}
    return found | ({".": type_of(current).compared_as} if current else {})


def kinds_of_all(form: Questionnaire, current: str | None = None) -> dict[str, Kind]:
    return kinds(_seen(form.questions), form.question(current) if current else None)


def _seen(questions: Iterable[Question]) -> list[Question]:
    return [each for each in questions if type_of(each).asks and type_of(each).in_expressions]
