"""Questionnaires, frameworks and campaigns as documents: what is stored, what can still change, when a campaign opens."""

from datetime import date

import pytest
from sqlalchemy import func, select

from surveyapp.errors import NotFound, Refused
from surveyapp.extensions import db
from surveyapp.models import Campaign, FrameworkDocument, QuestionnaireVersion
from surveyapp.queries import campaigns as stored
from surveyapp.queries import frameworks as stored_frameworks
from surveyapp.queries import questionnaires as stored_questionnaires
from surveyapp.services import responses
from surveyapp.services.campaigns import close_campaign, import_campaign, open_campaign
from surveyapp.services.frameworks import import_framework
from surveyapp.services.questionnaires import import_questionnaire
from tests.surveyapp.services.conftest import TODAY, example, faults_of

FORM, FRAMEWORK, CAMPAIGN = example("phieu.yaml"), example("khung.yaml"), example("dot.yaml")


def count(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


def test_the_same_document_again_gives_the_same_row(prepared):
    assert import_questionnaire(FORM, "x").id == import_questionnaire(FORM, "y").id
    assert import_framework(FRAMEWORK, "x").id == import_framework(FRAMEWORK, "y").id
    assert (count(QuestionnaireVersion), count(FrameworkDocument)) == (1, 1)


def test_a_questionnaire_nobody_was_asked_is_replaced(prepared):
    row = import_questionnaire(FORM.replace("Phiếu ví dụ".encode(), "Phiếu mới".encode()), "phieu.yaml")
    assert count(QuestionnaireVersion) == 1
    assert stored_questionnaires.parsed(row).title.in_language("vi") == "Phiếu mới"


def test_a_questionnaire_in_an_opened_campaign_never_changes(opened):
    texts = faults_of(import_questionnaire, FORM.replace("Phiếu ví dụ".encode(), "Phiếu mới".encode()), "phieu.yaml")
    assert "đã có câu trả lời hoặc thuộc đợt điều tra đã mở" in texts[0]
    row = import_questionnaire(FORM.replace(b'version: "1"', b'version: "2"'), "phieu.yaml")
    assert row.version == "2"
    assert [version.version for version in stored_questionnaires.newest()] == ["2"]


def test_versions_are_compared_as_people_count(prepared):
    for version in (b"9", b"10"):
        import_questionnaire(FORM.replace(b'version: "1"', b'version: "%s"' % version), "phieu.yaml")
    assert stored_questionnaires.versions("vi_du") == ["1", "9", "10"]
    assert stored_questionnaires.newest()[0].version == "10"


def test_a_changed_framework_is_the_next_revision_and_the_campaign_keeps_its_own(prepared):
    changed = import_framework(FRAMEWORK.replace("Bộ chỉ số ví dụ".encode(), "Bộ chỉ số sửa".encode()), "khung.yaml")
    assert changed.revision == 2
    assert stored_frameworks.of_campaign(prepared.id)["vi_du_so"].revision == 1
    assert stored_frameworks.newest_of_year(2024)["vi_du_so"].id == changed.id
    import_campaign(CAMPAIGN, "dot.yaml")
    assert stored_frameworks.of_campaign(prepared.id)["vi_du_so"].revision == 2


def test_every_fault_of_a_framework_is_told_with_its_line(prepared):
    broken = FRAMEWORK.replace(b"unit_group: vi_du_so", b"unit_group: vi_du_xa").replace(b"question: thai_do",
                                                                                         b"question: thai_doo")
    broken = broken.replace(b"share: 0.6", b"share: 0.7").replace(b"max_points: 60", b"max_points: 61")
    texts = faults_of(import_framework, broken, "khung.yaml")
    for part in ("vi_du_xa", "thai_doo", "1,1", "61"):
        assert any(part in text for text in texts), part
    assert all("khung.yaml, dòng " in text for text in texts)
    assert count(FrameworkDocument) == 1


@pytest.mark.parametrize("source", [b"a: [", b"", b"\xff\xfea\x00", b"- 1", b"a: &x 1\nb: *x", b"{}", b"name: \"\\0\""])
@pytest.mark.parametrize("service", [import_questionnaire, import_framework, import_campaign])
def test_what_is_no_such_document_is_refused_without_a_crash(app_context, service, source):
    assert faults_of(service, source, "tep.yaml")


@pytest.mark.parametrize(("old", "new", "told"), [
    ("year: 2024", "year: 2030", "Không có bộ chỉ số năm 2030"),
    ("year: 2024", "year: hai nghìn", "không phải là năm"),
    ('vi_du: "1"', 'vi_du: "7"', "không có phiên bản “7”"),
    ('vi_du: "1"', 'vi_dụ: "1"', "Không có phiếu “vi_dụ”"),
    ('{vi_du: "1"}', "[vi_du]", "phải gồm các cặp"),
    ("frameworks: [vi_du_so]", "frameworks: vi_du_so", "phải là danh sách"),
    ("frameworks: [vi_du_so]", "frameworks: [vi_du_so, vi_du_so]", "viết hai lần"),
    ("frameworks: [vi_du_so]", "framework: [vi_du_so]", "Không biết khóa “framework”"),
    ("closes_on: 2024-11-30", "closes_on: 2024-09-30", "trước ngày bắt đầu"),
    ("closes_on: 2024-11-30", "closes_on: 30.11", "không phải là ngày"),
    ("year: 2024\n", "year: 2024\nkeep_unfinished_days: 366\n", "không phải là số ngày từ 0 đến 365"),
    ("year: 2024\n", "year: 2024\nkeep_unfinished_days: []\n", "phải là chữ"),
    ("year: 2024\n", "year: 2024\nkeep_unfinished: 3\n", "Không biết khóa"),
    ("citizens: [vi_du_so]", "citizen: [vi_du_so]", "Không phiếu nào của đợt dành cho nhóm đối tượng “citizen”"),
    ("citizens: [vi_du_so]", "citizens: [so]", "Không có nhóm đơn vị “so”"),
    ("code: VIDU-2024", "code: đợt một", "không đúng dạng"),
    ("code: VIDU-2024\n", "", "Thiếu khóa “code”"),
    ("name: Đợt điều tra ví dụ năm 2024", f"name: {'x' * 301}", "dài quá 300 ký tự"),
])
def test_every_fault_of_a_campaign_is_told(prepared, old, new, told):
    source = CAMPAIGN.decode()
    assert old in source
    texts = faults_of(import_campaign, source.replace(old, new).replace("VIDU-2024", "KHAC").encode(), "dot.yaml")
    assert any(told in text for text in texts), texts
    assert count(Campaign) == 1


def test_a_form_that_nobody_may_answer_is_a_fault(prepared):
    source = CAMPAIGN.decode().replace("citizens", "officials").replace("businesses", "leaders")
    assert any("không có ai trả lời" in text for text in faults_of(import_campaign, source.encode(), "dot.yaml"))


def test_a_draft_is_replaced_and_an_opened_campaign_changes_only_name_and_last_day(prepared):
    sooner = CAMPAIGN.replace(b"2024-10-01", b"2024-09-15")
    assert import_campaign(sooner, "dot.yaml").opens_on == date(2024, 9, 15)
    open_campaign("VIDU-2024", TODAY)
    assert "“opens_on” không thể thay đổi" in faults_of(import_campaign, CAMPAIGN, "dot.yaml")[0]
    longer = import_campaign(sooner.replace(b"2024-11-30", b"2024-12-15"), "dot.yaml")
    assert (longer.closes_on, longer.state) == (date(2024, 12, 15), "open")
    assert count(Campaign) == 1


def test_how_long_what_is_unfinished_is_kept_is_declared_and_then_stays(prepared):
    assert import_campaign(CAMPAIGN, "dot.yaml").keep_unfinished_days == 30
    declared = CAMPAIGN + b"keep_unfinished_days: 7\n"
    assert import_campaign(declared, "dot.yaml").unfinished_until == date(2024, 12, 7)
    open_campaign("VIDU-2024", TODAY)
    assert "“keep_unfinished_days” không thể thay đổi" in faults_of(import_campaign, CAMPAIGN, "dot.yaml")[0]
    put_off = import_campaign(declared.replace(b"2024-11-30", b"2024-12-15"), "dot.yaml")
    assert put_off.unfinished_until == date(2024, 12, 22)


def test_a_campaign_is_opened_closed_and_opened_again(prepared):
    assert open_campaign("VIDU-2024", date(2024, 9, 1)).note.startswith("Người dân trả lời được trên mạng từ ngày 01/10/2024")
    with pytest.raises(Refused, match="đang mở rồi"):
        open_campaign("VIDU-2024", TODAY)
    assert [campaign.code for campaign in stored.open_now(TODAY)] == ["VIDU-2024"]
    assert not stored.open_now(date(2024, 12, 1))
    assert "Đóng sớm" in close_campaign("VIDU-2024", TODAY).note
    with pytest.raises(Refused, match="đã đóng"):
        close_campaign("VIDU-2024", TODAY)
    assert "đã qua" in open_campaign("VIDU-2024", date(2025, 1, 1)).note
    with pytest.raises(NotFound, match="Các đợt đang có: VIDU-2024"):
        open_campaign("VIDU-2025", TODAY)


def test_opening_checks_frameworks_scopes_and_units_together(prepared):
    """The framework was right when it came in; what the campaign asks and who rates whom no longer fits it."""
    import_questionnaire(FORM.replace(b"name: thoi_gian", b"name: thoi_luong").replace(b'version: "1"', b'version: "2"'),
                         "phieu.yaml")
    import_campaign(CAMPAIGN.replace(b'vi_du: "1"', b'vi_du: "2"'), "dot.yaml")
    assert any("thoi_gian" in text for text in faults_of(open_campaign, "VIDU-2024", TODAY))
    nobody = CAMPAIGN.replace(b"  businesses: [vi_du_so]\n", b"").replace(b"2024-10-01", b"2001-10-01")
    import_campaign(nobody, "dot.yaml")
    texts = faults_of(open_campaign, "VIDU-2024", TODAY)
    assert any("nhóm “businesses” (doanh nghiệp)" in text for text in texts)
    assert any("không có đơn vị nào" in text for text in texts)
    assert stored.by_code("VIDU-2024").state == "draft"


def test_only_units_that_exist_on_the_first_day_are_rated_and_scored(prepared):
    assert [unit.code for unit in stored.units_rated_by(prepared, "citizens")] == ["VD-B", "VD-A"]
    assert [unit.code for unit in stored.units_scored(prepared, "vi_du_so")] == ["VD-B", "VD-A"]
    assert stored.units_rated_by(prepared, "officials") == []
    assert stored.units_scored(prepared, "department") == []


def test_a_version_with_answers_is_protected_even_when_the_campaign_is_closed(opened):
    responses.import_responses("VIDU-2024", "vi_du", example("tra-loi.csv"), "tra-loi.csv")
    close_campaign("VIDU-2024", TODAY)
    assert faults_of(import_questionnaire, FORM + b"\n# change\n", "phieu.yaml")


def test_a_campaign_before_anything_else_is_in_says_what_to_do_about_each_fault(app_context):
    for text in faults_of(import_campaign, example("dot.yaml"), "dot.yaml"):
        assert text.rpartition("Cách sửa:")[2].strip(), text
