"""What the columns of a response file mean: every question with its columns, codes, kinds of missing and routing in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from questionnaires import columns as response_columns
from questionnaires import paper
from questionnaires.answers import Units
from questionnaires.columns import NO_TIMES, Column, Named, TimesOf, own_name
from questionnaires.in_words import Spoken
from questionnaires.model import Choice, Group, Page, Question, Questionnaire, Text

#: what the column says that holds how often an open repeat was asked
TIMES_WORDS: Mapping[str, str] = {"vi": "Số lần hỏi", "km": "ចំនួនដងដែលបានសួរ", "en": "Times asked"}


@dataclass(frozen=True)
class Entry:
    """One question that has values, and all there is to know about them."""

    question: Question
    page: Page
    #: as on the paper form; "" for what nobody is asked: a calculated value, how often a repeat was asked
    number: str
    columns: tuple[Column, ...]
    #: a choice's code and label; kinds of missing of a question without choices have no label of their own
    codes: tuple[Choice, ...]
    repeat: Group | None = None
    #: all conditions around it, as written and in words; none and None: always asked
    conditions: tuple[str, ...] = ()
    asked_if: Spoken | None = None
    must: Spoken | None = None

    @property
    def condition(self) -> str:
        return self.conditions[0] if len(self.conditions) == 1 else " and ".join(f"({each})" for each in self.conditions)


def entries(form: Questionnaire, language: str, units: Units = (), named: Named = own_name,
            times: TimesOf = NO_TIMES) -> tuple[Entry, ...]:
    """In the order of the file. `named` gives the name that a question's column bears there, `times` how many columns a
    repeat has."""
    numbers, speaker = paper.numbers(form), paper.speaker(form, language)
    columns = response_columns.columns(form, units or None, times, named)
    found = []
    for about, run in groupby(columns, key=lambda column: (column.page, column.question)):
        page, asked = about
        question = asked or _times_asked(form, page.repeat)
        conditions = paper.conditions(page, question) if asked else paper.conditions_of(page.repeat, page)
        asked_if = speaker.say_all(conditions) if conditions else None
        must = speaker.say(question.constraint, question) if question.constraint else None
        found.append(Entry(question, page, numbers.get(question.name, ""), tuple(run), _codes(question), page.repeat,
                           conditions, asked_if, must))
    return tuple(found)


def _times_asked(form: Questionnaire, repeat: Group) -> Question:
    """As if somebody had been asked how often: it has a column like a question, and nobody can name a question so."""
    words = {language: f"{TIMES_WORDS.get(language, TIMES_WORDS['en'])}: {repeat.label.in_language(language) or repeat.name}"
             for language in form.languages}
    return Question(response_columns.times_column(repeat), "integer", Text(words))


def _codes(question: Question) -> tuple[Choice, ...]:
    if question.choices:
        return question.choices.choices
    return tuple(Choice(kind, Text(), kind) for kind in question.missing)
