"""A draft at one look: what is missing, its pages and questions in order, and buttons for all that takes no page of its own."""

from collections.abc import Callable
from dataclasses import replace

from flask import flash, redirect, request, url_for
from flask_login import current_user

from documents.faults import Faults
from questionnaires import editing, group_editing, list_editing
from questionnaires.answers import type_of
from questionnaires.model import ChoiceList, Questionnaire
from questionnaires.rewriting import rewrite_questions
from questionnaires.shape import tidy
from surveyapp.queries import drafts as stored
from surveyapp.services import drafts
from surveyapp.web.account import allowed
from surveyapp.web.design import pages, preview
from surveyapp.web.design.drafts import group_form, saving, type_words

#: button -> (what is said about it in the list of changes, what it does to the named thing)
ACTS: dict[str, tuple[str, Callable[[Questionnaire, str], Questionnaire]]] = {
    "trang-len": ("Đưa trang lên", lambda form, name: editing.move_page(form, name, -1)),
    "trang-xuong": ("Đưa trang xuống", lambda form, name: editing.move_page(form, name, 1)),
    "trang-chep": ("Chép trang", editing.duplicate_page),
    "trang-xoa": ("Xóa trang", editing.remove_page),
    "cau-len": ("Đưa câu hỏi lên", lambda form, name: editing.move_question(form, name, -1)),
    "cau-xuong": ("Đưa câu hỏi xuống", lambda form, name: editing.move_question(form, name, 1)),
    "cau-chep": ("Chép câu hỏi", editing.duplicate_question),
    "cau-xoa": ("Xóa câu hỏi", editing.remove_question),
    "nhom-len": ("Đưa nhóm lên", lambda form, name: group_editing.move_group(form, name, -1)),
    "nhom-xuong": ("Đưa nhóm xuống", lambda form, name: group_editing.move_group(form, name, 1)),
    "nhom-bo": ("Bỏ nhóm", group_editing.remove_group),
    "danh-sach-xoa": ("Xóa danh sách", list_editing.remove_list),
}


@pages.get("/nhap/<int(max=2147483647):draft_id>")
@allowed("designer")
def draft(draft_id: int):
    return overview_page(draft_id)


@pages.post("/nhap/<int(max=2147483647):draft_id>/thao-tac")
@allowed("designer")
def draft_act(draft_id: int):
    """One button: “cau-len:visits”."""
    act, _, name = request.form.get("act", "").partition(":")
    if act not in ACTS:
        return redirect(url_for("design.draft", draft_id=draft_id))
    what, change = ACTS[act]
    to_lists = act.startswith("danh-sach")
    beginning = {"trang": "p", "nhom": "n"}.get(act.partition("-")[0], "o")
    anchor = "" if act.endswith(("-xoa", "-bo")) else f"{beginning}-{name}"
    return _done(draft_id, lambda form: change(form, name), f"{what} {name}", anchor,
                 "design.draft_lists" if to_lists else "design.draft")


@pages.post("/nhap/<int(max=2147483647):draft_id>/dat-cho")
@allowed("designer")
def draft_place(draft_id: int):
    """Dropped somewhere else: a question (on a page, at a position) or a page (at a position)."""
    name, where, at = (request.form.get(field, "") for field in ("name", "page", "position"))
    position = int(at) if at.isascii() and at.isdigit() and len(at) < 5 else 0
    if where:
        return _done(draft_id, lambda form: editing.place_question(form, name, where, position), f"Kéo câu hỏi {name}",
                     f"o-{name}")
    return _done(draft_id, lambda form: editing.place_page(form, name, position), f"Kéo trang {name}", f"p-{name}")


@pages.post("/nhap/<int(max=2147483647):draft_id>/them-trang")
@allowed("designer")
def draft_add_page(draft_id: int):
    label = tidy(request.form.get("label", ""))
    return _done(draft_id, lambda form: editing.add_page(form, label), "Thêm trang", "trang-moi")


@pages.post("/nhap/<int(max=2147483647):draft_id>/them-nhom")
@allowed("designer")
def draft_add_group(draft_id: int):
    """Around pages; straight on to the page of the new group."""
    label, first, last = (tidy(request.form.get(field, "")) for field in ("label", "first", "last"))
    return _added(draft_id, lambda form: group_editing.add_group(form, first, last, label), "Thêm nhóm", "nhom")


@pages.post("/nhap/<int(max=2147483647):draft_id>/them-cau")
@allowed("designer")
def draft_add_question(draft_id: int):
    """Straight on to the page of the new question."""
    label, page, kind = (tidy(request.form.get(field, "")) for field in ("label", "page", "type"))

    def add(form: Questionnaire) -> tuple[Questionnaire, str]:
        added = editing.add_question(form, page, kind, label)
        return added, added.page(page).questions[-1].name

    return _added(draft_id, add, "Thêm câu hỏi", "cau")


def _added(draft_id: int, add: Callable[[Questionnaire], tuple[Questionnaire, str]], what: str, kind: str):
    """On to the page of what `add` made, which gives the form with it and its name."""
    made: list[str] = []

    def change(form: Questionnaire) -> Questionnaire:
        added, name = add(form)
        made[:] = [name]
        return added

    try:
        saving.save(draft_id, change, what)
    except drafts.Stale as stale:
        return too_late(draft_id, stale)
    except Faults as refusal:
        return overview_page(draft_id, refusal.faults)
    return redirect(url_for("design.draft_form", draft_id=draft_id, kind=kind, name=made[0]))


@pages.post("/nhap/<int(max=2147483647):draft_id>/hoan-tac")
@allowed("designer")
def draft_undo(draft_id: int):
    again = request.form.get("act") == "lam-lai"
    try:
        (drafts.redo if again else drafts.undo)(draft_id, saving.revision_seen(), current_user.id)
    except drafts.Stale as stale:
        return too_late(draft_id, stale)
    flash("Đã làm lại một thay đổi." if again else "Đã hoàn tác một thay đổi.", "success")
    return redirect(url_for("design.draft", draft_id=draft_id))


@pages.get("/nhap/<int(max=2147483647):draft_id>/tu-tep")
@allowed("designer")
def draft_remarks(draft_id: int):
    """What of the file that it began from did not come along as it was."""
    shown = saving.held(draft_id)
    return saving.page("remarks.html", shown, remarks=shown.draft.import_remarks or ())


@pages.get("/nhap/<int(max=2147483647):draft_id>/xem-thu")
@allowed("designer")
def draft_preview(draft_id: int):
    shown = saving.held(draft_id)
    if not shown.form.pages:
        return saving.page("preview.html", shown, page=None, lang="")
    page, language = preview.asked(shown.form)
    body, _status = saving.page("preview.html", shown, page=page, lang=language)
    return preview.framing(body)


@pages.get("/nhap/<int(max=2147483647):draft_id>/xem-thu/man-hinh")
@allowed("designer")
def draft_screen(draft_id: int):
    form = showable(saving.held(draft_id).form)
    return preview.screen(form, *preview.asked(form), url_for("design.draft_screen", draft_id=draft_id))


def showable(form: Questionnaire) -> Questionnaire:
    """A question whose list is not chosen yet shows no choices."""
    nothing = ChoiceList("", ())
    return replace(form, pages=rewrite_questions(
        form.pages, lambda each: replace(each, choices=each.choices or nothing) if type_of(each).takes_choices else each))


def _done(draft_id: int, edit: drafts.Edit, what: str, anchor: str = "", endpoint: str = "design.draft"):
    try:
        saving.save(draft_id, edit, what)
    except drafts.Stale as stale:
        return too_late(draft_id, stale)
    except Faults as refusal:
        return overview_page(draft_id, refusal.faults)
    return redirect(url_for(endpoint, draft_id=draft_id, _anchor=anchor or None))


def too_late(draft_id: int, _stale: drafts.Stale):
    """A button loses nobody's words: say it, show what there is now."""
    flash("Người khác vừa lưu bản nháp này nên chưa làm gì. Dưới đây là bản mới nhất: xin xem lại rồi bấm lần nữa.", "warning")
    return redirect(url_for("design.draft", draft_id=draft_id))


def overview_page(draft_id: int, faults=()):
    shown = saving.held(draft_id)
    form = shown.form
    return saving.page("overview.html", shown, 422 if faults else 200, faults=faults,
                       all_types=[name for name, *_ in type_words.offered()], outline=group_editing.outline,
                       repeated=lambda group: group_form.repeated(form, group),
                       reaches=lambda group: group_form.reaches(form, group),
                       page_numbers={page.name: at for at, page in enumerate(form.pages, 1)},
                       positions={each.name: at for page in form.pages for at, each in enumerate(page.questions)},
                       names=stored.names(shown.draft.updated_by, shown.draft.sent_back_by))
