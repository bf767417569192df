"""Questions that nobody has answered yet are laid out once for everybody: nothing of one respondent may reach another."""

from contextlib import contextmanager

import pytest
from flask import template_rendered

from questionnaires.model import Page, Question, Text
from questionnaires.routing import PagePlan
from surveyapp.web.respond import blank
from tests.surveyapp.respond.browsing import Browser
from tests.surveyapp.respond.test_items_in_two_tabs import JOURNEY, journey


@pytest.fixture(scope="module")
def beforehand():
    return journey


@contextmanager
def templates(app):
    """The names of the templates that are rendered meanwhile."""
    names: list[str] = []

    def note(_app, template, **_more) -> None:
        names.append(template.name)

    with template_rendered.connected_to(note, app):
        yield names


def begin(visitor: Browser, more: str = "") -> None:
    visitor.get(JOURNEY + more)
    visitor.press(consent="yes")


def asked(visitor: Browser) -> str:
    """The questions of the page, without what belongs to the form around them."""
    return visitor.page.text.partition('name="language"')[2].partition('<div class="actions">')[0]


def test_who_comes_later_gets_the_same_blank_page_without_its_being_laid_out_again(app, visitor, other_visitor):
    begin(visitor)
    with templates(app) as rendered:
        begin(other_visitor)
    assert rendered == ["respond/consent.html", "respond/page.html"]
    assert asked(other_visitor) == asked(visitor)
    assert 'id="q-size"' in asked(visitor)


def test_what_one_respondent_answered_reaches_no_other(app, visitor, other_visitor):
    begin(visitor)
    first = visitor.page.path
    visitor.press(district="east", size="1", nick="Tổ ấm")
    assert "Tổ ấm" in visitor.get(first).text
    assert "Nhà “Tổ ấm” cần gì?" in visitor.press().text
    begin(other_visitor)
    assert "Tổ ấm" not in other_visitor.page.text
    other_visitor.press(district="east", size="1", nick="Nhà vui")
    assert "Nhà “Nhà vui” cần gì?" in other_visitor.page.text
    for respondent, age in ((visitor, "30"), (other_visitor, "47")):
        respondent.press(commune="e1")
        respondent.press(age=age)
        assert f"Cả nhà cộng lại {age} tuổi." in respondent.page.text


def test_a_blank_page_is_kept_in_each_language_and_faults_are_not_kept(app, visitor, other_visitor):
    begin(visitor)
    visitor.press(size="9", status=422)
    assert "Từ 1 đến 4 người." in visitor.page.text
    begin(other_visitor)
    assert "Từ 1 đến 4 người." not in other_visitor.page.text
    begin(other_visitor, "&lang=en")
    assert "Which district do you live in?" in other_visitor.page.text
    assert "Ông/Bà ở huyện nào?" not in other_visitor.page.text


def test_a_page_called_after_an_answer_is_not_kept():
    """Its title may stand in what is laid out: over a grid without one of its own."""
    page = Page("p", Text({"vi": "Về ${nick}"}), (Question("q", "text", Text({"vi": "Gì?"})),))
    assert blank.laid_out(None, PagePlan(page, page.questions), "vi", {}) is None
