"""A place on the map; stored as ODK writes it: latitude, longitude, and altitude and accuracy where known, with spaces."""

import re
from collections.abc import Mapping
from typing import Any

from questionnaires.answers.base import AnswerType, Parsed, Posted, Units, is_blank, single, western_digits
from questionnaires.answers.faults import AnswerFault, fault
from questionnaires.answers.numbers import canonical, written
from questionnaires.model import Question

#: receivers write many decimals
_COORDINATE = re.compile(r"([+-]?)([0-9]{1,3})(?:[.,]([0-9]{1,15}))?")
_METRES = re.compile(r"([+-]?)([0-9]{1,5})(?:[.,]([0-9]{1,15}))?")
#: part of the field's name -> how far from zero it can be
_PARTS: Mapping[str, int] = {"latitude": 90, "longitude": 180}
_LONGEST = 120


class GeoPoint(AnswerType):
    name = "geopoint"
    offers_missing = True
    collects = "location"

    def _fields(self, question: Question, units: Units) -> tuple[str, ...]:
        return tuple(f"{question.name}:{part}" for part in _PARTS)

    def _parse(self, question: Question, posted: Posted, units: Units) -> Parsed:
        given = {part: single(f"{question.name}:{part}", posted) for part in _PARTS}
        texts = [text for text, _ in given.values()]
        faults = [each for _, repeated in given.values() for each in repeated]
        numbers = []
        for part, (text, _) in given.items():
            if text:
                number, wrong = _coordinate(f"{question.name}:{part}", part, text)
                numbers.append(number)
                faults += wrong
        if any(texts) and not all(texts) and not faults:
            blank = next(part for part, (text, _) in given.items() if not text)
            faults.append(fault(f"{question.name}:{blank}", "half_place"))
        return Parsed(None if faults or not numbers else " ".join(numbers), tuple(faults))

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        """The text of one cell; commas between the numbers are not read, for a comma may be a decimal one."""
        parts = western_digits(given).split() if len(given) <= _LONGEST else []
        metres = [_METRES.fullmatch(text) for text in parts[2:]]
        if not 2 <= len(parts) <= 4 or not all(metres):
            return Parsed(faults=(fault(field, "not_a_place"),))
        read = [_coordinate(field, part, text) for part, text in zip(_PARTS, parts, strict=False)]
        faults = tuple(each for _, wrong in read for each in wrong)
        return Parsed(None if faults else " ".join([*(number for number, _ in read), *map(canonical, metres)]), faults[:1])

    def _to_posted(self, question: Question, value: Any, units: Units, language: str) -> dict[str, list[str]]:
        return {f"{question.name}:{part}": [written(number, language)]
                for part, number in zip(_PARTS, value.split(), strict=False)}

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return ("; ".join(written(number, language) for number in value.split()[:2]),) if value else ()

    def _from_cells(self, question: Question, cells: Mapping[str, str], units: Units) -> Parsed:
        given = cells.get(question.name, "").strip()
        return Parsed() if is_blank(given) else self._read(question, question.name, given)


def _coordinate(field: str, part: str, text: str) -> tuple[str, list[AnswerFault]]:
    match, most = _COORDINATE.fullmatch(western_digits(text)), _PARTS[part]
    if match is None:
        return "", [fault(field, "not_a_number")]
    number = canonical(match)
    if abs(float(number)) > most:
        return "", [fault(field, "out_of_range", least=f"-{most}", most=str(most))]
    return number, []
