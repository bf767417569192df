"""A form on paper: every question once with its number, and no choice leads past a question that would be asked."""

import dataclasses

import pytest

from questionnaires import document, library, paper, routing
from questionnaires.answers import type_of
from tests import factories
from tests.questionnaires import paper_sample

FORMS = {**library.shipped(), "everything": factories.EVERYTHING.encode(), "household": paper_sample.SAMPLE.encode()}


@pytest.fixture(params=FORMS)
def form(request):
    return document.load(FORMS[request.param], f"{request.param}.yaml")


def blocks(laid_out):
    return [block for section in laid_out.sections for block in section.blocks]


def test_every_question_stands_once_and_in_order(form):
    laid_out = paper.lay_out(form, "vi")
    items = [item for section in laid_out.sections if section.time in (None, 1) for item in section.items]
    assert [item.question for item in items] == list(form.questions)
    numbers = [item.number for item in items if item.number]
    assert numbers == [str(position) for position in range(1, len(numbers) + 1)]
    for item in items:
        assert bool(item.number) == type_of(item.question).asks


@pytest.mark.parametrize("name", [*library.shipped(), "everything"])
def test_a_choice_leads_only_past_questions_that_are_not_asked(name):
    """Held against routing itself, with nothing but that answer given."""
    form = document.load(FORMS[name], f"{name}.yaml")
    asked = [question for question in form.questions if type_of(question).asks]
    numbers = paper.numbers(form)
    for section in paper.lay_out(form, "vi").sections:
        for item in section.items:
            for choice, target in item.onward.items():
                start = asked.index(item.question) + 1
                end = next((place for place, each in enumerate(asked) if numbers[each.name] == target), len(asked))
                plans = routing.plan(form, {item.question.name: choice})
                planned = {question.name for each in plans for question in each.questions}
                passed = {each.name for each in asked[start:end]}
                assert passed
                assert not planned & passed, (item.question.name, choice)


def test_where_choices_lead_in_forms_that_one_can_follow_by_hand():
    laid_out = paper.lay_out(paper_sample.form(), "vi")
    onward = {item.question.name: dict(item.onward) for section in laid_out.sections for item in section.items if item.onward}
    assert onward == {"visited": {"no": "7", "refused": "7"}, "works": {"no": "", "refused": ""}}
    citizen = document.load(FORMS["citizen"], "citizen.yaml")
    onward = {item.question.name: dict(item.onward) for section in paper.lay_out(citizen, "vi").sections
              for item in section.items if item.onward}
    assert onward == {"knows_where": {"no": "6"}}


def test_conditions_stand_where_they_hold():
    laid_out = paper.lay_out(paper_sample.form(), "vi")
    said = {item.question.name: item.when.text for section in laid_out.sections for item in section.items if item.when}
    assert said == {"times": "câu 1 là “Có”", "last_time": "câu 1 là “Có” và câu 2 lớn hơn 1", "hours": "[câu 2] + 1 > 3",
                    "why": "câu 7 có chọn “Trên mạng <b>” hoặc câu 7 không chọn “=Tại quầy”", "job": "câu 10 là “Có”"}
    grid = next(block for block in blocks(laid_out) if isinstance(block, paper.Grid))
    assert (grid.group.name, grid.when.text, [item.number for item in grid.items]) == ("table", "câu 1 là “Có”", ["5", "6"])


def test_neighbours_with_one_list_become_a_table_unless_something_sets_one_apart():
    citizen = document.load(FORMS["citizen"], "citizen.yaml")
    grids = [[item.number for item in block.items]
             for block in blocks(paper.lay_out(citizen, "vi")) if isinstance(block, paper.Grid)]
    assert grids == [["2", "3"], ["6", "7", "8"], ["9", "10", "11", "12"], ["13", "14", "15", "16"], ["17", "18", "19"],
                     ["20", "21", "22"]]


def test_a_repeat_is_printed_several_times_with_the_same_numbers():
    form = paper_sample.form()
    times = [section for section in paper.lay_out(form, "vi").sections if section.time]
    assert [section.time for section in times] == [1, 2]
    assert len({tuple(item.number for item in section.items) for section in times}) == 1
    assert [section.opening != () for section in times] == [True, False]

    def counted(count: str, most: int) -> int:
        group = times[0].page.within[0]
        changed = dataclasses.replace(group, repeat=dataclasses.replace(group.repeat, count=count, most=most))
        pages = tuple(dataclasses.replace(page, within=(changed,)) if page.repeat else page for page in form.pages)
        return sum(bool(section.time) for section in paper.lay_out(dataclasses.replace(form, pages=pages), "vi").sections)

    assert [counted("", 20), counted("${times}", 20), counted("", 2), counted("9", 5), counted("1", 5)] == [3, 3, 2, 5, 1]
