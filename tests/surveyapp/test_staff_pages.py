"""Pages for designing and fieldwork over HTTP: who may see them, what they take in, what they refuse."""

import csv
import io
import re
from datetime import date
from importlib import resources

import pytest

from questionnaires import document
from questionnaires.model import Questionnaire
from surveyapp.extensions import db
from surveyapp.models import FrameworkDocument, Invitation, QuestionnaireVersion, Response
from surveyapp.services import campaigns, library, questionnaires, samples, units
from tests import factories
from tests.surveyapp.staff_client import StaffClient, make_staff

CAMPAIGN = """\
code: THU
name: Đợt thử
year: 2024
opens_on: 2024-10-01
closes_on: 2024-12-15
questionnaires: {citizen: "2024.1", official: "2024.1", business: "2024.1"}
frameworks: [department]
rates: {citizens: [department], officials: [department], leaders: [department], businesses: [department]}
"""
HOSTILE = {
    "utf16": ("code: ST\n".encode("utf-16"), "UTF-8"),
    "nul": (b"receipt,unit\x00\n", "NUL|không đọc được|Không đọc được"),
    "html": (b"<html><script>alert(1)</script></html>", "dòng|cột|khóa"),
    "large": (b"a: " + b"x" * 1_000_000, "dòng|khóa|cột|lớn"),
    "empty": (b"", "Tệp rỗng"),
}


def in_preparation() -> None:
    """Accounts, library, units and a campaign."""
    make_staff()
    library.load_library()
    units.import_units(resources.files("surveyapp.demonstration").joinpath("units.csv").read_bytes(), "units.csv")
    campaigns.import_campaign(CAMPAIGN.encode(), "THU.yaml")


@pytest.fixture(scope="module")
def beforehand():
    return in_preparation


@pytest.fixture
def staff(app):
    return app


def stored(app, model, **values) -> list:
    with app.app_context():
        return db.session.query(model).filter_by(**values).all()


def signed_in(app, role: str) -> StaffClient:
    client = StaffClient(app)
    assert client.sign_in(role).status_code == 302
    return client


def pages(app) -> dict[str, set[str]]:
    """Path -> the roles that may open it."""
    framework = stored(app, FrameworkDocument)[0].id
    design, field, chief = {"designer", "administrator"}, {"analyst", "administrator"}, {"administrator"}
    return {
        "/thiet-ke/": design, "/thiet-ke/phieu/citizen/2024.1": design, "/thiet-ke/phieu/citizen/2024.1/tai-ve": design,
        "/thiet-ke/phieu/citizen/2024.1/xem-thu": design, "/thiet-ke/phieu/official/2024.1/xem-thu/man-hinh": design,
        f"/thiet-ke/bo-chi-so/{framework}": design, f"/thiet-ke/bo-chi-so/{framework}/tai-ve": design,
        "/dot-dieu-tra/": field, "/dot-dieu-tra/THU": field, "/dot-dieu-tra/THU/tien-do": field,
        "/dot-dieu-tra/THU/nhap": field,
        "/dot-dieu-tra/THU/duong-dan": chief, "/dot-dieu-tra/THU/mo": chief, "/dot-dieu-tra/THU/dong": chief,
        "/dot-dieu-tra/THU/don-vi/SNV/qr?nhom=citizens": chief, "/dot-dieu-tra/THU/don-vi/SNV/qr.svg?nhom=citizens": chief,
        "/dot-dieu-tra/THU/don-vi/SNV/qr.png?nhom=citizens": chief,
    }


def test_each_page_opens_for_its_roles_and_for_nobody_else(staff):
    wanted = pages(staff)
    for path in wanted:
        assert staff.test_client().get(path).headers["Location"].startswith("/dang-nhap")
    for role in ("designer", "analyst", "administrator"):
        client = signed_in(staff, role)
        for path, roles in wanted.items():
            assert client.http.get(path).status_code == (200 if role in roles else 403), path
            if role in roles and ".png" not in path:
                client.get(path)


def test_posting_needs_the_role_too(staff):
    analyst, designer = signed_in(staff, "analyst"), signed_in(staff, "designer")
    for path in ("/dot-dieu-tra/", "/dot-dieu-tra/THU/mo", "/dot-dieu-tra/THU/nhap/phieu", "/dot-dieu-tra/THU/nhap/khung-mau",
                 "/dot-dieu-tra/THU/duong-dan", "/thiet-ke/phieu", "/thiet-ke/bo-chi-so"):
        analyst.post(path, "/tai-khoan", 403)
    for path in ("/dot-dieu-tra/", "/dot-dieu-tra/THU/nhap/tham-dinh"):
        designer.post(path, "/tai-khoan", 403)


def test_what_is_not_there_is_a_404(staff):
    client = signed_in(staff, "administrator")
    for path in ("/dot-dieu-tra/KHONG", "/dot-dieu-tra/KHONG/nhap", "/thiet-ke/phieu/citizen/9", "/thiet-ke/bo-chi-so/999",
                 "/dot-dieu-tra/a%00b", "/thiet-ke/bo-chi-so/99999999999999", "/thiet-ke/phieu/citizen/a%00b",
                 "/thiet-ke/phieu/a%00b/2024.1", "/tai-khoan/quan-ly/99999999999",
                 "/thiet-ke/phieu/citizen/2024.1/xem-thu?trang=khong", "/dot-dieu-tra/THU/don-vi/KS/qr?nhom=citizens",
                 "/dot-dieu-tra/THU/don-vi/SNV/qr?nhom=officials"):
        client.get(path, 404)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_uploads_become_a_table_of_faults(staff, kind):
    source, expected = HOSTILE[kind]
    client = signed_in(staff, "administrator")
    places = {"/thiet-ke/phieu": "/thiet-ke/", "/thiet-ke/bo-chi-so": "/thiet-ke/", "/dot-dieu-tra/": "/dot-dieu-tra/",
              "/dot-dieu-tra/THU/nhap/tham-dinh": "/dot-dieu-tra/THU/nhap",
              "/dot-dieu-tra/THU/nhap/khung-mau": "/dot-dieu-tra/THU/nhap",
              "/dot-dieu-tra/THU/duong-dan": "/dot-dieu-tra/THU/duong-dan"}
    for path, page in places.items():
        shown = client.post(path, page, 422, file=(source, '<img src=x onerror="alert(1)">.csv'))
        assert re.search(expected, shown), f"{path}: {shown[:500]}"
        assert "<img src=x" not in shown
        assert "alert(1)</script>" not in shown
    assert not stored(staff, Response)
    assert not stored(staff, Invitation)


def test_an_upload_without_a_file_says_so(staff):
    client = signed_in(staff, "designer")
    assert "Chưa chọn tệp" in client.post("/thiet-ke/phieu", "/thiet-ke/", 422)


def test_checking_a_questionnaire_stores_nothing_and_storing_does(staff):
    client = signed_in(staff, "designer")
    document = _document(staff, "citizen").replace('version: "2024.1"', 'version: "2025.1"').encode()
    shown = client.post("/thiet-ke/phieu", "/thiet-ke/", 200, file=(document, "citizen.yaml"), **{"kiem-tra": "1"})
    assert "Không có lỗi" in shown
    assert not stored(staff, QuestionnaireVersion, version="2025.1")
    client.post("/thiet-ke/phieu", "/thiet-ke/", 302, file=(document, "citizen.yaml"), luu="1")
    assert "2025.1" in client.get("/thiet-ke/")
    broken = document.replace(b"select_one yes_no", b"select_one khong_co").replace(b"factor: access", b"factor: sai")
    shown = client.post("/thiet-ke/phieu", "/thiet-ke/", 422, file=(broken, "hong.yaml"))
    assert shown.count("khong_co") >= 3


def test_a_questionnaire_shows_what_is_worth_a_second_look_and_leads_there(staff):
    client = signed_in(staff, "designer")
    shown = client.get("/thiet-ke/phieu/official/2024.1")
    advice = shown[shown.index('id="advice"'):shown.index("Trang 1: ")]
    assert "4 chỗ nên xem lại" in advice
    assert "Câu “procedures”: hai nội dung nối bằng “và”" in advice
    assert "Thang lệch" in advice
    assert 'href="#cau-procedures"' in advice
    assert 'id="cau-procedures"' in shown
    plain = _document(staff, "business").replace('version: "2024.1"', 'version: "2025.2"')
    plain = plain.replace("không phát sinh", "phát sinh")
    client.post("/thiet-ke/phieu", "/thiet-ke/", 302, file=(plain.encode(), "business.yaml"), luu="1")
    assert "Không có gì cần xem lại" in client.get("/thiet-ke/phieu/business/2025.2")


def test_a_downloaded_document_is_byte_for_byte_what_was_stored(staff):
    client = signed_in(staff, "designer")
    answer = client.http.get("/thiet-ke/phieu/citizen/2024.1/tai-ve")
    assert answer.data == _document(staff, "citizen").encode()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="citizen-2024.1.yaml"'


def test_a_framework_shows_declared_beside_present_and_leads_to_its_questions(staff):
    client = signed_in(staff, "designer")
    department = stored(staff, FrameworkDocument, unit_group="department")[0]
    shown = client.get(f"/thiet-ke/bo-chi-so/{department.id}")
    assert "minh họa" in shown
    assert "Chênh lệch" in shown
    assert "Cách tính từ phiếu" in shown
    assert f"/thiet-ke/bo-chi-so/{department.id}#leaf-" in client.get("/thiet-ke/phieu/citizen/2024.1")


def test_a_preview_shows_every_page_in_every_language_and_keeps_nothing(staff):
    client = signed_in(staff, "designer")
    for form_id in ("citizen", "business", "official"):
        form = _form(staff, form_id)
        for page in form.pages:
            for language in form.languages:
                shown = client.get(f"/thiet-ke/phieu/{form_id}/2024.1/xem-thu/man-hinh?trang={page.name}&ngon-ngu={language}")
                assert page.questions[0].name in shown
    assert not stored(staff, Response)


def test_a_preview_shows_grids_defaults_and_pages_without_a_title(staff):
    with staff.app_context():
        questionnaires.import_questionnaire(factories.KINDS.read_bytes(), "kinds.yaml")
    client = signed_in(staff, "designer")
    address = "/thiet-ke/phieu/kinds/1/xem-thu"
    assert 'class="matrix"' in client.get(f"{address}/man-hinh?trang=groups")
    assert 'value="1,5"' in client.get(f"{address}/man-hinh?trang=numbers")
    assert "<legend><h1>Xếp lại một lần nữa" in client.get(f"{address}/man-hinh?trang=alone_rank")
    assert "Xếp lại một lần nữa</option>" in client.get(f"{address}?trang=alone_rank")
    assert "Xếp thứ tự" in client.get("/thiet-ke/phieu/kinds/1")


def test_a_campaign_goes_from_document_to_open_to_closed(staff):
    client = signed_in(staff, "administrator")
    client.post("/dot-dieu-tra/", "/dot-dieu-tra/", 302, file=(CAMPAIGN.replace("THU", "HAI").encode(), "hai.yaml"))
    assert "Không, quay lại" in client.get("/dot-dieu-tra/HAI/mo")
    client.post("/dot-dieu-tra/HAI/mo", "/dot-dieu-tra/HAI/mo")
    assert "đang mở" in client.get("/dot-dieu-tra/HAI")
    assert "đang mở rồi" in client.post("/dot-dieu-tra/HAI/mo", "/dot-dieu-tra/HAI/dong", 422)
    client.post("/dot-dieu-tra/HAI/dong", "/dot-dieu-tra/HAI/dong")
    assert "đã đóng" in client.get("/dot-dieu-tra/HAI")
    assert "Đóng đợt điều tra" in client.get("/tai-khoan/nhat-ky")


def test_progress_tells_need_and_margin(staff):
    with staff.app_context():
        samples.import_strata("THU", b"respondent_group,stratum,population\ncitizens,SNV,2000\n", "tang.csv")
    client = signed_in(staff, "analyst")
    shown = client.get("/dot-dieu-tra/THU/tien-do")
    assert "334" in shown  # Yamane, N = 2000, e = 5 %
    assert "323" in shown  # Cochran, the same
    assert "Cần (Yamane)" in shown
    assert "96" in client.get("/dot-dieu-tra/THU/tien-do?sai-so=10")
    client.get("/dot-dieu-tra/THU/tien-do?sai-so=abc")


def test_responses_come_in_whole_or_not_at_all(staff):
    with staff.app_context():
        campaigns.open_campaign("THU", date(2024, 10, 1))
    client = signed_in(staff, "administrator")
    page, url = "/dot-dieu-tra/THU/nhap", "/dot-dieu-tra/THU/nhap/phieu"
    good = _responses(_form(staff, "citizen"), 3)
    faulty = good.replace("SNV", "KHONGCO", 1).replace("2024-10-02", "2025-10-02", 1)
    shown = client.post(url, page, 422, file=(faulty.encode(), "phieu.csv"), form_id="citizen")
    assert "KHONGCO" in shown, re.findall(r"<td.*?</td>", shown)
    assert "Cách sửa" in shown
    assert not stored(staff, Response)
    client.post(url, page, 302, file=(good.encode(), "phieu.csv"), form_id="citizen")
    assert len(stored(staff, Response)) == 3
    assert "Đã nhập 3 phiếu trả lời" in client.get(page)
    assert "đã được nộp" in client.post(url, page, 422, file=(good.encode(), "phieu.csv"), form_id="citizen")


def test_invitations_leave_once_as_links_and_only_their_hashes_stay(staff):
    client = signed_in(staff, "administrator")
    page = "/dot-dieu-tra/THU/duong-dan"
    text = client.post(page, page, 200, file=(b"respondent_group,unit,count\ncitizens,SNV,4\n", "moi.csv"))
    links = [row["link"] for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))]
    assert len(set(links)) == 4
    hashes = {row.token_hash for row in stored(staff, Invitation)}
    assert hashes == {samples.token_hash(link.rsplit("/", 1)[1]) for link in links}
    shown = client.get(page)
    assert not any(link in shown for link in links)
    assert "Đã tạo" in shown


def test_a_qr_code_is_an_image_of_the_open_link(staff):
    client = signed_in(staff, "administrator")
    sheet = client.get("/dot-dieu-tra/THU/don-vi/SNV/qr?nhom=citizens")
    assert "/k/THU/citizen?unit=SNV&amp;group=citizens" in sheet
    svg = client.http.get("/dot-dieu-tra/THU/don-vi/SNV/qr.svg?nhom=citizens")
    assert svg.mimetype == "image/svg+xml"
    assert b"<script" not in svg.data
    png = client.http.get("/dot-dieu-tra/THU/don-vi/SNV/qr.png?nhom=citizens&tai-ve=1")
    assert png.data.startswith(b"\x89PNG")
    assert png.headers["Content-Disposition"] == 'attachment; filename="qr-SNV.png"'


def _document(app, form_id: str) -> str:
    return stored(app, QuestionnaireVersion, form_id=form_id, version="2024.1")[0].document


def _form(app, form_id: str) -> Questionnaire:
    return document.load(_document(app, form_id).encode(), form_id)


def _responses(form: Questionnaire, count: int) -> str:
    """Forms in which every satisfaction question was answered with 4 and every yes-no question with no."""
    values = {question.name: "no" if question.choices.name == "yes_no" else "4"
              for question in form.questions if question.required}
    values |= {name: "" for name in values if name == "online_service" or name.startswith("feedback_")}
    rows = [{"receipt": f"P-{number}", "respondent_group": "citizens", "unit": "SNV", "answered_on": "2024-10-02"} | values
            for number in range(count)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
