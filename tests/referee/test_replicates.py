"""Random designs: replicates made here, and R's own replicate weights handed over as columns, against R's survey.

Different by definition, so not compared:
- BRR: R takes a smaller Hadamard matrix where it has one and centres on the mean of the replicates, so only totals agree
  exactly between the two sets; with R's own replicate weights everything is compared.
- Bootstrap: other random numbers; with R's own replicate weights everything is compared.
- JKn and lonely_psu="average": R scales by PSUs / PSUs used, here by strata / usable strata, as the linearised variance does.
- Degrees of freedom of a domain: R has the rank of the replicate weights; here PSUs minus strata when the design is known.
- A replicate in which a domain has no weight: R leaves it out with a warning (here lost="discard", so compared), by default
  the standard error is NaN.
- rake() of replicates: R goes on until the sample's own margins hold, whatever the replicates do; here each replicate is raked
  until its margins hold, so raked replicates are compared with R's calibrate(calfun = "raking"), the same weights.
- Woodruff's intervals: svyquantile of a replicate design gives that of "mean" whatever is asked (4.1 does not hand the type
  on), so the others are compared with the function behind it.
- The covariance of domains when replicates are left out: R leaves them out for all domains.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.calibration import calibrate, post_stratify, rake
from analysis.design import SurveyDesign
from analysis.replicate_weights import balanced_half_samples, jackknife_1, jackknife_n, stored_replicates
from analysis.variance import DesignError
from tests.referee.conftest import referee
from tests.referee.test_calibration import columns, contrasts, population, skip

ITEMS = ["a", "b"]


FEW, SOME = st.integers(1, 5), st.integers(2, 5)


@st.composite
def samples(draw, strata=FEW, psus=SOME, fpc=True):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, psu = [], 0
    for h in range(draw(strata)):
        count = draw(psus)
        for _ in range(count):
            psu += 1
            n = int(rng.integers(2, 8))
            rows.append(pd.DataFrame({
                "stratum": h, "psu": psu, "size": count + 4, "weight": rng.uniform(1, 6, n).round(3),
                "sex": rng.choice(["f", "m"], n), "age": rng.choice(["1", "2", "3"], n), "unit": rng.choice(["p", "q"], n),
                "level": rng.choice(["x", "y", "z"], n), "x": rng.uniform(1, 4, n).round(3), "b": rng.uniform(1, 6, n)}))
    data = pd.concat(rows, ignore_index=True)
    data["a"] = data["x"] * 3 + (data["sex"] == "f") * 2 + rng.normal(0, 1, len(data))
    data["true"] = data["weight"] * rng.uniform(0.9, 1.6, len(data))
    assume(data["unit"].nunique() == 2 and data["level"].nunique() == 3 and data["sex"].nunique() == 2)
    assume(data["age"].nunique() == 3)
    spec = {"weights": "weight", "strata": "stratum", "psu": "psu"}
    if fpc and draw(st.booleans()):
        spec["fpc"] = "size"
    return data, spec


def tidy(figures):
    return [None if one == "NaN" else one for one in figures]


def agree(differences, topic: str, design, theirs: dict, *, stored: bool = False) -> None:
    assert np.size(theirs["rscales"]) == design.rscales.size
    differences.agree(f"{topic}: weights", design.weights, theirs["weights"], 1e-8)
    for what in ("mean", "total"):
        found = getattr(design, what)(ITEMS)
        differences.agree(f"{topic}: {what}", found.estimate, theirs[what], 1e-8)
        differences.agree(f"{topic}: {what} covariance", found.covariance(), theirs[f"{what}_covariance"], 1e-8)
    ratio = design.ratio("a", "b")
    differences.agree(f"{topic}: ratio", ratio.estimate, theirs["ratio"], 1e-8)
    differences.agree(f"{topic}: ratio error", ratio.standard_error, theirs["ratio_se"], 1e-8)
    share = design.proportion("level")
    differences.agree(f"{topic}: proportion", share.estimate, theirs["share"], 1e-8)
    differences.agree(f"{topic}: proportion covariance", share.covariance(), theirs["share_covariance"], 1e-8)
    domain = design.mean(ITEMS, by="unit")
    differences.agree(f"{topic}: domain mean", domain.estimate, theirs["domain"], 1e-8)
    if not np.isnan(domain.replicates).any():
        differences.agree(f"{topic}: domain covariance", domain.covariance(), theirs["domain_covariance"], 1e-8)
    total = design.total(ITEMS, by="unit")
    differences.agree(f"{topic}: domain total error", total.standard_error, theirs["domain_total_se"], 1e-8)
    df = design.mean("a").df
    assert (df == theirs["df"]).all(), topic
    if stored:
        assert domain.df[0].tolist() == theirs["domain_df"], topic


@referee
@given(samples(strata=st.just(1), psus=st.integers(3, 9)), st.booleans())
def test_jackknife_1(r, differences, case, mse):
    data, spec = case
    del spec["strata"]
    ours = jackknife_1(SurveyDesign.from_frame(data, **spec), mse=mse, lost="discard")
    agree(differences, "JK1", ours, r("from_design", data=data, spec=spec, type="JK1", mse=mse, items=ITEMS, by="unit"))


@referee
@given(samples(), st.booleans())
def test_jackknife_n(r, differences, case, mse):
    data, spec = case
    ours = jackknife_n(SurveyDesign.from_frame(data, **spec), mse=mse, lost="discard")
    agree(differences, "JKn", ours, r("from_design", data=data, spec=spec, type="JKn", mse=mse, items=ITEMS, by="unit"))


@referee
@given(samples(strata=st.integers(2, 5), psus=st.integers(1, 3), fpc=False),
       st.sampled_from(["fail", "remove", "certainty", "adjust"]))
def test_jackknife_n_with_lonely_psus(r, differences, case, policy):
    data, spec = case
    assume((data.groupby("stratum")["psu"].nunique() > 1).any())
    spec["lonely_psu"] = policy
    if policy == "fail" and (data.groupby("stratum")["psu"].nunique() == 1).any():
        with pytest.raises(DesignError, match="one PSU"):
            jackknife_n(SurveyDesign.from_frame(data, **spec))
        return
    ours = jackknife_n(SurveyDesign.from_frame(data, **spec), lost="discard")
    theirs = r("from_design", data=data, spec=spec, type="JKn", mse=False, items=ITEMS, by="unit")
    theirs["df"] = ours.mean("a").df  # R: the rank, which does not count PSUs without a replicate
    agree(differences, f"JKn, lonely {policy}", ours, theirs)


@referee
@given(samples(strata=st.integers(1, 9), psus=st.just(2), fpc=False), st.sampled_from([0.0, 0.3]))
def test_half_samples_of_totals(r, differences, case, rho):
    data, spec = case
    ours = balanced_half_samples(SurveyDesign.from_frame(data, **spec), rho).total(ITEMS)
    theirs = r("from_design", data=data, spec=spec, type="Fay" if rho else "BRR", mse=False, items=ITEMS, by="unit", rho=rho)
    differences.agree("BRR and Fay: total covariance", ours.covariance(), theirs["total_covariance"], 1e-8)
    assert (ours.df == theirs["df"]).all()


@referee
@given(samples(psus=st.just(2), strata=st.integers(2, 6)), st.booleans(), st.booleans(),
       st.sampled_from(["BRR", "Fay", "bootstrap", "subbootstrap", "mrbbootstrap"]), st.floats(0.1, 0.9))
def test_stored_replicate_weights(r, differences, case, combined, mse, kind, p):
    data, spec = case
    if kind in ("BRR", "Fay", "subbootstrap"):
        spec.pop("fpc", None)
    made = r("made_weights", data=data, spec=spec, type=kind, replicates=30, rho=0.4)
    table = np.array(made["weights" if combined else "factors"], dtype=float)
    names = [f"rep{i + 1}" for i in range(table.shape[1])]
    wide = pd.concat([data, pd.DataFrame(table, columns=names)], axis=1)
    options = {"Fay": {"rho": 0.4}, "BRR": {}}.get(kind, {"scale": made["scale"], "rscales": made["rscales"]})
    method = kind if kind in ("BRR", "Fay") else "other"
    ours = stored_replicates(wide, "weight", "rep", method, combined, mse=mse, lost="discard", **options)
    theirs = r("from_columns", data=wide, replicates=names, type=method, combined=combined, mse=mse, items=ITEMS, by="unit",
               p=[p], **options)
    agree(differences, f"stored {kind}", ours, theirs, stored=True)
    # R's rules start at the second value where p lies below the share of the first; leave these out
    weights = np.column_stack([ours.weights, ours.replicate_weights])[np.argsort(data["a"])]
    first = [column[column > 0][0] / column.sum() for column in weights.T]
    if p <= max(first) + 1e-9:
        return
    found = ours.quantile("a", [p], rule="hf1")
    differences.agree("stored: quantile", found.estimate, theirs["quantile"], 1e-8)
    differences.agree("stored: quantile error", found.standard_error, theirs["quantile_se"], 1e-8)
    for interval in ("mean", "beta", "xlogit", "asin"):
        found = ours.quantile("a", [p], rule="hf1", interval=interval)
        figures = [found.estimate, found.ci_low, found.ci_high, found.standard_error]
        # as there: R's rules start at the second value; and an end at a share of 1 is NaN or the largest value by its rounding
        if data["a"].min() < found.ci_low and found.ci_high < data["a"].max():
            if interval == "mean":
                differences.agree("stored: quantile, svyquantile's own", np.ravel(figures), tidy(theirs["woodruff_own"]), 1e-8)
            differences.agree(f"stored: quantile, {interval}", np.ravel(figures), tidy(theirs[f"woodruff_{interval}"]), 1e-8)


@referee
@given(samples(strata=st.integers(1, 3), psus=st.integers(4, 6)),
       st.sampled_from(["post", "rake", "linear", "raking", "logit"]))
def test_adjusted_again_in_each_replicate(r, differences, case, how):
    data, spec = case
    design = SurveyDesign.from_frame(data, **spec)
    sex, age = population(data, "sex"), population(data, "age")
    try:
        if how == "post":
            ours = post_stratify(design, "age", age)
            step = {"what": "post", "by": "age", "totals": columns(age)}
        elif how == "rake":
            ours = rake(design, {"sex": sex, "age": age}, 1e-13, 2000)
            wanted = {key: value for key, value in contrasts(data).items() if key != "x"}
            step = {"what": "calibrate", "by": ["sex", "age"], "totals": wanted, "calfun": "raking"}
        else:
            bounds = {"bounds": (0.2, 5.0)} if how == "logit" else {}
            totals = {"sex": sex, "age": age, "x": (data["true"] * data["x"]).sum()}
            ours = calibrate(design, totals, distance=how, **bounds)
            step = {"what": "calibrate", "by": ["sex", "age", "x"], "totals": contrasts(data), "calfun": how, **bounds}
        ours = jackknife_n(ours, lost="discard")
    except DesignError as error:
        skip(error, "negative", "cannot all be met", "cannot be weighted")
    theirs = r("from_design", data=data, spec=spec, type="JKn", mse=False, items=ITEMS, by="unit", steps={"s": step})
    differences.agree(f"adjusted again, {how}: replicate weights", np.sort(ours.replicate_weights, axis=1),
                      np.sort(np.array(theirs["replicates"], dtype=float), axis=1), 1e-6)
    for what in ("mean", "total"):
        found = getattr(ours, what)(ITEMS)
        differences.agree(f"adjusted again, {how}: {what} covariance", found.covariance(), theirs[f"{what}_covariance"], 1e-6)
