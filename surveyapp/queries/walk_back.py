"""From a survey point back to the counts behind it: every step with its exact numbers, so that a person can redo the sum."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from surveyapp.errors import NotFound
from surveyapp.queries import asked, scores
from surveyapp.queries.score_rows import AnswerRow, LeafRow, Run, SourceRow, UnitRow


@dataclass(frozen=True)
class CountedAnswer:
    label: str
    n: int
    weighted: Decimal
    #: None: leaves the denominator
    coefficient: Fraction | None

    @property
    def product(self) -> Fraction | None:
        return None if self.coefficient is None else Fraction(self.weighted) * self.coefficient


@dataclass(frozen=True)
class SourceWalk:
    """One respondent group's mean, from its counts."""

    source: SourceRow
    counted: tuple[CountedAnswer, ...]
    #: kinds of missing and blanks: shown, not counted
    left_out: tuple[AnswerRow, ...]

    @property
    def weight(self) -> Fraction:
        return sum((Fraction(answer.weighted) for answer in self.counted), Fraction(0))

    @property
    def n(self) -> int:
        return sum(answer.n for answer in self.counted)

    @property
    def product(self) -> Fraction:
        return sum((answer.product for answer in self.counted), Fraction(0))

    @property
    def mean(self) -> Fraction | None:
        """Recomputed here from the counts; the tests hold it against the stored one."""
        return self.product / self.weight if self.weight else None

    @property
    def is_weighted(self) -> bool:
        return any(answer.weighted != answer.n for answer in self.counted)

    @property
    def counts(self) -> bool:
        return self.source.effective_share != 0

    @property
    def part(self) -> Fraction | None:
        """Effective share x mean: what this group adds."""
        return self.source.effective_share * self.mean if self.counts and self.mean is not None else None


@dataclass(frozen=True)
class LeafWalk:
    run: Run
    unit: UnitRow
    leaf: LeafRow
    sources: tuple[SourceWalk, ...]
    #: what the framework does with a kind of missing: "exclude", or the coefficient that it counts as
    dont_know: str | Fraction
    rounding_places: int
    rounding_mode: str

    @property
    def shares_times_means(self) -> Fraction | None:
        parts = [walk.part for walk in self.sources if walk.counts]
        if not parts or any(part is None for part in parts):
            return None
        return sum(parts, Fraction(0))

    @property
    def exact(self) -> Fraction | None:
        """max x sum of shares times means, recomputed from the counts."""
        return None if self.shares_times_means is None else Fraction(self.leaf.max_points) * self.shares_times_means

    @property
    def is_short(self) -> bool:
        """Whether six decimals show the exact points in full."""
        return self.exact is not None and (self.exact * 10**6).denominator == 1


def leaf_walk(run: Run, unit_code: str, leaf_code: str) -> LeafWalk:
    words = asked.of_campaign(run.campaign_id)
    unit = scores.unit_of(run, unit_code, words)
    leaf = next((leaf for leaf in scores.leaves(run, words, unit) if leaf.leaf_code == leaf_code), None)
    if leaf is None:
        raise NotFound(f"Đơn vị “{unit.unit_name}” không có tiêu chí “{leaf_code}” trong lượt chấm số {run.id}.")
    declared = words.leaf(unit.unit_group, leaf_code)
    dont_know = declared.rule.dont_know if declared and declared.rule else "exclude"
    answers = scores.answers(run, words, unit_code)
    rounding = scores.rounding_of(words, unit.unit_group)
    own = [source for source in scores.sources(run, words, unit_code) if source.leaf_code == leaf_code]
    return LeafWalk(run, unit, leaf, tuple(_source_walk(source, answers, dont_know) for source in own), dont_know,
                    rounding.places, rounding.mode)


def _source_walk(source: SourceRow, answers: list[AnswerRow], dont_know: str | Fraction) -> SourceWalk:
    own = [row for row in answers if row.form_id == source.form_id and row.question == source.question
           and row.respondent_group == source.respondent_group]
    counted, left_out = [], []
    for row in own:
        worth = source.coefficients.get(row.answer) if not row.missing else None
        if row.missing and row.missing != "blank" and dont_know != "exclude":
            worth = dont_know
        if worth is None:
            left_out.append(row)
        else:
            counted.append(CountedAnswer(row.answer_label, row.n, row.weighted, worth))
    return SourceWalk(source, tuple(counted), tuple(left_out))
