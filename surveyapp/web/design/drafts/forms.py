"""Shows and saves the pages on which something is filled in. An answer to autosave is JSON; all others are pages."""

from collections.abc import Callable

from flask import abort, flash, jsonify, redirect, request, url_for

from documents.faults import Faults
from questionnaires.model import Questionnaire
from surveyapp.queries import drafts as stored
from surveyapp.services import drafts
from surveyapp.web.account import allowed
from surveyapp.web.design import pages, preview
from surveyapp.web.design.drafts import saving
from surveyapp.web.design.drafts.condition_form import CONDITIONS
from surveyapp.web.design.drafts.form_page import FormPage
from surveyapp.web.design.drafts.group_form import GROUP
from surveyapp.web.design.drafts.list_form import LIST
from surveyapp.web.design.drafts.question_form import QUESTION
from surveyapp.web.design.drafts.saving import Fields
from surveyapp.web.design.drafts.settings_form import CONSENT_PAGE, PAGE, SETTINGS
from surveyapp.web.design.drafts.translation_form import TRANSLATIONS

#: part of the address -> page; those of the second kind are about the questionnaire as a whole and take no name
NAMED: dict[str, FormPage] = {"cau": QUESTION, "trang": PAGE, "nhom": GROUP, "danh-sach": LIST}
WHOLE: dict[str, FormPage] = {"cai-dat": SETTINGS, "dong-y": CONSENT_PAGE, "ban-dich": TRANSLATIONS}
#: what takes effect once, when a person presses a button; half-typed it must not be saved by the page itself
ONLY_BY_HAND = ("name", "button", "form_id", "version")


@pages.route("/nhap/<int(max=2147483647):draft_id>/<any(cau, trang, nhom, 'danh-sach'):kind>/<name>", methods=["GET", "POST"])
@pages.route("/nhap/<int(max=2147483647):draft_id>/<any(nhom):kind>/", methods=["GET", "POST"], defaults={"name": ""})
@allowed("designer")
def draft_form(draft_id: int, kind: str, name: str):
    return _answer(NAMED[kind], draft_id, kind, name)


@pages.route("/nhap/<int(max=2147483647):draft_id>/<any('cai-dat', 'dong-y', 'ban-dich'):kind>", methods=["GET", "POST"])
@allowed("designer")
def draft_whole(draft_id: int, kind: str):
    return _answer(WHOLE[kind], draft_id, kind, "")


def _answer(page: FormPage, draft_id: int, kind: str, name: str):
    if request.method == "GET":
        return show(page, draft_id, kind, name)
    fields = chosen(page, draft_id, name) if "cua-toi" in request.form else saving.posted()
    if saving.autosaving():
        fields = {each: texts for each, texts in fields.items()
                  if each not in ONLY_BY_HAND and not each.endswith(":code") and not each.startswith(("new.", "new-"))}
    return store(page, draft_id, kind, name, fields)


def store(page: FormPage, draft_id: int, kind: str, name: str, fields: Fields, refused: Callable | None = None):
    """`refused` shows a refusal, with its faults, where the page is more than its fields."""
    new: list[str] = []

    def edit(form):
        changed, after = page.change(form, name, fields)
        new[:] = [after]
        return changed

    try:
        draft = saving.save(draft_id, edit, f"{page.what} {name}".strip())
    except drafts.Stale as stale:
        if saving.autosaving():
            return jsonify(message=str(stale)), 409
        return _side_by_side(page, draft_id, kind, name, fields)
    except Faults as refusal:
        if saving.autosaving():
            return jsonify(message=" ".join(f"{fault.reason} {fault.mend}" for fault in refusal.faults)), 422
        return refused(refusal.faults) if refused else show(page, draft_id, kind, name, fields, refusal.faults)
    if saving.autosaving():
        return jsonify(revision=draft.revision)
    flash("Đã lưu.", "success")
    on = _following(saving.held(draft_id).form, kind, new[0]) if request.form.get("den") == "sau" else ""
    return redirect(_address(draft_id, kind, on) if on else _next(draft_id, kind, new[0], fields))


def _following(form: Questionnaire, kind: str, name: str) -> str:
    """The name of the next question or page; nothing after the last one."""
    names = [each.name for each in {"cau": form.questions, "trang": form.pages}.get(kind, ())]
    return names[names.index(name) + 1] if name in names[:-1] else ""


def show(page: FormPage, draft_id: int, kind: str, name: str, typed: Fields | None = None, faults=()):
    shown = saving.held(draft_id)
    try:
        fields = page.fields(shown.form, name) if typed is None else typed
        more = page.more(shown.form, name)
    except Faults:
        abort(404)
    body, status = saving.page(page.template, shown, 422 if faults else 200, fields=fields, faults=faults, kind=kind, name=name,
                               action=_address(draft_id, kind, name), following=_following(shown.form, kind, name), **more)
    return preview.framing(body), status


def _side_by_side(page: FormPage, draft_id: int, kind: str, name: str, mine: Fields):
    """What this person wanted beside what there is now, field by field; 409."""
    shown = saving.held(draft_id)
    try:
        theirs = page.fields(shown.form, name)
    except Faults:
        theirs = None
    compared = sorted(set(mine) | (set(theirs or ()) if page.whole else set()), key=lambda field: (field not in mine, field))
    differing = [field for field in compared if not field.startswith("new") and field != "button"
                 and [each for each in mine.get(field, []) if each] != [each for each in (theirs or {}).get(field, []) if each]]
    return saving.page("stale.html", shown, 409, mine=mine, theirs=theirs, differing=differing, kind=kind, name=name,
                       words=lambda field: page.words(shown.form, field), action=_address(draft_id, kind, name),
                       view=saving.view(), by=stored.names(shown.draft.updated_by).get(shown.draft.updated_by, ""))


def chosen(page: FormPage, draft_id: int, name: str) -> Fields:
    """What the person took on the page with both versions: theirs, except the fields in which they keep their own."""
    given = saving.posted()
    mine = {field.removeprefix("toi:"): texts for field, texts in given.items() if field.startswith("toi:")}
    revision = stored.revision(draft_id, saving.revision_seen())
    try:
        theirs = page.fields(stored.parsed(revision.document), name) if revision else {}
    except Faults:
        theirs = {}
    decided = {field.removeprefix("chon:"): texts[0] for field, texts in given.items() if field.startswith("chon:")}
    fields = theirs if page.whole else {field: theirs.get(field, []) for field in mine}
    fields = fields | {field: texts for field, texts in mine.items() if field not in theirs}
    return fields | {field: mine.get(field, []) for field, whose in decided.items() if whose == "toi"}


def _address(draft_id: int, kind: str, name: str) -> str:
    if kind in CONDITIONS:
        return url_for("design.draft_condition", draft_id=draft_id, kind=kind, name=name)
    return url_for("design.draft_form", draft_id=draft_id, kind=kind, name=name) if kind in NAMED else url_for(
        "design.draft_whole", draft_id=draft_id, kind=kind)


def _next(draft_id: int, kind: str, name: str, fields: Fields) -> str:
    """Where the pressed button leads: back to the overview, or on with the same page."""
    to = request.form.get("den", "")
    if kind in CONDITIONS:
        owner = {"hien-trang": "trang", "hien-nhom": "nhom"}.get(kind, "cau")
        return url_for("design.draft_form", draft_id=draft_id, kind=owner, name=name)
    if to == "tong-quan" or not name and kind in NAMED:
        beginning = {"cau": "o", "trang": "p", "nhom": "n"}.get(kind)
        return url_for("design.draft", draft_id=draft_id, _anchor=f"{beginning}-{name}" if beginning and name else None)
    if kind == "ban-dich":
        return url_for("design.draft_whole", draft_id=draft_id, kind=kind, **saving.view())
    act, _, of = fields.get("button", [""])[0].partition(":")
    anchor = ("nhom" if kind in ("trang", "nhom") else f"c-{of}") if act else None
    return url_for("design.draft_form", draft_id=draft_id, kind=kind, name=name, _anchor=anchor) if kind in NAMED else _address(
        draft_id, kind, name)
