"""How numbers, dates and names look to a Vietnamese reader; rounding for the eye happens here and nowhere before."""

import unicodedata
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import lru_cache

from flask import Flask

NOTHING = "–"


def number(value, places: int = 2) -> str:
    """`1.234,50`; nothing known is a dash, never a zero."""
    if value is None:
        return NOTHING
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)
    if exact.is_nan():
        return NOTHING
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    return f"{rounded:,f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def figure(value: Decimal | None) -> str:
    """An official figure with exactly the decimals it has: it was rounded before, by its framework's rule."""
    return NOTHING if value is None else number(value, max(0, -Decimal(value).as_tuple().exponent))


def percent(value, places: int = 2) -> str:
    return NOTHING if value is None else f"{number(value, places)} %"


def whole(value) -> str:
    return number(value, 0)


def day(value: date | None) -> str:
    return NOTHING if value is None else f"{value:%d/%m/%Y}"


ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = {"": 0, "\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


@lru_cache(maxsize=4_096)  # names of units, sorted by every page that lists them
def collation_key(text: str) -> tuple:
    """Vietnamese order: letters a ă â b … d đ …, then tones; capital and small letters together."""
    letters, tones = [], []
    for character in unicodedata.normalize("NFC", text.casefold()):
        parts = unicodedata.normalize("NFD", character)
        tone = next((TONES[mark] for mark in parts if mark in TONES), 0)
        base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONES))
        letters.append((1, ALPHABET.index(base)) if base in ALPHABET else (0, ord(base[0])) if base else (0, 0))
        tones.append(tone)
    return tuple(letters), tuple(tones)


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(number=number, figure=figure, percent=percent, whole=whole, day=day)
