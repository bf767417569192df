"""Random designs: step-down max-t of all pairs of domains against R's multcomp, adjusted("free").

Only up to simulation: ours counts draws, there the multivariate normal and t are integrated (to 2e-4 and more). With 100,000
draws a P has a standard error of at most 0.0016, and four of them are allowed. multcomp takes whole degrees of freedom only.
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.compare import contrast
from analysis.design import SurveyDesign
from analysis.multiple_comparisons import max_t, step_down_max_t
from tests.referee.conftest import referee
from tests.referee.samples import samples

FOUR_ERRORS = 0.0065


@pytest.mark.parametrize("df", [0, 5, 30])
@referee
@given(samples(), st.floats(0, 8), st.integers(0, 2**31))
def test_step_down_of_all_pairs(r, differences, df, case, apart, seed):
    data, spec = case
    rng = np.random.default_rng(seed)
    data = data.assign(d=rng.integers(0, 4, len(data)))
    data["a"] = data["a"] + apart * data["d"]
    assume((data.groupby("d").size() > 4).all() and data["d"].nunique() == 4)
    means = SurveyDesign.from_frame(data, **spec).mean("a", by="d")
    covariance = means.covariance()
    assume(np.isfinite(covariance).all() and np.linalg.eigvalsh(covariance)[0] > 1e-3 * np.trace(covariance))
    pairs = [(i, j) for i in range(4) for j in range(i)]
    rows = {f"{i}-{j}": np.eye(4)[i] - np.eye(4)[j] for i, j in pairs}
    comparison = contrast(means, rows, df=df or np.inf)
    theirs = r("stepdown_pairs", estimates=means.estimate[0], covariance=covariance, minuend=[i + 1 for i, _ in pairs],
               subtrahend=[j + 1 for _, j in pairs], df=df)
    ours = step_down_max_t(comparison, seed=1, draws=100_000)
    single = max_t(comparison, seed=1, draws=100_000)
    differences.agree("step-down max-t (simulation)", ours.p_value, theirs["free"], FOUR_ERRORS, scale=1)
    differences.agree("single-step max-t (simulation)", single.p_value, theirs["single"], FOUR_ERRORS, scale=1)
