"""Draws: chances are what they claim, weights expand to the frame, and no order of rows changes who is drawn."""

import itertools
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.design import SurveyDesign
from analysis.sampling import inclusion, selection
from analysis.sampling.canonical import Chance
from analysis.sampling.draw import draw, joint_probabilities
from analysis.sampling.plan import Plan, Stage, stratified
from analysis.variance import DesignError

REFERENCE = Path(__file__).parent / "reference"
SIZES = np.array([12.0, 7, 30, 5, 18, 9, 9, 21])
#: the same without a unit that four draws would take with certainty
OPEN_SIZES = np.array([12.0, 7, 25, 5, 18, 9, 9, 21])
DRAWS = 4000
JOINT = {"tille": inclusion.tille_joint, "sampford": inclusion.sampford_joint, "pps_systematic": inclusion.systematic_joint}
quick = settings(max_examples=40, deadline=None)


def people(seed: int = 3) -> pd.DataFrame:
    """A province: 6 districts in 2 regions > communes > villages > people."""
    rng = np.random.default_rng(seed)
    rows = [(f"d{d}", f"d{d}c{c}", f"d{d}c{c}v{v}", f"{d}-{c}-{v}-{p}", "north" if d % 2 else "south")
            for d in range(6) for c in range(rng.integers(3, 6)) for v in range(rng.integers(3, 5))
            for p in range(rng.integers(12, 30))]
    return pd.DataFrame(rows, columns=["district", "commune", "village", "person", "region"])


def villages_plan(reserves: int = 2) -> Plan:
    return Plan((Stage("district", 2, "sampford", strata="region"), Stage("commune", 2, "tille"),
                 Stage("village", 2, "pps_systematic"), Stage("person", 10)), reserves)


def units(count: int, **columns) -> pd.DataFrame:
    return pd.DataFrame({"id": [f"u{i:03}" for i in range(count)], **columns})


# chances

def test_chances_against_the_sampling_package_of_r():
    expected = pd.read_csv(REFERENCE / "sampling_chances.csv")
    joints = pd.read_csv(REFERENCE / "sampling_joint.csv")
    for case, rows in expected.groupby("case"):
        pi = inclusion.inclusion_probabilities(rows["size"].to_numpy(float), int(rows["n"].iloc[0]))
        assert pi == pytest.approx(rows["pi"].to_numpy(), rel=1e-12)
        for method, of in (("tille", inclusion.tille_joint), ("sampford", inclusion.sampford_joint),
                           ("systematic", inclusion.systematic_joint)):
            theirs = joints[(joints["case"] == case) & (joints["method"] == method)]["pi"].to_numpy()
            assert of(pi).ravel(order="F") == pytest.approx(theirs, rel=1e-8, abs=1e-12)


def test_sampford_joint_chances_by_listing_every_sample():
    pi = inclusion.inclusion_probabilities(OPEN_SIZES, 4)
    total, joint = 0.0, np.zeros((8, 8))
    for listed in itertools.combinations(range(8), 4):
        s = list(listed)
        chance = (1 - pi[s]).sum() * np.prod(pi[s] / (1 - pi[s]))
        total += chance
        joint[np.ix_(s, s)] += chance
    assert inclusion.sampford_joint(pi) == pytest.approx(joint / total, rel=1e-12)
    assert np.diag(joint / total) == pytest.approx(pi, rel=1e-12)


@quick
@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.data())
def test_sums_of_chances(seed, count, data):
    """sum pi = n; sum over l of pi_kl (l != k) = (n - 1) pi_k; pi_kl <= min(pi_k, pi_l); and pi_kl <= pi_k pi_l for the two
    methods by size of fixed size (so the variance estimator is never negative)."""
    n = data.draw(st.integers(1, count))
    sizes = np.random.default_rng(seed).lognormal(0, 1, count)
    pi = inclusion.inclusion_probabilities(sizes, n)
    assert pi.sum() == pytest.approx(n, rel=1e-12)
    assert ((pi > 0) & (pi <= 1)).all()
    below = pi < 1
    assert np.ptp(pi[below] / sizes[below]) <= 1e-12 if below.any() else True
    for method, of in JOINT.items():
        joint = of(pi)
        assert joint.sum(axis=1) - pi == pytest.approx((n - 1) * pi, rel=1e-9, abs=1e-9)
        assert joint == pytest.approx(joint.T, abs=1e-12)
        assert (joint <= np.minimum.outer(pi, pi) + 1e-12).all()
        if method != "pps_systematic":
            off = ~np.eye(count, dtype=bool)
            assert (joint[off] <= np.outer(pi, pi)[off] + 1e-12).all()
    simple = inclusion.simple_joint(count, n)
    assert simple.sum(axis=1) == pytest.approx(np.full(count, n * n / count), rel=1e-12)


def test_sampford_chances_hold_where_alternating_sums_fail():
    pi = inclusion.inclusion_probabilities(np.random.default_rng(1).lognormal(0, 1, 400), 150)
    joint = inclusion.sampford_joint(pi)
    assert joint.sum(axis=1) == pytest.approx(150 * pi, rel=1e-11)
    assert (joint > 0).all()


@pytest.mark.parametrize("method", ["srs", "systematic", "sampford", "tille", "pps_systematic"])
def test_drawn_frequencies_are_the_chances(method):
    """Seeded; every pair within 5 binomial standard errors."""
    of = selection.METHODS[method]
    pi = inclusion.inclusion_probabilities(SIZES, 4) if of.by_size else np.full(8, 0.5)
    if method == "systematic":
        pi = np.full(8, 3 / 8)  # a fractional interval
    drawn = np.zeros((DRAWS, 8))
    for seed in range(DRAWS):
        chosen = of.pick(pi, Chance(seed, method))
        assert len(set(chosen.tolist())) == round(pi.sum())
        drawn[seed, chosen] = 1
    seen, joint = drawn.T @ drawn / DRAWS, of.joint(pi)
    error = np.sqrt(np.maximum(joint * (1 - joint), 1e-12) / DRAWS)
    assert (np.abs(seen - joint) <= 5 * error).all()


@pytest.mark.parametrize("method", ["sampford", "tille"])
def test_whole_samples_come_with_their_chances(method):
    """Not only pairs: Sampford's samples follow his formula (chi-square, 69 degrees of freedom, seeded)."""
    pi, counts = inclusion.inclusion_probabilities(OPEN_SIZES, 4), {}
    for seed in range(DRAWS):
        chosen = tuple(selection.METHODS[method].pick(pi, Chance(seed, "whole")).tolist())
        counts[chosen] = counts.get(chosen, 0) + 1
    chances = {s: (1 - pi[list(s)]).sum() * np.prod(pi[list(s)] / (1 - pi[list(s)]))
               for s in itertools.combinations(range(8), 4)}
    total = sum(chances.values())
    square = sum((counts.get(s, 0) - DRAWS * c / total) ** 2 / (DRAWS * c / total) for s, c in chances.items())
    assert (square < 115) == (method == "sampford")


@pytest.mark.parametrize("method", ["sampford", "tille", "pps_systematic"])
def test_certain_units_are_always_drawn(method):
    frame = units(6, size=[500, 10, 20, 30, 40, 400])
    plan = Plan((Stage("id", 4, method, size="size"),))
    for seed in range(30):
        made = draw(frame, plan, seed)
        assert {"u000", "u005"} <= set(made.sample["id"])
        assert len(made.sample) == 4
        assert made.sample.loc[made.sample["id"] == "u000", "weight"].iloc[0] == 1


@pytest.mark.parametrize("sizes", [[1, 0], [1, -1], [1, np.nan], [1, np.inf], [[1]]])
def test_sizes_must_be_above_0(sizes):
    with pytest.raises(DesignError, match="above 0"):
        inclusion.inclusion_probabilities(np.array(sizes, dtype=float), 1)


def test_other_chances_that_are_none():
    for n in (0, 3, 1.5, True):
        with pytest.raises(DesignError, match="whole number"):
            inclusion.inclusion_probabilities(np.ones(2), n)
    for pi in ([0.5, 0.6], [0.0, 1.0], [1.5, 0.5], [np.nan, 1]):
        with pytest.raises(DesignError, match="sum be whole"):
            inclusion.tille_joint(np.array(pi))
    with pytest.raises(DesignError, match="from 1 to 3"):
        inclusion.simple_joint(3, 4)


def test_a_table_too_large_is_refused():
    with pytest.raises(DesignError, match="too much room"):
        selection.sampford(np.full(20_000, 0.5), Chance(1))


# whole draws

def test_the_row_order_and_the_types_of_a_file_change_nothing():
    frame = people()
    frame["age"] = np.arange(len(frame))
    made = draw(frame, villages_plan(), 42)
    shuffled = frame.sample(frac=1, random_state=1)[["age", "region", "person", "village", "commune", "district"]]
    shuffled.index = range(1000, 1000 + len(shuffled))
    again = draw(shuffled.astype({"district": "category", "region": "string"}), villages_plan(), 42)
    for table in ("sample", "reserves"):
        pd.testing.assert_frame_equal(getattr(made, table), getattr(again, table), check_dtype=False)
    assert made.groups == again.groups
    assert not draw(frame, villages_plan(), 43).sample.equals(made.sample)


@pytest.mark.parametrize("method", ["srs", "systematic", "sampford", "tille", "pps_systematic"])
def test_the_row_order_changes_nothing_for_any_method(method):
    rng = np.random.default_rng(9)
    frame = units(40, size=rng.integers(1, 30, 40), h=rng.integers(0, 3, 40), name=rng.integers(0, 4, 40))
    by_size, sort = selection.METHODS[method].by_size, selection.METHODS[method].ordered
    plan = Plan((Stage("id", 4, method, size="size" if by_size else None, strata="h", sort=("name",) if sort else ()),), 3)
    made = draw(frame, plan, 7)
    for seed in range(5):
        again = draw(frame.sample(frac=1, random_state=seed), plan, 7)
        pd.testing.assert_frame_equal(made.sample, again.sample)
        pd.testing.assert_frame_equal(made.reserves, again.reserves)


def test_this_seed_gives_this_sample_for_ever():
    """Changes only with ALGORITHM: published draws must stay repeatable."""
    frame = units(12, size=np.arange(1, 13))
    drawn = {method: "".join(draw(frame, Plan((Stage("id", 3, method),)), 2026).sample["id"].str[-2:])
             for method in ("srs", "systematic")}
    drawn |= {method: "".join(draw(frame, Plan((Stage("id", 3, method, size="size"),)), 2026).sample["id"].str[-2:])
              for method in ("sampford", "tille", "pps_systematic")}
    assert drawn == {"srs": "000206", "systematic": "000408", "sampford": "061011", "tille": "010609",
                     "pps_systematic": "020710"}
    assert Chance(1, "a").uniforms(2).tolist() == [0.8940967689284295, 0.25032911448879547]


def test_a_stratum_is_drawn_alike_whatever_the_others_are():
    frame = units(60, h=["a", "b", "c"] * 20)
    both = draw(frame, stratified("id", "h", {"a": 5, "b": 4, "c": 3}), 11).sample
    alone = draw(frame[frame["h"] == "a"], stratified("id", "h", {"a": 5}), 11).sample
    assert both[both["stratum_1"] == "a"]["id"].tolist() == alone["id"].tolist()


@quick
@given(st.integers(0, 2**20), st.integers(1, 40), st.integers(1, 3), st.sampled_from(["srs", "systematic"]))
def test_weights_of_equal_chances_expand_to_the_frame(seed, count, strata, method):
    frame = units(count * strata, h=np.arange(count * strata) % strata)
    n = {h: 1 + (seed + h) % count for h in range(strata)}
    sample = draw(frame, stratified("id", "h", n, method), seed).sample
    assert sample.groupby("stratum_1").size().to_dict() == n
    assert sample.groupby("stratum_1")["weight"].sum().tolist() == pytest.approx([count] * strata, rel=1e-12)
    design = SurveyDesign.from_frame(sample, weights="weight", strata="stratum_1", psu="psu_1", fpc="fpc_1",
                                     lonely_psu="remove")
    assert design.weights.sum() == pytest.approx(count * strata, rel=1e-12)


def test_stages_by_size_and_an_equal_take_give_everybody_the_same_weight():
    frame = people()
    plan = Plan((Stage("district", 3, "sampford"), Stage("commune", 1, "tille"), Stage("person", 8)))
    sample = draw(frame, plan, 5).sample
    assert len(sample) == 24
    assert sample["weight"].to_numpy() == pytest.approx(np.full(24, len(frame) / 24), rel=1e-12)
    assert sample["weight"].to_numpy() == pytest.approx(1 / (sample["pi_1"] * sample["pi_2"] * sample["pi_3"]).to_numpy())


def test_weights_of_all_stages_are_right_on_average():
    """Expanded totals of a region, over 150 seeds, within 4 standard errors of the truth."""
    frame = people()
    truth = frame.groupby("region").size()
    plan = Plan((Stage("district", 2, strata="region"), Stage("commune", 2, "tille"), Stage("person", 5)))
    totals = pd.DataFrame([draw(frame, plan, seed).sample.groupby("stratum_1")["weight"].sum() for seed in range(150)])
    error = totals.std() / np.sqrt(150)
    assert (np.abs(totals.mean() - truth) <= 4 * error + 1e-9).all()


def test_columns_fit_the_survey_design():
    frame = units(90, h=["a", "b", "c"] * 30, region=["x", "y", "z"] * 30)
    made = draw(frame, stratified("id", "h", 6), 4)
    design = made.design()
    assert design == {"weights": "weight", "strata": "stratum_1", "psu": ["psu_1"], "fpc": ["fpc_1"]}
    answers = made.sample.assign(y=np.arange(18.0))
    survey = SurveyDesign.from_frame(answers, **design)
    assert survey.degrees_of_freedom() == 15
    assert survey.total("y").table()["estimate"].iloc[0] == pytest.approx(5 * np.arange(18).sum())

    by_size = draw(people(), villages_plan(), 4)
    design = by_size.design()
    assert design["fpc"] is None
    survey = SurveyDesign.from_frame(by_size.sample.assign(y=1.0), **design)
    assert survey.degrees_of_freedom() == 4 - 2


def test_a_draw_of_several_stages_is_estimated_by_all_of_them():
    """Over many draws the variance estimate of all stages is that of the estimates; the first stage's alone is too small."""
    frame = pd.DataFrame([(d, f"{d}{c}", f"{d}{c}{p}") for d in range(5) for c in range(5) for p in range(8)],
                         columns=["district", "commune", "person"])
    rng = np.random.default_rng(1)
    frame["y"] = rng.normal(size=5)[frame["district"]] + rng.normal(size=25)[pd.factorize(frame["commune"])[0]] * 3 + 20
    plan = Plan((Stage("district", 4), Stage("commune", 2), Stage("person", 3)))
    totals, all_stages, first_stage = [], [], []
    for seed in range(200):
        made = draw(frame, plan, seed)
        answers = made.sample.merge(frame[["person", "y"]], on="person")
        table = SurveyDesign.from_frame(answers, **made.design()).total("y").table().iloc[0]
        totals.append(table["estimate"])
        all_stages.append(table["standard_error"] ** 2)
        alone = made.design() | {"psu": ["psu_1"], "fpc": ["fpc_1"]}
        first_stage.append(SurveyDesign.from_frame(answers, **alone).total("y").table()["standard_error"].iloc[0] ** 2)
    assert np.mean(all_stages) == pytest.approx(np.var(totals), rel=.2)
    assert np.mean(first_stage) < .5 * np.var(totals)


def test_a_certain_first_stage_unit_becomes_a_stratum():
    frame = pd.DataFrame([(d, f"{d}{c}", f"{d}{c}{p}") for d, size in (("a", 60), ("b", 4), ("c", 5), ("e", 6))
                          for c in range(3) for p in range(size)], columns=["district", "commune", "person"])
    made = draw(frame, Plan((Stage("district", 2, "tille"), Stage("commune", 2), Stage("person", 3))), 1)
    certain = made.sample[made.sample["psu_1"] == "a"]
    assert set(certain["variance_stratum"]) == {"(all) / a"}
    assert set(certain["variance_psu"]) == {f"a / {c}" for c in certain["psu_2"]}
    assert set(made.sample[made.sample["psu_1"] != "a"]["variance_stratum"]) == {"(all)"}


def test_a_systematic_sample_follows_its_sort():
    frame = units(20, order=np.arange(20)[::-1])
    sample = draw(frame, Plan((Stage("id", 5, "systematic", sort=("order",)),)), 8).sample
    places = np.sort(frame.set_index("id").loc[sample["id"], "order"].to_numpy())
    assert np.diff(places).tolist() == [4, 4, 4, 4]


def test_joint_chances_of_a_draw():
    frame = people()
    made = draw(frame, villages_plan(), 42)
    first = joint_probabilities(made, frame, 1)
    assert set(first) == {("north",), ("south",)}
    sizes = frame[frame["region"] == "north"].groupby("district").size()
    expected = pd.DataFrame(inclusion.sampford_joint(inclusion.inclusion_probabilities(sizes.to_numpy(float), 2)),
                            index=sizes.index, columns=sizes.index)
    table = first[("north",)]
    assert table.to_numpy() == pytest.approx(expected.loc[table.index, table.columns].to_numpy())
    for stage in (2, 3, 4):
        tables = joint_probabilities(made, frame, stage)
        assert [table.shape[0] for table in tables.values()] == [g.n for g in made.groups if g.stage == stage]
        chance = made.sample.drop_duplicates(f"psu_{stage}").set_index(f"psu_{stage}")[f"pi_{stage}"]
        for table in tables.values():
            assert np.diag(table) == pytest.approx(chance.loc[table.index].to_numpy())
    for (district, _), table in joint_probabilities(made, frame, 2).items():
        assert table.index.str.startswith(district).all()
    with pytest.raises(DesignError, match="stages 1 to 4"):
        joint_probabilities(made, frame, 5)


def test_a_size_may_be_borne_by_all_rows_of_a_unit():
    frame = pd.DataFrame({"c": ["a", "a", "b", "b", "b", "e"], "p": range(6), "people": [100, 100, 200, 200, 200, 700]})
    constant = draw(frame, Plan((Stage("c", 1, "tille", size="people", size_of_unit="constant"), Stage("p", 1))), 1)
    summed = draw(frame, Plan((Stage("c", 1, "tille", size="people"), Stage("p", 1))), 1)
    assert constant.groups[0].size_total == 1000
    assert summed.groups[0].size_total == 1500


def test_too_few_units_fail_or_are_all_taken():
    frame = units(10, h=["a"] * 7 + ["b"] * 3)
    with pytest.raises(DesignError, match="5 wanted, 3 there"):
        draw(frame, stratified("id", "h", 5), 1)
    made = draw(frame, Plan((Stage("id", 5, strata="h", shortfall="take_all"),)), 1)
    assert made.sample.groupby("stratum_1")["weight"].sum().tolist() == pytest.approx([7, 3])
    assert made.sample[made.sample["stratum_1"] == "b"]["weight"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("stage", [
    {"n": 0}, {"n": 1.5}, {"n": True}, {"n": {}}, {"n": {"a": 1}}, {"n": {"a": 0}, "strata": "h"},
    {"n": {1: 2, Decimal("1.00001"): 0}, "strata": "h"}, {"n": {None: 2}, "strata": "h"}, {"method": "quota"},
    {"size": "x"}, {"sort": ("x",)}, {"size_of_unit": "mean"}, {"shortfall": "shrug"},
])
def test_a_plan_that_makes_no_sense_is_refused(stage):
    with pytest.raises(DesignError):
        Stage(**{"unit": "id", "n": 2, **stage})


def test_plans_need_stages_and_seeds_are_whole():
    for stages, reserves in (((), 0), ((Stage("id", 1),), -1), ((Stage("id", 1), Stage("id", 1)), 0)):
        with pytest.raises(DesignError):
            Plan(stages, reserves)
    for seed in (1.5, None, True, "1"):
        with pytest.raises(DesignError, match="seed"):
            draw(units(3), Plan((Stage("id", 1),)), seed)
