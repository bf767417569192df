"""The guide to the figures: its worked example is what the software reckons, figure by figure."""

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from analysis.index import points
from analysis.index.totals import rank, total
from surveyapp.certainty_words import SURE, UNSURE, percent, span
from surveyapp.formatters import number
from surveyapp.services import run_certainty
from surveyapp.services.score import Policy
from tests.analysis import index_samples as samples

GUIDE = Path(__file__).parent.parent / "docs" / "huong-dan-so-lieu.md"
UNITS = ("A", "B")
FRAMEWORK = samples.framework(
    samples.appraised("1", 60),
    samples.survey("2", 40, samples.rule(samples.source("officials", 1, "official", "steering"), minimum_n=5)))


def tables() -> dict[str, dict[str, list[str]]]:
    """The example's tables: head of the first column -> row's name -> cells."""
    text = GUIDE.read_text("utf-8").split("## Ví dụ tính tay")[1]
    found: dict[str, dict[str, list[str]]] = {}
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.M):
        head, _rule, *rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
        found[head[0]] = {row[0]: row[1:] for row in rows}
    return found


def example(times: int = 1) -> SimpleNamespace:
    """The example scored as a run does it, with each answer given `times` as often."""
    rows = []
    for unit in UNITS:
        for code, count in zip("4321", tables()["trả lời"][f"Đơn vị {unit}"], strict=True):
            for _ in range(int(count) * times):
                number_of = len(rows) + 1
                rows.append((number_of, "officials", unit, str(number_of), 1_000_000, unit, {"official.steering": code}))
    scores = points.score(FRAMEWORK, samples.ratings(rows, ["official.steering"]), list(UNITS))
    totals = [total(FRAMEWORK, scores.component(unit), {"1": 50}, leaves=scores.leaves_of(unit)) for unit in UNITS]
    return SimpleNamespace(scores=scores, totals=totals, sure=run_certainty.of_group(FRAMEWORK, totals, scores, Policy()))


def of_unit(run: SimpleNamespace, at: int) -> dict[str, str]:
    unit, scored = UNITS[at], run.totals[at]
    component, sure = run.scores.component(unit), run.sure.units[unit]
    bands = {each["band"]: each["probability"] for each in sure["band_probabilities"]}
    return {
        "Trung bình hệ số": number(run.scores.leaf(unit, "2").groups[0].mean),
        "Điểm điều tra": number(scored.survey.printed), "Chỉ số (%)": number(scored.percent),
        "Sai số chuẩn": number(component.standard_error), "Đầu dưới khoảng tin cậy": number(component.ci_low),
        "Đầu trên khoảng tin cậy": number(component.ci_high), "Hệ số thiết kế": number(component.design_effect),
        "Bậc tự do": str(component.df), "Hạng": str(rank(run.totals)[at].rank),
        "Khoảng hạng của riêng đơn vị": span(sure["rank_low"], sure["rank_high"]),
        "Khoảng hạng đồng thời": span(sure["rank_all_low"], sure["rank_all_high"]),
        **{f"Xác suất loại {band}": percent(bands[band]).replace("\u00a0", " ") for band in "BCD"},
    }


@pytest.mark.parametrize("at", [0, 1])
def test_every_figure_of_the_example(at):
    assert {name: cells[at] for name, cells in tables()["kết quả"].items()} == of_unit(example(), at)


@pytest.mark.parametrize(("column", "times"), [(0, 1), (1, 4)])
def test_the_comparison_and_what_more_answers_would_do_to_it(column, times):
    [pair] = example(times).sure.neighbours
    assert {name: cells[column] for name, cells in tables()["so sánh A với B"].items()} == {
        "Chênh lệch": number(pair["difference"]), "Sai số chuẩn của hiệu": number(pair["se"]),
        "Chênh lệch ÷ sai số chuẩn": number(pair["difference"] / pair["se"]), "Giá trị p": number(pair["p"], 3),
        "Kết luận": SURE if pair["differs"] else UNSURE}


def test_the_steps_in_words():
    text = " ".join(GUIDE.read_text("utf-8").split("## Ví dụ tính tay")[1].split())
    run = example()
    coefficients = np.repeat([1, 0.6, 0.2, 0], [4, 4, 2, 0])
    spread = ((coefficients - coefficients.mean()) ** 2).sum()
    component = run.scores.component("A")
    for words in (f"= {number(spread, 3)}. Chia cho 10 − 1 rồi chia cho 10: {number(spread / 90, 6)}. "
                  f"Căn bậc hai: {number((spread / 90) ** 0.5, 4)}.",
                  f"= {number(component.standard_error)}.",
                  f"hệ số {number(stats.t.ppf(0.975, 9), 3)}.",
                  f"tức từ {number(component.ci_low)} đến {number(component.ci_high)}.",
                  f"bằng {number(2.8 / component.standard_error)} lần sai số chuẩn"):
        assert words in text
    assert spread / 90 == pytest.approx((component.standard_error / 40) ** 2)


@pytest.mark.parametrize("document", ["README.md", "docs/huong-dan-phan-tich.md", "docs/dinh-dang/ket-qua.md"])
def test_the_guide_is_found_from(document):
    assert "huong-dan-so-lieu.md" in (GUIDE.parent.parent / document).read_text("utf-8")
