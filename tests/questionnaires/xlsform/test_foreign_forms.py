"""Forms as other people make them, for ODK and KoboToolbox: spellings, languages, pages, and what is left out of them."""

import pytest

from questionnaires.model import Repeat
from questionnaires.xlsform import reader, tables
from questionnaires.xlsform.result import Imported
from questionnaires.xlsform.sheets import RawSheet, workbook
from tests.questionnaires.questionnaire_samples import KINDS


def form(survey: str, choices: str = "", settings: str = "") -> Imported:
    """Sheets written with | between cells and a line for each row."""
    sheets = [
        RawSheet(
            name, tuple((number, dict(enumerate(line.split("|")))) for number, line in enumerate(text.strip().splitlines(), 1))
        )
        for name, text in (("survey", survey), (" Choices ", choices), ("SETTINGS", settings))
        if text
    ]
    return reader.understand(workbook("ho_gia_dinh.xlsx", sheets), KINDS)


def remarks(imported: Imported, kind: str) -> list[str]:
    return [str(remark) for remark in imported.remarks if remark.kind == kind]


HOUSEHOLD = """
type|name|label::English (en)|label::Vietnamese (vi)|Relevance|constraint message::Vietnamese (vi)|read only
start|start||||
today|today||||
note|intro|Welcome|Xin chào||
begin group|who|About you|Về Ông/Bà||
integer|age|Age|Tuổi||Phải là số|yes
select one from yn|married|Married?|Đã kết hôn?|${age} > ‘17’|
end group|||||
begin_repeat|child|Children|Con||
text|child_name|Name|Tên||
end repeat|||||
select all that apply from problems or specify other|problems|Problems|Vấn đề||
calculate|double|||
audio|voice|Say it|Xin nói||
end|end||||
"""
LISTS = """
list name|name|label::English (en)|label::Vietnamese (vi)|district
yn|yes|Yes|Có|
yn|no|No|Không|
problems|time|Time|Thời gian|d1
problems|fees|Fees|Phí|d2
"""


def test_a_household_form_becomes_pages_in_two_languages():
    imported = form(HOUSEHOLD, LISTS, "form_title|form_id|default language|style\nHousehold|household|English (en)|pages")
    made = imported.questionnaire
    assert (made.form_id, made.version, made.languages, made.default_language) == ("household", "1", ("en", "vi"), "en")
    assert made.extra == {"style": "pages"}
    assert [page.name for page in made.pages] == [
        "intro_page",
        "age_page",
        "married_page",
        "child_name_page",
        "problems_page",
        "problems_other_page",
    ]
    assert [tuple(group.name for group in page.within) for page in made.pages] == [(), ("who",), ("who",), ("child",), (), ()]
    assert made.pages[3].repeat.repeat == Repeat()
    assert made.question("married").relevant == "${age} > '17'"
    assert made.question("age").constraint_message.in_language("vi") == "Phải là số"
    assert made.question("age").extra == {"read only": "yes"}
    problems = made.question("problems")
    assert problems.type == "select_multiple"
    assert problems.choices.names == ("time", "fees", "other")
    assert problems.choices.choices[0].attributes == {"district": "d1"}
    assert problems.choices.choices[2].label.in_language("vi") == "Khác"
    assert made.question("problems_other").relevant == "selected(${problems}, 'other')"
    assert made.pages[-1].questions[1].name == "double"


def test_what_does_not_come_along_is_told_with_its_place():
    imported = form(HOUSEHOLD, LISTS)
    left = remarks(imported, "left_out")
    assert len(left) == 4
    assert "ho_gia_dinh.xlsx, trang tính survey, dòng 2, cột A (type): Bỏ câu “start”." in left[0]
    assert "truy ra người trả lời" in left[0]
    assert "dòng 14" in left[2]
    assert "“audio”" in left[2]
    assert any("cột G (read only)" in told for told in remarks(imported, "kept"))
    assert any("par_respondent_groups" in told for told in remarks(imported, "assumed"))
    assert imported.questionnaire.form_id == "ho_gia_dinh"


def test_a_draft_is_read_though_checks_complain_and_they_say_where():
    imported = form(
        "type|name|label|relevant\ntext|a b|Một|\ntext|c|Hai|${khong_co} = 1\nselect_one l|d||",
        "list_name|name|label\nl|x y|X\nl|z|",
    )
    places = {fault.place: fault.reason for fault in imported.faults()}
    assert "Tên câu hỏi" in places["ho_gia_dinh.xlsx, trang tính survey, dòng 2, cột B (name)"]
    assert "khong_co" in places["ho_gia_dinh.xlsx, trang tính survey, dòng 3, cột D (relevant)"]
    assert "ho_gia_dinh.xlsx, trang tính survey, dòng 4, cột C (label)" in places
    assert "Mã phương án" in places["ho_gia_dinh.xlsx, trang tính  Choices , dòng 2, cột B (name)"]
    assert "ho_gia_dinh.xlsx, trang tính settings (chưa có), cột par_consent_purpose" in places


#: one spelling of a type -> what it is here
SPELLINGS = {
    "string": "text",
    "int": "integer",
    "SELECT_ONE l": "select_one",
    "select1 l": "select_one",
    "q date": "date",
    "select all that apply l": "select_multiple",
    "add note prompt": "note",
    "rank l": "rank",
    "rating_matrix l": "rating_matrix",
    "trigger": "acknowledge",
}


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_types_are_known_by_all_their_spellings(spelled):
    imported = reader.understand(
        workbook(
            "x.xlsx",
            [
                RawSheet("survey", ((1, {0: "type", 1: "name", 2: "label"}), (2, {0: spelled, 1: "a"}))),
                RawSheet("choices", ((1, {0: "list_name", 1: "name"}), (2, {0: "l", 1: "1"}))),
            ],
        ),
        {*KINDS, "acknowledge"},
    )
    assert imported.questionnaire.question("a").type == SPELLINGS[spelled]


@pytest.mark.parametrize(
    "header", ["label:Tiếng Việt", "label::vi", "caption::Vietnamese", "LABEL :: Tiếng Việt (vi)", "label"]
)
def test_a_label_is_known_by_all_its_spellings(header):
    made = form(f"type|name|{header}\ntext|a|Xin chào").questionnaire
    assert made.question("a").label.by_language == {"vi": "Xin chào"}
    assert made.languages == ("vi",)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("bind::relevant", "relevant"),
        ("bind:constraint", "constraint"),
        ("calculate", "calculation"),
        ("control::appearance", "appearance"),
        ("Choice Filter", "choice_filter"),
    ],
)
def test_other_columns_are_known_by_their_spellings(header, field):
    assert getattr(form(f"type|name|label|{header}\ntext|a|A|x1").questionnaire.question("a"), field) == "x1"


def test_pages_are_as_odk_shows_them():
    made = form(
        """
type|name|label|appearance|repeat_count
begin group|outer|Ngoài||
begin group|p|Trang|field-list w2|
text|a|A||
begin group|inner|Trong|compact|
text|b|B||
end group||||
end group||||
begin group|grid|Bảng|table-list|
select_one l|c|C||
select_one l|d|D||
end group||||
end group||||
begin repeat|r|Lần|field-list|3
text|e|E||
text|f|F||
end repeat||||
begin group|mixed|Lẫn|field-list|
begin repeat|s|Lần||
text|g|G||
end repeat||||
end group||||
""",
        "list_name|name|label\nl|1|Một\nl|2|Hai",
    ).questionnaire
    p, grid, r, g = made.pages
    assert (p.name, p.within[0].name, p.extra) == ("p", "outer", {"appearance": "w2"})
    assert [question.within for question in p.questions][0] == ()
    assert p.questions[1].within[0].appearance == "compact"
    assert (grid.name, grid.label.in_language("vi"), grid.questions[0].within[0].appearance) == (
        "grid_page",
        "Bảng",
        "table-list",
    )
    assert (len(r.questions), r.repeat.name, r.repeat.repeat.count) == (2, "r", "3")
    assert [group.name for group in g.within] == ["mixed", "s"]


def test_what_was_read_once_is_read_the_same_again():
    for imported in (form(HOUSEHOLD, LISTS), form(HOUSEHOLD, LISTS, "form_title|default_language\nPhiếu|vi")):
        written = tables.tables(imported.questionnaire)
        sheets = [
            RawSheet(
                table.name,
                tuple(
                    (number, dict(enumerate(cells)))
                    for number, cells in enumerate(
                        (table.columns, *([row.get(header, "") for header in table.columns] for row in table.rows)), 1
                    )
                ),
            )
            for table in written
        ]
        again = reader.understand(workbook("x.xlsx", sheets), KINDS).questionnaire
        assert again == imported.questionnaire
        assert tables.tables(again) == written


def test_required_by_condition_is_kept_and_told():
    imported = form("type|name|label|required\ntext|a|A|${b} = 1\ntext|b|B|TRUE\ntext|c|C|false()")
    made = imported.questionnaire
    assert [question.required for question in made.questions] == [False, True, False]
    assert made.question("a").extra == {"required": "${b} = 1"}
    assert any("dòng 2, cột D (required)" in told for told in remarks(imported, "kept"))
    assert tables.tables(made)[0].rows[0]["required"] == "${b} = 1"
