"""What a browser does with the pages of a draft, over HTTP."""

import re

from surveyapp.extensions import db
from surveyapp.models import QuestionnaireVersion
from surveyapp.queries import drafts as stored
from tests.surveyapp.staff_client import StaffClient


def signed_in(app, name: str) -> StaffClient:
    client = StaffClient(app)
    assert client.sign_in(name).status_code == 302
    return client


def form_of(app, path: str):
    with app.app_context():
        return stored.parsed(stored.draft(int(path.rsplit("/", 1)[1])).document)


def revision(client, page: str) -> str:
    return re.search(r'name="revision" value="(\d+)"', client.get(page))[1]


def fields_of(page: str) -> dict[str, list[str]]:
    """What a browser would post of the form with the save button, as it stands."""
    found: dict[str, list[str]] = {}
    inside = re.search(r"<form[^>]*data-autosave.*?</form>", page, re.S)[0]
    for tag in re.findall(r"<input[^>]*>", inside):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checked" in tag or not re.search(r'type="(radio|checkbox)"', tag)):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', inside, re.S):
        found.setdefault(name, []).append(text)
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', inside, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found.setdefault(name, []).append(chosen[1])
    return found


def send(client, path: str, page: str, status: int = 302, **changes) -> str:
    """The form of a page, as it stands but for these changes (None: not posted)."""
    fields = fields_of(client.get(page)) | changes
    answer = client.http.post(path, data={name: value for name, value in fields.items() if value is not None})
    assert answer.status_code == status, answer.get_data(as_text=True)[-1500:]
    return answer.get_data(as_text=True)


def follow(client, path: str, form_page: str, **fields) -> str:
    client.post(path, form_page, 302, **fields)
    return client.get(form_page)


def state_of(page: str) -> str:
    return (re.search(r'name="_state" value="([^"]*)"', page) or ["", ""])[1]


def version_of(app, form_id: str) -> str:
    with app.app_context():
        return str(db.session.query(QuestionnaireVersion).filter_by(form_id=form_id).one().id)
