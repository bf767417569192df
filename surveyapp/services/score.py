"""A score run: the campaign's answers, frameworks and appraised points become points, ranks and their uncertainty.

Scoring is replay: nothing of an earlier run is read. What went in is named by hashes, what came out by one more, and the same
inputs under the same code and policy give the same result hash.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
from sqlalchemy import insert, select

from analysis.index import points
from analysis.index.framework import Framework
from analysis.index.ratings import Ratings
from questionnaires.model import Questionnaire
from surveyapp.errors import Refused
from surveyapp.extensions import db
from surveyapp.models import (
    AnswerCount,
    AppraisedPoints,
    Campaign,
    LeafScore,
    NeighbourDifference,
    QualityEffect,
    QualitySign,
    RankScenario,
    SatisfactionScore,
    ScoreRun,
    SourceScore,
    UnitScore,
)
from surveyapp.queries import campaigns, frameworks, ratings
from surveyapp.services import run_certainty, run_quality, run_rows
from surveyapp.services.quality_rules import QualityRules

TABLES = (UnitScore, LeafScore, SourceScore, AnswerCount, SatisfactionScore, NeighbourDifference, RankScenario,
          QualitySign, QualityEffect)


@dataclass(frozen=True)
class Policy:
    """What a run chooses; kept with the run and shown on its method page."""

    confidence: float = 0.95
    lonely_psu: str = "adjust"
    seed: int = 2024
    draws: int = 2000
    #: how many first places the probability of being among them is about
    top: int = 3
    #: by how much each respondent group's share is moved up and down to see how much the order hangs on it
    share_step: float = 0.1
    #: what counts as a sign of a doubtful form
    quality: QualityRules = QualityRules()

    def as_json(self) -> dict:
        return asdict(self)


def score_campaign(campaign_code: str, *, confidence: float = 0.95, lonely_psu: str = "adjust", seed: int = 2024,
                   draws: int = 2000, top: int = 3, share_step: float = 0.1,
                   quality: QualityRules | None = None) -> ScoreRun:
    """Score every unit of every framework of the campaign and keep the run.

    Raises NotFound (no such campaign), Refused (no framework, or no answer handed in).
    """
    policy = Policy(confidence, lonely_psu, seed, draws, top, share_step, quality or QualityRules())
    session = db.writing()
    campaign = campaigns.by_code(campaign_code)
    documents = frameworks.of_campaign(campaign.id)
    if not documents:
        raise Refused("Đợt điều tra này chưa gắn bộ chỉ số nào. Hãy khai báo bộ chỉ số cho đợt rồi chấm điểm.")
    data = ratings.dataset(campaign.id)
    if not data.responses:
        raise Refused("Đợt điều tra này chưa có phiếu trả lời nào. Hãy thu hoặc nhập phiếu rồi chấm điểm.")
    forms = ratings.asked(campaign.id)
    columns = ratings.ratings(data, forms, ratings.populations(campaign.id))
    appraised, days = _appraised(campaign.id), ratings.days(campaign.id)
    rows = _rows(campaign, documents, forms, columns, data, appraised, days, policy)
    run = ScoreRun(
        campaign_id=campaign.id, made_at=datetime.now(UTC).replace(tzinfo=None), dataset_sha256=data.sha256,
        frameworks_sha256=_hash({group: document.sha256 for group, document in documents.items()}),
        appraised_sha256=_hash(sorted([unit, leaf, *map(str, values)] for (unit, leaf), values in appraised.items())),
        days_sha256=_hash(days), result_sha256=_hash(rows), code_version=version("surveyapp"), policy=policy.as_json(),
        responses=len(data.responses), ratings=len(columns.ratings),
    )
    session.add(run)
    session.flush()
    for table in TABLES:
        of_table = [row | {"run_id": run.id} for row in rows[table.__tablename__]]
        if of_table:
            session.execute(insert(table), of_table)
    session.commit()
    return run


def _rows(campaign: Campaign, documents: Mapping, forms: Mapping[str, Questionnaire], columns: Ratings, data: ratings.Dataset,
          appraised: Mapping, days: Sequence, policy: Policy) -> dict[str, list[dict]]:
    rows: dict[str, list[dict]] = {table.__tablename__: [] for table in TABLES}
    of_groups = {group: campaigns.units_scored(campaign, group) for group in sorted(documents)}
    scored = {unit.code for units in of_groups.values() for unit in units}
    form_of = np.array([response.form_id for response in data.responses])
    quality = run_quality.of_run(forms, columns, form_of, days, scored, policy.quality, policy.confidence)
    rows["quality_signs"] = quality.signs
    for group, document in sorted(documents.items()):
        framework: Framework = frameworks.parsed(document)
        units = of_groups[group]
        codes = [unit.code for unit in units]
        scores = points.score(framework, columns, codes, confidence=policy.confidence, lonely_psu=policy.lonely_psu)
        totals = run_rows.totals(framework, codes, scores, appraised)
        sure = run_certainty.of_group(framework, totals, scores, policy)
        rows["unit_scores"] += run_rows.units(framework, units, totals, scores, columns, sure.units, policy)
        rows["quality_effects"] += run_quality.without_flagged(framework, codes, columns, scores, totals, quality, appraised,
                                                               policy)
        rows["neighbour_differences"] += sure.neighbours
        rows["rank_scenarios"] += sure.scenarios
        rows["leaf_scores"] += run_rows.leaves(framework, codes, scores, appraised)
        rows["source_scores"] += run_rows.sources(framework, scores)
    rows["answer_counts"] = run_rows.answer_counts(forms, columns, data, scored)
    rows["satisfaction_scores"] = run_rows.satisfaction(forms, columns, scored, policy)
    return rows


def _appraised(campaign_id: int) -> dict[tuple[str, str], tuple]:
    """(unit, leaf) -> (self-scored or None, appraised), exact."""
    rows = db.session.execute(
        select(AppraisedPoints.unit_code, AppraisedPoints.leaf_code, AppraisedPoints.self_scored, AppraisedPoints.appraised)
        .where(AppraisedPoints.campaign_id == campaign_id)
    )
    return {(unit, leaf): (self_scored, value) for unit, leaf, self_scored, value in rows}


def _hash(content) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
