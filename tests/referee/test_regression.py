"""Random designs: regressions against R's svyglm, importance against lm() over all subsets and survey's jackknife.

Not compared, by definition: predictors R drops as aliased (here refused by name); a logistic model R stops iterating on
separated data (here refused); survey's jackknife under lonely_psu="adjust", which weighs the lonely stratum's replicate by
(H - 1) / H of H strata, where ours weighs it by 1 - f as the linearised variance does; separated domains and those with too few
degrees of freedom are refused here and skipped.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import drivers, regression
from analysis.design import DesignError, SurveyDesign
from tests.referee.conftest import referee

FACTORS = ["access", "procedures", "staff", "result", "feedback"]


@st.composite
def surveys(draw):
    """Strata of 3 to 8 PSUs, correlated factors, an outcome of them, a 0/1 outcome, a category, a domain that misses PSUs."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, psu = [], 0
    for h in range(draw(st.integers(1, 4))):
        psus = int(rng.integers(3, 9))
        for _ in range(psus):
            psu += 1
            n = int(rng.integers(3, 12))
            common = rng.normal(0, 8, (n, 1)) + rng.normal(0, 3)
            x = 60 + common + rng.normal(0, rng.uniform(4, 12), (n, len(FACTORS)))
            rows.append(pd.DataFrame(x.round(3), columns=FACTORS).assign(
                stratum=h, psu=psu, size=psus + 9, weight=rng.uniform(1, 6, n).round(3),
                district=rng.choice(["a", "b", "c"], n), inside=(rng.random(n) < 0.8) & (psu % 5 > 0)))
    data = pd.concat(rows, ignore_index=True)
    effect = rng.uniform(-0.2, 0.9, len(FACTORS))
    data["overall"] = (10 + data[FACTORS] @ effect / 2 + (data["district"] == "b") * 4 + rng.normal(0, 7, len(data))).round(3)
    data["satisfied"] = (data["overall"] + rng.normal(0, 12, len(data)) > data["overall"].median()).astype(int)
    data["inside"] = data["inside"].astype(int)
    spec = {"weights": "weight", "strata": "stratum", "psu": "psu"}
    if draw(st.booleans()):
        spec["fpc"] = "size"
    return data, spec, "inside" if draw(st.booleans()) else None


def agree(differences, name, ours, theirs, tolerance):
    for figure, mine in (("estimate", ours.estimate), ("se", ours.standard_error), ("t", ours.t), ("p", ours.p_value),
                         ("low", ours.ci_low), ("high", ours.ci_high), ("covariance", ours.covariance), ("r2", ours.r_squared)):
        differences.agree(f"{name}: {figure}", mine, theirs[figure], tolerance)
    assert ours.df == theirs["df"]
    test = ours.wald(["staff", "district"])
    differences.agree(f"{name}: Wald F and p", [test.statistic, test.p_value], [theirs["wald"], theirs["wald_p"]], tolerance)
    assert (test.df, test.residual_df) == (theirs["wald_df"], theirs["wald_ddf"])


@referee
@pytest.mark.parametrize("kind", ["linear", "logistic"])
@given(case=surveys())
def test_regressions_are_those_of_svyglm(r, differences, kind, case):
    data, spec, domain = case
    outcome = "overall" if kind == "linear" else "satisfied"
    design = SurveyDesign.from_frame(data.astype({"inside": bool}), **spec)
    try:
        ours = getattr(regression, kind)(design, outcome, ["access", "staff", "district"], subset=domain)
    except DesignError as error:
        reason = str(error)
        assert "separated" in reason or "degrees of freedom" in reason
        return
    theirs = r("regression", data=data, spec=spec, formula=f"{outcome} ~ access + staff + district", family=kind,
               terms=["staff", "district"], subset=domain)
    agree(differences, kind, ours, theirs, 1e-8 if kind == "linear" else 1e-6)
    inside = data if domain is None else data[data[domain] == 1]
    fitted = ours.fitted(inside)
    differences.agree(f"{kind}: fitted", fitted["fitted"], theirs["fitted"], 1e-8 if kind == "linear" else 1e-6)
    differences.agree(f"{kind}: fitted se", fitted["standard_error"], theirs["fitted_se"], 1e-8 if kind == "linear" else 1e-6)


@referee
@given(case=surveys(), factors=st.integers(1, 5))
def test_importance_is_that_of_all_subsets_with_jackknife_errors(r, differences, case, factors):
    data, spec, domain = case
    if data["stratum"].nunique() == 1:
        spec = {name: column for name, column in spec.items() if name != "strata"}
    design = SurveyDesign.from_frame(data.astype({"inside": bool}), **spec)
    names = FACTORS[:factors]
    ours = drivers.importance(design, "overall", names, subset=domain, minimum_n=factors + 2)
    theirs = r("importance", data=data, spec=spec, outcome="overall", factors=names, subset=domain)
    measures = [getattr(ours, name) for name in drivers.MEASURES]
    for figure, theirs_is in (("estimate", "estimate"), ("standard_error", "se")):
        mine = np.concatenate([getattr(one, figure) for one in [*measures, ours.r_squared]])
        differences.agree(f"importance: {figure}", mine, theirs[theirs_is], 1e-8, scale=0.01)
