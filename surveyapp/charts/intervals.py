"""Values with their intervals, one row each: the interval is always drawn; where there is none, the row says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from surveyapp.charts.canvas import (
    BLUE,
    INK,
    LINE,
    MARGIN,
    ORANGE,
    PAPER,
    RULE,
    SOFT,
    VERMILLION,
    Canvas,
    Format,
    text_width,
    ticks,
    wrap,
)


@dataclass(frozen=True)
class Interval:
    label: str
    value: float
    low: float | None
    high: float | None
    #: what stands beside the row, already formatted
    words: str
    marked: bool = False


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    left: float
    right: float
    reverse: bool = False

    def __call__(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / ((self.high - self.low) or 1)
        return self.left + (1 - share if self.reverse else share) * (self.right - self.left)


def interval_chart(form: Format, title: str, rows: Sequence[Interval], *, subtitle: str, source: str,
                   limits: tuple[float, float] | None = None, reference: tuple[float, str] | None = None,
                   best_right: bool = False) -> bytes:
    """`limits` of the axis are taken from the rows unless given; `reference` is a vertical line with its name; with
    `best_right` small values (ranks) stand at the right."""
    canvas = Canvas(form)
    canvas.title(title)
    canvas.note(subtitle)
    canvas.space(canvas.size)
    size = canvas.size
    label_width = canvas.width - 2 * MARGIN if form.is_narrow else canvas.width * 0.36
    words_width = max((text_width(row.words, size, "regular") for row in rows), default=0) + 6
    left = MARGIN if form.is_narrow else MARGIN + label_width + 8
    scale = _Scale(*(limits or _limits(rows, reference)), left + 4, canvas.width - MARGIN - words_width - 6, best_right)
    labels = [wrap(row.label, size, "bold" if row.marked else "regular", label_width) for row in rows]
    top = canvas.height
    _axis(canvas, scale, integers=best_right)
    if reference:
        _reference(canvas, scale, reference)
    for row, label in zip(rows, labels, strict=True):
        _row(canvas, scale, row, label, form.is_narrow)
    bottom = canvas.height + 2
    _grid(canvas, scale, top, bottom, reference, integers=best_right)
    canvas.space(size * 0.8)
    canvas.note(source)
    return canvas.svg()


def _limits(rows: Sequence[Interval], reference: tuple[float, str] | None) -> tuple[float, float]:
    known = [value for row in rows for value in (row.low, row.value, row.high) if value is not None]
    if reference:
        known.append(reference[0])
    low, high = min(known, default=0), max(known, default=100)
    room = max((high - low) * 0.05, 0.5)
    return low - room, high + room


def _tick_values(scale: _Scale, canvas: Canvas, integers: bool) -> list[float]:
    about = max(2, int((scale.right - scale.left) / (canvas.size * 6)))
    values = ticks(scale.low, scale.high, about)
    return [value for value in values if value == int(value)] if integers else values


def _axis(canvas: Canvas, scale: _Scale, integers: bool) -> None:
    size = canvas.size * 0.85
    canvas.height += size * LINE
    for value in _tick_values(scale, canvas, integers):
        words = f"{value:g}".replace(".", ",")
        canvas.text(scale(value), canvas.height - size * 0.35, words, size=size, colour=SOFT, align="center")


def _reference(canvas: Canvas, scale: _Scale, reference: tuple[float, str]) -> None:
    size = canvas.size * 0.85
    canvas.height += size * LINE
    x, width = scale(reference[0]), text_width(reference[1], size, "regular")
    align = "left" if x + width < canvas.width - MARGIN else "right"
    canvas.text(x, canvas.height - size * 0.35, reference[1], size=size, colour=VERMILLION, align=align)


def _grid(canvas: Canvas, scale: _Scale, top: float, bottom: float, reference, integers: bool) -> None:
    """Drawn last but below everything: inserted before the other drawings."""
    later, canvas._drawings = canvas._drawings, []
    head = top + canvas.size * 0.85 * LINE
    for value in _tick_values(scale, canvas, integers):
        canvas.line(scale(value), head, scale(value), bottom, width=0.6)
    if reference:
        canvas.line(scale(reference[0]), head + canvas.size * 0.85 * LINE, scale(reference[0]), bottom, colour=VERMILLION,
                    width=1, dashes=(3, 2))
    canvas._drawings += later


def _row(canvas: Canvas, scale: _Scale, row: Interval, label: list[str], is_narrow: bool) -> None:
    size = canvas.size
    step = size * LINE
    weight = "bold" if row.marked else "regular"
    start = canvas.height + size * 0.25
    for index, part in enumerate(label):
        if is_narrow:  # the grid runs behind the label here
            canvas.box(MARGIN, start + index * step, text_width(part, size, weight) + 4, step, colour=PAPER)
        canvas.text(MARGIN, start + index * step + size * 1.05, part, weight=weight)
    label_height = len(label) * step
    if is_narrow:
        middle = start + label_height + size * 0.65
        end = middle + size * 0.9
    else:
        middle = start + label_height / 2
        end = start + label_height + size * 0.35
    colour = ORANGE if row.marked else BLUE
    if row.low is not None and row.high is not None:
        low, high = sorted((scale(row.low), scale(row.high)))
        canvas.line(low, middle, high, middle, colour=colour, width=size * 0.28)
        for x in (low, high):
            canvas.line(x, middle - size * 0.3, x, middle + size * 0.3, colour=colour, width=1.2)
    canvas.dot(scale(row.value), middle, size * 0.36, colour=INK if row.marked else colour)
    canvas.text(canvas.width - MARGIN, middle + size * 0.35, row.words, weight=weight, align="right")
    canvas.height = end
    if not is_narrow:
        canvas.line(MARGIN, end, canvas.width - MARGIN, end, colour=RULE, width=0.4)
