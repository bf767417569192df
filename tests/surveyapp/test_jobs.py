"""Background work: queued at once, done by the worker, watched by its row, and never left hanging."""

import pytest

from documents.faults import Fault, Faults
from surveyapp import jobs
from surveyapp.queries import jobs as job_rows
from surveyapp.services import progress


@pytest.fixture
def kind(monkeypatch):
    """Registers a kind of job for this test: kind(function) -> its name."""

    def register(function):
        monkeypatch.setitem(jobs.KINDS, "probe", function)
        return "probe"

    return register


def test_a_job_waits_until_the_worker_does_it(app_context, kind):
    seen = []
    job = jobs.start(kind(lambda job, report: seen.append(job.arguments)), {"run_id": 7}, None)
    assert (job.state, seen) == ("waiting", [])
    assert jobs.work_off(app_context) == 1
    done = job_rows.by_id(job.id)
    assert (done.state, done.done, done.total, seen) == ("done", 1, 1, [{"run_id": 7}])
    assert done.ended_at is not None


def test_progress_is_seen_while_the_work_goes_on(app_context, kind):
    def work(job, report):
        report(3, 10, "Đang lập báo cáo 3/10…")
        row = job_rows.by_id(job.id)
        assert (row.state, row.done, row.total, row.message) == ("running", 3, 10, "Đang lập báo cáo 3/10…")

    job = jobs.start(kind(work), {}, None)
    jobs.work_off(app_context)
    assert job_rows.by_id(job.id).state == "done"


def test_faults_reach_the_person_and_a_crash_gives_no_traceback(app_context, kind):
    def faulty(job, report):
        raise Faults([Fault("khung.yaml, dòng 3", "Sai.", "Sửa.")])

    def crash(job, report):
        raise ZeroDivisionError("secret detail")

    first = jobs.start(kind(faulty), {}, None)
    jobs.work_off(app_context)
    assert "khung.yaml, dòng 3" in job_rows.by_id(first.id).message
    second = jobs.start(kind(crash), {}, None)
    jobs.work_off(app_context)
    row = job_rows.by_id(second.id)
    assert row.state == "failed"
    assert "secret" not in row.message


def test_a_job_is_done_once_only(app_context, kind):
    count = []
    job = jobs.start(kind(lambda job, report: count.append(1)), {}, None)
    jobs.work_off(app_context)
    jobs.perform(job.id)
    assert count == [1]


def test_work_that_was_cut_off_is_marked_at_the_next_start(app_context, kind):
    job = jobs.start(kind(lambda job, report: None), {}, None)
    assert progress.claim(job.id) is not None
    progress.fail_interrupted()
    row = job_rows.by_id(job.id)
    assert row.state == "failed"
    assert "Hãy thực hiện lại" in row.message


def test_an_unknown_kind_is_refused(app_context):
    with pytest.raises(ValueError, match="unknown kind"):
        jobs.start("nothing", {}, None)
