"""Repeats that are asked fewer times than an answer says."""

from collections.abc import Iterator

from questionnaires import expressions
from questionnaires.answer_domains import domain, looking_at
from questionnaires.expression_tree import UNKNOWN, names, tree, truth
from questionnaires.findings import Advice
from questionnaires.model import Questionnaire, Repeat


def advise_on_repeats(questionnaire: Questionnaire) -> Iterator[Advice]:
    for group in questionnaire.groups:
        if group.repeat and group.repeat.count:
            for name in _may_say_more(questionnaire, group.repeat):
                most = group.repeat.most
                yield Advice(
                    ("groups", group.name, "most"),
                    f"Câu “{name}” có thể cho hơn {most} lần, nhưng nhóm lặp “{group.name}” được hỏi nhiều nhất {most} lần; "
                    "những lần sau đó không được hỏi.",
                    "Thêm ràng buộc cho câu đó, hoặc tăng số lần tối đa của nhóm.",
                    "repeat_cut",
                )


def _may_say_more(questionnaire: Questionnaire, repeat: Repeat) -> Iterator[str]:
    """The question that the count hangs on, if an answer that is surely taken makes it more than the repeat's most."""
    more = tree(expressions.compile(f"({repeat.count}) > {repeat.most}"))
    if len(names(more)) != 1:
        return
    for question in questionnaire.questions:
        if question.name in names(more):
            constraint = tree(expressions.compile(question.constraint)) if question.constraint else None
            values = domain(question, [more], constraint).values
            if any(value is not UNKNOWN and truth(more, looking_at(value)) for value in values):
                yield question.name
