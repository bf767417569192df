"""Which answers to one question matter to the conditions: one answer for each way of making them hold or not.

Two answers that no condition can tell apart count as one. Candidates are made from what the conditions compare with; the
answer type itself says which of them it takes, so nothing here knows the types. Where the candidates may not stand for
every answer, UNKNOWN joins them, and whatever then hangs on it is never called a fault.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import combinations, islice, pairwise
from typing import Any

from questionnaires.answers import type_of
from questionnaires.expression_tree import COMPARISONS, UNKNOWN, Answer, Call, Literal, Node, Unknown, evaluate, names, truth
from questionnaires.expressions import answer_text
from questionnaires.model import Question
from questionnaires.odk_semantics import as_number

#: more different answers than this to one question are not told apart one by one
MAX_VALUES = 300
#: sets of choices that are looked at for one question with several answers
MAX_SETS = 256
MAX_STEPS = 500

#: a text that no author compares with; its letters make texts of any length
_STRANGE = "ƣ"
_EPOCH = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal() - _EPOCH
_FIRST_DAY = date.min.toordinal() - _EPOCH
_FINEST = Decimal("0.000001")
_ALWAYS_TRIED = (*(Decimal(number) for number in (0, 1, -1)), *(Decimal(f"{sign}999999999999") for sign in ("", "-")))


@dataclass(frozen=True)
class Domain:
    """Stored answers, blank left out; UNKNOWN among them where others may be possible."""

    values: tuple[Any, ...]

    @property
    def known(self) -> bool:
        return UNKNOWN not in self.values


@dataclass
class _Compared:
    """What the conditions compare one answer with."""

    numbers: set[Decimal] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    lengths: set[int] = field(default_factory=set)
    chosen: set[str] = field(default_factory=set)
    counts: set[int] = field(default_factory=set)
    #: something else is asked of the answer, so that the candidates may not be all that matter
    more: bool = False


def text_of(value: Any) -> str | Unknown:
    return value if isinstance(value, Unknown) else answer_text(value)


def possible(
    question: Question, conditions: Sequence[Node], *, each_counts: bool = False
) -> tuple[tuple[Any, ...], bool]:
    """Answers that the type takes, and whether they stand for all of them, as the conditions see them."""
    answer_type = type_of(question)
    if question.calculation or not (answer_type.asks and answer_type.in_expressions):
        return (), False
    compared = _Compared(more=each_counts)
    for condition in conditions:
        _compare(condition, compared)
    if answer_type.takes_choices and question.choices:
        return _choices(question, compared)
    return _open_answers(question, compared)


def domain(
    question: Question, conditions: Sequence[Node], constraint: Node | None, *, each_counts: bool = False
) -> Domain:
    """The answers that its constraint lets through, one for each way of deciding the conditions.

    `each_counts`: a condition compares the answer with another answer, so that every one is different.
    """
    values, known = possible(question, [*conditions, *([constraint] if constraint else [])], each_counts=each_counts)
    kept, seen = [], set()
    for value in values:
        allowed = _allowed(question, value, constraint)
        if allowed is None:
            known = False
        if not allowed:
            continue
        key = answer_text(value) if each_counts else tuple(truth(each, looking_at(value)) for each in conditions)
        if key not in seen:
            seen.add(key)
            kept.append(value)
    if len(kept) > MAX_VALUES:
        kept, known = kept[:MAX_VALUES], False
    return Domain(tuple(kept) if known else (*kept, UNKNOWN))


def looking_at(value: Any):
    """Sees one answer, whatever it is called."""
    text = text_of(value)
    return lambda _: text


def _allowed(question: Question, value: Any, constraint: Node | None) -> bool | None:
    if constraint is None or type_of(question).is_missing(question, value):
        return True
    return truth(constraint, looking_at(value))


# -- what is compared ----------------------------------------------------------------------------------------------


def _compare(condition: Node, compared: _Compared) -> None:
    """Note what one atom, or a whole constraint, asks of the answer."""
    if isinstance(condition, Literal | Answer):
        return
    if condition.symbol in ("and", "or", "not", "boolean", "if"):
        for operand in condition.operands:
            _compare(operand, compared)
        return
    if condition.symbol in COMPARISONS and len(condition.operands) == 2:
        left, right = condition.operands
        if names(left) and not names(right):
            _compare_with(left, right, condition.symbol, compared)
            return
        if names(right) and not names(left):
            _compare_with(right, left, condition.symbol, compared)
            return
    elif condition.symbol == "selected" and isinstance(condition.operands[0], Answer):
        if isinstance(condition.operands[1], Literal):
            compared.chosen.add(str(condition.operands[1].value))
            return
    elif not names(condition):
        return
    _note_the_rest(condition, compared)


def _compare_with(side: Node, constant: Node, symbol: str, compared: _Compared) -> None:
    value = evaluate(constant, lambda _: "")
    if isinstance(value, Unknown):
        compared.more = True
        return
    line = _line(side)
    if isinstance(side, Call) and side.symbol in ("string-length", "count-selected") and _is_answer(side.operands[0]):
        number = as_number(value)
        around = {max(0, int(number) + step) for step in (-1, 0, 1, 2)} if math.isfinite(number) else {1}
        if side.symbol == "count-selected":
            compared.counts |= around
        else:
            compared.lengths |= around
    elif line is None:
        _note_the_rest(Call(symbol, (side, constant)), compared)
    else:
        if isinstance(value, str) and symbol in ("=", "!=") and not isinstance(side, Call):
            compared.texts.add(value)
            return
        _note_number(value, line, compared)


def _note_number(value: Any, line: tuple[float, float], compared: _Compared) -> None:
    slope, start = line
    number = as_number(value)
    if isinstance(value, bool) or not math.isfinite(number):
        return
    try:
        at = Decimal(repr((number - start) / slope))
    except (InvalidOperation, OverflowError):
        compared.more = True
        return
    if abs(at) < Decimal("1e13"):
        compared.numbers.add(at)


def _line(node: Node) -> tuple[float, float] | None:
    """slope and start, where the node is a straight line over the answer as a number; None where it is something else."""
    if isinstance(node, Answer):
        return 1.0, 0.0
    if isinstance(node, Literal):
        return None
    if node.symbol in ("number", "date") and _is_answer(node.operands[0]):
        return 1.0, 0.0
    if node.symbol == "negative" and (line := _line(node.operands[0])):
        return -line[0], -line[1]
    if node.symbol not in ("+", "-", "*", "div") or len(node.operands) != 2:
        return None
    left, right = node.operands
    if names(left) and names(right):
        return None
    line = _line(left) if names(left) else _line(right)
    constant = evaluate(right if names(left) else left, lambda _: "")
    number = math.nan if isinstance(constant, Unknown) else as_number(constant)
    if line is None or not math.isfinite(number):
        return None
    return _moved(node.symbol, line, number, answer_first=bool(names(left)))


def _moved(symbol: str, line: tuple[float, float], number: float, *, answer_first: bool) -> tuple[float, float] | None:
    slope, start = line
    if symbol == "+":
        return slope, start + number
    if symbol == "-":
        return (slope, start - number) if answer_first else (-slope, number - start)
    if not number or (symbol == "div" and not answer_first):
        return None
    return (slope * number, start * number) if symbol == "*" else (slope / number, start / number)


def _is_answer(node: Node) -> bool:
    return isinstance(node, Answer)


def _note_the_rest(condition: Node, compared: _Compared) -> None:
    compared.more = True
    for part in _literals(condition):
        compared.texts.add(str(part.value) if isinstance(part.value, str) else "")
        if not isinstance(part.value, str):
            _note_number(part.value, (1.0, 0.0), compared)


def _literals(node: Node) -> Iterator[Literal]:
    if isinstance(node, Literal):
        yield node
    elif isinstance(node, Call):
        for operand in node.operands:
            yield from _literals(operand)


# -- answers without choices ---------------------------------------------------------------------------------------


def _open_answers(question: Question, compared: _Compared) -> tuple[tuple[Any, ...], bool]:
    steps = _numbered(question)
    if steps is not None:
        return tuple(_taken(question, map(_plain, steps))), True
    texts = [*compared.texts, _STRANGE]
    for number in _numbers_around(compared.numbers):
        texts += [_plain(number), f"{_plain(number)}.0"]
        if number == number.to_integral_value() and _FIRST_DAY <= number <= _LAST_DAY:
            texts.append(date.fromordinal(int(number) + _EPOCH).isoformat())
    texts += [date.min.isoformat(), date.max.isoformat()]
    for length in compared.lengths:
        texts += [_STRANGE * length, "1" * length]
    values = tuple(_taken(question, texts))
    takes_any_text = _accepted(question, _STRANGE) is not None
    # a type that writes every answer in another way than we do has answers between ours
    as_written = any(_accepted(question, text) == text for text in texts)
    known = as_written and not compared.more and not compared.chosen and not compared.counts
    if compared.lengths:
        known = known and takes_any_text and not compared.numbers
    return values, known and not question.parameters


def _numbers_around(thresholds: set[Decimal]) -> list[Decimal]:
    """The thresholds, what stands just beside them, and something between any two."""
    found = {*_ALWAYS_TRIED, *thresholds}
    for number in thresholds:
        floor = number.to_integral_value("ROUND_FLOOR")
        found |= {floor - 1, floor, floor + 1, floor + 2, number - _FINEST, number + _FINEST}
    found |= {(low + high) / 2 for low, high in pairwise(sorted(found))}
    return sorted({number.quantize(_FINEST) for number in found if abs(number) < Decimal("1e13")})


def _numbered(question: Question) -> list[Decimal] | None:
    """All steps from `start` to `end`, where the question's parameters count them."""
    if not {"start", "end"} <= set(question.parameters):
        return None
    try:
        start, end, step = (Decimal(question.parameters.get(key, "1")) for key in ("start", "end", "step"))
        count = int((end - start) / step)
    except (ArithmeticError, ValueError):
        return None
    return [start + step * index for index in range(count + 1)] if 0 <= count <= MAX_STEPS else None


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _taken(question: Question, texts: Iterable[str]) -> Iterator[Any]:
    seen = set()
    for text in texts:
        value = _accepted(question, text)
        key = answer_text(value)
        if value is not None and key not in seen:
            seen.add(key)
            yield value


def _accepted(question: Question, text: str) -> Any:
    """The stored answer that the type makes of a text; None where it refuses."""
    parsed = type_of(question).from_cells(question, {question.name: text})
    return None if parsed.faults or not parsed.value else parsed.value


# -- answers with choices ------------------------------------------------------------------------------------------


def _choices(question: Question, compared: _Compared) -> tuple[tuple[Any, ...], bool]:
    """Which kind of answer a list makes, the type shows with the first choices; all of them is asking too often."""
    names = tuple(dict.fromkeys(question.choices.names))
    ordinary = [choice.name for choice in question.choices if not (choice.missing or choice.exclusive)]
    closed = _accepted(question, _STRANGE) is None
    if names and _accepted(question, names[0]) == names[0]:
        return names, closed
    pair = ordinary[:2]
    if not _accepted(question, " ".join(pair)) == _accepted(question, " ".join(reversed(pair))) == pair:
        return (), False  # not simply a set in the list's order
    sets, all_of_them = _sets(ordinary, compared)
    place = {name: index for index, name in enumerate(ordinary)}
    alone = [[name] for name in names if name not in place]
    return (*alone, *(sorted(each, key=place.__getitem__) for each in sets)), closed and all_of_them


def _sets(ordinary: list[str], compared: _Compared) -> tuple[list[tuple[str, ...]], bool]:
    """Sets of choices: all of them where they are few, otherwise all of the ones that are named, with some of the others."""
    if compared.more or compared.numbers:
        few = 2 ** min(len(ordinary), 20) <= MAX_SETS
        sizes = range(1, len(ordinary) + 1) if few else (1, 2, len(ordinary))
        return list(islice((each for size in sizes for each in combinations(ordinary, size)), MAX_SETS)), few
    words = compared.chosen | {word for text in compared.texts for word in text.split()}
    named = [name for name in ordinary if name in words]
    others = [name for name in ordinary if name not in words]
    extra = sorted(
        {0, min(1, len(others)), *_numbers_of_others(compared.counts, len(named), len(others))}
    )
    if 2 ** min(len(named), 20) * len(extra) > MAX_SETS:
        return [(each,) for each in ordinary], False
    chosen = [each for size in range(len(named) + 1) for each in combinations(named, size)]
    return [(*each, *others[:count]) for each in chosen for count in extra if each or count], True


def _numbers_of_others(counts: set[int], named: int, others: int) -> Iterator[int]:
    """How many unnamed choices must join so that every total which is asked for comes out, whatever named ones there are."""
    for count in counts:
        yield from range(max(0, count - named), min(count, others) + 1)
    yield from (others if counts else min(2, others),)
