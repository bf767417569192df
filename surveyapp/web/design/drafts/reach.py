"""Which questions a condition may look at, from where it stands, and how their answers are compared."""

from collections.abc import Iterable

from questionnaires import editing, group_editing
from questionnaires.answers import type_of
from questionnaires.condition_rows import Kind
from questionnaires.model import Group, Question, Questionnaire


def before_page(form: Questionnaire, name: str) -> list[Question]:
    page = editing.page_of(form, name)
    return _seen(_of_pages(form, form.pages.index(page), page.repeat))


def before_group(form: Questionnaire, name: str) -> list[Question]:
    """A repeat is judged once for all its times, so it stands outside of itself."""
    place = group_editing.place_of(form, name)
    if place.page:
        return before_question(form, place.items[place.start].name)
    return _seen(_of_pages(form, place.start, next((group for group in place.around if group.repeat), None)))


def before_question(form: Questionnaire, name: str) -> list[Question]:
    page, question = editing.page_with(form, name), editing.question_of(form, name)
    at = page.questions.index(question)
    return _seen([*_of_pages(form, form.pages.index(page), page.repeat), *page.questions[:at]])


def beside_question(form: Questionnaire, name: str) -> list[Question]:
    """For the condition of an answer: all up to the end of its page, since a page is checked as a whole."""
    page = editing.page_with(form, name)
    return [each for each in _seen(_of_pages(form, form.pages.index(page) + 1, page.repeat)) if each.name != name]


def _of_pages(form: Questionnaire, before: int, repeat: Group | None) -> list[Question]:
    """Those that have one answer for who stands in `repeat`: asked once, or at the same time."""
    return [question for page in form.pages[:before] if page.repeat in (None, repeat) for question in page.questions]


def kinds(questions: Iterable[Question], current: Question | None = None) -> dict[str, Kind]:
    found: dict[str, Kind] = {question.name: type_of(question).compared_as for question in questions}
    return found | ({".": type_of(current).compared_as} if current else {})


def kinds_of_all(form: Questionnaire, current: str | None = None) -> dict[str, Kind]:
    return kinds(_seen(form.questions), form.question(current) if current else None)


def _seen(questions: Iterable[Question]) -> list[Question]:
    return [each for each in questions if type_of(each).asks and type_of(each).in_expressions]
