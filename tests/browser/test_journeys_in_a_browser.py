"""Whole journeys of each respondent group, in each language, by keyboard alone; and what happens beside the straight way: two
tabs, back, a lost session, another device, a switch of language."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.by_keyboard import Keyboard
from tests.browser.conftest import press, served

PHONE = {"width": 390, "height": 844}
NEXT = "main form .actions button.button"
LATER = "main form button[name=then]"
JOURNEY = "/k/THU2026/journey?unit=SNV"
#: what is typed in each language's way, or how many arrows down
ANSWERS = {"size": "2", "nick": "Nhà ta", "age": "40", "matter": "Hộ tịch", "needs": "x", "word": "Cảm ơn", "visits": "2",
           "commune": "1", "speed": "3"}


@pytest.fixture(scope="module")
def server(sqlite_template, tmp_path_factory):
    forms = ("journey", "rating", "business")
    with served(sqlite_template, tmp_path_factory.mktemp("journeys"), lambda: factories.province(forms=forms)) as server:
        yield server


@pytest.fixture
def open_page(browser, server):
    contexts = []

    def open_one(language="vi", javascript=False, **more):
        context = browser.new_context(**{"viewport": PHONE, **more}, java_script_enabled=javascript, base_url=server.url)
        contexts.append(context)
        page = context.new_page()
        if language != "vi":
            page.goto(f"/tiep-tuc?lang={language}")
        return page

    yield open_one
    for context in contexts:
        context.close()


def begin(page, path=JOURNEY) -> None:
    page.goto(path)
    page.check("#consent-yes")
    press(page.locator("main form button"))


def go_on(page, **typed) -> None:
    """Fill in fields by their ids, then go on."""
    for field, value in typed.items():
        page.check(f"#a-{field}{value}") if value in ("", "-2", "-3") else page.fill(f"#a-{field}", value)
    press(page.locator(NEXT))


def to_visits(page) -> None:
    begin(page)
    go_on(page, district="", size="2", nick="Nhà ta")
    go_on(page, commune="")
    go_on(page, age="30")
    go_on(page, age="7")
    go_on(page)


def to_review(page) -> None:
    to_visits(page)
    go_on(page, matter="Hộ tịch")
    go_on(page, speed="", staff="-2")
    assert page.url.endswith("/xem-lai")


def choices(page, name: str) -> list[str]:
    return page.locator(f"input[name={name}]").evaluate_all("all => all.map((each) => each.value)")


def code_on(page) -> str:
    return page.locator(".code-box").inner_text()


# -- by keyboard alone -----------------------------------------------------------------------------------------------

GROUPS = {
    "citizens": ("/k/THU2026/journey", None, 7),
    "leaders": ("/k/THU2026/rating", "leaders", 2),
    "businesses": ("/k/THU2026/business", None, 5),
}
WAYS = [("citizens", "vi", False), ("citizens", "vi", True), ("citizens", "km", False), ("citizens", "km", True),
        ("citizens", "en", False), ("citizens", "en", True), ("leaders", "vi", False), ("leaders", "vi", True),
        ("leaders", "km", False), ("leaders", "en", True), ("businesses", "vi", False), ("businesses", "vi", True),
        ("businesses", "km", True), ("businesses", "en", False)]


@pytest.mark.parametrize(("group", "language", "javascript"), WAYS)
def test_a_whole_form_by_keyboard_alone(open_page, group, language, javascript):
    path, chosen, least = GROUPS[group]
    page = open_page(language, javascript)
    page.goto(path)
    keys = Keyboard(page)
    if chosen:
        keys.answer({"group": "1"})
    else:
        keys.past_the_header()
        keys.tab_to(lambda at: at["words"] == "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh")
        keys.enter()
    spoken = "vi" if group == "businesses" else language
    assert page.locator("html").get_attribute("lang") == spoken
    keys.answer()
    pages = 0
    while "/trang/" in page.url:
        assert page.locator("html").get_attribute("lang") == spoken
        keys.answer(ANSWERS)
        assert page.locator(".error-summary").count() == 0, page.locator(".error-summary").inner_text()
        pages += 1
        assert pages < 25
    assert pages >= least
    keys.past_the_header()
    keys.tab_to(lambda at: at["tag"] == "BUTTON" and at["main"])
    keys.enter()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", code_on(page))
    assert keys.found == []


@pytest.mark.parametrize("javascript", [False, True], ids=["plain", "script"])
def test_after_a_fault_the_focus_is_on_the_summary_and_leads_to_the_field(open_page, javascript):
    page = open_page(javascript=javascript)
    begin(page)
    keys = Keyboard(page)
    keys.answer({"size": "hai"})
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    assert page.title().startswith("Lỗi:")
    keys.tab_to(lambda at: "Nhà có mấy người?" in at["words"])
    page.keyboard.press("Enter")
    expect(page.locator("#a-size")).to_be_focused()
    assert page.input_value("#a-size") == "hai"
    assert keys.found == []
    page.goto(page.url.split("/trang")[0] + "/xem-lai")
    press(page.get_by_role("button", name="Gửi phiếu"))
    expect(page.locator(".error-summary")).to_be_focused()


def test_enter_in_a_field_goes_on_and_does_not_switch_the_language(open_page):
    page = open_page()
    begin(page)
    page.check("#a-district")
    page.fill("#a-size", "1")
    page.locator("#a-size").focus()
    Keyboard(page).enter()
    assert page.url.endswith("/trang/place")
    assert page.locator("html").get_attribute("lang") == "vi"


# -- what a form is made of ------------------------------------------------------------------------------------------


def test_a_form_with_everything_in_its_layout(open_page):
    page = open_page()
    begin(page)
    go_on(page, district="", size="2", nick="Nhà <i>ta</i>")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nơi ở tại Huyện Đông <b>")
    expect(page.get_by_role("group", name="Nhà “Nhà <i>ta</i>” cần gì?")).to_have_count(1)
    assert choices(page, "commune") == ["e1", "e2", "refused"]
    order = choices(page, "needs")
    assert sorted(order[:-1]) == ["n1", "n2", "n3", "n4", "n5"]
    assert order[-1] == "none"
    page.reload()
    assert choices(page, "needs") == order
    page.get_by_label("Chợ").check()
    go_on(page, commune="-2")
    page.go_back()
    assert choices(page, "needs") == order
    expect(page.get_by_label("Chợ")).to_be_checked()
    go_on(page)
    expect(page.locator(".about-unit strong").last).to_have_text("1 trên 2")
    go_on(page, age="30")
    page.check("[id='a-age:missing']")
    go_on(page)
    expect(page.get_by_text("Cả nhà cộng lại 30 tuổi.")).to_have_count(1)
    go_on(page)
    for matter in ("một", "hai"):
        page.fill("#a-matter", matter)
        press(page.get_by_role("button", name="Thêm một mục nữa"))
    page.fill("#a-matter", "ba")
    assert page.get_by_role("button", name="Thêm một mục nữa").count() == 0, "three are the most"
    page.goto(page.url.replace("visit.3", "visit.2"))
    take_away_while_another_tab_shows_it(page)
    page.goto(page.url.split("/trang")[0] + "/trang/visit.3")
    expect(page.locator(".about-unit strong").last).to_have_text("2 trên 2")
    expect(page.locator("#a-matter")).to_have_value("")
    go_on(page, matter="ba")
    expect(page.get_by_role("table", name="Phục vụ thế nào?")).to_have_count(1)
    page.get_by_role("radio", name="Nhanh chóng Tốt", exact=True).check()
    page.get_by_role("radio", name="Thái độ Không biết", exact=True).check()
    go_on(page)
    said = page.locator("main").inner_text()
    for words in ("Xã Nghĩa Đông Hai", "Chợ", "Một người (2)", "Không biết", "Một lần đến cơ quan (2)", "ba", "Tốt"):
        assert words in said
    press(page.get_by_role("link", name=re.compile("^Sửa ?: Nhà ở")))
    go_on(page, district="-2")
    assert page.url.endswith("/xem-lai")
    press(page.get_by_role("link", name=re.compile("Nơi ở tại Huyện Tây: 1")))
    assert choices(page, "commune") == ["w1", "refused"]
    go_on(page, commune="")
    press(page.get_by_role("button", name="Gửi phiếu"))
    expect(page.locator(".code-box")).to_have_count(1)


def take_away_while_another_tab_shows_it(page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    press(page.get_by_role("button", name="Xóa mục này"))
    other.fill("#a-matter", "hai, sửa")
    press(other.locator(NEXT))
    expect(other.get_by_role("alert")).to_contain_text("đã được xóa ở một trang khác")
    expect(other.locator("#a-matter")).to_have_value("hai, sửa")
    press(other.get_by_role("link", name="Không cần nữa, trả lời tiếp"))


# -- beside the straight way -----------------------------------------------------------------------------------------


def test_a_switch_of_language_keeps_the_place_and_what_was_typed(open_page):
    page = open_page()
    begin(page)
    page.fill("#a-nick", "Nhà ta")
    page.fill("#a-size", "hai người")
    page.check("#a-district-2")
    press(page.get_by_role("button", name="ភាសាខ្មែរ"))
    expect(page.locator("html")).to_have_attribute("lang", "km")
    assert (page.input_value("#a-nick"), page.input_value("#a-size")) == ("Nhà ta", "hai người")
    expect(page.locator("#a-district-2")).to_be_checked()
    assert page.locator(".error-summary").count() == 0
    press(page.locator(NEXT))
    press(page.get_by_role("button", name="English"))
    assert page.input_value("#a-size") == "hai người"
    go_on(page, size="1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your place in West District")


def test_two_tabs_of_one_form_and_back_after_going_on(open_page):
    page = open_page(javascript=True)
    begin(page)
    late = page.context.new_page()
    late.goto(page.url)
    go_on(page, district="", size="2")
    go_on(page, commune="")
    go_on(late, district="", size="1", nick="từ trang kia")
    assert late.url.endswith("/trang/place")
    expect(late.locator("#a-commune")).to_be_checked()
    go_on(page, age="30")
    assert page.url.endswith("/trang/total"), "the other tab said that one person lives there"
    page.go_back()
    expect(page.locator("#a-age")).to_have_value("30")
    page.go_back()
    page.go_back()
    expect(page.locator("#a-nick")).to_have_value("từ trang kia")


@pytest.mark.parametrize("javascript", [False, True], ids=["plain", "script"])
def test_a_page_sent_after_the_session_is_gone(open_page, javascript):
    page = open_page("km", javascript)
    begin(page)
    page.fill("#a-nick", "Nhà ta")
    press(page.locator(LATER))
    code = code_on(page)
    page.goto(page.url.replace("de-sau", "trang/home"))
    page.fill("#a-size", "ba người")
    page.check("#a-district")
    page.context.clear_cookies()
    press(page.locator(NEXT))
    expect(page.locator("html")).to_have_attribute("lang", "km")
    page.fill("#code", code.lower().replace("-", " "))
    press(page.locator("main form button"))
    assert page.input_value("#a-size") == "ba người"
    expect(page.locator("#a-district")).to_be_checked()
    go_on(page, size="3")
    assert page.url.endswith("/trang/place")


def test_the_last_page_sent_twice_brings_one_receipt(open_page):
    page = open_page()
    to_review(page)
    again = page.context.new_page()
    again.goto(page.url)
    press(page.get_by_role("button", name="Gửi phiếu"))
    press(again.get_by_role("button", name="Gửi phiếu"))
    assert code_on(page) == code_on(again)


def test_another_device_goes_on_by_the_code(open_page):
    page = open_page()
    to_visits(page)
    page.fill("#a-matter", "Hộ tịch")
    press(page.locator(LATER))
    code = code_on(page)
    other = open_page("en", javascript=True)
    other.goto("/tiep-tuc")
    other.fill("#code", code)
    press(other.get_by_role("button", name="Continue"))
    assert other.url.endswith("/trang/marks")
    go_on(other, speed="", staff="")
    press(other.locator("main form button"))
    receipt = code_on(other)
    page.goto(page.url.replace("de-sau", "xem-lai"))
    assert receipt not in page.content()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phiếu này không còn mở được")


def test_change_links_of_the_review_lead_back_to_it(open_page):
    page = open_page()
    to_review(page)
    for heading, fill in (("Nhà ở", lambda: page.fill("#a-size", "9")), ("Một lần đến cơ quan", lambda: None)):
        press(page.get_by_role("link", name=re.compile(f"^Sửa ?: {heading}")))
        fill()
        press(page.locator(NEXT))
        if page.locator(".error-summary").count():
            press(page.get_by_role("button", name="English"))
            press(page.get_by_role("button", name="Tiếng Việt"))
            go_on(page, size="2")
        assert page.url.endswith("/xem-lai")
