"""A number on a scale from `start` to `end` in steps; whole or decimal, stored as canonical text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from questionnaires.answers import missing
from questionnaires.answers.base import AnswerType, Misfit, Offer, Parsed, Posted, Units, single, western_digits
from questionnaires.answers.faults import fault
from questionnaires.answers.numbers import NUMBER, canonical, written
from questionnaires.model import Question

#: as many points can be looked over at once; with more, typing the number is quicker
MOST_POINTS_SHOWN = 11
#: what XLSForm takes where a parameter is not given
_DEFAULTS: Mapping[str, str] = {"start": "1", "end": "10", "step": "1"}


@dataclass(frozen=True)
class Scale:
    start: Decimal
    end: Decimal
    #: below zero where the scale runs downwards
    step: Decimal

    @property
    def least(self) -> Decimal:
        return min(self.start, self.end)

    @property
    def most(self) -> Decimal:
        return max(self.start, self.end)

    @property
    def last(self) -> int:
        """The number of the last point, counted from 0."""
        return int((self.end - self.start) / self.step)

    def has(self, number: Decimal) -> bool:
        return (number - self.start) % self.step == 0


def scale_of(question: Question) -> Scale | None:
    """None where the parameters make no scale, which the check before publishing tells."""
    given = {key: NUMBER.fullmatch(question.parameters.get(key) or default) for key, default in _DEFAULTS.items()}
    if not all(given.values()):
        return None
    start, end, step = (Decimal(canonical(match)) for match in given.values())
    if step == 0 or start == end or (end - start) % step:
        return None
    return Scale(start, end, abs(step) if start < end else -abs(step))


class Range(AnswerType):
    name = "range"
    offers_missing = True

    def points(self, question: Question) -> tuple[str, ...]:
        """The points that can be chosen from; none where the number is typed."""
        scale = scale_of(question)
        if scale is None or scale.last >= MOST_POINTS_SHOWN:
            return ()
        return tuple(_text(scale.start + scale.step * index) for index in range(scale.last + 1))

    def bounds(self, question: Question, language: str) -> tuple[str, str, str]:
        """The least number, the greatest and the step, for people."""
        scale = scale_of(question)
        return tuple(written(_text(number), language) for number in (scale.least, scale.most, abs(scale.step))) if scale else (
            "", "", "")

    def in_words(self, point: str, language: str) -> str:
        return written(point, language)

    def offers(self, question: Question) -> tuple[Offer, ...]:
        """Among points to choose from, a kind of missing is one more line: what is chosen in its place is un-chosen."""
        if not self.points(question):
            return super().offers(question)
        return tuple(Offer(missing.cell(kind), question.name, missing.WORDS[kind]) for kind in question.missing)

    def parse(self, question: Question, posted: Posted, units: Units = ()) -> Parsed:
        if not self.points(question):
            return super().parse(question, posted, units)
        given, faults = single(question.name, posted)
        kind = missing.kind_in_cell(given)
        return Parsed(missing.stored(kind)) if kind in question.missing else self._parse(question, posted, units)

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        scale, match = scale_of(question), NUMBER.fullmatch(western_digits(given))
        if match is None:
            return Parsed(faults=(fault(field, "not_a_number"),))
        number = Decimal(canonical(match))
        if scale is None or not scale.least <= number <= scale.most:
            least, most = (_text(scale.least), _text(scale.most)) if scale else ("?", "?")
            return Parsed(faults=(fault(field, "out_of_range", least=least, most=most),))
        if not scale.has(number):
            return Parsed(faults=(fault(field, "off_step", start=_text(scale.start), step=_text(abs(scale.step))),))
        return Parsed(canonical(match))

    def to_posted(self, question: Question, value: Any, units: Units = (), language: str = "") -> dict[str, list[str]]:
        kind = missing.kind_of(value)
        if kind and self.points(question):
            return {question.name: [missing.cell(kind)]}
        return super().to_posted(question, value, units, language)

    def _to_posted(self, question: Question, value: Any, units: Units, language: str) -> dict[str, list[str]]:
        return {question.name: [value if self.points(question) else written(value, language)]}

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return (written(value, language),) if value else ()

    def _check(self, question: Question) -> Iterator[Misfit]:
        if scale_of(question) is None:
            yield (
                "parameters",
                "start, end và step không thành một thang: phải là số, start khác end, và từ start đến end phải vừa đủ số bậc.",
                "Viết ví dụ parameters: {start: 0, end: 10, step: 1}.",
            )


def _text(number: Decimal) -> str:
    """As `canonical` writes it: no exponent, no zeros that say nothing."""
    return canonical(NUMBER.fullmatch(f"{number:f}"))
