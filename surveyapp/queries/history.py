"""The printed figures of earlier years, and beside them what can be recomputed from them; neither overwrites the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from analysis.index import history, history_checks
from analysis.index.history_checks import ComponentMean, Discrepancy
from analysis.index.targets import NationalRank, TargetCheck, national_rank
from surveyapp.extensions import db
from surveyapp.models import PublishedFigure

#: provinces and cities that the Ministry ranked: 63 until 2024, 34 since the mergers of July 2025
PROVINCES_BEFORE_2025, PROVINCES_SINCE_2025 = 63, 34


#: the shipped tables say in English how surely a figure was read
NOTES = {"value read from a chart": "đọc từ biểu đồ, chưa chắc thứ tự các năm", "stated": "ghi trong lời của Đề án"}


@dataclass(frozen=True)
class PrintedSeries:
    code: str
    name: str
    #: year -> percent as printed; None where the scan cannot be read
    values: Mapping[int, Decimal | None]

    @property
    def known(self) -> dict[int, float]:
        return {year: float(value) for year, value in self.values.items() if value is not None}


@dataclass(frozen=True)
class ProvinceFigure:
    year: int
    percent: Decimal | None
    rank: int | None
    note: str


@dataclass(frozen=True)
class Past:
    """Everything on the page of earlier years."""

    years: Sequence[int]
    components: Sequence[PrintedSeries]
    means: Sequence[ComponentMean]
    bands: Mapping[str, int]
    discrepancies: Sequence[Discrepancy]
    groups: Sequence[PrintedSeries]
    all_units: PrintedSeries | None
    province: Sequence[ProvinceFigure]
    rank_targets: Sequence[TargetCheck]


def read() -> Past:
    """Series from the database (what was loaded or added there), means and discrepancies from the programme's own tables."""
    stored = _stored()
    printed = history.shipped()
    means = history_checks.component_means(printed)
    province = tuple(ProvinceFigure(row.year, row.percent, row.rank, _in_vietnamese(row.note))
                     for row in stored.get("province_index", ()))
    ranks = [NationalRank(row.year, row.rank, PROVINCES_BEFORE_2025 if row.year < 2025 else PROVINCES_SINCE_2025)
             for row in province if row.rank is not None]
    everyone = _series(stored.get("all_units_mean", ()))
    components = _series(stored.get("province_component", ()))
    return Past(
        years=sorted({year for one in (*components, *everyone) for year in one.values}),
        components=components, means=means, bands=history_checks.band_counts(means),
        discrepancies=history_checks.discrepancies(printed), groups=_series(stored.get("unit_group_mean", ())),
        all_units=everyone[0] if everyone else None, province=province,
        rank_targets=national_rank(ranks, printed.rank_target()))


def _in_vietnamese(note: str) -> str:
    return next((words for start, words in NOTES.items() if note.startswith(start)), note)


def _stored() -> dict[str, list[PublishedFigure]]:
    found: dict[str, list[PublishedFigure]] = {}
    for row in db.session.scalars(select(PublishedFigure).order_by(PublishedFigure.id)):
        found.setdefault(row.series, []).append(row)
    return {series: sorted(rows, key=lambda row: row.year) for series, rows in found.items()}


def _series(rows: Sequence[PublishedFigure]) -> tuple[PrintedSeries, ...]:
    grouped: dict[str, dict[int, Decimal | None]] = {}
    names: dict[str, str] = {}
    for row in rows:
        grouped.setdefault(row.code, {})[row.year] = row.percent
        names[row.code] = row.name
    return tuple(PrintedSeries(code, names[code], values) for code, values in grouped.items())
