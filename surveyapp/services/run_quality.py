"""Signs of doubtful forms and what they change, as rows of a score run. Nothing is deleted: the official score counts all.

A "form" is what one respondent answered about one unit: one row of the ratings, so a form that rates many units is looked at
once for each. Signs come from analysis.response_quality under declared QualityRules; what cannot be known (too few answers,
no clusters, no second day, no times) has no row. No times of day are kept; seconds per page only where the form says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import sqrt

import numpy as np
import pandas as pd

from analysis.index import points
from analysis.index.framework import Framework
from analysis.index.points import SurveyScores
from analysis.index.sums import Part, RatingSums
from analysis.index.totals import UnitTotal, rank
from analysis.response_quality import (
    bursts,
    even_odd_consistency,
    field_effects,
    longest_run,
    mahalanobis_distance,
    near_clones,
    response_variability,
    straight_lining,
)
from analysis.variance import DesignError
from questionnaires.model import Questionnaire
from surveyapp.queries.frozen import Frozen
from surveyapp.services import quality_rules as signs
from surveyapp.services import quality_speed, run_rows
from surveyapp.services.quality_rules import QualityRules
from surveyapp.services.quality_sheets import Sheet, battery_of, sheets_of
from surveyapp.services.quality_speed import Speed

#: what a unit is called when it is scored without the flagged forms; no unit's code can hold a space
WITHOUT = " without"
#: columns beside those that are named like units or questions, which hold no space
BLOCK, A_PLACE = "a block", "a place"
ROUNDING_NOISE = 1e-12


@dataclass(frozen=True, eq=False)
class Quality:
    """`signs`: rows of quality_signs without their run; `left_out`: of each part the rating rows that have a sign of forms."""

    signs: list[dict]
    left_out: Sequence[np.ndarray]
    #: by unit: forms looked at, and of these left out
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def of_run(forms: Mapping[str, Questionnaire], sums: RatingSums, days: Sequence[tuple[str, str, date, int]], scored: set[str],
           rules: QualityRules, confidence: float, data: Frozen | None = None) -> Quality:
    """`days`: questionnaire, unit, day, forms handed in; `scored`: the units; `data`: what the sums were made from, for the
    times that forms kept."""
    left_out, rows = [np.zeros(len(part.unit), dtype=bool) for part in sums.parts()], []
    for form_id, form in sorted(forms.items()):
        battery = battery_of(form_id, form, sums)
        if len(battery) < rules.minimum_answers:
            continue
        timed = data.timed.get(form_id) if data else None
        speed = quality_speed.of_form(form_id, form, sums, data.parts, timed, battery, rules) if timed else None
        looked = False
        for sheet in sheets_of(form_id, form, sums, rules.together):
            looked = True
            found = dict(_of_forms(sheet, rules, speed))
            any_sign = np.logical_or.reduce([flagged for _, flagged in found.values()])
            any_known = np.logical_or.reduce([known for known, _ in found.values()])
            for number, gone in enumerate(left_out):
                gone[sheet.row[any_sign & (sheet.part == number)]] = True
            for sign, (known, flagged) in {**found, signs.ANY: (any_known, any_sign)}.items():
                rows += _counted(form_id, sign, *sheet.unit, known, flagged)
            rows += [*_even_odd(sheet, rules), *_places(sheet, rules, confidence)]
        if looked:
            rows += _bursts(form_id, [day for day in days if day[0] == form_id], rules)
    rows = [row for row in rows if row["unit_code"] in scored]
    counts = {unit: [0, 0] for unit in scored}
    for row in rows:
        if row["sign"] == signs.ANY:
            counts[row["unit_code"]][0] += row["forms"]
            counts[row["unit_code"]][1] += row["flagged"]
    return Quality(rows, left_out, {unit: (forms, flagged) for unit, (forms, flagged) in counts.items()})


def _of_forms(sheet: Sheet, rules: QualityRules, speed: Speed | None) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    """Sign -> which forms it could be known of, and which have it."""
    frame, items = sheet.answers, sheet.items
    common = {"minimum_answers": rules.minimum_answers, "missing": "exclude"}
    yield signs.STRAIGHT_LINING, _marks(straight_lining(frame, items, share=rules.same_share, **common))
    yield signs.LOW_VARIABILITY, _marks(response_variability(frame, items, standard_deviation=rules.deviation, **common))
    if len(items) >= rules.run:
        yield signs.LONG_RUN, _marks(longest_run(frame, items, length=rules.run, gap="skipped", **common))
    try:
        if (sheet.answered >= rules.minimum_answers).sum() >= rules.distance_forms:
            varying = [item for item in items if frame[item].nunique() > 1]
            yield signs.DISTANCE, _marks(mahalanobis_distance(frame, varying, chance=rules.distance_chance, **common))
    except DesignError:
        # questions that nearly repeat each other, or were never asked together, have no distance
        pass
    if speed is not None:
        respondent = sheet.about["respondent"].to_numpy()
        known = speed.known[respondent] & (sheet.answered >= rules.minimum_answers)
        yield signs.SPEED, (known, known & speed.fast[respondent])
    clones = _clones(sheet, rules)
    if clones is not None:
        known, equal, chance = clones
        rare = known & (chance <= rules.clone_chance)
        yield signs.DUPLICATE, (known, rare & (equal == 1))
        yield signs.NEAR_CLONE, (known, rare & (equal >= rules.clone_share) & (equal < 1))


def _marks(flag) -> tuple[np.ndarray, np.ndarray]:
    return ~np.isnan(flag.value), flag.flagged


def _clones(sheet: Sheet, rules: QualityRules) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Which forms could be judged, their likeness to the nearest form of the same unit, and its chance."""
    whole = sheet.form.rates == "many_units"
    frame = _whole_forms(sheet) if whole else sheet.answers.assign(**{BLOCK: sheet.about["unit"]})
    items = [column for column in frame.columns if column != BLOCK]
    if len(items) < rules.clone_answers:
        return None
    flag = near_clones(frame, items, share=rules.clone_share, minimum_shared=rules.clone_answers, within=BLOCK,
                       maximum_chance=rules.clone_chance, minimum_elsewhere=rules.clone_elsewhere, missing="exclude")
    found = pd.DataFrame({"equal": flag.value, "chance": flag.details["chance"]}, index=frame.index)
    compared = found["equal"].notna()
    own = frame[BLOCK].map(frame.loc[compared, BLOCK].value_counts()).fillna(0)
    elsewhere = compared.sum() - own
    # with few forms elsewhere not even a likeness that nobody else shows is rare enough
    within_reach = -np.expm1((own - 1) * np.log1p(-1 / (elsewhere + 1).clip(lower=2))) <= rules.clone_chance
    found["judged"] = compared & (elsewhere >= rules.clone_elsewhere) & within_reach
    if whole:
        found = found.loc[sheet.about["respondent"]]
        found["judged"] &= sheet.answered >= rules.minimum_answers
    return found["judged"].to_numpy(), found["equal"].to_numpy(), found["chance"].to_numpy()


def _whole_forms(sheet: Sheet) -> pd.DataFrame:
    """A form that rates many units as one row of all its answers, compared with those of the same kind of respondents (group
    and stratum): about one unit many answer alike by chance."""
    of_whom = pd.MultiIndex.from_frame(sheet.about[["respondent", "unit"]])
    wide = sheet.answers.set_axis(of_whom).unstack("unit").dropna(axis=1, how="all")
    kind = (sheet.about["group"] + "\n" + sheet.about["stratum"]).set_axis(of_whom.get_level_values("respondent"))
    return wide.set_axis(range(wide.shape[1]), axis=1).assign(**{BLOCK: kind[~kind.index.duplicated()]})


def _counted(form_id: str, sign: str, unit: np.ndarray, units: Sequence[str], known: np.ndarray,
             flagged: np.ndarray) -> Iterator[dict]:
    forms, hits = (np.bincount(unit[mask], minlength=len(units)) for mask in (known, known & flagged))
    for code in np.flatnonzero(forms):
        yield _row(units[code], form_id, sign, int(forms[code]), int(hits[code]))


def _row(unit: str, form_id: str, sign: str, forms: int, flagged: int | None = None, value: float | None = None,
         low: float | None = None, high: float | None = None) -> dict:
    return {"unit_code": unit, "form_id": form_id, "sign": sign, "position": signs.position(sign), "forms": forms,
            "flagged": flagged, "value": value, "low": low, "high": high}


def _even_odd(sheet: Sheet, rules: QualityRules) -> Iterator[dict]:
    """Mean consistency of a unit's forms. With a handful of factors one form's value is mostly chance, so none is flagged."""
    factors: dict[str, list[str]] = {}
    for item in sheet.items:
        factor = sheet.form.question(item).factor
        if factor:
            factors.setdefault(factor, []).append(item)
    factors = {factor: items for factor, items in factors.items() if len(items) > 1}
    if len(factors) < rules.minimum_factors:
        return
    flag = even_odd_consistency(sheet.answers, factors, consistency=-1.0, minimum_scales=rules.minimum_factors,
                                missing="exclude")
    known = ~np.isnan(flag.value)
    code, units = sheet.unit
    forms = np.bincount(code[known], minlength=len(units))
    total = np.bincount(code[known], weights=flag.value[known], minlength=len(units))
    for index in np.flatnonzero(forms):
        yield _row(units[index], sheet.form_id, signs.EVEN_ODD, int(forms[index]), value=float(total[index] / forms[index]))


def _places(sheet: Sheet, rules: QualityRules, confidence: float) -> Iterator[dict]:
    """Intraclass correlation of a form's mean level within the clusters where a unit's respondents were asked."""
    used = (sheet.answered >= rules.minimum_answers) & sheet.about["psu"].notna().to_numpy()
    if not used.any():
        return
    about, (code, units) = sheet.about[used], sheet.unit
    levels = np.full((used.sum(), len(units)), np.nan)
    levels[np.arange(used.sum()), code[used]] = sheet.answers[used].mean(axis=1)
    frame = pd.DataFrame(levels, columns=list(units))
    frame[A_PLACE] = (about["group"] + "\n" + about["stratum"] + "\n" + about["psu"]).to_numpy()
    effects = field_effects(frame, units, A_PLACE, missing="exclude", confidence=confidence)
    for unit, forms, icc, low, high in zip(units, effects.answers.sum(axis=1), effects.icc, effects.ci_low, effects.ci_high,
                                           strict=True):
        if np.isfinite(icc):
            yield _row(unit, sheet.form_id, signs.PLACE, int(forms), value=float(icc), low=_finite(low), high=_finite(high))


def _bursts(form_id: str, days: Sequence[tuple[str, str, date, int]], rules: QualityRules) -> Iterator[dict]:
    if not days:
        return
    counts = [count for *_, count in days]
    frame = pd.DataFrame({"unit": np.repeat([unit for _, unit, _, _ in days], counts),
                          "day": np.repeat(np.array([day for _, _, day, _ in days], dtype="datetime64[ns]"), counts)})
    flag = bursts(frame, "day", "unit", window=1, resolution="day", chance=rules.burst_chance, minimum_count=rules.burst_forms,
                  baseline="elsewhere")
    code, units = pd.factorize(frame["unit"], sort=True)
    yield from _counted(form_id, signs.BURST, code, units, *_marks(flag))


def without_flagged(framework: Framework, codes: Sequence[str], sums: RatingSums, scores: SurveyScores,
                    totals: Sequence[UnitTotal], quality: Quality, appraised: Mapping, policy) -> list[dict]:
    """Rows of quality_effects: each unit's survey points and rank without the flagged forms, beside those with all.

    The units that lose forms are scored together with doubles of themselves whose flagged forms are blank; so both results
    share one design, clusters that lose everybody count with zero, and the joint covariance gives the difference its error.
    The signs are taken as given: that they depend on the sample is not in the error.
    """
    losing = [code for code in codes if quality.counts[code][1]]
    doubled, both = scores, None
    if losing:
        both = points.score(framework, _with_doubles(framework, sums, losing, quality.left_out),
                            [*losing, *(code + WITHOUT for code in losing)],
                            confidence=policy.confidence, lonely_psu=policy.lonely_psu)
        doubled = _as_units(both, codes, set(losing), scores)
    again = run_rows.totals(framework, codes, doubled, appraised)
    rows = []
    for code, before, after, place in zip(codes, totals, again, rank(again), strict=True):
        forms, flagged = quality.counts[code]
        if not forms:
            continue
        difference, error = _difference(both, losing.index(code), len(losing)) if code in losing else (0.0, 0.0)
        known = before.survey.exact is not None
        rows.append({
            "unit_code": code, "forms": forms, "flagged": flagged, "survey": after.survey.printed,
            "status": after.survey_status, "changed_rule": known and after.survey_status != before.survey_status,
            "difference": difference if known else None, "difference_se": error if known else None, "rank": place.rank})
    return rows


def _with_doubles(framework: Framework, sums: RatingSums, losing: Sequence[str], left_out: Sequence[np.ndarray]) -> RatingSums:
    asked = {f"{source.questionnaire}.{source.question}" for leaf in framework.survey_leaves for source in leaf.rule.sources}
    answers = {column: names for column, names in sums.answers.items() if column in asked}

    def parts() -> Iterator[Part]:
        for part, gone in zip(sums.parts(), left_out, strict=True):
            mine = np.array([unit in losing for unit in part.units], dtype=bool)[part.unit]
            whole, kept = np.flatnonzero(mine), np.flatnonzero(mine & ~gone)
            rows = np.concatenate([whole, kept])
            yield replace(
                part, person=part.person[rows], units=[*part.units, *(unit + WITHOUT for unit in part.units)],
                unit=np.concatenate([part.unit[whole], part.unit[kept] + len(part.units)]),
                codes={column: codes[rows] for column, codes in part.codes.items() if column in answers})

    doubled = RatingSums(answers, sums.missing, sums.population, parts)
    for part in parts():
        doubled.add(part)
    return doubled


def _as_units(both: SurveyScores, codes: Sequence[str], losing: set[str], scores: SurveyScores) -> SurveyScores:
    """The doubles' scores under their units' names; the other units as they were."""
    named = [(code, both, code + WITHOUT) if code in losing else (code, scores, code) for code in codes]
    return SurveyScores(
        tuple(codes), tuple(replace(source.component(name), unit=code) for code, source, name in named),
        tuple(replace(leaf, unit=code) for code, source, name in named for leaf in source.leaves_of(name)),
        scores.covariance, scores.confidence)


def _difference(both: SurveyScores, index: int, size: int) -> tuple[float | None, float | None]:
    """Survey points without minus with, and the standard error."""
    before, after = both.components[index].points, both.components[index + size].points
    if before is None or after is None:
        return None, None
    v = both.covariance
    variance = v[index, index] + v[index + size, index + size] - 2 * v[index, index + size]
    variance = 0.0 if abs(variance) <= ROUNDING_NOISE * abs(v[index, index]) else variance
    return float(after - before), None if not variance >= 0 else sqrt(variance)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
