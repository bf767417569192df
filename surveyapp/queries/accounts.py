"""Named reads of staff accounts and of failed logins."""

from datetime import datetime

from sqlalchemy import func, select

from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.formatters import collation_key
from surveyapp.models import Account, LoginFailure


def by_id(account_id: int) -> Account:
    account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound(f"Không có tài khoản số {account_id}.")
    return account


def by_username(username: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.username == username))


def all_accounts() -> list[Account]:
    """Active ones first, then by the name that people read."""
    return sorted(db.session.scalars(select(Account)),
                  key=lambda account: (not account.active, collation_key(account.display_name)))


def active_administrators() -> int:
    chosen = select(func.count()).select_from(Account).where(Account.role == "administrator", Account.active)
    return db.session.scalar(chosen)


def failures_since(who_hash: str, since: datetime) -> int:
    chosen = select(func.count()).select_from(LoginFailure)
    return db.session.scalar(chosen.where(LoginFailure.who_hash == who_hash, LoginFailure.at > since))
