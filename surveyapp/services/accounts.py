"""Staff accounts: making them, checking a password, slowing down those who guess."""

import hashlib
import hmac
import re
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from sqlalchemy import delete, func, select

from documents.faults import FaultList
from surveyapp.errors import LoginThrottled, Refused
from surveyapp.extensions import db
from surveyapp.models import Account, LoginFailure
from surveyapp.models.accounts import ROLES
from surveyapp.queries import accounts as stored

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
PASSWORD_LENGTH = 12
#: a longer one only makes the server work
PASSWORD_LIMIT = 200


def create_account(username: str, display_name: str, role: str, password: str) -> Account:
    """A new active account. Raises Faults for a name in use, an unknown role, a short password."""
    username, display_name = username.strip().casefold(), display_name.strip()
    faults = FaultList()
    if not USERNAME.fullmatch(username):
        faults.add("Tên đăng nhập", "Tên đăng nhập không đúng dạng.",
                   "Dùng 3 đến 40 ký tự: chữ thường không dấu, chữ số, dấu chấm, gạch nối; bắt đầu bằng chữ hoặc số.")
    if not display_name or len(display_name) > 200 or not display_name.isprintable():
        faults.add("Họ tên", "Họ tên trống, quá dài hoặc có ký tự không in được.", "Nhập họ tên, tối đa 200 ký tự.")
    _check_role(role, faults)
    _check_password(password, username, faults)
    faults.refuse_if_any()
    password_hash = _hasher().hash(password)
    session = db.writing()
    if stored.by_username(username) is not None:
        session.rollback()
        faults.add("Tên đăng nhập", f"Tên đăng nhập “{username}” đã có người dùng.", "Chọn tên khác.")
    faults.refuse_if_any()
    account = Account(username=username, display_name=display_name, role=role, password_hash=password_hash, active=True)
    session.add(account)
    session.commit()
    return account


def authenticate(username: str, password: str, now: datetime) -> Account | None:
    """The account whose name and password these are, else None: which of the two was wrong is not told.

    Every attempt counts as failed until it has succeeded, and is stored before the password is looked at, so that many
    attempts at once cannot slip through together. Raises LoginThrottled.
    """
    username = username.strip().casefold()
    _count_attempt(username, now)
    account = stored.by_username(username) if USERNAME.fullmatch(username) else None
    known = account is not None and account.active
    matches = _verify(account.password_hash if known else _decoy(), password)
    if not (known and matches):
        return None
    session = db.writing()
    session.execute(delete(LoginFailure).where(LoginFailure.who_hash == _who_hash(username)))
    if _hasher().check_needs_rehash(account.password_hash):
        session.get(Account, account.id).password_hash = _hasher().hash(password)
    session.commit()
    return account


def change_own_password(account_id: int, present: str, new: str, now: datetime) -> None:
    """Raises Faults when the present password is wrong (throttled like a login) or the new one is too weak."""
    account = stored.by_id(account_id)
    faults = FaultList()
    if authenticate(account.username, present, now) is None:
        faults.add("Mật khẩu hiện tại", "Mật khẩu hiện tại không đúng.", "Nhập lại mật khẩu đang dùng.")
    _check_password(new, account.username, faults)
    faults.refuse_if_any()
    _set_password(account_id, new)


def reset_password(account_id: int, new: str) -> None:
    """Sessions begun with the old password end; a name locked by failures is free again."""
    account = stored.by_id(account_id)
    faults = FaultList()
    _check_password(new, account.username, faults)
    faults.refuse_if_any()
    _set_password(account_id, new)


def change_role(account_id: int, role: str) -> None:
    faults = FaultList()
    _check_role(role, faults)
    faults.refuse_if_any()
    session = db.writing()
    account = stored.by_id(account_id)
    if role != "administrator":
        _keep_one_administrator(account)
    account.role = role
    session.commit()


def set_active(account_id: int, active: bool) -> None:
    session = db.writing()
    account = stored.by_id(account_id)
    if not active:
        _keep_one_administrator(account)
    account.active = active
    session.commit()


def _keep_one_administrator(account: Account) -> None:
    if account.role == "administrator" and account.active and stored.active_administrators() == 1:
        db.session.rollback()
        raise Refused("Đây là tài khoản quản trị duy nhất đang hoạt động. Tạo một tài khoản quản trị khác trước.")


def _set_password(account_id: int, new: str) -> None:
    password_hash = _hasher().hash(new)
    session = db.writing()
    account = stored.by_id(account_id)
    account.password_hash = password_hash
    session.execute(delete(LoginFailure).where(LoginFailure.who_hash == _who_hash(account.username)))
    session.commit()


def _check_role(role: str, faults: FaultList) -> None:
    if role not in ROLES:
        faults.add("Vai trò", f"Không có vai trò “{role[:40]}”.", f"Chọn một trong: {', '.join(ROLES)}.")


def _check_password(password: str, username: str, faults: FaultList) -> None:
    if len(password) < PASSWORD_LENGTH:
        faults.add("Mật khẩu", f"Mật khẩu ngắn hơn {PASSWORD_LENGTH} ký tự.",
                   f"Dùng ít nhất {PASSWORD_LENGTH} ký tự, ví dụ bốn từ bất kỳ ghép lại.")
    elif len(password) > PASSWORD_LIMIT:
        faults.add("Mật khẩu", f"Mật khẩu dài hơn {PASSWORD_LIMIT} ký tự.", f"Dùng tối đa {PASSWORD_LIMIT} ký tự.")
    elif len(set(password)) < 5 or password.casefold() in (username, username * 2, username * 3):
        faults.add("Mật khẩu", "Mật khẩu quá dễ đoán.", "Dùng nhiều ký tự khác nhau, không dùng tên đăng nhập.")


def _hasher() -> PasswordHasher:
    return PasswordHasher(**current_app.config["ARGON2"])


def _decoy() -> str:
    """A hash that no password fits, made once a process: an unknown name costs as much work as a known one."""
    extensions = current_app.extensions
    if "surveyapp_decoy_hash" not in extensions:
        extensions["surveyapp_decoy_hash"] = _hasher().hash(current_app.config["SECRET_KEY"] + ":nobody")
    return extensions["surveyapp_decoy_hash"]


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password[:PASSWORD_LIMIT])
    except (VerificationError, InvalidHashError):
        return False


def _count_attempt(username: str, now: datetime) -> None:
    who_hash, window = _who_hash(username), current_app.config["LOGIN_WINDOW"]
    session = db.writing()
    if session.get_bind().dialect.name == "postgresql":
        # two attempts under one name wait for each other; SQLite's write lock does the same
        session.execute(select(func.pg_advisory_xact_lock(int(who_hash[:15], 16))))
    session.execute(delete(LoginFailure).where(LoginFailure.at <= now - window))
    if stored.failures_since(who_hash, now - window) >= current_app.config["LOGIN_FAILURES_ALLOWED"]:
        session.commit()
        minutes = int(window.total_seconds() // 60)
        raise LoginThrottled(f"Đăng nhập sai quá nhiều lần. Vui lòng thử lại sau {minutes} phút.")
    session.add(LoginFailure(who_hash=who_hash, at=now))
    session.commit()


def _who_hash(username: str) -> str:
    """Keyed, since people type passwords into the name field."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, b"login:" + username.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
