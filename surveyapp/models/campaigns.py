"""One year's fieldwork: which questionnaires are asked, which frameworks score, who rates whom."""

from datetime import date, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, Name

CAMPAIGN_STATES = ("draft", "open", "closed")
#: what a campaign keeps to that declares nothing else
KEEP_UNFINISHED_DAYS = 30


class Campaign(Base):
    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),
        CheckConstraint("state IN ('draft', 'open', 'closed')", name="state_known"),
        CheckConstraint("keep_unfinished_days BETWEEN 0 AND 365", name="unfinished_for_a_year_at_most"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Code, unique=True)
    name: Mapped[str] = mapped_column(Name)
    #: the year that is scored
    year: Mapped[int]
    opens_on: Mapped[date]
    #: last day on which an answer is taken
    closes_on: Mapped[date]
    state: Mapped[str] = mapped_column(Code, default="draft")
    #: days after the last one for which responses are kept that were not handed in: the last day may yet be put off
    keep_unfinished_days: Mapped[int] = mapped_column(default=KEEP_UNFINISHED_DAYS)

    @property
    def unfinished_until(self) -> date:
        """The last day on which a response is kept that was not handed in."""
        return self.closes_on + timedelta(days=self.keep_unfinished_days)


class CampaignQuestionnaire(Base):
    """The one version of each questionnaire that this campaign asks; set before it opens."""

    __tablename__ = "campaign_questionnaires"
    __table_args__ = (UniqueConstraint("campaign_id", "form_id"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    questionnaire_version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_versions.id"), primary_key=True)
    form_id: Mapped[str] = mapped_column(Code)


class CampaignFramework(Base):
    """The one framework per unit group that this campaign scores by; set and hashed before it opens."""

    __tablename__ = "campaign_frameworks"
    __table_args__ = (UniqueConstraint("campaign_id", "unit_group"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("framework_documents.id"), primary_key=True)
    unit_group: Mapped[str] = mapped_column(ForeignKey("unit_groups.code"))


class RatingScope(Base):
    """Who rates whom: the unit groups that a respondent group may rate in this campaign."""

    __tablename__ = "rating_scopes"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    respondent_group: Mapped[str] = mapped_column(Code, primary_key=True)
    unit_group: Mapped[str] = mapped_column(ForeignKey("unit_groups.code"), primary_key=True)
