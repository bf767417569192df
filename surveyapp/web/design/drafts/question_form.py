"""One question on a page of its own."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_args

from questionnaires import editing
from questionnaires.answers import REGISTRY, type_of
from questionnaires.checks import FACTORS as FACTOR_NAMES
from questionnaires.model import MissingKind, Question, Questionnaire
from surveyapp.queries import feeding
from surveyapp.result_wording import FACTORS, MISSING
from surveyapp.web.design.drafts import type_words
from surveyapp.web.design.drafts.form_page import FormPage, one, put, said, taken
from surveyapp.web.design.drafts.group_form import repeated
from surveyapp.web.design.drafts.saving import Fields

TEXTS = ("label", "hint", "required_message", "constraint_message")
#: for those who know XLSForm; a field that is not posted stays as it is
PLAIN = ("choice_filter", "calculation", "default", "appearance", "factor")
WORDS = {"label": "Câu hỏi", "hint": "Giải thích", "required_message": "Câu báo khi chưa trả lời",
         "constraint_message": "Câu báo khi trả lời sai điều kiện", "type": "Loại câu hỏi", "list": "Danh sách phương án",
         "name": "Tên", "required": "Bắt buộc", "factor": "Yếu tố hài lòng", "choice_filter": "Lọc phương án",
         "calculation": "Công thức", "default": "Giá trị ban đầu", "appearance": "Cách hiển thị",
         "missing": "Không có câu trả lời", "parameters": "Tham số", "break": "Vì sao không so được với phiên bản trước",
         "old_name": "Tên ở phiên bản trước"}


def _fields(form: Questionnaire, name: str) -> Fields:
    question = editing.question_of(form, name)
    fields: Fields = {"type": [question.type], "list": [question.choices.name if question.choices else ""],
                      "name": [question.name], "required": ["1"] if question.required else [],
                      "missing": list(question.missing)}
    for each in TEXTS:
        put(fields, each, getattr(question, each), form)
    for each in PLAIN:
        fields[each] = [getattr(question, each)]
    fields["parameters"] = [" ".join(f"{key}={value}" for key, value in question.parameters.items())]
    fields["break"], fields["old_name"] = [form.breaks_series.get(name, "")], [form.renames.get(name, "")]
    return fields


def _change(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
    question = editing.question_of(form, name)
    changes: dict[str, Any] = {each: taken(fields, each, getattr(question, each), form) for each in TEXTS}
    changes |= {each: one(fields, each) for each in PLAIN if each in fields}
    changes["required"] = bool(fields.get("required"))
    changes["missing"] = tuple(each for each in get_args(MissingKind) if each in fields.get("missing", ()))
    if "parameters" in fields:
        changes["parameters"] = _parameters(one(fields, "parameters"))
    form = editing.change_question(form, name, **changes)
    form = editing.change_settings(
        form, breaks_series=_said_of(form.breaks_series, name, one(fields, "break", form.breaks_series.get(name, ""))),
        renames=_said_of(form.renames, name, one(fields, "old_name", form.renames.get(name, ""))))
    kind = one(fields, "type", question.type)
    form = editing.change_type(form, name, kind, one(fields, "list", question.choices.name if question.choices else ""))
    new = one(fields, "name", name)
    return editing.rename_question(form, name, new), new


def _more(form: Questionnaire, name: str) -> dict[str, Any]:
    question = editing.question_of(form, name)
    page = next(page for page in form.pages if question in page.questions)
    at = [each.name for each in form.questions].index(name)
    return {"question": question, "page": page, "groups": type_words.GROUPS, "known_types": REGISTRY,
            "takes_choices": {each: kind.takes_choices for each, kind in REGISTRY.items()},
            "factors": {each: FACTORS.get(each, each) for each in FACTOR_NAMES}, "missing_kinds": _missing_of(question),
            "asked_about": [_label(form, each) for each in editing.asked_about_in(form, name)], "feeds": _feeds(form, name),
            "answer_type": type_of(question), "around": (*page.within, *question.within),
            "repeated": lambda group: repeated(form, group),
            "before": form.questions[at - 1].name if at else "",
            "after": form.questions[at + 1].name if at + 1 < len(form.questions) else ""}


def _missing_of(question: Question) -> dict[str, str]:
    """Types with choices say it in their list."""
    offered = type_of(question).offers_missing
    return {kind: MISSING.get(kind, kind) for kind in get_args(MissingKind)} if offered else {}


def _parameters(written: str) -> Mapping[str, str]:
    """`start=0 end=10` -> what it says; what is no key=value is refused."""
    pieces = written.split()
    if wrong := next((each for each in pieces if not each.partition("=")[2]), ""):
        editing.refuse("Tham số", f"Không hiểu “{wrong[:40]}”.",
                       "Viết tên=giá trị, cách nhau bằng dấu cách, ví dụ start=0 end=10.")
    return MappingProxyType({key: value for key, _, value in (each.partition("=") for each in pieces)})


def _said_of(told: Mapping[str, str], name: str, words: str) -> Mapping[str, str]:
    """What the form says of its questions, with this said of one; nothing where no words are."""
    kept = {each: said for each, said in told.items() if each != name}
    return MappingProxyType(kept | ({name: words} if words else {}))


def _label(form: Questionnaire, name: str) -> str:
    """Of a question or a page, in the form's own language."""
    thing = form.question(name) or form.page(name)
    return (thing.label.in_language(form.default_language) if thing else "") or name


def _feeds(form: Questionnaire, name: str):
    found = feeding.feeds(form.form_id, feeding.newest_revisions())
    return [(each, next(source.coefficients for source in each.leaf.rule.sources
                        if (source.questionnaire, source.question, source.group) == (form.form_id, name, each.group)))
            for each in found.get(name, [])]


QUESTION = FormPage("question.html", "Sửa câu hỏi", _fields, _change, lambda form, field: said(field, WORDS), _more)
