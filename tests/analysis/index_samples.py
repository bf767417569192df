"""Small frameworks and ratings for the tests of the index, and a random campaign of any shape."""

from fractions import Fraction

import numpy as np
import pandas as pd

from analysis.index.bands import Band
from analysis.index.checks import QuestionnaireFacts
from analysis.index.framework import Area, Criterion, Framework, Leaf, Rule, Source
from analysis.index.ratings import Ratings
from analysis.index.rounding import Rounding

FIVE = {"5": Fraction(1), "4": Fraction(3, 4), "3": Fraction(1, 2), "2": Fraction(1, 4), "1": Fraction(0)}
FOUR = {"4": Fraction(1), "3": Fraction(3, 5), "2": Fraction(1, 5), "1": Fraction(0)}
BANDS = (Band("A", Fraction(90)), Band("B", Fraction(80)), Band("C", Fraction(70)), Band("D", Fraction(0)))
DONT_KNOW = frozenset({"dk"})

CITIZEN = [
    "access_place", "access_equipment", "access_information", "procedures_posted", "procedures_simple", "procedures_time",
    "procedures_fees", "staff_attitude", "staff_listening", "staff_competence", "staff_guidance", "result_on_time",
    "result_correct", "result_complete", "feedback_easy", "feedback_timely", "feedback_satisfactory", "online_service",
    "overall_satisfaction",
]
OFFICIAL = ["steering", "legal_documents", "procedures", "organisation", "staff", "public_finance", "digital", "impact"]
BUSINESS = [
    "access_information", "procedures_simple", "procedures_time", "informal_costs", "staff_attitude", "staff_competence",
    "result_on_time", "feedback_timely", "online_service", "legal_clarity", "dialogue", "overall_satisfaction",
]
QUESTIONNAIRES = {
    "citizen": QuestionnaireFacts("citizen", ("citizens",), {name: tuple(FIVE) for name in CITIZEN}),
    "official": QuestionnaireFacts("official", ("officials", "leaders"), {name: tuple(FOUR) for name in OFFICIAL}),
    "business": QuestionnaireFacts("business", ("businesses",), {name: tuple(FIVE) for name in BUSINESS}),
}


def source(group: str, share, questionnaire: str, question: str) -> Source:
    return Source(group, Fraction(share), questionnaire, question, FOUR if questionnaire == "official" else FIVE)


def rule(*sources: Source, minimum_n: int = 1, below_minimum="spread", dont_know="exclude") -> Rule:
    return Rule(sources, dont_know, minimum_n, below_minimum)


def survey(code: str, points, its_rule: Rule) -> Leaf:
    return Leaf(code, f"Tiêu chí {code}", Fraction(points), "survey", its_rule)


def appraised(code: str, points) -> Leaf:
    return Leaf(code, f"Tiêu chí {code}", Fraction(points), "appraised")


def framework(*leaves: Leaf, **changes) -> Framework:
    """One area with one criterion per leaf; `changes` as fields of Framework."""
    area = Area("1", "Lĩnh vực", tuple(Criterion(leaf.code, leaf.name, leaf=leaf) for leaf in leaves), "Sở Nội vụ")
    fields = {"unit_group": "department", "year": 2024, "name": "Thử", "areas": (area,), "bands": BANDS,
              "rounding": Rounding(2, "half_even")}
    return Framework(**fields | changes)


def ratings(rows, columns, *, missing=DONT_KNOW, population=None) -> Ratings:
    """`rows` of (respondent, group, stratum, psu, weight in millionths, unit or None, answers by column name)."""
    people, lines = {}, []
    for respondent, group, stratum, psu, weight, unit, answers in rows:
        people[respondent] = (respondent, group, stratum, psu, weight)
        if unit is not None:
            lines.append({"respondent": respondent, "unit": unit} | answers)
    table = pd.DataFrame(lines, columns=["respondent", "unit", *columns]).astype({"respondent": np.int64})
    for column in columns:
        codes = [*(FOUR if column.startswith("official") else FIVE), "dk"]
        table[column] = pd.Categorical(table[column], categories=codes)
    frame = pd.DataFrame(list(people.values()), columns=["respondent", "group", "stratum", "psu", "weight_millionths"])
    frame = frame.astype({"respondent": np.int64, "weight_millionths": np.int64})
    return Ratings(frame, table, dict.fromkeys(columns, missing), population or {})


def campaign(seed: int, units: int = 3, people: int = 40, columns=("citizen.a", "citizen.b", "official.c"), *, equal=False):
    """Random clustered campaign: citizens rate one unit, officials and leaders several, some nobody; uneven weights."""
    random = np.random.default_rng(seed)
    names = [f"u{i}" for i in range(units)]
    rows = []
    for respondent in range(people):
        group = str(random.choice(["citizens", "officials", "leaders"]))
        rated = 1 if group == "citizens" else int(random.integers(0, units + 1))
        stratum = f"s{random.integers(3)}"
        weight = 1_000_000 if equal else int(random.integers(1, 4_000_000))
        place = (respondent, group, stratum, f"p{random.integers(5)}", weight)
        chosen = random.permutation(names)[:rated]
        if not rated:
            rows.append((*place, None, {}))
        for unit in chosen:
            answers = {}
            for column in columns:
                asked = column.startswith("official") == (group != "citizens")
                codes = [*(FOUR if column.startswith("official") else FIVE), "dk", None]
                answers[column] = codes[random.integers(len(codes))] if asked else None
            rows.append((*place, str(unit), answers))
    return names, rows, ratings(rows, list(columns))


MIXED = framework(
    survey("1.1", 3, rule(source("citizens", "0.5", "citizen", "a"), source("officials", "0.3", "official", "c"),
                          source("leaders", "0.2", "official", "c"), minimum_n=2)),
    survey("1.2", "2.5", rule(source("citizens", "0.4", "citizen", "a"), source("citizens", "0.6", "citizen", "b"))),
    survey("1.3", "7/3", rule(source("officials", "2/3", "official", "c"), source("leaders", "1/3", "official", "c"),
                              minimum_n=3, dont_know=Fraction(1, 3))),
)
