"""Questionnaires in other formats: XLSForm workbooks and surveys of LimeSurvey become our YAML; what is stored goes out as a
workbook or for ODK.

What is stored is always YAML; the other formats are only ways to write one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from documents.faults import Fault, Faults
from questionnaires import document
from questionnaires.advice import advise
from questionnaires.limesurvey import reader as surveys
from questionnaires.limesurvey.reader import ImportedSurvey
from questionnaires.xlsform import reader
from questionnaires.xlsform.result import Imported as ImportedWorkbook
from questionnaires.xlsform.result import Remark
from surveyapp.models import QuestionnaireVersion
from surveyapp.queries import questionnaires as stored
from surveyapp.services import questionnaires

if TYPE_CHECKING:
    from questionnaires.xlsform.xform import XForm

#: kind of remark -> how a line about it begins
KINDS = {"left_out": "Bỏ", "kept": "Giữ, không có ý nghĩa", "assumed": "Hiểu là"}


@dataclass(frozen=True)
class Brought:
    """A document as it can be stored, and what of a file in another format did not come along as it was."""

    source: bytes
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A document without faults: what of the file did not come along, and what is worth a second look, with its place."""

    remarks: tuple[Remark, ...]
    advice: tuple[Fault, ...]


@dataclass(frozen=True)
class Imported:
    version: QuestionnaireVersion
    remarks: tuple[Remark, ...]


def read_other(source: bytes, name: str) -> ImportedWorkbook | ImportedSurvey | None:
    """What a file in another format says; None for our own YAML. Raises Faults where it cannot be read."""
    if surveys.is_survey(source, name):
        return surveys.read(source, name)
    return reader.read(source, name) if reader.is_workbook(source, name) else None


def as_document(source: bytes, name: str) -> Brought:
    """A YAML document as it is; of another format the YAML. Raises Faults with the place of each."""
    imported = read_other(source, name)
    if imported is None:
        return Brought(source)
    if faults := imported.faults():
        raise Faults(faults)
    return Brought(document.dump(imported.questionnaire).encode(), imported.remarks)


def as_draft(source: bytes, name: str) -> bytes:
    """The YAML of a file that still lacks something, such as the consent texts, to go on with by hand; what did not come along
    stands above it. Our own YAML is its own draft."""
    imported = read_other(source, name)
    if imported is None:
        return source
    told = "".join(f"# {KINDS[remark.kind]}: {_one_line(str(remark))}\n" for remark in imported.remarks)
    return f"{told}{document.dump(imported.questionnaire)}".encode()


def _one_line(text: str) -> str:
    """Of whatever stood in the file, what may stand in a comment."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())


def import_questionnaire(source: bytes, name: str) -> Imported:
    brought = as_document(source, name)
    return Imported(questionnaires.import_questionnaire(brought.source, name), brought.remarks)


def check(source: bytes, name: str) -> Checked:
    """Raises Faults with all faults; nothing is stored."""
    brought = as_document(source, name)
    advice = questionnaires.check(brought.source, name)
    if imported := read_other(source, name):
        advice = tuple(Fault(imported.place(each.path), each.reason, each.mend) for each in advise(imported.questionnaire))
    return Checked(brought.remarks, advice)


def as_workbook(version: QuestionnaireVersion) -> bytes:
    from questionnaires.xlsform import writer

    return writer.write(stored.parsed(version))


def as_xform(version: QuestionnaireVersion) -> "XForm":
    """Raises Faults where it cannot be said in an XForm."""
    # pyxform takes a second to load, and is needed here alone
    from questionnaires.xlsform import xform

    return xform.to_xform(stored.parsed(version))
