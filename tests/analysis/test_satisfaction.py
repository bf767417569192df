"""Satisfaction against values worked by hand and against the plain design engine."""

import numpy as np
import pandas as pd
import pytest

from analysis.design import DesignError, LonelyPsuError, SurveyDesign
from analysis.satisfaction import SatisfactionRule, response_distribution, satisfaction

RULE = SatisfactionRule(levels={"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}, not_answers=("dk",))
FACTORS = {"access": ["a1", "a2"], "staff": ["s1"]}


def hand_made() -> tuple[pd.DataFrame, pd.DataFrame]:
    respondents = pd.DataFrame({"respondent": [1, 2, 3, 4], "weight": [1.0, 2.0, 1.0, 1.0]})
    ratings = pd.DataFrame(
        [(1, "u", "5", "4", "3"), (2, "u", "dk", "2", "5"), (3, "u", None, "dk", "4"),
         (1, "v", "1", "1", None), (4, "w", "dk", None, "dk")],
        columns=["respondent", "unit", "a1", "a2", "s1"],
    )
    return respondents, ratings


def one(table: pd.DataFrame, measure: str, factor: str, unit: str) -> pd.Series:
    return table.query("measure == @measure and factor == @factor and unit == @unit").iloc[0]


def test_both_measures_by_hand():
    table = satisfaction(*hand_made(), FACTORS, RULE).table()
    # access of u: answers 5, 4 (weight 1) and 2 (weight 2); respondent 3 gave none.
    assert one(table, "top_two", "access", "u")["estimate"] == pytest.approx(100 * 2 / 4)
    assert one(table, "mean_100", "access", "u")["estimate"] == pytest.approx((100 + 75 + 2 * 25) / 4)
    assert one(table, "top_two", "access", "u")["n"] == 2
    # overall of u: six valid answers with weights 1 1 1, 2 2, 1; satisfied 5, 4, 5 (twice), 4.
    assert one(table, "top_two", "overall", "u")["estimate"] == pytest.approx(100 * 5 / 8)
    assert one(table, "mean_100", "overall", "u")["estimate"] == pytest.approx((100 + 75 + 50 + 2 * 25 + 2 * 100 + 75) / 8)
    assert one(table, "mean_100", "overall", "v")["estimate"] == 0


def test_dont_know_leaves_the_denominator_and_a_unit_nobody_knows_stays_empty():
    table = satisfaction(*hand_made(), FACTORS, RULE).table()
    row = one(table, "top_two", "overall", "w")
    assert row["n"] == 0
    assert np.isnan(row["estimate"])
    assert np.isnan(row["standard_error"])


def test_standard_error_is_linearised_per_respondent_over_the_whole_sample():
    table = satisfaction(*hand_made(), FACTORS, RULE).table()
    ratio, base = 100 * 5 / 8, 8
    scores = np.array([100 * 2 - ratio * 3, 2 * (100 - ratio * 2), 100 - ratio, 0]) / base
    expected = np.sqrt(4 / 3 * ((scores - scores.mean()) ** 2).sum())
    assert one(table, "top_two", "overall", "u")["standard_error"] == pytest.approx(expected)


def random_survey(seed: int, n: int = 400):
    random = np.random.default_rng(seed)
    respondents = pd.DataFrame({
        "respondent": np.arange(n) + 1000, "stratum": random.integers(0, 4, n), "psu": random.integers(0, 6, n),
        "weight": random.uniform(1, 4, n), "group": random.choice(["citizen", "business"], n),
    })
    chosen = [(person, unit) for person in respondents["respondent"]
              for unit in random.choice(list("uvwx"), random.integers(0, 4), replace=False)]
    ratings = pd.DataFrame(chosen, columns=["respondent", "unit"])
    for question in ("a1", "a2", "s1"):
        answers = random.choice([*RULE.levels, "dk", None], len(ratings), p=[.05, .1, .2, .3, .2, .1, .05])
        ratings[question] = pd.Categorical(answers, categories=[*RULE.levels, "dk"])
    return respondents, ratings


def test_a_factor_of_one_question_is_the_plain_domain_mean():
    respondents, ratings = random_survey(1)
    fraction = {0: 0.1, 1: 0.5, 2: 0.2, 3: 1.0}
    table = satisfaction(respondents, ratings, FACTORS, RULE, fraction=fraction).table()
    design = SurveyDesign.from_frame(respondents.assign(f=respondents["stratum"].map(fraction)),
                                     "weight", "stratum", "psu", "f", nest=True)
    lines = ratings.assign(y=(ratings["s1"].astype("str").map(RULE.levels) - 1) * 25)
    plain = design.observe(lines, ratings["respondent"].to_numpy() - 1000).mean(
        "y", by="unit", missing="exclude", design_effect="with_replacement").table()
    ours = table.query("measure == 'mean_100' and factor == 'staff'")
    for column in ("estimate", "standard_error", "ci_low", "ci_high", "df", "n", "design_effect"):
        np.testing.assert_allclose(ours[column], plain[column], rtol=1e-10, err_msg=column)


def test_order_of_rows_and_scale_of_weights_do_not_matter():
    respondents, ratings = random_survey(2)
    first = satisfaction(respondents, ratings, FACTORS, RULE, by=("unit", "group"))
    second = satisfaction(
        respondents.assign(weight=respondents["weight"] * 7).sample(frac=1, random_state=1),
        ratings.sample(frac=1, random_state=2), FACTORS, RULE, by=("unit", "group"))
    pd.testing.assert_frame_equal(first.table(), second.table(), rtol=1e-9)
    np.testing.assert_allclose(first.top_two.covariance(), second.top_two.covariance(), rtol=1e-8, atol=1e-10)


def test_a_unit_where_all_are_satisfied_still_has_an_interval():
    respondents = pd.DataFrame({"respondent": range(30)})
    ratings = pd.DataFrame({"respondent": range(30), "unit": "u", "q": "4"})
    row = one(satisfaction(respondents, ratings, {"f": ["q"]}, RULE).table(), "top_two", "f", "u")
    assert row["estimate"] == 100
    assert row["ci_low"] == pytest.approx(100 * 0.025 ** (1 / 30))
    assert row["ci_high"] == 100


def test_distribution_counts_every_answer_and_blank():
    table = response_distribution(*hand_made(), ["a1"], RULE)
    of_u = table.query("unit == 'u'")
    assert of_u["count"].tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert of_u["weighted_count"].tolist() == [0, 0, 0, 0, 1, 2, 1]
    assert of_u["percent_of_valid"].tolist()[:5] == [0, 0, 0, 0, 100]
    assert of_u["percent_of_valid"].isna().tolist()[5:] == [True, True]
    assert table.query("unit == 'w'")["percent_of_valid"].isna().all()


def test_distribution_gives_back_the_mean():
    respondents, ratings = random_survey(3)
    table = response_distribution(respondents, ratings, ["s1"], RULE).dropna(subset=["level"])
    mean = (table["percent_of_valid"] * (table["level"].astype(float) - 1) * 25 / 100).groupby(table["unit"]).sum()
    ours = satisfaction(respondents, ratings, FACTORS, RULE).table().query("measure == 'mean_100' and factor == 'staff'")
    np.testing.assert_allclose(mean, ours["estimate"], rtol=1e-10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r, a: (r, a.assign(a1="6")), "does not know: 6"),
        (lambda r, a: (r, a.drop(columns="s1")), "no column for question 's1'"),
        (lambda r, a: (r, a.assign(respondent=9)), "belong to no respondent"),
        (lambda r, a: (r, a.assign(unit="u", respondent=1)), "repeat a respondent and unit"),
        (lambda r, a: (r, a.assign(unit=None)), "name no unit"),
        (lambda r, a: (r.assign(respondent=1), a), "same respondent twice"),
    ],
)
def test_data_that_do_not_fit_are_refused(change, message):
    with pytest.raises(DesignError, match=message):
        satisfaction(*change(*hand_made()), FACTORS, RULE)


def test_lonely_strata_follow_the_declared_policy():
    respondents, ratings = hand_made()
    respondents["stratum"] = ["a", "a", "b", "b"]
    respondents["psu"] = [1, 2, 3, 3]
    with pytest.raises(LonelyPsuError, match="b"):
        satisfaction(respondents, ratings, FACTORS, RULE, lonely_psu="fail")
    assert satisfaction(respondents, ratings, FACTORS, RULE).table()["n"].sum() > 0


@pytest.mark.parametrize("wrong", [
    {"levels": {}}, {"levels": {"a": 6}}, {"levels": {"a": 0}}, {"levels": {"a": 1}, "not_answers": ("a",)},
    {"levels": {"a": 1}, "satisfied_from": 6}, {"levels": {"a": 1}, "satisfied_from": 1}, {"levels": {"a": 1}, "confidence": 1},
])
def test_rules_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="level|answer|confidence"):
        SatisfactionRule(**wrong)
