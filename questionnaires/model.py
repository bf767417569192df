"""What is asked, as frozen values: Questionnaire > Page > Question, choice lists, and texts in several languages.

Pages and questions stand in flat order. Groups around them are chains: `within` names the groups that a page or a question
stands in, from the outermost; neighbours that share a group have equal Groups in their chains. Who needs only the order
does not meet groups at all, and nothing of an XLSForm's nesting is lost.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Literal

#: kinds of missing: an answer that says why there is none. Never a code among the answers, never a zero.
MissingKind = Literal["dont_know", "not_familiar", "refused", "not_applicable"]

#: what a form may do only because its consent text says so
Collects = Literal["location", "files", "paradata"]

#: who is rated: the one unit that served the respondent, or many units on one form.
Rates = Literal["one_unit", "many_units"]

EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Text:
    """One text in one or more languages."""

    by_language: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    def in_language(self, language: str, default: str = "vi") -> str:
        return self.by_language.get(language) or self.by_language.get(default) or ""

    def __bool__(self) -> bool:
        return any(self.by_language.values())


@dataclass(frozen=True)
class Choice:
    name: str
    label: Text
    missing: MissingKind | None = None
    #: in a select_multiple: excludes every other choice ("none of these"). Kinds of missing always do.
    exclusive: bool = False
    #: further columns of the choice, for `choice_filter` to look at and for files to keep
    attributes: Mapping[str, str] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True)
class ChoiceList:
    name: str
    choices: tuple[Choice, ...]

    def __iter__(self) -> Iterator[Choice]:
        return iter(self.choices)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(choice.name for choice in self.choices)

    @property
    def substantive(self) -> tuple[str, ...]:
        """The names that are answers, in order; kinds of missing left out."""
        return tuple(choice.name for choice in self.choices if choice.missing is None)


@dataclass(frozen=True)
class Repeat:
    """How often a group is asked: as many times as `count` says, or until the respondent adds no more; never above `most`."""

    count: str = ""
    most: int = 20


@dataclass(frozen=True)
class Group:
    """Pages or questions that belong together: one heading, one condition. With `repeat` they are asked several times."""

    name: str
    label: Text = Text()
    hint: Text = Text()
    relevant: str = ""
    #: "table-list": the questions in it, all of one choice list, are shown as a grid
    appearance: str = ""
    repeat: Repeat | None = None
    #: columns of a workbook that have no meaning here; kept, so that nothing is lost on the way through
    extra: Mapping[str, str] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True)
class Question:
    """One question. `type` is the answer type's name in `questionnaires.answers.REGISTRY`."""

    name: str
    type: str
    label: Text
    hint: Text = Text()
    required: bool = False
    relevant: str = ""
    constraint: str = ""
    constraint_message: Text = Text()
    required_message: Text = Text()
    choices: ChoiceList | None = None
    #: which choices are offered: an expression over the choice's attributes and earlier answers
    choice_filter: str = ""
    #: of a calculate: its value
    calculation: str = ""
    #: what is filled in before anybody answered
    default: str = ""
    #: XLSForm's `parameters`: range has start, end, step; lists have randomize
    parameters: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    appearance: str = ""
    #: kinds of missing that a question without choices offers beside its field
    missing: tuple[MissingKind, ...] = ()
    #: groups inside the page, from the outermost
    within: tuple[Group, ...] = ()
    extra: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    #: the satisfaction factor that this question measures (access, procedures, staff, result, feedback), or ""
    factor: str = ""

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """All that must hold for it to be asked, page apart."""
        return _conditions(self.within, self.relevant)

    @cached_property
    def same_for_all(self) -> bool:
        """No respondent gets other choices, another order or other texts than the next one."""
        texts = (self.label, self.hint, self.constraint_message, self.required_message,
                 *(choice.label for choice in self.choices or ()),
                 *(text for group in self.within for text in (group.label, group.hint)))
        mentions = any("${" in words for text in texts for words in text.by_language.values())
        return not (self.choice_filter or self.parameters or mentions)


@dataclass(frozen=True)
class Page:
    name: str
    label: Text
    questions: tuple[Question, ...]
    hint: Text = Text()
    relevant: str = ""
    #: groups of pages around it, from the outermost
    within: tuple[Group, ...] = ()
    extra: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        return _conditions(self.within, self.relevant)

    @cached_property
    def same_for_all(self) -> bool:
        """No respondent gets other texts of its own than the next one; its questions are another matter."""
        return not any("${" in words for text in (self.label, self.hint) for words in text.by_language.values())

    @cached_property
    def repeat(self) -> Group | None:
        """The repeated group it stands in; a repeat within a repeat is refused by the checks."""
        return next((group for group in self.within if group.repeat), None)


def _conditions(within: tuple[Group, ...], relevant: str) -> tuple[str, ...]:
    return tuple(condition for condition in (*(group.relevant for group in within), relevant) if condition)


@dataclass(frozen=True)
class Consent:
    """What a person is told before the first question; every part is required."""

    purpose: Text
    data: Text
    controller: Text
    rights: Text
    contact: Text


CONSENT_PARTS = tuple(part.name for part in fields(Consent))


@dataclass(frozen=True)
class Questionnaire:
    form_id: str
    version: str
    title: Text
    consent: Consent
    respondent_groups: tuple[str, ...]
    rates: Rates
    pages: tuple[Page, ...]
    choice_lists: tuple[ChoiceList, ...]
    languages: tuple[str, ...] = ("vi",)
    default_language: str = "vi"
    #: languages whose texts a machine drafted and no person has checked yet
    machine_drafted: tuple[str, ...] = ()
    minutes: int | None = None
    description: Text = field(default=Text())
    #: what the consent text says that the form also does; types and paradata that are not named here are refused
    collects: tuple[Collects, ...] = ()
    #: question -> why its answers cannot be set beside those of the version before; a break that is not told here is refused
    breaks_series: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    #: question -> the name it had in the version before
    renames: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    extra: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for page in self.pages for question in page.questions)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every group once, in the order in which it begins."""
        around = (group for page in self.pages
                  for group in (*page.within, *(each for question in page.questions for each in question.within)))
        return tuple({group.name: group for group in around}.values())

    def question(self, name: str) -> Question | None:
        return next((question for question in self.questions if question.name == name), None)

    def page(self, name: str) -> Page | None:
        return next((page for page in self.pages if page.name == name), None)
