"""Regular expressions written by a form's author, kept from running away on a respondent's text.

Python's matcher backtracks: `(a+)+b` needs longer than the universe lasts. So a pattern may not repeat a group that itself
repeats or branches, has few repetitions of open width, and looks at short text only.
"""

import re

MAX_PATTERN = 200
MAX_SUBJECT = 256
MAX_OPEN_REPEATS = 3

_REPEAT = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")


class RegexRefused(ValueError):
    """The pattern is malformed, or could take too long."""


def check(pattern: str) -> None:
    if len(pattern) > MAX_PATTERN:
        raise RegexRefused(f"dài quá {MAX_PATTERN} ký tự")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise RegexRefused("sai cú pháp") from error
    _Scan(pattern).run()


def matches_whole(pattern: str, subject: str) -> bool:
    """ODK's regex(): the whole text must match. Text longer than MAX_SUBJECT never does."""
    if len(subject) > MAX_SUBJECT:
        return False
    check(pattern)
    return re.fullmatch(pattern, subject) is not None


class _Scan:
    """Walks the pattern once; a group remembers whether anything inside it can vary in width."""

    def __init__(self, pattern: str):
        self.pattern = pattern
        self.position = 0
        self.open_repeats = 0
        self.groups: list[bool] = [False]

    def run(self) -> None:
        while self.position < len(self.pattern):
            self._repetition(group_varies=self._atom())

    def _atom(self) -> bool:
        """Step over one atom; whether it is a group that varies."""
        character = self.pattern[self.position]
        self.position += 1
        if character == "\\":
            if self.pattern[self.position].isdigit() or self.pattern[self.position] == "g":
                raise RegexRefused("có tham chiếu ngược")
            self.position += 1
        elif character == "[":
            self._step_over_class()
        elif character == "(":
            self._open_group()
        elif character == "|":
            self.groups[-1] = True
        elif character == ")" and len(self.groups) > 1:
            varies = self.groups.pop()
            self.groups[-1] = self.groups[-1] or varies
            return varies
        return False

    def _step_over_class(self) -> None:
        if self.pattern.startswith("^", self.position):
            self.position += 1
        self.position += 1  # a bracket that stands first is an ordinary character
        while self.pattern[self.position] != "]":
            self.position += 2 if self.pattern[self.position] == "\\" else 1
        self.position += 1

    def _open_group(self) -> None:
        if self.pattern.startswith("?", self.position):
            if not self.pattern.startswith("?:", self.position):
                raise RegexRefused("có nhóm đặc biệt “(?…)”")
            self.position += 2
        self.groups.append(False)

    def _repetition(self, group_varies: bool) -> None:
        repeat = _REPEAT.match(self.pattern, self.position)
        if not repeat or self.pattern[self.position - 1] in "(|":
            return
        self.position = repeat.end()
        if self.pattern[self.position : self.position + 1] in ("?", "+"):
            self.position += 1
        mark, fixed = repeat.group(), repeat.group(1) and not repeat.group(2)
        if mark == "?" or fixed:
            times = int(repeat.group(1)) if fixed else 1
            if group_varies and times > 1:
                raise RegexRefused("lặp một nhóm đã có lặp hoặc lựa chọn")
            if mark == "?":
                self.groups[-1] = True
            return
        if group_varies:
            raise RegexRefused("lặp một nhóm đã có lặp hoặc lựa chọn")
        self.groups[-1] = True
        self.open_repeats += 1
        if self.open_repeats > MAX_OPEN_REPEATS:
            raise RegexRefused(f"có quá {MAX_OPEN_REPEATS} chỗ lặp không cố định")
