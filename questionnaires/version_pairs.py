"""What of an old version lives on in a new one: by name, by a rename that is declared, or by equal content."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from questionnaires.model import Group, Page, Question, Questionnaire, Text

How = Literal["name", "declared", "guessed"]
#: (name, whether in the new version) -> what two things share that differ in name only
Content = Callable[[str, bool], Hashable]


@dataclass(frozen=True)
class Pairs:
    """New name -> old name, and how that is known; what has no partner came or went."""

    old_of: Mapping[str, str]
    how: Mapping[str, How]
    removed: tuple[str, ...]
    added: tuple[str, ...]
    new_of: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "new_of", {old: new for new, old in self.old_of.items()})


def pair(old: Sequence[str], new: Sequence[str], declared: Mapping[str, str], content: Content) -> Pairs:
    """A guess needs exactly one of equal content on each side.

    A declared rename goes before an equal name: the old name may have been given to another question.
    """
    old_of: dict[str, str] = {}
    how: dict[str, How] = {}
    for name, old_name in declared.items():
        if name in new and old_name in old and old_name not in old_of.values():
            old_of[name], how[name] = old_name, "declared"
    taken = set(old_of.values())
    for name in new:
        if name in old and name not in old_of and name not in taken:
            old_of[name], how[name] = name, "name"
    gone = [name for name in old if name not in set(old_of.values())]
    came = [name for name in new if name not in old_of]
    for name in came:
        alike = [other for other in gone if content(other, False) == content(name, True)]
        rivals = [other for other in came if content(other, True) == content(name, True)]
        if len(alike) == len(rivals) == 1:
            old_of[name], how[name] = alike[0], "guessed"
    return Pairs(old_of, how, tuple(name for name in gone if name not in set(old_of.values())),
                 tuple(name for name in came if name not in old_of))


def questions(old: Questionnaire, new: Questionnaire, renames: Mapping[str, str]) -> Pairs:
    olds, news = {each.name: each for each in old.questions}, {each.name: each for each in new.questions}

    def content(name: str, is_new: bool) -> Hashable:
        return _question_content((news if is_new else olds)[name])

    return pair(tuple(olds), tuple(news), renames, content)


def pages(old: Questionnaire, new: Questionnaire, asked: Pairs) -> Pairs:
    """A page with another name that holds the same questions is the same page."""

    def content(name: str, is_new: bool) -> Hashable:
        page: Page | None = (new if is_new else old).page(name)
        names = [question.name for question in page.questions] if page else []
        return frozenset(asked.old_of.get(each, f"+{each}") for each in names) if is_new else frozenset(names)

    return pair([page.name for page in old.pages], [page.name for page in new.pages], {}, content)


def groups(old: Mapping[str, Group], new: Mapping[str, Group]) -> Pairs:
    def content(name: str, is_new: bool) -> Hashable:
        group = (new if is_new else old)[name]
        return group.relevant, group.appearance, group.repeat, _text(group.label), _text(group.hint)

    return pair(tuple(old), tuple(new), {}, content)


def lists(old: Questionnaire, new: Questionnaire) -> Pairs:
    olds, news = {each.name: each for each in old.choice_lists}, {each.name: each for each in new.choice_lists}

    def content(name: str, is_new: bool) -> Hashable:
        return tuple((each.name, each.missing, _text(each.label)) for each in (news if is_new else olds)[name])

    return pair(tuple(olds), tuple(news), {}, content)


def groups_of(questionnaire: Questionnaire) -> dict[str, Group]:
    """Every group by name, in the order in which they begin."""
    found: dict[str, Group] = {}
    for page in questionnaire.pages:
        for group in page.within:
            found.setdefault(group.name, group)
        for question in page.questions:
            for group in question.within:
                found.setdefault(group.name, group)
    return found


def moved(old: Sequence[str], new: Sequence[str]) -> frozenset[str]:
    """The fewest things that must have moved for `old` to become `new`; both hold the same names.

    What stayed is a longest run of names whose old places ascend.
    """
    place = {name: index for index, name in enumerate(old)}
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, name in enumerate(new):
        length = bisect_left(ends, place[name])
        before.append(last[length - 1] if length else None)
        ends[length:length + 1], last[length:length + 1] = [place[name]], [index]
    stayed = set()
    at = last[-1] if last else None
    while at is not None:
        stayed.add(new[at])
        at = before[at]
    return frozenset(new) - stayed


def _question_content(question: Question) -> Hashable:
    choices = tuple((each.name, each.missing, _text(each.label)) for each in question.choices or ())
    return question.type, _text(question.label), choices, question.calculation, tuple(sorted(question.parameters.items()))


def _text(text: Text) -> Hashable:
    return tuple(sorted(text.by_language.items()))
