"""What forms that others made do, found in forms of ODK projects: each is taken along, or told at its place."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from documents.faults import Faults
from questionnaires.xlsform import limits, reader, tables
from tests.questionnaires.xlsform.test_foreign_forms import form, remarks


def rows_of(imported, sheet: int = 0) -> list[dict[str, str]]:
    return [dict(row) for row in tables.tables(imported.questionnaire)[sheet].rows]


def written(*, stored: str | int = "") -> bytes:
    """A workbook whose version is worked out, and a note beside the table."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    survey, settings = book.add_worksheet("survey"), book.add_worksheet("settings")
    for row, cells in enumerate((("type", "name", "label"), ("text", "a", "Một"), ("text", "b", "Hai"))):
        survey.write_row(row, 0, cells)
    survey.write_row(1, 4, ("hỏi lại", "chị Lan"))
    settings.write_row(0, 0, ("form_id", "version"))
    settings.write(1, 0, "x")
    settings.write_formula(1, 1, '=TEXT(NOW(),"yyyymmdd")', None, stored)
    book.close()
    return file.getvalue()


def test_of_a_formula_the_stored_result_is_taken_and_told():
    imported = reader.read(written(stored="20240501"), "p.xlsx")
    assert imported.questionnaire.version == "20240501"
    [told] = [each for each in remarks(imported, "assumed") if "công thức" in each]
    assert "trang tính settings, dòng 2, cột B (version): Ô có công thức; lấy kết quả đã lưu trong tệp: “20240501”." in told


def test_a_version_that_is_a_moment_loses_its_marks():
    imported = form("type|name|label\ntext|a|Một", "", "form_id|version\nx|2024-05-24 12:27:44.570000")
    assert imported.questionnaire.version == "20240524122744"
    assert any("phiên bản ghi là “20240524122744”" in each for each in remarks(imported, "assumed"))
    assert form("type|name|label\ntext|a|Một", "", "version\n2024-05-24").questionnaire.version == "2024-05-24"


def test_a_formula_without_a_result_is_refused_at_its_cell():
    with pytest.raises(Faults) as refused:
        reader.read(written(), "p.xlsx")
    assert [fault.place for fault in refused.value.faults] == ["p.xlsx, trang tính settings, dòng 2, cột B (version)"]


def test_cells_beside_the_table_are_left_out_and_told_once_for_each_row():
    [told] = remarks(reader.read(written(stored="1"), "p.xlsx"), "left_out")
    assert "trang tính survey, dòng 2, cột E: Bỏ ô “hỏi lại” (và 1 ô nữa ở dòng này): cột không có tên." in told


def test_times_of_day_in_old_files_are_no_days():
    old = (Path(__file__).parent / "files/times.xls").read_bytes()
    asked = reader.read(old, "times.xls").questionnaire.questions
    assert [question.default for question in asked] == ["09:30:00", "2024-05-01"]


COMPUTED = "type|name|label|default\ntext|a|Một|\ninteger|b|Hai|${a}\ndate|c|Ba|now()\ntext|d|Bốn|Hà Nội (thủ đô)"


def test_a_default_that_is_worked_out_is_not_taken_for_words_and_comes_out_again():
    imported = form(COMPUTED)
    assert [question.default for question in imported.questionnaire.questions] == ["", "", "", "Hà Nội (thủ đô)"]
    told = [each for each in remarks(imported, "kept") if "Giá trị điền sẵn là biểu thức" in each]
    assert ["dòng 3, cột D (default)" in told[0], "dòng 4, cột D (default)" in told[1]] == [True, True]
    assert not [fault for fault in imported.faults() if "(default)" in fault.place]
    assert [row.get("default", "") for row in rows_of(imported)] == ["", "${a}", "now()", "Hà Nội (thủ đô)"]


def test_words_of_ours_that_odk_would_work_out_stand_in_a_column_of_ours():
    imported = form("type|name|label|par_default\ntext|a|Một|f(x)")
    assert imported.questionnaire.question("a").default == "f(x)"
    assert rows_of(imported)[0]["par_default"] == "f(x)"
    assert any(each.questions == ("a",) for each in limits.limits(imported.questionnaire))


GONE = """
type|name|label|required|trigger|save_to|relevant|default
username|username||||||
select_one_from_file a.csv|old|Cũ|||||
text|a|Một|${old} = '1'|${old}|prop||${old}
text|b|${username} ơi||${a}||${username} != ''|
"""


def test_what_speaks_of_a_left_out_question_is_told_and_never_written_out_again():
    imported = form(GONE, "", "form_id|instance_name|style\nx|concat(${old}, ${a})|pages")
    left = remarks(imported, "left_out")
    for place in ("dòng 4, cột D (required)", "dòng 4, cột E (trigger)", "dòng 4, cột H (default)",
                  "SETTINGS, dòng 2, cột B (instance_name)"):
        assert any(place in told and "nhắc đến “old”" in told for told in left), place
    assert any("cột F (save_to)" in told and "bị bỏ" in told for told in left)
    assert rows_of(imported)[0] == {"type": "text", "name": "a", "label::Tiếng Việt (vi)": "Một"}
    assert rows_of(imported)[1]["trigger"] == "${a}"
    assert imported.questionnaire.extra == {"style": "pages"}


def test_a_fault_that_comes_from_a_left_out_question_says_so():
    mends = {fault.place[-20:]: fault.mend for fault in form(GONE).faults() if "bị bỏ" in fault.mend}
    assert len(mends) == 2
    assert all("dòng 2" in mend for mend in mends.values())


def test_curly_quotes_among_straight_ones_are_straightened_outside_of_words():
    survey = "type|name|label|relevant\ntext|a|Một|\ntext|b|Hai|${a}=’food’ and ${a}=’bar'\ntext|c|Ba|${a} = '“x”'"
    made = form(survey).questionnaire
    assert [question.relevant for question in made.questions[1:]] == ["${a}='food' and ${a}='bar'", "${a} = '“x”'"]


def test_columns_without_a_language_are_in_that_of_the_labels():
    made = form("type|name|label::French (fr)|label::English|hint\ntext|a|Un|One|Dites").questionnaire
    assert (made.default_language, made.languages) == ("fr", ("fr", "en"))
    assert made.question("a").hint.by_language == {"fr": "Dites"}
    both = form("type|name|label::French (fr)|hint|hint::French (fr)\ntext|a|Un|Gợi ý|Dites").questionnaire
    assert both.question("a").hint.by_language == {"vi": "Gợi ý", "fr": "Dites"}


def test_looks_and_parameters_without_effect_are_told_once():
    survey = """
type|name|label|appearance|parameters
begin group|g|G|field-list pages|
text|e|Năm||
end group
select_one l|a|Một|label|randomize=maybe
select_one l|b|Hai|list-nolabel w1|randomize=true seed=42
select_one l|c|Ba|list-nolabel minimal|
image|d|Bốn||max-pixels=640
"""
    imported = form(survey, "list_name|name|label|image|district\nl|1|A|a.png|x\nl|2|B||y")
    told = remarks(imported, "kept")
    once = {"pages", "label", "list-nolabel", "w1", "seed", "max-pixels", "image"}
    never = {"field-list", "minimal", "district"}
    assert {word: sum(f"“{word}”" in each for each in told) for word in once | never} == {
        **dict.fromkeys(once, 1), **dict.fromkeys(never, 0)}
    assert any("xóa nó" in each for each in told)
    assert any("randomize=maybe" in each for each in told)


def test_one_wrong_name_and_one_nested_repeat_are_one_fault_each():
    nested = "begin repeat|r|R\nbegin repeat|s|S\ntext|c|Ba\ntext|d|Bốn\nend repeat|\nend repeat|"
    imported = form(f"type|name|label\ntext|a-b|Một\n{nested}")
    reasons = [fault.reason for fault in imported.faults()]
    assert sum("a-b" in reason or "a_b" in reason for reason in reasons) == 1
    assert sum("nằm trong nhóm lặp" in reason for reason in reasons) == 1


def test_a_repeat_without_a_most_is_told_how_often_it_is_asked():
    imported = form("type|name|label|par_most\nbegin repeat|r|R|\ntext|a|Một\nend repeat\n"
                    "begin repeat|s|S|5\ntext|b|Hai\nend repeat")
    assert [group.repeat.most for group in imported.questionnaire.groups] == [20, 5]
    [told] = [each for each in remarks(imported, "assumed") if "par_most" in each]
    assert "dòng 2, cột D (par_most): Không ghi par_most; nhóm lặp “r” được hỏi nhiều nhất 20 lần." in told
    again = [row for row in rows_of(imported) if row["type"] == "begin repeat"]
    assert [row["par_most"] for row in again] == ["20", "5"]
