"""Every answer type in a real browser: empty, wrong and filled in, in three languages, on a narrow phone and on a desk."""


import pytest

from tests.browser.conftest import press
from tests.browser.test_respond_in_a_browser import begin, unfit
from tests.surveyapp.respond.pictures import PDF, picture


def chosen(name: str, source: bytes) -> dict:
    """What somebody picks in the browser's window for files."""
    return {"name": name, "mimeType": "application/octet-stream", "buffer": source}


FORM = "/k/THU2026/kinds?unit=SNV"
NEXT = "main form button.button"
#: what is typed wrongly, and what is typed in its place; a page that is not named cannot be answered wrongly
WRONG = {
    "numbers": lambda page: (page.fill("#a-visits", "x" * 300), page.fill("#a-hours", "1,2,3"), page.fill("#a-share", "500")),
    "order": lambda page: (page.select_option("[id='a-wishes:faster']", "1"), page.select_option("[id='a-wishes:kinder']", "1"),
                           page.fill("#a-arrived", "sáng sớm")),
    "places": lambda page: (page.fill("[id='a-where:latitude']", "91"), page.check("[id='a-where:missing']"),
                            page.set_input_files("#a-receipt_photo", chosen("anh.jpg", picture("jpeg"))),
                            page.set_input_files("#a-letter", chosen("thu.pdf", b"<script>alert(1)</script>"))),
    "looks": lambda page: None,
    "groups": lambda page: (page.fill("#a-last", "hôm qua"), page.check("[id='a-why:missing']"),
                            page.check("[id='a-why:missing-2']")),
    "alone_text": lambda page: None,
    "alone_rank": lambda page: page.select_option("[id='a-wishes_again:faster']", "2"),
    "alone_mark": lambda page: None,
    "alone_list": lambda page: None,
    "alone_place": lambda page: page.fill("[id='a-where_again:longitude']", "xa"),
}
RIGHT = {
    "numbers": lambda page: (page.fill("#a-visits", ""), page.check("[id='a-visits:missing']"), page.fill("#a-hours", "2"),
                             page.check("#a-mark-8"), page.fill("#a-share", "12.5")),
    "order": lambda page: (page.select_option("[id='a-wishes:cheaper']", "3"),
                           page.select_option("[id='a-wishes:kinder']", "2"), page.fill("#a-arrived", "8h30"),
                           page.check("#a-understood")),
    "places": lambda page: (page.uncheck("[id='a-where:missing']"), page.fill("[id='a-where:latitude']", "9.6"),
                            page.fill("[id='a-where:longitude']", "105.97"),
                            page.set_input_files("#a-letter", chosen("thu.pdf", PDF))),
    "looks": lambda page: (page.select_option("#a-overall", "4"), page.check("#a-staff-4")),
    "groups": lambda page: (page.check("#a-g_time-4"), page.check("#a-g_cost-6"), page.fill("#a-last", "1/2/2026"),
                            page.uncheck("[id='a-why:missing-2']")),
    "told": lambda page: None,
    "alone_text": lambda page: page.fill("#a-comment", "Cảm ơn"),
    "alone_rank": lambda page: (page.select_option("[id='a-wishes_again:cheaper']", "1"),
                                page.select_option("[id='a-wishes_again:kinder']", "3")),
    "alone_mark": lambda page: page.check("#a-mark_again-missing-1"),
    "alone_list": lambda page: page.select_option("#a-overall_again", "dont_know"),
    "alone_place": lambda page: (page.fill("[id='a-where_again:latitude']", "9"),
                                 page.fill("[id='a-where_again:longitude']", "1")),
}


@pytest.fixture
def open_page(browser, live_server):
    contexts = []

    def open_one(width: int, **more):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, base_url=live_server.url, **more))
        return contexts[-1].new_page()

    yield open_one
    for context in contexts:
        context.close()


def each_state(page, language: str):
    """Page after page as it comes, refused, and filled in; gives the name of each state."""
    page.goto(f"/?lang={language}")
    begin(page, FORM)
    for name, fill_in in RIGHT.items():
        assert page.url.endswith(f"/trang/{name}")
        yield f"{name}-empty"
        if name in WRONG:
            WRONG[name](page)
            press(page.locator(NEXT))
            assert page.locator(".error-summary li").count(), name
            yield f"{name}-error"
        fill_in(page)
        press(page.locator(NEXT))
        after = page.url
        page.goto(after.split("/phieu/")[0] + "/phieu/" + after.split("/phieu/")[1].split("/")[0] + f"/trang/{name}")
        yield f"{name}-filled"
        page.goto(after)
    yield "review"


@pytest.mark.parametrize("language", ["vi", "km", "en"])
def test_every_type_in_every_state_is_fit_for_everybody(open_page, violations, language):
    page = open_page(320)
    found = []
    for name in each_state(page, language):
        found += [f"{name}: {each}" for each in (*violations(page), *unfit(page))]
        if language == "vi":
            page.set_viewport_size({"width": 1280, "height": 800})
            found += [f"{name} at 1280: {each}" for each in (*violations(page), *unfit(page))]
            page.set_viewport_size({"width": 320, "height": 800})
    assert found == []


def test_without_a_script_a_form_of_every_type_is_handed_in(open_page):
    page = open_page(390, java_script_enabled=False)
    for name in each_state(page, "vi"):
        if name == "places-error":
            assert page.locator("#k-receipt_photo").inner_text() == "Đã nhận tệp JPEG, 1 kB. Muốn thay thì chọn tệp khác."
            assert page.locator(".error-summary a").last.inner_text() == (
                "Văn bản trả lời – Nội dung của tệp này không phải là JPEG, PNG, WebP, PDF.")
    assert page.get_by_text("Đã nhận tệp", exact=True).count() == 2
    press(page.locator("main form button"))
    assert page.locator(".code-box").count() == 1


def test_a_screen_reader_hears_what_each_field_is_about(open_page):
    page = open_page(390)
    for name in each_state(page, "vi"):
        if name == "groups-empty":
            assert page.get_by_role("radio", name="Chi phí Rất hài lòng", exact=True).count() == 1
        if name == "order-error":
            described = page.locator("[id='a-wishes:faster']").get_attribute("aria-describedby")
            assert "Thứ tự 1 được chọn cho nhiều nội dung." in page.locator(f"[id='{described}']").inner_text()
        if name == "alone_rank-empty":
            assert page.get_by_role("group", name="Xếp lại một lần nữa").count() == 1
            assert page.locator("legend h1").count() == 1
