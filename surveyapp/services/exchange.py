"""Results as CSV files in two dialects: for machines (comma, decimal dot) and for a Vietnamese spreadsheet (semicolon, comma).

Two editions: the published one, in which nobody's answer can be read or worked out (`queries.published`; hidden cells and exact
fractions are empty), and the internal one with everything, whose files say so in their names.

Numbers are never touched by the protection of text: a text that a spreadsheet would run, or take for a number or a date,
is marked with an apostrophe.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from surveyapp.errors import NotFound
from surveyapp.queries import asked, published, quality, scores
from surveyapp.queries.asked import Asked
from surveyapp.queries.score_rows import GroupRow, Run, UnitRow
from surveyapp.services.exchange_columns import FILES, Column, Line

#: statistics are floats; six decimals are far finer than they are sure
STATISTIC_PLACES = 6
#: what the names of internal files end with
INTERNAL = "-noi-bo"
#: a cell that begins so is a formula to a spreadsheet
RUNS_IN_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")
#: what a spreadsheet would change into another number or a date: 1.2 (a criterion), 3/4, 007, 1e5, longer than its 15 digits
WOULD_BE_CHANGED = re.compile(r"0\d+|\d{16,}|[\d\s]*\d[.,/:\s-][\d.,/:\s-]*|\d[\d.,]*[eE]\d+")


def csv_files(run_id: int, spreadsheet: bool, internal: bool = False) -> dict[str, bytes]:
    """All files of the run, by the name that they are kept under."""
    run = scores.run_of(run_id)
    words = asked.of_campaign(run.campaign_id)
    return {file_name(name, internal): _write(name, run, words, spreadsheet, internal) for name in FILES}


def csv_file(run_id: int, name: str, spreadsheet: bool, internal: bool = False) -> bytes:
    """One file of the run, by its name in FILES. Raises NotFound when there is no such file."""
    if name not in FILES:
        raise NotFound(f"Không có tệp “{name}”. Các tệp kết quả: {', '.join(FILES)}.")
    run = scores.run_of(run_id)
    return _write(name, run, asked.of_campaign(run.campaign_id), spreadsheet, internal)


def file_name(name: str, internal: bool) -> str:
    return f"{name.removesuffix('.csv')}{INTERNAL}.csv" if internal else name


def _write(name: str, run: Run, words: Asked, spreadsheet: bool, internal: bool) -> bytes:
    columns = FILES[name] if internal else [column.published() for column in FILES[name]]
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";" if spreadsheet else ",", lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    cell = spreadsheet_cell if spreadsheet else machine_cell
    for line in _lines(name, run, words, internal):
        writer.writerow(_cells(columns, line, cell))
    return b"\xef\xbb\xbf" + target.getvalue().encode("utf-8")


def _cells(columns: Iterable[Column], line, cell) -> list[str]:
    return [cell(column.take(line)) for column in columns]


def _lines(name: str, run: Run, words: Asked, internal: bool) -> Iterator:
    """Lines in the order of groups, then names of units, then the file's own order."""
    if name == "lan-cham.csv":
        yield run
        return
    groups = scores.groups(run, words)
    by_unit = _rows(name, run, words, groups, internal)
    for group in groups:
        for unit in scores.by_name(group.units):
            yield from _unit_lines(run, words, group, unit, by_unit)


def _unit_lines(run: Run, words: Asked, group: GroupRow, unit: UnitRow, by_unit: Mapping[str, list] | None) -> Iterator[Line]:
    if by_unit is None:
        yield Line(run, words, group, unit, unit)
        return
    for row in by_unit.get(unit.unit_code, ()):
        yield Line(run, words, group, unit, row)


def _rows(name: str, run: Run, words: Asked, groups: Sequence[GroupRow], internal: bool) -> dict[str, list] | None:
    """The rows of a file by unit; None for the file of the units themselves."""
    of_answers = {
        "tieu-chi.csv": lambda: scores.leaves(run, words), "nguon-diem.csv": lambda: scores.sources(run, words),
        "phan-bo.csv": lambda: scores.answers(run, words), "hai-long.csv": lambda: scores.satisfaction(run),
    } if internal else {
        "tieu-chi.csv": lambda: published.of_run(run).leaves, "nguon-diem.csv": lambda: published.of_run(run).sources,
        "phan-bo.csv": lambda: published.of_run(run).answers, "hai-long.csv": lambda: published.of_run(run).satisfaction,
    }
    reads = {
        **of_answers,
        "lien-ke.csv": lambda: scores.neighbours(run), "do-nhay.csv": lambda: scores.scenarios(run),
        "chat-luong.csv": lambda: quality.of_run(run, groups, words, internal).all_effects,
        "dau-hieu.csv": lambda: quality.signs(run, internal),
    }
    if name == "xep-loai.csv":
        return {unit.unit_code: unit.band_probabilities or [] for group in groups for unit in group.units}
    if name not in reads:
        return None
    by_unit: dict[str, list] = {}
    for row in reads[name]():
        by_unit.setdefault(row.unit_code, []).append(row)
    return by_unit


def machine_cell(value) -> str:
    if isinstance(value, str):
        return "'" + value if value.startswith(RUNS_IN_A_SPREADSHEET) else value
    return plain(value)


def spreadsheet_cell(value) -> str:
    if isinstance(value, Fraction):
        value = plain(value)
    if isinstance(value, str):
        risky = value.startswith(RUNS_IN_A_SPREADSHEET) or WOULD_BE_CHANGED.fullmatch(value)
        return "'" + value if risky else value
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return plain(value).replace(".", ",")


def plain(value) -> str:
    """A number or date for a machine; nothing known is an empty cell, never a zero."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return f"{value:.{STATISTIC_PLACES}f}".rstrip("0").rstrip(".")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
