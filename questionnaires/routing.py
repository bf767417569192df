"""Answers so far -> the pages and questions that apply, in order, and what is still missing.

A question that does not apply has no answer for the questions after it (as in ODK), but what was typed there is the
caller's to keep: it counts again when the question comes back. Conditions look backwards only (checks.py sees to that),
so one pass in the order of the document is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires import expressions
from questionnaires.answers import AnswerFault, Posted, Units, fault, type_of
from questionnaires.model import Page, Question, Questionnaire

#: question name -> stored value; no key, None and empty all mean: not answered
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class PagePlan:
    """A page with the questions of it that apply; never empty."""

    page: Page
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Unanswered:
    """A required question without a complete answer, where to find it, and the fields that are blank."""

    page: Page
    question: Question
    fields: tuple[str, ...]


@dataclass(frozen=True)
class PageResult:
    """What a posted page brings."""

    #: question name -> value for each question of the page that applies and was read; None says "left blank", so that
    #: `{**answers, **result.values}` also clears an earlier answer
    values: dict[str, Any]
    faults: tuple[AnswerFault, ...]
    #: questions of this page that apply only because of what was just posted, so nobody has seen them yet
    appeared: tuple[str, ...] = ()


def plan(questionnaire: Questionnaire, answers: Answers) -> tuple[PagePlan, ...]:
    return _walk(questionnaire, answers)[0]


def relevant_answers(questionnaire: Questionnaire, answers: Answers) -> dict[str, Any]:
    """The answers of the questions that apply; the others are left out of the result, not out of the caller's hands."""
    return _walk(questionnaire, answers)[1]


def page_after(questionnaire: Questionnaire, answers: Answers, page_name: str | None) -> Page | None:
    """The next page that applies (the first one after None); nothing after the last."""
    passed = page_name is None
    pages = {each.page.name for each in plan(questionnaire, answers)}
    for page in questionnaire.pages:
        if passed and page.name in pages:
            return page
        passed = passed or page.name == page_name
    return None


def page_before(questionnaire: Questionnaire, answers: Answers, page_name: str | None) -> Page | None:
    """The page before that applies (the last one before None, that is from the review page back)."""
    pages = {each.page.name for each in plan(questionnaire, answers)}
    before = None
    for page in questionnaire.pages:
        if page.name == page_name:
            return before
        if page.name in pages:
            before = page
    return before if page_name is None else None


def unanswered(questionnaire: Questionnaire, answers: Answers, units: Units = ()) -> tuple[Unanswered, ...]:
    """Every required question that applies and lacks an answer; a matrix needs one for each unit handed in."""
    found = []
    for each in plan(questionnaire, answers):
        for question in each.questions:
            fields = _blank_required_fields(question, answers.get(question.name), units)
            if fields:
                found.append(Unanswered(each.page, question, fields))
    return tuple(found)


def check_page(
    questionnaire: Questionnaire, page_name: str, posted: Posted, answers: Answers, units: Units = ()
) -> PageResult:
    """Read one posted page; whether its questions apply is decided with what was posted on it.

    Raises KeyError for a page that the questionnaire does not have.
    """
    page = questionnaire.page(page_name)
    if page is None:
        raise KeyError(page_name)
    parsed = {question.name: type_of(question).parse(question, posted, units) for question in page.questions}
    merged = {**answers, **{name: each.value for name, each in parsed.items()}}
    applying = _questions_of(plan(questionnaire, merged), page)
    seen = {question.name for question in _questions_of(plan(questionnaire, answers), page)}
    visible = relevant_answers(questionnaire, merged)
    values: dict[str, Any] = {}
    faults: list[AnswerFault] = []
    for question in applying:
        found = parsed[question.name].faults or _value_faults(
            question, merged.get(question.name), visible, units
        )
        faults += found
        if not parsed[question.name].faults and type_of(question).asks:
            values[question.name] = parsed[question.name].value
    appeared = tuple(question.name for question in applying if question.name not in seen)
    return PageResult(values, tuple(faults), appeared)


def _value_faults(question: Question, value: Any, visible: Answers, units: Units) -> tuple[AnswerFault, ...]:
    kind = "required_unit" if type_of(question).rates_many_units else "required"
    blank = tuple(fault(field, kind) for field in _blank_required_fields(question, value, units))
    if blank or not value or not question.constraint or type_of(question).is_missing(question, value):
        return blank
    if expressions.compile(question.constraint).evaluate(visible, value):
        return ()
    return (fault(question.name, "constraint"),)


def _blank_required_fields(question: Question, value: Any, units: Units) -> tuple[str, ...]:
    return type_of(question).unanswered_fields(question, value, units) if question.required else ()


def _questions_of(plans: tuple[PagePlan, ...], page: Page) -> tuple[Question, ...]:
    return next((each.questions for each in plans if each.page.name == page.name), ())


def _walk(questionnaire: Questionnaire, answers: Answers) -> tuple[tuple[PagePlan, ...], dict[str, Any]]:
    plans: list[PagePlan] = []
    visible: dict[str, Any] = {}
    for page in questionnaire.pages:
        if not _holds(page.relevant, visible):
            continue
        applying = []
        for question in page.questions:
            if _holds(question.relevant, visible):
                applying.append(question)
                if answers.get(question.name):
                    visible[question.name] = answers[question.name]
        if applying:
            plans.append(PagePlan(page, tuple(applying)))
    return tuple(plans), visible


def _holds(condition: str, visible: Answers) -> bool:
    return not condition or expressions.compile(condition).evaluate(visible)
