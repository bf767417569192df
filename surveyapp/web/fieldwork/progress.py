"""How many forms came, how many were wanted, how close the answer is: the rows of the progress page."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from analysis.sampling.size import achieved_margin, cochran, yamane
from surveyapp.queries.fieldwork import FormCount


@dataclass(frozen=True)
class ProgressRow:
    """One unit (service users) or one stratum (raters of many units)."""

    name: str
    forms: int
    population: int | None
    yamane: int | None
    cochran: int | None
    #: half-width of a share's 95 % interval, in percentage points; None without any form
    margin: float | None

    @property
    def enough(self) -> bool:
        return self.cochran is not None and self.forms >= self.cochran


@dataclass
class GroupProgress:
    respondent_group: str
    by: str
    rows: list[ProgressRow] = field(default_factory=list)
    modes: dict[str, int] = field(default_factory=dict)

    @property
    def forms(self) -> int:
        return sum(row.forms for row in self.rows)


def group_progress(group: str, expected: Mapping[str, str], by: str, counts: Iterable[FormCount],
                   populations: Mapping[tuple[str, str], int], wanted_margin: float,
                   sorting: Callable[[str], object]) -> GroupProgress:
    """`expected`: code -> name of every unit (or stratum) that should be there, so that one without a form is seen too."""
    forms: dict[str, int] = defaultdict(int)
    modes: dict[str, int] = defaultdict(int)
    for count in counts:
        if count.respondent_group == group:
            forms[(count.unit_code or "") if by == "unit" else count.stratum] += count.forms
            modes[count.mode] += count.forms
    names = dict(expected) | {code: code or "–" for code in forms if code not in expected}
    rows = [_row(name, forms[code], populations.get((group, code)), wanted_margin) for code, name in names.items()]
    return GroupProgress(group, by, sorted(rows, key=lambda row: sorting(row.name)), dict(modes))


def _row(name: str, forms: int, population: int | None, wanted_margin: float) -> ProgressRow:
    known = population if population and population >= forms else None
    return ProgressRow(
        name, forms, population,
        yamane(population, wanted_margin) if population else None,
        cochran(0.5, wanted_margin, population).completes if population else None,
        achieved_margin(forms, known) * 100 if forms else None,
    )
