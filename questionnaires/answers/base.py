"""What every answer type does: read what was posted, say it back, and become columns and cells.

The public methods know the kinds of missing that a question offers beside its field; what a type does with its own answer
stands in the methods of the same name with an underscore.
"""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from questionnaires.answers import missing
from questionnaires.answers.faults import AnswerFault, fault
from questionnaires.model import Collects, Question

#: field name -> what was posted under it, as a browser sends it
Posted = Mapping[str, Sequence[str]]
#: of what is wrong with a question for its type: the key of the question, the reason, the mend
Misfit = tuple[str, str, str]


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


@dataclass(frozen=True)
class Offer:
    """One kind of missing beside a field."""

    kind: str
    field: str
    #: Vietnamese, and a gettext msgid
    words: str


class AnswerType(ABC):
    """One way of answering. The base does what suits a single field with a single value."""

    #: the word in `type:`, and the key in the registry
    name: ClassVar[str]
    #: the type needs the name of a choice list behind it
    takes_choices: ClassVar[bool] = False
    #: something can be answered (a note only tells)
    asks: ClassVar[bool] = True
    #: it stands on the page, so it needs a label (a calculate does not)
    shown: ClassVar[bool] = True
    #: it has a value that stands in tables
    has_value: ClassVar[bool] = True
    #: the answer is one level of a scale, so that it can measure a factor
    rates_on_scale: ClassVar[bool] = False
    #: one answer for each unit handed in
    rates_many_units: ClassVar[bool] = False
    #: expressions can look at the answer, and a constraint can check it
    in_expressions: ClassVar[bool] = True
    #: what a condition compares it with, where conditions are put together from rows
    compared_as: ClassVar[Literal["choice", "choices", "number", "date", "text"]] = "text"
    #: the answer is a whole number, which can say how often a repeat is asked
    counts: ClassVar[bool] = False
    #: `missing` can offer kinds of missing beside the field; a choice list has them among its choices
    offers_missing: ClassVar[bool] = False
    #: several questions of this type and of one list can be the rows of a grid
    row_of_grid: ClassVar[bool] = False
    #: the answer is words of somebody's own, which a spreadsheet could take for a formula
    written: ClassVar[bool] = False
    #: what the form must say that it collects before it may ask such a question
    collects: ClassVar[Collects | None] = None
    #: kinds of content of a file that is sent in; nothing where the answer is no file
    takes_files: ClassVar[tuple[str, ...]] = ()

    @property
    def template(self) -> str:
        """The file in templates/answers/ that shows it."""
        return f"{self.name}.html"

    # -- fields of the web form ------------------------------------------------------------------------------------

    def fields(self, question: Question, units: Units = ()) -> tuple[str, ...]:
        """The names of its form fields."""
        return (*self._fields(question, units), *dict.fromkeys(offer.field for offer in self.offers(question)))

    def _fields(self, question: Question, units: Units) -> tuple[str, ...]:
        return (question.name,)

    def offers(self, question: Question) -> tuple[Offer, ...]:
        """The kinds of missing that stand beside its field."""
        if not self.offers_missing:
            return ()
        return tuple(Offer(kind, missing.field_of(question), missing.WORDS[kind]) for kind in question.missing)

    def parse(self, question: Question, posted: Posted, units: Units = ()) -> Parsed:
        offers = self.offers(question)
        kind, faults = single(offers[0].field, posted) if offers else ("", ())
        answer = self._parse(question, posted, units)
        if not kind and not faults:
            return answer
        words = next((offer.words for offer in offers if offer.kind == kind), None)
        if faults:
            return Parsed(faults=(fault(question.name, "repeated"),))
        if words is None:
            return Parsed(faults=(fault(question.name, "not_a_choice"),))
        if answer.value is not None or answer.faults:
            return Parsed(faults=(fault(question.name, "answer_and_missing", said=words),))
        return Parsed(missing.stored(kind))

    def _parse(self, question: Question, posted: Posted, units: Units) -> Parsed:
        given, faults = single(question.name, posted)
        return Parsed(faults=faults) if faults or not given else self._read(question, question.name, given)

    @abstractmethod
    def _read(self, question: Question, field: str, given: str) -> Parsed:
        """Read one text that is not blank."""

    def to_posted(self, question: Question, value: Any, units: Units = (), language: str = "") -> dict[str, list[str]]:
        """A stored answer as the fields that `parse` reads; in a language, written as people who speak it write."""
        if value is None:
            return {}
        if kind := self._missing_kind(value):
            return {missing.field_of(question): [kind]}
        return self._to_posted(question, value, units, language)

    def _to_posted(self, question: Question, value: Any, units: Units, language: str) -> dict[str, list[str]]:
        return {question.name: [value]}

    # -- what an answer is -----------------------------------------------------------------------------------------

    def unanswered_fields(self, question: Question, value: Any, units: Units = ()) -> tuple[str, ...]:
        """Which fields still lack an answer, were the question required."""
        return () if value else (question.name,)

    def is_missing(self, question: Question, value: Any) -> bool:
        """Whether the answer is a kind of missing ("don't know"), which no constraint should judge."""
        return self._missing_kind(value) is not None

    def _missing_kind(self, value: Any) -> str | None:
        return missing.kind_of(value) if self.offers_missing else None

    def describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        """The answer in words, line by line; nothing for no answer."""
        if words := self.own_words(value):
            return (words,)
        return self._describe(question, value, language, units)

    @abstractmethod
    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]: ...

    def part_label(self, question: Question, field: str, language: str, units: Units = ()) -> str:
        """Of several fields, what this one is about; nothing where it is the question itself."""
        return ""

    def own_words(self, value: Any) -> str:
        """Where the answer's words are not the questionnaire's but ours: in Vietnamese, as the gettext msgid; else nothing."""
        kind = self._missing_kind(value)
        return missing.WORDS[kind] if kind else ""

    # -- tables ----------------------------------------------------------------------------------------------------

    def columns(self, question: Question, units: Units = ()) -> tuple[str, ...]:
        """Its columns in a table with one row per response."""
        return (question.name,)

    def to_cells(self, question: Question, value: Any, units: Units = ()) -> dict[str, str]:
        if kind := self._missing_kind(value):
            return {question.name: missing.cell(kind)}
        cells = self._to_cells(question, value, units)
        return {column: missing.guarded(text) for column, text in cells.items()} if self.offers(question) else cells

    def _to_cells(self, question: Question, value: Any, units: Units) -> dict[str, str]:
        return {question.name: value or ""}

    def from_cells(self, question: Question, cells: Mapping[str, str], units: Units = ()) -> Parsed:
        """Read the cells of one row; a blank or absent cell is no answer."""
        if not self.offers(question):
            return self._from_cells(question, cells, units)
        text = cells.get(question.name, "").strip()
        if kind := missing.kind_in_cell(text):
            offered = kind in question.missing
            return Parsed(missing.stored(kind)) if offered else Parsed(faults=(fault(question.name, "not_a_choice"),))
        return self._from_cells(question, {**cells, question.name: missing.unguarded(text)}, units)

    def _from_cells(self, question: Question, cells: Mapping[str, str], units: Units) -> Parsed:
        return self._parse(question, {column: [cells.get(column, "")] for column in self.columns(question, units)}, units)

    # -- before publishing -----------------------------------------------------------------------------------------

    def check(self, question: Question) -> Iterator[Misfit]:
        """What is wrong with a question of this type: its parameters, default, kinds of missing."""
        misfits = list(self._check(question))
        yield from misfits
        if question.missing and not self.offers_missing:
            mend = "Thêm vào danh sách một phương án có missing, rồi bỏ khóa này." if self.takes_choices else "Bỏ khóa missing."
            yield "missing", f"Loại “{self.name}” không dùng khóa missing.", mend
        elif question.default and not misfits:
            yield from self._check_default(question)

    def _check(self, question: Question) -> Iterator[Misfit]:
        yield from ()

    def _check_default(self, question: Question) -> Iterator[Misfit]:
        read = self.from_cells(question, {question.name: question.default})
        for each in read.faults:
            reason = each.reason % each.values if each.values else each.reason
            yield "default", f"Giá trị điền sẵn “{question.default[:60]}” không hợp lệ: {reason}", each.mend
        if not read.faults and read.value is None:
            yield "default", f"Loại “{self.name}” không có giá trị điền sẵn.", "Bỏ khóa default."


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
