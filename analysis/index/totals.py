"""Total scores: appraised plus survey points, percentage, band and rank. Exact until the end, rounded once for each number.

Every printed number is the rounded exact one, never a sum of rounded ones; so printed parts may miss the printed total by one
last digit, and the percentage comes from the exact total. Band and rank go by the printed percentage, the one people see: equal
printed percentages have the same band and rank.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from analysis.index.bands import band_of
from analysis.index.framework import Framework, Leaf
from analysis.index.points import LeafScore, UnitComponent
from analysis.index.rounding import Rounding, round_once

Exact = Decimal | Fraction | int


@dataclass(frozen=True)
class Points:
    """One number of points: exact, as printed, and its maximum. None where something it needs is missing."""

    exact: Fraction | None
    printed: Decimal | None
    max_points: Fraction


@dataclass(frozen=True)
class LeafLine:
    """One leaf of one unit, whichever part it belongs to."""

    area: str
    criterion: str
    leaf: Leaf
    points: Points
    self_scored: Points


@dataclass(frozen=True)
class AreaTotal:
    """What one lead agency answers for: an area's appraised and survey points.

    The area's leaves as they were measured; a component that was rescaled as a whole is not spread back over areas.
    """

    code: str
    name: str
    lead: str
    appraised: Points
    survey: Points
    total: Points
    percent: Decimal | None


@dataclass(frozen=True)
class UnitTotal:
    """One unit's score.

    status: "complete"; "rescaled" (no survey was held and the framework lets the appraised part stand for 100);
    "incomplete" (a leaf's appraised points, or the survey component, is missing: no total, percentage, band or rank).
    standard_error and the interval are of the total in points: appraised points have no sampling error.
    """

    unit: str
    status: Literal["complete", "rescaled", "incomplete"]
    appraised: Points
    survey: Points
    total: Points
    #: 100 * exact total / maximum
    exact_percent: Fraction | None
    percent: Decimal | None
    band: str | None
    survey_status: str
    standard_error: float | None
    ci_low: float | None
    ci_high: float | None
    percent_standard_error: float | None
    #: the unit's own scoring of the appraised leaves
    self_scored: Points
    missing_appraised: tuple[str, ...]
    missing_self_scored: tuple[str, ...]
    areas: tuple[AreaTotal, ...]
    lines: tuple[LeafLine, ...]


def total(framework: Framework, component: UnitComponent | None, appraised: Mapping[str, Exact], *, unit: str = "",
          self_scored: Mapping[str, Exact] | None = None, leaves: Sequence[LeafScore] = ()) -> UnitTotal:
    """Score one unit: `appraised` points by leaf code, and its survey component (None when no survey was held).

    `leaves` (the unit's survey leaves) fill the lines and areas; `unit` is needed only without a component. A leaf missing from
    `appraised` makes the unit incomplete, it is never zero.
    Raises ValueError for unknown codes, and points that are negative, above the maximum, or floats.
    """
    unit = component.unit if component else unit
    if any(score.unit != unit for score in leaves):
        raise ValueError(f"leaves of another unit than {unit!r}")
    given = _exact_points(framework, appraised, "appraised")
    own = _exact_points(framework, self_scored or {}, "self-scored")
    surveyed = {score.leaf: score.points for score in leaves}
    lines = tuple(
        LeafLine(area.code, criterion.code, leaf,
                 _points(framework, (given if leaf.kind == "appraised" else surveyed).get(leaf.code), leaf.max_points),
                 _points(framework, own.get(leaf.code), leaf.max_points))
        for area, criterion, leaf in framework.walk())
    appraised_lines = [line for line in lines if line.leaf.kind == "appraised"]
    appraised_part = _sum(framework, appraised_lines)
    survey_max = sum((leaf.max_points for leaf in framework.survey_leaves), Fraction(0))
    if component and component.max_points != survey_max:
        raise ValueError("the component was scored by another framework")
    survey_part = _points(framework, component.points if component else None, survey_max)
    exact, most, status = _total(framework, appraised_part, survey_part, component)
    percent = None if exact is None else 100 * exact / most
    printed = None if percent is None else round_once(percent, framework.rounding)
    error, low, high = _errors(component, appraised_part, status)
    return UnitTotal(
        unit=unit, status=status, appraised=appraised_part, survey=survey_part,
        total=_points(framework, exact, most), exact_percent=percent, percent=printed,
        band=None if printed is None else band_of(printed, framework.bands),
        survey_status=component.status if component else "not_surveyed",
        standard_error=error, ci_low=low, ci_high=high,
        percent_standard_error=None if error is None else error * 100 / float(most),
        self_scored=_sum(framework, appraised_lines, own=True),
        missing_appraised=tuple(line.leaf.code for line in appraised_lines if line.points.exact is None),
        missing_self_scored=tuple(line.leaf.code for line in appraised_lines if line.self_scored.exact is None),
        areas=tuple(_area_total(framework, area, [line for line in lines if line.area == area.code])
                    for area in framework.areas),
        lines=lines)


def _exact_points(framework: Framework, given: Mapping[str, Exact], what: str) -> dict[str, Fraction]:
    most = {leaf.code: leaf.max_points for leaf in framework.appraised_leaves}
    points = {}
    for code, value in given.items():
        if code not in most:
            raise ValueError(f"{what} points for {code!r}, which is not an appraised leaf of the framework")
        if isinstance(value, float) or (isinstance(value, Decimal) and not value.is_finite()):
            raise ValueError(f"{what} points of {code} must be an exact finite number, not {value!r}")
        if not 0 <= value <= most[code]:
            raise ValueError(f"{what} points of {code} are {value}, outside 0 to {most[code]}")
        points[code] = Fraction(value)
    return points


def _points(framework: Framework, exact: Fraction | None, most: Fraction) -> Points:
    return Points(exact, None if exact is None else round_once(exact, framework.rounding), most)


def _sum(framework: Framework, lines: Sequence[LeafLine], own: bool = False) -> Points:
    values = [(line.self_scored if own else line.points).exact for line in lines]
    exact = None if None in values else sum(values, Fraction(0))
    return _points(framework, exact, sum((line.leaf.max_points for line in lines), Fraction(0)))


def _total(framework: Framework, appraised: Points, survey: Points, component: UnitComponent | None):
    """Exact total, its maximum, and the unit's status."""
    most = framework.max_points
    no_survey = component is None or component.status == "not_surveyed"
    if no_survey and framework.rescale_appraised_without_survey and appraised.max_points:
        if appraised.exact is None:
            return None, Fraction(100), "incomplete"
        return 100 * appraised.exact / appraised.max_points, Fraction(100), "rescaled"
    if survey.max_points == 0 and appraised.exact is not None:
        return appraised.exact, most, "complete"
    if appraised.exact is None or survey.exact is None:
        return None, most, "incomplete"
    return appraised.exact + survey.exact, most, "complete"


def _errors(component: UnitComponent | None, appraised: Points, status: str):
    if component is None or status != "complete" or component.standard_error is None:
        return None, None, None
    base = float(appraised.exact)
    low, high = component.ci_low, component.ci_high
    return component.standard_error, None if low is None else base + low, None if high is None else base + high


def _area_total(framework: Framework, area, lines: Sequence[LeafLine]) -> AreaTotal:
    every = _sum(framework, lines)
    return AreaTotal(
        area.code, area.name, area.lead,
        _sum(framework, [line for line in lines if line.leaf.kind == "appraised"]),
        _sum(framework, [line for line in lines if line.leaf.kind == "survey"]),
        every,
        None if every.exact is None else round_once(100 * every.exact / every.max_points, framework.rounding))


@dataclass(frozen=True)
class Rank:
    """A unit's place in its group: 1, 2, 2, 4; None for a unit without a total."""

    unit: str
    rank: int | None
    tied: bool


def rank(totals: Sequence[UnitTotal]) -> tuple[Rank, ...]:
    """Standard competition ranks by printed percentage, in the order of `totals`; incomplete units have none."""
    percents = [each.percent for each in totals if each.percent is not None]
    return tuple(
        Rank(each.unit, None, False) if each.percent is None
        else Rank(each.unit, 1 + sum(other > each.percent for other in percents), percents.count(each.percent) > 1)
        for each in totals)


@dataclass(frozen=True)
class GroupMean:
    """Mean percentage of a group's units that have a total; how many those are, of how many."""

    exact_percent: Fraction | None
    percent: Decimal | None
    units: int
    of_units: int


def group_mean(totals: Sequence[UnitTotal], rounding: Rounding) -> GroupMean:
    """Mean of the exact percentages, rounded once; None when no unit has one."""
    known = [each.exact_percent for each in totals if each.exact_percent is not None]
    if not known:
        return GroupMean(None, None, 0, len(totals))
    mean = sum(known, Fraction(0)) / len(known)
    return GroupMean(mean, round_once(mean, rounding), len(known), len(totals))
