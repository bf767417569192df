"""Factors and omega: values from R's psych, properties, edge cases, bad input.

Reference values of iterated figures are psych's own solution carried on to its optimum (see make_factors_reference.R);
what psych itself prints is compared at the tolerance it reaches.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.factors import factor_analysis, factor_degrees, minres, parallel_analysis, sampling_adequacy, sphericity
from analysis.items import Items
from analysis.reliability import omega
from analysis.rotations import oblimin, quartimin, varimax
from analysis.variance import DesignError

REFERENCE = Path(__file__).parent / "reference"
DATA = pd.read_csv(REFERENCE / "factors_data.csv")
NAMES = list(DATA)
EXPECTED = pd.read_csv(REFERENCE / "factors_expected.csv", skipinitialspace=True)
ITEMS = Items.from_frame(DATA, NAMES, missing="pairwise")


def expected(case: str, name: str) -> np.ndarray:
    return EXPECTED[(EXPECTED["case"] == case) & (EXPECTED["name"] == name)]["value"].to_numpy(dtype=float)


@pytest.mark.parametrize("case", ["none/1", "none/2", "none/3", "varimax/2", "varimax/3", "oblimin/2", "oblimin/3"])
def test_factors_are_those_of_psych(case):
    rotation, m = case.split("/")
    ours = factor_analysis(ITEMS, int(m), rotation)
    np.testing.assert_allclose(ours.loadings.ravel(), expected(case, "loadings"), atol=1e-7)
    np.testing.assert_allclose(ours.correlations.ravel(), expected(case, "correlations"), atol=1e-7)
    np.testing.assert_allclose(ours.communalities, expected(case, "communalities"), rtol=1e-8)
    assert ours.objective == pytest.approx(expected(case, "objective")[0], rel=1e-8)
    assert ours.objective <= expected(case, "psych_objective")[0]
    fit = [ours.rmsr, ours.df, ours.chi_square, ours.p_value, ours.rmsea, ours.rmsea_low, ours.rmsea_high, ours.tli]
    np.testing.assert_allclose(fit, expected(case, "fit"), rtol=1e-6)
    theirs = expected(case, "psych_loadings").reshape(ours.loadings.shape)
    # stats::varimax stops when a step gains less than 1e-5 of its criterion, which is some way before the top.
    np.testing.assert_allclose(ours.loadings, theirs, atol=3e-3 if rotation == "varimax" else 1e-4)
    assert rotation != "varimax" or kaiser(ours.loadings) >= kaiser(theirs)
    assert ours.heywood == ()


def test_adequacy_sphericity_and_eigenvalues_are_those_of_psych():
    ours = sampling_adequacy(ITEMS)
    np.testing.assert_allclose([ours.kmo, *ours.by_item], expected("adequacy", "kmo"), rtol=1e-8)
    one = sphericity(ITEMS)
    np.testing.assert_allclose([one.chi_square, one.df, one.p_value], expected("adequacy", "bartlett"), rtol=1e-8)
    np.testing.assert_allclose(factor_analysis(ITEMS, 1).eigenvalues, expected("adequacy", "eigenvalues"), rtol=1e-8)
    np.testing.assert_allclose(factor_analysis(ITEMS, 1).common_eigenvalues, expected("adequacy", "psych_common_eigenvalues"),
                               atol=1e-4)


@pytest.mark.parametrize("m", [1, 3])
def test_omega_is_that_of_psych(m):
    ours, case = omega(ITEMS, m), f"omega/{m}"
    assert ours.total == pytest.approx(expected(case, "total")[0], rel=1e-8)
    assert ours.total == pytest.approx(expected(case, "psych")[0], abs=1e-5)
    if m == 1:
        assert np.isnan([ours.hierarchical, ours.asymptotic, ours.explained_common]).all()
        return
    assert ours.hierarchical == pytest.approx(expected(case, "hierarchical")[0], rel=1e-8)
    assert ours.hierarchical == pytest.approx(expected(case, "psych")[1], abs=1e-4)
    assert ours.explained_common == pytest.approx(expected(case, "explained_common")[0], rel=1e-8)
    np.testing.assert_allclose(np.abs(ours.loadings[:, 0]), expected(case, "general"), rtol=1e-8)
    assert ours.asymptotic == pytest.approx(ours.hierarchical / ours.total)
    assert list(ours.table()) == ["item", "general", "group_1", "group_2", "group_3", "communality", "uniqueness"]


def made_of(loadings: np.ndarray, phi: np.ndarray) -> np.ndarray:
    r = loadings @ phi @ loadings.T
    np.fill_diagonal(r, 1.0)
    return r


SIMPLE = np.kron(np.diag([1.0, 0.95, 0.9]), np.array([0.8, 0.7, 0.6, 0.5])[:, None])
PHI = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])


def test_a_simple_structure_is_found_again_exactly():
    found = minres(made_of(SIMPLE, PHI), 3)
    assert found.objective < 1e-18
    pattern, phi = oblimin(found.loadings)
    order = np.argmax(np.abs(pattern), axis=0).argsort()
    sign = np.sign(pattern.sum(axis=0))[order]
    np.testing.assert_allclose(pattern[:, order] * sign, SIMPLE, atol=1e-7)
    np.testing.assert_allclose(phi[np.ix_(order, order)] * np.outer(sign, sign), PHI, atol=1e-7)


def test_a_general_factor_is_found_again_exactly():
    """Phi = g g' off its diagonal: hierarchical omega is (sum of B g)^2 / sum R."""
    g = np.array([0.9, 0.7, 0.6])
    phi = np.outer(g, g)
    np.fill_diagonal(phi, 1.0)
    r = made_of(SIMPLE, phi)
    items = Items(tuple(f"q{j}" for j in range(12)), np.empty((0, 12)), np.empty(0), r, r, np.full_like(r, 500), 500.0)
    ours = omega(items, 3)
    assert ours.hierarchical == pytest.approx((SIMPLE @ g).sum() ** 2 / r.sum(), rel=1e-7)
    assert ours.total == pytest.approx(1 - (1 - (SIMPLE**2).sum(axis=1)).sum() / r.sum(), rel=1e-7)


@st.composite
def answers(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    k, n = draw(st.integers(7, 10)), 150
    common = rng.normal(size=(n, 2)) @ np.array([[1, 0.4], [0, 0.9]])
    x = np.clip(np.round(3.4 + 0.8 * common[:, np.arange(k) % 2] + rng.normal(0, 0.7, (n, k))), 1, 5)
    x[rng.random(x.shape) < 0.05] = np.nan
    frame = pd.DataFrame(x, columns=[f"q{j}" for j in range(k)])
    return frame[frame.notna().any(axis=1)]


@settings(max_examples=15, deadline=None)
@given(answers(), st.sampled_from(["none", "varimax", "oblimin"]))
def test_the_same_people_in_another_order_give_the_same_factors(frame, rotation):
    names = list(frame)
    one = factor_analysis(Items.from_frame(frame, names, "pairwise"), 2, rotation)
    assume(not one.heywood and abs(one.variance[0] - one.variance[1]) > 0.05)
    mixed = factor_analysis(Items.from_frame(frame.sample(frac=1, random_state=1), names, "pairwise"), 2, rotation)
    np.testing.assert_allclose(mixed.loadings, one.loadings, atol=1e-7)
    backwards = factor_analysis(Items.from_frame(frame, names[::-1], "pairwise"), 2, rotation)
    np.testing.assert_allclose(backwards.loadings[::-1], one.loadings, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(answers())
def test_rotation_keeps_what_the_factors_explain_and_improves_its_criterion(frame):
    r = frame.corr().to_numpy()
    plain = minres(r, 2)
    assume(not plain.at_bound.any())
    np.testing.assert_allclose((plain.loadings**2).sum(axis=1), 1 - plain.uniquenesses, atol=1e-8)
    turned = varimax(plain.loadings)
    np.testing.assert_allclose(turned @ turned.T, plain.loadings @ plain.loadings.T, atol=1e-10)
    pattern, phi = oblimin(plain.loadings)
    np.testing.assert_allclose(pattern @ phi @ pattern.T, plain.loadings @ plain.loadings.T, atol=1e-8)
    np.testing.assert_allclose(np.diag(phi), 1)
    assert quartimin(pattern) <= quartimin(turned) + 1e-12
    for angle in np.linspace(0.05, 3.1, 20):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        assert kaiser(turned @ turn) <= kaiser(turned) + 1e-10


def kaiser(loadings):
    square = (loadings / np.sqrt((loadings**2).sum(axis=1, keepdims=True))) ** 2
    return square.var(axis=0).sum()


@settings(max_examples=15, deadline=None)
@given(answers(), st.integers(1, 3))
def test_no_other_uniquenesses_nearby_leave_less(frame, m):
    r = frame.corr().to_numpy()
    found = minres(r, m)
    rng = np.random.default_rng(1)
    for size in (1e-3, 1e-2, 0.1):
        for _ in range(10):
            psi = np.clip(found.uniquenesses + rng.normal(0, size, len(r)), 0.005, 1)
            values = np.linalg.eigvalsh(r - np.diag(psi))[::-1]
            rest = np.where(np.arange(len(r)) < m, np.minimum(values, 0), values)
            assert (rest**2).sum() / 2 >= found.objective - 1e-14


def test_convention_of_order_and_sign():
    for rotation in ("none", "varimax", "oblimin"):
        ours = factor_analysis(ITEMS, 3, rotation)
        assert (np.diff(ours.variance) <= 0).all()
        assert (ours.loadings.sum(axis=0) > 0).all()
        np.testing.assert_allclose(ours.variance.sum(), ours.communalities.sum())
        assert list(ours.table()) == ["item", "F1", "F2", "F3", "communality", "uniqueness", "complexity"]
    # An item turned round turns its own loadings and nothing else.
    turned = factor_analysis(Items.from_frame(DATA.assign(q1=6 - DATA["q1"]), NAMES, "pairwise"), 3, "oblimin")
    other = ours.loadings * np.where(np.array(NAMES) == "q1", -1, 1)[:, None]
    np.testing.assert_allclose(np.abs(turned.loadings), np.abs(other), atol=1e-8)
    assert turned.objective == pytest.approx(ours.objective)


def test_a_heywood_case_is_named():
    r = np.array([[1, 0.9, 0.9, 0.2], [0.9, 1, 0.6, 0.2], [0.9, 0.6, 1, 0.2], [0.2, 0.2, 0.2, 1]])
    items = Items(tuple("abcd"), np.empty((0, 4)), np.empty(0), r, r, np.full((4, 4), 100.0), 100.0)
    ours = factor_analysis(items, 1)
    assert ours.heywood == ("a",)
    assert minres(r, 1).uniquenesses[0] == 0.005
    assert omega(items).heywood == ("a",)
    assert minres(r, 1, lowest_uniqueness=0.1).objective > minres(r, 1).objective


def test_fit_is_not_a_number_without_degrees_of_freedom_or_definiteness():
    three = factor_analysis(Items.from_frame(DATA, NAMES[:3], "pairwise"), 1)
    assert three.df == 0
    assert np.isnan([three.chi_square, three.p_value, three.rmsea, three.tli]).all()
    assert three.rmsr < 1e-8
    twice = DATA.dropna().assign(again=lambda f: f["q1"])
    items = Items.from_frame(twice, [*NAMES, "again"])
    assert np.isnan(sampling_adequacy(items).kmo)
    assert np.isnan(sphericity(items).chi_square)
    assert np.isnan(factor_analysis(items, 1).chi_square)


def test_normalising_rows_is_a_choice():
    assert not np.allclose(factor_analysis(ITEMS, 3, "varimax").loadings,
                           factor_analysis(ITEMS, 3, "varimax", normalise=False).loadings, atol=1e-4)
    assert not np.allclose(factor_analysis(ITEMS, 3, "oblimin").loadings,
                           factor_analysis(ITEMS, 3, "oblimin", normalise=True).loadings, atol=1e-4)


@pytest.mark.parametrize("basis", ["components", "factors"])
@pytest.mark.parametrize("null", ["permuted", "normal"])
def test_parallel_analysis_finds_three_factors_and_none_in_noise(basis, null):
    ours = parallel_analysis(ITEMS, seed=4, simulations=40, basis=basis, null=null)
    assert ours.factors == 3
    assert list(ours.table()["factor"]) == list(range(1, 11))
    rng = np.random.default_rng(9)
    noise = pd.DataFrame(rng.integers(1, 6, (300, 6)) * 1.0, columns=list("abcdef"))
    assert parallel_analysis(Items.from_frame(noise, list("abcdef")), 4, 40, basis=basis, null=null).factors == 0


def test_parallel_analysis_is_the_same_for_the_same_seed_and_rows_in_any_order():
    one = parallel_analysis(ITEMS, seed=7, simulations=10)
    mixed = Items.from_frame(DATA.sample(frac=1, random_state=2), NAMES, "pairwise")
    np.testing.assert_allclose(parallel_analysis(mixed, seed=7, simulations=10).threshold, one.threshold, rtol=1e-10)
    assert not np.allclose(parallel_analysis(ITEMS, seed=8, simulations=10).threshold, one.threshold)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: factor_analysis(ITEMS, 7), "ask for fewer factors"),
    (lambda: factor_analysis(ITEMS, 0), "0 factors cannot be found"),
    (lambda: factor_analysis(ITEMS, 2, "promax"), "rotation must be one of"),
    (lambda: omega(ITEMS, 2), "do not identify a general factor"),
    (lambda: parallel_analysis(ITEMS, 1, basis="both"), "basis must be"),
    (lambda: parallel_analysis(ITEMS, 1, simulations=0), "simulations"),
    (lambda: factor_analysis(Items.from_frame(DATA.assign(q2=3.0), NAMES, "pairwise"), 1), "no variance in q2"),
])
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(DesignError, match=words):
        call()


def test_degrees_of_freedom():
    assert [factor_degrees(6, 3), factor_degrees(10, 3), factor_degrees(3, 1)] == [0, 18, 0]


def test_an_empty_factor_is_not_rotated():
    """Two factors' worth of correlations, asked for three of them: the third has no loadings to speak of."""
    loadings = np.column_stack([SIMPLE[:8, :2], np.zeros(8)])
    with pytest.raises(DesignError, match="fewer than 3 factors"):
        oblimin(loadings)
    np.testing.assert_allclose(varimax(loadings)[:, 2], 0, atol=1e-12)


def test_uncorrelated_items_have_no_adequacy_and_no_complexity():
    eye = np.eye(4)
    items = Items(tuple("abcd"), np.empty((0, 4)), np.empty(0), eye, eye, np.full((4, 4), 100.0), 100.0)
    ours = sampling_adequacy(items)
    assert np.isnan([ours.kmo, *ours.by_item]).all()
    assert sphericity(items).chi_square == 0
    assert factor_analysis(items, 1).table()["complexity"].isna().any()
