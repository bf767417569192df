"""Which drafts there are, and how a new one begins: empty, from a version, from a file."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from documents.faults import Faults
from surveyapp.queries import designed, questionnaires
from surveyapp.queries import drafts as stored
from surveyapp.services import drafts
from surveyapp.web.account import allowed
from surveyapp.web.design import pages
from surveyapp.web.uploads import content


@pages.get("/nhap/")
@allowed("designer")
def draft_list():
    return _page()


@pages.post("/nhap/")
@allowed("designer")
def begin_draft():
    """Which of the three forms was sent, its button says."""
    how = request.form.get("cach", "")
    try:
        if how == "tep":
            source, name = content(request.files.get("file"))
            draft = drafts.begin_from_document(source, name, current_user.id)
            if draft.import_remarks:
                flash("Đã tạo bản nháp. Xem lại những điều dưới đây, rồi soạn tiếp.", "success")
                return redirect(url_for("design.draft_remarks", draft_id=draft.id))
        elif how == "phien-ban":
            given = request.form.get("phien-ban", "")
            draft = drafts.begin_from_version(int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0,
                                              current_user.id)
        else:
            draft = drafts.begin(request.form.get("form_id", "").strip(), request.form.get("title", "").strip()[:1_000],
                                 current_user.id)
    except Faults as refusal:
        return _page(refusal.faults)
    flash("Đã tạo bản nháp. Mọi thay đổi được lưu ở đây; phiếu chỉ được dùng sau khi có người thứ hai duyệt.", "success")
    return redirect(url_for("design.draft", draft_id=draft.id))


def _page(faults=()):
    rows = stored.unpublished()
    return render_template(
        "design/drafts/list.html", faults=faults, typed=request.form,
        drafts=[(row, stored.parsed(row.document)) for row in rows], names=stored.names(*(row.updated_by for row in rows)),
        versions=[(row, questionnaires.parsed(row)) for row in designed.questionnaire_versions()]), 422 if faults else 200
