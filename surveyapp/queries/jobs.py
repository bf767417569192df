"""Reads of background work."""

from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.models import Job


def by_id(job_id: int) -> Job:
    job = db.session.get(Job, job_id, populate_existing=True)
    if job is None:
        raise NotFound(f"Không có công việc số {job_id}.")
    return job
