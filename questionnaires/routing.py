"""Answers so far -> the pages and questions that apply, in order, and what is still missing.

A question that does not apply has no answer for the questions after it (as in ODK), but what was typed there is the
caller's to keep: it counts again when the question comes back. Conditions look backwards only (checks.py sees to that),
so one pass in the order of the document is enough.

Pages of a repeat come once for each time. A page's key says which: its name, and in a repeat `name.2` for the second time.
Answers of a repeat stand under its name as a list with one mapping for each time.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any

from questionnaires import expressions
from questionnaires.answers import AnswerFault, Parsed, Posted, Units, fault, type_of
from questionnaires.expressions import Known, answer_text
from questionnaires.model import Group, Page, Question, Questionnaire
from questionnaires.odk_semantics import Times, as_number
from questionnaires.offering import offered

#: question name -> stored value; no key, None and empty all mean: not answered
Answers = Mapping[str, Any]

#: fields of a page in an open repeat: `members:more` asks for one more time, `members:remove` takes this time away and says how
#: many there were, so that a second press of the same button takes away nothing
MORE, REMOVE = "more", "remove"
YES = "yes"


@dataclass(frozen=True)
class PagePlan:
    """A page, once for each time it is asked, with the questions of it that apply; never without one."""

    page: Page
    questions: tuple[Question, ...]
    #: which time of its repeat, from 0; None outside of repeats
    time: int | None = None
    #: how many times its repeat is asked
    times: int = 0
    #: the respondent may ask for another time here: the last page of the last time of an open repeat
    may_add: bool = False
    #: the answers that count on this page: its own of this time, and those around it; for conditions, constraints and texts
    seen: Answers = field(default_factory=dict)

    @property
    def key(self) -> str:
        return key_of(self.page, self.time)

    @property
    def may_remove(self) -> bool:
        group = self.page.repeat
        return group is not None and not group.repeat.count and self.times > 1


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
    #: the time that this page was about has been taken away
    removed: bool = False
    #: one more time has been asked for
    added: bool = False
    #: the page was on the way when it was posted
    applies: bool = True


def key_of(page: Page, time: int | None) -> str:
    return page.name if time is None else f"{page.name}.{time + 1}"


def at(questionnaire: Questionnaire, key: str) -> tuple[Page, int | None]:
    """The page that a key names, and which time. Raises KeyError for a page or time that the questionnaire cannot have."""
    name, dot, number = key.partition(".")
    page = questionnaire.page(name)
    if page is None or bool(dot) != (page.repeat is not None):
        raise KeyError(key)
    if not dot:
        return page, None
    whole = number.isascii() and number.isdecimal() and len(number) < 6 and number == str(int(number))
    if not whole or not 1 <= int(number) <= page.repeat.repeat.most:
        raise KeyError(key)
    return page, int(number) - 1


def plan(questionnaire: Questionnaire, answers: Answers, today: date | None = None) -> tuple[PagePlan, ...]:
    return _Walk(questionnaire, answers, today).plans


def relevant_answers(questionnaire: Questionnaire, answers: Answers, today: date | None = None) -> dict[str, Any]:
    """The answers of the questions that apply, calculated values among them; the others are left out of the result, not out
    of the caller's hands."""
    return _Walk(questionnaire, answers, today).visible


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
    """Where a page stands in the order of asking: the times of a repeat come one after the other."""
    page, time = at(questionnaire, key)
    position = questionnaire.pages.index(page)
    if time is None:
        return (position,)
    first = next(index for index, each in enumerate(questionnaire.pages) if each.repeat == page.repeat)
    return (first, time, position)


def answers_at(answers: Answers, page: Page, time: int | None) -> Answers:
    """The stored answers of a page's own questions: of its time, in a repeat."""
    if time is None:
        return answers
    times = answers.get(page.repeat.name) or []
    return times[time] if time < len(times) else {}


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
    walk = _Walk(questionnaire, answers, today, memory)
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

    A page that is not on the way, as of a time that was never asked for, brings nothing.
    Raises KeyError for a page that the questionnaire does not have.
    """
    page, time = at(questionnaire, key)
    before = _on(plan(questionnaire, answers, today), key)
    takes_away = posted.get(f"{page.repeat.name}:{REMOVE}") if time is not None and not page.repeat.repeat.count else None
    if takes_away:
        stale = before is None or takes_away != [str(before.times)]
        return PageResult({}, (), removed=True) if stale else _without(answers, page.repeat, time)
    if before is None:
        return PageResult({}, (), applies=False)
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
        values[page.repeat.name] = [*values[page.repeat.name], {}]
    return PageResult(values, tuple(faults), appeared, added=added)


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


def _without(answers: Answers, group: Group, time: int) -> PageResult:
    times = list(answers.get(group.name) or [])
    del times[time : time + 1]
    return PageResult({group.name: times or None}, (), removed=True)


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


def known(time: int | None, today: date | None, memory: dict | None = None) -> Known:
    """What expressions are told on a page of this time."""
    return Known(today, None if time is None else time + 1, memory)


class _Walk:
    """One pass over all pages: `plans` in the order of asking, `visible` the answers that count."""

    def __init__(self, questionnaire: Questionnaire, answers: Answers, today: date | None, memory: dict | None = None) -> None:
        self.visible: dict[str, Any] = {}
        self._answers, self._today, self._memory = answers, today, memory
        #: what conditions outside of a repeat see: the visible answers, and each repeated question over all its times
        self._seen: dict[str, Any] = {}
        plans: list[PagePlan] = []
        for group, neighbours in groupby(questionnaire.pages, key=lambda page: page.repeat):
            pages = list(neighbours)
            plans += self._repeat(group, pages) if group else self._pages(pages, answers, self.visible, self._seen, None)
        self.plans = tuple(plans)

    def _pages(self, pages: list[Page], answers: Answers, visible: dict[str, Any], seen: dict[str, Any],
               time: int | None) -> Iterator[PagePlan]:
        told = known(time, self._today, self._memory)
        for page in pages:
            if not _hold(page.conditions, seen, told):
                continue
            applying = []
            for question in page.questions:
                if not _hold(question.conditions, seen, told):
                    continue
                if question.calculation:
                    value = expressions.compile(question.calculation).text(seen, told)
                else:
                    applying.append(question)
                    value = answers.get(question.name)
                if value:
                    visible[question.name] = seen[question.name] = value
            if applying:
                yield PagePlan(page, tuple(applying), time, seen=seen)

    def _repeat(self, group: Group, pages: list[Page]) -> list[PagePlan]:
        stored = self._answers.get(group.name) or []
        outer = pages[0].within[: pages[0].within.index(group)]
        told = known(None, self._today, self._memory)
        if not _hold([each.relevant for each in (*outer, group)], self._seen, told):
            return []
        times, found, visible = self._times(group, stored, told), [], []
        numbers = Times(str(time + 1) for time in range(times))
        for time in range(times):
            own: dict[str, Any] = {}
            # a copy: what other times answered to the same questions does not count here
            seen = {**self._seen, group.name: numbers}
            asked = list(self._pages(pages, stored[time] if time < len(stored) else {}, own, seen, time))
            found += [replace(each, times=times) for each in asked]
            visible.append(own)
        if any(visible) or (times > 1 and not group.repeat.count):  # how often it was asked is an answer too
            self.visible[group.name] = visible
        self._seen[group.name] = numbers
        for question in (question for page in pages for question in page.questions):
            self._seen[question.name] = Times(answer_text(own.get(question.name)) for own in visible)
        if found and found[-1].time == times - 1 and not group.repeat.count and times < group.repeat.most:
            found[-1] = replace(found[-1], may_add=True)
        return found

    def _times(self, group: Group, stored: list, told: Known) -> int:
        if not group.repeat.count:
            return max(1, min(len(stored), group.repeat.most))
        wanted = as_number(expressions.compile(group.repeat.count).value(self._seen, None, told))
        return min(int(wanted), group.repeat.most) if wanted >= 1 else 0


def _hold(conditions: Collection[str], seen: Answers, told: Known) -> bool:
    return not conditions or all(
        expressions.compile(condition).evaluate(seen, None, told) for condition in conditions if condition)
