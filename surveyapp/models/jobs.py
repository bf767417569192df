"""Long work in the background and how far it has come."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, Json, LongText


class Job(Base):
    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state_known"),
        CheckConstraint("done <= total", name="done_within_total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Code)
    arguments: Mapped[dict] = mapped_column(Json)
    state: Mapped[str] = mapped_column(Code, default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=1)
    #: for the person who waits, in Vietnamese
    message: Mapped[str] = mapped_column(LongText, default="")
    #: file that the work made, relative to the data folder
    result_file: Mapped[str | None] = mapped_column(LongText)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
