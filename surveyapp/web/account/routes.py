"""Sign in, sign out, one's own password; accounts for administrators."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user

from documents.faults import Fault, Faults
from surveyapp.errors import LoginThrottled, Refused
from surveyapp.queries import accounts as stored
from surveyapp.queries import audit as log
from surveyapp.services import accounts, audit
from surveyapp.web.account import pages
from surveyapp.web.account.access import ROLE_NAMES, StaffMember, allowed
from surveyapp.web.account.forms import AccountForm, OwnPasswordForm, ResetPasswordForm, RoleForm, SignInForm

WRONG = Fault("Đăng nhập", "Tên đăng nhập hoặc mật khẩu không đúng.", "Kiểm tra phím Caps Lock, bộ gõ tiếng Việt rồi nhập lại.")


@pages.route("/dang-nhap", methods=["GET", "POST"])
def sign_in():
    if current_user.is_authenticated:
        return redirect(_home())
    form = SignInForm()
    if not form.is_submitted():
        return _sign_in_page(form)
    username, password = form.username.data or "", form.password.data or ""
    try:
        account = accounts.authenticate(username, password, _now())
    except LoginThrottled as refusal:
        return _sign_in_page(form, [Fault("Đăng nhập", str(refusal), "Nếu quên mật khẩu, liên hệ người quản trị.")], 429)
    if account is None:
        return _sign_in_page(form, [WRONG], 401)
    session.clear()  # nothing that was in the visitor's cookie before goes over into the staff session
    session.permanent = True
    login_user(StaffMember(account))
    audit.record(account.id, "login", account.username)
    return redirect(safe_path(request.args.get("next")) or _home())


@pages.post("/dang-xuat")
@allowed()
def sign_out():
    audit.record(current_user.id, "logout", current_user.username)
    logout_user()
    session.clear()
    return redirect(url_for("account.sign_in"))


@pages.get("/tai-khoan")
@allowed()
def own():
    return render_template("account/own.html", form=OwnPasswordForm(), faults=())


@pages.post("/tai-khoan/mat-khau")
@allowed()
def change_password():
    form = OwnPasswordForm()
    try:
        if form.new.data != form.repeated.data:
            raise Faults([Fault("Nhập lại mật khẩu mới", "Hai lần nhập mật khẩu mới không giống nhau.", "Nhập lại cả hai ô.")])
        accounts.change_own_password(current_user.id, form.present.data or "", form.new.data or "", _now())
    except Faults as refusal:
        return render_template("account/own.html", form=form, faults=refusal.faults), 422
    except LoginThrottled as refusal:
        fault = Fault("Mật khẩu hiện tại", str(refusal), "Nếu quên mật khẩu, liên hệ người quản trị.")
        return render_template("account/own.html", form=form, faults=[fault]), 429
    audit.record(current_user.id, "change_password", current_user.username)
    session.clear()
    session.permanent = True
    login_user(StaffMember(stored.by_id(current_user.id)))
    flash("Đã đổi mật khẩu. Các phiên đăng nhập khác của tài khoản này đã kết thúc.", "success")
    return redirect(url_for("account.own"))


@pages.get("/tai-khoan/quan-ly")
@allowed("administrator")
def manage():
    return _manage_page(AccountForm())


@pages.post("/tai-khoan/quan-ly")
@allowed("administrator")
def create():
    form = AccountForm()
    try:
        account = accounts.create_account(form.username.data or "", form.display_name.data or "", form.role.data or "",
                                          form.password.data or "")
    except Faults as refusal:
        return _manage_page(form, refusal.faults)
    audit.record(current_user.id, "create_account", f"{account.username} ({account.role})")
    flash(f"Đã tạo tài khoản {account.username}.", "success")
    return redirect(url_for("account.manage"))


@pages.get("/tai-khoan/quan-ly/<int(max=2147483647):account_id>")
@allowed("administrator")
def one(account_id: int):
    return _one_page(account_id)


@pages.post("/tai-khoan/quan-ly/<int(max=2147483647):account_id>/vai-tro")
@allowed("administrator")
def change_role(account_id: int):
    role = RoleForm().role.data or ""
    return _changed(account_id, "change_role", lambda: accounts.change_role(account_id, role), f" → {role}")


@pages.post("/tai-khoan/quan-ly/<int(max=2147483647):account_id>/khoa")
@allowed("administrator")
def deactivate(account_id: int):
    return _changed(account_id, "deactivate_account", lambda: accounts.set_active(account_id, False))


@pages.post("/tai-khoan/quan-ly/<int(max=2147483647):account_id>/mo-lai")
@allowed("administrator")
def activate(account_id: int):
    return _changed(account_id, "activate_account", lambda: accounts.set_active(account_id, True))


@pages.post("/tai-khoan/quan-ly/<int(max=2147483647):account_id>/mat-khau")
@allowed("administrator")
def reset_password(account_id: int):
    password = ResetPasswordForm().password.data or ""
    return _changed(account_id, "reset_password", lambda: accounts.reset_password(account_id, password))


@pages.get("/tai-khoan/nhat-ky")
@allowed("administrator")
def audit_log():
    return render_template("account/audit.html", entries=log.latest(), actions=audit.ACTIONS)


def _changed(account_id: int, action: str, change, detail: str = ""):
    account = stored.by_id(account_id)
    try:
        change()
    except Faults as refusal:
        return _one_page(account_id, refusal.faults)
    except Refused as refusal:
        return _one_page(account_id, [Fault(account.display_name, str(refusal), "Sau đó làm lại việc này.")])
    audit.record(current_user.id, action, account.username + detail)
    flash(f"{audit.ACTIONS[action]}: {account.username}.", "success")
    return redirect(url_for("account.one", account_id=account_id))


def _sign_in_page(form: SignInForm, faults=(), status: int = 200):
    page = render_template("account/sign_in.html", form=form, faults=faults, next=safe_path(request.args.get("next")))
    return page, status


def _manage_page(form: AccountForm, faults=()):
    page = render_template("account/manage.html", accounts=stored.all_accounts(), form=form, faults=faults,
                           role_names=ROLE_NAMES)
    return page, 422 if faults else 200


def _one_page(account_id: int, faults=()):
    account = stored.by_id(account_id)
    page = render_template("account/one.html", account=account, role_form=RoleForm(role=account.role),
                           password_form=ResetPasswordForm(), faults=faults, role_names=ROLE_NAMES)
    return page, 422 if faults else 200


def _home() -> str:
    return url_for({"designer": "design.index", "analyst": "results.index"}.get(current_user.role, "fieldwork.index"))


def safe_path(target: str | None) -> str | None:
    """`target` when it is a path on this site, else None: a sign-in page must not send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or not target.isprintable():
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
