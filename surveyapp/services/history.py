"""Figures printed before this software, kept as reported. What we recompute stands beside them, never in their place."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import delete, insert, select

from analysis.index import history
from documents import csv_reader
from documents.faults import FaultList
from surveyapp.extensions import db
from surveyapp.models import PublishedFigure
from surveyapp.services.cells import Cells

SERIES = ("province_component", "province_component_mean", "province_index", "unit_group_mean", "all_units_mean", "unit_index")


def load_shipped() -> int:
    """The programme's figures of 2016-2021; those that are stored already are left as they are."""
    session = db.writing()
    there = {(row.series, row.code, row.year) for row in session.execute(
        select(PublishedFigure.series, PublishedFigure.code, PublishedFigure.year))}
    new = [figure for figure in _shipped(history.shipped()) if (figure["series"], figure["code"], figure["year"]) not in there]
    if new:
        session.execute(insert(PublishedFigure), new)
    session.commit()
    return len(new)


def import_history(source: bytes, name: str) -> int:
    """Columns: series, code, name, year, percent and, where wanted, rank, note. Importing again replaces the same figure.

    For a unit's own previous year: series `unit_index`, code = the unit's code.
    """
    faults = FaultList()
    table = csv_reader.read(source, name, ("series", "code", "name", "year", "percent"), ("rank", "note"), faults)
    cells = Cells(table, faults)
    session = db.writing()
    first_line: dict[tuple, int] = {}
    figures = []
    for row in cells.table:
        key = (cells.known(row, "series", SERIES, "dãy số liệu"), cells.code(row, "code"), cells.whole(row, "year", 1990, 2200))
        label, note = cells.text(row, "name"), cells.text(row, "note", required=False, longest=1000)
        percent = cells.number(row, "percent", required=False)
        if percent is not None and not 0 <= percent <= 100:
            cells.fault(row, "percent", f"{row['percent']} không phải là tỷ lệ từ 0 đến 100.",
                        "Ghi tỷ lệ phần trăm, ví dụ 83.21.")
        rank = cells.whole(row, "rank", 1, 1000) if row["rank"] else None
        if key in first_line:
            cells.fault(row, "year", f"Số liệu này đã có ở dòng {first_line[key]}.", "Giữ lại một dòng.")
        first_line.setdefault(key, row.line)
        figures.append(_figure(*key[:2], label, key[2], percent, rank, note))
    cells.faults.refuse_if_any()
    for figure in figures:
        session.execute(delete(PublishedFigure).where(
            PublishedFigure.series == figure["series"], PublishedFigure.code == figure["code"],
            PublishedFigure.year == figure["year"]))
    session.execute(insert(PublishedFigure), figures)
    session.commit()
    return len(figures)


def _shipped(printed: history.History) -> Iterable[dict]:
    for component in printed.components:
        yield from _yearly("province_component", component.series)
        last_year = component.series.yearly[-1][0]
        yield _figure("province_component_mean", component.series.code, component.series.name, last_year,
                      component.reported_mean,
                      note=f"Trung bình {component.series.yearly[0][0]}–{last_year} theo Đề án, hạng {component.reported_band}")
    for year in printed.province:
        yield _figure("province_index", "province", "Chỉ số CCHC của tỉnh", year.year, year.percent, year.rank_of_63,
                      year.confidence)
    for group in printed.groups:
        yield from _yearly("unit_group_mean", group)
    yield from _yearly("all_units_mean", printed.all_units)


def _yearly(series: str, values: history.Series) -> Iterable[dict]:
    for year, percent in values.yearly:
        yield _figure(series, values.code, values.name, year, percent,
                      note="" if percent is not None else "Không đọc được trong bản quét")


def _figure(series: str, code: str, name: str, year: int, percent: Decimal | None, rank: int | None = None,
            note: str = "") -> dict:
    return {"series": series, "code": code, "name": name, "year": year, "percent": percent, "rank": rank, "note": note}
