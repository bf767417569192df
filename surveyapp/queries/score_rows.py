"""Frozen rows of a score run. Field names are those of the tables; what is exact is a Decimal or a Fraction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
#: by which runs are published that were made before a run declared it (analysis.disclosure.DisclosureRule)
DISCLOSURE: Mapping[str, int] = MappingProxyType(
    {"minimum_count": 4, "minimum_respondents": 5, "one_answer_below": 10, "protection_range": 3})


def frozen(kind: type, row: Any, **more: Any) -> Any:
    """A `kind` whose fields are the row's attributes of the same name, and `more`."""
    taken = {field.name: getattr(row, field.name) for field in fields(kind) if field.name not in more}
    return kind(**taken, **more)


def tidy(value: Decimal | None, places: int = 0) -> Decimal | None:
    """The same number with no more decimals than it needs, and at least `places`: 86.400000 -> 86.40."""
    if value is None:
        return None
    exponent = int(value.normalize().as_tuple().exponent)
    return value.quantize(Decimal(1).scaleb(min(exponent, -places, 0)))


@dataclass(frozen=True)
class Run:
    id: int
    campaign_id: int
    campaign_code: str
    campaign_name: str
    year: int
    opens_on: date
    closes_on: date
    #: naive UTC
    made_at: datetime
    dataset_sha256: str
    frameworks_sha256: str
    appraised_sha256: str
    #: None in runs made before days were looked at
    days_sha256: str | None
    result_sha256: str
    code_version: str
    policy: Mapping[str, Any]
    responses: int
    ratings: int

    @property
    def made_on(self) -> date:
        """The day in Vietnam, where people ask for it."""
        return self.made_at.replace(tzinfo=UTC).astimezone(VIETNAM).date()

    @property
    def confidence(self) -> float:
        return float(self.policy.get("confidence", 0.95))

    @property
    def top(self) -> int | None:
        """How many first places `top_probability` is about; None in a run that did not ask."""
        return self.policy.get("top")

    @property
    def share_step(self) -> float | None:
        return self.policy.get("share_step")

    @property
    def disclosure(self) -> Mapping[str, int]:
        """What the run declares of its publication; today's rule for what it does not declare."""
        return {name: int(self.policy.get(name, today)) for name, today in DISCLOSURE.items()}

    @property
    def declares_disclosure(self) -> bool:
        return all(name in self.policy for name in DISCLOSURE)


@dataclass(frozen=True)
class UnitRow:
    unit_code: str
    unit_group: str
    unit_name: str
    status: str
    note: str
    self_scored: Decimal | None
    appraised: Decimal | None
    appraised_max: Decimal
    survey: Decimal | None
    survey_exact: str | None
    survey_max: Decimal
    survey_se: float | None
    survey_low: float | None
    survey_high: float | None
    design_effect: float | None
    degrees_of_freedom: float | None
    respondents: int
    total: Decimal | None
    total_exact: str | None
    total_low: float | None
    total_high: float | None
    percent: Decimal | None
    band: str | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    #: respondent group -> n, population (None: not known), margin (percentage points)
    margins: Mapping[str, Mapping[str, Any]]
    #: from here on None in runs made before it was measured, and where it cannot be
    rank_all_low: int | None
    rank_all_high: int | None
    rank_expected: float | None
    rank_median: int | None
    top_probability: float | None
    upper_half_probability: float | None
    #: [{"band": ..., "probability": ...}], best band first
    band_probabilities: Sequence[Mapping[str, Any]] | None
    rank_best: int | None
    rank_worst: int | None
    rank_stays: float | None

    @property
    def band_probability(self) -> float | None:
        """Of the band that the unit was given."""
        return next((each["probability"] for each in self.band_probabilities or () if each["band"] == self.band), None)

    @property
    def total_max(self) -> Decimal:
        """Both maxima together; 100 where the appraised part was rescaled because no survey was held."""
        both = self.appraised_max + self.survey_max
        if self.total_exact is None or self.percent is None or self.survey is not None:
            return both
        return min((both, Decimal(100)),
                   key=lambda most: abs(100 * Fraction(self.total_exact) / Fraction(most) - Fraction(self.percent)))

    @property
    def percent_exact(self) -> Fraction | None:
        return None if self.total_exact is None else 100 * Fraction(self.total_exact) / Fraction(self.total_max)


@dataclass(frozen=True)
class NeighbourRow:
    """A unit and the one below it in the order."""

    unit_code: str
    unit_name: str
    next_unit_code: str
    next_unit_name: str
    position: int
    #: percentage points
    difference: float
    se: float
    p: float
    p_holm: float
    differs: bool


@dataclass(frozen=True)
class ScenarioRow:
    unit_code: str
    scenario: str
    respondent_group: str
    #: "" where the scenario is about no group
    group_name: str
    position: int
    rank: int | None


@dataclass(frozen=True)
class LeafRow:
    unit_code: str
    leaf_code: str
    position: int
    area_code: str
    area_name: str
    area_lead: str
    leaf_name: str
    kind: str
    max_points: Decimal
    self_scored: Decimal | None
    points: Decimal | None
    points_exact: str | None
    status: str
    se: float | None
    low: float | None
    high: float | None
    design_effect: float | None
    #: None where it is not published
    ratings: int | None

    @property
    def exact(self) -> Fraction:
        return Fraction(self.points if self.points_exact is None else self.points_exact)

    @property
    def lost(self) -> Decimal | None:
        return None if self.points is None else self.max_points - self.points


@dataclass(frozen=True)
class SourceRow:
    unit_code: str
    leaf_code: str
    respondent_group: str
    group_name: str
    form_id: str
    question: str
    question_label: str
    share: Fraction
    effective_share: Fraction
    mean: Fraction | None
    #: None where it is not published
    ratings: int | None
    minimum_n: int
    coefficients: Mapping[str, Fraction]


@dataclass(frozen=True)
class AnswerRow:
    unit_code: str
    respondent_group: str
    group_name: str
    form_id: str
    question: str
    question_label: str
    #: the satisfaction factor that the question measures, or ""
    factor: str
    answer: str
    answer_label: str
    missing: str
    position: int
    #: None where they are not published
    n: int | None
    weighted: Decimal | None


@dataclass(frozen=True)
class SatisfactionRow:
    unit_code: str
    respondent_group: str
    group_name: str
    factor: str
    measure: str
    #: None where it is not published; n too where too few have answered
    value: float | None
    se: float | None
    low: float | None
    high: float | None
    n: int | None


@dataclass(frozen=True)
class AreaRow:
    """One area of one unit: both parts of its points, and the agency that answers for them."""

    code: str
    name: str
    lead: str
    points: Decimal | None
    max_points: Decimal
    appraised: Decimal | None
    survey: Decimal | None
    appraised_max: Decimal
    survey_max: Decimal
    leaves: tuple[LeafRow, ...]

    @property
    def percent(self) -> Fraction | None:
        return None if self.points is None or not self.max_points else Fraction(self.points) / Fraction(self.max_points) * 100


@dataclass(frozen=True)
class GroupRow:
    """A unit group: means are of the ranked units' exact figures, rounded once by the framework's rule."""

    code: str
    name: str
    ranked: tuple[UnitRow, ...]
    not_ranked: tuple[UnitRow, ...]
    framework_name: str
    illustrative: bool
    framework_sha256: str
    mean_percent: Decimal | None
    mean_total: Decimal | None
    mean_survey: Decimal | None
    mean_appraised: Decimal | None
    #: from the top down; none in runs made before it was measured
    neighbours: tuple[NeighbourRow, ...] = ()

    @property
    def units(self) -> tuple[UnitRow, ...]:
        return self.ranked + self.not_ranked

    @property
    def bands(self) -> dict[str, int]:
        """How many ranked units each band has, best band first."""
        return dict(sorted(Counter(unit.band for unit in self.ranked if unit.band).items()))

    @property
    def respondents(self) -> int:
        """Respondents counted once for each unit that they rated."""
        return sum(unit.respondents for unit in self.units)


@dataclass(frozen=True)
class UnitResult:
    unit: UnitRow
    group: GroupRow
    leaves: tuple[LeafRow, ...]
    areas: tuple[AreaRow, ...]
    sources: tuple[SourceRow, ...]
    answers: tuple[AnswerRow, ...]
    satisfaction: tuple[SatisfactionRow, ...]
    scenarios: tuple[ScenarioRow, ...] = ()

    @property
    def weakest(self) -> tuple[LeafRow, ...]:
        """Leaves by lost points, the largest loss first; five at most."""
        losing = [leaf for leaf in self.leaves if leaf.lost]
        return tuple(sorted(losing, key=lambda leaf: (-leaf.lost, leaf.position))[:5])


@dataclass(frozen=True)
class FactorLine:
    """Both measures of one factor side by side, each under its own name."""

    group_name: str
    factor: str
    by_measure: dict[str, SatisfactionRow]


def by_factor(rows: Iterable[SatisfactionRow]) -> list[FactorLine]:
    lines: dict[tuple[str, str], FactorLine] = {}
    for row in rows:
        line = lines.setdefault((row.respondent_group, row.factor), FactorLine(row.group_name, row.factor, {}))
        line.by_measure[row.measure] = row
    return list(lines.values())
