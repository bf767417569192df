"""Reads the shape of a document: which keys may stand where and what kind of value they hold.

Nothing stops at the first fault. What cannot be read becomes an empty value, and its path is remembered, so that the
checks of meaning do not complain about the same place again.
"""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from documents.faults import FaultList
from documents.yaml_reader import Document, Path
from questionnaires.model import Text

#: XLSForm writes yes and no; YAML people write true and false
BOOLEANS: Mapping[str, bool] = MappingProxyType(
    {"yes": True, "true": True, "true()": True, "no": False, "false": False, "false()": False}
)


class ShapeReader:
    """Walks one document; every method takes the path of a mapping and the key in it."""

    def __init__(self, document: Document):
        self._document = document
        self._faults = FaultList()
        self._faulted: set[Path] = set()

    @property
    def faults(self) -> FaultList:
        return self._faults

    def fault(self, path: Path, reason: str, mend: str) -> None:
        self._faulted.add(path)
        self._faults.add(self._document.place(*path), reason, mend)

    def meaning_fault(self, path: Path, reason: str, mend: str) -> None:
        """A fault found in the finished model; dropped where the shape was already wrong."""
        if not any(path[:length] in self._faulted for length in range(1, len(path) + 1)):
            self._faults.add(self._document.place(*path), reason, mend)

    def mapping(
        self, value: Any, path: Path, known: Sequence[str], needed: Iterable[str] = ()
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.fault(
                path, "Chỗ này phải là một nhóm “khóa: giá trị”.", f"Các khóa dùng được: {', '.join(known)}."
            )
            return {}
        for key in value:
            if key not in known:
                self.fault((*path, key), f"Không biết khóa “{key}”.", did_you_mean(key, known))
        for key in needed:
            if key not in value:
                self.fault((*path, key), f"Thiếu khóa “{key}”.", f"Thêm khóa “{key}”.")
        return value

    def items(self, mapping: Mapping[str, Any], path: Path, key: str, what: str) -> list[tuple[Path, Any]]:
        """The entries of a list, each with its path; no key, no entries."""
        value = mapping.get(key, [])
        if not isinstance(value, list):
            self.fault(
                (*path, key),
                f"“{key}” phải là một danh sách {what}.",
                "Viết mỗi mục trên một dòng, bắt đầu bằng dấu “-”.",
            )
            return []
        return [((*path, key, index), item) for index, item in enumerate(value)]

    def word(self, mapping: Mapping[str, Any], path: Path, key: str, default: str = "") -> str:
        value = mapping.get(key, default)
        if not isinstance(value, str):
            self.fault((*path, key), f"“{key}” phải là một chuỗi chữ.", f"Viết {key}: giá trị.")
            return default
        return tidy(value)

    def words(
        self, mapping: Mapping[str, Any], path: Path, key: str, default: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        if key not in mapping:
            return default
        if isinstance(mapping[key], str) and mapping[key]:
            return (tidy(mapping[key]),)
        found = []
        for item_path, item in self.items(mapping, path, key, "chữ"):
            if isinstance(item, str):
                found.append(tidy(item))
            else:
                self.fault(item_path, "Mục này phải là một chuỗi chữ.", "Viết một từ đơn giản.")
        return tuple(found)

    def words_of(
        self, mapping: Mapping[str, Any], path: Path, key: str, allowed: Sequence[str]
    ) -> tuple[str, ...]:
        """Words that must be among the allowed ones; the others are told and left out."""
        found = self.words(mapping, path, key)
        for index, word in enumerate(found):
            if word not in allowed:
                self.fault((*path, key, index), f"“{key}” không nhận giá trị “{shorten(word)}”.", did_you_mean(word, allowed))
        return tuple(word for word in found if word in allowed)

    def words_by_key(self, mapping: Mapping[str, Any], path: Path, key: str) -> Mapping[str, str]:
        """A mapping of texts; its keys are the writer's own."""
        value = mapping.get(key, {})
        if not isinstance(value, dict):
            self.fault((*path, key), f"“{key}” phải là một nhóm “khóa: giá trị”.", f"Viết {key}: {{khóa: giá trị}}.")
            return MappingProxyType({})
        for name, words in value.items():
            if not isinstance(words, str):
                self.fault((*path, key, name), "Chỗ này phải là chữ.", "Viết một chuỗi chữ đơn giản.")
        return MappingProxyType({name: tidy(words) for name, words in value.items() if isinstance(words, str)})

    def truth(self, mapping: Mapping[str, Any], path: Path, key: str) -> bool:
        value = self.word(mapping, path, key)
        if value and value.lower() not in BOOLEANS:
            self.fault(
                (*path, key),
                f"“{key}” phải là yes hoặc no, không phải “{shorten(value)}”.",
                f"Viết {key}: yes.",
            )
        return BOOLEANS.get(value.lower(), False)

    def one_of(self, mapping: Mapping[str, Any], path: Path, key: str, allowed: Sequence[str]) -> str:
        value = self.word(mapping, path, key)
        if value and value not in allowed:
            self.fault(
                (*path, key), f"“{key}” không nhận giá trị “{shorten(value)}”.", did_you_mean(value, allowed)
            )
            return ""
        return value

    def whole(self, mapping: Mapping[str, Any], path: Path, key: str) -> int | None:
        value = self.word(mapping, path, key)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and len(value) < 9):
            self.fault(
                (*path, key),
                f"“{key}” phải là số nguyên, không phải “{shorten(value)}”.",
                f"Viết ví dụ {key}: 6.",
            )
            return None
        return int(value)

    def text(self, mapping: Mapping[str, Any], path: Path, key: str, default_language: str) -> Text:
        """A text by language; a bare string is the default language."""
        value = mapping.get(key, "")
        if isinstance(value, str):
            return Text(MappingProxyType({default_language: tidy(value)} if value.strip() else {}))
        if not isinstance(value, dict):
            self.fault(
                (*path, key), f"“{key}” phải là chữ, hoặc chữ theo từng ngôn ngữ.", "Viết {vi: …, en: …}."
            )
            return Text()
        by_language = {}
        for language, words in value.items():
            if isinstance(words, str):
                by_language[language] = tidy(words)
            else:
                self.fault(
                    (*path, key, language),
                    "Chỗ này phải là chữ.",
                    "Đặt câu trong dấu nháy kép nếu có dấu hai chấm.",
                )
        return Text(MappingProxyType({language: words for language, words in by_language.items() if words}))


def tidy(text: str) -> str:
    """Without spaces around, letters composed: a file saved on a Mac must not differ from one saved on Windows."""
    return unicodedata.normalize("NFC", text.strip())


def did_you_mean(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    listed = f"Các giá trị dùng được: {', '.join(known)}."
    return f"Có phải là “{close[0]}”? {listed}" if close else listed


def shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
