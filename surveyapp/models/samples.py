"""The sample: strata with their population, and invitations, which share no key with any answer."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, Hash


class Stratum(Base):
    __tablename__ = "strata"
    __table_args__ = (CheckConstraint("population > 0", name="population_positive"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    respondent_group: Mapped[str] = mapped_column(Code, primary_key=True)
    #: for service users normally the unit's code
    code: Mapped[str] = mapped_column(Code, primary_key=True)
    #: people (or firms) in the frame of this stratum
    population: Mapped[int]


class Invitation(Base):
    """A personal link. Only the link's hash is kept; an answer is begun with a key that only the link itself can derive."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("weight > 0", name="weight_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    token_hash: Mapped[str] = mapped_column(Hash)
    form_id: Mapped[str] = mapped_column(Code)
    respondent_group: Mapped[str] = mapped_column(Code)
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"))
    stratum: Mapped[str] = mapped_column(Code, default="")
    psu: Mapped[str] = mapped_column(Code, default="")
    weight: Mapped[Decimal] = mapped_column(default=Decimal(1))
    #: an answer was handed in through this link; when is not kept, since a time would join it to its answer
    spent: Mapped[bool] = mapped_column(default=False)
