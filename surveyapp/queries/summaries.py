"""A unit group at a glance: what its units have in common by area, criterion and factor of satisfaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt

from scipy import stats

from analysis.index.rounding import Rounding, round_once
from surveyapp.queries import scores
from surveyapp.queries.asked import Asked
from surveyapp.queries.score_rows import GroupRow, LeafRow, Run, SatisfactionRow


@dataclass(frozen=True)
class AreaMean:
    """Means over the units that have all points of the area; `units` is how many those are."""

    code: str
    name: str
    lead: str
    appraised: Decimal | None
    survey: Decimal | None
    points: Decimal | None
    max_points: Decimal
    percent: Decimal | None
    units: int


@dataclass(frozen=True)
class WeakLeaf:
    """A leaf by the points that its units lose on the mean."""

    code: str
    name: str
    kind: str
    lead: str
    points: Decimal
    max_points: Decimal
    lost: Decimal
    units: int


@dataclass(frozen=True)
class GroupSummary:
    group: GroupRow
    areas: tuple[AreaMean, ...]
    weakest: tuple[WeakLeaf, ...]
    #: one row for each respondent group, factor and measure; unit_code is ""
    satisfaction: tuple[SatisfactionRow, ...]


def of_groups(run: Run, groups: Sequence[GroupRow], words: Asked, satisfied: Sequence[SatisfactionRow]
              ) -> tuple[GroupSummary, ...]:
    """`satisfied`: the units' figures that the means are taken of."""
    leaves = scores.leaves(run, words)
    summaries = []
    for group in groups:
        codes = {unit.unit_code for unit in group.units}
        rounding = scores.rounding_of(words, group.code)
        own = [leaf for leaf in leaves if leaf.unit_code in codes]
        summaries.append(GroupSummary(
            group, _areas(own, rounding), _weakest(own, rounding),
            _factors([row for row in satisfied if row.unit_code in codes], run.confidence)))
    return tuple(summaries)


def _areas(leaves: list[LeafRow], rounding: Rounding) -> tuple[AreaMean, ...]:
    by_area: dict[str, dict[str, list[LeafRow]]] = {}
    for leaf in leaves:
        by_area.setdefault(leaf.area_code, {}).setdefault(leaf.unit_code, []).append(leaf)
    means = []
    for code, by_unit in by_area.items():
        some = next(iter(by_unit.values()))
        complete = [own for own in by_unit.values() if all(leaf.points is not None for leaf in own)]
        most = sum(leaf.max_points for leaf in some)

        def part(kind: str | None, complete=complete, rounding=rounding) -> Decimal | None:
            chosen = [[leaf.exact for leaf in own if kind in (None, leaf.kind)] for own in complete]
            return _mean([sum(points, Fraction(0)) for points in chosen], rounding)

        exact = [sum((leaf.exact for leaf in own), Fraction(0)) * 100 / Fraction(most) for own in complete] if most else []
        means.append(AreaMean(code, some[0].area_name, some[0].area_lead, part("appraised"), part("survey"), part(None), most,
                              _mean(exact, rounding), len(complete)))
    return tuple(means)


def _weakest(leaves: list[LeafRow], rounding: Rounding, most: int = 8) -> tuple[WeakLeaf, ...]:
    by_leaf: dict[str, list[LeafRow]] = {}
    for leaf in leaves:
        if leaf.points is not None:
            by_leaf.setdefault(leaf.leaf_code, []).append(leaf)
    rows = []
    for code, some in by_leaf.items():
        first, exact = some[0], [leaf.exact for leaf in some]
        lost = _mean([Fraction(leaf.max_points) - leaf.exact for leaf in some], rounding)
        if lost:
            rows.append((-lost, first.position, WeakLeaf(code, first.leaf_name, first.kind, first.area_lead,
                                                         _mean(exact, rounding), first.max_points, lost, len(some))))
    return tuple(row for _lost, _position, row in sorted(rows, key=lambda row: row[:2])[:most])


def _factors(rows: list[SatisfactionRow], confidence: float) -> tuple[SatisfactionRow, ...]:
    """Mean over units, each counting alike. The samples of different units are taken as independent:
    se = sqrt(sum of se squared) / units, with the normal quantile."""
    by_cell: dict[tuple[str, str, str], list[SatisfactionRow]] = {}
    for row in rows:
        by_cell.setdefault((row.respondent_group, row.factor, row.measure), []).append(row)
    quantile = float(stats.norm.ppf((1 + confidence) / 2))
    means = []
    for (respondent_group, factor, measure), some in by_cell.items():
        value = sum(row.value for row in some) / len(some)
        errors = [row.se for row in some]
        se = None if None in errors else sqrt(sum(error**2 for error in errors)) / len(some)
        half = None if se is None else quantile * se
        means.append(SatisfactionRow("", respondent_group, some[0].group_name, factor, measure, value, se,
                                     None if half is None else value - half, None if half is None else value + half,
                                     sum(row.n for row in some)))
    return tuple(sorted(means, key=scores.satisfaction_order))


def _mean(values: Iterable[Fraction], rounding: Rounding) -> Decimal | None:
    known = list(values)
    return round_once(sum(known, Fraction(0)) / len(known), rounding) if known else None
