"""Campaigns come in as documents, are opened once everything they need fits together, and are closed.

The format is described in docs/dinh-dang/dot-dieu-tra.md; campaign_document.py reads it.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from documents.faults import Fault, FaultList, Faults
from surveyapp.errors import Refused
from surveyapp.extensions import db
from surveyapp.formatters import day as spell_day
from surveyapp.models import Campaign, CampaignFramework, CampaignQuestionnaire, RatingScope
from surveyapp.queries import campaigns as stored
from surveyapp.queries import frameworks, questionnaires, series
from surveyapp.services import campaign_document
from surveyapp.services.campaign_document import Declared
from surveyapp.services.frameworks import against
from surveyapp.wording import campaign_state_name, respondent_group_name


@dataclass(frozen=True)
class StateChange:
    """The campaign as it is now; `note` is one Vietnamese sentence for the person who changed it, or ""."""

    campaign: Campaign
    note: str = ""


def import_campaign(source: bytes, name: str) -> Campaign:
    """A campaign still being prepared is replaced by the document; an opened one may only change its name and last day.

    Raises Faults: unknown questionnaire version, framework or group, groups that no questionnaire asks, dates ...
    """
    session = db.writing()
    declared = campaign_document.load(source, name)
    campaign = stored.find(declared.code)
    if campaign is not None and campaign.state != "draft":
        _refuse_changes(campaign, declared, name)
        campaign.name, campaign.closes_on = declared.name, declared.closes_on
    else:
        campaign = campaign or Campaign(code=declared.code, state="draft")
        _fill(session, campaign, declared)
    session.commit()
    return campaign


def _fill(session: Session, campaign: Campaign, declared: Declared) -> None:
    campaign.name, campaign.year = declared.name, declared.year
    campaign.opens_on, campaign.closes_on = declared.opens_on, declared.closes_on
    campaign.keep_unfinished_days = declared.keep_unfinished_days
    session.add(campaign)
    session.flush()
    for table in (CampaignQuestionnaire, CampaignFramework, RatingScope):
        session.execute(delete(table).where(table.campaign_id == campaign.id))
    session.execute(insert(CampaignQuestionnaire), [
        {"campaign_id": campaign.id, "questionnaire_version_id": version.id, "form_id": form_id}
        for form_id, version in declared.questionnaires.items()])
    session.execute(insert(CampaignFramework), [
        {"campaign_id": campaign.id, "framework_id": framework.id, "unit_group": group}
        for group, framework in declared.frameworks.items()])
    session.execute(insert(RatingScope), [
        {"campaign_id": campaign.id, "respondent_group": group, "unit_group": unit_group}
        for group, unit_groups in declared.rates.items() for unit_group in unit_groups])


def _refuse_changes(campaign: Campaign, declared: Declared, name: str) -> None:
    """What was fixed when fieldwork began stays: year, first day, questionnaires, frameworks, who rates whom, what respondents
    were told about the end of what they leave unfinished."""
    asked = {form_id: version.version for form_id, version in questionnaires.of_campaign(campaign.id).items()}
    scope = stored.rating_scope(campaign.id)
    differs = {
        "year": campaign.year != declared.year,
        "opens_on": campaign.opens_on != declared.opens_on,
        "keep_unfinished_days": campaign.keep_unfinished_days != declared.keep_unfinished_days,
        "questionnaires": asked != {form_id: version.version for form_id, version in declared.questionnaires.items()},
        "frameworks": set(frameworks.of_campaign(campaign.id)) != set(declared.frameworks),
        "rates": scope != {group: set(unit_groups) for group, unit_groups in declared.rates.items()},
    }
    faults = FaultList()
    for key, changed in differs.items():
        if changed:
            faults.add(f"{name}, {key}",
                       f"Đợt “{campaign.code}” {campaign_state_name(campaign.state)}, “{key}” không thể thay đổi.",
                       "Giữ như khi mở đợt (chỉ được đổi name và closes_on), hoặc lập đợt mới với mã khác.")
    faults.refuse_if_any()


def open_campaign(code: str, today: date) -> StateChange:
    """Begin fieldwork, or go on with it after closing. Nothing that is asked or that scores changes from here on.

    Raises Faults where frameworks, questionnaires, scopes and units do not fit together.
    """
    session = db.writing()
    campaign = stored.by_code(code)
    if campaign.state == "open":
        raise Refused(f"Đợt điều tra “{code}” đang mở rồi.")
    if campaign.state == "draft":
        _check_ready(campaign)
    campaign.state = "open"
    session.commit()
    note = ""
    if today < campaign.opens_on:
        note = f"Người dân trả lời được trên mạng từ ngày {spell_day(campaign.opens_on)}."
    elif today > campaign.closes_on:
        note = (f"Ngày cuối của đợt ({spell_day(campaign.closes_on)}) đã qua: chỉ nhập phiếu từ tệp, "
                "không nhận câu trả lời trên mạng.")
    return StateChange(campaign, note)


def close_campaign(code: str, today: date) -> StateChange:
    """End fieldwork; drafts that were not handed in count for nothing, and are emptied once their time is over."""
    session = db.writing()
    campaign = stored.by_code(code)
    if campaign.state != "open":
        raise Refused(f"Đợt điều tra “{code}” {campaign_state_name(campaign.state)}, không đóng được.")
    campaign.state = "closed"
    session.commit()
    early = today < campaign.closes_on
    return StateChange(campaign, f"Đóng sớm, trước ngày cuối đã báo ({spell_day(campaign.closes_on)})." if early else "")


def _check_ready(campaign: Campaign) -> None:
    """The frameworks against exactly the versions that will be asked, every rule against who rates whom, and every form
    against the years before: an earlier version may have been opened since this one came in."""
    asked = {form_id: questionnaires.parsed(version) for form_id, version in questionnaires.of_campaign(campaign.id).items()}
    facts = {form_id: questionnaires.facts(form) for form_id, form in asked.items()}
    scope = stored.rating_scope(campaign.id)
    faults = FaultList()
    for version in questionnaires.of_campaign(campaign.id).values():
        if not questionnaires.is_asked(version):
            for finding in series.silent_breaks(questionnaires.parsed(version)):
                faults.add(f"Phiếu {version.form_id} {version.version}", finding.reason, finding.mend)
    for unit_group, framework_document in frameworks.of_campaign(campaign.id).items():
        name = f"Bộ chỉ số {frameworks.name_of(framework_document)}"
        try:
            framework = against(framework_document.document.encode(), name, facts)
        except Faults as error:
            faults.extend(error.faults)
            continue
        if not stored.units_scored(campaign, unit_group):
            faults.extend([Fault(name, f"Ngày {spell_day(campaign.opens_on)} không có đơn vị nào thuộc nhóm “{unit_group}”.",
                                 "Nhập đơn vị của nhóm, hoặc bỏ nhóm này khỏi frameworks của đợt.")])
        groups = {source.group for leaf in framework.survey_leaves for source in leaf.rule.sources}
        for group in sorted(groups):
            if unit_group not in scope.get(group, ()):
                faults.add(name,
                           f"Có tiêu chí lấy điểm từ nhóm “{group}” ({respondent_group_name(group)}), nhưng trong đợt này "
                           f"nhóm đó không đánh giá các đơn vị “{unit_group}”.",
                           f"Thêm “{unit_group}” vào rates.{group} của đợt, hoặc sửa bộ chỉ số.")
    faults.refuse_if_any()
