"""Whole journeys in a real browser, without JavaScript on a phone; what every page looks and weighs like."""

import gzip
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, TOO_WIDE, answer_all, press


@pytest.fixture
def open_page(browser, live_server):
    contexts = []

    def open_one(size=PHONE, javascript=True, **more):
        context = browser.new_context(viewport=size, java_script_enabled=javascript, base_url=live_server.url, **more)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


def test_a_citizen_on_a_phone_without_javascript(open_page):
    page = open_page(javascript=False)
    page.goto("/")
    # what only a screen reader hears stands in a box of its own, and the browser puts a space before it
    press(page.get_by_role("link", name=re.compile("^Trả lời phiếu ?: Phiếu khảo sát mức độ hài lòng của người dân")))
    press(page.get_by_role("link", name="Ủy ban nhân dân thị xã Vĩnh Châu"))
    page.get_by_label("Tôi đồng ý").check()
    press(page.get_by_role("button", name="Tiếp tục"))
    page.fill("#a-visits", "nhiều lần")
    press(page.get_by_role("button", name="Tiếp tục"))
    page.get_by_role("link", name=re.compile("Câu trả lời không phải là một số")).click()
    expect(page).to_have_url(re.compile("#a-visits$"))
    assert page.input_value("#a-visits") == "nhiều lần"
    press(page.get_by_role("button", name="Lưu và để sau"))
    code = page.locator(".code-box").inner_text()
    press(page.get_by_role("button", name="Rời khỏi phiếu trên máy này"))
    press(page.get_by_role("link", name="Nhập mã để tiếp tục"))
    page.fill("#code", code.lower())
    press(page.get_by_role("button", name="Tiếp tục"))
    assert answer_all(page) > 5
    press(page.get_by_role("link", name=re.compile("^Sửa ?: Đánh giá chung")))
    page.get_by_label("Rất không hài lòng").first.check()
    press(page.get_by_role("button", name="Lưu và xem lại phiếu"))
    press(page.get_by_role("button", name="Gửi phiếu"))
    receipt = page.locator(".code-box").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", receipt)
    page.go_back()
    page.reload()
    expect(page.locator(".code-box")).to_have_text(receipt, use_inner_text=True)
    press(page.get_by_role("button", name="Tôi đã giữ mã, kết thúc"))
    press(page.get_by_role("link", name="Rút lại câu trả lời đã gửi"))
    page.fill("#receipt", receipt)
    press(page.get_by_role("button", name="Tiếp tục"))
    press(page.get_by_role("button", name="Xóa câu trả lời"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Câu trả lời đã được xóa")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_an_official_rates_units(open_page, size):
    page = open_page(size, javascript=False)
    page.goto("/k/THU2026/official")
    page.get_by_label("cán bộ, công chức, viên chức").check()
    press(page.get_by_role("button", name="Tiếp tục"))
    page.get_by_label("Tôi đồng ý").check()
    press(page.get_by_role("button", name="Tiếp tục"))
    # its name is put together from two places, the unit and the choice
    fair = page.get_by_role("radio", name="Ban Quản lý các Khu công nghiệp tỉnh Khá", exact=True)
    fair.check()
    press(page.get_by_role("button", name="Tiếp tục"))
    expect(page.locator(".error-summary li")).to_have_count(5)
    expect(fair).to_be_checked()
    assert answer_all(page) == 9
    press(page.get_by_role("button", name="Gửi phiếu"))
    expect(page.locator(".code-box")).to_have_count(1)


def test_a_double_click_sends_once_and_shows_the_receipt(open_page):
    page = open_page()
    page.goto("/k/THU2026/everything?unit=SNV")
    page.check("#consent-yes")
    press(page.get_by_role("button", name="Tiếp tục"))
    page.get_by_label("Không", exact=True).check()
    press(page.get_by_role("button", name="Tiếp tục"))
    press(page.get_by_role("button", name="Tiếp tục"))
    page.get_by_role("button", name="Gửi phiếu").dblclick()
    page.wait_for_url("**/bien-nhan")
    expect(page.locator(".code-box")).to_have_count(1)


STATES = {
    "home": lambda page: page.goto("/"),
    "unit": lambda page: page.goto("/k/THU2026/citizen"),
    "unit-unknown": lambda page: page.goto("/k/THU2026/citizen?unit=x"),
    "unit-not-found": lambda page: page.goto("/k/THU2026/citizen?q=xyz"),
    "consent": lambda page: page.goto("/k/THU2026/citizen?unit=VPUB"),
    "consent-error": lambda page: press(page.locator("main button")),
    "declined": lambda page: page.goto("/da-tu-choi"),
    "page": lambda page: begin(page, "/k/THU2026/citizen?unit=VPUB"),
    "page-error": lambda page: (page.fill("#a-visits", "x"), press(page.locator("main button.button"))),
    "later": lambda page: press(page.locator("main button.button-secondary")),
    "review-missing": lambda page: page.goto(page.url.replace("de-sau", "xem-lai")),
    "review-error": lambda page: press(page.locator("main form button")),
    "page-filled": lambda page: (complete(page), press(page.get_by_role("main").get_by_role("link").first)),
    "review": lambda page: page.goto(page.url.split("/trang")[0].split("/xem-lai")[0] + "/xem-lai"),
    "receipt": lambda page: (press(page.locator("main form button")), page.wait_for_url("**/bien-nhan")),
    "resume": lambda page: page.goto("/tiep-tuc"),
    "resume-error": lambda page: press(page.locator("main button")),
    "withdraw": lambda page: page.goto("/rut-lai"),
    "withdraw-error": lambda page: (page.fill("#receipt", "AAAA"), press(page.locator("main button"))),
    "withdrawn": lambda page: page.goto("/rut-lai/xong"),
    "lost": lambda page: page.goto("/phieu/0123/trang/first"),
    "not-found": lambda page: page.goto("/khong/co"),
}
#: these forms speak Vietnamese only
VIETNAMESE_STATES = {
    "group-error": lambda page: page.goto("/k/THU2026/official?next=1"),
    "matrix": lambda page: begin(page, "/k/THU2026/official?group=officials"),
    "matrix-error": lambda page: press(page.locator("main button.button")),
    "everything": lambda page: begin(page, "/k/THU2026/everything?unit=SNV"),
    "everything-appeared": lambda page: (page.check("#a-went"), press(page.locator("main button.button"))),
    "everything-error": lambda page: (page.fill("#a-times", "x"), press(page.locator("main button.button"))),
    "everything-second": lambda page: (page.fill("#a-times", ""), page.fill("#a-when", "1/2/2026"),
                                       press(page.locator("main button.button"))),
    "everything-third": lambda page: press(page.locator("main button.button")),
}


def each_state(page, states):
    """Reaches one state after the other and gives its name."""
    for name, reach in states.items():
        reach(page)
        yield name


def complete(page) -> None:
    """From a review with something missing to one with nothing missing."""
    while page.locator(".error-summary a").count():
        press(page.locator(".error-summary a").first)
        answer_all(page)


def begin(page, path: str) -> None:
    page.goto(path)
    page.check("#consent-yes")
    press(page.locator("main button"))


#: targets of a finger, distance of lines, text that is cut off
MEASURE = """() => [...document.querySelectorAll(
    'main a, main button, main input, main label.choice, main summary, header a, footer a')]
  .filter((each) => each.type !== 'hidden')
  .map((each) => each.closest('label') ?? each)
  .map((each) => ({text: each.innerText.slice(0, 40), box: each.getBoundingClientRect()}))
  .filter(({box}) => box.height && box.height < 44 || box.width && box.width < 44)
  .map(({text, box}) => `${text}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""
LINES = """() => [...document.querySelectorAll('body, body *')].filter((each) => each.innerText)
  .filter((each) => parseFloat(getComputedStyle(each).lineHeight) < 1.5 * parseFloat(getComputedStyle(each).fontSize) - 0.1)
  .map((each) => each.tagName + ' ' + each.innerText.slice(0, 40))"""
CUT = """() => [...document.querySelectorAll('main *')].filter((each) => each.innerText && !each.closest('.visually-hidden'))
  .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== 'visible'
    && getComputedStyle(each).overflowX !== 'auto' && getComputedStyle(each).clipPath === 'none')
  .map((each) => each.tagName + ' ' + each.innerText.slice(0, 60))"""




def unfit(page) -> list[str]:
    """What does not fit the screen that the page has now."""
    return [*(f"{wide} px too wide" for wide in [page.evaluate(TOO_WIDE)] if wide > 0),
            *(f"small {each}" for each in page.evaluate(MEASURE)),
            *(f"close lines {each}" for each in page.evaluate(LINES)),
            *(f"cut {each}" for each in page.evaluate(CUT))]


SIZES = {"phone": PHONE, "320": {"width": 320, "height": 700}, "1280": {"width": 1280, "height": 700}}


@pytest.mark.parametrize("language", ["vi", "km", "en"])
def test_every_page_in_every_state_is_fit_for_everybody(open_page, violations, violations_in_the_dark, language):
    page = open_page()
    page.goto(f"/?lang={language}")
    found = []
    for name in each_state(page, STATES | (VIETNAMESE_STATES if language == "vi" else {})):
        found += [f"{name}: {each}" for each in violations(page)]
        if language == "vi":
            found += [f"{name}: {each}" for each in violations_in_the_dark(page)]
        for said, size in SIZES.items():
            page.set_viewport_size(size)
            found += [f"{name} at {said}: {each}" for each in unfit(page)]
        if language == "vi":
            found += [f"{name} at 1280: {each}" for each in violations(page)]
        page.set_viewport_size(PHONE)
    assert found == []


def test_keyboard_reaches_the_content_and_shows_where_it_is(open_page):
    page = open_page()
    page.goto("/k/THU2026/everything?unit=SNV")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "consent-yes"
    label = page.locator("label.choice").first
    assert label.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"


@pytest.mark.parametrize("path", ["/", "/k/THU2026/citizen?unit=SNV"])
def test_the_first_page_is_light(open_page, path):
    """Compressed as a front server does it; fonts are compressed already. A Vietnamese page fetches no Khmer font."""
    page = open_page()
    weights = {}
    page.on("response", lambda answer: weights.setdefault(answer.url, answer))
    page.goto(path, wait_until="networkidle")
    sizes = {url: len(answer.body()) if "woff2" in url else len(gzip.compress(answer.body()))
             for url, answer in weights.items() if answer.status == 200}
    assert not [url for url in sizes if "Khmer" in url]
    assert sum(sizes.values()) < 45_000, sizes


def test_the_receipt_prints_on_one_page(open_page):
    page = open_page(DESK)
    begin(page, "/k/THU2026/everything?unit=SNV")
    page.get_by_label("Không", exact=True).check()
    answer_all(page)
    press(page.get_by_role("button", name="Gửi phiếu"))
    page.emulate_media(media="print")
    assert not page.locator("main button").is_visible()
    assert page.locator(".code-box").is_visible()
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
