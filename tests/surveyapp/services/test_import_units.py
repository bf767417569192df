"""Units and unit groups from tables: what comes in, what is refused, and that a refused file leaves nothing behind."""

from datetime import date

import pytest
from sqlalchemy import func, select

from surveyapp.extensions import db
from surveyapp.models import Unit, UnitGroup
from surveyapp.queries import units as stored
from surveyapp.services.units import import_unit_groups, import_units
from tests.surveyapp.services.conftest import faults_of, table

HEADER = "code,name,unit_group,parent,valid_from,valid_to,successors"


@pytest.fixture
def groups(app_context):
    import_unit_groups(table("code,name", "so,Sở", "xa,Xã"), "nhom.csv")


def test_units_keep_parents_dates_and_successors_in_any_order(groups):
    made = import_units(table(
        HEADER,
        "X1,Xã Một,xa,H1,2000-01-01,2025-07-01,X9",
        "X9,Xã Chín,xa,T2,01/07/2025,,",
        "H1,Huyện Một,so,T1,2000-01-01,2025-07-01,X9",
        "T1,Tỉnh Một,so,,1990-01-01,2025-07-01,T2",
        "T2,Thành phố Hai,so,,1990-01-01,,",
    ), "don-vi.csv")
    assert made == 5
    assert stored.by_code("X1").parent_code == "H1"
    assert stored.by_code("X9").valid_from == date(2025, 7, 1)
    assert stored.successors() == {"X1": {"X9"}, "H1": {"X9"}, "T1": {"T2"}}
    assert [unit.code for unit in stored.existing_on(date(2024, 1, 1), {"xa"})] == ["X1"]
    assert [unit.code for unit in stored.existing_on(date(2025, 7, 1), {"xa"})] == ["X9"]


def test_importing_again_updates_names_dates_and_successors(groups):
    import_units(table(HEADER, "A,Sở A,so,,2000-01-01,,", "B,Sở B,so,,2000-01-01,,"), "1.csv")
    import_units(table(HEADER, "A,Sở A và Môi trường,so,,2000-01-01,2025-03-01,B"), "2.csv")
    unit = stored.by_code("A")
    assert (unit.name, unit.valid_to) == ("Sở A và Môi trường", date(2025, 3, 1))
    assert stored.successors() == {"A": {"B"}}
    import_units(table(HEADER, "A,Sở A,so,,2000-01-01,,"), "3.csv")
    assert stored.successors() == {}
    assert stored.by_code("B").name == "Sở B"


def test_units_are_sorted_as_vietnamese_names_are(groups):
    import_units(table(HEADER, *(f"{code},{name},xa,,2000-01-01,," for code, name in (
        ("1", "Đại Ân"), ("2", "Dù Kê"), ("3", "Ấp Ba"), ("4", "An Hiệp"), ("5", "Âu Cơ")))), "x.csv")
    assert [unit.name for unit in stored.existing_on(date(2024, 1, 1))] == ["An Hiệp", "Ấp Ba", "Âu Cơ", "Dù Kê", "Đại Ân"]


@pytest.mark.parametrize(("lines", "told"), [
    (["A,Sở A,sở,,2000-01-01,,"], ["dòng 2, cột “unit_group”: Không có nhóm đơn vị “sở”"]),
    (["A,Sở A,so,Z,2000-01-01,,"], ["cột “parent”: Không có đơn vị “Z”"]),
    (["A,Sở A,so,A,2000-01-01,,"], ["Cấp trên đi thành vòng: A → A"]),
    (["A,Sở A,so,B,2000-01-01,,", "B,Sở B,so,A,2000-01-01,,"], ["vòng: A → B → A", "vòng: B → A → B"]),
    (["A,Sở A,so,,2000-01-01,1999-01-01,"], ["cột “valid_to”: Ngày kết thúc 1999-01-01 không sau"]),
    (["A,Sở A,so,,2000-01-01,2000-01-01,"], ["không sau ngày bắt đầu"]),
    (["A,Sở A,so,,2000-13-01,,"], ["“2000-13-01” không phải là ngày"]),
    (["A,Sở A,so,,,,"], ["cột “valid_from”: Ô này để trống"]),
    (["A,Sở A,so,,2000-01-01,,", "A,Sở B,so,,2000-01-01,,"], ["dòng 3, cột “code”: Mã “A” đã có ở dòng 2"]),
    (["A,Sở A,so,,2000-01-01,,B", "B,Sở B,so,,2000-01-01,,"], ["chưa kết thúc mà đã có đơn vị kế tục"]),
    (["A,Sở A,so,,2000-01-01,2020-01-01,Q"], ["Không có đơn vị “Q”"]),
    (["A,Sở A,so,,2000-01-01,2020-01-01,B", "B,Sở B,so,,2021-01-01,,"], ["“B” bắt đầu 2021-01-01, sau ngày “A” kết thúc"]),
    (["A,Sở A,so,,2000-01-01,2020-01-01,B", "B,Sở B,so,,1990-01-01,2019-01-01,"], ["“B” kết thúc 2019-01-01, không muộn hơn"]),
    (["A,Sở A,so,,2000-01-01,2020-01-01,A"], ["không thể kế tục chính mình"]),
    (["=A1,Sở A,so,,2000-01-01,,"], ["Mã “=A1” không đúng dạng"]),
    ([f"A,{'x' * 1_000_000},so,,2000-01-01,,"], ["Dài 1000000 ký tự, tối đa 300"]),
    (['A,"Sở\nA",so,,2000-01-01,,'], ["Có ký tự điều khiển hoặc xuống dòng"]),
    ([",,,,,,x", "B,,xx,Z,hôm nay,,"], ["dòng 2, cột “code”", "dòng 2, cột “name”", "dòng 2, cột “unit_group”",
                                        "dòng 2, cột “valid_from”", "Không có đơn vị “x”", "chưa kết thúc",
                                        "dòng 3, cột “name”",
                                        "“xx”", "“Z”", "“hôm nay” không phải là ngày"]),
])
def test_every_fault_is_told_and_nothing_is_stored(groups, lines, told):
    texts = faults_of(import_units, table(HEADER, *lines), "don-vi.csv")
    assert len(texts) == len(told), texts
    for text, part in zip(texts, told, strict=True):
        assert part in text
        assert "don-vi.csv, dòng" in text
        assert "Cách sửa: " in text
    assert db.session.scalar(select(func.count()).select_from(Unit)) == 0


@pytest.mark.parametrize(("source", "told"), [
    (table("code,name,unit_group", "A,Sở A,so"), "Thiếu cột “valid_from”"),
    (table(HEADER + ",colour", "A,Sở A,so,,2000-01-01,,,red"), "Không biết cột “colour”"),
    (table(HEADER), "không có dòng dữ liệu"),
    (f"{HEADER}\nA,Sở A,so,,2000-01-01,,".encode("utf-16"), "UTF-16"),
    (f"{HEADER}\nA,S\u01a1 A,so,,2000-01-01,,".encode("cp1258"), "Windows-1258"),
    (table(HEADER, "A,S\x00,so,,2000-01-01,,"), "NUL"),
    (table(HEADER, 'A,"Sở A,so,,2000-01-01,,'), "không đúng dạng CSV"),
    (b"", "Thiếu dòng tên cột"),
])
def test_files_of_the_wrong_shape_are_refused(groups, source, told):
    assert any(told in text for text in faults_of(import_units, source, "don-vi.csv"))


def test_a_unit_that_took_part_in_a_campaign_keeps_its_group(opened):
    import_unit_groups(table("code,name", "khac,Nhóm khác"), "nhom.csv")
    moved = table(HEADER, "VD-B,Sở B,khac,,2010-01-01,,")
    assert "đã tham gia đợt “VIDU-2024”" in faults_of(import_units, moved, "x.csv")[0]
    import_units(table(HEADER, "VD-NONGNGHIEP,Sở cũ,khac,,2010-01-01,2024-03-01,VD-A"), "x.csv")  # ended before it opened


def test_groups_are_updated_and_ordered_as_in_the_file(groups):
    import_unit_groups(table("code;name", "xa;Xã, phường", "moi;Mới"), "nhom.csv")
    assert [(group.code, group.name) for group in stored.groups()] == [("xa", "Xã, phường"), ("moi", "Mới"), ("so", "Sở")]
    texts = faults_of(import_unit_groups, table("code,name", "xa,A", "xa,B", ",C", "d,"), "nhom.csv")
    assert len(texts) == 3
    assert db.session.scalar(select(func.count()).select_from(UnitGroup)) == 3
