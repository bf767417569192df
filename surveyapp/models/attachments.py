"""Files that respondents sent in: what they are. Their content lies in the data folder, under their ids."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, Hash


class Attachment(Base):
    """The row is the truth: content without a row is nobody's and is swept away. With its response sealed it never changes (a
    trigger refuses it), and it goes when the response is withdrawn.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("kind IN ('jpeg', 'png', 'webp', 'pdf')", name="kind_known"),
        CheckConstraint("size > 0", name="something_in_it"),
        CheckConstraint("time >= 0", name="time_counts_from_one"),
    )

    #: random; the answer is `file:<id>`, and the content's file is called so
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    response_id: Mapped[str] = mapped_column(ForeignKey("responses.id"), index=True)
    question: Mapped[str] = mapped_column(Code)
    #: in a repeat, which time, from 1; 0 outside of repeats
    time: Mapped[int]
    #: of the content as it is kept
    sha256: Mapped[str] = mapped_column(Hash)
    #: told from the content, never from its name
    kind: Mapped[str] = mapped_column(Code)
    #: bytes as they are kept
    size: Mapped[int]
