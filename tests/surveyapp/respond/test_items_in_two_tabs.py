"""One response open twice: items of a repeat are taken away in one tab while the other still shows them."""

import pytest

from tests import factories
from tests.surveyapp.respond.browsing import Browser, words

JOURNEY = "/k/THU2026/journey?unit=SNV"


def journey() -> None:
    factories.province(forms=("journey",))


@pytest.fixture(scope="module")
def beforehand():
    return journey


@pytest.fixture
def at_third(visitor):
    """Three visits told, the third page on the screen."""
    visitor.get(JOURNEY)
    visitor.press(consent="yes")
    visitor.press(district="east", size="1")
    visitor.press(commune="e1")
    visitor.press(age="30")
    visitor.press()
    visitor.press("Thêm một mục nữa", matter="một")
    visitor.press("Thêm một mục nữa", matter="hai")
    visitor.press(matter="ba")
    visitor.get(visit(visitor, 3))
    return visitor


def visit(visitor: Browser, item: int) -> str:
    return f"/phieu/{visitor.page.path.split('/')[2]}/trang/visit.{item}"


def matters(stored) -> list[str]:
    return [each.get("matter") for each in stored()[0].answers["visits"]]


def test_old_pages_reach_their_own_item_or_none(app, at_third, stored):
    tab, later = at_third, Browser(app)
    third = tab.prepared(matter="ba, sửa")
    tab.get(visit(tab, 1))
    first = tab.prepared(matter="một, sửa")
    remove = tab.prepared("Xóa mục này")
    tab.post(*remove)
    tab.post(*remove)
    assert matters(stored) == ["hai", "ba"]
    tab.post(*third)
    assert matters(stored) == ["hai", "ba, sửa"], "the page of an item that still exists is stored in it"
    for press in (first, (first[0], first[1] | {"then": ["later"]})):
        tab.post(*press, status=409)
        assert "đã được xóa ở một trang khác" in tab.page.text
        assert tab.page.fields(tab.page.form())["matter"] == ["một, sửa"]
    assert matters(stored) == ["hai", "ba, sửa"], "and that of one that is gone nowhere"
    assert "visit.1" not in stored()[0].pages_stored
    tab.press("English")
    assert tab.page.fields(tab.page.form("Add this item again"))["matter"] == ["một, sửa"]
    again = tab.prepared("Add this item again")
    for _ in range(2):
        tab.post(*again)
        assert matters(stored) == ["một, sửa", "hai", "ba, sửa"]
    tab.get(visit(tab, 1).replace("visit.1", "marks"))
    tab.press("Tiếng Việt")
    tab.press(speed="3", staff="3")
    tab.get(tab.page.links()["Để sau, lấy mã tiếp tục"])
    code = words(next(each for each in tab.page.all("p") if each.get("class") == "code-box"))
    later.get("/tiep-tuc")
    later.press(code=code)
    change = later.page.links()["Sửa: Một lần đến cơ quan (2)"]
    later.get(change)
    assert later.page.fields(later.page.form())["matter"] == ["hai"]
    tab.get(visit(tab, 2))
    tab.press("Xóa mục này")
    later.get(change)
    assert "Mục Ông/Bà vừa mở đã được xóa." in later.page.text
    assert later.page.heading == "Xem lại và gửi phiếu"
    later.press("Gửi phiếu")
    assert stored()[0].answers["visits"] == [{"matter": "một, sửa"}, {"matter": "ba, sửa"}]
    assert not [name for name in stored()[0].answers if ":" in name]


def test_what_is_full_takes_nothing_back_and_a_lost_session_neither(app, at_third, stored):
    tab = at_third
    third = tab.prepared(matter="ba, sửa")
    tab.press("Xóa mục này")
    tab.get(visit(tab, 2))
    tab.press("Thêm một mục nữa")
    tab.press(matter="bốn")
    tab.post(*third, status=409)
    assert "Đã đủ số mục" in tab.page.text
    assert "Thêm lại mục này" not in tab.page.text
    tab.post(third[0], third[1] | {"visits:again": ["yes"]}, status=409)
    assert matters(stored) == ["một", "hai", "bốn"]
    tab.get(visit(tab, 1).replace("trang/visit.1", "de-sau"))
    code = words(next(each for each in tab.page.all("p") if each.get("class") == "code-box"))
    stranger = Browser(app)
    stranger.post(*third, status=400)
    stranger.press(code=code, status=409)
    assert stranger.page.fields(stranger.page.form())["matter"] == ["ba, sửa"]
    stranger.post(third[0], {"matter": ["ba, sửa"]}, status=400)
    assert "đã được xóa ở một trang khác" in stranger.page.text, "also where the page's token is too old"
    stranger.post(third[0].replace("visit.3", "nowhere.3"), {"matter": ["ba, sửa"]}, status=400)
    assert matters(stored) == ["một", "hai", "bốn"]
