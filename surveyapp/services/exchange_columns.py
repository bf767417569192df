"""The columns of every result file, in order: the one list that the writer, its tests and docs/dinh-dang/ket-qua.md follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from surveyapp import certainty_words, quality_words
from surveyapp.queries.asked import Asked
from surveyapp.queries.score_rows import DISCLOSURE, GroupRow, Run, UnitRow
from surveyapp.wording import RESPONDENT_GROUPS

#: what the names of columns of exact fractions end with
EXACT = "_exact"
#: decimals of a source's mean beside its exact fraction
MEAN_PLACES = 4


@dataclass(frozen=True)
class Line:
    """One line of a file: the run, the unit and its group, and the row that the file is about."""

    run: Run
    words: Asked
    group: GroupRow
    unit: UnitRow
    row: Any


@dataclass(frozen=True)
class Column:
    name: str
    take: Callable[[Any], Any]

    def published(self) -> "Column":
        """The column as it leaves the house: an exact fraction tells how many people stand behind it, so it stays empty."""
        return Column(self.name, lambda _line: None) if self.name.endswith(EXACT) else self


def _of(path: str, *names: str) -> tuple[Column, ...]:
    """Columns that are named like the attribute they show."""
    def take(name: str) -> Callable[[Line], Any]:
        return lambda line: getattr(getattr(line, path), name)

    return tuple(Column(name, take(name)) for name in names)


HEAD = (
    Column("campaign", lambda line: line.run.campaign_code),
    Column("year", lambda line: line.run.year),
    Column("run", lambda line: line.run.id),
    Column("unit_group", lambda line: line.group.code),
    Column("unit_group_name", lambda line: line.group.name),
    *_of("unit", "unit_code", "unit_name"),
)


def _margin(group: str) -> Column:
    return Column(f"margin_{group}", lambda line: line.unit.margins.get(group, {}).get("margin"))


UNITS: tuple[Column, ...] = (
    *HEAD,
    *_of("unit", "status", "note", "self_scored", "appraised", "appraised_max", "survey", "survey_exact", "survey_max",
         "survey_se", "survey_low", "survey_high", "design_effect", "degrees_of_freedom", "respondents", "total", "total_exact",
         "total_max", "total_low", "total_high", "percent", "band", "rank", "rank_low", "rank_high"),
    Column("confidence", lambda line: line.run.confidence),
    *(_margin(group) for group in RESPONDENT_GROUPS),
    *_of("unit", "rank_all_low", "rank_all_high", "rank_expected", "rank_median", "band_probability", "top_probability",
         "upper_half_probability", "rank_best", "rank_worst", "rank_stays"),
)

#: row: what UnitRow keeps of one band
BANDS: tuple[Column, ...] = (
    *HEAD,
    Column("band", lambda line: line.row["band"]),
    Column("given", lambda line: int(line.row["band"] == line.unit.band)),
    Column("probability", lambda line: line.row["probability"]),
)

#: row: NeighbourRow
NEIGHBOURS: tuple[Column, ...] = (
    *HEAD,
    *_of("unit", "rank"),
    *_of("row", "next_unit_code", "next_unit_name", "difference", "se", "p", "p_holm"),
    Column("differs", lambda line: int(line.row.differs)),
)

#: row: ScenarioRow
SCENARIOS: tuple[Column, ...] = (
    *HEAD,
    *_of("row", "scenario"),
    Column("scenario_name", lambda line: certainty_words.scenario_words(line.row, line.run)),
    *_of("row", "respondent_group", "group_name", "rank"),
    Column("declared_rank", lambda line: line.unit.rank),
)

#: row: EffectRow
EFFECTS: tuple[Column, ...] = (
    *HEAD,
    *_of("row", "forms", "flagged"),
    Column("hidden", lambda line: int(line.row.hidden)),
    *_of("row", "share"),
    *_of("unit", "survey"),
    Column("survey_without", lambda line: line.row.survey),
    *_of("row", "difference", "difference_se"),
    Column("changed_rule", lambda line: None if line.row.changed_rule is None else int(line.row.changed_rule)),
    *_of("unit", "rank"),
    Column("rank_without", lambda line: line.row.rank),
)

#: row: SignRow
SIGNS: tuple[Column, ...] = (
    *HEAD,
    *_of("row", "form_id", "sign"),
    Column("sign_name", lambda line: quality_words.name(line.row.sign)),
    *_of("row", "forms", "flagged"),
    Column("hidden", lambda line: int(line.row.hidden)),
    *_of("row", "share", "value", "low", "high"),
)

#: row: LeafRow
CRITERIA: tuple[Column, ...] = (
    *HEAD,
    *_of("row", "area_code", "area_name", "area_lead", "leaf_code", "leaf_name", "kind", "status", "max_points", "self_scored",
         "points", "points_exact", "lost", "se", "low", "high", "design_effect", "ratings"),
)

#: row: SourceRow
SOURCES: tuple[Column, ...] = (
    *HEAD,
    *_of("row", "leaf_code", "respondent_group", "group_name", "form_id", "question", "question_label",
         "share", "effective_share"),
    Column("mean_exact", lambda line: line.row.mean),
    *_of("row", "ratings", "minimum_n"),
    Column("mean", lambda line: None if line.row.mean is None else round(float(line.row.mean), MEAN_PLACES)),
)

#: row: AnswerRow
ANSWERS: tuple[Column, ...] = (
    *HEAD,
    *_of("row", "respondent_group", "group_name", "form_id"),
    Column("form_version", lambda line: line.words.version(line.row.form_id)),
    *_of("row", "question", "question_label", "answer", "answer_label", "missing", "n", "weighted"),
)

#: row: SatisfactionRow
SATISFACTION: tuple[Column, ...] = (
    *HEAD,
    *_of("row", "respondent_group", "group_name", "factor", "measure", "value", "se", "low", "high", "n"),
)

RUN: tuple[Column, ...] = (
    Column("campaign", lambda run: run.campaign_code),
    Column("campaign_name", lambda run: run.campaign_name),
    Column("year", lambda run: run.year),
    Column("opens_on", lambda run: run.opens_on),
    Column("closes_on", lambda run: run.closes_on),
    Column("run", lambda run: run.id),
    Column("made_on", lambda run: run.made_on),
    Column("responses", lambda run: run.responses),
    Column("ratings", lambda run: run.ratings),
    Column("confidence", lambda run: run.confidence),
    Column("lonely_psu", lambda run: run.policy.get("lonely_psu")),
    Column("seed", lambda run: run.policy.get("seed")),
    Column("draws", lambda run: run.policy.get("draws")),
    Column("code_version", lambda run: run.code_version),
    Column("dataset_sha256", lambda run: run.dataset_sha256),
    Column("frameworks_sha256", lambda run: run.frameworks_sha256),
    Column("appraised_sha256", lambda run: run.appraised_sha256),
    Column("result_sha256", lambda run: run.result_sha256),
    Column("top", lambda run: run.top),
    Column("share_step", lambda run: run.share_step),
    Column("days_sha256", lambda run: run.days_sha256),
    *(Column(name, lambda run, name=name: run.disclosure[name]) for name in DISCLOSURE),
)

FILES: Mapping[str, tuple[Column, ...]] = {
    "don-vi.csv": UNITS,
    "tieu-chi.csv": CRITERIA,
    "phan-bo.csv": ANSWERS,
    "nguon-diem.csv": SOURCES,
    "hai-long.csv": SATISFACTION,
    "lan-cham.csv": RUN,
    "lien-ke.csv": NEIGHBOURS,
    "xep-loai.csv": BANDS,
    "do-nhay.csv": SCENARIOS,
    "chat-luong.csv": EFFECTS,
    "dau-hieu.csv": SIGNS,
}
