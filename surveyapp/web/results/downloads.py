"""Files out: CSV at once, PDF and archives as background work, charts as pictures."""

from flask import abort, redirect, request, send_file, url_for
from flask_login import current_user

from surveyapp import jobs
from surveyapp.charts import NARROW, WIDE, of_history, of_quality, of_run
from surveyapp.charts.of_run import Chart
from surveyapp.errors import NotFound
from surveyapp.queries import asked, history, quality, scores
from surveyapp.queries import jobs as stored_jobs
from surveyapp.services import audit, exchange
from surveyapp.web.account.access import allowed
from surveyapp.web.results import pages


@pages.get("/ket-qua/<int:run_id>/tep/<name>")
@allowed("analyst")
def csv(run_id: int, name: str):
    spreadsheet, internal = request.args.get("dang") == "bang-tinh", request.args.get("ban") == "noi-bo"
    content = exchange.csv_file(run_id, name, spreadsheet, internal)
    if internal:
        audit.record(current_user.id, "internal_csv", f"{name}, lượt chấm số {run_id}")
    stem = exchange.file_name(name, internal).removesuffix(".csv")
    stem = f"{stem}-{run_id}{'-bang-tinh' if spreadsheet else ''}.csv"
    return content, {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{stem}"'}


@pages.post("/ket-qua/<int:run_id>/bao-cao-toan-tinh")
@allowed("analyst")
def province_pdf(run_id: int):
    return _start("province_pdf", {"run_id": scores.run_of(run_id).id})


@pages.post("/ket-qua/<int:run_id>/tat-ca")
@allowed("analyst")
def all_files(run_id: int):
    return _start("all_files", {"run_id": scores.run_of(run_id).id})


@pages.post("/ket-qua/<int:run_id>/don-vi/<unit_code>/bao-cao")
@allowed("analyst")
def unit_pdf(run_id: int, unit_code: str):
    unit = scores.unit_of(scores.run_of(run_id), unit_code)
    return _start("unit_pdf", {"run_id": run_id, "unit_code": unit.unit_code})


@pages.get("/cong-viec/<int:job_id>/tep")
@allowed("analyst")
def job_file(job_id: int):
    job = stored_jobs.by_id(job_id)
    if job.state != "done" or not job.result_file:
        raise NotFound("Công việc này chưa có tệp để tải về.")
    path = jobs.result_path(job)
    if not path.is_file():
        raise NotFound("Tệp này đã bị xóa khỏi máy chủ. Hãy lập lại.")
    return send_file(path, as_attachment=True, download_name=path.name)


@pages.get("/ket-qua/<int:run_id>/nhom/<group_code>/bieu-do/<name>.svg")
@allowed("analyst")
def group_chart(run_id: int, group_code: str, name: str):
    run = scores.run_of(run_id)
    return _picture(of_run.of_group(run, scores.group_of(run, group_code)).get(name))


@pages.get("/ket-qua/<int:run_id>/don-vi/<unit_code>/bieu-do/<name>.svg")
@allowed("analyst")
def unit_chart(run_id: int, unit_code: str, name: str):
    run = scores.run_of(run_id)
    return _picture(of_run.of_unit(run, scores.unit_result(run, unit_code)).get(name))


@pages.get("/ket-qua/<int:run_id>/chat-luong/bieu-do/<group_code>.svg")
@allowed("analyst")
def quality_chart(run_id: int, group_code: str):
    run = scores.run_of(run_id)
    words = asked.of_campaign(run.campaign_id)
    group = scores.group_of(run, group_code, words)
    return _picture(of_quality.of_groups(run, (group,), quality.of_run(run, (group,), words)).get(group_code))


@pages.get("/ket-qua/lich-su/bieu-do/<name>.svg")
@allowed("analyst")
def history_chart(name: str):
    return _picture(of_history.charts(history.read()).get(name))


def _start(kind: str, arguments: dict):
    job = jobs.start(kind, arguments, current_user.id)
    audit.record(current_user.id, kind, f"lượt chấm số {arguments['run_id']}")
    return redirect(url_for("results.job", job_id=job.id))


def _picture(chart: Chart | None):
    if chart is None:
        abort(404)
    narrow = request.args.get("kho") == "hep"
    return chart.draw(NARROW if narrow else WIDE), {"Content-Type": "image/svg+xml"}
