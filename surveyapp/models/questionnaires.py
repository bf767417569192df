"""Questionnaire versions as imported documents. A version with answers never changes (a trigger refuses it)."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, Hash, LongText


class QuestionnaireVersion(Base):
    __tablename__ = "questionnaire_versions"
    __table_args__ = (UniqueConstraint("form_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[str] = mapped_column(Code)
    version: Mapped[str] = mapped_column(Code)
    #: the YAML as it was imported, byte for byte
    document: Mapped[str] = mapped_column(LongText)
    sha256: Mapped[str] = mapped_column(Hash)
    imported_at: Mapped[datetime]
