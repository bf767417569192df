"""Signing in and out over HTTP: sessions, throttle, CSRF, where `next` may lead, who may see the account pages."""

import pytest

from surveyapp.services import accounts
from surveyapp.web.account.routes import safe_path
from tests.surveyapp.staff_client import PASSWORD, StaffClient, make_staff


@pytest.fixture
def staff(app):
    with app.app_context():
        return make_staff()


@pytest.fixture
def client(app, staff):
    return StaffClient(app)


def test_signing_in_opens_the_role_s_first_page_and_signing_out_closes_it(client):
    assert client.sign_in("designer").headers["Location"] == "/thiet-ke/"
    client.get("/tai-khoan")
    client.post("/dang-xuat", "/tai-khoan")
    assert client.http.get("/tai-khoan").headers["Location"].startswith("/dang-nhap?next=")


def test_the_answer_does_not_say_whether_the_name_exists(client):
    known = client.sign_in("designer", "sai mật khẩu rồi")
    unknown = client.sign_in("nobody", "sai mật khẩu rồi")
    assert (known.status_code, unknown.status_code) == (401, 401)
    assert _without_tokens(known) == _without_tokens(unknown).replace("nobody", "designer")


def test_the_sixth_try_is_refused_even_with_the_right_password(client):
    for _ in range(5):
        client.sign_in("analyst", "sai mật khẩu rồi")
    assert client.sign_in("analyst").status_code == 429
    assert "sau 15 phút" in client.sign_in("analyst").get_data(as_text=True)
    assert client.sign_in("designer").status_code == 302


def test_a_session_begun_before_signing_in_is_not_carried_over(client):
    """Someone who planted a cookie in the visitor's browser learns nothing: what was in it is gone, the token is new."""
    with client.http.session_transaction() as session:
        session["planted"] = "x"
    before = client.token("/dang-nhap")
    client.sign_in("designer")
    with client.http.session_transaction() as session:
        assert "planted" not in session
    assert client.token("/tai-khoan") != before


def test_a_cookie_kept_from_before_a_new_password_or_a_lock_opens_nothing(client, staff):
    client.sign_in("designer")
    with client.app.app_context():
        accounts.reset_password(staff["designer"], "mật khẩu khác hẳn")
    assert client.http.get("/thiet-ke/").status_code == 302
    client.sign_in("analyst")
    with client.app.app_context():
        accounts.set_active(staff["analyst"], False)
    assert client.http.get("/tai-khoan").status_code == 302


def test_posting_without_the_token_changes_nothing(client):
    assert client.http.post("/dang-nhap", data={"username": "designer", "password": PASSWORD}).status_code == 400
    client.sign_in("administrator")
    answer = client.http.post("/tai-khoan/quan-ly", data={"username": "evil", "role": "administrator", "password": PASSWORD})
    assert answer.status_code == 400
    assert "evil" not in client.get("/tai-khoan/quan-ly")


@pytest.mark.parametrize(("target", "followed"), [
    ("/dot-dieu-tra/", "/dot-dieu-tra/"), ("/tai-khoan?a=b", "/tai-khoan?a=b"), ("https://evil.example/", None),
    ("//evil.example/", None), ("/\\evil.example", None), ("javascript:alert(1)", None), ("/\t/evil.example", None), ("", None),
])
def test_next_leads_only_to_paths_of_this_site(target, followed):
    assert safe_path(target) == followed


def test_next_is_followed_after_signing_in(client):
    answer = client.sign_in("administrator", path="/dang-nhap?next=/tai-khoan/nhat-ky")
    assert answer.headers["Location"] == "/tai-khoan/nhat-ky"
    other = StaffClient(client.app)
    assert other.sign_in("administrator", path="/dang-nhap?next=//evil.example").headers["Location"] == "/dot-dieu-tra/"


def test_only_administrators_manage_accounts(client, staff):
    paths = ["/tai-khoan/quan-ly", f"/tai-khoan/quan-ly/{staff['designer']}", "/tai-khoan/nhat-ky"]
    for role, status in (("designer", 403), ("analyst", 403), ("administrator", 200)):
        own = StaffClient(client.app)
        own.sign_in(role)
        own.get("/tai-khoan")
        for path in paths:
            own.get(path, status)


def test_an_administrator_makes_changes_and_locks_an_account(client, staff):
    client.sign_in("administrator")
    page = "/tai-khoan/quan-ly"
    refused = client.post(page, page, 422, username="x", display_name="<b>Lan</b>", role="analyst", password="ngắn")
    assert "&lt;b&gt;Lan&lt;/b&gt;" in refused
    assert "<b>Lan" not in refused
    client.post(page, page, username="lan", display_name="<b>Lan</b>", role="analyst", password=PASSWORD)
    one = f"{page}/{staff['designer']}"
    client.post(f"{one}/vai-tro", one, role="analyst")
    client.post(f"{one}/mat-khau", one, password="mật khẩu khác hẳn")
    client.post(f"{one}/khoa", one)
    assert "Đã khóa" in client.get(one)
    client.post(f"{one}/mo-lai", one)
    own = f"{page}/{staff['administrator']}"
    assert "tài khoản quản trị duy nhất" in client.post(f"{own}/khoa", own, 422)
    log = client.get("/tai-khoan/nhat-ky")
    for act in ("Đăng nhập", "Tạo tài khoản", "Đổi vai trò", "Đặt lại mật khẩu", "Khóa tài khoản"):
        assert act in log


def test_changing_one_s_own_password(client):
    client.sign_in("analyst")
    url, page = "/tai-khoan/mat-khau", "/tai-khoan"
    assert "không giống nhau" in client.post(url, page, 422, present=PASSWORD, new="mật khẩu mới toanh", repeated="khác")
    assert "không đúng" in client.post(url, page, 422, present="sai", new="mật khẩu mới toanh", repeated="mật khẩu mới toanh")
    client.post(url, page, present=PASSWORD, new="mật khẩu mới toanh", repeated="mật khẩu mới toanh")
    client.get("/tai-khoan")
    assert StaffClient(client.app).sign_in("analyst", "mật khẩu mới toanh").status_code == 302


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "a\x00b", "é" * 100_000, "' OR 1=1 --", "=1+1"])
def test_hostile_names_and_passwords_are_simply_wrong(client, hostile):
    assert client.sign_in(hostile, hostile).status_code == 401


def _without_tokens(answer) -> str:
    text = answer.get_data(as_text=True)
    return "".join(part for part in text.split('"') if not part.startswith("Ij") and "." not in part)
