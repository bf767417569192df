"""The life of a job's row: made, running, advanced, ended. Each step is committed at once, so that it can be watched."""

from datetime import UTC, datetime

from sqlalchemy import update

from surveyapp.extensions import db
from surveyapp.models import Job


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def make(kind: str, arguments: dict, account_id: int | None) -> Job:
    session = db.writing()
    job = Job(kind=kind, arguments=arguments, account_id=account_id, made_at=now())
    session.add(job)
    session.commit()
    return job


def claim(job_id: int) -> Job | None:
    """The job, now running; None where it was claimed or ended before."""
    with db.own_session() as session:
        claimed = session.execute(
            update(Job).where(Job.id == job_id, Job.state == "waiting").values(state="running", message="Đang thực hiện…")
        )
        job = session.get(Job, job_id) if claimed.rowcount else None
        session.commit()
        return job


def advance(job_id: int, done: int, total: int, message: str) -> None:
    with db.own_session() as session:
        session.execute(update(Job).where(Job.id == job_id).values(done=min(done, total), total=total, message=message))
        session.commit()


def end(job_id: int, state: str, message: str, result_file: str | None = None) -> None:
    db.session.rollback()  # work that broke off half-way must not keep SQLite's write lock from this very step
    with db.own_session() as session:
        session.execute(
            update(Job).where(Job.id == job_id).values(state=state, message=message, result_file=result_file, ended_at=now())
        )
        if state == "done":
            session.execute(update(Job).where(Job.id == job_id).values(done=Job.total))
        session.commit()


def fail_interrupted() -> None:
    """At the worker's start nothing can be running: what claims to be was cut off."""
    with db.own_session() as session:
        session.execute(
            update(Job).where(Job.state == "running").values(
                state="failed", message="Máy chủ đã dừng giữa chừng. Hãy thực hiện lại.", ended_at=now()
            )
        )
        session.commit()
