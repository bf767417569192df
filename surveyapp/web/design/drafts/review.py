"""From a draft to a published version: put forward, looked at by a second person, approved or sent back; or given up."""

from flask import flash, redirect, request, url_for
from flask_login import current_user

from documents.faults import Faults
from questionnaires import version_words
from questionnaires.model import Questionnaire
from surveyapp.extensions import db
from surveyapp.models import QuestionnaireVersion
from surveyapp.queries import drafts as stored
from surveyapp.queries import feeding, questionnaires, series, units
from surveyapp.services import drafts
from surveyapp.web.account import allowed
from surveyapp.web.design import pages
from surveyapp.web.design.comparing import Compared
from surveyapp.web.design.drafts import saving
from surveyapp.web.design.reading import yaml_file
from surveyapp.web.design.touched import sentence, touched


@pages.get("/nhap/<int(max=2147483647):draft_id>/duyet")
@allowed("designer")
def draft_review(draft_id: int):
    return _page(draft_id)


@pages.post("/nhap/<int(max=2147483647):draft_id>/duyet")
@allowed("designer")
def draft_review_act(draft_id: int):
    act = request.form.get("act", "")
    try:
        if act == "gui":
            drafts.submit_for_review(draft_id, saving.revision_seen(), current_user.id)
            flash("Đã gửi duyệt. Một người thiết kế khác cần xem và duyệt.", "success")
        elif act == "tra":
            drafts.send_back(draft_id, request.form.get("reason", ""), current_user.id)
            flash("Đã trả lại để sửa.", "success")
        elif act == "duyet":
            version = drafts.approve(draft_id, saving.revision_seen(), current_user.id)
            flash(f"Đã phát hành phiếu {version.form_id}, phiên bản {version.version}.", "success")
            return redirect(url_for("design.questionnaire", form_id=version.form_id, version=version.version))
    except drafts.Stale:
        flash("Bản nháp vừa thay đổi nên chưa làm gì. Dưới đây là bản mới nhất: xin xem lại rồi bấm lần nữa.", "warning")
    except Faults as refusal:
        return _page(draft_id, refusal.faults)
    return redirect(url_for("design.draft_review", draft_id=draft_id))


@pages.route("/nhap/<int(max=2147483647):draft_id>/bo", methods=["GET", "POST"])
@allowed("designer")
def draft_discard(draft_id: int):
    """Asked once more before it is gone."""
    if request.method == "GET":
        return saving.page("discard.html", saving.held(draft_id))
    drafts.discard(draft_id, current_user.id)
    flash("Đã bỏ bản nháp.", "success")
    return redirect(url_for("design.draft_list"))


@pages.get("/nhap/<int(max=2147483647):draft_id>/tai-ve")
@allowed("designer")
def draft_file(draft_id: int):
    draft = stored.draft(draft_id)
    return yaml_file(draft.document, f"{draft.form_id}-nhap.yaml")


def differences(before: QuestionnaireVersion, form: Questionnaire) -> Compared | None:
    """What the reviewer is shown; nothing where the draft's number does not come after the version's."""
    if questionnaires.version_order(before.version) >= questionnaires.version_order(form.version):
        return None
    comparison = series.comparison_with(form, before)
    feeds = feeding.feeds(form.form_id, feeding.newest_revisions())
    return Compared(comparison, touched(comparison, feeds), units.group_names())


def _before(draft) -> QuestionnaireVersion | None:
    """The version that the draft began from, or the newest one of the same form."""
    if draft.based_on:
        return db.session.get(QuestionnaireVersion, draft.based_on)
    return next((row for row in questionnaires.newest() if row.form_id == draft.form_id), None)


def _page(draft_id: int, faults=()):
    shown = saving.held(draft_id)
    draft, before = shown.draft, _before(shown.draft)
    return saving.page(
        "review.html", shown, 422 if faults else 200, faults=faults, before=before,
        compared=differences(before, shown.form) if before else None, words=version_words, sentence=sentence,
        may_approve=drafts.may_approve(draft, current_user.id), changes=stored.changes(draft_id),
        reason=request.form.get("reason", ""),
        names=stored.names(draft.updated_by, draft.submitted_by, draft.sent_back_by, draft.approved_by))
