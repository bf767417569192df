"""A small province whose campaign is open: units with long names, the shipped questionnaires, a short form, and one with every
answer type."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

from questionnaires import library
from surveyapp.extensions import db
from surveyapp.library import unit_groups
from surveyapp.models import Campaign, CampaignQuestionnaire, QuestionnaireVersion, RatingScope
from surveyapp.services import questionnaires, samples, units

UNITS = """\
code,name,unit_group,parent,valid_from,valid_to,successors
SNV,Sở Nội vụ,department,,2000-01-01,,
STTTT,Sở Thông tin và Truyền thông,department,,2000-01-01,,
BQLKCN,Ban Quản lý các Khu công nghiệp tỉnh,department,,2000-01-01,,
VPUB,Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh,department,,2000-01-01,,
LONGPHU,Ủy ban nhân dân huyện Long Phú,district,,2000-01-01,,
VINHCHAU,Ủy ban nhân dân thị xã Vĩnh Châu,district,,2000-01-01,,
GONE,Sở đã giải thể,department,,2000-01-01,2010-01-01,
"""

#: every answer type and everything that a page can show, in three languages
KINDS = Path(__file__).parent / "kinds_of_questions.yaml"
#: forms for whole journeys: groups, repeats, values; many units
FORMS = Path(__file__).parent / "forms"
#: a short way through: the plainer types, questions that appear on the same page and on a later one, a constraint with words
EVERYTHING = """\
form_id: everything
version: "1"
title: {vi: Phiếu thử mọi kiểu câu hỏi}
languages: [vi]
respondent_groups: [citizens]
rates: one_unit
consent:
  purpose: {vi: Mục đích}
  data: {vi: Dữ liệu}
  controller: {vi: Đơn vị}
  rights: {vi: Quyền}
  contact: {vi: Liên hệ}
choices:
  yes_no:
    - {name: "yes", label: {vi: Có}}
    - {name: "no", label: {vi: Không}}
  things:
    - {name: a, label: {vi: Thứ nhất}}
    - {name: b, label: {vi: Thứ hai}}
    - {name: none, label: {vi: Không thứ nào}, exclusive: yes}
pages:
  - name: first
    label: {vi: Trang một}
    questions:
      - {type: note, name: intro, label: {vi: "Xin đọc trước."}}
      - {type: select_one yes_no, name: went, label: {vi: "Ông/Bà đã đến chưa?"}, required: yes}
      - {type: date, name: when, label: {vi: "Ngày nào?"}, relevant: "${went} = 'yes'", required: yes}
      - type: integer
        name: times
        label: {vi: "Mấy lần?"}
        constraint: ". <= 9"
        constraint_message: {vi: "Nhiều nhất 9 lần."}
  - name: second
    label: {vi: Trang hai}
    relevant: "${went} = 'yes'"
    questions:
      - {type: decimal, name: hours, label: {vi: "Mất mấy giờ?"}, hint: {vi: "Ví dụ 1,5."}}
      - {type: select_multiple things, name: things, label: {vi: "Những gì?"}}
  - name: third
    label: {vi: Trang ba}
    questions:
      - {type: text, name: comment, label: {vi: "Ý kiến khác?"}}
"""


def province(code: str = "THU2026", today: date | None = None, forms: tuple[str, ...] = ("citizen", "official", "business"),
             also: Mapping[str, str] = MappingProxyType({})) -> Campaign:
    """Needs an application context. The campaign is open from yesterday for a month; it asks `also` these documents too."""
    today = today or date.today()
    units.import_unit_groups(unit_groups(), "unit_groups.csv")
    units.import_units(UNITS.encode(), "units.csv")
    shipped = {name.removesuffix(".yaml"): source for name, source in library.shipped().items()}
    sources = {**shipped, "everything": EVERYTHING.encode(), "kinds": KINDS.read_bytes(),
               **{path.stem: path.read_bytes() for path in FORMS.glob("*.yaml")},
               **{name: source.encode() for name, source in also.items()}}
    versions = [questionnaires.import_questionnaire(sources[form], f"{form}.yaml") for form in (*forms, *also)]
    return campaign_asking(versions, code, today)


def campaign_asking(versions: Iterable[QuestionnaireVersion], code: str, today: date | None = None) -> Campaign:
    """Open from yesterday for a month, for every group of respondents."""
    today = today or date.today()
    campaign = Campaign(code=code, name="Khảo sát thử", year=today.year, opens_on=today - timedelta(days=1),
                        closes_on=today + timedelta(days=30), state="open")
    session = db.writing()
    session.add(campaign)
    session.flush()
    session.add_all(CampaignQuestionnaire(campaign_id=campaign.id, questionnaire_version_id=version.id, form_id=version.form_id)
                    for version in versions)
    groups = ("citizens", "officials", "leaders", "businesses")
    session.add_all(RatingScope(campaign_id=campaign.id, respondent_group=group, unit_group=unit_group)
                    for group in groups for unit_group in ("department", "district"))
    session.commit()
    return campaign


def invitation(campaign_code: str, group: str = "citizens", unit: str = "LONGPHU") -> str:
    """The token of a personal link."""
    source = f"respondent_group,unit,count,stratum,psu,weight\n{group},{unit},1,{unit or 'tỉnh'},ap-1,2.5\n"
    return samples.make_invitations(campaign_code, source.encode(), "invitations.csv")[0].token
