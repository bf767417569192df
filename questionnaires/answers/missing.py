"""Kinds of missing that a question without choices offers beside its field: "don't know", and why there is no answer.

Stored as {"missing": kind}, which is text to nobody: no number, no scale and no expression takes it for an answer. In a
cell it is `#dont_know`; a text that somebody wrote just so gets one more `#`, and loses it again when it is read.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from questionnaires.model import MissingKind, Question

#: the words beside the field; Vietnamese, and the gettext msgids of the web pages
WORDS: Mapping[MissingKind, str] = MappingProxyType(
    {
        "dont_know": "Không biết",
        "not_familiar": "Chưa tiếp xúc",
        "refused": "Không muốn trả lời",
        "not_applicable": "Không áp dụng với tôi",
    }
)
KEY = "missing"
_MARK = "#"


def field_of(question: Question) -> str:
    return f"{question.name}:{KEY}"


def stored(kind: str) -> dict[str, str]:
    return {KEY: kind}


def kind_of(value: Any) -> MissingKind | None:
    """Which kind a stored value is; none for an answer."""
    return value.get(KEY) if isinstance(value, Mapping) and value.get(KEY) in WORDS else None


def cell(kind: str) -> str:
    return _MARK + kind


def kind_in_cell(text: str) -> str | None:
    return text[1:] if text[:1] == _MARK and text[1:] in WORDS else None


def guarded(text: str) -> str:
    """A written text for a cell in which a kind of missing could stand as well."""
    return _MARK + text if kind_in_cell(text) or text.startswith(_MARK * 2) else text


def unguarded(text: str) -> str:
    return text[1:] if text.startswith(_MARK * 2) else text
