"""What an ODK client cannot do with a questionnaire of ours: nothing of it may be lost in silence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from questionnaires.model import Question, Questionnaire, Repeat
from questionnaires.xlsform import types
from questionnaires.xlsform.cells import is_computed


@dataclass(frozen=True)
class Limit:
    """Something of the questionnaire that an ODK client does not show or keep to, and the questions concerned, if any."""

    reason: str
    questions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.reason} Câu: {', '.join(self.questions)}." if self.questions else self.reason


def limits(questionnaire: Questionnaire) -> tuple[Limit, ...]:
    return tuple(_limits(questionnaire))


def _limits(questionnaire: Questionnaire) -> Iterator[Limit]:
    yield Limit("Lời giới thiệu và đồng ý không có trong ODK: phải đưa cho người trả lời xem trước, bằng cách khác.")
    if questionnaire.rates == "many_units":
        yield Limit("ODK không biết các đơn vị được giao đánh giá.")
    for reason, concerns in _OF_QUESTIONS:
        names = tuple(question.name for question in questionnaire.questions if concerns(question))
        if names:
            yield Limit(reason, names)
    if any(group.repeat and group.repeat.most != Repeat.most for page in questionnaire.pages for group in page.within):
        yield Limit("ODK không giữ số lần tối đa của nhóm lặp.")


def _excludes(question: Question) -> bool:
    return question.type in types.SEVERAL and any(choice.exclusive or choice.missing for choice in question.choices or ())


_OF_QUESTIONS: tuple[tuple[str, Callable[[Question], bool]], ...] = (
    (
        "Loại câu hỏi không có trong ODK, chỉ hiện như lời dẫn và không thu được câu trả lời.",
        lambda question: question.type not in types.SHARED,
    ),
    ("ODK không có “không biết”, “từ chối” bên cạnh ô nhập.", lambda question: bool(question.missing)),
    ("ODK hiểu giá trị điền sẵn như một biểu thức nên bỏ đi.", lambda question: is_computed(question.default)),
    ("ODK không giữ việc một phương án loại trừ các phương án khác.", _excludes),
)
