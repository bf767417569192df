"""Groups and repeats: as a document, on the way through a form, and what is refused."""

from dataclasses import replace
from datetime import date

import pytest

from documents.faults import Faults
from questionnaires import document, routing
from questionnaires.offering import as_asked, in_order, offered, page_as_asked

HEAD = """
form_id: household
version: "1"
title: Hộ gia đình
respondent_groups: [citizens]
rates: one_unit
consent: {purpose: x, data: x, controller: x, rights: x, contact: x}
choices:
  yes_no:
    - {name: "yes", label: Có}
    - {name: "no", label: Không}
  places:
    - {name: a1, label: Xã A1, attributes: {district: a}}
    - {name: a2, label: Xã A2, attributes: {district: a}}
    - {name: b1, label: Xã B1, attributes: {district: b}}
    - {name: none, label: Không xã nào, exclusive: yes, attributes: {district: a}}
    - {name: refused, label: Không trả lời, missing: refused}
  districts:
    - {name: a, label: Huyện A}
    - {name: b, label: Huyện B}
"""
PAGES = """
pages:
  - name: start
    label: Mở đầu
    questions:
      - {type: select_one districts, name: district, label: Huyện, required: yes}
      - {type: select_one places, name: place, label: Xã, choice_filter: "district = ${district}"}
      - {type: integer, name: size, label: Số người, default: "2"}
  - group: home
    label: Gia đình
    relevant: "${size} > 0"
    pages:
      - repeat: members
        label: Thành viên
        count: "${size}"
        most: 3
        pages:
          - name: member
            label: Người
            questions:
              - {type: integer, name: age, label: "Tuổi của người thứ nhất ở ${place}"}
              - group: grown
                label: Người lớn
                relevant: "${age} >= 18"
                questions:
                  - {type: select_one yes_no, name: works, label: Có đi làm không, required: yes}
      - repeat: visits
        label: Lần đến
        relevant: "count-non-empty(${age}) > 0"
        pages:
          - name: visit
            label: Lần đến
            questions:
              - {type: date, name: day, label: Ngày, required: yes, constraint: ". <= today()"}
  - name: end
    label: Kết thúc
    relevant: "sum(${age}) >= 20 or count(${visits}) > 1"
    questions:
      - {type: text, name: word, label: Lời cuối}
"""
FORM = document.load((HEAD + PAGES).encode(), "household.yaml")
TODAY = date(2026, 11, 25)


def keys(answers) -> list[str]:
    return [each.key for each in routing.plan(FORM, answers, TODAY)]


def stored(answers: dict, key: str, **posted: str) -> dict:
    result = routing.check_page(FORM, key, {name: [value] for name, value in posted.items()}, answers, (), TODAY)
    assert result.faults == ()
    return {name: value for name, value in {**answers, **result.values}.items() if value is not None}


def test_groups_and_repeats_nest_in_the_document_and_come_back():
    assert document.load(document.dump(FORM).encode(), "again.yaml") == FORM
    assert [[group.name for group in page.within] for page in FORM.pages] == [[], ["home", "members"], ["home", "visits"], []]
    assert [group.name for group in FORM.question("works").within] == ["grown"]


def test_pages_of_a_repeat_come_once_for_each_time():
    assert keys({}) == ["start"]
    assert keys({"size": "2"}) == ["start", "member.1", "member.2"]
    assert keys({"size": "9"}) == ["start", "member.1", "member.2", "member.3"]  # no more than `most`
    assert keys({"size": "2", "members": [{"age": "7"}, {"age": "8"}]}) == ["start", "member.1", "member.2", "visit.1"]
    assert keys({"size": "2", "members": [{"age": "7"}, {"age": "18"}]})[-2:] == ["visit.1", "end"]


def test_a_time_sees_its_own_answers():
    answers = stored({"size": "2"}, "member.2", age="40", works="yes")
    assert answers["members"] == [{}, {"age": "40", "works": "yes"}]
    plans = {each.key: [question.name for question in each.questions] for each in routing.plan(FORM, answers, TODAY)}
    assert plans["member.1"] == ["age"]
    assert plans["member.2"] == ["age", "works"]
    shrunk = routing.relevant_answers(FORM, {**answers, "size": "1"}, TODAY)
    assert "members" not in shrunk  # the first time has no answer, the second is not asked
    assert answers["members"][1]["works"] == "yes"  # and nothing is lost


def test_a_hidden_answer_of_one_time_does_not_count():
    answers = {"size": "1", "members": [{"age": "7", "works": "yes"}]}
    assert routing.relevant_answers(FORM, answers, TODAY)["members"] == [{"age": "7"}]


def test_the_respondent_adds_and_takes_away():
    answers = {"size": "1", "members": [{"age": "30", "works": "no"}]}
    answers = stored(answers, "visit.1", day="01/11/2026", **{"visits:more": "yes"})
    assert answers["visits"] == [{"day": "2026-11-01"}, {}]
    assert routing.page_after(FORM, answers, "visit.1", TODAY).key == "visit.2"
    second = routing.check_page(FORM, "visit.2", {"day": ["01/12/2026"]}, answers, (), TODAY)
    assert [(fault.field, fault.kind) for fault in second.faults] == [("day", "constraint")]
    gone = routing.check_page(FORM, "visit.1", {"visits:remove": ["yes"]}, answers, (), TODAY)
    assert (gone.removed, gone.values["visits"]) == (True, [{}])
    plans = {each.key: each for each in routing.plan(FORM, answers, TODAY)}
    assert (plans["visit.1"].may_add, plans["visit.2"].may_add) == (False, True)
    assert plans["visit.1"].may_remove
    assert not plans["member.1"].may_remove


def test_no_more_times_than_allowed_can_be_added():
    answers = {"size": "1", "members": [{"age": "30"}], "visits": [{"day": "2026-11-01"}] * 20}
    result = routing.check_page(FORM, "visit.20", {"day": ["1/11/2026"], "visits:more": ["yes"]}, answers, (), TODAY)
    assert len(result.values["visits"]) == 20
    assert not routing.check_page(FORM, "visit.21", {"day": ["1/11/2026"]}, answers, (), TODAY).applies
    for key in ("member.4", "visit.0", "visit.01", "visit.x", "visit", "start.1", "visit.1.1", "visit.999999999"):
        with pytest.raises(KeyError):
            routing.check_page(FORM, key, {}, answers)


def test_what_is_unanswered_names_the_time():
    answers = {"district": "a", "size": "2", "members": [{"age": "30", "works": "no"}, {"age": "40"}],
               "visits": [{"day": "2026-01-01"}]}
    missing = routing.unanswered(FORM, answers)
    assert [(each.page.name, each.time, each.fields) for each in missing] == [("member", 1, ("works",))]


def test_a_filter_offers_what_fits_and_kinds_of_missing():
    place = FORM.question("place")
    assert [choice.name for choice in offered(place, {"district": "a"})] == ["a1", "a2", "none", "refused"]
    assert [choice.name for choice in offered(place, {})] == ["refused"]
    result = routing.check_page(FORM, "start", {"district": ["b"], "place": ["a1"]}, {})
    assert [(fault.field, fault.kind) for fault in result.faults] == [("place", "not_a_choice")]
    assert routing.check_page(FORM, "start", {"district": ["b"], "place": ["refused"]}, {}).faults == ()


def test_shuffled_choices_keep_what_stands_last_and_hang_on_the_seed_alone():
    place = replace(FORM.question("place"), choice_filter="", parameters={"randomize": "true"})
    orders = {tuple(choice.name for choice in in_order(place, place.choices, str(seed))) for seed in range(60)}
    assert len(orders) == 6  # all orders of three, and nothing else
    assert {order[3:] for order in orders} == {("none", "refused")}
    forward, backward = (in_order(place, each, "x") for each in (place.choices.choices, place.choices.choices[::-1]))
    assert forward[:3] == backward[:3]


def test_earlier_answers_stand_in_texts_in_the_language_shown():
    age = FORM.question("age")
    assert as_asked(FORM, age, {"place": "a2"}, "vi").label.in_language("vi") == "Tuổi của người thứ nhất ở Xã A2"
    assert as_asked(FORM, age, {}, "vi").label.in_language("vi") == "Tuổi của người thứ nhất ở "


def test_a_kind_of_missing_in_a_text_is_said_in_the_language_shown():
    pages = PAGES.replace("name: size,", "name: size, missing: [refused],")
    form = document.load((HEAD + pages.replace("label: Lời cuối", "label: 'Nhà ${size} người'")).encode(), "f.yaml")
    for language, translated, said in (("vi", str, "Nhà Không muốn trả lời người"),
                                       ("en", {"Không muốn trả lời": "not said"}.get, "Nhà not said người")):
        shown = as_asked(form, form.question("word"), {"size": {"missing": "refused"}}, language, translated=translated)
        assert shown.label.in_language(language) == said
        page = page_as_asked(form, replace(form.pages[-1], label=form.question("word").label), {"size": {"missing": "refused"}},
                             language, translated)
        assert page.label.in_language(language) == said


def faults(pages: str) -> list[str]:
    with pytest.raises(Faults) as told:
        document.load((HEAD + "pages:\n" + pages).encode(), "f.yaml")
    return [f"{fault.place} {fault.reason}" for fault in told.value.faults]


PAGE = "  - {name: p, label: P, questions: [{type: integer, name: a, label: A}]}\n"
REPEATED = "  - repeat: r\n    label: R\n    pages: [{name: q, label: Q, questions: [{type: integer, name: b, label: B}]}]\n"


@pytest.mark.parametrize(("pages", "place", "reason"), [
    (PAGE + "  - repeat: r\n    label: R\n    pages:\n      - repeat: s\n        pages: [{name: q, label: Q, questions: "
     "[{type: integer, name: b, label: B}]}]\n", "dòng 26",
     "nằm trong nhóm lặp “r”"),
    (PAGE + REPEATED + "  - {name: z, label: Z, relevant: '${b} > 1', questions: [{type: text, name: c, label: C}]}\n",
     "dòng 26", "được hỏi nhiều lần"),
    (PAGE + "  - repeat: a\n    pages: [{name: q, label: Q, questions: [{type: integer, name: b, label: B}]}]\n", "dòng 23",
     "trùng tên với một câu hỏi"),
    (PAGE + REPEATED.replace("label: R", "label: R\n    count: '${b}'"), "dòng 25", "được hỏi nhiều lần"),
    (PAGE + REPEATED.replace("label: R", "label: R\n    most: 1000"), "dòng 25", "tối đa 1000 lần"),
    (PAGE.replace("label: A}", "label: A, relevant: 'position(..) = 1'}"), "dòng 22", "position(..) chỉ dùng"),
    (PAGE.replace("label: A}", "label: 'A ${later}'}"), "dòng 22", "không có câu hỏi tên đó"),
    (PAGE.replace("label: A}", "label: 'A ${a}'}"), "dòng 22", "không đưa được câu trả lời"),
    (PAGE + REPEATED.replace("label: R", "label: 'R ${b}'"), "dòng 24", "không đưa được câu trả lời"),
    (PAGE + REPEATED.replace("label: R", "label: R\n    hint: 'R ${later}'"), "dòng 25", "không có câu hỏi tên đó"),
    (PAGE.replace("{type: integer, name: a, label: A}", "{group: g, label: 'G ${a}', questions: [{type: integer, name: a, "
                  "label: A}]}"), "dòng 22", "không đưa được câu trả lời"),
    (PAGE + REPEATED.replace("{type: integer, name: b", "{type: select_one places, name: b, factor: staff"), "dòng 25",
     "không đo được yếu tố hài lòng"),
    (PAGE.replace("label: A}", "label: A, default: hai}"), "dòng 22", "điền sẵn “hai”"),
    (PAGE.replace("label: A}", "label: A, calculation: '1'}"), "dòng 22", "không có giá trị tính sẵn"),
    (PAGE.replace("label: A}", "label: A, choice_filter: 'x = 1'}"), "dòng 22", "không có danh sách phương án để lọc"),
    (PAGE.replace("integer, name: a", "select_one places, name: a, choice_filter: 'province = 1'"), "dòng 22",
     "Không hiểu “province”"),
])
def test_faults_of_groups_have_their_place(pages, place, reason):
    found = faults(pages)
    assert any(place in each and reason in each for each in found), found


def test_texts_of_groups_may_name_what_was_answered_before():
    pages = PAGE + REPEATED.replace("label: R", "label: 'R ${a}'").replace(
        "[{type: integer, name: b, label: B}]", "[{type: integer, name: b, label: B}, "
        "{group: g, label: 'G ${a} ${b}', questions: [{type: integer, name: c, label: C}]}]")
    document.load((HEAD + "pages:\n" + pages).encode(), "f.yaml")


def test_a_group_name_stands_in_one_place():
    group = "  - group: g\n    label: G\n    pages: [{name: %s, label: Q, questions: [{type: integer, name: %s, label: B}]}]\n"
    assert any("Tên nhóm “g” bị trùng" in each for each in faults(group % ("p1", "a1") + PAGE + group % ("p2", "a2")))
