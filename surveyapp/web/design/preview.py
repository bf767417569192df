"""A questionnaire's pages as respondents will see them, with the same templates; nothing is stored."""

from flask import abort, render_template, request

from questionnaires import routing
from questionnaires.answers import UnitToRate, type_of
from surveyapp.queries import designed, questionnaires
from surveyapp.web.account import allowed
from surveyapp.web.design import pages

#: stand-ins for the units of a campaign, with names as long as real ones
UNITS = (UnitToRate("A", "Sở Nông nghiệp và Phát triển nông thôn"), UnitToRate("B", "Ban Quản lý các Khu công nghiệp tỉnh"),
         UnitToRate("C", "Ủy ban nhân dân huyện Cù Lao Dung"))


@pages.get("/phieu/<form_id>/<version>/xem-thu")
@allowed("designer")
def preview_page(form_id: str, version: str):
    form = questionnaires.parsed(designed.questionnaire_version(form_id, version))
    page = form.page(request.args.get("trang", "")) if "trang" in request.args else form.pages[0]
    if page is None:
        abort(404)
    language = request.args.get("ngon-ngu")
    language = language if language in form.languages else form.default_language
    position = form.pages.index(page)
    return render_template("design/preview.html", form=form, page=page, language=language, position=position,
                           templates={question.name: f"answers/{type_of(question).template}" for question in page.questions},
                           units=UNITS, conditional=bool(page.relevant),
                           shown_first=page in [plan.page for plan in routing.plan(form, {})])
