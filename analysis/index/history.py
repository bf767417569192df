"""The programme's tables of 2016-2021 as printed: loaded, never mended. What does not add up is in history_checks.py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from importlib import resources
from pathlib import Path

from analysis.index.bands import Band
from analysis.index.targets import RankTarget
from documents import csv_reader
from documents.faults import FaultList

FILES = {
    "province_components.csv": ("component_code", "component_vi", "year", "percent"),
    "province_component_means.csv": ("component_code", "mean_percent_2016_2021", "band"),
    "province_index.csv": ("year", "percent", "rank_of_63", "confidence"),
    "unit_group_means.csv": ("unit_group", "unit_group_vi", "year", "percent"),
    "all_units_means.csv": ("year", "percent"),
    "frameworks.csv": ("framework", "framework_vi", "areas", "criteria", "sub_criteria", "appraised_points", "survey_points"),
    "province_framework_areas.csv": ("area_code", "area_vi", "criteria", "sub_criteria"),
    "bands.csv": ("band", "at_least"),
    "programme_statements.csv": ("statement", "value"),
}

Yearly = tuple[tuple[int, Decimal | None], ...]


@dataclass(frozen=True)
class Series:
    """Percentages by year, in year order; None stands where the scan cannot be read."""

    code: str
    name: str
    yearly: Yearly

    def known(self) -> tuple[Decimal, ...]:
        return tuple(percent for _, percent in self.yearly if percent is not None)

    def in_year(self, year: int) -> Decimal | None:
        return dict(self.yearly).get(year)


@dataclass(frozen=True)
class Component:
    """One of the nine components of the province's index, with the mean and band the programme prints."""

    series: Series
    reported_mean: Decimal
    reported_band: str


@dataclass(frozen=True)
class ProvinceYear:
    """The province's own index; `rank_of_63` None where not given; `confidence`: how surely the figure was read."""

    year: int
    percent: Decimal
    rank_of_63: int | None
    confidence: str


@dataclass(frozen=True)
class FrameworkFacts:
    """What the programme says of a unit group's framework."""

    code: str
    name: str
    areas: int
    criteria: int
    sub_criteria: int
    appraised_points: Decimal
    survey_points: Decimal


@dataclass(frozen=True)
class AreaFacts:
    code: str
    name: str
    criteria: int
    sub_criteria: int


@dataclass(frozen=True)
class History:
    """Everything the programme prints, as printed. `statements` are figures its text gives beside the tables."""

    components: tuple[Component, ...]
    province: tuple[ProvinceYear, ...]
    groups: tuple[Series, ...]
    all_units: Series
    frameworks: tuple[FrameworkFacts, ...]
    province_areas: tuple[AreaFacts, ...]
    bands: tuple[Band, ...]
    statements: Mapping[str, Decimal]

    def rank_target(self) -> RankTarget:
        """The national rank the programme aims at. Raises KeyError when the statements do not give it."""
        names = ("top", "by_year", "step", "until_year", "out_of")
        return RankTarget(**{name: int(self.statements[f"rank_target_{name}"]) for name in names})


def shipped() -> History:
    """The tables that come with the project."""
    folder = resources.files("analysis.index") / "library" / "history"
    if not folder.is_dir():
        folder = Path(__file__).parent / "library" / "history"
    return load({name: (folder / name).read_bytes() for name in FILES})


def load(files: Mapping[str, bytes]) -> History:
    """Read the tables of FILES (name -> bytes, UTF-8 CSV).

    Raises documents.faults.Faults, all at once: a file that is missing or not readable, a figure that is not a number or not a
    percentage, a repeated year, a component without a printed mean.
    """
    faults = FaultList()
    for name in FILES:
        if name not in files:
            faults.add(name, "Thiếu tệp này.", "Đưa đủ các bảng của Đề án.")
    faults.refuse_if_any()
    reader = _Reader({name: csv_reader.read(files[name], name, required) for name, required in FILES.items()}, faults)
    history = History(
        components=reader.components(),
        province=reader.province(),
        groups=reader.series("unit_group_means.csv", "unit_group", "unit_group_vi", may_be_empty=True),
        all_units=reader.all_units(),
        frameworks=reader.frameworks(),
        province_areas=reader.areas(),
        bands=reader.bands(),
        statements=reader.statements(),
    )
    faults.refuse_if_any()
    return history


class _Reader:
    """Rows to values; what cannot be read becomes a fault and a harmless value, so that all faults are found."""

    def __init__(self, tables: Mapping[str, csv_reader.Table], faults: FaultList):
        self.tables, self.faults = tables, faults

    def components(self) -> tuple[Component, ...]:
        name = "province_component_means.csv"
        means = {}
        for row in self.tables[name]:
            means[row["component_code"]] = (self.percent(name, row, "mean_percent_2016_2021"), row["band"])
        found = []
        for series in self.series("province_components.csv", "component_code", "component_vi"):
            if series.code not in means:
                self.faults.add(name, f"Không có trị số trung bình của thành phần {series.code}.",
                                "Thêm một dòng cho thành phần này.")
                continue
            found.append(Component(series, *means[series.code]))
        return tuple(found)

    def series(self, name: str, code: str, label: str, may_be_empty: bool = False) -> tuple[Series, ...]:
        grouped: dict[str, tuple[str, dict[int, Decimal | None]]] = {}
        for row in self.tables[name]:
            yearly = grouped.setdefault(row[code], (row[label], {}))[1]
            self._add(name, row, yearly, may_be_empty)
        return tuple(Series(key, text, tuple(sorted(yearly.items()))) for key, (text, yearly) in grouped.items())

    def all_units(self) -> Series:
        yearly: dict[int, Decimal | None] = {}
        for row in self.tables["all_units_means.csv"]:
            self._add("all_units_means.csv", row, yearly, may_be_empty=False)
        return Series("all_units", "Toàn bộ các đơn vị", tuple(sorted(yearly.items())))

    def province(self) -> tuple[ProvinceYear, ...]:
        name = "province_index.csv"
        years: dict[int, ProvinceYear] = {}
        for row in self.tables[name]:
            year = self.whole(name, row, "year")
            if year in years:
                self._repeated(name, row, year)
            rank = self.whole(name, row, "rank_of_63") if row["rank_of_63"] else None
            years[year] = ProvinceYear(year, self.percent(name, row, "percent"), rank, row["confidence"])
        return tuple(years[year] for year in sorted(years))

    def frameworks(self) -> tuple[FrameworkFacts, ...]:
        name = "frameworks.csv"
        return tuple(
            FrameworkFacts(row["framework"], row["framework_vi"],
                           *(self.whole(name, row, column) for column in ("areas", "criteria", "sub_criteria")),
                           *(self.number(name, row, column) for column in ("appraised_points", "survey_points")))
            for row in self.tables[name]
        )

    def areas(self) -> tuple[AreaFacts, ...]:
        name = "province_framework_areas.csv"
        return tuple(AreaFacts(row["area_code"], row["area_vi"], self.whole(name, row, "criteria"),
                               self.whole(name, row, "sub_criteria")) for row in self.tables[name])

    def bands(self) -> tuple[Band, ...]:
        rows = [Band(row["band"], Fraction(self.percent("bands.csv", row, "at_least"))) for row in self.tables["bands.csv"]]
        return tuple(sorted(rows, key=lambda band: band.at_least, reverse=True))

    def statements(self) -> dict[str, Decimal]:
        name = "programme_statements.csv"
        return {row["statement"]: self.number(name, row, "value") for row in self.tables[name]}

    def percent(self, name: str, row: csv_reader.Row, column: str) -> Decimal:
        return self._read(name, row, column, Decimal, lambda value: 0 <= value <= 100,
                          "một tỷ lệ từ 0 đến 100, dấu chấm thập phân")

    def number(self, name: str, row: csv_reader.Row, column: str) -> Decimal:
        return self._read(name, row, column, Decimal, lambda value: value >= 0, "một số không âm, dấu chấm thập phân")

    def whole(self, name: str, row: csv_reader.Row, column: str) -> int:
        return self._read(name, row, column, int, lambda value: value >= 0, "một số nguyên không âm")

    def _read(self, name: str, row: csv_reader.Row, column: str, kind: Callable, fits: Callable, wanted: str):
        try:
            value = kind(row[column])
            if fits(value):
                return value
        except (ValueError, InvalidOperation):
            pass
        self.faults.add(self.tables[name].place(row, column), f"“{row[column]}” không đúng.", f"Ghi {wanted}.")
        return kind(0)

    def _add(self, name: str, row: csv_reader.Row, yearly: dict[int, Decimal | None], may_be_empty: bool) -> None:
        year = self.whole(name, row, "year")
        if year in yearly:
            self._repeated(name, row, year)
        yearly[year] = None if may_be_empty and not row["percent"] else self.percent(name, row, "percent")

    def _repeated(self, name: str, row: csv_reader.Row, year: int) -> None:
        self.faults.add(self.tables[name].place(row, "year"), f"Năm {year} xuất hiện hai lần.", "Giữ lại một dòng cho mỗi năm.")
