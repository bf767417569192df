"""Files that are no survey, or made to harm: faults or a draft, never anything else."""

import io
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.faults import Faults
from questionnaires import document
from questionnaires.limesurvey import reader, tables
from questionnaires.limesurvey.plain import MAX_HTML, plain
from tests.questionnaires.limesurvey.survey_builder import Q, survey

AB = {"A": "Một", "B": "Hai"}
SMALL = survey(Q("a", "L", answers=AB))
#: of everything a little, for mutations
WHOLE = survey(
    [Q("a", "L", answers=AB, other="Y", attributes={"cssclass": "x"}), Q("m", "M", parts=AB, defaults={"A": "Y"}),
     Q("t", "1", parts={"r": "R"}, answers=AB, answers2=AB),
     Q("n", "N", attributes={"min_num_value_n": "1"}, preg="/^[0-9]+$/"),
     Q("e", "*", text="{n + 1}"), Q("c", ":", parts={"r": "R"}, columns={"k": "K"})],
    [Q("z", "S", "<p>Xin {a.shown}</p>", relevance="m_A == 'Y' and n > 3",
       conditions=[{"cfieldname": "123456X1X10", "method": "==", "value": "A", "cqid": "10", "scenario": "1"}])],
    languages=("vi", "en"),
)  # fmt: skip


def refusal(source: bytes, name: str = "x.lss") -> str:
    with pytest.raises(Faults) as refused:
        reader.read(source, name)
    return str(refused.value)


@pytest.mark.parametrize(
    ("source", "name", "reason"),
    [
        (b"", "x.lss", "không phải XML đọc được"),
        (b"form_id: x", "x.lss", "x.lss, dòng 1: Tệp không phải XML đọc được"),
        (SMALL[:200], "x.lss", "không phải XML đọc được"),
        (b"\xff\xfe<\x00a\x00", "x.lss", "không phải XML đọc được"),
        (b'<?xml version="1.0" encoding="nope"?><document/>', "x.lss", "không phải XML đọc được"),
        (b"<document/>", "x.lss", "không phải cấu trúc khảo sát của LimeSurvey"),
        (b"<html><LimeSurveyDocType>Survey</LimeSurveyDocType></html>", "x.lss", "không phải cấu trúc khảo sát"),
        (SMALL.replace(b">Survey<", b">Group<"), "x.xml", "không phải cấu trúc khảo sát"),
        (SMALL.replace(b">Survey<", b">Responses<"), "x.lss", "không phải cấu trúc khảo sát"),
        (b"<document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>", "x.lss", "không có khảo sát nào"),
        (SMALL, "nhom.lsg", "một nhóm câu hỏi (.lsg)"),
        (SMALL, "cau.LSQ", "một câu hỏi (.lsq)"),
        (SMALL, "tra-loi.lsr", "các câu trả lời (.lsr)"),
        (SMALL.replace(b"<document>", b'<!DOCTYPE d [<!ENTITY a "b">]><document>'), "x.lss", "khai báo DOCTYPE"),
        (SMALL.decode().replace("<document>", "<!DOCTYPE d><document>").replace("UTF-8", "UTF-16").encode("utf-16"), "x.lss",
         "khai báo DOCTYPE"),
        (SMALL.replace(b"</document>", b"<a>" * 50 + b"</a>" * 50 + b"</document>"), "x.lss", "lồng quá 30 tầng"),
        (b" " * (tables.MAX_BYTES + 1), "x.lss", "quá lớn"),
        (SMALL.replace(b"</document>", b"<x><rows>" + b"<row/>" * 50_001 + b"</rows></x></document>"), "x.lss",
         "quá 50000 dòng"),
    ],
)  # fmt: skip
def test_what_is_refused(source, name, reason):
    assert reader.is_survey(source, name)
    assert reason in refusal(source, name)


def test_an_archive_says_what_to_do():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("survey.lss", SMALL)
    assert reader.is_survey(file.getvalue(), "x.lsa")
    assert "Giải nén tệp .lsa rồi chọn tệp .lss" in refusal(file.getvalue(), "x.lsa")


def test_a_table_that_would_become_thousands_of_questions_is_refused():
    many = {f"r{n}": "x" for n in range(60)}
    assert "quá 2000 câu" in refusal(survey(Q("q", ";", parts=many, columns=many)))


def test_fifty_thousand_rows_are_read_in_a_moment():
    answers = {f"c {n}": "x" for n in range(24_000)}
    source = survey(Q("a", "L", answers=answers), *(Q(f"q{n}", "S", relevance="a == 'c 7'") for n in range(300)))
    started = time.monotonic()
    found = reader.read(source, "x.lss")
    assert len(found.questionnaire.choice_lists[0].choices) == 24_000
    assert time.monotonic() - started < 10


UNITS = ["<", "<a ", "<!--", "<![CDATA[", '<a b="', "</", "<!", "<?", "<div>", "&", "<script>", "<![x["]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("end", ["", ">"])
def test_html_of_any_kind_is_read_in_a_moment(unit, end):
    started = time.monotonic()
    plain(unit * (200_000 // len(unit)) + end)
    plain((unit + "x" * 17) * 999 + end)
    assert time.monotonic() - started < 2


def test_long_texts_are_cut_and_told():
    words, lost = plain("chữ " * MAX_HTML)
    assert len(words) <= MAX_HTML
    assert lost == {"phần sau quá dài"}
    assert plain("<b>x</b>" * MAX_HTML)[1] == {"HTML quá rối, chỉ lấy chữ"}


HOSTILE = ["", "../../etc", "=cmd()", "x" * 500, "a'b", 'a"b', "<b>", "${a}", "{a}", "\u202e", "số 1", "1", "__proto__",
           "page_1", "csrf_token", "#*{]"]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("kind", "LMF1:R*S")
def test_hostile_codes_make_names_that_the_checks_take(hostile, kind):
    two = {hostile: "x", "b": "y"}
    text, columns = "{1}" if kind == "*" else "Câu?", {f"{hostile}c": "x", "d": "y"}
    source = survey([Q(hostile, kind, text, two, columns, two, two, other="Y"),
                     Q("z", "S")])  # fmt: skip
    found = reader.read(source, "x.lss")
    document.dump(found.questionnaire)
    about_names = [str(fault) for fault in found.faults() if "không đúng dạng" in fault.reason or "trùng" in fault.reason]
    assert about_names == []


PIECES = st.binary(max_size=20) | st.sampled_from([b"", b"9" * 30, b"{a}", b"&#1;", b"&lt;a ", b"-oth-", b"X", b"\xc3\xa9"])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutations_give_faults_or_a_draft(data):
    source = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(150, len(source) - 1))
        end = min(len(source), start + data.draw(st.integers(0, 40)))
        source[start:end] = data.draw(PIECES)
    draft_or_faults(bytes(source))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(0, 10_000), st.text(max_size=30), min_size=1, max_size=8))
def test_any_words_in_any_cells_give_faults_or_a_draft(changes):
    cells = WHOLE.decode().split(">")
    for at, words in changes.items():
        place = at % len(cells)
        if "</" in cells[place]:
            kept = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            cells[place] = f"{kept}<{cells[place].partition('<')[2]}"
    draft_or_faults(">".join(cells).encode("utf-8", "ignore"))


@given(st.binary(max_size=300))
def test_any_bytes_give_faults(source):
    with pytest.raises(Faults):
        reader.read(source, "x.lss")


def draft_or_faults(source: bytes) -> None:
    try:
        found = reader.read(source, "x.lss")
    except Faults:
        return
    found.faults()
    document.dump(found.questionnaire)
