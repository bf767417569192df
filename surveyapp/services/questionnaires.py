"""Questionnaires come in as documents. A version that is being asked, or was, never changes."""

import hashlib
from datetime import UTC, datetime

from documents.faults import Fault, Faults
from questionnaires import document
from questionnaires.advice import advise
from questionnaires.model import Questionnaire
from surveyapp.extensions import db
from surveyapp.models import QuestionnaireVersion
from surveyapp.queries import questionnaires as stored
from surveyapp.queries import series


def import_questionnaire(source: bytes, name: str) -> QuestionnaireVersion:
    """The stored version. The same content again gives the same row; other content replaces it while nobody was asked.

    Raises Faults: all faults of the document, a version with answers (or in an opened campaign) being overwritten, or questions
    whose answers cannot stand beside those of earlier years though the document does not say so.
    """
    row = place(source, name)
    db.session.commit()
    return row


def place(source: bytes, name: str) -> QuestionnaireVersion:
    """What import_questionnaire does, within the caller's transaction: the caller commits."""
    questionnaire = document.load(source, name)
    session = db.writing()
    sha256 = hashlib.sha256(source).hexdigest()
    row = stored.find(questionnaire.form_id, questionnaire.version)
    if row is not None and row.sha256 == sha256:
        return row
    if row is not None and stored.is_asked(row):
        raise Faults([Fault(name, f"Phiếu “{row.form_id}” phiên bản “{row.version}” đã có câu trả lời hoặc thuộc đợt điều tra "
                            "đã mở, nội dung không được thay đổi.", "Đổi “version” sang số mới rồi nhập lại.")])
    if row is not None and stored.is_approved(row):
        raise Faults([Fault(name, f"Phiếu “{row.form_id}” phiên bản “{row.version}” đã được duyệt và phát hành, nội dung không "
                            "được thay đổi.", "Đổi “version” sang số mới rồi nhập lại.")])
    _refuse_silent_breaks(questionnaire, source, name)
    if row is None:
        row = QuestionnaireVersion(form_id=questionnaire.form_id, version=questionnaire.version)
        session.add(row)
    row.document, row.sha256, row.imported_at = source.decode(), sha256, datetime.now(UTC).replace(tzinfo=None)
    return row


def check(source: bytes, name: str) -> tuple[Fault, ...]:
    """What is worth a second look. Raises Faults with all faults of the document; nothing is stored."""
    questionnaire, place_of = document.load_with_places(source, name)
    return tuple(Fault(place_of(each.path), each.reason, each.mend) for each in advise(questionnaire))


def check_in_its_series(source: bytes, name: str) -> Questionnaire:
    """The document as a questionnaire, if it could be imported beside the versions that were asked; nothing is stored."""
    questionnaire = document.load(source, name)
    _refuse_silent_breaks(questionnaire, source, name)
    return questionnaire


def remarks(version: QuestionnaireVersion) -> str:
    """What to look at again after an import, in one line; "" where nothing strikes."""
    return " ".join(series.remarks(stored.parsed(version)))


def _refuse_silent_breaks(questionnaire: Questionnaire, source: bytes, name: str) -> None:
    found = series.silent_breaks(questionnaire)
    if found:
        document.load(source, name, also=lambda _: found)  # raises: only a reader of the file knows the places
