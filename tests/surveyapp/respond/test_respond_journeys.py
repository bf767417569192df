"""A form from the first page to its receipt, the ways of leaving and coming back, and everything that happens twice."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from surveyapp.errors import AlreadyHandedIn
from surveyapp.extensions import db
from surveyapp.models import Campaign, Invitation, Response
from surveyapp.services import collect
from surveyapp.services.receipts import receipt_hash
from surveyapp.services.samples import token_hash
from tests import factories
from tests.surveyapp.respond.browsing import Browser

EVERYTHING = "/k/THU2026/everything?unit=LONGPHU"
FIRST = {"went": "yes", "when": "23/11/2026", "times": "2"}


def begin(visitor: Browser, path: str = EVERYTHING):
    visitor.get(path)
    return visitor.press(consent="yes")


def to_review(visitor: Browser, path: str = EVERYTHING):
    begin(visitor, path)
    visitor.press(**{"went": "yes"})
    visitor.press(**FIRST)
    visitor.press(hours="1,5", things=["a", "b"])
    return visitor.press(comment="Cảm ơn")


def answer_all(visitor: Browser) -> None:
    """Page after page, the last of the choices each time."""
    while "/trang/" in visitor.page.path:
        radios = {each.get("name"): each.get("value") for each in visitor.page.all("input")
                  if each.get("type") == "radio" and each.get("value")}
        visitor.press(**radios)


def receipt_on(visitor: Browser) -> str:
    return next("".join(each.itertext()) for each in visitor.page.all("p") if each.get("class") == "code-box")


def test_a_citizen_answers_every_page_and_gets_a_receipt(visitor, stored):
    visitor.get("/")
    visitor.get(visitor.page.links()["Trả lời phiếu: Phiếu khảo sát mức độ hài lòng của người dân"])
    visitor.get(visitor.page.links()["Ủy ban nhân dân huyện Long Phú"])
    assert "Ủy ban nhân dân huyện Long Phú" in visitor.page.text
    visitor.press(consent="yes")
    visitor.press(visits="3", used_online="yes", made_feedback="yes", knows_where="no")
    answer_all(visitor)
    assert visitor.page.heading == "Xem lại và gửi phiếu"
    visitor.press("Gửi phiếu")
    assert visitor.page.heading.startswith("Đã nhận phiếu")
    [response] = stored()
    assert (response.state, response.unit_code, response.stratum) == ("sealed", "LONGPHU", "LONGPHU")
    assert response.receipt_hash == receipt_hash(receipt_on(visitor))
    assert response.answers["visits"] == "3"


def test_an_official_rates_every_unit_in_a_table(visitor, stored):
    visitor.get("/k/THU2026/official")
    visitor.get("/k/THU2026/official?next=1", status=422)
    assert visitor.page.summary == ["Nhóm đối tượng – Xin chọn một nhóm."]
    visitor.get("/k/THU2026/official?group=leaders")
    visitor.press(consent="yes")
    units = ("BQLKCN", "SNV", "STTTT", "VPUB", "LONGPHU", "VINHCHAU")
    assert "GONE" not in visitor.page.text
    visitor.press(status=422, **{"steering:SNV": "4"})
    assert len(visitor.page.summary) == 5
    assert visitor.page.fields(visitor.page.form())["steering:SNV"] == ["4"]
    while "a-suggestion" not in visitor.page.ids():
        question = visitor.page.path.rsplit("/", 1)[1]
        visitor.press(**{f"{question}:{unit}": "not_familiar" if unit == "VPUB" else "3" for unit in units})
    visitor.press()
    visitor.press("Gửi phiếu")
    [response] = stored()
    assert (response.respondent_group, response.unit_code, response.stratum) == ("leaders", None, "")
    assert response.answers["steering"] == {unit: "not_familiar" if unit == "VPUB" else "3" for unit in units}
    assert "suggestion" not in response.answers


def test_declining_stores_nothing(visitor, stored):
    visitor.get(EVERYTHING)
    assert "mà phiếu vẫn chưa gửi thì câu trả lời bị xóa." in visitor.page.text
    visitor.press(status=422)
    assert "Xin chọn đồng ý hoặc không." in visitor.page.text
    visitor.press(consent="no")
    assert "không tham gia" in visitor.page.text
    assert stored() == []


def test_a_page_is_stored_before_the_reply_and_what_is_wrong_is_kept_as_typed(visitor, stored):
    begin(visitor)
    visitor.press(went="no", times="mười", status=422)
    assert visitor.page.summary == ["Mấy lần? – Câu trả lời không phải là một số."]
    assert visitor.page.fields(visitor.page.form())["times"] == ["mười"]
    [draft] = stored()
    assert draft.answers == {"went": "no"}
    visitor.press(times="12", status=422)
    assert "Nhiều nhất 9 lần." in visitor.page.summary[0]
    visitor.press(times="៣")
    assert stored()[0].answers == {"went": "no", "times": "3"}
    assert visitor.page.path.endswith("/trang/third"), "the second page does not apply"


def test_questions_that_appear_are_shown_before_they_are_insisted_on(visitor):
    begin(visitor)
    assert "a-when" not in visitor.page.ids()
    visitor.press(went="yes")
    assert "có thêm câu hỏi" in visitor.page.text
    assert "a-when" in visitor.page.ids()
    visitor.press(status=422)
    assert visitor.page.summary == ["Ngày nào? – Câu hỏi này chưa được trả lời."]


def test_what_no_longer_applies_is_not_handed_in_but_kept_until_then(visitor, stored):
    to_review(visitor)
    visitor.get(visitor.page.links()["Sửa: Trang một"])
    visitor.press(went="no")
    assert visitor.page.heading == "Xem lại và gửi phiếu"
    assert "Trang hai" not in visitor.page.text
    assert stored()[0].answers["hours"] == "1.5"
    visitor.press("Gửi phiếu")
    assert stored()[0].answers == {"went": "no", "times": "2", "comment": "Cảm ơn"}


def test_back_shows_what_was_answered(visitor):
    to_review(visitor)
    path = visitor.page.path.replace("xem-lai", "trang/second")
    visitor.get(path)
    assert visitor.page.fields(visitor.page.form())["things"] == ["a", "b"]
    visitor.get(visitor.page.links()["‹ Trang trước"])
    shown = visitor.page.fields(visitor.page.form())
    assert {name: shown[name] for name in FIRST} == {name: [value] for name, value in FIRST.items()}


def test_leaving_and_coming_back_on_another_device(visitor, other_visitor):
    begin(visitor)
    visitor.press(went="yes")
    visitor.press("Lưu và để sau", when="1/1/2026", went="yes")
    code = receipt_on(visitor)
    last, until = (f"{date.today() + timedelta(days=days):%d/%m/%Y}" for days in (30, 60))
    assert f"trở lại đến hết ngày {last}." in visitor.page.text
    assert f"Đến hết ngày {until} mà phiếu vẫn chưa gửi thì câu trả lời bị xóa." in visitor.page.text
    other_visitor.get("/tiep-tuc")
    other_visitor.press(status=422)
    other_visitor.press(code="AAAA-BBBB", status=404)
    assert other_visitor.page.fields(other_visitor.page.form())["code"] == ["AAAA-BBBB"]
    other_visitor.press(code=code.lower().replace("-", " ").replace("0", "o").replace("1", "l"))
    assert other_visitor.page.path.endswith("/trang/second"), "goes on where it was left"
    other_visitor.get(other_visitor.page.links()["‹ Trang trước"])
    assert other_visitor.page.fields(other_visitor.page.form())["when"] == ["01/01/2026"]
    visitor.press("Rời khỏi phiếu trên máy này")
    visitor.get("/phieu/" + other_visitor.page.path.split("/")[2], status=403)


def test_two_tabs_do_not_overwrite_each_other(visitor, stored):
    begin(visitor)
    visitor.press(went="yes")
    visitor.press(**FIRST)
    first_tab, path = visitor.prepared(hours="2"), visitor.page.path
    visitor.get(path.replace("second", "third"))
    visitor.press(comment="từ thẻ thứ hai")
    visitor.post(*first_tab)
    assert stored()[0].answers == {"went": "yes", "when": "2026-11-23", "times": "2", "hours": "2", "comment": "từ thẻ thứ hai"}


def test_two_forms_in_two_tabs_stay_apart(visitor, stored):
    begin(visitor)
    first_tab = visitor.prepared(went="no")
    begin(visitor, EVERYTHING.replace("LONGPHU", "SNV"))
    visitor.press(went="no", times="7")
    visitor.post(*first_tab)
    assert {(each.unit_code, each.answers.get("times")) for each in stored()} == {("LONGPHU", None), ("SNV", "7")}


def test_handing_in_twice_is_handing_in_once(visitor, stored):
    to_review(visitor)
    again = visitor.prepared("Gửi phiếu")
    visitor.press("Gửi phiếu")
    receipt = receipt_on(visitor)
    visitor.post(*again)
    assert receipt_on(visitor) == receipt
    assert len(stored()) == 1


def test_a_click_whose_answer_got_lost_still_brings_the_receipt(visitor):
    """The second click of a double click carries the cookie of before the first."""
    to_review(visitor)
    path, data = visitor.prepared("Gửi phiếu")
    cookie = visitor.http.get_cookie("khaosat").value
    visitor.post(path, data)
    receipt = receipt_on(visitor)
    visitor.http.set_cookie("khaosat", cookie)
    visitor.post(path, data)
    assert receipt_on(visitor) == receipt
    visitor.http.set_cookie("khaosat", cookie)
    visitor.get(path.replace("xem-lai", "trang/first"))
    assert receipt_on(visitor) == receipt


def test_a_handed_in_form_no_longer_takes_pages(visitor, stored):
    begin(visitor)
    visitor.press(went="no")
    old_page = visitor.prepared(comment="muộn")
    visitor.press()
    visitor.press("Gửi phiếu")
    visitor.post(*old_page)
    assert visitor.page.heading.startswith("Đã nhận phiếu")
    assert stored()[0].answers == {"went": "no"}


def test_nothing_incomplete_is_handed_in(visitor, stored):
    begin(visitor)
    path = visitor.page.path.replace("trang/first", "xem-lai")
    visitor.get(path)
    assert visitor.page.summary == ["Trang một: 1 chỗ cần trả lời"]
    visitor.press("Gửi phiếu", status=422)
    assert stored()[0].state == "draft"


def test_finishing_leaves_nothing_for_the_next_person(visitor):
    to_review(visitor)
    visitor.press("Gửi phiếu")
    path = visitor.page.path
    visitor.press("Tôi đã giữ mã, kết thúc")
    visitor.get(path, status=403)


def test_a_personal_link_brings_its_place_in_the_sample_and_works_once(app, visitor, other_visitor, stored):
    with app.app_context():
        token = factories.invitation("THU2026")
    visitor.get(f"/p/{token}")
    visitor.press(consent="yes")
    other_visitor.get(f"/p/{token}")
    assert "/trang/experience" in other_visitor.page.path, "goes on, with no second form"
    [response] = stored()
    place = (response.unit_code, response.stratum, response.psu, response.weight)
    assert place == ("LONGPHU", "LONGPHU", "ap-1", Decimal("2.5"))
    answer_all(visitor)
    late_page = other_visitor.prepared()
    visitor.press("Gửi phiếu")
    other_visitor.get(f"/p/{token}", status=410)
    other_visitor.post(*late_page, status=410)
    other_visitor.get("/tiep-tuc")
    other_visitor.press(code=token, status=410)
    assert [each.state for each in stored()] == ["sealed"]


def test_withdrawal_erases_the_answers(visitor, other_visitor, stored):
    to_review(visitor)
    visitor.press("Gửi phiếu")
    receipt = receipt_on(visitor)
    other_visitor.get("/rut-lai")
    other_visitor.press(receipt="", status=422)
    other_visitor.press(receipt="0000-0000-0000", status=404)
    other_visitor.press(receipt=receipt.lower())
    assert stored()[0].state == "sealed", "asks once more"
    other_visitor.press("Xóa câu trả lời")
    [response] = stored()
    assert (response.state, response.answers) == ("withdrawn", {})
    other_visitor.get("/rut-lai")
    other_visitor.press(receipt=receipt)
    assert other_visitor.page.heading == "Câu trả lời đã được xóa"


@pytest.mark.parametrize(("change", "words"), [
    ({"state": "closed"}, "đã kết thúc"), ({"state": "draft"}, "chưa bắt đầu"),
])
def test_a_campaign_that_is_not_open_takes_nothing(app, visitor, change, words):
    begin(visitor)
    page = visitor.prepared(went="no")
    with app.app_context():
        db.session.execute(update(Campaign).values(**change))
        db.session.commit()
    visitor.get(EVERYTHING, status=403)
    assert words in visitor.page.text
    visitor.post(*page, status=403)
    visitor.get("/")
    assert "không có đợt khảo sát nào" in visitor.page.text


def test_unknown_places_say_so(visitor):
    for path, status in (("/k/KHONG/citizen", 404), ("/k/THU2026/khong", 404), ("/p/KHONGCO", 404),
                         ("/phieu/0123/trang/first", 403), ("/khong/co", 404), ("/phieu/0123", 403)):
        visitor.get(path, status=status)
    visitor.get("/k/THU2026/everything?unit=GONE", status=404)
    assert "không có trong đợt khảo sát" in visitor.page.text
    begin(visitor)
    visitor.get(visitor.page.path.replace("first", "khong-co"), status=404)
    visitor.get(visitor.page.path.replace("khong-co", "second"))
    assert visitor.page.path.endswith("/trang/first"), "a page that does not apply leads to where one is"


def test_units_are_found_without_marks(visitor):
    visitor.get("/k/THU2026/everything?q=noi+vu")
    assert "Sở Nội vụ" in visitor.page.links()
    assert "Ban Quản lý các Khu công nghiệp tỉnh" not in visitor.page.links()
    visitor.get("/k/THU2026/everything?q=xyz")
    assert "Không có cơ quan nào tên như vậy." in visitor.page.text


def test_no_column_joins_an_invitation_and_a_response(app, visitor, stored):
    """With both tables in hand, and without the token, nothing in one is found in the other except what many share."""
    with app.app_context():
        token = factories.invitation("THU2026")
    visitor.get(f"/p/{token}")
    visitor.press(consent="yes")
    assert not keys_in_common(app, token, *stored())
    answer_all(visitor)
    visitor.press("Gửi phiếu")
    [response] = stored()
    assert not keys_in_common(app, token, response)
    assert response.access_hash is None
    with app.app_context():
        assert db.session.scalar(select(Invitation.spent))
        with pytest.raises(AlreadyHandedIn):
            collect.draft(token)


def keys_in_common(app, token: str, response: Response) -> set[str]:
    shared = {"unit_code", "stratum", "psu", "weight", "respondent_group", "campaign_id"}
    with app.app_context():
        invitation = db.session.scalar(select(Invitation))
    mine, its = ({str(getattr(row, column.key)) for column in row.__table__.columns if column.key not in shared}
                 for row in (response, invitation))
    assert token not in str(mine) + str(its), "the token itself is nowhere"
    assert response.access_hash not in (token_hash(token), token_hash(invitation.token_hash))
    return {value for value in mine & its if len(value) > 8}


def test_healthz(visitor):
    answer = visitor.http.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
