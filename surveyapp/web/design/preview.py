"""A questionnaire's pages as respondents will see them, at a phone's width and with the same templates; nothing is stored."""

from types import SimpleNamespace
from urllib.parse import urlencode

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
    form = _form(form_id, version)
    page, language = asked(form)
    return framing(render_template("design/preview.html", form=form, page=page, lang=language, title_of=layout.title_of))


@pages.get("/phieu/<form_id>/<version>/xem-thu/man-hinh")
@allowed("designer")
def preview_screen(form_id: str, version: str):
    """What is on the phone."""
    form = _form(form_id, version)
    return screen(form, *asked(form), url_for("design.preview_screen", form_id=form_id, version=version))


def screen(form: Questionnaire, page: Page, language: str, address: str) -> Response:
    """A page as respondents see it, for a frame; `address` shows any other page of the same form."""
    g.language = language
    flask_babel.refresh()
    position = form.pages.index(page)

    def at(other: int | None, code: str = language) -> str | None:
        inside = other is not None and 0 <= other < len(form.pages)
        return f"{address}?{urlencode({'trang': form.pages[other].name, 'ngon-ngu': code})}" if inside else None

    shown = render_template(
        "design/preview_screen.html", form=form, lang=language, back=at(position - 1), onward=at(position + 1),
        left=len(form.pages) - position - 1, draft=SimpleNamespace(grouped_units=[("Đơn vị mẫu", UNITS)]),
        typed=asking.defaults(page.questions, UNITS, language), wrong_by_field={},
        **asking.on_page(form, page, page.questions, language),
        languages=[(code, LANGUAGES.get(code, code)) for code in form.languages],
        language_links={code: at(position, code) for code in form.languages})
    return _with_policy(shown, "frame-ancestors 'none'", "frame-ancestors 'self'")


def asked(form: Questionnaire) -> tuple[Page, str]:
    """The page and the language that the address names."""
    name = request.args.get("trang") or (form.pages[0].name if form.pages else "")
    page = form.page(name)
    if page is None:
        abort(404)
    language = request.args.get("ngon-ngu")
    return page, language if language in form.languages else form.default_language


def framing(shown: str) -> Response:
    """A page that holds a frame, of this site and no other."""
    return _with_policy(shown, "frame-ancestors", "frame-src 'self'; frame-ancestors")


def _form(form_id: str, version: str) -> Questionnaire:
    return questionnaires.parsed(designed.questionnaire_version(form_id, version))


def _with_policy(shown: str, strict: str, loosened: str) -> Response:
    response = make_response(shown)
    response.headers["Content-Security-Policy"] = web.CONTENT_SECURITY_POLICY.replace(strict, loosened)
    return response
