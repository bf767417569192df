"""Copies of questionnaires, and answers given too fast or too many at once: by hand, by properties."""

from time import perf_counter

import numpy as np
import pandas as pd
import pytest
from response_quality_samples import ITEMS, frame_of
from scipy import stats

from analysis.design import DesignError
from analysis.response_quality import (
    bursts,
    exact_duplicates,
    near_clones,
    speed,
)

# Duplicates


def test_exact_copies_are_counted_within_the_block_and_gaps_count():
    frame = frame_of((1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2, None), (1, None, 2), (1, 2, None), unit=list("aabaaa"))
    flag = exact_duplicates(frame, ITEMS[:3], copies=2, minimum_answers=2, within="unit", missing="exclude")
    assert flag.value.tolist() == [2, 2, 1, 2, 1, 2]
    everywhere = exact_duplicates(frame, ITEMS[:3], copies=3, minimum_answers=2, missing="exclude")
    assert everywhere.flagged.tolist() == [True] * 3 + [False] * 3
    assert flag.details["pattern"][0] == everywhere.details["pattern"][2]


def test_the_hash_of_answers_does_not_depend_on_the_order_of_rows():
    frame = frame_of((2, 3), (1, 3), (2, 3), (3, 1))
    flag = exact_duplicates(frame, ITEMS[:2], copies=2, minimum_answers=2)
    turned = exact_duplicates(frame.loc[[3, 1, 0, 2]], ITEMS[:2], copies=2, minimum_answers=2)
    pd.testing.assert_frame_equal(turned.table().loc[frame.index], flag.table())
    assert len(set(flag.details["pattern"])) == 3


def test_the_nearest_is_found_in_the_own_block_over_items_both_answered():
    frame = frame_of((1, 2, 3, 4), (1, 2, 3, 5), (1, 2, None, 4), (1, None, None, 5), (1, 2, 3, 4), unit=list("aaaab"))
    frame.index = list("vwxyz")
    flag = near_clones(frame, ITEMS[:4], share=0.75, minimum_shared=2, within="unit", missing="exclude")
    table = flag.table()
    np.testing.assert_allclose(table["value"], [1, 1, 1, 1, np.nan])
    assert table["nearest"].tolist()[:4] == ["x", "y", "v", "w"]
    assert table["mates"].tolist() == [2, 2, 1, 1, 0]
    assert table["compared"].tolist() == [3, 3, 3, 3, 0]
    wider = near_clones(frame, ITEMS[:4], share=0.75, minimum_shared=3, within="unit", missing="exclude").table()
    np.testing.assert_allclose(wider["value"], [1, 0.75, 1, np.nan, np.nan])
    assert wider["compared"].tolist() == [2, 2, 2, 0, 0]
    apart = frame_of((1, 2, 3, 4, None, None), (None, None, 3, 4, 5, 6), (9, 9, None, 4, 5, 7))
    flag = near_clones(apart, ITEMS[:6], share=0.5, minimum_shared=3, within=None, missing="exclude")
    np.testing.assert_allclose(flag.value, [1 / 3, 2 / 3, 2 / 3])
    assert flag.details["compared"].tolist() == [1, 1, 2]
    with pytest.raises(DesignError, match="labels repeat"):
        near_clones(frame.set_axis([1] * 5), ITEMS[:4], share=0.75, minimum_shared=2, within="unit", missing="exclude")


def likeness(seed: int, n: int) -> tuple[pd.DataFrame, list[str]]:
    """People of whom many say "all 5", in 30 units."""
    random = np.random.default_rng(seed)
    items = [f"i{j}" for j in range(20)]
    frame = pd.DataFrame(random.integers(1, 6, (n, 20)), columns=items)
    frame.loc[random.random(n) < 0.2, items] = 5
    return frame.assign(unit=random.integers(0, 30, n)), items


def test_chance_tells_copies_from_answers_that_many_give():
    frame, items = likeness(1, 1500)
    odd = frame.index[(frame["unit"] == 3) & (frame[items] != 5).any(axis=1)]
    frame.loc[odd[1], items] = frame.loc[odd[0], items]
    flag = near_clones(frame, items, share=0.9, minimum_shared=20, within="unit", maximum_chance=0.05)
    assert frame.index[flag.flagged].tolist() == odd[:2].tolist()
    same = (frame[items] == 5).all(axis=1).to_numpy()
    assert (flag.details["chance"][same] > 0.9).all()
    assert near_clones(frame, items, share=0.9, minimum_shared=20, within="unit").flagged.sum() > 200
    few = near_clones(frame, items, share=0.9, minimum_shared=20, within="unit", maximum_chance=0.05, minimum_elsewhere=5000)
    assert not few.flagged.any()


def test_chance_by_hand():
    frame = frame_of((1, 1), (1, 1), (1, 2), (1, 1), (2, 2), (1, 2), unit=list("aaabbb"))
    flag = near_clones(frame, ["q1", "q2"], share=1, minimum_shared=2, within="unit", maximum_chance=0.9, minimum_elsewhere=3)
    # One of three elsewhere is as like the first: q = (1 + 1) / (3 + 1); two others in the unit.
    assert flag.details["chance"][0] == pytest.approx(1 - 0.5**2)


def test_more_answers_than_a_byte_holds_and_more_items():
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.integers(0, 10_000, (60, 300)), columns=[f"i{j}" for j in range(300)])
    frame.iloc[7] = frame.iloc[4]
    flag = near_clones(frame, list(frame), share=0.5, minimum_shared=300, within=None)
    assert np.flatnonzero(flag.flagged).tolist() == [4, 7]


def test_twenty_thousand_questionnaires_of_forty_items_take_seconds():
    random = np.random.default_rng(2)
    items = [f"i{j}" for j in range(40)]
    frame = pd.DataFrame(random.integers(1, 6, (20_000, 40)), columns=items).assign(unit=random.integers(0, 100, 20_000))
    start = perf_counter()
    near_clones(frame, items, share=0.85, minimum_shared=40, within="unit")
    exact_duplicates(frame, items, copies=2, minimum_answers=40)
    assert perf_counter() - start < 5


# Timing


def test_speed_is_against_the_median_of_the_group():
    frame = pd.DataFrame({"seconds": [100, 200, 30, np.nan, 900, 300, 50], "questions": [10, 10, 10, 10, 9, 10, 2],
                          "mode": ["web"] * 4 + ["visit", "visit", "web"]})
    flag = speed(frame, "seconds", "questions", share_of_median=0.5, minimum_questions=5, minimum_group=2, within="mode")
    np.testing.assert_allclose(flag.value, [1, 2, 0.3, np.nan, 100 / 65, 30 / 65, np.nan])
    assert flag.flagged.tolist() == [False, False, True, False, False, True, False]
    paper = speed(frame, None, "questions", share_of_median=0.5, minimum_questions=5, minimum_group=2)
    assert np.isnan(paper.value).all()
    assert not paper.flagged.any()
    small = speed(frame, "seconds", "questions", share_of_median=0.5, minimum_questions=5, minimum_group=3, within="mode")
    assert np.isnan(small.value[4:6]).all()
    with pytest.raises(DesignError, match="wrong clock"):
        speed(frame.assign(seconds=-1.0), "seconds", "questions", share_of_median=0.5, minimum_questions=5, minimum_group=2)


def submissions(seed: int, by: str) -> pd.DataFrame:
    """Forty days of office hours; unit 0 hands in twelve forms within a quarter of an hour."""
    random = np.random.default_rng(seed)
    n = 1200
    minute = random.integers(0, 40, n) * 1440 + random.integers(8 * 60, 16 * 60, n)
    unit = random.integers(0, 20, n)
    burst = np.flatnonzero(unit == 0)[:12]
    minute[burst] = 17 * 1440 + 600 + np.arange(12)
    time = pd.Timestamp("2026-10-01") + pd.to_timedelta(minute, unit="min")
    return pd.DataFrame({"time": time.normalize() if by == "day" else time, "unit": unit,
                         "burst": np.isin(np.arange(n), burst)})


SCAN = {"chance": 0.001, "minimum_count": 5}


@pytest.mark.parametrize(("resolution", "window", "baseline"), [("minute", 15, "elsewhere"), ("minute", 15, "uniform"),
                                                               ("day", 1, "uniform"), ("day", 1, "elsewhere")])
def test_a_burst_is_found_and_only_it(resolution, window, baseline):
    frame = submissions(4, resolution)
    flag = bursts(frame, "time", "unit", window=window, resolution=resolution, baseline=baseline, **SCAN)
    assert (flag.flagged >= frame["burst"]).all()
    assert (frame.loc[flag.flagged, "unit"] == 0).all()
    assert flag.flagged.sum() <= 15
    mixed = frame.sample(frac=1, random_state=1)
    other = bursts(mixed, "time", "unit", window=window, resolution=resolution, baseline=baseline, **SCAN).table()
    pd.testing.assert_frame_equal(flag.table(), other.loc[frame.index])


def test_the_chance_of_a_burst_by_hand():
    days = pd.to_datetime(["2026-10-01", "2026-10-03", "2026-10-03", "2026-10-03", "2026-10-10", None, "2026-10-10"])
    frame = pd.DataFrame({"day": days, "unit": list("aaaaabb")})
    flag = bursts(frame, "day", "unit", window=1, resolution="day", baseline="uniform", chance=0.5, minimum_count=3)
    expected = 5 * stats.poisson.sf(1, 4 / 10)
    np.testing.assert_allclose(flag.value, [1, *[expected] * 3, 1, np.nan, np.nan])
    assert flag.flagged.tolist() == [False, True, True, True, False, False, False]
    assert flag.details["expected"][1] == pytest.approx(1.4)
    assert flag.table()["window_start"].iloc[2] == pd.Timestamp("2026-10-03")
    many = pd.DataFrame({"day": days[[0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4]], "unit": "a"})
    flag = bursts(many, "day", "unit", window=2, resolution="day", baseline="uniform", chance=0.5, minimum_count=3)
    assert flag.value[1] == pytest.approx(10 * stats.poisson.sf(9, 12 * 2 / 10))


def test_the_chance_of_a_burst_against_the_others_by_hand():
    minutes = [600, 602, 604, 900, 601, 700, 800, 850, 1000]
    frame = pd.DataFrame({"time": pd.Timestamp("2026-10-01") + pd.to_timedelta(minutes, unit="min"), "unit": list("aaaabbbcc")})
    flag = bursts(frame, "time", "unit", window=5, resolution="minute", baseline="elsewhere", chance=0.5, minimum_count=3)
    # One of the five others falls into the window; four windows in each of three units.
    assert flag.value[0] == pytest.approx(min(1, stats.poisson.sf(1, 3 * 2 / 6) * 4 * 3))
    late = frame.assign(time=frame["time"].where(frame.index != 4, frame["time"] + pd.Timedelta(hours=1)))
    flag = bursts(late, "time", ["unit"], window=5, resolution="minute", baseline="elsewhere", chance=0.5, minimum_count=3,
                  minimum_submissions=4)
    assert flag.value[0] == pytest.approx(stats.poisson.sf(1, 3 * 1 / 6) * 4)
    assert np.isnan(flag.value[4:]).all()
    three = frame.assign(unit=["a"] * 4 + ["b"] * 5, time=frame["time"] + pd.to_timedelta([0] * 4 + [90_000] * 5, unit="min"))
    flag = bursts(three, "time", "unit", window=5, resolution="minute", baseline="uniform", chance=0.5, minimum_count=3)
    period = (three["time"].max() - three["time"].min()) / pd.Timedelta(minutes=1) + 1
    assert flag.value[0] == pytest.approx(stats.poisson.sf(1, 3 * 5 / period) * 4 * 2)


@pytest.mark.parametrize("baseline", ["uniform", "elsewhere"])
def test_evenly_spread_submissions_rarely_alarm(baseline):
    alarms = 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        time = pd.Timestamp("2026-10-01") + pd.to_timedelta(random.integers(0, 30 * 1440, 400), unit="min")
        frame = pd.DataFrame({"time": time, "unit": random.integers(0, 8, 400)})
        alarms += bursts(frame, "time", "unit", window=60, resolution="minute", baseline=baseline, chance=0.05,
                         minimum_count=2).flagged.any()
    assert alarms <= 6


def test_bad_times_are_refused():
    frame = submissions(1, "day")
    with pytest.raises(DesignError, match="resolution='day'"):
        bursts(frame, "time", "unit", window=15, resolution="minute", baseline="uniform", **SCAN)
    with pytest.raises(DesignError, match="not datetimes"):
        bursts(frame, "unit", "unit", window=1, resolution="day", baseline="uniform", **SCAN)
    with pytest.raises(DesignError, match="whole number"):
        bursts(frame, "time", "unit", window=0, resolution="day", baseline="uniform", **SCAN)
