"""Several questions at once, a line for each: those of one scale differ in nothing but their words."""

from flask import flash, redirect, request, url_for

from documents.faults import Faults
from questionnaires import editing
from questionnaires.checks import FACTORS as FACTOR_NAMES
from questionnaires.model import Questionnaire
from questionnaires.shape import tidy
from surveyapp.result_wording import FACTORS
from surveyapp.services import drafts
from surveyapp.web.account import allowed
from surveyapp.web.design import pages
from surveyapp.web.design.drafts import saving, type_words
from surveyapp.web.design.drafts.form_page import one, one_a_line


@pages.get("/nhap/<int(max=2147483647):draft_id>/nhieu-cau")
@allowed("designer")
def draft_many(draft_id: int):
    return _page(draft_id, {"page": [request.args.get("trang", "")]})


@pages.post("/nhap/<int(max=2147483647):draft_id>/nhieu-cau")
@allowed("designer")
def draft_add_many(draft_id: int):
    fields = saving.posted()
    page = one(fields, "page")
    labels = [tidy(each) for each in one_a_line(one(fields, "labels"))]

    def add(form: Questionnaire) -> Questionnaire:
        if not labels:
            editing.refuse("Các câu hỏi", "Chưa viết câu hỏi nào.", "Viết mỗi câu hỏi một dòng.")
        factor = one(fields, "factor") if one(fields, "factor") in FACTOR_NAMES else ""
        return editing.add_questions(form, page, one(fields, "type"), labels, one(fields, "list"),
                                     required=bool(fields.get("required")), factor=factor)

    try:
        saving.save(draft_id, add, f"Thêm {len(labels)} câu hỏi vào trang {page}")
    except drafts.Stale as stale:
        return _page(draft_id, fields, stale=str(stale), status=409)
    except Faults as refusal:
        return _page(draft_id, fields, refusal.faults, status=422)
    flash(f"Đã thêm {len(labels)} câu hỏi.", "success")
    return redirect(url_for("design.draft", draft_id=draft_id, _anchor=f"p-{page}"))


def _page(draft_id: int, fields: saving.Fields, faults=(), stale: str = "", status: int = 200):
    return saving.page("many.html", saving.held(draft_id), status, fields=fields, faults=faults, stale=stale,
                       all_types=type_words.offered(), factors={each: FACTORS.get(each, each) for each in FACTOR_NAMES})
