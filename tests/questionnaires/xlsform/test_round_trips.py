"""Nothing is lost between our files and workbooks."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from documents import yaml_reader
from questionnaires import document
from questionnaires.library import shipped
from questionnaires.model import Group, Page, Question, Questionnaire, Repeat, Text
from questionnaires.xlsform import reader, tables, writer
from questionnaires.xlsform.sheets import RawSheet, workbook
from tests.questionnaires.questionnaire_samples import KINDS, drawn, questionnaires

FILES = {**shipped(), "vi-du": (Path(__file__).parents[3] / "docs/vi-du/phieu.yaml").read_bytes()}


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_questionnaire_comes_back_as_it_was(name):
    given_ = document.load(FILES[name], name)
    imported = reader.read(writer.write(given_), f"{name}.xlsx")
    assert imported.questionnaire == given_
    assert document.dump(imported.questionnaire) == document.dump(given_)
    assert not imported.remarks
    assert not imported.faults()


def in_memory(questionnaire: Questionnaire) -> Questionnaire:
    """Through the tables of a workbook alone: no file, so that many more can be tried."""
    sheets = []
    for table in tables.tables(questionnaire):
        rows = [dict(enumerate(table.columns))]
        rows += [{at: row[header] for at, header in enumerate(table.columns) if row.get(header)} for row in table.rows]
        sheets.append(RawSheet(table.name, tuple(enumerate(rows, start=1))))
    return reader.understand(workbook("phieu.xlsx", sheets), KINDS).questionnaire


def values_in(value) -> Iterator[tuple[str, bool]]:
    """Every field of every value of the model in it: class and field, and whether it says anything."""
    if is_dataclass(value):
        for field in fields(value):
            inner = getattr(value, field.name)
            yield f"{type(value).__name__}.{field.name}", inner not in (field.default, None, (), "", {})
            yield from values_in(inner)
    elif isinstance(value, tuple):
        for each in value:
            yield from values_in(each)


def test_the_samples_use_every_field_of_the_model():
    """A new field of the model has to be drawn, and then written and read, or the tests below would not notice its loss."""
    found = [each for seed in range(40) for each in values_in(drawn(seed))]
    assert {name for name, _ in found} == {name for name, says in found if says}


@given(questionnaires)
@settings(max_examples=250, deadline=None)
def test_any_questionnaire_comes_back_from_its_tables_as_it_was(questionnaire):
    back = in_memory(questionnaire)
    assert back == questionnaire
    assert tables.tables(back) == tables.tables(questionnaire)


@given(questionnaires)
@settings(max_examples=20, deadline=None)
def test_any_questionnaire_comes_back_from_a_file_as_it_was(questionnaire):
    back = reader.read(writer.write(questionnaire), "phieu.xlsx", KINDS).questionnaire
    assert back == questionnaire
    assert yaml_of(back) == yaml_of(questionnaire)


def yaml_of(questionnaire: Questionnaire):
    """Its document, without regard to the order of columns that have no meaning here."""
    return yaml_reader.read(document.dump(questionnaire).encode(), "x").data


def asked(name: str, kind: str = "text", within: tuple[Group, ...] = ()) -> Question:
    return Question(name, kind, Text() if kind == "calculate" else Text({"vi": f"Câu {name}"}), within=within)


def alone(*questions: Question, within: tuple[Group, ...] = (), label: Text | None = None, name: str = "") -> Page:
    return Page(name or f"{questions[0].name}_page", questions[0].label if label is None else label, questions, within=within)


TABLE = Group("t", appearance="table-list")
MEMBERS = Group("m", Text({"vi": "Thành viên"}), appearance="field-list", repeat=Repeat())
#: pages -> the rows of the survey sheet, by type; where a page would not come back by itself it must be written
PAGES = {
    "a question alone is not wrapped": ([alone(asked("a"))], "text"),
    "a calculate goes with the question before it": ([alone(asked("a"), asked("c", "calculate"))], "text calculate"),
    "a calculate first in a page would go with the page before it": (
        [alone(asked("a")), alone(asked("c", "calculate"), asked("b"), name="b_page", label=Text({"vi": "Câu b"}))],
        "text begin calculate text end",
    ),
    "a page of a calculate would take in the next question": (
        [alone(asked("c", "calculate"), label=Text({"vi": "c"})), alone(asked("a"))],
        "calculate begin text end",
    ),
    "a name that a question bears already": ([alone(asked("a")), alone(asked("a_page"))], "begin text end text"),
    "another name": ([alone(asked("a"), name="first")], "begin text end"),
    "another label": ([alone(asked("a"), label=Text({"vi": "Trang"}))], "begin text end"),
    "two questions": ([alone(asked("a"), asked("b"))], "begin text text end"),
    "a table is not wrapped": (
        [alone(asked("a", within=(TABLE,)), name="t_page", label=Text({"vi": "Bảng"}))],
        "begin text end",
    ),
    "a table that says something itself": (
        [alone(asked("a", within=(replace(TABLE, label=Text({"vi": "Bảng"})),)), name="t_page")],
        "begin begin text end end",
    ),
    "a repeat that is a page": ([alone(asked("a"), within=(MEMBERS,), name="m_page", label=MEMBERS.label)], "begin text end"),
    "a repeat of a page of another name": (
        [alone(asked("a"), within=(MEMBERS,), name="p", label=MEMBERS.label)],
        "begin begin text end end",
    ),
    "a repeat of two pages": (
        [alone(asked("a"), within=(MEMBERS,)), alone(asked("b"), asked("c"), within=(MEMBERS,))],
        "begin text begin text text end end",
    ),
}


@pytest.mark.parametrize("what", PAGES)
def test_a_page_is_written_only_where_it_would_not_come_back_by_itself(what):
    pages, rows = PAGES[what]
    questionnaire = replace(document.load(FILES["vi-du"], "x"), pages=tuple(pages), choice_lists=())
    assert [row["type"].split()[0] for row in tables.tables(questionnaire)[0].rows] == rows.split()
    assert in_memory(questionnaire) == questionnaire
