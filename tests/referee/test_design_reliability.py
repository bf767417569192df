"""Random designs: alpha of a population and its error against R's survey package.

R has no error of alpha by linearisation: it is made of svymean's joint covariance by the delta method. By replicates it is
withReplicates of the same formula. svycralpha takes gaps item by item; ours complete rows only, so it is given complete rows.
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.calibration import post_stratify
from analysis.design import SurveyDesign
from analysis.design_reliability import design_alpha
from analysis.replicate_weights import jackknife_1, jackknife_n
from tests.referee.conftest import referee
from tests.referee.samples import samples

CLOSED = 1e-8
ITEMS = ["q1", "q2", "q3", "q4"]


def answered(data, seed, gaps):
    rng = np.random.default_rng(seed)
    people = (data["a"] - 50) / 10 + rng.normal(0, .5, len(data))
    columns = {name: np.clip(np.round(3 + people + rng.normal(0, 1, len(data))), 1, 5) for name in ITEMS}
    if gaps:
        columns = {name: np.where(rng.random(len(data)) < .1, np.nan, x) for name, x in columns.items()}
    return data.assign(**columns, cell=rng.integers(0, 2, len(data)))


@pytest.mark.parametrize("by", [None, "d"])
@referee
@given(samples(), st.integers(0, 2**32 - 1), st.booleans(), st.booleans())
def test_alpha_by_linearisation(r, differences, by, case, seed, gaps, calibrated):
    data, spec = case
    data = answered(data, seed, gaps).assign(d=lambda frame: frame["d"] % 2)
    whole = data.dropna(subset=ITEMS)
    assume(whole.groupby("d").size().min() > 6 and data["d"].nunique() == 2 and data["cell"].nunique() == 2)
    sums = whole[ITEMS].sum(axis=1).groupby(whole["d"])
    assume(sums.ngroups == 2 and sums.std().min() > .5)
    design, calibration = SurveyDesign.from_frame(data, **spec), None
    if calibrated:
        totals = {0: 321.0, 1: 456.5}
        design = post_stratify(design, "cell", totals)
        calibration = {"strata": "cell", "totals": {"cell": list(totals), "Freq": list(totals.values())}}
    ours = design_alpha(design, ITEMS, by=by, missing="exclude_rows" if gaps else "fail")
    theirs = r("population_alpha", data=data, spec=spec, items=ITEMS, by=by, calibrate=calibration)
    kind = "alpha of a population" + (", calibrated" if calibrated else "")
    differences.agree(kind, ours.estimate, theirs["estimate"], CLOSED, 1e-3)
    differences.agree(f"{kind}: error", ours.standard_error, theirs["se"], CLOSED, 1e-6)
    differences.agree(f"{kind}: joint variance", np.sqrt(np.diag(ours.covariance())), theirs["se"], CLOSED, 1e-6)


@pytest.mark.parametrize("mse", [False, True])
@pytest.mark.parametrize("kind", ["JK1", "JKn"])
@referee
@given(samples(stages=False), st.integers(0, 2**32 - 1), st.booleans())
def test_alpha_by_replicates(r, differences, kind, mse, case, seed, gaps):
    data, spec = case
    data = answered(data, seed, gaps).assign(size=data["size"] + 3)  # a stratum taken whole has no replicates
    assume(data[ITEMS].dropna().sum(axis=1).std() > .5 and len(data.dropna(subset=ITEMS)) > 8)
    if kind == "JK1":
        spec = {name: value for name, value in spec.items() if name not in ("strata", "fpc")}
        data = data.assign(psu=data["stratum"].astype(str) + "-" + data["psu"].astype(str))
    design = SurveyDesign.from_frame(data, **spec)
    replicates = (jackknife_1 if kind == "JK1" else jackknife_n)(design, mse=mse)
    ours = design_alpha(replicates, ITEMS, missing="exclude_rows" if gaps else "fail")
    theirs = r("replicated_alpha", data=data, spec=spec, items=ITEMS, type=kind, mse=mse)
    differences.agree(f"alpha, {kind}", ours.estimate, theirs["estimate"], CLOSED, 1e-3)
    differences.agree(f"alpha, {kind}: error", ours.standard_error, theirs["se"], CLOSED, 1e-6)
