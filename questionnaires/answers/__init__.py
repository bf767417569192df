"""The answer types: one module each, one registry. Nothing else in the house asks which type a question has."""

from collections.abc import Mapping
from types import MappingProxyType

from questionnaires.answers.base import AnswerType, Parsed, Posted, Units, UnitToRate
from questionnaires.answers.dates import Day
from questionnaires.answers.faults import WORDS, AnswerFault, fault
from questionnaires.answers.note import Note
from questionnaires.answers.numbers import DecimalNumber, Integer
from questionnaires.answers.rating_matrix import RatingMatrix
from questionnaires.answers.select_multiple import SelectMultiple
from questionnaires.answers.select_one import SelectOne
from questionnaires.answers.text import FreeText
from questionnaires.model import Question

REGISTRY: Mapping[str, AnswerType] = MappingProxyType(
    {
        answer_type.name: answer_type
        for answer_type in (
            SelectOne(),
            SelectMultiple(),
            Integer(),
            DecimalNumber(),
            FreeText(),
            Day(),
            Note(),
            RatingMatrix(),
        )
    }
)


def type_of(question: Question) -> AnswerType:
    return REGISTRY[question.type]


__all__ = [
    "REGISTRY",
    "WORDS",
    "AnswerFault",
    "AnswerType",
    "Parsed",
    "Posted",
    "UnitToRate",
    "Units",
    "fault",
    "type_of",
]
