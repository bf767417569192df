"""What a designer takes away of one version: paper forms, the codebook on a page and as files, DDI."""

from flask import Response, abort, render_template, request

from surveyapp.queries import designed, questionnaires
from surveyapp.result_wording import FACTORS
from surveyapp.services import codebook as codebooks
from surveyapp.services.paper import paper_pdf
from surveyapp.services.questionnaire_files import stem
from surveyapp.web.account import allowed
from surveyapp.web.design import pages
from surveyapp.wording import ANSWER_TYPES


@pages.get("/phieu/<form_id>/<version>/phieu-giay/<language>.pdf")
@allowed("designer")
def paper(form_id: str, version: str, language: str):
    stored = designed.questionnaire_version(form_id, version)
    if language not in questionnaires.parsed(stored).languages:
        abort(404)
    return _file(paper_pdf(stored, language), f"{stem(stored)}-giay-{language}.pdf", "application/pdf")


@pages.get("/phieu/<form_id>/<version>/so-ma")
@allowed("designer")
def codebook(form_id: str, version: str):
    book = codebooks.codebook_of(designed.questionnaire_version(form_id, version))
    return render_template("design/codebook.html", book=book, form=book.form, campaign=None, types=ANSWER_TYPES,
                           factors=FACTORS, files=codebooks.FILES)


@pages.get("/phieu/<form_id>/<version>/so-ma.pdf")
@allowed("designer")
def codebook_pdf(form_id: str, version: str):
    book = codebooks.codebook_of(designed.questionnaire_version(form_id, version))
    return _file(codebooks.codebook_pdf(book), f"{stem(book.version)}-so-ma.pdf", "application/pdf")


@pages.get("/phieu/<form_id>/<version>/so-ma/<name>")
@allowed("designer")
def codebook_csv(form_id: str, version: str, name: str):
    spreadsheet = request.args.get("dang") == "bang-tinh"
    book = codebooks.codebook_of(designed.questionnaire_version(form_id, version))
    content = codebooks.csv_file(book, name, spreadsheet)
    shown = f"{stem(book.version)}-{name.removesuffix('.csv')}{'-bang-tinh' if spreadsheet else ''}.csv"
    return _file(content, shown, "text/csv; charset=utf-8")


@pages.get("/phieu/<form_id>/<version>/ddi.xml")
@allowed("designer")
def ddi(form_id: str, version: str):
    book = codebooks.codebook_of(designed.questionnaire_version(form_id, version))
    return _file(codebooks.ddi_xml(book), f"{stem(book.version)}-ddi.xml", "application/xml; charset=utf-8")


def _file(content: bytes, name: str, content_type: str) -> Response:
    return Response(content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
