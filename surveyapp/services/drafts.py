"""Questionnaires in the making: begun, changed by several people, put forward, approved by somebody else, published.

Nobody's work is lost: who saves says which revision they saw; when another has saved since, both texts come back in `Stale`.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from documents.faults import Fault, Faults
from documents.yaml_reader import MAX_BYTES
from questionnaires import document, editing, naming, unfinished
from questionnaires.model import Questionnaire
from questionnaires.shape import shorten
from questionnaires.xlsform.result import Remark
from surveyapp.errors import NotFound, Refused
from surveyapp.extensions import db
from surveyapp.models import QuestionnaireDraft, QuestionnaireDraftRevision, QuestionnaireVersion
from surveyapp.queries import drafts as stored
from surveyapp.queries import questionnaires as versions
from surveyapp.queries import series
from surveyapp.services import audit, workbooks
from surveyapp.services import questionnaires as published

Edit = Callable[[Questionnaire], Questionnaire]
#: states of one draft that are kept for undo
KEPT = 300
LONGEST_REASON = 2_000
#: how YAML writes half of a character that no page can show
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


class Stale(Refused):
    """Another person has saved since this one looked. `mine`: what this person wanted; None if it fits nowhere any more."""

    def __init__(self, mine: str | None, theirs: str, revision: int):
        super().__init__("Người khác vừa lưu bản nháp này trong lúc Ông/Bà đang sửa. Chưa lưu gì của lần sửa này.")
        self.mine = mine
        self.theirs = theirs
        self.revision = revision


def begin(form_id: str, title: str, account_id: int) -> QuestionnaireDraft:
    """An empty questionnaire."""
    taken = versions.versions(form_id) if form_id.isprintable() else []
    first = f"{_now().year}.1"
    version = first if first not in taken else naming.next_version(first, taken)
    return _begun(editing.empty(form_id, version, title), None, account_id)


def begin_from_version(version_id: int, account_id: int) -> QuestionnaireDraft:
    """The next version of a questionnaire, beginning as a copy."""
    version = db.session.get(QuestionnaireVersion, version_id)
    if version is None:
        raise NotFound("Không có phiên bản phiếu này.")
    form = versions.parsed(version)
    following = naming.next_version(form.version, versions.versions(form.form_id))
    return _begun(replace(form, version=following), version.id, account_id)


def begin_from_document(source: bytes, name: str, account_id: int) -> QuestionnaireDraft:
    """An uploaded document; what is not finished in it may stay so. Raises Faults where it cannot be read without loss."""
    imported = workbooks.read_other(source, name)
    if imported is None:
        # judged when it is put forward; what would be lost is refused now
        return _begun(document.load_stored(source, name), None, account_id)
    form = document.load_unfinished(document.dump(imported.questionnaire).encode(), name)
    return _begun(form, None, account_id, [_kept(each) for each in imported.remarks])


def _kept(remark: Remark) -> dict[str, str]:
    """Whatever stood in the file is quoted in it; no database keeps all of that."""
    return {part: "".join(each for each in words if each.isprintable()) for part, words in asdict(remark).items()}


def save(draft_id: int, edit: Edit, revision: int, account_id: int, what: str, autosaved: bool = False) -> QuestionnaireDraft:
    """The draft after the edit; without a difference nothing is written.

    Raises Stale where `revision` is no longer the newest, Faults where the edit is refused, Refused while it is in review.
    """
    what = "".join(each for each in what if each.isprintable())[:300]
    draft = _held(draft_id)
    _refuse_unless_open(draft)
    if revision != draft.revision:
        raise _stale(draft, edit, revision)
    form = stored.parsed(draft.document)
    edited = edit(form)
    text = _written(edited)
    if text == draft.document:
        db.session.commit()
        return draft
    last = db.session.get(QuestionnaireDraftRevision, (draft.id, draft.revision))
    again = (last is not None and last.autosaved and last.what == what and last.made_by == account_id
             and last.origin == last.revision)
    parent = last.parent if again else draft.origin
    if again:
        db.session.delete(last)
        db.session.flush()
    draft.form_id = edited.form_id
    _move_on(draft, text, account_id, what, parent=parent, autosaved=autosaved)
    if again:
        db.session.commit()
    else:
        audit.record(account_id, "edit_draft", f"{_subject(draft)}: {what}")
    return draft


def undo(draft_id: int, revision: int, account_id: int) -> QuestionnaireDraft:
    return _go(draft_id, revision, account_id, stored.undo_leads_to, "undo_draft", "Không còn thay đổi nào để hoàn tác.")


def redo(draft_id: int, revision: int, account_id: int) -> QuestionnaireDraft:
    return _go(draft_id, revision, account_id, stored.redo_leads_to, "redo_draft", "Không có gì để làm lại.")


def submit_for_review(draft_id: int, revision: int, account_id: int) -> QuestionnaireDraft:
    """Raises Faults: everything that is wrong with the questionnaire, or a version of this number that exists already."""
    draft = _held(draft_id)
    _refuse_unless_open(draft)
    _refuse_if_stale(draft, revision)
    faults = _faults(draft)
    if faults:
        raise Faults(faults)
    draft.state, draft.submitted_by, draft.submitted_at = "in_review", account_id, _now()
    draft.sent_back_by = draft.sent_back_reason = None
    audit.record(account_id, "submit_draft", _subject(draft))
    return draft


def send_back(draft_id: int, reason: str, account_id: int) -> QuestionnaireDraft:
    """Back to being changed; also for those who put it forward too early."""
    draft = _held(draft_id)
    _refuse_unless_in_review(draft)
    reason = reason.strip()
    if not reason:
        raise Faults([Fault("Lý do", "Chưa ghi lý do trả lại.", "Viết điều cần sửa để người soạn biết.")])
    if len(reason) > LONGEST_REASON:
        raise Faults([Fault("Lý do", f"Lý do dài {len(reason)} ký tự.", f"Viết ngắn lại, tối đa {LONGEST_REASON} ký tự.")])
    draft.state, draft.submitted_by, draft.submitted_at = "draft", None, None
    draft.sent_back_by, draft.sent_back_reason = account_id, reason
    audit.record(account_id, "send_back_draft", _subject(draft))
    return draft


def approve(draft_id: int, revision: int, account_id: int) -> QuestionnaireVersion:
    """Published, byte for byte as it was put forward, by somebody who neither put it forward nor wrote it last."""
    draft = _held(draft_id)
    _refuse_unless_in_review(draft)
    _refuse_if_stale(draft, revision)
    if not may_approve(draft, account_id):
        raise Refused("Người gửi duyệt và người sửa lần cuối không tự duyệt được. Xin một người thiết kế khác xem và duyệt.")
    faults = _faults(draft)
    if faults:
        raise Faults(faults)
    version = published.place(draft.document.encode(), f"bản nháp {draft.id}")
    db.session.flush()
    draft.state, draft.version_id = "published", version.id
    draft.approved_by, draft.approved_at = account_id, _now()
    audit.record(account_id, "approve_draft", _subject(draft))
    return version


def may_approve(draft: QuestionnaireDraft, account_id: int) -> bool:
    return account_id not in (draft.submitted_by, draft.updated_by)


def discard(draft_id: int, account_id: int) -> None:
    """Gone with all its states; what was published stays."""
    draft = _held(draft_id)
    _refuse_unless_open(draft)
    subject = _subject(draft)
    db.session.execute(delete(QuestionnaireDraftRevision).where(QuestionnaireDraftRevision.draft_id == draft.id))
    db.session.delete(draft)
    audit.record(account_id, "discard_draft", subject)


def _begun(form: Questionnaire, based_on: int | None, account_id: int,
           remarks: list[dict[str, str]] | None = None) -> QuestionnaireDraft:
    _refuse_names_without_address(form)
    text, now = _written(form), _now()
    session = _writing()
    draft = QuestionnaireDraft(form_id=form.form_id, document=text, revision=1, origin=1, state="draft", based_on=based_on,
                               created_by=account_id, created_at=now, updated_by=account_id, updated_at=now,
                               import_remarks=remarks or None)
    session.add(draft)
    session.flush()
    session.add(QuestionnaireDraftRevision(draft_id=draft.id, revision=1, document=text, made_by=account_id, made_at=now,
                                           what="Bắt đầu", origin=1, parent=None, autosaved=False))
    audit.record(account_id, "begin_draft", _subject(draft))
    return draft


def _refuse_names_without_address(form: Questionnaire) -> None:
    """Other wrong names are mended on the page of what they name; to a page of these no address leads."""
    named = {"Trang": form.pages, "Câu hỏi": form.questions, "Nhóm": form.groups, "Danh sách phương án": form.choice_lists}
    wrong = [Fault(what, f"“{shorten(each.name)}” không dùng làm tên được.", naming.NAME_MEND)
             for what, things in named.items() for each in things if "/" in each.name or each.name in (".", "..")]
    if wrong:
        raise Faults(wrong)


def _held(draft_id: int) -> QuestionnaireDraft:
    """The draft, and nobody else changes it until the transaction ends."""
    session = _writing()
    draft = session.scalar(select(QuestionnaireDraft).where(QuestionnaireDraft.id == draft_id).with_for_update()
                           .execution_options(populate_existing=True))
    if draft is None:
        raise NotFound(f"Không có bản nháp số {draft_id}. Có thể bản nháp đã bị bỏ.")
    return draft


def _writing() -> Session:
    """A transaction that writes from its beginning: what the page read before is done with, so that nobody waits in vain."""
    if db.session.in_transaction():
        db.session.commit()
    return db.writing()


def _move_on(draft: QuestionnaireDraft, text: str, account_id: int, what: str, parent: int | None = None,
             origin: int | None = None, autosaved: bool = False) -> None:
    now = _now()
    draft.revision += 1
    draft.origin = origin or draft.revision
    draft.document, draft.updated_by, draft.updated_at = text, account_id, now
    db.session.add(QuestionnaireDraftRevision(
        draft_id=draft.id, revision=draft.revision, document=text, made_by=account_id, made_at=now, what=what,
        origin=draft.origin, parent=parent, autosaved=autosaved))
    db.session.execute(delete(QuestionnaireDraftRevision).where(
        QuestionnaireDraftRevision.draft_id == draft.id, QuestionnaireDraftRevision.revision <= draft.revision - KEPT))


def _go(draft_id: int, revision: int, account_id: int, leads_to: Callable[[QuestionnaireDraft], int | None], action: str,
        nothing: str) -> QuestionnaireDraft:
    draft = _held(draft_id)
    _refuse_unless_open(draft)
    _refuse_if_stale(draft, revision)
    target = leads_to(draft)
    row = db.session.get(QuestionnaireDraftRevision, (draft.id, target)) if target else None
    if row is None:
        raise Refused(nothing)
    draft.form_id = stored.parsed(row.document).form_id
    _move_on(draft, row.document, account_id, audit.ACTIONS[action], origin=row.revision)
    audit.record(account_id, action, _subject(draft))
    return draft


def _written(form: Questionnaire) -> str:
    editing.check_identity(form.form_id)
    text = document.dump(form)
    if _HALF_CHARACTER.search(text):
        raise Faults([Fault("Bản nháp", "Có chữ bị hỏng (nửa ký tự Unicode), không hiển thị được.", "Xóa chữ đó và gõ lại.")])
    if (size := len(text.encode())) > MAX_BYTES:
        raise Faults([Fault("Bản nháp", f"Phiếu quá lớn ({size} byte).", f"Rút ngắn các câu chữ; tối đa {MAX_BYTES} byte.")])
    return text


def _faults(draft: QuestionnaireDraft) -> list[Fault]:
    """All that keeps the draft from being published."""
    form = stored.parsed(draft.document)
    found = [Fault(lack.where, lack.reason, lack.mend) for lack in stored.lacks(draft.document)]
    if not found:
        document.load(draft.document.encode(), "bản nháp")  # whatever the file format refuses beyond that is told as it is
        found = [Fault(lack.where, lack.reason, lack.mend) for lack in unfinished.in_words(form, series.silent_breaks(form))]
    if form.version in versions.versions(form.form_id):
        found.append(Fault("Cài đặt, phiên bản", f"Phiếu “{form.form_id}” đã có phiên bản “{form.version}”.",
                           f"Đặt số khác, ví dụ {naming.next_version(form.version, versions.versions(form.form_id))}."))
    return found


def _stale(draft: QuestionnaireDraft, edit: Edit, revision: int) -> Stale:
    base = stored.revision(draft.id, revision)
    try:
        mine = _written(edit(stored.parsed(base.document if base else draft.document)))
    except Faults:
        mine = None
    return Stale(mine, draft.document, draft.revision)


def _refuse_if_stale(draft: QuestionnaireDraft, revision: int) -> None:
    if revision != draft.revision:
        raise Stale(None, draft.document, draft.revision)


def _refuse_unless_open(draft: QuestionnaireDraft) -> None:
    if draft.state == "in_review":
        raise Refused("Bản nháp đang chờ duyệt nên không sửa được. Trả lại bản nháp trước, rồi sửa.")
    if draft.state == "published":
        raise Refused("Bản nháp này đã thành phiên bản phát hành, không sửa được. Tạo bản nháp mới từ phiên bản đó.")


def _refuse_unless_in_review(draft: QuestionnaireDraft) -> None:
    if draft.state != "in_review":
        raise Refused("Bản nháp này không ở trong tình trạng chờ duyệt. Tải lại trang để xem tình trạng mới nhất.")


def _subject(draft: QuestionnaireDraft) -> str:
    return f"{draft.form_id} (bản nháp {draft.id})"


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
