"""Two people in one draft at once: nobody's words are lost, and nothing lands where nobody wrote it."""

import re

from tests.surveyapp.design.drafting import fields_of, form_of, revision, send, signed_in


def test_a_button_pressed_too_late_does_nothing_and_says_so(app, client, draft):
    client.post(f"{draft}/them-trang", draft, label="Một", revision="1")
    client.post(f"{draft}/them-trang", draft, label="Hai", revision="1")
    assert not form_of(app, draft).page("hai")
    assert "bản mới nhất" in client.get(draft)


def test_two_people_on_one_page_choose_field_by_field(app, client, draft):
    other = signed_in(app, "second")
    page = f"{draft}/cau/times"
    mine = fields_of(client.get(page))
    send(other, page, page, **{"label.vi": "Của người kia", "hint.vi": "Gợi ý của người kia"})
    mine |= {"label.vi": ["Của tôi"], "required": ["1"]}
    answer = client.http.post(page, data=mine)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 409
    for words in ("Của người kia", "Của tôi", "Người thứ hai", 'name="chon:required"', 'name="chon:hint.vi"'):
        assert words in shown
    assert 'name="chon:name"' not in shown
    assert form_of(app, draft).question("times").label.in_language("vi") == "Của người kia"
    chosen = {f"toi:{field}": texts for field, texts in mine.items() if field not in ("csrf_token", "revision")}
    client.post(page, page, 302, revision=re.search(r'name="revision" value="(\d+)"', shown)[1],
                **chosen, **{"cua-toi": "1", "chon:label.vi": "toi", "chon:hint.vi": "kia", "chon:required": "toi"})
    question = form_of(app, draft).question("times")
    assert (question.label.in_language("vi"), question.hint.in_language("vi"), question.required) == (
        "Của tôi", "Gợi ý của người kia", True)


def test_what_another_deleted_is_said_and_the_words_are_shown(app, client, draft):
    other = signed_in(app, "second")
    page = f"{draft}/cau/comment"
    mine = fields_of(client.get(page)) | {"label.vi": ["Chữ của tôi"]}
    other.post(f"{draft}/thao-tac", draft, act="cau-xoa:comment", revision=revision(other, draft))
    answer = client.http.post(page, data=mine)
    assert answer.status_code == 409
    assert "Chữ của tôi" in answer.get_data(as_text=True)


def test_two_people_on_one_condition(app, client, draft):
    page = f"{draft}/dieu-kien/hien-cau/comment"
    other = signed_in(app, "second")
    rows = {"r0-question": "went", "r0-comparison": "is", "r0-value": "yes"}
    other.post(page, page, 302, revision="1", button="luu", **rows)
    shown = client.post(page, page, 409, revision="1", button="luu", **(rows | {"r0-value": "no"}))
    assert "${went} = &#39;no&#39;" in shown
    client.post(page, page, 302, revision="2", **{"cua-toi": "1", "chon:expression": "toi", "toi:expression": "${went} = 'no'"})
    assert form_of(app, draft).question("comment").relevant == "${went} = 'no'"


def test_a_condition_of_what_another_renamed_or_deleted_is_not_lost(client, draft):
    rows = {"r0-question": "went", "r0-comparison": "is", "r0-value": "no"}
    pages = {f"{draft}/dieu-kien/hien-nhom/later": rows | {"button": "luu"},
             f"{draft}/dieu-kien/hien-cau/comment": {"button": "chu", "expression": "${went} = 'no'"},
             f"{draft}/dieu-kien/tra-loi/comment": {"cua-toi": "1", "toi:expression": "${went} = 'no'"}}
    client.post(f"{draft}/thao-tac", draft, act="nhom-bo:later", revision="1")
    client.post(f"{draft}/thao-tac", draft, act="cau-xoa:comment", revision="2")
    for page, fields in pages.items():
        shown = client.post(page, draft, 409, revision="1", **fields)
        assert "đã bị xóa hoặc đổi tên" in shown
        assert "${went} = &#39;no&#39;" in shown
        client.post(page, draft, 404, revision="9", **(fields | {"r0-question": "lost"}))


def test_two_people_translate_and_each_language_keeps_its_own(app, client, draft):
    settings = f"{draft}/cai-dat"
    send(client, settings, settings, languages=["vi", "km", "en"])
    page = f"{draft}/ban-dich"
    mine, theirs = ({**fields_of(client.get(f"{page}?ngon-ngu=en")), "t:title": title} for title in ("Mine", "Theirs"))
    assert client.http.post(page, data=theirs).status_code == 302
    shown = client.http.post(page, data=mine).get_data(as_text=True)
    assert re.findall(r"<legend>(.*?)</legend>", shown) == ["Tên phiếu"]
    assert f'{page}?ngon-ngu=en' in shown
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.split("<main")[1]))
    answer = client.http.post(page, data=fields | {"chon:t:title": "toi"})
    assert "ngon-ngu=en" in answer.headers["Location"]
    assert form_of(app, draft).title.by_language == {"vi": "Phiếu thử", "en": "Mine"}
