"""Files of respondents: taken in with a page, kept while an answer refers to them, gone with their response.

Rows say what there is. Content lies in `attachments/` of the data folder, named by the random ids, readable by its owner
only; it is written before its row and deleted after it, so that a row always has its content.
"""

import hashlib
import os
import secrets
import time as clock
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, select, update

from questionnaires import routing
from questionnaires.answers import AnswerFault, Posted, fault, type_of
from questionnaires.answers.attachments import identity_of, reference_to
from questionnaires.model import Page, Questionnaire
from questionnaires.routing import Answers, PageResult
from surveyapp.errors import Refused
from surveyapp.extensions import db
from surveyapp.models import Attachment, Response
from surveyapp.queries import attachments
from surveyapp.services.file_contents import Content, ContentRefused, looked_at

#: bytes of all files of one response, as they are kept
LARGEST_RESPONSE = 10_000_000
#: ends the name of a mark: whether there is a row for this content is being decided
UNDECIDED = ".undecided"
#: seconds; a younger mark may belong to a page that is being stored right now
DECIDED_AFTER = 3_600
RESTORE = "Hãy khôi phục thư mục attachments từ bản sao lưu."
#: the box that takes a file away again: `photo:remove`
REMOVE = "remove"

#: question -> what was sent in under its name
Uploads = Mapping[str, bytes]
#: id -> what arrived
Contents = Mapping[str, Content]


@dataclass(frozen=True)
class Received:
    """What came with one page, by question."""

    contents: Mapping[str, Content] = field(default_factory=dict)
    faults: Mapping[str, AnswerFault] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """The page's file questions as if their references had been typed; nothing that was typed there counts."""

    posted: Posted
    contents: Contents
    faults: tuple[AnswerFault, ...]

    def told(self, result: PageResult) -> PageResult:
        """A file that cannot be taken is the fault to tell, not that there is none."""
        fields = {each.field for each in self.faults}
        return replace(result, faults=(*(each for each in result.faults if each.field not in fields), *self.faults))


def asked_on(page: Page) -> list[str]:
    return [question.name for question in page.questions if type_of(question).takes_files]


def receive(page: Page, uploads: Uploads) -> Received:
    """Look at what came, and draw pictures anew. Takes its time, so no lock may be held."""
    contents, faults = {}, {}
    for question in page.questions:
        if question.name not in uploads or not type_of(question).takes_files:
            continue
        try:
            contents[question.name] = looked_at(uploads[question.name], type_of(question).takes_files)
        except ContentRefused as refused:
            faults[question.name] = fault(question.name, refused.kind, **refused.values)
    return Received(contents, faults)


def take(response: Response, form: Questionnaire, page_key: str, posted: Posted, received: Received) -> Taken:
    """References to what came and has room, and to what was there and stays."""
    names = asked_on(routing.at(form, page_key)[0])
    if not names:
        return Taken(posted, {}, ())
    own = routing.answers_of(form, response.answers, page_key)
    rows = attachments.of_response(response.id)
    room = LARGEST_RESPONSE - sum(row.size for row in rows.values())
    references, contents, faults = {}, {}, dict(received.faults)
    for name in names:
        before = own.get(name)
        old = rows.get(identity_of(before) or "")
        content = received.contents.get(name)
        if content is not None and len(content.source) > room + (old.size if old else 0):
            faults[name] = fault(name, "files_too_large", limit=str(LARGEST_RESPONSE // 1_000_000))
            content = None
        if content is not None:
            identity = secrets.token_hex(16)
            contents[identity] = content
            references[name] = [reference_to(identity)]
            room += (old.size if old else 0) - len(content.source)
        elif posted.get(f"{name}:{REMOVE}") == [routing.YES] and name not in faults:
            references[name] = []
        else:
            references[name] = [before] if before else []
    return Taken({**posted, **references}, contents, tuple(faults.values()))


@contextmanager
def settled(response_id: str, form: Questionnaire, answers: Answers, arrived: Contents | None = None) -> Iterator[None]:
    """Around a commit: the rows become those that the answers refer to, and the content follows once that is committed."""
    if not any(asked_on(page) for page in form.pages):
        yield
        return
    wanted = dict(_referenced(form, answers))
    rows = attachments.of_response(response_id)
    gone = [identity for identity in rows if identity not in wanted]
    new = [identity for identity in wanted if identity not in rows and identity in (arrived or {})]
    with _following(new, gone):
        if gone:
            db.session.execute(delete(Attachment).where(Attachment.id.in_(gone)))
        for identity in (identity for identity in wanted if identity in rows and rows[identity].time != wanted[identity][1]):
            db.session.execute(update(Attachment).where(Attachment.id == identity).values(time=wanted[identity][1]))
        for identity in new:
            question, time = wanted[identity]
            _write(identity, arrived[identity].source)
            db.session.add(Attachment(
                id=identity, response_id=response_id, question=question, time=time, kind=arrived[identity].kind,
                sha256=hashlib.sha256(arrived[identity].source).hexdigest(), size=len(arrived[identity].source)))
        yield


@contextmanager
def erased(*response_ids: str) -> Iterator[None]:
    """Around a commit: all files of these responses go with it."""
    gone = attachments.ids_of(response_ids)
    with _following([], gone):
        if gone:
            db.session.execute(delete(Attachment).where(Attachment.response_id.in_(response_ids)))
        yield


@contextmanager
def _following(new: Sequence[str], gone: Sequence[str]) -> Iterator[None]:
    """Marks what is about to change, so that a stop half-way is mended at the next start; then drops what has no row."""
    for identity in (*new, *gone):
        _private(f"{identity}{UNDECIDED}", b"")
    try:
        yield
    except BaseException:
        _drop(new, unmark=gone)
        raise
    _drop(gone, unmark=new)


def mend() -> None:
    """What a stop half-way left undecided: content goes where no row speaks of it. Nothing else is touched, so that starting
    with another database loses no files."""
    marks = [mark for mark in _folder().glob(f"*{UNDECIDED}") if mark.stat().st_mtime < clock.time() - DECIDED_AFTER]
    for mark in marks:
        identity = mark.name.removesuffix(UNDECIDED)
        there = db.session.scalar(select(Attachment.id).where(Attachment.id == identity))
        _drop([] if there else [identity], unmark=[identity] if there else [])


def _drop(identities: Iterable[str], unmark: Iterable[str]) -> None:
    for identity in identities:
        with suppress(OSError):  # the mark stays, and the next start tries again
            for name in (identity, f"{identity}.new", f"{identity}{UNDECIDED}"):
                (_folder() / name).unlink(missing_ok=True)
    for identity in unmark:
        with suppress(OSError):
            (_folder() / f"{identity}{UNDECIDED}").unlink(missing_ok=True)


def content_of(attachment: Attachment) -> bytes:
    """Raises Refused where the content is not what was sent in."""
    try:
        source = (_folder() / attachment.id).read_bytes()
    except OSError as error:
        raise Refused(f"Không đọc được nội dung của tệp này trên máy chủ. {RESTORE}") from error
    if hashlib.sha256(source).hexdigest() != attachment.sha256:
        raise Refused(f"Nội dung của tệp này không còn khớp với mã băm. {RESTORE}")
    return source


def _referenced(form: Questionnaire, answers: Answers) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each file that an answer refers to: its id, the question and, in a repeat, which time."""
    for page in form.pages:
        for name in asked_on(page):
            times = enumerate(answers.get(page.repeat.name) or [], 1) if page.repeat else [(0, answers)]
            for time, own in times:
                if identity := identity_of(own.get(name)):
                    yield identity, (name, time)


def _folder() -> Path:
    return Path(current_app.config["DATA_FOLDER"]) / "attachments"


def _write(identity: str, source: bytes) -> None:
    _private(f"{identity}.new", source)
    (_folder() / f"{identity}.new").replace(_folder() / identity)


def _private(name: str, source: bytes) -> None:
    """A file that only its owner reads, on the disk when this returns."""
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(_folder() / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(source)
        file.flush()
        os.fsync(file.fileno())
