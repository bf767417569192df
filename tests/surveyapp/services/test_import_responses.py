"""Response files: by the rules of the form, all faults at once, all rows or none."""

import csv
import io
import time
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from questionnaires import routing
from questionnaires.answers import UnitToRate
from surveyapp.errors import CampaignNotOpen, NotFound
from surveyapp.extensions import db
from surveyapp.models import Response
from surveyapp.queries import questionnaires as stored
from surveyapp.services import campaigns, library, units
from surveyapp.services.receipts import new_receipt, receipt_hash
from surveyapp.services.responses import export_responses, import_responses
from tests.surveyapp.services.conftest import TODAY, example, faults_of, table

HEADER = "receipt,respondent_group,unit,stratum,psu,weight,mode,language,answered_on,thai_do,thoi_gian,ly_do"
GOOD = "R1,citizens,VD-A,,,1,paper,vi,2024-10-05,4,4,"


def stored_count() -> int:
    return db.session.scalar(select(func.count()).select_from(Response))


def importing(*lines: str, header: str = HEADER) -> int:
    return import_responses("VIDU-2024", "vi_du", table(header, *lines), "tra-loi.csv")


def test_the_example_comes_in_sealed(opened):
    assert import_responses("VIDU-2024", "vi_du", example("tra-loi.csv"), "tra-loi.csv") == 9
    row = db.session.scalar(select(Response).where(Response.receipt_hash == receipt_hash(" vd-0008 ")))
    assert (row.state, row.unit_code, row.stratum, row.mode) == ("sealed", "VD-B", "VD-B", "paper")
    assert row.answers == {"thai_do": "2", "thoi_gian": "2", "ly_do": "Chờ lâu, phải đi lại nhiều lần"}
    assert (row.weight, row.access_hash, row.sealed_on.isoformat()) == (Decimal(1), None, "2024-10-08")
    assert len(row.id) == 32


def test_columns_that_may_be_left_out_have_defaults(opened):
    assert importing("R1;businesses;VD-A;05/10/2024;dont_know;1",
                     header="receipt;respondent_group;unit;answered_on;thai_do;thoi_gian") == 1
    row = db.session.scalar(select(Response))
    assert (row.weight, row.mode, row.language, row.stratum, row.psu) == (Decimal(1), "import", "vi", "VD-A", "")
    assert row.answers == {"thai_do": "dont_know", "thoi_gian": "1"}


@pytest.mark.parametrize(("line", "told"), [
    ("R1,citizens,VD-X,,,1,paper,vi,2024-10-05,4,4,", ["cột “unit”: Không có đơn vị “VD-X”"]),
    ("R1,citizens,VD-NONGNGHIEP,,,1,paper,vi,2024-10-05,4,4,", ["không hoạt động vào ngày mở đợt"]),
    ("R1,citizens,,,,1,paper,vi,2024-10-05,4,4,", ["cột “unit”: Ô này để trống"]),
    ("R1,leaders,VD-A,,,1,paper,vi,2024-10-05,4,4,", ["cột “respondent_group”"]),
    ("R1,citizens,VD-A,,,1,paper,vi,2024-10-05,5,4,", ["cột “thai_do”: “5”: Câu trả lời không nằm trong các phương án. "
                                                       "Cách sửa: Ghi một trong các mã: 4, 3, 2, 1, dont_know."]),
    ("R1,citizens,VD-A,,,1,paper,vi,2024-10-05,,4,", ["cột “thai_do”: Câu hỏi bắt buộc chưa được trả lời"]),
    ("R1,citizens,VD-A,,,1,paper,vi,2024-10-05,4,4,Vì tốt", ["cột “ly_do”: Câu hỏi này chỉ hỏi khi: ${thai_do} = '1'"]),
    ("R1,citizens,VD-A,,,0,paper,vi,2024-10-05,4,4,", ["cột “weight”"]),
    ("R1,citizens,VD-A,,,-1.5,paper,vi,2024-10-05,4,4,", ["cột “weight”"]),
    ("R1,citizens,VD-A,,,nặng,paper,vi,2024-10-05,4,4,", ["cột “weight”: “nặng” không phải là số"]),
    ("R1,citizens,VD-A,,,1.1234567,paper,vi,2024-10-05,4,4,", ["hơn 6 chữ số thập phân"]),
    ("R1,citizens,VD-A,,,1,fax,vi,2024-10-05,4,4,", ["hình thức trả lời “fax”"]),
    ("R1,citizens,VD-A,,,1,paper,km,2024-10-05,4,4,", ["cột “language”"]),
    ("R1,citizens,VD-A,,,1,paper,vi,2024-12-01,4,4,", ["nằm ngoài đợt điều tra"]),
    ("R1,citizens,VD-A,,,1,paper,vi,,4,4,", ["cột “answered_on”: Ô này để trống"]),
    (",citizens,VD-A,,,1,paper,vi,2024-10-05,4,4,", ["cột “receipt”: Ô này để trống"]),
    ("--,citizens,VD-A,,,1,paper,vi,2024-10-05,4,4,", ["không có chữ hoặc số nào"]),
    (f"R1,citizens,VD-A,,,1,paper,vi,2024-10-05,2,4,{'x' * 1_000_000}", ["dài quá 2.000 ký tự"]),
    (f"R1,citizens,VD-A,{'y' * 1_000_000},,1,paper,vi,2024-10-05,2,4,", ["cột “stratum”: Dài 1000000 ký tự"]),
    (f"R1,citizens,VD-A,,,1,paper,vi,2024-10-05,{'5' * 1_000_000},4,", ["không nằm trong các phương án"]),
    ("=1+1,=citizens,=A,=B,=C,=1,=paper,=vi,=2024,=4,=4,=x",
     ["respondent_group", "weight", "mode", "language", "answered_on", "thai_do", "thoi_gian"]),
    ("R1,,VD-A,,,1,paper,vi,2024-10-05,9,4,", ["respondent_group", "thai_do"]),
    ("R1,citizens,VD-Z,,,0,fax,en,2023-01-01,9,,lý do",
     ["unit", "weight", "mode", "language", "“9”", "thoi_gian", "answered_on"]),
])
def test_every_fault_of_a_row_is_told_and_nothing_is_stored(opened, line, told):
    texts = faults_of(importing, "R0,citizens,VD-A,,,1,paper,vi,2024-10-05,4,4,", line)
    assert len(texts) == len(told), texts
    assert all("tra-loi.csv, dòng 3" in text and len(text) < 1_000 for text in texts)
    for part in told:
        assert any(part in text for text in texts), part
    assert stored_count() == 0


@pytest.mark.parametrize(("header", "told"), [
    ("receipt,respondent_group,unit,answered_on,thai_do", "Thiếu cột “thoi_gian”"),
    ("receipt,respondent_group,unit,answered_on,thai_do,thoi_gian,thai_doo", "không có câu hỏi “thai_doo”"),
    ("receipt,respondent_group,unit,answered_on,thai_do,thoi_gian,thai_do:VD-A", "không hỏi riêng từng đơn vị"),
    ("receipt,respondent_group,answered_on,thai_do,thoi_gian", "Thiếu cột “unit”"),
    ("receipt,respondent_group,unit,answered_on,thai_do,thoi_gian,thai_do", "xuất hiện nhiều lần"),
])
def test_headers_are_checked(opened, header, told):
    line = ",".join("x" for _ in header.split(","))
    assert any(told in text for text in faults_of(lambda: importing(line, header=header)))


@pytest.mark.parametrize(("source", "told"), [
    (f"{HEADER}\n{GOOD}".encode("utf-16"), "UTF-16"),
    (f"{HEADER}\n{GOOD}Vi ch\u01a1".encode("cp1258"), "Windows-1258"),
    (f"{HEADER}\n{GOOD}\x00".encode(), "NUL"),
    (HEADER.encode(), "không có dòng dữ liệu"),
    (b"", "Thiếu dòng tên cột"),
    (f"{HEADER}\n{GOOD},,,".encode(), "Có 15 ô, cần 12 ô"),
    (f'{HEADER}\n{GOOD}"'.encode(), "không đúng dạng CSV"),
])
def test_files_of_the_wrong_shape_are_refused(opened, source, told):
    texts = faults_of(import_responses, "VIDU-2024", "vi_du", source, "tra-loi.csv")
    assert any(told in text for text in texts), texts


def test_receipts_are_taken_once_in_the_file_and_in_the_database(opened):
    texts = faults_of(importing, GOOD, GOOD.replace("R1", "r-1"))
    assert texts[0].startswith("tra-loi.csv, dòng 3, cột “receipt”: Mã biên nhận “r-1” đã có ở dòng 2")
    importing(GOOD)
    texts = faults_of(importing, GOOD.replace("R1", "R2"), GOOD)
    assert len(texts) == 1
    assert "dòng 3, cột “receipt”: Phiếu “R1” đã được nộp trước đây" in texts[0]
    assert stored_count() == 1


def test_answers_are_taken_only_while_the_campaign_is_open(prepared):
    with pytest.raises(CampaignNotOpen, match="đang chuẩn bị"):
        importing(GOOD)
    campaigns.open_campaign("VIDU-2024", TODAY)
    with pytest.raises(NotFound, match="không dùng phiếu “citizen”"):
        import_responses("VIDU-2024", "citizen", table(HEADER, GOOD), "x.csv")
    with pytest.raises(NotFound, match="Không có đợt điều tra “KHAC”"):
        import_responses("KHAC", "vi_du", table(HEADER, GOOD), "x.csv")
    campaigns.close_campaign("VIDU-2024", TODAY)
    with pytest.raises(CampaignNotOpen, match="đã đóng"):
        importing(GOOD)
    assert stored_count() == 0


def test_what_was_exported_comes_in_again(opened):
    import_responses("VIDU-2024", "vi_du", example("tra-loi.csv"), "tra-loi.csv")
    importing("H1,citizens,VD-A,,,0.5,web,vi,2024-10-09,1,1,=HYPERLINK(1)", "H2,citizens,VD-A,+s,,1,web,vi,2024-10-09,1,1,<b>&")
    exported = export_responses("VIDU-2024", "vi_du")
    assert b"'=HYPERLINK(1)" in exported
    assert b"'+s" in exported
    assert b"VD-0001" not in exported
    assert import_responses("VIDU-2024", "vi_du", exported, "xuat.csv") == 11
    assert len(set(db.session.scalars(select(Response.receipt_hash)))) == 22
    assert export_responses("VIDU-2024", "vi_du").count(b"0.5,web") == 2


def test_twenty_thousand_rows_take_seconds(opened):
    rows = [f"S{number},citizens,VD-{'AB'[number % 2]},,,1,paper,vi,2024-10-05,{1 + number % 4},{1 + number % 3},"
            for number in range(20_000)]
    started = time.process_time()
    assert importing(*rows) == 20_000
    assert time.process_time() - started < 20


@pytest.fixture
def official(app_context):
    """The shipped form for officials and leaders, which rates many units on one form."""
    library.load_library()
    units.import_units(table("code,name,unit_group,valid_from", *(f"{code},Sở {code},department,2000-01-01" for code in "ABC"),
                             "H,Huyện H,district,2000-01-01"), "don-vi.csv")
    version = next(version for version in stored.newest() if version.form_id == "official")
    campaigns.import_campaign(f"""
code: CB
name: Cán bộ
year: 2024
opens_on: 2024-10-01
closes_on: 2024-11-30
questionnaires: {{official: "{version.version}"}}
frameworks: [province]
rates: {{officials: [department, district], leaders: [department]}}
""".encode(), "dot.yaml")
    campaign = campaigns.stored.by_code("CB")
    campaign.state = "open"
    db.session.commit()
    return stored.parsed(version)


def filled(form, group: str, rated: list[str], choice: int = 0) -> dict[str, str]:
    row = {"receipt": new_receipt(), "respondent_group": group, "answered_on": "2024-10-02"}
    for question in form.questions:
        if question.type == "rating_matrix":
            row |= {f"{question.name}:{unit}": question.choices.names[choice] for unit in rated}
        elif question.required and question.choices:
            row[question.name] = question.choices.names[choice]
    return row


def as_csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    columns = list(dict.fromkeys(column for row in rows for column in row))
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_a_matrix_has_a_column_for_each_unit(official):
    rows = [filled(official, "officials", ["A", "B", "C", "H"]), filled(official, "leaders", ["A", "B", "C"])]
    assert import_responses("CB", "official", as_csv(rows), "cb.csv") == 2
    matrix = next(question for question in official.questions if question.type == "rating_matrix")
    of_leader = db.session.scalar(select(Response).where(Response.respondent_group == "leaders"))
    assert of_leader.unit_code is None
    assert of_leader.answers[matrix.name] == dict.fromkeys("ABC", matrix.choices.names[0])
    exported = export_responses("CB", "official")
    assert import_responses("CB", "official", exported, "xuat.csv") == 2


def test_a_matrix_is_checked_against_who_rates_whom(official):
    matrix = next(question for question in official.questions if question.type == "rating_matrix")
    row = filled(official, "leaders", ["A", "B", "C"])
    outside = faults_of(import_responses, "CB", "official", as_csv([row | {f"{matrix.name}:H": matrix.choices.names[0]}]),
                        "cb.csv")
    assert "Nhóm “leaders” không đánh giá đơn vị “H”" in outside[0]
    unknown = faults_of(import_responses, "CB", "official", as_csv([row | {f"{matrix.name}:Z": "1"}]), "cb.csv")
    assert "không nhóm nào đánh giá đơn vị “Z”" in unknown[0]
    whole = faults_of(import_responses, "CB", "official", as_csv([row | {f"{matrix.name}:A": "99"}]), "cb.csv")
    assert [text.split(":")[0] for text in whole] == ["cb.csv, dòng 2, cột “" + matrix.name]
    with_unit = faults_of(import_responses, "CB", "official", as_csv([row | {"unit": "A"}]), "cb.csv")
    assert "phải để trống" in with_unit[0]


def test_the_file_follows_the_very_rules_of_the_form(official):
    """Whatever a page of the form would refuse, the file refuses too: each page of the form, left blank."""
    blank = {"receipt": "X", "respondent_group": "leaders", "answered_on": "2024-10-02"}
    blank |= dict.fromkeys(filled(official, "leaders", ["A", "B", "C"]), "") | blank
    texts = faults_of(import_responses, "CB", "official", as_csv([blank]), "cb.csv")
    to_rate = tuple(UnitToRate(code, code) for code in "ABC")
    expected = {field for each in routing.unanswered(official, {}, to_rate) for field in each.fields}
    assert len(texts) == len(expected)
    for field in expected:
        assert any(f"cột “{field}”" in text for text in texts), field


def test_rows_of_the_wrong_shape_do_not_hide_the_faults_of_the_others(opened):
    texts = faults_of(importing, GOOD.replace("VD-A", "VD-X"), "R2,citizens")
    assert [text.split(":")[0] for text in texts] == ["tra-loi.csv, dòng 3", "tra-loi.csv, dòng 2, cột “unit”"]
    assert stored_count() == 0


def test_missing_columns_of_both_kinds_are_told_together(opened):
    texts = faults_of(lambda: importing("R1,citizens,VD-A,4,", header="receipt,respondent_group,unit,thai_do,"))
    assert [word for word, text in zip(("answered_on", "thứ 5", "thoi_gian"), texts, strict=True) if word in text] == [
        "answered_on", "thứ 5", "thoi_gian"]
    assert stored_count() == 0


def test_what_somebody_wrote_never_becomes_a_formula_or_a_number(opened):
    said = ["=1+1", "+84901234567", "-5", "@x", "<b>x</b>"]
    importing(*(f"R{n},citizens,VD-A,-7,,1,paper,vi,2024-10-05,2,4,{text}" for n, text in enumerate(said)))
    rows = list(csv.DictReader(io.StringIO(export_responses("VIDU-2024", "vi_du").decode("utf-8-sig"))))
    assert {row["ly_do"] for row in rows} == {"'=1+1", "'+84901234567", "'-5", "'@x", "<b>x</b>"}
    assert {row["stratum"] for row in rows} == {"-7"}  # a code that is a number stays as the strata file has it
