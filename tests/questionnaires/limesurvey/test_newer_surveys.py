"""What LimeSurvey 5 to 7 write otherwise than versions before: names by number, rankings, orders and themes of questions."""

import pytest

from questionnaires.limesurvey import reader
from tests.questionnaires.limesurvey.survey_builder import Q, survey

AB = {"A": "Một", "B": "Hai"}


def read(*questions: Q):
    return reader.read(survey(list(questions)), "s.lss")


def told(*questions: Q) -> list[str]:
    return [str(remark) for remark in read(*questions).remarks if ", câu " in str(remark)]


def test_what_is_ranked_may_stand_among_the_subquestions():
    [ranked] = read(Q("r", "R", parts=AB)).questionnaire.questions
    assert ranked.type == "rank"
    assert {choice.name: choice.label.in_language("vi") for choice in ranked.choices} == AB
    assert any("Điều kiện của từng phương án xếp hạng" in each for each in told(Q("r", "R", parts=AB, part_relevance="x > 1")))


#: condition by number -> the same here; the questions have the ids 10, 20 ..., their parts 10000, 10001 ..., columns 10500 ...
BY_NUMBER = {
    "Q10.NAOK == 'A'": "${one} = 'A'",
    "Q10_Cother.NAOK == 'x'": "${one_other} = 'x'",
    "Q20_S20001.NAOK == 'Y'": "selected(${many}, 'B')",
    "Q30_S30000.NAOK > 2": "${row_A} > 2",
    "Q40_S40001_S40500.NAOK > 2": "${cell_B_c} > 2",
    "Q50_S50001.NAOK == 'A'": "selected-at(${rank}, 1) = 'A'",
    "Q60_S60000#1.NAOK == '2'": "${dual_A_2} = '2'",
    "Q70_S70001_Ccomment.NAOK == 'x'": "${noted_B_comment} = 'x'",
}
ASKED = (
    Q("one", "L", answers=AB, other="Y"),
    Q("many", "M", parts=AB),
    Q("row", "K", parts=AB),
    Q("cell", ":", parts=AB, columns={"c": "C"}),
    Q("rank", "R", parts=AB),
    Q("dual", "1", parts=AB, answers={"1": "1", "2": "2"}, answers2={"1": "1", "2": "2"}),
    Q("noted", "P", parts=AB),
)


@pytest.mark.parametrize("written", BY_NUMBER)
def test_expressions_name_questions_and_their_parts_by_number(written):
    imported = read(*ASKED, Q("last", "S", relevance=written))
    assert imported.questionnaire.question("last").relevant == BY_NUMBER[written]


def test_a_code_that_looks_like_a_number_is_the_code():
    made = read(Q("Q20", "S"), Q("b", "S"), Q("last", "S", relevance="Q20.NAOK == 'x'")).questionnaire
    assert made.question("last").relevant == "${Q20} = 'x'"


def test_a_number_of_nothing_is_told():
    assert any("không có câu hỏi “Q99_S1”" in each for each in told(Q("a", "S"), Q("b", "S", relevance="Q99_S1.NAOK == 'x'")))


def test_the_table_of_conditions_names_them_so_too():
    row = {"cid": "1", "cqid": "10", "cfieldname": "Q10", "method": "==", "value": "A", "scenario": "1"}
    made = read(ASKED[0], Q("last", "S", conditions=[row], relevance='((Q10.NAOK == "A"))')).questionnaire
    assert made.question("last").relevant == "${one} = 'A'"
    other = row | {"value": "@Q20@"}
    made = read(Q("a", "S"), Q("b", "S"), Q("last", "S", conditions=[other])).questionnaire
    assert made.question("last").relevant == "${a} = ${b}"


def test_orders_and_themes_of_their_own_are_told():
    shuffled, sorted_, rows, drawn = (
        Q("a", "M", parts=AB, attributes={"subquestion_order": "random"}, theme="multiplechoice"),
        Q("b", "L", answers=AB, attributes={"answer_order": "alphabetical"}),
        Q("c", "K", parts=AB, attributes={"subquestion_order": "random"}),
        Q("d", "L", answers=AB, theme="image_select-listradio"),
    )
    assert read(shuffled).questionnaire.question("a").parameters == {"randomize": "true"}
    assert not any("giao diện" in each for each in told(shuffled))
    assert any("Sắp theo vần" in each for each in told(sorted_))
    assert any("Thứ tự ngẫu nhiên của các dòng" in each for each in told(rows))
    assert any("image_select-listradio" in each and "Xem lại nhãn" in each for each in told(drawn))
