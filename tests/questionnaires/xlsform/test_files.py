"""Files that are no form, or hide something: refused whole, with every fault at its sheet, row and column."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from documents.faults import Faults
from questionnaires import document
from questionnaires.library import shipped
from questionnaires.xlsform import reader, writer

HEADER = ["type", "name", "label"]
GOOD = {"survey": [HEADER, ["text", "a", "Một"]]}


def xlsx(sheets: dict, change=lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def refusals(source: bytes, name: str = "phieu.xlsx") -> list[str]:
    with pytest.raises(Faults) as caught:
        reader.read(source, name)
    assert all(fault.mend for fault in caught.value.faults)
    return [f"{fault.place}: {fault.reason}" for fault in caught.value.faults]


def survey(*rows) -> dict:
    return {"survey": [HEADER, *rows], "choices": [["list_name", "name", "label"], ["l", "1", "Một"]]}


#: sheets -> the faults, by their beginning
BAD = {
    "unknown type": (survey(["txet", "a", "A"]), ["dòng 2, cột A (type): Không biết loại câu hỏi “txet”"]),
    "unknown list": (
        survey(["select_one m", "a", "A"], ["select_multiple", "b", "B"]),
        ["dòng 2, cột A (type): Không có danh sách phương án “m”", "dòng 3, cột A (type): Loại “select_multiple” cần tên"],
    ),
    "not closed": (survey(["begin group", "g", "G"], ["text", "a", "A"]), ["dòng 2, cột A (type): Nhóm “g” không được đóng"]),
    "closed too often": (
        survey(["text", "a", "A"], ["end group"]),
        ["dòng 3, cột A (type): “end group” nhưng không có nhóm nào"],
    ),
    "closed as another": (
        survey(["begin repeat", "r", "R"], ["text", "a", "A"], ["end group"]),
        ["dòng 4, cột A (type): “end group” đóng nhóm lặp “r” mở ở dòng 2"],
    ),
    "no name, no type": (
        survey(["text", None, "A"], [None, "b", "B"], ["begin group", None, "C"], ["end group"]),
        [
            "dòng 2, cột B (name): Câu hỏi không có tên",
            "dòng 3, cột A (type): Dòng có tên hoặc nhãn",
            "dòng 4, cột B (name): Nhóm không có tên",
        ],
    ),
    "loop": (survey(["begin loop over l", "g", "G"]), ["dòng 2, cột A (type): Không dùng được vòng lặp"]),
    "same column twice": (
        {"survey": [[*HEADER, "Caption", "ghi chú", "ghi chú"], ["text", "a", "A", "B", "c", "d"]]},
        ["dòng 1, cột D (Caption): Cột này trùng nghĩa với cột “label”", "dòng 1, cột F (ghi chú): Cột này trùng"],
    ),
    "formula without a result": (survey(["text", "a", "=A1&B1"]), ["dòng 2, cột C (label): Ô có công thức mà tệp không giữ"]),
    "choices without a name": (
        {**GOOD, "choices": [["list_name", "name"], ["l", None], [None, "x"]]},
        ["dòng 2, cột B (name): Phương án không có mã", "dòng 3, cột A (list_name): Phương án không thuộc"],
    ),
    "wrong words of ours": (
        {"survey": [[*HEADER, "par_missing", "parameters", "par_extra"], ["text", "a", "A", "maybe", "x", "{"]]},
        [
            "dòng 2, cột E (parameters): Không đọc được tham số",
            "dòng 2, cột D (par_missing): Cột par_missing không nhận",
            "dòng 2, cột F (par_extra): Cột par_extra phải là nhóm chữ",
        ],
    ),
    "too many rows": (
        survey(*[["text", f"q{n}", "A"] for n in range(10_000)]),
        ["trang tính survey: Trang tính có 10000 dòng"],
    ),
    "empty": ({"survey": [], "choices": [[1]]}, ["trang tính survey: Trang tính rỗng"]),
    "a header alone": ({"survey": [HEADER]}, ["trang tính survey: Chỉ có dòng tên cột"]),
    "no survey": ({"surveys": [HEADER], "x": [["y"]]}, ["phieu.xlsx: Không có trang tính “survey”"]),
}


@pytest.mark.parametrize("what", BAD)
def test_a_workbook_that_is_no_form_is_refused_with_every_fault_at_its_place(what):
    sheets, expected = BAD[what]
    found = refusals(xlsx(sheets))
    assert len(found) == len(expected), found
    for told, wanted in zip(found, expected, strict=True):
        assert wanted in told


def hide(book) -> None:
    book["survey"].sheet_state = "hidden"
    book["survey"].merge_cells("C2:D3")


def test_hidden_sheets_and_merged_cells_are_told_together():
    found = refusals(xlsx({**GOOD, "notes": [["x"]]}, hide))
    assert [told.split(": ")[0] for told in found] == [
        "phieu.xlsx, trang tính survey",
        "phieu.xlsx, trang tính survey, ô C2:D3",
    ]


def with_part(source: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO(source)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


WRITTEN = writer.write(document.load(shipped()["business"], "business"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HOSTILE = {
    "macro": (lambda: with_part(xlsx(GOOD), "xl/vbaProject.bin", b"x"), "có macro"),
    "bomb": (lambda: with_part(xlsx(GOOD), "xl/worksheets/sheet9.xml", b"<c/>" * 10_000_000), "quá lớn cho một phiếu"),
    "cut off": (lambda: xlsx(GOOD)[:1500], "bị hỏng"),
    "not a workbook": (lambda: with_part(zipfile_of("word/document.xml"), "a", b""), "không phải bảng tính"),
    "broken inside": (lambda: zipfile_of("xl/workbook.xml"), "bị hỏng"),
    "encrypted": (lambda: OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
    "broken xls": (lambda: OLE + b"\0" * 600, "hỏng"),
    "empty": (lambda: b"", "rỗng"),
    "entities": (
        lambda: with_strings(b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 99 + b'">]><sst><si><t>&b;</t></si></sst>'),
        "DOCTYPE",
    ),
}


def zipfile_of(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


def with_strings(content: bytes) -> bytes:
    """A workbook whose table of texts is another one."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WRITTEN)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.infolist():
            new.writestr(part, content if part.filename == "xl/sharedStrings.xml" else old.read(part))
    return file.getvalue()


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_in_words(what):
    make, expected = HOSTILE[what]
    found = refusals(make())
    assert len(found) == 1
    assert expected in found[0]


def test_a_cell_far_away_costs_nothing():
    made = reader.read(xlsx(GOOD, lambda book: book["survey"].cell(1_000_000, 16_000, " ")), "phieu.xlsx").questionnaire
    assert [question.name for question in made.questions] == ["a"]


def test_numbers_and_days_are_read_as_people_see_them():
    made = reader.read(
        xlsx(
            {
                **GOOD,
                "survey": [[*HEADER, "default"], ["text", "a", 5.0, 2024.1], ["text", "b", True, None]],
                "settings": [["version", "form_id"], [2024.1, "x"]],
            }
        ),
        "phieu.xlsx",
    ).questionnaire
    assert made.version == "2024.1"
    assert [question.label.in_language("vi") for question in made.questions] == ["5", "TRUE"]
    assert made.question("a").default == "2024.1"


CSV = """\
survey,,,
,type,name,label::vi
,select_one l,a,"Chọn, một"
,text,b,Hai
choices
,list_name,name,label::vi
,l,1,Một
,l,2,Hai
settings
,form_id,form_title,default_language
,csv_form,Phiếu CSV,vi
"""


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_form_in_one_csv_file(separator):
    text = (
        CSV
        if separator == ","
        else CSV.replace('"Chọn, một"', "Chọn; một").replace(",", ";").replace("Chọn; một", '"Chọn; một"')
    )
    made = reader.read(text.encode("utf-8-sig"), "phieu.csv").questionnaire
    assert (made.form_id, made.question("a").choices.names) == ("csv_form", ("1", "2"))
    found = refusals(text.replace("text", "txet").encode(), "phieu.csv")
    assert found == ["phieu.csv, trang tính survey, dòng 4, cột B (type): Không biết loại câu hỏi “txet”."]


def test_an_old_xls_file_is_read_and_its_formulas_found():
    folder = Path(__file__).parent / "files"
    made = reader.read((folder / "old.xls").read_bytes(), "old.xls").questionnaire
    assert [question.name for question in made.questions] == ["a", "b"]
    assert made.question("b").default == "5"
    found = refusals((folder / "formula.xls").read_bytes(), "formula.xls")
    assert found == ["formula.xls, trang tính survey, dòng 2, cột C (label): Ô có công thức mà tệp không giữ kết quả."]


def test_what_we_write_is_text_only_and_always_the_same_bytes():
    given = document.load(shipped()["citizen"], "citizen")
    written = writer.write(given)
    assert writer.write(given) == written
    book = openpyxl.load_workbook(io.BytesIO(written))
    assert book.sheetnames == ["survey", "choices", "settings"]
    assert all(sheet.freeze_panes for sheet in book)
    assert {cell.data_type for sheet in book for row in sheet for cell in row if cell.value is not None} == {"s"}
    assert [cell.value for cell in book["survey"][1]][:5] == [
        "type",
        "name",
        "label::Tiếng Việt (vi)",
        "label::Khmer (km)",
        "label::English (en)",
    ]
