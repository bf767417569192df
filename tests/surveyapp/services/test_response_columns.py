"""What one form's answers become in a response file, and that the file gives exactly these answers back. No database.

WALKS=100000 tries so many questionnaires.
"""

import csv
import io
import os
import random
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents import csv_reader
from documents.faults import FaultList
from questionnaires import columns, document, routing
from questionnaires.answers import REGISTRY, UnitToRate, type_of
from questionnaires.model import Page, Question, Questionnaire
from surveyapp.services.cells import Cells
from surveyapp.services.response_rows import AnswerReader, column_of
from surveyapp.services.responses import harmless
from tests.questionnaires.questionnaire_samples import WORDS, drawn
from tests.questionnaires.test_routing_against_naive import as_questionnaire, forms

WALKS = int(os.environ.get("WALKS", "150"))
UNITS = (UnitToRate("SNV", "Sở Nội vụ"), UnitToRate("B.1-x", "Ban <x>"))
DAY = date(2026, 11, 25)
SAID = ("", "'", "''=1", "'-5", "-5", "+84901", "#refused", "##x", "a\n\n  b", "=1", ";", '"', ",", "\t", "#dont_know", *WORDS)


def written(form: Questionnaire, every: list[dict], *further: str) -> bytes:
    """As export_responses writes it, without its columns about the respondent."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = [column.name for column in columns.columns(form, UNITS, columns.most_times(form, every), column_of)]
    assert len(names) == len(set(names))
    writer.writerow(["receipt", *names])
    for number, answers in enumerate(every):
        cells = {cell.column: harmless(cell.text, written=cell.written)
                 for cell in columns.cells(form, answers, UNITS, column_of)}
        assert set(cells) <= set(names)
        writer.writerow([number, *(cells.get(name, "") for name in names)])
    return out.getvalue().encode()


def read(form: Questionnaire, source: bytes) -> tuple[list[dict], list[str]]:
    faults = FaultList()
    cells = Cells(csv_reader.read(source, "t.csv", ["receipt"], None, faults), faults)
    reader = AnswerReader(form, {"citizens": UNITS}, cells)
    reader.read_header()
    return [reader.read(row, "citizens", DAY) for row in cells.table], [str(fault) for fault in faults]


@settings(max_examples=WALKS, deadline=None, suppress_health_check=list(HealthCheck))
@given(forms(), forms())
def test_conditions_counts_and_calculations_come_back(form, other):
    """What somebody else would have answered to the same form stands in the same file."""
    questionnaire = as_questionnaire(form)
    names = {question.name for question in questionnaire.questions} | {group.name for group in questionnaire.groups}
    shape = {group.name for group in questionnaire.groups if group.repeat}
    others = {name: value for name, value in other.answers.items()
              if name in names and isinstance(value, list) == (name in shape)}
    every = [routing.relevant_answers(questionnaire, answers, DAY) for answers in (form.answers, others, {})]
    assert read(questionnaire, written(questionnaire, every)) == (every, [])


def plain(seed: int) -> Questionnaire:
    """A drawn form of which every question applies: any types, groups, names; repeats with a count and open ones."""
    form = drawn(seed)
    lists = {each.name: replace(each, choices=tuple(replace(choice, exclusive=False, missing=None) for choice in each))
             for each in form.choice_lists}

    def asked(question: Question) -> Question:
        kind = REGISTRY[question.type]
        ranged = {"start": "1", "end": "5"} if question.type == "range" else {}
        return replace(question, relevant="", constraint="", choice_filter="", required=False, default="", parameters=ranged,
                       calculation="concat('=', 1)" if question.type == "calculate" else "",
                       missing=question.missing if kind.offers_missing else (),
                       choices=lists[question.choices.name] if question.choices else None,
                       within=tuple(replace(group, relevant="") for group in question.within))

    def around(page: Page) -> Page:
        within = tuple(replace(group, relevant="", repeat=replace(group.repeat, count="3" if group.repeat.count else ""))
                       if group.repeat else replace(group, relevant="") for group in page.within)
        first = next((group for group in within if group.repeat), None)
        return replace(page, relevant="", questions=tuple(map(asked, page.questions)),
                       within=tuple(group for group in within if not group.repeat or group is first))

    return replace(form, pages=tuple(map(around, form.pages)))


def said(question: Question, draw: random.Random):
    """An answer that its type reads from some cell, or none."""
    names = list(question.choices.names) if question.choices else []
    draw.shuffle(names)
    numbers = [str(draw.randint(-3, 6)), "2.5", "-0.125"]
    kinds = [f"#{kind}" for kind in question.missing]
    tried = [" ".join(names), *names[:1], *numbers, *kinds, "2024-02-29", "07:05", "-9.6 105.5 3 12", "ok",
             *draw.sample(SAID, 4)]
    draw.shuffle(tried)
    kind = type_of(question)
    if kind.rates_many_units:
        ratings = {unit.code: draw.choice(names) for unit in UNITS if draw.random() < 0.6}
        return ratings or None
    read_ = (kind.from_cells(question, {question.name: text}) for text in tried[: draw.randint(0, len(tried))])
    return None if question.calculation else next((each.value for each in read_ if each.value), None)


@settings(max_examples=WALKS, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**40))
def test_every_type_of_answer_comes_back_in_and_outside_of_repeats(seed):
    form, draw = plain(seed), random.Random(seed)
    every = []
    for _ in range(3):
        answers: dict = {}
        for page in form.pages:
            times = [answers] if page.repeat is None else answers.setdefault(
                page.repeat.name, [{} for _ in range(draw.randint(1, 5))])
            for own in times:
                own.update({question.name: value for question in page.questions if (value := said(question, draw))})
        every.append(routing.relevant_answers(form, answers, DAY))
    assert read(form, written(form, every)) == (every, [])


FORM = document.load("""
form_id: household
version: "1"
title: Hộ gia đình
respondent_groups: [citizens]
rates: many_units
consent: {purpose: x, data: x, controller: x, rights: x, contact: x}
choices:
  level:
    - {name: good, label: Tốt}
    - {name: bad, label: Kém}
    - {name: not_familiar, label: Chưa tiếp xúc, missing: not_familiar}
  wards:
    - {name: a1, label: Xã A1, attributes: {district: a}}
    - {name: b1, label: Xã B1, attributes: {district: b}}
pages:
  - name: start
    label: Mở đầu
    questions:
      - {type: integer, name: size, label: Số người, required: yes}
      - {type: text, name: district, label: Huyện}
      - {type: select_one wards, name: ward, label: Xã, choice_filter: "district = ${district}"}
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
              - {type: integer, name: age, label: Tuổi, required: yes, missing: [refused]}
              - {type: date, name: born, label: Ngày sinh, constraint: ". <= today()", relevant: "${age} < 18"}
              - {type: calculate, name: place, calculation: "position(..) * 10"}
      - repeat: visits
        label: Lần đến
        pages:
          - name: visit
            label: Lần đến
            questions:
              - {type: text, name: why, label: Vì sao}
              - {type: rating_matrix level, name: quality, label: Chất lượng}
  - name: end
    label: Kết thúc
    relevant: "count(${visits}) > 1"
    questions:
      - {type: text, name: word, label: Lời cuối}
""".encode(), "household.yaml")


def told(header: str, *rows: str) -> list[str]:
    return [fault.removeprefix("t.csv, ") for fault in read(FORM, "\n".join([header, *rows]).encode())[1]]


def test_columns_of_repeats():
    every = [{"size": "2", "members": [{}, {"age": "7"}], "visits": [{"quality": {"SNV": "good"}}, {}]}, {"size": "0"}]
    names = [column.name for column in columns.columns(FORM, UNITS, columns.most_times(FORM, every), column_of)]
    assert names == ["size", "district", "ward", "age.1", "age.2", "born.1", "born.2", "place.1", "place.2",
                     "visits.times", "why.1", "why.2", "quality.1:SNV", "quality.1:B.1-x", "quality.2:SNV", "quality.2:B.1-x",
                     "word"]
    unknown = [column.name for column in columns.columns(FORM)]
    assert unknown == ["size", "district", "ward", "age.*", "born.*", "place.*", "visits.times", "why.*", "quality.*:*", "word"]


def test_no_more_columns_than_the_repeat_may_be_asked():
    """Older versions may have allowed more times than this one."""
    assert [column.name for column in columns.columns(FORM, (), {"members": 9, "visits": 0}) if "age" in column.name] == [
        "age.1", "age.2", "age.3"]


def test_a_gap_stays_a_gap_and_blank_times_at_the_end_are_kept():
    source = "receipt,size,age.1,age.2,age.3,visits.times,why.1,why.2,why.3,word\n1,3,30,#refused,4,4,,x,,hết\n"
    [answers], faults = read(FORM, source.encode())
    assert faults == []
    assert answers["visits"] == [{}, {"why": "x"}, {}, {}]
    assert answers["members"] == [{"age": "30", "place": "10"}, {"age": {"missing": "refused"}, "place": "20"},
                                  {"age": "4", "place": "30"}]
    [without], faults = read(FORM, source.replace(",4,,x", ",,,x").encode())
    assert (without["visits"], faults) == ([{}, {"why": "x"}], [])


def test_answers_of_a_repeat_are_judged_as_on_the_web():
    header = "receipt,size,district,ward,age.1,age.2,age.3,born.1,born.2,place.1,visits.times,why.1,why.2,word"
    assert told(header, "1,2,a,a1,30,7,,,2020-01-01,10,2,x,,hết") == []
    assert told(header, "1,2,a,b1,30,,,,,,,,,") == [
        "dòng 2, cột “ward”: “b1”: với các câu trả lời ở dòng này thì không có phương án đó (chỉ có phương án mà "
        "district = ${district}). Cách sửa: Xem lại phiếu, sửa ô này hoặc các câu trả lời đứng trước.",
        "dòng 2, cột “age.2”: Câu hỏi bắt buộc chưa được trả lời. Cách sửa: Điền ô này."]
    [times] = told(header, "1,1,,,30,7,,,,,,,,")
    assert "cột “age.2”" in times
    assert "${size} > 0 và số thứ tự của lần không quá ${size}; với các câu trả lời" in times
    [hidden] = told(header, "1,1,,,30,,,2020-01-01,,,,,,")
    assert "cột “born.1”: Câu hỏi này chỉ hỏi khi: ${size} > 0 và ${age} < 18" in hidden
    [constraint] = told(header, "1,1,,,3,,,2026-11-26,,,,,,")
    assert "cột “born.1”: Không thỏa điều kiện “. <= today()”" in constraint
    [calculated] = told(header, "1,1,,,3,,,,,99,,,,")
    assert "cột “place.1”: Giá trị tính ra là “10”, không phải “99”" in calculated
    [few] = told(header, "1,1,,,3,,,,,,1,,x,")
    assert "cột “visits.times”: Ghi 1 lần, nhưng có câu trả lời ở lần 2" in few
    [many] = told(header, "1,1,,,3,,,,,,21,,,")
    assert "cột “visits.times”: “21” không phải là số nguyên từ 1 đến 20" in many
    [group] = told(header, "1,0,,,,,,,,,,x,,")
    assert "cột “why.1”: Câu hỏi này chỉ hỏi khi: ${size} > 0;" in group
    [unreadable] = told(header, "1,hai,,,30,,,,,,2,,,hết")
    assert "cột “size”" in unreadable
    assert told(header, "1,1,,,x,,,2020-01-01,,,,,,")[0].startswith("dòng 2, cột “age.1”: “x”")
    assert len(told(header, "1,1,,,x,,,2020-01-01,,,,,,")) == 1, "what hangs on an unreadable answer is not judged"


def test_headers_of_repeats_are_checked():
    header = "receipt,size,age.1"
    for column, words in (
        ("age", "Câu hỏi “age” được hỏi nhiều lần trong nhóm lặp “members”. Cách sửa: Mỗi lần một cột: “age.1”, “age.2”…"),
        ("age.4", "“members” được hỏi tối đa 3 lần"), ("age.0", "“0” không phải là số lần"), ("age.01", "“01” không phải"),
        ("age.²", "“²” không phải"), ("ward.1", "câu hỏi “ward” không nằm trong nhóm lặp"),
        ("size.1", "câu hỏi “size” không nằm trong nhóm lặp"),
        ("members.times", "tính từ các câu trả lời: ${size}"), ("why.1:SNV", "không hỏi riêng từng đơn vị"),
        ("quality.1:X", "không nhóm nào đánh giá đơn vị “X”"), ("x.1", "không có câu hỏi “x.1”"),
    ):
        assert any(words in fault for fault in told(f"{header},{column}", "1,0,,")), column
    assert told("receipt,size", "1,0") == ["dòng 1: Thiếu cột “age.1” của câu hỏi bắt buộc. Cách sửa: Thêm cột này, "
                                                   "ghi mã phương án ở từng dòng."]
    assert [fault for fault in told(f"{header},born.3", "1,0,,") if "Thiếu" in fault] == [
        f"dòng 1: Thiếu cột “age.{time}” của câu hỏi bắt buộc. Cách sửa: Thêm cột này, ghi mã phương án ở từng dòng."
        for time in (2, 3)]


def test_a_day_that_could_not_be_read_judges_nothing_that_hangs_on_it():
    faults = FaultList()
    source = b"receipt,size,age.1,born.1\n1,1,3,2020-01-01\n1,1,,2020-01-01\n"
    cells = Cells(csv_reader.read(source, "t.csv", ["receipt"], None, faults), faults)
    reader = AnswerReader(FORM, {"citizens": UNITS}, cells)
    reader.read_header()
    for row in cells.table:
        reader.read(row, "citizens", None)
    assert [fault.place for fault in faults] == ["t.csv, dòng 3, cột “born.1”", "t.csv, dòng 3, cột “age.1”"]
