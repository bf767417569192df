"""What the columns of a response file mean: every question with its columns, codes, kinds of missing and routing in words."""

from collections.abc import Callable
from dataclasses import dataclass

from questionnaires import paper
from questionnaires.answers import Units, UnitToRate, type_of
from questionnaires.in_words import Spoken
from questionnaires.model import Choice, Group, Page, Question, Questionnaire, Text

#: in the name of a column where a unit's code will stand, as long as nobody has said which units are rated
ANY_UNIT = "*"


@dataclass(frozen=True)
class Column:
    """One column of the response file; `unit` where every unit has its own."""

    name: str
    unit: UnitToRate | None = None


@dataclass(frozen=True)
class Entry:
    """One question that is answered, and all there is to know about its values."""

    question: Question
    page: Page
    #: as on the paper form
    number: str
    columns: tuple[Column, ...]
    #: a choice's code and label; kinds of missing of a question without choices have no label of their own
    codes: tuple[Choice, ...]
    repeat: Group | None = None
    #: all conditions around it, as written and in words; "" and None: always asked
    condition: str = ""
    asked_if: Spoken | None = None
    must: Spoken | None = None


def entries(form: Questionnaire, language: str, units: Units = (),
            named: Callable[[Question], str] = lambda question: question.name) -> tuple[Entry, ...]:
    """In the order of the form. `named` gives the name that a question's column bears in the response file."""
    numbers, speaker = paper.numbers(form), paper.speaker(form, language)
    found = []
    for page in form.pages:
        for question in page.questions:
            if not type_of(question).asks:
                continue
            conditions = paper.conditions(page, question)
            asked_if = speaker.say_all(conditions) if conditions else None
            must = speaker.say(question.constraint, question) if question.constraint else None
            columns = _columns(question, units, named(question))
            found.append(Entry(question, page, numbers[question.name], columns, _codes(question), page.repeat,
                               _joined(conditions), asked_if, must))
    return tuple(found)


def _joined(conditions: tuple[str, ...]) -> str:
    return conditions[0] if len(conditions) == 1 else " and ".join(f"({condition})" for condition in conditions)


def _codes(question: Question) -> tuple[Choice, ...]:
    if question.choices:
        return question.choices.choices
    return tuple(Choice(kind, Text(), kind) for kind in question.missing)


def _columns(question: Question, units: Units, name: str) -> tuple[Column, ...]:
    kind = type_of(question)
    if kind.rates_many_units:
        rated = units or (UnitToRate(ANY_UNIT, ""),)
        return tuple(Column(f"{name}:{unit.code}", unit if units else None) for unit in rated)
    return tuple(Column(name + column.removeprefix(question.name)) for column in kind.columns(question, units))
