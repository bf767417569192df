"""Survey points: worked by hand, against a naive loop, and the laws they obey."""

import time
from fractions import Fraction as F

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_samples import FIVE, MIXED, campaign, framework, ratings, rule, source, survey
from scipy import stats

from analysis.index.points import score
from analysis.index.ratings import Ratings
from analysis.index.sums import exact_bincount
from analysis.variance import LonelyPsuError

seeds = st.integers(0, 2**32 - 1)
A, C = "citizen.a", "official.c"
MILLION = 1_000_000


def one(respondent, group, unit, weight=MILLION, stratum="s", **answers):
    by_column = {key.replace("_", "."): answer for key, answer in answers.items()}
    return (respondent, group, stratum, f"p{respondent}", weight, unit, by_column)


def test_a_leaf_worked_by_hand():
    """2 points; citizens 0.6: (1*1 + 3*0.5)/4 = 5/8; officials 0.4: (1 + 0.2)/2 = 3/5 -> 2 (0.375 + 0.24) = 1.23."""
    its = framework(survey("1.1", 2, rule(source("citizens", "0.6", "citizen", "a"),
                                          source("officials", "0.4", "official", "c"))))
    columns = ratings([
        one(1, "citizens", "x", citizen_a="5"), one(2, "citizens", "x", 3 * MILLION, citizen_a="3"),
        one(3, "citizens", "x", citizen_a="dk"), one(4, "citizens", "x"), one(5, "citizens", "y", citizen_a="1"),
        one(6, "officials", "x", official_c="4"), one(7, "officials", "x", official_c="2"),
        one(8, "leaders", "x", official_c="1"),
    ], [A, C])
    leaf = score(its, columns, ["x"]).leaf("x", "1.1")
    assert leaf.points == F("1.23")
    assert (leaf.status, leaf.n, leaf.max_points) == ("ok", 4, 2)
    citizens, officials = leaf.groups
    assert (citizens.mean, officials.mean) == (F(5, 8), F(3, 5))
    assert citizens.counts == {"5": 1, "4": 0, "3": 1, "2": 0, "1": 0}
    assert citizens.weighted_counts["3"] == 3 * MILLION
    assert (citizens.n, citizens.n_missing_by_kind, citizens.n_blank) == (2, {"dk": 1}, 1)
    assert (citizens.questionnaire, citizens.question, citizens.effective_share) == ("citizen", "a", F("0.6"))


def test_the_error_worked_by_hand():
    """Four citizens in one stratum, one leaf of 4 points, answers 1, 1, 0.5, 0: mean 5/8; z = c - 5/8 (4/4 each).

    var = 4/3 * (2 (3/8)^2 + (1/8)^2 + (5/8)^2) = 4/3 * 44/64 = 11/12; SRS variance of 4 * mean: the same, so deff 1, df 3.
    """
    its = framework(survey("1.1", 4, rule(source("citizens", 1, "citizen", "a"))))
    columns = ratings([one(i, "citizens", "x", citizen_a=answer) for i, answer in enumerate("5531")], [A])
    component = score(its, columns, ["x"], confidence=0.9).component("x")
    assert component.points == F(5, 2)
    assert component.standard_error == pytest.approx((11 / 12) ** 0.5)
    assert (component.df, component.n_respondents) == (3, 4)
    assert component.design_effect == pytest.approx(1)
    half = stats.t.ppf(0.95, 3) * (11 / 12) ** 0.5
    assert (component.ci_low, component.ci_high) == (pytest.approx(2.5 - half), pytest.approx(2.5 + half))
    assert component.ci_high > 4  # not cut at the maximum: the reader sees that the approximation is poor
    finite = Ratings(columns.respondents, columns.ratings, columns.missing, {("citizens", "s"): 5})
    assert score(its, finite, ["x"]).component("x").standard_error == pytest.approx((11 / 12 / 5) ** 0.5)


THREE = (source("citizens", "0.5", "citizen", "a"), source("officials", "0.3", "official", "c"),
         source("leaders", "0.2", "official", "c"))


def uneven(leaders: int = 1):
    rows = [one(i, "citizens", "x", citizen_a="5") for i in range(3)]
    rows += [one(10 + i, "officials", "x", official_c="1") for i in range(3)]
    return ratings(rows + [one(20 + i, "leaders", "x", official_c="4") for i in range(leaders)], [A, C])


def test_a_group_below_the_minimum_is_spread_in_proportion():
    its = framework(survey("1.1", 8, rule(*THREE, minimum_n=2)))
    leaf = score(its, uneven(), ["x"]).leaf("x", "1.1")
    assert [group.effective_share for group in leaf.groups] == [F(5, 8), F(3, 8), 0]
    assert (leaf.points, leaf.status) == (5, "spread")
    assert leaf.groups[2].mean == 1  # still shown
    enough = score(its, uneven(leaders=2), ["x"]).leaf("x", "1.1")
    assert (enough.points, enough.status) == (8 * F("0.7"), "ok")


def test_marking_withholding_and_rescaling():
    marked = survey("1.1", 8, rule(*THREE, minimum_n=2, below_minimum="mark"))
    sound = survey("1.2", 2, rule(source("citizens", 1, "citizen", "a")))
    withheld = score(framework(marked, sound), uneven(), ["x"])
    assert withheld.leaf("x", "1.1").points is None
    assert withheld.leaf("x", "1.1").status == "insufficient"
    assert withheld.leaf("x", "1.1").standard_error is None
    assert (withheld.component("x").points, withheld.component("x").status) == (None, "insufficient")
    assert np.isnan(withheld.covariance).all()
    rescaled = score(framework(marked, sound, insufficient="rescale"), uneven(), ["x"]).component("x")
    assert (rescaled.points, rescaled.status, rescaled.max_points) == (10, "rescaled", 10)


def test_rescaling_scales_the_error_too():
    columns = ratings([one(i, "citizens", "x", citizen_a=answer) for i, answer in enumerate("5531")], [A, C])
    sound = survey("1.1", 4, rule(source("citizens", 1, "citizen", "a")))
    empty = survey("1.2", 4, rule(source("officials", 1, "official", "c")))
    plain = score(framework(sound), columns, ["x"])
    scaled = score(framework(sound, empty, insufficient="rescale"), columns, ["x"])
    assert scaled.component("x").standard_error == pytest.approx(2 * plain.component("x").standard_error)
    assert scaled.covariance[0, 0] == pytest.approx(4 * plain.covariance[0, 0])


def test_dont_know_may_be_declared_as_a_coefficient():
    rows = [one(1, "citizens", "x", citizen_a="5"), one(2, "citizens", "x", citizen_a="dk"), one(3, "citizens", "x")]
    worth = survey("1.1", 1, rule(source("citizens", 1, "citizen", "a"), dont_know=F(1, 4)))
    group = score(framework(worth), ratings(rows, [A]), ["x"]).leaf("x", "1.1").groups[0]
    assert (group.mean, group.n, group.n_missing_by_kind, group.n_blank) == (F(5, 8), 2, {"dk": 1}, 1)


def test_nobody_asked_is_not_zero():
    its = framework(survey("1.1", 1, rule(source("citizens", 1, "citizen", "a"))))
    nobody = score(its, ratings([one(1, "citizens", None)], [A]), ["x", "y"])
    assert [component.status for component in nobody.components] == ["not_surveyed"] * 2
    some = score(its, ratings([one(1, "citizens", "y", citizen_a="3")], [A]), ["x", "y"])
    assert [(component.status, component.points) for component in some.components] == [("insufficient", None), ("ok", F(1, 2))]
    absent = score(its, ratings([one(1, "officials", "x", official_c="3")], [C]), ["x"])
    assert absent.component("x").points is None
    only_appraised = score(framework(), ratings([one(1, "citizens", "x", citizen_a="3")], [A]), ["x"])
    assert only_appraised.component("x").status == "not_surveyed"


def test_answers_that_the_rule_does_not_know_are_refused():
    its = framework(survey("1.1", 1, rule(source("citizens", 1, "citizen", "a"))))
    rows = [one(1, "citizens", "x", citizen_a="dk")]
    with pytest.raises(ValueError, match="'dk' to citizen.a is without a coefficient"):
        score(its, ratings(rows, [A], missing=frozenset()), ["x"])
    with pytest.raises(ValueError, match="both"):
        score(its, ratings([one(1, "citizens", "x", citizen_a="5")], [A], missing=frozenset({"5"})), ["x"])
    with pytest.raises(ValueError, match="repeat"):
        score(its, ratings(rows, [A]), ["x", "x"])
    with pytest.raises(ValueError, match="confidence"):
        score(its, ratings(rows, [A]), ["x"], confidence=95)


def test_lonely_psus_follow_the_policy():
    its = framework(survey("1.1", 1, rule(source("citizens", 1, "citizen", "a"))))
    rows = [one(i, "citizens", "x", citizen_a=answer) for i, answer in enumerate("531")]
    columns = ratings([*rows, one(9, "citizens", "x", stratum="t", citizen_a="4")], [A])
    adjusted = score(its, columns, ["x"], lonely_psu="adjust").component("x").standard_error
    removed = score(its, columns, ["x"], lonely_psu="remove").component("x").standard_error
    assert adjusted > removed > 0
    with pytest.raises(LonelyPsuError):
        score(its, columns, ["x"], lonely_psu="fail")


# -- laws ---------------------------------------------------------------------------------------------------------------


def naive_points(rows, unit, its):
    """The definition, one answer at a time, in Fractions."""
    total = F(0)
    for leaf in its.survey_leaves:
        means, shares = [], []
        for part in leaf.rule.sources:
            worth = []
            for _, group, _, _, weight, rated, answers in rows:
                answer = answers.get(f"{part.questionnaire}.{part.question}")
                if rated != unit or group != part.group or answer is None:
                    continue
                if answer == "dk":
                    if leaf.rule.dont_know != "exclude":
                        worth.append((weight, leaf.rule.dont_know))
                else:
                    worth.append((weight, part.coefficients[answer]))
            if len(worth) >= leaf.rule.minimum_n:
                means.append(sum(w * c for w, c in worth) / F(sum(w for w, _ in worth)))
                shares.append(part.share)
        if not shares:
            return None
        total += leaf.max_points * sum(s * m for s, m in zip(shares, means, strict=True)) / sum(shares)
    return total


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_points_are_exactly_those_of_the_naive_loop(seed):
    names, rows, columns = campaign(seed)
    scores = score(MIXED, columns, names)
    for unit in names:
        assert scores.component(unit).points == naive_points(rows, unit, MIXED)
        for leaf in scores.leaves_of(unit):
            if leaf.points is not None:
                assert 0 <= leaf.points <= leaf.max_points
                assert sum(group.effective_share for group in leaf.groups) == 1


def composite(rows, unit, weights):
    """The unit's points in floats as a function of the respondents' weights (effective shares as in MIXED, all enough)."""
    total = 0.0
    for leaf in MIXED.survey_leaves:
        for part in leaf.rule.sources:
            top = bottom = 0.0
            for respondent, group, _, _, _, rated, answers in rows:
                answer = answers.get(f"{part.questionnaire}.{part.question}")
                if rated != unit or group != part.group or answer is None:
                    continue
                worth = leaf.rule.dont_know if answer == "dk" else part.coefficients[answer]
                if worth != "exclude":
                    top += weights[respondent] * float(worth)
                    bottom += weights[respondent]
            total += float(leaf.max_points * part.share) * top / bottom
    return total


@pytest.mark.parametrize("seed", [3, 5, 8])
def test_errors_are_those_of_numerically_differentiated_weights(seed):
    """z_i = w_i d(points)/d(w_i) by central differences, PSU totals in loops, the textbook variance: no formula shared."""
    names, rows, columns = campaign(seed, units=2, people=120)
    scores = score(MIXED, columns, names)
    assert {component.status for component in scores.components} == {"ok"}
    weights = {row[0]: row[4] / MILLION for row in rows}
    place = {row[0]: (row[1], row[2], row[3]) for row in rows}
    totals = {}
    for column, unit in enumerate(names):
        for respondent, weight in weights.items():
            up, down = (composite(rows, unit, weights | {respondent: weight * (1 + step)}) for step in (1e-4, -1e-4))
            totals.setdefault(place[respondent], np.zeros(2))[column] += (up - down) / 2e-4
    expected = np.zeros((2, 2))
    for stratum in {key[:2] for key in totals}:
        z = np.array([total for key, total in totals.items() if key[:2] == stratum])
        centred = z - z.mean(axis=0) if len(z) > 1 else z
        expected += (len(z) / (len(z) - 1) if len(z) > 1 else 1) * centred.T @ centred
    assert scores.covariance == pytest.approx(expected, rel=1e-5, abs=1e-9)
    errors = [component.standard_error for component in scores.components]
    assert errors == pytest.approx(np.sqrt(np.diag(scores.covariance)))


def near(one_value: float | None, other: float | None) -> bool:
    """Equal up to the last digits of floats; None (no points, or no error to give) only equals None."""
    return one_value == other if None in (one_value, other) else one_value == pytest.approx(other, rel=1e-9, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_order_of_rows_and_units_does_not_matter(seed):
    names, _, columns = campaign(seed)
    random = np.random.default_rng(seed)
    shuffled = Ratings(columns.respondents.iloc[random.permutation(len(columns.respondents))].reset_index(drop=True),
                       columns.ratings.iloc[random.permutation(len(columns.ratings))].reset_index(drop=True), columns.missing)
    first, second = score(MIXED, columns, names), score(MIXED, shuffled, names[::-1])
    for unit in names:
        one_way, other = first.component(unit), second.component(unit)
        assert one_way.points == other.points
        assert (one_way.df, one_way.status, one_way.n_respondents) == (other.df, other.status, other.n_respondents)
        assert near(one_way.standard_error, other.standard_error)
    assert np.allclose(first.covariance, second.covariance[::-1, ::-1], equal_nan=True)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_doubling_every_weight_changes_nothing(seed):
    names, _, columns = campaign(seed)
    people = columns.respondents.assign(weight_millionths=columns.respondents["weight_millionths"] * 2)
    doubled = score(MIXED, Ratings(people, columns.ratings, columns.missing), names)
    for before, after in zip(score(MIXED, columns, names).components, doubled.components, strict=True):
        assert before.points == after.points
        assert near(before.standard_error, after.standard_error)
        assert near(before.design_effect, after.design_effect)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_equal_weights_make_points_fractions_of_plain_counts(seed):
    names, _, columns = campaign(seed, equal=True)
    for leaf in score(MIXED, columns, names).leaves:
        for group in leaf.groups:
            assert sum(group.counts.values()) * MILLION == sum(group.weighted_counts.values())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2**58)), max_size=15))
def test_sums_of_weights_are_exact_however_large(pairs):
    cells, weights = np.array([c for c, _ in pairs], dtype=np.int64), np.array([w for _, w in pairs], dtype=np.int64)
    if sum(w for _, w in pairs) >= 2**62:
        with pytest.raises(OverflowError):
            exact_bincount(cells, weights, 5)
    else:
        assert exact_bincount(cells, weights, 5).tolist() == [sum(w for c, w in pairs if c == cell) for cell in range(5)]


# -- the input ----------------------------------------------------------------------------------------------------------

PEOPLE = pd.DataFrame({"respondent": np.array([1, 2], dtype=np.int64), "group": ["citizens", "citizens"], "stratum": ["s", "s"],
                       "psu": ["1", "2"], "weight_millionths": np.array([MILLION, MILLION], dtype=np.int64)})
LINES = pd.DataFrame({"respondent": np.array([1, 2], dtype=np.int64), "unit": ["x", "x"],
                      A: pd.Categorical(["5", None], categories=list(FIVE))})


@pytest.mark.parametrize(("people", "lines", "population", "message"), [
    (PEOPLE.drop(columns="psu"), LINES, {}, "lacks the columns psu"),
    (PEOPLE.assign(respondent=np.array([1, 1], dtype=np.int64)), LINES, {}, "repeats 1"),
    (PEOPLE.assign(weight_millionths=[1.0, 2.0]), LINES, {}, "must be int64"),
    (PEOPLE.assign(weight_millionths=np.array([0, 1], dtype=np.int64)), LINES, {}, "above 0"),
    (PEOPLE.assign(weight_millionths=np.array([2**62, 1], dtype=np.int64)), LINES, {}, r"2\*\*62"),
    (PEOPLE.assign(group=["citizens", None]), LINES, {}, "group has empty cells"),
    (PEOPLE, LINES.assign(respondent=np.array([1, 3], dtype=np.int64)), {}, "respondent 3"),
    (PEOPLE, LINES.assign(respondent=np.array([1, 1], dtype=np.int64)), {}, "rates unit x in two rows"),
    (PEOPLE, LINES.assign(**{A: ["5", None]}), {}, "must be a Categorical"),
    (PEOPLE, LINES.assign(unit=["x", None]), {}, "unit has empty cells"),
    (PEOPLE, LINES, {("citizens", "s"): 1}, "fewer than its 2 respondents"),
])
def test_faulty_ratings_are_refused(people, lines, population, message):
    with pytest.raises(ValueError, match=message):
        Ratings(people, lines, {}, population)


def test_the_finite_population_correction_needs_single_respondents_and_every_population():
    assert Ratings(PEOPLE, LINES, {}, {("citizens", "s"): 8}).sampling_fractions("citizens") == {"s": 0.25}
    assert Ratings(PEOPLE, LINES).sampling_fractions("citizens") is None
    clustered = PEOPLE.assign(psu=["1", "1"])
    assert Ratings(clustered, LINES, {}, {("citizens", "s"): 8}).sampling_fractions("citizens") is None
    two = PEOPLE.assign(stratum=["s", "t"])
    assert Ratings(two, LINES, {}, {("citizens", "s"): 8}).sampling_fractions("citizens") is None


def test_fifty_thousand_respondents_are_scored_in_seconds():
    random = np.random.default_rng(1)
    n, names = 50_000, [f"u{i}" for i in range(60)]
    people = pd.DataFrame({"respondent": np.arange(n), "group": random.choice(["citizens", "officials", "leaders"], n),
                           "stratum": random.integers(0, 9, n).astype(str), "psu": np.arange(n).astype(str),
                           "weight_millionths": random.integers(1, 3 * MILLION, n)})
    lines = pd.DataFrame({"respondent": np.arange(n), "unit": random.choice(names, n)})
    for column, codes in ((A, [*FIVE, "dk"]), ("citizen.b", [*FIVE, "dk"]), (C, ["4", "3", "2", "1", "dk"])):
        lines[column] = pd.Categorical.from_codes(random.integers(-1, len(codes), n), codes)
    columns = Ratings(people, lines, dict.fromkeys([A, "citizen.b", C], frozenset({"dk"})))
    start = time.perf_counter()
    scores = score(MIXED, columns, names)
    assert time.perf_counter() - start < 5  # about 0.2 s alone; the machine is shared
    assert all(component.points is not None for component in scores.components)
