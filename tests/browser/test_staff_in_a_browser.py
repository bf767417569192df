"""An analyst in a real browser: from the ranking to a unit, to a criterion, to the answers counted in it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, TOO_WIDE, press, served
from tests.surveyapp import score_rows
from tests.surveyapp.staff_client import make_staff

RUN = 1


@pytest.fixture(scope="module")
def server(sqlite_template, tmp_path_factory):
    """With one score run and an account for each role."""

    def fill() -> None:
        score_rows.add_history()
        assert score_rows.make_run() == RUN
        make_staff()

    with served(sqlite_template, tmp_path_factory.mktemp("staff"), fill) as server:
        yield server


@pytest.fixture
def fits(violations):
    def look(page) -> None:
        """A page is usable on a phone and on a desk, with everything on it opened."""
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            assert page.evaluate(TOO_WIDE) <= 0, (page.url, size)
            assert violations(page) == []

    return look


def test_from_the_ranking_to_the_counts_in_four_clicks(sign_in, fits):
    page = sign_in("analyst")

    page.goto("/ket-qua/")
    fits(page)
    press(page.get_by_role("link", name=re.compile("Lượt chấm số")).first)
    fits(page)
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Sở Nội vụ", exact=True))
    assert re.search(r"hạng \d+, chắc chắn", row.inner_text())
    press(row.get_by_role("link"))
    fits(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sở Nội vụ")
    press(page.get_by_role("region", name=re.compile("^Tiêu chí của lĩnh vực")).get_by_role("link").first)
    fits(page)
    points = page.locator(".lead strong").inner_text().split(" / ")[0]
    assert points in page.locator(".formula p").last.inner_text()
    table = page.locator("table.sum").first
    counted = [int(cell.replace(".", "")) for cell in table.locator("tbody td:nth-of-type(1)").all_inner_texts()]
    assert sum(counted) == int(table.locator("tfoot td").first.inner_text().replace(".", "")) > 0


def test_every_staff_page_is_usable(sign_in, fits):
    page = sign_in("administrator")
    for path in ("/thiet-ke/", "/thiet-ke/phieu/citizen/2024.1/so-ma", "/thiet-ke/phieu/official/2024.1",
                 "/dot-dieu-tra/", "/dot-dieu-tra/2024", "/dot-dieu-tra/2024/tien-do", "/dot-dieu-tra/2024/nhap",
                 "/dot-dieu-tra/2024/duong-dan", "/tai-khoan", "/tai-khoan/quan-ly", "/tai-khoan/nhat-ky", "/ket-qua/lich-su",
                 f"/ket-qua/{RUN}/phuong-phap", f"/ket-qua/{RUN}/chat-luong", f"/ket-qua/{RUN}/don-vi/thanh-tra"):
        assert page.goto(path).status == 200, path
        fits(page)


def test_an_error_leaves_the_staff_their_way_on(sign_in, violations):
    page = sign_in("analyst")
    assert page.goto("/ket-qua/999").status == 404
    assert violations(page) == []
    press(page.get_by_role("navigation", name="Các phần").get_by_role("link", name="Kết quả"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kết quả")
