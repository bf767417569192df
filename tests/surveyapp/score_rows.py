"""A score run of two unit groups as rows, consistent in itself: points follow from the counts, totals from the points.

Some units are incomplete or insufficient, some names are long, two are hostile.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import numpy as np

from analysis.index.document import load
from analysis.index.framework import Framework, Leaf
from analysis.index.rounding import round_once
from surveyapp.extensions import db
from surveyapp.models import (
    AnswerCount,
    Campaign,
    CampaignFramework,
    CampaignQuestionnaire,
    FrameworkDocument,
    LeafScore,
    NeighbourDifference,
    PublishedFigure,
    QualityEffect,
    QualitySign,
    QuestionnaireVersion,
    RankScenario,
    SatisfactionScore,
    ScoreRun,
    SourceScore,
    Unit,
    UnitGroup,
    UnitScore,
)
from surveyapp.services import quality_rules, run_certainty
from surveyapp.services.score import Policy

LIBRARY = Path(__file__).parents[2] / "questionnaires" / "library"
HOSTILE = '=HYPERLINK("http://x.invalid";"Sở Ngoại vụ")'
SCRIPT = '<script>alert("Sở Tư pháp")</script> & "con"'
LONG = "Ban Quản lý các Khu công nghiệp tỉnh"
DEPARTMENTS = [
    ("so-noi-vu", "Sở Nội vụ"), ("so-ke-hoach-dau-tu", "Sở Kế hoạch và Đầu tư"), ("so-tai-chinh", "Sở Tài chính"),
    ("ban-khu-cong-nghiep", LONG), ("so-nong-nghiep", "Sở Nông nghiệp và Phát triển nông thôn"),
    ("so-lao-dong", "Sở Lao động - Thương binh và Xã hội"), ("hostile-formula", HOSTILE), ("hostile-script", SCRIPT),
    ("so-y-te", "Sở Y tế"), ("so-xay-dung", "Sở Xây dựng"), ("so-thong-tin", "Sở Thông tin và Truyền thông"),
    ("so-giao-duc", "Sở Giáo dục và Đào tạo"), ("van-phong", "Văn phòng Ủy ban nhân dân tỉnh"), ("thanh-tra", "Thanh tra tỉnh"),
]
DISTRICTS = [
    ("tp-soc-trang", "Ủy ban nhân dân thành phố Sóc Trăng"), ("vinh-chau", "Ủy ban nhân dân thị xã Vĩnh Châu"),
    ("nga-nam", "Ủy ban nhân dân thị xã Ngã Năm"), ("ke-sach", "Ủy ban nhân dân huyện Kế Sách"),
    ("my-xuyen", "Ủy ban nhân dân huyện Mỹ Xuyên"), ("cu-lao-dung", "Ủy ban nhân dân huyện Cù Lao Dung"),
]
#: units with other counts of flagged forms than most: too few to be shown, and none
TWO_FLAGGED, NONE_FLAGGED = "so-xay-dung", "so-tai-chinh"
INCOMPLETE, INSUFFICIENT = {"so-y-te", "ke-sach"}, {"thanh-tra"}
SATISFACTION = {"access": ("access_place", "access_information"), "procedures": ("procedures_posted", "procedures_time"),
                "staff": (), "result": (), "feedback": ()}
POLICY = Policy()
SCENARIOS = [("without_group", "citizens"), ("without_group", "leaders"), ("without_group", "officials"), ("equal_shares", ""),
             ("more_share", "leaders"), ("less_share", "leaders"), ("linear", "")]
LEVELS5 = {"1": Fraction(0), "2": Fraction(1, 4), "3": Fraction(1, 2), "4": Fraction(3, 4), "5": Fraction(1)}


def framework_text(unit_group: str, name: str) -> str:
    official = [("officials", "3/5"), ("leaders", "2/5")]

    def survey(code: str, words: str, points: str, question: str) -> str:
        sources = "".join(f"\n          - {{group: {group}, share: {share}, questionnaire: official, question: {question}, "
                          "coefficients: quality4}" for group, share in official)
        return (f"\n      - code: {code}\n        name: {words}\n        kind: survey\n        max_points: {points}"
                f"\n        rule:\n          sources:{sources.replace(chr(10) + '          -', chr(10) + '            -')}")

    citizen = ("\n      - code: 3.2\n        name: Mức độ hài lòng của người dân đối với sự phục vụ\n        kind: survey"
               "\n        max_points: 20\n        rule:\n          sources:\n            - {group: citizens, share: 1, "
               "questionnaire: citizen, question: overall_satisfaction, coefficients: satisfaction5}")
    return f"""unit_group: {unit_group}
year: 2024
name: {name}
illustrative: yes
rounding: {{places: 2, mode: half_even}}
bands:
  - {{name: A, at_least: 90}}
  - {{name: B, at_least: 80}}
  - {{name: C, at_least: 70}}
  - {{name: D, at_least: 0}}
declared: {{areas: 3, criteria: 9, sub_criteria: 10, appraised_points: 60, survey_points: 40}}
coefficients:
  quality4: {{"4": 1, "3": 3/5, "2": 1/5, "1": 0}}
  satisfaction5: {{"5": 1, "4": 3/4, "3": 1/2, "2": 1/4, "1": 0}}
defaults: {{dont_know: exclude, minimum_n: 5, below_minimum: spread}}
areas:
  - code: "1"
    name: Công tác chỉ đạo, điều hành CCHC
    lead: Sở Nội vụ
    criteria:
      - code: 1.1
        name: Kế hoạch cải cách hành chính
        sub_criteria:
          - {{code: 1.1.1, name: Ban hành kế hoạch đúng thời hạn, kind: appraised, max_points: 10}}
          - {{code: 1.1.2, name: Mức độ hoàn thành kế hoạch, kind: appraised, max_points: 12.5}}{survey(
              "1.2", "Tác động của công tác chỉ đạo, điều hành đến cải cách hành chính", "7.5", "steering")}
  - code: "2"
    name: Xây dựng và nâng cao chất lượng đội ngũ cán bộ, công chức, viên chức
    lead: Sở Nội vụ
    criteria:
      - {{code: 2.1, name: Thực hiện quy định về tuyển dụng và bổ nhiệm, kind: appraised, max_points: 17.5}}{survey(
          "2.2", "Năng lực chuyên môn của công chức khi phối hợp công việc", "12.5", "staff")}
  - code: "3"
    name: Tác động của CCHC đến người dân, tổ chức và các chỉ tiêu phát triển kinh tế - xã hội của tỉnh
    lead: Sở Kế hoạch và Đầu tư
    criteria:
      - {{code: 3.1, name: Tỷ lệ hồ sơ giải quyết đúng hạn, kind: appraised, max_points: 20}}{citizen}
"""


@dataclass
class _Maker:
    run_id: int
    chance: random.Random

    def counts(self, answers: list[str], n: int, good: float) -> dict[str, int]:
        weights = [good ** abs(index - (len(answers) - 1.2)) for index in range(len(answers))]
        drawn = self.chance.choices(answers, weights, k=n)
        return {answer: drawn.count(answer) for answer in answers}


def make_run(*, year: int = 2024, code: str = "2024", seed: int = 7, policy: Mapping | None = None) -> int:
    """Insert everything and return the run's number. Once more with another year and code for a second campaign."""
    session = db.writing()
    _units(session)
    frameworks = _frameworks(session)
    campaign = Campaign(code=code, name=f"Điều tra xã hội học phục vụ Chỉ số CCHC năm {year}", year=year,
                        opens_on=date(year, 9, 1), closes_on=date(year, 10, 15), state="closed")
    session.add(campaign)
    session.flush()
    for document, _framework in frameworks:
        session.add(CampaignFramework(campaign_id=campaign.id, framework_id=document.id, unit_group=document.unit_group))
    for version in _questionnaires(session):
        session.add(CampaignQuestionnaire(campaign_id=campaign.id, questionnaire_version_id=version.id,
                                          form_id=version.form_id))
    run = ScoreRun(
        campaign_id=campaign.id, made_at=datetime(year, 11, 20, 3, 15), dataset_sha256=sha256(b"dataset").hexdigest(),
        frameworks_sha256=sha256(b"frameworks").hexdigest(), appraised_sha256=sha256(b"appraised").hexdigest(),
        days_sha256=sha256(b"days").hexdigest(), result_sha256=sha256(b"result").hexdigest(), code_version="0.1.0",
        policy=dict(policy or POLICY.as_json()), responses=1834, ratings=9120)
    session.add(run)
    session.flush()
    maker = _Maker(run.id, random.Random(seed))
    for (_document, framework), units in zip(frameworks, (DEPARTMENTS, DISTRICTS), strict=True):
        _score_group(session, maker, framework, units)
    session.commit()
    return run.id


def add_history() -> None:
    """The province's index and a few of the printed figures."""
    session = db.writing()
    for year, percent in ((2021, "87.54"), (2022, "84.10"), (2023, "85.00")):
        session.add(PublishedFigure(series="province_index", code="province", name="Tỉnh", year=year, percent=Decimal(percent),
                                    rank=18 if year == 2021 else None))
    session.commit()


def _units(session) -> None:
    if session.get(UnitGroup, "department"):
        return
    for position, (code, name) in enumerate((("department", "Sở, ban, ngành tỉnh"),
                                             ("district", "UBND huyện, thị xã, thành phố"))):
        session.add(UnitGroup(code=code, name=name, position=position))
    session.flush()
    for group, units in (("department", DEPARTMENTS), ("district", DISTRICTS)):
        session.add_all(Unit(code=code, name=name, group_code=group, valid_from=date(2000, 1, 1)) for code, name in units)
    session.flush()


def _frameworks(session) -> list[tuple[FrameworkDocument, Framework]]:
    result = []
    for group, name in (("department", "Bộ chỉ số CCHC cấp sở"), ("district", "Bộ chỉ số CCHC cấp huyện")):
        text = framework_text(group, name)
        digest = sha256(text.encode()).hexdigest()
        document = session.query(FrameworkDocument).filter_by(sha256=digest).one_or_none()
        if document is None:
            document = FrameworkDocument(unit_group=group, year=2024, revision=1, document=text, sha256=digest,
                                         imported_at=datetime(2024, 8, 1))
            session.add(document)
            session.flush()
        result.append((document, load(text.encode(), "khung.yaml")))
    return result


def _questionnaires(session) -> list[QuestionnaireVersion]:
    result = []
    for form_id in ("citizen", "official"):
        version = session.query(QuestionnaireVersion).filter_by(form_id=form_id).one_or_none()
        if version is None:
            text = (LIBRARY / f"{form_id}.yaml").read_text("utf-8")
            version = QuestionnaireVersion(form_id=form_id, version="2024.1", document=text,
                                           sha256=sha256(text.encode()).hexdigest(), imported_at=datetime(2024, 8, 1))
            session.add(version)
            session.flush()
        result.append(version)
    return result


def _score_group(session, maker: _Maker, framework: Framework, units: list[tuple[str, str]]) -> None:
    scored = [_score_unit(session, maker, framework, code, name) for code, name in units]
    complete = [unit for unit in scored if unit.total is not None]
    for unit in complete:
        unit.rank = 1 + sum(other.total > unit.total for other in complete)
    sure = run_certainty.Certainty({unit.unit_code: {} for unit in complete})
    run_certainty.standing(
        sure, [unit.unit_code for unit in complete], [float(unit.percent) for unit in complete],
        np.diag([unit.survey_se ** 2 for unit in complete]), [unit.degrees_of_freedom for unit in complete], framework.bands,
        POLICY)
    scenarios = []
    for unit in complete:
        for column, value in sure.units[unit.unit_code].items():
            setattr(unit, column, value)
        ranks = {scenario: min(max(unit.rank + maker.chance.randint(-1, 1), 1), len(complete)) for scenario in SCENARIOS}
        unit.rank_best, unit.rank_worst = min(ranks.values()), max(ranks.values())
        unit.rank_stays = sum(rank == unit.rank for rank in ranks.values()) / len(ranks)
        scenarios += [RankScenario(run_id=maker.run_id, unit_code=unit.unit_code, scenario=kind, respondent_group=group,
                                   position=position, rank=rank)
                      for position, ((kind, group), rank) in enumerate(ranks.items())]
    session.add_all(scored)
    session.flush()
    session.add_all(scenarios)
    session.add_all(NeighbourDifference(run_id=maker.run_id, **pair) for pair in sure.neighbours)
    _quality(session, maker, scored)
    session.flush()


def _quality(session, maker: _Maker, scored: list[UnitScore]) -> None:
    for unit in scored:
        flagged = {TWO_FLAGGED: 2, NONE_FLAGGED: 0}.get(unit.unit_code, maker.chance.randint(3, 14))
        for form_id, forms in (("citizen", 96), ("official", 25)):
            for sign in set(quality_rules.SIGNS) - {quality_rules.SPEED, *quality_rules.OF_UNITS}:
                hits = flagged if form_id == "citizen" and sign in (quality_rules.STRAIGHT_LINING, quality_rules.ANY) else 0
                session.add(_sign(maker, unit, form_id, sign, forms, hits))
        if unit.unit_code != NONE_FLAGGED:  # whose forms were all on paper
            session.add(_sign(maker, unit, "citizen", quality_rules.SPEED, 60, 0))
        session.add(_sign(maker, unit, "citizen", quality_rules.BURST, 96, 12 if flagged == 7 else 0))
        session.add(_sign(maker, unit, "citizen", quality_rules.EVEN_ODD, 80, None, value=maker.chance.uniform(-0.2, 0.4)))
        session.add(_sign(maker, unit, "official", quality_rules.PLACE, 25, None, value=0.05, low=-0.01, high=0.2))
        difference = None if unit.survey is None else -flagged / 40
        session.add(QualityEffect(
            run_id=maker.run_id, unit_code=unit.unit_code, forms=121, flagged=flagged, status="ok", changed_rule=False,
            survey=None if unit.survey is None else unit.survey + Decimal(str(difference)), difference=difference,
            difference_se=None if difference is None else flagged / 100, rank=unit.rank))


def _sign(maker: _Maker, unit: UnitScore, form_id: str, sign: str, forms: int, flagged: int | None, **values) -> QualitySign:
    return QualitySign(run_id=maker.run_id, unit_code=unit.unit_code, form_id=form_id, sign=sign,
                       position=quality_rules.position(sign), forms=forms, flagged=flagged, **values)


def _score_unit(session, maker: _Maker, framework: Framework, code: str, name: str) -> UnitScore:
    chance, good = maker.chance, maker.chance.uniform(0.35, 0.75)
    leaves = []
    for position, (area, _criterion, leaf) in enumerate(framework.walk()):
        row = LeafScore(run_id=maker.run_id, unit_code=code, leaf_code=leaf.code, position=position, area_code=area.code,
                        leaf_name=leaf.name, kind=leaf.kind, max_points=_decimal(leaf.max_points), status="ok", ratings=0)
        if leaf.kind == "survey":
            _survey_leaf(session, maker, framework, code, leaf, row, good)
        elif code in INCOMPLETE and leaf.code == "1.1.2":
            row.status, row.self_scored = "incomplete", _decimal(leaf.max_points)
        else:
            row.points = _decimal(leaf.max_points * chance.randint(13, 20) / 20)
            row.points_exact = str(Fraction(row.points))
            row.self_scored = min(_decimal(leaf.max_points), row.points + Decimal("0.5"))
        leaves.append(row)
    session.add_all(leaves)
    _satisfaction(session, maker, code, good)
    return _unit_score(maker, framework, code, name, leaves)


def _unit_score(maker: _Maker, framework: Framework, code: str, name: str, leaves: list[LeafScore]) -> UnitScore:
    survey = [leaf for leaf in leaves if leaf.kind == "survey"]
    appraised = [leaf for leaf in leaves if leaf.kind == "appraised"]
    row = UnitScore(
        run_id=maker.run_id, unit_code=code, unit_group=framework.unit_group, unit_name=name, status="ok", note="",
        appraised_max=Decimal(60), survey_max=Decimal(40), respondents=sum(leaf.ratings for leaf in survey) // 2,
        margins={"officials": {"n": 17, "population": None, "margin": 23.77},
                 "leaders": {"n": 8, "population": None, "margin": 34.65},
                 "citizens": {"n": 96, "population": 4100, "margin": 9.88}},
        self_scored=sum(leaf.self_scored for leaf in appraised))
    if all(leaf.points is not None for leaf in appraised):
        row.appraised = sum(leaf.points for leaf in appraised)
    else:
        row.status, row.note = "incomplete", "Chưa có điểm thẩm định của tiêu chí 1.1.2."
    if all(leaf.points is not None for leaf in survey):
        exact = sum(Fraction(leaf.points_exact) for leaf in survey)
        row.survey, row.survey_exact = round_once(exact, framework.rounding), str(exact)
        row.survey_se = sum(leaf.se ** 2 for leaf in survey) ** 0.5 * 1.2
        row.survey_low, row.survey_high = float(exact) - 2 * row.survey_se, float(exact) + 2 * row.survey_se
        row.design_effect, row.degrees_of_freedom = maker.chance.uniform(0.9, 2.4), float(maker.chance.randint(28, 160))
    else:
        row.status, row.note = "insufficient", "Tiêu chí 3.2 mới có 3 lượt đánh giá, cần ít nhất 5."
    if row.appraised is not None and row.survey is not None:
        exact = Fraction(row.appraised) + Fraction(row.survey_exact)
        row.total, row.total_exact = round_once(exact, framework.rounding), str(exact)
        row.total_low, row.total_high = float(exact) - 2 * row.survey_se, float(exact) + 2 * row.survey_se
        row.percent = row.total
        row.band = next(band.name for band in framework.bands if row.percent >= band.at_least)
    return row


def _survey_leaf(session, maker: _Maker, framework: Framework, code: str, leaf: Leaf, row: LeafScore, good: float) -> None:
    means, effective = [], []
    small = code in INSUFFICIENT and leaf.code == "3.2"
    few_leaders = code == "so-xay-dung" and leaf.code == "2.2"
    ns = [3 if small or (few_leaders and source.group == "leaders") else
          {"officials": 15, "leaders": 5, "citizens": 90}[source.group] + maker.chance.randint(0, 9)
          for source in leaf.rule.sources]
    enough = [n >= leaf.rule.minimum_n for n in ns]
    kept = sum((source.share for source, counts in zip(leaf.rule.sources, enough, strict=True) if counts), Fraction(0))
    for source, n, counts_in in zip(leaf.rule.sources, ns, enough, strict=True):
        answers = sorted(source.coefficients)
        counts = maker.counts(answers, n, good)
        mean = sum(count * source.coefficients[answer] for answer, count in counts.items()) / Fraction(n)
        share = source.share / kept if kept and counts_in else Fraction(0)
        means.append(mean)
        effective.append(share)
        session.add(SourceScore(
            run_id=maker.run_id, unit_code=code, leaf_code=leaf.code, respondent_group=source.group,
            form_id=source.questionnaire, question=source.question, share=str(source.share), effective_share=str(share),
            mean_exact=str(mean), ratings=n,
            minimum_n=leaf.rule.minimum_n, coefficients={answer: str(value) for answer, value in source.coefficients.items()}))
        kind = "dont_know" if source.questionnaire == "citizen" else "not_familiar"
        _answer_counts(session, maker, code, source.group, source.questionnaire, source.question, counts, kind)
        row.ratings += n
    if not kept:
        row.status = "insufficient"
        return
    exact = leaf.max_points * sum(share * mean for share, mean in zip(effective, means, strict=True))
    row.status = "ok" if all(enough) else "spread"
    row.points, row.points_exact = round_once(exact, framework.rounding), str(exact)
    row.se = float(leaf.max_points) * 0.3 / row.ratings ** 0.5
    row.low, row.high = float(exact) - 2 * row.se, float(exact) + 2 * row.se
    row.design_effect = maker.chance.uniform(0.9, 2.2)


def _answer_counts(session, maker: _Maker, code, group, form_id, question, counts: dict[str, int], kind: str) -> None:
    rows = [*((answer, "", n) for answer, n in counts.items()), (kind, kind, maker.chance.randint(0, 6)), ("", "blank", 1)]
    for position, (answer, missing, n) in enumerate(rows):
        session.add(AnswerCount(run_id=maker.run_id, unit_code=code, respondent_group=group, form_id=form_id, question=question,
                                answer=answer, missing=missing, position=position, n=n, weighted=Decimal(n)))


def _satisfaction(session, maker: _Maker, code: str, good: float) -> None:
    n = maker.chance.randint(60, 120)
    for factor in ("access", "procedures", "staff", "result", "feedback", "overall"):
        for question in SATISFACTION.get(factor, ()):
            counts = maker.counts(list(LEVELS5), n, good)
            _answer_counts(session, maker, code, "citizens", "citizen", question, counts, "dont_know")
        for measure, base in (("top_two", 82), ("mean_100", 76)):
            value = base - 14 * good + maker.chance.uniform(-9, 9)
            se = maker.chance.uniform(2, 5)
            session.add(SatisfactionScore(run_id=maker.run_id, unit_code=code, respondent_group="citizens", factor=factor,
                                          measure=measure, value=value, se=se, low=value - 2 * se, high=value + 2 * se, n=n))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
