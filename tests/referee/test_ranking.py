"""Random scores: our rank sets, Holm decisions and Fay-Herriot fits against R's multcomp, mvtnorm and metafor.

Only up to simulation error: critical values here are quantiles of draws, there integrals over the normal distribution (good to
about 0.001). So R's step-down tests at levels a little smaller and a little larger must bracket our sets.
Left out, as the packages refuse them: differences without variance; singular covariances beyond those of the pairs themselves.
The mean squared errors of Fay-Herriot have no counterpart in metafor: see tests/analysis/reference.
"""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.index.ranking import neighbours_differ, rank_confidence
from analysis.index.small_areas import fay_herriot
from tests.referee.conftest import referee

#: by how much the level of R's tests is moved: three standard errors of a tail of 0.05 in 20,000 draws, and R's own error
ASIDE = 0.006
seeds = st.integers(0, 2**32 - 1)


def scores(seed: int, most: int):
    random = np.random.default_rng(seed)
    k = int(random.integers(2, most + 1))
    root = random.normal(size=(k, k))
    v = root @ root.T / k + np.diag(random.uniform(0.1, 1, k))
    return random.normal(80, random.choice([1.0, 3, 6]), k), (v + v.T) / 2


def bracketed(low, high, tests, unit, level):
    """Whether R's tests at smaller and larger levels hold the set (low, high) of `unit` between them."""
    one, other, p = (np.array(tests[name]) for name in ("one", "other", "p"))
    k = max(one.max(), other.max())
    for limit, inner in ((level - ASIDE, False), (level + ASIDE, True)):
        r_low = 1 + (p[one == unit] < limit).sum()
        r_high = k - (p[other == unit] < limit).sum()
        if (inner and not (low <= r_low and high >= r_high)) or (not inner and not (low >= r_low and high <= r_high)):
            return False
    return True


@referee
@given(seeds)
def test_simultaneous_sets_are_step_down_tests_of_all_pairs(r, seed):
    x, v = scores(seed, 4)
    found = rank_confidence(x, v, seed=1, draws=20_000)
    tests = r("rank_stepdown", estimates=x, covariance=v)
    for j in range(x.size):
        assert bracketed(found.simultaneous_low[j], found.simultaneous_high[j], tests, j + 1, 0.05), (found, tests)


@referee
@given(seeds)
def test_a_units_own_set_is_a_step_down_test_of_its_pairs(r, seed):
    x, v = scores(seed, 5)
    found = rank_confidence(x, v, seed=1, draws=20_000, confidence=0.9)
    tests = r("rank_stepdown", estimates=x, covariance=v, unit=1)
    assert bracketed(found.low[0], found.high[0], tests, 1, 0.1), (found, tests)


@referee
@given(seeds)
def test_critical_values_are_quantiles_of_the_largest_difference(r, differences, seed):
    x, v = scores(seed, 5)
    found = rank_confidence(x, v, seed=1, draws=50_000, stepwise=False)
    level = r("rank_probability", covariance=v, critical=found.simultaneous_critical)
    differences.agree("ranks: level of the critical value (simulation)", 0.95, level, 0.005)


@referee
@given(seeds, st.sampled_from([None, 3, 40]))
def test_neighbours_are_tested_as_p_adjust_does(r, differences, seed, df):
    x, v = scores(seed, 12)
    found = neighbours_differ(x, v, df=np.inf if df is None else df)
    theirs = r("holm", difference=found.difference, error=found.standard_error, df=df)
    differences.agree("neighbours: p", found.p_value, theirs["p"], 1e-8, scale=1e-200)
    differences.agree("neighbours: Holm's p", found.p_holm, theirs["holm"], 1e-8, scale=1e-200)


@referee
@given(seeds, st.sampled_from([("reml", "REML"), ("ml", "ML"), ("prasad_rao", "HE"), ("fay_herriot", "PM")]), st.booleans())
def test_area_models_are_random_effects_models(r, differences, seed, methods, with_covariate):
    random = np.random.default_rng(seed)
    m = int(random.integers(5, 30))
    variance = random.uniform(0.5, 4, m)
    covariate = random.normal(size=m) if with_covariate else None
    direct = random.normal(80, np.sqrt(8 + variance)) + (2 * covariate if with_covariate else 0)
    ours, theirs = methods
    found = fay_herriot(direct, variance, covariate, ours)
    expected = r("area_model", direct=direct, variance=variance, covariates=covariate, method=theirs)
    differences.agree(f"area model: variance ({ours})", found.model_variance, expected["model_variance"], 1e-6, scale=1)
    differences.agree("area model: coefficients", found.coefficients, expected["coefficients"], 1e-6, scale=1)
    differences.agree("area model: their covariance", found.coefficient_covariance, expected["covariance"], 1e-6, scale=0.01)
    differences.agree("area model: estimates", found.estimate, expected["estimate"], 1e-6)
