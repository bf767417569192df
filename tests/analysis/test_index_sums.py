"""Sums of ratings: the same results however respondents are cut into parts and ordered, and those of the room's other ways."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from index_samples import MIXED, campaign

from analysis.index.exact import CrossSums, SquareSums
from analysis.index.points import score
from analysis.index.satisfied import satisfaction_of_sums
from analysis.index.sums import Part, RatingSums, sums_of
from analysis.satisfaction import SatisfactionRule, satisfaction

seeds = st.integers(0, 10_000)
POLICIES = st.sampled_from(["adjust", "remove", "average", "certainty"])


def cut(part: Part, random: np.random.Generator, pieces: int) -> list[Part]:
    """The part's respondents in random order, in several parts, with places and units numbered anew."""
    of = random.integers(0, pieces, len(part.weight))
    parts = []
    for piece in range(pieces):
        people = random.permutation(np.flatnonzero(of == piece))
        number = np.full(len(part.weight), -1)
        number[people] = np.arange(len(people))
        rows = random.permutation(np.flatnonzero(number[part.person] >= 0))
        places, units = random.permutation(len(part.places)), random.permutation(len(part.units))
        parts.append(Part(
            [part.places[i] for i in places], np.argsort(places)[part.place[people]], part.weight[people],
            number[part.person[rows]], [part.units[i] for i in units], np.argsort(units)[part.unit[rows]],
            {column: codes[rows] for column, codes in part.codes.items()}))
    return parts


def sums_from(whole: RatingSums, parts: list[Part] | None) -> RatingSums:
    sums = RatingSums(whole.answers, whole.missing, whole.population, None if parts is None else lambda: parts)
    for part in whole.parts() if parts is None else parts:
        sums.add(part)
    return sums


def own_psus(ratings, share: float, random):
    """The same ratings with some respondents as PSUs of their own."""
    people = ratings.respondents.copy()
    alone = random.random(len(people)) < share
    people.loc[alone, "psu"] = "own" + people.loc[alone, "respondent"].astype(str)
    return replace(ratings, respondents=people)


@settings(max_examples=40, deadline=None)
@given(seeds, POLICIES, st.sampled_from([0.0, 0.3, 1.0]))
def test_parts_in_any_order_give_the_same_scores_to_the_last_bit(seed, policy, share):
    random = np.random.default_rng(seed)
    names, _, ratings = campaign(seed, people=60)
    whole = sums_of(own_psus(ratings, share, random))
    parts = cut(next(iter(whole.parts())), random, 4)
    one, other = (score(MIXED, each, names, lonely_psu=policy) for each in (whole, sums_from(whole, parts)))
    assert one.components == other.components
    assert one.leaves == other.leaves
    assert np.array_equal(one.covariance, other.covariance, equal_nan=True)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_sums_alone_give_the_same_points_and_errors_where_psus_are_named(seed):
    names, _, ratings = campaign(seed, people=80)
    doubled = ratings.respondents.assign(respondent=ratings.respondents["respondent"] + 1000)  # so that no PSU has one only
    both = replace(ratings, respondents=type(doubled)(np.concatenate([ratings.respondents, doubled]), columns=doubled.columns)
                   .astype(doubled.dtypes.to_dict()))
    whole = sums_of(both)
    one, other = score(MIXED, whole, names), score(MIXED, sums_from(whole, None), names)
    for left, right in zip(one.leaves + one.components, other.leaves + other.components, strict=True):
        assert (left.points, left.standard_error, left.ci_low, left.df) == (
            right.points, right.standard_error, right.ci_low, right.df)
        assert right.design_effect is None
    assert [leaf.n for leaf in other.leaves if leaf.leaf != "1.2"] == [leaf.n for leaf in one.leaves if leaf.leaf != "1.2"]
    assert {leaf.n for leaf in other.leaves if leaf.leaf == "1.2"} == {None}  # two questions to the same people
    assert np.array_equal(one.covariance, other.covariance, equal_nan=True)


def test_own_psus_need_their_respondents():
    names, _, ratings = campaign(1)
    alone = sums_of(own_psus(ratings, 1.0, np.random.default_rng(1)))
    with pytest.raises(ValueError, match="their own PSUs"):
        score(MIXED, sums_from(alone, None), names)


@settings(max_examples=60, deadline=None)
@example(226, "average", 0.0)  # strata that only another group is in
@example(6701, "adjust", 1.0)  # a share of exactly 50 % with no degree of freedom
@given(seeds, POLICIES, st.sampled_from([0.0, 0.5, 1.0]))
def test_satisfaction_from_sums_is_that_of_tables(seed, policy, share):
    names, _, ratings = campaign(seed, people=60)
    ratings = own_psus(ratings, share, np.random.default_rng(seed))
    levels = {answer: int(answer) for answer in "12345"}
    rule = SatisfactionRule(levels, ["dk"])
    factors = {"access": ["citizen.a"], "staff": ["citizen.b"]}
    people = ratings.respondents[ratings.respondents["group"] == "citizens"]
    rated = ratings.ratings[ratings.ratings["respondent"].isin(people["respondent"])]
    if not len(rated):
        return
    expected = satisfaction(people.assign(weight=people["weight_millionths"] / 1_000_000), rated, factors, rule,
                            lonely_psu=policy).table().set_index(["measure", "factor", "unit"])
    found = satisfaction_of_sums(sums_of(ratings), names, "citizens", factors, {"citizen.a": levels, "citizen.b": levels},
                                 rule, policy)
    assert len(found) == (expected["n"] > 0).sum()
    for one in found:
        other = expected.loc[one.measure, one.factor, one.unit]
        assert (one.n, one.df) == (other["n"], other["df"])
        for name in ("estimate", "standard_error", "ci_low", "ci_high"):
            assert getattr(one, name) == pytest.approx(other[name], rel=1e-9, abs=1e-7, nan_ok=True), name
        if other["standard_error"] > 1e-6:
            assert one.design_effect == pytest.approx(other["design_effect"], rel=1e-9, nan_ok=True)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.floats(-1, 1)), max_size=30, unique_by=lambda x: x[:2]),
       st.randoms(use_true_random=False))
def test_fixed_point_sums_do_not_depend_on_order_and_are_near_the_real_ones(entries, random):
    def added(entries):
        squares, crossed = SquareSums(4, 1), CrossSums(4)
        person, unit, value = (np.array([entry[i] for entry in entries]) for i in range(3))
        if entries:
            squares.add(0, unit.astype(int), value**2)
            order = np.argsort(person, kind="stable")
            crossed.add(person[order].astype(int), unit[order].astype(int), value[order])
        return squares.value()[:, 0], crossed.value()

    first, second = added(entries), added(random.sample(entries, len(entries)))
    assert np.array_equal(first[0], second[0])
    assert np.array_equal(first[1], second[1])
    table = np.zeros((5, 4))
    for person, unit, value in entries:
        table[person, unit] = value
    assert first[1] == pytest.approx(table.T @ table, abs=1e-14)
    assert first[0] == pytest.approx((table**2).sum(axis=0), abs=1e-14)


def test_heavy_and_impossible_weights_are_refused():
    place, empty = [("citizens", "s", "p")], np.array([], dtype=np.int64)
    sums = RatingSums({})
    with pytest.raises(ValueError, match="above 0"):
        sums.add(Part(place, np.array([0]), np.array([0]), empty, [], empty, {}))
    with pytest.raises(ValueError, match=r"2\*\*62"):
        sums.add(Part(place, np.array([0, 0]), np.array([2**62 - 1, 1]), empty, [], empty, {}))
