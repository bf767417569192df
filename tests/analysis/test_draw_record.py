"""Frames, records of draws, verification and reserves: what is wrong is named, and what was drawn can be drawn again."""

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from analysis.sampling.canonical import sort_key, text_of
from analysis.sampling.draw import draw
from analysis.sampling.frame import check_frame, record_frame
from analysis.sampling.plan import Plan, Stage, stratified
from analysis.sampling.record import DrawRecord, record_draw, verify
from analysis.sampling.replacement import ReplacementError, Replacements
from analysis.variance import DesignError
from documents.faults import Faults
from tests.analysis.test_draw import people, units, villages_plan


def test_faults_of_a_frame_are_told_all_at_once():
    frame = pd.DataFrame({
        "district": ["d1", "d1", None, "d2", "d2", "d2"], "region": ["n", "s", "n", "n", "n", "q"],
        "person": [1, 2, 3, 3, None, 1.0], "size": [5, 0, "x", -1, None, 2]})
    plan = Plan((Stage("district", {"n": 1, "s": 1, "w": 1}, "tille", size="size", strata="region"), Stage("person", 1)))
    with pytest.raises(Faults) as raised:
        draw(frame, plan, 1, name="ds.csv")
    text = str(raised.value)
    for part in ("dòng 3, cột “district”: Ô để trống", "dòng 5, cột “person”: Ô để trống", "dòng 5, cột “size”: Ô để trống",
                 "dòng 4, cột “person”: Mã “3” đã có ở dòng 3", "dòng 6, cột “person”: Mã “1” đã có ở dòng 1",
                 "dòng 2, cột “size”: “0”", "dòng 3, cột “size”: “x”", "dòng 4, cột “size”: “-1”",
                 "dòng 2, cột “region”: “d1”", "dòng 6, cột “region”: “d2”", "Tầng “q” chưa có cỡ mẫu",
                 "Không có dòng nào thuộc tầng “w”"):
        assert part in text, part
    assert len(raised.value.faults) == 12
    with pytest.raises(Faults, match="Không có đúng một cột “person”"):
        check_frame(frame[["district"]], Plan((Stage("person", 1),)))
    with pytest.raises(Faults, match="Không có dòng nào"):
        check_frame(frame.head(0), plan)


def test_a_unit_of_two_parents_is_a_fault():
    frame = pd.DataFrame({"d": ["a", "b", "b"], "c": ["x", "x", "y"], "p": [1, 2, 3]})
    with pytest.raises(Faults, match="“x” .cột “c”. có giá trị “b” ở dòng này, nhưng là “a” ở dòng 1"):
        draw(frame, Plan((Stage("d", 1), Stage("c", 1), Stage("p", 1))), 1)


def test_the_record_of_a_frame():
    frame = pd.DataFrame({"id": ["Hà", "Bé"], "size": [0.1, 0.2], "phone": ["1", "2"]})
    plan = Plan((Stage("id", 1, "tille", size="size"),))
    record = record_frame(frame, plan)
    assert (record.rows, record.columns, record.size_totals) == (2, ("id", "size"), (("size", 0.30000000000000004),))
    same = pd.DataFrame({"phone": ["x", "y"], "size": [Decimal("0.2"), 0.1], "id": ["Be\u0301", "Ha\u0300"]})
    assert record_frame(same, plan) == record
    for changed in (frame.assign(size=[0.1, 0.3]), frame.assign(id=["Hà", "Be"]), frame.iloc[:1]):
        assert record_frame(changed, plan).sha256 != record.sha256


def test_a_record_survives_json_and_verifies():
    frame = people()
    made = draw(frame, villages_plan(), 42)
    record = record_draw(made, frame)
    document = record.as_document()
    assert json.loads(json.dumps(document)) == document
    read = DrawRecord.from_document(json.loads(json.dumps(document)))
    assert read == record
    assert verify(frame.sample(frac=1, random_state=3), read).matches
    assert record.n == 2 * 2 * 2 * 2 * 10
    assert record.frame.rows == len(frame)
    counts = frame.groupby("region")["district"].nunique()
    assert [(g.stratum, g.population, g.n) for g in record.groups if g.stage == 1] == [
        (region, counts[region], 2) for region in ("north", "south")]


def test_verification_names_what_differs():
    frame = units(30, h=["a", "b"] * 15, size=np.arange(1, 31))
    plan = Plan((Stage("id", {"a": 4, "b": 3}, "sampford", size="size", strata="h"),), 2)
    made = draw(frame, plan, 6)
    record = record_draw(made, frame)
    changed = frame.assign(size=[*range(1, 30), 300])
    found = {one.what: one for one in verify(changed, record).differences}
    assert {"frame", "groups"} <= set(found)
    document = record.as_document()
    stranger = next(i for i in frame["id"] if i not in document["selected"])
    forged = DrawRecord.from_document({**document, "selected": [stranger, *document["selected"][1:]]})
    (difference,) = verify(frame, forged).differences
    assert (difference.what, difference.recorded) == ("selected", [stranger])
    assert difference.found == [document["selected"][0]]
    swapped = [document["reserves"][1], document["reserves"][0], *document["reserves"][2:]]
    for what, other in (("reserves", swapped), ("algorithm", "0")):
        altered = DrawRecord.from_document({**document, what: other})
        assert [difference.what for difference in verify(frame, altered).differences] == [what]
    assert not verify(frame, DrawRecord.from_document({**document, "n": 8})).matches
    for broken in ({}, {**document, "kind": "x"}, {**document, "frame": None}, {**document, "plan": {"stages": [{}]}}):
        with pytest.raises(DesignError):
            DrawRecord.from_document(broken)


def test_one_way_to_write_a_value():
    assert text_of(12) == text_of(12.0) == text_of(np.int64(12)) == text_of(Decimal("12.00")) == "#12"
    assert text_of("12") == "=12"
    assert text_of("Ha\u0300") == text_of("Hà")
    assert text_of(None) == text_of(np.nan) == text_of(pd.NA) == text_of(pd.NaT) == ""
    assert (text_of(True), text_of(0.5), text_of(date(2026, 11, 25))) == ("?true", "#0.5", "@2026-11-25")
    assert sorted(["=b", "#10", "#9", "", "=a", "#-1.5"], key=sort_key) == ["", "#-1.5", "#9", "#10", "=a", "=b"]
    with pytest.raises(ValueError, match="write it as text"):
        text_of((1, 2))


# reserves

def test_reserves_are_others_of_the_same_place_in_a_random_order():
    frame = units(40, h=["a", "b"] * 20)
    made = draw(frame, stratified("id", "h", 5, reserves=6), 3)
    assert set(made.reserves["id"]).isdisjoint(made.sample["id"])
    assert made.reserves.groupby("stratum_1").size().tolist() == [6, 6]
    assert made.reserves["order"].tolist() == [*range(1, 7)] * 2
    assert made.reserves["id"].tolist() != sorted(made.reserves["id"])
    first = [draw(frame, stratified("id", "h", 5, reserves=1), seed).reserves["id"].iloc[0] for seed in range(400)]
    assert len(set(first)) == 20
    assert max(first.count(one) for one in set(first)) < 45
    assert len(draw(frame, stratified("id", "h", 18, reserves=6), 3).reserves) == 4


def test_replacements_are_logged_and_take_the_weight():
    frame = units(40, h=["a"] * 10 + ["b"] * 30)
    made = draw(frame, stratified("id", "h", 5, reserves=2), 3)
    case = made.sample["id"].iloc[0]
    line = made.reserves[made.reserves["group"] == made.sample["group"].iloc[0]]["id"].tolist()
    once = Replacements(made).replace(case, "2.11")
    twice = once.replace(line[0], "đã chuyển đi")
    assert [entry.as_document() for entry in twice.log] == [
        {"case": case, "by": line[0], "reason": "2.11", "group": 1, "order": 1},
        {"case": line[0], "by": line[1], "reason": "đã chuyển đi", "group": 1, "order": 2}]
    assert len(once.log) == 1, "nothing is changed in place"
    field = twice.field()
    asked = field[~field["given_up"]]
    assert len(field) == 12
    assert asked["weight"].sum() == pytest.approx(40)
    assert asked[asked["id"] == line[1]]["stands_for"].tolist() == [case]
    assert field[field["id"] == case]["reason"].tolist() == ["2.11"]
    for call, message in (
        (lambda: twice.replace(line[1], "2.11"), "used up"), (lambda: twice.replace(case, "2.11"), "already"),
        (lambda: twice.replace("u999", "2.11"), "neither drawn"), (lambda: twice.replace(line[1], " "), "reason"),
        (lambda: twice.replace(line[1], "xa", ["2.11", "2.20"]), "declared are 2.11, 2.20"),
    ):
        with pytest.raises(ReplacementError, match=message):
            call()
