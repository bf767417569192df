"""All choices of a list, put in order; stored as their names from the first to the last."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from questionnaires.answers import choosing
from questionnaires.answers.base import AnswerType, Misfit, Parsed, Posted, Units, is_blank, single, western_digits
from questionnaires.answers.faults import AnswerFault, fault
from questionnaires.model import Question

_PLACE = re.compile(r"0{0,3}([1-9][0-9]{0,2})")


def field_name(question: Question, choice_name: str) -> str:
    return f"{question.name}:{choice_name}"


class Rank(AnswerType):
    name = "rank"
    takes_choices = True
    offers_missing = True

    def _fields(self, question: Question, units: Units) -> tuple[str, ...]:
        return tuple(field_name(question, choice.name) for choice in question.choices or ())

    def _parse(self, question: Question, posted: Posted, units: Units) -> Parsed:
        """One field for each choice, with its place; every choice has a place of its own, or none has one."""
        faults = list(self._unknown_fields(question, posted))
        at_place: dict[int, list[str]] = defaultdict(list)
        blank: list[str] = []
        for field, name in zip(self._fields(question, units), question.choices.names if question.choices else (), strict=True):
            given, repeated = single(field, posted)
            if repeated or not given:
                faults += repeated
                blank += [] if repeated else [field]
                continue
            place = _PLACE.fullmatch(western_digits(given)) if len(given) < 9 else None
            if place is None or int(place[1]) > len(question.choices.names):
                faults.append(fault(field, "not_a_choice"))
                continue
            at_place[int(place[1])].append(name)
        faults += [fault(field_name(question, name), "same_rank", place=str(place))
                   for place, names in sorted(at_place.items()) if len(names) > 1 for name in names]
        if at_place or faults:
            faults += [fault(field, "not_ranked") for field in blank]
        if faults or not at_place:
            return Parsed(faults=tuple(faults))
        return Parsed([at_place[place][0] for place in sorted(at_place)])

    def _unknown_fields(self, question: Question, posted: Posted) -> Iterator[AnswerFault]:
        known = set(self.fields(question))
        for field, texts in posted.items():
            if field.startswith(field_name(question, "")) and field not in known and not all(map(is_blank, texts)):
                yield fault(question.name, "not_a_choice")
                return

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        """The names in one cell, from the first to the last."""
        names = given.split()
        if any(choosing.find(question, name) is None for name in names):
            return Parsed(faults=(fault(field, "not_a_choice"),))
        if len(names) != len(set(names)) or len(names) < len(question.choices.names):
            return Parsed(faults=(fault(field, "not_an_order"),))
        return Parsed(names)

    def part_label(self, question: Question, field: str, language: str, units: Units = ()) -> str:
        _, _, choice_name = field.partition(":")
        return choosing.label(question, choice_name, language)

    def _to_posted(self, question: Question, value: Any, units: Units, language: str) -> dict[str, list[str]]:
        return {field_name(question, name): [str(place)] for place, name in enumerate(value, 1)}

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return tuple(f"{place}. {choosing.label(question, name, language)}" for place, name in enumerate(value or (), 1))

    def _to_cells(self, question: Question, value: Any, units: Units) -> dict[str, str]:
        return {question.name: " ".join(value or ())}

    def _from_cells(self, question: Question, cells: Mapping[str, str], units: Units) -> Parsed:
        given = cells.get(question.name, "")
        return Parsed() if is_blank(given) else self._read(question, question.name, given)

    def _check(self, question: Question) -> Iterator[Misfit]:
        if any(choice.missing or choice.exclusive for choice in question.choices or ()):
            yield (
                "type",
                "Danh sách để xếp thứ tự có phương án “không biết” hoặc phương án loại trừ, không xếp thứ tự được.",
                "Bỏ phương án đó; “không biết” thì viết ở câu hỏi, ví dụ missing: [dont_know].",
            )
        if question.choice_filter:
            yield "choice_filter", "Câu xếp thứ tự luôn xếp cả danh sách, không lọc được.", "Bỏ choice_filter."
