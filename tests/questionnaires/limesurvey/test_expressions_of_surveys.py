"""ExpressionScript becomes ODK XPath that means the same, or is refused with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires import expressions
from questionnaires.limesurvey import reader
from questionnaires.limesurvey import survey as lime
from questionnaires.limesurvey.conditions import as_expression
from questionnaires.limesurvey.expression import Untranslatable, pattern, translate
from questionnaires.limesurvey.names import Names
from tests.questionnaires.limesurvey.survey_builder import Q, survey

AB = {"A": "Một", "B": "Hai"}
SURVEY = survey(
    Q("age", "N"),
    Q("way", "L", answers={**AB, "x y": "Lạ"}, other="Y"),
    Q("many", "M", parts=AB, other="Y"),
    Q("grid", "F", parts={"r1": "R1"}, answers=AB),
    Q("dual", "1", parts={"r1": "R1"}, answers=AB, answers2=AB),
    Q("cells", ";", parts={"r1": "R1"}, columns={"c1": "C1"}),
    Q("boxes", ":", parts={"r1": "R1"}, columns={"c1": "C1"}, attributes={"multiflexible_checkbox": "1"}),
    Q("order", "R", answers=AB),
    Q("unit", "S"),
    Q("said", "X"),
    Q("unseen", "S", attributes={"hidden": "1"}),
)
NAMES = Names(lime.read(SURVEY, "x.lss"))


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("", ""),
        ("1", ""),
        ("age > 18", "${age} > 18"),
        ("age.NAOK ge 18 AND way.value eq 'A'", "${age} >= 18 and ${way} = 'A'"),
        ('((way == "A" or way.code ne "B"))', "(${way} = 'A' or ${way} != 'B')"),
        ("way == '-oth-'", "${way} = 'other'"),
        ("'x y' == way", "${way} = 'x_y'"),
        ("way_other != ''", "${way_other} != ''"),
        ("many_A == 'Y'", "selected(${many}, 'A')"),
        ("many_A != 'Y'", "not(selected(${many}, 'A'))"),
        ("many_A == ''", "not(selected(${many}, 'A'))"),
        ("many_A", "selected(${many}, 'A')"),
        ("!many_A and age", "not(selected(${many}, 'A')) and ${age}"),
        ("is_empty(many_B)", "not(selected(${many}, 'B'))"),
        ("!is_empty(age) == 1", "not(${age} = '') = 1"),
        ("is_empty(age + 1)", "${age} + 1 = ''"),
        ("is_empty(age == 1)", "(${age} = 1) = ''"),
        ("grid_r1 == 'B'", "${grid_r1} = 'B'"),
        ("dual_r1_0 == dual_r1_1", "${dual_r1_1} = ${dual_r1_2}"),
        ("cells_r1_c1 == 'x'", "${cells_r1_c1} = 'x'"),
        ("boxes_r1_c1 == 1", "selected(${boxes_r1}, 'c1')"),
        ("order_2 == 'A'", "selected-at(${order}, 1) = 'A'"),
        ("unit == 'a'", "${unit_answer} = 'a'"),
        ("123456X1X10 > 3", "${age} > 3"),
        ("123456X1X30A == 'Y'", "selected(${many}, 'A')"),
        ("123456X1X50r1#0 == 'A'", "${dual_r1_1} = 'A'"),
        ("INSERTANS:123456X1X10 > 3", "${age} > 3"),
        ("count(many_A, many_B, age) >= 2",
         "(if(selected(${many}, 'A'), 1, 0) + if(selected(${many}, 'B'), 1, 0) + if(${age} != '', 1, 0)) >= 2"),
        ("countif('A', grid_r1, way) > 1", "(if(${grid_r1} = 'A', 1, 0) + if(${way} = 'A', 1, 0)) > 1"),
        ("sum(age, grid_r1) / 2", "(coalesce(${age}, 0) + coalesce(${grid_r1}, 0)) div 2"),
        ("age - (1 - 2)", "${age} - (1 - 2)"),
        ("-age * .5", "-${age} * 0.5"),
        ("'a' + age + 'b'", "concat(concat('a', ${age}), 'b')"),
        ("substr(unit, 1, 2)", "substr(${unit_answer}, 1, 3)"),
        ("if(age > 3, round(age, 1), intval(unit))", "if(${age} > 3, round(${age}, 1), int(${unit_answer}))"),
        ("strlen(trim(unit)) <= 3", "string-length(normalize-space(${unit_answer})) <= 3"),
        (r"regexMatch('/^\d{4}$/', unit)", r"regex(${unit_answer}, '\d{4}')"),
        ("regexMatch('/ab/', unit)", "regex(${unit_answer}, '.*ab.*')"),
        ("unit == \"it's\"", '${unit_answer} = "it\'s"'),
    ],
)  # fmt: skip
def test_what_has_a_counterpart(written, made):
    assert translate(written, NAMES.named) == made
    if made:
        expressions.compile(made)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("age = 3", "phép gán"),
        ("nobody == 3", "không có câu hỏi “nobody”"),
        ("said == 3", "câu “said” không được đưa vào"),
        ("unseen == 3", "câu “unseen” không được đưa vào"),
        ("way.shown == 'Một'", "“.shown”"),
        ("way.relevanceStatus == 1", "“.relevanceStatus”"),
        ("TOKEN:FIRSTNAME == 'x'", "không có câu hỏi"),
        ("that.age > 3", "không có nghĩa ở đây"),
        ("this > 3", "không có nghĩa ở đây"),
        ("many == 'A'", "từng phương án"),
        ("many_A == 'B'", "dấu chọn"),
        ("many_A > 1", "không phải là số"),
        ("sum(many_A)", "không phải là số"),
        ("rand(1, 2) > 1", "không có hàm tương ứng với “rand”"),
        ("is_empty()", "sai số tham số"),
        ("age >", "bị cụt"),
        ("age > 3 4", "không hiểu “4”"),
        ("(age > 3", "thiếu “)”"),
        ("age ; 3", "không hiểu “; 3”"),
        ("unit == 'a\"b\\'c'", "cả nháy đơn và nháy kép"),
        ("regexMatch('/a/i', unit)", "tùy chọn riêng"),
        ("regexMatch(unit, unit)", "viết trong nháy"),
        ("regexMatch('/(a+)+b/', unit)", "regex"),
        ("substr(unit, -1)", "vị trí và độ dài"),
        ("(" * 60 + "age" + ")" * 60, "lồng quá"),
        ("age + " * 200 + "1", "quá"),
        ("x" * 5_000, "dài quá"),
    ],
)
def test_what_is_refused(written, reason):
    with pytest.raises(Untranslatable) as refused:
        translate(written, NAMES.named)
    assert reason in str(refused.value)


def test_the_question_being_checked_is_a_dot():
    assert translate("age > 3 and this < 9 and self.NAOK != 5", NAMES.named, "age") == ". > 3 and . < 9 and . != 5"
    assert translate("many_A == 'Y'", NAMES.named, "many") == "selected(., 'A')"


@pytest.mark.parametrize(
    ("written", "made"),
    [("/^a$/", "a"), ("/a/", ".*a.*"), ("/^(a|b)$/", "(a|b)"), ("/^a\\$/u", "a\\$.*"), ("/^[|]x$/", "[|]x")],
)
def test_patterns_are_for_the_whole_text(written, made):
    assert pattern(written) == made


@pytest.mark.parametrize("written", ["a", "/a/i", "/^a|b$/", "/(a|b)/", "#a#"])
def test_patterns_without_a_counterpart(written):
    with pytest.raises(Untranslatable):
        pattern(written)


def row(cfieldname, method, value, scenario="1", cqid="1"):
    return {"cfieldname": cfieldname, "method": method, "value": value, "scenario": scenario, "cqid": cqid}


@pytest.mark.parametrize(
    ("rows", "made"),
    [
        ([row("123456X1X20", "==", "A")], "${way} = 'A'"),
        ([row("123456X1X20", "==", "A"), row("123456X1X20", "==", "B")], "(${way} = 'A' or ${way} = 'B')"),
        ([row("123456X1X20", "==", "A"), row("123456X1X10", ">", "3", cqid="2")], "${way} = 'A' and ${age} > 3"),
        ([row("123456X1X20", "!=", "A"), row("123456X1X10", "<", "3", scenario="2")], "(${way} != 'A') or (${age} < 3)"),
        ([row("123456X1X20", "==", "")], "${way} = ''"),
        ([row("123456X1X20", "==", "-oth-")], "${way} = 'other'"),
        ([row("123456X1X30", "==", "A")], "selected(${many}, 'A')"),
        ([row("123456X1X30", "!=", "A")], "not(selected(${many}, 'A'))"),
        ([row("+123456X1X30B", "==", "Y")], "selected(${many}, 'B')"),
        ([row("+123456X1X30B", "!=", "Y")], "not(selected(${many}, 'B'))"),
        ([row("123456X1X20", "==", "@123456X1X40r1@")], "${way} = ${grid_r1}"),
        ([row("123456X1X90", "RX", "/^a+$/")], "regex(${unit_answer}, 'a+')"),
    ],
)
def test_the_table_of_conditions(rows, made):
    assert as_expression(rows, NAMES) == made
    expressions.compile(made)


@pytest.mark.parametrize(
    "bad",
    [
        row("{TOKEN:ATTRIBUTE_1}", "==", "x"),
        row("123456X1X999", "==", "x"),
        row("123456X1X20", "a<b", "x"),
        row("123456X1X10", ">", "{x}"),
        row("123456X1X20", "==", "{TOKEN:X}"),
        row("123456X1X20", "==", "a'b"),
        row("123456X1X30", "==", "none"),
        row("+123456X1X30A", "==", "maybe"),
        row("", "", ""),
    ],
)
def test_conditions_without_a_counterpart_leave_out_the_whole(bad):
    with pytest.raises(Untranslatable):
        as_expression([row("123456X1X20", "==", "A"), bad], NAMES)


PIECES = ["age", "way", "many_A", "this", "(", ")", "!", "-", "+", "==", "!=", "=", "<", "&&", "or", "'A'", "1", ",", "if(",
          "sum(", "is_empty(", "count(", "regexMatch(", "'/^a(/'", "123456X1X30A", ".NAOK", '"', "é", "\\", "#0"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12) | st.text(max_size=40))
def test_whatever_is_translated_compiles(pieces):
    try:
        made = translate(" ".join(pieces), NAMES.named, "age")
    except Untranslatable:
        return
    if made:
        expressions.compile(made)


def test_a_condition_on_a_hidden_question_is_told_where_it_means_something_else():
    source = survey(Q("a", "S"), Q("b", "S", relevance="a == 'x'"), Q("c", "S", relevance="b != 'y'"),
                    Q("d", "S", relevance="b.NAOK != 'y' and a != 'z' and b == 'x'"))  # fmt: skip
    told = [str(each) for each in reader.read(source, "x.lss").remarks if "đang ẩn" in each.reason]
    assert len(told) == 2, told
    assert told[0].startswith("x.lss, câu c: LimeSurvey coi điều kiện này là sai khi câu “b” đang ẩn")
