"""The sample: how many people each stratum stands for, and personal links, of which only the hash is kept.

The formats are described in docs/dinh-dang/dot-dieu-tra.md.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import delete, insert

from analysis.index.checks import suggest
from documents import csv_reader
from documents.csv_reader import Row
from documents.faults import FaultList
from questionnaires.model import Questionnaire
from surveyapp.errors import Refused
from surveyapp.extensions import db
from surveyapp.models import Campaign, Invitation, Stratum, Unit
from surveyapp.queries import campaigns, questionnaires
from surveyapp.services.cells import Cells, shown
from surveyapp.services.receipts import random_code

MOST_AT_ONCE = 200_000
TOKEN_LENGTH = 20


def import_strata(campaign_code: str, source: bytes, name: str) -> int:
    """Columns: respondent_group, stratum, population. The file replaces all strata of the groups that it names."""
    session = db.writing()
    campaign = campaigns.by_code(campaign_code)
    faults = FaultList()
    cells = Cells(csv_reader.read(source, name, ("respondent_group", "stratum", "population"), (), faults), faults)
    groups = campaigns.rating_scope(campaign.id)
    first_line: dict[tuple, int] = {}
    strata = []
    for row in cells.table:
        group = cells.known(row, "respondent_group", groups, "nhóm đối tượng")
        code = cells.text(row, "stratum", longest=80)
        population = cells.whole(row, "population", 1, 1_000_000_000)
        if (group, code) in first_line:
            cells.fault(row, "stratum", f"Tầng “{code}” của nhóm này đã có ở dòng {first_line[group, code]}.",
                        "Giữ lại một dòng.")
        if group and code:
            first_line[group, code] = row.line
            strata.append({"campaign_id": campaign.id, "respondent_group": group, "code": code, "population": population})
    cells.faults.refuse_if_any()
    named = {stratum["respondent_group"] for stratum in strata}
    session.execute(delete(Stratum).where(Stratum.campaign_id == campaign.id, Stratum.respondent_group.in_(named)))
    session.execute(insert(Stratum), strata)
    session.commit()
    return len(strata)


@dataclass(frozen=True)
class Link:
    """One person's invitation. The token is nowhere but here: hand it out, then forget it."""

    token: str
    form_id: str
    respondent_group: str
    unit_code: str | None
    stratum: str
    psu: str
    weight: Decimal


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_invitations(campaign_code: str, source: bytes, name: str) -> list[Link]:
    """Columns: respondent_group, unit, count and, where wanted, stratum, psu, weight. `count` links for every row.

    Raises Faults; Refused for a closed campaign.
    """
    session = db.writing()
    campaign = campaigns.by_code(campaign_code)
    if campaign.state == "closed":
        raise Refused(f"Đợt điều tra “{campaign.code}” đã đóng, không tạo thêm đường dẫn mời.")
    faults = FaultList()
    table = csv_reader.read(source, name, ("respondent_group", "unit", "count"), ("stratum", "psu", "weight"), faults)
    cells = Cells(table, faults)
    links = _links(cells, campaign)
    cells.faults.refuse_if_any()
    session.execute(insert(Invitation), [
        {"campaign_id": campaign.id, "token_hash": token_hash(link.token), "form_id": link.form_id,
         "respondent_group": link.respondent_group, "unit_code": link.unit_code, "stratum": link.stratum, "psu": link.psu,
         "weight": link.weight} for link in links])
    session.commit()
    return links


def _links(cells: Cells, campaign: Campaign) -> list[Link]:
    forms: dict[str, Questionnaire] = {}
    for version in questionnaires.of_campaign(campaign.id).values():
        form = questionnaires.parsed(version)
        forms |= {group: form for group in form.respondent_groups if group not in forms}
    groups = campaigns.rating_scope(campaign.id)
    rated = {group: {unit.code: unit for unit in campaigns.units_rated_by(campaign, group)} for group in groups}
    links: list[Link] = []
    for row in cells.table:
        group = cells.known(row, "respondent_group", groups, "nhóm đối tượng")
        count = cells.whole(row, "count", 1, 10_000)
        stratum = cells.text(row, "stratum", required=False, longest=80)
        psu = cells.text(row, "psu", required=False, longest=80)
        weight = read_weight(cells, row)
        unit_code = read_unit(cells, row, forms[group], campaign, rated[group]) if group else None
        if len(cells.faults):
            continue
        if len(links) + count > MOST_AT_ONCE:
            cells.fault(row, "count", f"Tệp yêu cầu hơn {MOST_AT_ONCE} đường dẫn.", "Chia thành nhiều tệp.")
            continue
        links += [Link(random_code(TOKEN_LENGTH), forms[group].form_id, group, unit_code, stratum or unit_code or "", psu,
                       weight)
                  for _ in range(count)]
    return links


def read_unit(cells: Cells, row: Row, form: Questionnaire, campaign: Campaign, rated: Mapping[str, Unit]) -> str | None:
    """The unit that served the respondent; forms that rate many units have none."""
    code = row["unit"]
    if form.rates == "many_units":
        if code:
            cells.fault(row, "unit", f"Phiếu “{form.form_id}” đánh giá nhiều đơn vị, nên cột này phải để trống.",
                        "Xóa mã đơn vị ở cột này.")
        return None
    if not code:
        return cells.fault(row, "unit", "Ô này để trống.", "Điền mã đơn vị đã phục vụ người trả lời.")
    if code not in rated:
        return cells.fault(row, "unit", campaigns.why_not_there(campaign, shown(code)),
                           suggest(code[:80], rated) or "Kiểm tra rates của đợt và danh sách đơn vị.")
    return code


def read_weight(cells: Cells, row: Row) -> Decimal | None:
    weight = cells.number(row, "weight", required=False)
    if weight is None:
        return Decimal(1)
    if not 0 < weight <= 1_000_000:
        return cells.fault(row, "weight", f"Trọng số {weight} không lớn hơn 0, hoặc lớn hơn 1000000.",
                           "Ghi trọng số lớn hơn 0, hoặc để trống (bằng 1).")
    return weight
