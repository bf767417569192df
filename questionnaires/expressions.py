"""`relevant` and `constraint`: the ODK XPath of XLSForm, parsed and evaluated by elementpath, never by eval.

`${name}` is another question's answer, `.` the answer being checked; a question without an answer is the empty text. In a
choice_filter a bare name is an attribute of the choice in question.
"""

import datetime
import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from elementpath import ElementPathError, XPathContext
from elementpath.xpath_tokens import XPathToken

from questionnaires import regex_guard
from questionnaires.odk_parser import TOLD, OdkParser
from questionnaires.odk_semantics import FUNCTIONS, OPERATORS, OVER_TIMES, Times, Value, as_text, as_truth

MAX_LENGTH = 1_000
MAX_TOKENS = 250
MAX_DEPTH = 40

_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")
_REFERENCE = re.compile(r"\$\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}")
_CALL = re.compile(r"([A-Za-z_][\w:.-]*)\s*\(")
#: ODK writes position(..) for the number of the time being asked; there are no paths here
_POSITION = re.compile(r"\bposition\s*\(\s*\.\.\s*\)")
_PIECE = re.compile(r"'[^']*'|\"[^\"]*\"|[\w.]+|\S")

#: questions may bear a function's name (`date`); as variables they get a prefix so that the parser can tell them apart
_PREFIX = "q_"
_ATTRIBUTE = "a_"
#: functions of ODK that will never be here, and why
_REFUSED = {
    "now": "giờ gửi phiếu không được lưu", "random": "thứ tự ngẫu nhiên dùng parameters: {randomize: true}",
    "uuid": "mã máy có thể dò ra người trả lời", "pulldata": "phiếu không đọc tệp bên ngoài",
    "instance": "phiếu không đọc tệp bên ngoài", "once": "giá trị luôn được tính lại",
    "digest": "không dùng mã băm trong phiếu",
}

#: elementpath asks the system's clock unless it is told a time; no ODK function we allow reads it
_NO_CLOCK = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


class ExpressionError(ValueError):
    """The expression cannot be used: why, and what to do, in Vietnamese."""

    def __init__(self, reason: str, mend: str):
        super().__init__(f"{reason} {mend}")
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True)
class Known:
    """What an expression is told beside answers: the day of answering, and in a repeat which time is being asked (from 1).

    Who judges many forms that are much alike brings a memory: what has been worked out once is looked up in it.
    """

    today: datetime.date | None = None
    position: int | None = None
    memory: dict[tuple, Value] | None = field(default=None, compare=False, repr=False)


NOTHING_KNOWN = Known()
#: a memory takes no more than this
MOST_REMEMBERED = 200_000
#: a value longer than this is cut: calculates that put one another together would grow without end
LONGEST_TEXT = 10_000
NO_CHOICE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Expression:
    source: str
    #: the names of the questions it looks at, in the order they are first named
    references: tuple[str, ...]
    #: whether it looks at the answer being checked (`.`)
    uses_current: bool
    #: text literals that a question's answer is compared with or selected by: (question name or ".", text)
    compared_texts: tuple[tuple[str, str], ...]
    #: of the references, those that stand alone as an argument of a function over all times of a repeat
    over_times: frozenset[str]
    #: of these, those of which indexed-repeat takes one time
    indexed: frozenset[str]
    #: whether it asks which time of a repeat is being asked
    uses_position: bool
    #: whether it asks which day it is
    uses_today: bool
    #: attributes of the choice in question that it looks at
    attributes: tuple[str, ...]
    _root: XPathToken = field(repr=False, compare=False)

    @property
    def root(self) -> XPathToken:
        """The parsed tree, for those who say it in other words."""
        return self._root

    def value(self, answers: Mapping[str, Any], current: Any = None, known: Known = NOTHING_KNOWN,
              choice: Mapping[str, str] = NO_CHOICE) -> Value:
        variables: dict[str, Any] = {_PREFIX + name: answer_text(answers.get(name)) for name in self.references}
        variables |= {_ATTRIBUTE + name: choice.get(name, "") for name in self.attributes}
        if self.uses_today:
            variables[TOLD + "today"] = known.today.isoformat() if known.today else ""
        if self.uses_position:
            variables[TOLD + "position"] = float(known.position) if known.position else ""
        item = answer_text(current) if self.uses_current else ""
        if known.memory is None:
            return self._worked_out(item, variables)
        key = (self.source, self.attributes, item, *variables.values())
        if key not in known.memory:
            value = self._worked_out(item, variables)
            if len(known.memory) >= MOST_REMEMBERED:
                return value
            known.memory[key] = value
        return known.memory[key]

    def _worked_out(self, item: str | Times, variables: Mapping[str, Any]) -> Value:
        return self._root.evaluate(XPathContext(item=item, variables=dict(variables), current_dt=_NO_CLOCK))

    def evaluate(self, answers: Mapping[str, Any], current: Any = None, known: Known = NOTHING_KNOWN,
                 choice: Mapping[str, str] = NO_CHOICE) -> bool:
        """Whether it holds for these answers; anything unanswered is the empty text."""
        return as_truth(self.value(answers, current, known, choice))

    def text(self, answers: Mapping[str, Any], known: Known = NOTHING_KNOWN) -> str:
        """Its value as it is stored: no number at all is no answer."""
        value = self.value(answers, None, known)
        return "" if isinstance(value, float) and math.isnan(value) else as_text(value)[:LONGEST_TEXT]


def reference_of(token: XPathToken) -> str | None:
    """The name of the question that a piece of the tree stands for; None for any other piece."""
    return str(token.value).removeprefix(_PREFIX) if token.symbol == "$" else None


def answer_text(answer: Any) -> str | Times:
    """An answer as an expression sees it: several choices separated by spaces; a matrix is not text and shows nothing; a
    repeat is the numbers of its times."""
    if isinstance(answer, str | Times):
        return answer
    if isinstance(answer, list | tuple):
        if answer and isinstance(answer[0], Mapping):
            return Times(str(time) for time in range(1, len(answer) + 1))
        return " ".join(answer)
    return ""


@lru_cache(maxsize=4_096)  # the same text always compiles to the same frozen value: a memory, not a state
def compile(expression: str, attributes: tuple[str, ...] = ()) -> Expression:
    """`attributes`: bare names that may stand in it (of a choice_filter).

    Raises ExpressionError for wrong syntax, unknown functions, and whatever is too long or too deep.
    """
    source, expression = expression, _outside_texts(expression, lambda part: _POSITION.sub("position()", part))
    _refuse_oversize(expression)
    without_strings = _STRING.sub(lambda match: " " * len(match.group()), expression)
    _refuse_unknown_functions(without_strings)
    references = tuple(dict.fromkeys(_REFERENCE.findall(without_strings)))
    _refuse_stray_dollars(expression, without_strings)
    named = [name for name in attributes if _bare(name).search(_REFERENCE.sub("", without_strings))]
    root = _parse(_with_variables(expression, named))
    tokens = list(_walk(root))
    for token in tokens:
        _refuse_bare_name(token)
        _refuse_unsafe_regex(token)
    symbols = {token.symbol for token in tokens}
    return Expression(
        source, references, "." in symbols, tuple(_compared(tokens)), frozenset(_over_times(tokens, references)),
        frozenset(_indexed(tokens)), "position" in symbols, "today" in symbols, tuple(named), root
    )


def _refuse_oversize(expression: str) -> None:
    shorten = "Viết ngắn lại, hoặc tách thành nhiều câu hỏi."
    if len(expression) > MAX_LENGTH:
        raise ExpressionError(f"Biểu thức dài quá {MAX_LENGTH} ký tự.", shorten)
    pieces = _PIECE.findall(expression)
    if len(pieces) > MAX_TOKENS:
        raise ExpressionError(f"Biểu thức có quá {MAX_TOKENS} thành phần.", shorten)
    depth = deepest = run_of_minus = 0
    for piece in pieces:
        depth += (piece == "(") - (piece == ")")
        run_of_minus = run_of_minus + 1 if piece == "-" else 0
        deepest = max(deepest, depth, run_of_minus)
    if deepest > MAX_DEPTH:
        raise ExpressionError(f"Biểu thức lồng quá {MAX_DEPTH} tầng.", shorten)


def _refuse_unknown_functions(without_strings: str) -> None:
    for name in _CALL.findall(without_strings):
        if name in FUNCTIONS or name in OPERATORS:
            continue
        if name in _REFUSED:
            raise ExpressionError(f"Hàm “{name}” không dùng được: {_REFUSED[name]}.", "Bỏ hàm này khỏi biểu thức.")
        close = difflib.get_close_matches(name, FUNCTIONS, n=1)
        mend = f"Có phải là “{close[0]}”?" if close else f"Các hàm dùng được: {', '.join(FUNCTIONS)}."
        raise ExpressionError(f"Không có hàm “{name}”.", mend)


def _refuse_stray_dollars(expression: str, without_strings: str) -> None:
    if "last-saved#" in without_strings:
        raise ExpressionError("Phiếu không nhớ câu trả lời của lần điền trước (last-saved).", "Bỏ ${last-saved#…}.")
    if "$" in _REFERENCE.sub("", without_strings):
        raise ExpressionError("Dấu $ không đi cùng tên câu hỏi.", "Viết ${ten_cau_hoi}.")
    for literal in _STRING.findall(expression):
        if _REFERENCE.search(literal):
            raise ExpressionError(
                f"Tên câu hỏi nằm trong dấu nháy: {literal}.", "Viết ${…} bên ngoài dấu nháy."
            )


def _with_variables(expression: str, attributes: Sequence[str]) -> str:
    """`${age}` -> `$q_age `, an attribute `district` -> `$a_district `; the space keeps a minus that follows from becoming part
    of the name."""

    def named(part: str) -> str:
        for name in attributes:
            # between the references, whose braces hold names of their own
            part = "".join(piece if piece.startswith("${") else _bare(name).sub(f"${_ATTRIBUTE}{name} ", piece)
                           for piece in re.split(r"(\$\{[^}]*\})", part))
        return _REFERENCE.sub(rf"${_PREFIX}\1 ", part)

    return _outside_texts(expression, named)


def _outside_texts(expression: str, change: Callable[[str], str]) -> str:
    pieces, end = [], 0
    for literal in _STRING.finditer(expression):
        pieces += [change(expression[end : literal.start()]), literal.group()]
        end = literal.end()
    return "".join([*pieces, change(expression[end:])])


@lru_cache(maxsize=512)
def _bare(name: str) -> re.Pattern[str]:
    """The name where it stands alone: not part of a longer one, not a variable, not a function."""
    return re.compile(rf"(?<![\w$.:-]){re.escape(name)}(?![\w:-]|\s*\()")


def _indexed(tokens: list[XPathToken]) -> Iterator[str]:
    subjects = (token[0] for token in tokens if token.symbol == "indexed-repeat")
    return (subject.value.removeprefix(_PREFIX) for subject in subjects if subject.symbol == "$")


def _over_times(tokens: list[XPathToken], references: tuple[str, ...]) -> Iterator[str]:
    """References of which every use is an argument of its own in a function over all times."""
    inside = [side.value for token in tokens if token.symbol in OVER_TIMES for side in token if side.symbol == "$"]
    everywhere = [token.value for token in tokens if token.symbol == "$"]
    for name in references:
        if inside.count(_PREFIX + name) == everywhere.count(_PREFIX + name):
            yield name


def _parse(source: str) -> XPathToken:
    try:
        return OdkParser().parse(source)
    except (ElementPathError, regex_guard.RegexRefused, RecursionError, ArithmeticError) as error:
        if isinstance(error, regex_guard.RegexRefused):
            raise _regex_error(error) from error
        if "XPST0017" in str(error) or "Too few" in str(error):
            raise ExpressionError(
                "Hàm có sai số tham số.", "Xem lại các tham số trong ngoặc, cách nhau bằng dấu phẩy."
            ) from error
        raise ExpressionError(
            "Biểu thức sai cú pháp.", "Kiểm tra dấu ngoặc, dấu nháy và các phép and, or, =, !=, <, >."
        ) from error


def _walk(token: XPathToken):
    yield token
    for child in token:
        if not (token.symbol == "$" and child.symbol == "(name)"):
            yield from _walk(child)


def _refuse_bare_name(token: XPathToken) -> None:
    if token.symbol == "(name)":
        raise ExpressionError(
            f"Không hiểu “{token.value}”.",
            f"Viết ${{{token.value}}} nếu là câu hỏi, '{token.value}' nếu là chữ.",
        )


def _refuse_unsafe_regex(token: XPathToken) -> None:
    if token.symbol != "regex":
        return
    if token[1].symbol != "(string)":
        raise ExpressionError(
            "Mẫu của regex phải là chữ trong dấu nháy.", "Viết mẫu trực tiếp: regex(., '[0-9]+')."
        )
    try:
        regex_guard.check(token[1].value)
    except regex_guard.RegexRefused as error:
        raise _regex_error(error) from error


def _regex_error(error: regex_guard.RegexRefused) -> ExpressionError:
    return ExpressionError(
        f"Mẫu của regex không dùng được: {error}.", "Viết một mẫu đơn giản, ví dụ [0-9]{4}."
    )


def _compared(tokens: list[XPathToken]):
    """Which literal is compared with which question: lets the checks find a choice that does not exist."""
    for token in tokens:
        if token.symbol in ("=", "!=", "selected") and len(token) == 2:
            subjects = [side for side in token if side.symbol in ("$", ".")]
            literals = [side for side in token if side.symbol == "(string)"]
            if len(subjects) == 1 and len(literals) == 1:
                subject = subjects[0]
                name = subject.value.removeprefix(_PREFIX) if subject.symbol == "$" else "."
                yield name, literals[0].value
