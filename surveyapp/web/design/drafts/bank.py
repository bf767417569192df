"""Questions and lists that others have asked with: found by their words, copied with their lists into this draft."""

from dataclasses import dataclass
from functools import cache

from flask import flash, redirect, request, url_for

from documents.faults import Faults
from questionnaires import document, editing, library, list_editing, naming
from questionnaires.answers import type_of
from questionnaires.model import ChoiceList, Question, Questionnaire
from questionnaires.shape import tidy
from surveyapp.queries import designed, questionnaires
from surveyapp.services import drafts
from surveyapp.web.account import allowed
from surveyapp.web.design import pages
from surveyapp.web.design.drafts import overview, saving
from surveyapp.web.design.drafts.form_page import one_a_line

SHOWN = 40


@dataclass(frozen=True)
class Source:
    """A questionnaire that can be copied from: a published version, or one that is shipped."""

    key: str
    form: Questionnaire

    @property
    def title(self) -> str:
        return f"{self.form.title.in_language('vi')}, {self.form.version}"


@pages.get("/nhap/<int(max=2147483647):draft_id>/ngan-hang")
@allowed("designer")
def draft_bank(draft_id: int):
    wanted = tidy(request.args.get("tim", ""))[:200]
    found = _search(wanted)
    return saving.page("bank.html", saving.held(draft_id), wanted=wanted, found=found[:SHOWN], count=len(found),
                       page_name=request.args.get("trang", ""))


@pages.post("/nhap/<int(max=2147483647):draft_id>/ngan-hang")
@allowed("designer")
def draft_copy_question(draft_id: int):
    key, _, name = request.form.get("act", "").partition(":")
    source = next((each for each in sources() if each.key == key), None)
    question = source.form.question(name) if source else None
    page = request.form.get("page", "")
    if question is None:
        flash("Không tìm thấy câu hỏi này nữa. Xin tìm lại.", "warning")
        return redirect(url_for("design.draft_bank", draft_id=draft_id))
    made: list[str] = []

    def copy(form: Questionnaire) -> Questionnaire:
        changed = list_editing.copy_question(form, page, question)
        made[:] = [changed.page(page).questions[-1].name]
        return changed

    try:
        saving.save(draft_id, copy, f"Chép câu hỏi {name} từ ngân hàng")
    except drafts.Stale as stale:
        return overview.too_late(draft_id, stale)
    except Faults as refusal:
        return overview.overview_page(draft_id, refusal.faults)
    if saving.held(draft_id).form.question(made[0]).relevant != question.relevant:
        flash("Đã chép câu hỏi. Điều kiện hiện của câu gốc dùng câu hỏi không có ở đây nên không chép.", "warning")
    else:
        flash("Đã chép câu hỏi cùng danh sách phương án của nó.", "success")
    return redirect(url_for("design.draft_form", draft_id=draft_id, kind="cau", name=made[0]))


@pages.get("/nhap/<int(max=2147483647):draft_id>/danh-sach")
@allowed("designer")
def draft_lists(draft_id: int):
    return _lists(draft_id)


@pages.post("/nhap/<int(max=2147483647):draft_id>/danh-sach")
@allowed("designer")
def draft_add_list(draft_id: int):
    """A list with the choices that were typed, a line for each; or a copy of one that the bank knows."""
    title, given = tidy(request.form.get("title", ""))[:200], request.form.get("copy", "")
    lines = one_a_line(tidy(request.form.get("choices", "")))
    known = {key: choices for key, _source, choices in _known_lists()}
    copied = known.get(given)
    made: list[str] = []

    def add(form: Questionnaire) -> Questionnaire:
        taken = [each.name for each in form.choice_lists]
        name = naming.name_from(title, taken, "danh_sach") if title or not copied else naming.free(copied.name, taken)
        made[:] = [name]
        return list_editing.add_choices(list_editing.add_list(form, name, copied), name, [
            editing.text(each, form.default_language) for each in lines])

    try:
        saving.save(draft_id, add, "Thêm danh sách")
    except drafts.Stale as stale:
        return overview.too_late(draft_id, stale)
    except Faults as refusal:
        return _lists(draft_id, refusal.faults)
    return redirect(url_for("design.draft_form", draft_id=draft_id, kind="danh-sach", name=made[0]))


def sources() -> list[Source]:
    """What is published first, newest versions first; then what is shipped and was not brought in."""
    stored = [Source(f"v{row.id}", questionnaires.parsed(row)) for row in designed.questionnaire_versions()]
    known = {(each.form.form_id, each.form.version) for each in stored}
    return stored + [each for each in _shipped() if (each.form.form_id, each.form.version) not in known]


@cache
def _shipped() -> tuple[Source, ...]:
    return tuple(Source(f"l-{name}", document.load(source, name)) for name, source in library.shipped().items())


def _search(wanted: str) -> list[tuple[Source, Question]]:
    """Questions in whose texts or name all the words stand, with or without marks; of the same question the newest."""
    words = naming.fold(wanted).split()
    found: dict[tuple[str, str], tuple[Source, Question]] = {}
    for source in sources():
        for question in source.form.questions:
            said = (*question.label.by_language.values(), *question.hint.by_language.values())
            text = naming.fold(" ".join((question.name, *said)))
            if type_of(question).asks and all(word in text for word in words):
                found.setdefault((source.form.form_id, question.name), (source, question))
    return list(found.values())


def _known_lists() -> list[tuple[str, Source, ChoiceList]]:
    found: dict[tuple[str, ...], tuple[str, Source, ChoiceList]] = {}
    for source in sources():
        for choices in source.form.choice_lists:
            shape = (choices.name, *(f"{each.name} {each.label.in_language('vi')}" for each in choices))
            found.setdefault(shape, (f"{source.key}:{choices.name}", source, choices))
    return list(found.values())


def _lists(draft_id: int, faults=()):
    shown = saving.held(draft_id)
    used = {each.name: list_editing.using(shown.form, each.name) for each in shown.form.choice_lists}
    return saving.page("lists.html", shown, 422 if faults else 200, faults=faults, used=used, known=_known_lists(),
                       typed=request.form)
