"""LimeSurvey's expressions -> the ODK XPath of XLSForm, by a small parser of its own; what has no counterpart is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from questionnaires import expressions
from questionnaires.expressions import ExpressionError

MAX_LENGTH = 4_000
MAX_DEPTH = 40

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>(?:INSERTANS:)?[0-9]+X[0-9]+X\w+(?:\#[01])?(?:\.\w+)*|(?:TOKEN:)?[A-Za-z_]\w*(?:\#[01])?(?:\.\w+)*)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|(?P<mark>&&|\|\||==|!=|<=|>=|[-+*/<>=!(),]))",
    re.S,
)
#: words that are operators
_WORDS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&&", "or": "||"}
_LEVELS: tuple[dict[str, str], ...] = (
    {"||": "or"},
    {"&&": "and"},
    {"==": "=", "!=": "!="},
    {"<": "<", "<=": "<=", ">": ">", ">=": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "div"},
)
_EQUALITY, _SUM, _ATOM = 2, 4, len(_LEVELS)
#: ends of names that mean the answer itself; others (`.relevanceStatus`, `.shown` ...) have no counterpart
ENDS = ("", "NAOK", "value", "code", "valueNAOK")
NOTHING: Mapping[str, str] = {}


class Untranslatable(ValueError):
    """Why the expression has no counterpart, in Vietnamese."""


@dataclass(frozen=True)
class Named:
    """What a name stands for: an answer, whether one of several choices is marked, or what was put on a place of a ranking."""

    question: str
    choice: str = ""
    #: counted from 0
    place: int | None = None
    #: what LimeSurvey stores for a marked choice
    mark: str = "Y"
    #: codes that are called otherwise here
    codes: Mapping[str, str] = field(default_factory=lambda: NOTHING, compare=False)
    #: the answer is a list of choices, of which LimeSurvey knows only each by itself
    several: bool = False

    def written(self, current: str = "") -> str:
        answer = "." if self.question == current else f"${{{self.question}}}"
        if self.choice:
            return f"selected({answer}, '{self.choice}')"
        return answer if self.place is None else f"selected-at({answer}, {self.place})"


@dataclass(frozen=True)
class _Piece:
    written: str
    #: how tightly it holds together, as the levels above
    level: int = _ATOM
    text: str | None = None
    named: Named | None = None
    is_number: bool = False

    def within(self, level: int) -> str:
        return self.written if self.level >= level else f"({self.written})"

    @property
    def marks(self) -> bool:
        return self.named is not None and bool(self.named.choice)


def translate(expression: str, named: Callable[[str], Named], current: str = "") -> str:
    """`named` tells what a name of the survey stands for; `current`: our name of the question that is being checked.

    Raises Untranslatable. "" for an expression that always holds. What comes back compiles.
    """
    text = expression.strip()
    if text in ("", "1"):
        return ""
    if len(text) > MAX_LENGTH:
        raise Untranslatable(f"dài quá {MAX_LENGTH} ký tự")
    written = _Parser(_tokens(text), named, current).whole()
    try:
        expressions.compile(written)
    except ExpressionError as error:
        raise Untranslatable(f"{error.reason} {error.mend}".strip().rstrip(".")) from error
    return written


def _tokens(text: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise Untranslatable(f"không hiểu “{text[position : position + 20].strip()}”")
        kind, word = match.lastgroup, match[match.lastgroup]
        found.append(("mark", _WORDS[word.lower()]) if kind == "name" and word.lower() in _WORDS else (kind, word))
        position = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], named: Callable[[str], Named], current: str):
        self._tokens, self._named, self._current, self._at, self._depth = tokens, named, current, 0, 0

    def whole(self) -> str:
        piece = self._level(0)
        if self._peek() == ("mark", "="):
            raise Untranslatable("dấu “=” là phép gán trong LimeSurvey; so sánh viết “==”")
        if self._at < len(self._tokens):
            raise Untranslatable(f"không hiểu “{self._tokens[self._at][1][:40]}”")
        return piece.written

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, mark: str) -> bool:
        if self._peek() == ("mark", mark):
            self._at += 1
            return True
        return False

    def _level(self, level: int) -> _Piece:
        if level == _ATOM:
            return self._unary()
        left = self._level(level + 1)
        while self._peek()[0] == "mark" and (mark := self._peek()[1]) in _LEVELS[level]:
            self._at += 1
            left = self._joined(left, _LEVELS[level][mark], self._level(level + 1), level)
        return left

    @staticmethod
    def _joined(left: _Piece, operator: str, right: _Piece, level: int) -> _Piece:
        if level == _EQUALITY:
            for side, other in ((left, right), (right, left)):
                if side.marks:
                    return _marked(side, operator == "=", other)
                if side.named and side.named.several:
                    raise Untranslatable("câu chọn nhiều chỉ so sánh được từng phương án")
                if side.named and other.text in side.named.codes:
                    return _Piece(f"{side.written} {operator} {_quoted(side.named.codes[other.text])}", level)
        if level > _EQUALITY and (left.marks or right.marks):
            raise Untranslatable("phương án của câu chọn nhiều không phải là số")
        if operator == "+" and (left.text is not None or right.text is not None or left.written.startswith("concat(")):
            return _Piece(f"concat({left.written}, {right.written})")
        return _Piece(f"{left.within(level)} {operator} {right.within(level + 1)}", level)

    def _unary(self) -> _Piece:
        if self._take("!"):
            return _Piece(f"not({self._single().written})")
        if self._take("-"):
            return _Piece(f"-{self._single().within(_ATOM)}", _ATOM, is_number=True)
        self._take("+")
        return self._single()

    def _single(self) -> _Piece:
        kind, word = self._peek()
        self._at += 1
        if kind == "number":
            return _Piece(f"0{word}" if word.startswith(".") else word, is_number=True)
        if kind == "text":
            said = re.sub(r"\\(['\"])", r"\1", word[1:-1])
            return _Piece(_quoted(said), text=said)
        if (kind, word) == ("mark", "("):
            inside = self._deeper()
            self._expect(")")
            return inside if inside.level == _ATOM else _Piece(f"({inside.written})")
        if kind == "name" and self._take("("):
            return self._call(word)
        if kind == "name":
            return self._name(word)
        raise Untranslatable(f"không hiểu “{word}”" if word else "biểu thức bị cụt")

    def _deeper(self) -> _Piece:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Untranslatable(f"lồng quá {MAX_DEPTH} tầng")
        inside = self._level(0)
        self._depth -= 1
        return inside

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise Untranslatable(f"thiếu “{mark}”")

    def _call(self, name: str) -> _Piece:
        arguments = []
        if not self._take(")"):
            arguments.append(self._deeper())
            while self._take(","):
                arguments.append(self._deeper())
            self._expect(")")
        if name not in _FUNCTIONS:
            raise Untranslatable(f"không có hàm tương ứng với “{name[:40]}”")
        least, most, write = _FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            raise Untranslatable(f"hàm “{name}” có sai số tham số")
        made = write(*arguments)
        return made if isinstance(made, _Piece) else _Piece(made)

    def _name(self, word: str) -> _Piece:
        code, _, end = word.partition(".")
        if code in ("this", "self", "that"):
            if not self._current or code == "that" or end not in ENDS:
                raise Untranslatable(f"“{word[:40]}” không có nghĩa ở đây")
            return _Piece(".", named=Named(self._current))
        if end not in ENDS:
            raise Untranslatable(f"“{word[:40]}”: không có thứ tương ứng với “.{end[:30]}”")
        found = self._named(word)
        return _Piece(found.written(self._current), named=found)


def _marked(piece: _Piece, same: bool, other: _Piece) -> _Piece:
    """A marked choice is "Y" in LimeSurvey (in a table of boxes 1), an unmarked one blank."""
    value = other.written if other.is_number else other.text
    if value not in (piece.named.mark, "", "N", "0"):
        raise Untranslatable("phương án của câu chọn nhiều chỉ so sánh được với dấu chọn")
    return _Piece(piece.written if (value == piece.named.mark) == same else f"not({piece.written})")


def _given(value: _Piece) -> str:
    return value.written if value.marks else f"{value.within(_EQUALITY + 1)} != ''"


def _empty(value: _Piece) -> _Piece:
    return _Piece(f"not({value.written})") if value.marks else _Piece(f"{value.within(_EQUALITY + 1)} = ''", _EQUALITY)


def _sum(*values: _Piece) -> str:
    if any(value.marks for value in values):
        raise Untranslatable("phương án của câu chọn nhiều không phải là số")
    return "(" + " + ".join(f"coalesce({value.written}, 0)" for value in values) + ")"


def _count(*values: _Piece) -> str:
    return "(" + " + ".join(f"if({_given(value)}, 1, 0)" for value in values) + ")"


def _count_if(wanted: _Piece, *values: _Piece) -> str:
    same = [_Parser._joined(value, "=", wanted, _EQUALITY).written for value in values]
    return "(" + " + ".join(f"if({each}, 1, 0)" for each in same) + ")"


def _part_of_text(text: _Piece, start: _Piece, length: _Piece | None = None) -> str:
    if not all(each is None or each.written.isdecimal() for each in (start, length)):
        raise Untranslatable("substr chỉ chuyển được với vị trí và độ dài là số")
    end = f", {int(start.written) + int(length.written)}" if length else ""
    return f"substr({text.written}, {start.written}{end})"


def pattern(written: str) -> str:
    """A pattern of PHP with its marks, as `regex` takes it: for the whole text. Raises Untranslatable."""
    found = re.fullmatch(r"/(.*)/(u?)", written.strip(), re.S)
    if not found:
        raise Untranslatable("mẫu của biểu thức chính quy có tùy chọn riêng")
    inside = found[1]
    start, end = inside.startswith("^"), inside.endswith("$") and not inside.endswith("\\$")
    inside = inside[start : len(inside) - end]
    if "|" in inside and not (start and end):
        raise Untranslatable("mẫu có “|” mà không có cả ^ và $")
    if _alternatives(inside):
        raise Untranslatable("mẫu có “|” ở ngoài ngoặc")
    return f"{'' if start else '.*'}{inside}{'' if end else '.*'}"


def _alternatives(inside: str) -> bool:
    depth = 0
    for mark in re.sub(r"\\.|\[[^\]]*\]", "", inside):
        depth += (mark == "(") - (mark == ")")
        if mark == "|" and not depth:
            return True
    return False


def _matches(written: _Piece, value: _Piece) -> str:
    if written.text is None:
        raise Untranslatable("mẫu của regexMatch phải viết trong nháy")
    return f"regex({value.written}, {_quoted(pattern(written.text))})"


def _quoted(text: str) -> str:
    if "'" in text and '"' in text:
        raise Untranslatable("chữ có cả nháy đơn và nháy kép")
    return f'"{text}"' if "'" in text else f"'{text}'"


def _call(name: str) -> Callable[..., str]:
    return lambda *values: f"{name}({', '.join(value.written for value in values)})"


_MANY = 100
#: function -> fewest and most arguments, how it is written
_FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., str | _Piece]]] = {
    "is_empty": (1, 1, _empty),
    "if": (3, 3, _call("if")),
    "intval": (1, 1, _call("int")),
    "floatval": (1, 1, _call("number")),
    "strlen": (1, 1, _call("string-length")),
    "abs": (1, 1, _call("abs")),
    "floor": (1, 1, _call("floor")),
    "ceil": (1, 1, _call("ceiling")),
    "round": (1, 2, _call("round")),
    "pow": (2, 2, _call("pow")),
    "sqrt": (1, 1, _call("sqrt")),
    "exp": (1, 1, _call("exp")),
    "log": (1, 1, _call("log")),
    "pi": (0, 0, _call("pi")),
    "min": (1, _MANY, _call("min")),
    "max": (1, _MANY, _call("max")),
    "trim": (1, 1, _call("normalize-space")),
    "join": (1, _MANY, _call("concat")),
    "sum": (1, _MANY, _sum),
    "count": (1, _MANY, _count),
    "countif": (2, _MANY, _count_if),
    "substr": (2, 3, _part_of_text),
    "is_numeric": (1, 1, lambda value: f"regex({value.written}, '-?[0-9]+([.][0-9]+)?')"),
    "regexMatch": (2, 2, _matches),
}
