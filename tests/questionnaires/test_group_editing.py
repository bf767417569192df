"""Groups and repeats as a designer makes them: whatever is done, every group stays whole and nothing is lost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.faults import Faults
from questionnaires import checks, document, editing, group_editing, ordering
from questionnaires.group_checks import MAX_DEPTH, check_groups
from questionnaires.model import Group, Questionnaire, Repeat
from tests.questionnaires.drafts import GROUPED, grouped, shipped

REPEATED = document.load_unfinished(document.dump(grouped()).replace("- group: later", "- repeat: later").encode(), "r")
SMALL = [grouped(), REPEATED]
FORMS = [*SMALL, *shipped()]


def chains(form: Questionnaire) -> dict[str, list[str]]:
    """Page or question -> names of its groups; pages and questions of one name are told apart."""
    pages = {f"page {page.name}": [group.name for group in page.within] for page in form.pages}
    return pages | {each.name: [group.name for group in each.within] for each in form.questions}


def order(form: Questionnaire) -> list[str]:
    return [name for page in form.pages for name in (f"page {page.name}", *(each.name for each in page.questions))]


def begins(form: Questionnaire) -> list[str]:
    """Every group once for each place where it begins."""
    found = []
    for items in (form.pages, *(page.questions for page in form.pages)):
        before: tuple[Group, ...] = ()
        for item in items:
            found += [group.name for depth, group in enumerate(item.within) if before[: depth + 1] != item.within[: depth + 1]]
            before = item.within
    return found


def sound(form: Questionnaire) -> None:
    assert len(begins(form)) == len(set(begins(form))), "a group stands in one place"
    assert not list(check_groups(form))


def anything(data, form: Questionnaire) -> Questionnaire:
    """One thing that a page of the designer can do, drawn by chance; what is refused leaves the form as it was."""
    page = data.draw(st.sampled_from(form.pages))
    names = [each.name for each in form.questions]
    groups = [group.name for group in form.groups] or ["khong"]
    group, by = data.draw(st.sampled_from(groups)), data.draw(st.sampled_from([-1, 1]))
    item = st.sampled_from([each.name for each in (*form.pages, *page.questions)])
    acts = {
        "around pages": lambda: group_editing.add_group(
            form, page.name, data.draw(st.sampled_from(form.pages)).name, data.draw(st.sampled_from(["", "Nhóm", "went"])))[0],
        "around questions": lambda: group_editing.add_group(form, data.draw(item), data.draw(item), "Câu", page.name)[0],
        "repeat": lambda: group_editing.repeat_group(form, group, data.draw(st.sampled_from(["", "2"])), 5),
        "once": lambda: group_editing.ask_once(form, group),
        "move group": lambda: group_editing.move_group(form, group, by),
        "into": lambda: group_editing.put_into(form, group, data.draw(item)),
        "out": lambda: group_editing.take_out(form, group, data.draw(item)),
        "ungroup": lambda: group_editing.remove_group(form, group),
        "rename": lambda: group_editing.rename_group(form, group, f"{group}_x"),
        "move page": lambda: editing.move_page(form, page.name, by),
        "move question": lambda: editing.move_question(form, data.draw(st.sampled_from(names)), by),
        "place": lambda: editing.place_question(
            form, data.draw(st.sampled_from(names)), page.name, data.draw(st.integers(0, 4))),
        "place page": lambda: editing.place_page(form, page.name, data.draw(st.integers(0, 4))),
        "copy": lambda: editing.duplicate_page(form, page.name),
        "copy question": lambda: editing.duplicate_question(form, data.draw(st.sampled_from(names))),
        "remove question": lambda: editing.remove_question(form, data.draw(st.sampled_from(names))),
        "remove": lambda: editing.remove_page(form, page.name),
    }
    try:
        return acts[data.draw(st.sampled_from(sorted(acts)))]()
    except Faults:
        return form


@given(st.data())
def test_whatever_is_done_every_group_stays_whole(data):
    form = data.draw(st.sampled_from(SMALL))
    for _ in range(data.draw(st.integers(1, 6))):
        if form.questions:
            form = anything(data, form)
            sound(form)
    assert document.load_unfinished(document.dump(form).encode(), "nháp") == form


@given(st.data())
def test_a_group_made_and_taken_away_again_leaves_nothing_behind(data):
    form = data.draw(st.sampled_from(FORMS))
    page = data.draw(st.sampled_from(form.pages))
    inside = data.draw(st.booleans())
    items = [each.name for each in (page.questions if inside else form.pages)]
    first, last = data.draw(st.sampled_from(items)), data.draw(st.sampled_from(items))
    try:
        made, name = group_editing.add_group(form, first, last, "Mới", page.name if inside else "")
    except Faults:
        return
    assert order(made) == order(form)
    assert {first, last} <= {each.name for each in group_editing.place_of(made, name).inside}
    assert group_editing.remove_group(made, name) == form


@given(st.data(), st.sampled_from([-1, 1]))
def test_a_group_moved_is_back_after_the_step_back(data, by):
    form = data.draw(st.sampled_from([each for each in FORMS if each.groups]))
    form, name = group_editing.add_group(form, form.pages[0].name, form.pages[0].name, "Đầu")
    group = data.draw(st.sampled_from(form.groups)).name
    moved = group_editing.move_group(form, group, by)
    assert moved == form or group_editing.move_group(moved, group, -by) == form
    assert chains(moved) == chains(form)


@given(st.data())
def test_what_is_put_in_is_in_and_what_is_taken_out_is_out(data):
    form, _name = group_editing.add_group(grouped(), "times", "times", "Hỏi", "first") if data.draw(st.booleans()) else (
        group_editing.add_group(grouped(), "second", "second", "Riêng"))
    group = data.draw(st.sampled_from(form.groups)).name
    place = group_editing.place_of(form, group)
    item = data.draw(st.sampled_from(place.items)).name
    try:
        joined = group_editing.put_into(form, group, item)
    except Faults:
        return
    inside = [each.name for each in group_editing.place_of(joined, group).inside]
    assert item in inside
    left = group_editing.take_out(joined, group, item)
    around = chains(left)[item if place.page else f"page {item}"]
    assert group not in around
    assert sorted(order(left)) == sorted(order(form))


def test_out_of_the_middle_of_a_group_means_behind_it():
    form, name = group_editing.add_group(grouped(), "first", "third", "Tất cả")
    form = group_editing.remove_group(form, "later")
    left = group_editing.take_out(form, name, "second")
    assert [(page.name, len(page.within)) for page in left.pages] == [("first", 1), ("third", 1), ("second", 0)]
    sound(left)


def test_a_copied_page_stands_in_the_very_group_of_its_original():
    form = editing.place_question(grouped(), "times", "third", 0)  # now the group's condition looks at what is inside of it
    sound(editing.duplicate_page(form, "third"))


def test_a_group_that_would_be_cut_is_named():
    with pytest.raises(Faults, match="cắt ngang nhóm “Lần đến”"):
        group_editing.add_group(grouped(), "went", "times", "x", "first")
    with pytest.raises(Faults, match="cắt ngang nhóm “later”"):
        group_editing.add_group(grouped(), "first", "second", "x")
    made, name = group_editing.add_group(grouped(), "first", "third", "Tất cả")
    assert [group.name for group in made.page("second").within] == [name, "later"]
    with pytest.raises(Faults, match="Không có “when” ở đây"):
        group_editing.add_group(grouped(), "went", "when", "x", "first")


def test_a_repeat_is_made_counted_and_not_lost_while_conditions_count_it():
    form = group_editing.repeat_group(grouped(), "later", "${times}", 9)
    assert form.page("third").repeat == replace(grouped().page("third").within[0], repeat=Repeat("${times}", 9))
    assert [each.name for each in group_editing.counting_questions(form, "later")] == ["times"]
    form = editing.add_question(editing.add_page(form, "Sau", "after"), "after", "text", "Hết?", "end")
    form = editing.change_question(form, "end", relevant="count(${later}) > 1")
    assert not [each for each in checks.check(form) if "relevant" in each.path or each.path[0] == "groups"]
    for act in (lambda: group_editing.remove_group(form, "later"), lambda: group_editing.ask_once(form, "later"),
                lambda: editing.remove_page(editing.remove_page(form, "third"), "second")):
        with pytest.raises(Faults, match=r"của end còn"):
            act()
    renamed = group_editing.rename_group(form, "later", "visits")
    assert renamed.question("end").relevant == "count(${visits}) > 1"
    assert group_editing.rename_group(renamed, "visits", "later") == form
    without = editing.change_question(form, "end", relevant="")
    assert group_editing.remove_group(without, "later").page("second").within == ()
    assert group_editing.ask_once(without, "later").page("second").repeat is None


@pytest.mark.parametrize(("act", "said"), [
    (lambda form: group_editing.repeat_group(form, "visit", "", 3), "trong một trang"),
    (lambda form: group_editing.repeat_group(form, "later", "", 0), "Không hỏi được 0 lần"),
    (lambda form: group_editing.repeat_group(form, "later", "", 101), "1 đến 100"),
    (lambda form: group_editing.rename_group(form, "later", "went"), "đã có"),
    (lambda form: group_editing.rename_group(form, "later", "Visit"), "đã có"),
    (lambda form: group_editing.rename_group(form, "later", "có dấu"), "không dùng làm tên"),
    (lambda form: group_editing.rename_group(form, "khong", "x"), "Không có nhóm"),
    (lambda form: group_editing.put_into(form, "visit", "when"), "Không có “when” ở đây"),
    (lambda form: editing.rename_question(form, "went", "later"), "đã có"),
    (lambda form: editing.add_question(form, "first", "text", "x", name="visit"), "đã có"),
])
def test_what_cannot_be_is_refused_in_words(act, said):
    with pytest.raises(Faults) as refusal:
        act(grouped())
    assert said in " ".join(f"{fault.reason} {fault.mend}" for fault in refusal.value.faults)


def test_repeats_never_stand_in_one_another():
    form, name = group_editing.add_group(REPEATED, "first", "first", "Lần đầu")
    form = group_editing.repeat_group(form, name, "3", 3)
    with pytest.raises(Faults, match="chứa hoặc nằm trong"):
        group_editing.repeat_group(*_around_all(form), "", 3)
    with pytest.raises(Faults, match="lồng nhau"):
        group_editing.put_into(form, "later", "first")
    passed = editing.move_page(form, "first", 1)
    assert [page.name for page in passed.pages] == ["second", "third", "first"], "over the repeat, not into it"
    assert editing.move_page(passed, "first", -1) == form


def _around_all(form: Questionnaire) -> tuple[Questionnaire, str]:
    return group_editing.add_group(form, form.pages[0].name, form.pages[-1].name, "Tất cả")


def test_groups_are_nested_no_deeper_than_the_checks_allow():
    form = grouped()
    for _ in range(MAX_DEPTH):
        form, name = group_editing.add_group(form, "first", "first", "Sâu")
    with pytest.raises(Faults, match="5 tầng"):
        group_editing.add_group(form, "first", "first", "Sâu")
    assert not ordering.fits((*form.page("first").within, Group("x")))
    sound(editing.move_page(form, "first", 1))


def test_how_often_is_read_from_what_is_written():
    said = [group_editing.how_often(Group("x", repeat=repeat)) for repeat in (
        None, Repeat(), Repeat("3"), Repeat("${ times }"), Repeat("${times} + 1"))]
    assert said == [("once", ""), ("open", ""), ("number", "3"), ("answer", "times"), ("formula", "${times} + 1")]


def test_a_grid_is_switched_on_and_off_and_other_appearances_stay():
    form = group_editing.show_as_grid(grouped(), "visit", True)
    assert form.question("saw").within[0].appearance == "table-list"
    assert group_editing.show_as_grid(form, "visit", False) == grouped()
    source = GROUPED.replace("label: Lần đến", "label: Lần đến\n        appearance: w2")
    form = document.load_unfinished(source.encode(), "w2")
    assert group_editing.show_as_grid(form, "visit", True).question("saw").within[0].appearance == "w2 table-list"


def test_of_two_groups_of_one_name_the_first_is_renamed_so_that_the_fault_can_be_mended():
    pages = tuple(replace(page, within=() if page.name == "third" else (Group("x"),)) for page in grouped().pages)
    form = replace(grouped(), pages=(pages[0], pages[2], pages[1]))
    assert begins(form).count("x") == 2
    mended = group_editing.rename_group(form, "x", "y")
    assert [[group.name for group in page.within] for page in mended.pages] == [["y"], [], ["x"]]


def test_conditions_on_a_question_do_not_follow_a_group_of_the_same_name():
    form = document.load_stored(GROUPED.replace("group: later", "group: went").encode(), "x")
    assert group_editing.rename_group(form, "went", "later") == grouped()
    assert group_editing.remove_group(form, "went").page("second").within == ()


def test_a_group_without_a_name_is_kept_until_somebody_names_it_or_takes_it_away():
    form = document.load_stored(GROUPED.replace("group: later", 'group: ""').encode(), "x")
    assert document.load_unfinished(document.dump(form).encode(), "x") == form
    assert group_editing.rename_group(form, "", "later") == grouped()
    assert group_editing.remove_group(form, "").page("second").within == ()


def test_the_outline_nests_what_stands_together():
    form, _name = group_editing.add_group(grouped(), "third", "third", "Riêng")
    first, later = group_editing.outline(form.pages)
    assert (first.name, later.group.name) == ("first", "later")
    assert [getattr(each, "name", None) or each.group.name for each in later.content] == ["second", "rieng"]
