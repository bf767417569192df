"""What a designer does to a questionnaire: model -> model, one small function for each thing done.

What cannot be done is refused with documents.faults.Faults, in words for the person who tried. What can be done but leaves the
questionnaire unfinished (no label yet, a condition that now looks forward) is done; checks.check tells what is missing.
Choice lists: list_editing.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NoReturn

from documents.faults import Fault, Faults
from questionnaires import naming, ordering, rewriting
from questionnaires.answers import REGISTRY, type_of
from questionnaires.checks import MAX_PAGES, MAX_QUESTIONS
from questionnaires.group_checks import MAX_DEPTH
from questionnaires.model import ChoiceList, Consent, Page, Question, Questionnaire, Text
from questionnaires.shape import shorten

#: what change_question may set; a name or a type takes more than setting it
SETTABLE = frozenset(
    {
        "label",
        "hint",
        "required",
        "relevant",
        "constraint",
        "constraint_message",
        "required_message",
        "choice_filter",
        "calculation",
        "default",
        "parameters",
        "appearance",
        "missing",
        "factor",
    }
)
_WHAT = {"câu": "Câu hỏi", "nhóm": "Nhóm"}
PAGE_SETTABLE = frozenset({"label", "hint", "relevant"})
FORM_SETTABLE = frozenset(
    {
        "form_id",
        "version",
        "title",
        "description",
        "consent",
        "respondent_groups",
        "rates",
        "languages",
        "default_language",
        "machine_drafted",
        "minutes",
        "collects",
        "breaks_series",
        "renames",
    }
)


def text(words: str, language: str) -> Text:
    return Text(MappingProxyType({language: words} if words else {}))


def empty(form_id: str, version: str, title: str, language: str = "vi") -> Questionnaire:
    check_identity(form_id)
    nothing = Text()
    return Questionnaire(
        form_id=form_id,
        version=version,
        title=text(title, language),
        consent=Consent(nothing, nothing, nothing, nothing, nothing),
        respondent_groups=(),
        rates="one_unit",
        pages=(),
        choice_lists=(),
        languages=(language,),
        default_language=language,
    )


def check_identity(form_id: str) -> None:
    if not naming.NAME.fullmatch(form_id):
        wrong = f"Mã phiếu “{shorten(form_id)}” không đúng dạng." if form_id else "Chưa ghi mã phiếu."
        refuse("Mã phiếu", wrong, naming.NAME_MEND)


def change_settings(form: Questionnaire, **changes: Any) -> Questionnaire:
    _only(changes, FORM_SETTABLE)
    check_identity(changes.get("form_id", form.form_id))
    languages = changes.get("languages", form.languages)
    default = changes.get("default_language", form.default_language)
    if default not in languages:
        refuse("Ngôn ngữ", "Ngôn ngữ mặc định không nằm trong các ngôn ngữ của phiếu.", "Chọn một ngôn ngữ của phiếu.")
    changed = replace(form, **changes)
    gone = set(form.languages) - set(languages)
    if gone:
        changed = rewriting.rewrite_texts(changed, lambda _key, each: _without(each, gone))
    return replace(changed, machine_drafted=tuple(each for each in changed.machine_drafted if each in languages))


# Pages


def add_page(form: Questionnaire, label: str, name: str = "") -> Questionnaire:
    if len(form.pages) >= MAX_PAGES:
        refuse("Trang", f"Phiếu đã có {MAX_PAGES} trang, là số nhiều nhất.", "Gộp bớt trang.")
    taken = [page.name for page in form.pages]
    made = new_name(name, taken, "Tên trang") if name else naming.name_from(label, taken, "trang")
    return replace(form, pages=(*form.pages, Page(made, text(label, form.default_language), ())))


def change_page(form: Questionnaire, name: str, **changes: Any) -> Questionnaire:
    _only(changes, PAGE_SETTABLE)
    return _with_page(form, name, lambda page: replace(page, **changes))


def rename_page(form: Questionnaire, old: str, new: str) -> Questionnaire:
    if new == old:
        return form
    new_name(new, [page.name for page in form.pages if page.name != old], "Tên trang")
    return _with_page(form, old, lambda page: replace(page, name=new))


def remove_page(form: Questionnaire, name: str) -> Questionnaire:
    page = page_of(form, name)
    inside = {question.name for question in page.questions}
    for question in page.questions:
        _refuse_if_asked_about(form, question.name, apart_from=inside)
    for group in ordering.own_groups(form.pages, form.pages.index(page)):
        # conditions may count over a repeat, which goes with its last page
        _refuse_if_asked_about(form, group.name, apart_from={page.name, *inside}, what="nhóm")
    return replace(form, pages=tuple(each for each in form.pages if each is not page))


def duplicate_page(form: Questionnaire, name: str) -> Questionnaire:
    """The copy stands behind the page; its questions have new names, and look at one another as the originals do."""
    page = page_of(form, name)
    if len(form.pages) >= MAX_PAGES:
        refuse("Trang", f"Phiếu đã có {MAX_PAGES} trang, là số nhiều nhất.", "Gộp bớt trang.")
    _refuse_too_many(form, len(page.questions))
    taken = taken_names(form)
    renamed: dict[str, str] = {}
    for question in page.questions:
        renamed[question.name] = naming.free(question.name, [*taken, *renamed.values()])
    groups: dict[str, str] = {}
    for group in (group for question in page.questions for group in question.within):
        if group.name not in groups:
            groups[group.name] = naming.free(group.name, [*taken, *renamed.values(), *groups.values()])
    copy = replace(page, name=naming.free(page.name, [each.name for each in form.pages]))
    alone = replace(form, pages=(replace(copy, questions=tuple(
        replace(question, name=renamed[question.name],
                within=tuple(replace(group, name=groups[group.name]) for group in question.within))
        for question in page.questions)),))
    copied = rewriting.rewrite_expressions(alone, lambda each, _question: _all_renamed(each, renamed)).pages[0]
    # the page's own condition, and those of the groups around it, look back at what stands before both of them
    copied = replace(copied, relevant=page.relevant, within=page.within)
    at = form.pages.index(page) + 1
    return replace(form, pages=(*form.pages[:at], copied, *form.pages[at:]))


def move_page(form: Questionnaire, name: str, by: int) -> Questionnaire:
    """A step up (-1) or down (1)."""
    return replace(form, pages=ordering.step(form.pages, form.pages.index(page_of(form, name)), by))


def place_page(form: Questionnaire, name: str, position: int) -> Questionnaire:
    """To a position (from 0), step by step, so that groups stay whole."""
    for _ in range(4 * len(form.pages)):
        at = form.pages.index(page_of(form, name))
        if at == max(0, min(position, len(form.pages) - 1)):
            break
        form = move_page(form, name, 1 if at < position else -1)
    return form


# Questions


def add_question(
    form: Questionnaire, page_name: str, type_name: str, label: str, name: str = "", list_name: str = ""
) -> Questionnaire:
    taken = taken_names(form)
    made = _new_question_name(name, taken) if name else naming.name_from(label, taken, "cau")
    question = Question(made, _known_type(type_name), text(label, form.default_language))
    question = replace(question, choices=_list_for(form, question, list_name))
    return insert_question(form, page_name, question)


def add_questions(form: Questionnaire, page_name: str, type_name: str, labels: Sequence[str], list_name: str = "",
                  **also: Any) -> Questionnaire:
    """Questions that have all but their words in common, such as those of one scale; `also` as in change_question."""
    for label in labels:
        form = add_question(form, page_name, type_name, label, list_name=list_name)
        form = change_question(form, page_of(form, page_name).questions[-1].name, **also)
    return form


def insert_question(form: Questionnaire, page_name: str, question: Question) -> Questionnaire:
    """At the end of a page."""
    _refuse_too_many(form, 1)
    return _with_page(form, page_name, lambda page: replace(page, questions=(*page.questions, question)))


def change_question(form: Questionnaire, name: str, **changes: Any) -> Questionnaire:
    _only(changes, SETTABLE)
    return _with_question(form, name, lambda question: replace(question, **changes))


def change_type(form: Questionnaire, name: str, type_name: str, list_name: str = "") -> Questionnaire:
    changed = replace(question_of(form, name), type=_known_type(type_name))
    if not type_of(changed).asks:
        changed = replace(changed, required=False)
    return _with_question(form, name, lambda _old: replace(changed, choices=_list_for(form, changed, list_name)))


def rename_question(form: Questionnaire, old: str, new: str) -> Questionnaire:
    """Conditions and texts that name it follow."""
    question_of(form, old)
    if new == old:
        return form
    _new_question_name(new, [name for name in taken_names(form) if name != old])
    form = _with_question(form, old, lambda question: replace(question, name=new))
    form = replace(form, breaks_series=_key_renamed(form.breaks_series, old, new), renames=_key_renamed(form.renames, old, new))
    form = rewriting.rewrite_expressions(form, lambda each, _question: rewriting.rename_reference(each, old, new))
    return rewriting.rewrite_texts(form, lambda _key, each: _renamed_in_text(each, old, new))


def remove_question(form: Questionnaire, name: str) -> Questionnaire:
    question = question_of(form, name)
    _refuse_if_asked_about(form, name, apart_from={name})
    return replace(form, pages=tuple(
        replace(page, questions=tuple(each for each in page.questions if each is not question)) for page in form.pages))


def duplicate_question(form: Questionnaire, name: str) -> Questionnaire:
    _refuse_too_many(form, 1)
    page, question = page_with(form, name), question_of(form, name)
    copy = replace(question, name=naming.free(name, taken_names(form)))
    at = page.questions.index(question) + 1
    return _with_page(form, page.name, lambda each: replace(each, questions=(*each.questions[:at], copy, *each.questions[at:])))


def move_question(form: Questionnaire, name: str, by: int) -> Questionnaire:
    """A step up (-1) or down (1); over the edge of its page to the end or the beginning of the page beside it."""
    page, question = page_with(form, name), question_of(form, name)
    moved = ordering.step(page.questions, page.questions.index(question), by)
    if moved != page.questions:
        return _with_page(form, page.name, lambda each: replace(each, questions=moved))
    beside = form.pages.index(page) + by
    if not 0 <= beside < len(form.pages):
        return form
    return place_question(form, name, form.pages[beside].name, 0 if by > 0 else len(form.pages[beside].questions))


def place_question(form: Questionnaire, name: str, page_name: str, position: int) -> Questionnaire:
    """To a position (from 0) of a page, which may be another; there it joins the groups that both its neighbours stand in.

    The groups that it has for itself come along.
    """
    page, question, old = page_of(form, page_name), question_of(form, name), page_with(form, name)
    others = tuple(each for each in page.questions if each is not question)
    position = max(0, min(position, len(others)))
    before = others[position - 1].within if position else ()
    after = others[position].within if position < len(others) else ()
    common = tuple(group for group, other in zip(before, after, strict=False) if group == other)
    chain = (*common, *ordering.own_groups(old.questions, old.questions.index(question)))
    if not ordering.fits(chain):
        refuse("Nhóm", f"Ở chỗ mới, câu “{name}” sẽ nằm trong quá {MAX_DEPTH} tầng nhóm.", "Bỏ bớt một nhóm trước.")
    placed = replace(question, within=chain)
    without = tuple(
        replace(each, questions=tuple(one for one in each.questions if one is not question)) for each in form.pages)
    return _with_page(replace(form, pages=without), page_name,
                      lambda each: replace(each, questions=(*others[:position], placed, *others[position:])))


# What the functions above are made of


def refuse(place: str, reason: str, mend: str) -> NoReturn:
    raise Faults([Fault(place, reason, mend)])


def taken_names(form: Questionnaire) -> list[str]:
    """Of questions and groups: an expression may mean either."""
    return [*(question.name for question in form.questions), *(group.name for group in form.groups)]


def page_of(form: Questionnaire, name: str) -> Page:
    return form.page(name) or refuse("Trang", f"Không có trang “{shorten(name)}”.", "Tải lại bản nháp: có thể trang đã bị xóa.")


def question_of(form: Questionnaire, name: str) -> Question:
    return form.question(name) or refuse(
        "Câu hỏi", f"Không có câu hỏi “{shorten(name)}”.", "Tải lại bản nháp: có thể câu hỏi đã bị xóa.")


def asked_about_in(form: Questionnaire, name: str) -> tuple[str, ...]:
    """Names of the pages and questions whose conditions look at a question."""
    found = []
    for page in form.pages:
        chain = [each for group in page.within for each in (group.relevant, group.repeat.count if group.repeat else "")]
        if any(rewriting.refers_to(each, name) for each in (page.relevant, *chain)):
            found.append(page.name)
        for question in page.questions:
            own = (question.relevant, question.constraint, question.choice_filter, question.calculation,
                   *(group.relevant for group in question.within))
            if any(rewriting.refers_to(each, name) for each in own):
                found.append(question.name)
    return tuple(found)


def _refuse_if_asked_about(form: Questionnaire, name: str, apart_from: set[str], what: str = "câu") -> None:
    others = [each for each in asked_about_in(form, name) if each not in apart_from]
    if others:
        refuse(f"{_WHAT[what]} “{name}”", f"Chưa xóa được: điều kiện của {', '.join(others)} còn dùng {what} này.",
               "Sửa hoặc bỏ các điều kiện đó trước.")


def page_with(form: Questionnaire, question_name: str) -> Page:
    question = question_of(form, question_name)
    return next(page for page in form.pages if any(each is question for each in page.questions))


def _with_page(form: Questionnaire, name: str, change: Callable[[Page], Page]) -> Questionnaire:
    page = page_of(form, name)
    return replace(form, pages=tuple(change(each) if each is page else each for each in form.pages))


def _with_question(form: Questionnaire, name: str, change: Callable[[Question], Question]) -> Questionnaire:
    question = question_of(form, name)
    pages = rewriting.rewrite_questions(form.pages, lambda each: change(each) if each is question else each)
    return replace(form, pages=pages)


def _known_type(type_name: str) -> str:
    if type_name not in REGISTRY:
        refuse("Loại câu hỏi", f"Không biết loại câu hỏi “{shorten(type_name)}”.", "Chọn một loại trong danh sách.")
    return type_name


def _list_for(form: Questionnaire, question: Question, list_name: str) -> ChoiceList | None:
    """The list of a type that takes one; none yet is allowed, since a draft may be made in any order."""
    if not type_of(question).takes_choices or not list_name:
        return None
    found = next((each for each in form.choice_lists if each.name == list_name), None)
    return found or refuse(
        "Danh sách phương án", f"Không có danh sách “{shorten(list_name)}”.", "Chọn danh sách khác, hoặc thêm danh sách trước.")


def new_name(name: str, taken: list[str], what: str) -> str:
    if not naming.NAME.fullmatch(name):
        refuse(what, f"“{shorten(name)}” không dùng làm tên được." if name else "Tên còn trống.", naming.NAME_MEND)
    if name.lower() in {each.lower() for each in taken}:
        refuse(what, f"Tên “{shorten(name)}” đã có.", "Đặt một tên khác.")
    return name


def _new_question_name(name: str, taken: list[str]) -> str:
    if name.lower() in naming.RESERVED_NAMES:
        refuse("Tên câu hỏi", f"Tên “{name}” dành riêng cho hệ thống.", f"Đặt tên khác, ví dụ {name}_answer.")
    return new_name(name, taken, "Tên câu hỏi")


def _refuse_too_many(form: Questionnaire, more: int) -> None:
    if len(form.questions) + more > MAX_QUESTIONS:
        refuse("Câu hỏi", f"Phiếu có tối đa {MAX_QUESTIONS} câu hỏi.", "Bỏ bớt câu hỏi trước khi thêm.")


def _only(changes: dict[str, Any], allowed: frozenset[str]) -> None:
    if unknown := set(changes) - allowed:
        raise TypeError(f"cannot be changed here: {', '.join(sorted(unknown))}")


def _without(each: Text, languages: set[str]) -> Text:
    return Text(MappingProxyType({code: words for code, words in each.by_language.items() if code not in languages}))


def _all_renamed(expression: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        expression = rewriting.rename_reference(expression, old, new)
    return expression


def _key_renamed(told: Mapping[str, str], old: str, new: str) -> Mapping[str, str]:
    return MappingProxyType({new if name == old else name: words for name, words in told.items()})


def _renamed_in_text(each: Text, old: str, new: str) -> Text:
    return Text(MappingProxyType(
        {code: rewriting.rename_everywhere(words, old, new) for code, words in each.by_language.items()}))
