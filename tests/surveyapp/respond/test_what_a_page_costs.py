"""What goes over a slow line, and what the database is asked: pages compressed, static files kept for good, few statements."""

import gzip
import re
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from surveyapp.queries import campaigns
from surveyapp.web.compression import padded_gzip
from tests.surveyapp.respond.test_respond_journeys import begin

SMALL = {"Accept-Encoding": "gzip, deflate, br"}


@contextmanager
def statements(app):
    """What the application asks its database meanwhile."""
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_more) -> None:
        asked.append(statement)

    engine = app.extensions["surveyapp_database"]
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def kinds(asked: list[str]) -> list[str]:
    return [each.split(None, 1)[0] for each in asked if not each.startswith("BEGIN")]


def test_a_page_goes_out_compressed_to_whoever_can_read_that(app, campaign):
    http = app.test_client()
    plain, small = http.get("/"), http.get("/", headers=SMALL)
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 2
    for answer in (plain, small):
        assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Content-Encoding" not in http.get("/", headers={"Accept-Encoding": "gzip;q=0, br"}).headers
    assert "Content-Encoding" not in http.get("/healthz", headers=SMALL).headers


def test_the_length_of_a_compressed_page_says_nothing():
    page = b"<p>a page</p>" * 100
    made = [padded_gzip(page) for _ in range(60)]
    assert {gzip.decompress(each) for each in made} == {page}
    assert len({len(each) for each in made}) > 10


def test_what_a_page_links_is_kept_for_good_and_has_its_content_in_its_address(app, visitor):
    page = visitor.get("/").text
    links = re.findall(r'"(/static/[^"]+)"', page)
    sheet = next(link for link in links if ".css" in link)
    style = visitor.http.get(sheet).data.decode()
    fonts = [f"/static/fonts/{name}" for name in re.findall(r'url\("\.\./fonts/([^"]+)"\)', style)]
    assert len(fonts) == style.count("url(") == 5
    for link in links + fonts:
        answer = visitor.http.get(link, headers=SMALL)
        assert answer.status_code == 200, link
        assert re.search(r"\?v=[0-9a-f]{10}$", link)
        assert "immutable" in answer.headers["Cache-Control"]
        assert (answer.headers.get("Content-Encoding") == "gzip") == ("woff2" not in link)
        again = visitor.http.get(link, headers={**SMALL, "If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    assert gzip.decompress(visitor.http.get(sheet, headers=SMALL).data).decode() == style


@pytest.mark.parametrize("name", ["nothing.css", "../config.py", "css", "css/../../config.py"])
def test_nothing_but_static_files_is_served_as_such(app, campaign, name):
    assert app.test_client().get(f"/static/{name}").status_code == 404


def test_a_page_of_a_form_is_one_question_to_the_database_and_storing_it_two(app, visitor):
    begin(visitor)
    with statements(app) as asked:
        visitor.get(visitor.page.path)
    assert kinds(asked) == ["SELECT"]
    path, data = visitor.prepared(**{"went": "yes"})
    with statements(app) as asked:
        visitor.http.post(path, data=data)
    assert kinds(asked) == ["SELECT", "UPDATE"]


def test_the_way_into_a_form_fetches_no_text_of_a_questionnaire(app, visitor, other_visitor):
    begin(visitor)
    with statements(app) as asked:
        begin(other_visitor)
    assert "INSERT" in kinds(asked)
    assert not [each for each in asked if "document" in each]


def test_one_unit_is_rated_exactly_if_it_is_among_all_that_are(app, campaign):
    with app.app_context():
        found = campaigns.by_code("THU2026")
        for group in ("citizens", "officials", "leaders", "businesses", "nobody"):
            rated = {unit.code for unit in campaigns.units_rated_by(found, group)}
            assert campaigns.rates(found, group) == bool(rated)
            for code in ("LONGPHU", "SNV", "VPUB", "BQLKCN", "GONE", "", "a\x00b"):
                assert campaigns.rates(found, group, code) == (code in rated), (group, code)
