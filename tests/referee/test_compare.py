"""Random designs: our contrasts, tests of difference and of independence against R's survey package.

What cannot agree by definition:
- ranks of equal answers whose weights differ: R's depend on the order of the rows, ours are the middle of their weights;
  such data are compared with R's own regression of the mid-rank scores (tied_rank_tests).
- the Pearson statistic itself with missing answers: R multiplies by all rows, we by the rows with both answers; the
  corrected statistics and p-values do not contain that factor. R is therefore shown the answering rows as a subset.
- a whole population has no standard error: t and p are NaN here, infinite and 0 in R.
- the interval of a two-sample t test with 1 degree of freedom: R goes through a normal probability that rounds to 1 (NaN).
- a Wald statistic of more cells than degrees of freedom: its matrix has no inverse; NaN here, an error or noise in R.
"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.changes import stack_periods
from analysis.compare import contrast, domain_differences, ratio_contrast, smooth_contrast
from analysis.design import SurveyDesign
from analysis.multiple_comparisons import adjusted_p_values
from analysis.tests_of_difference import RANK_TESTS, paired_t_test, rank_test, t_test
from analysis.tests_of_independence import goodness_of_fit, independence
from analysis.trend import linear_trend
from tests.referee.conftest import RError, referee
from tests.referee.samples import samples


@st.composite
def cases(draw, groups: int | None = None):
    """A sample, its design, and the rows of a domain that have an answer (None: all of them)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["clusters", "stratified", "simple"]))
    k = groups or draw(st.integers(2, 4))
    strata = 1 if kind == "simple" else draw(st.integers(1, 4))
    rows, psu = [], 0
    for h in range(strata):
        psus = int(rng.integers(4, 9)) if kind == "clusters" else int(rng.integers(8, 25))
        size = psus + int(rng.integers(0, 20))
        for _ in range(psus):
            psu += 1
            n = int(rng.integers(2, 8)) if kind == "clusters" else 1
            shift = rng.normal(0, 3)
            rows.append(pd.DataFrame({
                "stratum": h, "psu": psu, "size": size, "weight": rng.uniform(1, 6, n).round(3),
                "a": rng.normal(50, 10, n) + h + shift, "b": rng.normal(60, 8, n) + shift, "level": rng.integers(1, 6, n) * 1.0,
                "group": rng.integers(0, k, n), "answer": rng.choice(["bad", "fair", "good"], n, p=[0.25, 0.35, 0.4]),
                "inside": rng.random(n) < 0.75}))
    spec = {"weights": "weight"}
    if kind == "clusters":
        spec["psu"] = "psu"
    if kind != "simple":
        spec["strata"] = "stratum"
    if draw(st.booleans()):
        spec["fpc"] = "size"
    data = pd.concat(rows, ignore_index=True)
    keep = data["inside"].to_numpy() if draw(st.booleans()) else None
    assume(data.loc[slice(None) if keep is None else keep, "group"].nunique() == k)
    return data, spec, keep


def given_to_r(data: pd.DataFrame) -> pd.DataFrame:
    return data.drop(columns="inside")


@referee
@given(cases())
def test_contrasts(r, differences, case):
    data, spec, _ = case
    means = SurveyDesign.from_frame(data, **spec).mean(["a", "b", "level"])
    linear = [1.0, -0.5, 2.0]
    theirs = r("contrast_figures", data=given_to_r(data), spec=spec, items=["a", "b", "level"], linear=linear, top="a",
               bottom="b")
    ours = {"linear": contrast(means, {"c": linear}), "ratio": ratio_contrast(means, {"c": ({"a": 1}, {"b": 1})}),
            "smooth": smooth_contrast(means, {"c": lambda x: np.exp(x["a"] / 50) * np.log(x["b"])})}
    for name, one in ours.items():
        differences.agree(f"svycontrast {name}", [one.estimate[0], one.standard_error[0]], theirs[name], 1e-8)


@referee
@given(cases(groups=2))
def test_t_tests(r, differences, case):
    data, spec, keep = case
    design = SurveyDesign.from_frame(data, **spec)
    assume(design.degrees_of_freedom() > 2)
    theirs = r("t_tests", data=given_to_r(data), spec=spec, keep=keep, item="a", other="b", group="group")
    ours = {"one": t_test(design, "a", subset=keep), "two": t_test(design, "a", "group", subset=keep),
            "paired": paired_t_test(design, "a", "b", subset=keep)}
    assume(all(one.standard_error > 0 for one in ours.values()))
    for name, one in ours.items():
        figures = [one.estimate, one.t, one.df, one.p_value, one.ci_low, one.ci_high]
        differences.agree(f"svyttest {name}", figures, theirs[name], 1e-7, scale=1e-12)


@referee
@given(cases(groups=2))
def test_a_t_test_is_the_difference_of_two_domains(r, differences, case):
    data, spec, _ = case
    design = SurveyDesign.from_frame(data, **spec)
    one = t_test(design, "a", "group")
    domains = domain_differences(design.mean("a", by="group"))
    differences.agree("t test and domain difference", [one.estimate, one.standard_error],
                      [domains.estimate[0], domains.standard_error[0]], 1e-9)


@pytest.mark.parametrize("test", RANK_TESTS)
@referee
@given(cases())
def test_rank_tests(r, differences, test, case):
    data, spec, keep = case
    design = SurveyDesign.from_frame(data, **spec)
    ours = rank_test(design, "a", "group", test, subset=keep)
    assume(ours.df2 >= 1 and not np.isnan(ours.statistic))
    theirs = r("rank_tests", data=given_to_r(data), spec=spec, keep=keep, item="a", group="group", test=test)
    differences.agree(f"svyranktest {test}", [ours.statistic, ours.df2, ours.p_value], theirs, 1e-7, scale=1e-12)
    ties = rank_test(design, "level", "group", test, subset=keep)
    assume(not np.isnan(ties.statistic))
    theirs = r("tied_rank_tests", data=given_to_r(data), spec=spec, keep=keep, item="level", group="group", test=test)
    differences.agree(f"ties {test}", [ties.statistic, ties.df2, ties.p_value], theirs, 1e-7, scale=1e-12)


@referee
@given(cases())
def test_independence(r, differences, case):
    data, spec, keep = case
    design = SurveyDesign.from_frame(data, **spec)
    try:
        ours = independence(design, "answer", "group", subset=keep, empty_cells="keep")
    except ValueError as problem:
        assume("one value only" not in str(problem))
        raise
    assume(ours.design_effects.sum() > 0)
    theirs = r("chi_squares", data=given_to_r(data), spec=spec, keep=keep, rows="answer", columns="group")
    table = ours.table().set_index("test")
    differences.agree("svychisq Chisq", [ours.pearson, *table.loc["first_order", ["df1", "p_value"]]], theirs["Chisq"], 1e-7,
                      scale=1e-12)
    for name, statistic in (("second_order", "F"), ("wald", "Wald"), ("adjusted_wald", "adjWald")):
        figures = table.loc[name].to_numpy(dtype=float)
        if np.isnan(figures[0]) or theirs[statistic] is None or figures[2] < 1:
            assert name != "second_order"
            continue
        differences.agree(f"svychisq {statistic}", figures, theirs[statistic], 1e-7, scale=1e-12)


@referee
@given(samples(lonely=True))
def test_stages_and_lonely_psus(r, differences, case):
    data, spec = case
    assume(data["good"].nunique() == 2 and data["b"].nunique() > 1 and data["d"].nunique() > 1)
    design = SurveyDesign.from_frame(data, **spec)
    one = t_test(design, "a", "good")
    assume(one.standard_error > 0 and one.df >= 1)
    theirs = r("t_tests", data=data, spec=spec, keep=None, item="a", other="b", group="good")["two"]
    shown = slice(None) if one.df > 1 else slice(4)
    figures = [one.estimate, one.t, one.df, one.p_value, one.ci_low, one.ci_high]
    differences.agree("svyttest stages", figures[shown], theirs[shown], 1e-7, scale=1e-12)
    ranks = rank_test(design, "b", "d", "wilcoxon")
    if ranks.df2 >= 1 and not np.isnan(ranks.statistic):
        theirs = r("tied_rank_tests", data=data, spec=spec, keep=None, item="b", group="d", test="wilcoxon")
        differences.agree("ties stages", [ranks.statistic, ranks.df2, ranks.p_value], theirs, 1e-6, scale=1e-12)
    table = independence(design, "b", "d", empty_cells="keep")
    if table.design_effects.sum() > 0:
        theirs = r("chi_squares", data=data, spec=spec, keep=None, rows="b", columns="d")
        second = table.table().set_index("test").loc["second_order"].to_numpy(float)
        differences.agree("svychisq F stages", second, theirs["F"], 1e-7, scale=1e-12)


@referee
@given(cases(), st.lists(st.floats(0.1, 1), min_size=3, max_size=3))
def test_goodness_of_fit(r, differences, case, shares):
    data, spec, keep = case
    assume(data.loc[slice(None) if keep is None else keep, "answer"].nunique() == 3)
    design = SurveyDesign.from_frame(data, **spec)
    ours = goodness_of_fit(design, "answer", dict(zip(["bad", "fair", "good"], shares, strict=True)), subset=keep)
    assume(ours.design_effects.sum() > 0)
    statistic, scale, df, p, whole = r("fits", data=given_to_r(data), spec=spec, keep=keep, item="answer", shares=shares)
    table = ours.table().set_index("test").loc["satterthwaite"]
    differences.agree("svygofchisq", [ours.pearson, table["statistic"], table["df1"], table["p_value"]],
                      [statistic * ours.n / whole, statistic / scale, df, p], 1e-7, scale=1e-12)


@referee
@given(cases(), st.integers(0, 2**32 - 1))
def test_changes_in_a_panel(r, differences, case, seed):
    data, spec, _ = case
    data = data.drop(columns="inside").assign(person=np.arange(len(data)))
    psu = spec.get("psu", "person")
    rng = np.random.default_rng(seed)
    later = data.assign(a=data["a"] * 0.7 + rng.normal(18, 6, len(data)))
    later = later[rng.random(len(data)) < 0.8] if "psu" in spec else later
    assume(set(later[psu]) == set(data[psu]))
    both = {"psu": psu, "weights": "weight", "strata": spec.get("strata"), "fpc": spec.get("fpc")}
    ours = domain_differences(stack_periods({2020: data, 2021: later}, **both).mean("a", by="year"), against="previous")
    stacked = pd.concat([data.assign(year=2020), later.assign(year=2021)], ignore_index=True)
    theirs = r("stacked_changes", data=stacked, spec=spec | {"psu": psu}, items="a", period="year")
    differences.agree("panel change", [ours.estimate[0], ours.standard_error[0]], theirs, 1e-7, scale=1e-9)


@referee
@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=30))
def test_adjusted_p_values(r, differences, p):
    assume(not all(np.isnan(p)))
    for ours, theirs in (("holm", "holm"), ("hochberg", "hochberg"), ("bonferroni", "bonferroni"),
                         ("benjamini_hochberg", "BH"), ("benjamini_yekutieli", "BY")):
        answer = r("adjusted", p=[*p, 0.5], method=theirs)
        differences.agree(f"p.adjust {theirs}", adjusted_p_values(np.array([*p, 0.5]), ours), answer, 1e-12, scale=1e-300)


@referee
@given(st.integers(3, 9), st.integers(0, 2**32 - 1), st.booleans())
def test_trends(r, differences, years, seed, broken):
    rng = np.random.default_rng(seed)
    when = 2015.0 + np.sort(rng.choice(15, years, replace=False))
    root = rng.normal(0, 1, (years, years + 3))
    v = root @ root.T / (years + 3) + 0.3 * np.eye(years)
    y = 70 + 0.8 * (when - 2015) + rng.normal(0, 1, years)
    breaks = [when[2]] if broken and years > 3 else []
    theirs = r("trends", years=when, y=y, v=v, step=breaks)
    for weighting, short in (("covariance", "gls"), ("variance", "wls")):
        ours = linear_trend(when, y, v, breaks=breaks, across_breaks="step", weighting=weighting)
        differences.agree(f"trend {short}", [*ours.estimate, *ours.standard_error], theirs[short] + theirs[f"{short}_se"], 1e-7)
        differences.agree("trend linearity", [ours.linearity, ours.linearity_p_value], [theirs["q"], theirs["p"]], 1e-7,
                          scale=1e-6)


def test_r_refuses_what_we_refuse(r):
    """Three groups are no t test on either side."""
    data = pd.DataFrame({"psu": range(9), "weight": 1.0, "a": np.arange(9.0) ** 2, "b": 1.0, "group": [0, 1, 2] * 3})
    spec = {"weights": "weight", "psu": "psu"}
    with pytest.raises(RError, match="group must be binary"):
        r("t_tests", data=data, spec=spec, keep=None, item="a", other="b", group="group")
    with pytest.raises(ValueError, match="has 3 values"):
        t_test(SurveyDesign.from_frame(data, **spec), "a", "group")
