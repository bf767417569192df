"""A questionnaire's pages as respondents will see them, at a phone's width and with the same templates; nothing is stored."""

from types import SimpleNamespace

import flask_babel
from flask import Response, abort, g, make_response, render_template, request, url_for

from questionnaires import layout
from questionnaires.answers import UnitToRate
from questionnaires.model import Page, Questionnaire
from surveyapp import web
from surveyapp.queries import designed, questionnaires
from surveyapp.web import asking
from surveyapp.web.account import allowed
from surveyapp.web.design import pages
from surveyapp.wording import LANGUAGES

#: stand-ins for the units of a campaign, with names as long as real ones
UNITS = (UnitToRate("A", "Sở Nông nghiệp và Phát triển nông thôn"), UnitToRate("B", "Ban Quản lý các Khu công nghiệp tỉnh"),
         UnitToRate("C", "Ủy ban nhân dân huyện Cù Lao Dung"))


@pages.get("/phieu/<form_id>/<version>/xem-thu")
@allowed("designer")
def preview(form_id: str, version: str):
    """The frame: which page, in which language, and a phone that shows it."""
    form, page, language = _asked(form_id, version)
    return _framing(render_template("design/preview.html", form=form, page=page, lang=language, title_of=layout.title_of),
                    "frame-ancestors", "frame-src 'self'; frame-ancestors")


@pages.get("/phieu/<form_id>/<version>/xem-thu/man-hinh")
@allowed("designer")
def preview_screen(form_id: str, version: str):
    """What is on the phone."""
    form, page, language = _asked(form_id, version)
    g.language = language
    flask_babel.refresh()
    position = form.pages.index(page)

    def at(other: int | None, code: str = language) -> str | None:
        inside = other is not None and 0 <= other < len(form.pages)
        return url_for("design.preview_screen", form_id=form_id, version=version, trang=form.pages[other].name,
                       **{"ngon-ngu": code}) if inside else None

    shown = render_template(
        "design/preview_screen.html", form=form, lang=language, back=at(position - 1), onward=at(position + 1),
        left=len(form.pages) - position - 1, draft=SimpleNamespace(grouped_units=[("Đơn vị mẫu", UNITS)]),
        typed=asking.defaults(page.questions, UNITS, language), wrong_by_field={}, **asking.on_page(page, page.questions),
        languages=[(code, LANGUAGES.get(code, code)) for code in form.languages],
        language_links={code: at(position, code) for code in form.languages})
    return _framing(shown, "frame-ancestors 'none'", "frame-ancestors 'self'")


def _asked(form_id: str, version: str) -> tuple[Questionnaire, Page, str]:
    form = questionnaires.parsed(designed.questionnaire_version(form_id, version))
    page = form.page(request.args.get("trang", form.pages[0].name))
    if page is None:
        abort(404)
    language = request.args.get("ngon-ngu")
    return form, page, language if language in form.languages else form.default_language


def _framing(shown: str, strict: str, loosened: str) -> Response:
    """Only these two pages may hold, and stand in, a frame: of this site and no other."""
    response = make_response(shown)
    response.headers["Content-Security-Policy"] = web.CONTENT_SECURITY_POLICY.replace(strict, loosened)
    return response
