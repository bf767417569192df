"""Making a questionnaire in the browser, over HTTP: every page shows, saves, refuses."""

import re

import pytest

from documents.yaml_reader import MAX_BYTES
from questionnaires import document
from tests.questionnaires.drafts import GROUPED
from tests.surveyapp.design.drafting import fields_of, follow, form_of, revision, send, signed_in, version_of

PAGES = ("", "/cau/times", "/cau/went", "/cau/comment", "/trang/second", "/nhom/later", "/nhom/visit", "/danh-sach",
         "/danh-sach/yes_no", "/dong-y", "/cai-dat", "/ban-dich", "/ngan-hang", "/ngan-hang?tim=hài+lòng&trang=third",
         "/dieu-kien/hien-cau/why", "/dieu-kien/hien-cau/times", "/dieu-kien/hien-trang/third", "/dieu-kien/hien-nhom/later",
         "/dieu-kien/tra-loi/again", "/nhieu-cau", "/nhieu-cau?trang=second", "/xem-thu", "/xem-thu/man-hinh?trang=second",
         "/chay-thu", "/duyet", "/bo", "/tu-tep")


def test_each_page_opens_for_designers_and_for_nobody_else(app, client, draft):
    analyst = signed_in(app, "analyst")
    for path in (f"{draft}{each}" for each in PAGES):
        client.get(path)
        assert analyst.http.get(path).status_code == 403, path
        assert app.test_client().get(path).headers["Location"].startswith("/dang-nhap")
    client.get("/thiet-ke/nhap/")
    for path in ("/thao-tac", "/dat-cho", "/them-trang", "/them-nhom", "/them-cau", "/nhom/later", "/hoan-tac", "/cau/went",
                 "/duyet", "/bo", "/ngan-hang", "/danh-sach", "/dieu-kien/hien-cau/why", "/chay-thu"):
        analyst.post(f"{draft}{path}", "/tai-khoan", 403)
        assert client.http.post(f"{draft}{path}").status_code == 400, "no token, no change"


def test_what_is_not_there_is_a_404(client, draft):
    for path in ("/cau/khong", "/trang/khong", "/danh-sach/khong", "/dieu-kien/hien-cau/khong", "/xem-thu?trang=khong",
                 "/khong"):
        client.get(f"{draft}{path}", 404)
    client.get("/thiet-ke/nhap/999", 404)
    client.get("/thiet-ke/nhap/99999999999", 404)


def test_a_draft_begins_in_each_of_its_ways(app, client):
    page = "/thiet-ke/nhap/"
    client.post(page, page, cach="trang", title="Phiếu mới", form_id="phieu_moi")
    refused = client.post(page, page, 422, cach="trang", title="Phiếu mới", form_id="có dấu")
    assert "Mã phiếu “có dấu” không đúng dạng" in refused
    client.post(page, page, cach="phien-ban", **{"phien-ban": version_of(app, "citizen")})
    client.post(page, page, 404, cach="phien-ban", **{"phien-ban": "999999"})
    assert "Chưa chọn tệp" in client.post(page, page, 422, cach="tep")
    client.post(page, page, cach="tep", file=(GROUPED.encode(), "g.yaml"))
    shown = client.post(page, page, 422, cach="tep", file=(b"form_id: x\n<script>: 1\n", "g.yaml"))
    assert "<script>:" not in shown
    listed = client.get(page)
    for title in ("Phiếu mới", "Phiếu thử", "2024.2"):
        assert title in listed


def test_buttons_of_the_overview(app, client, draft):
    def press(act: str, status: int = 302) -> str:
        return client.post(f"{draft}/thao-tac", draft, status, act=act, revision=revision(client, draft))

    press("cau-xuong:went")
    press("trang-chep:third")
    press("cau-chep:comment")
    press("trang-len:third")
    form = form_of(app, draft)
    assert form.page("third_2")
    assert form.question("comment_3")
    assert "còn dùng câu này" in press("cau-xoa:went", 422)
    assert "Không có câu hỏi" in press("cau-xoa:khong", 422)
    press("khong:gi")
    press("danh-sach-xoa:things", 422)
    client.post(f"{draft}/dat-cho", draft, name="why", page="second", position="0", revision=revision(client, draft))
    assert form_of(app, draft).page("second").questions[0].name == "why"
    client.post(f"{draft}/dat-cho", draft, name="third", page="", position="0", revision=revision(client, draft))
    client.post(f"{draft}/them-trang", draft, label="Trang mới", revision=revision(client, draft))
    client.post(f"{draft}/them-cau", draft, page="trang_moi", type="text", label="Câu mới?", revision=revision(client, draft))
    assert form_of(app, draft).question("cau_moi").type == "text"
    client.post(f"{draft}/them-cau", draft, 422, page="trang_moi", type="sai", label="x", revision=revision(client, draft))


def test_a_page_and_a_question_of_one_name_are_two_places(app, client, draft):
    page = f"{draft}/trang/third"
    answer = client.http.post(page, data=fields_of(client.get(page)) | {"name": "comment", "den": "tong-quan"})
    assert answer.headers["Location"].endswith("#p-comment")
    act = {"csrf_token": client.token(draft), "revision": "2", "act": "trang-len:comment"}
    moved = client.http.post(f"{draft}/thao-tac", data=act)
    assert moved.headers["Location"].endswith("#p-comment")
    shown = client.get(draft)
    assert 'id="p-comment"' in shown
    assert 'id="o-comment"' in shown


def test_undo_and_redo(app, client, draft):
    client.post(f"{draft}/them-trang", draft, label="Trang mới", revision="1")
    client.post(f"{draft}/hoan-tac", draft, act="hoan-tac", revision="2")
    assert not form_of(app, draft).page("trang_moi")
    client.post(f"{draft}/hoan-tac", draft, act="lam-lai", revision="3")
    assert form_of(app, draft).page("trang_moi")
    client.post(f"{draft}/hoan-tac", draft, 409, act="lam-lai", revision="4")


@pytest.mark.parametrize("page", ["/cau/times", "/cau/went", "/trang/second", "/nhom/later", "/nhom/visit",
                                  "/danh-sach/yes_no", "/dong-y", "/cai-dat"])
def test_a_form_saved_as_it_stands_changes_nothing(app, client, draft, page):
    before = form_of(app, draft)
    send(client, f"{draft}{page}", f"{draft}{page}")
    assert form_of(app, draft) == before


def test_a_question_is_filled_in(app, client, draft):
    page = f"{draft}/cau/times"
    send(client, page, page, **{"label.vi": "  Bao nhiêu\r\nlần?  ", "required": "1", "type": "select_multiple",
                                "list": "things", "name": "visits", "hint.vi": "<b>x</b>"})
    question = form_of(app, draft).question("visits")
    assert (question.label.in_language("vi"), question.type, question.choices.name, question.required) == (
        "Bao nhiêu\nlần?", "select_multiple", "things", True)
    assert form_of(app, draft).page("second").within[0].relevant == "${visits} > 1"
    assert "<b>x</b>" not in client.get(f"{draft}/cau/visits")
    page = f"{draft}/cau/visits"
    for bad in ({"name": "unit"}, {"name": "went"}, {"type": "sai"}, {"list": "khong", "type": "select_one"}):
        assert "error-summary" in send(client, page, page, 422, **(bad | {"label.vi": "Chữ tôi gõ"}))
    assert "Chữ tôi gõ" in send(client, page, page, 422, **{"name": "1", "label.vi": "Chữ tôi gõ"})


def test_a_question_says_how_it_stands_beside_earlier_versions_and_its_parameters(app, client, draft):
    page = f"{draft}/cau/times"
    send(client, page, page, **{"break": "Đổi thang", "old_name": "visits", "parameters": "start=0 end=9"})
    form = form_of(app, draft)
    assert (form.breaks_series["times"], form.renames["times"]) == ("Đổi thang", "visits")
    assert dict(form.question("times").parameters) == {"start": "0", "end": "9"}
    assert "Không hiểu “x”" in send(client, page, page, 422, parameters="x")
    send(client, page, page, name="lan", parameters="", **{"break": "", "old_name": "visits"})
    assert (dict(form_of(app, draft).breaks_series), dict(form_of(app, draft).renames)) == ({}, {"lan": "visits"})


def test_a_list_is_filled_in(app, client, draft):
    page = f"{draft}/danh-sach/yes_no"
    send(client, page, page, **{"c:yes:label.vi": "Có rồi", "c:no:code": "khong", "c:no:exclusive": "1", "new.vi": "Có thể",
                                "button": "them:"})
    choices = form_of(app, draft).question("went").choices
    assert [(each.name, each.label.in_language("vi"), each.exclusive) for each in choices] == [
        ("yes", "Có rồi", False), ("khong", "Không", True), ("co_the", "Có thể", False), ("dont_know", "Không biết", False)]
    assert form_of(app, draft).question("again").constraint == ". != 'khong'"
    send(client, page, page, button="xuong:yes")
    send(client, page, page, button="bo:co_the")
    send(client, page, page, **{"new.vi": "Từ chối", "new-missing": "refused", "name": "co_khong"})
    assert form_of(app, draft).question("went").choices.names == ("khong", "yes", "dont_know", "refused")
    assert form_of(app, draft).question("went").choices.name == "co_khong"
    page = f"{draft}/danh-sach/co_khong"
    assert "đã có trong danh sách" in send(client, page, page, 422, **{"c:yes:code": "khong"})
    assert "không đúng dạng" in send(client, page, page, 422, **{"new.vi": "x", "new-code": "a b"})


def test_choices_have_further_columns_for_filters(app, client, draft):
    page = f"{draft}/danh-sach/things"
    send(client, page, page, **{"c:a:attributes": " district = LP;kind=xa ; "})
    assert dict(form_of(app, draft).question("saw").choices.choices[0].attributes) == {"district": "LP", "kind": "xa"}
    assert 'value="district=LP; kind=xa"' in client.get(page)
    for wrong in ("LP", "=LP", "quận=LP"):
        assert "Phương án “a”" in send(client, page, page, 422, **{"c:a:attributes": wrong})
    send(client, page, page, **{"c:a:attributes": ""})
    assert not form_of(app, draft).question("saw").choices.choices[0].attributes


def test_several_choices_are_added_at_once_in_all_languages(app, client, draft):
    settings, page = f"{draft}/cai-dat", f"{draft}/danh-sach/yes_no"
    send(client, settings, settings, languages=["vi", "en"])
    refused = send(client, page, page, 422, **{"new.vi": "Một\nHai", "new.en": "One", "button": "them:"})
    assert "Tiếng Việt 2 dòng, English 1 dòng" in refused
    assert re.search(r"<textarea[^>]*>Một\nHai</textarea>", refused), "what was typed is still there"
    send(client, page, page, **{"new.vi": " Một \r\n\r\nHai", "new.en": "One\nTwo", "button": "them:"})
    added = form_of(app, draft).question("went").choices.choices[2:4]
    assert [dict(each.label.by_language) for each in added] == [{"vi": "Một", "en": "One"}, {"vi": "Hai", "en": "Two"}]
    send(client, page, page, **{"c:yes:code": "no", "c:no:code": "yes", "button": "xuong:yes"})
    assert form_of(app, draft).question("went").choices.names[:2] == ("yes", "no"), "exchanged, then moved"


def test_several_questions_are_added_at_once(app, client, draft):
    page = f"{draft}/nhieu-cau"
    seen = revision(client, page)
    fields = {"page": "third", "labels": "Nơi chờ\r\nMáy lấy số", "type": "select_one", "list": "yes_no", "required": "1",
              "revision": seen}
    client.post(page, page, **fields)
    made = form_of(app, draft).page("third").questions[-2:]
    assert [(each.name, each.label.in_language("vi"), each.choices.name, each.required) for each in made] == [
        ("noi_cho", "Nơi chờ", "yes_no", True), ("may_lay_so", "Máy lấy số", "yes_no", True)]
    late = client.post(page, page, 409, **fields)
    assert "Người khác vừa lưu" in late
    assert "Nơi chờ\nMáy lấy số</textarea>" in late
    assert f'value="{int(seen) + 1}"' in late, "pressing again is enough"
    assert "Chưa viết câu hỏi nào" in client.post(page, page, 422, **fields | {"labels": " \n ", "revision": int(seen) + 1})
    assert client.post(page, page, 422, revision=int(seen) + 1, labels="x").count("error-summary")


def test_saving_leads_on_to_the_next_question_or_page(client, draft):
    for kind, first, after, last in (("cau", "times", "saw", "comment"), ("trang", "first", "second", "third")):
        for name, to in ((first, after), (last, last)):
            page = f"{draft}/{kind}/{name}"
            fields = fields_of(client.get(page)) | {"den": "sau"}
            assert client.http.post(page, data=fields).headers["Location"].endswith(f"/{kind}/{to}")
    assert "Lưu và sang câu sau" in client.get(f"{draft}/cau/times")
    assert "Lưu và sang" not in client.get(f"{draft}/cau/comment")


def test_lists_are_added_empty_or_copied(app, client, draft):
    page = f"{draft}/danh-sach"
    client.post(page, page, title="Mức độ", choices="Kém\r\nTốt\n", revision=revision(client, page))
    assert [each.label.in_language("vi") for each in form_of(app, draft).choice_lists[-1]] == ["Kém", "Tốt"]
    client.post(page, page, title="Mức hài lòng", copy="", revision=revision(client, page))
    assert "muc_hai_long (chưa có phương án)" in client.get(f"{draft}/nhieu-cau")
    shown = client.get(page)
    key = re.search(r'<option value="([^"]*:satisfaction5)"', shown)[1]
    client.post(page, page, title="", copy=key, revision=revision(client, page))
    client.post(page, page, title="", copy=key, revision=revision(client, page))
    names = [each.name for each in form_of(app, draft).choice_lists]
    assert names[-3:] == ["muc_hai_long", "satisfaction5", "satisfaction5_2"]


def test_settings_consent_and_pages(app, client, draft):
    page = f"{draft}/cai-dat"
    send(client, page, page, **{"groups": ["citizens", "businesses"], "other_groups": "cooperatives, unions", "minutes": "7",
                                "languages": ["vi", "km"], "machine_drafted": ["km", "en"], "title.vi": "Tên mới"})
    form = form_of(app, draft)
    assert form.respondent_groups == ("citizens", "businesses", "cooperatives", "unions")
    assert (form.minutes, form.languages, form.machine_drafted) == (7, ("vi", "km"), ("km",))
    for bad in ({"minutes": "bảy"}, {"languages": None}, {"rates": "sai"}, {"form_id": "có dấu"}, {"default_language": "fr"}):
        assert "error-summary" in send(client, page, page, 422, **bad)
    page = f"{draft}/dong-y"
    send(client, page, page, **{"contact.vi": "Gọi 0299", "contact.km": "ទូរស័ព្ទ"})
    assert dict(form_of(app, draft).consent.contact.by_language) == {"vi": "Gọi 0299", "km": "ទូរស័ព្ទ"}
    page = f"{draft}/trang/second"
    send(client, page, page, **{"label.vi": "Trang hai mới", "name": "hai", "den": "tong-quan"})
    assert form_of(app, draft).page("hai").label.in_language("vi") == "Trang hai mới"
    assert "error-summary" in send(client, f"{draft}/trang/hai", f"{draft}/trang/hai", 422, name="third")


def test_translations_side_by_side(app, client, draft):
    page = f"{draft}/cai-dat"
    send(client, page, page, languages=["vi", "en"])
    assert "Bản dịch: 23 chỗ" in client.get(draft)
    page = f"{draft}/ban-dich?ngon-ngu=en&thieu=1"
    assert "còn thiếu" in client.get(page)
    send(client, f"{draft}/ban-dich", page, **{"t:title": "Trial form", "t:choices/yes_no/yes/label": "Yes",
                                              "t:questions/went/label": "Been there?"})
    form = form_of(app, draft)
    assert form.title.by_language["en"] == "Trial form"
    assert form.question("went").choices.choices[0].label.by_language["en"] == "Yes"
    assert "t:title" not in client.get(page)
    assert "Trial form" in client.get(f"{draft}/ban-dich?ngon-ngu=en")


def test_the_guided_condition(app, client, draft):
    page = f"{draft}/dieu-kien/hien-cau/comment"
    seen = revision(client, page)
    shown = client.post(page, page, 200, revision=seen, question="went", button="them")
    assert 'name="r0-question" value="went"' in shown
    rows = {"r0-question": "went", "r0-comparison": "is", "r0-value": "yes"}
    shown = client.post(page, page, 200, revision=seen, question="times", button="them", **rows)
    rows |= {"r1-question": "times", "r1-comparison": "more", "r1-value": "1,5", "joiner": "or"}
    client.post(page, page, 302, revision=seen, button="luu", **rows)
    assert form_of(app, draft).question("comment").relevant == "${went} = 'yes' or ${times} > 1.5"
    assert "“Đã đến?” là “Có” hoặc “Mấy lần?” lớn hơn" in client.get(draft)
    seen = revision(client, page)
    shown = client.post(page, page, 200, revision=seen, button="bo:0", **rows)
    assert 'value="went"' not in re.search(r'<fieldset class="card condition-row".*?</fieldset>', shown, re.S)[0]
    shown = client.post(page, page, 422, revision=seen, button="luu", **(rows | {"r1-value": "nhiều"}))
    assert "Dòng 2" in shown
    lost = {"r0-question": "lost", "r0-comparison": "is"}
    assert "Dòng 1" in client.post(page, page, 422, revision=seen, button="luu", **lost)
    client.post(page, page, 302, revision=seen, button="luu")
    assert form_of(app, draft).question("comment").relevant == ""


def test_a_condition_written_as_text(app, client, draft):
    page = f"{draft}/dieu-kien/hien-cau/why"
    assert "không viết được thành các dòng" not in client.get(page)
    written = "(${went} = 'yes' or ${times} > 3) and ${times} < 9"
    client.post(page, page, 302, revision=revision(client, page), button="chu", expression=written)
    assert form_of(app, draft).question("why").relevant == written
    assert "không viết được thành các dòng" in client.get(page)
    shown = client.post(page, page, 422, revision=revision(client, page), button="chu", expression="${went = <b>")
    assert "Biểu thức" in shown
    assert "<b>" not in shown
    page = f"{draft}/dieu-kien/tra-loi/times"
    rows = {"r0-question": ".", "r0-comparison": "at_least", "r0-value": "1", "r1-question": ".", "r1-comparison": "at_most",
            "r1-value": "50", "joiner": "and"}
    client.post(page, page, 302, revision=revision(client, page), button="luu", **rows)
    assert form_of(app, draft).question("times").constraint == ". >= 1 and . <= 50"
    page = f"{draft}/dieu-kien/hien-trang/second"
    client.post(page, page, 302, revision=revision(client, page), button="luu", **{
        "r0-question": "saw", "r0-comparison": "has", "r0-value": "a"})
    assert form_of(app, draft).page("second").relevant == "selected(${saw}, 'a')"


def test_a_condition_that_a_full_draft_cannot_hold_is_shown_as_it_was_written(app, client, draft):
    page, condition = f"{draft}/trang/first", f"{draft}/dieu-kien/hien-cau/comment"
    room = MAX_BYTES - len(document.dump(form_of(app, draft)).encode())
    send(client, page, page, **{"hint.vi": "x" * (room - 300)})
    written = "${why} = '" + "y" * 900 + "'"
    shown = client.post(condition, condition, 422, revision="2", button="chu", expression=written)
    assert "Phiếu quá lớn" in shown
    assert "y" * 900 in shown


def test_the_page_saves_itself(app, client, draft):
    page = f"{draft}/cau/times"
    fields = fields_of(client.get(page)) | {"label.vi": ["Nửa ch"], "name": ["nua_chung"]}
    answer = client.http.post(page, data=fields, headers={"X-Autosave": "1"})
    assert answer.get_json() == {"revision": 2}
    question = form_of(app, draft).question("times")
    assert question.label.in_language("vi") == "Nửa ch", "the name stays until somebody presses the button"
    answer = client.http.post(page, data=fields, headers={"X-Autosave": "1"})
    assert (answer.status_code, "Người khác" in answer.get_json()["message"]) == (409, True)
    answer = client.http.post(page, data=fields | {"revision": ["2"], "type": ["sai"]}, headers={"X-Autosave": "1"})
    assert (answer.status_code, "loại câu hỏi" in answer.get_json()["message"]) == (422, True)
    page = f"{draft}/danh-sach/things"
    fields = fields_of(client.get(page)) | {"new.vi": ["Nửa"], "c:a:label.vi": ["A mới"]}
    client.http.post(page, data=fields, headers={"X-Autosave": "1"})
    assert [each.label.in_language("vi") for each in form_of(app, draft).question("saw").choices] == ["A mới", "B"]


def test_a_question_from_the_bank(app, client, draft):
    page = f"{draft}/ngan-hang?tim=tra+ket+qua&trang=third"
    shown = client.get(page)
    key = re.search(r'name="act" value="(v\d+:[^"]+)"', shown)[1]
    client.post(f"{draft}/ngan-hang", page, act=key, page="third", revision=revision(client, page))
    copied = form_of(app, draft).page("third").questions[-1]
    assert copied.name == key.split(":")[1]
    assert "Không tìm thấy" in follow(client, f"{draft}/ngan-hang", page, act="v1:khong", page="third", revision="2")
    client.post(f"{draft}/ngan-hang", page, 422, act=key, page="khong", revision=revision(client, page))


def test_a_workbook_begins_a_draft_and_what_it_lacks_is_said(app, client, draft):
    workbook = client.http.get("/thiet-ke/phieu/citizen/2024.1/tai-ve.xlsx").data
    page = "/thiet-ke/nhap/"
    client.post(page, page, cach="tep", file=(workbook, "citizen.xlsx"))
    assert form_of(app, "/thiet-ke/nhap/2").question("procedures_posted").choices.name == "satisfaction5"
    shown = client.post(page, page, 422, cach="tep", file=(b"PK\x03\x04 nothing", "x.xlsx"))
    assert "error-summary" in shown


def test_a_rating_matrix_is_made_and_what_it_needs_is_said(app, client, draft):
    send(client, f"{draft}/cau/went", f"{draft}/cau/went", type="rating_matrix")
    shown = client.get(draft)
    for need in ("“một đơn vị”", "không có phương án “chưa tiếp xúc”"):
        assert need in shown
    send(client, f"{draft}/cai-dat", f"{draft}/cai-dat", rates="many_units")
    page = f"{draft}/danh-sach/yes_no"
    send(client, page, page, **{"new.vi": "Chưa tiếp xúc", "new-missing": "not_familiar"})
    shown = client.get(draft)
    assert "chưa tiếp xúc” trong" not in shown
    assert "Điều kiện không xét được câu “went”" in shown, "no condition looks at a matrix"


@pytest.mark.parametrize("fields", [{"revision": "x" * 50}, {"revision": "٣"}, {"act": "cau-len:\x00"}, {"act": "a" * 9_000},
                                    {"act": "cau-xoa:" + "q" * 9_000, "revision": "1"}])
def test_nonsense_is_answered_with_a_page(client, draft, fields):
    answer = client.http.post(f"{draft}/thao-tac", data={"csrf_token": client.token(draft)} | fields)
    assert answer.status_code in (302, 422)


def test_a_page_that_lacks_fields_is_refused_with_a_page(client, draft):
    fields = {"csrf_token": client.token(draft), "revision": "1", "name": "went", "label.vi": "Chữ của tôi"}
    answer = client.http.post(f"{draft}/cau/comment", data=fields)
    assert answer.status_code == 422
    assert "Chữ của tôi" in answer.get_data(as_text=True)
