"""Appraised points that came from a file, and score runs: hashes of all that went in, and what came out of it."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Float, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.models.base import Base, Code, Hash, Json, LongText, Name


class AppraisedPoints(Base):
    __tablename__ = "appraised_points"
    __table_args__ = (
        CheckConstraint("appraised >= 0", name="appraised_not_negative"),
        CheckConstraint("self_scored >= 0", name="self_scored_not_negative"),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    leaf_code: Mapped[str] = mapped_column(Code, primary_key=True)
    self_scored: Mapped[Decimal | None]
    appraised: Mapped[Decimal]


class ScoreRun(Base):
    """Same dataset, days, frameworks, rules, policy and code version: the same result, to the last byte (`result_sha256`)."""

    __tablename__ = "score_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    made_at: Mapped[datetime]
    dataset_sha256: Mapped[str] = mapped_column(Hash)
    frameworks_sha256: Mapped[str] = mapped_column(Hash)
    appraised_sha256: Mapped[str] = mapped_column(Hash)
    #: of the counts of forms by unit and day; None in runs made before they were looked at
    days_sha256: Mapped[str | None] = mapped_column(Hash)
    result_sha256: Mapped[str] = mapped_column(Hash)
    code_version: Mapped[str] = mapped_column(Code)
    #: what was chosen for this run: services/score.py, Policy
    policy: Mapped[dict] = mapped_column(Json)
    responses: Mapped[int]
    ratings: Mapped[int]


class UnitScore(Base):
    """One unit in one run. Exact values are fractions as text ("1234/100"); rounded ones follow the framework's rule."""

    __tablename__ = "unit_scores"

    run_id: Mapped[int] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    unit_group: Mapped[str] = mapped_column(ForeignKey("unit_groups.code"), index=True)
    unit_name: Mapped[str] = mapped_column(Name)
    #: ok | incomplete (appraised points missing) | insufficient (too few ratings for a survey criterion)
    status: Mapped[str] = mapped_column(Code)
    #: one Vietnamese sentence for a person, "" when status is ok
    note: Mapped[str] = mapped_column(LongText, default="")
    self_scored: Mapped[Decimal | None]
    appraised: Mapped[Decimal | None]
    appraised_max: Mapped[Decimal]
    survey: Mapped[Decimal | None]
    survey_exact: Mapped[str | None] = mapped_column(LongText)
    survey_max: Mapped[Decimal]
    survey_se: Mapped[float | None] = mapped_column(Float)
    survey_low: Mapped[float | None] = mapped_column(Float)
    survey_high: Mapped[float | None] = mapped_column(Float)
    design_effect: Mapped[float | None] = mapped_column(Float)
    degrees_of_freedom: Mapped[float | None] = mapped_column(Float)
    #: respondents whose answers count for this unit's survey component
    respondents: Mapped[int]
    total: Mapped[Decimal | None]
    total_exact: Mapped[str | None] = mapped_column(LongText)
    total_low: Mapped[float | None] = mapped_column(Float)
    total_high: Mapped[float | None] = mapped_column(Float)
    percent: Mapped[Decimal | None]
    band: Mapped[str | None] = mapped_column(Code)
    rank: Mapped[int | None]
    #: with the run's confidence the unit's rank lies between these two
    rank_low: Mapped[int | None]
    rank_high: Mapped[int | None]
    #: half-width in percentage points of a proportion's interval at the achieved n (p = 1/2), by respondent group
    margins: Mapped[dict] = mapped_column(Json)
    # what follows is NULL in runs made before it was measured, and where it cannot be: see services/run_certainty.py
    #: with the run's confidence the ranks of all units of the group lie between these two at once
    rank_all_low: Mapped[int | None]
    rank_all_high: Mapped[int | None]
    #: mean and median rank over draws of all units' scores within their sampling errors
    rank_expected: Mapped[float | None] = mapped_column(Float)
    rank_median: Mapped[int | None]
    #: share of the draws in which the unit is among the first `top` (the policy's), and in the upper half of its group
    top_probability: Mapped[float | None] = mapped_column(Float)
    upper_half_probability: Mapped[float | None] = mapped_column(Float)
    #: [{"band": "A", "probability": 0.02}, ...], best band first
    band_probabilities: Mapped[list | None] = mapped_column(Json)
    #: best and worst rank when the declared rule is varied (rank_scenarios), and in which share of the scenarios it stays
    rank_best: Mapped[int | None]
    rank_worst: Mapped[int | None]
    rank_stays: Mapped[float | None] = mapped_column(Float)


class NeighbourDifference(Base):
    """Two units that follow each other in one group's order: how far apart, and whether that is more than sampling error."""

    __tablename__ = "neighbour_differences"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "unit_code"], ["unit_scores.run_id", "unit_scores.unit_code"],
                             name="fk_neighbour_differences_upper"),
        ForeignKeyConstraint(["run_id", "next_unit_code"], ["unit_scores.run_id", "unit_scores.unit_code"],
                             name="fk_neighbour_differences_next"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    #: the upper one
    unit_code: Mapped[str] = mapped_column(Code, primary_key=True)
    next_unit_code: Mapped[str] = mapped_column(Code)
    #: from the top of the group, 0 first
    position: Mapped[int]
    #: percentage points of the index
    difference: Mapped[float] = mapped_column(Float)
    se: Mapped[float] = mapped_column(Float)
    p: Mapped[float] = mapped_column(Float)
    #: adjusted by Holm over the group's pairs
    p_holm: Mapped[float] = mapped_column(Float)
    differs: Mapped[bool]


class RankScenario(Base):
    """One unit's rank if the declared rule were another one, with the same answers."""

    __tablename__ = "rank_scenarios"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "unit_code"], ["unit_scores.run_id", "unit_scores.unit_code"],
                             name="fk_rank_scenarios_unit"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(Code, primary_key=True)
    #: without_group | equal_shares | more_share | less_share | linear
    scenario: Mapped[str] = mapped_column(Code, primary_key=True)
    #: whose share it is about, "" where it is about none
    respondent_group: Mapped[str] = mapped_column(Code, primary_key=True)
    position: Mapped[int]
    #: None where the unit has no score then
    rank: Mapped[int | None]


class LeafScore(Base):
    """One unit x leaf (criterion or sub-criterion that carries points) in one run."""

    __tablename__ = "leaf_scores"

    run_id: Mapped[int] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    leaf_code: Mapped[str] = mapped_column(Code, primary_key=True)
    #: order within the framework
    position: Mapped[int]
    area_code: Mapped[str] = mapped_column(Code)
    leaf_name: Mapped[str] = mapped_column(LongText)
    kind: Mapped[str] = mapped_column(Code)
    max_points: Mapped[Decimal]
    self_scored: Mapped[Decimal | None]
    points: Mapped[Decimal | None]
    points_exact: Mapped[str | None] = mapped_column(LongText)
    #: ok | spread | insufficient | incomplete
    status: Mapped[str] = mapped_column(Code)
    se: Mapped[float | None] = mapped_column(Float)
    low: Mapped[float | None] = mapped_column(Float)
    high: Mapped[float | None] = mapped_column(Float)
    design_effect: Mapped[float | None] = mapped_column(Float)
    ratings: Mapped[int]


class SourceScore(Base):
    """One respondent group's part in a survey leaf: the counts behind the point, from which it can be recomputed by hand."""

    __tablename__ = "source_scores"

    run_id: Mapped[int] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    leaf_code: Mapped[str] = mapped_column(Code, primary_key=True)
    respondent_group: Mapped[str] = mapped_column(Code, primary_key=True)
    form_id: Mapped[str] = mapped_column(Code, primary_key=True)
    question: Mapped[str] = mapped_column(Code, primary_key=True)
    #: fractions as text
    share: Mapped[str] = mapped_column(Code)
    effective_share: Mapped[str] = mapped_column(LongText)
    mean_exact: Mapped[str | None] = mapped_column(LongText)
    ratings: Mapped[int]
    minimum_n: Mapped[int]
    coefficients: Mapped[dict] = mapped_column(Json)


class AnswerCount(Base):
    """How often each answer was given: unit x group x question x answer (kinds of missing included)."""

    __tablename__ = "answer_counts"

    run_id: Mapped[int] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    respondent_group: Mapped[str] = mapped_column(Code, primary_key=True)
    form_id: Mapped[str] = mapped_column(Code, primary_key=True)
    question: Mapped[str] = mapped_column(Code, primary_key=True)
    answer: Mapped[str] = mapped_column(Code, primary_key=True)
    #: "" for an answer, else the kind of missing
    missing: Mapped[str] = mapped_column(Code, default="")
    position: Mapped[int]
    n: Mapped[int]
    #: sum of weights, exact
    weighted: Mapped[Decimal]


class SatisfactionScore(Base):
    """Satisfaction by unit and factor ("overall" for all of them): two measures, each named, never mixed."""

    __tablename__ = "satisfaction_scores"

    run_id: Mapped[int] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    respondent_group: Mapped[str] = mapped_column(Code, primary_key=True)
    factor: Mapped[str] = mapped_column(Code, primary_key=True)
    #: top_two (share of satisfied and very satisfied, percent) | mean_100 (mean on 0-100)
    measure: Mapped[str] = mapped_column(Code, primary_key=True)
    value: Mapped[float] = mapped_column(Float)
    se: Mapped[float | None] = mapped_column(Float)
    low: Mapped[float | None] = mapped_column(Float)
    high: Mapped[float | None] = mapped_column(Float)
    n: Mapped[int]


class QualitySign(Base):
    """One sign of doubtful forms, one unit, one questionnaire: how many forms were looked at and how many have the sign."""

    __tablename__ = "quality_signs"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "unit_code"], ["unit_scores.run_id", "unit_scores.unit_code"],
                             name="fk_quality_signs_unit"),
        CheckConstraint("flagged <= forms", name="flagged_among_the_forms"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(Code, primary_key=True)
    form_id: Mapped[str] = mapped_column(Code, primary_key=True)
    #: services/quality_rules.py, SIGNS
    sign: Mapped[str] = mapped_column(Code, primary_key=True)
    position: Mapped[int]
    forms: Mapped[int]
    #: None for a sign that marks no single form
    flagged: Mapped[int | None]
    #: of such a sign: mean consistency of halves; intraclass correlation of places, with its interval
    value: Mapped[float | None] = mapped_column(Float)
    low: Mapped[float | None] = mapped_column(Float)
    high: Mapped[float | None] = mapped_column(Float)


class QualityEffect(Base):
    """One unit scored once more without the forms that have a sign. The official score counts them all."""

    __tablename__ = "quality_effects"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "unit_code"], ["unit_scores.run_id", "unit_scores.unit_code"],
                             name="fk_quality_effects_unit"),
        CheckConstraint("flagged <= forms", name="flagged_among_the_forms"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("score_runs.id"), primary_key=True)
    unit_code: Mapped[str] = mapped_column(Code, primary_key=True)
    forms: Mapped[int]
    flagged: Mapped[int]
    #: survey points and their status without the flagged forms; None where too few are left
    survey: Mapped[Decimal | None]
    status: Mapped[str] = mapped_column(Code)
    #: a group of respondents fell below its minimum, so that the two results follow different rules
    changed_rule: Mapped[bool]
    #: survey points without minus with
    difference: Mapped[float | None] = mapped_column(Float)
    difference_se: Mapped[float | None] = mapped_column(Float)
    rank: Mapped[int | None]


class PublishedFigure(Base):
    """Figures that were printed before this software: kept as reported, never overwritten by what we recompute."""

    __tablename__ = "published_figures"
    __table_args__ = (UniqueConstraint("series", "code", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: province_component | province_component_mean | province_index | unit_group_mean | all_units_mean | unit_index
    series: Mapped[str] = mapped_column(Code)
    code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Name)
    year: Mapped[int]
    percent: Mapped[Decimal | None]
    rank: Mapped[int | None]
    note: Mapped[str] = mapped_column(LongText, default="")
