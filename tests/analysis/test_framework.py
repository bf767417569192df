"""Framework documents: the shipped ones, the documented example, hashes, and every fault at its place."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from index_samples import QUESTIONNAIRES

from analysis.index.checks import spell
from analysis.index.document import completeness, load
from analysis.index.framework import framework_hash, rules_hash
from analysis.index.library import shipped
from documents.faults import Faults

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/dinh-dang/bo-chi-so.md").read_text(encoding="utf-8")
EXAMPLE = re.search(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)[1]
SPLITS = {"department": ("63", "37", 8), "district": ("62", "38", 8), "public_service": ("61.5", "38.5", 7),
          "central": ("54", "46", 7), "province": ("66.5", "33.5", 8), "commune": ("70", "30", 8)}
PROGRAMME_AREAS = (
    "Công tác chỉ đạo, điều hành CCHC", "Xây dựng và tổ chức thực hiện VBQPPL", "Cải cách thủ tục hành chính",
    "Cải cách tổ chức bộ máy", "Xây dựng và nâng cao chất lượng đội ngũ CBCCVC", "Cải cách tài chính công",
    "Hiện đại hóa hành chính",
    "Tác động của CCHC đến người dân, tổ chức và các chỉ tiêu phát triển kinh tế - xã hội của tỉnh")


def faults_of(text: str, questionnaires=QUESTIONNAIRES):
    with pytest.raises(Faults) as caught:
        load(text.encode(), "khung.yaml", questionnaires)
    return caught.value.faults


def test_the_six_frameworks_are_shipped():
    assert set(shipped()) == {f"{name}.yaml" for name in SPLITS}


@pytest.mark.parametrize("name", SPLITS)
def test_shipped_frameworks_have_the_programmes_split_and_areas(name):
    framework = load(shipped()[f"{name}.yaml"], name, QUESTIONNAIRES)
    appraised, survey, areas = SPLITS[name]
    assert framework.unit_group == name
    assert framework.illustrative
    assert framework.year == (2026 if name == "commune" else 2024)
    assert sum(leaf.max_points for leaf in framework.appraised_leaves) == Fraction(appraised)
    assert sum(leaf.max_points for leaf in framework.survey_leaves) == Fraction(survey)
    assert framework.max_points == 100
    assert len(framework.areas) == areas
    assert all(area.name in PROGRAMME_AREAS and area.lead for area in framework.areas)
    assert any(len({source.group for source in leaf.rule.sources}) > 1 for leaf in framework.survey_leaves)
    assert len({leaf.code for leaf in framework.leaves}) == len(framework.leaves)


@pytest.mark.parametrize(("name", "criteria", "sub_criteria"), [
    ("province", 43, 102), ("department", 63, 64), ("public_service", 45, 14), ("central", 37, 18), ("district", 65, 60)])
def test_shipped_frameworks_declare_the_counts_of_the_programme(name, criteria, sub_criteria):
    declared = load(shipped()[f"{name}.yaml"], name).declared
    appraised, survey, areas = SPLITS[name]
    assert (declared.areas, declared.criteria, declared.sub_criteria) == (areas, criteria, sub_criteria)
    assert (declared.appraised_points, declared.survey_points) == (Fraction(appraised), Fraction(survey))


def test_declared_counts_stand_beside_those_present():
    differences = completeness(load(shipped()["province.yaml"], "province.yaml"))
    by_what = {difference.what: difference for difference in differences}
    assert (by_what["criteria"].declared, by_what["criteria"].present, by_what["criteria"].differs) == (43, 43, False)
    assert by_what["sub_criteria"].declared == 102
    assert by_what["sub_criteria"].differs
    assert completeness(load(EXAMPLE.replace(DECLARED, "declared: {total_points: 100}").encode(), "khung.yaml")) == ()


def test_the_documented_example_loads():
    framework = load(EXAMPLE.encode(), "khung.yaml", QUESTIONNAIRES)
    assert [leaf.code for leaf in framework.leaves] == ["1.1", "1.2.1", "1.2.2", "2.1"]
    rule = framework.survey_leaves[0].rule
    assert (rule.minimum_n, rule.dont_know, rule.below_minimum) == (5, "exclude", "spread")
    assert framework.survey_leaves[1].rule.minimum_n == 10
    assert framework.survey_leaves[1].rule.sources[0].share == Fraction(2, 3)
    assert rule.sources[0].coefficients == {"4": 1, "3": Fraction(3, 5), "2": Fraction(1, 5), "1": 0}
    assert not any(difference.differs for difference in completeness(framework))


def test_hashes_follow_content_not_layout():
    framework = load(EXAMPLE.encode(), "a.yaml")
    same = load(("# khác\n" + EXAMPLE.replace("0.75", "3/4").replace("share: 0.6", "share: 0.60")).encode(), "b.yaml")
    assert framework_hash(framework) == framework_hash(same)
    assert re.fullmatch("[0-9a-f]{64}", framework_hash(framework))
    renamed = replace(framework, name="Tên khác")
    assert framework_hash(renamed) != framework_hash(framework)
    assert rules_hash(renamed) == rules_hash(framework)
    stricter = load(EXAMPLE.replace("minimum_n: 5", "minimum_n: 6").encode(), "c.yaml")
    assert rules_hash(stricter) != rules_hash(framework)


DECLARED = "declared: {areas: 2, criteria: 3, sub_criteria: 2, appraised_points: 60, survey_points: 40}"
OFFICIALS = "{group: officials, share: 0.6, questionnaire: official, question: steering, coefficients: chat_luong4}"
KIND = "kind: appraised, max_points: 40}"

#: what is changed in the example, and each fault expected: part of its place, part of its reason
BAD = {
    "unknown key": (("unit_group:", "unit_gruop:"), [
        ("dòng 1, unit_gruop", "Không biết khóa “unit_gruop”"), ("khung.yaml, dòng 1", "Thiếu khóa “unit_group”")]),
    "points over the appraised split": ((KIND, "kind: appraised, max_points: 41}"), [
        ("dòng 12, declared.appraised_points", "61, khai báo là 60 (thừa 1)"),
        ("dòng 12, declared", "101, cần đúng 100")]),
    "split differs, total the same": (("max_points: 20}", "max_points: 20.5}", "max_points: 15.5", "max_points: 15"), [
        ("declared.appraised_points", "(thừa 0,5)"), ("declared.survey_points", "39,5, khai báo là 40 (thiếu 0,5)")]),
    "undeclared points short of 100": ((DECLARED, "declared: {areas: 2}", KIND, "kind: appraised, max_points: 39}"), [
        ("dòng 12, declared", "99, cần đúng 100")]),
    "negative points": ((KIND, "kind: appraised, max_points: -40}"), [
        ("areas[1].criteria[1].max_points", "-40 không lớn hơn 0"), ("declared.appraised_points", "-20"), ("declared", "20")]),
    "zero points": ((KIND, "kind: appraised, max_points: 0}"), [
        ("dòng 23, areas[1].criteria[1].max_points", "0 không lớn hơn 0"), ("declared.appraised_points", "20"),
        ("declared", "60")]),
    "points with a comma": ((KIND, 'kind: appraised, max_points: "40,0"}'), [
        ("areas[1].criteria[1].max_points", "“40,0”, không phải là số")]),
    "division by zero": (("share: 2/3", "share: 2/0"), [("areas[2].criteria[1].rule.sources[1].share", "“2/0”")]),
    "not a number": ((KIND, "kind: appraised, max_points: .nan}"), [("criteria[1].max_points", "“.nan”")]),
    "missing points": ((KIND, "kind: appraised}"), [("areas[1].criteria[1]", "thiếu “max_points”")]),
    "unknown kind": ((KIND, "kind: apraised, max_points: 40}"), [("areas[1].criteria[1].kind", "“apraised”")]),
    "duplicate code": (('code: "1.2.2"', 'code: "1.2.1"'), [
        ("dòng 28, areas[1].criteria[2].sub_criteria[2].code", "“1.2.1” bị trùng")]),
    "code under another parent": (('code: "2.1"', 'code: "3.1"'), [
        ("areas[2].criteria[1].code", "không nằm dưới mã cấp trên “2”")]),
    "prefix without the dot": (('code: "2.1"', 'code: "21"'), [("areas[2].criteria[1].code", "không nằm dưới")]),
    "code of wrong form": (('code: "2.1"', 'code: "2.1 <b>"'), [("areas[2].criteria[1].code", "không đúng dạng")]),
    "shares do not sum to 1": (("share: 0.4", "share: 0.3"), [
        ("dòng 34, areas[1].criteria[2].sub_criteria[2].rule.sources", "0,9, cần đúng 1")]),
    "a share of zero": (("share: 0.6", "share: 0", "share: 0.4", "share: 1"), [
        ("sub_criteria[2].rule.sources[1].share", "0 không lớn hơn 0")]),
    "the same source twice": (("group: leaders", "group: officials"), [("rule.sources[2]", "bị lặp")]),
    "coefficient above 1": (("0.75", "75"), [("dòng 15, coefficients.hai_long5.4", "Hệ số 75")]),
    "negative coefficient": (("0.75", "-0.75"), [("coefficients.hai_long5.4", "-0,75")]),
    "unknown coefficient table": (("coefficients: hai_long5", "coefficients: hai_lòng"), [
        ("areas[2].criteria[1].rule.sources[1].coefficients", "“hai_lòng”"),
        ("areas[2].criteria[1].rule.sources[2].coefficients", "“hai_lòng”")]),
    "unknown question": (("question: steering", "question: stering"), [
        ("sources[1].question", "không có câu hỏi “stering”"), ("sources[2].question", "stering")]),
    "unknown questionnaire": (("questionnaire: citizen", "questionnaire: citizens"), [
        ("sources[1].questionnaire", "Không có phiếu “citizens”")]),
    "group that does not answer": (("group: leaders", "group: citizens"), [
        ("sources[2].group", "Nhóm “citizens” không trả lời phiếu “official”")]),
    "answer without coefficient": ((', "1": 0}\n  chat', "}\n  chat"), [
        ("dòng 15, coefficients.hai_long5", "thiếu trả lời “1” của câu hỏi citizen.result_on_time"),
        ("dòng 15, coefficients.hai_long5", "thiếu trả lời “1” của câu hỏi business.result_on_time")]),
    "coefficient of an unknown answer": (('chat_luong4: {', 'chat_luong4: {"6": 1, '), [
        ("dòng 16, coefficients.chat_luong4.6", "có trả lời “6” mà câu hỏi official.steering không có")]),
    "survey leaf without rule": ((KIND, "kind: survey, max_points: 40}"), [
        ("areas[1].criteria[1]", "không có quy tắc"), ("declared.appraised_points", "20"), ("declared.survey_points", "80")]),
    "appraised leaf with rule": (("kind: survey\n            max", "kind: appraised\n            max"), [
        ("sub_criteria[2].rule", "điểm thẩm định nhưng có quy tắc"), ("declared.appraised_points", "75,5"),
        ("declared.survey_points", "24,5")]),
    "criterion with leaf and sub-criteria": (("name: Chỉ đạo, điều hành\n", "name: X\n        max_points: 3\n"), [
        ("dòng 26, areas[1].criteria[2].max_points", "vừa có sub_criteria")]),
    "empty sub-criteria": ((EXAMPLE[EXAMPLE.index("        sub_criteria"):EXAMPLE.index('  - code: "2"')],
                            "        sub_criteria: []\n"), [("areas[1].criteria[2].sub_criteria", "ít nhất một mục")]),
    "bands out of order": (("at_least: 80", "at_least: 95"), [("dòng 9, bands[2].at_least", "không thấp hơn")]),
    "bands that do not reach 0": (("at_least: 0}", "at_least: 1}"), [("dòng 11, bands[4].at_least", "không có hạng")]),
    "band above 100": (("at_least: 90", "at_least: 101"), [("bands[1].at_least", "lớn hơn 100")]),
    "bands of one name": (("name: C, at", "name: B, at"), [("bands[3].name", "“B” bị trùng")]),
    "bad rounding": (("places: 2, mode: half_even", "places: 20, mode: bankers"), [
        ("dòng 6, rounding.places", "“20”"), ("dòng 6, rounding.mode", "“bankers”")]),
    "minimum_n of 0": (("minimum_n: 5", "minimum_n: 0"), [("dòng 33, ", "“0”, cần số nguyên từ 1")]),
    "minimum_n not whole": (("minimum_n: 10", "minimum_n: 2.5"), [("dòng 17, defaults.minimum_n", "“2.5”")]),
    "don't know above 1": (("dont_know: exclude", "dont_know: 1.5"), [("defaults.dont_know", "1,5")]),
    "don't know is a word": (("dont_know: exclude", "dont_know: zero"), [("defaults.dont_know", "“zero”")]),
    "policy nowhere": (("dont_know: exclude, ", ""), [
        ("areas[1].criteria[2].sub_criteria[2].rule", "không có “dont_know”"), ("areas[2].criteria[1].rule", "dont_know")]),
    "rule without sources": (("sources:\n            - {group: c", "sauces:\n            - {group: c"), [
        ("areas[2].criteria[1].rule.sauces", "“sauces”"), ("areas[2].criteria[1].rule", "Thiếu khóa “sources”")]),
    "year is a word": (("year: 2026", "year: nay"), [("dòng 2, year", "“nay”")]),
    "illustrative is a number": (("illustrative: yes", "illustrative: 3"), [("illustrative", "“3”")]),
    "list where text belongs": (("name: Kế hoạch CCHC năm", "name: [a]"), [("areas[1].criteria[1].name", "phải là chữ")]),
    "text where a mapping belongs": ((OFFICIALS, "officials"), [("rule.sources[1]", "phải là các cặp khóa")]),
    "areas as text": ((EXAMPLE[EXAMPLE.index("areas:\n"):], "areas: nhiều\n"), [("areas", "phải là một danh sách")]),
    "coefficients as a list": ((EXAMPLE[EXAMPLE.index("  hai_long5"):EXAMPLE.index("  chat")], "  hai_long5: [1, 0]\n"), [
        ("coefficients.hai_long5", "phải là các cặp mã trả lời")]),
}


@pytest.mark.parametrize("name", BAD)
def test_each_fault_is_named_at_its_place(name):
    changes, expected = BAD[name]
    text = EXAMPLE
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    found = faults_of(text)
    assert len(found) == len(expected), "\n".join(map(str, found))
    for place, reason in expected:
        assert any(place in fault.place and reason in fault.reason for fault in found), "\n".join(map(str, found))
    assert all(fault.place.startswith("khung.yaml, dòng") and fault.mend for fault in found)


def test_all_faults_are_told_at_once_and_a_near_name_is_suggested():
    text = (EXAMPLE.replace("question: steering", "question: stering").replace("share: 1/3", "share: 0.3")
            .replace("at_least: 80", "at_least: 95").replace("illustrative", "ilustrative"))
    found = faults_of(text)
    assert len(found) == 5
    assert any("“steering”" in fault.mend for fault in found)
    assert any("“illustrative”" in fault.mend for fault in found)


@pytest.mark.parametrize("text", ["- a\n- b\n", "chữ", "", "a: [1", "a: &x 1\nb: *x\n", "\ufeffunit_group: x"])
def test_other_documents_are_refused(text):
    assert faults_of(text)


def test_without_questionnaires_rules_are_not_checked_against_them():
    assert load(EXAMPLE.replace("question: steering", "question: other").encode(), "khung.yaml").survey_leaves


def test_a_declared_total_may_differ_from_100():
    text = (EXAMPLE.replace("max_points: 40}", "max_points: 10}")
            .replace("appraised_points: 60", "appraised_points: 30, total_points: 70"))
    assert load(text.encode(), "khung.yaml").max_points == 70


@pytest.mark.parametrize(("value", "text"), [("61.5", "61,5"), ("-1/40", "-0,025"), ("1/3", "1/3"), ("100", "100")])
def test_exact_numbers_are_spelled_for_vietnamese_readers(value, text):
    assert spell(Fraction(value)) == text
