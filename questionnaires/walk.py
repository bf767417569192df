"""One pass over a form with the answers so far: which pages and questions apply, and which answers count.

`routing` is what others ask; here is how it is worked out.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any

from questionnaires import expressions, items
from questionnaires.expressions import Known, answer_text
from questionnaires.model import Group, Page, Question, Questionnaire
from questionnaires.odk_semantics import Times, as_number

#: question name -> stored value; no key, None and empty all mean: not answered
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class PagePlan:
    """A page, once for each time it is asked, with the questions of it that apply; never without one."""

    page: Page
    questions: tuple[Question, ...]
    #: which time of its repeat, from 0; None outside of repeats
    time: int | None = None
    #: how many times its repeat is asked
    times: int = 0
    #: the number of its item, which stays when others are taken away; None outside of repeats
    item: int | None = None
    #: the respondent may ask for another time here: the last page of the last time of an open repeat
    may_add: bool = False
    #: the answers that count on this page: its own of this time, and those around it; for conditions, constraints and texts
    seen: Answers = field(default_factory=dict)

    @property
    def key(self) -> str:
        return key_of(self.page, self.item)

    @property
    def may_remove(self) -> bool:
        group = self.page.repeat
        return group is not None and not group.repeat.count and self.times > 1


def key_of(page: Page, item: int | None) -> str:
    return page.name if item is None else f"{page.name}.{item}"


def known(time: int | None, today: date | None, memory: dict | None = None) -> Known:
    """What expressions are told on a page of this time."""
    return Known(today, None if time is None else time + 1, memory)


class Walk:
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
            if page.conditions and not _hold(page.conditions, seen, told):
                continue
            applying = []
            for question in page.questions:
                if question.conditions and not _hold(question.conditions, seen, told):
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
        own_numbers = None if group.repeat.count else items.numbers(self._answers, group)
        numbers = Times(str(time + 1) for time in range(times))
        for time in range(times):
            own: dict[str, Any] = {}
            # a copy: what other times answered to the same questions does not count here
            seen = {**self._seen, group.name: numbers}
            asked = list(self._pages(pages, stored[time] if time < len(stored) else {}, own, seen, time))
            item = own_numbers[time] if own_numbers else time + 1
            found += [replace(each, times=times, item=item) for each in asked]
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
    return all(expressions.compile(condition).evaluate(seen, None, told) for condition in conditions if condition)
