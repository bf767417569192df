"""What is asked, as frozen values: Questionnaire > Page > Question, choice lists, and texts in several languages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

#: kinds of missing: an answer that says why there is none. Never a code among the answers, never a zero.
MissingKind = Literal["dont_know", "not_familiar", "refused", "not_applicable"]

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
    choices: ChoiceList | None = None
    #: the satisfaction factor that this question measures (access, procedures, staff, result, feedback), or ""
    factor: str = ""


@dataclass(frozen=True)
class Page:
    name: str
    label: Text
    questions: tuple[Question, ...]
    hint: Text = Text()
    relevant: str = ""


@dataclass(frozen=True)
class Consent:
    """What a person is told before the first question; every part is required."""

    purpose: Text
    data: Text
    controller: Text
    rights: Text
    contact: Text


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

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for page in self.pages for question in page.questions)

    def question(self, name: str) -> Question | None:
        return next((question for question in self.questions if question.name == name), None)

    def page(self, name: str) -> Page | None:
        return next((page for page in self.pages if page.name == name), None)
