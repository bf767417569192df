"""A second referee: the Python package svy, on designs of one stage with replacement, where both say the same.

Not compared: Wilson's interval, where svy corrects for the degrees of freedom twice (t in place of z, and a smaller effective
sample); ours is compared with its definition in tests/analysis/test_intervals.py.
"""

import numpy as np
import polars as pl
import pytest
import svy
from hypothesis import assume, given

from analysis.design import SurveyDesign
from tests.referee.conftest import referee
from tests.referee.samples import samples


def both(case):
    data, spec = case
    spec = {name: spec[name] for name in ("strata", "weights", "psu", "nest") if name in spec}
    if "psu" in spec:
        data = data.assign(psu=data["stratum"] * 100 + data["psu"])
        spec |= {"psu": "psu", "nest": False}
    else:
        data = data.assign(psu=np.arange(len(data)))
    theirs = svy.Sample(pl.from_dict({name: data[name].to_numpy() for name in data}),
                        svy.Design(stratum="stratum", psu="psu", wgt="weight"))
    return SurveyDesign.from_frame(data, **spec), theirs


@pytest.mark.parametrize("what", ["mean", "total"])
@referee
@given(samples(stages=False))
def test_by_domain(differences, what, case):
    ours, theirs = both(case)
    table = getattr(ours, what)("a", by="d").table()
    found = getattr(theirs.estimation, what)("a", by="d").to_polars().sort("d")
    differences.agree(f"svy, {what} by domain: estimate", table["estimate"], found["est"].to_numpy(), 1e-8)
    differences.agree(f"svy, {what} by domain: standard error", table["standard_error"], found["se"].to_numpy(), 1e-8, 1e-6)


@referee
@given(samples(stages=False))
def test_logit_interval_of_a_share(differences, case):
    ours, theirs = both(case)
    assume(ours.degrees_of_freedom() >= 1)
    row = ours.proportion("good", interval="logit").table().iloc[1]
    assume(row["standard_error"] > 1e-9)
    found = theirs.estimation.prop("good", ci_method="logit").to_polars()
    found = found.filter(pl.col(found.columns[0]).cast(pl.String) == "1") if len(found) == 2 else found
    differences.agree("svy, share, logit: ends", row[["ci_low", "ci_high"]], found.select("lci", "uci").to_numpy()[0], 1e-8)
