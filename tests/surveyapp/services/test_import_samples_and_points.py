"""Strata, invitations, appraised points, printed figures and the library."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from surveyapp.errors import Refused
from surveyapp.extensions import db
from surveyapp.models import AppraisedPoints, FrameworkDocument, Invitation, PublishedFigure, QuestionnaireVersion, Stratum
from surveyapp.queries import appraised as stored_points
from surveyapp.queries import samples as stored_samples
from surveyapp.services import campaigns, history, library
from surveyapp.services.appraised import import_appraised
from surveyapp.services.frameworks import import_framework
from surveyapp.services.receipts import ALPHABET, new_receipt, receipt_hash
from surveyapp.services.samples import import_strata, make_invitations, token_hash
from tests.surveyapp.services.conftest import TODAY, example, faults_of, table

CODE = "VIDU-2024"


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def strata(*lines: str) -> int:
    return import_strata(CODE, table("respondent_group,stratum,population", *lines), "tang.csv")


def test_strata_replace_those_of_the_groups_in_the_file(prepared):
    assert strata("citizens,VD-A,12000", "citizens,VD-B,800", "businesses,VD-A,50") == 3
    assert strata("citizens,VD-A,13000") == 1
    assert stored_samples.strata(prepared.id) == {("citizens", "VD-A"): 13_000, ("businesses", "VD-A"): 50}


@pytest.mark.parametrize(("line", "told"), [
    ("leaders,VD-A,10", "Không có nhóm đối tượng “leaders”"),
    ("citizens,,10", "cột “stratum”"),
    ("citizens,VD-A,0", "“0” không phải là số nguyên"),
    ("citizens,VD-A,1.000", "“1.000” không phải là số nguyên"),
    ("citizens,Z,10", "đã có ở dòng 2"),
])
def test_faulty_strata_are_refused(prepared, line, told):
    texts = faults_of(strata, "citizens,Z,5", line)
    assert len(texts) == 1
    assert told in texts[0]
    assert count(Stratum) == 0


def invitations(*lines: str):
    return make_invitations(CODE, table("respondent_group,unit,stratum,psu,weight,count", *lines), "moi.csv")


def test_an_invitation_is_kept_as_a_hash_only(prepared):
    links = invitations("citizens,VD-A,,ap-1,2.5,3", "businesses,VD-B,B,,,1")
    assert [(link.form_id, link.respondent_group, link.unit_code, link.stratum, link.psu, link.weight) for link in links] == [
        ("vi_du", "citizens", "VD-A", "VD-A", "ap-1",
         Decimal("2.5"))] * 3 + [("vi_du", "businesses", "VD-B", "B", "", Decimal(1))]
    assert len({link.token for link in links}) == 4
    rows = db.session.scalars(select(Invitation)).all()
    assert {row.token_hash for row in rows} == {token_hash(link.token) for link in links}
    assert not any(link.token in str(vars(row)) for link in links for row in rows)
    assert stored_samples.invitation(token_hash(links[0].token)).weight == Decimal("2.5")


def test_faulty_invitations_are_refused_together(prepared):
    texts = faults_of(invitations, "citizens,VD-X,,,1,1", "leaders,,,,1,1", "citizens,VD-A,,,0,1", "citizens,VD-A,,,1,0",
                      "citizens,VD-A,,,1,10001", "citizens,,,,x,")
    assert len(texts) == 8
    assert count(Invitation) == 0


def test_no_invitations_for_a_closed_campaign(opened):
    campaigns.close_campaign(CODE, TODAY)
    with pytest.raises(Refused, match="đã đóng"):
        invitations("citizens,VD-A,,,1,1")


def points(*lines: str) -> int:
    return import_appraised(CODE, table("unit,leaf,self_scored,appraised", *lines), "td.csv")


def test_appraised_points_come_in_exactly_and_are_replaced(prepared):
    assert import_appraised(CODE, example("tham-dinh.csv"), "tham-dinh.csv") == 2
    assert points("VD-A,1.1,,1.234567") == 1
    stored = stored_points.of_campaign(prepared.id)
    assert stored["VD-A", "1.1"].appraised == Decimal("1.234567")
    assert stored["VD-A", "1.1"].self_scored is None
    assert stored["VD-B", "1.1"].appraised == 57
    assert import_appraised(CODE, table("unit;leaf;self_scored;appraised", "VD-A;1.1;1,5;0,25"), "vn.csv") == 1
    assert stored_points.of_campaign(prepared.id)["VD-A", "1.1"].appraised == Decimal("0.25")


@pytest.mark.parametrize(("line", "told"), [
    ("VD-X,1.1,1,1", "Không có đơn vị “VD-X”"),
    ("VD-NONGNGHIEP,1.1,1,1", "không hoạt động vào ngày mở đợt"),
    (",1.1,1,1", "cột “unit”"),
    ("VD-A,9.9,1,1", "không có mục mang điểm “9.9”"),
    ("VD-A,,1,1", "cột “leaf”"),
    ("VD-A,2.1,1,1", "lấy điểm từ điều tra xã hội học"),
    ("VD-A,1.1,1,60.01", "vượt điểm tối đa 60"),
    ("VD-A,1.1,61,1", "cột “self_scored”: Điểm 61 vượt điểm tối đa"),
    ("VD-A,1.1,1,-1", "số âm"),
    ("VD-A,1.1,1,năm", "“năm” không phải là số"),
    ("VD-A,1.1,1,1e3", "không phải là số"),
    ("VD-A,1.1,1,NaN", "không phải là số"),
    ("VD-A,1.1,1,=1+1", "không phải là số"),
    ("VD-A,1.1,1,1.1234567", "hơn 6 chữ số thập phân"),
    ("VD-A,1.1,1,", "cột “appraised”: Ô này để trống"),
    ("VD-B,1.1,1,1", "đã có điểm ở dòng 2"),
    (f"VD-A,1.1,1,{'9' * 1_000_000}", "không phải là số"),
])
def test_faulty_points_are_refused(prepared, line, told):
    texts = faults_of(points, "VD-B,1.1,1,1", line)
    assert len(texts) == 1
    assert told in texts[0]
    assert texts[0].startswith("td.csv, dòng 3, cột ")
    assert count(AppraisedPoints) == 0


def test_the_library_loads_once_and_leaves_what_a_province_imported(app_context):
    library.load_library()
    before = [count(model) for model in (QuestionnaireVersion, FrameworkDocument, PublishedFigure)]
    assert before[0] >= 3
    assert before[1] >= 5
    row = db.session.scalar(select(FrameworkDocument).where(FrameworkDocument.unit_group == "department"))
    own = import_framework(f"{row.document}\n# của tỉnh\n".encode(), "so.yaml")
    assert own.revision == 2
    library.load_library()
    assert [count(model) for model in (QuestionnaireVersion, FrameworkDocument, PublishedFigure)] == [
        before[0], before[1] + 1, before[2]]


def test_printed_figures_stay_as_printed(app_context):
    assert history.load_shipped() > 80
    assert history.load_shipped() == 0

    def figure(series: str, code: str, year: int) -> PublishedFigure:
        return db.session.scalar(select(PublishedFigure).where(
            PublishedFigure.series == series, PublishedFigure.code == code, PublishedFigure.year == year))

    assert figure("province_component_mean", "1", 2021).percent == Decimal("86.40")
    assert figure("province_index", "province", 2016).rank == 49
    assert figure("all_units_mean", "all_units", 2018).percent == Decimal("72.51")
    unread = db.session.scalars(select(PublishedFigure).where(PublishedFigure.percent.is_(None))).all()
    assert [row.note for row in unread] == ["Không đọc được trong bản quét"]


def test_figures_of_earlier_years_can_be_added(app_context):
    def figures(*lines: str) -> int:
        return history.import_history(table("series,code,name,year,percent,rank", *lines), "cu.csv")

    assert figures("unit_index,VD-A,Sở A,2023,81.5,", "province_index,province,Tỉnh,2023,83.21,20") == 2
    assert figures("unit_index,VD-A,Sở A,2023,82,1") == 1
    assert count(PublishedFigure) == 2
    assert len(faults_of(figures, "x,VD-A,Sở A,2023,1,", "unit_index,,,20,101,0", "unit_index,B,B,2023,1,",
                         "unit_index,B,B,2023,1,")) == 7


def test_a_receipt_is_random_and_read_aloud_safely():
    receipt = new_receipt()
    assert len(receipt) == 14
    assert set(receipt) <= set(ALPHABET) | {"-"}
    assert receipt != new_receipt()
    assert receipt_hash(receipt) == receipt_hash(f" {receipt.lower().replace('-', ' ')} ")
    assert len(receipt_hash(receipt)) == 64
