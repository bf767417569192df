"""Who was reached in the demonstration: how many of which group, about which unit, from which stratum and cluster."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

import numpy

#: respondent group -> unit group -> lowest and highest number of forms per unit
FORMS_PER_UNIT = {
    "citizens": {"department": (56, 92), "public_service": (64, 96), "central": (58, 96), "district": (120, 210)},
    "businesses": {"department": (22, 40), "public_service": (15, 24), "central": (24, 42), "district": (20, 34)},
}
#: units that hardly anybody wrote about: their criteria are spread over the other groups, or insufficient
FEW_FORMS = {
    ("citizens", "BDT"): 6, ("businesses", "BDT"): 2, ("businesses", "TTT"): 4, ("citizens", "QDTPT"): 5,
    ("businesses", "QDTPT"): 3, ("businesses", "BDBP"): 3, ("businesses", "DPTTH"): 4, ("businesses", "CLD"): 5,
}
#: people in the frame: service users of a year (citizens), firms on the tax roll that dealt with the unit (businesses)
FRAME = {
    "citizens": {"department": (900, 14_000), "public_service": (600, 6_000), "central": (2_500, 42_000),
                 "district": (38_000, 118_000)},
    "businesses": {"department": (150, 2_900), "public_service": (60, 500), "central": (300, 3_100), "district": (140, 1_300)},
}
#: agencies that answered about all the others, and how many of their people
OFFICIALS_PER_AGENCY = (10, 20)
LEADERS_PER_AGENCY = (2, 4)
STAFF_OF_AGENCY = (35, 190)


class UnitLike(Protocol):
    code: str
    group_code: str


@dataclass(frozen=True)
class Cell:
    """Respondents alike in all but their answers."""

    respondent_group: str
    #: "" for those who rate many units
    unit: str
    stratum: str
    psu: str
    weight: Decimal
    count: int


@dataclass(frozen=True)
class StratumSize:
    respondent_group: str
    stratum: str
    population: int


@dataclass(frozen=True)
class Sample:
    cells: list[Cell]
    strata: list[StratumSize]


def service_users(group: str, units: Sequence[UnitLike], clusters: dict[str, list[str]],
                  rng: numpy.random.Generator, share: float = 1.0) -> Sample:
    """Citizens or businesses: a stratum for each unit; at the districts a few communes were drawn, each a cluster.

    People of far communes were reached by interviewers at a lower rate than those at the desk: weights 1.25 and 0.8.
    """
    cells, strata = [], []
    for unit in units:
        low, high = FORMS_PER_UNIT[group].get(unit.group_code, (0, 0))
        count = FEW_FORMS.get((group, unit.code), int(rng.integers(low, high + 1)))
        smallest, largest = FRAME[group][unit.group_code]
        strata.append(StratumSize(group, unit.code, int(rng.integers(smallest, largest + 1))))
        communes = clusters.get(unit.code, []) if group == "citizens" else []
        if not communes:
            cells.append(Cell(group, unit.code, unit.code, "", Decimal(1), count))
            continue
        for position, (commune, part) in enumerate(zip(communes, _split(count, len(communes), rng), strict=True)):
            weight = Decimal("0.8") if position == 0 else Decimal("1.25")
            cells.append(Cell(group, unit.code, unit.code, commune, weight, part))
    return Sample(_part_of(cells, share), strata)


def raters_of_many(agencies: Iterable[UnitLike], rng: numpy.random.Generator, share: float = 1.0) -> Sample:
    """Officials (in their agency's cluster) and leaders; the stratum is the kind of agency they work in."""
    cells, populations = [], {}
    for agency in agencies:
        officials, leaders = int(rng.integers(*OFFICIALS_PER_AGENCY)), int(rng.integers(*LEADERS_PER_AGENCY))
        cells.append(Cell("officials", "", agency.group_code, agency.code, Decimal(1), officials))
        cells.append(Cell("leaders", "", agency.group_code, "", Decimal(1), leaders))
        staff = int(rng.integers(*STAFF_OF_AGENCY))
        for group, people in (("officials", staff), ("leaders", 3 + staff // 25)):
            populations[group, agency.group_code] = populations.get((group, agency.group_code), 0) + people
    strata = [StratumSize(group, stratum, people) for (group, stratum), people in populations.items()]
    return Sample(_part_of(cells, share), strata)


def _split(total: int, parts: int, rng: numpy.random.Generator) -> list[int]:
    """`total` in uneven parts, none empty."""
    shares = rng.dirichlet([6.0] * parts)
    counts = [1 + int(share * (total - parts)) for share in shares]
    counts[0] += total - sum(counts)
    return counts


def _part_of(cells: list[Cell], share: float) -> list[Cell]:
    """The same cells with fewer respondents each, none left empty."""
    return [replace(cell, count=max(1, round(cell.count * share))) for cell in cells]
