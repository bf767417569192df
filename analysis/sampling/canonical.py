"""One way to write a value and one order of values, whatever file, type or row order they came in; numbers from a seed.

A draw must be repeatable years later, by other versions of numpy and pandas. So nothing here leans on their sorting of mixed
types or on their distributions: only on Unicode, SHA-256 and the raw 64 bits of PCG64, which numpy keeps as they are.
"""

import datetime
import hashlib
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pandas as pd


def text_of(value: object) -> str:
    """The value with its kind: "#12" for 12, 12.0 and numpy's 12; "=Sở Y tế" for text in Unicode's composed form; "@2026-11-25"
    for a date; "?true"; "" for a missing value."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, str):
        return "=" + unicodedata.normalize("NFC", value)
    if isinstance(value, (bool, np.bool_)):
        return "?true" if value else "?false"
    if isinstance(value, (int, np.integer)):
        return f"#{int(value)}"
    if isinstance(value, (float, np.floating)):
        return _number(float(value))
    if isinstance(value, Decimal):
        return _number(float(value))
    if isinstance(value, (datetime.date, datetime.datetime)):
        return "@" + value.isoformat()
    raise ValueError(f"{value!r} is neither text, number, date nor yes/no: write it as text")


def texts_of(column: pd.Series) -> list[str]:
    """`text_of` each value of a column."""
    return [text_of(value) for value in column.astype(object)]


def sort_key(text: str) -> tuple[str, float, str]:
    """Orders what `text_of` wrote: missing first, numbers by size, text by code points."""
    return (text[:1], float(text[1:]), text) if text[:1] == "#" else (text[:1], 0.0, text)


def plain(value: object) -> object:
    """The value as plain Python (and JSON) knows it: numpy's numbers become int or float, dates become ISO text."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (float, Decimal)):
        return int(value) if float(value).is_integer() else float(value)
    return value.isoformat() if isinstance(value, (datetime.date, datetime.datetime)) else value


def digest(parts: Iterable[str]) -> str:
    """SHA-256 of the parts, as 64 hex digits; a part's length goes in too, so that ("ab", "c") is not ("a", "bc")."""
    sha = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        sha.update(f"{len(encoded)}:".encode())
        sha.update(encoded)
    return sha.hexdigest()


class Chance:
    """Uniform numbers in (0, 1) that depend on the seed and on the place in the draw only.

    Every place (stage, parent, stratum) has a stream of its own, so what is drawn in one does not change with the others.
    """

    def __init__(self, seed: int, *place: str):
        key = int(digest([str(seed), *place]), 16)
        self._bits = np.random.PCG64(np.random.SeedSequence(key))

    def uniforms(self, count: int) -> np.ndarray:
        """`count` numbers (k + 1/2) / 2^52, k the upper 52 bits of a raw 64-bit word: never 0, never 1."""
        return ((self._bits.random_raw(count) >> np.uint64(12)).astype(float) + 0.5) / 2.0**52

    def uniform(self) -> float:
        return float(self.uniforms(1)[0])


def _number(value: float) -> str:
    if np.isnan(value):
        return ""
    return f"#{int(value)}" if value.is_integer() else f"#{value!r}"
