"""Versions of a form over HTTP and on the command line: what changed, what it does to points, where a year's series breaks."""

import csv
import html
import re
from datetime import date

import pytest
from sqlalchemy import text

from surveyapp.extensions import db
from surveyapp.services import appraised, campaigns, frameworks, questionnaires, responses, score, units
from tests.surveyapp.services.conftest import example
from tests.surveyapp.staff_client import StaffClient, make_staff

FORM = example("phieu.yaml").decode()
SECOND = (FORM.replace('version: "1"', 'version: "2"').replace("label: {vi: Tốt}", "label: {vi: <b>Khá</b>}")
          .replace("Thời gian giải quyết thế nào?", "Thời gian xử lý thế nào?"))
DECLARED = SECOND + 'breaks_series: {thai_do: "Thang theo Quyết định <12>", thoi_gian: Thang mới}\n'


def load_example() -> None:
    units.import_unit_groups(example("nhom-don-vi.csv"), "nhom-don-vi.csv")
    units.import_units(example("don-vi.csv"), "don-vi.csv")
    questionnaires.import_questionnaire(example("phieu.yaml"), "phieu.yaml")
    frameworks.import_framework(example("khung.yaml"), "khung.yaml")
    campaigns.import_campaign(example("dot.yaml"), "dot.yaml")
    campaigns.open_campaign("VIDU-2024", date(2024, 10, 15))


def example_is_asked() -> None:
    load_example()
    make_staff()


@pytest.fixture(scope="module")
def beforehand():
    return example_is_asked


@pytest.fixture
def asked(app):
    """The example's form is being asked."""
    return app


def signed_in(app, role: str) -> StaffClient:
    client = StaffClient(app)
    assert client.sign_in(role).status_code == 302
    return client


def words_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_two_versions_side_by_side(asked):
    designer = signed_in(asked, "designer")
    assert "mới có một phiên bản" in designer.get("/thiet-ke/phieu/vi_du/1/so-sanh")
    assert "so-sanh" not in designer.get("/thiet-ke/phieu/vi_du/1")
    with asked.app_context():
        questionnaires.import_questionnaire(DECLARED.encode(), "phieu.yaml")
    form = designer.get("/thiet-ke/phieu/vi_du/2")
    assert "/thiet-ke/phieu/vi_du/2/so-sanh" in form
    assert "Thang theo Quyết định &lt;12&gt;" in form
    page = designer.get("/thiet-ke/phieu/vi_du/2/so-sanh?voi=1")
    assert '<span aria-hidden="true">−</span><del><span class="visually-hidden">bỏ: </span>giải quyết</del>' in page
    assert '<span aria-hidden="true">+</span><ins><span class="visually-hidden">thêm: </span>xử lý</ins>' in page
    assert "&lt;b&gt;Khá&lt;/b&gt;" in page
    words = words_of(page)
    assert "2 câu không so sánh được." in words
    assert "Đã khai: Thang theo Quyết định <12>" in words
    assert "25 điểm của tiêu chí 2.1 (Sở của tỉnh Ví Dụ 2024) không so được với năm trước." in words
    assert "40 điểm không so được với năm trước, 0 điểm cần thận trọng" in words
    for same in ("1/so-sanh?voi=2", "1/so-sanh", "2/so-sanh"):
        other_way = designer.get(f"/thiet-ke/phieu/vi_du/{same}")
        assert words_of(other_way)[-1300:] == words_of(page)[-1300:], "the older one is the old one"
    assert "Chọn một phiên bản khác" in designer.get("/thiet-ke/phieu/vi_du/2/so-sanh?voi=2")


def test_who_may_compare_and_what_is_not_there(asked):
    assert asked.test_client().get("/thiet-ke/phieu/vi_du/1/so-sanh").headers["Location"].startswith("/dang-nhap")
    signed_in(asked, "analyst").get("/thiet-ke/phieu/vi_du/1/so-sanh", 403)
    designer = signed_in(asked, "designer")
    for path in ("vi_du/9/so-sanh", "vi_du/1/so-sanh?voi=9", "khong/1/so-sanh", "vi_du/1/so-sanh?voi=a%00b"):
        designer.get(f"/thiet-ke/phieu/{path}", 404)


def test_a_silent_break_is_refused_on_the_page_and_an_idle_declaration_is_remarked(asked):
    designer = signed_in(asked, "designer")
    for button in ("luu", "kiem-tra"):
        page = designer.post("/thiet-ke/phieu", "/thiet-ke/", 422, (SECOND.encode(), "phieu.yaml"), **{button: "1"})
        refused = words_of(page)
        assert "Câu trả lời của “thai_do” không còn so sánh được với phiên bản 1" in refused
        assert "phieu.yaml, dòng 26" in refused
    idle = FORM.replace('version: "1"', 'version: "1.1"') + "breaks_series: {thai_do: Thử}\n"
    designer.post("/thiet-ke/phieu", "/thiet-ke/", 302, (idle.encode(), "phieu.yaml"), luu="1")
    assert "“thai_do”, nhưng câu này vẫn so sánh được với phiên bản 1" in designer.get("/thiet-ke/phieu/vi_du/1.1")


def test_a_form_changed_behind_the_programs_back_is_told_and_not_shown(asked):
    with asked.app_context():
        questionnaires.import_questionnaire(DECLARED.encode(), "phieu.yaml")
        db.session.execute(text(
            "UPDATE questionnaire_versions SET document = replace(document, 'Kém', 'Tệ') WHERE version = '2'"))
        db.session.commit()
    page = signed_in(asked, "designer").get("/thiet-ke/phieu/vi_du/2", 409)
    assert "không còn khớp với mã băm" in page


def test_results_say_where_the_years_series_breaks(asked):
    with asked.app_context():
        responses.import_responses("VIDU-2024", "vi_du", example("tra-loi.csv"), "tra-loi.csv")
        appraised.import_appraised("VIDU-2024", example("tham-dinh.csv"), "tham-dinh.csv")
        before = score.score_campaign("VIDU-2024", draws=100).id
        questionnaires.import_questionnaire(DECLARED.encode(), "phieu.yaml")
        frameworks.import_framework(example("khung.yaml").replace(b"year: 2024", b"year: 2025"), "khung.yaml")
        dot = example("dot.yaml").replace(b"2024", b"2025").replace(b'vi_du: "1"', b'vi_du: "2"')
        campaigns.import_campaign(dot, "dot.yaml")
        campaigns.open_campaign("VIDU-2025", date(2025, 10, 15))
        answers = example("tra-loi.csv").replace(b"2024-", b"2025-").replace(b"VD-00", b"VE-00")
        responses.import_responses("VIDU-2025", "vi_du", answers, "tra-loi.csv")
        appraised.import_appraised("VIDU-2025", example("tham-dinh.csv"), "tham-dinh.csv")
        now = score.score_campaign("VIDU-2025", draws=100).id
    analyst = signed_in(asked, "analyst")
    for path in (f"/ket-qua/{now}", f"/ket-qua/{now}/don-vi/VD-A"):
        words = words_of(analyst.get(path))
        assert "Chuỗi số liệu ngắt so với năm 2024." in words
        assert ("Thái độ của công chức thế nào? (Phiếu ví dụ, phiên bản 1 sang 2): Thang theo Quyết định <12>") in words
    assert "Chuỗi số liệu ngắt" not in analyst.get(f"/ket-qua/{before}")


def test_the_commands_compare_and_export_all_versions(asked, surveyapp, tmp_path):
    file = tmp_path / "phieu.yaml"
    file.write_text(SECOND)
    code, _, told = surveyapp("import", "questionnaire", file)
    assert (code, told.count("breaks_series")) == (1, 2)
    file.write_text(DECLARED + "renames: {}\n")
    assert surveyapp("import", "questionnaire", file)[0] == 0
    code, out, _ = surveyapp("compare-questionnaires", "vi_du", "1", "2")
    assert code == 0
    assert ("  thai_do: không so sánh được (danh sách “muc_do”: đổi nhãn phương án “3”); "
            "đã khai: Thang theo Quyết định <12>") in out
    assert "không so được với năm trước." in out
    assert surveyapp("compare-questionnaires", "vi_du", "1", "7")[0] == 1
    with asked.app_context():
        responses.import_responses("VIDU-2024", "vi_du", example("tra-loi.csv"), "tra-loi.csv")
    assert surveyapp("export-responses", "--all-versions", "vi_du", tmp_path / "tat-ca.csv")[0] == 0
    with (tmp_path / "tat-ca.csv").open(encoding="utf-8-sig", newline="") as out:
        assert {row["version"] for row in csv.DictReader(out)} == {"1"}
    assert (tmp_path / "tat-ca-bang-ma.csv").read_text("utf-8-sig").startswith("column,version,asked")
    assert surveyapp("export-responses", "--all-versions", "vi_du", tmp_path / "tat-ca.csv")[0] == 1  # it is there already
    assert surveyapp("export-responses", "--all-versions", "khong", tmp_path / "khong.csv")[0] == 1
    assert not list(tmp_path.glob("khong*"))
    for wrong in (["vi_du"], ["--campaign", "A", "VIDU-2024", "vi_du", "x.csv"], ["--all-versions", "A", "b", "c"]):
        assert surveyapp("export-responses", *wrong)[0] == 2
