"""Items on short scales are counted by level, several at a time: the same figures as item by item."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.design import DesignError, SurveyDesign
from analysis.level_sums import packs, short_scale


@st.composite
def samples(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(900, 1500))
    frame = pd.DataFrame({"stratum": rng.integers(0, 3, n), "weight": rng.uniform(.5, 3, n), "unit": rng.integers(0, 4, n)})
    frame["psu"] = frame["stratum"] * 4 + rng.integers(0, 4, n)
    low = draw(st.sampled_from([-2, 0, 1, 100]))
    for item in range(draw(st.integers(1, 6))):
        answers = rng.integers(low, low + draw(st.integers(1, 7)), n)
        kind = draw(st.sampled_from(["int8", "int64", "Int8", "gaps"]))
        frame[f"q{item}"] = pd.array(answers, dtype="Int16" if kind == "gaps" else kind)
        if kind == "gaps":
            frame.loc[rng.random(n) < .2, f"q{item}"] = pd.NA
    return frame


@given(samples())
def test_counted_by_level_or_added_up_it_is_the_same(frame):
    items = [name for name in frame if name.startswith("q")]
    design = SurveyDesign.from_frame(frame, weights="weight", strata="stratum", psu="psu", lonely_psu="adjust")
    real = frame.assign(**{name: frame[name].astype("Float64") for name in items})
    plain = SurveyDesign.from_frame(real, weights="weight", strata="stratum", psu="psu", lonely_psu="adjust")
    for statistic in ("mean", "total"):
        counted = getattr(design, statistic)(items, by="unit", missing="exclude")
        added = getattr(plain, statistic)(items, by="unit", missing="exclude")
        pd.testing.assert_frame_equal(counted.table(), added.table(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(counted.covariance(), added.covariance(), rtol=1e-9, atol=1e-9)
        assert added.answers is None
        assert counted.answers is not None
    shares = plain.proportion(items, by="unit", missing="exclude").table()
    found = counted.distribution().merge(shares, on=["item", "level", "unit"])
    np.testing.assert_allclose(found["share"], found["estimate"], rtol=1e-9, atol=1e-12)
    assert len(found) >= len(shares) * .99


def test_items_are_counted_together_only_where_that_pays():
    frame = pd.DataFrame({f"q{i}": np.arange(1000, dtype=np.int8) % 5 for i in range(5)})
    scales = [short_scale(frame, name, "fail") for name in frame]
    assert [len(pack) for pack in packs(scales, cells=4, rows=1000)] == [3, 2]
    assert [len(pack) for pack in packs(scales, cells=90, rows=1000)] == [1] * 5
    assert packs(scales, cells=900, rows=1000) == []


def test_blanks_are_counted_only_under_the_policy_that_leaves_each_item_its_rows():
    frame = pd.DataFrame({"q": pd.array([1, 2, None, 4] * 50, dtype="Int8"), "r": np.arange(200), "s": np.linspace(0, 1, 200)})
    assert short_scale(frame, "q", "exclude").width == 5
    assert short_scale(frame, "q", "fail") is None
    assert short_scale(frame, "r", "fail") is None
    assert short_scale(frame, "s", "fail") is None
    design = SurveyDesign.from_frame(frame.assign(p=np.arange(200) % 10), psu="p")
    with pytest.raises(DesignError, match=r"missing values in q \(50\)"):
        design.mean("q")
    with pytest.raises(DesignError, match="not counted by level"):
        design.mean("s").distribution()
