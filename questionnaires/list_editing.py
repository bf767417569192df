"""What a designer does to choice lists; and what is copied from another questionnaire into this one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import get_args

from questionnaires import naming, rewriting
from questionnaires.checks import MAX_CHOICES
from questionnaires.editing import insert_question, page_of, refuse, taken_names, text
from questionnaires.model import Choice, ChoiceList, MissingKind, Question, Questionnaire, Text
from questionnaires.shape import shorten


def list_of(form: Questionnaire, name: str) -> ChoiceList:
    return next((each for each in form.choice_lists if each.name == name), None) or refuse(
        "Danh sách phương án", f"Không có danh sách “{shorten(name)}”.", "Tải lại bản nháp: có thể danh sách đã bị xóa.")


def choice_of(choices: ChoiceList, name: str) -> Choice:
    return next((each for each in choices if each.name == name), None) or refuse(
        f"Danh sách “{choices.name}”", f"Không có phương án “{shorten(name)}”.", "Tải lại trang: có thể phương án đã bị xóa.")


def add_list(form: Questionnaire, name: str, copy_of: ChoiceList | None = None) -> Questionnaire:
    """A list without choices, or with those of another list in the languages of this questionnaire."""
    _check_name(form, name)
    choices = tuple(replace(each, label=_spoken(each.label, form)) for each in copy_of or ())
    return replace(form, choice_lists=(*form.choice_lists, ChoiceList(name, choices)))


def rename_list(form: Questionnaire, old: str, new: str) -> Questionnaire:
    choices = list_of(form, old)
    if new == old:
        return form
    _check_name(replace(form, choice_lists=tuple(each for each in form.choice_lists if each.name != old)), new)
    users = using(form, old)
    renamed = ChoiceList(new, choices.choices)
    pages = rewriting.rewrite_questions(
        form.pages, lambda each: replace(each, choices=renamed) if each.name in users else each)
    lists = tuple(renamed if each is choices else each for each in form.choice_lists)
    return replace(form, choice_lists=lists, pages=pages)


def remove_list(form: Questionnaire, name: str) -> Questionnaire:
    choices = list_of(form, name)
    if users := using(form, name):
        refuse(f"Danh sách “{name}”", f"Chưa xóa được: câu {', '.join(users)} còn dùng danh sách này.",
               "Chọn danh sách khác cho các câu đó trước.")
    return rewriting.with_lists(form, tuple(each for each in form.choice_lists if each is not choices))


def using(form: Questionnaire, name: str) -> tuple[str, ...]:
    """The questions that offer a list."""
    return tuple(each.name for each in form.questions if each.choices and each.choices.name == name)


def add_choice(form: Questionnaire, list_name: str, label: str, name: str = "", missing: str = "") -> Questionnaire:
    """Kinds of missing go to the end, answers before them."""
    choices = list_of(form, list_name)
    if len(choices.choices) >= MAX_CHOICES:
        refuse(f"Danh sách “{list_name}”", f"Đã có {MAX_CHOICES} phương án, là số nhiều nhất.", "Bỏ bớt phương án.")
    made = name or (naming.free(missing, choices.names) if missing else _next_code(choices, label))
    _check_choice_name(choices, made)
    choice = Choice(made, text(label, form.default_language), _missing(missing))
    at = len(choices.choices) if missing else next(
        (index for index, each in enumerate(choices) if each.missing), len(choices.choices))
    return _with_list(form, list_name, lambda all_: (*all_[:at], choice, *all_[at:]))


def add_choices(form: Questionnaire, list_name: str, labels: Sequence[Text], name: str = "",
                missing: str = "") -> Questionnaire:
    """Choices with these labels, in order. A code, or a kind of missing, is given to one choice alone."""
    if len(labels) > 1 and (name or missing):
        refuse("Phương án mới", "Mã và ý nghĩa chỉ ghi được khi thêm một phương án.",
               "Thêm các dòng trước, rồi sửa mã và ý nghĩa của từng phương án.")
    for label in labels:
        before = set(list_of(form, list_name).names)
        form = add_choice(form, list_name, label.in_language(form.default_language), name, missing)
        added = next(each for each in list_of(form, list_name).names if each not in before)
        form = change_choice(form, list_name, added, label)
    return form


def change_choice(form: Questionnaire, list_name: str, name: str, label: Text | None = None, missing: str | None = None,
                  exclusive: bool | None = None, attributes: Mapping[str, str] | None = None) -> Questionnaire:
    choice = choice_of(list_of(form, list_name), name)
    if (wrong := next((each for each in attributes or () if not naming.NAME.fullmatch(each)), None)) is not None:
        refuse(f"Phương án “{name}”", f"Cột “{shorten(wrong)}” không dùng làm tên được.", naming.NAME_MEND)
    changed = replace(choice, label=choice.label if label is None else label,
                      missing=choice.missing if missing is None else _missing(missing),
                      exclusive=choice.exclusive if exclusive is None else exclusive,
                      attributes=choice.attributes if attributes is None else attributes)
    return _with_list(form, list_name, lambda all_: tuple(changed if each is choice else each for each in all_))


def rename_choice(form: Questionnaire, list_name: str, old: str, new: str) -> Questionnaire:
    """Conditions that compare a question of this list with the choice follow."""
    choices = list_of(form, list_name)
    choice = choice_of(choices, old)
    if new == old:
        return form
    _check_choice_name(ChoiceList(list_name, tuple(each for each in choices if each is not choice)), new)
    users = using(form, list_name)
    form = _with_list(form, list_name, lambda all_: tuple(replace(each, name=new) if each is choice else each for each in all_))

    def follow(expression: str, current: Question | None) -> str:
        for user in users:
            expression = rewriting.rename_compared(expression, user, old, new)
        if current and current.name in users:
            expression = rewriting.rename_compared(expression, ".", old, new)
        return expression

    return rewriting.rewrite_expressions(form, follow)


def rename_choices(form: Questionnaire, list_name: str, new: Mapping[str, str]) -> Questionnaire:
    """All at once: a choice may take the code that another one gives up."""
    changed = {old: code for old, code in new.items() if code != old}
    wanted = {code.lower() for code in changed.values()}
    between: dict[str, str] = {}
    for old in changed:
        if old.lower() in wanted:
            between[old] = naming.free("x", [*list_of(form, list_name).names, *changed.values()])
            form = rename_choice(form, list_name, old, between[old])
    for old, code in changed.items():
        form = rename_choice(form, list_name, between.get(old, old), code)
    return form


def remove_choice(form: Questionnaire, list_name: str, name: str) -> Questionnaire:
    choice = choice_of(list_of(form, list_name), name)
    return _with_list(form, list_name, lambda all_: tuple(each for each in all_ if each is not choice))


def move_choice(form: Questionnaire, list_name: str, name: str, by: int) -> Questionnaire:
    choices = list_of(form, list_name)
    at = choices.choices.index(choice_of(choices, name))
    to = max(0, min(at + by, len(choices.choices) - 1))
    rest = choices.choices[:at] + choices.choices[at + 1 :]
    return _with_list(form, list_name, lambda _all: (*rest[:to], choices.choices[at], *rest[to:]))


def copy_question(form: Questionnaire, page_name: str, question: Question) -> Questionnaire:
    """A question of another questionnaire, with its list, at the end of a page.

    A list of the same name and content is used again. Conditions stay only where they look at questions that this
    questionnaire has; the caller may tell that they were left out (see `kept_conditions`).
    """
    page_of(form, page_name)
    copied = kept_conditions(form, question)
    copied = replace(
        copied, name=naming.free(question.name, taken_names(form)), within=(),
        **{part: _spoken(getattr(question, part), form) for part in rewriting.QUESTION_TEXTS})
    if question.choices:
        wanted = ChoiceList(question.choices.name, tuple(
            replace(each, label=_spoken(each.label, form)) for each in question.choices))
        same = next((each for each in form.choice_lists if each.choices == wanted.choices), None)
        if same is None:
            name = naming.free(wanted.name, [each.name for each in form.choice_lists])
            same = ChoiceList(name, wanted.choices)
            form = replace(form, choice_lists=(*form.choice_lists, same))
        copied = replace(copied, choices=same)
    return insert_question(form, page_name, copied)


def kept_conditions(form: Questionnaire, question: Question) -> Question:
    """The question without the conditions that look at what this questionnaire does not have."""
    names = {each.name for each in form.questions}
    gone = {part: "" for part in ("relevant", "constraint", "choice_filter", "calculation")
            if any(each not in names for each in rewriting.references(getattr(question, part)))}
    if "constraint" in gone:
        return replace(question, constraint_message=Text(), **gone)
    return replace(question, **gone)


def _with_list(form: Questionnaire, name: str,
               change: Callable[[tuple[Choice, ...]], tuple[Choice, ...]]) -> Questionnaire:
    old = list_of(form, name)
    lists = tuple(ChoiceList(name, change(each.choices)) if each is old else each for each in form.choice_lists)
    return rewriting.with_lists(form, lists)


def _spoken(each: Text, form: Questionnaire) -> Text:
    return Text(MappingProxyType({code: words for code, words in each.by_language.items() if code in form.languages}))


def _missing(kind: str) -> MissingKind | None:
    if kind and kind not in get_args(MissingKind):
        refuse("Phương án", f"Không biết loại “{shorten(kind)}”.", "Chọn một mục trong danh sách.")
    return kind or None  # type: ignore[return-value]


def _next_code(choices: ChoiceList, label: str) -> str:
    """1, 2, 3 ... where the codes are numbers (an empty list begins so), else a name made of the label."""
    codes = choices.substantive
    if all(code.isdecimal() for code in codes):
        return str(max((int(code) for code in codes), default=0) + 1)
    return naming.name_from(label, choices.names, "pa")


def _check_name(form: Questionnaire, name: str) -> None:
    if not naming.NAME.fullmatch(name):
        refuse("Tên danh sách", f"“{shorten(name)}” không dùng làm tên được." if name else "Tên còn trống.", naming.NAME_MEND)
    if name.lower() in {each.name.lower() for each in form.choice_lists}:
        refuse("Tên danh sách", f"Danh sách “{shorten(name)}” đã có.", "Đặt một tên khác.")


def _check_choice_name(choices: ChoiceList, name: str) -> None:
    if not naming.CHOICE_NAME.fullmatch(name):
        refuse("Mã phương án", f"Mã “{shorten(name)}” không đúng dạng.",
               "Chỉ dùng chữ không dấu, số, “_”, “-” và “.”, không có dấu cách, tối đa 60 ký tự.")
    if name.lower() in {each.lower() for each in choices.names}:
        refuse("Mã phương án", f"Mã “{name}” đã có trong danh sách này.", "Đặt một mã khác.")
