"""Agencies that are scored: groups, units with validity dates, and who followed whom."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, Name


class UnitGroup(Base):
    __tablename__ = "unit_groups"

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    name: Mapped[str] = mapped_column(Name)
    #: order on screen and in files
    position: Mapped[int] = mapped_column(default=0)


class Unit(Base):
    __tablename__ = "units"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid_to_after_valid_from"),
        CheckConstraint("parent_code IS NULL OR parent_code <> code", name="not_its_own_parent"),
    )

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    name: Mapped[str] = mapped_column(Name)
    group_code: Mapped[str] = mapped_column(ForeignKey("unit_groups.code"), index=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("units.code"), index=True)
    valid_from: Mapped[date]
    #: first day on which the unit no longer exists
    valid_to: Mapped[date | None]

    def exists_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class UnitSuccession(Base):
    __tablename__ = "unit_successions"
    __table_args__ = (CheckConstraint("predecessor_code <> successor_code", name="not_its_own_successor"),)

    predecessor_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    successor_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
