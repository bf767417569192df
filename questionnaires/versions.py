"""Two versions of a questionnaire: everything that changed, and for every question whether its series of answers may go on.

What each kind of change means stands in one table, `version_changes.RULE`. Words for people: `version_words`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from questionnaires import version_pairs
from questionnaires.answers import type_of
from questionnaires.model import Group, Page, Question, Questionnaire
from questionnaires.version_changes import Change, Comparable, worst
from questionnaires.version_pairs import Pairs
from questionnaires.version_parts import (
    list_changes,
    plain_changes,
    question_changes,
    setting_changes,
    text_changes,
)
from questionnaires.version_texts import same_condition

_REFERENCE = re.compile(r"\$\{\s*([^}\s]+)\s*\}")


@dataclass(frozen=True)
class QuestionComparison:
    """One question of either version. `changes` are those that bear on its answers, also of its page, groups, list and form."""

    name: str
    old_name: str
    fate: Literal["kept", "added", "removed"]
    changes: tuple[Change, ...] = ()
    #: the reason that the new version gives for a break; "" where it declares none
    declared: str = ""

    @property
    def comparable(self) -> Comparable | None:
        """None where only one version asks it: there is nothing to compare."""
        return worst(self.changes) if self.fate == "kept" else None

    @property
    def reasons(self) -> tuple[Change, ...]:
        """The changes that keep it from being comparable without a thought, the gravest first."""
        broken = tuple(change for change in self.changes if change.comparable == "broken")
        return broken + tuple(change for change in self.changes if change.comparable == "with_care")


@dataclass(frozen=True)
class Comparison:
    old: Questionnaire
    new: Questionnaire
    changes: tuple[Change, ...]
    #: every question that asks something: those of the new version in its order, then those that were removed
    questions: tuple[QuestionComparison, ...]

    def question(self, name: str) -> QuestionComparison | None:
        return next((each for each in self.questions if each.name == name), None)

    @property
    def broken(self) -> tuple[QuestionComparison, ...]:
        return tuple(each for each in self.questions if each.comparable == "broken")

    @property
    def undeclared(self) -> tuple[QuestionComparison, ...]:
        """Broken series that the new version keeps silent about."""
        return tuple(each for each in self.broken if not each.declared)

    @property
    def idle(self) -> tuple[str, ...]:
        """Questions declared as broken that are not."""
        return tuple(name for name in self.new.breaks_series if name not in {each.name for each in self.broken})


def changes(old: Questionnaire, new: Questionnaire) -> tuple[Change, ...]:
    """Every change, from the form as a whole down to its questions. The version's own number is none."""
    return compare(old, new).changes


def compare(old: Questionnaire, new: Questionnaire, renames: Mapping[str, str] | None = None,
            breaks: Mapping[str, str] | None = None) -> Comparison:
    """Without `renames` (new name -> old name) and `breaks` (question -> reason) what the new version declares holds.

    Where versions lie between the two, `version_lineage.compare_across` knows what those declare.
    """
    declared = new.breaks_series if breaks is None else breaks
    return _Comparer(old, new, new.renames if renames is None else renames, declared).comparison()


class _Comparer:
    def __init__(self, old: Questionnaire, new: Questionnaire, renames: Mapping[str, str], breaks: Mapping[str, str]):
        self.old, self.new, self.breaks = old, new, breaks
        self.main = frozenset((old.default_language, new.default_language))
        self.questions = version_pairs.questions(old, new, renames)
        self.pages = version_pairs.pages(old, new, self.questions)
        self.lists = version_pairs.lists(old, new)
        self.old_groups, self.new_groups = version_pairs.groups_of(old), version_pairs.groups_of(new)
        self.groups = version_pairs.groups(self.old_groups, self.new_groups)
        self.old_page_of, self.new_page_of = _page_of(old), _page_of(new)

    def comparison(self) -> Comparison:
        form = tuple(setting_changes(self.old, self.new))
        pages = {name: tuple(self._page(name)) for name in self.pages.old_of}
        groups = {name: tuple(self._group(name)) for name in self.groups.old_of}
        lists = {name: tuple(self._list(name)) for name in self.lists.old_of}
        own = {name: tuple(self._question(name)) for name in self.questions.old_of}
        came_and_went = (*self._came_and_went("page", self.pages), *self._came_and_went("group", self.groups),
                         *self._came_and_went("list", self.lists), *self._came_and_went("question", self.questions))
        compared = self._compared(form, pages, groups, lists, own)
        below = tuple(change for of_some in (pages, groups, lists, own) for each in of_some.values() for change in each)
        return Comparison(self.old, self.new, (*form, *came_and_went, *below), compared)

    @cached_property
    def new_questions(self) -> Mapping[str, Question]:
        return {question.name: question for question in self.new.questions}

    @cached_property
    def old_questions(self) -> Mapping[str, Question]:
        return {question.name: question for question in self.old.questions}

    @cached_property
    def _moved(self) -> frozenset[str]:
        old = [self.questions.new_of[name] for name in self.old_questions if name in self.questions.new_of]
        return version_pairs.moved(old, [name for name in self.new_questions if name in self.questions.old_of])

    # -- what a question stands in ---------------------------------------------------------------------------------

    def _came_and_went(self, subject, pairs: Pairs) -> Iterator[Change]:
        for name in pairs.removed:
            yield Change("removed", subject, name)
        for name in pairs.added:
            yield Change("added", subject, name)
        for name, how in pairs.how.items():
            if subject != "question" and how != "name":
                yield Change("renamed", subject, name, "name", before=pairs.old_of[name], after=name)

    def _page(self, name: str) -> Iterator[Change]:
        old, new = self.old.page(self.pages.old_of[name]), self.new.page(name)
        yield from text_changes("page", name, "label", old.label, new.label, self.main)
        yield from text_changes("page", name, "hint", old.hint, new.hint, self.main)
        yield from self._condition_around("page", name, old, new)
        if self._chain(old.within) != _names(new.within):
            yield Change("group", "page", name, "within", before=" > ".join(_names(old.within)),
                         after=" > ".join(_names(new.within)))
        if name in self._moved_pages:
            yield Change("moved", "page", name)
        yield from plain_changes("page", name, old, new, {"extra": "extra"})

    @cached_property
    def _moved_pages(self) -> frozenset[str]:
        old = [self.pages.new_of[page.name] for page in self.old.pages if page.name in self.pages.new_of]
        return version_pairs.moved(old, [page.name for page in self.new.pages if page.name in self.pages.old_of])

    def _group(self, name: str) -> Iterator[Change]:
        old, new = self.old_groups[self.groups.old_of[name]], self.new_groups[name]
        yield from text_changes("group", name, "label", old.label, new.label, self.main)
        yield from text_changes("group", name, "hint", old.hint, new.hint, self.main)
        yield from self._condition_around("group", name, old, new)
        if old.repeat != new.repeat:
            yield Change("repeat", "group", name, "repeat", before=_repeat(old), after=_repeat(new))
        yield from plain_changes("group", name, old, new, {"appearance": "appearance", "extra": "extra"})

    def _condition_around(self, subject, name: str, old: Page | Group, new: Page | Group) -> Iterator[Change]:
        """Told with the page or group; what it means for the questions is judged at each of them."""
        if old.relevant != new.relevant and self._renamed(old.relevant) != new.relevant:
            yield Change("condition_around", subject, name, "relevant", before=old.relevant, after=new.relevant)

    def _list(self, name: str) -> Iterator[Change]:
        olds = {each.name: each for each in self.old.choice_lists}
        news = {each.name: each for each in self.new.choice_lists}
        yield from list_changes("list", name, olds[self.lists.old_of[name]], news[name], self.main)

    # -- a question ------------------------------------------------------------------------------------------------

    def _question(self, name: str) -> Iterator[Change]:
        old, new = self.old_questions[self.questions.old_of[name]], self.new_questions[name]
        how = self.questions.how[name]
        if how != "name":
            what = "renamed" if how == "declared" else "guessed_rename"
            yield Change(what, "question", name, "name", before=old.name, after=name)
        yield from question_changes(old, new, self.main, self._renamed)
        yield from self._scale(old, new)
        yield from self._who_is_asked(old, new)
        old_page, new_page = self.old_page_of[old.name].name, self.new_page_of[name].name
        if self.pages.old_of.get(new_page) != old_page:
            yield Change("page", "question", name, "page", before=old_page, after=new_page)
        elif name in self._moved:
            yield Change("position", "question", name, "position")
        if self._chain(old.within) != _names(new.within):
            yield Change("group", "question", name, "within", before=" > ".join(_names(old.within)),
                         after=" > ".join(_names(new.within)))

    def _scale(self, old: Question, new: Question) -> Iterator[Change]:
        """Changes of a list that both share are told once, at the list, and counted for each of its questions."""
        if old.choices == new.choices:
            return
        if not old.choices or not new.choices:
            yield Change("list", "question", new.name, "type", before=_list_name(old), after=_list_name(new))
            return
        shared = self.lists.old_of.get(new.choices.name) == old.choices.name
        if old.choices.name != new.choices.name and not shared:
            yield Change("list", "question", new.name, "type", before=old.choices.name, after=new.choices.name)
        found = tuple(self._list(new.choices.name)) if shared else ()
        if not found:
            found = tuple(list_changes("question", new.name, old.choices, new.choices, self.main))
            yield from found
        if new.choice_filter and any(change.what == "choice_attributes" for change in found):
            yield Change("choice_filter", "question", new.name, "attributes", before=new.choice_filter, after=new.choice_filter)

    def _who_is_asked(self, old: Question, new: Question) -> Iterator[Change]:
        """All conditions around a question hold together, wherever they are written."""
        before = [self._renamed(each) for each in _conditions(self.old_page_of[old.name], old)]
        after = _conditions(self.new_page_of[new.name], new)
        if not _same_set(before, after):
            yield Change("asked_if", "question", new.name, "relevant", before=_and(before), after=_and(after))
        elif self._renamed(old.relevant) != new.relevant != old.relevant:
            yield Change("condition_form", "question", new.name, "relevant", before=old.relevant, after=new.relevant)
        old_repeat, new_repeat = self.old_page_of[old.name].repeat, self.new_page_of[new.name].repeat
        if _repeat(old_repeat) != _repeat(new_repeat):
            yield Change("repeat", "question", new.name, "repeat", before=_repeat(old_repeat), after=_repeat(new_repeat))

    def _renamed(self, expression: str) -> str:
        """An expression of the old version as the new one writes it."""
        if all(new == old for new, old in self.questions.old_of.items()):
            return expression
        return _REFERENCE.sub(lambda found: f"${{{self.questions.new_of.get(found[1], found[1])}}}", expression)

    def _chain(self, within: tuple[Group, ...]) -> tuple[str, ...]:
        return tuple(self.groups.new_of.get(group.name, group.name) for group in within)

    # -- what it all means -----------------------------------------------------------------------------------------

    def _compared(self, form, pages, groups, lists, own) -> tuple[QuestionComparison, ...]:
        found: dict[str, QuestionComparison] = {}
        for name, question in self.new_questions.items():
            if not type_of(question).asks:
                continue
            if name not in own:
                found[name] = QuestionComparison(name, "", "added")
                continue
            page = self.new_page_of[name]
            around = (*form, *pages.get(page.name, ()),
                      *(change for group in (*page.within, *question.within) for change in groups.get(group.name, ())),
                      *(lists.get(question.choices.name, ()) if self._shares_its_list(question) else ()))
            every = (*own[name], *self._leans_on_broken(question, page, found), *around)
            found[name] = QuestionComparison(name, self.questions.old_of[name], "kept", every,
                                             self.breaks.get(name, "").strip())
        removed = (QuestionComparison(name, name, "removed") for name in self.questions.removed
                   if type_of(self.old_questions[name]).asks)
        return (*found.values(), *removed)

    def _shares_its_list(self, question: Question) -> bool:
        old = self.old_questions[self.questions.old_of[question.name]]
        return bool(question.choices and old.choices
                    and self.lists.old_of.get(question.choices.name) == old.choices.name)

    def _leans_on_broken(self, question: Question, page: Page, found: Mapping[str, QuestionComparison]) -> Iterator[Change]:
        """The same condition over answers that mean something else asks other people."""
        leaning = {"depends_on_broken": (*_conditions(page, question), question.choice_filter),
                   "calculated_from_broken": (question.calculation,)}
        for what, expressions in leaning.items():
            for name in dict.fromkeys(each for expression in expressions for each in _REFERENCE.findall(expression)):
                if name in found and found[name].comparable == "broken":
                    yield Change(what, "question", question.name, other=name)


def _page_of(questionnaire: Questionnaire) -> dict[str, Page]:
    return {question.name: page for page in questionnaire.pages for question in page.questions}


def _conditions(page: Page, question: Question) -> list[str]:
    around = [group.relevant for group in page.within] + [page.relevant] + [group.relevant for group in question.within]
    return [condition for condition in (*around, question.relevant) if condition]


def _same_set(before: list[str], after: list[str]) -> bool:
    return (all(any(same_condition(one, other) for other in after) for one in before)
            and all(any(same_condition(one, other) for other in before) for one in after))


def _and(conditions: list[str]) -> str:
    return conditions[0] if len(conditions) == 1 else " and ".join(f"({each})" for each in conditions)


def _names(within: tuple[Group, ...]) -> tuple[str, ...]:
    return tuple(group.name for group in within)


def _list_name(question: Question) -> str:
    return question.choices.name if question.choices else ""


def _repeat(group: Group | None) -> str:
    if group is None or group.repeat is None:
        return ""
    return f"{group.repeat.count or '*'} (≤ {group.repeat.most})"
