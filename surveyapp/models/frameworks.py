"""Frameworks as imported documents; a changed document is a new revision, never an overwrite."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Hash, LongText


class FrameworkDocument(Base):
    __tablename__ = "framework_documents"
    __table_args__ = (
        UniqueConstraint("unit_group", "year", "revision"),
        UniqueConstraint("unit_group", "year", "sha256"),
        CheckConstraint("revision >= 1", name="revision_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_group: Mapped[str] = mapped_column(ForeignKey("unit_groups.code"))
    year: Mapped[int]
    revision: Mapped[int]
    #: the YAML as it was imported, byte for byte
    document: Mapped[str] = mapped_column(LongText)
    sha256: Mapped[str] = mapped_column(Hash)
    imported_at: Mapped[datetime]
