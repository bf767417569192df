"""A questionnaire as it stands on paper: numbered questions, when each is answered, and where a ticked choice leads.

On paper nobody hides a question, so routing is said twice: before a question, when it is to be answered (`when`), and at the
choice that makes questions fall away, where to go on (`onward`). The second is worked out with the very conditions of the form:
a choice leads past every question after it that is sure not to apply.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from questionnaires import expressions
from questionnaires.answers import type_of
from questionnaires.columns import known_times
from questionnaires.in_words import Speaker, Spoken
from questionnaires.model import Choice, ChoiceList, Group, Page, Question, Questionnaire

#: how many times a repeat without a count that is a number is printed
COPIES = 3
#: questions in a row with the same few choices are set as one table, as people know it from printed forms
GRID_FROM = 2
GRID_CHOICES = 7
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Item:
    """One question: its number ("" for a note), when it is answered, what its answer must be, where its choices lead."""

    question: Question
    number: str
    when: Spoken | None = None
    must: Spoken | None = None
    #: choice -> the number of the question to go on with; "" for: nothing more in this form (or this time of a repeat)
    onward: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True)
class Grid:
    """Neighbours that share their choices, one line each."""

    items: tuple[Item, ...]
    choices: ChoiceList
    group: Group | None = None
    when: Spoken | None = None


@dataclass(frozen=True)
class Heading:
    """The beginning of a group inside a page."""

    group: Group


Block = Item | Grid | Heading


@dataclass(frozen=True)
class Section:
    """One page of the form, or one time of a page that repeats."""

    page: Page
    blocks: tuple[Block, ...]
    #: groups of pages that begin here
    opening: tuple[Group, ...] = ()
    when: Spoken | None = None
    #: of a repeat: which time this is
    time: int | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for block in self.blocks for item in items_of(block))


@dataclass(frozen=True)
class Paper:
    form: Questionnaire
    language: str
    sections: tuple[Section, ...]


def items_of(block: Block) -> tuple[Item, ...]:
    if isinstance(block, Grid):
        return block.items
    return (block,) if isinstance(block, Item) else ()


def numbers(form: Questionnaire) -> dict[str, str]:
    """Question -> its number on paper; notes and whatever nobody answers by hand have none."""
    asked = [question.name for question in form.questions if _is_numbered(question)]
    return {name: str(position) for position, name in enumerate(asked, 1)}


def speaker(form: Questionnaire, language: str) -> Speaker:
    return Speaker(form, language, numbers(form).get)


def lay_out(form: Questionnaire, language: str) -> Paper:
    layout = _Layout(form, language)
    return Paper(form, language, tuple(layout.sections()))


def conditions(page: Page, question: Question) -> tuple[str, ...]:
    """Everything that must hold for a question to be asked, from the outermost group inwards."""
    around = [*page.within, page, *question.within, question]
    return tuple(each.relevant for each in around if each.relevant)


def conditions_of(group: Group, page: Page) -> tuple[str, ...]:
    """The same for a group of pages, as one of its pages has it around itself."""
    return tuple(each.relevant for each in page.within[: page.within.index(group) + 1] if each.relevant)


def _is_numbered(question: Question) -> bool:
    return type_of(question).asks


def _is_printed(question: Question) -> bool:
    """Asked, or told; what has no words (a calculation) has no place on paper."""
    return type_of(question).asks or bool(question.label)


class _Layout:
    def __init__(self, form: Questionnaire, language: str):
        self.form = form
        self.numbers = numbers(form)
        self.speaker = speaker(form, language)
        self.order = [(page, question) for page in form.pages for question in page.questions]

    def sections(self) -> Iterator[Section]:
        opened: tuple[Group, ...] = ()
        for repeat, run in groupby(self.form.pages, key=lambda page: page.repeat):
            pages = list(run)
            for time in range(1, _times(repeat) + 1) if repeat else (None,):
                for page in pages:
                    opening = tuple(group for group in page.within if group not in opened and group.label)
                    opened = page.within
                    yield self._section(page, opening if time in (None, 1) else (), time)

    def _section(self, page: Page, opening: tuple[Group, ...], time: int | None) -> Section:
        when = self.speaker.say_all(tuple(each.relevant for each in (*page.within, page)))
        return Section(page, tuple(self._blocks(page)), opening, when if when.text else None, time)

    def _blocks(self, page: Page) -> Iterator[Block]:
        shown = [question for question in page.questions if _is_printed(question)]
        items = [self._item(question) for question in shown]
        inside: tuple[Group, ...] = ()
        for key, run in groupby(items, key=_grid_key):
            members = tuple(run)
            table = next((group for group in members[0].question.within if group.appearance == "table-list"), None)
            if key and (table or len(members) >= GRID_FROM):
                yield from self._headings(members[0].question, inside, table)
                inside = members[0].question.within
                yield self._grid(members, table)
                continue
            for item in members:
                yield from self._headings(item.question, inside, None)
                inside = item.question.within
                yield item

    def _headings(self, question: Question, inside: tuple[Group, ...], but: Group | None) -> Iterator[Heading]:
        yield from (Heading(group) for group in question.within if group not in inside and group != but and group.label)

    def _grid(self, members: tuple[Item, ...], table: Group | None) -> Grid:
        """A condition that all lines share is said once, above them."""
        shared = members[0].when
        if all(item.when == shared for item in members):
            bare = tuple(Item(item.question, item.number, None, item.must, item.onward) for item in members)
            return Grid(bare, members[0].question.choices, table, shared)
        return Grid(members, members[0].question.choices, table)

    def _item(self, question: Question) -> Item:
        when = self.speaker.say_all(tuple(each.relevant for each in (*question.within, question)))
        must = self.speaker.say(question.constraint, question) if question.constraint else None
        return Item(question, self.numbers.get(question.name, ""), when if when.text else None, must, self._onward(question))

    # -- where a choice leads --------------------------------------------------------------------------------------

    def _onward(self, question: Question) -> dict[str, str]:
        if question.name not in self.numbers or not question.choices or not type_of(question).in_expressions:
            return {}
        if type_of(question).parse(question, {question.name: list(question.choices.names[:2])}).value is not None:
            return {}  # several may be ticked: no single choice decides
        targets = {choice.name: self._target(question, choice) for choice in question.choices}
        return {name: target for name, target in targets.items() if target is not None}

    def _target(self, question: Question, choice: Choice) -> str | None:
        """The next question that may apply once this choice is ticked; None where that is simply the next one."""
        position = next(index for index, (_, each) in enumerate(self.order) if each is question)
        repeat = self.order[position][0].repeat
        settled, passed = {question.name}, False
        for page, after in self.order[position + 1:]:
            if repeat and page.repeat != repeat:
                break
            if not self._is_out(conditions(page, after), settled, {question.name: choice.name}):
                if after.name in self.numbers:
                    return self.numbers[after.name] if passed else None
                continue
            settled.add(after.name)
            passed = passed or after.name in self.numbers
        return "" if passed else None

    def _is_out(self, given: tuple[str, ...], settled: set[str], answers: Mapping[str, str]) -> bool:
        """Surely not asked: a condition that looks only at what is settled does not hold."""
        for condition in given:
            compiled = expressions.compile(condition)
            if compiled.references and set(compiled.references) <= settled and not compiled.evaluate(answers):
                return True
        return False


def _times(group: Group) -> int:
    known = known_times(group)
    return min(COPIES, group.repeat.most) if known is None else known


def _grid_key(item: Item) -> tuple | None:
    """What neighbours must share to stand in one table; None where a question stands alone."""
    question = item.question
    kind = type_of(question)
    table = next((group.name for group in question.within if group.appearance == "table-list"), "")
    if not question.choices or not kind.rates_on_scale or kind.rates_many_units or question.choice_filter or not item.number:
        return None
    if not table and (item.onward or item.when or item.must or len(question.choices.choices) > GRID_CHOICES):
        return None
    return question.choices.name, table, tuple(group.name for group in question.within)
