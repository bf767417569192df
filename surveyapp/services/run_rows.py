"""From results of the analysis room to rows of a score run. Translation only: what is measured is measured there."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np

from analysis.index.framework import Framework
from analysis.index.layout import lay_out
from analysis.index.points import LeafScore, SurveyScores
from analysis.index.rounding import Rounding, round_once
from analysis.index.satisfied import FactorScore, satisfaction_of_sums
from analysis.index.sums import RatingSums, raters
from analysis.index.totals import UnitTotal, rank, total
from analysis.sampling.size import achieved_margin
from analysis.satisfaction import SatisfactionRule
from questionnaires.model import Questionnaire
from surveyapp.models import Unit
from surveyapp.queries.frozen import Frozen

#: database columns keep six decimals; declared points have no more (checked when a framework is imported)
STORED = Rounding(6, "half_even")


def totals(framework: Framework, codes: Sequence[str], scores: SurveyScores, appraised: Mapping) -> list[UnitTotal]:
    return [_total(framework, scores, code, appraised) for code in codes]


def units(framework: Framework, of_group: Sequence[Unit], scored_totals: Sequence[UnitTotal], scores: SurveyScores,
          sums: RatingSums, certain: Mapping[str, Mapping], policy) -> list[dict]:
    """`certain`: by unit, the columns that say how sure its place is."""
    places = rank(scored_totals)
    margins = _margins(framework, [unit.code for unit in of_group], sums, policy.confidence)
    rows = []
    for unit, scored, place in zip(of_group, scored_totals, places, strict=True):
        component = scores.component(unit.code)
        rows.append({
            "unit_code": unit.code, "unit_group": framework.unit_group, "unit_name": unit.name,
            "status": _status(scored), "note": _note(scored),
            "self_scored": scored.self_scored.printed, "appraised": scored.appraised.printed,
            "appraised_max": _stored(scored.appraised.max_points), "survey": scored.survey.printed,
            "survey_exact": _text(component.points), "survey_max": _stored(scored.survey.max_points),
            "survey_se": component.standard_error, "survey_low": component.ci_low, "survey_high": component.ci_high,
            "design_effect": component.design_effect, "degrees_of_freedom": component.df,
            "respondents": component.n_respondents, "total": scored.total.printed, "total_exact": _text(scored.total.exact),
            "total_low": scored.ci_low, "total_high": scored.ci_high, "percent": scored.percent, "band": scored.band,
            "rank": place.rank, "margins": margins.get(unit.code, {}), **certain[unit.code],
        })
    return rows


def leaves(framework: Framework, codes: Sequence[str], scores: SurveyScores, appraised: Mapping) -> list[dict]:
    rows = []
    for unit in codes:
        for position, (area, _criterion, leaf) in enumerate(framework.walk()):
            row = {"unit_code": unit, "leaf_code": leaf.code, "position": position, "area_code": area.code,
                   "leaf_name": leaf.name, "kind": leaf.kind, "max_points": _stored(leaf.max_points)}
            if leaf.kind == "survey":
                rows.append(row | _survey_leaf(framework, scores.leaf(unit, leaf.code)))
            else:
                rows.append(row | _appraised_leaf(framework, appraised.get((unit, leaf.code))))
    return rows


def sources(framework: Framework, scores: SurveyScores) -> list[dict]:
    rules = {leaf.code: leaf.rule for leaf in framework.survey_leaves}
    return [
        {"unit_code": leaf.unit, "leaf_code": leaf.leaf, "respondent_group": group.group, "form_id": group.questionnaire,
         "question": group.question, "share": str(group.share), "effective_share": str(group.effective_share),
         "mean_exact": _text(group.mean), "ratings": group.n, "minimum_n": rules[leaf.leaf].minimum_n,
         "coefficients": {answer: str(value) for answer, value in source.coefficients.items()}}
        for leaf in scores.leaves for group, source in zip(leaf.groups, rules[leaf.leaf].sources, strict=True)
    ]


def answer_counts(forms: Mapping[str, Questionnaire], sums: RatingSums, data: Frozen, scored: set[str]) -> list[dict]:
    """Counts of every answer with one value per unit, kinds of missing and blanks beside them; several-choice questions too."""
    return [*_rating_counts(forms, sums, scored), *_several_choice_counts(forms, data, scored)]


def _rating_counts(forms, sums: RatingSums, scored: set[str]) -> Iterable[dict]:
    layout = lay_out(sums, sorted(scored), "adjust")
    asked = {column: table for table in layout.tables for column in table.start}
    for column in sums.answers:
        if column not in asked:
            continue
        form_id, name = column.split(".", 1)
        choices, table = forms[form_id].question(name).choices, asked[column]
        start, blank = table.start[column], len(choices.choices)
        for (u, unit), (g, group) in product(enumerate(layout.units), enumerate(layout.groups)):
            counts, weighted = (each[g, u, start : start + blank + 1].tolist() for each in (
                table.unit_counts, table.unit_weighted))
            if not any(counts):
                continue
            for position, choice in enumerate(choices):
                yield _count(unit, group, form_id, name, choice.name, choice.missing or "", position,
                             counts[position], weighted[position])
            if counts[blank]:
                yield _count(unit, group, form_id, name, "", "blank", blank, counts[blank], weighted[blank])


def _several_choice_counts(forms, data: Frozen, scored: set[str]) -> Iterable[dict]:
    for (column, unit, group), (counts, weighted) in sorted(data.chosen().items()):
        form_id, name = column.split(".", 1)
        for position, choice in enumerate(forms[form_id].question(name).choices):
            if unit in scored and counts[position]:
                yield _count(unit, group, form_id, name, choice.name, choice.missing or "", position, counts[position],
                             weighted[position])


def satisfaction(forms: Mapping[str, Questionnaire], sums: RatingSums, scored: set[str], policy) -> list[dict]:
    """Both measures by unit and factor, for each respondent group whose form asks about the factors."""
    rows = []
    for form_id, form in sorted(forms.items()):
        factors = _factors(form_id, form)
        if not factors:
            continue
        levels = _levels(form_id, form)
        highest = max(level for of_question in levels.values() for level in of_question.values())
        rule = SatisfactionRule(levels={level: level for level in range(1, highest + 1)}, highest=highest,
                                satisfied_from=highest - 1, confidence=policy.confidence)
        for group in form.respondent_groups:
            rows += [_satisfaction_row(group, measured) for measured in satisfaction_of_sums(
                sums, sorted(scored), group, factors, levels, rule, policy.lonely_psu)]
    return rows


def _factors(form_id: str, form: Questionnaire) -> dict[str, list[str]]:
    factors: dict[str, list[str]] = {}
    for question in form.questions:
        if question.factor:
            factors.setdefault(question.factor, []).append(f"{form_id}.{question.name}")
    return factors


def _levels(form_id: str, form: Questionnaire) -> dict[str, dict[str, int]]:
    """What each answer to a question about satisfaction means, by the question's own list: lowest level first."""
    return {f"{form_id}.{question.name}": {name: level for level, name in enumerate(question.choices.substantive, start=1)}
            for question in form.questions if question.factor}


def _satisfaction_row(group: str, measured: FactorScore) -> dict:
    return {"unit_code": measured.unit, "respondent_group": group, "factor": measured.factor, "measure": measured.measure,
            "value": measured.estimate, "se": _float(measured.standard_error), "low": _float(measured.ci_low),
            "high": _float(measured.ci_high), "n": measured.n}


def _total(framework: Framework, scores: SurveyScores, unit: str, appraised: Mapping) -> UnitTotal:
    mine = {leaf.code: appraised[unit, leaf.code] for leaf in framework.appraised_leaves if (unit, leaf.code) in appraised}
    return total(framework, scores.component(unit), {code: value for code, (_own, value) in mine.items()},
                 self_scored={code: own for code, (own, _value) in mine.items() if own is not None},
                 leaves=scores.leaves_of(unit))


def _status(scored: UnitTotal) -> str:
    if scored.total.exact is not None:
        return "ok"
    return "incomplete" if scored.missing_appraised else "insufficient"


def _note(scored: UnitTotal) -> str:
    if scored.missing_appraised:
        codes = ", ".join(scored.missing_appraised)
        return f"Chưa có điểm thẩm định của tiêu chí {codes}, nên chưa có tổng điểm và chưa xếp hạng."
    if scored.total.exact is None:
        return "Có tiêu chí điều tra không đủ số lượt đánh giá tối thiểu, nên chưa có tổng điểm và chưa xếp hạng."
    return {
        "spread": "Có nhóm đối tượng không đủ số lượt đánh giá tối thiểu; tỷ trọng của nhóm đó được chia cho các nhóm còn lại "
                  "theo quy tắc đã khai báo.",
        "rescaled": "Có tiêu chí điều tra không đủ số lượt đánh giá; các tiêu chí còn lại được quy đổi theo quy tắc "
                    "đã khai báo.",
        "not_surveyed": "Không tổ chức điều tra; điểm thẩm định được quy đổi về thang 100 theo quy tắc đã khai báo.",
    }.get(scored.survey_status, "")


def _margins(framework: Framework, codes: Sequence[str], sums: RatingSums, confidence: float) -> dict[str, dict]:
    """Per unit and respondent group: n, population where it is known, and the achieved margin in percentage points.

    n counts who rated the unit: an answer that is no kind of missing to at least one question that the framework scores.
    """
    scored = {f"{source.questionnaire}.{source.question}" for leaf in framework.survey_leaves for source in leaf.rule.sources}
    populations, margins = sums.population, {}
    for (unit, group), n in sorted(raters(sums, codes, scored).items()):
        population = populations.get((group, unit))
        margins.setdefault(unit, {})[group] = {
            "n": n, "population": population, "margin": 100 * achieved_margin(n, population, confidence=confidence)}
    return margins


def _survey_leaf(framework: Framework, scored: LeafScore) -> dict:
    return {"self_scored": None, "points": _printed(framework, scored.points), "points_exact": _text(scored.points),
            "status": scored.status, "se": scored.standard_error, "low": scored.ci_low, "high": scored.ci_high,
            "design_effect": scored.design_effect, "ratings": sum(group.n for group in scored.groups)}


def _appraised_leaf(framework: Framework, values: tuple | None) -> dict:
    own, value = values or (None, None)
    exact = None if value is None else Fraction(value)
    return {"self_scored": own, "points": _printed(framework, exact), "points_exact": _text(exact),
            "status": "incomplete" if value is None else "ok", "se": None, "low": None, "high": None, "design_effect": None,
            "ratings": 0}


def _count(unit, group, form_id, question, answer, missing, position, n, weighted_millionths) -> dict:
    return {"unit_code": unit, "respondent_group": group, "form_id": form_id, "question": question, "answer": answer,
            "missing": missing, "position": position, "n": int(n),
            "weighted": Decimal(int(weighted_millionths)).scaleb(-6)}


def _printed(framework: Framework, exact: Fraction | None):
    return None if exact is None else round_once(exact, framework.rounding)


def _stored(exact: Fraction):
    return round_once(exact, STORED)


def _text(exact: Fraction | None) -> str | None:
    return None if exact is None else str(exact)


def _float(value) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)

