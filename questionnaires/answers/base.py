"""What every answer type does: read what was posted, say it back, and become columns and cells."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from questionnaires.answers.faults import AnswerFault, fault
from questionnaires.model import Question

#: field name -> what was posted under it, as a browser sends it
Posted = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class UnitToRate:
    """A unit that the respondent is asked to rate; which ones, the campaign decides."""

    code: str
    name: str


Units = tuple[UnitToRate, ...]


@dataclass(frozen=True)
class Parsed:
    """The answer as it is stored (text, list or dict; None where nothing was answered), or why it cannot be."""

    value: Any = None
    faults: tuple[AnswerFault, ...] = ()


class AnswerType(ABC):
    """One way of answering. The base does what suits a single field with a single value."""

    #: the word in `type:`, and the key in the registry
    name: ClassVar[str]
    #: the type needs the name of a choice list behind it
    takes_choices: ClassVar[bool] = False
    #: something can be answered (a note only tells)
    asks: ClassVar[bool] = True
    #: the answer is one level of a scale, so that it can measure a factor
    rates_on_scale: ClassVar[bool] = False
    #: one answer for each unit handed in
    rates_many_units: ClassVar[bool] = False
    #: expressions can look at the answer, and a constraint can check it
    in_expressions: ClassVar[bool] = True
    #: what a condition compares it with, where conditions are put together from rows
    compared_as: ClassVar[Literal["choice", "choices", "number", "date", "text"]] = "text"

    @property
    def template(self) -> str:
        """The file in templates/answers/ that shows it."""
        return f"{self.name}.html"

    def fields(self, question: Question, units: Units = ()) -> tuple[str, ...]:
        """The names of its form fields."""
        return (question.name,)

    def parse(self, question: Question, posted: Posted, units: Units = ()) -> Parsed:
        given, faults = single(question.name, posted)
        return Parsed(faults=faults) if faults or not given else self._read(question, question.name, given)

    @abstractmethod
    def _read(self, question: Question, field: str, given: str) -> Parsed:
        """Read one text that is not blank."""

    def unanswered_fields(self, question: Question, value: Any, units: Units = ()) -> tuple[str, ...]:
        """Which fields still lack an answer, were the question required."""
        return () if value else (question.name,)

    def is_missing(self, question: Question, value: Any) -> bool:
        """Whether the answer is a kind of missing ("don't know"), which no constraint should judge."""
        return False

    @abstractmethod
    def describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        """The answer in words, line by line; nothing for no answer."""

    def columns(self, question: Question, units: Units = ()) -> tuple[str, ...]:
        """Its columns in a table with one row per response."""
        return self.fields(question, units)

    def to_cells(self, question: Question, value: Any, units: Units = ()) -> dict[str, str]:
        return {question.name: value or ""}

    def from_cells(self, question: Question, cells: Mapping[str, str], units: Units = ()) -> Parsed:
        """Read the cells of one row; a blank or absent cell is no answer."""
        return self.parse(
            question, {column: [cells.get(column, "")] for column in self.columns(question, units)}, units
        )


def single(field: str, posted: Posted) -> tuple[str, tuple[AnswerFault, ...]]:
    """The one text posted under a field, stripped; two different ones are a fault, not a choice of ours."""
    given = tuple(dict.fromkeys(text.strip() for text in posted.get(field, ()) if not is_blank(text)))
    if len(given) > 1:
        return "", (fault(field, "repeated"),)
    return (given[0] if given else ""), ()


def is_blank(text: str) -> bool:
    """Nothing that can be seen: spaces, and the marks that have no width."""
    return not text or all(
        character.isspace() or unicodedata.category(character) == "Cf" for character in text
    )


def western_digits(text: str) -> str:
    """Khmer digits as 0-9: a Khmer keyboard types them, and they mean the same."""
    return text.translate(_KHMER_DIGITS)


_KHMER_DIGITS = {0x17E0 + digit: str(digit) for digit in range(10)}
