"""Cells that hold more than a word: mappings, kinds of missing, numbers, truths."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from documents.faults import FaultList
from questionnaires.model import MissingKind
from questionnaires.shape import BOOLEANS, did_you_mean, shorten
from questionnaires.xlsform.lines import Line

_PAIR = re.compile(r"([^\s=,;]+)\s*=\s*([^\s=,;]+)")
_MISSING = get_args(MissingKind)
_COMPUTED = re.compile(r"\$\{|[A-Za-z_][\w.:-]*\(")


def is_computed(default: str) -> bool:
    """Whether XLSForm takes what is filled in as something to work out: an earlier answer, or a function."""
    return bool(_COMPUTED.search(default))


class CellReader:
    def __init__(self, faults: FaultList):
        self._faults = faults

    def by_key(self, line: Line, field: str) -> dict[str, str]:
        """A mapping of texts, written as JSON where columns of its own would not do."""
        if not line[field]:
            return {}
        try:
            found = json.loads(line[field])
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()):
            return found
        self._faults.add(
            line.place(field), f"Cột {field} phải là nhóm chữ viết dạng JSON.", 'Viết {"khóa": "giá trị"}, hoặc xóa ô.'
        )
        return {}

    def parameters(self, line: Line) -> Mapping[str, str]:
        text = line["parameters"]
        if _PAIR.sub("", text).strip(" ,;\n\t"):
            self._faults.add(
                line.place("parameters"),
                f"Không đọc được tham số “{shorten(text)}”.",
                "Viết các cặp tên=giá_trị cách nhau bằng dấu cách, ví dụ start=1 end=5.",
            )
        pairs = {found[1].lower(): found[2] for found in _PAIR.finditer(text)}
        return MappingProxyType(pairs | self.by_key(line, "par_parameters"))

    def words(self, line: Line, field: str) -> tuple[str, ...]:
        return tuple(re.split(r"[\s,;]+", line[field])) if line[field] else ()

    def words_of(self, line: Line, field: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        for word in self.words(line, field):
            self._refuse_unless(word in allowed, line, field, word, allowed)
        return tuple(word for word in self.words(line, field) if word in allowed)

    def one_of(self, line: Line, field: str, allowed: tuple[str, ...]) -> str:
        word = line[field]
        self._refuse_unless(not word or word in allowed, line, field, word, allowed)
        return word if word in allowed else ""

    def missing(self, line: Line) -> tuple[MissingKind, ...]:
        return self.words_of(line, "par_missing", _MISSING)

    def whole(self, line: Line, field: str) -> int | None:
        word = line[field]
        if word and not (word.isascii() and word.isdigit() and len(word) < 9):
            self._faults.add(line.place(field), f"“{shorten(word)}” không phải số nguyên.", "Viết ví dụ 6, hoặc xóa ô.")
            return None
        return int(word) if word else None

    def truth(self, line: Line, field: str) -> bool:
        word = line[field].lower()
        self._refuse_unless(not word or word in BOOLEANS, line, field, word, ("yes", "no"))
        return BOOLEANS.get(word, False)

    def _refuse_unless(self, holds: bool, line: Line, field: str, word: str, allowed: tuple[str, ...]) -> None:
        if not holds:
            self._faults.add(
                line.place(field), f"Cột {field} không nhận giá trị “{shorten(word)}”.", did_you_mean(word, allowed)
            )
