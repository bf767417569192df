"""One group on a page of its own: its texts, how often it is asked, what stands in it."""

from typing import Any

from questionnaires import editing, expressions, group_editing
from questionnaires.group_checks import MOST_TIMES
from questionnaires.layout import GRID
from questionnaires.model import Group, Questionnaire, Repeat
from surveyapp.web.design.drafts.form_page import FormPage, one, put, said, taken
from surveyapp.web.design.drafts.saving import Fields

WORDS = {"label": "Tiêu đề nhóm", "hint": "Lời dẫn", "name": "Tên nhóm", "repeat": "Hỏi mấy lần", "times": "Số lần",
         "count_of": "Câu hỏi cho biết số lần", "most": "Nhiều nhất", "formula": "Công thức", "grid": "Hiện thành bảng"}
#: how often -> its words and what they mean; a formula is offered only where one is written
HOW_OFTEN = {"once": ("Một lần", ""),
             "number": ("Một số lần định trước", "Ghi ở ô “Số lần”."),
             "answer": ("Theo câu trả lời của một câu hỏi đứng trước",
                        "Ví dụ “Nhà có mấy người?”. Chọn ở ô “Câu hỏi cho biết số lần”."),
             "open": ("Người trả lời tự thêm", "Cuối mỗi lần có nút “Thêm một mục nữa”."),
             "formula": ("Theo công thức", "Biểu thức của XLSForm, ở ô “Công thức”.")}


def _fields(form: Questionnaire, name: str) -> Fields:
    place = group_editing.place_of(form, name)
    group = place.group
    fields: Fields = {"name": [name]}
    put(fields, "label", group.label, form)
    put(fields, "hint", group.hint, form)
    if place.page:
        return fields | {"grid": ["1"] if GRID in group.appearance.split() else []}
    how, value = group_editing.how_often(group)
    return fields | {"repeat": [how], "times": [value if how == "number" else ""],
                     "count_of": [value if how == "answer" else ""], "formula": [value if how == "formula" else ""],
                     "most": [str((group.repeat or Repeat()).most)]}


def _change(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
    place = group_editing.place_of(form, name)
    form = group_editing.change_group(form, name, label=taken(fields, "label", place.group.label, form),
                                      hint=taken(fields, "hint", place.group.hint, form))
    if place.page:
        form = group_editing.show_as_grid(form, name, bool(fields.get("grid")))
    elif one(fields, "repeat"):
        form = _asked(form, name, fields)
    form, left = _act(form, name, fields)
    if left:
        return form, ""
    new = one(fields, "name", name)
    return group_editing.rename_group(form, name, new), new


def _asked(form: Questionnaire, name: str, fields: Fields) -> Questionnaire:
    """As often as the page says. What is written and unchanged stays as it is, also where it is written otherwise."""
    group, how = group_editing.place_of(form, name).group, one(fields, "repeat")
    if how == "once":
        return group_editing.ask_once(form, name)
    most = _whole("Nhiều nhất", one(fields, "most")) if one(fields, "most") else Repeat.most
    if how == "number":
        times = _whole("Số lần", one(fields, "times"))
        return group_editing.repeat_group(form, name, str(times), max(times, most))
    if how == "answer":
        question = one(fields, "count_of")
        if (how, question) == group_editing.how_often(group):
            return group_editing.repeat_group(form, name, group.repeat.count, most)
        if question not in [each.name for each in group_editing.counting_questions(form, name)]:
            editing.refuse("Câu hỏi cho biết số lần", "Chưa chọn câu hỏi cho biết số lần.",
                           "Chọn một câu hỏi số nguyên đứng trước nhóm; chưa có thì thêm câu đó trước.")
        return group_editing.repeat_group(form, name, f"${{{question}}}", most)
    if how == "formula":
        return group_editing.repeat_group(form, name, _formula(one(fields, "formula")), most)
    return group_editing.repeat_group(form, name, "", most)


def _formula(written: str) -> str:
    if not written:
        editing.refuse("Công thức", "Chưa ghi công thức.", "Ghi biểu thức cho biết số lần, hoặc chọn cách khác.")
    try:
        expressions.compile(written)
    except expressions.ExpressionError as error:
        editing.refuse("Công thức", error.reason, error.mend)
    return written


def _whole(what: str, written: str) -> int:
    known = written.isascii() and written.isdigit() and len(written) < 5 and 1 <= int(written) <= MOST_TIMES
    wrong = f"“{written[:40]}” không dùng được." if written else "Ô này còn trống."
    return int(written) if known else editing.refuse(what, wrong, f"Ghi một số nguyên từ 1 đến {MOST_TIMES}.")


def _act(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, bool]:
    """The button that was pressed; and whether the group went with the last thing in it."""
    act, _, item = one(fields, "button").partition(":")
    if act == "vao":
        return group_editing.put_into(form, name, one(fields, "new-item")), False
    if act != "ra":
        return form, False
    last = [each.name for each in group_editing.place_of(form, name).inside] == [item]
    return group_editing.take_out(form, name, item), last


def repeated(form: Questionnaire, group: Group) -> str:
    """“hỏi 3 lần”, “hỏi nhiều lần theo câu “Nhà có mấy người?”, nhiều nhất 20 lần”; nothing where it is asked once."""
    if group.repeat is None:
        return ""
    how, value = group_editing.how_often(group)
    most = f"nhiều nhất {group.repeat.most} lần"
    if how == "number":
        return f"hỏi {min(int(value), group.repeat.most)} lần"
    if how == "answer":
        question = form.question(value)
        label = question.label.in_language(form.default_language) if question else ""
        return f"hỏi nhiều lần theo câu “{label or value}”, {most}"
    return f"hỏi nhiều lần theo công thức {value}, {most}" if how == "formula" else (
        f"hỏi nhiều lần, người trả lời tự thêm, {most}")


def reaches(form: Questionnaire, group: Group) -> str:
    """“trang 2 đến 4”, by the numbers on the overview."""
    place = group_editing.place_of(form, group.name)
    what, first, last = "câu" if place.page else "trang", place.start + 1, place.stop
    return f"{what} {first}" if first == last else f"{what} {first} đến {last}"


def _more(form: Questionnaire, name: str) -> dict[str, Any]:
    place = group_editing.place_of(form, name)
    counting = {each.name: each for each in group_editing.counting_questions(form, name)}
    how, value = group_editing.how_often(place.group)
    if how == "answer" and form.question(value):
        counting.setdefault(value, form.question(value))
    ways = {each: words for each, words in HOW_OFTEN.items() if each != "formula" or how == "formula"}
    outside = [each for each in place.items if each not in place.inside]
    around = (*(place.page.within if place.page else ()), *place.around)
    return {"group": place.group, "place": place, "outside": outside, "around": around, "counting": counting, "ways": ways,
            "repeated": lambda each: repeated(form, each), "reaches": reaches(form, place.group),
            "numbers": {each.name: at for at, each in enumerate(place.items, 1)}}


GROUP = FormPage("group.html", "Sửa nhóm", _fields, _change, lambda form, field: said(field, WORDS), _more)
