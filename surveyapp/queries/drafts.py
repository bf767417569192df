"""Drafts of questionnaires: which there are, what one says, and where undo and redo lead."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Row, select

from questionnaires import document, unfinished
from questionnaires.checks import check
from questionnaires.findings import Finding
from questionnaires.model import Questionnaire
from questionnaires.unfinished import Lack, Look
from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.models import Account, QuestionnaireDraft, QuestionnaireDraftRevision


def unpublished() -> Sequence[QuestionnaireDraft]:
    """The one last worked on first."""
    return db.session.scalars(select(QuestionnaireDraft).where(QuestionnaireDraft.state != "published")
                              .order_by(QuestionnaireDraft.updated_at.desc(), QuestionnaireDraft.id.desc())).all()


def draft(draft_id: int) -> QuestionnaireDraft:
    found = db.session.get(QuestionnaireDraft, draft_id)
    if found is None:
        raise NotFound(f"Không có bản nháp số {draft_id}. Có thể bản nháp đã bị bỏ.")
    return found


def parsed(text: str) -> Questionnaire:
    """A draft's document as a value; read once per content and process."""
    return _read(text)


@lru_cache(maxsize=64)
def _read(text: str) -> Questionnaire:
    return document.load_unfinished(text.encode(), "bản nháp")


@lru_cache(maxsize=64)
def lacks(text: str) -> tuple[Lack, ...]:
    """What a draft's document still lacks."""
    return unfinished.lacks(_read(text), _faults(text))


@lru_cache(maxsize=64)
def looks(text: str) -> tuple[Look, ...]:
    """What in a draft's document is worth a second look."""
    return unfinished.looks(_read(text), _faults(text))


@lru_cache(maxsize=64)
def _faults(text: str) -> tuple[Finding, ...]:
    """Judging a long form takes its time, so once per content and process."""
    return check(_read(text))


def revision(draft_id: int, number: int) -> QuestionnaireDraftRevision | None:
    """That state of the draft; where an autosave has taken its place, the next older one that was kept."""
    rows = select(QuestionnaireDraftRevision).where(
        QuestionnaireDraftRevision.draft_id == draft_id, QuestionnaireDraftRevision.revision <= number)
    return db.session.scalar(rows.order_by(QuestionnaireDraftRevision.revision.desc()).limit(1))


def changes(draft_id: int, most: int = 30) -> Sequence[Row[tuple[QuestionnaireDraftRevision, str]]]:
    """The last changes with the names of who made them, the newest first."""
    return db.session.execute(
        select(QuestionnaireDraftRevision, Account.display_name).join(Account, Account.id == QuestionnaireDraftRevision.made_by)
        .where(QuestionnaireDraftRevision.draft_id == draft_id)
        .order_by(QuestionnaireDraftRevision.revision.desc()).limit(most)).all()


def undo_leads_to(found: QuestionnaireDraft) -> int | None:
    """The revision whose text comes back; None where there is nothing to undo."""
    parents = _parents(found.id)
    before = parents.get(found.origin)
    return before if before in parents else None


def redo_leads_to(found: QuestionnaireDraft) -> int | None:
    """One step from what stands now towards the last edit, if that edit was made upon what stands now."""
    parents = _parents(found.id)
    at = max(parents, default=None)
    while at is not None and parents.get(at) != found.origin:
        at = parents.get(at)
    return at


def _parents(draft_id: int) -> dict[int, int | None]:
    """Edit -> the edit it was made upon."""
    columns = QuestionnaireDraftRevision.revision, QuestionnaireDraftRevision.parent
    return dict(db.session.execute(select(*columns).where(
        QuestionnaireDraftRevision.draft_id == draft_id,
        QuestionnaireDraftRevision.origin == QuestionnaireDraftRevision.revision)).all())


def names(*account_ids: int | None) -> dict[int | None, str]:
    """Account -> how it is called on screen."""
    rows = db.session.execute(select(Account.id, Account.display_name).where(Account.id.in_({i for i in account_ids if i})))
    return dict(rows.all())
