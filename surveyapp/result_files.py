"""A score run as files in a folder: CSV, and PDF made in two processes."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from surveyapp.extensions import db
from surveyapp.queries import scores

PDF_PROCESSES = 2


def write_csv(run_id: int, folder: Path, spreadsheet: bool, internal: bool = False) -> list[Path]:
    from surveyapp.services.exchange import csv_files

    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / name, content) for name, content in csv_files(run_id, spreadsheet, internal).items()]


def write_pdf(run_id: int, folder: Path, progress: Callable[[int, int], object]) -> list[Path]:
    """The province's report and one for each unit."""
    units = folder / "don-vi"
    units.mkdir(parents=True, exist_ok=True)
    wanted = [(run_id, None, folder / "bao-cao-toan-tinh.pdf")]
    wanted += [(run_id, unit_code, units / f"{unit_code}.pdf") for unit_code in scores.unit_codes(run_id)]
    db.session.rollback()
    written = []
    # fresh processes: a forked one would share this one's database connection
    with ProcessPoolExecutor(PDF_PROCESSES, multiprocessing.get_context("spawn"), _make_app) as pool:
        for path in pool.map(_write_one_pdf, wanted):
            written.append(path)
            progress(len(written), len(wanted))
    return written


def _make_app() -> None:
    from surveyapp import create_app

    create_app().app_context().push()


def _write_one_pdf(wanted: tuple[int, str | None, Path]) -> Path:
    from surveyapp.services.report import province_pdf, unit_pdf

    run_id, unit_code, path = wanted
    content = province_pdf(run_id) if unit_code is None else unit_pdf(run_id, unit_code)
    db.session.rollback()
    return _write(path, content)


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
