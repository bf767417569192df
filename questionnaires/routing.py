"""Answers so far -> the pages and questions that apply, in order, and what is still missing.

A question that does not apply has no answer for the questions after it (as in ODK), but what was typed there is the
caller's to keep: it counts again when the question comes back. Conditions look backwards only (checks.py sees to that),
so one pass in the order of the document is enough.

Pages of a repeat come once for each time. A page's key says which: its name, and in a repeat `name.2` for the item that was the
second to be asked for; `items` knows where it stands once others were taken away.
Answers of a repeat stand under its name as a list with one mapping for each time.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from questionnaires import expressions, items
from questionnaires.answers import AnswerFault, Parsed, Posted, Units, fault, type_of
from questionnaires.expressions import Known, answer_text
from questionnaires.model import Group, Page, Question, Questionnaire
from questionnaires.offering import offered
from questionnaires.walk import Answers, PagePlan, Walk, known

#: fields of a page in an open repeat: `members:more` asks for one more time, `members:remove` takes this item away,
#: `members:again` brings it back with what is on the page
MORE, REMOVE, AGAIN = "more", "remove", "again"
YES = "yes"
#: digits and one; who adds and takes away more often than that has no items to tell apart
LONGEST_NUMBER = 6


@dataclass(frozen=True)
class Unanswered:
    """A required question without a complete answer, where to find it, and the fields that are blank."""

    page: Page
    question: Question
    fields: tuple[str, ...]
    time: int | None = None


@dataclass(frozen=True)
class Wrong:
    """What is wrong with one stored answer, or that there is none, and where to find it."""

    page: Page
    question: Question
    fault: AnswerFault
    time: int | None = None


@dataclass(frozen=True)
class Judged:
    """All stored answers of one form at once: what applies, the answers that count, and what is wrong with them."""

    plans: tuple[PagePlan, ...]
    #: as `relevant_answers` gives them
    visible: dict[str, Any]
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True)
class PageResult:
    """What a posted page brings."""

    #: question (or repeat) name -> value for what was read on the page; None says "left blank", so that
    #: `{**answers, **result.values}` also clears an earlier answer
    values: dict[str, Any]
    faults: tuple[AnswerFault, ...]
    #: questions of this page that apply only because of what was just posted, so nobody has seen them yet
    appeared: tuple[str, ...] = ()
    #: the item that this page is about has been taken away, now or before
    removed: bool = False
    #: the page is about an item that was taken away before, so nothing on it was kept
    gone: bool = False
    #: the item that this page is about was brought back
    back: bool = False
    #: one more time has been asked for
    added: bool = False
    #: the page was on the way when it was posted
    applies: bool = True


def at(questionnaire: Questionnaire, key: str) -> tuple[Page, int | None]:
    """The page that a key names, and the number of its item. Raises KeyError for what the questionnaire cannot have."""
    name, dot, number = key.partition(".")
    page = questionnaire.page(name)
    if page is None or bool(dot) != (page.repeat is not None):
        raise KeyError(key)
    if not dot:
        return page, None
    whole = number.isascii() and number.isdecimal() and len(number) < LONGEST_NUMBER and number == str(int(number))
    if not whole or int(number) < 1 or (page.repeat.repeat.count and int(number) > page.repeat.repeat.most):
        raise KeyError(key)
    return page, int(number)


def gone(questionnaire: Questionnaire, answers: Answers, key: str) -> bool:
    """Whether the key names a page of an item that was taken away."""
    try:
        page, item = at(questionnaire, key)
    except KeyError:
        return False
    return item is not None and items.taken_away(answers, page.repeat, item)


def plan(questionnaire: Questionnaire, answers: Answers, today: date | None = None) -> tuple[PagePlan, ...]:
    return Walk(questionnaire, answers, today).plans


def relevant_answers(questionnaire: Questionnaire, answers: Answers, today: date | None = None) -> dict[str, Any]:
    """The answers of the questions that apply, calculated values among them; the others are left out of the result, not out
    of the caller's hands."""
    return Walk(questionnaire, answers, today).visible


def page_after(questionnaire: Questionnaire, answers: Answers, key: str | None, today: date | None = None) -> PagePlan | None:
    """The next page that applies (the first one after None); nothing after the last."""
    place = _place(questionnaire, key) if key is not None else ()
    return next((each for each in plan(questionnaire, answers, today) if _place(questionnaire, each.key) > place), None)


def page_before(questionnaire: Questionnaire, answers: Answers, key: str | None, today: date | None = None) -> PagePlan | None:
    """The page before that applies (the last one before None, that is from the review page back)."""
    plans = plan(questionnaire, answers, today)
    if key is not None:
        place = _place(questionnaire, key)
        plans = tuple(each for each in plans if _place(questionnaire, each.key) < place)
    return plans[-1] if plans else None


def _place(questionnaire: Questionnaire, key: str) -> tuple[int, ...]:
    """Where a page stands in the order of asking, or stood: the items of a repeat come one after the other."""
    page, item = at(questionnaire, key)
    position = questionnaire.pages.index(page)
    if item is None:
        return (position,)
    first = next(index for index, each in enumerate(questionnaire.pages) if each.repeat == page.repeat)
    return (first, item, position)


def answers_at(answers: Answers, page: Page, time: int | None) -> Answers:
    """The stored answers of a page's own questions: of its time, in a repeat."""
    if time is None:
        return answers
    times = answers.get(page.repeat.name) or []
    return times[time] if time < len(times) else {}


def answers_of(questionnaire: Questionnaire, answers: Answers, key: str) -> Answers:
    """The same by the page's key; nothing for an item that is not there. Raises KeyError as `at` does."""
    page, item = at(questionnaire, key)
    time = None if item is None else items.position(answers, page.repeat, item)
    return {} if item is not None and time is None else answers_at(answers, page, time)


def unanswered(
    questionnaire: Questionnaire, answers: Answers, units: Units = (), today: date | None = None
) -> tuple[Unanswered, ...]:
    """Every required question that applies and lacks an answer; a matrix needs one for each unit handed in."""
    found = []
    for each in plan(questionnaire, answers, today):
        own = answers_at(answers, each.page, each.time)
        for question in each.questions:
            fields = _blank_required_fields(question, own.get(question.name), units)
            if fields:
                found.append(Unanswered(each.page, question, fields, each.time))
    return tuple(found)


def judge(
    questionnaire: Questionnaire, answers: Answers, units: Units = (), today: date | None = None, memory: dict | None = None
) -> Judged:
    """Answers that are stored already, as a file brings them, by the rules that a posted page has to keep.

    Who judges many forms hands in the same `memory` for each: conditions that were worked out are not worked out again.
    """
    walk = Walk(questionnaire, answers, today, memory)
    wrong = []
    for each in walk.plans:
        own, told = answers_at(answers, each.page, each.time), known(each.time, today, memory)
        for question in each.questions:
            found = _value_faults(question, own.get(question.name), each.seen, units, told)
            wrong += [Wrong(each.page, question, fault, each.time) for fault in found]
    return Judged(walk.plans, walk.visible, tuple(wrong))


def check_page(
    questionnaire: Questionnaire, key: str, posted: Posted, answers: Answers, units: Units = (), today: date | None = None
) -> PageResult:
    """Read one posted page; whether its questions apply is decided with what was posted on it.

    A page that is not on the way, as of a time that was never asked for, brings nothing; nor does one of an item that was taken
    away, unless it asks to have that back.
    Raises KeyError for a page that the questionnaire does not have.
    """
    page, item = at(questionnaire, key)
    if item is None or not items.taken_away(answers, page.repeat, item):
        return _checked(questionnaire, key, posted, answers, units, today)
    group = page.repeat
    if posted.get(f"{group.name}:{REMOVE}"):
        return PageResult({}, (), removed=True)
    if posted.get(f"{group.name}:{AGAIN}") != [YES] or not may_come_back(answers, group):
        return PageResult({}, (), gone=True)
    back = items.brought_back(answers, group, item)
    result = _checked(questionnaire, key, posted, {**answers, **back}, units, today)
    values = result.values if result.applies else _unasked(page, item, posted, {**answers, **back}, units)
    return replace(result, values={**back, **values}, back=True)


def may_come_back(answers: Answers, group: Group) -> bool:
    return len(items.numbers(answers, group)) < group.repeat.most


def as_if_back(
    questionnaire: Questionnaire, key: str, posted: Posted, answers: Answers, units: Units = (), today: date | None = None
) -> tuple[PagePlan, Answers]:
    """A page of an item that was taken away, to show what was typed on it; with the answers as they would be."""
    page, item = at(questionnaire, key)
    there = {**answers, **items.brought_back(answers, page.repeat, item)}
    there |= _unasked(page, item, posted, there, units)
    walk = Walk(questionnaire, there, today)
    asked = tuple(question for question in page.questions if type_of(question).asks)
    time = items.position(there, page.repeat, item)
    other = PagePlan(page, asked, time, len(items.numbers(there, page.repeat)), item, seen=walk.visible)
    return _on(walk.plans, key) or other, there


def _checked(
    questionnaire: Questionnaire, key: str, posted: Posted, answers: Answers, units: Units, today: date | None
) -> PageResult:
    page, item = at(questionnaire, key)
    before = _on(plan(questionnaire, answers, today), key)
    if item is not None and not page.repeat.repeat.count and posted.get(f"{page.repeat.name}:{REMOVE}"):
        return PageResult(items.without(answers, page.repeat, item) if before else {}, (), removed=True)
    if before is None:
        return PageResult({}, (), applies=False)
    time = before.time
    parsed = _parsed(page, posted, units)
    merged = {**answers, **_at_its_time(answers, page, time, {name: each.value for name, each in parsed.items()})}
    changed = {name: value for name, value in merged.items() if value is not None} != answers
    now = _on(plan(questionnaire, merged, today), key) if changed else before
    own, told = answers_at(merged, page, time), known(time, today)
    values: dict[str, Any] = {}
    faults: list[AnswerFault] = []
    for question in now.questions if now else ():
        faults += parsed[question.name].faults or _value_faults(question, own.get(question.name), now.seen, units, told)
        if not parsed[question.name].faults and type_of(question).asks:
            values[question.name] = parsed[question.name].value
    known_before = {question.name for question in before.questions}
    appeared = tuple(question.name for question in now.questions if question.name not in known_before) if now else ()
    values = _at_its_time(answers, page, time, values)
    added = bool(now and now.may_add and not faults and posted.get(f"{page.repeat.name}:{MORE}") == [YES])
    if added:
        values |= items.with_one_more({**answers, **values}, page.repeat)
    return PageResult(values, tuple(faults), appeared, added=added)


def _unasked(page: Page, item: int, posted: Posted, answers: Answers, units: Units) -> dict[str, Any]:
    """What could be read on a page of an item, asked for or not: it counts once the item's other pages are answered again."""
    values = {name: each.value for name, each in _parsed(page, posted, units).items() if not each.faults}
    return _at_its_time(answers, page, items.position(answers, page.repeat, item), values)


def faults_on(now: PagePlan, posted: Posted, units: Units = (), today: date | None = None) -> tuple[AnswerFault, ...]:
    """What is wrong on a page whose answers are stored already, handed in as if just posted: they change nothing about what is
    asked."""
    parsed, told = _parsed(now.page, posted, units), known(now.time, today)
    return tuple(each for question in now.questions for each in parsed[question.name].faults or _value_faults(
        question, parsed[question.name].value, now.seen, units, told))


def _parsed(page: Page, posted: Posted, units: Units) -> dict[str, Parsed]:
    return {question.name: type_of(question).parse(question, posted, units)
            for question in page.questions if not question.calculation}


def _at_its_time(answers: Answers, page: Page, time: int | None, values: dict[str, Any]) -> dict[str, Any]:
    """Values of one page as they stand among all answers: in a repeat, the whole list with this time changed."""
    if time is None:
        return values
    times = [dict(each) for each in answers.get(page.repeat.name) or []]
    times += [{} for _ in range(time + 1 - len(times))]
    times[time] = {name: value for name, value in {**times[time], **values}.items() if value is not None}
    return {page.repeat.name: times}


def _on(plans: tuple[PagePlan, ...], key: str) -> PagePlan | None:
    return next((each for each in plans if each.key == key), None)


def _value_faults(question: Question, value: Any, seen: Answers, units: Units, told: Known) -> tuple[AnswerFault, ...]:
    kind = "required_unit" if type_of(question).rates_many_units else "required"
    blank = tuple(fault(field, kind) for field in _blank_required_fields(question, value, units))
    if blank or not value or type_of(question).is_missing(question, value):
        return blank
    if question.choice_filter:
        names = {choice.name for choice in offered(question, seen, told)}
        if not set(answer_text(value).split()) <= names:
            return (fault(question.name, "not_a_choice"),)
    if question.constraint:
        constraint = expressions.compile(question.constraint)
        if not constraint.evaluate(seen, value, told):
            return (fault(question.name, "constraint"),)
    return ()


def _blank_required_fields(question: Question, value: Any, units: Units) -> tuple[str, ...]:
    return type_of(question).unanswered_fields(question, value, units) if question.required else ()
