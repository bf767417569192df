"""The citizens' questionnaire that is shipped, made from an empty page, approved by a second person, answered on a phone."""

import pytest
from playwright.sync_api import expect

from questionnaires import document, library
from surveyapp.extensions import db
from surveyapp.models import QuestionnaireVersion
from surveyapp.services import accounts
from tests import factories
from tests.browser.conftest import PHONE, answer_all, press, served
from tests.browser.designing import Designer
from tests.surveyapp.staff_client import PASSWORD, make_staff


@pytest.fixture(scope="module")
def server(sqlite_template, tmp_path_factory):
    def fill() -> None:
        factories.province(forms=())
        make_staff()
        accounts.create_account("second", "Người thứ hai", "designer", PASSWORD)

    with served(sqlite_template, tmp_path_factory.mktemp("whole"), fill) as server:
        yield server


def test_the_shipped_questionnaire_from_an_empty_page_to_an_answer(browser, sign_in, server):
    wanted = document.load(library.shipped()["citizen"], "citizen.yaml")
    page = sign_in("designer", java_script_enabled=False)
    Designer(page, wanted).build()
    press(page.get_by_role("link", name="Duyệt", exact=True))
    expect(page.get_by_text("không còn lỗi")).to_be_visible()
    press(page.get_by_role("button", name="Gửi duyệt"))

    second = sign_in("second", java_script_enabled=False)
    second.goto(page.url)
    press(second.get_by_role("button", name="Duyệt và phát hành"))

    with server.app.app_context():
        published = db.session.query(QuestionnaireVersion).one()
        made = document.load(published.document.encode(), "citizen.yaml")
        assert document.dump(made) == document.dump(wanted)
        assert made == wanted
        factories.campaign_asking([published], "TOANBO")

    phone = browser.new_context(viewport=PHONE, base_url=server.url, java_script_enabled=False).new_page()
    phone.goto("/k/TOANBO/citizen?unit=SNV")
    phone.get_by_label("Tôi đồng ý").check()
    press(phone.get_by_role("button", name="Tiếp tục"))
    phone.fill("#a-visits", "101")
    press(phone.get_by_role("button", name="Tiếp tục"))
    expect(phone.locator(".error-summary")).to_contain_text(wanted.question("visits").constraint_message.in_language("vi"))
    assert answer_all(phone) == len(wanted.pages)
    press(phone.get_by_role("button", name="Gửi phiếu"))
    expect(phone.locator(".code-box")).to_have_count(1)
    phone.context.close()
