"""One table of all versions of a form: every answer in its question's column, and a codebook that says who was asked what."""

import io

import pandas as pd
import pytest
from sqlalchemy import text

from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.services.campaigns import import_campaign, open_campaign
from surveyapp.services.questionnaires import import_questionnaire
from surveyapp.services.responses import export_responses, import_responses
from surveyapp.services.version_export import export_all_versions
from tests.surveyapp.services.conftest import TODAY, example, table

FORM = example("phieu.yaml").decode()
SECOND = (FORM.replace('version: "1"', 'version: "2"').replace("label: {vi: Tốt}", "label: {vi: =Khá}")
          .replace("name: ly_do", "name: vi_sao")
          .replace("      - {type: select_one muc_do, name: thai_do",
                   '      - {type: text, name: ly_do, label: {vi: "Lý do đến?"}}\n'
                   "      - {type: select_one muc_do, name: thai_do")
          + "renames: {vi_sao: ly_do}\nbreaks_series: {thai_do: Thang mới, thoi_gian: Thang mới}\n")
#: asks "thoi_gian" no longer, and first of all something new
THIRD = (SECOND.replace('version: "2"', 'version: "10"').replace("renames: {vi_sao: ly_do}\n", "")
         .replace(next(line for line in FORM.splitlines(keepends=True) if "name: thoi_gian" in line), "")
         .replace("breaks_series: {thai_do: Thang mới, thoi_gian: Thang mới}\n", "")
         .replace("    questions:\n", '    questions:\n      - {type: integer, name: unit2, label: {vi: "Mấy lần?"}}\n'))
FRAMEWORK_FREE = example("dot.yaml").decode()


@pytest.fixture
def answered(prepared):
    """Three campaigns, each with its version and answers; the last is opened by hand, since its framework misses a question."""
    for number, source in (("2", SECOND), ("10", THIRD)):
        import_questionnaire(source.encode(), "phieu.yaml")
        dot = FRAMEWORK_FREE.replace("VIDU-2024", f"VIDU-{number}").replace('vi_du: "1"', f'vi_du: "{number}"')
        import_campaign(dot.encode(), "dot.yaml")
    open_campaign("VIDU-2024", TODAY)
    open_campaign("VIDU-2", TODAY)
    db.session.execute(text("UPDATE campaigns SET state = 'open'"))
    db.session.commit()
    head = "receipt,respondent_group,unit,answered_on,"
    import_responses("VIDU-2024", "vi_du", table(
        f"{head}thai_do,thoi_gian,ly_do",
        "A1,citizens,VD-A,2024-10-05,1,2,=SUM(1)", "A2,citizens,VD-A,2024-10-05,4,3,"), "a.csv")
    import_responses("VIDU-2", "vi_du", table(
        f"{head}ly_do,thai_do,thoi_gian,vi_sao", "B1,citizens,VD-B,2024-10-05,đi lại,2,4,lâu"), "b.csv")
    import_responses("VIDU-10", "vi_du", table(
        f"{head}unit2,thai_do", "C1,citizens,VD-B,2024-10-05,7,3"), "c.csv")


def frame(source: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(source), dtype=str, keep_default_na=False, encoding="utf-8-sig")


def test_answers_of_all_versions_stand_in_their_questions_columns(answered):
    made = export_all_versions("vi_du")
    data = frame(made.responses)
    assert (made.rows, made.versions) == (4, ("1", "2", "10"))
    assert list(data.columns)[:3] == ["campaign", "version", "receipt"]
    assert list(data.columns)[11:] == ["unit2", "ly_do", "thai_do", "vi_sao", "thoi_gian"]
    rows = {(row.version, row.thai_do): (row.unit2, row.ly_do, row.vi_sao, row.thoi_gian) for row in data.itertuples()}
    assert rows == {("1", "1"): ("", "", "'=SUM(1)", "2"), ("1", "4"): ("", "", "", "3"),
                    ("2", "2"): ("", "đi lại", "lâu", "4"), ("10", "3"): ("7", "", "", "")}


def test_the_codebook_tells_a_blank_answer_from_a_question_not_asked(answered):
    book = frame(export_all_versions("vi_du").codebook)
    asked = {(row.column, row.version): (row.asked, row.question) for row in book.itertuples()}
    assert asked["vi_sao", "1"] == ("yes", "ly_do")
    assert asked["ly_do", "1"] == ("no", "")
    assert asked["unit2", "2"] == ("no", "")
    assert asked["thoi_gian", "10"] == ("no", "")
    assert len(asked) == 5 * 3
    labels = {row.version: row.code_label for row in book[(book["column"] == "thai_do") & (book["code"] == "3")].itertuples()}
    assert labels == {"1": "Tốt", "2": "'=Khá", "10": "'=Khá"}
    standing = {(row.version, row.comparable, row.break_reason) for row in book[book["column"] == "thai_do"].itertuples()}
    assert standing == {("1", "broken", "Thang mới (2)"), ("2", "yes", ""), ("10", "", "")}
    assert set(book[book["code"] == "dont_know"]["missing"]) == {"dont_know"}


def test_one_campaign_alone_says_the_same_as_its_own_export(answered):
    one, own = frame(export_all_versions("vi_du", ["VIDU-2024"]).responses), frame(export_responses("VIDU-2024", "vi_du"))
    assert one.drop(columns=["campaign", "version"]).to_dict() == own.to_dict()
    assert export_all_versions("vi_du", ["VIDU-2024", "VIDU-10"]).versions == ("1", "10")
    assert list(frame(export_all_versions("vi_du", ["VIDU-2024", "VIDU-10"]).responses).columns)[11:] == [
        "unit2", "ly_do", "thai_do", "vi_sao", "thoi_gian"]


def test_a_form_or_campaign_that_is_not_there_is_told(answered):
    with pytest.raises(NotFound, match="Không có đợt điều tra nào dùng phiếu “khong”"):
        export_all_versions("khong")
    with pytest.raises(NotFound, match="Không có đợt điều tra “KHONG”"):
        export_all_versions("vi_du", ["KHONG"])
