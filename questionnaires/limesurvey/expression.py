"""LimeSurvey's expressions -> the ODK XPath of XLSForm, by a small parser of its own; what has no counterpart is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_LENGTH = 4_000

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[A-Za-z_][\w:]*(?:\.\w+)*|\d+X\d+X\w+(?:\.\w+)*)|(?P<mark>&&|\|\||==|!=|<>|<=|>=|[-+*/<>=!(),.]))"
)
#: words that are operators
_WORDS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "and": "&&", "or": "||"}
_LEVELS: tuple[dict[str, str], ...] = (
    {"||": "or"},
    {"&&": "and"},
    {"==": "=", "=": "=", "!=": "!=", "<>": "!="},
    {"<": "<", "<=": "<=", ">": ">", ">=": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "div"},
)
_NOT_LEVEL = 2
#: ends of names that say what of an answer is meant; others (`.relevanceStatus` ...) have no counterpart
_ENDS = ("NAOK", "value", "code", "shown", "valueNAOK")


class Untranslatable(ValueError):
    """Why the expression has no counterpart, in Vietnamese."""


@dataclass(frozen=True)
class Named:
    """What a name stands for: an answer (`${q}`), or with `choice` whether that choice of several is marked."""

    question: str
    choice: str = ""

    def __str__(self) -> str:
        return f"selected(${{{self.question}}}, '{self.choice}')" if self.choice else f"${{{self.question}}}"


#: function -> how its arguments are written
_FUNCTIONS: Mapping[str, Callable[..., str]] = {
    "is_empty": lambda value: f"not({value})" if value.startswith("selected(") else f"{value} = ''",
    "if": lambda condition, then, other: f"if({condition}, {then}, {other})",
    "intval": lambda value: f"int({value})",
    "floatval": lambda value: f"number({value})",
    "strlen": lambda value: f"string-length({value})",
    "abs": lambda value: f"abs({value})",
    "floor": lambda value: f"floor({value})",
    "ceil": lambda value: f"ceiling({value})",
    "round": lambda *values: f"round({', '.join(values)})",
    "pow": lambda base, power: f"pow({base}, {power})",
    "sqrt": lambda value: f"sqrt({value})",
    "min": lambda *values: f"min({', '.join(values)})",
    "max": lambda *values: f"max({', '.join(values)})",
    "trim": lambda value: f"normalize-space({value})",
    "sum": lambda *values: "(" + " + ".join(f"coalesce({value}, 0)" for value in values) + ")",
    "count": lambda *values: "(" + " + ".join(f"if({_given(value)}, 1, 0)" for value in values) + ")",
    "is_numeric": lambda value: f"regex({value}, '-?[0-9]+([.][0-9]+)?')",
    "regexMatch": lambda pattern, value: f"regex({value}, {_pattern(pattern)})",
}


def translate(expression: str, named: Callable[[str], Named | None], current: str = "") -> str:
    """`named` tells what a name of the survey stands for; `current`: the code of the question that is being checked.

    Raises Untranslatable. "" for an expression that always holds.
    """
    if expression.strip() in ("", "1"):
        return ""
    if len(expression) > MAX_LENGTH:
        raise Untranslatable("biểu thức quá dài")
    return _Parser(_tokens(expression), named, current).whole()


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, position, text = [], 0, expression.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise Untranslatable(f"không hiểu “{text[position : position + 20]}”")
        kind, word = match.lastgroup, match[match.lastgroup]
        found.append(("mark", _WORDS[word.lower()]) if kind == "name" and word.lower() in _WORDS else (kind, word))
        position = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], named: Callable[[str], Named | None], current: str):
        self._tokens, self._named, self._current, self._at = tokens, named, current, 0

    def whole(self) -> str:
        written = self._level(0)
        if self._at < len(self._tokens):
            raise Untranslatable(f"không hiểu “{self._tokens[self._at][1]}”")
        return written

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, mark: str) -> bool:
        if self._peek() == ("mark", mark):
            self._at += 1
            return True
        return False

    def _level(self, level: int) -> str:
        if level == len(_LEVELS):
            return self._single()
        if level == _NOT_LEVEL and self._take("!"):
            return f"not({self._level(_NOT_LEVEL)})"
        left = self._level(level + 1)
        while self._peek()[0] == "mark" and (mark := self._peek()[1]) in _LEVELS[level]:
            self._at += 1
            right = self._level(level + 1)
            left = self._joined(left, _LEVELS[level][mark], right)
        return left

    @staticmethod
    def _joined(left: str, operator: str, right: str) -> str:
        """A marked choice is "Y" in LimeSurvey, an unmarked one blank."""
        for mark, value in ((left, right), (right, left)):
            if mark.startswith("selected(") and operator in ("=", "!=") and value in ("'Y'", "''", "'N'"):
                return mark if (value == "'Y'") == (operator == "=") else f"not({mark})"
        return f"{left} {operator} {right}"

    def _single(self) -> str:
        kind, word = self._peek()
        self._at += 1
        if kind == "number":
            return word
        if kind == "text":
            return _quoted(re.sub(r"\\(.)", r"\1", word[1:-1]))
        if (kind, word) == ("mark", "("):
            inside = self._level(0)
            self._expect(")")
            return f"({inside})"
        if (kind, word) == ("mark", "-"):
            return f"-{self._single()}"
        if kind == "name" and self._take("("):
            return self._call(word)
        if kind == "name":
            return self._name(word)
        raise Untranslatable(f"không hiểu “{word}”" if word else "biểu thức bị cụt")

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise Untranslatable(f"thiếu “{mark}”")

    def _call(self, name: str) -> str:
        arguments = []
        if not self._take(")"):
            arguments.append(self._level(0))
            while self._take(","):
                arguments.append(self._level(0))
            self._expect(")")
        if name not in _FUNCTIONS:
            raise Untranslatable(f"không có hàm tương ứng với “{name}”")
        try:
            return _FUNCTIONS[name](*arguments)
        except TypeError as error:
            raise Untranslatable(f"hàm “{name}” có sai số tham số") from error

    def _name(self, word: str) -> str:
        code, _, end = word.partition(".")
        if end and end not in _ENDS:
            raise Untranslatable(f"“{word}”: không có thứ tương ứng với “.{end}”")
        if code in ("this", "self", "that") or code == self._current:
            return "."
        found = self._named(code)
        if found is None:
            raise Untranslatable(f"không có câu hỏi “{code}”")
        return str(found)


def _given(value: str) -> str:
    return value if value.startswith("selected(") else f"{value} != ''"


def _pattern(written: str) -> str:
    pattern = written[1:-1]
    if not (pattern.startswith("/") and pattern.rstrip("imsux").endswith("/")) or not pattern.endswith("/"):
        raise Untranslatable("mẫu của regexMatch có tùy chọn riêng")
    return _quoted(pattern[1:-1].removeprefix("^").removesuffix("$"))


def _quoted(text: str) -> str:
    if "'" in text and '"' in text:
        raise Untranslatable("chữ có cả nháy đơn và nháy kép")
    return f'"{text}"' if "'" in text else f"'{text}'"
