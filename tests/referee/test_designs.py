"""Random designs: our estimates against R's survey package."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from analysis.design import SurveyDesign
from tests.referee.conftest import referee


@st.composite
def designs(draw):
    """A random sample with its design: strata of 2 to 5 PSUs, unequal weights, two items."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, psu = [], 0
    for h in range(draw(st.integers(1, 4))):
        psus = int(rng.integers(2, 6))
        size = psus + int(rng.integers(0, 20))
        for _ in range(psus):
            psu += 1
            n = int(rng.integers(1, 7))
            rows.append(pd.DataFrame({"stratum": h, "psu": psu, "size": size, "weight": rng.uniform(1, 6, n).round(3),
                                      "a": rng.normal(50, 10, n) + h, "b": rng.integers(1, 6, n) * 1.0}))
    spec = {"weights": "weight", "strata": "stratum", "psu": "psu"}
    if draw(st.booleans()):
        spec["fpc"] = "size"
    return pd.concat(rows, ignore_index=True), spec


@referee
@given(designs())
def test_means_totals_errors_and_effects(r, differences, case):
    data, spec = case
    design = SurveyDesign.from_frame(data, **spec)
    for what in ("mean", "total"):
        ours = getattr(design, what)(["a", "b"])
        theirs = r("estimates", data=data, spec=spec, what=what, items=["a", "b"])
        table = ours.table()
        differences.agree(f"{what}: estimate", table["estimate"], theirs["estimate"], 1e-8)
        differences.agree(f"{what}: standard error", table["standard_error"], theirs["se"], 1e-8)
        differences.agree(f"{what}: covariance", ours.covariance(), theirs["covariance"], 1e-8)
        assert design.degrees_of_freedom() == theirs["df"]
