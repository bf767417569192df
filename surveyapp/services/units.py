"""Units and unit groups from tables. Importing again updates what is there; nothing is ever removed.

The formats are described in docs/dinh-dang/don-vi.md.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, update

from analysis.index.checks import suggest
from documents import csv_reader
from documents.csv_reader import Row
from documents.faults import FaultList
from surveyapp.extensions import db
from surveyapp.models import Unit, UnitGroup, UnitSuccession
from surveyapp.queries import campaigns
from surveyapp.queries import units as stored
from surveyapp.services.cells import Cells, shown

GROUP_COLUMNS = ("code", "name")
UNIT_COLUMNS = ("code", "name", "unit_group", "valid_from")
UNIT_OPTIONAL = ("parent", "valid_to", "successors")


def import_unit_groups(source: bytes, name: str) -> int:
    """Columns: code, name. Their order in the file is the order on screen; groups not in the file come after."""
    faults = FaultList()
    cells = Cells(csv_reader.read(source, name, GROUP_COLUMNS, (), faults), faults)
    session = db.writing()
    first_row: dict[str, Row] = {}
    names: dict[str, str | None] = {}
    for row in cells.table:
        code = cells.code(row, "code")
        names[code or ""] = cells.text(row, "name")
        _refuse_repeated(cells, row, code, first_row)
    cells.faults.refuse_if_any()
    others = [group for group in stored.groups() if group.code not in names]
    for position, (code, group_name) in enumerate(names.items(), start=1):
        session.merge(UnitGroup(code=code, name=group_name, position=position))
    for position, group in enumerate(others, start=len(names) + 1):
        group.position = position
    session.commit()
    return len(names)


@dataclass(frozen=True)
class _Unit:
    """A unit as it will be once the file is in."""

    name: str
    group: str
    parent: str
    valid_from: date
    valid_to: date | None
    successors: frozenset[str]


def import_units(source: bytes, name: str) -> int:
    """Columns: code, name, unit_group, valid_from and, where wanted, parent, valid_to, successors (codes, spaces between).

    Raises Faults: unknown group, parent or successor, circles of parents, dates that contradict each other ...
    """
    table = csv_reader.read(source, name, UNIT_COLUMNS, UNIT_OPTIONAL)
    cells = Cells(table, FaultList())
    session = db.writing()
    before = {code: _stored(unit) for code, unit in stored.everything().items()}
    followers = stored.successors()
    before = {code: _with_successors(unit, followers.get(code)) for code, unit in before.items()}
    groups = stored.group_names()
    rows: dict[str, Row] = {}
    given: dict[str, _Unit] = {}
    named = {row["code"] for row in table} | set(before)
    for row in table:
        code, unit = cells.code(row, "code"), _read(cells, row, groups, named)
        if _refuse_repeated(cells, row, code, rows) and unit is not None:
            given[code] = unit
    after = before | given
    _check_parents(cells, rows, given, after)
    _check_successors(cells, rows, given, after)
    _check_groups(cells, rows, given, before)
    cells.faults.refuse_if_any()
    _store(session, given, before)
    session.commit()
    return len(given)


def _read(cells: Cells, row: Row, groups: dict[str, str], named: set[str]) -> _Unit | None:
    before = len(cells.faults)
    unit_name = cells.text(row, "name")
    group = cells.known(row, "unit_group", groups, "nhóm đơn vị")
    parent = cells.known(row, "parent", named, "đơn vị", required=False)
    valid_from, valid_to = cells.day(row, "valid_from"), cells.day(row, "valid_to", required=False)
    if valid_from and valid_to and valid_to <= valid_from:
        cells.fault(row, "valid_to", f"Ngày kết thúc {valid_to} không sau ngày bắt đầu {valid_from}.",
                    "Ghi ngày đầu tiên đơn vị không còn nữa, hoặc để trống nếu đơn vị còn hoạt động.")
    successors = frozenset(row["successors"].split())
    for code in sorted(successors - named):
        cells.fault(row, "successors", f"Không có đơn vị “{shown(code)}”.",
                    suggest(code[:80], named) or "Thêm đơn vị kế tục vào tệp.")
    if successors and not row["valid_to"]:
        cells.fault(row, "successors", "Đơn vị chưa kết thúc mà đã có đơn vị kế tục.",
                    "Điền valid_to, hoặc bỏ đơn vị kế tục.")
    if len(cells.faults) > before:
        return None
    return _Unit(unit_name, group, parent, valid_from, valid_to, successors)


def _refuse_repeated(cells: Cells, row: Row, code: str | None, first_row: dict[str, Row]) -> bool:
    """Whether this row's code is readable and new in the file."""
    if code is None:
        return False
    if code in first_row:
        cells.fault(row, "code", f"Mã “{code}” đã có ở dòng {first_row[code].line}.", "Giữ lại một dòng cho mỗi mã.")
        return False
    first_row[code] = row
    return True


def _check_parents(cells: Cells, rows: dict[str, Row], given: dict[str, _Unit], after: dict[str, _Unit]) -> None:
    for code, unit in given.items():
        chain, above = [code], unit.parent
        while above and above in after and above not in chain:
            chain.append(above)
            above = after[above].parent
        if above == code:
            cells.fault(rows[code], "parent", f"Cấp trên đi thành vòng: {' → '.join([*chain, code][:6])}.",
                        "Sửa cột parent để mỗi đơn vị chỉ có cấp trên thật của nó.")


def _check_successors(cells: Cells, rows: dict[str, Row], given: dict[str, _Unit], after: dict[str, _Unit]) -> None:
    """Who follows a unit exists on the day it ends: neither later (a gap) nor no longer."""
    for code, unit in after.items():
        for follower in sorted(unit.successors):
            row = rows.get(code) if code in given else rows.get(follower)
            if row is None or follower not in after or unit.valid_to is None:
                continue
            column = "successors" if code in given else "valid_from"
            next_unit = after[follower]
            if follower == code:
                cells.fault(row, column, "Đơn vị không thể kế tục chính mình.", "Bỏ mã này khỏi cột successors.")
            elif next_unit.valid_from > unit.valid_to:
                cells.fault(row, column, f"Đơn vị kế tục “{follower}” bắt đầu {next_unit.valid_from}, sau ngày “{code}” "
                            f"kết thúc ({unit.valid_to}).", "Sửa ngày cho liền nhau.")
            elif next_unit.valid_to is not None and next_unit.valid_to <= unit.valid_to:
                cells.fault(row, column, f"Đơn vị kế tục “{follower}” kết thúc {next_unit.valid_to}, không muộn hơn "
                            f"“{code}” ({unit.valid_to}).", "Chọn đơn vị còn hoạt động vào ngày đó.")


def _check_groups(cells: Cells, rows: dict[str, Row], given: dict[str, _Unit], before: dict[str, _Unit]) -> None:
    """A unit that took part in a campaign keeps its group: its answers were given under that group's rules."""
    moved = {code for code, unit in given.items() if code in before and before[code].group != unit.group}
    if not moved:
        return
    opened = [campaign for campaign in campaigns.all() if campaign.state != "draft"]
    for code in sorted(moved):
        old = before[code]
        for campaign in opened:
            there = old.valid_from <= campaign.opens_on and (old.valid_to is None or campaign.opens_on < old.valid_to)
            if there:
                cells.fault(rows[code], "unit_group",
                            f"Đơn vị “{code}” đã tham gia đợt “{campaign.code}” trong nhóm “{old.group}”.",
                            "Giữ nhóm cũ; nếu tổ chức thay đổi, cho đơn vị cũ kết thúc và thêm đơn vị kế tục với mã mới.")
                break


def _stored(unit: Unit) -> _Unit:
    return _Unit(unit.name, unit.group_code, unit.parent_code or "", unit.valid_from, unit.valid_to, frozenset())


def _with_successors(unit: _Unit, codes: set[str] | None) -> _Unit:
    if not codes:
        return unit
    return _Unit(unit.name, unit.group, unit.parent, unit.valid_from, unit.valid_to, frozenset(codes))


def _store(session, given: dict[str, _Unit], before: dict[str, _Unit]) -> None:
    """Parents and successors are set when every unit is there, so that their order in the file does not matter."""
    values = {code: {"code": code, "name": unit.name, "group_code": unit.group, "valid_from": unit.valid_from,
                     "valid_to": unit.valid_to} for code, unit in given.items()}
    if new := [values[code] | {"parent_code": None} for code in given if code not in before]:
        session.execute(insert(Unit), new)
    session.execute(update(Unit), [values[code] | {"parent_code": unit.parent or None} for code, unit in given.items()])
    session.execute(delete(UnitSuccession).where(UnitSuccession.predecessor_code.in_(list(given))))
    if pairs := [{"predecessor_code": code, "successor_code": follower}
                 for code, unit in given.items() for follower in sorted(unit.successors)]:
        session.execute(insert(UnitSuccession), pairs)
