"""What people send who mean no good, and what old pages send: shown escaped or refused in words, never half-stored."""

import concurrent.futures

import pytest

from surveyapp.web.respond import in_hand
from tests.surveyapp.respond.browsing import Browser
from tests.surveyapp.respond.test_respond_journeys import EVERYTHING, FIRST, begin, receipt_on, to_review

HTML = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"
HOSTILE = {
    "html": HTML, "nul": "trước\x00sau", "control": "\x1b[31m\x07", "direction": "an\u202etoàn", "formula": "=HYPERLINK(\"http://x\")",
    "template": "{{ 7*7 }}{% raw %}", "percent": "100% %(choice)s %s", "long": "x" * 1_000_000, "emoji": "👍🏽",
    "newlines": "\n\na\n\n",
}
STORED_AS_TYPED = {"html", "formula", "template", "percent", "emoji"}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_in_every_field(visitor, stored, kind):
    text = HOSTILE[kind]
    begin(visitor)
    for field in ("went", "when", "times"):
        visitor.press(**{field: text}, status=422)
    shown = visitor.page.fields(visitor.page.form())
    if kind in STORED_AS_TYPED:
        assert shown["times"] == [text]
    assert "alert(1)" not in {"".join(each.itertext()) for each in visitor.page.all("script")}
    visitor.press(went="yes", when="", times="")
    visitor.press(**FIRST)
    visitor.press(hours=text, things=["a"], status=422)
    visitor.press(hours="", things=[text + "?"], status=422)
    visitor.press(hours="", things=[])
    visitor.press(comment=text, status=200 if kind in STORED_AS_TYPED | {"newlines"} else 422)
    [draft] = stored()
    assert draft.answers.get("comment") == (text if kind in STORED_AS_TYPED else "a" if kind == "newlines" else None)
    assert len(visitor.page.text) < 100_000
    if kind in STORED_AS_TYPED:
        assert text in {"".join(each.itertext()) for each in visitor.page.all("dd")}, "the review shows it as text"


def test_hostile_text_in_codes_addresses_and_matrix(visitor, stored):
    for field, path in (("code", "/tiep-tuc"), ("receipt", "/rut-lai")):
        for text in HOSTILE.values():
            visitor.get(path)
            visitor.press(**{field: text}, status=404)
    for path in ("/k/%3Cscript%3E/citizen", "/k/THU2026/%00", "/p/%00%3Cscript%3E", "/phieu/%22%3E/trang/first", "/?lang=%00"):
        answer = visitor.http.get(path)
        assert answer.status_code in (200, 403, 404)
        assert "<script>" not in answer.get_data(as_text=True)
    visitor.get("/k/THU2026/everything?unit=%3Cscript%3E&q=%22%3E%3Cscript%3E&group=x", status=404)
    visitor.get("/k/THU2026/official?group=officials")
    visitor.press(consent="yes")
    visitor.press(**{"steering:SNV": "4", "steering:KHONGCO": "4", "steering:BQLKCN": HTML}, status=422)
    assert stored()[0].answers == {}


def test_more_than_a_page_can_hold_is_413(visitor, stored):
    begin(visitor)
    path, data = visitor.prepared(went="no", times="x" * 2_500_000)
    visitor.post(path, data, status=413)
    assert "quá lớn" in visitor.page.heading
    assert stored()[0].answers == {}


def test_bytes_that_are_no_text_are_400(visitor):
    answer = visitor.http.post("/tiep-tuc", data=b"code=\xff\xfe", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    answer = visitor.http.post("/tiep-tuc", data=b"--x", content_type="multipart/form-data")
    assert answer.status_code == 400


def test_a_page_without_its_token_keeps_what_was_typed(visitor, stored):
    begin(visitor)
    path, data = visitor.prepared(went="yes", times="4")
    data.pop("csrf_token")
    visitor.post(path, data, status=400)
    assert "mở đã lâu" in visitor.page.text
    assert stored()[0].answers == {}
    visitor.press(**{})
    assert stored()[0].answers == {"went": "yes", "times": "4"}


def test_a_page_whose_cookie_is_gone_is_stored_once_the_code_is_back(app, visitor, stored):
    begin(visitor)
    visitor.press(went="yes", times="4")
    visitor.get(visitor.page.path.split("/trang")[0] + "/de-sau")
    code = receipt_on(visitor)
    visitor.get("/phieu/" + visitor.page.path.split("/")[2] + "/trang/first")
    late = visitor.prepared(**FIRST)
    stranger = Browser(app)
    stranger.post(*late, status=400)
    stranger.press(code="", status=422)
    stranger.post(*late, status=400)
    stranger.press(code=code)
    assert stored()[0].answers == {"went": "yes", "times": "2", "when": "2026-11-23"}


def test_other_pages_without_their_token_change_nothing(visitor, stored):
    visitor.get(EVERYTHING)
    path, data = visitor.prepared(consent="yes")
    data.pop("csrf_token")
    visitor.post(path, data, status=400)
    assert stored() == []
    to_review(visitor)
    path, data = visitor.prepared("Gửi phiếu")
    data["csrf_token"] = "sai"
    visitor.post(path, data, status=400)
    assert stored()[0].state == "draft"
    visitor.get(visitor.page.links()["Mở lại trang"])
    visitor.press("Gửi phiếu")
    assert stored()[0].state == "sealed"


def test_methods_that_a_page_does_not_have(visitor):
    answer = visitor.http.put("/tiep-tuc")
    assert answer.status_code in (400, 405)
    answer = visitor.http.get("/phieu/0123/xong")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_the_cookie_holds_the_code_and_cannot_be_made_up(app, visitor):
    begin(visitor)
    forged = Browser(app)
    forged.http.set_cookie("khaosat", visitor.http.get_cookie("khaosat").value[:-3] + "AAA")
    forged.get(visitor.page.path, status=403)


def test_many_forms_in_one_browser_fit_its_cookie(visitor):
    for _ in range(in_hand.MOST + 3):
        begin(visitor)
    assert len(visitor.http.get_cookie("khaosat").value) < 3_000
    visitor.press(went="no")


def test_handing_in_from_many_places_at_the_same_moment_seals_once(app, visitor, stored):
    to_review(visitor)
    path, data = visitor.prepared("Gửi phiếu")
    cookie = visitor.http.get_cookie("khaosat").value

    def send(_number: int) -> int:
        client = app.test_client()
        client.set_cookie("khaosat", cookie)
        return client.post(path, data=data).status_code

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, range(6))) == {302}
    [response] = stored()
    assert response.state == "sealed"


def test_two_pages_stored_at_the_same_moment_are_both_kept(app, visitor, stored):
    begin(visitor)
    visitor.press(went="yes")
    visitor.press(**FIRST)
    base, second = visitor.page.path.rsplit("/", 1)[0], visitor.prepared(hours="2")[1]
    third = second | {"comment": ["cùng lúc"]}
    third.pop("hours")
    cookie = visitor.http.get_cookie("khaosat").value

    def send(page: str) -> int:
        client = app.test_client()
        client.set_cookie("khaosat", cookie)
        return client.post(f"{base}/{page}", data=second if page == "second" else third).status_code

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert set(pool.map(send, ["second", "third"] * 3)) == {302}
    assert stored()[0].answers["hours"] == "2"
    assert stored()[0].answers["comment"] == "cùng lúc"


def test_an_unforeseen_error_shows_a_page_and_no_traceback(app, visitor, monkeypatch):
    app.testing = False
    monkeypatch.setattr("surveyapp.web.respond.entry.campaigns.open_now", lambda _today: 1 / 0)
    visitor.get("/", status=500)
    assert "Hệ thống gặp lỗi" in visitor.page.heading
    assert "ZeroDivision" not in visitor.page.text
