"""Signs of doubtful forms in planted answers, and what leaving them out changes; nothing depends on the order of answers."""

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.design import SurveyDesign
from analysis.index import points
from analysis.index.document import load
from analysis.response_quality import Flag, field_effects, with_and_without
from questionnaires import library
from questionnaires.document import load as load_questionnaire
from surveyapp import quality_words
from surveyapp.errors import Refused
from surveyapp.queries.ratings import Sealed
from surveyapp.services import quality_rules, run_quality, run_rows
from surveyapp.services.quality_rules import QualityRules
from surveyapp.services.quality_sheets import sheets_of
from surveyapp.services.score import Policy
from tests.surveyapp.frozen_samples import frozen_sums

FORMS = {form: load_questionnaire(library.shipped()[form], f"{form}.yaml") for form in ("citizen", "official")}
BATTERY = [question.name for question in FORMS["citizen"].questions
           if question.choices and question.choices.name == "satisfaction5"]
MATRICES = [question.name for question in FORMS["official"].questions if question.type == "rating_matrix"]
#: the units that are scored, others that are only asked about, and where those work who rate many
UNITS, OTHERS, AGENCIES = ("A", "B", "C"), [f"U{number}" for number in range(30)], [f"agency{number}" for number in range(40)]
DOCUMENT = Path(__file__).parents[3] / "docs" / "dong-lenh.md"
RULES, POLICY = QualityRules(), Policy()
FRAMEWORK = load("""
unit_group: department
year: 2024
name: Thử
rounding: {places: 2, mode: half_even}
bands: [{name: A, at_least: 0}]
declared: {areas: 1, criteria: 2, sub_criteria: 0, appraised_points: 60, survey_points: 40}
coefficients:
  satisfaction5: {"5": 1, "4": 3/4, "3": 1/2, "2": 1/4, "1": 0}
defaults: {dont_know: exclude, minimum_n: 5, below_minimum: spread}
areas:
  - code: "1"
    name: Một
    lead: Sở Nội vụ
    criteria:
      - {code: 1.1, name: Thẩm định, kind: appraised, max_points: 60}
      - code: 1.2
        name: Hài lòng
        kind: survey
        max_points: 40
        rule:
          sources:
            - {group: citizens, share: 1, questionnaire: citizen, question: overall_satisfaction, coefficients: satisfaction5}
""".encode(), "khung.yaml")
APPRAISED = {(unit, "1.1"): (None, Fraction(50)) for unit in UNITS}


def citizen(unit: str, levels, psu: str = "", weight: int = 1_000_000) -> Sealed:
    answers = {name: str(level) for name, level in zip(BATTERY, levels, strict=True) if level}
    return Sealed("", "citizen", "1", "citizens", unit, unit, psu, weight, answers)


def honest(chance, psu_effect: float = 0.0) -> list[int]:
    levels = chance.normal(3.6 + psu_effect + chance.normal(0, 0.5), 0.8, size=len(BATTERY))
    return np.clip(np.rint(levels), 1, 5).astype(int).tolist()


def campaign() -> tuple[list[Sealed], dict[str, list[Sealed]]]:
    """Honest forms in three units, and planted ones by what they are; unit C has honest forms only."""
    chance = np.random.default_rng(5)
    forms = []
    for unit in (*UNITS, *OTHERS):
        for place in range(5):
            effect = chance.normal(0, 0.3)
            forms += [citizen(unit, honest(chance, effect), f"{unit}{place}", int(chance.integers(800_000, 1_300_000)))
                      for _ in range(8)]
    original = honest(chance)
    copies = [list(original) for _ in range(8)]
    for number, copy in enumerate(copies):
        copy[2 * number] = 5 if copy[2 * number] != 5 else 1
    twins = honest(chance)
    planted = {
        quality_rules.STRAIGHT_LINING: [citizen("A", [5] * len(BATTERY), "A0") for _ in range(6)],
        quality_rules.NEAR_CLONE: [citizen("B", levels, "B0") for levels in (original, *copies)],
        quality_rules.DUPLICATE: [citizen("B", twins, "B1") for _ in range(4)],
        quality_rules.DISTANCE: [citizen("A", [1, 5] * (len(BATTERY) // 2) + [1] * (len(BATTERY) % 2), "A1")],
    }
    for agency in AGENCIES:
        for _ in range(8):
            answers = {name: {unit: str(chance.integers(1, 5)) for unit in UNITS} for name in MATRICES}
            forms.append(Sealed("", "official", "1", "officials", "", agency, "", 1_000_000, answers))
    same = {name: {unit: str(chance.integers(1, 5)) for unit in UNITS} for name in MATRICES}
    planted["whole"] = [Sealed("", "official", "1", "officials", "", AGENCIES[0], "", 1_000_000, same) for _ in range(3)]
    return forms, planted


HONEST, PLANTED = campaign()
ALL = HONEST + [form for forms in PLANTED.values() for form in forms]
DAYS = sorted([("citizen", unit, date(2024, 10, day), 4) for unit in UNITS for day in range(1, 29)] +
              [("citizen", "C", date(2024, 10, 29), 30)])


def look(responses, days=DAYS, rules=RULES):
    """The sums of the responses with the positions of those behind each part, and what a run finds."""
    sums, people = frozen_sums(responses, FORMS)
    return (sums, people), run_quality.of_run(FORMS, sums, days, set(UNITS), rules, 0.95)


@pytest.fixture(scope="module")
def seen():
    return look(ALL)


def sign_of(quality, unit: str, sign: str, form_id: str = "citizen") -> dict | None:
    wanted = (unit, sign, form_id)
    return next((row for row in quality.signs if (row["unit_code"], row["sign"], row["form_id"]) == wanted), None)


def left_out(columns, quality) -> set[int]:
    sums, people = columns
    return {of_part[person] for part, of_part, gone in zip(sums.parts(), people, quality.left_out, strict=True)
            for person in part.person[gone]}


def test_planted_forms_are_left_out_and_few_others(seen):
    columns, quality = seen
    gone, number = left_out(columns, quality), len(HONEST)
    for kind, forms in PLANTED.items():
        assert set(range(number, number + len(forms))) <= gone, kind
        number += len(forms)
    assert len([respondent for respondent in gone if respondent < len(HONEST)]) < 0.03 * len(HONEST)


def test_counts_are_by_unit_and_sign(seen):
    _, quality = seen
    assert sign_of(quality, "A", quality_rules.STRAIGHT_LINING)["flagged"] == 6
    assert sign_of(quality, "A", quality_rules.STRAIGHT_LINING)["forms"] == 47
    assert sign_of(quality, "B", quality_rules.STRAIGHT_LINING)["flagged"] == 0
    assert sign_of(quality, "B", quality_rules.DUPLICATE)["flagged"] == 4
    assert sign_of(quality, "B", quality_rules.NEAR_CLONE)["flagged"] >= 9
    assert sign_of(quality, "C", quality_rules.NEAR_CLONE)["flagged"] == 0
    for unit in UNITS:
        # a copied form that rates many units counts for each of them; its battery is too short for a long run
        assert sign_of(quality, unit, quality_rules.DUPLICATE, "official")["flagged"] == 3
        assert sign_of(quality, unit, quality_rules.LONG_RUN, "official") is None
        whole = [sign_of(quality, unit, quality_rules.ANY, form_id) for form_id in FORMS]
        assert quality.counts[unit] == (sum(row["forms"] for row in whole), sum(row["flagged"] for row in whole))


def test_many_alike_everywhere_are_no_clones():
    """Straight-liners of every unit are like each other: a likeness that chance explains."""
    chance = np.random.default_rng(3)
    responses = [citizen(unit, honest(chance) if number % 3 else [4] * len(BATTERY))
                 for unit in (*UNITS, *OTHERS) for number in range(40)]
    _, quality = look(responses)
    assert sign_of(quality, "A", quality_rules.DUPLICATE)["forms"] == 40
    assert not any(sign_of(quality, unit, quality_rules.DUPLICATE)["flagged"] for unit in UNITS)


def test_a_burst_marks_the_day_and_leaves_nobody_out(seen):
    columns, quality = seen
    assert sign_of(quality, "C", quality_rules.BURST) == {
        "unit_code": "C", "form_id": "citizen", "sign": "burst", "position": 7, "forms": 142,
        "flagged": 30, "value": None, "low": None, "high": None}
    assert sign_of(quality, "A", quality_rules.BURST)["flagged"] == 0
    assert left_out(*look(ALL, days=[])) == left_out(columns, quality)


def test_places_are_the_intraclass_correlation_of_the_units_own_forms(seen):
    _, quality = seen
    mine = [response for response in ALL if response.form_id == "citizen" and response.unit == "B"]
    frame = pd.DataFrame({"level": [np.mean([int(level) for level in response.answers.values()]) for response in mine],
                          "place": [response.psu for response in mine]})
    effects, row = field_effects(frame, "level", "place"), sign_of(quality, "B", quality_rules.PLACE)
    assert (row["value"], row["low"], row["high"]) == pytest.approx((effects.icc[0], effects.ci_low[0], effects.ci_high[0]))
    assert row["flagged"] is None
    assert sign_of(quality, "B", quality_rules.PLACE, "official") is None


def test_consistency_of_halves_is_a_mean_and_marks_no_form(seen):
    _, quality = seen
    for unit in UNITS:
        row = sign_of(quality, unit, quality_rules.EVEN_ODD)
        assert row["flagged"] is None
        assert -1 <= row["value"] <= 1


def test_the_order_of_answers_changes_nothing(seen):
    _, quality = seen
    order = np.random.default_rng(1).permutation(len(ALL))
    columns, other = look([ALL[index] for index in order])
    assert quality.signs == other.signs  # to the last bit: they are part of the run's hash
    assert {int(order[respondent]) for respondent in left_out(columns, other)} == left_out(*seen)


def test_sheets_hold_whole_units_and_every_form_once():
    sums, _ = frozen_sums(HONEST, FORMS, parts=3)
    sheets = list(sheets_of("citizen", FORMS["citizen"], sums, 400))
    assert len(sheets) == len(HONEST[: 33 * 40]) // 400
    units = [set(sheet.about["unit"]) for sheet in sheets]
    assert sum(map(len, units)) == len(set.union(*units)) == 33
    placed = [(part, row) for sheet in sheets for part, row in zip(sheet.part.tolist(), sheet.row.tolist(), strict=True)]
    assert len(placed) == len(set(placed)) == 33 * 40
    assert len(list(sheets_of("official", FORMS["official"], sums, 100))) == 1


def test_a_form_with_few_answers_is_not_looked_at():
    responses = [citizen("A", [4, 4, 4, 4] + [0] * (len(BATTERY) - 4))] * 60
    assert look(responses, days=[])[1].signs == []


def test_clones_are_not_judged_by_a_handful_of_other_forms():
    """Where even a likeness that nobody else shows could be chance, nothing is said."""
    _, quality = look([response for response in ALL if response.unit in ("A", "B", "C", "U0", "U1", "U2", "U3")])
    assert sign_of(quality, "B", quality_rules.NEAR_CLONE) is None
    assert sign_of(quality, "B", quality_rules.STRAIGHT_LINING) is not None


def effects(columns, quality):
    sums, _ = columns
    scores = points.score(FRAMEWORK, sums, UNITS)
    totals = run_rows.totals(FRAMEWORK, UNITS, scores, APPRAISED)
    rows = run_quality.without_flagged(FRAMEWORK, UNITS, sums, scores, totals, quality, APPRAISED, POLICY)
    return scores, {row["unit_code"]: row for row in rows}


def test_points_without_are_those_of_the_forms_that_are_kept(seen):
    columns, quality = seen
    scores, rows = effects(columns, quality)
    gone = left_out(columns, quality)
    # nobody is flagged for one unit and kept for another: forms that rate many units are copied whole
    kept = points.score(FRAMEWORK, frozen_sums([form for at, form in enumerate(ALL) if at not in gone], FORMS)[0], UNITS)
    for unit in UNITS:
        with_all, without = scores.component(unit).points, kept.component(unit).points
        assert rows[unit]["difference"] == float(without - with_all)
        assert float(rows[unit]["survey"]) == pytest.approx(float(without), abs=0.005)
        assert rows[unit]["flagged"] == quality.counts[unit][1]
    assert rows["A"]["difference"] < 0
    assert {row["rank"] for row in rows.values()} == {1, 2, 3}


def test_the_error_of_the_difference_is_that_of_two_nested_means(seen):
    columns, quality = seen
    _, rows = effects(columns, quality)
    flagged = left_out(columns, quality)
    frame = pd.DataFrame([
        {"unit": form.unit, "stratum": form.stratum, "psu": form.psu or f"own {at}", "gone": at in flagged,
         "weight": form.weight_millionths / 1_000_000, "worth": (float(form.answers["overall_satisfaction"]) - 1) / 4}
        for at, form in enumerate(ALL) if form.form_id == "citizen"])
    gone = frame.pop("gone").to_numpy()
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", nest=True, lonely_psu="adjust")
    flag = Flag("any", "", design.frame.index, gone.astype(float), gone, np.ones(len(gone)))
    expected = with_and_without(design, "worth", [flag], by="unit").table().set_index("unit")
    for unit in UNITS:
        assert rows[unit]["difference"] == pytest.approx(40 * expected.loc[unit, "difference"])
        assert rows[unit]["difference_se"] == pytest.approx(40 * expected.loc[unit, "standard_error"])


def test_a_unit_that_loses_nothing_changes_by_exactly_nothing(seen):
    columns, quality = seen
    nobody = replace(quality, left_out=[np.zeros_like(gone) for gone in quality.left_out],
                     counts={unit: (forms, 0) for unit, (forms, _) in quality.counts.items()})
    _, rows = effects(columns, nobody)
    assert [(row["difference"], row["difference_se"]) for row in rows.values()] == [(0.0, 0.0)] * 3


def test_a_unit_that_loses_too_many_has_no_points(seen):
    columns, quality = seen
    gone = [np.array([name == "A" for name in part.units])[part.unit] for part in columns[0].parts()]
    forms = quality.counts["A"][0]
    _, rows = effects(columns, replace(quality, left_out=gone, counts={**quality.counts, "A": (forms, forms), "B": (9, 0)}))
    assert (rows["A"]["survey"], rows["A"]["difference"], rows["A"]["difference_se"], rows["A"]["rank"]) == (None,) * 4
    assert rows["A"]["changed_rule"]


def test_thresholds_can_be_declared():
    rules = RULES.changed(["run=3", "deviation=0.5"])
    assert (rules.run, rules.deviation, rules.same_share) == (3, 0.5, RULES.same_share)
    strict, loose = look(ALL)[1], look(ALL, rules=rules)[1]
    assert sum(gone.sum() for gone in loose.left_out) > sum(gone.sum() for gone in strict.left_out)
    for wrong in ("speed=2", "run=x", "run=1.5", "run", "clone_share=2", "minimum_factors=2"):
        with pytest.raises(Refused, match="chất lượng phiếu"):
            RULES.changed([wrong])


def test_the_document_lists_the_thresholds_and_their_defaults():
    section = DOCUMENT.read_text("utf-8").split("### Ngưỡng chất lượng phiếu")[1].split("###")[0]
    assert re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", section, flags=re.M) == [
        (name, f"{value:g}") for name, value in RULES.as_json().items()]


def test_every_sign_has_words_and_its_threshold():
    assert set(quality_words.SIGNS) == set(quality_rules.SIGNS)
    for sign in quality_rules.SIGNS:
        assert quality_words.threshold(sign, RULES.as_json()) or sign == quality_rules.ANY
