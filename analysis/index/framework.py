"""The framework of one year and one unit group as frozen values: area > criterion > sub-criterion, leaves with points.

All numbers are exact Fractions read from text; nothing here is rounded.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from typing import Any, Literal

from analysis.index.bands import Band
from analysis.index.rounding import Rounding


@dataclass(frozen=True)
class Source:
    """One respondent group's part in a survey leaf: whose answers to which question, and what each answer is worth."""

    group: str
    share: Fraction
    questionnaire: str
    question: str
    #: answer code -> coefficient between 0 and 1
    coefficients: Mapping[str, Fraction]


@dataclass(frozen=True)
class Rule:
    """`points = max * sum over groups of share * mean(coefficient)`, with the policies declared beside it."""

    sources: tuple[Source, ...]
    #: a kind of missing leaves the denominator ("exclude"), or counts as this coefficient
    dont_know: Literal["exclude"] | Fraction
    #: ratings a group needs before its mean counts
    minimum_n: int
    #: group below minimum: its share goes to the others in proportion ("spread"), or the leaf has no points ("mark")
    below_minimum: Literal["spread", "mark"]


@dataclass(frozen=True)
class Leaf:
    code: str
    name: str
    max_points: Fraction
    kind: Literal["appraised", "survey"]
    rule: Rule | None = None


@dataclass(frozen=True)
class Criterion:
    """Either has sub-criteria (each a leaf), or is a leaf itself (`sub_criteria` empty and `leaf` given)."""

    code: str
    name: str
    sub_criteria: tuple[Leaf, ...] = ()
    leaf: Leaf | None = None

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return self.sub_criteria or ((self.leaf,) if self.leaf else ())


@dataclass(frozen=True)
class Area:
    code: str
    name: str
    criteria: tuple[Criterion, ...]
    #: the agency that leads this area and answers for its appraised and survey points
    lead: str = ""

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return tuple(leaf for criterion in self.criteria for leaf in criterion.leaves)


@dataclass(frozen=True)
class Declared:
    """What the programme says the framework has; kept beside what is present, never overwritten by it."""

    areas: int | None = None
    criteria: int | None = None
    sub_criteria: int | None = None
    appraised_points: Fraction | None = None
    survey_points: Fraction | None = None


@dataclass(frozen=True)
class Framework:
    unit_group: str
    year: int
    name: str
    areas: tuple[Area, ...]
    bands: tuple[Band, ...]
    rounding: Rounding
    declared: Declared = Declared()
    #: our own criteria, standing in until the province imports its real ones
    illustrative: bool = False
    source: str = ""
    #: a unit with an insufficient survey leaf: no survey component ("withhold"), or the rest rescaled ("rescale")
    insufficient: Literal["withhold", "rescale"] = "withhold"
    #: survey part absent (communes elsewhere): the appraised part is rescaled to 100
    rescale_appraised_without_survey: bool = False

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return tuple(leaf for area in self.areas for leaf in area.leaves)

    @property
    def survey_leaves(self) -> tuple[Leaf, ...]:
        return tuple(leaf for leaf in self.leaves if leaf.kind == "survey")

    @property
    def appraised_leaves(self) -> tuple[Leaf, ...]:
        return tuple(leaf for leaf in self.leaves if leaf.kind == "appraised")

    @property
    def max_points(self) -> Fraction:
        return sum((leaf.max_points for leaf in self.leaves), Fraction(0))

    def area_of(self, leaf_code: str) -> Area | None:
        return next((area for area in self.areas if any(leaf.code == leaf_code for leaf in area.leaves)), None)

    def walk(self) -> Iterator[tuple[Area, Criterion, Leaf]]:
        for area in self.areas:
            for criterion in area.criteria:
                for leaf in criterion.leaves:
                    yield area, criterion, leaf


def framework_hash(framework: Framework) -> str:
    """SHA-256 (hex) of everything the framework says; the same content has the same hash whatever its file looked like."""
    return _digest(framework)


def rules_hash(framework: Framework) -> str:
    """SHA-256 (hex) of what turns answers into points: survey leaves with points and rules, and what insufficiency does.

    Declared before fieldwork begins; later changes of names, bands, rounding or appraised leaves do not touch it.
    """
    rules = {leaf.code: [leaf.max_points, leaf.rule] for leaf in framework.survey_leaves}
    return _digest([rules, framework.insufficient])


def _digest(value: Any) -> str:
    text = json.dumps(_canonical(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """Plain JSON data: records by field name, numbers as "n/d", mappings without order, lists with theirs."""
    if is_dataclass(value):
        return {field.name: _canonical(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_canonical(item) for item in value]
    return value
