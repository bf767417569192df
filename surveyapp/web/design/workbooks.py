"""A stored questionnaire as a workbook, and as XForm for ODK clients."""

from flask import Response

from surveyapp.queries import designed
from surveyapp.services import workbooks
from surveyapp.web.account import allowed
from surveyapp.web.design import pages

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/phieu/<form_id>/<version>/tai-ve.xlsx")
@allowed("designer")
def questionnaire_workbook(form_id: str, version: str):
    stored = designed.questionnaire_version(form_id, version)
    return _file(workbooks.as_workbook(stored), XLSX, f"{stored.form_id}-{stored.version}.xlsx")


@pages.get("/phieu/<form_id>/<version>/tai-ve.xml")
@allowed("designer")
def questionnaire_xform(form_id: str, version: str):
    stored = designed.questionnaire_version(form_id, version)
    return _file(workbooks.as_xform(stored).xml.encode(), "application/xml", f"{stored.form_id}-{stored.version}.xml")


def _file(content: bytes, kind: str, name: str) -> Response:
    """Form and version are letters, digits, `_`, `-` and `.`: nothing to escape in the name."""
    return Response(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
