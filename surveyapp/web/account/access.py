"""Who is at the keyboard, and who may open which page."""

import hashlib
from collections.abc import Callable
from functools import wraps

from flask import abort, current_app
from flask_login import LoginManager, UserMixin, current_user

from surveyapp.extensions import db
from surveyapp.models import Account

#: how a role is called on screen
ROLE_NAMES = {"designer": "Thiết kế", "analyst": "Phân tích", "administrator": "Quản trị"}


class StaffMember(UserMixin):
    """The account behind a session. Its identity holds a mark of the password: a new password ends all older sessions."""

    def __init__(self, account: Account):
        self.account_id = account.id
        self.username = account.username
        self.display_name = account.display_name
        self.role = account.role
        self._identity = f"{account.id}.{_password_mark(account)}"

    @property
    def id(self) -> int:
        return self.account_id

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.role]

    def get_id(self) -> str:
        return self._identity

    def may(self, *roles: str) -> bool:
        """An administrator may do everything."""
        return self.role == "administrator" or self.role in roles


def allowed(*roles: str) -> Callable:
    """Let in staff of these roles and administrators; others get 403, those who have not signed in the sign-in page.

    Without roles every member of staff is let in.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(*args, **kwargs):
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()
            if roles and not current_user.may(*roles):
                abort(403)
            return view(*args, **kwargs)

        guarded.allowed_roles = roles
        return guarded

    return decorate


def init_login(login: LoginManager) -> None:
    login.login_view = "account.sign_in"
    login.login_message = None
    login.session_protection = "basic"
    login.user_loader(_load)


def _load(identity: str) -> StaffMember | None:
    number, _, mark = identity.partition(".")
    account = db.session.get(Account, int(number)) if number.isascii() and number.isdigit() else None
    if account is None or not account.active or mark != _password_mark(account):
        return None
    return StaffMember(account)


def _password_mark(account: Account) -> str:
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]
