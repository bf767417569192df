"""Appraised and self-scored points from a table, checked against the campaign's frameworks.

The format is described in docs/dinh-dang/diem-tham-dinh.md.
"""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import insert, update

from analysis.index.checks import spell, suggest
from analysis.index.framework import Leaf
from documents import csv_reader
from documents.csv_reader import Row
from documents.faults import FaultList
from surveyapp.extensions import db
from surveyapp.models import AppraisedPoints, Campaign, Unit
from surveyapp.queries import appraised as stored
from surveyapp.queries import campaigns, frameworks
from surveyapp.services.cells import Cells, shown

COLUMNS = ("unit", "leaf", "appraised")


def import_appraised(campaign_code: str, source: bytes, name: str) -> int:
    """Columns: unit, leaf, appraised and, where wanted, self_scored. Importing again replaces the same unit and leaf."""
    session = db.writing()
    campaign = campaigns.by_code(campaign_code)
    faults = FaultList()
    cells = Cells(csv_reader.read(source, name, COLUMNS, ("self_scored",), faults), faults)
    leaves = {group: {leaf.code: leaf for leaf in frameworks.parsed(document).leaves}
              for group, document in frameworks.of_campaign(campaign.id).items()}
    units = {unit.code: unit for group in leaves for unit in campaigns.units_scored(campaign, group)}
    points: dict[tuple[str, str], dict] = {}
    first_line: dict[tuple[str, str], int] = {}
    for row in cells.table:
        unit = _unit(cells, row, campaign, units)
        leaf = _leaf(cells, row, unit, units, leaves)
        self_scored = _points(cells, row, "self_scored", leaf, required=False)
        value = _points(cells, row, "appraised", leaf)
        key = (row["unit"], row["leaf"])
        if key in first_line:
            cells.fault(row, "leaf", f"Đơn vị và tiêu chí này đã có điểm ở dòng {first_line[key]}.", "Giữ lại một dòng.")
        first_line.setdefault(key, row.line)
        points[key] = {"campaign_id": campaign.id, "unit_code": row["unit"], "leaf_code": row["leaf"],
                       "self_scored": self_scored, "appraised": value}
    cells.faults.refuse_if_any()
    there = stored.of_campaign(campaign.id)
    if new := [values for key, values in points.items() if key not in there]:
        session.execute(insert(AppraisedPoints), new)
    if again := [values for key, values in points.items() if key in there]:
        session.execute(update(AppraisedPoints), again)
    session.commit()
    return len(points)


def _unit(cells: Cells, row: Row, campaign: Campaign, units: Mapping[str, Unit]) -> str | None:
    code = row["unit"]
    if not code:
        return cells.fault(row, "unit", "Ô này để trống.", "Điền mã đơn vị.")
    if code not in units:
        return cells.fault(row, "unit", campaigns.why_not_there(campaign, shown(code)),
                           suggest(code[:80], units) or "Kiểm tra frameworks của đợt và danh sách đơn vị.")
    return code


def _leaf(cells: Cells, row: Row, unit: str | None, units: Mapping[str, Unit],
          leaves: Mapping[str, Mapping[str, Leaf]]) -> Leaf | None:
    if not row["leaf"]:
        return cells.fault(row, "leaf", "Ô này để trống.", "Điền mã tiêu chí hoặc tiêu chí thành phần có điểm.")
    if unit is None:
        return None
    of_group = leaves[units[unit].group_code]
    leaf = of_group.get(row["leaf"])
    if leaf is None:
        appraised = [code for code, each in of_group.items() if each.kind == "appraised"]
        return cells.fault(row, "leaf", f"Bộ chỉ số của đơn vị này không có mục mang điểm “{shown(row['leaf'])}”.",
                           suggest(row["leaf"][:80], appraised) or "Bỏ dòng này: bộ chỉ số không có mục thẩm định.")
    if leaf.kind == "survey":
        return cells.fault(row, "leaf", f"Mục “{leaf.code}” lấy điểm từ điều tra xã hội học, không nhập điểm thẩm định.",
                           "Bỏ dòng này.")
    return leaf


def _points(cells: Cells, row: Row, column: str, leaf: Leaf | None, *, required: bool = True) -> Decimal | None:
    value = cells.number(row, column, required=required)
    if value is None:
        return None
    if value < 0:
        return cells.fault(row, column, f"Điểm {row[column].replace('.', ',')} là số âm.", "Ghi điểm từ 0 trở lên.")
    if leaf is not None and value > leaf.max_points:
        return cells.fault(row, column,
                           f"Điểm {row[column].replace('.', ',')} vượt điểm tối đa {spell(leaf.max_points)} "
                           f"của mục “{leaf.code}”.",
                           f"Ghi điểm từ 0 đến {spell(leaf.max_points)}.")
    return value
