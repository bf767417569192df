"""Drafts of questionnaires on both databases: two editors, undo, review by a second person, and what is then published."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from documents.faults import Faults
from questionnaires import document, editing
from surveyapp.errors import NotFound, Refused
from surveyapp.extensions import db
from surveyapp.models import AuditEntry, Campaign, CampaignQuestionnaire, QuestionnaireDraftRevision, QuestionnaireVersion
from surveyapp.queries import drafts as stored
from surveyapp.services import accounts, drafts, questionnaires
from tests.questionnaires.drafts import GROUPED


@pytest.fixture
def people(app_context):
    """Three designers: their account numbers."""
    return [accounts.create_account(name, name, "designer", "con trâu đi cày ruộng").id for name in ("anh", "binh", "chi")]


@pytest.fixture
def draft(people):
    return drafts.begin_from_document(GROUPED.encode(), "grouped.yaml", people[0])


def label(words: str, name: str = "went"):
    return lambda form: editing.change_question(form, name, label=editing.text(words, "vi"))


def asked(draft, name: str = "went") -> str:
    return stored.parsed(stored.draft(draft.id).document).question(name).label.in_language("vi")


def save(draft, words: str, who: int, **more):
    return drafts.save(draft.id, label(words), stored.draft(draft.id).revision, who, more.pop("what", words), **more)


def acts() -> list[str]:
    return [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]


def test_a_draft_begins_empty_or_from_a_version_or_from_a_file(people):
    empty = drafts.begin("one_stop", "Phiếu một cửa", people[0])
    assert stored.parsed(empty.document).title.in_language("vi") == "Phiếu một cửa"
    version = questionnaires.import_questionnaire(GROUPED.encode(), "g.yaml")
    copy = drafts.begin_from_version(version.id, people[0])
    assert (copy.form_id, copy.based_on) == ("grouped", version.id)
    assert stored.parsed(copy.document).version == "2"
    unfinished = GROUPED.replace('version: "1"', 'version: "nháp"').encode()
    assert stored.parsed(drafts.begin_from_document(unfinished, "n.yaml", people[0]).document).version == "nháp"
    assert [each.id for each in stored.unpublished()] == [3, 2, 1]
    assert acts() == ["begin_draft"] * 3


@pytest.mark.parametrize("begin", [
    lambda who: drafts.begin("có dấu", "", who), lambda who: drafts.begin("", "", who),
    lambda who: drafts.begin_from_document(b"form_id: x\nfoo: 1\n", "x.yaml", who),
    lambda who: drafts.begin_from_document(GROUPED.replace("form_id: grouped", 'form_id: "a\\0b"').encode(), "x.yaml", who),
    lambda who: drafts.begin_from_document(b"\x00\xff", "x.yaml", who),
    lambda who: drafts.begin_from_document(GROUPED.replace("Phiếu thử", '"\\ud800"').encode(), "x.yaml", who),
])
def test_what_cannot_be_begun_leaves_nothing(people, begin):
    with pytest.raises(Faults):
        begin(people[0])
    assert not stored.unpublished()


def test_what_is_not_there_is_said(people):
    with pytest.raises(NotFound):
        drafts.begin_from_version(99, people[0])
    with pytest.raises(NotFound):
        drafts.save(99, label("x"), 1, people[0], "x")


def test_two_editors_the_second_gets_both_texts_and_loses_nothing(draft, people):
    seen = draft.revision
    drafts.save(draft.id, label("của An"), seen, people[0], "sửa")
    with pytest.raises(drafts.Stale) as stale:
        drafts.save(draft.id, label("của Bình"), seen, people[1], "sửa")
    mine, theirs = (stored.parsed(each).question("went").label.in_language("vi")
                    for each in (stale.value.mine, stale.value.theirs))
    assert (mine, theirs) == ("của Bình", "của An")
    assert asked(draft) == "của An"
    drafts.save(draft.id, label("của Bình"), stale.value.revision, people[1], "sửa")
    assert asked(draft) == "của Bình"


def test_of_two_saves_at_the_same_time_one_wins_and_one_is_told(app_context, draft, people):
    db.session.rollback()

    def at_once(number: int) -> str:
        with app_context.app_context():
            stored.draft(draft.id)  # as a page does, which has read before it writes
            barrier.wait()
            try:
                drafts.save(draft.id, label(f"của {number}"), 1, people[number], "sửa")
            except drafts.Stale:
                return "told"
            return "won"

    barrier = Barrier(3)
    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(at_once, range(3))) == ["told", "told", "won"]


def test_an_edit_that_fits_nowhere_any_more_says_so(draft, people):
    seen = draft.revision
    drafts.save(draft.id, lambda form: editing.remove_question(form, "comment"), seen, people[0], "xóa")
    with pytest.raises(drafts.Stale) as stale:
        drafts.save(draft.id, label("x", "comment"), seen, people[1], "sửa")
    assert stale.value.mine is not None
    with pytest.raises(drafts.Stale) as stale:
        drafts.save(draft.id, label("x", "never"), seen, people[1], "sửa")
    assert stale.value.mine is None


def test_a_refused_edit_and_an_edit_of_nothing_write_nothing(draft, people):
    with pytest.raises(Faults):
        drafts.save(draft.id, lambda form: editing.rename_question(form, "went", "unit"), 1, people[0], "x")
    assert drafts.save(draft.id, lambda form: form, 1, people[0], "x").revision == 1
    huge = editing.text("x" * 2_000_001, "vi")
    with pytest.raises(Faults, match="quá lớn"):
        drafts.save(draft.id, lambda form: editing.change_question(form, "went", hint=huge), 1, people[0], "x")
    assert stored.draft(draft.id).revision == 1


def test_undo_and_redo_walk_back_and_forth_until_something_new_is_written(draft, people):
    first = asked(draft)
    for words in ("a", "b", "c"):
        save(draft, words, people[0])
    seen = [asked(draft)]
    for _ in range(3):
        drafts.undo(draft.id, stored.draft(draft.id).revision, people[1])
        seen.append(asked(draft))
    assert seen == ["c", "b", "a", first]
    with pytest.raises(Refused, match="hoàn tác"):
        drafts.undo(draft.id, stored.draft(draft.id).revision, people[1])
    for words in ("a", "b"):
        drafts.redo(draft.id, stored.draft(draft.id).revision, people[1])
        assert asked(draft) == words
    save(draft, "d", people[0])
    with pytest.raises(Refused, match="làm lại"):
        drafts.redo(draft.id, stored.draft(draft.id).revision, people[0])
    drafts.undo(draft.id, stored.draft(draft.id).revision, people[0])
    assert asked(draft) == "b"
    with pytest.raises(drafts.Stale):
        drafts.undo(draft.id, 1, people[0])


def test_autosaves_of_one_page_are_one_step_to_undo(draft, people):
    before = asked(draft)
    for words in ("H", "Ha", "Hai"):
        save(draft, words, people[0], what="câu went", autosaved=True)
    save(draft, "Hai ba", people[0], what="câu went")
    save(draft, "khác", people[0], what="câu went")
    drafts.undo(draft.id, stored.draft(draft.id).revision, people[0])
    assert asked(draft) == "Hai ba"
    drafts.undo(draft.id, stored.draft(draft.id).revision, people[0])
    assert asked(draft) == before
    save(draft, "A", people[0], what="câu went", autosaved=True)
    save(draft, "B", people[1], what="câu went", autosaved=True)
    drafts.undo(draft.id, stored.draft(draft.id).revision, people[0])
    assert asked(draft) == "A", "what another person wrote is a step of its own"


def test_names_with_control_characters_leave_the_list_of_changes_readable(people):
    strange = drafts.begin_from_document(GROUPED.replace("name: third", 'name: "a\\0b"').encode(), "x.yaml", people[0])
    drafts.save(strange.id, lambda form: editing.move_page(form, "a\0b", -1), 1, people[0], "Đưa lên a\0b")
    assert stored.changes(strange.id)[0][0].what == "Đưa lên ab"


def test_only_so_many_states_are_kept(draft, people, monkeypatch):
    monkeypatch.setattr(drafts, "KEPT", 3)
    for number in range(6):
        save(draft, str(number), people[0])
    assert db.session.query(QuestionnaireDraftRevision).count() == 3
    drafts.undo(draft.id, 7, people[0])
    assert asked(draft) == "4"


def test_a_draft_with_faults_is_not_put_forward_and_all_faults_are_told(draft, people):
    drafts.save(draft.id, lambda form: editing.add_page(editing.change_settings(form, minutes=999), "Trống"), 1, people[0], "x")
    questionnaires.import_questionnaire(GROUPED.encode(), "g.yaml")
    with pytest.raises(Faults) as refusal:
        drafts.submit_for_review(draft.id, 2, people[0])
    told = str(refusal.value)
    assert "999 phút" in told
    assert "Trang 4 “Trống”: câu hỏi: Trang “trong” không có câu hỏi." in told
    assert "đã có phiên bản “1”" in told
    assert stored.draft(draft.id).state == "draft"


def test_a_question_that_no_longer_compares_with_last_year_must_say_so(people):
    version = questionnaires.import_questionnaire(GROUPED.encode(), "g.yaml")
    today = date(2026, 11, 25)
    campaign = Campaign(code="X", name="X", year=2026, opens_on=today, closes_on=today, state="open")
    session = db.writing()
    session.add(campaign)
    session.flush()
    session.add(CampaignQuestionnaire(campaign_id=campaign.id, questionnaire_version_id=version.id, form_id="grouped"))
    session.commit()
    draft = drafts.begin_from_version(version.id, people[0])
    drafts.save(draft.id, lambda form: editing.change_type(form, "comment", "integer"), 1, people[0], "đổi loại")
    with pytest.raises(Faults) as refusal:
        drafts.submit_for_review(draft.id, 2, people[0])
    assert "comment" in str(refusal.value) or "Ý kiến" in str(refusal.value)
    told = {"comment": "Đổi cách hỏi"}
    drafts.save(draft.id, lambda form: editing.change_settings(form, breaks_series=told), 2, people[0], "khai")
    drafts.submit_for_review(draft.id, 3, people[0])
    assert drafts.approve(draft.id, 3, people[1]).version == "2"


def test_approved_by_a_second_person_it_is_published_byte_for_byte_and_stays(draft, people):
    drafts.submit_for_review(draft.id, 1, people[0])
    wanted = stored.draft(draft.id).document
    with pytest.raises(Refused, match="không tự duyệt"):
        drafts.approve(draft.id, 1, people[0])
    with pytest.raises(drafts.Stale):
        drafts.approve(draft.id, 2, people[1])
    version = drafts.approve(draft.id, 1, people[1])
    row = db.session.get(QuestionnaireVersion, version.id)
    assert row.document == wanted
    assert row.sha256 == hashlib.sha256(wanted.encode()).hexdigest()
    assert document.load(row.document.encode(), "x") == stored.parsed(wanted)
    assert (stored.draft(draft.id).state, stored.draft(draft.id).version_id) == ("published", version.id)
    assert not stored.unpublished()
    assert acts() == ["begin_draft", "submit_draft", "approve_draft"]
    with pytest.raises(Faults, match="đã được duyệt và phát hành"):
        questionnaires.import_questionnaire(GROUPED.replace("Một", "Khác").encode(), "g.yaml")
    for act in (lambda: save(draft, "x", people[2]), lambda: drafts.discard(draft.id, people[2]),
                lambda: drafts.approve(draft.id, 1, people[2]), lambda: drafts.send_back(draft.id, "x", people[2])):
        with pytest.raises(Refused):
            act()


def test_who_wrote_last_does_not_approve_though_another_put_it_forward(draft, people):
    save(draft, "câu mới", people[1])
    drafts.submit_for_review(draft.id, 2, people[0])
    for writer in people[:2]:
        with pytest.raises(Refused, match="không tự duyệt"):
            drafts.approve(draft.id, 2, writer)
    assert drafts.approve(draft.id, 2, people[2]).version == "1"


def test_in_review_nothing_changes_until_it_is_sent_back_with_a_reason(draft, people):
    drafts.submit_for_review(draft.id, 1, people[0])
    for act in (lambda: save(draft, "x", people[0]), lambda: drafts.undo(draft.id, 1, people[0]),
                lambda: drafts.discard(draft.id, people[0]), lambda: drafts.submit_for_review(draft.id, 1, people[0])):
        with pytest.raises(Refused, match="chờ duyệt"):
            act()
    for reason in ("  ", "x" * 2_001):
        with pytest.raises(Faults):
            drafts.send_back(draft.id, reason, people[1])
    drafts.send_back(draft.id, " Câu 2 khó hiểu ", people[1])
    assert stored.draft(draft.id).sent_back_reason == "Câu 2 khó hiểu"
    save(draft, "dễ hiểu", people[0])
    drafts.submit_for_review(draft.id, 2, people[0])
    assert stored.draft(draft.id).sent_back_reason is None
    drafts.approve(draft.id, 2, people[1])


def test_a_discarded_draft_is_gone_with_its_states(draft, people):
    save(draft, "x", people[0])
    drafts.discard(draft.id, people[1])
    with pytest.raises(NotFound):
        stored.draft(draft.id)
    assert db.session.query(QuestionnaireDraftRevision).count() == 0
    assert acts()[-1] == "discard_draft"


@pytest.mark.parametrize(("change", "constraint"), [
    ("state = 'lost'", "state_known"),
    ("state = 'in_review'", "submitted_until_sent_back"),
    ("submitted_by = 1", "submitted_until_sent_back"),
    ("state = 'published', submitted_by = 1, submitted_at = created_at", "published_when_approved"),
    ("approved_by = created_by", "published_when_approved|approved_by_another"),
    ("origin = 9", "revision_counts_up"),
])
def test_the_database_itself_keeps_the_rules(draft, change, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        db.session.execute(text(f"UPDATE questionnaire_drafts SET {change}"))
    db.session.rollback()
