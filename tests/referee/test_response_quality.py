"""Random questionnaires: our flags, field effects and report against base R and its survey and psych packages.

Not compared, by definition: near-clones' chance, bursts and speed (no such function in Debian's R; by hand in
tests/analysis/test_response_quality.py). R's `careless` is not in Debian: response_quality.R writes its definitions out.
psych::outlier with gaps uses the whole inverse and drops terms; ours inverts the part that was answered, so only complete
rows are compared with it.
"""

import numpy as np
import pandas as pd
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.design import SurveyDesign
from analysis.response_quality import (
    average_run,
    even_odd_consistency,
    exact_duplicates,
    field_effects,
    longest_run,
    mahalanobis_distance,
    response_variability,
    straight_lining,
    with_and_without,
)
from analysis.response_quality.flags import raised
from tests.referee.conftest import referee


@st.composite
def questionnaires(draw, gaps: bool = True):
    """Answers 1 to 5 or 1 to 2 of 15 to 60 people to 3 to 5 scales of 2 to 4 items, straight-liners and gaps among them."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scales = random.integers(2, 5, random.integers(3, 6))
    n, k, top = int(random.integers(15, 60)), int(scales.sum()), int(random.choice([2, 5]))
    level = random.normal(top / 2 + 0.5, top / 6, (n, 1))
    x = np.clip(np.round(level + random.normal(0, top / 4, (n, k))), 1, top)
    x[:2] = x[0, 0]
    x[3] = x[4]
    if gaps:
        x = np.where((random.random((n, k)) < 0.1) & (np.arange(k) > 1), np.nan, x)
    return pd.DataFrame(x, columns=[f"q{j}" for j in range(k)]), [int(size) for size in scales]


@referee
@given(questionnaires())
def test_patterns(r, differences, case):
    frame, sizes = case
    items, some = list(frame), {"minimum_answers": 2, "missing": "exclude"}
    starts = np.cumsum([0, *sizes])
    scales = {f"s{j}": items[starts[j] : starts[j + 1]] for j in range(len(sizes))}
    ours = {
        "straight": straight_lining(frame, items, share=1, **some),
        "variability": response_variability(frame, items, standard_deviation=0, **some),
        "longest": longest_run(frame, items, length=5, gap="skipped", **some),
        "average": average_run(frame, items, length=5, gap="skipped", **some),
        "even_odd": even_odd_consistency(frame, scales, consistency=0, minimum_scales=3, missing="exclude"),
        "copies": exact_duplicates(frame, items, copies=2, **some),
    }
    theirs = r("quality_patterns", data=frame, scales=sizes)
    for name, flag in ours.items():
        differences.agree(f"quality: {name}", flag.value, theirs[name], 1e-8, scale=1e-3)


@referee
@given(questionnaires(gaps=False))
def test_distance(r, differences, case):
    frame, _ = case
    values = frame.to_numpy()
    assume(np.linalg.matrix_rank(values - values.mean(axis=0)) == values.shape[1])
    assume(np.linalg.cond(np.cov(values.T)) < 1e6)
    flag = mahalanobis_distance(frame, list(frame), chance=0.01, minimum_answers=frame.shape[1])
    theirs = r("quality_distance", data=frame)
    differences.agree("quality: mahalanobis()", flag.value, theirs["distance"], 1e-8)
    differences.agree("quality: psych::outlier", flag.value, theirs["psych"], 1e-8)
    differences.agree("quality: chance of the distance", flag.details["chance"], theirs["chance"], 1e-8)


@referee
@given(questionnaires(), st.sampled_from([0.3, 0.6]))
def test_distance_with_gaps(r, differences, case, shrinkage):
    frame, _ = case
    assume(frame.nunique().min() > 1)
    correlation = (1 - shrinkage) * frame.corr() + shrinkage * np.eye(frame.shape[1])
    assume(np.linalg.eigvalsh(correlation)[0] > 1e-3)
    flag = mahalanobis_distance(frame, list(frame), chance=0.01, minimum_answers=2, missing="exclude", shrinkage=shrinkage)
    theirs = r("quality_distance_gaps", data=frame, shrinkage=shrinkage)
    differences.agree("quality: distance with gaps", flag.value, theirs, 1e-8)


@referee
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_interviewer_effects(r, differences, seed, nested):
    random = np.random.default_rng(seed)
    groups, sites = int(random.integers(4, 9)), 2 if nested else 1
    group = np.concatenate([np.repeat(np.arange(groups), 2), random.integers(0, groups, random.integers(5, 60))])
    frame = pd.DataFrame({"group": [f"g{g}" for g in group], "site": [f"s{g % sites}" for g in group]})
    frame["y"] = random.normal(0, 1, groups)[group] * random.choice([0, 1]) + random.normal(0, 1, group.size)
    effects = field_effects(frame, "y", "group", within="site" if nested else None)
    theirs = r("quality_effects", y=frame["y"].to_numpy(), group=list(frame["group"]), site=list(frame["site"]))
    table = effects.table()
    differences.agree("quality: icc by aov", table["icc"], [theirs["icc"]], 1e-8, scale=1e-3)
    differences.agree("quality: F and p", table[["f", "p"]], [theirs["f"], theirs["p"]], 1e-8, scale=1e-9)
    differences.agree("quality: df", table[["df_between", "df_within"]], theirs["df"], 1e-8)
    for ours, method in (("holm", "holm"), ("bonferroni", "bonferroni"), ("benjamini_hochberg", "BH")):
        adjusted = field_effects(frame, "y", "group", within="site" if nested else None, adjustment=ours)
        differences.agree("quality: p.adjust", adjusted.p_adjusted, r("quality_adjust", p=adjusted.p_deviation.ravel(),
                                                                      method=method), 1e-8)


@referee
@given(st.integers(0, 2**32 - 1))
def test_balanced_groups_have_the_intraclass_correlation_of_psych(r, differences, seed):
    random = np.random.default_rng(seed)
    groups, size = int(random.integers(3, 15)), int(random.integers(2, 8))
    scores = random.normal(0, 1, (groups, 1)) * random.choice([0, 0.7]) + random.normal(0, 1, (groups, size))
    frame = pd.DataFrame({"group": np.repeat(np.arange(groups), size), "y": scores.ravel()})
    table = field_effects(frame, "y", "group").table()
    theirs = r("quality_icc", scores=pd.DataFrame(scores, columns=[f"j{j}" for j in range(size)]))
    differences.agree("quality: psych::ICC", table[["icc", "f", "p", "ci_low", "ci_high"]], theirs, 1e-8, scale=1e-3)


@st.composite
def surveys(draw):
    """A sample of strata and PSUs with two units, of whom some are to be left out."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, psu = [], 0
    for h in range(int(random.integers(1, 4))):
        psus = int(random.integers(2, 6))
        for _ in range(psus):
            psu += 1
            n = int(random.integers(2, 8))
            rows.append(pd.DataFrame({"stratum": h, "psu": psu, "size": psus + 7, "weight": random.uniform(1, 6, n).round(3),
                                      "unit": random.choice(["u", "v"], n), "y": random.normal(50, 10, n)}))
    data = pd.concat(rows, ignore_index=True)
    data["kept"] = random.random(len(data)) < 0.7
    spec = {"weights": "weight", "strata": "stratum", "psu": "psu"}
    if draw(st.booleans()):
        spec["fpc"] = "size"
    return data, spec


@referee
@given(surveys())
def test_with_and_without(r, differences, case):
    data, spec = case
    assume(data.groupby("unit")["kept"].agg(lambda kept: kept.any() and not kept.all()).all())
    # In one PSU alone the score of a mean adds up to rounding noise, whose root R may call NaN.
    assume((data[data["kept"]].groupby("unit")["psu"].nunique() > 1).all())
    assume(data["unit"].nunique() == 2)
    left = ~data["kept"].to_numpy()
    flag = raised("drawn", "by lot", data.index, left.astype(float), left.copy(), np.ones(len(data), dtype=int))
    ours = with_and_without(SurveyDesign.from_frame(data, **spec), "y", [flag], by="unit").table()
    theirs = np.array(r("quality_report", data=data, spec=spec, by="unit"), dtype=float)
    columns = ("estimate_all", "estimate_without", "difference", "standard_error_all", "standard_error_without",
               "standard_error")
    for position, column in enumerate(columns):
        differences.agree(f"quality report: {column}", ours[column], theirs[:, position], 1e-8, scale=1e-3)
