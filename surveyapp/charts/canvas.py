"""A sheet measured in points on which charts are drawn, top down; its height is known only when all is drawn."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from surveyapp.charts.fonts import advances, font

# for the whole process: SVG text as outlines, and element names that do not change from run to run
matplotlib.rcParams.update({"svg.fonttype": "path", "svg.hashsalt": "surveyapp"})

#: Okabe and Ito's colours, distinguishable with every common kind of colour blindness
BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, YELLOW = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442")
INK, SOFT, RULE, PAPER = "#1d2430", "#59636f", "#d5dae0", "#ffffff"
#: stacked Vietnamese marks need more room than Latin text
LINE = 1.4
MARGIN = 10
#: ems that a letter takes which our fonts do not have
UNKNOWN_LETTER = 0.7


@dataclass(frozen=True)
class Format:
    """For what the chart is drawn: width and size of its text, both in points."""

    name: str
    width: float
    size: float
    #: title, subtitle and source are written beside the picture, as text of the page
    words_outside: bool = False

    @property
    def is_narrow(self) -> bool:
        return self.width < 420


WIDE = Format("wide", 760, 11)
NARROW = Format("narrow", 350, 11)
#: the text width of an A4 page
PAGE = Format("page", 468, 8.5, words_outside=True)


class Canvas:
    def __init__(self, form: Format):
        self.form = form
        self.width = form.width
        self.size = form.size
        self.height = float(MARGIN)
        self._drawings: list[Callable[[Axes, int], None]] = []

    # -- drawing ---------------------------------------------------------------------------------------------------

    def text(self, x: float, y: float, words: str, *, size: float | None = None, weight: str = "regular", colour: str = INK,
             align: str = "left") -> None:
        """One line; `y` is its baseline."""
        properties = font(weight, size or self.size)
        self._drawings.append(lambda axes, order: axes.text(x, y, words, fontproperties=properties, color=colour, ha=align,
                                                     va="baseline", parse_math=False, zorder=order))

    def line(self, x1: float, y1: float, x2: float, y2: float, *, colour: str = RULE, width: float = 1,
             dashes: Sequence[float] | None = None) -> None:
        style = (0, tuple(dashes)) if dashes else "solid"
        self._drawings.append(lambda axes, order: axes.plot([x1, x2], [y1, y2], color=colour, linewidth=width, linestyle=style,
                                                     solid_capstyle="butt", clip_on=False, zorder=order))

    def path(self, points: Sequence[tuple[float, float]], *, colour: str, width: float = 1.6) -> None:
        across, down = [point[0] for point in points], [point[1] for point in points]
        self._drawings.append(lambda axes, order: axes.plot(across, down, color=colour, linewidth=width, clip_on=False,
                                                     solid_joinstyle="round", zorder=order))

    def box(self, x: float, y: float, width: float, height: float, *, colour: str) -> None:
        self._drawings.append(lambda axes, order: axes.add_patch(
            Rectangle((x, y), width, height, facecolor=colour, linewidth=0, zorder=order)))

    def dot(self, x: float, y: float, radius: float, *, colour: str) -> None:
        self._drawings.append(lambda axes, order: axes.add_patch(
            Circle((x, y), radius, facecolor=colour, edgecolor=PAPER, linewidth=0.8, zorder=order)))

    # -- blocks of text, each below what was drawn before ----------------------------------------------------------

    def title(self, words: str) -> None:
        """The takeaway."""
        if self.form.words_outside:
            return
        size = self.size * 1.25
        for row in wrap(words, size, "bold", self.width - 2 * MARGIN):
            self.height += size * LINE
            self.text(MARGIN, self.height - size * 0.35, row, size=size, weight="bold")
        self.height += self.size * 0.3

    def note(self, words: str) -> None:
        """What is drawn, or where it is from: smaller and softer."""
        if self.form.words_outside:
            return
        size = self.size * 0.9
        for row in wrap(words, size, "regular", self.width - 2 * MARGIN):
            self.height += size * LINE
            self.text(MARGIN, self.height - size * 0.35, row, size=size, colour=SOFT)

    def key(self, entries: Sequence[tuple[str, str]]) -> None:
        """Colours and their names, on as many lines as they need."""
        size, square, x = self.size * 0.9, self.size * 0.8, MARGIN
        self.height += size * (LINE + 0.3)
        for colour, words in entries:
            needed = square + 4 + text_width(words, size, "regular") + 14
            if x > MARGIN and x + needed > self.width - MARGIN:
                x = MARGIN
                self.height += size * LINE
            self.box(x, self.height - size * 0.35 - square * 0.85, square, square, colour=colour)
            self.text(x + square + 4, self.height - size * 0.35, words, size=size)
            x += needed
        self.height += size * 0.6

    def space(self, points: float) -> None:
        self.height += points

    # -- the file --------------------------------------------------------------------------------------------------

    def svg(self) -> bytes:
        height = self.height + MARGIN
        ground = "none" if self.form.words_outside else PAPER
        figure = Figure(figsize=(self.width / 72, height / 72), facecolor=ground)
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, self.width)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        for order, draw in enumerate(self._drawings):
            draw(axes, order)
        target = io.BytesIO()
        figure.savefig(target, format="svg", facecolor=ground, metadata={"Date": None, "Creator": None})
        return target.getvalue()


def text_width(words: str, size: float, weight: str) -> float:
    """The sum of the letters' widths: a little more than it will be, since kerning only draws letters together."""
    widths = advances(weight)
    return size * sum(widths.get(letter, UNKNOWN_LETTER) for letter in words)


def wrap(words: str, size: float, weight: str, width: float) -> list[str]:
    """Lines no wider than `width`, broken between words but not at a no-break space; a single longer word is broken where
    it must be."""
    rows, row = [], ""
    for word in _pieces(words, size, weight, width):
        longer = f"{row} {word}".strip()
        if row and text_width(longer, size, weight) > width:
            rows.append(row)
            row = word
        else:
            row = longer
    return [*rows, row] if row else rows


def _pieces(words: str, size: float, weight: str, width: float):
    for word in re.split(r"[^\S\u00a0]+", words.strip()):
        if text_width(word, size, weight) <= width:
            yield word
            continue
        piece = ""
        for character in word:
            if piece and text_width(piece + character, size, weight) > width:
                yield piece
                piece = ""
            piece += character
        if piece:
            yield piece


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, about so many."""
    if high <= low:
        return [low]
    raw = (high - low) / max(about, 1)
    power = 10 ** len(str(int(raw))) / 10 if raw >= 1 else 0.1 if raw >= 0.1 else 0.01
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    first = -(-low // step) * step
    found, value = [], first
    while value <= high + step * 1e-9:
        found.append(round(value, 6) + 0.0)
        value += step
    return found
