"""Charts: the same input gives the same bytes, text is outlines in our own font, nothing global is drawn on."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from surveyapp.charts import (
    NARROW,
    PAGE,
    WIDE,
    AreaBar,
    Distribution,
    Dumbbell,
    Interval,
    Place,
    Series,
    area_chart,
    distribution_chart,
    dumbbell_chart,
    interval_chart,
    line_chart,
    rank_chart,
)
from surveyapp.charts.canvas import text_width, ticks, wrap

LONG = "Tác động của CCHC đến người dân, tổ chức và các chỉ tiêu phát triển kinh tế - xã hội của tỉnh"
ROWS = [Interval("Ban Quản lý các Khu công nghiệp tỉnh", 82.3, 79.0, 85.4, "82,30", marked=True),
        Interval('=HYPERLINK("x") <script> $x^2$', 80.3, None, None, "80,30")]
PLACES = [Place(LONG, 1, 1, 60, 1, 119, "hạng 1, chắc chắn trong khoảng 1–60; xếp loại B: 84 %", "hạng 1 (1–60)", False),
          Place('=HYPERLINK("x") <script> $x^2$', 2, 2, 2, None, None, "hạng 2, chắc chắn", "hạng 2 (2)", True),
          Place("Sở", 1, None, None, None, None, "hạng 1, chưa tính được khoảng", "hạng 1")]
DRAWINGS = {
    "intervals": lambda form: interval_chart(form, "Ế Ệ Ỗ ữ", ROWS, subtitle="%", source="n = 3",
                                             reference=(81.0, "trung bình")),
    "ranks": lambda form: interval_chart(form, "Hạng", ROWS, subtitle="%", source="n", limits=(1, 90), best_right=True),
    "places": lambda form: rank_chart(form, "Hạng", PLACES, units=120, subtitle="%", source="n"),
    "one place": lambda form: rank_chart(form, "Hạng", PLACES[2:], units=1, subtitle="%", source="n"),
    "areas": lambda form: area_chart(form, "Lĩnh vực", [AreaBar(LONG, 40.0, None, "–")], subtitle="%", source="n"),
    "answers": lambda form: distribution_chart(form, "Câu", ["Kém", "Khá", "Tốt"], [Distribution(LONG, (1, 0, 9))],
                                               subtitle="%", source="n"),
    "lines": lambda form: line_chart(form, "Năm", [Series("Sở", {2016: 58.1, 2018: 72.1}), Series("Huyện", {2016: 50.0})],
                                     subtitle="%", source="n"),
    "dumbbells": lambda form: dumbbell_chart(form, "Điểm", [Dumbbell(LONG, 27.3, 26.9, "27,30 (−0,40)"),
                                                            Dumbbell("Sở", 20.0, None, "20,00 (–)")],
                                             subtitle="điểm", source="n", before="tính mọi phiếu", after="bỏ phiếu"),
    "nothing": lambda form: line_chart(form, "Năm", [], subtitle="%", source="n"),
}


@pytest.mark.parametrize("form", [WIDE, NARROW, PAGE], ids=lambda form: form.name)
@pytest.mark.parametrize("name", DRAWINGS)
def test_the_same_input_gives_the_same_svg_of_outlines(name, form):
    first = DRAWINGS[name](form)
    assert first == DRAWINGS[name](form)
    root = ET.fromstring(first)
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert b"<script" not in first
    assert b"<dc:date>" not in first
    assert b"NotoSans" in first or form is PAGE


def test_another_process_draws_the_same_bytes():
    program = ("import hashlib; from tests.surveyapp.test_charts import DRAWINGS, WIDE; "
               "print(hashlib.sha256(DRAWINGS['intervals'](WIDE)).hexdigest())")
    runs = {subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
            for _ in range(2)}
    assert len(runs) == 1


def test_no_figure_is_kept_anywhere():
    program = ("import sys; from tests.surveyapp.test_charts import DRAWINGS, WIDE; DRAWINGS['lines'](WIDE); "
               "assert 'matplotlib.pyplot' not in sys.modules")
    subprocess.run([sys.executable, "-c", program], check=True)


def test_words_are_wrapped_whole_and_a_word_too_long_is_broken():
    rows = wrap(LONG, 11, "regular", 150)
    assert " ".join(rows) == LONG
    assert all(text_width(row, 11, "regular") <= 150 for row in rows)
    assert "".join(wrap("x" * 300, 11, "regular", 150)) == "x" * 300
    assert wrap("", 11, "regular", 150) == []


@pytest.mark.parametrize(("low", "high", "expected"), [
    (0, 100, [0, 20, 40, 60, 80, 100]), (68.2, 84.9, [70, 75, 80]), (1, 12, [5, 10]), (1, 5, [1, 2, 3, 4, 5]), (5, 5, [5]),
])
def test_ticks_are_round_numbers(low, high, expected):
    assert [value for value in ticks(low, high) if value == int(value)] == expected
