"""Conditions in plain words: `${went} = 'yes'` -> "câu 2 là “Có”", for people who read a paper form or a codebook.

Only simple shapes become words: an answer compared with a value, a choice that was or was not picked, how many were picked,
joined by `and`, `or` and `not`. Anything else stays as it was written, with the numbers of the questions in the place of their
names: a wrong paraphrase would route people wrongly, a formula only reads badly.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from elementpath.xpath_tokens import XPathToken

from questionnaires import expressions
from questionnaires.condition_words import CONDITION_WORDS
from questionnaires.model import Question, Questionnaire

#: what an operator is when its sides are swapped: `3 < ${x}` is `${x} > 3`
_SWAPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SHAPES = {"=": "is", "!=": "is_not", "<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
_REFERENCE = re.compile(r"\$\{([^}]+)\}")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_SHOWN_DAY = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")


@dataclass(frozen=True)
class Spoken:
    """A condition for people. `simple` says whether it became words or is still a formula."""

    text: str
    simple: bool


class _NotSimple(Exception):
    """This shape has no words."""


@dataclass(frozen=True)
class Speaker:
    """Says a form's conditions in one language. `called` gives a question's name on the paper: its number, or None."""

    form: Questionnaire
    language: str
    called: Callable[[str], str | None]

    @property
    def words(self) -> Mapping[str, str]:
        return CONDITION_WORDS.get(self.language, CONDITION_WORDS["vi"])

    def say(self, condition: str, current: Question | None = None) -> Spoken:
        """`current` is the question whose constraint this is: what `.` stands for."""
        try:
            return Spoken(self._say(expressions.compile(condition).root, current), True)
        except (_NotSimple, expressions.ExpressionError):
            return Spoken(self._written(condition), False)

    def say_all(self, conditions: tuple[str, ...]) -> Spoken:
        """Several conditions that must all hold."""
        given = tuple(dict.fromkeys(condition for condition in conditions if condition))
        spoken = [self.say(condition) for condition in given]
        if len(spoken) == 1:
            return spoken[0]
        parts = [f"({each.text})" if _joins(condition) or not each.simple else each.text
                 for condition, each in zip(given, spoken, strict=True)]
        return Spoken(self.words["and"].join(parts), all(each.simple for each in spoken))

    def _written(self, condition: str) -> str:
        def name(match: re.Match) -> str:
            number = self.called(match[1])
            return f"[{self.words['question'].format(n=number)}]" if number else match[0]

        return _REFERENCE.sub(name, condition)

    # -- shapes ----------------------------------------------------------------------------------------------------

    def _say(self, token: XPathToken, current: Question | None) -> str:
        token = _bare(token)
        symbol = token.symbol
        if symbol in ("and", "or"):
            return self._between(token, current) or self.words[symbol].join(
                self._part(side, symbol, current) for side in _flat(token, symbol))
        if symbol == "not":
            return self._denied(_bare(token[0]), current)
        if symbol == "selected":
            return self._picked(token, "chosen", current)
        if symbol in _SHAPES and len(token) == 2:
            return self._compared(token, current)
        raise _NotSimple

    def _part(self, token: XPathToken, outer: str, current: Question | None) -> str:
        said = self._say(token, current)
        inner = _bare(token).symbol
        return f"({said})" if inner in ("and", "or") and inner != outer else said

    def _denied(self, token: XPathToken, current: Question | None) -> str:
        if token.symbol == "selected":
            return self._picked(token, "not_chosen", current)
        return self.words["not"].format(x=self._say(token, current))

    def _picked(self, token: XPathToken, shape: str, current: Question | None) -> str:
        question, subject = self._subject(token[0], current)
        return self.words[shape].format(s=subject, v=self._value(token[1], question))

    def _compared(self, token: XPathToken, current: Question | None) -> str:
        left, operator, right = _sides(token)
        question, subject = self._subject(left, current)
        if _bare(right).symbol == "(string)" and _bare(right).value == "":
            if operator not in ("=", "!="):
                raise _NotSimple
            return self.words["blank" if operator == "=" else "answered"].format(s=subject)
        shape, value = _SHAPES[operator], self._value(right, question)
        of_days = f"{shape}_day" if _SHOWN_DAY.fullmatch(value) else shape
        return self.words.get(of_days, self.words[shape]).format(s=subject, v=value)

    def _between(self, token: XPathToken, current: Question | None) -> str | None:
        """`. >= 0 and . <= 100` is one thought: from 0 to 100."""
        sides = [_bare(side) for side in _flat(token, "and")] if token.symbol == "and" else []
        if len(sides) != 2 or any(side.symbol not in (">=", "<=") or len(side) != 2 for side in sides):
            return None
        found = {operator: (left, right) for left, operator, right in map(_sides, sides)}
        if found.keys() != {">=", "<="}:
            return None
        (low_of, low), (high_of, high) = found[">="], found["<="]
        question, subject = self._subject(low_of, current)
        if self._subject(high_of, current) != (question, subject):
            return None
        return self.words["between"].format(s=subject, a=self._value(low, question), b=self._value(high, question))

    # -- what is compared ------------------------------------------------------------------------------------------

    def _subject(self, token: XPathToken, current: Question | None) -> tuple[Question | None, str]:
        token = _bare(token)
        if token.symbol == "count-selected":
            if _bare(token[0]).symbol == ".":
                return None, self.words["how_many_here"]
            return None, self.words["how_many"].format(s=self._subject(token[0], current)[1])
        if token.symbol == ".":
            return current, self.words["answer"]
        name = expressions.reference_of(token)
        question = self.form.question(name) if name else None
        number = self.called(name) if question else None
        if not number:
            raise _NotSimple
        return question, self.words["question"].format(n=number)

    def _value(self, token: XPathToken, question: Question | None) -> str:
        token = _bare(token)
        if token.symbol == "date" and _bare(token[0]).symbol == "(string)":
            token = _bare(token[0])
        if token.symbol == "(string)":
            return self._text(str(token.value), question)
        if token.symbol in ("(integer)", "(decimal)", "(float)"):
            return self._text(str(token.value), question)
        if token.symbol == "-" and len(token) == 1:
            return f"-{self._value(token[0], None)}"
        raise _NotSimple

    def _text(self, text: str, question: Question | None) -> str:
        choice = next((each for each in (question.choices or ()) if each.name == text), None) if question else None
        if choice:
            return f"“{choice.label.in_language(self.language, self.form.default_language) or choice.name}”"
        if match := _DAY.fullmatch(text):
            return f"{match[3]}/{match[2]}/{match[1]}"
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
            return text.replace(".", self.words["decimal"])
        return f"“{text}”"


def _bare(token: XPathToken) -> XPathToken:
    while token.symbol == "(" and len(token) == 1:
        token = token[0]
    return token


def _flat(token: XPathToken, symbol: str) -> list[XPathToken]:
    token = _bare(token)
    return [each for side in token for each in _flat(side, symbol)] if token.symbol == symbol else [token]


def _joins(condition: str) -> bool:
    try:
        return _bare(expressions.compile(condition).root).symbol == "or"
    except expressions.ExpressionError:
        return True


def _sides(token: XPathToken) -> tuple[XPathToken, str, XPathToken]:
    """Whatever is looked at to the left, what it is compared with to the right."""
    left, right = _bare(token[0]), _bare(token[1])
    if left.symbol in ("(string)", "(integer)", "(decimal)", "(float)", "date"):
        return right, _SWAPPED[token.symbol], left
    return left, token.symbol, right
