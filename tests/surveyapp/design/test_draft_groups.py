"""Groups and repeats made in the browser, over HTTP; and what is worth a second look, told while somebody designs."""

import re

import pytest

from documents.faults import Faults
from questionnaires.model import Repeat
from surveyapp.services import drafts
from tests.questionnaires.drafts import GROUPED
from tests.surveyapp.design.drafting import fields_of, form_of, revision, send, signed_in


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<main")[1]).split())


def press(client, draft: str, act: str, status: int = 302) -> str:
    return client.post(f"{draft}/thao-tac", draft, status, act=act, revision=revision(client, draft))


def test_a_repeat_is_made_of_pages_and_asked_as_often_as_an_answer_says(app, client, draft):
    press(client, draft, "nhom-bo:later")
    assert form_of(app, draft).page("second").within == ()
    client.post(f"{draft}/them-nhom", draft, label="Từng lần đến", first="second", last="third",
                revision=revision(client, draft))
    page = f"{draft}/nhom/tung_lan_den"
    assert "Trang 2 đến 3, hỏi một lần" in text_of(client.get(page))
    send(client, page, page, **{"label.vi": "Lần đến", "repeat": "answer", "count_of": "times", "most": "9"})
    group = form_of(app, draft).page("third").repeat
    assert (group.label.in_language("vi"), group.repeat.count, group.repeat.most) == ("Lần đến", "${times}", 9)
    shown = text_of(client.get(draft))
    assert "Gồm trang 2 đến 3 · hỏi nhiều lần theo câu “Mấy lần?”, nhiều nhất 9 lần" in shown
    assert "không còn lỗi" in shown
    send(client, page, page, repeat="number", times="30", most="9")
    assert form_of(app, draft).page("third").repeat.repeat == Repeat("30", 30)
    send(client, page, page, repeat="open", most="", name="visits")
    page = f"{draft}/nhom/visits"
    assert "người trả lời tự thêm, nhiều nhất 20 lần" in text_of(client.get(page))
    assert text_of(client.get(f"{draft}/cau/when")).count("hỏi nhiều lần") == 1
    send(client, page, page, repeat="once")
    assert form_of(app, draft).page("third").repeat is None


def test_what_cannot_be_is_said_beside_what_was_typed(client, draft):
    page = f"{draft}/nhom/later"
    for bad, said in (({"repeat": "number", "times": "ba"}, "“ba” không dùng được"), ({"repeat": "number"}, "Ô này còn trống"),
                      ({"repeat": "open", "most": "1000"}, "từ 1 đến 100"), ({"repeat": "answer"}, "Chưa chọn câu hỏi"),
                      ({"repeat": "answer", "count_of": "when"}, "Chưa chọn câu hỏi"), ({"name": "went"}, "đã có"),
                      ({"repeat": "formula", "formula": "1 +"}, "Công thức"), ({"button": "ra:khong"}, "ở đây")):
        shown = send(client, page, page, 422, **(bad | {"hint.vi": "Chữ tôi gõ"}))
        assert said in shown
        assert "Chữ tôi gõ" in shown
    cut = client.post(f"{draft}/them-nhom", draft, 422, label="x", first="first", last="second", revision="1")
    assert "cắt ngang nhóm “later”" in cut
    page = f"{draft}/trang/first"
    cut = send(client, page, page, 422, button="nhom", **{"new-first": "went", "new-last": "times", "new.vi": "Tiêu đề đã gõ"})
    assert "cắt ngang nhóm “Lần đến”" in cut
    assert "Tiêu đề đã gõ" in cut
    client.get(f"{draft}/nhom/khong", 404)
    client.get(f"{draft}/dieu-kien/hien-nhom/khong", 404)


def test_pages_go_in_and_out_and_the_last_one_takes_the_group_along(app, client, draft):
    page = f"{draft}/nhom/later"
    send(client, page, page, button="vao", **{"new-item": "first", "label.vi": "Cùng lưu"})
    form = form_of(app, draft)
    assert [each.within[0].label.in_language("vi") for each in form.pages] == ["Cùng lưu"] * 3
    send(client, page, page, button="ra:second")
    assert [(each.name, len(each.within)) for each in form_of(app, draft).pages] == [("first", 1), ("third", 1), ("second", 0)]
    press(client, draft, "nhom-xuong:later")
    assert [each.name for each in form_of(app, draft).pages] == ["second", "first", "third"]
    send(client, page, page, button="ra:first")
    send(client, page, page, button="ra:third")
    assert [group.name for group in form_of(app, draft).groups] == ["visit"]
    for _ in range(5):
        client.post(f"{draft}/hoan-tac", draft, act="hoan-tac", revision=revision(client, draft))
    assert [each.name for each in form_of(app, draft).groups] == ["visit", "later"]


def test_questions_of_a_page_become_a_table(app, client, draft):
    page = f"{draft}/trang/third"
    send(client, page, page, button="nhom", **{"new.vi": "Ông/Bà thấy", "new-first": "comment", "new-last": "comment"})
    group = form_of(app, draft).question("comment").within[0]
    assert (group.name, group.label.in_language("vi")) == ("ong_ba_thay", "Ông/Bà thấy")
    page = f"{draft}/nhom/ong_ba_thay"
    send(client, page, page, grid="1")
    assert form_of(app, draft).question("comment").within[0].appearance == "table-list"
    send(client, page, page, grid=None)
    assert form_of(app, draft).question("comment").within[0].appearance == ""
    assert "name=\"repeat\"" not in client.get(page), "only pages are asked several times"


def test_a_group_has_a_condition_put_together_from_rows(app, client, draft):
    page = f"{draft}/dieu-kien/hien-nhom/later"
    shown = client.get(page)
    assert 'value="when"' not in shown, "only what stands before"
    client.post(page, page, question="", button="luu", joiner="and", revision=revision(client, page),
                **{"r0-question": "went", "r0-comparison": "is", "r0-value": "yes"})
    assert form_of(app, draft).page("second").within[0].relevant == "${went} = 'yes'"
    assert "Chỉ hiện khi “Đã đến?” là “Có”" in text_of(client.get(f"{draft}/nhom/later"))


def test_a_condition_looks_at_no_other_times_answers(app, client):
    page = "/thiet-ke/nhap/"
    repeat_and_after = GROUPED.replace("group: later", "repeat: later") + (
        "  - name: after\n    label: Sau\n    questions:\n      - {type: text, name: end, label: Hết}\n")
    client.post(page, page, cach="tep", file=(repeat_and_after.encode(), "g.yaml"))
    assert "“Khi nào?”" not in client.get("/thiet-ke/nhap/1/dieu-kien/hien-cau/end")
    assert '<option value="when"' in client.get("/thiet-ke/nhap/1/dieu-kien/hien-cau/comment")


def test_two_people_on_one_group(app, client, draft):
    other = signed_in(app, "second")
    page = f"{draft}/nhom/later"
    mine = fields_of(client.get(page)) | {"label.vi": ["Của tôi"]}
    send(other, page, page, **{"label.vi": "Của người kia"})
    answer = client.http.post(page, data=mine)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Của người kia" in shown
    assert "Tiêu đề nhóm" in shown
    client.http.post(page, data={"csrf_token": client.token(draft), "revision": revision(client, draft), "cua-toi": "1",
                                 "toi:label.vi": "Của tôi", "chon:label.vi": "toi"})
    assert form_of(app, draft).page("second").within[0].label.in_language("vi") == "Của tôi"
    client.post(f"{draft}/thao-tac", draft, act="nhom-bo:later", revision="1")
    assert form_of(app, draft).page("second").within, "too late: nothing is done"


def test_a_group_page_saves_itself_and_acts_only_by_hand(app, client, draft):
    page = f"{draft}/nhom/later"
    fields = fields_of(client.get(page)) | {"label.vi": ["Nửa ch"], "name": ["khac"], "button": ["ra:second"]}
    answer = client.http.post(page, data=fields, headers={"X-Autosave": "1"})
    assert answer.get_json() == {"revision": 2}
    group = form_of(app, draft).page("second").within[0]
    assert (group.name, group.label.in_language("vi")) == ("later", "Nửa ch")


def test_what_is_worth_a_second_look_is_counted_and_shown_where_it_is(client, draft):
    assert "Nên xem lại" not in text_of(client.get(draft))
    page = f"{draft}/cau/why"
    send(client, page, page, **{"label.vi": "Ông/Bà có hài lòng không?"})
    shown = client.get(draft)
    assert "Nên xem lại 1 chỗ" in text_of(shown)
    assert "Trang 1: Một (1 chỗ)" in text_of(shown)
    assert "không còn lỗi" in text_of(shown), "advice keeps nothing from being published"
    assert "Câu hỏi dẫn dắt" in text_of(client.get(page))
    assert "Câu hỏi dẫn dắt" not in text_of(client.get(f"{draft}/cau/went"))


def test_a_group_that_a_file_left_without_a_name_is_named_on_its_page(app, client):
    nameless = GROUPED.replace("group: later", 'group: ""').encode()
    with app.app_context():
        draft = f"/thiet-ke/nhap/{drafts.begin_from_document(nameless, 'g.yaml', 1).id}"
    [page] = re.findall(rf'href="({draft}/nhom/)"', client.get(draft))
    condition = f"{draft}/dieu-kien/hien-nhom/"
    assert condition in client.get(page)
    client.post(condition, condition, 302, revision="1", button="chu", expression="${times} > 2")
    send(client, page, page, name="later")
    group = form_of(app, draft).page("second").within[0]
    assert (group.name, group.relevant) == ("later", "${times} > 2")


def test_a_name_that_no_address_holds_does_not_begin_a_draft(app):
    wrong = GROUPED.replace("group: later", "group: a/b").replace("name: third", "name: ..").replace("name: why", "name: /")
    with app.app_context():
        with pytest.raises(Faults) as refused:
            drafts.begin_from_document(wrong.encode(), "g.yaml", 1)
        assert [fault.place for fault in refused.value.faults] == ["Trang", "Câu hỏi", "Nhóm"]
        assert all("không dùng làm tên được" in fault.reason for fault in refused.value.faults)
