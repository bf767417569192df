"""Places in an order, one row each: a dot at the rank, a bar over the ranks that are possible for this unit by itself, a thin
line over those that are possible for all units at once; and a sign between neighbours that may as well be equal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import pi, sin

from surveyapp.charts.canvas import (
    BLUE,
    INK,
    LINE,
    MARGIN,
    PAPER,
    RULE,
    SKY,
    SOFT,
    VERMILLION,
    Canvas,
    Format,
    text_width,
    wrap,
)

#: words beside a row, and the axis, are smaller than its name
SMALL = 0.85
#: of the sheet's width, for names and words; and for names alone, where the words stand at the right
LABELS, NAMES = 0.5, 0.37


@dataclass(frozen=True)
class Place:
    label: str
    rank: int
    low: int | None
    high: int | None
    all_low: int | None
    all_high: int | None
    #: what stands below the name, and on paper, where a table follows, at the right
    words: str
    short: str
    #: whether this unit and the one in the next row are surely not equal; None where nothing is known
    differs_from_next: bool | None = None


@dataclass(frozen=True)
class _Axis:
    """Rank 1 at the right, where the higher scores of the other charts are."""

    units: int
    left: float
    right: float

    def __call__(self, rank: float) -> float:
        return self.right - (rank - 1) / max(self.units - 1, 1) * (self.right - self.left)

    def ticks(self, room: float) -> list[int]:
        """The first and the last rank, and round ones between them that have `room` on both sides."""
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
                    if self(1) - self(1 + step) >= room or step >= self.units)
        inner = [rank for rank in range(step, self.units, step) if self(1) - self(rank) >= room and
                 self(rank) - self(self.units) >= room]
        return sorted({1, self.units, *inner})


def rank_chart(form: Format, title: str, rows: Sequence[Place], *, units: int, subtitle: str, source: str) -> bytes:
    """`units`: how many are ranked, the last place that there is. On paper, where height is dear, rows are lower."""
    canvas = Canvas(form)
    canvas.title(title)
    canvas.note(subtitle)
    _key(canvas, rows)
    size = canvas.size
    beside = form.words_outside
    words_width = max((text_width(row.short, size * SMALL, "regular") for row in rows), default=0) + size if beside else 0
    label_width = canvas.width - 2 * MARGIN if form.is_narrow else canvas.width * (NAMES if beside else LABELS) - MARGIN
    left = MARGIN if form.is_narrow else MARGIN + label_width + size
    axis = _Axis(max(units, 2), left + size * 0.6, canvas.width - MARGIN - words_width - size * 0.6)
    top = canvas.height
    canvas.height += size * SMALL * LINE
    for rank in axis.ticks(size * 2.2):
        canvas.text(axis(rank), canvas.height - size * SMALL * 0.35, str(rank), size=size * SMALL, colour=SOFT, align="center")
    for index, row in enumerate(rows):
        middle = _row(canvas, axis, row, label_width)
        if index + 1 < len(rows):
            _between(canvas, axis, row, rows[index + 1])
        elif not form.is_narrow:
            canvas.height = max(canvas.height, middle + size)
    _grid(canvas, axis, top + size * SMALL * LINE, canvas.height + 2)
    canvas.space(size * 0.8)
    canvas.note(source)
    return canvas.svg()


def _row(canvas: Canvas, axis: _Axis, row: Place, label_width: float) -> float:
    size, narrow, beside = canvas.size, canvas.form.is_narrow, canvas.form.words_outside
    room = size * (0.15 if beside else 0.35)
    y = start = canvas.height + room
    below = [] if beside else wrap(row.words, size * SMALL, "regular", label_width)
    for lines, text_size, colour in ((wrap(row.label, size, "regular", label_width), size, INK), (below, size * SMALL, SOFT)):
        for words in lines:
            if narrow:  # the grid runs behind the words here
                canvas.box(MARGIN, y, text_width(words, text_size, "regular") + 4, text_size * LINE, colour=PAPER)
            y += text_size * LINE
            canvas.text(MARGIN, y - text_size * 0.35, words, size=text_size, colour=colour)
    middle = y + size * 0.75 if narrow else (start + y) / 2
    if beside:
        canvas.text(canvas.width - MARGIN, middle + size * SMALL * 0.35, row.short, size=size * SMALL, align="right")
    if row.low is not None and row.high is not None:
        _bar(canvas, axis(row.high), axis(row.low), middle)
    if row.all_low is not None and row.all_high is not None:
        canvas.line(axis(row.all_low), middle, axis(row.all_high), middle, colour=BLUE, width=1.1)
        for rank in (row.all_low, row.all_high):
            canvas.line(axis(rank), middle - size * 0.38, axis(rank), middle + size * 0.38, colour=BLUE, width=1.1)
    canvas.dot(axis(row.rank), middle, size * 0.38, colour=BLUE)
    canvas.height = middle + size * 0.9 if narrow else y + room
    return middle


def _bar(canvas: Canvas, left: float, right: float, middle: float) -> None:
    """Wide enough to be seen around the dot also where only one rank is possible."""
    thick = canvas.size * 0.46
    canvas.box(left - thick / 2, middle - thick / 2, right - left + thick, thick, colour=SKY)


def _between(canvas: Canvas, axis: _Axis, row: Place, following: Place) -> None:
    size, y = canvas.size, canvas.height + canvas.size * 0.1
    if not canvas.form.is_narrow:
        canvas.line(MARGIN, y, canvas.width - MARGIN, y, colour=RULE, width=0.4)
    if row.differs_from_next is False:
        _about_equal(canvas, (axis(row.rank) + axis(following.rank)) / 2, y)
    canvas.height = y + size * 0.1


def _about_equal(canvas: Canvas, x: float, y: float) -> None:
    """Two small waves; drawn, because our fonts have no such letter."""
    size = canvas.size
    canvas.box(x - size * 0.55, y - size * 0.35, size * 1.1, size * 0.7, colour=PAPER)
    for down in (-0.17, 0.17):
        canvas.path([(x + (step / 8 - 0.5) * size * 0.9, y + (down - 0.12 * sin(step / 4 * pi)) * size) for step in range(9)],
                    colour=VERMILLION, width=1.3)


def _key(canvas: Canvas, rows: Sequence[Place]) -> None:
    size = canvas.size * 0.9

    def line(x: float, y: float) -> None:
        canvas.line(x, y, x + size * 2, y, colour=BLUE, width=1.1)
        for end in (x, x + size * 2):
            canvas.line(end, y - size * 0.38, end, y + size * 0.38, colour=BLUE, width=1.1)

    entries: list[tuple[str, float, Callable[[float, float], None]]] = [
        ("hạng", size * 0.8, lambda x, y: canvas.dot(x + size * 0.4, y, size * 0.38, colour=BLUE)),
        ("khoảng hạng của riêng đơn vị", size * 2,
         lambda x, y: canvas.box(x, y - size * 0.23, size * 2, size * 0.46, colour=SKY))]
    if any(row.all_low is not None for row in rows):
        entries.append(("khoảng hạng đúng cho mọi đơn vị cùng lúc", size * 2, line))
    if any(row.differs_from_next is False for row in rows):
        entries.append(("hai đơn vị liền kề chưa đủ chắc chắn là khác nhau", size * 1.1,
                        lambda x, y: _about_equal(canvas, x + size * 0.55, y)))
    x = MARGIN
    canvas.height += size * (LINE + 0.3)
    for words, width, draw in entries:
        needed = width + 5 + text_width(words, size, "regular") + 14
        if x > MARGIN and x + needed > canvas.width - MARGIN:
            x = MARGIN
            canvas.height += size * LINE
        draw(x, canvas.height - size * 0.65)
        canvas.text(x + width + 5, canvas.height - size * 0.35, words, size=size)
        x += needed
    canvas.height += size * 0.6


def _grid(canvas: Canvas, axis: _Axis, top: float, bottom: float) -> None:
    """Drawn last but below everything: inserted before the other drawings."""
    later, canvas._drawings = canvas._drawings, []
    for rank in axis.ticks(canvas.size * 2.2):
        canvas.line(axis(rank), top, axis(rank), bottom, width=0.6)
    canvas._drawings += later
