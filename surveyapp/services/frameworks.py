"""Frameworks come in as documents, checked against the stored questionnaires. A changed document is a new revision."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from analysis.index import document
from analysis.index.checks import QuestionnaireFacts, suggest
from analysis.index.framework import Framework
from documents import yaml_reader
from documents.faults import Fault, Faults
from surveyapp.extensions import db
from surveyapp.models import FrameworkDocument
from surveyapp.queries import frameworks as stored
from surveyapp.queries import questionnaires, units


def import_framework(source: bytes, name: str) -> FrameworkDocument:
    """The stored document. The same content again gives the same row; other content is the next revision.

    Raises Faults: all faults of the document, its rules against the newest version of each questionnaire included.
    """
    session = db.writing()
    framework = check(source, name)
    sha256 = hashlib.sha256(source).hexdigest()
    row = stored.same(framework.unit_group, framework.year, sha256)
    if row is None:
        row = FrameworkDocument(
            unit_group=framework.unit_group, year=framework.year, document=source.decode(), sha256=sha256,
            revision=stored.last_revision(framework.unit_group, framework.year) + 1,
            imported_at=datetime.now(UTC).replace(tzinfo=None))
        session.add(row)
    session.commit()
    return row


def check(source: bytes, name: str) -> Framework:
    """Raises Faults with all faults of the document; nothing is stored."""
    newest = [questionnaires.parsed(version) for version in questionnaires.newest()]
    return against(source, name, {each.form_id: questionnaires.facts(each) for each in newest})


def against(source: bytes, name: str, asked: Mapping[str, QuestionnaireFacts]) -> Framework:
    """Read a framework against exactly these questionnaires, and its unit group against the stored ones."""
    groups = units.group_names()
    try:
        framework = document.load(source, name, asked)
    except Faults as error:
        raise Faults([*error.faults, *_group_faults(source, name, groups)]) from error
    if framework.unit_group not in groups:
        raise Faults(_group_faults(source, name, groups))
    return framework


def _group_faults(source: bytes, name: str, groups: Mapping[str, str]) -> list[Fault]:
    try:
        read = yaml_reader.read(source, name)
    except Faults:
        return []
    group = read.data.get("unit_group") if isinstance(read.data, dict) else None
    if not isinstance(group, str) or not group.strip() or group in groups:
        return []
    return [Fault(read.place("unit_group"), f"Không có nhóm đơn vị “{group[:80]}”.",
                  suggest(group[:80], groups) or "Nhập nhóm đơn vị này trước.")]
