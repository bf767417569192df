"""One question on a page of its own."""

from typing import Any, get_args

from questionnaires import editing
from questionnaires.answers import REGISTRY, type_of
from questionnaires.checks import FACTORS as FACTOR_NAMES
from questionnaires.model import MissingKind, Question, Questionnaire
from surveyapp.queries import designed, frameworks
from surveyapp.result_wording import FACTORS, MISSING
from surveyapp.web.design.drafts import type_words
from surveyapp.web.design.drafts.form_page import FormPage, one, put, said, taken
from surveyapp.web.design.drafts.saving import Fields
from surveyapp.web.design.reading import feeds

TEXTS = ("label", "hint", "required_message", "constraint_message")
#: for those who know XLSForm; a field that is not posted stays as it is
PLAIN = ("choice_filter", "calculation", "default", "appearance", "factor")
WORDS = {"label": "Câu hỏi", "hint": "Giải thích", "required_message": "Câu báo khi chưa trả lời",
         "constraint_message": "Câu báo khi trả lời sai điều kiện", "type": "Loại câu hỏi", "list": "Danh sách phương án",
         "name": "Tên", "required": "Bắt buộc", "factor": "Yếu tố hài lòng", "choice_filter": "Lọc phương án",
         "calculation": "Công thức", "default": "Giá trị ban đầu", "appearance": "Cách hiển thị",
         "missing": "Không có câu trả lời"}


def _fields(form: Questionnaire, name: str) -> Fields:
    question = editing.question_of(form, name)
    fields: Fields = {"type": [question.type], "list": [question.choices.name if question.choices else ""],
                      "name": [question.name], "required": ["1"] if question.required else [],
                      "missing": list(question.missing)}
    for each in TEXTS:
        put(fields, each, getattr(question, each), form)
    for each in PLAIN:
        fields[each] = [getattr(question, each)]
    return fields


def _change(form: Questionnaire, name: str, fields: Fields) -> tuple[Questionnaire, str]:
    question = editing.question_of(form, name)
    changes: dict[str, Any] = {each: taken(fields, each, getattr(question, each), form) for each in TEXTS}
    changes |= {each: one(fields, each) for each in PLAIN if each in fields}
    changes["required"] = bool(fields.get("required"))
    changes["missing"] = tuple(each for each in get_args(MissingKind) if each in fields.get("missing", ()))
    form = editing.change_question(form, name, **changes)
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
            "answer_type": type_of(question),
            "before": form.questions[at - 1].name if at else "",
            "after": form.questions[at + 1].name if at + 1 < len(form.questions) else ""}


def _missing_of(question: Question) -> dict[str, str]:
    """Types with choices say it in their list."""
    offered = type_of(question).asks and not type_of(question).takes_choices
    return {kind: MISSING.get(kind, kind) for kind in get_args(MissingKind)} if offered else {}


def _label(form: Questionnaire, name: str) -> str:
    """Of a question or a page, in the form's own language."""
    thing = form.question(name) or form.page(name)
    return (thing.label.in_language(form.default_language) if thing else "") or name


def _feeds(form: Questionnaire, name: str):
    newest = {}
    for document in designed.framework_documents():
        newest.setdefault((document.year, document.unit_group), document)
    found = feeds(form.form_id, [(document, frameworks.parsed(document)) for document in newest.values()])
    return [(each, next(source.coefficients for source in each.leaf.rule.sources
                        if (source.questionnaire, source.question, source.group) == (form.form_id, name, each.group)))
            for each in found.get(name, [])]


QUESTION = FormPage("question.html", "Sửa câu hỏi", _fields, _change, lambda form, field: said(field, WORDS), _more)
