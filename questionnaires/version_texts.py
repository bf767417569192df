"""Two texts side by side: are they the same words, and which words came and went."""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

#: the five marks of Vietnamese tones, decomposed. Where in a word they stand is spelling (hoà, hòa); which of them is meaning
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
#: at the end of an open syllable i and y are two spellings of one sound (kĩ, kỹ); after a vowel they are not (tai, tay)
_OPEN_SYLLABLE = re.compile(r"(?:qu|[bcdđghklmnpqrstvx]*)y")
_PIECES = re.compile(r"[\s\u200b]+|[^\s\u200b]+")


@dataclass(frozen=True)
class Piece:
    """Some words that stand in both texts, in the old one only, or in the new one only."""

    kind: Literal["same", "removed", "added"]
    text: str


def same_words(before: str, after: str) -> bool:
    """Nothing but spelling, letter case, spaces or punctuation differs."""
    return _folded(before) == _folded(after)


def word_marks(before: str, after: str) -> tuple[Piece, ...]:
    """The two texts woven into one; without what was added it reads as `before`, without what was removed as `after`."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    woven: list[Piece] = []
    gone = came = ""
    for step, old_start, old_end, new_start, new_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = "".join(old[old_start:old_end]), "".join(new[new_start:new_end])
        if step != "equal" or (gone + came and not removed.strip()):  # a space between two changes belongs to both
            gone, came = gone + removed, came + added
            continue
        woven += [*_changed(gone, came), Piece("same", removed)]
        gone = came = ""
    return (*woven, *_changed(gone, came))


def _changed(gone: str, came: str) -> list[Piece]:
    return [piece for piece in (Piece("removed", gone), Piece("added", came)) if piece.text]


def same_condition(before: str, after: str) -> bool:
    """Two expressions that differ at most in spaces outside quotes."""
    return _spaced(before) == _spaced(after)


def _spaced(expression: str) -> str:
    parts = re.split(r"('[^']*'|\"[^\"]*\")", expression)
    return "".join(part if index % 2 else re.sub(r"\s+", "", part) for index, part in enumerate(parts))


def _folded(text: str) -> list[str]:
    visible = (" " if unicodedata.category(each)[0] in "PZC" else each for each in unicodedata.normalize("NFC", text))
    return [_word(word) for word in "".join(visible).casefold().split()]


def _word(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    bare = unicodedata.normalize("NFC", "".join(each for each in letters if each not in _TONES))
    if _OPEN_SYLLABLE.fullmatch(bare):
        bare = f"{bare[:-1]}i"
    return bare + "".join(each for each in letters if each in _TONES)
