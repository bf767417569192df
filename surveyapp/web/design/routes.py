"""Questionnaires and frameworks: what there is, bringing in a new one, reading one."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from analysis.index import document as framework_reader
from documents.faults import Faults
from questionnaires.advice import KINDS
from questionnaires.xlsform.limits import limits
from surveyapp.queries import designed, feeding, frameworks, questionnaires, units
from surveyapp.result_wording import FACTORS, MISSING
from surveyapp.services import audit, workbooks
from surveyapp.services import frameworks as framework_imports
from surveyapp.services import questionnaires as questionnaire_imports
from surveyapp.web.account import allowed
from surveyapp.web.design import pages
from surveyapp.web.design.forms import FrameworkForm, QuestionnaireForm
from surveyapp.web.design.reading import COUNTED, answer_labels, question_labels, yaml_file
from surveyapp.web.uploads import content
from surveyapp.wording import ANSWER_TYPES


@pages.get("/")
@allowed("designer")
def index():
    return _index_page()


@pages.post("/phieu")
@allowed("designer")
def bring_questionnaire():
    """Check only, or check and store: the button says which. A file in another format becomes our YAML; what changed on the way
    is told."""
    try:
        source, name = content(QuestionnaireForm().file.data)
        brought = workbooks.as_document(source, name)
        if "kiem-tra" in request.form:
            form = questionnaire_imports.check_in_its_series(brought.source, name)
            return _index_page("questionnaire", passed=f"“{form.title.in_language('vi')}”, phiên bản {form.version}: "
                               f"{len(form.pages)} trang, {len(form.questions)} câu hỏi", remarks=brought.remarks)
        version = questionnaire_imports.import_questionnaire(brought.source, name)
    except Faults as refusal:
        return _index_page("questionnaire", refusal.faults)
    audit.record(current_user.id, "import_questionnaire", f"{version.form_id} {version.version}")
    if brought.remarks:
        return _index_page("questionnaire", stored=version, remarks=brought.remarks)
    flash(f"Đã lưu phiếu {version.form_id}, phiên bản {version.version}.", "success")
    if remarks := questionnaire_imports.remarks(version):
        flash(remarks, "warning")
    return redirect(url_for("design.questionnaire", form_id=version.form_id, version=version.version))


@pages.post("/bo-chi-so")
@allowed("designer")
def bring_framework():
    try:
        source, name = content(FrameworkForm().file.data)
        if "kiem-tra" in request.form:
            facts = [questionnaires.facts(questionnaires.parsed(version)) for version in questionnaires.newest()]
            framework = framework_reader.load(source, name, {fact.form_id: fact for fact in facts})
            return _index_page("framework", passed=f"“{framework.name}”: {len(framework.areas)} lĩnh vực, "
                               f"{len(framework.leaves)} tiêu chí có điểm")
        document = framework_imports.import_framework(source, name)
    except Faults as refusal:
        return _index_page("framework", refusal.faults)
    audit.record(current_user.id, "import_framework", frameworks.name_of(document))
    flash(f"Đã lưu bộ chỉ số {frameworks.name_of(document)}.", "success")
    return redirect(url_for("design.framework", framework_id=document.id))


@pages.get("/phieu/<form_id>/<version>")
@allowed("designer")
def questionnaire(form_id: str, version: str):
    stored = designed.questionnaire_version(form_id, version)
    return render_template("design/questionnaire.html", stored=stored, form=questionnaires.parsed(stored),
                           advice=questionnaires.advised(stored), advice_kinds=KINDS,
                           used=designed.campaigns_by_questionnaire().get(stored.id, []),
                           answers=designed.answers_by_questionnaire().get(stored.id, 0),
                           limits=limits(questionnaires.parsed(stored)),
                           feeds=feeding.feeds(form_id, feeding.newest_revisions()), types=ANSWER_TYPES, missing=MISSING,
                           factors=FACTORS, unit_groups=units.group_names(),
                           other_versions=[each for each in questionnaires.versions(form_id) if each != version])


@pages.get("/phieu/<form_id>/<version>/tai-ve")
@allowed("designer")
def questionnaire_file(form_id: str, version: str):
    stored = designed.questionnaire_version(form_id, version)
    return yaml_file(stored.document, f"{stored.form_id}-{stored.version}.yaml")


@pages.get("/bo-chi-so/<int(max=2147483647):framework_id>")
@allowed("designer")
def framework(framework_id: int):
    stored = designed.framework_document(framework_id)
    parsed = frameworks.parsed(stored)
    forms = [questionnaires.parsed(version) for version in questionnaires.newest()]
    return render_template("design/framework.html", stored=stored, framework=parsed,
                           differences=framework_reader.completeness(parsed), counted=COUNTED,
                           used=designed.campaigns_by_framework().get(stored.id, []), unit_groups=units.group_names(),
                           question_labels=question_labels(forms), answer_labels=answer_labels(forms),
                           form_titles={form.form_id: form.title.in_language("vi") for form in forms})


@pages.get("/bo-chi-so/<int(max=2147483647):framework_id>/tai-ve")
@allowed("designer")
def framework_file(framework_id: int):
    stored = designed.framework_document(framework_id)
    return yaml_file(stored.document, f"{stored.unit_group}-{stored.year}-{stored.revision}.yaml")


def _index_page(kind: str = "", faults=(), passed: str = "", stored=None, remarks=()):
    versions, documents = designed.questionnaire_versions(), designed.framework_documents()
    page = render_template(
        "design/index.html", kind=kind, faults=faults, passed=passed, stored=stored, remarks=remarks,
        versions=[(version, questionnaires.parsed(version)) for version in versions],
        documents=[(document, frameworks.parsed(document)) for document in documents],
        asked_in=designed.campaigns_by_questionnaire(), scored_in=designed.campaigns_by_framework(),
        answers=designed.answers_by_questionnaire(), unit_groups=units.group_names(),
        questionnaire_form=QuestionnaireForm(), framework_form=FrameworkForm())
    return page, 422 if faults else 200
