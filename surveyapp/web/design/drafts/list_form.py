"""One choice list on a page of its own: every choice with its texts, what it means, and its place."""

from typing import Any, get_args

from questionnaires import list_editing
from questionnaires.model import MissingKind, Questionnaire, Text
from surveyapp.result_wording import MISSING
from surveyapp.web.design.drafts.form_page import FormPage, one, put, said, taken
from surveyapp.web.design.drafts.saving import Fields

WORDS = {"name": "Tên danh sách", "label": "Nhãn", "code": "Mã", "missing": "Ý nghĩa",
         "exclusive": "Không đi cùng phương án khác"}


def _fields(form: Questionnaire, name: str) -> Fields:
    choices = list_editing.list_of(form, name)
    fields: Fields = {"name": [name]}
    for choice in choices:
        # by its name, so that two people's versions of one choice meet even when one of them moved it
        key = f"c:{choice.name}"
        fields[f"{key}:code"] = [choice.name]
        fields[f"{key}:missing"] = [choice.missing or ""]
        fields[f"{key}:exclusive"] = ["1"] if choice.exclusive else []
        put(fields, f"{key}:label", choice.label, form)
    return fields


def _change(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
    for choice in list_editing.list_of(form, name):
        key = f"c:{choice.name}"
        if not any(field.startswith(f"{key}:label.") for field in fields):
            continue  # added by somebody else since this page was opened
        form = list_editing.change_choice(
            form, name, choice.name, taken(fields, f"{key}:label", choice.label, form),
            one(fields, f"{key}:missing", choice.missing or ""), bool(fields.get(f"{key}:exclusive")))
    for choice in list_editing.list_of(form, name):
        form = list_editing.rename_choice(form, name, choice.name, one(fields, f"c:{choice.name}:code", choice.name))
    label = taken(fields, "new", Text(), form)
    if label:
        before = set(list_editing.list_of(form, name).names)
        form = list_editing.add_choice(form, name, label.in_language(form.default_language), one(fields, "new-code"),
                                       one(fields, "new-missing"))
        added = next(each for each in list_editing.list_of(form, name).names if each not in before)
        form = list_editing.change_choice(form, name, added, label)
    form = _act(form, name, one(fields, "button"))
    new = one(fields, "name", name)
    return list_editing.rename_list(form, name, new), new


def _act(form: Questionnaire, name: str, button: str) -> Questionnaire:
    act, _, choice = button.partition(":")
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
