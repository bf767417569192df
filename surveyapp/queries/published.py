"""What of a run may leave the house: the rows of `scores`, cells empty where one person's answer could be read or worked out.

The rule is the run's own (`Run.disclosure`); `withheld` says what is hidden and why, over the whole run, so that every door
shows the same. Points of criteria, components and totals are always published: they are the result. What was published of
other runs of the campaign is not known here: docs/decisions/0009-what-is-published.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import current_app

from analysis.disclosure import DisclosureRule, Suppression
from surveyapp.queries import asked, scores, withheld
from surveyapp.queries.asked import Asked
from surveyapp.queries.score_rows import AnswerRow, GroupRow, LeafRow, Run, SatisfactionRow, SourceRow, UnitResult
from surveyapp.queries.withheld import MEAN, Key, Question

#: units of a group from which the standard error of their mean tells nothing of one of them
UNITS_BEHIND_AN_ERROR = 5
OVERALL = "overall"


@dataclass(frozen=True)
class Publication:
    """Rows as `scores` gives them, in the same order; what is not published is None."""

    run: Run
    answers: tuple[AnswerRow, ...]
    sources: tuple[SourceRow, ...]
    leaves: tuple[LeafRow, ...]
    satisfaction: tuple[SatisfactionRow, ...]
    #: satisfaction as measured, where its value is published
    measured: tuple[SatisfactionRow, ...]
    #: for the audit: the tables that were protected
    suppressions: tuple[Suppression, ...]

    def result(self, whole: UnitResult, words: Asked) -> UnitResult:
        """One unit's report, from `whole`."""
        code = whole.unit.unit_code
        leaves = tuple(row for row in self.leaves if row.unit_code == code)
        return replace(
            whole, leaves=leaves, areas=scores.areas_of(leaves, scores.rounding_of(words, whole.unit.unit_group)),
            sources=tuple(row for row in self.sources if row.unit_code == code),
            answers=tuple(row for row in self.answers if row.unit_code == code),
            satisfaction=tuple(row for row in self.satisfaction if row.unit_code == code))

    def behind_means(self, groups: Iterable[GroupRow]) -> list[SatisfactionRow]:
        """Rows for the means of unit groups: units whose own figure is published, with their errors where enough units stand
        behind the mean. A unit that was left out could be worked out from the mean of all."""
        of_unit = {unit.unit_code: group.code for group in groups for unit in group.units}
        shown = {_cell(row): row for row in self.satisfaction}
        units: dict[tuple, int] = {}
        for row in self.measured:
            place = (of_unit.get(row.unit_code), row.respondent_group, row.factor, row.measure)
            units[place] = units.get(place, 0) + 1
        return [
            row if units[of_unit.get(row.unit_code), row.respondent_group, row.factor, row.measure] >= UNITS_BEHIND_AN_ERROR
            else shown[_cell(row)]
            for row in self.measured]


def of_run(run: Run) -> Publication:
    """The whole run's publication. A run never changes: it is kept by this process for the next report of the same run."""
    kept = current_app.extensions.setdefault(__name__, {})
    made = kept.get((run.id, run.result_sha256))
    if made is None:
        made = publish(run)
        kept.clear()
        kept[run.id, run.result_sha256] = made
    return made


def _cell(row: SatisfactionRow) -> tuple[str, str, str, str]:
    return row.unit_code, row.respondent_group, row.factor, row.measure


def publish(run: Run) -> Publication:
    words = asked.of_campaign(run.campaign_id)
    answers, sources, leaves = scores.answers(run, words), scores.sources(run, words), scores.leaves(run, words)
    satisfied = scores.satisfaction(run)
    rule = withheld.rule_of(run)
    questions, suppressions = withheld.decide(answers, sources, leaves, words, rule)
    kept_leaves = tuple(_leaf(leaf, [questions.get(withheld.of_source(source)) for source in own], own)
                        for leaf, own in _with_sources(leaves, sources))
    pools = _pools(questions.values())
    shown = tuple(_satisfied(row, pools, rule) for row in satisfied)
    return Publication(
        run=run, answers=tuple(_answers(answers, questions)),
        sources=tuple(_source(source, questions.get(withheld.of_source(source))) for source in sources), leaves=kept_leaves,
        satisfaction=shown,
        measured=tuple(row for row, out in zip(satisfied, shown, strict=True) if out.value is not None),
        suppressions=suppressions)


def _answers(answers: Iterable[AnswerRow], questions: Mapping[Key, Question]) -> Iterable[AnswerRow]:
    last: Question | None = None
    for row in answers:
        question = questions[row.unit_code, row.respondent_group, row.form_id, row.question]
        if last is not None and last is not question:
            yield from _blank_that_nobody_left(last)
        last = question
        yield replace(row, n=None, weighted=None) if row.answer in question.hidden else row
    if last is not None:
        yield from _blank_that_nobody_left(last)


def _blank_that_nobody_left(question: Question) -> Iterable[AnswerRow]:
    if "" in question.hidden and all(row.missing != "blank" for row in question.rows):
        yield replace(question.rows[-1], answer="", answer_label=scores.BLANK, missing="blank",
                      position=question.rows[-1].position + 1, n=None, weighted=None)


def _source(source: SourceRow, question: Question | None) -> SourceRow:
    if question is None:
        return source
    missing_told = source.ratings != question.n and "" in question.hidden
    return replace(source, ratings=None if question.n_hidden or missing_told else source.ratings,
                   mean=None if question.mean_hidden or question.few or question.n_hidden else source.mean)


def _with_sources(leaves: Iterable[LeafRow], sources: Iterable[SourceRow]) -> Iterable[tuple[LeafRow, list[SourceRow]]]:
    of_leaf: dict[tuple[str, str], list[SourceRow]] = {}
    for source in sources:
        of_leaf.setdefault((source.unit_code, source.leaf_code), []).append(source)
    return [(leaf, of_leaf.get((leaf.unit_code, leaf.leaf_code), [])) for leaf in leaves]


def _leaf(leaf: LeafRow, questions: Sequence[Question | None], sources: Sequence[SourceRow]) -> LeafRow:
    pairs = [(question, source) for question, source in zip(questions, sources, strict=True) if question is not None]
    if leaf.kind != "survey" or not pairs:
        return leaf
    whole = all(_source(source, question).ratings is not None for question, source in pairs)
    printed = withheld.PRINTED[max((question.coarse for question, source in pairs if source.effective_share), default=0)]
    se, low, high = (None, None, None) if leaf.se is None else printed(leaf.se, leaf.low, leaf.high)
    return replace(leaf, design_effect=None, ratings=leaf.ratings if whole else None, se=se, low=low, high=high)


def _pools(questions: Iterable[Question]) -> dict[tuple[str, str, str], list[Question]]:
    """Questions behind each factor of a unit and respondent group, and behind all of them; only those that were answered."""
    pools: dict[tuple[str, str, str], list[Question]] = {}
    for question in questions:
        if question.factor and question.n:
            for factor in (question.factor, OVERALL):
                pools.setdefault((*question.key[:2], factor), []).append(question)
    return pools


def _satisfied(row: SatisfactionRow, pools: Mapping[tuple, list[Question]], rule: DisclosureRule) -> SatisfactionRow:
    pool = pools.get((row.unit_code, row.respondent_group, row.factor), [])
    nothing = replace(row, value=None, se=None, low=None, high=None)
    if row.n < max(rule.minimum_respondents, rule.minimum_count):
        return replace(nothing, n=None)
    if any(question.few or row.measure in question.telling for question in pool):
        return nothing
    if row.measure == MEAN and len(pool) == 1 and pool[0].hidden & {each.answer for each in pool[0].valid}:
        return replace(row, se=None, low=None, high=None)
    return row
