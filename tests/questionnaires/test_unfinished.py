"""What is missing is told in words of the designer's pages, and nothing missing means that the file is taken."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.faults import Faults
from questionnaires import document, editing, group_editing, list_editing, unfinished
from questionnaires.unfinished import lacks
from tests.questionnaires.drafts import grouped, shipped


def told(form) -> str:
    return "\n".join(f"{each.where} | {each.reason} {each.mend}" for each in lacks(form))


def test_an_empty_form_is_told_all_it_needs_without_a_word_of_the_file_format():
    form = editing.add_page(editing.empty("moi", "1", ""), "Mở đầu")
    form = editing.add_question(form, "mo_dau", "select_one", "")
    form = editing.change_question(form, "cau", factor="access", required=True)
    words = told(form)
    for wanted in ("Cài đặt: tên phiếu", "Chọn nhóm ở trang Cài đặt", "Lời đồng ý: mục đích", "Trang 1, câu 1 “cau”",
                   "Chưa chọn danh sách phương án"):
        assert wanted in words
    assert not re.search(r"\b(consent|respondent_groups|label|type|select_one|khóa)\b", words)


def test_another_languages_words_are_told_apart_from_what_is_missing_at_all():
    form = editing.change_settings(grouped(), languages=("vi", "en"))
    found = lacks(editing.change_question(form, "went", label=editing.text("Been?", "en")))
    assert {each.belongs_to for each in found if not each.untranslated} == {("questions", "went")}
    assert len(found) == 23
    assert "khỏi các ngôn ngữ của phiếu" in told(form)
    assert "hoặc xóa câu báo" not in told(form)


def test_where_it_belongs_leads_to_its_page():
    form = list_editing.add_list(editing.change_settings(grouped(), minutes=0), "moi")
    form = editing.change_question(form, "times", relevant="${comment} = 'x'")
    form = editing.change_page(form, "first", label=editing.text("", "vi"))
    assert {each.belongs_to for each in lacks(form)} == {
        ("settings",), ("choices", "moi"), ("questions", "times"), ("pages", "first")}


@settings(max_examples=30)
@given(st.data())
def test_what_lacks_nothing_is_taken_as_a_file_and_what_lacks_something_is_not(data):
    form = data.draw(st.sampled_from([grouped(), *shipped()]))
    name = data.draw(st.sampled_from([question.name for question in form.questions]))
    acts = [lambda each: editing.change_type(each, name, "select_one"), lambda each: editing.move_question(each, name, -1),
            lambda each: editing.change_question(each, name, label=editing.text("", "vi")),
            lambda each: editing.add_page(each, "x"), lambda each: editing.duplicate_question(each, name),
            lambda each: editing.change_type(each, name, "rating_matrix")]
    for act in data.draw(st.lists(st.sampled_from(acts), max_size=3)):
        form = act(form)
    source = document.dump(form).encode()
    if lacks(form):
        with pytest.raises(Faults):
            document.load(source, "x")
    else:
        assert document.load(source, "x") == form


@pytest.mark.parametrize("broken", [
    lambda form: editing.change_question(form, "times", relevant="${khong"),
    lambda form: editing.change_question(form, "went", relevant="${why} = 'x'"),
    lambda form: editing.change_question(form, "went", relevant="${went} = 'yes'"),
    lambda form: editing.change_type(form, "went", "select_one"),
    lambda form: editing.change_type(form, "went", "rating_matrix", "yes_no"),
    lambda form: list_editing.add_list(form, "trong"),
    lambda form: editing.change_type(list_editing.add_list(form, "trong"), "again", "select_one", "trong"),
    lambda form: editing.place_question(form, "comment", "first", 0),
    lambda form: replace(form, pages=form.pages * 2),
    lambda form: replace(form, pages=()),
])
def test_an_unfinished_form_is_looked_over_as_far_as_that_can_be_done(broken):
    form = editing.change_question(grouped(), "comment", label=editing.text("Ông/Bà có hài lòng không?", "vi"))
    looks = unfinished.looks(broken(form))
    assert [each.about for each in looks][:1] == ["Câu hỏi dẫn dắt"] or not broken(form).pages


def test_a_look_says_where_it_is_and_names_no_key_of_the_file():
    form = editing.change_question(grouped(), "again", constraint=". = 'yes' or . = 'no' or . = 'dont_know'")
    look = next(each for each in unfinished.looks(form) if each.about == "Ràng buộc không có tác dụng")
    assert (look.page, look.belongs_to) == ("second", ("questions", "again"))
    assert look.reason.startswith("Mọi câu trả lời đều thỏa điều kiện của câu trả lời")


def test_a_fault_of_a_group_leads_to_the_group():
    form = group_editing.change_group(grouped(), "later", relevant="${khong} = 1")
    (lack,) = lacks(form)
    assert (lack.where, lack.belongs_to) == ("Nhóm “later”: điều kiện hiện", ("groups", "later"))


def test_where_answers_lead_is_looked_at_only_once_that_can_be_worked_out():
    scale = list_editing.add_list(grouped(), "muc")
    for words in ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"):
        scale = list_editing.add_choice(scale, "muc", words)
    form = editing.add_question(scale, "first", "select_one", "Mức hài lòng về nơi ngồi chờ?", "seat", "muc")
    form = editing.add_question(editing.add_page(form, "Thêm", "more"), "more", "text", "Vì sao?", "reason")
    form = editing.change_question(form, "reason", relevant="${seat} = '1'")
    assert "Mức tốt và mức xấu tốn công khác nhau" in [each.about for each in unfinished.looks(form)]
    broken = editing.change_question(form, "reason", calculation="${khong")
    assert "Mức tốt và mức xấu tốn công khác nhau" not in [each.about for each in unfinished.looks(broken)]
