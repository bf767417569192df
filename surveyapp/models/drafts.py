"""Questionnaires in the making: what several designers work on until a second person approves it, and every state it was in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, JsonOrNull, LongText, Name


class QuestionnaireDraft(Base):
    __tablename__ = "questionnaire_drafts"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'in_review', 'published')", name="state_known"),
        CheckConstraint("(state = 'draft') = (submitted_by IS NULL) AND (state = 'draft') = (submitted_at IS NULL)",
                        name="submitted_until_sent_back"),
        CheckConstraint("(state = 'published') = (approved_by IS NOT NULL) AND "
                        "(state = 'published') = (approved_at IS NOT NULL) AND "
                        "(state = 'published') = (version_id IS NOT NULL)",
                        name="published_when_approved"),
        CheckConstraint("approved_by IS NULL OR (approved_by <> submitted_by AND approved_by <> updated_by)",
                        name="approved_by_another"),
        CheckConstraint("revision >= 1 AND origin >= 1 AND origin <= revision", name="revision_counts_up"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[str] = mapped_column(Code)
    #: the YAML as it stands; `document.load_unfinished` reads it
    document: Mapped[str] = mapped_column(LongText)
    #: counts every change, undo and redo too: whoever saves says which one they saw
    revision: Mapped[int]
    #: the revision in which the present text was first written: undo and redo go along these
    origin: Mapped[int]
    state: Mapped[str] = mapped_column(Code, default="draft")
    created_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    updated_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    updated_at: Mapped[datetime]
    #: the version it began as a copy of
    based_on: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_versions.id"))
    #: what of the file that it began from did not come along as it was: kind, place, reason, mend of each
    import_remarks: Mapped[list[dict[str, str]] | None] = mapped_column(JsonOrNull)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    submitted_at: Mapped[datetime | None]
    #: why it was last sent back, and by whom; stays until it is submitted again
    sent_back_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    sent_back_reason: Mapped[str | None] = mapped_column(LongText)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    approved_at: Mapped[datetime | None]
    #: the version that it became
    version_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_versions.id"))


class QuestionnaireDraftRevision(Base):
    __tablename__ = "questionnaire_draft_revisions"
    __table_args__ = (
        CheckConstraint("origin <= revision AND (parent IS NULL OR parent < revision)", name="from_something_older"),)

    draft_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_drafts.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(LongText)
    made_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    #: what was done, in words for the list of changes
    what: Mapped[str] = mapped_column(Name)
    #: itself for an edit; of an undo or redo the edit whose text came back
    origin: Mapped[int]
    #: the edit that this edit was made upon
    parent: Mapped[int | None]
    #: saved by the page itself while somebody typed: the next save of the same page takes its place
    autosaved: Mapped[bool] = mapped_column(default=False)
