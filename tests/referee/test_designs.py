"""Random designs: our estimates against R's survey package.

Differences by definition:
- covariance between domains: ours is joint (zeros in R's svyby), so only the variances of domains are compared;
- the likelihood interval: R reads it off a spline through a few profile points, with a dispersion that counts the weights
  twice; ours solves the binomial deviance, and is compared with R's deviance solved by uniroot;
- Wilson's interval: not in survey 4.1; compared with its closed form on R's mean and standard error in tests/analysis;
- quantiles: for p below the first cumulated share the step rules give the smallest value here and the second one in 4.1;
  "shahvaish" in 4.1 takes the weights unsorted and unscaled, so it is compared on sorted values with weights of mean 1;
- a domain's mean of one row or of equal answers has no design effect here (R gives NaN or Inf);
- a domain whose PSUs lie all in strata of one PSU: under "average" both have no variance (NaN).
"""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.design import LonelyPsuError, SurveyDesign
from analysis.quantiles import RULES
from tests.referee.conftest import RError, referee
from tests.referee.samples import samples

CLOSED = 1e-8


def tidy(effects):
    """Undefined design effects, as either side writes them."""
    values = np.array([np.nan if each is None or each == "Inf" else each for each in np.ravel(effects)], dtype=float)
    return np.where(np.isfinite(values), values, np.nan)


def compare(r, differences, what, case, items, **options):
    data, spec = case
    design = SurveyDesign.from_frame(data, **spec)
    by, replace, gaps = options.get("by"), options.get("replace"), options.get("gaps")
    extra = {"by": by, "missing": "exclude_rows" if gaps else "fail"}
    if what != "variance":
        extra["design_effect"] = "with_replacement" if replace else "without_replacement"
    ours = design.ratio(items[0], items[1], **extra) if what == "ratio" else getattr(design, what)(items, **extra)
    theirs = r("estimates", data=data, spec=spec, what=what, items=items, by=by, na_rm=bool(gaps),
               deff="replace" if replace else True)
    table = ours.table()
    if by:  # R goes domain by domain
        table = table.sort_values([by, "item"], kind="stable")
    name = f"{what}{' by domain' if by else ''}"
    scale = 1e-7 * np.nanmax(np.abs(np.array([one or 0 for one in np.ravel(theirs["estimate"])])))
    differences.agree(f"{name}: estimate", table["estimate"], theirs["estimate"], CLOSED)
    differences.agree(f"{name}: standard error", table["standard_error"], theirs["se"], CLOSED, scale)
    if what != "variance":
        effects = tidy(theirs["deff"])
        mine = np.where(np.isnan(effects), np.nan, table["design_effect"])
        differences.agree(f"{name}: design effect", mine, effects, CLOSED, 1e-6)
    if not by:
        differences.agree(f"{name}: covariance", ours.covariance(), theirs["covariance"], CLOSED, scale**2)
        assert design.degrees_of_freedom() == theirs["df"]
    elif not gaps:
        assert list(table.drop_duplicates(by)["df"]) == np.atleast_1d(theirs["df"]).tolist()


@pytest.mark.parametrize("what", ["mean", "total", "ratio", "variance"])
@pytest.mark.parametrize("by", [None, "d"])
@referee
@given(samples(), st.booleans())
def test_estimates(r, differences, what, by, case, replace):
    items = {"ratio": ["a", "base"], "variance": ["a"]}.get(what, ["a", "b"])
    compare(r, differences, what, case, items, by=by, replace=replace)


@pytest.mark.parametrize("what", ["mean", "total"])
@referee
@given(samples(gaps=True))
def test_estimates_with_gaps(r, differences, what, case):
    assume(case[0]["a"].notna().sum() > 2)
    compare(r, differences, what, case, ["a", "b"], gaps=True)


@pytest.mark.parametrize("by", [None, "d"])
@referee
@given(samples(lonely=True))
def test_lonely_psus(r, differences, by, case):
    compare(r, differences, "mean", case, ["a"], by=by)


@referee
@given(samples(lonely=True))
def test_lonely_psus_fail_where_r_fails(r, differences, case):
    data, spec = case
    spec = spec | {"lonely_psu": "fail"}
    try:
        theirs = r("estimates", data=data, spec=spec, what="mean", items=["a"])
    except RError:
        theirs = None
    try:
        ours = SurveyDesign.from_frame(data, **spec).mean("a")
    except LonelyPsuError:
        ours = None
    assert (ours is None) == (theirs is None)
    if ours is not None:
        differences.agree("mean: standard error", ours.standard_error, theirs["se"], CLOSED, 1e-6)


@pytest.mark.parametrize("method", ["logit", "beta", "asin", "mean"])
@referee
@given(samples())
def test_intervals_of_a_share(r, differences, method, case):
    data, spec = case
    design = SurveyDesign.from_frame(data, **spec)
    assume(design.degrees_of_freedom() >= 1)
    table = design.proportion("good", interval=method).table()
    assume(table["standard_error"].iloc[1] > 1e-9)
    theirs = r("proportion", data=data, spec=spec, item="good",
               method="xlogit" if method == "logit" else method)  # R's "logit" is the same interval, iterated
    differences.agree(f"share, {method}: ends", table.loc[1, ["ci_low", "ci_high"]], theirs["interval"], CLOSED, 1e-3)


@referee
@given(samples())
def test_likelihood_interval_of_a_share(r, differences, case):
    data, spec = case
    design = SurveyDesign.from_frame(data, **spec)
    assume(design.degrees_of_freedom() >= 1)
    table = design.proportion("good", interval="likelihood").table()
    assume(table["standard_error"].iloc[1] > 1e-9)
    assume(table["ci_low"].iloc[1] > 1e-10 and table["ci_high"].iloc[1] < 1 - 1e-10)
    theirs = r("likelihood", data=data, spec=spec, item="good")
    differences.agree("share, likelihood: ends", table.loc[1, ["ci_low", "ci_high"]], theirs, 1e-6, 1e-3)


@pytest.mark.parametrize("rule", RULES)
@referee
@given(samples(), st.sampled_from(["mean", "beta", "xlogit", "asin"]), st.sampled_from([None, "d"]))
def test_quantiles(r, differences, rule, case, interval, by):
    data, spec = case
    item = "a" if rule == "shahvaish" else "b"
    if rule == "shahvaish":
        data = data.assign(weight=1.0).sort_values("a", ignore_index=True)
    elif rule in ("hf5", "hf6", "hf7", "hf8", "hf9", "hf4"):
        item = "a"
    design = SurveyDesign.from_frame(data, **spec)
    assume(design.degrees_of_freedom() >= 1 and data.groupby("d").size().min() > 4)
    probabilities = [.25, .5, .75]  # products with any sum of weights are exact, so a tie is one on both sides
    ours = design.quantile(item, probabilities, by=by, rule=rule, interval=interval).table()
    assume(ours["df"].min() >= 1)
    theirs = r("quantiles", data=data, spec=spec, item=item, probabilities=probabilities, rule=rule, interval=interval, by=by)
    # below the first cumulated share, and at a share of 1, the two differ by definition (R: x_2, NaN)
    parts = [part for _, part in (data.groupby("d") if by else [(0, data)])]
    low, high = (np.tile([getattr(part[item], end)() for part in parts], 3) for end in ("min", "max"))
    inner = (ours["estimate"] > low + 1e-9) & (ours["estimate"] < high - 1e-9) & (ours["standard_error"] > 1e-9)
    known = [("estimate", inner), ("ci_low", inner & (ours["ci_low"] > low + 1e-9)),
             ("ci_high", inner & (ours["ci_high"] < high - 1e-9))]
    for (column, keep), key in zip(known, ("estimate", "low", "high"), strict=True):
        other = np.array([np.nan if x is None or x == "NaN" else x for x in theirs[key]], dtype=float)
        mine, other = (np.where(keep, each, np.nan) for each in (ours[column], other))
        differences.agree(f"quantile, {rule}: {key}", mine, other, CLOSED)
