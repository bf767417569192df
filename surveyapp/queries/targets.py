"""The programme's targets held against a run: the units' mean against the province, each unit against its own past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from analysis.index import targets
from analysis.index.rounding import Rounding
from analysis.index.targets import TargetCheck
from surveyapp.extensions import db
from surveyapp.formatters import day
from surveyapp.models import PublishedFigure, Unit, UnitScore
from surveyapp.queries import scores
from surveyapp.queries.score_rows import GroupRow, Run, UnitRow

#: for explanations only; comparisons are exact
SHOWN = Rounding(2)


@dataclass(frozen=True)
class Targets:
    units_mean: TargetCheck
    #: by unit code
    own: Mapping[str, TargetCheck]

    @property
    def known(self) -> int:
        return sum(check.met is not None for check in self.own.values())

    @property
    def met(self) -> int:
        return sum(check.met is True for check in self.own.values())


def of_run(run: Run, groups: Sequence[GroupRow]) -> Targets:
    units = [unit for group in groups for unit in group.units]
    mean = targets.units_mean_above_province(
        run.year, {unit.unit_code: unit.percent_exact for unit in units}, _province(run.year - 1), SHOWN)
    previous, breaks = _previous(run, [unit.unit_code for unit in units])
    return Targets(mean, {unit.unit_code: _own(run, unit, previous, breaks) for unit in units})


def of_unit(run: Run, unit: UnitRow) -> TargetCheck:
    return _own(run, unit, *_previous(run, [unit.unit_code]))


def _own(run: Run, unit: UnitRow, previous: Mapping[str, Decimal], breaks: Mapping[str, str]) -> TargetCheck:
    return targets.unit_above_own_previous(run.year, unit.unit_name, unit.percent, previous.get(unit.unit_code), SHOWN,
                                           breaks.get(unit.unit_code))


def _province(year: int) -> Decimal | None:
    return db.session.scalar(select(PublishedFigure.percent).where(
        PublishedFigure.series == "province_index", PublishedFigure.year == year))


def _previous(run: Run, codes: list[str]) -> tuple[dict[str, Decimal], dict[str, str]]:
    """Percentages of the year before (our own run's, else the printed ones), and why some cannot be compared."""
    printed = db.session.execute(select(PublishedFigure.code, PublishedFigure.percent).where(
        PublishedFigure.series == "unit_index", PublishedFigure.year == run.year - 1, PublishedFigure.code.in_(codes)))
    found = {code: percent for code, percent in printed if percent is not None}
    earlier = scores.newest_run_of_year(run.year - 1)
    if earlier is not None:
        ours = db.session.execute(select(UnitScore.unit_code, UnitScore.percent).where(
            UnitScore.run_id == earlier.id, UnitScore.unit_code.in_(codes)))
        found |= {code: percent for code, percent in ours if percent is not None}
    begun = db.session.execute(select(Unit.code, Unit.valid_from).where(Unit.code.in_(codes)))
    breaks = {code: f"đơn vị được thành lập hoặc tổ chức lại từ ngày {day(since)}"
              for code, since in begun if since > date(run.year - 1, 1, 1)}
    return found, breaks
