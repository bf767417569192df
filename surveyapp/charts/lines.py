"""Series over years, each with its name at its end instead of a legend."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveyapp.charts.canvas import (
    BLUE,
    GREEN,
    INK,
    LINE,
    MARGIN,
    ORANGE,
    PURPLE,
    SKY,
    SOFT,
    VERMILLION,
    Canvas,
    Format,
    text_width,
    ticks,
    wrap,
)

COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, "#444444", "#8a5a00", "#005f3c")


@dataclass(frozen=True)
class Series:
    label: str
    #: year -> value; a missing year breaks the line, it is never bridged
    values: dict[int, float]


def line_chart(form: Format, title: str, series: Sequence[Series], *, subtitle: str, source: str) -> bytes:
    canvas = Canvas(form)
    canvas.title(title)
    canvas.note(subtitle)
    canvas.space(canvas.size)
    size = canvas.size * 0.95
    years = sorted({year for one in series for year in one.values})
    values = [value for one in series for value in one.values.values()]
    if not years:
        canvas.note("Chưa có số liệu.")
        return canvas.svg()
    label_width = canvas.width * (0.4 if form.is_narrow else 0.32)
    left = MARGIN + text_width("100", size, "regular") + 6
    right = canvas.width - MARGIN - label_width - 12
    room = max((max(values) - min(values)) * 0.06, 1)
    low, high = min(values) - room, max(values) + room
    labels = [wrap(f"{one.label} {_short(_last(one))}", size, "regular", label_width) for one in series]
    needed = sum(len(label) * size * LINE + size * 0.2 for label in labels)
    top = canvas.height
    height = max(needed, canvas.width * (0.62 if form.is_narrow else 0.4))

    def at(year: int, value: float) -> tuple[float, float]:
        across = (year - years[0]) / ((years[-1] - years[0]) or 1)
        return left + across * (right - left), top + height * (1 - (value - low) / (high - low))

    for value in ticks(low, high, 5):
        y = at(years[0], value)[1]
        canvas.line(left, y, right, y, width=0.6)
        canvas.text(left - 5, y + size * 0.35, f"{value:g}", size=size, colour=SOFT, align="right")
    for index, one in enumerate(series):
        colour = COLOURS[index % len(COLOURS)]
        for run in _unbroken(one.values, years):
            canvas.path([at(year, one.values[year]) for year in run], colour=colour)
        for year, value in one.values.items():
            canvas.dot(*at(year, value), size * 0.25, colour=colour)
    _labels(canvas, series, labels, at, size, right, top, height)
    for year in years if not form.is_narrow else years[::max(1, len(years) - 1)]:
        canvas.text(at(year, low)[0], top + height + size * 1.3, str(year), size=size, colour=SOFT, align="center")
    canvas.height = top + height + size * 1.8
    canvas.note(source)
    return canvas.svg()


def _labels(canvas: Canvas, series, labels, at, size: float, right: float, top: float, height: float) -> None:
    """Names at the lines' ends, pushed apart so that none covers another."""
    step, gap = size * LINE, size * 0.2
    order = sorted(range(len(series)), key=lambda index: at(*_last_point(series[index]))[1])
    wanted = [at(*_last_point(series[index]))[1] - len(labels[index]) * step / 2 for index in order]
    places, floor = [], top - size * 0.5
    for index, want in zip(order, wanted, strict=True):
        places.append(max(want, floor))
        floor = places[-1] + len(labels[index]) * step + gap
    ceiling = top + height + size * 0.4
    for position in range(len(order) - 1, -1, -1):
        tall = len(labels[order[position]]) * step
        places[position] = min(places[position], ceiling - tall)
        ceiling = places[position] - gap
    for index, place in zip(order, places, strict=True):
        colour = COLOURS[index % len(COLOURS)]
        x, y = at(*_last_point(series[index]))
        canvas.line(x + 4, y, right + 10, place + len(labels[index]) * step / 2, colour=colour, width=0.5)
        for row, words in enumerate(labels[index]):
            canvas.text(right + 12, place + row * step + size * 1.05, words, size=size, colour=INK)


def _unbroken(values: dict[int, float], years: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for year in years:
        if year not in values:
            continue
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return runs


def _last_point(one: Series) -> tuple[int, float]:
    year = max(one.values)
    return year, one.values[year]


def _last(one: Series) -> float:
    return _last_point(one)[1]


def _short(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")
