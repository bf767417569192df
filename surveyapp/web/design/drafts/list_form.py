"""One choice list on a page of its own: every choice with its texts, what it means, and its place."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_args

from questionnaires import editing, list_editing
from questionnaires.model import Choice, MissingKind, Questionnaire, Text
from surveyapp.result_wording import MISSING
from surveyapp.web.design.drafts.form_page import FormPage, one, one_a_line, put, said, taken
from surveyapp.web.design.drafts.saving import Fields
from surveyapp.wording import LANGUAGES

WORDS = {"name": "Tên danh sách", "label": "Nhãn", "code": "Mã", "missing": "Ý nghĩa",
         "exclusive": "Không đi cùng phương án khác", "attributes": "Cột thêm"}


def _fields(form: Questionnaire, name: str) -> Fields:
    choices = list_editing.list_of(form, name)
    fields: Fields = {"name": [name]}
    for choice in choices:
        # by its name, so that two people's versions of one choice meet even when one of them moved it
        key = f"c:{choice.name}"
        fields[f"{key}:code"] = [choice.name]
        fields[f"{key}:missing"] = [choice.missing or ""]
        fields[f"{key}:exclusive"] = ["1"] if choice.exclusive else []
        fields[f"{key}:attributes"] = [_written(choice.attributes)]
        put(fields, f"{key}:label", choice.label, form)
    return fields


def _change(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
    for choice in list_editing.list_of(form, name):
        key = f"c:{choice.name}"
        if not any(field.startswith(f"{key}:label.") for field in fields):
            continue  # added by somebody else since this page was opened
        form = list_editing.change_choice(
            form, name, choice.name, taken(fields, f"{key}:label", choice.label, form),
            one(fields, f"{key}:missing", choice.missing or ""), bool(fields.get(f"{key}:exclusive")),
            _attributes(choice, one(fields, f"{key}:attributes", _written(choice.attributes))))
    form = list_editing.rename_choices(form, name, {
        each: one(fields, f"c:{each}:code", each) for each in list_editing.list_of(form, name).names})
    form = list_editing.add_choices(form, name, _new(form, fields), one(fields, "new-code"), one(fields, "new-missing"))
    act, _, choice = one(fields, "button").partition(":")
    form = _act(form, name, act, one(fields, f"c:{choice}:code", choice))
    new = one(fields, "name", name)
    return list_editing.rename_list(form, name, new), new


def _written(attributes: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in attributes.items())


def _attributes(choice: Choice, written: str) -> Mapping[str, str]:
    """`district=LP; kind=xa` -> what it says; as it is where nothing was changed, whatever signs stand in it."""
    if written == _written(choice.attributes):
        return choice.attributes
    pieces = [each.strip() for each in written.split(";") if each.strip()]
    if wrong := next((each for each in pieces if "=" not in each), ""):
        editing.refuse(f"Phương án “{choice.name}”, cột thêm", f"Không hiểu “{wrong[:40]}”.",
                       "Viết cột=giá trị, nhiều cột thì cách nhau bằng dấu chấm phẩy, ví dụ huyen=LP; loai=xa.")
    return MappingProxyType({name.strip(): value.strip() for name, _, value in (each.partition("=") for each in pieces)})


def _new(form: Questionnaire, fields: Fields) -> list[Text]:
    """A line for each new choice; in every language that says anything as many lines as in the others."""
    label = taken(fields, "new", Text(), form)
    lines = {code: one_a_line(words) for code, words in label.by_language.items() if words}
    if len({len(each) for each in lines.values()}) > 1:
        counted = ", ".join(f"{LANGUAGES.get(code, code)} {len(each)} dòng" for code, each in lines.items())
        editing.refuse("Phương án mới", f"Số dòng không bằng nhau: {counted}.",
                       "Viết mỗi phương án một dòng, cùng thứ tự ở mọi ngôn ngữ; ngôn ngữ chưa dịch thì để trống cả ô.")
    return [Text(MappingProxyType(dict(zip(lines, each, strict=True)))) for each in zip(*lines.values(), strict=True)]


def _act(form: Questionnaire, name: str, act: str, choice: str) -> Questionnaire:
    if act == "len":
        return list_editing.move_choice(form, name, choice, -1)
    if act == "xuong":
        return list_editing.move_choice(form, name, choice, 1)
    return list_editing.remove_choice(form, name, choice) if act == "bo" else form


def _words(form: Questionnaire, field: str) -> str:
    if not field.startswith("c:"):
        return said(field, WORDS)
    choice, _, part = field[2:].rpartition(":")
    return f"Phương án {choice}: {said(part, WORDS).lower()}"


def _more(form: Questionnaire, name: str) -> dict[str, Any]:
    return {"choices": list_editing.list_of(form, name),
            "used_by": [form.question(each) for each in list_editing.using(form, name)],
            "missing_kinds": {kind: MISSING.get(kind, kind) for kind in get_args(MissingKind)}}


LIST = FormPage("choices.html", "Sửa danh sách", _fields, _change, _words, _more)
