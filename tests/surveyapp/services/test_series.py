"""A series of answers goes on or is broken aloud: what importing and opening refuse, what they only remark."""

import pytest
from sqlalchemy import text

from surveyapp.errors import DocumentChanged
from surveyapp.extensions import db
from surveyapp.models import QuestionnaireVersion
from surveyapp.queries import questionnaires as stored
from surveyapp.queries import series
from surveyapp.services import questionnaires
from surveyapp.services.campaigns import import_campaign, open_campaign
from surveyapp.services.questionnaires import check_in_its_series, import_questionnaire
from tests.surveyapp.services.conftest import TODAY, example, faults_of

FORM = example("phieu.yaml").decode()
SCALE = "label: {vi: Tốt}", "label: {vi: Khá}"
DECLARED = "breaks_series: {thai_do: Thang theo Quyết định 12, thoi_gian: Thang theo Quyết định 12}\n"
TIME = next(line for line in FORM.splitlines(keepends=True) if "name: thoi_gian" in line)


def version(number: str, *changes: tuple[str, str], more: str = "") -> bytes:
    form = FORM.replace('version: "1"', f'version: "{number}"')
    for old, new in changes:
        assert old in form
        form = form.replace(old, new)
    return (form + more).encode()


def ask(number: str) -> None:
    """Opens a campaign that asks this version."""
    dot = example("dot.yaml").decode().replace("VIDU-2024", f"VIDU-{number}").replace('vi_du: "1"', f'vi_du: "{number}"')
    import_campaign(dot.encode(), "dot.yaml")
    open_campaign(f"VIDU-{number}", TODAY)


def test_a_silent_break_is_refused_at_each_question_and_a_declared_one_passes(opened):
    told = faults_of(import_questionnaire, version("2", SCALE), "phieu.yaml")
    assert ["dòng 26" in told[0], "dòng 27" in told[1], len(told)] == [True, True, 2]
    assert "“thai_do” không còn so sánh được với phiên bản 1" in told[0]
    assert "phương án “3”" in told[0]
    assert "breaks_series" in told[0].rpartition("Cách sửa:")[2]
    assert faults_of(check_in_its_series, version("2", SCALE), "phieu.yaml") == told
    assert stored.versions("vi_du") == ["1"]
    row = import_questionnaire(version("2", SCALE, more=DECLARED), "phieu.yaml")
    assert dict(stored.parsed(row).breaks_series) == {"thai_do": "Thang theo Quyết định 12",
                                                      "thoi_gian": "Thang theo Quyết định 12"}
    assert questionnaires.remarks(row) == ""


def test_what_was_never_asked_has_no_series(prepared):
    assert import_questionnaire(version("2", SCALE), "phieu.yaml").version == "2"
    assert "chưa phiên bản nào" in questionnaires.remarks(import_questionnaire(version("3", more=DECLARED), "phieu.yaml"))


def test_wording_and_new_questions_need_no_declaration(opened):
    new = ("Thái độ của công chức thế nào?", "Công chức có thái độ thế nào?")
    more = '      - {type: text, name: them, label: {vi: "Ý kiến thêm?"}}\n'
    row = import_questionnaire(version("2", new, more=more), "phieu.yaml")
    assert series.comparison("vi_du", "1", "2").question("thai_do").comparable == "with_care"
    assert questionnaires.remarks(row) == ""


def test_a_break_that_is_none_is_remarked_and_imported(opened):
    row = import_questionnaire(version("2", more=DECLARED), "phieu.yaml")
    assert questionnaires.remarks(row).count("vẫn so sánh được với phiên bản 1") == 2


def test_a_question_that_paused_is_held_against_the_version_that_asked_it_last(opened):
    import_questionnaire(version("2", (TIME, "")), "phieu.yaml")
    import_campaign(example("dot.yaml").replace(b"VIDU-2024", b"VIDU-2").replace(b'vi_du: "1"', b'vi_du: "2"'), "dot.yaml")
    db.session.execute(text("UPDATE campaigns SET state = 'open' WHERE code = 'VIDU-2'"))  # its framework still wants it
    db.session.commit()
    changed = TIME.replace("required: yes", 'relevant: "${thai_do} = \'1\'"')
    [told] = faults_of(import_questionnaire, version("3", (TIME, changed)), "phieu.yaml")
    assert "“thoi_gian” không còn so sánh được với phiên bản 1" in told
    assert import_questionnaire(version("3"), "phieu.yaml")


def test_a_break_declared_by_a_version_in_between_holds(opened):
    import_questionnaire(version("2", SCALE, more=DECLARED), "phieu.yaml")
    assert import_questionnaire(version("3", SCALE), "phieu.yaml").version == "3"


def test_a_renamed_question_keeps_its_series(opened):
    renamed = TIME.replace("name: thoi_gian", "name: thoi_luong").replace("select_one muc_do", "select_multiple muc_do")
    told = faults_of(import_questionnaire, version("2", (TIME, renamed), more="renames: {thoi_luong: thoi_gian}\n"), "x.yaml")
    assert "đổi loại câu hỏi" in told[0]
    assert import_questionnaire(version("2", (TIME, renamed)), "x.yaml").version == "2"  # a new question of a new name


def test_a_break_of_the_past_is_not_held_against_the_next_version(prepared):
    """Both were asked before anybody had to say anything: the newer one was opened first."""
    import_questionnaire(version("2", SCALE), "phieu.yaml")
    ask("2")
    open_campaign("VIDU-2024", TODAY)
    assert import_questionnaire(version("3", SCALE), "phieu.yaml").version == "3"
    assert "“thai_do” không còn so sánh được với phiên bản 2" in faults_of(import_questionnaire, version("3"), "phieu.yaml")[0]


def test_opening_a_campaign_looks_again(prepared):
    """The new version came in before the old one was asked by anybody."""
    import_questionnaire(version("2", SCALE), "phieu.yaml")
    open_campaign("VIDU-2024", TODAY)
    told = faults_of(ask, "2")
    assert told[0].startswith("Phiếu vi_du 2: Câu trả lời của “thai_do”")
    import_questionnaire(version("2", SCALE, more=DECLARED), "phieu.yaml")
    ask("2")


def test_a_document_changed_behind_the_programs_back_is_not_read(prepared):
    row = db.session.query(QuestionnaireVersion).one()
    assert stored.parsed(row).form_id == "vi_du"
    db.session.execute(text("UPDATE questionnaire_versions SET document = replace(document, 'Kém', 'Rất kém')"))
    db.session.commit()
    db.session.expire_all()
    with pytest.raises(DocumentChanged, match=r"vi_du 1.*không còn khớp với mã băm"):
        stored.parsed(stored.find("vi_du", "1"))
    with pytest.raises(DocumentChanged):
        open_campaign("VIDU-2024", TODAY)
