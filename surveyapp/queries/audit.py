"""What the staff did, newest first."""

from collections.abc import Sequence

from sqlalchemy import Row, select

from surveyapp.extensions import db
from surveyapp.models import Account, AuditEntry


def latest(limit: int = 200) -> Sequence[Row]:
    """Rows of at, action, subject, display_name (None where no account did it)."""
    return db.session.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.subject, Account.display_name)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .order_by(AuditEntry.id.desc()).limit(limit)).all()
