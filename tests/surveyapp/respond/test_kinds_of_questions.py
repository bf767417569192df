"""Every answer type through a whole form: what is shown, stored, refused, reviewed, handed in, exported and read again."""

import pytest

from documents.faults import Faults
from surveyapp.extensions import db
from surveyapp.models import Campaign, Response
from surveyapp.services.responses import export_responses, import_responses
from tests.surveyapp.respond.browsing import Browser, words

KINDS = "/k/THU2026/kinds?unit=LONGPHU"
#: page by page, what is typed and what is stored
PAGES = [
    ({"visits": "៣", "hours": "1,50", "mark": "7", "share": "12,5"},
     {"visits": "3", "hours": "1.5", "mark": "7", "share": "12.5"}),
    ({"wishes:faster": "2", "wishes:cheaper": "3", "wishes:kinder": "1", "arrived": "2 giờ rưỡi chiều", "understood": "OK"},
     {"wishes": ["kinder", "faster", "cheaper"], "arrived": "14:30", "understood": "OK"}),
    ({"where:latitude": "9,6025", "where:longitude": "105.9739"}, {"where": "9.6025 105.9739"}),
    ({"overall": "4", "staff": "5", "others": ["faster"]}, {"overall": "4", "staff": "5", "others": ["faster"]}),
    ({"g_time": "4", "g_cost": "dont_know", "last:missing": "dont_know", "why:missing": "refused"},
     {"g_time": "4", "g_cost": "dont_know", "last": {"missing": "dont_know"}, "why": {"missing": "refused"}}),
    ({}, {}),
    ({"comment": "#refused"}, {"comment": "#refused"}),
    ({"wishes_again:faster": "1", "wishes_again:cheaper": "2", "wishes_again:kinder": "3"},
     {"wishes_again": ["faster", "cheaper", "kinder"]}),
    ({"mark_again": "#refused"}, {"mark_again": {"missing": "refused"}}),
    ({"overall_again": "dont_know"}, {"overall_again": "dont_know"}),
    ({"where_again:latitude": "-9", "where_again:longitude": "0"}, {"where_again": "-9 0"}),
]


def begin(visitor: Browser, language: str = "vi"):
    visitor.get(f"/?lang={language}")
    visitor.get(KINDS)
    return visitor.press(consent="yes")


def fill_in(visitor: Browser) -> dict:
    begin(visitor)
    stored = {}
    for typed, brings in PAGES:
        visitor.press(**typed)
        stored |= brings
    return stored


def test_every_type_is_typed_stored_shown_again_and_handed_in(visitor, stored):
    wanted = fill_in(visitor)
    assert visitor.page.heading == "Xem lại và gửi phiếu"
    assert stored()[0].answers == wanted
    said = [words(each) for each in visitor.page.all("dd")]
    for line in ("1,5", "14:30", "1. Thái độ phục vụ tốt hơn", "Đã xác nhận", "9,6025; 105,9739", "Không biết",
                 "Không muốn trả lời", "#refused"):
        assert line in said
    visitor.get(visitor.page.links()["Sửa: Thứ tự và thời gian"])
    assert [each.get("value") for each in visitor.page.all("option") if each.get("selected") is not None] == ["2", "3", "1"]
    assert "understood" in visitor.page.fields(visitor.page.form())
    visitor.get(visitor.page.path.replace("order", "groups"))
    assert visitor.page.fields(visitor.page.form())["last:missing"] == ["dont_know"]
    visitor.get(visitor.page.path.replace("groups", "alone_mark"))
    assert visitor.page.fields(visitor.page.form())["mark_again"] == ["#refused"]
    visitor.get(visitor.page.path.replace("alone_mark", "places"))
    assert visitor.page.fields(visitor.page.form())["where:latitude"] == ["9,6025"]
    visitor.get(visitor.page.path.split("/trang")[0] + "/xem-lai")
    visitor.press("Gửi phiếu")
    [response] = stored()
    assert response.state == "sealed"
    assert response.answers == wanted | {"twice": "6"}


def test_what_is_exported_is_read_again_as_the_same(app, visitor, stored):
    wanted = fill_in(visitor)
    visitor.press("Gửi phiếu")
    with app.app_context():
        source = export_responses("THU2026", "kinds")
        header, row = source.decode("utf-8-sig").splitlines()[:2]
        cells = dict(zip(header.split(","), row.split(","), strict=True))
        assert (cells["last"], cells["comment"], cells["wishes"]) == ("#dont_know", "##refused", "kinder faster cheaper")
        assert cells["twice"] == "6"
        assert "nearly" not in cells
        import_responses("THU2026", "kinds", source, "lại.csv")
    answers = [response.answers for response in stored()]
    assert len(answers) == 2
    assert answers == [wanted | {"twice": "6"}] * 2


def test_a_calculated_cell_is_worked_out_anew(app, visitor, stored):
    fill_in(visitor)
    visitor.press("Gửi phiếu")
    with app.app_context():
        header, row = export_responses("THU2026", "kinds").decode("utf-8-sig").splitlines()[:2]
        at = header.split(",").index("twice")

        def with_cell(text: str) -> bytes:
            cells = ["r", *row.split(",")[1:]]
            return "\n".join([header, ",".join([*cells[:at], text, *cells[at + 1:]])]).encode()

        with pytest.raises(Faults) as told:
            import_responses("THU2026", "kinds", with_cell("7"), "t.csv")
        assert "Giá trị tính ra là “6”, không phải “7”." in str(told.value)
        import_responses("THU2026", "kinds", with_cell(""), "t.csv")
    assert [response.answers["twice"] for response in stored()] == ["6", "6"]


@pytest.mark.parametrize(("place", "typed", "faults"), [
    (0, {"visits": "3", "visits:missing": "refused", "mark": "11", "share": "0,3"}, [
        "Ông/Bà đến mấy lần? – Câu hỏi này vừa có câu trả lời, vừa chọn “Không muốn trả lời”.",
        "Ông/Bà cho mấy điểm? – Số này nằm ngoài khoảng từ 0 đến 10.",
        "Bao nhiêu phần trăm? – Số này không có trên thang: bắt đầu từ 0, mỗi bậc 0,5."]),
    (0, {"visits:missing": ["refused", "dont_know"], "mark": ["1", "2"]}, [
        "Ông/Bà đến mấy lần? – Câu hỏi này có nhiều câu trả lời khác nhau.",
        "Ông/Bà cho mấy điểm? – Câu hỏi này có nhiều câu trả lời khác nhau."]),
    (0, {"visits:missing": "not_familiar", "mark": "#refused"}, [
        "Ông/Bà đến mấy lần? – Câu trả lời không nằm trong các phương án.",
        "Ông/Bà cho mấy điểm? – Câu trả lời không phải là một số."]),
    (1, {"wishes:faster": "1", "wishes:cheaper": "1", "arrived": "25h"}, [
        "Giải quyết nhanh hơn – Thứ tự 1 được chọn cho nhiều nội dung.",
        "Giảm chi phí đi lại và lệ phí – Thứ tự 1 được chọn cho nhiều nội dung.",
        "Thái độ phục vụ tốt hơn – Nội dung này chưa được xếp thứ tự.",
        "Ông/Bà đến lúc mấy giờ? – Câu trả lời không phải là giờ trong ngày.",
        "Tôi hiểu rằng câu trả lời không nêu tên tôi. – Câu hỏi này chưa được trả lời."]),
    (2, {"where:latitude": "91", "receipt_photo": "a.jpg"}, [
        "Nơi Ông/Bà làm thủ tục – Số này nằm ngoài khoảng từ -90 đến 90."]),
    (2, {"where:longitude": "105"}, ["Nơi Ông/Bà làm thủ tục – Vị trí còn thiếu vĩ độ hoặc kinh độ."]),
    (4, {"g_time": "9"}, ["Thời gian giải quyết – Câu trả lời không nằm trong các phương án.",
                          "Chi phí – Câu hỏi này chưa được trả lời."]),
])
def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(visitor, place, typed, faults):
    begin(visitor)
    for right, _ in PAGES[:place]:
        visitor.press(**right)
    visitor.press(status=422, **typed)
    assert visitor.page.summary == faults
    if "visits" in typed:
        assert visitor.page.fields(visitor.page.form())["visits"] == ["3"]


@pytest.mark.parametrize(("language", "fault", "offer"), [
    ("km", "“មិនចង់ឆ្លើយ”", "មិនដឹង"), ("en", "an answer and “I prefer not to answer” as well.", "I do not know")])
def test_our_own_words_speak_the_language_of_the_page(visitor, language, fault, offer):
    begin(visitor, language)
    assert offer in visitor.page.text
    visitor.press(status=422, visits="3", **{"visits:missing": "refused"})
    assert fault in visitor.page.summary[0]


def test_defaults_are_filled_in_until_the_page_is_stored(visitor, stored):
    begin(visitor)
    assert visitor.page.fields(visitor.page.form())["hours"] == ["1,5"]
    assert stored()[0].answers == {}, "nothing is an answer before it is sent"
    visitor.press(visits="1", mark="1", hours="")
    visitor.get(visitor.page.path.replace("order", "numbers"))
    assert visitor.page.fields(visitor.page.form())["hours"] == [""], "who took the default away does not want it back"
    visitor.get(visitor.page.path.replace("numbers", "looks"))
    assert visitor.page.fields(visitor.page.form())["others"] == ["faster", "kinder"]


def test_a_calculated_value_is_not_shown_and_cannot_be_posted(visitor, stored):
    begin(visitor)
    assert "twice" not in visitor.page.text
    visitor.press(visits="1", mark="1", twice="99")
    assert "twice" not in stored()[0].answers


def test_a_page_that_asks_one_thing_takes_its_title_from_it(visitor):
    fill_in(visitor)
    for page, title in (("alone_text", "Ông/Bà muốn nói thêm điều gì?"), ("alone_rank", "Xếp lại một lần nữa"),
                        ("alone_mark", "Cho điểm từ 1 đến 5"), ("told", "Phiếu đủ các kiểu câu hỏi")):
        visitor.get(visitor.page.path.split("/trang")[0].split("/xem-lai")[0] + f"/trang/{page}")
        assert visitor.page.heading == title


def test_questions_of_one_list_stand_in_a_grid_and_groups_have_headings(visitor):
    begin(visitor)
    for typed, _ in PAGES[:4]:
        visitor.press(**typed)
    [table] = visitor.page.all("table")
    assert [words(each) for each in table.iter("th")][:3] == ["Nội dung", "Rất không hài lòng", "Không hài lòng"]
    assert len([each for each in table.iter("input") if each.get("name") == "g_place"]) == 7, "six choices and none of them"
    assert [words(each) for each in visitor.page.all("h2")][:2] == ["Ông/Bà hài lòng ở mức nào?", "Lần gần nhất"]
    assert [words(each) for each in visitor.page.all("h3")] == ["Chi tiết"]


def test_a_file_of_responses_is_judged_like_the_form(app, campaign):
    lines = ("receipt,respondent_group,unit,answered_on,visits,mark,wishes,understood,comment,wishes_again,mark_again,"
             "overall,staff,g_time,g_cost,overall_again,where_again,share,receipt_photo",
             f"1,citizens,LONGPHU,{campaign_day(app)},#not_familiar,#dont_know,faster kinder,ok,x,faster cheaper kinder,6,"
             "4,4,4,4,4,10 200,#refused,a.jpg")
    with app.app_context(), pytest.raises(Faults) as told:
        import_responses("THU2026", "kinds", "\n".join(lines).encode(), "t.csv")
    faults = [(fault.place.rsplit(", ", 1)[-1], fault.reason) for fault in told.value.faults]
    assert {place for place, _ in faults} == {f"cột “{name}”" for name in (
        "visits", "wishes", "understood", "mark_again", "where_again", "share", "receipt_photo")}
    with app.app_context():
        assert db.session.query(Response).count() == 0


def campaign_day(app) -> str:
    with app.app_context():
        return db.session.query(Campaign).one().opens_on.isoformat()
