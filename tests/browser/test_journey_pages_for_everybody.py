"""The pages of journeys in every state that they can have: what axe finds, in the light and in the dark; on the smallest screen
(which is also a desk at 400 %), with text at twice its size; on paper."""

import pytest

from tests import factories
from tests.browser.conftest import TOO_WIDE, press, served
from tests.browser.test_journeys_in_a_browser import JOURNEY, NEXT, PHONE, begin, go_on
from tests.browser.test_respond_in_a_browser import CUT, unfit

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
SIZES = (("390, twice the text", PHONE, "200%"), ("1280, twice the text", DESK, "200%"))


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
def test_every_state_is_fit_for_everybody(open_page, violations, violations_in_the_dark, language):
    page = open_page()
    page.goto(f"/tiep-tuc?lang={language}")
    found = []
    for name, reach in STATES.items():
        reach(page)
        spoken = page.locator("html").get_attribute("lang")
        found += [f"{name}: speaks {spoken}"] * (spoken != language)
        found += [f"{name}: {each}" for each in (*violations(page), *page.evaluate(STRUCTURE), *unfit(page))]
        for said, size, text in SIZES:
            page.set_viewport_size(size)
            page.evaluate("size => { document.documentElement.style.fontSize = size; }", text)
            found += [f"{name} at {said}: {wide} px too wide" for wide in [page.evaluate(TOO_WIDE)] if wide > 0]
            found += [f"{name} at {said}: cut {each}" for each in page.evaluate(CUT)]
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size(SMALLEST)
        if language == "vi":
            found += [f"{name}: {each}" for each in violations_in_the_dark(page)]
            found += [f"{name} on paper: {each}" for each in (spoils_paper(page) if name in ("review", "receipt") else ())]
    assert found == []


def test_what_is_pointed_at_can_be_read_in_the_dark(open_page, violations_in_the_dark):
    page = open_page(viewport=PHONE)
    begin(page)
    page.locator("main label.choice").first.hover()
    assert violations_in_the_dark(page) == []


def spoils_paper(page) -> list[str]:
    """What of a printed page is there for a screen only, and what is missing on it."""
    page.emulate_media(media="print", color_scheme="dark")
    found = [f"{each} is printed" for each in (".language-switch", ".skip-link", "main form button", ".page-footer",
                                               "main section header a")
             if any(one.is_visible() for one in page.locator(each).all())]
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    found += [f"ink is wasted on a ground of {ground}"] * (ground != "rgb(255, 255, 255)")
    found += ["no heading"] * (not page.locator("h1").is_visible())
    if "bien-nhan" in page.url:
        found += ["no code"] * (not page.locator(".code-box").is_visible())
    page.emulate_media(media="screen", color_scheme="light")
    return found
