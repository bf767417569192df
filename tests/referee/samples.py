"""Random samples with their designs, for every comparison with R."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st


@st.composite
def samples(draw, lonely=False, stages=True, gaps=False, minimum_psus=2):
    """(frame, spec): strata of PSUs, perhaps of a second and third stage, with or without fpc (sizes or fractions), equal or
    unequal weights, perhaps ids that repeat between strata; items a (real), b (1 to 5), good (0/1) and domains d."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["rows", "one", "two", "three"] if stages else ["rows", "one"]))
    with_fpc, nest = draw(st.booleans()), draw(st.booleans())
    parts, serial = [], 0
    for h in range(draw(st.integers(2 if lonely else 1, 5))):
        psus = int(rng.integers(1 if lonely else minimum_psus, 6))
        size = psus + int(rng.integers(0, 15))
        for i in range(psus):
            serial += 1
            seconds = int(rng.integers(1 if lonely else 2, 5))
            second_size = seconds + int(rng.integers(0, 8))
            for j in range(seconds):
                n = int(rng.integers(1 if lonely else 2, 6))
                parts.append(pd.DataFrame({
                    "stratum": h, "psu": i if nest and kind != "rows" else serial, "second": j, "third": np.arange(n),
                    "size": size, "size2": second_size, "size3": n + int(rng.integers(0, 4)),
                    "level": rng.normal(0, 1)}))
    data = pd.concat(parts, ignore_index=True)
    n = len(data)
    if kind == "rows":
        rows = data.groupby("stratum")["stratum"].transform("size")
        data["size"] = rows + data["stratum"] * 7
    data["weight"] = rng.integers(1, 9, n) / 2.0 if draw(st.booleans()) else 2.0
    data["a"] = 50 + 8 * data.pop("level") + rng.normal(0, 6, n)
    data["b"] = rng.integers(1, 6, n)
    data["good"] = (rng.random(n) < rng.uniform(.15, .85)).astype(int)
    data["good"] = np.where(np.arange(n) == 0, 1, np.where(np.arange(n) == 1, 0, data["good"]))
    data["d"] = rng.integers(0, 3, n)
    data["base"] = rng.uniform(1, 3, n)
    if gaps:
        data["a"] = data["a"].where(rng.random(n) > .15)
    spec = {"strata": "stratum", "weights": "weight"}
    units = {"rows": [], "one": ["psu"], "two": ["psu", "second"], "three": ["psu", "second", "third"]}[kind]
    if units:
        spec["psu"], spec["nest"] = units, nest
    if with_fpc:
        spec["fpc"] = ["size", "size2", "size3"][: max(len(units), 1)]
    if lonely:
        spec["lonely_psu"] = draw(st.sampled_from(["remove", "adjust", "average", "certainty"]))
    return data.sample(frac=1, random_state=int(rng.integers(2**31))).reset_index(drop=True), spec
