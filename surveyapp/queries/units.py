"""Units, their groups, and who followed whom."""

from datetime import date

from sqlalchemy import BindParameter, ColumnElement, select

from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.formatters import collation_key
from surveyapp.models import Unit, UnitGroup, UnitSuccession


def groups() -> list[UnitGroup]:
    return list(db.session.scalars(select(UnitGroup).order_by(UnitGroup.position, UnitGroup.code)))


def group_names() -> dict[str, str]:
    """Code -> name, in the order of screen and files."""
    return {group.code: group.name for group in groups()}


def by_code(code: str) -> Unit:
    unit = db.session.get(Unit, code)
    if unit is None:
        raise NotFound(f"Không có đơn vị “{code}”.")
    return unit


def everything() -> dict[str, Unit]:
    """Every unit that ever was, by code."""
    return {unit.code: unit for unit in db.session.scalars(select(Unit))}


def existing_on(day: date, unit_groups: set[str] | None = None) -> list[Unit]:
    """The units (of these groups) that exist on a day, by name in Vietnamese order."""
    chosen = select(Unit).where(*there_on(day))
    if unit_groups is not None:
        chosen = chosen.where(Unit.group_code.in_(unit_groups))
    return sorted(db.session.scalars(chosen), key=lambda unit: (collation_key(unit.name), unit.code))


def there_on(day: date | BindParameter[date]) -> tuple[ColumnElement[bool], ...]:
    return Unit.valid_from <= day, Unit.valid_to.is_(None) | (Unit.valid_to > day)


def successors() -> dict[str, set[str]]:
    """Code of a unit that ended -> codes of those that followed it."""
    found: dict[str, set[str]] = {}
    for pair in db.session.execute(select(UnitSuccession.predecessor_code, UnitSuccession.successor_code)):
        found.setdefault(pair.predecessor_code, set()).add(pair.successor_code)
    return found
