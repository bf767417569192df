"""Fay-Herriot: reference values, sae's published example, closed forms, the symmetries, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.index.small_areas import fay_herriot

REFERENCE = Path(__file__).parent / "reference"
METHODS = ("reml", "ml", "prasad_rao", "fay_herriot")
seeds = st.integers(0, 2**32 - 1)


def problem(seed: int, q: int = 1):
    random = np.random.default_rng(seed)
    m = int(random.integers(q + 3, 25))
    variance = random.uniform(0.5, 10, m)
    covariates = random.normal(size=(m, q)) if q else None
    return random.normal(80, np.sqrt(random.choice([0.1, 3, 30]) + variance)), variance, covariates


@pytest.mark.parametrize("method", METHODS)
def test_agrees_with_r(method):
    expected = pd.read_csv(REFERENCE / "small_areas_expected.csv")
    for case, rows in expected[expected["method"] == method].groupby("case"):
        covariates = rows[["x1", "x2"]].dropna(axis=1).to_numpy()
        found = fay_herriot(rows["direct"], rows["variance"], covariates if covariates.shape[1] else None, method)
        assert found.model_variance == pytest.approx(rows["model_variance"].iloc[0], rel=1e-6, abs=1e-9), case
        for name in ("estimate", "synthetic", "mse"):
            np.testing.assert_allclose(getattr(found, name), rows[name], rtol=1e-6, err_msg=f"{case}: {name}")
        np.testing.assert_allclose(found.gamma, rows["gamma"], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("method", ["reml", "ml", "fay_herriot"])
def test_agrees_with_the_published_example_of_sae(method):
    # Milk expenditure in 43 areas; sae iterates to a precision of 1e-4 and was printed with seven digits.
    milk = pd.read_csv(REFERENCE / "small_areas_milk.csv")
    areas = np.column_stack([milk["major_area"] == number for number in (2, 3, 4)]).astype(float)
    found = fay_herriot(milk["direct"], milk["standard_error"] ** 2, areas, method)
    np.testing.assert_allclose(found.estimate, milk[method], atol=2e-6)
    np.testing.assert_allclose(found.mse, milk[f"{method}_mse"], rtol=1e-5)
    if method == "reml":
        np.testing.assert_allclose(found.coefficients, [0.9681890, 0.1327801, 0.2269462, -0.2413011], atol=1e-6)
        np.testing.assert_allclose(np.sqrt(np.diag(found.coefficient_covariance)),
                                   [0.06936208, 0.10300072, 0.09232981, 0.08161707], rtol=1e-5)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_with_equal_variances_everything_is_closed(seed):
    y, variance, _ = problem(seed, 0)
    m, d = y.size, float(variance[0])
    for method in METHODS:
        found = fay_herriot(y, np.full(m, d), None, method)
        between = y.var() if method == "ml" else y.var(ddof=1)
        a = max(0.0, between - d)
        assert found.model_variance == pytest.approx(a, rel=1e-7, abs=1e-9)
        gamma = a / (a + d)
        np.testing.assert_allclose(found.estimate, y.mean() + gamma * (y - y.mean()), rtol=1e-7)
        # g1 + g2 + 2 g3, and for ML the bias -(A + D) / m
        mse = gamma * d + (1 - gamma) ** 2 * (a + d) / m + 4 * d**2 / (m * (a + d))
        mse += (1 - gamma) ** 2 * (a + d) / m if method == "ml" else 0
        np.testing.assert_allclose(found.mse, mse, rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from(METHODS))
def test_order_units_of_measurement_and_bounds(seed, method):
    y, variance, covariates = problem(seed)
    found = fay_herriot(y, variance, covariates, method)
    order = np.random.default_rng(seed).permutation(y.size)
    moved = fay_herriot(y[order], variance[order], covariates[order], method)
    np.testing.assert_allclose(moved.estimate, found.estimate[order], rtol=1e-7)
    np.testing.assert_allclose(moved.mse, found.mse[order], rtol=1e-5)
    scaled = fay_herriot(y * 100 + 7, variance * 1e4, covariates, method)
    np.testing.assert_allclose(scaled.estimate, found.estimate * 100 + 7, rtol=1e-6)
    np.testing.assert_allclose(scaled.mse, found.mse * 1e4, rtol=1e-5)
    assert found.model_variance >= 0
    assert ((found.gamma >= 0) & (found.gamma < 1)).all()
    assert (found.mse[~np.isnan(found.mse)] > 0).all()
    assert method == "fay_herriot" or not np.isnan(found.mse).any()
    between = np.sort([found.direct, found.synthetic], axis=0)
    assert ((found.estimate >= between[0] - 1e-9) & (found.estimate <= between[1] + 1e-9)).all()


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from(["reml", "ml"]))
def test_no_other_model_variance_is_more_likely(seed, method):
    y, variance, covariates = problem(seed)
    x = np.column_stack([np.ones(y.size), covariates])

    def deviance(a):
        v = np.diag(a + variance)
        information = x.T @ np.linalg.solve(v, x)
        residual = y - x @ np.linalg.solve(information, x.T @ np.linalg.solve(v, y))
        also = np.linalg.slogdet(information)[1] if method == "reml" else 0
        return np.linalg.slogdet(v)[1] + also + residual @ np.linalg.solve(v, residual)

    best = deviance(fay_herriot(y, variance, covariates, method).model_variance)
    assert all(best <= deviance(a) + 1e-9 for a in np.concatenate([[0], np.geomspace(1e-3, 1e4, 60)]))


def test_sure_units_keep_their_own_answer_and_unsure_ones_do_not():
    y = np.array([60.0, 70, 80, 90, 100])
    found = fay_herriot(y, np.array([1e-6, 1, 1, 1, 1e9]))
    assert found.estimate[0] == pytest.approx(60, abs=1e-3)
    assert found.gamma[4] < 1e-5
    assert found.estimate[4] == pytest.approx(found.synthetic[4], abs=0.01)
    table = found.table("abcde")
    assert table.columns.tolist() == ["unit", "direct", "direct_se", "estimate", "root_mse", "gamma", "synthetic"]
    assert table["direct"].tolist() == y.tolist()


def test_the_mean_squared_error_is_about_right():
    # 400 rounds of 30 units: the estimated error beside the real one.
    random = np.random.default_rng(8)
    variance = np.repeat([1.0, 4, 9], 10)
    real, estimated = [], []
    for _ in range(400):
        truth = 80 + random.normal(0, 2, 30)
        found = fay_herriot(truth + random.normal(0, np.sqrt(variance)), variance, method="reml")
        real.append((found.estimate - truth) ** 2)
        estimated.append(found.mse)
    real, estimated = (np.mean(values, axis=0).reshape(3, 10).mean(axis=1) for values in (real, estimated))
    np.testing.assert_allclose(estimated, real, rtol=0.1)
    assert (real[1:] < [4 * 0.7, 9 * 0.5]).all()


def test_units_that_do_not_differ_more_than_their_noise_get_the_common_mean():
    found = fay_herriot(np.array([80.0, 80.1, 79.9, 80]), np.array([4.0, 5, 6, 7]))
    assert found.model_variance == 0
    assert np.ptp(found.estimate) < 1e-9
    assert found.gamma.tolist() == [0, 0, 0, 0]


def test_a_squared_error_that_comes_out_negative_is_not_known():
    y, variance, covariates = problem(441)
    found = fay_herriot(y, variance, covariates, "fay_herriot")
    assert found.model_variance == 0
    assert 0 < np.isnan(found.mse).sum() < y.size
    assert np.isnan(found.table(range(y.size))["root_mse"]).sum() == np.isnan(found.mse).sum()


@pytest.mark.parametrize(("direct", "variance", "covariates", "message"), [
    ([1, 2, 3], [1, 2], None, "one length"),
    ([1, 2, 3], [1, 0, 2], None, "position 1"),
    ([1, 2, 3], [1, -1, 2], None, "position 1"),
    ([1, np.nan, 3], [1, 1, 2], None, "finite"),
    ([1], [1], None, "1 units cannot support"),
    ([1, 2], [1, 1], [1, 2], "cannot support 2"),
    ([1, 2, 3], [1, 1, 1], [1, 2], "one row per unit"),
    ([1, 2, 3, 4], [1, 1, 1, 1], [5, 5, 5, 5], "linearly dependent"),
    ([1, 2, 3, 4], [1, 1, 1, 1], [5, 5, 5, np.inf], "finite"),
])
def test_nonsense_is_refused(direct, variance, covariates, message):
    with pytest.raises(ValueError, match=message):
        fay_herriot(direct, variance, covariates)


def test_an_unknown_method_and_wrong_names_are_refused():
    with pytest.raises(ValueError, match="method"):
        fay_herriot([1, 2, 3], [1, 1, 1], method="bayes")
    with pytest.raises(ValueError, match="unit names"):
        fay_herriot([1, 2, 3], [1, 1, 1]).table("ab")
