"""Bars: points of each area in their two parts, and how answers are distributed."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveyapp.charts.canvas import BLUE, INK, LINE, MARGIN, ORANGE, PAPER, RULE, SOFT, Canvas, Format, text_width, wrap

#: from the worst answer to the best, by number of answers; told apart by lightness as well
LEVELS = {
    2: ("#D55E00", "#0072B2"),
    3: ("#D55E00", "#d5dae0", "#0072B2"),
    4: ("#D55E00", "#F3B98C", "#86C5E8", "#0072B2"),
    5: ("#D55E00", "#F3B98C", "#d5dae0", "#86C5E8", "#0072B2"),
}
DARK = {"#D55E00", "#0072B2"}
#: the part of a wide chart that its labels may take
LABEL = 0.44


@dataclass(frozen=True)
class AreaBar:
    """Shares are percentages of the area's maximum; None where the points are not known."""

    label: str
    appraised: float | None
    survey: float | None
    words: str


@dataclass(frozen=True)
class Distribution:
    """One question: the number of each answer, in the order of the answers (worst first)."""

    label: str
    counts: tuple[int, ...]


def area_chart(form: Format, title: str, rows: Sequence[AreaBar], *, subtitle: str, source: str) -> bytes:
    canvas = Canvas(form)
    canvas.title(title)
    canvas.note(subtitle)
    canvas.key([(BLUE, "Điểm thẩm định"), (ORANGE, "Điểm điều tra xã hội học"), (RULE, "Điểm chưa đạt hoặc chưa có")])
    size = canvas.size
    words_width = max((text_width(row.words, size, "regular") for row in rows), default=0) + 8
    for row in rows:
        left, middle, thick = _label(canvas, form, row.label)
        right = canvas.width - MARGIN - words_width
        canvas.box(left, middle - thick / 2, right - left, thick, colour=RULE)
        x = left
        for share, colour in ((row.appraised, BLUE), (row.survey, ORANGE)):
            if share:
                width = (right - left) * min(share, 100) / 100
                canvas.box(x, middle - thick / 2, width, thick, colour=colour)
                x += width
        canvas.text(canvas.width - MARGIN, middle + size * 0.35, row.words, align="right")
    canvas.space(size * 0.8)
    canvas.note(source)
    return canvas.svg()


def distribution_chart(form: Format, title: str, answers: Sequence[str], rows: Sequence[Distribution], *, subtitle: str,
                       source: str) -> bytes:
    """`answers` are the labels from worst to best; shares of 8 % and more are written into their part of the bar."""
    canvas = Canvas(form)
    canvas.title(title)
    canvas.note(subtitle)
    colours = _colours(len(answers))
    canvas.key(list(zip(colours, answers, strict=True)))
    size = canvas.size
    counts = [f"n = {sum(row.counts)}" for row in rows]
    words_width = max((text_width(words, size, "regular") for words in counts), default=0) + 8
    for row, words in zip(rows, counts, strict=True):
        left, middle, thick = _label(canvas, form, row.label)
        right, total, x = canvas.width - MARGIN - words_width, sum(row.counts), left
        for count, colour in zip(row.counts, colours, strict=True):
            if not count:
                continue
            width = (right - left) * count / total
            canvas.box(x, middle - thick / 2, width, thick, colour=colour)
            share = f"{round(100 * count / total)} %"
            if text_width(share, size * 0.85, "regular") < width - 4:
                canvas.text(x + width / 2, middle + size * 0.3, share, size=size * 0.85, align="center",
                            colour=PAPER if colour in DARK else INK)
            x += width
        canvas.text(canvas.width - MARGIN, middle + size * 0.35, words, align="right", colour=SOFT)
    canvas.space(size * 0.8)
    canvas.note(source)
    return canvas.svg()


def _label(canvas: Canvas, form: Format, words: str) -> tuple[float, float, float]:
    """Writes the row's label; returns where its bar begins, its middle, and how thick it is."""
    size, step = canvas.size, canvas.size * LINE
    width = canvas.width - 2 * MARGIN if form.is_narrow else canvas.width * LABEL
    rows = wrap(words, size, "regular", width)
    start, thick = canvas.height + size * 0.3, size * 1.15
    for index, part in enumerate(rows):
        canvas.text(MARGIN, start + index * step + size * 1.05, part)
    height = len(rows) * step
    if form.is_narrow:
        middle = start + height + thick * 0.7
        canvas.height = middle + thick * 0.8
        return MARGIN, middle, thick
    canvas.height = start + max(height, thick) + size * 0.25
    return MARGIN + width + 10, start + height / 2, thick


def _colours(number: int) -> tuple[str, ...]:
    if number in LEVELS:
        return LEVELS[number]
    cycle = ("#D55E00", "#E69F00", "#F0E442", "#d5dae0", "#56B4E9", "#0072B2", "#009E73", "#CC79A7")
    return tuple(cycle[index % len(cycle)] for index in range(number))
