"""What of a run may leave the house: the rows of `scores`, with empty cells where one person's answer could be read or worked out.

The rule is the run's own (`Run.disclosure`); points of criteria, components and totals are always published, they are the result.
Everything is decided over the whole run, each question of each unit and respondent group by itself:

- *Answers.* Valid answers are one table whose total n is published, unless it is itself a small count. Kinds of missing and blanks
  are shown when each is 0 or no small count; else all of them are hidden, a blank that nobody left too, so that only their number can
  be reckoned and not their kinds. Of several-choice questions every answer is a table of its own: who chose it and who did not.
- *Figures beside.* The means under every coefficient table of the criteria, and for questions of satisfaction the mean and the top
  two, must stay **exactly** the same when hidden counts move as far as the rule asks. So no pool of questions and no number of
  decimals tells more, even to someone who knows all other answers of the pool; a pool of which nothing else is known tells less.
  Where only the top two would tell, every top two that the question is a part of is withheld; where the mean would tell too, the
  distribution is hidden whole and of the figures only the points stay.
- *Few.* A question that only 1 to minimum_respondents - 1 people of a group answered takes with it every satisfaction figure that
  it is a part of: from the other questions of the pool its own answers could be worked out.
- *Precision.* A standard error is one more figure. That of a criterion, at two decimals, stays where hidden counts can move without
  changing what is printed; that of a satisfaction mean over one question only where nothing of the question is hidden. Over several
  questions answered by the same people it depends on who gave which answers together, which is published nowhere. Not covered: a
  component that consists of one criterion keeps its interval.

Which runs of the same campaign were published before is not known here: see docs/decisions/0009-what-is-published.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
import pandas as pd
from flask import current_app

from analysis.disclosure import (
    TOTAL,
    DisclosureRule,
    Figure,
    Precision,
    Suppression,
    figures_beside,
    precision_stays,
    protect,
    tabulate,
)
from surveyapp.queries import asked, scores
from surveyapp.queries.asked import Asked
from surveyapp.queries.score_rows import AnswerRow, GroupRow, LeafRow, Run, SatisfactionRow, SourceRow, UnitResult

#: decimals of what is printed beside points
PLACES = 2
#: units of a group from which the standard error of their mean tells nothing of one of them
UNITS_BEHIND_AN_ERROR = 5
OVERALL = "overall"
TOP_TWO, MEAN = "top_two", "mean_100"

#: unit, respondent group, form, question
Key = tuple[str, str, str, str]


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
    """The whole run's publication; kept for the next report of the same run."""
    return _kept(str(current_app.config["DATABASE_URL"]), run.id, run.result_sha256, _Unhashed(run))


@dataclass(frozen=True)
class _Unhashed:
    """A run never changes: its number and hash are what the kept publication goes by."""

    run: Run = field(compare=False)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=2)
def _kept(_database: str, _run_id: int, _result: str, run: _Unhashed) -> Publication:
    return publish(run.run)


def publish(run: Run) -> Publication:
    words = asked.of_campaign(run.campaign_id)
    answers, sources, leaves = scores.answers(run, words), scores.sources(run, words), scores.leaves(run, words)
    satisfied = scores.satisfaction(run)
    rule = rule_of(run)
    questions = _questions(answers, sources, words)
    suppressions = _decide(questions.values(), rule)
    of_leaf = {(leaf.unit_code, leaf.leaf_code): leaf for leaf in leaves}
    for question in questions.values():
        question.precise = _precise(question, of_leaf, rule)
    kept_leaves = tuple(_leaf(leaf, [questions.get(_of_source(source)) for source in own], own)
                        for leaf, own in _with_sources(leaves, sources))
    pools = _pools(questions.values())
    shown = tuple(_satisfied(row, pools, rule) for row in satisfied)
    return Publication(
        run=run, answers=tuple(_answers(answers, questions)),
        sources=tuple(_source(source, questions.get(_of_source(source))) for source in sources), leaves=kept_leaves,
        satisfaction=shown,
        measured=tuple(row for row, out in zip(satisfied, shown, strict=True) if out.value is not None),
        suppressions=suppressions)


def rule_of(run: Run) -> DisclosureRule:
    return DisclosureRule(**run.disclosure, zeros_sensitive=False, totals_published=True, one_answer_below=None, dominance=None,
                          p_percent=None)


# -- what is known of a question, and what is decided about it ------------------------------------------------------------


@dataclass(eq=False)
class _Question:
    """One question of one unit and respondent group. The lower fields are decided."""

    key: Key
    several: bool
    factor: str
    rows: list[AnswerRow] = field(default_factory=list)
    sources: list[SourceRow] = field(default_factory=list)
    #: answer -> level, lowest 1, and the lowest that counts as satisfied; for questions of satisfaction
    levels: Mapping[str, int] = field(default_factory=dict)
    satisfied_from: int = 0
    #: people who answered the form at all, as far as the counts tell
    people: int = 0

    hidden: set[str] = field(default_factory=set)
    n_hidden: bool = False
    few: bool = False
    #: figures that would tell hidden answers
    telling: set[str] = field(default_factory=set)
    mean_hidden: bool = False
    precise: bool = True
    moves: tuple | None = None

    @property
    def valid(self) -> list[AnswerRow]:
        return [row for row in self.rows if self.several or not row.missing]

    @property
    def missing(self) -> list[AnswerRow]:
        return [] if self.several else [row for row in self.rows if row.missing]

    @property
    def n(self) -> int:
        return sum(row.n for row in self.valid)

    @property
    def means(self) -> list[tuple[tuple[str, Fraction], ...]]:
        """The coefficient tables that its criteria go by, each once."""
        return sorted({tuple(sorted(source.coefficients.items())) for source in self.sources})


def _questions(answers: Iterable[AnswerRow], sources: Iterable[SourceRow], words: Asked) -> dict[Key, _Question]:
    found: dict[Key, _Question] = {}
    levels: dict[str, dict[str, Mapping[str, int]]] = {}
    for row in answers:
        key = (row.unit_code, row.respondent_group, row.form_id, row.question)
        if key not in found:
            found[key] = _Question(key, _is_several(words, row), row.factor)
        found[key].rows.append(row)
    for source in sources:
        if _of_source(source) in found:
            found[_of_source(source)].sources.append(source)
    people: dict[tuple, int] = {}
    for question in found.values():
        place = question.key[:3]
        if not question.several:
            people[place] = max(people.get(place, 0), sum(row.n for row in question.rows))
        if question.factor:
            of_form = levels.setdefault(question.key[2], _levels(words, question.key[2]))
            question.levels = of_form.get(question.key[3], {})
            question.satisfied_from = max((max(each.values(), default=0) for each in of_form.values()), default=0) - 1
    for question in found.values():
        question.people = max(people.get(question.key[:3], 0), max(row.n for row in question.rows))
    return found


def _is_several(words: Asked, row: AnswerRow) -> bool:
    form = words.questionnaires.get(row.form_id)
    names = {question.name for question in form.questions if question.type == "select_multiple"} if form else set()
    return row.question in names


def _levels(words: Asked, form_id: str) -> dict[str, Mapping[str, int]]:
    form = words.questionnaires.get(form_id)
    return {question.name: {name: level for level, name in enumerate(question.choices.substantive, start=1)}
            for question in (form.questions if form else ()) if question.factor}


def _of_source(source: SourceRow) -> Key:
    return source.unit_code, source.respondent_group, source.form_id, source.question


def _cell(row: SatisfactionRow) -> tuple[str, str, str, str]:
    return row.unit_code, row.respondent_group, row.factor, row.measure


def _decide(questions: Iterable[_Question], rule: DisclosureRule) -> tuple[Suppression, ...]:
    """Decides every question, those with the same answers and figures at once."""
    alike: dict[tuple, list[_Question]] = {}
    several: list[_Question] = []
    for question in questions:
        if question.several:
            several.append(question)
        else:
            answers = tuple(row.answer for row in question.valid)
            kind = (answers, tuple(question.means), tuple(sorted(question.levels.items())), question.satisfied_from)
            alike.setdefault(kind, []).append(question)
    done = [_decide_alike(some, rule) for some in alike.values() if some[0].valid]
    if several:
        done.append(_decide_several(several, rule))
    for question in (question for some in alike.values() for question in some):
        small = any(0 < row.n < rule.minimum_count for row in question.missing)
        if small or question.n_hidden:
            question.hidden |= {row.answer for row in question.missing} | {""}
    return tuple(done)


def _decide_alike(questions: Sequence[_Question], rule: DisclosureRule) -> Suppression:
    answers = [row.answer for row in questions[0].valid]
    figures = [Figure(f"mean {number}", {answer: float(dict(means).get(answer, 0)) for answer in answers}, (None,))
               for number, means in enumerate(questions[0].means)]
    top = []
    if questions[0].levels:
        levels = {answer: questions[0].levels.get(answer, 0) for answer in answers}
        figures.append(Figure(MEAN, levels, (None,)))
        top = [Figure(TOP_TWO, {answer: float(level >= questions[0].satisfied_from) for answer, level in levels.items()}, (None,))]
    before = _protected([(number, row.answer, row.n) for number, question in enumerate(questions) for row in question.valid], rule)
    place = {(table, answer): at for at, (table, answer) in enumerate(before.tables.keys.itertuples(index=False, name=None))}
    cells = np.array([[place[number, answer] for answer in answers] for number in range(len(questions))])
    totals = np.array([place[number, TOTAL] for number in range(len(questions))])
    by, floor = before.hidden_by.copy(), before.floor.copy()
    needed = np.where(before.primary, rule.protection_range, np.where(before.hidden, 1, 0))
    open_rows = np.ones(len(questions), dtype=bool)
    kept = [figures] * len(questions)
    for attempt in ([*figures, *top], figures) if top else (figures,):
        if not attempt:
            break
        beside = figures_beside(before, attempt, "figures", valid_known=True)
        status = beside.table().query("figure == @attempt[0].name").set_index("0")["status"]
        holds = open_rows & (status.reindex(range(len(questions))) == "shown").to_numpy()
        by[cells[holds]], floor[cells[holds]] = beside.suppression.hidden_by[cells[holds]], beside.suppression.floor[cells[holds]]
        for number in np.flatnonzero(holds):
            kept[number] = attempt
        if attempt is figures and top:
            for number in np.flatnonzero(holds):
                questions[number].telling.add(TOP_TWO)
        open_rows &= ~holds
    after = replace(before, hidden_by=by, floor=floor)
    for number, question in enumerate(questions):
        count, hidden = before.tables.count[cells[number]], after.hidden[cells[number]]
        question.few = 0 < question.n < max(rule.minimum_respondents, rule.minimum_count)
        question.n_hidden = bool(after.hidden[totals[number]])
        if figures and open_rows[number] and (hidden.any() or question.few):
            question.telling |= {TOP_TWO, MEAN}
            question.mean_hidden, hidden = True, np.ones(hidden.size, dtype=bool)
        question.hidden |= {answer for answer, gone in zip(answers, hidden, strict=True) if gone}
        if hidden.any() and not question.mean_hidden:
            scores_kept = [np.array([figure.scores[answer] for answer in answers], dtype=float) for figure in kept[number]]
            question.moves = (count, hidden, floor[cells[number]], needed[cells[number]], scores_kept)
    return after


def _protected(rows: list[tuple], rule: DisclosureRule) -> Suppression:
    frame = pd.DataFrame(rows, columns=["0", "answer", "count"])
    return protect(tabulate(frame, "answer", by=["0"]), rule)


def _decide_several(questions: Sequence[_Question], rule: DisclosureRule) -> Suppression:
    cells = [(question, row) for question in questions for row in question.rows]
    counts = [[(number, "chosen", row.n), (number, "not", question.people - row.n)]
              for number, (question, row) in enumerate(cells)]
    done = _protected([cell for pair in counts for cell in pair], rule)
    keys = done.tables.keys
    gone = set(keys["0"][done.hidden & (keys["answer"] == "chosen").to_numpy()])
    for number, (question, row) in enumerate(cells):
        if number in gone:
            question.hidden.add(row.answer)
    return done


# -- precision --------------------------------------------------------------------------------------------------------------


def _precise(question: _Question, of_leaf: Mapping[tuple[str, str], LeafRow], rule: DisclosureRule) -> bool:
    """Whether the errors of its criteria may stand beside the question."""
    if question.moves is None:
        return not question.mean_hidden and not question.few
    count, hidden, floor, needed, kept = question.moves
    printed = []
    for source in question.sources:
        leaf = of_leaf[source.unit_code, source.leaf_code]
        if source.effective_share and leaf.se is not None:
            coefficients = np.array([float(source.coefficients.get(row.answer, 0)) for row in question.valid])
            printed.append(Precision(coefficients, float(leaf.max_points) * float(source.effective_share), leaf.se, leaf.low,
                                     leaf.high))
    return not printed or precision_stays(count, hidden, floor, needed, kept, printed, PLACES, rule.protection_range)


# -- rows as they are published -----------------------------------------------------------------------------------------------


def _answers(answers: Iterable[AnswerRow], questions: Mapping[Key, _Question]) -> Iterable[AnswerRow]:
    last: _Question | None = None
    for row in answers:
        question = questions[row.unit_code, row.respondent_group, row.form_id, row.question]
        if last is not None and last is not question:
            yield from _blank_that_nobody_left(last)
        last = question
        yield replace(row, n=None, weighted=None) if row.answer in question.hidden else row
    if last is not None:
        yield from _blank_that_nobody_left(last)


def _blank_that_nobody_left(question: _Question) -> Iterable[AnswerRow]:
    if "" in question.hidden and all(row.missing != "blank" for row in question.rows):
        yield replace(question.rows[-1], answer="", answer_label=scores.BLANK, missing="blank",
                      position=question.rows[-1].position + 1, n=None, weighted=None)


def _source(source: SourceRow, question: _Question | None) -> SourceRow:
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


def _leaf(leaf: LeafRow, questions: Sequence[_Question | None], sources: Sequence[SourceRow]) -> LeafRow:
    pairs = [(question, source) for question, source in zip(questions, sources, strict=True) if question is not None]
    if leaf.kind != "survey" or not pairs:
        return leaf
    whole = all(_source(source, question).ratings is not None for question, source in pairs)
    precise = all(question.precise for question, source in pairs if source.effective_share)
    return replace(leaf, design_effect=None, ratings=leaf.ratings if whole else None,
                   **{name: _rounded(getattr(leaf, name)) if precise else None for name in ("se", "low", "high")})


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, PLACES)


def _pools(questions: Iterable[_Question]) -> dict[tuple[str, str, str], list[_Question]]:
    """Questions behind each factor of a unit and respondent group, and behind all of them; only those that were answered."""
    pools: dict[tuple[str, str, str], list[_Question]] = {}
    for question in questions:
        if question.factor and question.n:
            for factor in (question.factor, OVERALL):
                pools.setdefault((*question.key[:2], factor), []).append(question)
    return pools


def _satisfied(row: SatisfactionRow, pools: Mapping[tuple, list[_Question]], rule: DisclosureRule) -> SatisfactionRow:
    pool = pools.get((row.unit_code, row.respondent_group, row.factor), [])
    nothing = replace(row, value=None, se=None, low=None, high=None)
    if row.n < max(rule.minimum_respondents, rule.minimum_count):
        return replace(nothing, n=None)
    if any(question.few or row.measure in question.telling for question in pool):
        return nothing
    if row.measure == MEAN and len(pool) == 1 and pool[0].hidden & {each.answer for each in pool[0].valid}:
        return replace(row, se=None, low=None, high=None)
    return row
