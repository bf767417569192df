"""Expected values for tests/analysis/test_ranking.py, made with multiple-inference 1.2.0 (D. Bowen, PyPI) under numpy 2.4.

Run from this folder in an environment of its own, which the project does not need:
    python -m venv env && env/bin/pip install multiple-inference==1.2.0 && env/bin/python make_ranking_reference.py

The package draws its own errors; here they are replaced by ours, so that both look at the same draws and no simulation error is
left. The draws are whitened first: their mean is the estimates, and their second moments are the covariance.
"""

import numpy as np
import pandas as pd
from multiple_inference.confidence_set import MarginalRanking, SimultaneousRanking

UNITS, DRAWS, PROBLEMS = 6, 300, 6


def whitened(random, covariance):
    raw = random.standard_t(6, size=(DRAWS, len(covariance)))
    raw -= raw.mean(axis=0)
    raw = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / DRAWS)).T
    return raw @ np.linalg.cholesky(covariance).T


rows, drawn = [], []
for problem in range(PROBLEMS):
    random = np.random.default_rng([20261124, problem])
    root = random.normal(size=(UNITS, UNITS))
    covariance = root @ root.T / UNITS + np.diag(random.uniform(0.05, 1, UNITS))
    estimates = np.round(random.normal(80, 2 + 2 * problem, UNITS), 3)
    draws = estimates + whitened(random, covariance)

    one = MarginalRanking(estimates, covariance).fit(n_samples=DRAWS)
    one._rvs = draws
    every = SimultaneousRanking(estimates, covariance).fit(n_samples=DRAWS)
    every._pairwise_comparison._rvs = draws
    for confidence in (0.9, 0.95):
        marginal = one.conf_int(1 - confidence, fast=False)
        marginal_once = one.conf_int(1 - confidence, fast=True)
        joint = every.conf_int(1 - confidence, fast=False)
        rows.append(pd.DataFrame({
            "problem": problem, "confidence": confidence, "unit": range(UNITS), "estimate": estimates,
            "low": marginal[:, 0], "high": marginal[:, 1], "low_single": marginal_once[:, 0],
            "high_single": marginal_once[:, 1], "simultaneous_low": joint[:, 0], "simultaneous_high": joint[:, 1]}))
    drawn.append(pd.DataFrame(draws).assign(problem=problem))

pd.concat(rows).to_csv("ranking_expected.csv", index=False, float_format="%.17g")
pd.concat(drawn).to_csv("ranking_draws.csv", index=False, float_format="%.10f")
