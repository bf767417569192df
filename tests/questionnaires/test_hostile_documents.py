"""Questionnaires written to hurt: refused in words, or checked, within seconds and bounded memory; never a traceback."""

import resource
import time

import pytest

from documents.faults import Faults
from questionnaires import document, offering, routing
from tests.factories import EVERYTHING

HEAD = EVERYTHING[: EVERYTHING.index("pages:")]
ASKED = "pages:\n  - name: p\n    label: T\n    questions:\n"
#: of the processor, on a machine that does other things beside
SECONDS = 15


def form(*questions: str) -> str:
    return HEAD + ASKED + "".join(f"      - {{{each}}}\n" for each in questions)


def text(name: str, more: str = "") -> str:
    return f"type: text, name: {name}, label: L{more}"


def asked_if(condition: str) -> str:
    return form(text("a"), text("b", f', relevant: "{condition}"'))


def judged_by(pattern: str) -> str:
    return form(text("a", f", constraint: \"regex(., '{pattern}')\""))


REFUSED = {
    "nested lists": ("[" * 5000, "Không đọc được YAML"),
    "nested mappings": ("".join(" " * depth + "a:\n" for depth in range(1500)), "Không đọc được YAML"),
    "nested groups": (HEAD + ASKED.replace("questions:\n", "questions: ") + "[{group: a, questions: " * 40 + "[]" + "}]" * 40,
                      "lồng quá"),
    "a million elements": ("a: [" + "b," * 900_000 + "]", "phần tử"),
    "far too many questions": (form(*(text(f"q{number}") for number in range(3_000))), "tối đa 500 câu hỏi"),
    "far too many choices": (HEAD + "  big:\n" + "".join(f"    - {{name: c{number}, label: c}}\n" for number in range(3_000))
                                + ASKED + "      - {type: select_one big, name: a, label: L}\n", "từ 2 đến 200"),
    "brackets": (asked_if("(" * 490 + "1" + ")" * 490), "thành phần"),
    "a long sum": (asked_if("1 + " * 100_000 + "1"), "dài quá"),
    "quotes": (asked_if("'" * 999), "thành phần"),
    "nested repetition": (judged_by("(a+)+b"), "lặp một nhóm"),
    "alternatives": (judged_by("(a|a)*b"), "lặp một nhóm"),
    "counted repetition": (judged_by("((a{1,999}){1,999}){1,999}"), "lặp một nhóm"),
    "references": ("a: &a [1]\nb: [*a, *a]\n", "neo"),
    "an object": ("a: !!python/object/apply:os.system [id]\n", "thẻ kiểu"),
    "a scale without end": (form("type: range, name: a, label: L, parameters: {start: \"0\", end: \"" + "9" * 5000
                                 + "\", step: \"1e-5000\"}"), "thang"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_written_to_hurt_is_refused_in_words(kind):
    source, words = REFUSED[kind]
    begun = time.process_time()
    with pytest.raises(Faults, match=words) as refused:
        document.load(source.encode(), "phieu.yaml")
    assert time.process_time() - begun < SECONDS
    assert all(each.place.startswith("phieu.yaml") and each.mend and len(each.reason) < 2_000 for each in refused.value.faults)


def test_calculated_values_cannot_grow_without_end():
    put_together = ",".join(["${%s}"] * 40)
    values = [f'type: calculate, name: c{at}, calculation: "concat({put_together % ((f"c{at - 1}" if at else "a",) * 40)})"'
              for at in range(20)]
    made = document.load(form(text("a"), *values).encode(), "phieu.yaml")
    answers = routing.relevant_answers(made, {"a": "xy" * 900})
    assert {len(value) for name, value in answers.items() if name != "a"} == {10_000}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000


def test_numbers_without_end_are_no_answer():
    condition = "pow(pow(pow(9, 9), 9), 9) > ${a} + pow(10, 100000) + exp(100000)"
    source = form("type: integer, name: a, label: L", text("b", f', relevant: "{condition}"'))
    made = document.load(source.encode(), "phieu.yaml")
    assert [question.name for question in routing.plan(made, {"a": "5"})[0].questions] == ["a"]


def test_a_text_that_repeats_a_long_answer_is_bounded():
    made = document.load(form(text("a"), text("b").replace("label: L", 'label: "' + "${a}" * 240 + '"')).encode(), "phieu.yaml")
    asked = offering.as_asked(made, made.question("b"), {"a": "x" * 2000}, "vi")
    assert len(asked.label.in_language("vi")) <= 240 * 2000
