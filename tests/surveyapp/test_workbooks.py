"""XLSForm workbooks by command and by the designer's pages: in as our YAML, out as a workbook and for ODK."""

import re

import pytest

from questionnaires import document
from questionnaires.library import shipped
from questionnaires.model import CONSENT_PARTS
from questionnaires.xlsform import reader, writer
from surveyapp.models import QuestionnaireVersion
from surveyapp.queries import questionnaires as stored_forms
from tests.surveyapp.staff_client import StaffClient, make_staff

CITIZEN = document.load(shipped()["citizen"], "citizen.yaml")
FOREIGN = """\
survey
,type,name,label::vi,media::image
,start,start,,
,select_one yn,a,Có hài lòng không?,a.png
choices
,list_name,name,label::vi
,yn,yes,Có
,yn,no,Không
settings
,form_title,form_id,default_language
,Phiếu ngoài,ngoai,vi
"""
#: the same with the five consent texts
WHOLE = FOREIGN.replace("default_language", "default_language," + ",".join(f"par_consent_{part}::vi" for part in CONSENT_PARTS))
WHOLE = WHOLE.replace("ngoai,vi", "ngoai,vi" + ",Chữ" * len(CONSENT_PARTS))


def test_a_workbook_goes_in_and_comes_out_by_command(surveyapp, tmp_path):
    file = tmp_path / "citizen.xlsx"
    file.write_bytes(writer.write(CITIZEN))
    code, out, _ = surveyapp("check", "questionnaire", file)
    assert code == 0
    assert out.endswith("citizen.xlsx: không có lỗi, 2 chỗ nên xem lại.\n")
    assert "Nên xem lại: citizen.xlsx" in out
    code, out, err = surveyapp("import", "questionnaire", file)
    assert (code, out, err) == (0, "Xong: phiếu citizen, phiên bản 2024.1.\n", "")
    for kind in ("yaml", "xlsx", "xml"):
        code, out, err = surveyapp("export-questionnaire", "citizen", "2024.1", tmp_path / f"ra.{kind}")
        assert (code, err) == (0, "")
    assert "Lưu ý: Lời giới thiệu và đồng ý không có trong ODK" in out
    assert document.load((tmp_path / "ra.yaml").read_bytes(), "ra.yaml") == CITIZEN
    assert reader.read((tmp_path / "ra.xlsx").read_bytes(), "ra.xlsx").questionnaire == CITIZEN
    assert (tmp_path / "ra.xml").read_text().startswith("<?xml")
    assert surveyapp("export-questionnaire", "citizen", "2024.1", tmp_path / "ra.yaml")[0] == 1
    assert "Các phiên bản đã lưu: 2024.1" in surveyapp("export-questionnaire", "citizen", "9", tmp_path / "x.yaml")[2]
    assert surveyapp("export-questionnaire", "citizen", "2024.1", tmp_path / "x.doc")[0] == 2
    assert not (tmp_path / "x.yaml").exists()


def test_a_foreign_form_lacks_its_consent_and_becomes_a_draft(surveyapp, tmp_path):
    file = tmp_path / "ngoai.csv"
    file.write_text(FOREIGN)
    code, out, err = surveyapp("check", "questionnaire", "--draft", tmp_path / "nhap.yaml", file)
    assert code == 1
    assert "ngoai.csv, trang tính settings, dòng 11, cột par_consent_purpose (chưa có)" in err
    assert "form_id: ngoai" in (tmp_path / "nhap.yaml").read_text()
    file.write_text(WHOLE)
    code, out, err = surveyapp("import", "questionnaire", file)
    assert (code, err) == (0, "")
    assert "Lưu ý: Bỏ: ngoai.csv, trang tính survey, dòng 3, cột B (type): Bỏ câu “start”." in out
    assert "Lưu ý: Giữ, không có ý nghĩa: ngoai.csv, trang tính survey, dòng 2, cột E (media::image)" in out


@pytest.fixture
def designer(app):
    with app.app_context():
        make_staff()
    client = StaffClient(app)
    client.sign_in("designer")
    return client


def test_an_uploaded_workbook_is_stored_as_yaml_and_comes_down_again(designer):
    workbook = writer.write(CITIZEN)
    shown = designer.post("/thiet-ke/phieu", "/thiet-ke/", 200, file=(workbook, "citizen.xlsx"), **{"kiem-tra": "1"})
    assert "Không có lỗi" in shown
    designer.post("/thiet-ke/phieu", "/thiet-ke/", 302, file=(workbook, "citizen.xlsx"), luu="1")
    with designer.app.app_context():
        row = stored_forms.find("citizen", "2024.1")
        assert isinstance(row, QuestionnaireVersion)
        assert document.load(row.document.encode(), "x") == CITIZEN
    page = designer.get("/thiet-ke/phieu/citizen/2024.1")
    links = re.findall(r'href="([^"]+tai-ve\.(?:xlsx|xml))"', page)
    assert len(links) == 2
    assert "Ứng dụng ODK không làm được gì" in page
    downloaded = designer.http.get(links[0])
    assert downloaded.headers["Content-Disposition"] == 'attachment; filename="citizen-2024.1.xlsx"'
    assert reader.read(downloaded.data, "x.xlsx").questionnaire == CITIZEN
    assert designer.http.get(links[1]).mimetype == "application/xml"


def test_an_uploaded_foreign_form_shows_its_faults_by_cell_and_then_what_was_left_out(designer):
    shown = designer.post("/thiet-ke/phieu", "/thiet-ke/", 422, file=(FOREIGN.encode(), "ngoai.csv"), luu="1")
    assert "trang tính settings, dòng 11, cột par_consent_purpose (chưa có)" in shown
    shown = designer.post("/thiet-ke/phieu", "/thiet-ke/", 200, file=(WHOLE.encode(), "ngoai.csv"), luu="1")
    assert "Đã lưu phiếu ngoai, phiên bản 1" in shown
    assert "dòng 3, cột B (type)" in shown
    assert "cột E (media::image)" in shown
    shown = designer.post("/thiet-ke/phieu", "/thiet-ke/", 422, file=(b"PK\x03\x04rubbish", "hong.xlsx"), luu="1")
    assert "bị hỏng" in shown
