"""One choice for each unit handed in; stored as {unit code: choice name}."""

from collections.abc import Mapping
from typing import Any

from questionnaires.answers import choosing
from questionnaires.answers.base import AnswerType, Parsed, Posted, Units, is_blank, single
from questionnaires.answers.faults import fault
from questionnaires.model import Question


def field_name(question: Question, unit_code: str) -> str:
    return f"{question.name}:{unit_code}"


class RatingMatrix(AnswerType):
    name = "rating_matrix"
    takes_choices = True
    rates_on_scale = True
    rates_many_units = True
    in_expressions = False

    def _fields(self, question: Question, units: Units) -> tuple[str, ...]:
        return tuple(field_name(question, unit.code) for unit in units)

    def _parse(self, question: Question, posted: Posted, units: Units) -> Parsed:
        ratings: dict[str, str] = {}
        faults = list(self._unknown_units(question, posted, units))
        for unit in units:
            field = field_name(question, unit.code)
            given, repeated = single(field, posted)
            if repeated or not given:
                faults += repeated
                continue
            row = self._read(question, field, given)
            faults += row.faults
            if row.value:
                ratings[unit.code] = row.value
        return Parsed(None if faults else ratings or None, tuple(faults))

    def _unknown_units(self, question: Question, posted: Posted, units: Units):
        known = set(self.fields(question, units))
        for field, texts in posted.items():
            if (
                field.startswith(field_name(question, ""))
                and field not in known
                and not all(map(is_blank, texts))
            ):
                yield fault(field, "unknown_unit")

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        if choosing.find(question, given):
            return Parsed(given)
        return Parsed(faults=(fault(field, "not_a_choice"),))

    def unanswered_fields(self, question: Question, value: Any, units: Units = ()) -> tuple[str, ...]:
        return tuple(field_name(question, unit.code) for unit in units if not (value or {}).get(unit.code))

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        names = {unit.code: unit.name for unit in units}
        ordered = [code for code in names if code in (value or {})] + [
            code for code in value or {} if code not in names
        ]
        return tuple(
            f"{names.get(code, code)}: {choosing.label(question, value[code], language)}" for code in ordered
        )

    def part_label(self, question: Question, field: str, language: str, units: Units = ()) -> str:
        return next((unit.name for unit in units if field == field_name(question, unit.code)), "")

    def _to_posted(self, question: Question, value: Any, units: Units, language: str) -> dict[str, list[str]]:
        return {field_name(question, unit.code): [value[unit.code]] for unit in units if unit.code in value}

    def columns(self, question: Question, units: Units = ()) -> tuple[str, ...]:
        return self._fields(question, units)

    def _to_cells(self, question: Question, value: Any, units: Units) -> dict[str, str]:
        return {field_name(question, unit.code): (value or {}).get(unit.code, "") for unit in units}

    def _from_cells(self, question: Question, cells: Mapping[str, str], units: Units) -> Parsed:
        """A row carries its matrix columns only; one for a unit that is not handed in is a fault if it is filled in."""
        mine = {
            column: [text] for column, text in cells.items() if column.startswith(field_name(question, ""))
        }
        return self.parse(question, mine, units)
