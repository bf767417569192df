"""Groups become sections, like questions a grid, and a page without a title is called after the one thing it asks."""

from dataclasses import replace

import pytest

from documents.faults import Faults
from questionnaires import document, layout
from questionnaires.layout import Section
from questionnaires.model import Choice, ChoiceList, Group, Page, Question, Text
from questionnaires.offering import as_asked
from tests.factories import KINDS

SCALE = ChoiceList("scale", (Choice("1", Text({"vi": "Kém"})), Choice("2", Text({"vi": "Tốt"}))))
GRID = Group("grid", appearance="w3 table-list")


def ask(name: str, *within: Group, **more) -> Question:
    return Question(name, more.pop("type", "select_one"), Text({"vi": name}), within=within,
                    **{"choices": SCALE} | more)


def test_neighbours_of_a_group_stand_in_one_section_and_groups_nest():
    outer, inner = Group("outer"), Group("inner")
    one, two, three, four = ask("one"), ask("two", outer), ask("three", outer, inner), ask("four", outer)
    hidden = ask("five", type="calculate", choices=None)
    assert layout.laid_out([one, two, three, four, hidden]) == (
        one, Section(outer, (two, Section(inner, (three,)), four)))


def test_a_section_has_earlier_answers_in_its_heading():
    form = document.load(KINDS.read_bytes(), "kinds.yaml")
    group = Group("grid", Text({"vi": "Về ${comment}"}), Text({"vi": "Với ${comment}"}))
    [section] = layout.laid_out([as_asked(form, ask("one", group), {"comment": "thủ tục"}, "vi")])
    assert section.group.label.in_language("vi") == "Về thủ tục"
    assert section.group.hint.in_language("vi") == "Với thủ tục"


def test_questions_of_one_list_are_a_grid():
    [section] = layout.laid_out([ask("one", GRID), ask("two", GRID)])
    assert section.grid == SCALE


@pytest.mark.parametrize("other", [
    ask("two", GRID, type="text", choices=None), ask("two", GRID, choices=replace(SCALE, choices=SCALE.choices[:1])),
    ask("two", GRID, type="select_multiple"), ask("two", GRID, Group("inner")), ask("two"),
])
def test_what_cannot_be_rows_of_a_grid_is_an_ordinary_section(other):
    section = layout.laid_out([ask("one", GRID), other])[0]
    assert section.grid is None
    assert layout.laid_out([ask("one", Group("plain")), ask("two", Group("plain"))])[0].grid is None
    assert layout.laid_out([ask("one", GRID), ask("two", GRID), ask("three", GRID, Group("inner"))])[0].grid is None


def test_a_page_is_called_after_the_one_thing_it_asks():
    note = ask("told", type="note", choices=None)
    alone = Page("p", Text(), (note, ask("one")))
    assert layout.title_of(alone) == Text({"vi": "one"})
    assert layout.title_question(replace(alone, label=Text({"vi": "Trang"}))) is None
    assert not layout.title_of(Page("p", Text(), (note,)))


def test_only_a_page_with_several_questions_needs_a_title():
    source = KINDS.read_text()
    assert document.load(source.encode(), "kinds.yaml")
    untitled = source.replace("    label: {vi: Các dáng vẻ, km: រូបរាង, en: Looks}\n", "")
    assert untitled != source
    with pytest.raises(Faults) as told:
        document.load(untitled.encode(), "kinds.yaml")
    [fault] = told.value.faults
    assert fault.reason == "Thiếu nội dung của “label”."
    assert "nhiều câu hỏi" in fault.mend


def test_only_what_is_shown_needs_a_label():
    source = KINDS.read_text()
    assert "type: calculate" in source
    with pytest.raises(Faults) as told:
        document.load(source.replace("{type: calculate, name: twice", "{type: acknowledge, name: twice").encode(), "kinds.yaml")
    assert "label" in str(told.value)


@pytest.mark.parametrize(("said", "instead", "place", "reason"), [
    ("collects: [location, files]", "collects: [files]", ".type", "“geopoint” thu thập thêm dữ liệu"),
    ("collects: [location, files]", "collects: [location]", ".type", "“image” thu thập thêm dữ liệu"),
    ('{start: "0", end: "10", step: "1"}', '{start: "0", end: "10", step: "3"}', ".parameters", "không thành một thang"),
    ('default: "1.5"', "default: hai", ".default", "“hai” không hợp lệ"),
    ("appearance: likert", "missing: [dont_know]", ".missing", "“select_one” không dùng khóa missing"),
])
def test_a_questionnaire_is_refused_for_what_its_types_do_not_take(said, instead, place, reason):
    source = KINDS.read_text()
    assert said in source
    with pytest.raises(Faults) as told:
        document.load(source.replace(said, instead, 1).encode(), "kinds.yaml")
    assert any(place in fault.place and reason in fault.reason for fault in told.value.faults), str(told.value)
