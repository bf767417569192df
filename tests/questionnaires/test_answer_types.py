"""Every answer type reads what is posted, says it back, and survives a table; a blank is no answer, hostile text is refused."""

import json
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.answers import OWN_WORDS, REGISTRY, WORDS, UnitToRate
from questionnaires.answers.faults import AnswerFault, Kind
from questionnaires.expressions import answer_text
from questionnaires.model import Choice, ChoiceList, MissingKind, Question, Text

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
    ("time", {"q": ["8h30"]}, "08:30", ("08:30",)),
    ("time", {"q": ["៨:៣០"]}, "08:30", ("08:30",)),
    ("time", {"q": ["14 giờ 5 phút"]}, "14:05", ("14:05",)),
    ("time", {"q": ["2 GIO\u031b\u0300 rưỡi chiều"]}, "14:30", ("14:30",)),
    ("time", {"q": ["12h đêm"]}, "00:00", ("00:00",)),
    ("time", {"q": ["7:15 CH"]}, "19:15", ("19:15",)),
    ("time", {"q": ["08:30:00.000+07:00"]}, "08:30", ("08:30",)),
    ("range", {"q": ["10"]}, "10", ("10",)),
    ("range", {"q": ["៧,0"]}, "7", ("7",)),
    ("acknowledge", {"q": ["OK"]}, "OK", ("Đã xác nhận",)),
    ("geopoint", {"q:latitude": ["9,602500"], "q:longitude": ["-105.9739"]}, "9.6025 -105.9739", ("9,6025; -105,9739",)),
    ("geopoint", {"q:latitude": ["-០"], "q:longitude": ["180"]}, "0 180", ("0; 180",)),
    ("rank", {"q:4": ["2"], "q:1": ["1"], "q:none": ["3"], "q:dont_know": ["០៤"], "q:not_familiar": ["5"]},
     ["1", "4", "none", "dont_know", "not_familiar"], ("1. Kém", "2. Tốt", "3. Không có", "4. Không biết", "5. Chưa tiếp xúc")),
    ("calculate", {"q": ["posted"]}, None, ()),
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
    again = answer_type.to_posted(question, stored, UNITS, "vi")
    assert set(again) <= set(answer_type.fields(question, UNITS))
    assert answer_type.parse(question, again, UNITS).value == stored, "as it is shown, it is sent again"


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
    ("time", ["24:00"], "not_a_time"), ("time", ["8:60"], "not_a_time"), ("time", ["8"], "not_a_time"),
    ("time", ["15h sáng"], "not_a_time"), ("time", ["12h tối"], "not_a_time"), ("time", ["8" * 100_000], "not_a_time"),
    ("time", ["8:30\x00"], "not_a_time"), ("time", ["8:30", "9:30"], "repeated"),
    ("range", ["0"], "out_of_range"), ("range", ["11"], "out_of_range"), ("range", ["1,5"], "off_step"),
    ("range", ["9" * 100_000], "not_a_number"), ("range", ["1", "2"], "repeated"), ("range", ["#dont_know"], "not_a_number"),
    ("acknowledge", ["ok"], "not_a_choice"), ("acknowledge", ["OK", "x"], "repeated"),
    ("acknowledge", ["\x00"], "not_a_choice"),
    ("image", ["a.jpg"], "no_such_file"), ("file", ["x" * 1_000_000], "no_such_file"),
    ("image", ["file:" + "A" * 32], "no_such_file"), ("image", ["file:" + "a" * 32, "file:" + "b" * 32], "repeated"),
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


@pytest.mark.parametrize(("posted", "faults"), [
    ({"4": "1", "1": "1", "none": "2"}, {"q:4": "same_rank", "q:1": "same_rank",
                                        "q:dont_know": "not_ranked", "q:not_familiar": "not_ranked"}),
    ({"4": "1"}, {f"q:{name}": "not_ranked" for name in ("1", "none", "dont_know", "not_familiar")}),
    ({"4": "6", "1": "0", "none": "-1", "dont_know": "9" * 5_000, "not_familiar": "x"},
     {f"q:{name}": "not_a_choice" for name in ("4", "1", "none", "dont_know", "not_familiar")}),
    ({"4": "1", "1": "2", "none": "3", "dont_know": "4", "not_familiar": "5", "gone": "6"}, {"q": "not_a_choice"}),
])
def test_every_choice_has_a_place_of_its_own(posted, faults):
    parsed = REGISTRY["rank"].parse(ask("rank"), {f"q:{name}": [place] for name, place in posted.items()})
    assert {fault.field: fault.kind for fault in parsed.faults} == faults
    assert parsed.value is None


def test_two_places_for_one_choice_are_a_fault():
    parsed = REGISTRY["rank"].parse(ask("rank"), {"q:4": ["1", "2"]})
    assert ("q:4", "repeated") in {(fault.field, fault.kind) for fault in parsed.faults}


@pytest.mark.parametrize(("cell", "kind"), [("4 1", "not_an_order"), ("4 1 none dont_know not_familiar 4", "not_an_order"),
                                            ("4 1 none dont_know 9", "not_a_choice"), ("4 " * 50_000, "not_an_order")])
def test_an_order_in_a_cell_has_every_choice_once(cell, kind):
    assert [fault.kind for fault in REGISTRY["rank"].from_cells(ask("rank"), {"q": cell}).faults] == [kind]


@pytest.mark.parametrize(("latitude", "longitude", "faults"), [
    ("91", "200", {"q:latitude": "out_of_range", "q:longitude": "out_of_range"}), ("9", "", {"q:longitude": "half_place"}),
    ("", "9", {"q:latitude": "half_place"}), ("chín", "9", {"q:latitude": "not_a_number"}),
    ("9" * 50_000, "9\x00", {"q:latitude": "not_a_number", "q:longitude": "not_a_number"}),
])
def test_a_place_has_two_numbers_of_the_earth(latitude, longitude, faults):
    parsed = REGISTRY["geopoint"].parse(ask("geopoint"), {"q:latitude": [latitude], "q:longitude": [longitude]})
    assert {fault.field: fault.kind for fault in parsed.faults} == faults


def test_a_place_in_a_cell_may_have_altitude_and_accuracy():
    place = REGISTRY["geopoint"]
    assert place.from_cells(ask("geopoint"), {"q": "9.60  105.97 -3.0 12,5"}).value == "9.6 105.97 -3 12.5"
    assert place.to_posted(ask("geopoint"), "9.6 105.97 -3 12.5") == {"q:latitude": ["9.6"], "q:longitude": ["105.97"]}
    for wrong in ("9", "9 1 1 1 1", "9 x", "9 1 x", "9 " * 50_000, "9,6, 105,9"):
        assert place.from_cells(ask("geopoint"), {"q": wrong}).faults, wrong


MISSING = ("dont_know", "refused")
OFFERING = [name for name, answer_type in REGISTRY.items() if answer_type.offers_missing]
ANSWERS = {"integer": "3", "decimal": "1.5", "text": "chữ", "date": "2026-11-23", "time": "08:30", "range": "3",
           "geopoint": "9 105", "rank": ["1", "4", "none", "dont_know", "not_familiar"]}


@pytest.mark.parametrize("type_name", OFFERING)
@pytest.mark.parametrize("many", [False, True])
def test_a_kind_of_missing_is_an_answer_that_no_expression_sees(type_name, many):
    answer_type = REGISTRY[type_name]
    question = replace(ask(type_name), missing=MISSING, parameters={"end": "100"} if many else {})
    offer = answer_type.offers(question)[1]
    parsed = answer_type.parse(question, {offer.field: [offer.kind]})
    assert (parsed.value, parsed.faults) == ({"missing": "refused"}, ())
    assert answer_type.is_missing(question, parsed.value)
    assert answer_type.unanswered_fields(question, parsed.value) == ()
    assert answer_type.describe(question, parsed.value, "vi") == ("Không muốn trả lời",)
    assert answer_text(parsed.value) == ""
    assert answer_type.parse(question, answer_type.to_posted(question, parsed.value, language="vi")).value == parsed.value
    assert answer_type.to_cells(question, parsed.value) == {"q": "#refused"}
    assert answer_type.from_cells(question, {"q": "#refused"}).value == parsed.value
    assert [fault.kind for fault in answer_type.from_cells(question, {"q": "#not_familiar"}).faults] == ["not_a_choice"]
    assert not answer_type.is_missing(question, ANSWERS[type_name])


@pytest.mark.parametrize("type_name", OFFERING)
def test_an_answer_and_a_kind_of_missing_together_are_a_fault(type_name):
    answer_type = REGISTRY[type_name]
    question = replace(ask(type_name), missing=MISSING, parameters={"end": "100"})
    both = answer_type.to_posted(question, ANSWERS[type_name]) | {"q:missing": ["refused"]}
    parsed = answer_type.parse(question, both)
    assert [(fault.field, fault.kind) for fault in parsed.faults] == [("q", "answer_and_missing")]
    assert parsed.value is None
    assert "“Không muốn trả lời”" in str(parsed.faults[0])
    for ticked, kind in ((["refused", "dont_know"], "repeated"), (["not_familiar"], "not_a_choice"),
                         (["x" * 9_000], "not_a_choice")):
        assert [fault.kind for fault in answer_type.parse(question, {"q:missing": ticked}).faults] == [kind]


def test_a_kind_of_missing_that_is_not_offered_is_not_looked_for():
    assert REGISTRY["integer"].parse(ask("integer"), {"q:missing": ["refused"]}).value is None
    assert REGISTRY["text"].from_cells(ask("text"), {"q": "#refused"}).value == "#refused"
    matrix = REGISTRY["rating_matrix"]
    assert not matrix.is_missing(ask("rating_matrix"), {"missing": "dont_know"}), "a unit may bear that code"


@pytest.mark.parametrize("written", ["#refused", "##refused", "#dont_know", "# 5 đường", "##", "#", "#refused không"])
def test_what_somebody_wrote_is_never_mistaken_for_a_kind_of_missing(written):
    text, question = REGISTRY["text"], replace(ask("text"), missing=MISSING)
    assert text.from_cells(question, text.to_cells(question, written)).value == written


@pytest.mark.parametrize(("parameters", "points"), [
    ({"start": "0", "end": "1", "step": "0.25"}, ("0", "0.25", "0.5", "0.75", "1")),
    ({"start": "3", "end": "1"}, ("3", "2", "1")),
    ({"start": "0", "end": "10"}, tuple(map(str, range(11)))), ({"start": "0", "end": "11"}, ()),
    ({"start": "-1", "end": "1"}, ("-1", "0", "1")), ({"end": "1000000", "step": "0.000001"}, ()),
])
def test_few_points_are_chosen_from_and_many_are_typed(parameters, points):
    question = replace(ask("range"), parameters=parameters)
    assert REGISTRY["range"].points(question) == points
    assert list(REGISTRY["range"].check(question)) == []
    for point in points:
        assert REGISTRY["range"].parse(question, {"q": [point]}).value == point


@pytest.mark.parametrize(("type_name", "more", "keys"), [
    ("range", {"parameters": {"start": "1", "end": "10", "step": "2"}}, ["parameters"]),
    ("range", {"parameters": {"step": "0"}}, ["parameters"]), ("range", {"parameters": {"start": "x"}}, ["parameters"]),
    ("range", {"parameters": {"start": "10"}, "default": "10"}, ["parameters"]), ("range", {"default": "11"}, ["default"]),
    ("rank", {}, ["type"]), ("rank", {"choice_filter": "x = 1"}, ["type", "choice_filter"]),
    ("calculate", {}, ["calculation"]), ("calculate", {"calculation": "1", "default": "2"}, ["default"]),
    ("image", {"required": True}, []), ("file", {"default": "a.jpg"}, ["default"]),
    ("select_one", {"missing": MISSING}, ["missing"]), ("note", {"missing": MISSING}, ["missing"]),
    ("note", {"default": "x"}, ["default"]), ("date", {"default": "hôm nay"}, ["default"]),
    ("select_multiple", {"default": "4 none"}, ["default"]), ("select_multiple", {"default": "4 1"}, []),
    ("integer", {"default": "5", "missing": MISSING}, []), ("integer", {"default": "#refused", "missing": MISSING}, []),
    ("geopoint", {"default": "9 105"}, []), ("acknowledge", {"default": "OK"}, []), ("text", {}, []),
])
def test_what_does_not_fit_the_type_is_told_with_its_key(type_name, more, keys):
    found = list(REGISTRY[type_name].check(replace(ask(type_name), **more)))
    assert [key for key, _, _ in found] == keys
    assert all(reason.endswith(".") and mend.endswith(".") and "%(" not in reason for _, reason, mend in found)


def test_types_say_what_the_form_must_say_that_it_collects():
    assert {name: each.collects for name, each in REGISTRY.items() if each.collects} == {
        "geopoint": "location", "image": "files", "file": "files"}


def test_words_of_our_own_are_listed_for_translation():
    assert {REGISTRY["integer"].own_words({"missing": kind}) for kind in get_args(MissingKind)} | {
        REGISTRY["acknowledge"].own_words("OK"), REGISTRY["image"].own_words("file:" + "a" * 32)} == set(OWN_WORDS)
    assert REGISTRY["text"].own_words("Không biết") == ""


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(OFFERING), st.lists(st.text(max_size=12), max_size=2),
       st.lists(st.sampled_from(["dont_know", "refused", "x", "#dont_know", ""]), max_size=2))
def test_whatever_is_posted_beside_a_kind_of_missing_is_read_or_refused(type_name, typed, ticked):
    answer_type, question = REGISTRY[type_name], replace(ask(type_name), missing=MISSING)
    fields = answer_type.fields(question)
    parsed = answer_type.parse(question, {fields[0]: [*typed, *ticked], "q:missing": ticked, "q:4": ticked})
    assert parsed.value is None or not parsed.faults
    assert {each.field for each in parsed.faults} <= {"q", *fields}
    assert all("%(" not in str(each) for each in parsed.faults)
    if parsed.value is not None:
        assert answer_type.from_cells(question, answer_type.to_cells(question, parsed.value)).value == parsed.value
        assert answer_type.parse(question, answer_type.to_posted(question, parsed.value, language="vi")).value == parsed.value
