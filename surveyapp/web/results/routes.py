"""Pages of results: thin, the numbers come from queries, the sentences from takeaways."""

from flask import redirect, render_template, url_for
from flask_login import current_user

from surveyapp import jobs
from surveyapp.charts import of_history, of_quality, of_run
from surveyapp.queries import asked, attachments, campaigns, history, quality, scores, series, targets, walk_back
from surveyapp.queries import jobs as stored_jobs
from surveyapp.result_wording import JOB_KINDS, JOB_STATES
from surveyapp.services import audit
from surveyapp.web.account.access import allowed
from surveyapp.web.results import pages


@pages.get("/ket-qua/")
@allowed("analyst")
def index():
    runs: dict[str, list] = {}
    for run in scores.runs():
        runs.setdefault(run.campaign_code, []).append(run)
    return render_template("results/index.html", campaigns=campaigns.all(), runs=runs, files=attachments.counts())


@pages.post("/ket-qua/cham-diem/<campaign_code>")
@allowed("analyst")
def score(campaign_code: str):
    campaign = campaigns.by_code(campaign_code)
    job = jobs.start("score", {"campaign_code": campaign.code}, current_user.id)
    audit.record(current_user.id, "score", campaign.code)
    return redirect(url_for("results.job", job_id=job.id))


@pages.get("/ket-qua/<int:run_id>")
@allowed("analyst")
def run(run_id: int):
    shown = scores.run_of(run_id)
    groups = scores.groups(shown)
    return render_template("results/run.html", run=shown, groups=groups, targets=targets.of_run(shown, groups),
                           crossed=series.crossed(shown),
                           charts={group.code: of_run.of_group(shown, group) for group in groups})


@pages.get("/ket-qua/<int:run_id>/don-vi/<unit_code>")
@allowed("analyst")
def unit(run_id: int, unit_code: str):
    shown = scores.run_of(run_id)
    words = asked.of_campaign(shown.campaign_id)
    result = scores.unit_result(shown, unit_code, words)
    forms = quality.of_run(shown, (result.group,), words)
    return render_template("results/unit.html", run=shown, result=result, unit=result.unit, group=result.group,
                           quality=forms, effect=forms.of_unit(unit_code),
                           charts=of_run.of_unit(shown, result), questions=of_run.questions(result),
                           target_check=targets.of_unit(shown, result.unit), crossed=series.crossed(shown))


@pages.get("/ket-qua/<int:run_id>/don-vi/<unit_code>/tieu-chi/<leaf_code>")
@allowed("analyst")
def leaf(run_id: int, unit_code: str, leaf_code: str):
    walk = walk_back.leaf_walk(scores.run_of(run_id), unit_code, leaf_code)
    return render_template("results/leaf.html", walk=walk, run=walk.run, unit=walk.unit, leaf=walk.leaf)


@pages.get("/ket-qua/<int:run_id>/phuong-phap")
@allowed("analyst")
def method(run_id: int):
    shown = scores.run_of(run_id)
    words = asked.of_campaign(shown.campaign_id)
    return render_template("results/method.html", run=shown, groups=scores.groups(shown, words), words=words)


@pages.get("/ket-qua/<int:run_id>/chat-luong")
@allowed("analyst")
def form_quality(run_id: int):
    shown = scores.run_of(run_id)
    words = asked.of_campaign(shown.campaign_id)
    groups = scores.groups(shown, words)
    forms = quality.of_run(shown, groups, words)
    return render_template("results/quality.html", run=shown, groups=groups, words=words, quality=forms,
                           charts=of_quality.of_groups(shown, groups, forms))


@pages.get("/ket-qua/lich-su")
@allowed("analyst")
def past():
    shown = history.read()
    return render_template("results/history.html", history=shown, charts=of_history.charts(shown))


@pages.get("/cong-viec/<int:job_id>")
@allowed("analyst")
def job(job_id: int):
    shown = stored_jobs.by_id(job_id)
    ended = shown.state in ("done", "failed")
    run_id = shown.arguments.get("run_id")
    if shown.kind == "score" and shown.state == "done":
        run_id = scores.newest_run_id(shown.arguments["campaign_code"])
    page = render_template("results/job.html", job=shown, ended=ended, run_id=run_id, kinds=JOB_KINDS, states=JOB_STATES)
    # without JavaScript the page looks again by itself until the work has ended
    return page if ended else (page, {"Refresh": "3"})
