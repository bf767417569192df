"""What the scoring takes: respondents with their place in the design, and their ratings of units, checked on construction."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

RESPONDENT_COLUMNS = ("respondent", "group", "stratum", "psu", "weight_millionths")
#: sums of weights stay exact integers far below the limit of int64
HEAVIEST_TOTAL = 2**62


@dataclass(frozen=True)
class Ratings:
    """A campaign's answers as columns.

    respondents  one row per respondent of the whole campaign, also those who rated none of the scored units:
                 `respondent` (int64, unique), `group`, `stratum`, `psu` (str, its own id when unclustered; PSUs are nested
                 in group and stratum), `weight_millionths` (int64 > 0, 1_000_000 when every weight is 1).
    ratings      one row per respondent and unit they were asked about: `respondent`, `unit`, and one pandas Categorical per
                 "questionnaire.question" whose categories are answer codes (str). NaN is a blank or a question not asked.
    missing      per column the answer codes that are kinds of missing ("don't know", "not familiar" ...).
    population   per (group, stratum) the number of people it stands for, for the finite population correction of groups
                 that have it in every stratum.

    Raises ValueError with every fault of the two tables.
    """

    respondents: pd.DataFrame
    ratings: pd.DataFrame
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)
    population: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = [*_respondent_faults(self.respondents), *_rating_faults(self.ratings)]
        if not faults:
            faults = [*_link_faults(self.respondents, self.ratings), *_population_faults(self.respondents, self.population)]
        if faults:
            raise ValueError("; ".join(faults))

    @property
    def question_columns(self) -> tuple[str, ...]:
        return tuple(column for column in self.ratings.columns if column not in ("respondent", "unit"))

    def missing_codes(self, column: str) -> frozenset[str]:
        return frozenset(self.missing.get(column, ()))

    def sampling_fractions(self, group: str) -> dict[str, float] | None:
        """n / N per stratum of the group, 0 < n / N <= 1; None: no finite population correction.

        None when a stratum has no population, or a PSU of several respondents (the fraction of PSUs is then not known):
        cautious, as errors come out larger than they are.
        """
        people = self.respondents[self.respondents["group"] == group]
        counts = people.groupby("stratum", observed=True).size()
        clustered = people.duplicated(["stratum", "psu"]).any()
        if clustered or not len(counts) or any((group, stratum) not in self.population for stratum in counts.index):
            return None
        return {str(stratum): float(n / self.population[group, stratum]) for stratum, n in counts.items()}


def _respondent_faults(table: pd.DataFrame):
    absent = [column for column in RESPONDENT_COLUMNS if column not in table.columns]
    if absent:
        yield f"respondents lacks the columns {', '.join(absent)}"
        return
    for column in ("respondent", "weight_millionths"):
        if table[column].dtype != np.int64:
            yield f"respondents.{column} must be int64, not {table[column].dtype}"
            return
    for column in ("group", "stratum", "psu"):
        if table[column].isna().any():
            yield f"respondents.{column} has empty cells"
    if table["respondent"].duplicated().any():
        yield f"respondents.respondent repeats {table.loc[table['respondent'].duplicated(), 'respondent'].iloc[0]}"
    weights = table["weight_millionths"].to_numpy()
    if (weights <= 0).any():
        yield "respondents.weight_millionths must be above 0"
    elif weights.astype(float).sum() * 1.001 >= HEAVIEST_TOTAL:
        yield "respondents.weight_millionths sum to 2**62 or more"


def _rating_faults(table: pd.DataFrame):
    absent = [column for column in ("respondent", "unit") if column not in table.columns]
    if absent:
        yield f"ratings lacks the columns {', '.join(absent)}"
        return
    if table["respondent"].dtype != np.int64:
        yield f"ratings.respondent must be int64, not {table['respondent'].dtype}"
    if table["unit"].isna().any():
        yield "ratings.unit has empty cells"
    if table.columns.duplicated().any():
        yield f"ratings has the column {table.columns[table.columns.duplicated()][0]} twice"
        return
    if table.duplicated(["respondent", "unit"]).any():
        first = table.loc[table.duplicated(["respondent", "unit"])].iloc[0]
        yield f"respondent {first['respondent']} rates unit {first['unit']} in two rows"
    for column in table.columns:
        if column not in ("respondent", "unit") and not isinstance(table[column].dtype, pd.CategoricalDtype):
            yield f"ratings.{column} must be a Categorical of answer codes, not {table[column].dtype}"


def _link_faults(respondents: pd.DataFrame, ratings: pd.DataFrame):
    unknown = ~ratings["respondent"].isin(respondents["respondent"])
    if unknown.any():
        yield f"ratings names respondent {ratings.loc[unknown, 'respondent'].iloc[0]}, who is not among the respondents"


def _population_faults(respondents: pd.DataFrame, population: Mapping[tuple[str, str], int]):
    if not population:
        return
    counts = respondents.groupby(["group", "stratum"], observed=True).size()
    for (group, stratum), people in population.items():
        present = int(counts.get((group, stratum), 0))
        if people < present:
            yield f"population of {group}, {stratum} is {people}, fewer than its {present} respondents"
