"""The pages of journeys in every state that they can have: what axe finds, in the light and in the dark; on the smallest screen
(which is also a desk at 400 %), with text at twice its size; on paper."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.conftest import press, served
from tests.browser.test_journeys_in_a_browser import JOURNEY, NEXT, PHONE, begin, go_on
from tests.browser.test_respond_in_a_browser import CUT, LINES, MEASURE

SMALLEST, DESK = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
#: what holds for the structure of any page of the form
STRUCTURE = """() => {
  const found = [], ids = [...document.querySelectorAll('[id]')].map((each) => each.id);
  const name = (each) => each.id || each.name || each.tagName;
  if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) found.push(`the id ${id} twice`);
  for (const each of document.querySelectorAll('input[type=radio], input[type=checkbox]')) {
    const legend = each.closest('fieldset')?.querySelector(':scope > legend');
    const told = each.getAttribute('aria-labelledby')?.split(' ');
    const labelled = told?.every((id) => document.getElementById(id)?.innerText.trim());
    if (!legend?.innerText.trim() && !labelled) found.push(`${name(each)} is under no legend`);
    const box = each.closest('label').getBoundingClientRect();
    if (box.width < 44 || box.height < 44) found.push(`${name(each)} is ${box.width} x ${box.height}`);
  }
  const khmer = /[\\u1780-\\u17ff]/, vietnamese = /[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/i;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data, lang = walk.currentNode.parentElement.closest('[lang]').lang;
    if (khmer.test(text) && lang !== 'km' || vietnamese.test(text) && lang !== 'vi')
      found.push(`${lang}: ${text.trim().slice(0, 40)}`);
  }
  return found;
}"""
SIZES = (("320", SMALLEST, "100%"), ("390, twice the text", PHONE, "200%"), ("1280, twice the text", DESK, "200%"))
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def server(sqlite_template, tmp_path_factory):
    forms = ("journey", "rating")
    with served(sqlite_template, tmp_path_factory.mktemp("pages"), lambda: factories.province(forms=forms)) as server:
        yield server


@pytest.fixture
def open_page(browser, server):
    contexts = []

    def open_one(**more):
        contexts.append(browser.new_context(**{"viewport": SMALLEST, "base_url": server.url, **more}))
        return contexts[-1].new_page()

    yield open_one
    for context in contexts:
        context.close()


def old_page(page) -> None:
    """A page whose token no longer fits is sent."""
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach((each) => { each.value = 'x'; })")
    press(page.locator("main form button.button").last)


def lost(page) -> None:
    cookies = page.context.cookies()
    page.context.clear_cookies()
    address = page.url
    press(page.locator(NEXT))
    page.context.add_cookies(cookies)
    page.evaluate("address => { window.cameFrom = address; }", address)


STATES = {
    "unit": lambda page: page.goto("/k/THU2026/journey"),
    "consent": lambda page: page.goto(JOURNEY),
    "consent-error": lambda page: press(page.locator("main button")),
    "consent-old": old_page,
    "home": begin,
    "home-error": lambda page: (page.fill("#a-size", "x"), press(page.locator(NEXT))),
    "home-expired": old_page,
    "place": lambda page: go_on(page, district="", size="2", nick="Home"),
    "place-filled": lambda page: (go_on(page, commune=""), page.go_back()),
    "member": go_on,
    "member-error": lambda page: press(page.locator(NEXT)),
    "total": lambda page: (go_on(page, age="30"), go_on(page, age="7")),
    "visit": go_on,
    "visit-second": lambda page: press(page.locator("[name='visits:more']")),
    "marks": go_on,
    "marks-error": lambda page: press(page.locator(NEXT)),
    "review-missing": lambda page: page.goto(page.url.split("/trang")[0] + "/xem-lai"),
    "review-error": lambda page: press(page.locator("main form button")),
    "marks-filled": lambda page: (press(page.locator(".error-summary a")), page.check("#a-speed"), page.check("#a-staff")),
    "lost": lost,
    "review": lambda page: (page.goto(page.evaluate("window.cameFrom").split("?")[0]),
                            go_on(page, speed="", staff="")),
    "receipt": lambda page: press(page.locator("main form button")),
    "group": lambda page: page.goto("/k/THU2026/rating"),
    "group-error": lambda page: press(page.locator("main button")),
    "matrix": lambda page: begin(page, "/k/THU2026/rating?group=leaders"),
    "matrix-error": lambda page: press(page.locator(NEXT)),
    "advice": lambda page: (rate(page), press(page.locator(NEXT))),
    "rating-review": lambda page: press(page.locator(NEXT)),
    "withdraw-confirm": lambda page: (press(page.locator("main form button")), withdraw(page)),
}


def rate(page) -> None:
    page.locator("main tbody tr").evaluate_all("all => all.forEach((row) => row.querySelector('input').click())")


def withdraw(page) -> None:
    receipt = page.locator(".code-box").inner_text()
    page.goto("/rut-lai")
    page.fill("#receipt", receipt)
    press(page.locator("main form button"))


@pytest.mark.parametrize("language", ["vi", "km", "en"])
def test_every_state_is_fit_for_everybody(open_page, violations, language):
    page = open_page()
    page.goto(f"/tiep-tuc?lang={language}")
    found = []
    for name, reach in STATES.items():
        reach(page)
        spoken = page.locator("html").get_attribute("lang")
        found += [f"{name}: speaks {spoken}"] * (spoken != language)
        found += [f"{name}: {each}" for each in violations(page)]
        found += [f"{name}: {each}" for each in page.evaluate(STRUCTURE)]
        found += [f"{name}: small {each}" for each in page.evaluate(MEASURE)]
        found += [f"{name}: close lines {each}" for each in page.evaluate(LINES)]
        for said, size, text in SIZES:
            page.set_viewport_size(size)
            page.evaluate("size => { document.documentElement.style.fontSize = size; }", text)
            found += [f"{name} at {said}: {wide} px too wide" for wide in [page.evaluate(TOO_WIDE)] if wide > 0]
            found += [f"{name} at {said}: cut {each}" for each in page.evaluate(CUT)]
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size(SMALLEST)
    assert found == []


def test_every_state_can_be_read_in_the_dark(open_page, violations):
    page = open_page(color_scheme="dark", viewport=PHONE)
    found = []
    for name, reach in STATES.items():
        reach(page)
        found += [f"{name}: {each}" for each in violations(page, {"runOnly": ["color-contrast"]})]
        if name == "place-filled":
            page.locator("main label.choice").first.hover()
            found += [f"{name}, pointed at: {each}" for each in violations(page, {"runOnly": ["color-contrast"]})]
    assert found == []


def test_review_and_receipt_on_paper(open_page):
    page = open_page(viewport=DESK)
    for name, reach in STATES.items():
        reach(page)
        if name not in ("review", "receipt"):
            continue
        page.emulate_media(media="print", color_scheme="dark")
        for gone in (".language-switch", ".skip-link", "main form button", ".page-footer"):
            for each in page.locator(gone).all():
                assert not each.is_visible(), (name, gone)
        expect(page.locator("h1")).to_be_visible()
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == "rgb(255, 255, 255)", "ink is not wasted on a dark ground"
        if name == "receipt":
            expect(page.locator(".code-box")).to_be_visible()
            return
        assert not any(each.is_visible() for each in page.locator("main section header a").all()), "nothing to click on paper"
        page.emulate_media(media="screen", color_scheme="light")
