"""CSV comes in as rows with their true line, or is refused with every fault named."""

import pytest

from documents import csv_reader
from documents.faults import FaultList, Faults


def read(text: str, required=("unit", "points"), optional=()):
    return csv_reader.read(text.encode(), "diem.csv", required, optional)


def refused(source: bytes | str, required=("unit", "points"), optional=()) -> list[str]:
    with pytest.raises(Faults) as caught:
        csv_reader.read(source.encode() if isinstance(source, str) else source, "diem.csv", required, optional)
    return [f"{fault.place}: {fault.reason}" for fault in caught.value.faults]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_three_separators(separator):
    table = read(f"unit{separator}points\nsnv{separator}1.5\n")
    assert [row.cells for row in table] == [{"unit": "snv", "points": "1.5"}]


def test_a_decimal_comma_in_a_semicolon_file():
    assert read("unit;points\nsnv;83,21\n").rows[0]["points"] == "83,21"


@pytest.mark.parametrize(("text", "lines"), [
    ("unit,points\na,1\nb,2\n", [2, 3]),
    ("unit,points\na,1\n\n\nb,2\n", [2, 5]),
    ("\n\nunit,points\na,1\n", [4]),
    ('unit,points\n"a\nb",1\nc,2\n', [2, 4]),
    ("unit,points\r\na,1\r\nb,2\r\n", [2, 3]),
    ('unit,"points\n"\na,1\n', [3]),
])
def test_a_row_knows_the_line_it_starts_on(text, lines):
    assert [row.line for row in read(text)] == lines


def test_place_names_line_and_column():
    table = read("unit,points\na,1\n")
    assert table.place(table.rows[0], "points") == "diem.csv, dòng 2, cột “points”"


def test_missing_unknown_and_repeated_columns_are_named_at_once():
    found = refused("unit,note,note\na,b,c\n")
    assert len(found) == 4
    assert any("Thiếu cột “points”" in each for each in found)
    assert any("“note” xuất hiện nhiều lần" in each for each in found)


def test_further_columns_may_be_allowed():
    assert read("unit,points,staff:snv\na,1,4\n", optional=None).rows[0]["staff:snv"] == "4"


def test_rows_of_the_wrong_length_are_all_named():
    assert refused("unit,points\na\nb,1\nc,1,2\n") == [
        "diem.csv, dòng 2: Có 1 ô, cần 2 ô.", "diem.csv, dòng 4: Có 3 ô, cần 2 ô."]


@pytest.mark.parametrize(("source", "words"), [
    ("unit,points\nSở Nội vụ,1\n".encode("utf-16"), "UTF-16"),
    ("unit,points\nSở Nội vụ,1\n".encode("utf-16-le"), "UTF-16"),
    ("unit,points\nViệt Nam,1\n".encode("cp1258", errors="ignore") + b"\xd0\xf2", "Windows-1258"),
    (b"unit,points\na\x00b,1\n", "NUL"),
    (b"", "Thiếu dòng tên cột"),
    (b"\n \n", "Thiếu dòng tên cột"),
    (b"unit,points\n", "không có dòng dữ liệu"),
    (b'unit,points\n"a,1\n', "CSV"),
    (b'unit,points\na"b"c,"1"2\n', "CSV"),
    (b"unit,points\n" + b"a" * 3_000_000 + b",1\n", "CSV"),
])
def test_files_that_cannot_be_read_say_why(source, words):
    assert any(words in each for each in refused(source))


@pytest.mark.parametrize(("source", "line", "words"), [
    (b'unit,points\na,1\n"b,2\nc,3\nd,4\n', "dòng 3", "không được đóng"),
    (b'unit,points\n"a"x,1\n', "dòng 2", "còn có chữ"),
    (b"unit,points\na,1\n" + b"b" * 3_000_000 + b",1\n", "dòng 3", "dài hơn 2000000 ký tự"),
    (b"x" * 3_000_000 + b"\n1\n", "dòng 1", "dài hơn 2000000 ký tự"),
])
def test_what_is_no_csv_is_told_in_vietnamese_with_the_line_it_starts_on(source, line, words):
    (told,) = refused(source)
    assert told.startswith(f"diem.csv, {line}: Dòng không đúng dạng CSV: ")
    assert words in told


@pytest.mark.parametrize(("beginning", "words"), [
    (b"PK\x03\x04\x14\x00\x00\x00", "xlsx"), (b"\xd0\xcf\x11\xe0\xa1\xb1", "xls"), (b"%PDF-1.7\n", "PDF"),
])
def test_a_file_that_is_no_text_is_called_what_it_is(beginning, words):
    (told,) = refused(beginning + bytes(500))
    assert words in told


def test_a_column_without_a_name_is_told_by_its_number():
    assert refused("unit,points,,\na,1,,\n") == [
        "diem.csv, dòng 1: Cột thứ 3 không có tên.", "diem.csv, dòng 1: Cột thứ 4 không có tên."]


def test_with_a_list_of_faults_the_readable_rows_come_back():
    faults = FaultList()
    found = csv_reader.read(b'unit,points\na,1\nb\nc,3\n"d,4\n', "diem.csv", ("unit", "points"), (), faults)
    assert [row["unit"] for row in found] == ["a", "c"]
    assert [fault.place for fault in faults] == ["diem.csv, dòng 3", "diem.csv, dòng 5"]


def test_with_a_list_of_faults_no_rows_come_from_wrong_columns():
    faults = FaultList()
    found = csv_reader.read(b"unit,point\na,1\n", "diem.csv", ("unit", "points"), (), faults)
    assert (found.columns, found.rows, len(faults)) == (("unit", "point"), (), 2)
