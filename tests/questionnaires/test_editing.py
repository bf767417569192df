"""What a designer does, as functions: done and undone, nothing lost, and references that follow."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.faults import Faults
from questionnaires import checks, document, editing, list_editing, naming, rewriting
from questionnaires.expressions import compile as compiled
from questionnaires.model import Group, Text
from tests.questionnaires.drafts import grouped, shipped

FORMS = [grouped(), *shipped()]
forms = st.sampled_from(FORMS)


def names(form) -> list[str]:
    return [question.name for question in form.questions]


def one_of(data, form) -> str:
    return data.draw(st.sampled_from(names(form)))


def again(form):
    return document.load_unfinished(document.dump(form).encode(), "nháp")


@given(st.data(), st.sampled_from([-1, 1]))
def test_a_question_moved_there_is_back_after_the_step_back(data, by):
    form = data.draw(forms)
    name = one_of(data, form)
    moved = editing.move_question(form, name, by)
    if moved != form:
        back = editing.move_question(moved, name, -by)
        grouped_question = form.question(name).within
        assert names(back) == names(form)
        assert back == form or grouped_question, "without groups nothing at all is different"
    assert sorted(names(moved)) == sorted(names(form))


@given(st.data(), st.sampled_from([-1, 1]))
def test_steps_within_a_page_are_undone_by_steps_back_groups_and_all(data, by):
    form = data.draw(forms)
    page = data.draw(st.sampled_from(form.pages))
    question = data.draw(st.sampled_from(page.questions))
    moved = editing.move_question(form, question.name, by)
    if moved != form and moved.page(page.name) and question.name in [each.name for each in moved.page(page.name).questions]:
        assert editing.move_question(moved, question.name, -by) == form


@given(st.data(), st.sampled_from([-1, 1]))
def test_a_page_moved_there_is_back_after_the_step_back(data, by):
    form = data.draw(forms)
    name = data.draw(st.sampled_from(form.pages)).name
    moved = editing.move_page(form, name, by)
    assert moved == form or editing.move_page(moved, name, -by) == form


def test_a_question_walks_into_a_group_through_it_and_out_again():
    form = grouped()
    seen = []
    for _ in range(4):
        form = editing.move_question(form, "went", 1)
        page = form.pages[0]
        at = [each.name for each in page.questions].index("went")
        seen.append((at, [group.name for group in page.questions[at].within]))
    assert seen == [(0, ["visit"]), (1, ["visit"]), (2, ["visit"]), (2, [])]


@given(st.data())
def test_a_renamed_question_leaves_every_condition_compiling_and_pointing_to_a_question(data):
    form = data.draw(forms)
    old = one_of(data, form)
    renamed = editing.rename_question(form, old, "hoan_toan_moi")
    assert not [each for each in checks.check(renamed) if "relevant" in each.path or "constraint" in each.path]
    for page in renamed.pages:
        for condition in [page.relevant, *(each.relevant for each in page.questions)]:
            if condition:
                assert set(compiled(condition).references) <= set(names(renamed))
    assert editing.rename_question(renamed, "hoan_toan_moi", old) == form


def test_renaming_reaches_groups_texts_and_leaves_quoted_text_alone():
    form = editing.change_question(grouped(), "why", relevant="${went} != '${went}' and ${went}='yes'")
    renamed = editing.rename_question(form, "went", "came")
    assert renamed.question("why").relevant == "${came} != '${went}' and ${came}='yes'"
    assert renamed.question("why").label.in_language("vi") == "Vì sao ${came}?"
    assert editing.rename_question(form, "times", "visits").page("second").within[0].relevant == "${visits} > 1"


@given(st.data())
def test_a_renamed_choice_leaves_no_condition_behind(data):
    form = data.draw(forms)
    choices = data.draw(st.sampled_from(form.choice_lists))
    old = data.draw(st.sampled_from(choices.names))
    renamed = list_editing.rename_choice(form, choices.name, old, "moi")
    assert checks.check(renamed) == checks.check(form) == ()
    assert list_editing.rename_choice(renamed, choices.name, "moi", old) == form


def test_a_renamed_choice_is_followed_by_every_way_of_comparing():
    form = editing.change_question(grouped(), "why", relevant="'yes' = ${went} or selected(${went}, \"yes\") or ${saw} = 'yes'")
    renamed = list_editing.rename_choice(form, "yes_no", "yes", "co")
    assert renamed.question("why").relevant == "'co' = ${went} or selected(${went}, \"co\") or ${saw} = 'yes'"
    assert list_editing.rename_choice(form, "yes_no", "no", "khong").question("again").constraint == ". != 'khong'"


@given(st.data())
def test_a_copy_changes_nothing_else_and_goes_again(data):
    form = data.draw(forms)
    name = one_of(data, form)
    copied = editing.duplicate_question(form, name)
    new = next(each for each in names(copied) if each not in names(form))
    assert checks.check(copied) == ()
    assert editing.remove_question(copied, new) == form
    page = data.draw(st.sampled_from(form.pages))
    doubled = editing.duplicate_page(form, page.name)
    assert checks.check(doubled) == ()
    twin = doubled.pages[form.pages.index(page) + 1]
    assert editing.remove_page(doubled, twin.name) == form


def test_a_copied_pages_questions_look_at_one_another():
    twin = editing.duplicate_page(grouped(), "first").pages[1]
    assert twin.name == "first_2"
    assert twin.questions[1].relevant == "${went_2} = 'yes'"
    assert twin.questions[3].relevant == "${went_2} != 'yes' and not(selected(${saw_2}, 'a'))"


@given(st.data())
def test_an_unfinished_questionnaire_is_written_and_read_as_the_same(data):
    form = data.draw(forms)
    form = editing.add_page(form, "")
    form = editing.add_question(form, form.pages[-1].name, "select_one", "")
    form = editing.change_question(form, names(form)[-1], relevant="${không đúng", hint=editing.text("a: b\n- c", "vi"))
    form = list_editing.add_list(form, "moi")
    form = editing.change_settings(form, respondent_groups=(), minutes=None, title=editing.text("", "vi"))
    assert again(form) == form


def test_an_empty_questionnaire_is_written_and_read_as_the_same_and_says_what_is_missing():
    form = editing.empty("moi", "2026.1", "")
    assert again(form) == form
    assert {each.path[0] for each in checks.check(form)} == {"title", "respondent_groups", "consent", "pages"}


def test_what_others_ask_about_is_not_removed():
    with pytest.raises(Faults, match=r"điều kiện của times, why còn dùng"):
        editing.remove_question(grouped(), "went")
    with pytest.raises(Faults, match="second, third"):
        editing.remove_page(grouped(), "first")
    with pytest.raises(Faults, match="went, again còn dùng"):
        list_editing.remove_list(grouped(), "yes_no")
    assert editing.asked_about_in(grouped(), "comment") == ()


@pytest.mark.parametrize("act", [
    lambda form: editing.rename_question(form, "went", "times"),
    lambda form: editing.rename_question(form, "went", "TIMES"),
    lambda form: editing.rename_question(form, "went", "1"),
    lambda form: editing.rename_question(form, "went", "unit"),
    lambda form: editing.rename_page(form, "first", "có dấu"),
    lambda form: editing.add_question(form, "first", "slider", "x"),
    lambda form: editing.add_question(form, "first", "select_one", "x", list_name="khong"),
    lambda form: editing.add_question(form, "khong", "text", "x"),
    lambda form: editing.change_type(form, "khong", "text"),
    lambda form: editing.change_settings(form, languages=("en",)),
    lambda form: editing.empty("", "1", ""),
    lambda form: list_editing.add_list(form, "YES_NO"),
    lambda form: list_editing.add_list(form, ""),
    lambda form: list_editing.rename_choice(form, "things", "a", "b"),
    lambda form: list_editing.add_choice(form, "things", "C", name="a b"),
    lambda form: list_editing.add_choice(form, "things", "C", missing="lost"),
    lambda form: list_editing.move_choice(form, "things", "z", 1),
    lambda form: list_editing.rename_choices(form, "things", {"a": "b"}),
    lambda form: list_editing.rename_choices(form, "things", {"a": "x", "b": "X"}),
    lambda form: list_editing.add_choices(form, "things", [Text({"vi": "C"}), Text({"vi": "D"})], name="c"),
    lambda form: list_editing.add_choices(form, "things", [Text({"vi": "C"}), Text({"vi": "D"})], missing="refused"),
    lambda form: editing.add_questions(form, "khong", "text", ["x"]),
])
def test_what_cannot_be_is_refused_in_words(act):
    with pytest.raises(Faults) as refusal:
        act(grouped())
    assert refusal.value.faults[0].mend


def test_limits_are_those_of_the_checks():
    form = grouped()
    full = replace(form, pages=tuple(replace(form.pages[0], name=f"p{n}", questions=()) for n in range(checks.MAX_PAGES)))
    for act in (lambda: editing.add_page(full, "x"), lambda: editing.duplicate_page(full, "p1")):
        with pytest.raises(Faults, match="100 trang"):
            act()
    many = tuple(replace(form.questions[-1], name=f"q{n}") for n in range(checks.MAX_QUESTIONS))
    full = replace(form, pages=(replace(form.pages[0], questions=many),))
    for act in (lambda: editing.add_question(full, "first", "text", "x"), lambda: editing.duplicate_question(full, "q1"),
                lambda: list_editing.copy_question(full, "first", form.questions[0])):
        with pytest.raises(Faults, match="500 câu hỏi"):
            act()


def test_changing_only_what_may_be_changed():
    with pytest.raises(TypeError):
        editing.change_question(grouped(), "went", name="x")


def test_a_type_without_choices_gives_its_list_up_and_a_note_is_not_required():
    form = editing.change_question(grouped(), "went", required=True)
    changed = editing.change_type(form, "went", "note")
    assert (changed.question("went").choices, changed.question("went").required) == (None, False)


def test_choices_kinds_of_missing_stay_at_the_end_and_codes_count_on():
    form = list_editing.add_list(grouped(), "thang")
    for label in ("Kém", "Khá", "Tốt"):
        form = list_editing.add_choice(form, "thang", label)
    form = list_editing.add_choice(form, "thang", "Chưa tiếp xúc", missing="not_familiar")
    form = list_editing.add_choice(form, "thang", "Rất tốt")
    assert list_editing.list_of(form, "thang").names == ("1", "2", "3", "4", "not_familiar")
    moved = list_editing.move_choice(form, "thang", "1", 1)
    assert list_editing.list_of(moved, "thang").names[:2] == ("2", "1")
    assert list_editing.move_choice(moved, "thang", "1", -1) == form
    form = list_editing.add_choice(grouped(), "yes_no", "Có thể")
    assert list_editing.list_of(form, "yes_no").names == ("yes", "no", "co_the", "dont_know")
    assert form.question("went").choices.names == form.question("again").choices.names == ("yes", "no", "co_the", "dont_know")


def test_codes_change_places_at_once_and_conditions_follow():
    form = grouped()
    form = editing.change_question(form, "why", relevant="${went} = 'yes' or ${went} = 'no' or ${saw} = 'no'")
    swapped = list_editing.rename_choices(form, "yes_no", {"yes": "no", "no": "yes", "dont_know": "dont_know"})
    assert swapped.question("went").choices.names == ("no", "yes", "dont_know")
    assert swapped.question("why").relevant == "${went} = 'no' or ${went} = 'yes' or ${saw} = 'no'"
    assert list_editing.rename_choices(swapped, "yes_no", {"yes": "no", "no": "yes"}) == form
    handed_on = list_editing.rename_choices(form, "yes_no", {"yes": "NO", "no": "1"})
    assert handed_on.question("why").relevant == "${went} = 'NO' or ${went} = '1' or ${saw} = 'no'"


def test_choices_and_questions_are_added_several_at_once():
    labels = [Text({"vi": "Kém", "en": "Poor"}), Text({"vi": "Tốt", "en": "Good"})]
    form = list_editing.add_choices(list_editing.add_list(grouped(), "thang"), "thang", labels)
    added = list_editing.list_of(form, "thang")
    assert (added.names, [each.label for each in added]) == (("1", "2"), labels)
    words = ["Nơi chờ", "Nơi chờ", "Máy"]
    form = editing.add_questions(form, "third", "select_one", words, "thang", required=True, factor="access")
    made = form.page("third").questions[-3:]
    assert [each.name for each in made] == ["noi_cho", "noi_cho_2", "may"]
    assert [(each.choices, each.required, each.factor) for each in made] == [(added, True, "access")] * 3


def test_a_question_is_copied_with_its_list_in_the_languages_spoken_here():
    source = next(form for form in shipped() if "en" in form.languages)
    question = next(each for each in source.questions if each.choices)
    question = replace(question, relevant="${not_here} = 'x'", constraint=". != 'x'")
    form = list_editing.copy_question(grouped(), "third", question)
    copied = form.questions[-1]
    assert set(copied.label.by_language) == {"vi"}
    assert (copied.relevant, copied.constraint) == ("", ". != 'x'")
    form = editing.change_question(form, copied.name, constraint="")
    assert checks.check(form) == ()
    twice = list_editing.copy_question(form, "third", question)
    assert len(twice.choice_lists) == len(form.choice_lists)
    assert twice.questions[-1].name == f"{question.name}_2"


def test_a_language_taken_away_takes_its_texts_along():
    form = editing.change_settings(grouped(), languages=("vi", "en"))
    form = rewriting.with_texts(form, "en", {each.key: "x" for each in rewriting.texts(form) if each.text})
    assert checks.check(form) == ()
    assert editing.change_settings(form, languages=("vi",)) == grouped()


def test_places_are_reached_step_by_step():
    form = editing.place_page(FORMS[1], FORMS[1].pages[0].name, 2)
    assert form.pages[2] == FORMS[1].pages[0]
    form = editing.place_question(grouped(), "comment", "first", 2)
    assert [each.name for each in form.pages[0].questions] == ["went", "times", "comment", "saw", "why"]
    assert isinstance(form.question("comment").within[0], Group)


@given(st.text(max_size=80), st.lists(st.sampled_from(["cau", "a", "unit"]), max_size=3))
def test_a_name_made_is_one_that_the_checks_take(words, taken):
    made = naming.name_from(words, taken, "cau")
    form = replace(grouped(), pages=(replace(grouped().pages[0], questions=(replace(grouped().questions[0], name=made),)),))
    assert not [each for each in checks.check(form) if each.path[-1] == "name"]
    assert made not in taken


def test_names_and_versions():
    assert naming.name_from("Ông/Bà đã đến bao nhiêu lần?", (), "cau") == "ong_ba_da_den_bao_nhieu_lan"
    assert naming.name_from("1. Đơn vị", (), "cau") == "cau_1_don_vi"
    assert naming.name_from("đơn vị", ["don_vi"], "cau") == "don_vi_2"
    assert naming.next_version("2024.1", ["2024.2"]) == "2024.3"
    assert naming.next_version("nháp", []) == "nháp.1"
    assert re.fullmatch(r"[\w.-]{1,30}", naming.next_version("9" * 30, []))
