"""ODK's expressions: what they mean, what is refused, and that nothing written in them can hurt."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import expressions, regex_guard
from questionnaires.expressions import ExpressionError

ANSWERS = {"age": "34", "name": "Sơn", "many": ["a", "b"], "day": "2024-02-29", "if": "x", "matrix": {"snv": "4"},
           "blank": None}


def holds(source: str, current=None) -> bool:
    return expressions.compile(source).evaluate(ANSWERS, current)


@pytest.mark.parametrize("source", [
    "${age} = 34", "${age} > 33.5", "${age} = '34'", "${age} != '034'", "${age} = 034", "${age}-1 = 33", "-${age} < 0",
    "1 + 2 * 3 = 7", "(1 + 2) * 3 = 9", "7 mod 4 = 3", "-7 mod 4 = -3", "10 div 4 = 2.5", "1 or 0 and 0", "not(1 = 2)",
    "${name} = 'Sơn'", '${name} = "Sơn"', "concat(${name}, ' ', ${age}) = 'Sơn 34'", "string-length(${name}) = 3",
    "selected(${many}, 'a')", "not(selected(${many}, 'c'))", "not(selected('yes', 'ye'))", "count-selected(${many}) = 2",
    "selected-at(${many}, 1) = 'b'", "selected-at(${many}, 9) = ''", "if(${age} >= 18, 'x', 'y') = 'x'",
    "coalesce(${nothing}, ${age}) = 34", "coalesce(${nothing}, '') = ''", "regex(${age}, '[0-9]{2}')",
    "not(regex(${age}, '[0-9]'))", "contains(${name}, 'ơ')", "starts-with('abc', 'ab')", "ends-with('abc', 'bc')",
    "substr('hello', 1, 3) = 'el'", "substr('hello', 3) = 'lo'", "substring-before('a-b', '-') = 'a'",
    "substring-after('a-b', '-') = 'b'", "normalize-space('  a   b ') = 'a b'", "translate('abc', 'ab', 'x') = 'xc'",
    "int(2.9) = 2", "int(-2.9) = -2", "round(2.5) = 3", "round(1.256, 2) = 1.26", "abs(-3) = 3", "pow(2, 10) = 1024",
    "min(3, 1, 2) = 1", "max(3, '', 2) = 3", "${day} > '2024-02-28'", "date(${day}) - date('2024-02-01') = 28",
    "true()", "not(false())", "boolean('x')", "${if} = 'x'", "${age} > 30 and ${age} < 40 or false()",
    "1 = 1 and 'and' = 'and'", "'${'='${'", ".5 + .5 = 1",
])
def test_what_holds(source):
    assert holds(source)


@pytest.mark.parametrize("source", [
    "${nothing}", "${nothing} = 0", "${nothing} > 0", "${nothing} < 1", "${nothing} >= 0", "${nothing} = 'x'", "${blank}",
    "selected(${nothing}, 'a')", "count-selected(${nothing}) > 0", "${nothing} + 1 > 0", "${matrix} = '4'", "${name} > 1",
    "1 div 0 < 1", "0 div 0 = 0", "'2023-02-29' = date('2023-02-29')", "number('٣') = 3", "round(1 div 0) = 1",
    "int(0 div 0) = 0", "false()",
])
def test_what_does_not_hold(source):
    """Nothing unanswered is a number: neither zero nor anything to compare with."""
    assert not holds(source)


def test_an_unanswered_question_is_the_empty_text():
    assert holds("${nothing} = ''")
    assert holds("${blank} = ''")
    assert holds("${nothing} != 'x'")


def test_the_current_answer():
    expression = expressions.compile(". >= 0 and . <= 120")
    assert [expression.evaluate({}, value) for value in ("0", "120", "121", "-1", "x", None)] == [
        True, True, False, False, False, False]
    assert expression.uses_current
    assert expressions.compile("count-selected(.) <= 2").evaluate({}, ["a", "b"])


def test_references_and_compared_texts():
    expression = expressions.compile("${a} = 'x' or selected(${b}, 'y') and ${a} != ${c} and . = 'z'")
    assert expression.references == ("a", "b", "c")
    assert set(expression.compared_texts) == {("a", "x"), ("b", "y"), (".", "z")}
    assert not expressions.compile("${a} = 1").uses_current


@pytest.mark.parametrize(("source", "words"), [
    ("", "sai cú pháp"), ("(", "sai cú pháp"), ("1 +", "sai cú pháp"), ("'a", "sai cú pháp"), ("${a} ${b}", "sai cú pháp"),
    ("${a}[1]", "sai cú pháp"), ("/data/a", "sai cú pháp"), ("../a", "sai cú pháp"), ("//*", "sai cú pháp"),
    ("@id", "sai cú pháp"), ("a | b", "sai cú pháp"), ("{1}", "sai cú pháp"), ("1; 2", "sai cú pháp"),
    ("yes = 'yes'", "“yes”"), ("${a b}", "Dấu $"), ("$a", "Dấu $"), ("${}", "Dấu $"), ("'${a}' = 1", "trong dấu nháy"),
    ("document('x')", "“document”"), ("doc('file:///etc/passwd')", "“doc”"), ("selectd(${a}, 'x')", "“selectd”"),
    ("fn:doc('x')", "“fn:doc”"), ("__import__('os')", "“__import__”"), ("unparsed-text('x')", "“unparsed-text”"),
    ("environment-variable('HOME')", "“environment-variable”"), ("current-date()", "“current-date”"),
    ("if(1)", "số tham số"), ("selected(${a})", "số tham số"), ("true(1)", "số tham số"), ("not(1, 2)", "số tham số"),
    ("regex(${a}, ${b})", "regex"), ("regex(${a}, '[')", "regex"), ("regex(${a}, '(a+)+')", "regex"),
    ("1" + "+1" * 300, "thành phần"), ("(" * 50 + "1" + ")" * 50, "lồng"), ("-" * 60 + "1", "lồng"),
    ("'" + "x" * 2_000 + "'", "dài quá"),
    ("not(" * 45 + "1" + ")" * 45, "lồng"), ("- " * 60 + "1", "lồng"),
])
def test_what_is_refused(source, words):
    with pytest.raises(ExpressionError) as caught:
        expressions.compile(source)
    assert words in caught.value.reason
    assert caught.value.mend


def test_a_misspelt_function_gets_a_suggestion():
    with pytest.raises(ExpressionError) as caught:
        expressions.compile("count-select(${a}) > 1")
    assert "“count-selected”" in caught.value.mend


@pytest.mark.parametrize("pattern", [
    "(a+)+", "(a*)*b", "(a|aa)+", "([a-z]+,)*", "(?:a+)+", "((a)?)*", "(a{1,9}){1,9}", "a*a*a*a*b", r"(.)\1", "(?=a)b",
    "(?P<x>a)",
    "(a+){20}", "[", "(", "*", "a" * 201,
])
def test_a_pattern_that_could_run_away_is_refused(pattern):
    with pytest.raises(regex_guard.RegexRefused):
        regex_guard.check(pattern)


@pytest.mark.parametrize(("pattern", "subject", "matches"), [
    (r"[0-9]{10}", "0912345678", True), (r"(0|\+84)[0-9]{9,10}", "+84912345678", True),
    (r"[^@]+@[^@]+\.[a-z]{2,}", "a@b.vn", True),
    (r"\d{4}", "12345", False), (r"[]a]+", "]a]", True), (r"([0-9]{3} ){2}[0-9]{3}", "123 456 789", True), (r"a|b", "b", True),
    (r".*", "a" * 257, False), (r"(ab)+", "abab", True), (r"\(\)", "()", True), ("Sơn|Hà", "Hà", True),
])
def test_ordinary_patterns_match_the_whole_text(pattern, subject, matches):
    assert regex_guard.matches_whole(pattern, subject) is matches


def test_the_worst_pattern_allowed_is_over_quickly():
    started = time.monotonic()
    assert not regex_guard.matches_whole("a*a*a*b", "a" * regex_guard.MAX_SUBJECT)
    assert time.monotonic() - started < 2


pieces = st.sampled_from(
    ["${a}", "${b}", ".", "'x'", "1", "2.5", "+", "-", "*", "div", "mod", "=", "!=", "<", ">=", "and", "or",
     "(", ")", ",", "not(", "if(", "selected(", "max(", "regex(",
     "'[a-z]+'", "pow(", "round(", "99999999999", "$", "/", "@", "doc(", "name"])


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=14).map(" ".join), st.text(max_size=8), st.none() | st.text(max_size=8))
def test_any_text_is_either_refused_or_answers_yes_or_no(source, answer, current):
    try:
        expression = expressions.compile(source)
    except ExpressionError:
        return
    assert expression.evaluate({"a": answer, "b": [answer]}, current) in (True, False)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_arbitrary_text_never_escapes_as_another_error(source):
    with contextlib.suppress(ExpressionError):
        expressions.compile(source).evaluate({})
