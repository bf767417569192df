"""A browser of our own for staff pages: keeps cookies, sends the page's CSRF token, looks at every page it gets."""

import io
import re

from surveyapp.services import accounts

PASSWORD = "con trâu đi cày ruộng"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def make_staff() -> dict[str, int]:
    """An account for each role; the user name is the role."""
    return {role: accounts.create_account(role, f"Người {role}", role, PASSWORD).id
            for role in ("designer", "analyst", "administrator")}


class StaffClient:
    def __init__(self, app):
        self.app = app
        self.http = app.test_client()

    def sign_in(self, username: str, password: str = PASSWORD, path: str = "/dang-nhap"):
        return self.http.post(path, data={"username": username, "password": password, "csrf_token": self.token(path)})

    def get(self, path: str, status: int = 200) -> str:
        answer = self.http.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        text = answer.get_data(as_text=True)
        if answer.mimetype == "text/html" and status == 200:
            look_at(path, text, answer)
        return text

    def token(self, path: str) -> str:
        found = TOKEN.search(self.http.get(path).get_data(as_text=True))
        assert found, f"no form on {path}"
        return found[1]

    def post(self, path: str, form_page: str, status: int = 302, file: tuple[bytes, str] | None = None, **fields) -> str:
        data = fields | {"csrf_token": self.token(form_page)}
        if file:
            data["file"] = (io.BytesIO(file[0]), file[1])
        answer = self.http.post(path, data=data, content_type="multipart/form-data" if file else None)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.get_data(as_text=True)[-1500:]}"
        return answer.get_data(as_text=True)


def look_at(path: str, text: str, answer) -> None:
    assert text.count("<h1") == 1, path
    identities = re.findall(r'\sid="([^"]+)"', text)
    assert len(identities) == len(set(identities)), f"{path}: {sorted(i for i in identities if identities.count(i) > 1)}"
    assert "Content-Security-Policy" in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", text), path
    for field in re.findall(r'<(?:input|select|textarea)(?![^>]*type="(?:hidden|radio|checkbox)")[^>]*\sid="([^"]+)"', text):
        assert f'for="{field}"' in text, f"{path}: field {field} has no label"
