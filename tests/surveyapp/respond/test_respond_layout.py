"""Groups, repeats, filters and texts with answers in them, asked for honestly and not: what a page brings is what it asks."""

import pytest

from questionnaires import document, offering, routing
from tests import factories
from tests.surveyapp.respond.browsing import Browser, words

JOURNEY = "/k/THU2026/journey?unit=SNV"
HOME = {"district": "east", "size": "2", "nick": "Nhà <b>ta</b>"}
FORM = document.load((factories.FORMS / "journey.yaml").read_bytes(), "journey.yaml")


@pytest.fixture
def database_url(sqlite_url):
    """What is shown does not hang on the kind of database; what is stored and read is tested on both."""
    return sqlite_url


def forms() -> None:
    factories.province(forms=("journey", "rating"))


@pytest.fixture(scope="module")
def beforehand():
    return forms


@pytest.fixture
def at_place(visitor):
    visitor.get(JOURNEY)
    visitor.press(consent="yes")
    visitor.press(**HOME)
    return visitor


@pytest.fixture
def at_visits(at_place):
    at_place.press(commune="e1")
    at_place.press(age="30")
    at_place.press(age="7")
    assert "Cả nhà cộng lại 37 tuổi." in at_place.page.text
    at_place.press()
    return at_place


def base(visitor) -> str:
    return visitor.page.path.split("?")[0].rsplit("/", 1)[0]


def test_answers_in_texts_are_text(at_place):
    assert at_place.page.heading == "Nơi ở tại Huyện Đông <b>"
    assert "Nhà “Nhà <b>ta</b>” cần gì? (không bắt buộc)" in {words(each) for each in at_place.page.all("legend")}
    assert at_place.page.all("b") == []


def test_an_answer_cannot_turn_round_the_words_after_it():
    turned = {"nick": "\u202eab\u2067cd\u200f"}
    plan = {each.key: each for each in routing.plan(FORM, {**HOME, **turned})}
    asked = offering.as_asked(FORM, FORM.question("needs"), plan["place"].seen, "vi")
    assert asked.label.in_language("vi") == "Nhà “abcd\u200f” cần gì?"


def test_a_choice_that_the_filter_hides_is_refused(at_place, stored):
    at_place.press(commune="w1", status=422)
    assert at_place.page.summary == ["Xã nào của Huyện Đông <b>? – Câu trả lời không nằm trong các phương án."]
    at_place.get(f"{base(at_place).removesuffix('/trang')}/xem-lai")
    at_place.press("Gửi phiếu", status=422)
    assert stored()[0].state == "draft"
    assert "Nơi ở tại Huyện Đông <b>: 1 chỗ cần trả lời" in at_place.page.summary


def test_a_required_question_says_its_own_words(visitor):
    visitor.get(JOURNEY)
    visitor.press(consent="yes")
    visitor.press(status=422)
    assert "Ông/Bà ở huyện nào? – Xin cho biết huyện." in visitor.page.summary


@pytest.mark.parametrize(
    "key", ["member.999", "member.0", "member.3x", "member", "../member.1", "%2e%2e", "home.1", "member.1/..", "nowhere",
            "visit.%00", "visit%3F"])
def test_a_page_that_the_form_does_not_have(at_place, stored, key):
    before = stored()[0].answers
    path, data = at_place.prepared(commune="e1", age="30")
    at_place.get(f"{base(at_place)}/{key}", status=404)
    at_place.post(f"{base(at_place)}/{key}", data, status=404)
    assert stored()[0].answers == before


def test_a_time_that_nobody_asked_for_brings_nothing(at_visits, stored):
    before = stored()[0]
    _path, data = at_visits.prepared(matter="không ai hỏi")
    for key in ("visit.3", "member.3"):
        at_visits.post(f"{base(at_visits)}/{key}", data | {"age": ["9"]})
    after = stored()[0]
    assert (after.answers, after.pages_stored) == (before.answers, before.pages_stored)


def test_unknown_hidden_and_calculated_fields_bring_nothing(at_visits, stored):
    before = stored()[0].answers
    extra = {"years": ["99"], "months": ["1"], "district": ["west"], "members": ["x"], "visits": ["y"], "__proto__": ["z"],
             "matter:missing": ["refused"], "unknown": ["a", "b"], "response": ["1"], "weight": ["9"], "unit_code": ["STTTT"]}
    path, data = at_visits.prepared(matter="Hộ tịch")
    at_visits.post(path, data | extra)
    assert stored()[0].answers == {**before, "visits": [{"matter": "Hộ tịch"}]}
    assert (str(stored()[0].weight), stored()[0].unit_code) in {("1", "SNV"), ("1.000000", "SNV"), ("1.0000000000", "SNV")}


def test_ten_thousand_fields_and_repeated_ones(at_visits, stored):
    path, data = at_visits.prepared(matter=["Hộ tịch", "Đất đai"])
    at_visits.post(path, data | {f"f{number}": [str(number)] for number in range(10_000)}, status=422)
    assert at_visits.page.summary == ["Việc gì? – Câu hỏi này có nhiều câu trả lời khác nhau."]
    assert "visits" not in stored()[0].answers or stored()[0].answers["visits"] == [{}]
    assert len(at_visits.page.text) < 20_000


def test_adding_and_taking_away_and_pressing_twice(at_visits, stored):
    for matter in ("một", "hai"):
        path, data = at_visits.prepared("Thêm một mục nữa", matter=matter)
        at_visits.post(path, data)
        at_visits.post(path, data)
    assert at_visits.page.path.endswith("/visit.3")
    assert "Thêm một mục nữa" not in at_visits.page.text
    at_visits.press(matter="ba")
    assert [each["matter"] for each in stored()[0].answers["visits"]] == ["một", "hai", "ba"]
    at_visits.get(f"{base(at_visits)}/visit.2")
    path, data = at_visits.prepared("Xóa mục này")
    at_visits.post(path, data)
    at_visits.post(path, data)
    assert [each["matter"] for each in stored()[0].answers["visits"]] == ["một", "ba"]
    at_visits.get(f"{base(at_visits)}/visit.3")
    assert "2 trên 2" in at_visits.page.text
    at_visits.press("Thêm một mục nữa")
    assert at_visits.page.path.endswith("/visit.4")
    at_visits.get(at_visits.page.path.split("/trang")[0])
    assert at_visits.page.path.endswith("/visit.4"), "the new item is one that nobody has been through"


def test_what_is_added_from_the_review_is_asked_before_the_review(at_visits):
    at_visits.press(matter="một")
    at_visits.press(speed="3", staff="dont_know")
    at_visits.get(at_visits.page.links()["Sửa: Một lần đến cơ quan (1)"])
    at_visits.press("Thêm một mục nữa")
    assert "/visit.2" in at_visits.page.path
    at_visits.press(matter="hai")
    assert at_visits.page.heading == "Xem lại và gửi phiếu"
    at_visits.get(at_visits.page.links()["Sửa: Nhà ở"])
    at_visits.press(size="9", status=422)
    at_visits.press("English")
    at_visits.press(size="2", nick="")
    assert at_visits.page.heading == "Look over and send the form"


def test_a_page_whose_cookie_is_gone_keeps_its_language_and_what_cannot_be_read(app, at_place, stored):
    home = at_place.page.links()["‹ Trang trước"]
    at_place.get(home)
    at_place.press("English")
    late = at_place.prepared(size="hai người", nick="Nhà ta")
    at_place.get(at_place.page.path.split("/trang")[0] + "/de-sau")
    code = words(next(each for each in at_place.page.all("p") if each.get("class") == "code-box"))
    stranger = Browser(app)
    stranger.post(*late, status=400)
    assert stranger.page.all("html")[0].get("lang") == "en"
    stranger.press(code=code, status=422)
    assert stranger.page.fields(stranger.page.form())["size"] == ["hai người"]
    assert stored()[0].answers["nick"] == "Nhà ta"


def test_another_persons_mark_opens_nothing(app, at_place, stored):
    path, data = at_place.prepared(commune="e1")
    thief = Browser(app)
    thief.get(JOURNEY)
    thief.press(consent="yes")
    token = thief.page.fields(thief.page.form())["csrf_token"]
    mark = path.split("/")[2]
    for place in ("trang/place", "xem-lai", "bien-nhan", "de-sau", "dong-y"):
        thief.get(f"/phieu/{mark}/{place}", status=403)
    for place in ("trang/place", "xem-lai", "dong-y"):
        thief.post(f"/phieu/{mark}/{place}", data | {"csrf_token": token, "consent": ["yes"]}, status=403)
    assert not any("commune" in each.answers for each in stored())
