"""Reports read back from the PDF: the numbers of the CSV, right marks on letters, tagged, the same bytes each time."""

import csv
import io
import re
import subprocess
import unicodedata

import pytest

from surveyapp import certainty_words
from surveyapp.formatters import number
from surveyapp.queries import scores
from surveyapp.services import exchange, report
from tests.surveyapp import score_rows

pytestmark = pytest.mark.xdist_group("report")  # what is made once is made in one process


@pytest.fixture
def database_url(sqlite_url):
    """What is shown does not hang on the kind of database; what is stored and read is tested on both."""
    return sqlite_url


def read_back(pdf: bytes, tmp_path, *options: str) -> str:
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", *options, str(path), "-"], check=True, capture_output=True).stdout.decode()
    return " ".join(unicodedata.normalize("NFC", text).split())


def info(pdf: bytes, tmp_path, *options: str) -> str:
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdfinfo", *options, str(path)], check=True, capture_output=True, text=True).stdout


def rows(run_id: int, name: str) -> list[dict[str, str]]:
    content = exchange.csv_file(run_id, name, spreadsheet=False).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def run_with_history() -> None:
    score_rows.add_history()
    assert score_rows.make_run() == 1


@pytest.fixture(scope="module")
def beforehand():
    return run_with_history


@pytest.fixture
def run_id(app_context):
    return 1


@pytest.fixture(scope="module")
def made():
    return {}


@pytest.fixture
def province(run_id, made) -> bytes:
    """The province's report, made once: every test has the same run before it."""
    if "province" not in made:
        made["province"] = report.province_pdf(run_id)
    return made["province"]


def test_province_report(run_id, province, tmp_path):
    text = read_back(province, tmp_path, "-layout")
    units = rows(run_id, "don-vi.csv")
    for unit in units:
        for column in ("total", "survey", "appraised", "percent"):
            if unit[column]:
                figure = re.escape(unit[column].replace(".", ","))
                assert re.search(rf"(?<![\d,]){figure}(?![\d,])", text), (unit["unit_name"], column)
        if unit["total_low"]:
            assert f"{number(float(unit['total_low']))}–{number(float(unit['total_high']))}" in text
            assert certainty_words.span(int(unit["rank_low"]), int(unit["rank_high"])) in text
    plain = read_back(province, tmp_path)
    assert score_rows.LONG in plain
    assert "Sở Nông nghiệp và Phát triển nông thôn" in plain
    # a word longer than its column is broken there: all its letters stand in the report, with a line's end between
    assert '=HYPERLINK("http://x.invalid";"SởNgoạivụ")' in plain.replace(" ", "")
    assert "<script>alert" in plain
    assert "Mức độ hài lòng theo yếu tố" in plain
    assert "Tiêu chí 3.2 mới có 3 lượt đánh giá" in plain
    assert "không chứng minh sai phạm" in plain
    for effect in rows(run_id, "chat-luong.csv"):
        shown = f"{effect['flagged'] or 'dưới 4'} / {effect['forms']}"
        assert shown in plain, effect["unit_name"]
        if effect["difference"]:
            assert f"{number(abs(float(effect['difference'])))} {number(float(effect['difference_se']))}" in plain
    run = rows(run_id, "lan-cham.csv")[0]
    for column in ("dataset_sha256", "frameworks_sha256", "appraised_sha256", "days_sha256", "result_sha256"):
        assert run[column] in plain
    facts = info(province, tmp_path)
    assert re.search(r"Tagged:\s+yes", facts)
    assert re.search(r"Page size:.*A4", facts)
    assert "2024" in re.search(r"CreationDate:(.*)", facts)[1]
    assert 'pdfuaid:part="1"' in info(province, tmp_path, "-meta")
    assert province == report.province_pdf(run_id)


@pytest.mark.parametrize("unit_code", ["so-noi-vu", "thanh-tra", "hostile-script"])
def test_unit_report(run_id, unit_code, tmp_path):
    text = read_back(report.unit_pdf(run_id, unit_code), tmp_path)
    unit = next(row for row in rows(run_id, "don-vi.csv") if row["unit_code"] == unit_code)
    assert unit["unit_name"].split("<")[0].strip() in text
    for column in ("total", "survey", "appraised"):
        if unit[column]:
            assert unit[column].replace(".", ",") in text
    for leaf in rows(run_id, "tieu-chi.csv"):
        if leaf["unit_code"] == unit_code:
            assert leaf["leaf_code"] in text
            assert not leaf["points"] or leaf["points"].replace(".", ",") in text
            assert not leaf["low"] or f"{number(float(leaf['low']))}–{number(float(leaf['high']))}" in text
    for row in rows(run_id, "hai-long.csv"):
        if row["unit_code"] == unit_code and row["value"]:
            assert number(float(row["value"])) in text
    told = [row for row in rows(run_id, "phan-bo.csv") if row["unit_code"] == unit_code and row["n"]]
    assert len(told) > 5
    for row in told:
        assert f"{row['answer_label']}: {row['n']}" in text
    assert ("chưa được xếp hạng" in text) == (not unit["rank"])


def test_reports_say_how_sure_the_order_is_with_the_figures_of_the_files(run_id, province, tmp_path):
    run, units = scores.run_of(run_id), {row["unit_code"]: row for row in rows(run_id, "don-vi.csv")}
    words = read_back(province, tmp_path)
    for group in scores.groups(run):
        assert certainty_words.neighbours(group).strip(".") in words
    own = units["so-noi-vu"]
    text = read_back(report.unit_pdf(run_id, "so-noi-vu"), tmp_path).replace("\u00a0", " ")
    for low, high in (("rank_low", "rank_high"), ("rank_all_low", "rank_all_high"), ("rank_best", "rank_worst")):
        assert certainty_words.span(int(own[low]), int(own[high])) in text
    for row in rows(run_id, "xep-loai.csv"):
        if row["unit_code"] == "so-noi-vu":
            assert f"{row['band']}: {certainty_words.probability(float(row['probability']))}".replace("\u00a0", " ") in text
    for pair in rows(run_id, "lien-ke.csv"):
        if pair["unit_code"] == "so-noi-vu":
            difference, se = number(float(pair["difference"])), number(float(pair["se"]))
            assert f"chênh lệch {difference} điểm phần trăm, sai số chuẩn {se}" in text


def test_every_table_row_header_is_repeated_and_pages_are_numbered(province, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(province)
    pages = int(re.search(r"Pages:\s+(\d+)", info(province, tmp_path))[1])
    for page in range(2, pages + 1):
        text = subprocess.run(["pdftotext", "-f", str(page), "-l", str(page), str(path), "-"], check=True,
                              capture_output=True, text=True).stdout
        assert f"{page} / {pages}" in " ".join(text.split())
        assert "lượt chấm số" in unicodedata.normalize("NFC", text)
