"""Faults of conditions, calculations and filters: syntax, names that do not exist, questions that come too late to be asked
about, answers of a repeat where there is no one value. Earlier answers that texts mention are checked alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from documents.yaml_reader import Path
from questionnaires import expressions
from questionnaires.answers import type_of
from questionnaires.expressions import Expression, ExpressionError
from questionnaires.findings import Finding
from questionnaires.model import Group, Question, Questionnaire, Text
from questionnaires.odk_semantics import OVER_TIMES
from questionnaires.offering import PIPED, attributes_of
from questionnaires.shape import did_you_mean, shorten


@dataclass(frozen=True)
class _Condition:
    """An expression where it stands: what it may look at, and whose answer `.` is, if anyone's."""

    path: Path
    source: str
    #: questions with a position below this one have been answered when the expression is evaluated
    known_before: int
    current: Question | None = None
    #: the repeat that it stands in: questions of the same one are those of the same time
    repeat: str = ""
    #: bare names that may stand in it
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Placed:
    """What a name stands for: a question, or (None) a repeat as a whole."""

    question: Question | None
    #: the last position of it
    position: int
    repeat: str


def check_expressions(questionnaire: Questionnaire) -> Iterator[Finding]:
    placed = _places(questionnaire)
    for condition in _conditions(questionnaire):
        try:
            expression = expressions.compile(condition.source, condition.attributes)
        except ExpressionError as error:
            yield Finding(condition.path, error.reason, error.mend)
        else:
            yield from _check_references(condition, expression, placed)
            yield from _check_compared_choices(condition, expression, placed)
    yield from _check_piped(questionnaire, placed)


def _places(questionnaire: Questionnaire) -> dict[str, _Placed]:
    placed: dict[str, _Placed] = {}
    position = 0
    for page in questionnaire.pages:
        repeat = page.repeat.name if page.repeat else ""
        for question in page.questions:
            placed.setdefault(question.name, _Placed(question, position, repeat))
            position += 1
        if repeat:
            placed[repeat] = _Placed(None, position - 1, repeat)
    return placed


def _conditions(questionnaire: Questionnaire) -> Iterator[_Condition]:
    position = 0
    begun: set[str] = set()
    for page_index, page in enumerate(questionnaire.pages):
        path: Path = ("pages", page_index)
        repeat = page.repeat.name if page.repeat else ""
        yield from _of_groups(page.within, begun, position, "")
        if page.relevant:
            yield _Condition((*path, "relevant"), page.relevant, position, repeat=repeat)
        end_of_page = position + len(page.questions)
        for index, question in enumerate(page.questions):
            place = (*path, "questions", index)
            yield from _of_groups(question.within, begun, position, repeat)
            if question.relevant:
                yield _Condition((*place, "relevant"), question.relevant, position, repeat=repeat)
            if question.calculation:
                yield _Condition((*place, "calculation"), question.calculation, position, repeat=repeat)
            if question.choice_filter and question.choices:
                yield _Condition((*place, "choice_filter"), question.choice_filter, position, repeat=repeat,
                                 attributes=attributes_of(question.choices))
            if question.constraint and type_of(question).in_expressions:
                # a page is checked as a whole, so a constraint sees all of its questions
                yield _Condition((*place, "constraint"), question.constraint, end_of_page, question, repeat)
            position += 1


def _of_groups(chain: tuple[Group, ...], begun: set[str], position: int, inside: str) -> Iterator[_Condition]:
    """The conditions of the groups that begin here. Those around a repeat, and its own, are judged once for all times."""
    for group in chain:
        if group.name not in begun:
            begun.add(group.name)
            if group.relevant:
                yield _Condition(("groups", group.name, "relevant"), group.relevant, position, repeat=inside)
            if group.repeat and group.repeat.count:
                yield _Condition(("groups", group.name, "count"), group.repeat.count, position)
        if group.repeat:
            inside = group.name


def _check_references(
    condition: _Condition, expression: Expression, placed: Mapping[str, _Placed]
) -> Iterator[Finding]:
    for name in expression.references:
        found = placed.get(name)
        if found is None:
            yield Finding(
                condition.path, f"Không có câu hỏi “{shorten(name)}”.", did_you_mean(name, tuple(placed))
            )
        elif found.question and not type_of(found.question).in_expressions:
            yield Finding(
                condition.path,
                f"Điều kiện không xét được câu “{name}” (loại {found.question.type}).",
                "Dùng một câu hỏi loại khác.",
            )
        elif found.repeat != condition.repeat and found.repeat and name not in expression.over_times:
            yield Finding(
                condition.path,
                f"“{name}” được hỏi nhiều lần trong nhóm lặp “{found.repeat}”, nên ở đây không có một giá trị.",
                f"Dùng một hàm trên mọi lần: {', '.join(sorted(OVER_TIMES))}.",
            )
        elif found.repeat and found.repeat == condition.repeat and found.question and name in expression.indexed:
            yield Finding(
                condition.path,
                f"Trong nhóm lặp “{found.repeat}”, indexed-repeat không xem được lần khác của “{name}”.",
                "Chỉ dùng indexed-repeat sau nhóm lặp.",
            )
        elif found.position >= condition.known_before and not (found.question is None and found.repeat == condition.repeat):
            yield Finding(
                condition.path,
                f"Câu hỏi “{name}” chưa được trả lời khi xét điều kiện này.",
                "Chỉ dùng câu hỏi đứng trước; đổi thứ tự các câu hỏi nếu cần.",
            )
    if expression.uses_current and condition.current is None:
        yield Finding(
            condition.path,
            "Dấu chấm “.” chỉ dùng trong constraint.",
            "Viết ${ten_cau_hoi} thay cho dấu chấm.",
        )
    if expression.uses_position and not condition.repeat:
        yield Finding(condition.path, "position(..) chỉ dùng trong nhóm lặp.", "Bỏ position(..) khỏi biểu thức này.")


def _check_piped(questionnaire: Questionnaire, placed: Mapping[str, _Placed]) -> Iterator[Finding]:
    """Earlier answers put into texts: the question is there, was answered before, and has one answer in words."""
    position = 0
    begun: set[str] = set()
    for page_index, page in enumerate(questionnaire.pages):
        path: Path = ("pages", page_index)
        repeat = page.repeat.name if page.repeat else ""
        yield from _check_group_texts(page.within, begun, position, "", placed)
        for key in ("label", "hint"):
            yield from _check_text((*path, key), getattr(page, key), position, repeat, placed)
        for index, question in enumerate(page.questions):
            place = (*path, "questions", index)
            yield from _check_group_texts(question.within, begun, position, repeat, placed)
            for key in ("label", "hint", "constraint_message"):
                yield from _check_text((*place, key), getattr(question, key), position, repeat, placed)
            position += 1
    for choices in questionnaire.choice_lists:
        users = [placed[question.name].position for question in questionnaire.questions if question.choices == choices]
        for index, choice in enumerate(choices):
            yield from _check_text(("choices", choices.name, index, "label"), choice.label, min(users, default=0), "", placed)


def _check_group_texts(chain: tuple[Group, ...], begun: set[str], position: int, inside: str,
                       placed: Mapping[str, _Placed]) -> Iterator[Finding]:
    """Those of the groups that begin here. What a repeat is called is said once, before its first time."""
    for group in chain:
        if group.name not in begun:
            begun.add(group.name)
            for key in ("label", "hint"):
                yield from _check_text(("groups", group.name, key), getattr(group, key), position, inside, placed)
        if group.repeat:
            inside = group.name


def _check_text(path: Path, text: Text, position: int, repeat: str, placed: Mapping[str, _Placed]) -> Iterator[Finding]:
    for name in dict.fromkeys(name for words in text.by_language.values() for name in PIPED.findall(words)):
        found = placed.get(name)
        if found is None or found.question is None:
            yield Finding(path, f"Câu chữ nhắc đến “${{{shorten(name)}}}” nhưng không có câu hỏi tên đó.",
                          did_you_mean(name, [each for each, at in placed.items() if at.question]))
        elif found.position >= position or found.repeat not in ("", repeat) or not type_of(found.question).in_expressions:
            yield Finding(path, f"Ở đây không đưa được câu trả lời của “{name}” vào câu chữ.",
                          "Chỉ nhắc đến câu hỏi đứng trước, có một câu trả lời, và trong cùng nhóm lặp.")


def _check_compared_choices(
    condition: _Condition, expression: Expression, placed: Mapping[str, _Placed]
) -> Iterator[Finding]:
    """`${served} = 'có'` can never hold if the list says `yes`."""
    for name, text in expression.compared_texts:
        question = condition.current if name == "." else placed[name].question if name in placed else None
        if question and question.choices and text and text not in question.choices.names:
            yield Finding(
                condition.path,
                f"Câu “{question.name}” không có phương án “{shorten(text)}”.",
                did_you_mean(text, question.choices.names),
            )
