"""Conditions as rows: whatever is filled in comes back from the expression it becomes; other expressions are left as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.faults import Faults
from questionnaires import condition_rows, expressions
from questionnaires.condition_rows import COMPARISONS, Row, Rows, from_expression, to_expression

KINDS = {"went": "choice", "saw": "choices", "times": "number", "when": "date", "why": "text", ".": "number"}
FIT = {
    "choice": st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}", fullmatch=True),
    "choices": st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True),
    "number": st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,2})?", fullmatch=True),
    "date": st.dates().map(lambda day: day.isoformat()),
    "text": st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs", "S")), min_size=1, max_size=12).filter(
        lambda words: not ("'" in words and '"' in words) and "${" not in words),
}


@st.composite
def row(draw) -> Row:
    question = draw(st.sampled_from(list(KINDS)))
    kind = KINDS[question]
    comparison = draw(st.sampled_from([name for name, each in COMPARISONS.items() if kind in each.kinds]))
    if not COMPARISONS[comparison].takes_value:
        return Row(question, comparison)
    return Row(question, comparison, draw(st.integers(0, 99).map(str) if comparison.startswith("count") else FIT[kind]))


@given(st.sampled_from(["and", "or"]), st.lists(row(), min_size=1, max_size=6))
def test_rows_come_back_from_what_they_become(joiner, rows):
    expression = to_expression(Rows(joiner, tuple(rows)), KINDS)
    assert expressions.compile(expression)
    back = from_expression(expression, KINDS)
    assert back.rows == tuple(rows)
    assert back.joiner == (joiner if len(rows) > 1 else "and")
    assert to_expression(back, KINDS) == expression


@pytest.mark.parametrize(("expression", "rows"), [
    ("", []),
    ("${went}='yes'", [Row("went", "is", "yes")]),
    ("${ went } != \"no\"", [Row("went", "is_not", "no")]),
    ("selected( ${saw} , 'a' )", [Row("saw", "has", "a")]),
    ("not(selected(${saw}, 'a'))", [Row("saw", "has_not", "a")]),
    ("count-selected(${saw}) <= 2", [Row("saw", "count_at_most", "2")]),
    (". >= 1 and . <= 50", [Row(".", "at_least", "1"), Row(".", "at_most", "50")]),
    ("${when} > date('2024-01-01')", [Row("when", "more", "2024-01-01")]),
    ("${why} = 'this and that'", [Row("why", "equals", "this and that")]),
    ("${why} = ''", [Row("why", "blank")]),
])
def test_what_people_write_is_read_as_rows(expression, rows):
    assert from_expression(expression, KINDS).rows == tuple(rows)


@pytest.mark.parametrize("expression", [
    "${went} = 'yes' and ${times} > 1 or ${times} > 3", "(${went} = 'yes')", "not(${went} = 'yes')", "${times} + 1 > 2",
    "${unknown} = 'x'", "${times} = '3'", "${went} > 3", "${went} = ${why}", "regex(., '[0-9]+')", "${when} = '2024-01-01'",
    "${saw} = 'a'", "count-selected(${times}) <= 2", "${went} = 'yes' and", "and", "'yes' = ${went}",
])
def test_other_expressions_are_no_rows(expression):
    assert from_expression(expression, KINDS) is None


def test_every_row_that_cannot_be_is_named():
    rows = (Row("lost", "is", "1"), Row("went", "less", "1"), Row("went", "is"), Row("times", "less", "năm"),
            Row("when", "less", "1/2/2024"), Row("saw", "count_at_most", "hai"), Row("why", "equals", "'\""))
    with pytest.raises(Faults) as refusal:
        to_expression(Rows("and", rows), KINDS)
    assert [fault.place for fault in refusal.value.faults] == [f"Dòng {n}" for n in range(1, 8)]


def test_every_comparison_is_offered_to_some_answer():
    assert all(each.kinds for each in condition_rows.COMPARISONS.values())
