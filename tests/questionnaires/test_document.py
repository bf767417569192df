"""A document becomes a questionnaire, or every fault of it is named with its place."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.faults import Faults
from questionnaires import checks, document
from questionnaires.model import Choice, ChoiceList, Consent, Page, Question, Questionnaire, Text
from questionnaires.shape import tidy

SMALL = """\
form_id: small
version: "1"
title: Phiếu thử
respondent_groups: [citizens]
rates: one_unit
consent:
  purpose: Để thử.
  data: Câu trả lời.
  controller: Sở Nội vụ.
  rights: Có thể từ chối.
  contact: Sở Nội vụ.
choices:
  yes_no:
    - {name: "yes", label: Có}
    - {name: "no", label: Không}
  four:
    - {name: "1", label: Kém}
    - {name: "2", label: Trung bình}
    - {name: "3", label: Khá}
    - {name: "4", label: Tốt}
    - {name: dont_know, label: Không biết, missing: dont_know}
pages:
  - name: first
    label: Trang một
    questions:
      - type: select_one yes_no
        name: served
        label: Ông/Bà đã được phục vụ chưa?
        required: yes
      - type: integer
        name: visits
        label: Bao nhiêu lần?
        constraint: ". >= 0 and . <= 120"
        constraint_message: Từ 0 đến 120.
  - name: second
    label: Trang hai
    relevant: "${served} = 'yes'"
    questions:
      - type: text
        name: comment
        label: Góp ý
        relevant: "${visits} > 2"
"""


def faults_of(source: str) -> list[tuple[str, str]]:
    with pytest.raises(Faults) as caught:
        document.load(source.encode(), "phieu.yaml")
    assert all(fault.mend for fault in caught.value.faults)
    return [(fault.place, fault.reason) for fault in caught.value.faults]


def test_a_small_document_loads():
    questionnaire = document.load(SMALL.encode(), "phieu.yaml")
    assert questionnaire.languages == ("vi",)
    assert questionnaire.title.in_language("vi") == "Phiếu thử"
    assert questionnaire.question("served").required
    assert questionnaire.question("served").choices.names == ("yes", "no")
    assert questionnaire.question("visits").choices is None
    assert document.load(document.dump(questionnaire).encode(), "x") == questionnaire


#: what is replaced, by what, and the one fault that must come of it: line, path, a piece of the reason
BAD = [
    ("title: Phiếu thử", "titel: Phiếu thử", 3, "titel", "Không biết khóa “titel”"),
    ("title: Phiếu thử", "title:", 3, "title", "Thiếu nội dung"),
    ("title: Phiếu thử", "title: [a]", 3, "title", "phải là chữ"),
    ("title: Phiếu thử", "title: {vi: A, xx: B}", 3, "title.xx", "không được khai báo"),
    ("title: Phiếu thử", "title: {en: A}\nlanguages: [vi, en]", 3, "title", "Thiếu bản dịch: vi"),
    ("form_id: small", "form_id: nhỏ", 1, "form_id", "không đúng dạng"),
    ('version: "1"', 'version: "1 2"', 2, "version", "không đúng dạng"),
    ("[citizens]", "[]", 4, "respondent_groups", "nhóm đối tượng"),
    ("[citizens]", "[citizens, citizens]", 4, "respondent_groups[2]", "bị trùng"),
    ("rates: one_unit", "rates: one_units", 5, "rates", "không nhận giá trị"),
    ("rates: one_unit", "rates: many_units", 5, "rates", "rating_matrix"),
    ("rates: one_unit", "rates: one_unit\nminutes: sáu", 6, "minutes", "số nguyên"),
    ("rates: one_unit", "rates: one_unit\nminutes: 900", 6, "minutes", "900 phút"),
    ("rates: one_unit", "rates: one_unit\nmachine_drafted: [km]", 6, "machine_drafted[1]", "không có trong languages"),
    ("rates: one_unit", "rates: one_unit\nlanguages: [vi]\ndefault_language: km", 7, "default_language", None),
    ("  rights: Có thể từ chối.\n", "", 6, "consent.rights", "Thiếu nội dung"),
    ('- {name: "no", label: Không}', '- {name: "yes", label: Không}', 15, "choices.yes_no[2].name", "bị trùng"),
    ('- {name: "no", label: Không}', '- {name: "no no", label: Không}', 15, "choices.yes_no[2].name", "không đúng dạng"),
    ('    - {name: "no", label: Không}\n', "", 13, "choices.yes_no", "1 phương án"),
    ("missing: dont_know", "missing: dontknow", 21, "choices.four[5].missing", "không nhận giá trị"),
    ("name: first", "name: second", 35, "pages[2].name", "bị trùng"),
    ("select_one yes_no", "select_one yesno", 26, "pages[1].questions[1].type", "Không có danh sách phương án “yesno”"),
    ("select_one yes_no", "select_one", 26, "pages[1].questions[1].type", "cần tên danh sách"),
    ("type: integer", "type: interger", 30, "pages[1].questions[2].type", "Không biết loại câu hỏi"),
    ("type: integer", "type: integer yes_no", 30, "pages[1].questions[2].type", "không dùng danh sách"),
    ("name: visits", "name: served", 31, "pages[1].questions[2].name", None),
    ("name: comment", "name: Served", 40, "pages[2].questions[1].name", "bị trùng"),
    ("name: comment", "name: góp_ý", 40, "pages[2].questions[1].name", "không đúng dạng"),
    ("name: comment", "name: csrf_token", 40, "pages[2].questions[1].name", "dành riêng"),
    ("label: Góp ý", "lable: Góp ý", 41, "pages[2].questions[1].lable", None),
    ("label: Góp ý", f"label: {'x' * 1001}", 41, "pages[2].questions[1].label.vi", "1001 ký tự"),
    ("label: Góp ý", 'label: "a\\u202Eb"', 41, "pages[2].questions[1].label.vi", "ký tự điều khiển"),
    ("label: Góp ý", 'label: "a\\0b"', 41, "pages[2].questions[1].label.vi", "ký tự điều khiển"),
    ("required: yes", "required: có", 29, "pages[1].questions[1].required", "yes hoặc no"),
    ("label: Góp ý", "label: Góp ý\n        factor: access", 42, "pages[2].questions[1].factor", "không đo được"),
    ("required: yes", "factor: acces", 29, "pages[1].questions[1].factor", None),
    ("select_one yes_no", "rating_matrix four", 26, "pages[1].questions[1].type", None),
    ("type: integer", "type: select_one four\n        factor: staff", 31, "pages[1].questions[2].factor", None),
    ("${served} = 'yes'", "${served} = 'có'", 37, "pages[2].relevant", "không có phương án “có”"),
    ("${served} = 'yes'", "${serve} = 'yes'", 37, "pages[2].relevant", "Không có câu hỏi “serve”"),
    ("${served} = 'yes'", "${comment} = 'yes'", 37, "pages[2].relevant", "chưa được trả lời"),
    ("${served} = 'yes'", "${served} = 'yes", 37, "pages[2].relevant", "sai cú pháp"),
    ("${visits} > 2", "${comment} != ''", 42, "pages[2].questions[1].relevant", "chưa được trả lời"),
    ("${visits} > 2", ". > 2", 42, "pages[2].questions[1].relevant", "chỉ dùng trong constraint"),
    (". >= 0 and . <= 120", "${comment} = ''", 33, "pages[1].questions[2].constraint", "chưa được trả lời"),
    (". >= 0 and . <= 120", "selectd(., 1)", 33, "pages[1].questions[2].constraint", "Không có hàm “selectd”"),
    ('constraint: ". >= 0 and . <= 120"', "hint: x", 34, "pages[1].questions[2].constraint_message", "không có constraint"),
    ("type: integer", "type: note", 30, "pages[1].questions[2].constraint", None),
]


@pytest.mark.parametrize(("old", "new", "line", "path", "words"), BAD, ids=[f"{b[3]}: {b[1][:30]}" for b in BAD])
def test_one_thing_wrong_is_found_at_its_place(old, new, line, path, words):
    assert old in SMALL
    found = faults_of(SMALL.replace(old, new, 1))
    places = [place for place, _ in found]
    if words is None:  # one mistake that rightly shows in several places; at least this one must be named
        assert any(place.endswith(f", {path}") for place in places), found
        return
    assert len([1 for place, reason in found if words in reason and place == f"phieu.yaml, dòng {line}, {path}"]) == 1, found


def test_one_mistake_does_not_set_off_others_at_the_same_place():
    assert len(faults_of(SMALL.replace("title: Phiếu thử", "title: [a]"))) == 1
    assert len(faults_of(SMALL.replace("type: integer", "type: interger"))) == 1
    assert len(faults_of(SMALL.replace("select_one yes_no", "select_one yesno"))) == 1
    assert len(faults_of(SMALL.replace("label: Góp ý\n", "\n"))) == 1


def test_a_scale_of_satisfaction_runs_from_the_lowest_level_to_the_highest():
    levels = [f'    - {{name: "{level}", label: Mức {level}}}\n' for level in range(1, 6)]
    question = "type: integer", "type: select_one thang\n        factor: staff"

    def with_scale(lines: list[str]) -> str:
        form = SMALL.replace("choices:\n", "choices:\n  thang:\n" + "".join(lines), 1).replace(*question)
        form = form.replace('        constraint: ". >= 0 and . <= 120"\n', "").replace("constraint_message: ", "hint: ")
        return form.replace("${visits} > 2", "${visits} = '2'")

    document.load(with_scale(levels).encode(), "phieu.yaml")
    [(place, reason)] = faults_of(with_scale(levels[::-1]))
    assert place.endswith("pages[1].questions[2].factor")
    assert "đảo ngược" in reason


def test_faults_of_shape_and_of_meaning_come_together():
    broken = (SMALL.replace("title:", "titel:").replace("name: comment", "name: served")
              .replace("${served} = 'yes'", "${nobody} = 1").replace("  rights: Có thể từ chối.\n", ""))
    reasons = " ".join(reason for _, reason in faults_of(broken))
    for words in ("titel", "bị trùng", "nobody", "rights"):
        assert words in reasons


def test_an_unknown_key_says_which_was_meant():
    with pytest.raises(Faults) as caught:
        document.load(SMALL.replace("required: yes", "requird: yes").encode(), "x")
    assert "“required”" in caught.value.faults[0].mend


def test_a_faulty_document_of_the_wrong_kind():
    for source in ("- a\n- b\n", "just words\n", "pages: 3\n", "pages: [1, {questions: [x, 2]}]\nchoices: [1]\nconsent: no\n",
                   "languages: {a: b}\ntitle: {vi: [1]}\n", "choices: {a: {b: c}, d: [1, {name: [x]}]}\n"):
        assert len(faults_of(source)) > 3


def test_too_many_questions_are_a_fault():
    questions = "".join(f"      - {{type: text, name: q{n}, label: Câu {n}}}\n" for n in range(checks.MAX_QUESTIONS + 1))
    source = re.sub(r"      - type: text(.|\n)*", questions, SMALL)
    assert faults_of(source) == [("phieu.yaml, dòng 22, pages", f"Phiếu có {checks.MAX_QUESTIONS + 3} câu hỏi.")]


def test_a_matrix_needs_a_way_to_say_not_familiar():
    many = SMALL.replace("one_unit", "many_units").replace("type: integer", "type: rating_matrix four").replace(
        '        constraint: ". >= 0 and . <= 120"\n        constraint_message: Từ 0 đến 120.\n', "")
    places = faults_of(many)
    assert places[0] == ("phieu.yaml, dòng 30, pages[1].questions[2].type",
                         "Thang “four” không có phương án “chưa tiếp xúc”.")
    # and a condition cannot look at a matrix
    assert "rating_matrix" in places[1][1]


def test_letters_are_composed_on_the_way_in():
    decomposed = SMALL.replace("Phiếu thử", "Phie\u0302\u0301u thu\u031b\u0309")
    assert document.load(decomposed.encode(), "x").title.in_language("vi") == "Phiếu thử"


def test_the_example_in_the_format_guide_loads():
    guide = Path(__file__).parents[2] / "docs/dinh-dang/phieu.md"
    examples = re.findall(r"```yaml phieu\n(.*?)```", guide.read_text(), re.DOTALL)
    assert len(examples) >= 2
    for example in examples:
        document.load(example.encode(), "phieu.md")


texts = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=30).map(str.strip).filter(bool)
both = texts.map(lambda words: Text({"vi": tidy(words), "en": tidy(words) + "!"}))
optional = both | st.just(Text())


@st.composite
def questionnaires(draw) -> Questionnaire:
    lists = tuple(ChoiceList(f"list{n}", tuple(
        Choice(f"c{k}", draw(both), draw(st.sampled_from([None, None, "refused"])), draw(st.booleans()))
        for k in range(draw(st.integers(2, 4))))) for n in range(2))
    names = iter(range(100))

    def question() -> Question:
        answer_type, choices = draw(st.sampled_from(
            [("text", None), ("date", None), ("decimal", None), ("select_one", lists[0]), ("select_multiple", lists[1])]))
        constraint = draw(st.sampled_from(["", "string-length(.) < 9"]))
        return Question(f"q{next(names)}", answer_type, draw(both), draw(optional), draw(st.booleans()),
                        constraint=constraint, constraint_message=draw(optional) if constraint else Text(), choices=choices)

    pages = tuple(Page(f"p{n}", draw(both), tuple(question() for _ in range(draw(st.integers(1, 3)))), draw(optional))
                  for n in range(draw(st.integers(1, 3))))
    return Questionnaire("form", "1.0", draw(both), Consent(*(draw(both) for _ in range(5))), ("citizens",), "one_unit", pages,
                         lists, ("vi", "en"), "vi", draw(st.sampled_from([(), ("en",)])), draw(st.sampled_from([None, 5])),
                         draw(optional))


@settings(max_examples=40, deadline=None)
@given(questionnaires())
def test_any_questionnaire_survives_being_written_and_read(questionnaire):
    assert document.load(document.dump(questionnaire).encode(), "x") == questionnaire
