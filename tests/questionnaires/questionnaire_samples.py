"""Questionnaires drawn by chance, for what must hold of any: every field, groups and repeats, odd characters, odd names.

They are well-formed values, not questionnaires that the checks pass: an expression need not be one, a list may be short.
"""

import unicodedata
from typing import get_args

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
    Repeat,
    Text,
)
from questionnaires.shape import tidy

WORDS = ("Ông/Bà hài lòng không?", "Thủ tục hành chính", "សួស្តី ពិភពលោក", "=1+1", "-2", "@x", "1.50", "007", "true", "no", "5", "null", "“ngoặc” ‘đơn’",
         "dòng một\ndòng hai", "a\tb", "_x000D_ x005F_ _x0041_", "<b>&amp;</b>", "https://example.vn/?a=1", "'dấu nháy", '"', "2024-01-01", "e\u0301",
         "\u200b", "😀 👍🏽", "\ufffe", "{\"a\": 1}", "a: b", "# x", "1e5", "x" * 300)
EXPRESSIONS = ("", "${a} = 'yes'", ". >= 1 and . <= 50", "selected(${b}, 'c')", '. != "“x”"', "regex(., '[0-9]+')", "dòng\nhai = 'x'")
KEYS = ("media::image", "media::image::Tiếng Việt (vi)", "guidance_hint", "bind::odk:length", "dist", "District", "x y", " odd ", "", "a::b", "a:b", "label",
        "Relevance", "disabled", "par_factor", "par_new", "hint::vi", "required", "appearance", "ghi chú", "two\nlines", "list name", "type")
APPEARANCES = ("", "", "w4", "minimal", "field-list", "table-list", "field-list table-list", "field-list w2", "field-list ", "a  b")
LANGUAGES = ("vi", "km", "en", "lo", "pt-BR", "sw")



letters = st.characters(exclude_categories=("Cs", "Cc"))
words = st.one_of(st.sampled_from(WORDS), st.text(letters, min_size=1, max_size=30)).map(tidy)
filled = words.filter(bool)
expressions = st.sampled_from(EXPRESSIONS)
appearances = st.sampled_from(APPEARANCES).map(tidy)
extras = st.one_of(st.just({}), st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(letters, max_size=8)), words, max_size=3))
parameters = st.one_of(st.just({}), st.dictionaries(st.sampled_from(("start", "end", "randomize", "Step", "a b", "x=y")),
                                                    st.sampled_from(("1", "5", "true", "", "a b", "x;y", "Label")), max_size=3))
missing = st.lists(st.sampled_from(get_args(MissingKind)), unique=True, max_size=2).map(tuple)


def texts(languages: tuple[str, ...]) -> st.SearchStrategy[Text]:
    """In all languages, in some, or in none."""
    return st.one_of(
        st.just(Text()),
        st.lists(filled, min_size=len(languages), max_size=len(languages)).map(lambda each: Text(dict(zip(languages, each, strict=True)))),
        st.sampled_from(languages).flatmap(lambda language: filled.map(lambda each: Text({language: each}))),
    )


class _Drawn:
    """One questionnaire in the making: names are used once among their kind, but a page may be called like a question."""

    def __init__(self, draw: st.DrawFn):
        self.draw = draw
        self.languages = tuple(draw(st.lists(st.sampled_from(LANGUAGES), unique=True, min_size=1, max_size=3)))
        self.texts = texts(self.languages)
        self.lists = tuple(self._list(f"list{number}") for number in range(draw(st.integers(1, 3))))
        self.count = 0

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def _list(self, name: str) -> ChoiceList:
        names = self.draw(st.lists(st.sampled_from(("1", "2", "yes", "no", "other", "dont_know", "a-b", "A.1")), unique=True, min_size=1, max_size=4))
        return ChoiceList(name, tuple(self.draw(st.builds(
            Choice, st.just(each), self.texts, st.sampled_from((None, *get_args(MissingKind))), st.booleans(), extras)) for each in names))

    def question(self, within: tuple[Group, ...] = ()) -> Question:
        kind = self.draw(st.sampled_from(tuple(REGISTRY)))
        choices = self.draw(st.sampled_from(self.lists)) if REGISTRY[kind].takes_choices else None
        return self.draw(st.builds(
            Question, st.just(self.name("q")), st.just(kind), self.texts, self.texts, required=st.booleans(), relevant=expressions,
            constraint=expressions, constraint_message=self.texts, required_message=self.texts, choices=st.just(choices),
            choice_filter=expressions, calculation=expressions, default=words, parameters=parameters, appearance=appearances, missing=missing,
            within=st.just(within), extra=extras, factor=st.sampled_from(("", "staff", "access"))))

    def group(self, repeat: Repeat | None = None) -> Group:
        plain = self.draw(st.booleans())
        if plain and not repeat:
            return Group(self.name("g"), appearance=self.draw(appearances))
        return self.draw(st.builds(Group, st.just(self.name("g")), self.texts, self.texts, expressions, appearances, st.just(repeat), extras))

    def questions(self) -> tuple[Question, ...]:
        made: list[Question] = []
        for _ in range(self.draw(st.integers(1, 3))):
            depth = self.draw(st.sampled_from((0, 0, 0, 1, 2)))
            within = tuple(self.group() for _ in range(depth))
            made += [self.question(within) for _ in range(self.draw(st.integers(1, 2)))]
        return tuple(made)

    def page(self, within: tuple[Group, ...]) -> Page:
        questions = self.questions()
        if self.draw(st.booleans()):  # a page that says no more than what stands in it
            head = questions[0]
            of = self.draw(st.sampled_from((head.name, *(group.name for group in (*within, *head.within)))))
            label = self.draw(st.sampled_from((head.label, *(group.label for group in (*within, *head.within)))))
            questions = self.draw(st.sampled_from((questions, questions[:1])))
            return Page(f"{of}_page" if self._is_new(f"{of}_page") else self.name("p"), label, questions, within=within)
        name = questions[0].name if self.draw(st.booleans()) else self.name("p")
        return self.draw(st.builds(Page, st.just(name), self.texts, st.just(questions), self.texts, expressions, st.just(within), extras))

    def _is_new(self, name: str) -> bool:
        self.taken = getattr(self, "taken", set())
        new = name not in self.taken
        self.taken.add(name)
        return new

    def pages(self, within: tuple[Group, ...] = ()) -> list[Page]:
        made: list[Page] = []
        for _ in range(self.draw(st.integers(1, 3))):
            kind = self.draw(st.sampled_from(("page", "page", "page", "group", "repeat"))) if len(within) < 2 else "page"
            if kind == "page":
                made.append(self.page(within))
            else:
                repeat = Repeat(self.draw(st.sampled_from(("", "3", "${n}"))), self.draw(st.sampled_from((20, 5)))) if kind == "repeat" else None
                made += self.pages((*within, self.group(repeat)))
        return made

    def questionnaire(self) -> Questionnaire:
        pages = tuple(self.pages())
        draw = self.draw
        return Questionnaire(
            form_id=draw(st.sampled_from(("phieu", "A1", "one_stop"))), version=draw(st.sampled_from(("1", "2024.10", "1.50", "v-2"))),
            title=draw(self.texts.filter(bool)), consent=Consent(*(draw(self.texts) for _ in range(5))),
            respondent_groups=tuple(draw(st.lists(st.sampled_from(("citizens", "officials", "leaders")), unique=True, min_size=1, max_size=2))),
            rates=draw(st.sampled_from(("one_unit", "many_units"))), pages=pages, choice_lists=self.lists, languages=self.languages,
            default_language=draw(st.sampled_from(self.languages)),
            machine_drafted=tuple(draw(st.lists(st.sampled_from(self.languages), unique=True, max_size=2))),
            minutes=draw(st.one_of(st.none(), st.integers(1, 120))), description=draw(self.texts),
            collects=tuple(draw(st.lists(st.sampled_from(get_args(Collects)), unique=True, max_size=2))), extra=draw(extras))


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    return _Drawn(draw).questionnaire()
