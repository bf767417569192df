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

from sqlalchemy import insert, select

from analysis.index import points
from analysis.index.framework import Framework
from analysis.index.sums import RatingSums
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
from surveyapp.queries.frozen import Frozen
from surveyapp.queries.score_rows import DISCLOSURE
from surveyapp.services import freeze, run_certainty, run_quality, run_rows
from surveyapp.services.quality_rules import QualityRules

#: rows that are stored at a time
AT_A_TIME = 5_000
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
    #: what of the answers is published (queries/withheld.py): counts below the first are not, distributions and satisfaction on
    #: fewer people than the second neither, nor an answer that all of fewer people than the third gave; a hidden count must be
    #: left as many possible values as the fourth
    minimum_count: int = DISCLOSURE["minimum_count"]
    minimum_respondents: int = DISCLOSURE["minimum_respondents"]
    one_answer_below: int = DISCLOSURE["one_answer_below"]
    protection_range: int = DISCLOSURE["protection_range"]
    #: what counts as a sign of a doubtful form
    quality: QualityRules = QualityRules()

    def as_json(self) -> dict:
        return asdict(self)


def score_campaign(campaign_code: str, *, confidence: float = 0.95, lonely_psu: str = "adjust", seed: int = 2024,
                   draws: int = 2000, top: int = 3, share_step: float = 0.1,
                   quality: QualityRules | None = None, disclosure: Mapping[str, int] = DISCLOSURE) -> ScoreRun:
    """Score every unit of every framework of the campaign and keep the run.

    Raises NotFound (no such campaign), Refused (no framework, or no answer handed in).
    """
    policy = Policy(confidence, lonely_psu, seed, draws, top, share_step, **disclosure, quality=quality or QualityRules())
    session = db.writing()
    campaign = campaigns.by_code(campaign_code)
    documents = frameworks.of_campaign(campaign.id)
    if not documents:
        raise Refused("Đợt điều tra này chưa gắn bộ chỉ số nào. Hãy khai báo bộ chỉ số cho đợt rồi chấm điểm.")
    forms, appraised, days = ratings.asked(campaign.id), _appraised(campaign.id), ratings.days(campaign.id)
    with freeze.frozen(campaign.id, forms) as data:
        if not data.responses:
            raise Refused("Đợt điều tra này chưa có phiếu trả lời nào. Hãy thu hoặc nhập phiếu rồi chấm điểm.")
        sums = data.sums(ratings.missing_of(forms), ratings.populations(campaign.id))
        rows = _rows(campaign, documents, forms, sums, data, appraised, days, policy)
    run = ScoreRun(
        campaign_id=campaign.id, made_at=datetime.now(UTC).replace(tzinfo=None), dataset_sha256=data.sha256,
        frameworks_sha256=_hash({group: document.sha256 for group, document in documents.items()}),
        appraised_sha256=_hash(sorted([unit, leaf, *map(str, values)] for (unit, leaf), values in appraised.items())),
        days_sha256=_hash(days), result_sha256=_hash_of_rows(rows), code_version=version("surveyapp"), policy=policy.as_json(),
        responses=data.responses, ratings=sums.rows,
    )
    session.add(run)
    session.flush()
    for table in TABLES:
        of_table = rows[table.__tablename__]
        for first in range(0, len(of_table), AT_A_TIME):
            session.execute(insert(table.__table__), [row | {"run_id": run.id} for row in of_table[first : first + AT_A_TIME]])
    session.commit()
    return run


def _rows(campaign: Campaign, documents: Mapping, forms: Mapping[str, Questionnaire], sums: RatingSums, data: Frozen,
          appraised: Mapping, days: Sequence, policy: Policy) -> dict[str, list[dict]]:
    rows: dict[str, list[dict]] = {table.__tablename__: [] for table in TABLES}
    of_groups = {group: campaigns.units_scored(campaign, group) for group in sorted(documents)}
    scored = {unit.code for units in of_groups.values() for unit in units}
    quality = run_quality.of_run(forms, sums, days, scored, policy.quality, policy.confidence, data)
    rows["quality_signs"] = quality.signs
    for group, document in sorted(documents.items()):
        framework: Framework = frameworks.parsed(document)
        units = of_groups[group]
        codes = [unit.code for unit in units]
        scores = points.score(framework, sums, codes, confidence=policy.confidence, lonely_psu=policy.lonely_psu)
        totals = run_rows.totals(framework, codes, scores, appraised)
        sure = run_certainty.of_group(framework, totals, scores, policy)
        rows["unit_scores"] += run_rows.units(framework, units, totals, scores, sums, sure.units, policy)
        rows["quality_effects"] += run_quality.without_flagged(framework, codes, sums, scores, totals, quality, appraised,
                                                               policy)
        rows["neighbour_differences"] += sure.neighbours
        rows["rank_scenarios"] += sure.scenarios
        rows["leaf_scores"] += run_rows.leaves(framework, codes, scores, appraised)
        rows["source_scores"] += run_rows.sources(framework, scores)
    rows["answer_counts"] = run_rows.answer_counts(forms, sums, data, scored)
    rows["satisfaction_scores"] = run_rows.satisfaction(forms, sums, scored, policy)
    return rows


def _appraised(campaign_id: int) -> dict[tuple[str, str], tuple]:
    """(unit, leaf) -> (self-scored or None, appraised), exact."""
    rows = db.session.execute(
        select(AppraisedPoints.unit_code, AppraisedPoints.leaf_code, AppraisedPoints.self_scored, AppraisedPoints.appraised)
        .where(AppraisedPoints.campaign_id == campaign_id)
    )
    return {(unit, leaf): (self_scored, value) for unit, leaf, self_scored, value in rows}


def _hash_of_rows(rows: Mapping[str, list[dict]]) -> str:
    """The `_hash` of the rows, whose text never stands in memory as a whole."""
    digest = hashlib.sha256()
    for number, table in enumerate(sorted(rows)):
        digest.update(f"{',' if number else '{'}{_TEXT.encode(table)}:[".encode())
        for position, row in enumerate(rows[table]):
            digest.update(f"{',' if position else ''}{_TEXT.encode(row)}".encode())
        digest.update(b"]")
    digest.update(b"}")
    return digest.hexdigest()


def _hash(content) -> str:
    return hashlib.sha256(_TEXT.encode(content).encode()).hexdigest()


_TEXT = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
