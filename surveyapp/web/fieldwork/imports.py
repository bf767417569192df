"""Files brought into a campaign: paper and collected answers, appraised points, the frame's strata."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from documents.faults import Fault, Faults
from surveyapp.errors import Refused
from surveyapp.queries import campaigns, fieldwork, questionnaires
from surveyapp.services import appraised, audit, responses, samples
from surveyapp.web.account import allowed
from surveyapp.web.fieldwork import pages
from surveyapp.web.fieldwork.forms import AppraisedForm, ResponsesForm, StrataForm
from surveyapp.web.uploads import content


@pages.get("/<code>/nhap")
@allowed("analyst")
def imports(code: str):
    return _page(campaigns.by_code(code))


@pages.post("/<code>/nhap/phieu")
@allowed("administrator")
def import_responses(code: str):
    chosen = campaigns.by_code(code)
    form = _responses_form(chosen)
    return _import(chosen, "responses", form, "import_responses", "phiếu trả lời",
                   lambda source, name: responses.import_responses(code, form.form_id.data or "", source, name))


@pages.post("/<code>/nhap/tham-dinh")
@allowed("analyst")
def import_appraised(code: str):
    return _import(campaigns.by_code(code), "appraised", AppraisedForm(), "import_appraised", "điểm thẩm định",
                   lambda source, name: appraised.import_appraised(code, source, name))


@pages.post("/<code>/nhap/khung-mau")
@allowed("administrator")
def import_strata(code: str):
    return _import(campaigns.by_code(code), "strata", StrataForm(), "import_strata", "tầng của khung mẫu",
                   lambda source, name: samples.import_strata(code, source, name))


def _import(chosen, kind: str, form, action: str, what: str, run):
    """Everything or nothing: either the count that was taken in, or every fault of the file."""
    try:
        source, name = content(form.file.data)
        count = run(source, name)
    except Faults as refusal:
        return _page(chosen, kind, refusal.faults)
    except Refused as refusal:
        return _page(chosen, kind, [Fault(chosen.name, str(refusal), "Không có gì được nhập.")])
    audit.record(current_user.id, action, f"{chosen.code}: {name}, {count} dòng")
    flash(f"Đã nhập {count} {what} từ tệp {name}.", "success")
    return redirect(url_for("fieldwork.imports", code=chosen.code))


def _responses_form(chosen) -> ResponsesForm:
    form = ResponsesForm()
    versions = questionnaires.of_campaign(chosen.id)
    form.form_id.choices = [SelectChoice(form_id, questionnaires.parsed(version).title.in_language("vi"))
                            for form_id, version in versions.items()]
    return form


def _page(chosen, kind: str = "", faults=()):
    page = render_template("fieldwork/imports.html", campaign=chosen, kind=kind, faults=faults,
                           responses_form=_responses_form(chosen), appraised_form=AppraisedForm(), strata_form=StrataForm(),
                           states=fieldwork.forms_by_state(chosen.id))
    return page, 422 if faults else 200
