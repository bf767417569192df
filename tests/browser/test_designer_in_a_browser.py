"""Officials who cannot code make a questionnaire by keyboard alone; a second one approves it; a respondent answers it."""

import re

import pytest
from playwright.sync_api import expect

from surveyapp.extensions import db
from surveyapp.models import QuestionnaireVersion
from surveyapp.services import accounts, drafts
from tests import factories
from tests.browser.conftest import DESK, PHONE, TOO_WIDE, press, served
from tests.questionnaires.drafts import GROUPED
from tests.surveyapp.staff_client import PASSWORD, make_staff


@pytest.fixture(scope="module")
def server(sqlite_template, tmp_path_factory):
    def fill() -> None:
        factories.province()
        staff = make_staff()
        accounts.create_account("second", "Người thứ hai", "designer", PASSWORD)
        # with something worth a second look
        form = GROUPED.replace("Mấy lần?", "Ông/Bà có hài lòng không?").encode()
        drafts.begin_from_document(form, "grouped.yaml", staff["designer"])

    with served(sqlite_template, tmp_path_factory.mktemp("designer"), fill) as server:
        yield server


#: how often Tab can be pressed without missing the wanted thing: 0 where it has the focus. Radio buttons do not count, since of
#: a group only one takes the focus; where the focus is on none of these (the page was opened in its middle), one step at a time
STEPS = """(wanted) => {
  const focused = document.activeElement;
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea')].filter((each) => each === wanted
    || (each.checkVisibility() && each.tabIndex >= 0 && !each.disabled && each.type !== 'radio'));
  const at = all.indexOf(focused);
  if (focused === wanted) return 0;
  return at < 0 && (focused !== document.body || location.hash) ? 1 : Math.max(all.indexOf(wanted) - at, 1);
}"""


class Keyboard:
    """Reaches things with Tab, types, chooses with arrows and presses Enter; the mouse is never touched."""

    def __init__(self, page):
        self.page = page

    def reach(self, target) -> None:
        wanted = target.element_handle()
        for _ in range(400):
            steps = self.page.evaluate(STEPS, wanted)
            if not steps:
                return
            for _ in range(steps):
                self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {target}")

    def type(self, label: str, words: str) -> None:
        # behind the language may stand that its text is missing
        self.reach(self.page.get_by_label(re.compile(f"^{re.escape(label)}")))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(words)

    def choose(self, label: str, option: str) -> None:
        """With the arrows, as a select is used without a mouse."""
        target = self.page.get_by_label(label, exact=True)
        self.reach(target)
        self.page.keyboard.press("Home")
        for _ in range(30):
            if target.evaluate("each => each.selectedOptions[0].text").startswith(option):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"arrows never come to {option}")

    def tick(self, label) -> None:
        self.reach(self.page.get_by_label(label))
        self.page.keyboard.press("Space")

    def pick(self, label: re.Pattern) -> None:
        """One of radio buttons: Tab goes to the chosen one, arrows to the others."""
        target = self.page.get_by_role("radio", name=label)
        group = self.page.locator(f"input[name='{target.get_attribute('name')}']:checked")
        self.reach(group if group.count() else target)
        for _ in range(12):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"arrows never come to {label}")

    def go(self, role: str, name: str | re.Pattern, exact: bool = True) -> None:
        self.reach(self.page.get_by_role(role, name=name, exact=exact).first)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


def make_form(page) -> None:
    """Three pages, one of them asked twice, a list, a condition and a translation, from nothing."""
    keys = Keyboard(page)
    page.goto("/thiet-ke/")
    keys.go("link", "Soạn phiếu trên trang này")
    keys.type("Tên phiếu", "Phiếu hỏi nhanh người dân")
    keys.type("Mã phiếu", "hoi_nhanh")
    keys.go("button", "Tạo phiếu trắng")
    for title in ("Lần đến", "Kết quả", "Góp ý"):
        keys.type("Tiêu đề trang mới", title)
        keys.go("button", "Thêm trang")
    keys.type("Tiêu đề nhóm mới", "Từng góp ý")
    keys.go("button", "Thêm nhóm")  # around the last page
    keys.pick(re.compile("^Một số lần"))
    keys.type("Số lần", "2")
    keys.go("button", "Lưu")
    keys.go("link", "Danh sách phương án")
    keys.type("Tên danh sách", "Có hay không")
    keys.type("Các phương án", "Có\nKhông")
    keys.go("button", "Thêm danh sách")
    for number, (words, kind) in enumerate((("Ông/Bà đã nhận kết quả chưa?", "Chọn một"), ("Đúng hẹn không?", "Chọn một"),
                                            ("Góp ý của Ông/Bà?", "Chữ tự do")), start=1):
        keys.go("link", "Các trang")
        keys.type(f"Câu hỏi mới của trang {number}", words)
        keys.choose(f"Loại của câu hỏi mới, trang {number}", kind)
        keys.go("button", f"Thêm câu hỏi vào trang {number}")
        if kind == "Chọn một":
            keys.choose("Danh sách phương án", "co_hay_khong")
            keys.tick("Người trả lời phải trả lời câu này")
            keys.go("button", "Lưu")
    keys.go("link", "Các trang")
    keys.go("link", "Kết quả")
    keys.go("link", "Sửa điều kiện hiện trang")
    keys.go("button", "Thêm dòng")
    keys.choose("Phương án", "Có")
    keys.go("button", "Lưu điều kiện", exact=True)
    keys.go("link", "Cài đặt")
    keys.tick("người dân")
    keys.reach(page.get_by_role("group", name="Ngôn ngữ của phiếu").get_by_label("English"))
    page.keyboard.press("Space")
    keys.go("button", "Lưu")
    keys.go("link", "Lời đồng ý")
    for part in ("Mục đích", "Dữ liệu lưu giữ", "Đơn vị chịu trách nhiệm", "Quyền của người trả lời", "Liên hệ"):
        keys.type(f"{part}: Tiếng Việt", f"{part}: lời của tỉnh.")
    keys.go("button", "Lưu")
    keys.go("link", "Bản dịch")
    boxes = page.locator("form[data-autosave] textarea")
    for index in range(boxes.count()):
        keys.reach(boxes.nth(index))
        page.keyboard.insert_text(f"English {index + 1}")
    keys.go("button", "Lưu")
    keys.go("link", "Duyệt")
    expect(page.get_by_text("không còn lỗi")).to_be_visible()
    keys.go("button", "Gửi duyệt")


def test_from_an_empty_page_to_an_answer_by_keyboard_alone(sign_in, server):
    page = sign_in("designer", java_script_enabled=True)
    make_form(page)
    address = page.url
    second = sign_in("second")
    second.goto(address)
    Keyboard(second).go("button", "Duyệt và phát hành")
    expect(second.get_by_role("heading", level=1)).to_have_text("Phiếu hỏi nhanh người dân")
    with server.app.app_context():
        factories.campaign_asking(db.session.query(QuestionnaireVersion).filter_by(form_id="hoi_nhanh"), "NHANH")
    respondent = second.context.browser.new_context(viewport=PHONE, base_url=server.url, java_script_enabled=False).new_page()
    respondent.goto("/k/NHANH/hoi_nhanh?unit=SNV")
    respondent.get_by_label("Tôi đồng ý").check()
    press(respondent.get_by_role("button", name="Tiếp tục"))
    respondent.get_by_label("Không", exact=True).check()
    press(respondent.get_by_role("button", name="Tiếp tục"))
    expect(respondent.get_by_role("heading", level=1)).to_have_text("Góp ý")
    press(respondent.get_by_text("Trang trước"))
    respondent.get_by_label("Có", exact=True).check()
    press(respondent.get_by_role("button", name="Tiếp tục"))
    expect(respondent.get_by_role("heading", level=1)).to_have_text("Kết quả")
    respondent.get_by_label("Có", exact=True).check()
    press(respondent.get_by_role("button", name="Tiếp tục"))
    for time, words in enumerate(("Tốt", "Nhanh"), start=1):
        expect(respondent.get_by_text(f"{time} trên 2")).to_be_visible()
        respondent.get_by_label("Góp ý của Ông/Bà?").fill(words)
        press(respondent.get_by_role("button", name="Tiếp tục"))
    press(respondent.get_by_role("button", name="Gửi phiếu"))
    expect(respondent.locator(".code-box")).to_have_count(1)
    respondent.context.close()


PAGES = ("", "/cau/times", "/cau/went", "/trang/first", "/nhom/later", "/nhom/visit", "/danh-sach", "/danh-sach/yes_no",
         "/dong-y", "/cai-dat", "/ban-dich", "/ngan-hang?tim=hài lòng", "/dieu-kien/hien-cau/times", "/dieu-kien/hien-cau/why",
         "/dieu-kien/tra-loi/again", "/nhieu-cau", "/xem-thu", "/chay-thu", "/duyet", "/bo")
SMALL = """() => [...document.querySelectorAll('main button, main input, main select, main textarea, main summary')]
  .filter((each) => each.type !== 'hidden' && !each.closest('.visually-hidden') && !each.matches('.visually-hidden'))
  .map((each) => each.closest('label') ?? each)
  .map((each) => ({text: each.innerText.slice(0, 40) + each.outerHTML.slice(0, 60), box: each.getBoundingClientRect()}))
  .filter(({box}) => box.height && (box.height < 43.5 || box.width < 43.5))
  .map(({text, box}) => `${text}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""


def test_every_page_of_a_draft_is_usable(sign_in, violations):
    page = sign_in("designer")
    found = []
    for path in ("/thiet-ke/nhap/", *(f"/thiet-ke/nhap/1{each}" for each in PAGES)):
        assert page.goto(path).status == 200, path
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            found += [f"{path}: {wide} px too wide" for wide in [page.evaluate(TOO_WIDE)] if wide > 0]
            found += [f"{path}: small {each}" for each in page.evaluate(SMALL)]
            found += violations(page)
    assert found == []


def test_two_versions_side_by_side_are_usable(sign_in, violations):
    page, other = sign_in("designer", PHONE), sign_in("second")
    for each, words in ((page, "Của tôi"), (other, "Của người kia")):
        each.goto("/thiet-ke/nhap/1/cau/comment")
        each.get_by_label("Câu hỏi: Tiếng Việt", exact=True).fill(words)
    press(other.get_by_role("button", name="Lưu", exact=True))
    press(page.get_by_role("button", name="Lưu", exact=True))
    assert violations(page) == []
    page.get_by_role("radio", name="Đang lưu").check()
    press(page.get_by_role("button", name="Lưu các mục đã chọn"))
    expect(page.get_by_label("Câu hỏi: Tiếng Việt", exact=True)).to_have_value("Của người kia")


def test_a_page_saves_itself_and_says_when_another_was_first(sign_in):
    page, other = sign_in("designer"), sign_in("second")
    for each in (page, other):
        each.goto("/thiet-ke/nhap/1/cau/why")
    with page.expect_response("**/cau/why"):
        page.get_by_label("Giải thích dưới câu hỏi: Tiếng Việt", exact=True).fill("Tự lưu")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Đã tự lưu")
    expect(page.frame_locator("iframe").get_by_text("Tự lưu")).to_be_visible()
    other.get_by_label("Giải thích dưới câu hỏi: Tiếng Việt", exact=True).fill("Chậm hơn")
    expect(other.get_by_text("Người khác vừa lưu bản nháp này")).to_be_visible(timeout=10_000)
    page.get_by_label("Giải thích dưới câu hỏi: Tiếng Việt", exact=True).fill("Tự lưu rồi bấm")
    press(page.get_by_role("button", name="Lưu", exact=True))
    expect(page.get_by_text("Đã lưu.")).to_be_visible()


def test_a_question_is_dragged_to_its_place(sign_in):
    page = sign_in("designer")
    page.goto("/thiet-ke/nhap/1")
    with page.expect_navigation():
        page.drag_and_drop("#o-q-why", "#o-q-went")
    names = page.locator("[data-page=first] [data-question]").evaluate_all("all => all.map((each) => each.dataset.question)")
    assert names[:2] == ["why", "went"]
