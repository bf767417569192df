"""A picture or a file. The answer is a reference; what was sent in is looked at, cleaned and kept by the shell.

A reference is made where a file arrives and nowhere else: a table of answers cannot bring one in.
"""

import re
from collections.abc import Mapping
from typing import Any

from questionnaires.answers.base import AnswerType, Parsed, Units
from questionnaires.answers.faults import fault
from questionnaires.model import Question

#: kinds of content, as told from the content itself -> the media type that a browser calls it by
MEDIA_TYPES: Mapping[str, str] = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
PICTURES = ("jpeg", "png", "webp")
#: a gettext msgid
WORDS = "Đã nhận tệp"
_REFERENCE = re.compile(r"file:([0-9a-f]{32})", re.ASCII)


def reference_to(identity: str) -> str:
    return f"file:{identity}"


def identity_of(reference: Any) -> str | None:
    """What a stored answer refers to."""
    found = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    return found[1] if found else None


class File(AnswerType):
    name = "file"
    collects = "files"
    takes_files = (*PICTURES, "pdf")

    @property
    def accept(self) -> str:
        """What a browser offers to choose from."""
        return ",".join(MEDIA_TYPES[kind] for kind in self.takes_files)

    def _read(self, question: Question, field: str, given: str) -> Parsed:
        return Parsed(given) if identity_of(given) else Parsed(faults=(fault(field, "no_such_file"),))

    def _from_cells(self, question: Question, cells: Mapping[str, str], units: Units) -> Parsed:
        given = cells.get(question.name, "").strip()
        return Parsed(faults=(fault(question.name, "no_files"),)) if given else Parsed()

    def own_words(self, value: Any) -> str:
        return WORDS if value else ""

    def _describe(self, question: Question, value: Any, language: str, units: Units = ()) -> tuple[str, ...]:
        return ()


class Image(File):
    name = "image"
    takes_files = PICTURES
