"""Questionnaires drawn by chance, for what must hold of any: every field, groups and repeats, odd characters, odd names.

They are well-formed values, not questionnaires that the checks pass: an expression need not be one, a list may be short.
The words are hypothesis's own; how they stand is drawn from a seed, which is a hundred times faster.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from hypothesis import strategies as st

from questionnaires.answers import REGISTRY
from questionnaires.model import (
    Choice,
    ChoiceList,
    Collects,
    Consent,
    Group,
    MissingKind,
    Page,
    Question,
    Questionnaire,
    Rates,
    Repeat,
    Text,
)
from questionnaires.shape import tidy

WORDS = (
    "Ông/Bà hài lòng không?",
    "Thủ tục hành chính",
    "សួស្តី ពិភពលោក",
    "=1+1",
    "-2",
    "@x",
    "1.50",
    "007",
    "true",
    "no",
    "5",
    "null",
    "“ngoặc” ‘đơn’",
    "dòng một\ndòng hai",
    "a\tb",
    "_x000D_ x005F_ _x0041_",
    "<b>&amp;</b>",
    "https://example.vn/?a=1",
    "'dấu nháy",
    '"',
    "2024-01-01",
    "é",
    "\u200b",
    "😀 👍🏽",
    "\ufffe",
    '{"a": 1}',
    "a: b",
    "# x",
    "1e5",
    "x" * 300,
)
EXPRESSIONS = (
    "",
    "",
    "${a} = 'yes'",
    ". >= 1 and . <= 50",
    "selected(${b}, 'c')",
    '. != "“x”"',
    "regex(., '[0-9]+')",
    "x\n= 'y'",
)
KEYS = (
    "media::image",
    "media::image::Tiếng Việt (vi)",
    "guidance_hint",
    "bind::odk:length",
    "dist",
    "District",
    "x y",
    " odd ",
    "",
    "a::b",
    "a:b",
    "label",
    "Relevance",
    "disabled",
    "par_factor",
    "par_new",
    "hint::vi",
    "required",
    "appearance",
    "ghi chú",
    "two\nlines",
    "list name",
    "type",
)
APPEARANCES = ("", "", "w4", "field-list", "table-list", "field-list table-list", "field-list w2", "a  b")
LANGUAGES = ("vi", "km", "en", "lo", "pt-BR", "sw")
PARAMETERS = (
    ("start", "1"),
    ("end", "5"),
    ("randomize", "true"),
    ("Step", "2"),
    ("a b", "x"),
    ("x", "a b"),
    ("y", ""),
    ("z", "a=b"),
)
#: with types that are still to come: only their names matter for files
KINDS = tuple(dict.fromkeys((*REGISTRY, "calculate", "calculate", "time", "range", "rank")))
WITH_LIST = {name for name, kind in REGISTRY.items() if kind.takes_choices} | {"rank"}

letters = st.characters(exclude_categories=("Cs", "Cc"))
words = st.text(letters, min_size=1, max_size=30).map(tidy).filter(bool)


class _Drawn:
    """One questionnaire in the making. Names are used once among their kind; a page may be called like a question."""

    def __init__(self, seed: int, own_words: Sequence[str]):
        self.random = random.Random(seed)
        self.words = (*WORDS, *own_words, *own_words, *own_words)
        self.languages = tuple(self.random.sample(LANGUAGES, self.random.randint(1, 3)))
        self.lists = tuple(self.choices(f"list{number}") for number in range(self.random.randint(1, 3)))
        self.made: set[str] = set()
        self.pages_made: set[str] = set()

    def one(self, of: Sequence[Any]) -> Any:
        return self.random.choice(of)

    def often(self, chance: float) -> bool:
        return self.random.random() < chance

    def some(self, of: Sequence[Any], least: int, most: int) -> tuple[Any, ...]:
        return tuple(self.random.sample(of, self.random.randint(least, most)))

    def word(self) -> str:
        return tidy(self.one(self.words))

    def text(self, chance: float = 0.6) -> Text:
        """In all languages, in some, or in none."""
        if not self.often(chance):
            return Text()
        languages = self.languages if self.often(0.7) else self.some(self.languages, 1, len(self.languages))
        return Text({language: self.word() for language in self.languages if language in languages})

    def by_key(self) -> Mapping[str, str]:
        if self.often(0.7):
            return {}
        keys = (*self.some(KEYS, 1, 2), *((self.word(),) if self.often(0.3) else ()))
        return {key: "" if self.often(0.1) else self.word() for key in keys}

    def name(self, *wanted: str) -> str:
        """One of the names wanted, or a new one."""
        free = [name for name in (*wanted, f"n{len(self.made)}") if name not in self.made]
        self.made.add(free[0])
        return free[0]

    def choices(self, name: str) -> ChoiceList:
        names = self.some(("1", "2", "yes", "no", "other", "dont_know", "a-b", "A.1"), 1, 4)
        return ChoiceList(
            name,
            tuple(
                Choice(each, self.text(0.9), self.one((None, None, *get_args(MissingKind))), self.often(0.2), self.by_key())
                for each in names
            ),
        )

    def question(self, within: tuple[Group, ...] = ()) -> Question:
        kind = self.one(KINDS)
        return Question(
            self.name(*(f"n{number}_page" for number in range(6) if self.often(0.03))),
            kind,
            self.text(),
            self.text(0.3),
            self.often(0.3),
            self.one(EXPRESSIONS),
            self.one(EXPRESSIONS),
            self.text(0.2),
            self.text(0.2),
            self.one(self.lists) if kind in WITH_LIST else None,
            self.one(EXPRESSIONS),
            self.one(EXPRESSIONS),
            self.word() if self.often(0.2) else "",
            dict(self.some(PARAMETERS, 0, 2)),
            self.one(APPEARANCES),
            self.some(get_args(MissingKind), 0, 1),
            within,
            self.by_key(),
            self.one(("", "staff", "access")),
        )

    def group(self, repeat: Repeat | None = None) -> Group:
        if self.often(0.5):
            return Group(self.name(), appearance=self.one(APPEARANCES), repeat=repeat)
        return Group(
            self.name(), self.text(), self.text(0.3), self.one(EXPRESSIONS), self.one(APPEARANCES), repeat, self.by_key()
        )

    def page(self, within: tuple[Group, ...]) -> Page:
        if self.often(0.5):
            return self.page_that_says_nothing(within)
        questions: list[Question] = []
        for _ in range(self.random.randint(1, 3)):
            groups = tuple(self.group() for _ in range(self.one((0, 0, 0, 1, 2))))
            questions += [self.question(groups) for _ in range(self.random.randint(1, 2))]
        name = self.one((f"page{len(self.made)}", questions[0].name))
        return Page(name, self.text(), tuple(questions), self.text(0.3), self.one(EXPRESSIONS), within, self.by_key())

    def page_that_says_nothing(self, within: tuple[Group, ...]) -> Page:
        """No more than what stands in it: such pages are left out of a workbook, if they would come back by themselves."""
        in_table = self.often(0.3)
        table = (Group(self.name(), self.text(0.2), appearance=self.one(("table-list", "field-list table-list", "w1"))),)
        questions = tuple(self.question(table if in_table else ()) for _ in range(self.one((1, 1, 2))))
        head = next((question for question in questions if question.type != "calculate"), questions[0])
        of = self.one((*head.within, *within[-1:])) if self.often(0.6) and (within or in_table) else head
        label = of.label if self.often(0.8) else Text(dict.fromkeys(self.languages, head.name))
        return Page(
            self.name(f"{of.name}_page"),
            label,
            questions,
            relevant=self.one(EXPRESSIONS) if self.often(0.2) else "",
            within=within,
        )

    def pages(self, within: tuple[Group, ...] = ()) -> list[Page]:
        made: list[Page] = []
        for _ in range(self.random.randint(1, 3)):
            kind = self.one(("page", "page", "page", "group", "repeat")) if len(within) < 2 else "page"
            repeat = Repeat(self.one(("", "3", "${n}")), self.one((20, 5))) if kind == "repeat" else None
            made += [self.page(within)] if kind == "page" else self.pages((*within, self.group(repeat)))
        return made

    def questionnaire(self) -> Questionnaire:
        return Questionnaire(
            form_id=self.one(("phieu", "A1", "one_stop")),
            version=self.one(("1", "2024.10", "1.50", "v-2")),
            title=self.text(1),
            consent=Consent(*(self.text() for _ in range(5))),
            respondent_groups=self.some(("citizens", "officials", "leaders"), 1, 2),
            rates=self.one(get_args(Rates)),
            pages=tuple(self.pages()),
            choice_lists=self.lists,
            languages=self.languages,
            default_language=self.one(self.languages),
            machine_drafted=self.some(self.languages, 0, 1),
            minutes=self.one((None, 5, 120)),
            description=self.text(),
            collects=self.some(get_args(Collects), 0, 2),
            breaks_series=self.by_key(),
            renames=self.by_key(),
            extra=self.by_key(),
        )


def drawn(seed: int, own_words: Sequence[str] = ("chữ",)) -> Questionnaire:
    return _Drawn(seed, own_words).questionnaire()


questionnaires = st.builds(drawn, st.integers(0, 2**40), st.lists(words, min_size=1, max_size=8))
