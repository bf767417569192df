"""Framework documents and what they say."""

from functools import lru_cache

from sqlalchemy import func, select

from analysis.index import document
from analysis.index.framework import Framework
from surveyapp.extensions import db
from surveyapp.models import CampaignFramework, FrameworkDocument


def parsed(framework_document: FrameworkDocument) -> Framework:
    """The document as a value; read once per content and process. Its rules were checked when it came in."""
    return _read(framework_document.document, name_of(framework_document))


def name_of(framework_document: FrameworkDocument) -> str:
    return f"{framework_document.unit_group} {framework_document.year}, bản {framework_document.revision}"


@lru_cache(maxsize=128)
def _read(text: str, name: str) -> Framework:
    return document.load(text.encode(), name)


def same(unit_group: str, year: int, sha256: str) -> FrameworkDocument | None:
    return db.session.scalar(select(FrameworkDocument).where(
        FrameworkDocument.unit_group == unit_group, FrameworkDocument.year == year, FrameworkDocument.sha256 == sha256))


def last_revision(unit_group: str, year: int) -> int:
    """0 where there is none."""
    return db.session.scalar(select(func.max(FrameworkDocument.revision)).where(
        FrameworkDocument.unit_group == unit_group, FrameworkDocument.year == year)) or 0


def newest_of_year(year: int) -> dict[str, FrameworkDocument]:
    """Unit group -> its newest revision of that year."""
    rows = db.session.scalars(select(FrameworkDocument).where(FrameworkDocument.year == year)
                              .order_by(FrameworkDocument.unit_group, FrameworkDocument.revision))
    return {row.unit_group: row for row in rows}


def of_campaign(campaign_id: int) -> dict[str, FrameworkDocument]:
    """Unit group -> the framework that the campaign scores it by."""
    rows = db.session.scalars(
        select(FrameworkDocument).join(CampaignFramework, CampaignFramework.framework_id == FrameworkDocument.id)
        .where(CampaignFramework.campaign_id == campaign_id).order_by(FrameworkDocument.unit_group))
    return {row.unit_group: row for row in rows}
