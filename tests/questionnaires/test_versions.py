"""What changed between two versions, kind by kind, and what it means for a series of answers."""

from dataclasses import fields, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from questionnaires import document, version_words, versions
from questionnaires.model import (
    Choice,
    ChoiceList,
    Consent,
    Group,
    Page,
    Question,
    Questionnaire,
    Repeat,
    Text,
)
from questionnaires.version_changes import RULE, Change, worst
from questionnaires.version_pairs import moved
from questionnaires.version_texts import same_words, word_marks
from tests.questionnaires.test_document import questionnaires

FORM = """\
form_id: small
version: "1"
title: {vi: Phiếu thử, en: Trial}
languages: [vi, en]
respondent_groups: [citizens]
rates: one_unit
consent:
  purpose: {vi: Để thử., en: To try.}
  data: {vi: Câu trả lời., en: Answers.}
  controller: {vi: Sở Nội vụ., en: Home Affairs.}
  rights: {vi: Có thể từ chối., en: You may refuse.}
  contact: {vi: Sở Nội vụ., en: Home Affairs.}
choices:
  yes_no:
    - {name: "yes", label: {vi: Có, en: "Yes"}}
    - {name: "no", label: {vi: Không, en: "No"}}
  four:
    - {name: "1", label: {vi: Kém, en: Bad}}
    - {name: "2", label: {vi: Trung bình, en: Fair}}
    - {name: "3", label: {vi: Khá, en: Good}}
    - {name: "4", label: {vi: Tốt, en: Very good}}
    - {name: dont_know, label: {vi: Không biết, en: I do not know}, missing: dont_know}
pages:
  - name: first
    label: {vi: Trang một, en: Page one}
    questions:
      - {type: select_one yes_no, name: served, label: {vi: "Ông/Bà đã được phục vụ chưa?", en: "Served?"}, required: yes}
      - {type: select_one four, name: kind, label: {vi: Thái độ của công chức, en: Kindness}}
      - {type: integer, name: visits, label: {vi: "Bao nhiêu lần?", en: "How often?"}, constraint: ". <= 9"}
  - name: second
    label: {vi: Trang hai, en: Page two}
    hint: {vi: "Ông/Bà hài lòng ở mức nào?", en: "How content are you?"}
    relevant: "${served} = 'yes'"
    questions:
      - {type: select_one four, name: quick, label: {vi: Trả kết quả đúng hẹn, en: On time}}
      - {type: text, name: comment, label: {vi: Góp ý, en: Comment}, relevant: "${visits} > 2"}
"""
OLD = document.load(FORM.encode(), "phieu.yaml")


def changed(old: str, new: str, *more: tuple[str, str]) -> versions.Comparison:
    text = FORM
    for before, after in ((old, new), *more):
        assert before in text
        text = text.replace(before, after)
    return versions.compare(OLD, document.load(text.replace('version: "1"', 'version: "2"').encode(), "phieu.yaml"))


#: what is written anew; the kinds of change of one question, and whether its answers may stand in one series
KINDS = [
    ("Thái độ của công chức", "Thái độ phục vụ của công chức", "kind", {"wording"}, "with_care"),
    ("Thái độ của công chức,", "Thái độ,", "kind", {"wording"}, "with_care"),
    ("Thái độ của công chức", "Thái  độ của công chức.", "kind", {"spelling"}, "yes"),
    ("Góp ý", "Góp í", "comment", {"spelling"}, "yes"),
    ("en: Kindness", "en: Courtesy", "kind", {"translation"}, "yes"),
    ("en: Kindness}", "en: Kindness}, hint: {vi: Ở quầy, en: At the desk}", "kind", {"hint"}, "yes"),
    ('constraint: ". <= 9"', 'constraint: ". <= 9", constraint_message: {vi: Ít, en: Few}', "visits", {"message"}, "yes"),
    ("vi: Khá,", "vi: Tương đối tốt,", "kind", {"choice_relabelled"}, "broken"),
    ("vi: Trung bình", "vi: trung bình.", "kind", {"choice_spelling"}, "yes"),
    ("en: Fair", "en: Average", "kind", {"choice_translation"}, "yes"),
    ('    - {name: "3", label: {vi: Khá, en: Good}}\n', "", "kind", {"choice_removed"}, "broken"),
    ("  four:\n", '  four:\n    - {name: "0", label: {vi: Rất kém, en: Very bad}}\n', "quick", {"choice_added"}, "broken"),
    (", missing: dont_know", "", "kind", {"choice_missing"}, "broken"),
    ("en: Very good}", "en: Very good}, exclusive: yes", "kind", {"choice_exclusive"}, "broken"),
    ("en: Very good}", "en: Very good}, attributes: {a: b}", "kind", {"choice_attributes"}, "yes"),
    ("type: text", "type: date", "comment", {"type"}, "broken"),
    ("type: integer", "type: decimal", "visits", {"type"}, "broken"),
    ("select_one four, name: quick", "select_multiple four, name: quick", "quick", {"type"}, "broken"),
    ("select_one four, name: quick", "select_one yes_no, name: quick", "quick",
     {"list", "choice_added", "choice_removed"}, "broken"),
    (". <= 9", ". <= 8", "visits", {"constraint"}, "broken"),
    (". <= 9", ".<=9", "visits", {"condition_form"}, "yes"),
    ("${visits} > 2", "${visits} > 3", "comment", {"asked_if"}, "broken"),
    ("${visits} > 2", "${visits}>2", "comment", {"condition_form"}, "yes"),
    ("${served} = 'yes'", "${served} = 'no'", "quick", {"asked_if", "condition_around"}, "broken"),
    ("Ông/Bà hài lòng ở mức nào?", "Ông/Bà thấy thế nào?", "quick", {"wording"}, "with_care"),
    ("required: yes", "required: no", "served", {"required"}, "with_care"),
    ("name: quick,", 'name: quick, appearance: likert,', "quick", {"appearance"}, "with_care"),
    ("name: quick,", 'name: quick, default: "3",', "quick", {"default"}, "with_care"),
    ("name: quick,", "name: quick, choice_filter: \"true()\",", "quick", {"choice_filter"}, "broken"),
    ("name: quick,", "name: quick, parameters: {randomize: yes},", "quick", {"choice_order"}, "with_care"),
    ("name: visits,", 'name: visits, parameters: {end: "5"},', "visits", {"parameters"}, "broken"),
    ("name: visits,", "name: visits, missing: [refused],", "visits", {"missing_kinds"}, "broken"),
    ("name: visits,", "name: visits, extra: {x: y},", "visits", {"extra"}, "yes"),
    ("[citizens]", "[citizens, businesses]", "visits", {"respondent_groups"}, "with_care"),
    ("languages: [vi, en]", "languages: [vi, en]\nmachine_drafted: [en]", "visits", {"languages"}, "yes"),
    ("title: {vi: Phiếu thử", "title: {vi: Phiếu mới", "visits", {"setting"}, "yes"),
    ("purpose: {vi: Để thử.", "purpose: {vi: Để xem.", "visits", {"consent"}, "yes"),
]


@pytest.mark.parametrize(("old", "new", "name", "kinds", "comparable"), KINDS, ids=[f"{k[2]}: {k[1][:40]}" for k in KINDS])
def test_each_kind_of_change_is_seen_and_judged(old, new, name, kinds, comparable):
    comparison = changed(old, new)
    question = comparison.question(name)
    told = {change.what for change in question.changes}
    around = {change.what for change in comparison.changes if change.what == "condition_around"}
    assert told | around == kinds
    assert question.comparable == comparable
    assert all(version_words.sentence(change) for change in comparison.changes)


def test_every_kind_in_the_table_has_words():
    for what in RULE:
        assert version_words.what(Change(what, "question", "x", "label", "vi", "a", "b", "c"))
    assert worst(()) == "yes"


def test_a_list_that_many_questions_share_is_told_once_and_counts_for_each():
    comparison = changed("vi: Khá,", "vi: Tốt vừa,")
    [change] = comparison.changes
    assert (change.subject, change.name, change.choice, change.before, change.after) == ("list", "four", "3", "Khá", "Tốt vừa")
    assert [question.name for question in comparison.broken] == ["kind", "quick"]


def test_levels_in_another_order_break_the_scale_but_a_dont_know_in_front_does_not():
    level = '    - {name: "4", label: {vi: Tốt, en: Very good}}\n'
    unknown = "    - {name: dont_know, label: {vi: Không biết, en: I do not know}, missing: dont_know}\n"
    assert changed(level, "", ("  four:\n", f"  four:\n{level}")).question("kind").comparable == "broken"
    comparison = changed(unknown, "", ("  four:\n", f"  four:\n{unknown}"))
    assert comparison.question("kind").comparable == "with_care"
    assert [change.choice for change in comparison.changes] == ["dont_know"]


def test_a_question_in_front_moves_nobody_and_one_question_moved_is_one_change():
    first = next(line for line in FORM.splitlines(keepends=True) if "name: visits" in line)
    served = '      - {type: select_one yes_no, name: served'
    new = "      - {type: text, name: news, label: {vi: Mới, en: New}}\n"
    comparison = changed(served, f"{new}{served}")
    assert [(change.what, change.name) for change in comparison.changes] == [("added", "news")]
    assert comparison.question("news").comparable is None
    assert {question.comparable for question in comparison.questions if question.fate == "kept"} == {"yes"}
    comparison = changed(first, "", (served, f"{first}{served}"))
    assert [(change.what, change.name) for change in comparison.changes] == [("position", "visits")]


def test_a_question_on_another_page_is_asked_under_its_conditions():
    line = "      - {type: select_one four, name: kind, label: {vi: Thái độ của công chức, en: Kindness}}\n"
    quick = "      - {type: select_one four, name: quick"
    kind = changed(line, "", (quick, f"{line}{quick}")).question("kind")
    assert {change.what for change in kind.changes} == {"page", "asked_if"}
    assert kind.comparable == "broken"


def test_a_condition_that_moves_from_the_page_to_its_questions_asks_the_same_people():
    comparison = changed("    relevant: \"${served} = 'yes'\"\n", "",
                         ("name: quick,", "name: quick, relevant: \"${served} = 'yes'\","),
                         ("${visits} > 2", "${visits} > 2 and ${served} = 'yes'"))
    assert comparison.question("quick").comparable == "yes"
    assert {change.what for change in comparison.changes if change.name == "second"} == {"condition_around"}


def test_a_condition_on_answers_that_mean_something_else_is_told():
    comparison = changed("{vi: Có,", "{vi: Một phần,")
    assert comparison.question("served").comparable == "broken"
    quick = comparison.question("quick")
    assert quick.comparable == "with_care"
    assert version_words.reasons(quick) == ("được hỏi tùy theo câu “served”, câu này không so sánh được",)


def test_a_rename_is_declared_or_guessed_and_says_which():
    rename = ("name: served", "name: was_served"), ("${served}", "${was_served}")
    guessed = changed(*rename[0], rename[1])
    assert [(change.what, change.before, change.after) for change in guessed.changes] == [
        ("guessed_rename", "served", "was_served")]
    assert guessed.question("was_served").comparable == "with_care"
    declared = changed(*rename[0], rename[1], ("pages:\n", "renames: {was_served: served}\npages:\n"))
    assert [change.what for change in declared.changes] == ["renamed"]
    assert {question.comparable for question in declared.questions} == {"yes"}
    # a declared rename holds whatever else changed, a guess does not
    other = ("Ông/Bà đã được phục vụ chưa?", "Xong chưa?")
    undeclared = changed(*rename[0], rename[1], other)
    assert {change.what for change in undeclared.changes} == {"added", "removed", "asked_if", "condition_around"}
    both = changed(*rename[0], rename[1], other, ("pages:\n", "renames: {was_served: served}\npages:\n"))
    assert both.question("was_served").comparable == "with_care"


def test_an_old_name_given_to_another_question_follows_the_declaration():
    comparison = changed("name: quick", "name: prompt", ("name: kind", "name: quick"),
                         ("pages:\n", "renames: {prompt: quick, quick: kind}\npages:\n"))
    assert {(each.name, each.old_name) for each in comparison.questions} >= {("prompt", "quick"), ("quick", "kind")}
    assert {each.comparable for each in comparison.questions} == {"yes"}


def test_two_alike_questions_are_not_guessed_about():
    old = replace(OLD, pages=(*OLD.pages, Page("p3", Text({"vi": "B"}), (
        Question("a", "text", Text({"vi": "Khác"})), Question("b", "text", Text({"vi": "Khác"}))))))
    new = replace(old, pages=(*OLD.pages, replace(old.pages[-1], questions=(
        replace(old.pages[-1].questions[0], name="c"), replace(old.pages[-1].questions[1], name="d")))))
    assert {change.what for change in versions.changes(old, new)} >= {"added", "removed"}


def test_a_page_with_another_name_and_the_same_questions_is_the_same_page():
    assert [(change.what, change.subject) for change in changed("name: second", "name: other").changes] == [("renamed", "page")]


def test_groups_repeats_and_what_they_mean():
    group = Group("house", Text({"vi": "Nhà"}), repeat=Repeat(most=5))
    old = replace(OLD, pages=(OLD.pages[0], replace(OLD.pages[1], within=(group,))))
    more = replace(old, pages=(OLD.pages[0], replace(OLD.pages[1], within=(replace(group, repeat=Repeat("2")),))))
    comparison = versions.compare(old, more)
    assert {(change.subject, change.what) for change in comparison.changes} == {("group", "repeat"), ("question", "repeat")}
    assert comparison.question("quick").comparable == "broken"
    assert comparison.question("kind").comparable == "yes"
    appeared = versions.compare(OLD, old)
    assert {change.what for change in appeared.changes} == {"added", "group", "repeat"}
    assert appeared.question("quick").comparable == "broken", "one answer is not several"
    assert versions.compare(old, OLD).question("quick").comparable == "broken"
    within = replace(group, relevant="${kind} = 'yes'")
    asked_of_others = versions.compare(old, replace(old, pages=(OLD.pages[0], replace(OLD.pages[1], within=(within,)))))
    assert asked_of_others.question("quick").comparable == "broken"
    named = replace(old, pages=(OLD.pages[0], replace(OLD.pages[1], within=(replace(group, name="home"),))))
    assert [change.what for change in versions.changes(old, named)] == ["renamed"]


def test_a_break_is_declared_with_a_reason_and_idle_declarations_are_told():
    broken = ("vi: Khá,", "vi: Tốt vừa,")
    findings = list(version_words.undeclared(changed(*broken)))
    assert [finding.path for finding in findings] == [("pages", 0, "questions", 1), ("pages", 1, "questions", 0)]
    assert "đổi nhãn phương án “3”" in findings[0].reason
    assert "breaks_series" in findings[0].mend
    reasons = "breaks_series: {kind: Thang mới, quick: Thang mới, visits: Sai, gone: Sai}\n"
    declared = changed(*broken, ("pages:\n", f"{reasons}pages:\n"))
    assert not declared.undeclared
    assert declared.question("kind").declared == "Thang mới"
    assert [words.split("“")[1].split("”")[0] for words in version_words.idle(declared)] == ["visits", "gone"]
    unexplained = changed(*broken, ("pages:\n", 'breaks_series: {kind: "", quick: x}\npages:\n'))
    assert [question.name for question in unexplained.undeclared] == ["kind"]


def test_what_a_version_declares_is_written_and_read():
    form = replace(OLD, breaks_series={"kind": "Thang mới"}, renames={"visits": "times"})
    assert document.load(document.dump(form).encode(), "x") == form
    assert versions.changes(OLD, form) == ()


@pytest.mark.parametrize(("before", "after", "same"), [
    ("Hoà giải", "hòa giải.", True), ("kĩ thuật", "kỹ thuật", True), ("quý vị", "quí vị", True), ("thuỷ lợi", "thủy lợi", True),
    ("tay", "tai", False), ("thuy", "thui", False), ("bán", "bàn", False), ("có", "không có", False),
    ("dưới 1,5 giờ", "dưới 15 giờ", False), ("đúng hẹn?", "Đúng hẹn", True), ("Ông/Bà", "Ông, Bà", True),
    ("ខ្មែរ", "ខ្មែរ។", True), ("កា", "កី", False), ("> 5 km", "< 5 km", False)])
def test_spelling_is_not_wording(before, after, same):
    assert same_words(before, after) is same


def test_neighbouring_words_are_marked_together():
    marks = word_marks("Thời gian giải quyết thế nào?", "Thời gian xử lý thế nào?")
    assert [(piece.kind, piece.text) for piece in marks] == [
        ("same", "Thời gian "), ("removed", "giải quyết"), ("added", "xử lý"), ("same", " thế nào?")]


@given(st.text("aăâ b c.", max_size=30), st.text("aăâ b c.", max_size=30))
def test_marked_words_read_as_both_texts(before, after):
    marks = word_marks(before, after)
    assert "".join(piece.text for piece in marks if piece.kind != "added") == before
    assert "".join(piece.text for piece in marks if piece.kind != "removed") == after


@given(st.permutations(list("abcdefg")))
def test_the_fewest_things_have_moved(order):
    gone = moved("abcdefg", order)
    stayed = [each for each in order if each not in gone]
    assert stayed == sorted(stayed)
    longest = max(bin(mask).count("1") for mask in range(128)
                  if (kept := [each for place, each in enumerate(order) if mask >> place & 1]) == sorted(kept))
    assert len(stayed) == longest


# -- over any questionnaire: nothing escapes ----------------------------------------------------------------------------

OTHER = Text({"vi": "Lời hoàn toàn khác", "en": "Other words"})
QUESTION = {
    "name": "q_new", "type": "note", "label": OTHER, "hint": OTHER, "relevant": "1 = 1", "constraint": ". != 9",
    "constraint_message": OTHER, "required_message": OTHER,
    "choices": ChoiceList("list9", (Choice("z", OTHER), Choice("y", OTHER))), "choice_filter": "1 = 1",
    "calculation": "1", "default": "1", "parameters": {"start": "1"}, "appearance": "minimal",
    "missing": ("refused",), "within": (Group("g9"),), "extra": {"a": "b"}, "factor": "staff"}
PAGE = {"name": "p_new", "label": OTHER, "hint": OTHER, "relevant": "1 = 1", "within": (Group("g9"),), "extra": {"a": "b"}}
CHOICE = {"name": "c_new", "label": OTHER, "missing": "dont_know", "attributes": {"a": "b"}}
FORM_FIELDS = {
    "form_id": "other", "title": OTHER, "respondent_groups": ("officials",), "rates": "many_units", "languages": ("vi",),
    "default_language": "en", "machine_drafted": ("vi",), "minutes": 99, "description": OTHER, "collects": ("files",),
    "extra": {"a": "b"}}
#: how two versions are told apart, and what the new one says about its series: no changes themselves
NO_CHANGE = {"version", "breaks_series", "renames"}


def test_the_mutations_below_touch_every_field_of_the_model():
    """A field that joins the model must join the comparison."""
    assert set(QUESTION) | {"required"} == {field.name for field in fields(Question)}
    assert set(PAGE) | {"questions"} == {field.name for field in fields(Page)}
    assert set(CHOICE) | {"exclusive"} == {field.name for field in fields(Choice)}
    parts = {"consent", "pages", "choice_lists"}
    assert set(FORM_FIELDS) | NO_CHANGE | parts == {field.name for field in fields(Questionnaire)}


def with_question(form: Questionnaire, name: str, values: dict) -> Questionnaire:
    return replace(form, pages=tuple(
        replace(page, questions=tuple(replace(each, **values) if each.name == name else each for each in page.questions))
        for page in form.pages))


def with_choice(form: Questionnaire, list_name: str, index: int, **values) -> Questionnaire:
    lists = tuple(
        replace(each, choices=tuple(replace(choice, **values) if place == index else choice
                                    for place, choice in enumerate(each.choices))) if each.name == list_name else each
        for each in form.choice_lists)
    by_name = {each.name: each for each in lists}
    return replace(form, choice_lists=lists, pages=tuple(
        replace(page, questions=tuple(replace(each, choices=by_name[each.choices.name] if each.choices else None)
                                      for each in page.questions)) for page in form.pages))


@st.composite
def mutated(draw) -> tuple[Questionnaire, Questionnaire]:
    """A questionnaire, and the same with one field of it changed."""
    form = draw(questionnaires())
    kind = draw(st.sampled_from(["question", "page", "choice", "form", "consent"]))
    if kind == "question":
        question = draw(st.sampled_from(form.questions))
        field = draw(st.sampled_from([*QUESTION, "required"]))
        value = not question.required if field == "required" else QUESTION[field]
        return form, with_question(form, question.name, {field: value})
    if kind == "page":
        index, field = draw(st.integers(0, len(form.pages) - 1)), draw(st.sampled_from(list(PAGE)))
        pages = list(form.pages)
        pages[index] = replace(pages[index], **{field: PAGE[field]})
        return form, replace(form, pages=tuple(pages))
    if kind == "choice":
        choices = draw(st.sampled_from(form.choice_lists))
        index, field = draw(st.integers(0, len(choices.choices) - 1)), draw(st.sampled_from([*CHOICE, "exclusive"]))
        value = not choices.choices[index].exclusive if field == "exclusive" else CHOICE[field]
        return form, with_choice(form, choices.name, index, **{field: value})
    if kind == "consent":
        part = draw(st.sampled_from([field.name for field in fields(Consent)]))
        return form, replace(form, consent=replace(form.consent, **{part: OTHER}))
    field = draw(st.sampled_from(list(FORM_FIELDS)))
    return form, replace(form, **{field: FORM_FIELDS[field]})


@settings(max_examples=300)
@given(mutated())
def test_whatever_one_field_is_changed_it_is_seen_from_both_sides(pair):
    old, new = pair
    assume(old != new)
    assert versions.changes(old, new)
    assert versions.changes(new, old)


@settings(max_examples=40)
@given(questionnaires())
def test_nothing_changed_is_nothing_told(form):
    assert versions.changes(form, form) == ()
    assert versions.changes(form, replace(form, version="2")) == ()
    assert {question.comparable for question in versions.compare(form, form).questions} <= {"yes"}


@settings(max_examples=60)
@given(questionnaires(), st.data())
def test_changes_of_two_questions_add_up_in_whichever_order_they_were_made(form, data):
    assume(len(form.questions) > 1)
    names = data.draw(st.permutations([question.name for question in form.questions]))[:2]
    own = ["label", "hint", "constraint", "default", "appearance", "missing", "extra", "relevant"]
    chosen = [(name, data.draw(st.sampled_from(own))) for name in names]
    one, two = ({field: QUESTION[field]} for _, field in chosen)
    first, second = with_question(form, names[0], one), with_question(form, names[1], two)
    either, other = with_question(first, names[1], two), with_question(second, names[0], one)
    assert versions.changes(form, either) == versions.changes(form, other)
    assert set(versions.changes(form, either)) == {*versions.changes(form, first), *versions.changes(form, second)}


@settings(max_examples=40)
@given(questionnaires(), st.data())
def test_questions_in_another_order_are_each_still_compared(form, data):
    pages = data.draw(st.permutations([
        replace(page, questions=tuple(data.draw(st.permutations(page.questions)))) for page in form.pages]))
    shuffled = replace(form, pages=tuple(pages))
    assert {change.what for change in versions.changes(form, shuffled)} <= {"position", "moved"}
    assert {question.name for question in versions.compare(form, shuffled).questions} == {
        question.name for question in form.questions}
