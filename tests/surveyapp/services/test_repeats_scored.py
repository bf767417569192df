"""A campaign whose form asks everything that is no rating: repeats, kinds of missing beside typed answers, orders, calculated
values. It is scored, published, exported and read again as if these were not there."""

import csv
import io
from fractions import Fraction

import pytest
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.models import LeafScore, QuestionnaireVersion, Response
from surveyapp.queries import ratings, summed
from surveyapp.services import (
    appraised,
    campaigns,
    codebook,
    collect,
    exchange,
    frameworks,
    freeze,
    questionnaires,
    report,
    responses,
    score,
    units,
    version_export,
)
from surveyapp.services.quality_rules import QualityRules
from tests.surveyapp.services.conftest import TODAY, example, faults_of

MORE = """
  - name: further
    label: {vi: Hỏi thêm}
    questions:
      - {type: integer, name: visits, label: {vi: "Đến mấy lần?"}, required: yes, missing: [dont_know, refused]}
      - {type: text, name: said, label: {vi: "Nói thêm"}, missing: [refused]}
      - {type: rank ways, name: wishes, label: {vi: "Xếp thứ tự"}, missing: [dont_know]}
      - {type: select_multiple ways, name: used, label: {vi: "Đã dùng cách nào?"}}
      - {type: calculate, name: twice, calculation: "${visits} * 2"}
  - repeat: papers
    label: {vi: Giấy tờ}
    pages:
      - name: paper
        label: {vi: Một giấy tờ}
        questions:
          - {type: select_one muc_do, name: paper_mark, label: {vi: "Làm giấy này thế nào?"}}
          - {type: select_multiple ways, name: paper_ways, label: {vi: "Bằng cách nào?"}}
          - {type: integer, name: days, label: {vi: "Mấy ngày?"}, missing: [dont_know]}
          - {type: calculate, name: number, calculation: position(..)}
"""
WAYS = """
  ways:
    - {name: desk, label: {vi: Tại quầy}}
    - {name: web, label: {vi: Trên mạng}}

pages:
"""
PLAIN = example("phieu.yaml").decode()
FORM = PLAIN.replace("\npages:\n", WAYS) + MORE
HEADER = ("receipt,respondent_group,unit,answered_on,thai_do,thoi_gian,ly_do,visits,said,wishes,used,twice,papers.times,"
          "paper_mark.1,paper_mark.2,paper_mark.3,paper_ways.1,paper_ways.2,days.1,days.2,number.1")
FURTHER = ("#dont_know,#refused,web desk,desk,,,,,,,,,,",
           "3,=1+1,#dont_know,desk web,6,3,1,dont_know,,web,desk web,#dont_know,7,1",
           "0,-5,desk web,,0,1,4,,,desk,,,,1")


def opened(form: str, framework: str) -> None:
    units.import_unit_groups(example("nhom-don-vi.csv"), "nhom-don-vi.csv")
    units.import_units(example("don-vi.csv"), "don-vi.csv")
    questionnaires.import_questionnaire(form.encode(), "phieu.yaml")
    frameworks.import_framework(framework.encode(), "khung.yaml")
    campaigns.import_campaign(example("dot.yaml"), "dot.yaml")
    campaigns.open_campaign("VIDU-2024", TODAY)


@pytest.fixture
def campaign(app_context) -> int:
    opened(FORM, example("khung.yaml").decode())
    rows = list(csv.DictReader(io.StringIO(example("tra-loi.csv").decode())))
    lines = [HEADER, *(",".join([*(row[name] for name in ("receipt", "respondent_group", "unit", "answered_on", "thai_do",
                                                          "thoi_gian")), f'"{row["ly_do"]}"', FURTHER[number % 3]])
                       for number, row in enumerate(rows))]
    responses.import_responses("VIDU-2024", "vi_du", "\n".join(lines).encode(), "tra-loi.csv")
    appraised.import_appraised("VIDU-2024", example("tham-dinh.csv"), "tham-dinh.csv")
    return campaigns.stored.by_code("VIDU-2024").id


def stored(campaign: int) -> list[dict]:
    return [row.answers for row in db.session.scalars(select(Response).where(Response.campaign_id == campaign))]


def test_ratings_are_scored_as_if_nothing_else_had_been_asked(campaign):
    assert {"missing": "dont_know"} in [answers["visits"] for answers in stored(campaign)]
    assert [{"paper_mark": "1", "paper_ways": ["web"], "days": {"missing": "dont_know"}, "number": "1"},
            {"paper_mark": "dont_know", "paper_ways": ["desk", "web"], "days": "7", "number": "2"},
            {"number": "3"}] in [answers["papers"] for answers in stored(campaign)]
    run = score.score_campaign("VIDU-2024", quality=QualityRules(minimum_answers=2))
    # as in docs/vi-du, by hand
    wanted = {"2.1": 25 * (1 + 1 + Fraction("0.6")) / 3}
    leaves = {leaf.leaf_code: leaf for leaf in db.session.scalars(
        select(LeafScore).where(LeafScore.run_id == run.id, LeafScore.unit_code == "VD-A"))}
    assert Fraction(leaves["2.1"].points_exact) == wanted["2.1"]
    forms = ratings.asked(campaign)
    assert set(ratings.answers_of(forms)) == {"vi_du.thai_do", "vi_du.thoi_gian"}
    assert set(ratings.several_of(forms)) == {"vi_du.used"}
    with freeze.frozen(campaign, forms) as data:
        ours, theirs = data.sums(ratings.missing_of(forms), {}), summed.sums(campaign, forms, {})
        assert (theirs.rows, theirs.people) == (ours.rows, ours.people)
        assert ours.rows == sum(ours.people.values()) == 9
        for one, other in zip(ours.tables, theirs.tables, strict=True):
            cells = [{key: (counts.tolist(), weights.tolist()) for key, counts, weights in zip(
                table.keys, table.counts, table.weighted, strict=True)} for table in (one, other)]
            assert (one.start, cells[0]) == (other.start, cells[1])


def test_a_run_is_published_with_nothing_of_what_is_no_rating(campaign):
    run = score.score_campaign("VIDU-2024", quality=QualityRules(minimum_answers=2))
    for internal in (False, True):
        files = exchange.csv_files(run.id, spreadsheet=internal, internal=internal)
        assert not [name for name, content in files.items() if "paper" in content.decode("utf-8-sig")]
    assert report.province_pdf(run.id).startswith(b"%PDF")
    assert report.unit_pdf(run.id, "VD-A").startswith(b"%PDF")


def test_what_is_exported_comes_in_again_as_the_same(campaign):
    before = stored(campaign)
    exported = responses.export_responses("VIDU-2024", "vi_du")
    responses.import_responses("VIDU-2024", "vi_du", exported, "xuat.csv")
    after = stored(campaign)
    assert len(after) == 2 * len(before)
    for answers in before:
        assert after.count(answers) == 2 * before.count(answers)
    columns = exported.decode("utf-8-sig").splitlines()[0].split(",")
    assert columns[9:] == [
        "thai_do", "thoi_gian", "ly_do", "visits", "said", "wishes", "used", "twice", "papers.times",
        *(f"{name}.{time}" for name in ("paper_mark", "paper_ways", "days", "number") for time in (1, 2, 3))]
    book = codebook.codebook_of(db.session.scalar(select(QuestionnaireVersion)), campaigns.stored.by_code("VIDU-2024"))
    rows = csv.DictReader(io.StringIO(codebook.csv_file(book, codebook.VARIABLES, False).decode("utf-8-sig")))
    assert [row["column"] for row in rows] == columns[9:]
    assert b"papers.times" in codebook.ddi_xml(book)
    assert codebook.codebook_pdf(book).startswith(b"%PDF")
    every = version_export.export_all_versions("vi_du").responses.decode("utf-8-sig").splitlines()
    assert every[0].split(",")[2:] == columns
    assert sorted(line.split(",", 2)[2] for line in every[1:]) == sorted(
        responses.export_responses("VIDU-2024", "vi_du").decode("utf-8-sig").splitlines()[1:])


def test_what_was_handed_in_on_the_web_comes_in_again_as_the_same(campaign):
    """The last times of an open repeat were left blank; nobody knows that but the form and its file."""
    code = collect.new_access_code()
    collect.start("VIDU-2024", "vi_du", "citizens", "VD-A", code, "vi", TODAY)
    more = {"papers:more": ["yes"]}
    for page, posted in (("danh_gia", {"thai_do": ["4"], "thoi_gian": ["4"]}), ("further", {"visits": ["2"], "said": ["+84"]}),
                         ("paper.1", {"days": ["5"], **more}), ("paper.2", more), ("paper.3", {})):
        assert collect.store_page(code, page, posted, "vi", TODAY)[0].faults == ()
    collect.seal(code, TODAY)
    [answers] = [row.answers for row in db.session.scalars(select(Response).where(Response.mode == "web"))]
    assert [each.get("days") for each in answers["papers"]] == ["5", None, None]
    responses.import_responses("VIDU-2024", "vi_du", responses.export_responses("VIDU-2024", "vi_du"), "xuat.csv")
    assert stored(campaign).count(answers) == 2


def test_a_rule_cannot_refer_to_a_question_that_is_asked_several_times(app_context):
    units.import_unit_groups(example("nhom-don-vi.csv"), "nhom-don-vi.csv")
    units.import_units(example("don-vi.csv"), "don-vi.csv")
    questionnaires.import_questionnaire(FORM.encode(), "phieu.yaml")
    framework = example("khung.yaml").decode().replace("question: thai_do", "question: paper_mark")
    [fault] = faults_of(frameworks.import_framework, framework.encode(), "khung.yaml")
    assert "Câu hỏi “paper_mark” của phiếu “vi_du” nằm trong nhóm lặp" in fault
    assert "khung.yaml, dòng 34" in fault


def test_columns_of_several_versions_are_not_mixed_up(campaign):
    """Version 1 asks "papers" times over; version 2 asks a new question that bears the name of a repeated one, once."""
    second = (PLAIN.replace('version: "1"', 'version: "2"')
              + "      - {type: integer, name: days, label: {vi: Ngày khác}}\nbreaks_series: {days: Nay chỉ hỏi một lần}\n")
    questionnaires.import_questionnaire(second.encode(), "phieu.yaml")
    dot = example("dot.yaml").decode().replace("VIDU-2024", "VIDU-2").replace('vi_du: "1"', 'vi_du: "2"')
    campaigns.import_campaign(dot.encode(), "dot.yaml")
    campaigns.open_campaign("VIDU-2", TODAY)
    source = "receipt,respondent_group,unit,answered_on,thai_do,thoi_gian,days\nB,citizens,VD-A,2024-10-05,4,4,9"
    responses.import_responses("VIDU-2", "vi_du", source.encode(), "b.csv")
    rows = list(csv.DictReader(io.StringIO(version_export.export_all_versions("vi_du").responses.decode("utf-8-sig"))))
    columns = list(rows[0])[11:]
    assert columns == ["thai_do", "thoi_gian", "ly_do", "days", "days.1", "days.2", "days.3", "visits", "said", "wishes",
                       "used", "twice", "papers.times", *(f"{name}.{time}" for name in ("paper_mark", "paper_ways", "number")
                                                  for time in (1, 2, 3))]
    [newer] = [row for row in rows if row["version"] == "2"]
    assert (newer["days"], newer["days.1"]) == ("9", "")
