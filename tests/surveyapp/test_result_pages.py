"""Result pages over HTTP: who may see them, what they show, files and background work."""

import html
import re
from datetime import datetime

import pytest

from surveyapp import certainty_words, jobs, quality_words
from surveyapp.extensions import db
from surveyapp.formatters import figure, number
from surveyapp.models import ScoreRun
from surveyapp.queries import scores
from surveyapp.services import history
from tests.surveyapp import score_rows
from tests.surveyapp.staff_client import StaffClient, make_staff

PAGES = ["/ket-qua/", "/ket-qua/1", "/ket-qua/1/don-vi/so-noi-vu", "/ket-qua/1/don-vi/thanh-tra",
         "/ket-qua/1/don-vi/hostile-script",
         "/ket-qua/1/don-vi/so-noi-vu/tieu-chi/2.2", "/ket-qua/1/don-vi/so-noi-vu/tieu-chi/1.1.1",
         "/ket-qua/1/don-vi/thanh-tra/tieu-chi/3.2", "/ket-qua/1/phuong-phap", "/ket-qua/1/chat-luong", "/ket-qua/lich-su"]
FILES = ["/ket-qua/1/tep/don-vi.csv", "/ket-qua/1/nhom/department/bieu-do/diem.svg",
         "/ket-qua/1/nhom/department/bieu-do/hang.svg",
         "/ket-qua/1/chat-luong/bieu-do/district.svg?kho=hep", "/ket-qua/1/tep/chat-luong.csv", "/ket-qua/1/tep/dau-hieu.csv",
         "/ket-qua/1/don-vi/so-noi-vu/bieu-do/vi-tri.svg", "/ket-qua/1/don-vi/so-noi-vu/bieu-do/linh-vuc.svg?kho=hep",
         "/ket-qua/lich-su/bieu-do/nhom.svg"]


def one_run() -> None:
    assert score_rows.make_run() == 1
    history.load_shipped()
    make_staff()


@pytest.fixture(scope="module")
def beforehand():
    return one_run


@pytest.fixture
def staff(app):
    return app


@pytest.fixture
def analyst(staff):
    client = StaffClient(staff)
    client.sign_in("analyst")
    return client


def words_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_every_page_and_picture_shows(analyst):
    for path in PAGES:
        text = analyst.get(path)
        assert "<script>alert(" not in text, path
        for address in set(re.findall(r'(?:src|srcset)="(/ket-qua/[^"]+)"', text)):
            answer = analyst.http.get(address.replace("&amp;", "&"))
            assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml"), address
    for path in FILES:
        analyst.get(path)


def test_only_analysts_and_administrators_come_in(staff):
    visitor = StaffClient(staff)
    for path in [*PAGES, *FILES, "/cong-viec/1", "/cong-viec/1/tep"]:
        answer = visitor.http.get(path)
        assert answer.status_code == 302, path
        assert "/dang-nhap" in answer.location
    for role, status in (("designer", 403), ("administrator", 200)):
        client = StaffClient(staff)
        client.sign_in(role)
        for path in [*PAGES, *FILES]:
            client.get(path, status)


def test_nothing_starts_without_its_token(analyst):
    for path in ("/ket-qua/cham-diem/2024", "/ket-qua/1/bao-cao-toan-tinh", "/ket-qua/1/tat-ca",
                 "/ket-qua/1/don-vi/so-noi-vu/bao-cao"):
        assert analyst.http.post(path).status_code == 400
        assert analyst.http.get(path).status_code == 405


@pytest.mark.parametrize("path", [
    "/ket-qua/99", "/ket-qua/1/don-vi/khong-co", "/ket-qua/1/don-vi/so-noi-vu/tieu-chi/9.9", "/ket-qua/1/tep/la.csv",
    "/cong-viec/99",
    "/ket-qua/1/nhom/khong-co/bieu-do/diem.svg", "/ket-qua/1/nhom/department/bieu-do/la.svg", "/ket-qua/lich-su/bieu-do/la.svg",
    "/ket-qua/1/don-vi/thanh-tra/bieu-do/vi-tri.svg",
])
def test_what_is_not_there_is_a_404(analyst, path):
    analyst.get(path, 404)


def test_the_run_page_says_how_sure_the_order_is_and_why_some_are_not_ranked(analyst, app_context):
    text = analyst.get("/ket-qua/1")
    group = scores.groups(scores.run_of(1))[0]
    unit = group.ranked[2]
    assert f"hạng 3, chắc chắn trong khoảng {unit.rank_low}–{unit.rank_high}" in text
    assert "Tiêu chí 3.2 mới có 3 lượt đánh giá, cần ít nhất 5." in text
    assert f"xếp loại {unit.band}: {certainty_words.probability(unit.band_probability)}" in text
    sure = sum(pair.differs for pair in group.neighbours)
    assert f"Trong 11 cặp đơn vị liền kề, {sure} cặp chắc chắn khác nhau" in text
    may = sum(each.rank_all_low <= 3 for each in group.ranked)
    assert f"Có thể thực sự thuộc 3 hạng đầu: {may} đơn vị" in text
    assert "Chưa kết luận" in text
    assert "=HYPERLINK(&#34;http://x.invalid" in text


def test_the_quality_page_shows_both_results_and_withholds_small_counts(analyst, app_context):
    run = scores.run_of(1)
    text = words_of(analyst.get("/ket-qua/1/chat-luong"))
    assert "không chứng minh sai phạm" in text
    assert "Thời gian trả lời đo được ở 1.140 trên 2.420 lượt phiếu" in text
    for sign in quality_words.SIGNS.values():
        assert sign[0] in text
    two, none = (scores.unit_of(run, code) for code in (score_rows.TWO_FLAGGED, score_rows.NONE_FLAGGED))
    assert f"{two.unit_name} dưới 4 / 121 {figure(two.survey)} – – – {two.rank} –" in text
    assert f"{none.unit_name} 0 / 121 {figure(none.survey)} {figure(none.survey)} 0,00 0,00 {none.rank} {none.rank}" in text
    of_two, of_none = (words_of(analyst.get(f"/ket-qua/1/don-vi/{code}")) for code in (two.unit_code, none.unit_code))
    assert "Dưới 4 trên 121 lượt phiếu về đơn vị" in of_two
    assert "Thời gian trả lời đo được ở 60 trên 121 lượt phiếu về đơn vị" in of_two
    assert "Thời gian trả lời của các phiếu về đơn vị: không đo." in of_none
    assert "Chất lượng phiếu" in analyst.get("/ket-qua/1")


def test_a_run_made_before_forms_were_looked_at_says_so(analyst, app_context):
    session = db.writing()
    old = ScoreRun(campaign_id=scores.run_of(1).campaign_id, made_at=datetime(2024, 11, 1), dataset_sha256="a" * 64,
                   frameworks_sha256="a" * 64, appraised_sha256="a" * 64, result_sha256="a" * 64, code_version="0.1.0",
                   policy={"confidence": 0.95, "draws": 2000, "seed": 1, "lonely_psu": "adjust"}, responses=1, ratings=1)
    session.add(old)
    session.commit()
    assert "trước khi phần mềm xem chất lượng phiếu" in analyst.get(f"/ket-qua/{old.id}/chat-luong")
    assert "Chất lượng phiếu" not in analyst.get(f"/ket-qua/{old.id}/phuong-phap")


def test_the_unit_page_says_how_sure_its_place_is(analyst, app_context):
    result = scores.unit_result(scores.run_of(1), "so-noi-vu")
    unit, text = result.unit, html.unescape(analyst.get("/ket-qua/1/don-vi/so-noi-vu"))
    assert f"hạng thật nằm trong khoảng {unit.rank_low}–{unit.rank_high}" in text
    assert f"nằm trong khoảng {unit.rank_all_low}–{unit.rank_all_high}." in text
    for each in unit.band_probabilities:
        assert f"{each['band']}: {certainty_words.probability(each['probability'])}" in text
    beside = [pair for pair in result.group.neighbours if "so-noi-vu" in (pair.unit_code, pair.next_unit_code)]
    assert len(beside) == 2
    for pair in beside:
        assert f"{number(pair.difference)} điểm phần trăm, sai số chuẩn {number(pair.se)}; chưa đủ chắc chắn" in text
    for row in result.scenarios:
        words = certainty_words.scenario_words(row, scores.run_of(1))
        assert f"{words[0].upper()}{words[1:]}</th><td class=\"numeric\">{row.rank}</td>" in text
    assert "chắc chắn đến đâu" not in analyst.get("/ket-qua/1/don-vi/thanh-tra")


def test_the_method_page_names_what_was_declared(analyst):
    text = analyst.get("/ket-qua/1/phuong-phap")
    assert "theo quy tắc mặc định hiện nay" not in text
    for words in ("không ghi số lượt từ 1 đến 3", "ít hơn 5 người"):
        assert words in text
    for words in ("thuộc 3 hạng đầu", "từng nhóm 10 điểm phần trăm", "đổi tỷ trọng 10 điểm phần trăm", "Holm"):
        assert words in text


def test_the_criterion_page_writes_the_sum_out(analyst, app_context):
    text = re.sub(r"<[^>]+>|\s+", " ", analyst.get("/ket-qua/1/don-vi/so-noi-vu/tieu-chi/3.2"))
    leaf = next(leaf for leaf in scores.unit_result(scores.run_of(1), "so-noi-vu").leaves if leaf.leaf_code == "3.2")
    assert leaf.points_exact in text
    assert str(leaf.points).replace(".", ",") in text
    assert "Không tính vào mẫu số, không tính là 0" in text
    assert "để trống: 1 lượt" in text


def test_history_shows_printed_beside_recomputed(analyst):
    text = analyst.get("/ket-qua/lich-su")
    for printed in ("86,40", "86,405000", "73,28", "73,44", "79,60", "79,26"):
        assert printed in text, printed


def test_a_csv_comes_as_a_file(analyst):
    answer = analyst.http.get("/ket-qua/1/tep/don-vi.csv?dang=bang-tinh")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="don-vi-1-bang-tinh.csv"'
    assert answer.data.startswith("\ufeffcampaign;year".encode())


def test_the_internal_edition_says_so_and_pages_with_every_count_too(analyst):
    answer = analyst.http.get("/ket-qua/1/tep/phan-bo.csv?ban=noi-bo")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="phan-bo-noi-bo-1.csv"'
    public = analyst.http.get("/ket-qua/1/tep/phan-bo.csv").text
    assert ",,\r\n" in public
    assert ",,\r\n" not in answer.text
    for path in ("/ket-qua/1/don-vi/so-noi-vu", "/ket-qua/1/don-vi/so-noi-vu/tieu-chi/2.2"):
        assert "Chỉ dùng nội bộ" in analyst.get(path)
    page = analyst.get("/ket-qua/1")
    assert "/ket-qua/1/tep/phan-bo.csv?ban=noi-bo" in page.replace("&amp;", "&")
    assert "không gửi ra ngoài" in page


def test_a_report_is_made_in_the_background_and_taken_away(analyst, staff):
    analyst.post("/ket-qua/1/don-vi/so-noi-vu/bao-cao", "/ket-qua/1/don-vi/so-noi-vu")
    waiting = analyst.http.get("/cong-viec/1")
    assert waiting.headers["Refresh"] == "3"
    assert "đang chờ đến lượt" in waiting.text or "progress" in waiting.text
    analyst.get("/cong-viec/1/tep", 404)
    jobs.work_off(staff)
    done = analyst.http.get("/cong-viec/1")
    assert "Refresh" not in done.headers
    assert "/cong-viec/1/tep" in done.text
    answer = analyst.http.get("/cong-viec/1/tep")
    assert answer.data.startswith(b"%PDF-")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_scoring_what_cannot_be_scored_ends_with_a_sentence(analyst, staff):
    analyst.post("/ket-qua/cham-diem/2024", "/ket-qua/")
    jobs.work_off(staff)
    text = analyst.get("/cong-viec/1")
    assert "Không làm được" in text
    assert "phiếu" in text
