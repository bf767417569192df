"""What the made-up respondents answered: a unit's quality, a respondent's leniency and a question's difficulty together.

The same quality stands behind all answers about a unit and the same leniency behind all answers of a person, so that
answers hang together as real ones do.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy

from questionnaires.model import Page, Question, Questionnaire
from surveyapp.demonstration.sample import Cell, UnitLike

#: cut points of the latent scale: about 4, 8, 21, 44 and 23 percent of the five levels in an average unit
CUTS = {5: (-1.95, -1.3, -0.5, 0.85), 4: (-1.75, -0.75, 0.65)}
LENIENCY_SPREAD, NOISE_SPREAD, AREA_SPREAD, CLUSTER_SPREAD = 0.6, 0.7, 0.16, 0.18
QUALITY_SPREAD = {"department": 0.2, "public_service": 0.16, "central": 0.16, "district": 0.2}

HARD_QUESTIONS = {"procedures_simple": -0.35, "procedures_time": -0.2, "procedures_fees": 0.15, "staff_attitude": 0.1,
                  "informal_costs": -0.45, "dialogue": -0.25, "feedback_timely": -0.5, "feedback_satisfactory": -0.45,
                  "legal_clarity": -0.2, "digital": -0.15, "organisation": -0.1, "online_service": -0.1}
YES_SHARES = {"citizen": {"used_online": 0.36, "made_feedback": 0.24, "knows_where": 0.72},
              "business": {"used_online": 0.78, "made_feedback": 0.42}}
DONT_KNOW_SHARES = {"procedures_fees": 0.09, "legal_clarity": 0.07, "dialogue": 0.08, "informal_costs": 0.06}
FAMILIAR_SHARES = {"department": 0.72, "public_service": 0.45, "central": 0.55, "district": 0.5}
MODES = {"citizens": {"paper": 0.46, "interview": 0.33, "web": 0.16, "phone": 0.05},
         "businesses": {"web": 0.66, "paper": 0.28, "phone": 0.06},
         "officials": {"web": 0.82, "paper": 0.18}, "leaders": {"web": 0.6, "paper": 0.4}}
#: where many people speak Khmer; elsewhere a few
KHMER_SHARES = {"VC": 0.3, "TD": 0.28, "MX": 0.22, "CTH": 0.2, "MT": 0.12, "TT": 0.15, "TPST": 0.1}
SUGGESTIONS = (
    "Cần thêm quầy và thêm ghế ngồi chờ vào đầu tuần.", "Nên nhắn tin khi hồ sơ có kết quả.",
    "Hướng dẫn nộp hồ sơ trực tuyến chi tiết hơn cho người lớn tuổi.", "Công chức tận tình, xin cảm ơn.",
    "Bớt yêu cầu bản sao giấy tờ đã có trong cơ sở dữ liệu.", "Trả kết quả trễ hẹn thì nên báo trước.",
    "Có bảng hướng dẫn bằng tiếng Khmer thì tốt hơn.", "Mạng của Bộ phận Một cửa hay bị chậm.",
    "Mong các cơ quan phối hợp để người dân không phải đi lại nhiều lần.", "Cần công khai phí, lệ phí rõ ràng hơn.",
)
YES_CONDITION = re.compile(r"\$\{(\w+)\} = '(\w+)'")


class Respondents:
    """Draws forms in a fixed order from one generator: the same seed gives the same answers."""

    def __init__(self, questionnaire: Questionnaire, units: Sequence[UnitLike], quality: Mapping[str, float],
                 first_day: date, days: int, rng: numpy.random.Generator):
        self.questionnaire, self.units, self.quality = questionnaire, units, quality
        self.first_day, self.days, self.rng = first_day, days, rng
        self.area_effects: dict[tuple[str, str], float] = {}
        self.cluster_effects: dict[str, float] = {}

    def rows(self, cells: Sequence[Cell], prefix: str) -> list[dict[str, str]]:
        """One CSV row for each respondent, in the columns of a response file."""
        return [self._row(cell, f"{prefix}-{number:05d}")
                for number, cell in enumerate((cell for cell in cells for _ in range(cell.count)), start=1)]

    def _row(self, cell: Cell, receipt: str) -> dict[str, str]:
        mode = self._pick(MODES[cell.respondent_group])
        khmer = "km" in self.questionnaire.languages and self.rng.random() < KHMER_SHARES.get(cell.unit, 0.02)
        day = self.first_day + timedelta(days=int(self.rng.triangular(0, self.days * 0.35, self.days)))
        row = {"receipt": receipt, "respondent_group": cell.respondent_group, "unit": cell.unit, "stratum": cell.stratum,
               "psu": cell.psu, "weight": f"{cell.weight}", "mode": mode, "language": "km" if khmer else "vi",
               "answered_on": day.isoformat()}
        leniency = self.rng.normal(0.0, LENIENCY_SPREAD) + self._cluster(cell.psu)
        if self.questionnaire.rates == "many_units":
            leniency += 0.25 if cell.respondent_group == "leaders" else 0.1
            return row | self._matrices(cell, leniency)
        return row | self.about_one(cell.unit, leniency)

    def about_one(self, unit: str, leniency: float) -> dict[str, str]:
        """Answers about the unit that served the respondent, only to questions that the form would have shown."""
        answers: dict[str, str] = {}
        for page in self.questionnaire.pages:
            if _applies(page, answers):
                for question in page.questions:
                    answer = self._answer(question, unit, leniency)
                    if answer:
                        answers[question.name] = answer
        return answers

    def _answer(self, question: Question, unit: str, leniency: float) -> str:
        yes_share = YES_SHARES[self.questionnaire.form_id].get(question.name)
        if yes_share is not None:
            return "yes" if self.rng.random() < yes_share else "no"
        if question.type == "integer":
            return "" if self.rng.random() < 0.03 else str(int(self.rng.poisson(1.6)))
        if question.type == "text":
            return self._one_of(SUGGESTIONS) if self.rng.random() < 0.06 else ""
        if question.type == "select_multiple":
            return self._several(question)
        levels = question.choices.substantive
        if len(levels) != 5 or not all(level.isdigit() for level in levels):
            return "" if self.rng.random() < 0.07 else self._one_of(levels)
        missing = [choice.name for choice in question.choices if choice.missing]
        if missing and self.rng.random() < DONT_KNOW_SHARES.get(question.name, 0.025):
            return missing[0]
        return self._level(levels, unit, question.name, question.factor or question.name, leniency)

    def _level(self, levels: Sequence[str], unit: str, question: str, area: str, leniency: float) -> str:
        latent = (self.quality[unit] + self._area(unit, area) + leniency + HARD_QUESTIONS.get(question, 0.0)
                  + self.rng.normal(0.0, NOISE_SPREAD))
        ascending = sorted(levels)
        return ascending[int(numpy.searchsorted(CUTS[len(levels)], latent))]

    def _several(self, question: Question) -> str:
        names = [choice.name for choice in question.choices]
        if "none" in names and self.rng.random() < 0.12:
            return "none"
        names = [name for name in names if name != "none"]
        how_many = min(int(self.rng.integers(1, 4)), len(names))
        chosen = set(self.rng.choice(len(names), size=how_many, replace=False).tolist())
        return " ".join(name for position, name in enumerate(names) if position in chosen)

    def _matrices(self, cell: Cell, leniency: float) -> dict[str, str]:
        """Nobody rates the agency they work in; an agency one never met is not familiar on every page."""
        knows = {unit.code: unit.code != cell.psu and self.rng.random() < self._familiar(unit.group_code, cell)
                 for unit in self.units}
        answers = {}
        for question in self.questionnaire.questions:
            if question.type == "rating_matrix":
                levels = question.choices.substantive
                missing = next(choice.name for choice in question.choices if choice.missing)
                for unit in self.units:
                    known = knows[unit.code] and self.rng.random() > 0.02
                    answers[f"{question.name}:{unit.code}"] = (
                        self._level(levels, unit.code, question.name, question.name, leniency) if known else missing)
            elif self.rng.random() < 0.05:
                answers[question.name] = self._one_of(SUGGESTIONS)
        return answers

    @staticmethod
    def _familiar(unit_group: str, cell: Cell) -> float:
        return FAMILIAR_SHARES.get(unit_group, 0.5) + (0.15 if cell.respondent_group == "leaders" else 0.0)

    def _area(self, unit: str, area: str) -> float:
        if (unit, area) not in self.area_effects:
            self.area_effects[unit, area] = float(self.rng.normal(0.0, AREA_SPREAD))
        return self.area_effects[unit, area]

    def _cluster(self, psu: str) -> float:
        if psu and psu not in self.cluster_effects:
            self.cluster_effects[psu] = float(self.rng.normal(0.0, CLUSTER_SPREAD))
        return self.cluster_effects.get(psu, 0.0)

    def _pick(self, shares: Mapping[str, float]) -> str:
        return str(self.rng.choice(list(shares), p=list(shares.values())))

    def _one_of(self, values: Sequence[str]) -> str:
        return values[int(self.rng.integers(len(values)))]


def qualities(units: Sequence[UnitLike], rng: numpy.random.Generator) -> dict[str, float]:
    """How good each unit is, in units of the latent scale."""
    return {unit.code: float(rng.normal(0.15, QUALITY_SPREAD.get(unit.group_code, 0.2))) for unit in units}


def _applies(page: Page, answers: Mapping[str, str]) -> bool:
    if not page.relevant:
        return True
    condition = YES_CONDITION.fullmatch(page.relevant.strip())
    if condition is None:
        raise ValueError(f"the demonstration does not understand {page.relevant!r} on page {page.name}")
    return answers.get(condition[1]) == condition[2]
