"""A questionnaire -> XForm XML for ODK clients, made by pyxform from the workbook we write; and what they cannot do with it."""

from dataclasses import dataclass
from io import BytesIO

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from questionnaires.model import Questionnaire
from questionnaires.shape import shorten
from questionnaires.xlsform import writer
from questionnaires.xlsform.limits import Limit, limits
from questionnaires.xlsform.sheets import refused


@dataclass(frozen=True)
class XForm:
    xml: str
    limits: tuple[Limit, ...]
    #: what pyxform remarks, in its words
    warnings: tuple[str, ...]


def to_xform(questionnaire: Questionnaire) -> XForm:
    """Raises Faults where pyxform refuses: mostly names that XML does not allow, which the checks tell too."""
    warnings: list[str] = []
    try:
        made = convert(BytesIO(writer.write(questionnaire)), file_type=".xlsx", warnings=warnings)
    except PyXFormError as error:
        raise refused(
            f"Phiếu {questionnaire.form_id}, phiên bản {questionnaire.version}",
            f"pyxform không chuyển được sang XForm: {shorten(' '.join(str(error).split()))}",
            "Sửa phiếu theo lời báo trên; các lỗi đã biết: surveyapp check questionnaire.",
        ) from error
    return XForm(made.xform, limits(questionnaire), tuple(warnings))
