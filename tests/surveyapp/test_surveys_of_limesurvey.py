"""Surveys of LimeSurvey by command and by the designer's pages: always through the draft, on the same path as workbooks."""

import re

import pytest

from questionnaires import document
from questionnaires.model import CONSENT_PARTS
from surveyapp.services import workbooks
from tests.questionnaires.limesurvey.survey_builder import Q, survey
from tests.surveyapp.staff_client import StaffClient, make_staff

SURVEY = survey(
    [
        Q("received", "Y", "<p>Đã nhận kết quả chưa?</p>", mandatory="Y"),
        Q("visits", "N", "Mấy lần?", relevance='received == "Y"', attributes={"prefix": "lần\n# x: y"}),
        Q("again", "S", "Góp ý?", relevance="rand() > 1"),
    ]
)


def completed(draft: str) -> str:
    """What a designer writes into a draft."""
    for part in CONSENT_PARTS:
        draft = draft.replace(f"  {part}: {{}}", f"  {part}: {{vi: Chữ}}")
    return draft


def test_a_draft_says_above_what_did_not_come_along_and_goes_in_when_completed(surveyapp, tmp_path):
    file, draft = tmp_path / "ks.lss", tmp_path / "nhap.yaml"
    file.write_bytes(SURVEY)
    code, out, err = surveyapp("check", "questionnaire", "--draft", draft, file)
    assert code == 1
    assert out == f"Đã ghi bản nháp vào {draft}.\n"
    assert "ks.lss, phần chung (consent.controller)" in err
    assert "viết phần này vào bản nháp" in err
    written = draft.read_text()
    above = [line for line in written.splitlines() if line.startswith("#")]
    assert "# Bỏ: ks.lss, câu visits: Thuộc tính không được đưa vào: chữ trước ô (prefix) = “lần # x: y”." in above
    assert any(line.startswith("# Bỏ: ks.lss, câu again: Không chuyển được điều kiện “rand() > 1”") for line in above)
    assert surveyapp("import", "questionnaire", file)[0] == 1
    draft.write_text(completed(written))
    code, out, err = surveyapp("import", "questionnaire", draft)
    assert (code, out, err) == (0, "Xong: phiếu survey_123456, phiên bản 1.\n", "")


def test_other_files_of_limesurvey_are_refused_in_words(surveyapp, tmp_path):
    file = tmp_path / "ks.lsa"
    file.write_bytes(b"PK\x03\x04 rubbish")
    code, _, err = surveyapp("check", "questionnaire", file)
    assert code == 1
    assert "tệp lưu trữ (.lsa) của LimeSurvey" in err
    assert not (tmp_path / "x.yaml").exists()
    assert surveyapp("check", "questionnaire", "--draft", tmp_path / "x.yaml", file)[0] == 1
    assert not (tmp_path / "x.yaml").exists()


def test_a_document_of_ours_is_its_own_draft():
    made = completed(workbooks.as_draft(SURVEY, "ks.lss").decode()).encode()
    assert workbooks.as_draft(made, "ks.yaml") == made
    assert document.load(made, "ks.yaml").question("visits").relevant == "${received} = 'Y'"


@pytest.fixture
def designer(app):
    with app.app_context():
        make_staff()
    client = StaffClient(app)
    client.sign_in("designer")
    return client


def test_the_page_makes_a_draft_and_says_what_did_not_come_along(designer):
    refused = designer.post("/thiet-ke/phieu", "/thiet-ke/", 422, file=(SURVEY, "ks.lss"), luu="1")
    assert "phần chung (consent.controller)" in refused
    assert "soạn phiếu trên trang, bắt đầu từ tệp" in refused
    assert re.search(r'accept="[^"]*\.lss', refused)
    designer.post("/thiet-ke/nhap/", "/thiet-ke/nhap/", file=(SURVEY, "ks.lss"), cach="tep")
    shown = designer.get("/thiet-ke/nhap/1/tu-tep")
    assert "Đã tạo bản nháp." in shown
    assert "ks.lss, câu visits" in shown
    assert "chữ trước ô (prefix)" in shown
    (link,) = re.findall(r'class="button" href="(/thiet-ke/nhap/\d+)"', shown)
    assert "Khảo sát" in designer.get(link)
    assert 'href="/thiet-ke/nhap/1/tu-tep"' in designer.get(link), "still there when the work goes on"
    bad = designer.post("/thiet-ke/nhap/", "/thiet-ke/nhap/", 422, file=(b"<x", "hong.lss"), cach="tep")
    assert "Tệp không phải XML đọc được" in bad
