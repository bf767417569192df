"""A compiled expression as a frozen tree of our own, and its meaning where some answers are not known.

The checks before publishing look into conditions: which answers they compare with what, and whether they can ever hold.
They see literals, answers and calls, nothing of the parser's. Functions that this module does not know are allowed to give
anything: nobody is told of a fault because of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from elementpath.xpath_tokens import XPathToken

from questionnaires.expressions import Expression
from questionnaires.odk_semantics import FUNCTIONS, OPERATORS, Value, as_number, as_text, as_truth

#: the name of the answer being checked
CURRENT = "."
COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})

_PREFIX = "q_"
_LITERALS = frozenset({"(string)", "(integer)", "(decimal)", "(float)"})
#: functions whose value depends on nothing but their arguments; one that sees a clock or other answers is not among them
_PLAIN = frozenset(
    (
        *("selected", "count-selected", "selected-at", "if", "coalesce", "regex", "not", "true", "false", "boolean"),
        *("number", "string", "date", "int", "round", "abs", "pow", "min", "max", "concat", "contains", "starts-with"),
        *("ends-with", "string-length", "substr", "substring-before", "substring-after", "normalize-space", "translate"),
    )
)
_NEGATIVE = "negative"


class Unknown:
    """An answer that is there, but nobody can say which it is."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
Known = Value | Unknown


@dataclass(frozen=True)
class Literal:
    value: Value


@dataclass(frozen=True)
class Answer:
    #: the question's name, or CURRENT
    name: str


@dataclass(frozen=True)
class Call:
    """An operator or a function; `negative` is the minus before one operand."""

    symbol: str
    operands: tuple["Node", ...]


Node = Literal | Answer | Call
Look = Callable[[str], str | Unknown]
TRUE: Final = Literal(True)


def tree(expression: Expression) -> Node:
    return _node(expression._root)


def _node(token: XPathToken) -> Node:
    if token.symbol in _LITERALS:
        return Literal(token.value if isinstance(token.value, str) else float(token.value))
    if token.symbol == "$":
        return Answer(str(token.value).removeprefix(_PREFIX))
    if token.symbol == ".":
        return Answer(CURRENT)
    operands = tuple(_node(child) for child in token)
    if token.symbol == "(" and len(operands) == 1:
        return operands[0]
    if token.symbol == "-" and len(operands) == 1:
        return Call(_NEGATIVE, operands)
    if token.symbol in ("min", "max") and any(isinstance(operand, Answer) for operand in operands):
        return Call(f"{token.symbol} over times", operands)  # the answer may be that of every time of a repeat
    return Call(token.symbol, operands)


def names(node: Node) -> frozenset[str]:
    """The answers that it looks at."""
    return frozenset(part.name for part in walk(node) if isinstance(part, Answer))


def walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Call):
        for operand in node.operands:
            yield from walk(operand)


def atoms(node: Node) -> Iterator[Node]:
    """The smallest parts whose truth decides the whole's: what stands between `and`, `or`, `not` and the parts of `if`."""
    if isinstance(node, Call) and node.symbol in ("and", "or", "not", "boolean", "if"):
        for operand in node.operands:
            yield from atoms(operand)
    elif not isinstance(node, Literal):
        yield node


def truth(node: Node, look: Look) -> bool | None:
    """Whether it holds; None where that depends on what is not known."""
    value = evaluate(node, look)
    if isinstance(value, Unknown):
        return True if isinstance(node, Answer) else None
    return as_truth(value)


def evaluate(node: Node, look: Look) -> Known:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Answer):
        return look(node.name)
    if node.symbol in _UNKNOWN_MAY_NOT_MATTER:
        return _UNKNOWN_MAY_NOT_MATTER[node.symbol](node, look)
    values = [evaluate(operand, look) for operand in node.operands]
    if any(isinstance(value, Unknown) for value in values):
        return _despite_unknown(node, values)
    if node.symbol == _NEGATIVE:
        return -as_number(values[0])
    if node.symbol in OPERATORS:
        return OPERATORS[node.symbol][1](*values)
    return FUNCTIONS[node.symbol].meaning(*values) if node.symbol in _PLAIN else UNKNOWN


def _despite_unknown(node: Call, values: list[Known]) -> Known:
    """An answer that is there is not the empty text, whatever it is."""
    if node.symbol in ("=", "!=") and "" in values and any(isinstance(operand, Answer) for operand in node.operands):
        return node.symbol == "!="
    return UNKNOWN


def _and(node: Call, look: Look) -> Known:
    left = truth(node.operands[0], look)
    if left is False:
        return False
    right = truth(node.operands[1], look)
    return False if right is False else UNKNOWN if left is None or right is None else True


def _or(node: Call, look: Look) -> Known:
    left = truth(node.operands[0], look)
    if left:
        return True
    right = truth(node.operands[1], look)
    return True if right else UNKNOWN if left is None or right is None else False


def _if(node: Call, look: Look) -> Known:
    condition = truth(node.operands[0], look)
    if condition is not None:
        return evaluate(node.operands[1 if condition else 2], look)
    then, otherwise = (evaluate(operand, look) for operand in node.operands[1:])
    same = not isinstance(then, Unknown) and not isinstance(otherwise, Unknown) and as_text(then) == as_text(otherwise)
    return then if same and type(then) is type(otherwise) else UNKNOWN


_UNKNOWN_MAY_NOT_MATTER: dict[str, Callable[[Call, Look], Known]] = {"and": _and, "or": _or, "if": _if}
