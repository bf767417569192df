"""All unit x item means with linearised errors, and the answers, of many respondents: beside bincount, R's survey and svy.

200 units x 3 respondent groups x 8 PSUs, 40 five-point items, unequal weights; columns in memory. R and svy are timed on fewer
items (one, and four) of the same data and multiplied up, as their time is in proportion to the items.
"""

import argparse
import subprocess
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.index.ranking import rank_confidence_from_draws
from analysis.index.replicated import composite_scores
from analysis.replicate_weights import rescaling_bootstrap

UNITS, GROUPS, PSUS, ITEMS, LEVELS = 200, 3, 8, 40, 6
ROUNDS = 5


def sample(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(20261125)
    unit = rng.integers(0, UNITS, n).astype(np.int32)
    group = rng.integers(0, GROUPS, n).astype(np.int8)
    stratum = unit * GROUPS + group
    items = {f"q{i:02d}": rng.integers(1, LEVELS, n).astype(np.int8) for i in range(ITEMS)}
    psu = (stratum * PSUS + rng.integers(0, PSUS, n)).astype(np.int32)
    return pd.DataFrame({"unit": unit, "group": group, "stratum": stratum, "psu": psu, "weight": rng.uniform(0.5, 3, n),
                         **items})


def plain(frame: pd.DataFrame, items: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The least that must be done: one bincount per item on psu * 6 + answer, and the arithmetic on its table."""
    place = frame["psu"].to_numpy().astype(np.int64) * LEVELS
    weight, strata = frame["weight"].to_numpy(), UNITS * GROUPS
    table = np.stack([np.bincount(place + frame[item].to_numpy(), weight, strata * PSUS * LEVELS) for item in items])
    table = table.reshape(len(items), UNITS, GROUPS * PSUS, LEVELS)[..., 1:]
    heavy, total = table.sum(-1), table @ np.arange(1, LEVELS)
    whole = heavy.sum(-1, keepdims=True)
    mean = total.sum(-1, keepdims=True) / whole
    score = ((total - mean * heavy) / whole).reshape(len(items), strata, PSUS)
    spread = PSUS / (PSUS - 1) * ((score - score.mean(-1, keepdims=True)) ** 2).sum(-1)
    return mean[..., 0], np.sqrt(spread.reshape(len(items), UNITS, GROUPS).sum(-1)), table.sum(2)


def ours(frame: pd.DataFrame, items: list[str]):
    """Everything from the columns on: the design too."""
    return SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu").mean(items, by="unit")


def ranking(frame: pd.DataFrame, items: list[str]) -> float:
    """Seconds from the columns to the ranks' confidence sets: 1,000 bootstrap replicates of all units' composites."""
    begun = time.perf_counter()
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu")
    worth = pd.DataFrame(100 / (ITEMS * GROUPS * (LEVELS - 2)), index=range(GROUPS), columns=items)
    scores = composite_scores(rescaling_bootstrap(design, 1000, seed=1), worth, "unit", "group")
    sets = rank_confidence_from_draws(scores.estimates, scores.draws)
    took = time.perf_counter() - begun
    wide = np.median(sets.high - sets.low + 1), np.median(sets.simultaneous_high - sets.simultaneous_low + 1)
    print(f"ranking of {UNITS} units with 1,000 replicates over all criteria: {took:.2f} s; "
          f"half of the rank sets span {wide[0]:.0f} places or fewer (all at once: {wide[1]:.0f})")
    return took


def seconds(work, *arguments) -> float:
    begun = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - begun


def in_r(frame: pd.DataFrame, found) -> float:
    """Seconds per item of svyby; its figures must be ours."""
    with tempfile.TemporaryDirectory() as folder:
        columns = Path(folder, "columns"), Path(folder, "result.csv")
        np.concatenate([frame[name].to_numpy(float) for name in ("unit", "stratum", "psu", "weight", "q00")]).tofile(columns[0])
        script = Path(__file__).with_name("score.R")
        took = subprocess.run(["Rscript", "--vanilla", script, columns[0], str(len(frame)), columns[1]], check=True, text=True,
                              capture_output=True).stdout
        theirs = pd.read_csv(columns[1])
    compare("R svyby", found.estimate[0], found.standard_error[0], theirs["estimate"], theirs["se"])
    return float(took)


def in_svy(frame: pd.DataFrame, items: list[str], found) -> float:
    """Seconds of svy for these items; its figures must be ours."""
    import polars as pl
    import svy

    data = pl.from_dict({name: frame[name].to_numpy() for name in ["unit", "stratum", "psu", "weight", *items]})
    begun = time.perf_counter()
    survey = svy.Sample(data, svy.Design(stratum="stratum", psu="psu", wgt="weight"))
    results = survey.estimation.mean(items, by="unit")
    took = time.perf_counter() - begun
    theirs = results[0].to_polars().sort("unit")
    compare("svy", found.estimate[0], found.standard_error[0], theirs["est"].to_numpy(), theirs["se"].to_numpy())
    return took


def compare(name: str, mean, error, their_mean, their_error) -> None:
    worst = max(np.max(np.abs(np.asarray(their_mean) / mean - 1)), np.max(np.abs(np.asarray(their_error) / error - 1)))
    print(f"largest relative difference from {name}: {worst:.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--respondents", type=int, default=1_000_000)
    parser.add_argument("--without-others", action="store_true", help="leave out R and svy (minutes)")
    options = parser.parse_args()
    frame = sample(options.respondents)
    items = [name for name in frame if name.startswith("q")]
    size = frame.memory_usage(index=False).sum()
    print(f"{options.respondents:,} respondents, {len(items)} items, {size / 1e6:.0f} MB")
    found = ours(frame, items)
    mean, error, answers = plain(frame, items)
    compare("bincount", found.estimate, found.standard_error, mean, error)
    counted = np.stack([one.weight for one in found.answers])
    print(f"answers: largest relative difference {np.max(np.abs(counted / answers - 1)):.1e}")
    pairs = [(seconds(plain, frame, items), seconds(ours, frame, items)) for _ in range(ROUNDS)]
    base, here = (min(pair[side] for pair in pairs) for side in (0, 1))
    print(f"bincount {base:.3f} s, ours {here:.3f} s (best of {ROUNDS}, in turn)")
    tracemalloc.start()
    ours(frame, items)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"memory beside the data at its peak: {peak / 1e6:.0f} MB, so {1 + peak / size:.2f} times the data in all")
    ranking(frame, items)
    if not options.without_others:
        item = in_r(frame, found)
        print(f"R svyby: {item:.1f} s an item, {item * len(items):.0f} s for all: {item * len(items) / here:,.0f} times ours")
        four = in_svy(frame, items[:4], found) * len(items) / 4
        print(f"svy: {four:.0f} s for all: {four / here:,.0f} times ours")
    print(f"bench-score: {here / base:.2f} times the bincount job (reference: {base:.3f} s)")


if __name__ == "__main__":
    main()
