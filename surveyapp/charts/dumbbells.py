"""Two values of one thing, one row each: two dots joined by a line, so that the eye reads how far they are apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from surveyapp.charts.canvas import BLUE, INK, LINE, MARGIN, ORANGE, PAPER, RULE, SOFT, Canvas, Format, text_width, ticks, wrap

#: of the sheet's width, for names
LABELS = 0.36
#: words beside a row are smaller than its name
SMALL = 0.9


@dataclass(frozen=True)
class Dumbbell:
    label: str
    before: float
    #: None: there is no second value
    after: float | None
    #: what stands beside the row, already formatted
    words: str


def dumbbell_chart(form: Format, title: str, rows: Sequence[Dumbbell], *, subtitle: str, source: str, before: str,
                   after: str) -> bytes:
    """`before` and `after` are what the two dots are called."""
    canvas = Canvas(form)
    canvas.title(title)
    canvas.note(subtitle)
    _key(canvas, before, after)
    size, narrow = canvas.size, form.is_narrow
    label_width = canvas.width - 2 * MARGIN if narrow else canvas.width * LABELS
    words_width = max((text_width(row.words, size * SMALL, "regular") for row in rows), default=0) + 12
    left = MARGIN + size * 0.6 if narrow else MARGIN + label_width + 12
    known = [value for row in rows for value in (row.before, row.after) if value is not None]
    low, high = min(known, default=0), max(known, default=1)
    room = max((high - low) * 0.05, 0.05)
    right = canvas.width - MARGIN - words_width

    def place(value: float) -> float:
        return left + (value - low + room) / (high - low + 2 * room) * (right - left)

    top = canvas.height
    canvas.height += size * 0.85 * LINE
    values = ticks(low - room, high + room, max(3, int((right - left) / (size * 5))))
    for value in values:
        canvas.text(place(value), canvas.height - size * 0.3, f"{value:g}".replace(".", ","), size=size * 0.85, colour=SOFT,
                    align="center")
    for row in rows:
        _row(canvas, row, place, label_width)
    later, canvas._drawings = canvas._drawings, []
    for value in values:
        canvas.line(place(value), top + size * 0.85 * LINE, place(value), canvas.height + 2, width=0.6)
    canvas._drawings += later
    canvas.space(size * 0.8)
    canvas.note(source)
    return canvas.svg()


def _row(canvas: Canvas, row: Dumbbell, place: Callable[[float], float], label_width: float) -> None:
    size, narrow = canvas.size, canvas.form.is_narrow
    y = start = canvas.height + size * 0.25
    for words in wrap(row.label, size, "regular", label_width):
        if narrow:  # the grid runs behind the words here
            canvas.box(MARGIN, y, text_width(words, size, "regular") + 4, size * LINE, colour=PAPER)
        y += size * LINE
        canvas.text(MARGIN, y - size * 0.35, words)
    middle = y + size * 0.65 if narrow else (start + y) / 2
    if row.after is not None:
        canvas.line(place(row.before), middle, place(row.after), middle, colour=SOFT, width=size * 0.16)
        _ring(canvas, place(row.after), middle)
    canvas.dot(place(row.before), middle, size * 0.36, colour=BLUE)
    canvas.text(canvas.width - MARGIN, middle + size * 0.32, row.words, size=size * SMALL, colour=INK, align="right")
    canvas.height = middle + size * 0.9 if narrow else y + size * 0.35
    if not narrow:
        canvas.line(MARGIN, canvas.height, canvas.width - MARGIN, canvas.height, colour=RULE, width=0.4)


def _ring(canvas: Canvas, x: float, y: float) -> None:
    """Not told from the dot by colour alone."""
    canvas.dot(x, y, canvas.size * 0.4, colour=ORANGE)
    canvas.dot(x, y, canvas.size * 0.2, colour=PAPER)


def _key(canvas: Canvas, before: str, after: str) -> None:
    size, x = canvas.size * 0.9, MARGIN
    canvas.height += size * (LINE + 0.3)
    for words, draw in ((before, lambda at, y: canvas.dot(at, y, canvas.size * 0.36, colour=BLUE)),
                        (after, lambda at, y: _ring(canvas, at, y))):
        needed = size + 4 + text_width(words, size, "regular") + 14
        if x > MARGIN and x + needed > canvas.width - MARGIN:
            x = MARGIN
            canvas.height += size * LINE
        draw(x + size * 0.45, canvas.height - size * 0.65)
        canvas.text(x + size + 4, canvas.height - size * 0.35, words, size=size)
        x += needed
    canvas.height += size * 0.6
