"""Ways through a whole questionnaire: every text, every expression, each given to a function and put back."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from questionnaires.model import CONSENT_PARTS, Choice, ChoiceList, Consent, Group, Page, Question, Questionnaire, Text

#: where a text stands: ("title",), ("consent", "purpose"), ("choices", list, choice, "label"), ("pages", page, "hint"),
#: ("questions", question, "label"), ("groups", group, "label"). By names, which stay when the order changes.
Key = tuple[str, ...]
ChangeText = Callable[[Key, Text], Text]

QUESTION_TEXTS = ("label", "hint", "constraint_message", "required_message")
_STRING = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True)
class Placed:
    key: Key
    text: Text


def texts(questionnaire: Questionnaire) -> Iterator[Placed]:
    """Every text, also the empty ones, in the order in which people meet them."""
    found: dict[Key, Text] = {}

    def keep(key: Key, text: Text) -> Text:
        found.setdefault(key, text)
        return text

    rewrite_texts(questionnaire, keep)
    return (Placed(key, text) for key, text in found.items())


def with_texts(questionnaire: Questionnaire, language: str, words: dict[Key, str]) -> Questionnaire:
    """The same with these words in one language; empty words take the translation away."""
    return rewrite_texts(
        questionnaire, lambda key, text: in_language(text, language, words[key]) if key in words else text
    )


def in_language(text: Text, language: str, words: str) -> Text:
    kept = {code: each for code, each in text.by_language.items() if code != language}
    return Text(MappingProxyType(kept | ({language: words} if words else {})))


def rewrite_texts(questionnaire: Questionnaire, change: ChangeText) -> Questionnaire:
    title, description = change(("title",), questionnaire.title), change(("description",), questionnaire.description)
    consent = Consent(
        **{part: change(("consent", part), getattr(questionnaire.consent, part)) for part in CONSENT_PARTS}
    )
    pages = tuple(_page_texts(page, change) for page in questionnaire.pages)
    lists = tuple(_list_texts(each, change) for each in questionnaire.choice_lists)
    return with_lists(
        replace(questionnaire, title=title, description=description, consent=consent, pages=pages), lists
    )


def _page_texts(page: Page, change: ChangeText) -> Page:
    return replace(
        page,
        label=change(("pages", page.name, "label"), page.label),
        hint=change(("pages", page.name, "hint"), page.hint),
        within=tuple(_group_texts(group, change) for group in page.within),
        questions=tuple(_question_texts(question, change) for question in page.questions),
    )


def _question_texts(question: Question, change: ChangeText) -> Question:
    key = ("questions", question.name)
    changed = {part: change((*key, part), getattr(question, part)) for part in QUESTION_TEXTS}
    return replace(question, within=tuple(_group_texts(group, change) for group in question.within), **changed)


def _group_texts(group: Group, change: ChangeText) -> Group:
    key = ("groups", group.name)
    return replace(group, label=change((*key, "label"), group.label), hint=change((*key, "hint"), group.hint))


def _list_texts(choices: ChoiceList, change: ChangeText) -> ChoiceList:
    return ChoiceList(choices.name, tuple(_choice_text(choices.name, choice, change) for choice in choices))


def _choice_text(list_name: str, choice: Choice, change: ChangeText) -> Choice:
    return replace(choice, label=change(("choices", list_name, choice.name, "label"), choice.label))


def with_lists(questionnaire: Questionnaire, lists: tuple[ChoiceList, ...]) -> Questionnaire:
    """These choice lists, also in the questions that offer them; a question whose list is gone has none."""
    by_name = {each.name: each for each in lists}
    return replace(
        questionnaire,
        choice_lists=lists,
        pages=rewrite_questions(
            questionnaire.pages,
            lambda each: replace(each, choices=by_name.get(each.choices.name)) if each.choices else each,
        ),
    )


def rewrite_questions(pages: tuple[Page, ...], change: Callable[[Question], Question]) -> tuple[Page, ...]:
    return tuple(replace(page, questions=tuple(change(question) for question in page.questions)) for page in pages)


def rewrite_expressions(questionnaire: Questionnaire, change: Callable[[str, Question | None], str]) -> Questionnaire:
    """Every expression through `change`, with the question whose answer is `.` in it."""

    def of_group(group: Group) -> Group:
        repeat = replace(group.repeat, count=change(group.repeat.count, None)) if group.repeat else None
        return replace(group, relevant=change(group.relevant, None), repeat=repeat)

    def of_question(question: Question) -> Question:
        return replace(
            question,
            relevant=change(question.relevant, None),
            constraint=change(question.constraint, question),
            choice_filter=change(question.choice_filter, None),
            calculation=change(question.calculation, None),
            within=tuple(of_group(group) for group in question.within),
        )

    return replace(
        questionnaire,
        pages=tuple(
            replace(
                page,
                relevant=change(page.relevant, None),
                within=tuple(of_group(group) for group in page.within),
                questions=tuple(of_question(question) for question in page.questions),
            )
            for page in questionnaire.pages
        ),
    )


def refers_to(expression: str, name: str) -> bool:
    return bool(_reference(name).search(_STRING.sub("", expression)))


def rename_reference(expression: str, old: str, new: str) -> str:
    """`${old}` -> `${new}`, outside of quoted text."""
    pieces, end = [], 0
    for literal in _STRING.finditer(expression):
        pieces += [_reference(old).sub(f"${{{new}}}", expression[end : literal.start()]), literal.group()]
        end = literal.end()
    return "".join([*pieces, _reference(old).sub(f"${{{new}}}", expression[end:])])


def rename_compared(expression: str, subject: str, old: str, new: str) -> str:
    """`${subject} = 'old'` and `selected(${subject}, 'old')` -> the same with 'new'; the subject may be `.`"""
    who = r"(?<![\w.])\." if subject == "." else rf"\$\{{\s*{re.escape(subject)}\s*\}}"
    after = re.compile(rf"({who}\s*(?:!?=|,)\s*)(['\"]){re.escape(old)}\2")
    before = re.compile(rf"(['\"]){re.escape(old)}\1(\s*!?=\s*{who})")
    return before.sub(rf"\g<1>{new}\g<1>\g<2>", after.sub(rf"\g<1>\g<2>{new}\g<2>", expression))


def _reference(name: str) -> re.Pattern[str]:
    return re.compile(rf"\$\{{\s*{re.escape(name)}\s*\}}")


def rename_everywhere(words: str, old: str, new: str) -> str:
    """In a text, where quotation marks quote nothing."""
    return _reference(old).sub(f"${{{new}}}", words)


def references(expression: str) -> tuple[str, ...]:
    """The questions that an expression names, also where it does not compile."""
    return tuple(dict.fromkeys(re.findall(r"\$\{\s*([A-Za-z_]\w*)\s*\}", _STRING.sub("", expression))))
