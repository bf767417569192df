"""Files that come with a page: how large the page may be, what was sent, and how what is kept is called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import request

from questionnaires.answers import numbers, type_of
from questionnaires.model import Question
from surveyapp.queries import attachments
from surveyapp.queries.responses import Draft
from surveyapp.services import collect
from surveyapp.services.file_contents import LARGEST_FILE, NAMES
from surveyapp.web.respond import in_hand, pages

#: bytes that a page with files may bring: more than may be kept, so that who sends too much is told at the question
LARGEST_PAGE_WITH_FILES = 25_000_000


@dataclass(frozen=True)
class Kept:
    """A file that is there, in words."""

    kind: str
    size: str


@pages.url_value_preprocessor
def _limit(endpoint, values) -> None:
    """After the common limit: more for a page that asks for files, of a form that this browser holds."""
    if endpoint != "respond.page" or request.method != "POST" or request.mimetype != "multipart/form-data":
        return
    entry = in_hand.held(values["mark"])
    if entry and not (entry.campaign or entry.handed_in) and collect.asks_for_files(entry.code, values["name"]):
        request.max_content_length = LARGEST_PAGE_WITH_FILES


def sent() -> dict[str, bytes]:
    """By the name of the field. The file's own name and declared type are not looked at; an untouched field brings nothing."""
    return {name: file.stream.read(LARGEST_FILE + 1) for name, file in request.files.items() if file.filename}


def kept(questions: Iterable[Question], answers: Mapping, draft: Draft, language: str) -> dict[str, Kept]:
    """Question -> the file that was taken in before."""
    references = {question.name: answers.get(question.name) for question in questions if type_of(question).takes_files}
    rows = attachments.by_reference(draft.response.id, list(references.values()))
    return {name: Kept(NAMES[rows[reference].kind], _size(rows[reference].size, language))
            for name, reference in references.items() if reference in rows}


def _size(size: int, language: str) -> str:
    if size < 1_000_000:
        return f"{max(1, round(size / 1_000))} kB"
    return f"{numbers.written(f'{size / 1_000_000:.1f}', language)} MB"
