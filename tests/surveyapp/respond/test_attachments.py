"""Files of respondents: sent with a page, kept when something else is wrong, replaced, removed, sealed, withdrawn, taken."""

import csv
import io
import os
import stat
import time
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from documents.faults import Faults
from questionnaires import document
from questionnaires.answers import WORDS
from surveyapp.extensions import db
from surveyapp.models import Attachment, AuditEntry, Campaign
from surveyapp.queries import campaigns, questionnaires
from surveyapp.services import attachments, collect, freeze, unfinished
from surveyapp.services.responses import export_responses, import_responses
from tests import factories
from tests.surveyapp.respond.browsing import words
from tests.surveyapp.respond.pictures import PDF, SECRETS, picture
from tests.surveyapp.respond.test_respond_journeys import begin, receipt_on
from tests.surveyapp.staff_client import StaffClient, make_staff

SENDING = """\
form_id: sending
version: "1"
title: {vi: Phiếu gửi tệp}
languages: [vi]
respondent_groups: [citizens]
rates: one_unit
collects: [files]
consent:
  purpose: {vi: Mục đích}
  data: {vi: Dữ liệu}
  controller: {vi: Đơn vị}
  rights: {vi: Quyền}
  contact: {vi: Liên hệ}
choices:
  yes_no:
    - {name: "yes", label: {vi: Có}}
    - {name: "no", label: {vi: Không}}
pages:
  - name: proof
    label: {vi: Bằng chứng}
    questions:
      - {type: image, name: photo, label: {vi: Ảnh giấy hẹn}, required: yes}
      - {type: file, name: letter, label: {vi: Văn bản trả lời}}
      - {type: integer, name: days, label: {vi: "Mấy ngày?"}}
  - name: about
    label: {vi: Về ảnh}
    relevant: "${photo} != ''"
    questions:
      - {type: select_one yes_no, name: clear, label: {vi: "Ảnh có rõ không?"}, required: yes}
      - {type: image, name: better, label: {vi: Ảnh rõ hơn}, relevant: "${clear} = 'no'"}
  - repeat: visits
    label: {vi: Lần đến}
    pages:
      - name: visit
        label: {vi: Một lần đến}
        questions:
          - {type: image, name: desk, label: {vi: Ảnh quầy}}
          - {type: text, name: said, label: {vi: "Nghe nói gì?"}}
  - name: last
    label: {vi: Cuối}
    questions:
      - {type: text, name: comment, label: {vi: Ý kiến}}
"""
PATH = "/k/THU2026/sending?unit=LONGPHU"


def sent(source: bytes, name: str = "anh.jpg", kind: str = "image/jpeg") -> tuple:
    return io.BytesIO(source), name, kind


def forms() -> None:
    factories.province(forms=("everything",), also={"sending": SENDING})


@pytest.fixture(scope="module")
def beforehand():
    return forms


@pytest.fixture
def rows(app):
    def look() -> list[Attachment]:
        with app.app_context():
            return list(db.session.scalars(select(Attachment).order_by(Attachment.question, Attachment.time)))

    return look


@pytest.fixture
def folder(app):
    return app.config["DATA_FOLDER"] / "attachments"


def names(folder) -> set[str]:
    return {file.name for file in folder.iterdir()} if folder.exists() else set()


def noticed(visitor) -> list[str]:
    return [words(each) for each in visitor.page.all("p") if (each.get("id") or "").startswith("k-")]


def to_review(visitor, **fields):
    begin(visitor, PATH)
    visitor.press(photo=sent(picture("jpeg")), **fields)
    visitor.press(clear="yes")
    visitor.press(said="Xin chào")
    return visitor.press(comment="Hết")


def test_a_picture_is_kept_when_another_field_is_wrong_and_never_with_its_place(app, visitor, stored, rows, folder):
    begin(visitor, PATH)
    assert visitor.page.form().get("enctype") == "multipart/form-data"
    visitor.press(photo=sent(picture("jpeg"), "../../../etc/passwd\x00.exe", "text/html"), days="mười", status=422)
    assert visitor.page.summary == ["Mấy ngày? – Câu trả lời không phải là một số."]
    assert noticed(visitor) == ["Đã nhận tệp JPEG, 1 kB. Muốn thay thì chọn tệp khác."]
    [row] = rows()
    assert (row.question, row.time, row.kind) == ("photo", 0, "jpeg")
    assert stored()[0].answers == {"photo": f"file:{row.id}"}
    assert names(folder) == {row.id}
    source = (folder / row.id).read_bytes()
    assert len(source) == row.size
    assert not any(secret in source for secret in SECRETS)
    with Image.open(io.BytesIO(source)) as shown:
        assert not shown.getexif().get_ifd(0x8825)
    assert stat.S_IMODE(os.stat(folder / row.id).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    visitor.press(days="3")
    assert visitor.page.heading == "Về ảnh", "a condition sees that there is a file"
    assert stored()[0].answers == {"photo": f"file:{row.id}", "days": "3"}
    visitor.get(visitor.page.links()["‹ Trang trước"])
    visitor.press()
    assert [each.id for each in rows()] == [row.id], "a page sent again without a file keeps the one that is there"


def test_a_file_is_replaced_and_removed(visitor, stored, rows, folder):
    begin(visitor, PATH)
    visitor.press(photo=sent(picture("jpeg")), letter=sent(PDF, "thu.pdf"))
    first = {row.question: row.id for row in rows()}
    visitor.get(visitor.page.links()["‹ Trang trước"])
    visitor.press(photo=sent(picture("webp")), **{"letter:remove": "yes"})
    [row] = rows()
    assert (row.kind, row.question) == ("webp", "photo")
    assert row.id not in first.values()
    assert names(folder) == {row.id}
    assert stored()[0].answers == {"photo": f"file:{row.id}"}
    visitor.get(visitor.page.links()["‹ Trang trước"])
    visitor.press(status=422, **{"photo:remove": "yes"})
    assert visitor.page.summary == ["Ảnh giấy hẹn – Câu hỏi này chưa được trả lời."]
    assert (rows(), names(folder), stored()[0].answers) == ([], set(), {})


@pytest.mark.parametrize(("source", "said"), [
    (b"", "Tệp này rỗng."),
    (PDF, "Nội dung của tệp này không phải là JPEG, PNG, WebP."),
    (b"<script>alert(1)</script>", "Nội dung của tệp này không phải là JPEG, PNG, WebP."),
    (b"\xff\xd8\xff" + b"\0" * 6_000_000, "Tệp này lớn hơn 5 MB."),
    (b"\xff\xd8\xff" + b"\0" * 20_000_000, "Tệp này lớn hơn 5 MB."),
    (b"\xff\xd8\xff" + b"\0" * 900, "Không đọc được ảnh này."),
])
def test_what_cannot_be_kept_is_told_at_its_question_and_the_one_before_stays(visitor, stored, rows, folder, source, said):
    begin(visitor, PATH)
    visitor.press(status=422, photo=sent(source), days="3")
    assert visitor.page.summary == [f"Ảnh giấy hẹn – {said}"]
    assert (rows(), names(folder), stored()[0].answers) == ([], set(), {"days": "3"})
    visitor.press(photo=sent(picture("png")))
    [row] = rows()
    visitor.get(visitor.page.links()["‹ Trang trước"])
    visitor.press(status=422, photo=sent(source), **{"photo:remove": "yes"})
    assert visitor.page.summary == [f"Ảnh giấy hẹn – {said}"]
    assert [each.id for each in rows()] == [row.id]
    assert noticed(visitor)


def test_fifty_megabytes_are_refused_unread_and_two_where_no_file_is_asked(visitor, other_visitor, stored, rows):
    begin(visitor, PATH)
    here, data = visitor.prepared(photo=sent(b"\xff\xd8\xff" + b"\0" * 50_000_000))
    visitor.post(here, data, status=413)
    assert visitor.page.heading == "Nội dung gửi lên quá lớn"
    begin(other_visitor, "/k/THU2026/everything?unit=LONGPHU")
    here, data = other_visitor.prepared(went="no", photo=sent(b"\xff\xd8\xff" + b"\0" * 3_000_000))
    other_visitor.post(here, data, status=413)
    assert rows() == []
    assert [response.answers for response in stored()] == [{}, {}]


def test_a_form_that_asks_for_none_takes_none(visitor, stored, rows, folder):
    begin(visitor, "/k/THU2026/everything?unit=LONGPHU")
    visitor.press(went="no", photo=sent(picture("png")), times=sent(picture("png")))
    assert stored()[0].answers == {"went": "no"}
    assert (rows(), names(folder)) == ([], set())


def test_a_reference_cannot_be_typed(visitor, other_visitor, stored, rows):
    begin(visitor, PATH)
    visitor.press(photo=sent(picture("png")))
    [row] = rows()
    begin(other_visitor, PATH)
    for typed in (f"file:{row.id}", "file:" + "0" * 32, "x"):
        other_visitor.press(status=422, photo=typed, letter=typed)
        assert other_visitor.page.summary == ["Ảnh giấy hẹn – Câu hỏi này chưa được trả lời."]
    assert sorted(len(response.answers) for response in stored()) == [0, 1]


def test_ten_megabytes_at_most_for_a_form(visitor, rows, folder):
    begin(visitor, PATH)
    large = b"%PDF-1.4\n" + b"0" * 4_900_000 + b"\n%%EOF\n"
    visitor.press(photo=sent(picture("png")), letter=sent(large))
    visitor.press(clear="no")
    visitor.press(clear="no", better=sent(noisy(1_200)))
    assert sum(row.size for row in rows()) > 9_000_000
    visitor.press("Tiếp tục", status=422, desk=sent(noisy(700)), said="Xin chào")
    assert visitor.page.summary == ["Ảnh quầy – Các tệp của phiếu này cộng lại lớn hơn 10 MB."]
    visitor.get(visitor.page.path.split("/trang")[0] + "/trang/proof")
    visitor.press(letter=sent(large), days="1")
    assert len(rows()) == 3, "what replaces needs no room of its own"
    assert names(folder) == {row.id for row in rows()}


def noisy(side: int) -> bytes:
    made = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(made, "PNG", compress_level=0)
    return made.getvalue()


def test_files_of_a_repeat_stay_with_their_time(visitor, stored, rows, folder):
    to_visits(visitor)
    visitor.press("Thêm một mục nữa", desk=sent(picture("png")), said="một")
    visitor.press("Thêm một mục nữa", desk=sent(picture("jpeg")), said="hai")
    visitor.press("Tiếp tục", desk=sent(picture("webp")), said="ba")
    assert [(row.time, row.kind) for row in rows() if row.question == "desk"] == [(1, "png"), (2, "jpeg"), (3, "webp")]
    visitor.get(visitor.page.path.replace("last", "visit.3"))
    third = visitor.prepared(said="ba, sửa")
    visitor.get(visitor.page.path.replace("visit.3", "visit.2"))
    second = visitor.prepared(said="hai, sửa")
    visitor.press("Xóa mục này")
    visitor.post(third[0], third[1] | {"desk": sent(picture("webp"))})
    visitor.post(second[0], second[1] | {"desk": sent(picture("jpeg"))}, status=409)
    assert "Tệp vừa chọn thì chưa nhận được" in visitor.page.text
    assert [(row.time, row.kind) for row in rows() if row.question == "desk"] == [(1, "png"), (2, "webp")]
    assert {each["desk"] for each in stored()[0].answers["visits"]} == {
        f"file:{row.id}" for row in rows() if row.question == "desk"}
    assert names(folder) == {row.id for row in rows()}


def to_visits(visitor):
    begin(visitor, PATH)
    visitor.press(photo=sent(picture("jpeg")))
    return visitor.press(clear="yes")


def test_what_does_not_count_in_the_end_is_not_handed_in(visitor, stored, rows, folder):
    begin(visitor, PATH)
    visitor.press(photo=sent(picture("jpeg")))
    visitor.press(clear="no")
    visitor.press(clear="no", better=sent(picture("png")))
    visitor.get(visitor.page.path.split("/trang")[0] + "/trang/about")
    visitor.press(clear="yes")
    assert len(rows()) == 2, "it comes back when the question comes back"
    visitor.press()
    visitor.press()
    assert [words(each) for each in visitor.page.all("dd") if "tệp" in words(each)] == ["Đã nhận tệp"]
    visitor.press("Gửi phiếu")
    [row] = rows()
    assert row.question == "photo"
    assert names(folder) == {row.id}
    assert stored()[0].answers["photo"] == f"file:{row.id}"


def test_sealed_files_never_change_and_go_when_the_form_is_withdrawn(app, visitor, rows, folder):
    to_review(visitor)
    visitor.press("Gửi phiếu")
    receipt = receipt_on(visitor)
    with app.app_context():
        for change in ("DELETE FROM attachments", "UPDATE attachments SET sha256 = 'x'", "DELETE FROM responses",
                       "INSERT INTO attachments SELECT '0', response_id, question, time, sha256, kind, size FROM attachments"):
            with pytest.raises(DBAPIError, match="attachment|sealed_response_kept"):
                db.session.execute(text(change))
            db.session.rollback()
    assert names(folder) == {rows()[0].id}
    with app.app_context():
        collect.withdraw(receipt)
        collect.withdraw(receipt)
    assert (rows(), names(folder)) == ([], set())


def test_files_of_what_is_never_handed_in_are_erased_with_it(app, visitor, other_visitor, stored, rows, folder):
    to_review(visitor)
    to_review(other_visitor)
    other_visitor.press("Gửi phiếu")
    [handed_in] = [each.id for each in stored() if each.state == "sealed"]
    with app.app_context():
        over = db.session.scalar(select(Campaign)).unfinished_until + timedelta(days=1)
        assert unfinished.erase(over) == {"THU2026": 1}
    [row] = rows()
    assert (row.response_id, names(folder)) == (handed_in, {row.id})
    visitor.get(visitor.page.path, status=410)
    assert visitor.page.heading == "Phiếu này không còn mở được"


def test_a_stop_half_way_is_mended_at_the_next_start(app, visitor, rows, folder, monkeypatch):
    to_review(visitor)
    [row] = rows()
    left, written = "1" * 32, row.id
    for name in (left, f"{left}.new", f"{left}.undecided", f"{written}.undecided", "2" * 32, "notes.txt"):
        (folder / name).write_bytes(b"x") if name != written else None
    with app.app_context():
        attachments.mend()
        assert len(names(folder)) == 7, "a page may be being stored right now"
        for file in folder.iterdir():
            os.utime(file, (time.time() - 7_200,) * 2)
        attachments.mend()
    assert names(folder) == {written, "2" * 32, "notes.txt"}, "what no mark speaks of may belong to another database"


def test_what_was_not_committed_leaves_nothing_behind(app, visitor, rows, folder, monkeypatch):
    begin(visitor, PATH)
    here, data = visitor.prepared(photo=sent(picture("png")))
    with monkeypatch.context() as patched:
        patched.setattr("sqlalchemy.orm.Session.commit", lambda _session: (_ for _ in ()).throw(RuntimeError("no room")))
        with pytest.raises(RuntimeError):
            visitor.http.post(here, data=data)
    assert (rows(), names(folder)) == ([], set())


def test_analysts_take_files_away_and_it_is_written_down(app, visitor, rows, folder):
    begin(visitor, PATH)
    visitor.press(photo=sent(picture("jpeg")), letter=sent(PDF))
    letter, photo = rows()
    address = "/ket-qua/dot/THU2026/tep-da-gui"
    with app.app_context():
        make_staff()
    for role, status in ((None, 302), ("designer", 403)):
        client = StaffClient(app)
        if role:
            client.sign_in(role)
        client.get(address, status)
        client.get(f"{address}/{photo.id}", status)
    analyst = StaffClient(app)
    analyst.sign_in("analyst")
    assert "Chưa có phiếu đã gửi nào kèm tệp." in analyst.get(address)
    analyst.get(f"{address}/{photo.id}", 404)
    visitor.press(clear="yes")
    visitor.press()
    visitor.press()
    visitor.press("Gửi phiếu")
    assert "Tệp người trả lời gửi (2)" in analyst.get("/ket-qua/")
    assert "Ảnh giấy hẹn" in analyst.get(address)
    for row, mimetype, source in ((photo, "image/jpeg", (folder / photo.id).read_bytes()), (letter, "application/pdf", PDF)):
        answer = analyst.http.get(f"{address}/{row.id}")
        assert (answer.status_code, answer.mimetype, answer.data) == (200, mimetype, source)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{row.id}.{row.kind}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "no-store"
    for wrong in ("0" * 32, "..%2Fsecret_key", "x\x00"):
        assert analyst.http.get(f"{address}/{wrong}").status_code == 404
    with app.app_context():
        taken = db.session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "attachment")).all()
        assert taken == [f"{photo.id}, đợt THU2026", f"{letter.id}, đợt THU2026"]
    (folder / photo.id).write_bytes(b"something else")
    assert "không còn khớp với mã băm" in analyst.get(f"{address}/{photo.id}", 409)
    (folder / photo.id).unlink()
    assert "Không đọc được nội dung" in analyst.get(f"{address}/{photo.id}", 409)


def test_tables_name_files_and_bring_none_in(app, visitor, rows, folder):
    to_review(visitor)
    visitor.press("Gửi phiếu")
    [row] = rows()
    with app.app_context():
        source = export_responses("THU2026", "sending")
        [cells] = csv.DictReader(source.decode("utf-8-sig").splitlines())
        assert (cells["photo"], cells["letter"]) == (f"file:{row.id}", "")
        with pytest.raises(Faults) as told:
            import_responses("THU2026", "sending", source, "lai.csv")
        assert [(each.place, each.reason.split(": ", 1)[1], each.mend) for each in told.value.faults] == [(
            "lai.csv, dòng 2, cột “photo”", WORDS["no_files"].reason, WORDS["no_files"].mend)]
        without = source.replace(f"file:{row.id}".encode(), b"").replace(b",yes,", b",,")
        assert import_responses("THU2026", "sending", without, "giay.csv") == 1, "a form on paper has no file"
        paper = "receipt,respondent_group,unit,answered_on,clear\ng-1,citizens,LONGPHU," + cells["answered_on"] + ","
        assert import_responses("THU2026", "sending", paper.encode(), "giay.csv") == 1


def test_files_are_in_no_frozen_file(app, visitor, rows, folder):
    to_review(visitor, letter=sent(PDF))
    visitor.press("Gửi phiếu")
    with app.app_context():
        campaign = campaigns.by_code("THU2026")
        forms = {each.form_id: each for each in map(questionnaires.parsed, questionnaires.of_campaign(campaign.id).values())}
        with freeze.frozen(campaign.id, forms) as frozen:
            assert frozen.responses == 1
    kept = [file for file in (app.config["DATA_FOLDER"] / "frozen").rglob("*") if file.is_file()]
    assert kept
    assert not any(row.id.encode() in file.read_bytes() for row in rows() for file in kept)


def test_a_condition_on_a_file_is_judged_before_publishing():
    form = document.load(SENDING.encode(), "phieu.yaml")
    assert form.question("photo").required
    for wrong in ("collects: [location]", "collects: [paradata]"):
        with pytest.raises(Faults, match="thu thập thêm dữ liệu"):
            document.load(SENDING.replace("collects: [files]", wrong).encode(), "phieu.yaml")
