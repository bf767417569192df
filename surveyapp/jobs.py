"""Long work in the background: a queue (huey, kept in the data folder), one worker process, progress in the jobs table."""

import logging
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Flask, current_app
from huey import SqliteHuey, crontab

from documents.faults import Faults
from surveyapp.errors import NotFound, Refused
from surveyapp.models import Job
from surveyapp.services import attachments, progress, unfinished
from surveyapp.web.clock import today

log = logging.getLogger(__name__)

#: minutes past the hour
EVERY_HOUR = crontab(minute="17")
#: says how far a job has come: done, total, Vietnamese message
Report = Callable[[int, int, str], None]


def start(kind: str, arguments: dict, account_id: int | None) -> Job:
    """Put work into the queue and return its row at once."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of job: {kind}")
    job = progress.make(kind, arguments, account_id)
    queue, run = _queue(current_app.config["DATA_FOLDER"])
    queue.enqueue(run.s(job.id))
    return job


def result_path(job: Job) -> Path:
    return Path(current_app.config["DATA_FOLDER"]) / job.result_file


def work(app: Flask) -> None:
    """Do jobs until told to stop: the worker process."""
    with app.app_context():
        progress.fail_interrupted()
        attachments.mend()
    queue, _run = _queue(app.config["DATA_FOLDER"], app)
    erase_unfinished(app)  # a machine that is switched off every evening may never see the hour
    queue.create_consumer(workers=1, worker_type="thread", periodic=True, initial_delay=0.1, max_delay=1.0).run()


def work_off(app: Flask) -> int:
    """Do what waits in the queue, here and now, and return how many jobs that were."""
    queue, _run = _queue(app.config["DATA_FOLDER"], app)
    count = 0
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
        count += 1
    return count


def worker_command() -> list[str]:
    return [sys.executable, "-m", "surveyapp.commands", "worker"]


def _queue(folder: Path, app: Flask | None = None):
    queue = SqliteHuey("surveyapp", filename=str(Path(folder) / "jobs.sqlite"), results=False)

    @queue.task(name="run")
    def run(job_id: int) -> None:
        with app.app_context():
            perform(job_id)

    @queue.periodic_task(EVERY_HOUR, name="erase_unfinished")
    def keep_promises() -> None:
        erase_unfinished(app)

    return queue, run


def erase_unfinished(app: Flask) -> None:
    """Nobody waits for this: what goes wrong is for the server's log, and the next hour tries again."""
    with app.app_context():
        try:
            unfinished.erase(today())
        except Exception:
            log.exception("erasing unfinished responses failed")


def perform(job_id: int) -> None:
    """Run one job to its end; whatever goes wrong becomes a sentence for the person who waits."""
    job = progress.claim(job_id)
    if job is None:
        return

    def report(done: int, total: int, message: str) -> None:
        progress.advance(job_id, done, total, message)

    try:
        result_file = KINDS[job.kind](job, report)
    except (Faults, Refused, NotFound) as error:
        progress.end(job_id, "failed", str(error))
    except Exception:
        log.exception("job %s (%s) failed", job_id, job.kind)
        progress.end(job_id, "failed", "Có lỗi ngoài dự kiến; chi tiết nằm trong nhật ký máy chủ.")
    else:
        progress.end(job_id, "done", "Đã xong.", result_file)


def _score(job: Job, report: Report) -> None:
    from surveyapp.services.score import score_campaign

    report(0, 1, "Đang chấm điểm…")
    run = score_campaign(job.arguments["campaign_code"])
    report(1, 1, f"Lượt chấm số {run.id} đã xong.")


def _province_pdf(job: Job, report: Report) -> str:
    from surveyapp.services.report import province_pdf

    report(0, 1, "Đang lập báo cáo toàn tỉnh…")
    return _keep(f"bao-cao-toan-tinh-{job.arguments['run_id']}.pdf", province_pdf(job.arguments["run_id"]))


def _unit_pdf(job: Job, report: Report) -> str:
    from surveyapp.services.report import unit_pdf

    run_id, unit_code = job.arguments["run_id"], job.arguments["unit_code"]
    report(0, 1, "Đang lập báo cáo đơn vị…")
    return _keep(f"bao-cao-{run_id}-{unit_code}.pdf", unit_pdf(run_id, unit_code))


def _all_files(job: Job, report: Report) -> str:
    from surveyapp.queries.scores import unit_codes
    from surveyapp.services.exchange import csv_files
    from surveyapp.services.report import province_pdf, unit_pdf

    run_id = job.arguments["run_id"]
    units = unit_codes(run_id)
    total = len(units) + 2
    path = _exports() / f"ket-qua-{run_id}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, content: bytes) -> None:
            archive.writestr(zipfile.ZipInfo(name, datetime(2024, 1, 1).timetuple()[:6]), content)

        report(0, total, "Đang xuất các bảng CSV…")
        for name, content in csv_files(run_id, spreadsheet=False).items():
            put(name, content)
        report(1, total, "Đang lập báo cáo toàn tỉnh…")
        put("bao-cao-toan-tinh.pdf", province_pdf(run_id))
        for index, unit_code in enumerate(units):
            report(index + 2, total, f"Đang lập báo cáo đơn vị {index + 1}/{len(units)}…")
            put(f"don-vi/{unit_code}.pdf", unit_pdf(run_id, unit_code))
    return str(path.relative_to(current_app.config["DATA_FOLDER"]))


def _campaign_forms(job: Job, report: Report) -> str:
    from surveyapp.queries import campaigns
    from surveyapp.services.questionnaire_files import of_campaign

    campaign = campaigns.by_code(job.arguments["campaign_code"])
    files = of_campaign(campaign)
    path = _exports() / f"phieu-giay-{campaign.code}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for index, (name, make) in enumerate(files):
            report(index, len(files), f"Đang lập {name}…")
            archive.writestr(zipfile.ZipInfo(name, datetime(2024, 1, 1).timetuple()[:6]), make())
    return str(path.relative_to(current_app.config["DATA_FOLDER"]))


def _keep(name: str, content: bytes) -> str:
    path = _exports() / name
    path.write_bytes(content)
    return str(path.relative_to(current_app.config["DATA_FOLDER"]))


def _exports() -> Path:
    folder = Path(current_app.config["DATA_FOLDER"]) / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


#: each kind of long work: (job, report) -> file that it made, relative to the data folder, or None
KINDS: dict[str, Callable[[Job, Report], str | None]] = {
    "score": _score,
    "province_pdf": _province_pdf,
    "unit_pdf": _unit_pdf,
    "all_files": _all_files,
    "campaign_forms": _campaign_forms,
}
