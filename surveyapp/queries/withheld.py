"""What is hidden of a question's answers and of the figures beside them, so that no answer can be worked out from what is
shown.

Each question of each unit and respondent group is decided by itself:

- *Answers.* Valid answers are one table whose total n is published, unless it is itself a small count. Kinds of missing and
  blanks are shown when none is a small count; else all of them are hidden, a blank that nobody left too, so that only their
  number can be reckoned and not their kinds. Of several-choice questions every answer is a table of its own: chosen and not
  chosen.
- *Figures beside.* The means under every coefficient table of the criteria, and for questions of satisfaction the mean and
  the top two, must stay **exactly** the same when hidden counts move as far as the rule asks. So no pool of questions and no
  number of decimals tells more, even to someone who knows all other answers of the pool; who does not knows less. Where only
  the top two would tell, every top two that the question is a part of is withheld; where the mean would tell too, the
  distribution is hidden whole and of the figures only the points stay.
- *Few.* A question that only 1 to minimum_respondents - 1 people of a group answered takes with it every satisfaction figure
  that it is a part of: from the other questions of the pool its own answers could be worked out.
- *Precision.* A standard error is one more figure. That of a criterion, at two decimals, stays where hidden counts can move
  without changing what is printed; else the interval alone stays, widened to one decimal, where that is enough. That of a
  satisfaction mean over one question stays only where nothing of the question is hidden. Over several questions answered by
  the same people it depends on who gave which answers together, which is published nowhere.

Taken as known to the attacker: the rule, everybody else's answers, that every answer weighs the same. Not covered: a
component of one criterion keeps its interval.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pandas as pd

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
from surveyapp.queries.asked import Asked
from surveyapp.queries.score_rows import AnswerRow, LeafRow, Run, SourceRow

#: decimals of what is printed beside points, and of an interval where that would tell
PLACES, FEWER_PLACES = 2, 1
TOP_TWO, MEAN = "top_two", "mean_100"

#: unit, respondent group, form, question
Key = tuple[str, str, str, str]


def rule_of(run: Run) -> DisclosureRule:
    return DisclosureRule(**run.disclosure, zeros_sensitive=False, totals_published=True, dominance=None,
                          p_percent=None)


def decide(answers: Iterable[AnswerRow], sources: Iterable[SourceRow], leaves: Iterable[LeafRow], words: Asked,
           rule: DisclosureRule) -> tuple[dict[Key, "Question"], tuple[Suppression, ...]]:
    """Every question of the run, decided, and the tables that were protected."""
    questions = _questions(answers, sources, words)
    suppressions = _decide(questions.values(), rule)
    of_leaf = {(leaf.unit_code, leaf.leaf_code): leaf for leaf in leaves}
    for question in questions.values():
        question.coarse = _coarse(question, of_leaf, rule)
    return questions, suppressions


@dataclass(eq=False)
class Question:
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
    #: how finely the errors of its criteria may be printed: position in PRINTED
    coarse: int = 0
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


def _questions(answers: Iterable[AnswerRow], sources: Iterable[SourceRow], words: Asked) -> dict[Key, Question]:
    found: dict[Key, Question] = {}
    levels: dict[str, dict[str, Mapping[str, int]]] = {}
    for row in answers:
        key = (row.unit_code, row.respondent_group, row.form_id, row.question)
        if key not in found:
            found[key] = Question(key, _is_several(words, row), row.factor)
        found[key].rows.append(row)
    for source in sources:
        if of_source(source) in found:
            found[of_source(source)].sources.append(source)
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
        question.people = max(people.get(question.key[:3], 0), *(row.n for row in question.rows))
    return found


def _is_several(words: Asked, row: AnswerRow) -> bool:
    form = words.questionnaires.get(row.form_id)
    names = {question.name for question in form.questions if question.type == "select_multiple"} if form else set()
    return row.question in names


def _levels(words: Asked, form_id: str) -> dict[str, Mapping[str, int]]:
    form = words.questionnaires.get(form_id)
    return {question.name: {name: level for level, name in enumerate(question.choices.substantive, start=1)}
            for question in (form.questions if form else ()) if question.factor}


def of_source(source: SourceRow) -> Key:
    return source.unit_code, source.respondent_group, source.form_id, source.question


def _decide(questions: Iterable[Question], rule: DisclosureRule) -> tuple[Suppression, ...]:
    """Decides every question, those with the same answers and figures at once."""
    alike: dict[tuple, list[Question]] = {}
    several: list[Question] = []
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


def _decide_alike(questions: Sequence[Question], rule: DisclosureRule) -> Suppression:
    answers = [row.answer for row in questions[0].valid]
    figures = [Figure(f"mean {number}", {answer: float(dict(means).get(answer, 0)) for answer in answers}, (None,))
               for number, means in enumerate(questions[0].means)]
    top = []
    if questions[0].levels:
        levels = {answer: questions[0].levels.get(answer, 0) for answer in answers}
        figures.append(Figure(MEAN, levels, (None,)))
        satisfied = {answer: float(level >= questions[0].satisfied_from) for answer, level in levels.items()}
        top = [Figure(TOP_TWO, satisfied, (None,))]
    counts = [(number, row.answer, row.n) for number, question in enumerate(questions) for row in question.valid]
    before = _protected(counts, rule)
    place = {(table, answer): at for at, (table, answer) in enumerate(before.tables.keys.itertuples(index=False, name=None))}
    cells = np.array([[place[number, answer] for answer in answers] for number in range(len(questions))])
    totals = np.array([place[number, TOTAL] for number in range(len(questions))])
    by, least = before.hidden_by.copy(), before.floor.copy()
    needed = np.where(before.primary, rule.protection_range, np.where(before.hidden, 1, 0))
    open_rows = np.ones(len(questions), dtype=bool)
    kept = [figures] * len(questions)
    for attempt in ([*figures, *top], figures) if top else (figures,):
        if not attempt:
            break
        beside = figures_beside(before, attempt, "figures", valid_known=True)
        status = beside.table().query("figure == @attempt[0].name").set_index("0")["status"]
        holds = open_rows & (status.reindex(range(len(questions))) == "shown").to_numpy()
        by[cells[holds]] = beside.suppression.hidden_by[cells[holds]]
        least[cells[holds]] = beside.suppression.floor[cells[holds]]
        for number in np.flatnonzero(holds):
            kept[number] = attempt
        if attempt is figures and top:
            for number in np.flatnonzero(holds):
                questions[number].telling.add(TOP_TWO)
        open_rows &= ~holds
    after = replace(before, hidden_by=by, floor=least)
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
            question.moves = (count, hidden, least[cells[number]], needed[cells[number]], scores_kept)
    return after


def _protected(rows: list[tuple], rule: DisclosureRule) -> Suppression:
    frame = pd.DataFrame(rows, columns=["0", "answer", "count"])
    return protect(tabulate(frame, "answer", by=["0"]), rule)


def _decide_several(questions: Sequence[Question], rule: DisclosureRule) -> Suppression:
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


def _two_places(se: float, low: float | None, high: float | None) -> tuple:
    return tuple(None if value is None else round(value, PLACES) for value in (se, low, high))


def _wider_interval(se: float, low: float | None, high: float | None) -> tuple:
    """The interval alone, from its ends at two places outwards, so that it is never surer."""
    _se, low, high = _two_places(se, low, high)
    scale = 10**FEWER_PLACES
    return None, None if low is None else floor(round(low * scale, 6)) / scale, (
        None if high is None else ceil(round(high * scale, 6)) / scale)


def _no_precision(se: float, low: float | None, high: float | None) -> tuple:
    return None, None, None


#: each tells no more than the one before
PRINTED = (_two_places, _wider_interval, _no_precision)


def _coarse(question: Question, of_leaf: Mapping[tuple[str, str], LeafRow], rule: DisclosureRule) -> int:
    if question.moves is None:
        return len(PRINTED) - 1 if question.mean_hidden or question.few else 0
    count, hidden, least, needed, kept = question.moves
    precisions = []
    for source in question.sources:
        leaf = of_leaf[source.unit_code, source.leaf_code]
        if source.effective_share and leaf.se is not None:
            coefficients = np.array([float(source.coefficients.get(row.answer, 0)) for row in question.valid])
            precisions.append(Precision(coefficients, float(leaf.max_points) * float(source.effective_share), leaf.se, leaf.low,
                                        leaf.high))
    if not precisions:
        return 0
    for place, printed in enumerate(PRINTED[:-1]):
        if precision_stays(count, hidden, least, needed, kept, precisions, printed, rule.protection_range):
            return place
    return len(PRINTED) - 1
