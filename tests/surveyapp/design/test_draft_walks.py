"""A draft is tried out from page to page with the real routing; nothing of it is stored."""

import re

from surveyapp.extensions import db
from surveyapp.models import Response
from tests.questionnaires.drafts import GROUPED
from tests.surveyapp.design.drafting import form_of, send, state_of, version_of


def test_a_walk_through_with_real_routing_stores_nothing(app, client, draft):
    page = f"{draft}/chay-thu"

    held = [""]

    def step(status: int = 200, **fields) -> str:
        shown = client.post(page, draft, status, **({"_lang": "vi", "_state": held[0]} | fields))
        held[0] = state_of(shown)
        return shown

    assert "CHẠY THỬ" in client.get(page)
    assert 'name="went"' in step(_at="first", _then="dau")
    shown = step(_at="first", went="yes", times="0")
    assert "thêm câu hỏi" in shown
    assert 'name="times"' in shown
    assert "error-summary" in step(422, _at="first", went="yes", times="0")
    assert 'name="when"' in step(_at="first", went="yes", times="2", saw="a"), "the second page, since times > 1 holds"
    assert 'value="2"' in step(_at="second", _then="truoc")
    step(_at="first", went="yes", times="2", saw="a")
    assert 'name="comment"' in step(_at="second", when="1/2/2026", again="yes")
    shown = step(_at="third", comment="<i>hay</i>")
    assert "đã trả lời 6 câu" in shown
    assert "01/02/2026" in shown
    assert "<i>" not in shown
    assert "Vì sao" in shown.split("không hiện")[1]
    assert 'name="comment"' in step(_at="het", _then="truoc")
    assert "đã trả lời 6 câu" in step(_at="het")
    kept = held[0]
    assert "Trước khi bắt đầu" in step(_at="het", _then="lai")
    assert "Trước khi bắt đầu" in step(_at="khong")
    assert "chạy thử lại từ đầu" in step(_at="first", _state=kept[:-3] + "abc")
    client.post(f"{draft}/them-trang", draft, label="Trang thêm", revision="1")
    assert "chạy thử lại từ đầu" in step(_at="first", _state=kept), "answers to another state of the draft are worth nothing"
    step(_at="first", _state="", times="x" * 20_000, went="yes\x00")
    assert "error-summary" in step(422, _at="first", times="x" * 20_000, went="yes")
    with app.app_context():
        assert db.session.query(Response).count() == 0


def test_a_repeat_is_walked_through_as_often_as_it_is_asked(app, client):
    page = "/thiet-ke/nhap/"
    client.post(page, page, cach="tep", file=(GROUPED.replace("group: later", "repeat: later").encode(), "g.yaml"))
    walk, held = "/thiet-ke/nhap/1/chay-thu", [""]

    def step(**fields) -> str:
        shown = client.post(walk, page, 200, _lang="vi", _state=held[0], **fields)
        held[0] = state_of(shown)
        return shown

    step(_at="first", went="yes", _then="dau")
    step(_at="first", went="yes", saw="a")
    assert 'value="second.1"' in step(_at="first", went="yes", saw="a", times="2")
    assert 'name="later:more"' in step(_at="second.1", when="1/2/2026", again="yes")
    assert 'value="second.2"' in step(_at="third.1", comment="Một", **{"later:more": "yes"})
    assert "1 trên" not in step(_at="second.2", again="yes")
    assert "Hết phiếu" in step(_at="third.2", comment="Hai")
    assert 'value="third.2"' in step(_at="het", _then="truoc")
    step(_at="third.2", **{"later:remove": "yes"})
    assert "Trước khi bắt đầu" in step(_at="lost.7")
    for path in ("", "/trang/second", "/xem-thu", "/duyet", "/xem-thu/man-hinh?trang=third"):
        client.get(f"/thiet-ke/nhap/1{path}")


def test_a_form_that_rates_many_units_is_walked_through_with_units_that_stand_for_others(app, client):
    page = "/thiet-ke/phieu/official/2024.1"
    assert "Soạn phiên bản mới" in client.get(page)
    client.post("/thiet-ke/nhap/", page, cach="phien-ban", **{"phien-ban": version_of(app, "official")})
    walk = "/thiet-ke/nhap/1/chay-thu"
    form = form_of(app, "/thiet-ke/nhap/1")
    first = form.pages[0].questions[0]
    shown = client.post(walk, page, 200, _lang="vi", _at=form.pages[0].name, _then="dau")
    assert "Ban Quản lý các Khu công nghiệp tỉnh" in shown
    client.post(walk, page, 422, _lang="vi", _at=form.pages[0].name)
    rated = {f"{question.name}:{unit}": question.choices.names[0] for question in form.pages[0].questions for unit in "ABC"}
    shown = client.post(walk, page, 200, _lang="vi", _at=form.pages[0].name, **rated)
    assert form.pages[1].questions[0].name in shown
    back = client.post(walk, page, 200, _lang="vi", _at=form.pages[1].name, _then="truoc", _state=state_of(shown))
    assert re.search(rf'name="{first.name}:A" value="{first.choices.names[0]}"[^>]* checked', back)


def test_a_walk_waits_until_conditions_can_be_read(client, draft):
    page = f"{draft}/cau/why"
    send(client, page, page, type="rating_matrix")
    client.get(f"{draft}/chay-thu")
    client.get(f"{draft}/xem-thu/man-hinh?trang=first")
    client.post("/thiet-ke/nhap/", "/thiet-ke/nhap/", cach="trang", title="x", form_id="x")
    assert "Chưa có câu hỏi nào" in client.get("/thiet-ke/nhap/2/chay-thu")
    client.get("/thiet-ke/nhap/2/xem-thu")
