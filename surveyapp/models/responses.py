"""Raw answers under their questionnaire's version. No points here: scoring is replay."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, Hash, Json, JsonOrNull

MODES = ("web", "paper", "interview", "phone", "import")


class Response(Base):
    """One form of one respondent: a draft while it is filled in, sealed exactly once, or withdrawn (answers erased).

    A sealed response never changes (a trigger refuses it); withdrawing it empties its answers. A draft that was never handed in
    is emptied after its campaign (services/unfinished.py) and stays only to be counted.
    """

    __tablename__ = "responses"
    __table_args__ = (
        UniqueConstraint("receipt_hash"),
        UniqueConstraint("access_hash"),
        CheckConstraint("state IN ('draft', 'sealed', 'withdrawn')", name="state_known"),
        CheckConstraint("mode IN ('web', 'paper', 'interview', 'phone', 'import')", name="mode_known"),
        CheckConstraint("weight > 0", name="weight_positive"),
        CheckConstraint("(state = 'draft') = (access_hash IS NOT NULL)", name="only_a_draft_can_be_reopened"),
        CheckConstraint("(state = 'draft') = (receipt_hash IS NULL)", name="a_receipt_when_sealed"),
        CheckConstraint("(state = 'draft') = (sealed_on IS NULL)", name="a_date_when_sealed"),
        CheckConstraint("erased_on IS NULL OR (state = 'draft' AND answers = '{}')", name="erased_is_empty"),
        Index("ix_responses_campaign_state", "campaign_id", "state"),
        # ids of a campaign's sealed answers without their rows. The id stands before the state: were it last, SQLite would take
        # this index also for queries that read whole rows, and read them in the order of random ids, four times slower
        Index("ix_responses_campaign_id_state", "campaign_id", "id", "state"),
    )

    #: random, so that the order of arrival cannot be read from it
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    questionnaire_version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_versions.id"), index=True)
    respondent_group: Mapped[str] = mapped_column(Code)
    #: the unit that served the respondent (rates: one_unit); NULL where the form rates many
    unit_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"), index=True)
    stratum: Mapped[str] = mapped_column(Code, default="")
    #: primary sampling unit; "" where each respondent is one
    psu: Mapped[str] = mapped_column(Code, default="")
    weight: Mapped[Decimal] = mapped_column(default=Decimal(1))
    mode: Mapped[str] = mapped_column(Code, default="web")
    language: Mapped[str] = mapped_column(Code, default="vi")
    state: Mapped[str] = mapped_column(Code, default="draft")
    #: question -> raw answer; a matrix is question -> {unit: answer}. What is not there was not answered.
    answers: Mapped[dict] = mapped_column(Json)
    #: names of the pages that were stored, so that a form is resumed where it was left
    pages_stored: Mapped[list] = mapped_column(Json)
    #: {"device": ..., "seconds": {page key: n}} as services/paradata.py says; NULL unless the form declares that it keeps them
    paradata: Mapped[dict | None] = mapped_column(JsonOrNull)
    access_hash: Mapped[str | None] = mapped_column(Hash)
    receipt_hash: Mapped[str | None] = mapped_column(Hash)
    #: a day, not a time
    sealed_on: Mapped[date | None]
    #: the day on which everything in a draft was erased; no code opens it any more
    erased_on: Mapped[date | None]
