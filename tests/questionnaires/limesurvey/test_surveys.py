"""Surveys become drafts: each type, names, texts, conditions, values filled in; whatever does not come along is told."""

from pathlib import Path

import pytest

from questionnaires import document
from questionnaires.limesurvey import attributes, names, questions, reader
from tests.questionnaires.limesurvey.survey_builder import Q, survey

GUIDE = (Path(__file__).parents[3] / "docs/dinh-dang/limesurvey.md").read_text()
AB = {"A": "Một", "B": "Hai"}
ROWS, COLUMNS = {"r1": "Dòng 1", "r2": "Dòng 2"}, {"c1": "Cột 1", "c2": "Cột 2"}
#: question -> what it becomes: (name, type, list)
TYPES = [
    (Q("q", "L", answers=AB), [("q", "select_one", "q_answers")]),
    (Q("q", "L", answers=AB, other="Y"), [("q", "select_one", "q_answers"), ("q_other", "text", "")]),
    (Q("q", "!", answers=AB), [("q", "select_one", "q_answers")]),
    (Q("q", "O", answers=AB), [("q", "select_one", "q_answers"), ("q_comment", "text", "")]),
    (Q("q", "Y"), [("q", "select_one", "yes_no")]),
    (Q("q", "G"), [("q", "select_one", "gender")]),
    (Q("q", "5"), [("q", "select_one", "points5")]),
    (Q("q", "M", parts=AB), [("q", "select_multiple", "q_choices")]),
    (Q("q", "M", parts=AB, other="Y", attributes={"other_numbers_only": "1"}),
     [("q", "select_multiple", "q_choices"), ("q_other", "decimal", "")]),
    (Q("q", "P", parts=AB),
     [("q", "select_multiple", "q_choices"), ("q_A_comment", "text", ""), ("q_B_comment", "text", "")]),
    (Q("q", "S"), [("q", "text", "")]),
    (Q("q", "S", attributes={"numbers_only": "1"}), [("q", "decimal", "")]),
    (Q("q", "T"), [("q", "text", "")]),
    (Q("q", "U"), [("q", "text", "")]),
    (Q("q", "N"), [("q", "decimal", "")]),
    (Q("q", "N", attributes={"num_value_int_only": "1"}), [("q", "integer", "")]),
    (Q("q", "D"), [("q", "date", "")]),
    (Q("q", "D", attributes={"date_format": "HH:MM"}), [("q", "time", "")]),
    (Q("q", "X"), [("q", "note", "")]),
    (Q("q", "*", text="<p>{1 + 2}</p>"), [("q", "calculate", "")]),
    (Q("q", "R", answers=AB), [("q", "rank", "q_answers")]),
    (Q("q", "A", parts=ROWS), [("q_r1", "select_one", "points5"), ("q_r2", "select_one", "points5")]),
    (Q("q", "B", parts=ROWS), [("q_r1", "select_one", "points10"), ("q_r2", "select_one", "points10")]),
    (Q("q", "C", parts=ROWS), [("q_r1", "select_one", "yes_uncertain_no"), ("q_r2", "select_one", "yes_uncertain_no")]),
    (Q("q", "E", parts=ROWS), [(f"q_r{n}", "select_one", "increase_same_decrease") for n in (1, 2)]),
    (Q("q", "F", parts=ROWS, answers=AB), [("q_r1", "select_one", "q_answers"), ("q_r2", "select_one", "q_answers")]),
    (Q("q", "H", parts=ROWS, answers=AB), [("q_r1", "select_one", "q_answers"), ("q_r2", "select_one", "q_answers")]),
    (Q("q", "Q", parts=ROWS), [("q_r1", "text", ""), ("q_r2", "text", "")]),
    (Q("q", "K", parts=ROWS), [("q_r1", "decimal", ""), ("q_r2", "decimal", "")]),
    (Q("q", "K", parts=ROWS, attributes={"slider_layout": "1", "slider_max": "10"}),
     [("q_r1", "range", ""), ("q_r2", "range", "")]),
    (Q("q", ";", parts=ROWS, columns=COLUMNS), [(f"q_r{r}_c{c}", "text", "") for c in (1, 2) for r in (1, 2)]),
    (Q("q", ":", parts=ROWS, columns=COLUMNS), [(f"q_r{r}_c{c}", "integer", "") for c in (1, 2) for r in (1, 2)]),
    (Q("q", ":", parts=ROWS, columns=COLUMNS, attributes={"input_boxes": "1"}),
     [(f"q_r{r}_c{c}", "decimal", "") for c in (1, 2) for r in (1, 2)]),
    (Q("q", ":", parts=ROWS, columns=COLUMNS, attributes={"multiflexible_checkbox": "1"}),
     [("q_r1", "select_multiple", "q_choices"), ("q_r2", "select_multiple", "q_choices")]),
    (Q("q", "1", parts=ROWS, answers=AB, answers2=AB),
     [("q_r1_1", "select_one", "q_answers"), ("q_r2_1", "select_one", "q_answers"),
      ("q_r1_2", "select_one", "q_answers2"), ("q_r2_2", "select_one", "q_answers2")]),
    (Q("q", "I"), []),
    (Q("q", "|"), []),
    (Q("q", "?"), []),
    (Q("q", "S", attributes={"hidden": "1"}), []),
]  # fmt: skip


def imported(*groups, **rest) -> reader.ImportedSurvey:
    """The same from both shapes of the file, and writable: whatever the checks say of it."""
    found = reader.read(survey(*groups, **rest, newer=True), "x.lss")
    assert reader.read(survey(*groups, **rest, newer=False), "x.lss") == found
    document.dump(found.questionnaire)
    return found


def told(found: reader.ImportedSurvey) -> str:
    return "\n".join(map(str, found.remarks))


def others_than_consent(found: reader.ImportedSurvey) -> list[str]:
    return [str(fault) for fault in found.faults() if "consent" not in fault.place and "bản nháp" not in fault.mend]


@pytest.mark.parametrize(("question", "made"), TYPES)
def test_each_type(question, made):
    found = imported([question, Q("last", "T")])
    asked = found.questionnaire.questions[:-1]
    assert [(each.name, each.type, each.choices.name if each.choices else "") for each in asked] == made
    assert others_than_consent(found) == []
    if not made:
        assert "x.lss, câu q: " in told(found)


def test_every_type_is_tried_and_in_the_guide():
    assert {question.type for question, _ in TYPES} - {"?"} == set(questions._READERS) | set(names.LEFT_OUT)
    assert set(questions._READERS) == names.KNOWN
    for kind in names.KNOWN | set(names.LEFT_OUT):
        assert f"`{kind}`" in GUIDE.replace("\\|", "|"), kind


def test_a_table_is_a_grid_under_the_heading_of_the_whole():
    found = imported(Q("q", "F", "Hài lòng?", parts=ROWS, answers=AB, help="Chọn một mức", mandatory="Y"))
    first, second = found.questionnaire.questions
    (group,) = first.within
    assert group == second.within[0]
    assert (group.label.by_language, group.appearance) == ({"vi": "Hài lòng?"}, "table-list")
    assert group.hint.by_language == {"vi": "Chọn một mức"}
    assert (first.label.by_language, first.required, first.hint.by_language) == ({"vi": "Dòng 1"}, True, {})
    dual = imported(Q("d", "1", "Hai thang", parts=ROWS, answers=AB, answers2=AB,
                      attributes={"dualscale_headerA": {"vi": "Trước"}, "dualscale_headerB": {"vi": "Sau"}}))  # fmt: skip
    assert [group.label.by_language["vi"] for group in dual.questionnaire.groups] == ["Hai thang – Trước", "Hai thang – Sau"]


def test_several_languages_and_html():
    text = {"vi": "<p>Tuổi&nbsp;<b>của</b> Ông/Bà<br/>là mấy?</p><style>p {color: red}</style>", "en": "Your age &lt; 5?"}
    found = imported(Q("q", "N", text), Q("y", "Y", {"vi": "{q.shown} tuổi? {INSERTANS:123456X1X10} {nope}", "en": "x"}),
                     languages=("vi", "en"))  # fmt: skip
    age, yes = found.questionnaire.questions
    assert age.label.by_language == {"vi": "Tuổi của Ông/Bà\nlà mấy?", "en": "Your age < 5?"}
    assert yes.label.by_language["vi"] == "${q} tuổi? ${q} {nope}"
    assert "câu y: Không chuyển được “{nope}” trong câu chữ" in told(found)
    assert yes.choices.choices[0].label.by_language == {"vi": "Có", "en": "Yes"}
    assert found.questionnaire.languages == ("vi", "en")


def test_what_html_loses_is_told_and_other_languages_are_ours_in_english():
    found = imported(Q("q", "Y", {"th": '<img src="data:image/png;base64,AAAA"> <a href="x">Xem</a><script>x<y</script>'}),
                     languages=("th",))  # fmt: skip
    assert found.questionnaire.questions[0].label.by_language == {"th": "Xem"}
    assert "câu q: Không giữ được trong câu chữ: hình, mã JavaScript, đường dẫn." in told(found)
    assert told(found).count("để tiếng Anh ở ngôn ngữ th") == 1
    stray = reader.read(
        survey(Q("q", "S")).replace(b"<language>vi</language></row>", b"<language>xx</language></row>"), "x.lss"
    )
    assert "bản dịch “xx” mà khảo sát không khai báo" in told(stray)


def test_names_that_clash_or_are_none_here_are_changed_told_and_followed():
    found = imported([Q("unit", "S"), Q("Age", "N"), Q("age", "N"), Q("1a", "S"), Q("q", "L", answers={"a b": "x", "c": "y"}),
                      Q("grid", "F", parts={"1": "Một"}, answers=AB), Q("grid_1", "S"),
                      Q("z", "S", relevance="unit == 'x' and age > 1 and grid_1 == 'A' and q == 'a b'")])  # fmt: skip
    made = found.questionnaire
    assert [each.name for each in made.questions] == [
        "unit_answer", "Age", "age_2", "q_1a", "q", "grid_1", "grid_1_2", "z"]  # fmt: skip
    assert made.question("z").relevant == "${unit_answer} = 'x' and ${age_2} > 1 and ${grid_1} = 'A' and ${q} = 'a_b'"
    for changed in ("unit” không dùng được ở đây, đổi thành “unit_answer”", "age” không dùng được ở đây, đổi thành “age_2”",
                    "1a” không dùng được ở đây, đổi thành “q_1a”", "a b” không dùng được ở đây, đổi thành “a_b”"):  # fmt: skip
        assert changed in told(found)
    assert others_than_consent(found) == []


def test_two_questions_of_one_code_are_told_apart_by_number():
    found = imported([Q("a", "S"), Q("a", "S"), Q("z", "S", relevance="123456X1X20 == 'x' and a == 'y'")])
    assert found.questionnaire.question("z").relevant == "${a_2} = 'x' and ${a} = 'y'"


def test_conditions_of_groups_questions_parts_and_filters():
    found = imported(
        [
            Q("src", "M", parts=ROWS),
            Q("q", "F", parts=ROWS, answers=AB, attributes={"array_filter": "src"}, relevance="src_r1"),
        ],
        [Q("p", "Q", parts=ROWS, part_relevance="src_r2 == 'Y'")],
        [
            Q(
                "c",
                "S",
                relevance="",
                conditions=[{"cfieldname": "123456X1X10", "method": "==", "value": "r1", "cqid": "10", "scenario": "1"}],
            )
        ],  # fmt: skip
        relevances=("", "src_r1 == 'Y'"),
    )
    made = found.questionnaire
    assert made.question("q_r2").relevant == "(selected(${src}, 'r1')) and (selected(${src}, 'r2'))"
    assert made.pages[1].relevant == "selected(${src}, 'r1')"
    assert made.question("p_r1").relevant == "selected(${src}, 'r2')"
    assert made.question("c").relevant == "selected(${src}, 'r1')"
    assert others_than_consent(found) == []


def test_conditions_on_what_is_left_out_are_told_and_left_out():
    found = imported([Q("f", "|"), Q("e", "*", text="Tổng là {1 + 1} điểm"), Q("a", "S", relevance="f != ''"),
                      Q("b", "S", relevance="e > 1")])  # fmt: skip
    assert [(each.name, each.relevant) for each in found.questionnaire.questions] == [("a", ""), ("b", "")]
    assert "câu e: Không đưa được câu tính toán vào: công thức lẫn với chữ." in told(found)
    assert "câu “f” không được đưa vào" in told(found)
    assert "câu “e” không được đưa vào" in told(found)


@pytest.mark.parametrize(
    ("question", "constraint"),
    [
        (Q("q", "N", attributes={"min_num_value_n": "1", "max_num_value_n": "{a * 2}"}), "(. >= 1) and (. <= (${a} * 2))"),
        (Q("q", "S", attributes={"maximum_chars": "9"}, preg="/^[a-z]+$/"), "(string-length(.) <= 9) and (regex(., '[a-z]+'))"),
        (Q("q", "M", parts=AB, attributes={"min_answers": "1", "max_answers": "2"}),
         "(count-selected(.) >= 1) and (count-selected(.) <= 2)"),
        (Q("q", "N", attributes={"em_validation_q": "q > 3 and this < a"}), ". > 3 and . < ${a}"),
        (Q("q", "D", attributes={"date_min": "2024-01-01"}), ". >= date('2024-01-01')"),
        (Q("q", "D", attributes={"date_min": "today"}), ""),
        (Q("q", "N", attributes={"em_validation_q": "rand() > 1"}), ""),
        (Q("q", "S", preg="/x/i"), ""),
    ],
)  # fmt: skip
def test_limits_become_constraints_or_are_told(question, constraint):
    found = imported([Q("a", "N"), question])
    assert found.questionnaire.question("q").constraint == constraint
    assert constraint or "câu q: Không chuyển được" in told(found)
    assert others_than_consent(found) == []


def test_what_is_said_of_all_parts_together_stands_at_the_last():
    found = imported(Q("q", "K", parts=ROWS, attributes={"em_validation_q": "q_r1 + q_r2 == 100",
                                                         "em_validation_sq": "this < 90",
                                                         "em_validation_q_tip": {"vi": "Tổng phải là 100"}}))  # fmt: skip
    first, last = found.questionnaire.questions
    assert (first.constraint, last.constraint) == (". < 90", "(. < 90) and (${q_r1} + . = 100)")
    assert last.constraint_message.by_language == {"vi": "Tổng phải là 100"}


def test_values_filled_in_beforehand():
    found = imported(
        [Q("l", "L", answers={"a b": "x", "c": "y"}, defaults={"": "a b"}), Q("s", "S", defaults={"": "chữ"}),
         Q("m", "M", parts=AB, other="Y", defaults={"A": "Y", "other": "khác"}),
         Q("k", "Q", parts=ROWS, defaults={"r2": "hai"}),
         Q("e", "S", defaults={"": "{l}"})])  # fmt: skip
    made = {each.name: each.default for each in found.questionnaire.questions}
    assert made == {"l": "a_b", "s": "chữ", "m": "A", "m_other": "khác", "k_r1": "", "k_r2": "hai", "e": ""}
    assert "câu e: Giá trị điền sẵn “{l}” là biểu thức" in told(found)


def test_attributes_and_settings_are_told_once():
    found = imported(
        [Q("a", "N", mandatory="S", encrypted="Y", script="alert(1)",
           attributes={"prefix": {"vi": "đồng"}, "cssclass": "x", "fix_height": "200", "zzz": "9", "max_answers": "2",
                       "page_break": "1"}),
         Q("m", "M", parts=AB, part_relevance="a > 1", attributes={"exclude_all_others": "B", "random_order": "1"})],
        said={"surveyls_endtext": "Cảm ơn", "surveyls_welcometext": "Chào", "surveyls_policy_notice": "Dữ liệu"},
        settings={"format": "A"},
        more="<quota><rows><row><id>1</id><name>Nam</name></row></rows></quota><plugin_x><rows/></plugin_x>"
        "<themes><theme><config><options/></config></theme></themes>"
        "<assessments><rows><row><id>1</id></row></rows></assessments>",
    )  # fmt: skip
    said = told(found)
    for sentence in (
        "câu a: Thuộc tính không được đưa vào: chữ trước ô (prefix) = “đồng”; zzz = “9”; max_answers = “2”.",
        "câu a: Câu nhắc trả lời nhưng không bắt buộc (soft mandatory).",
        "câu a: Câu trả lời được mã hóa",
        "câu a: Câu có mã JavaScript riêng.",
        "câu m, phương án A: Điều kiện riêng của phương án",
        "thống kê của câu hỏi không được đưa vào: cssclass, fix_height, page_break.",
        "Khảo sát có hạn ngạch (quota): “Nam”; phiếu ở đây không có.",
        "Khảo sát có bảng “plugin_x”; phiếu ở đây không có.",
        "Khảo sát có giao diện (themes)",
        "Khảo sát có đánh giá tự động (assessments)",
        "Khảo sát có lời kết; phiếu ở đây không có.",
        "Khảo sát không chia trang theo nhóm câu hỏi.",
    ):
        assert said.count(sentence) == 1, (sentence, said)
    made = found.questionnaire
    assert [choice.exclusive for choice in made.choice_lists[0]] == [False, True]
    assert made.question("m").parameters == {"randomize": "true"}
    assert (made.consent.purpose.by_language, made.consent.data.by_language) == ({"vi": "Chào"}, {"vi": "Dữ liệu"})
    assert not attributes.TAKEN & attributes.LOOKS


def test_rows_that_belong_to_nothing_are_told():
    source = survey(Q("a", "L", answers=AB), [Q("b", "Q", parts=ROWS)], newer=False)
    lost = source.replace(b"<gid>2</gid><type>Q", b"<gid>9</gid><type>Q").replace(
        b"<qid>10</qid><code>", b"<qid>77</qid><code>"
    )
    lost = lost.replace(b"<parent_qid>20</parent_qid>", b"<parent_qid>99</parent_qid>")
    said = told(reader.read(lost, "x.lss"))
    assert "Các câu không thuộc nhóm nào bị bỏ: b." in said
    assert "2 câu con không thuộc câu hỏi nào bị bỏ." in said
    assert "2 phương án không thuộc câu hỏi nào bị bỏ." in said
    assert "nhóm 2: Nhóm không còn câu hỏi nào nên bị bỏ." in said


def test_faults_stand_at_the_question_and_say_how_to_go_on():
    found = imported([Q("a", "L", answers={"A": "Một"}, relevance="b == 'x'"), Q("b", "S", text="")])
    faults = list(map(str, found.faults()))
    assert any(each.startswith("x.lss, câu a, các phương án: Danh sách “a_answers” có 1 phương án.") for each in faults)
    assert any(each.startswith("x.lss, câu b: ") for each in faults)
    assert any(each.startswith("x.lss, câu a: ") and "b" in each for each in faults)
    (controller,) = [each for each in faults if "“controller”" in each]
    assert "bản nháp" in controller


def test_conditions_that_are_too_much_together_are_told():
    long = " or ".join(f"a == 'x{number}'" for number in range(35))
    found = imported([Q("a", "S"), Q("q", "Q", parts=ROWS, relevance=long, part_relevance=long)])
    assert found.questionnaire.question("q_r1").relevant == ""
    assert "câu q: Không chuyển được điều kiện" in told(found)
    assert others_than_consent(found) == []
