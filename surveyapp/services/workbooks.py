"""Questionnaires as XLSForm workbooks: what comes in becomes our YAML, what is stored goes out as a workbook or for ODK.

What is stored is always YAML; a workbook is only a way to write one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from documents.faults import Fault, Faults
from questionnaires import document
from questionnaires.advice import advise
from questionnaires.xlsform import reader, writer
from questionnaires.xlsform.result import Remark
from surveyapp.models import QuestionnaireVersion
from surveyapp.queries import questionnaires as stored
from surveyapp.services import questionnaires

if TYPE_CHECKING:
    from questionnaires.xlsform.xform import XForm


@dataclass(frozen=True)
class Brought:
    """A document as it can be stored, and what of the workbook did not come along as it was."""

    source: bytes
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A document without faults: what of the workbook did not come along, and what is worth a second look, with its place."""

    remarks: tuple[Remark, ...]
    advice: tuple[Fault, ...]


@dataclass(frozen=True)
class Imported:
    version: QuestionnaireVersion
    remarks: tuple[Remark, ...]


def as_document(source: bytes, name: str) -> Brought:
    """A YAML document as it is; of a workbook the YAML. Raises Faults with the sheet, row and column of each."""
    if not reader.is_workbook(source, name):
        return Brought(source)
    imported = reader.read(source, name)
    if faults := imported.faults():
        raise Faults(faults)
    return Brought(document.dump(imported.questionnaire).encode(), imported.remarks)


def as_draft(source: bytes, name: str) -> bytes:
    """The YAML of a workbook that still lacks something, such as the consent texts, to go on with by hand."""
    return document.dump(reader.read(source, name).questionnaire).encode()


def import_questionnaire(source: bytes, name: str) -> Imported:
    brought = as_document(source, name)
    return Imported(questionnaires.import_questionnaire(brought.source, name), brought.remarks)


def check(source: bytes, name: str) -> Checked:
    """Raises Faults with all faults; nothing is stored."""
    brought = as_document(source, name)
    advice = questionnaires.check(brought.source, name)
    if reader.is_workbook(source, name):
        imported = reader.read(source, name)
        advice = tuple(Fault(imported.place(each.path), each.reason, each.mend) for each in advise(imported.questionnaire))
    return Checked(brought.remarks, advice)


def as_workbook(version: QuestionnaireVersion) -> bytes:
    return writer.write(stored.parsed(version))


def as_xform(version: QuestionnaireVersion) -> "XForm":
    """Raises Faults where it cannot be said in an XForm."""
    # pyxform takes a second to load, and is needed here alone
    from questionnaires.xlsform import xform

    return xform.to_xform(stored.parsed(version))
