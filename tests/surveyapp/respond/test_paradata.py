"""Time per page and kind of device: measured without a script, kept only where the form says so, gone with the answers."""

import csv

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from surveyapp.extensions import db
from surveyapp.services import collect
from surveyapp.services.paradata import Visit
from surveyapp.services.responses import export_responses, import_responses
from surveyapp.services.version_export import export_all_versions
from surveyapp.web.clock import today
from surveyapp.web.respond import visits
from tests import factories
from tests.surveyapp.respond.browsing import words
from tests.surveyapp.respond.test_respond_journeys import EVERYTHING, FIRST, begin, receipt_on

TIMED = factories.EVERYTHING.replace("form_id: everything", "form_id: timed\ncollects: [paradata]")
SPOKEN = factories.KINDS.read_text().replace("form_id: kinds", "form_id: spoken").replace("files]", "files, paradata]")
PATH = "/k/THU2026/timed?unit=LONGPHU"
SAID = {"vi": "Phiếu này còn lưu thời gian", "km": "កម្រងសំណួរនេះក៏រក្សាទុករយៈពេល", "en": "This form also keeps how long"}
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
ANDROID_TABLET = "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
FIREFOX_TABLET = "Mozilla/5.0 (Android 13; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


class Clock:
    """What the signed times of pages are made from and measured by; those of the session go on as ever."""

    def __init__(self, monkeypatch):
        self.now = 1_800_000_000
        really = TimestampSigner.get_timestamp
        monkeypatch.setattr(TimestampSigner, "get_timestamp",
                            lambda signer: self.now if b"page on screen" in signer.salt else really(signer))


def forms() -> None:
    factories.province(forms=("everything",), also={"timed": TIMED, "spoken": SPOKEN})


@pytest.fixture(scope="module")
def beforehand():
    return forms


@pytest.fixture
def clock(monkeypatch, visitor):
    """With a form open at its first page, on a phone."""
    visitor.http.environ_base["HTTP_USER_AGENT"] = ANDROID
    clock = Clock(monkeypatch)
    begin(visitor, PATH)
    return clock


@pytest.mark.parametrize(("agent", "device"), [
    (IPHONE, "phone"), (ANDROID, "phone"), (ANDROID_TABLET, "tablet"), (IPAD, "tablet"), (FIREFOX_TABLET, "tablet"),
    (WINDOWS, "computer"), ("", "computer"), ("curl/8\x00<script>" * 9_000, "computer")])
def test_of_the_user_agent_one_word_remains(agent, device):
    assert visits.device_of(agent) == device


def test_seconds_add_up_page_by_page_over_visits(visitor, stored, clock):
    clock.now += 20
    visitor.press(went="perhaps", status=422)
    clock.now += 5
    visitor.press(went="yes")
    clock.now += 7
    visitor.press(**FIRST)
    clock.now += 11
    visitor.press()
    assert stored()[0].paradata == {"device": "phone", "seconds": {"first": 32, "second": 11}}
    visitor.get(visitor.page.links()["‹ Trang trước"])
    clock.now += 4
    visitor.http.environ_base["HTTP_USER_AGENT"] = WINDOWS
    visitor.press()
    assert stored()[0].paradata == {"device": "computer", "seconds": {"first": 32, "second": 15}}


def test_an_hour_at_most_is_counted_and_a_day_not_at_all(visitor, stored, clock):
    path, sent = visitor.prepared(went="no")
    clock.now += 10 * 3_600
    visitor.post(path, sent)
    assert stored()[0].paradata["seconds"] == {"first": 3_600}
    clock.now += 20 * 3_600
    visitor.post(path, sent)
    assert stored()[0].paradata["seconds"] == {"first": 3_600}
    assert stored()[0].answers == {"went": "no"}


def test_a_time_that_is_missing_forged_or_of_elsewhere_is_none(app, visitor, other_visitor, stored, clock):
    path, sent = visitor.prepared(went="no")
    good = sent.pop("opened")[0]
    begin(other_visitor, PATH)
    of_another_form = other_visitor.page.fields(other_visitor.page.form())["opened"][0]
    mark = path.split("/")[2]
    with app.app_context():
        other_key = URLSafeTimedSerializer("another key", salt="page on screen").dumps([mark, "first"])
        other_page = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="page on screen").dumps([mark, "third"])
    clock.now += 30

    def kept():
        return next(each for each in stored() if each.answers)

    for wrong in (None, "", "x", good[:-1] + "?", good[1:], "." * 200_000, "\x00", of_another_form, other_key, other_page):
        visitor.post(path, sent if wrong is None else {**sent, "opened": wrong})
        assert kept().paradata == {"device": "phone", "seconds": {}}, wrong
    clock.now -= 100
    visitor.post(path, {**sent, "opened": good})
    assert kept().paradata["seconds"] == {}, "shown later than it was sent"
    clock.now += 100
    visitor.post(path, {**sent, "opened": good})
    assert kept().paradata["seconds"] == {"first": 30}


def test_a_form_that_declares_nothing_keeps_nothing_whatever_is_sent(app, visitor, stored, monkeypatch):
    Clock(monkeypatch)
    begin(visitor, EVERYTHING)
    assert 'name="opened"' not in visitor.page.text
    path, sent = visitor.prepared(went="no")
    with app.app_context():
        stamp = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="page on screen").dumps([path.split("/")[2], "first"])
    visitor.post(path, {**sent, "opened": stamp})
    visitor.press(comment="")
    visitor.press("Gửi phiếu")
    assert stored()[0].state == "sealed"
    assert stored()[0].paradata is None
    with app.app_context():
        collect.start("THU2026", "everything", "citizens", "LONGPHU", "AAAA-BBBB-CCCC-DDDD", "vi", today())
        collect.store_page("AAAA-BBBB-CCCC-DDDD", "first", {"went": ["no"]}, "vi", today(), Visit("phone", 9))
        assert {kept for kept, in db.session.execute(text("SELECT paradata FROM responses"))} == {None}
        assert "paradata" not in export_responses("THU2026", "everything").decode().splitlines()[0]


@pytest.mark.parametrize("language", SAID)
def test_consent_says_it_in_every_language_and_only_where_it_is_so(visitor, language):
    visitor.get(f"/?lang={language}")
    visitor.get("/k/THU2026/spoken?unit=LONGPHU")
    assert any(words(each).startswith(SAID[language]) for each in visitor.page.all("dd"))
    visitor.get("/k/THU2026/everything?unit=LONGPHU")
    assert not any(said in visitor.page.text for said in SAID.values())


def test_sealed_times_never_change_and_go_with_the_answers(app, visitor, stored, clock):
    clock.now += 12
    visitor.press(went="no")
    visitor.press(comment="Cảm ơn")
    visitor.press("Gửi phiếu")
    receipt = receipt_on(visitor)
    [sealed] = stored()
    assert sealed.paradata == {"device": "phone", "seconds": {"first": 12, "third": 0}}
    with app.app_context():
        for change in ("paradata = NULL", "state = 'withdrawn', answers = '{}'",
                       "state = 'withdrawn', answers = '{}', paradata = '{}'"):
            with pytest.raises(DBAPIError, match="sealed_response_unchanged"):
                db.session.execute(text(f"UPDATE responses SET {change}"))
            db.session.rollback()
        collect.withdraw(receipt)
        assert db.session.execute(text("SELECT state, paradata FROM responses")).all() == [("withdrawn", None)]


def test_a_resent_page_of_an_old_tab_keeps_its_answers(visitor, stored, clock):
    path, sent = visitor.prepared(went="no")
    sent["csrf_token"] = "x"
    visitor.http.application.config["WTF_CSRF_ENABLED"] = True
    visitor.post(path, sent, status=400)
    assert visitor.page.fields(visitor.page.form())["went"] == ["no"]
    assert stored()[0].paradata is None


def test_the_export_has_them_where_declared_and_an_import_leaves_them_alone(app, visitor, other_visitor, stored, clock):
    clock.now += 12
    visitor.press(went="no")
    clock.now += 3
    visitor.press(comment="Cảm ơn")
    visitor.press("Gửi phiếu")
    with app.app_context():
        source = export_responses("THU2026", "timed")
        [row] = csv.DictReader(source.decode("utf-8-sig").splitlines())
        assert (row["paradata.seconds"], row["paradata.device"]) == ("15", "phone")
        every = export_all_versions("timed").responses
        [row] = csv.DictReader(every.decode("utf-8-sig").splitlines())
        assert (row["paradata.seconds"], row["paradata.device"]) == ("15", "phone")
        assert import_responses("THU2026", "timed", source, "lai.csv") == 1
        rows = list(csv.DictReader(export_responses("THU2026", "timed").decode("utf-8-sig").splitlines()))
        assert sorted((row["paradata.seconds"], row["comment"]) for row in rows) == [("", "Cảm ơn"), ("15", "Cảm ơn")]
