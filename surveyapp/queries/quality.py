"""The quality of a run's forms read back, small counts already withheld: pages, reports and files show the same cells.

A count of flagged forms from 1 to one below the run's `minimum_count`, and what leaving so few forms out changes, is None and
says so by `hidden`: with few forms, a difference of points could tell what one of them answered. A sum is hidden with them
where it would give one of them away; `kept_back` says that it is not small itself. The internal edition hides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.models import QualityEffect, QualitySign
from surveyapp.queries.asked import Asked
from surveyapp.queries.score_rows import GroupRow, Run, UnitRow, frozen, tidy
from surveyapp.queries.scores import rounding_of

#: the sign that stands for at least one of those that leave a form out: services/quality_rules.py
ANY = "any"
#: the sign that only forms with times can have
SPEED = "speed"
#: how many units the table of the largest shares has
LARGEST = 10


@dataclass(frozen=True)
class SignRow:
    """One sign of one unit; of one questionnaire, or of all together (form_id "")."""

    unit_code: str
    form_id: str
    sign: str
    position: int
    forms: int
    #: None for a sign that marks no single form, and where it is hidden
    flagged: int | None
    hidden: bool
    kept_back: bool
    value: float | None
    low: float | None
    high: float | None

    @property
    def share(self) -> float | None:
        return None if self.flagged is None else self.flagged / self.forms


@dataclass(frozen=True)
class EffectRow:
    """One unit with all its forms and without the flagged ones."""

    unit: UnitRow
    forms: int
    flagged: int | None
    hidden: bool
    kept_back: bool
    survey: Decimal | None
    status: str | None
    changed_rule: bool | None
    #: survey points without minus with
    difference: float | None
    difference_se: float | None
    rank: int | None
    #: signs of forms that were seen often enough to be shown, the most frequent first
    signs: tuple[SignRow, ...]
    #: signs of the unit as a whole, by questionnaire
    of_unit: tuple[SignRow, ...]
    #: of how many forms the time is known
    timed: int

    @property
    def unit_code(self) -> str:
        return self.unit.unit_code

    @property
    def share(self) -> float | None:
        return None if self.flagged is None else self.flagged / self.forms

    @property
    def moved(self) -> bool:
        return None not in (self.rank, self.unit.rank) and self.rank != self.unit.rank


@dataclass(frozen=True)
class SignSummary:
    """One sign over all units of the run."""

    sign: str
    forms: int
    flagged: int | None
    hidden: bool
    kept_back: bool
    units: int
    #: of a sign that marks no single form: smallest, middle and largest unit
    values: tuple[float, ...]

    @property
    def share(self) -> float | None:
        return None if self.flagged is None else self.flagged / self.forms


@dataclass(frozen=True)
class Quality:
    """All that a run knows of its forms; empty for a run that did not look."""

    confidence: float
    minimum_count: int
    rules: Mapping[str, Any]
    signs: tuple[SignSummary, ...]
    #: unit group -> its units in the order of its ranking
    effects: Mapping[str, tuple[EffectRow, ...]]

    def __bool__(self) -> bool:
        return bool(self.signs)

    @property
    def all_effects(self) -> list[EffectRow]:
        return [effect for effects in self.effects.values() for effect in effects]

    @property
    def any(self) -> SignSummary | None:
        return next((sign for sign in self.signs if sign.sign == ANY), None)

    @property
    def speed(self) -> SignSummary | None:
        """None where no time is known."""
        return next((sign for sign in self.signs if sign.sign == SPEED), None)

    @property
    def largest(self) -> list[EffectRow]:
        """Units with the largest shares of flagged forms."""
        known = [effect for effect in self.all_effects if effect.flagged]
        return sorted(known, key=lambda effect: (-effect.share, effect.unit.unit_name, effect.unit_code))[:LARGEST]

    @property
    def compared(self) -> list[EffectRow]:
        """Units whose points are known both with all forms and without the flagged."""
        return [effect for effect in self.all_effects if effect.difference is not None]

    @property
    def of_whole_units(self) -> list[tuple[EffectRow, SignRow]]:
        """Signs that mark no single form, unit by unit."""
        return [(effect, sign) for effect in self.all_effects for sign in effect.of_unit]

    def of_unit(self, unit_code: str) -> EffectRow | None:
        return next((effect for effect in self.all_effects if effect.unit_code == unit_code), None)


def of_run(run: Run, groups: Sequence[GroupRow], words: Asked, internal: bool = False) -> Quality:
    stored = list(db.session.scalars(select(QualitySign).where(QualitySign.run_id == run.id).order_by(
        QualitySign.position, QualitySign.unit_code, QualitySign.form_id)))
    effects = {row.unit_code: row for row in db.session.scalars(
        select(QualityEffect).where(QualityEffect.run_id == run.id))}
    rules, least = run.policy.get("quality") or {}, _least(run, internal)
    by_unit: dict[str, list[QualitySign]] = {}
    for row in stored:
        by_unit.setdefault(row.unit_code, []).append(row)
    return Quality(run.confidence, least, rules, tuple(_summaries(stored, least)), {
        group.code: tuple(_effect(unit, effects[unit.unit_code], by_unit.get(unit.unit_code, []), least,
                                  rounding_of(words, group.code).places)
                          for unit in group.units if unit.unit_code in effects)
        for group in groups})


def signs(run: Run, internal: bool = False) -> list[SignRow]:
    """By unit, sign and questionnaire."""
    least = _least(run, internal)
    rows = db.session.scalars(select(QualitySign).where(QualitySign.run_id == run.id).order_by(
        QualitySign.unit_code, QualitySign.position, QualitySign.form_id))
    return [_sign(row, least) for row in rows]


def _least(run: Run, internal: bool) -> int:
    return 1 if internal else run.disclosure["minimum_count"]


def withheld(count: int | None, least: int) -> bool:
    return count is not None and 0 < count < least


def _sum_withheld(counts: Iterable[int | None], least: int) -> bool:
    """Whether the sum of these counts is small, or gives a withheld one away beside the others."""
    small = [count for count in counts if withheld(count, least)]
    return len(small) == 1 or 0 < sum(small) < least


def _sign(row: QualitySign, least: int) -> SignRow:
    hidden = row.forms < least if row.flagged is None else withheld(row.flagged, least)
    shown = {name: getattr(row, name) for name in ("flagged", "value", "low", "high")}
    return frozen(SignRow, row, hidden=hidden, kept_back=False, **(dict.fromkeys(shown) if hidden else shown))


def _together(rows: Sequence[QualitySign], least: int) -> SignRow:
    """One sign over all questionnaires of a unit."""
    flagged = sum(row.flagged or 0 for row in rows)
    hidden = _sum_withheld((row.flagged for row in rows), least)
    return frozen(SignRow, rows[0], form_id="", forms=sum(row.forms for row in rows), hidden=hidden,
                  kept_back=hidden and flagged >= least, flagged=None if hidden else flagged)


def _summaries(stored: Iterable[QualitySign], least: int) -> Iterable[SignSummary]:
    by_sign: dict[str, list[QualitySign]] = {}
    for row in stored:
        by_sign.setdefault(row.sign, []).append(row)
    for sign, rows in by_sign.items():
        counted = rows[0].flagged is not None
        flagged = sum(row.flagged or 0 for row in rows)
        hidden = counted and _sum_withheld((row.flagged for row in rows), least)
        values = sorted(row.value for row in rows if row.value is not None and row.forms >= least)
        yield SignSummary(sign, sum(row.forms for row in rows), None if hidden or not counted else flagged, hidden,
                          hidden and flagged >= least, len({row.unit_code for row in rows}),
                          (values[0], values[len(values) // 2], values[-1]) if values else ())


def _effect(unit: UnitRow, row: QualityEffect, of_unit: Iterable[QualitySign], least: int, places: int) -> EffectRow:
    of_unit = list(of_unit)
    hidden = _sum_withheld((each.flagged for each in of_unit if each.sign == ANY), least)
    by_sign: dict[str, list[QualitySign]] = {}
    for each in of_unit:
        if each.sign != ANY:
            by_sign.setdefault(each.sign, []).append(each)
    counted = [_together(rows, least) for rows in by_sign.values() if rows[0].flagged is not None]
    seen = sorted((sign for sign in counted if sign.flagged), key=lambda sign: (-sign.flagged, sign.position))
    whole = [_sign(each, least) for rows in by_sign.values() for each in rows if each.flagged is None]
    shown = {"flagged": row.flagged, "survey": tidy(row.survey, places), "status": row.status, "rank": row.rank,
             "changed_rule": row.changed_rule, "difference": row.difference, "difference_se": row.difference_se}
    return EffectRow(unit=unit, forms=row.forms, hidden=hidden, kept_back=hidden and row.flagged >= least, signs=tuple(seen),
                     of_unit=tuple(whole), timed=sum(each.forms for each in by_sign.get(SPEED, ())),
                     **(dict.fromkeys(shown) if hidden else shown))
