"""Every answer type reads what is posted, says it back, and survives a table; a blank is no answer, hostile text is refused."""

import json
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.answers import REGISTRY, WORDS, UnitToRate
from questionnaires.answers.faults import AnswerFault, Kind
from questionnaires.model import Choice, ChoiceList, Question, Text

UNITS = (UnitToRate("snv", "Sở Nội vụ"), UnitToRate("stc", "Sở Tài chính"))
CHOICES = ChoiceList("c", (
    Choice("4", Text({"vi": "Tốt", "en": "Good"})),
    Choice("1", Text({"vi": "Kém", "en": "Bad"})),
    Choice("none", Text({"vi": "Không có"}), exclusive=True),
    Choice("dont_know", Text({"vi": "Không biết"}), missing="dont_know"),
    Choice("not_familiar", Text({"vi": "Chưa tiếp xúc"}), missing="not_familiar"),
))


def ask(type_name: str) -> Question:
    return Question("q", type_name, Text({"vi": "Hỏi"}), choices=CHOICES if REGISTRY[type_name].takes_choices else None)


def parse(type_name: str, *given: str):
    return REGISTRY[type_name].parse(ask(type_name), {"q": list(given)}, UNITS)


#: type, posted, stored, described in Vietnamese
GOOD = [
    ("select_one", {"q": ["4"]}, "4", ("Tốt",)),
    ("select_one", {"q": [" dont_know "]}, "dont_know", ("Không biết",)),
    ("select_one", {"q": ["4", "4"]}, "4", ("Tốt",)),
    ("select_multiple", {"q": ["1", "4"]}, ["4", "1"], ("Tốt", "Kém")),
    ("select_multiple", {"q": ["none"]}, ["none"], ("Không có",)),
    ("integer", {"q": ["12"]}, "12", ("12",)),
    ("integer", {"q": ["0"]}, "0", ("0",)),
    ("integer", {"q": ["-007"]}, "-7", ("-7",)),
    ("integer", {"q": ["១២"]}, "12", ("12",)),
    ("decimal", {"q": ["12,50"]}, "12.5", ("12,5",)),
    ("decimal", {"q": ["-0,0"]}, "0", ("0",)),
    ("decimal", {"q": ["+3.25"]}, "3.25", ("3,25",)),
    ("text", {"q": ["  Cải cách\r\nthủ tục  "]}, "Cải cách\nthủ tục", ("Cải cách", "thủ tục")),
    ("text", {"q": ["Phie\u0302\u0301u"]}, "Phiếu", ("Phiếu",)),
    ("text", {"q": ["<script>alert('x')</script> =1+1"]}, "<script>alert('x')</script> =1+1",
     ("<script>alert('x')</script> =1+1",)),
    ("text", {"q": ["ភាសា\u200bខ្មែរ"]}, "ភាសា\u200bខ្មែរ", ("ភាសា\u200bខ្មែរ",)),
    ("date", {"q": ["23/11/2026"]}, "2026-11-23", ("23/11/2026",)),
    ("date", {"q": ["2026-11-23"]}, "2026-11-23", ("23/11/2026",)),
    ("date", {"q": ["1-2-2026"]}, "2026-02-01", ("01/02/2026",)),
    ("rating_matrix", {"q:snv": ["4"], "q:stc": ["not_familiar"]}, {"snv": "4", "stc": "not_familiar"},
     ("Sở Nội vụ: Tốt", "Sở Tài chính: Chưa tiếp xúc")),
    ("rating_matrix", {"q:stc": ["1"], "q:snv": [""]}, {"stc": "1"}, ("Sở Tài chính: Kém",)),
    ("note", {"q": ["anything"]}, None, ()),
]


@pytest.mark.parametrize(("type_name", "posted", "stored", "described"), GOOD)
def test_an_answer_is_read_said_back_and_survives_a_table(type_name, posted, stored, described):
    answer_type, question = REGISTRY[type_name], ask(type_name)
    parsed = answer_type.parse(question, posted, UNITS)
    assert parsed.faults == ()
    assert parsed.value == stored
    assert answer_type.describe(question, stored, "vi", UNITS) == described
    assert json.loads(json.dumps(stored)) == stored
    cells = answer_type.to_cells(question, stored, UNITS)
    assert tuple(cells) == answer_type.columns(question, UNITS)
    assert all(isinstance(cell, str) for cell in cells.values())
    assert answer_type.from_cells(question, cells, UNITS).value == stored


@pytest.mark.parametrize(("type_name", "given", "kind"), [
    ("select_one", ["5"], "not_a_choice"), ("select_one", ["4", "1"], "repeated"), ("select_one", ["Tốt"], "not_a_choice"),
    ("select_one", ["4' OR 1=1"], "not_a_choice"), ("select_multiple", ["4", "5"], "not_a_choice"),
    ("select_multiple", ["4", "none"], "exclusive"), ("select_multiple", ["dont_know", "1"], "exclusive"),
    ("integer", ["12,5"], "not_whole"), ("integer", ["1.000"], "not_whole"), ("integer", ["mười"], "not_a_number"),
    ("integer", ["1e3"], "not_a_number"), ("integer", ["٣"], "not_a_number"), ("integer", ["9" * 400], "not_whole"),
    ("integer", ["NaN"], "not_a_number"), ("decimal", ["1.234,5"], "not_a_number"), ("decimal", ["Infinity"], "not_a_number"),
    ("decimal", ["1,2,3"], "not_a_number"), ("date", ["30/02/2026"], "not_a_date"), ("date", ["2026-13-01"], "not_a_date"),
    ("date", ["hôm qua"], "not_a_date"), ("date", ["0000-01-01"], "not_a_date"), ("text", ["a\x00b"], "control_characters"),
    ("text", ["a\x1b[31mb"], "control_characters"), ("text", ["a\ud800b"], "control_characters"),
    ("text", ["a\u202eb"], "control_characters"), ("text", ["x" * 2_001], "too_long"), ("text", ["x" * 1_000_000], "too_long"),
    ("text", ["a", "b"], "repeated"),
])
def test_what_cannot_be_an_answer_is_refused_with_words(type_name, given, kind):
    parsed = parse(type_name, *given)
    assert parsed.value is None
    (fault,) = parsed.faults
    assert (fault.field, fault.kind) == ("q", kind)
    assert "%(" not in str(fault)


@pytest.mark.parametrize("type_name", REGISTRY)
@pytest.mark.parametrize("posted", [{}, {"q": []}, {"q": [""]}, {"q": ["  \n "]}, {"q": ["\u200b\ufeff"]},
                                    {"q:snv": ["", " "]}])
def test_a_blank_is_no_answer(type_name, posted):
    answer_type, question = REGISTRY[type_name], ask(type_name)
    parsed = answer_type.parse(question, posted, UNITS)
    assert parsed.value is None
    assert parsed.faults == ()
    assert answer_type.describe(question, None, "vi", UNITS) == ()
    assert set(answer_type.to_cells(question, None, UNITS).values()) <= {""}


def test_a_matrix_names_the_row_that_is_wrong_and_units_it_was_not_given():
    posted = {"q:snv": ["9"], "q:stc": ["4"], "q:xyz": ["4"], "qq:a": ["1"]}
    parsed = REGISTRY["rating_matrix"].parse(ask("rating_matrix"), posted, UNITS)
    assert {(fault.field, fault.kind) for fault in parsed.faults} == {("q:snv", "not_a_choice"), ("q:xyz", "unknown_unit")}
    assert parsed.value is None


def test_a_matrix_in_a_table_refuses_a_filled_column_of_an_unknown_unit():
    matrix = REGISTRY["rating_matrix"]
    assert matrix.from_cells(ask("rating_matrix"), {"q:snv": "4", "q:xyz": ""}, UNITS).value == {"snv": "4"}
    assert matrix.from_cells(ask("rating_matrix"), {"q:snv": "4", "q:xyz": "1"}, UNITS).faults[0].kind == "unknown_unit"


def test_a_matrix_asks_for_each_unit():
    matrix, question = REGISTRY["rating_matrix"], ask("rating_matrix")
    assert matrix.unanswered_fields(question, {"snv": "4"}, UNITS) == ("q:stc",)
    assert matrix.fields(question, UNITS) == ("q:snv", "q:stc")


def test_several_choices_in_one_cell_are_separated_by_spaces():
    multiple = REGISTRY["select_multiple"]
    assert multiple.to_cells(ask("select_multiple"), ["4", "1"]) == {"q": "4 1"}
    assert multiple.from_cells(ask("select_multiple"), {"q": "1  4"}).value == ["4", "1"]
    assert multiple.from_cells(ask("select_multiple"), {"q": "1 none"}).faults[0].kind == "exclusive"
    assert multiple.from_cells(ask("select_multiple"), {}).value is None


def test_words_in_another_language_fall_back_to_vietnamese():
    one = REGISTRY["select_one"]
    assert one.describe(ask("select_one"), "4", "en") == ("Good",)
    assert one.describe(ask("select_one"), "none", "en") == ("Không có",)
    assert one.describe(ask("select_one"), "gone_since", "vi") == ("gone_since",)
    assert REGISTRY["decimal"].describe(ask("decimal"), "12.5", "en") == ("12.5",)


def test_the_registry_is_what_the_brief_of_the_form_says():
    assert set(REGISTRY) == {"select_one", "select_multiple", "integer", "decimal", "text", "date", "note", "rating_matrix",
                             "rank", "range", "time", "acknowledge", "calculate", "geopoint", "image", "file"}
    for name, answer_type in REGISTRY.items():
        assert answer_type.template == f"{name}.html"


def test_every_kind_of_fault_has_words_of_its_own():
    assert set(WORDS) == set(get_args(Kind))
    assert len({words.reason for words in WORDS.values()}) == len(WORDS)
    assert all(words.reason.endswith(".") and words.mend.endswith(".") for words in WORDS.values())
    assert [field.name for field in dataclass_fields(AnswerFault)][:4] == ["field", "kind", "reason", "mend"]


def test_each_type_is_described_in_the_format_guide():
    guide = (Path(__file__).parents[2] / "docs/dinh-dang/phieu.md").read_text()
    assert [name for name in REGISTRY if f"`{name}" not in guide] == []


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(REGISTRY)), st.lists(st.text(max_size=30), max_size=3), st.text(max_size=10))
def test_whatever_is_posted_is_read_or_refused(type_name, given, unit):
    answer_type, question = REGISTRY[type_name], ask(type_name)
    parsed = answer_type.parse(question, {"q": given, "q:snv": given, f"q:{unit}": given}, UNITS)
    assert parsed.value is None or not parsed.faults
    if parsed.value is not None:
        cells = answer_type.to_cells(question, parsed.value, UNITS)
        assert answer_type.from_cells(question, cells, UNITS).value == parsed.value
        json.dumps(parsed.value).encode()
