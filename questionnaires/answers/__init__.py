"""The answer types: one module each, one registry. Nothing else in the house asks which type a question has."""

from collections.abc import Mapping
from types import MappingProxyType

from questionnaires.answers import acknowledge, attachments, missing
from questionnaires.answers.acknowledge import Acknowledge
from questionnaires.answers.attachments import File, Image
from questionnaires.answers.base import AnswerType, Misfit, Parsed, Posted, Units, UnitToRate
from questionnaires.answers.calculate import Calculate
from questionnaires.answers.dates import Day
from questionnaires.answers.faults import WORDS, AnswerFault, fault
from questionnaires.answers.geopoint import GeoPoint
from questionnaires.answers.note import Note
from questionnaires.answers.numbers import DecimalNumber, Integer
from questionnaires.answers.ranges import Range
from questionnaires.answers.rank import Rank
from questionnaires.answers.rating_matrix import RatingMatrix
from questionnaires.answers.select_multiple import SelectMultiple
from questionnaires.answers.select_one import SelectOne
from questionnaires.answers.text import FreeText
from questionnaires.answers.times import TimeOfDay
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
            Rank(),
            Range(),
            TimeOfDay(),
            Acknowledge(),
            Calculate(),
            GeoPoint(),
            Image(),
            File(),
        )
    }
)

#: what stands for an answer in our own words, not the questionnaire's: gettext msgids of the web pages
OWN_WORDS: tuple[str, ...] = (*missing.WORDS.values(), acknowledge.WORDS, attachments.WORDS)


def type_of(question: Question) -> AnswerType:
    return REGISTRY[question.type]


__all__ = [
    "OWN_WORDS",
    "REGISTRY",
    "WORDS",
    "AnswerFault",
    "AnswerType",
    "Misfit",
    "Parsed",
    "Posted",
    "UnitToRate",
    "Units",
    "fault",
    "type_of",
]
