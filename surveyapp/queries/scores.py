"""Score runs read back: the one place from which pages, CSV and PDF take their numbers, so that they are the same ones."""

from collections.abc import Iterable
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import aliased

from analysis.index.rounding import Rounding, round_once
from surveyapp.errors import NotFound
from surveyapp.extensions import db
from surveyapp.formatters import collation_key
from surveyapp.models import (
    AnswerCount,
    Campaign,
    LeafScore,
    NeighbourDifference,
    RankScenario,
    SatisfactionScore,
    ScoreRun,
    SourceScore,
    UnitGroup,
    UnitScore,
)
from surveyapp.queries import asked
from surveyapp.queries.asked import Asked
from surveyapp.queries.score_rows import (
    AnswerRow,
    AreaRow,
    GroupRow,
    LeafRow,
    NeighbourRow,
    Run,
    SatisfactionRow,
    ScenarioRow,
    SourceRow,
    UnitResult,
    UnitRow,
    frozen,
    tidy,
)
from surveyapp.result_wording import FACTORS, MEASURES, MISSING
from surveyapp.wording import respondent_group_name

BLANK = MISSING["blank"].capitalize()


def run_of(run_id: int) -> Run:
    row = db.session.execute(select(ScoreRun, Campaign).join(Campaign, Campaign.id == ScoreRun.campaign_id)
                             .where(ScoreRun.id == run_id)).first()
    if row is None:
        raise NotFound(f"Không có lượt chấm số {run_id}.")
    return _run(*row)


def runs() -> list[Run]:
    """All runs, the newest first."""
    rows = db.session.execute(select(ScoreRun, Campaign).join(Campaign, Campaign.id == ScoreRun.campaign_id)
                              .order_by(ScoreRun.id.desc()))
    return [_run(*row) for row in rows]


def newest_run_of_year(year: int) -> Run | None:
    return next((run for run in runs() if run.year == year), None)


def newest_run_id(campaign_code: str) -> int | None:
    return next((run.id for run in runs() if run.campaign_code == campaign_code), None)


def unit_codes(run_id: int) -> list[str]:
    """Units of the run in the order of its groups, then Vietnamese order of their names."""
    return [unit.unit_code for group in groups(run_of(run_id)) for unit in by_name(group.units)]


def groups(run: Run, words: Asked | None = None) -> tuple[GroupRow, ...]:
    """The run's unit groups, each with its units: ranked ones by rank, then the others by name."""
    words = words or asked.of_campaign(run.campaign_id)
    units: dict[str, list[UnitRow]] = {}
    for row in db.session.scalars(select(UnitScore).where(UnitScore.run_id == run.id)):
        units.setdefault(row.unit_group, []).append(_unit(row, words))
    known = db.session.scalars(select(UnitGroup).where(UnitGroup.code.in_(units)).order_by(UnitGroup.position, UnitGroup.code))
    pairs = neighbours(run)
    return tuple(_group(group, units[group.code], words, pairs) for group in known)


def group_of(run: Run, code: str, words: Asked | None = None) -> GroupRow:
    for group in groups(run, words):
        if group.code == code:
            return group
    raise NotFound(f"Lượt chấm số {run.id} không có nhóm đơn vị “{code}”.")


def unit_of(run: Run, unit_code: str, words: Asked | None = None) -> UnitRow:
    row = db.session.get(UnitScore, (run.id, unit_code))
    if row is None:
        raise NotFound(f"Lượt chấm số {run.id} không có đơn vị “{unit_code}”.")
    return _unit(row, words or asked.of_campaign(run.campaign_id))


def unit_result(run: Run, unit_code: str, words: Asked | None = None) -> UnitResult:
    """All that one unit's page and report show."""
    words = words or asked.of_campaign(run.campaign_id)
    unit = unit_of(run, unit_code, words)
    group = group_of(run, unit.unit_group, words)
    own_leaves = tuple(leaves(run, words, unit))
    return UnitResult(
        unit=unit, group=group, leaves=own_leaves, areas=areas_of(own_leaves, rounding_of(words, unit.unit_group)),
        sources=tuple(sources(run, words, unit_code)), answers=tuple(answers(run, words, unit_code)),
        satisfaction=tuple(satisfaction(run, unit_code)), scenarios=tuple(scenarios(run, unit_code)))


def neighbours(run: Run) -> list[NeighbourRow]:
    """Pairs of neighbours of every group, each group from the top down."""
    upper, lower = aliased(UnitScore), aliased(UnitScore)
    chosen = (
        select(NeighbourDifference, upper.unit_name, lower.unit_name)
        .join(upper, (upper.run_id == NeighbourDifference.run_id) & (upper.unit_code == NeighbourDifference.unit_code))
        .join(lower, (lower.run_id == NeighbourDifference.run_id) & (lower.unit_code == NeighbourDifference.next_unit_code))
        .where(NeighbourDifference.run_id == run.id)
        .order_by(upper.unit_group, NeighbourDifference.position))
    return [frozen(NeighbourRow, row, unit_name=name, next_unit_name=next_name)
            for row, name, next_name in db.session.execute(chosen)]


def scenarios(run: Run, unit_code: str | None = None) -> list[ScenarioRow]:
    chosen = select(RankScenario).where(RankScenario.run_id == run.id).order_by(RankScenario.unit_code, RankScenario.position)
    if unit_code is not None:
        chosen = chosen.where(RankScenario.unit_code == unit_code)
    return [frozen(ScenarioRow, row, group_name=respondent_group_name(row.respondent_group) if row.respondent_group else "")
            for row in db.session.scalars(chosen)]


def leaves(run: Run, words: Asked, unit: UnitRow | None = None) -> list[LeafRow]:
    """Leaves of one unit, or of all units by unit and position."""
    chosen = select(LeafScore, UnitScore.unit_group).join(
        UnitScore, (UnitScore.run_id == LeafScore.run_id) & (UnitScore.unit_code == LeafScore.unit_code)
    ).where(LeafScore.run_id == run.id).order_by(LeafScore.unit_code, LeafScore.position)
    if unit is not None:
        chosen = chosen.where(LeafScore.unit_code == unit.unit_code)
    return [frozen(LeafRow, row, area_name=words.area_name(unit_group, row.area_code),
                   area_lead=words.area_lead(unit_group, row.area_code), max_points=tidy(row.max_points),
                   self_scored=tidy(row.self_scored), points=tidy(row.points, rounding_of(words, unit_group).places))
            for row, unit_group in db.session.execute(chosen)]


def sources(run: Run, words: Asked, unit_code: str | None = None) -> list[SourceRow]:
    chosen = select(SourceScore).where(SourceScore.run_id == run.id).order_by(
        SourceScore.unit_code, SourceScore.leaf_code, SourceScore.respondent_group, SourceScore.question)
    if unit_code is not None:
        chosen = chosen.where(SourceScore.unit_code == unit_code)
    return [frozen(SourceRow, row, group_name=respondent_group_name(row.respondent_group),
                   question_label=words.question_label(row.form_id, row.question),
                   share=Fraction(row.share), effective_share=Fraction(row.effective_share),
                   mean=None if row.mean_exact is None else Fraction(row.mean_exact),
                   coefficients={answer: Fraction(value) for answer, value in row.coefficients.items()})
            for row in db.session.scalars(chosen)]


def answers(run: Run, words: Asked, unit_code: str | None = None) -> list[AnswerRow]:
    """Counts of answers: questions in the questionnaire's order, answers in their own."""
    chosen = select(AnswerCount).where(AnswerCount.run_id == run.id)
    if unit_code is not None:
        chosen = chosen.where(AnswerCount.unit_code == unit_code)
    order: dict[tuple[str, str], int] = {}
    rows = []
    for row in db.session.scalars(chosen):
        place = (row.form_id, row.question)
        if place not in order:
            order[place] = words.question_order(*place)
        rows.append(frozen(AnswerRow, row, group_name=respondent_group_name(row.respondent_group),
                           question_label=words.question_label(*place), factor=words.factor(*place),
                           answer_label=_answer_label(words, row), weighted=tidy(row.weighted)))
    return sorted(rows, key=lambda row: (row.unit_code, row.form_id, order[row.form_id, row.question], row.question,
                                         row.respondent_group, row.position, row.answer))


def satisfaction(run: Run, unit_code: str | None = None) -> list[SatisfactionRow]:
    chosen = select(SatisfactionScore).where(SatisfactionScore.run_id == run.id)
    if unit_code is not None:
        chosen = chosen.where(SatisfactionScore.unit_code == unit_code)
    rows = [frozen(SatisfactionRow, row, group_name=respondent_group_name(row.respondent_group))
            for row in db.session.scalars(chosen)]
    return sorted(rows, key=satisfaction_order)


def satisfaction_order(row: SatisfactionRow) -> tuple:
    return (row.unit_code, row.respondent_group, _place(list(FACTORS), row.factor), row.factor,
            _place(list(MEASURES), row.measure))


def areas_of(own_leaves: Iterable[LeafRow], rounding: Rounding) -> tuple[AreaRow, ...]:
    """Points by area: exact sums of the leaves, rounded once; an area with a leaf that has no points has none either."""
    by_area: dict[str, list[LeafRow]] = {}
    for leaf in own_leaves:
        by_area.setdefault(leaf.area_code, []).append(leaf)

    def part(some: list[LeafRow]):
        if any(leaf.points is None for leaf in some):
            return None
        return round_once(sum((leaf.exact for leaf in some), Fraction(0)), rounding)

    return tuple(
        AreaRow(code=code, name=some[0].area_name, lead=some[0].area_lead, points=part(some),
                max_points=sum(leaf.max_points for leaf in some),
                appraised=part([leaf for leaf in some if leaf.kind == "appraised"]),
                survey=part([leaf for leaf in some if leaf.kind == "survey"]),
                appraised_max=sum(leaf.max_points for leaf in some if leaf.kind == "appraised"),
                survey_max=sum(leaf.max_points for leaf in some if leaf.kind == "survey"),
                leaves=tuple(some))
        for code, some in by_area.items())


def rounding_of(words: Asked, unit_group: str) -> Rounding:
    framework = words.frameworks.get(unit_group)
    return framework.rounding if framework else Rounding(2)


def by_name(units: Iterable[UnitRow]) -> list[UnitRow]:
    return sorted(units, key=lambda unit: (collation_key(unit.unit_name), unit.unit_code))


def _run(row: ScoreRun, campaign: Campaign) -> Run:
    return frozen(Run, row, campaign_code=campaign.code, campaign_name=campaign.name, year=campaign.year,
                  opens_on=campaign.opens_on, closes_on=campaign.closes_on)


def _group(group: UnitGroup, units: list[UnitRow], words: Asked, pairs: Iterable[NeighbourRow]) -> GroupRow:
    rounding, framework = rounding_of(words, group.code), words.frameworks.get(group.code)
    ranked = sorted((unit for unit in units if unit.rank is not None),
                    key=lambda unit: (unit.rank, collation_key(unit.unit_name), unit.unit_code))
    others = by_name(unit for unit in units if unit.rank is None)
    codes = {unit.unit_code for unit in ranked}

    def mean(values: list):
        known = [Fraction(value) for value in values if value is not None]
        return round_once(sum(known) / len(known), rounding) if known else None

    return GroupRow(
        code=group.code, name=group.name, ranked=tuple(ranked), not_ranked=tuple(others),
        framework_name=framework.name if framework else "", illustrative=bool(framework and framework.illustrative),
        framework_sha256=words.framework_hashes.get(group.code, ""),
        mean_percent=mean([unit.percent_exact for unit in ranked]), mean_total=mean([unit.total_exact for unit in ranked]),
        mean_survey=mean([unit.survey_exact for unit in ranked]), mean_appraised=mean([unit.appraised for unit in ranked]),
        neighbours=tuple(pair for pair in pairs if pair.unit_code in codes))


def _unit(row: UnitScore, words: Asked) -> UnitRow:
    places = rounding_of(words, row.unit_group).places
    rounded = {name: tidy(getattr(row, name), places) for name in ("survey", "total", "percent", "appraised", "self_scored")}
    return frozen(UnitRow, row, appraised_max=tidy(row.appraised_max), survey_max=tidy(row.survey_max), **rounded)


def _answer_label(words: Asked, row: AnswerCount) -> str:
    if row.missing == "blank":
        return BLANK
    return words.answer_label(row.form_id, row.question, row.answer)


def _place(known: list[str], code: str) -> int:
    return known.index(code) if code in known else len(known)
