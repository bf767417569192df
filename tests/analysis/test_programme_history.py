"""The programme's tables come out as printed, and what contradicts itself in them is shown."""

from decimal import Decimal
from fractions import Fraction
from importlib import resources

import pytest

from analysis.index.history import FILES, load, shipped
from analysis.index.history_checks import band_counts, component_means, discrepancies, mean_of
from analysis.index.rounding import Rounding
from analysis.index.targets import RankTarget
from documents.faults import Faults


def files() -> dict[str, bytes]:
    folder = resources.files("analysis.index") / "library" / "history"
    return {name: (folder / name).read_bytes() for name in FILES}


def changed(name: str, old: str, new: str) -> dict[str, bytes]:
    text = files()[name].decode()
    assert old in text
    return files() | {name: text.replace(old, new).encode()}


def found(history, words: str) -> list:
    return [one for one in discrepancies(history) if words in one.what]


def test_nine_means_and_bands_come_out_as_printed():
    means = component_means(shipped())
    assert [str(mean.recomputed) for mean in means] == [
        "86.40", "90.59", "85.67", "79.56", "71.99", "73.97", "69.21", "56.25", "80.85"]
    assert all(mean.agrees for mean in means)
    assert band_counts(means) == {"A": 1, "B": 3, "C": 3, "D": 2}


def test_the_tie_is_exact_and_rounds_to_even():
    steering = component_means(shipped())[0]
    assert steering.exact == Fraction("86.405")
    assert str(component_means(shipped(), Rounding(2, "half_up"))[0].recomputed) == "86.41"
    assert not component_means(shipped(), Rounding(2, "half_up"))[0].agrees


def test_means_in_the_text_are_kept_and_shown_beside_the_recomputed_ones():
    history = shipped()
    assert mean_of(history.all_units) == Fraction(44065, 600)
    (units,) = found(history, "toàn bộ các đơn vị, 2016–2021")
    assert (str(units.reported), str(units.recomputed)) == ("73.28", "73.44")
    (province,) = found(history, "cải cách hành chính của tỉnh, 2016–2021")
    assert (str(province.reported), str(province.recomputed)) == ("79.60", "79.26")
    assert "79,60\u00a0%" in province.note


def test_the_unreadable_cell_stays_empty():
    history = shipped()
    series = next(one for one in history.groups if one.code == "public_service")
    assert series.in_year(2021) is None
    (one,) = found(history, "“Đơn vị sự nghiệp công lập tỉnh” năm 2021")
    assert one.reported is None
    assert one.recomputed is None


def test_all_unit_means_outside_the_groups_are_flagged_and_only_those():
    history = shipped()
    flagged = {int(one.what.split("năm ")[1][:4]): one for one in found(history, "so với trung bình các nhóm")}
    assert sorted(flagged) == [2016, 2017, 2018, 2019, 2020]
    assert flagged[2018].possible == (Decimal("64.23"), Decimal("72.44"))
    assert flagged[2019].possible[1] < flagged[2019].reported
    assert flagged[2016].possible is None
    assert "trùng khít" in flagged[2017].note


def test_gain_since_the_first_assessment_is_not_decided():
    points, ranks = found(shipped(), "lần đánh giá đầu tiên")
    assert (str(points.reported), str(points.recomputed)) == ("10.49", "17.59")
    assert (ranks.reported, ranks.recomputed) == (15, 31)
    assert all("không kết luận" in one.note for one in (points, ranks))


def test_nothing_else_is_flagged():
    assert len(discrepancies(shipped())) == 10


@pytest.mark.parametrize(("name", "old", "new", "words"), [
    ("province_component_means.csv", "85.67,B", "85.66,B", "thành phần 3"),
    ("province_component_means.csv", "80.85,B", "80.85,C", "thành phần 9"),
    ("province_index.csv", "2021,87.54", "2021,99.54", "Chỉ số của tỉnh năm 2021"),
    ("frameworks.csv", "63,37", "63,36", "Tổng điểm"),
    ("frameworks.csv", "8,43,102", "8,44,102", "Số tiêu chí của"),
])
def test_a_change_in_the_tables_is_noticed(name, old, new, words):
    assert not found(shipped(), words)
    assert len(found(load(changed(name, old, new)), words)) == 1


@pytest.mark.parametrize(("name", "old", "new", "place"), [
    ("all_units_means.csv", "58.16", "58,16", "dòng 2"),
    ("all_units_means.csv", "58.16", "158.16", "cột “percent”"),
    ("all_units_means.csv", "2017,", "2016,", "dòng 3"),
    ("all_units_means.csv", "58.16", "NaN", "cột “percent”"),
    ("province_index.csv", "2016,69.95,49", "2016,69.95,x", "rank_of_63"),
    ("province_component_means.csv", "8,56.25,D\n", "", "province_component_means.csv"),
    ("bands.csv", "A,90", "A,", "at_least"),
])
def test_tables_that_cannot_be_read_are_refused_with_their_place(name, old, new, place):
    with pytest.raises(Faults) as refused:
        load(changed(name, old, new))
    assert any(place in fault.place for fault in refused.value.faults)


def test_all_faults_are_named_at_once():
    broken = changed("all_units_means.csv", "58.16", "x") | {"bands.csv": b"band,at_least\nA,y\n"}
    with pytest.raises(Faults) as refused:
        load(broken)
    assert len(refused.value.faults) == 2
    with pytest.raises(Faults, match="Thiếu tệp"):
        load({})


def test_the_rank_target_is_the_programmes():
    target = shipped().rank_target()
    assert target == RankTarget(top=15, by_year=2025, step=1, until_year=2030, out_of=63)
