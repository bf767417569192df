"""When and how fast: seconds per question, and bursts of submissions."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimates import column_of, numbers_of
from analysis.response_quality.answers import blocks
from analysis.response_quality.flags import Flag, check_share, raised
from analysis.variance import DesignError

RESOLUTIONS = {"minute": "min", "day": "D"}
BASELINES = ("uniform", "elsewhere")

Names = str | Sequence[str]


def speed(frame: pd.DataFrame, seconds: str | None, questions: str, *, share_of_median: float, minimum_questions: int,
          minimum_group: int, within: Names | None = None, name: str = "speed") -> Flag:
    """Seconds per answered question over the median of the group: (s_i / q_i) / median_g(s / q), without unit.

    Flagged when value <= `share_of_median`. seconds: column of the time spent, NaN where none was recorded; None: no times
    at all, as for a paper round, and every value is NaN. questions: column with the number of questions answered. within:
    columns of the group that shares a median (questionnaire, mode); NaN in groups with fewer than `minimum_group` times.
    NaN with fewer than `minimum_questions` answered. detail `seconds_per_question`.
    Raises DesignError: negative times or counts, unknown columns, a threshold that is not positive.
    Source: Greszki, Meyer, Schoen (2015) Public Opin. Q. 79, 471-503; Leiner (2019) Surv. Res. Methods 13, 229-248.
    """
    if not share_of_median > 0 or minimum_questions < 1 or minimum_group < 1:
        raise DesignError("share_of_median must be positive, minimum_questions and minimum_group at least 1")
    asked = numbers_of(frame, questions, slice(None))
    spent = np.full(len(frame), np.nan) if seconds is None else numbers_of(frame, seconds, slice(None))
    if (asked < 0).any() or (spent < 0).any():
        raise DesignError(f"negative numbers in {questions!r} or {seconds!r}; set times that a wrong clock gave to missing")
    group, labels = blocks(frame, within)
    pace = np.divide(spent, asked, out=np.full(len(frame), np.nan), where=(asked >= minimum_questions) & (group >= 0))
    known = ~np.isnan(pace)
    median = np.full(len(labels), np.nan)
    timed = pd.Series(pace[known]).groupby(group[known])
    enough = timed.median()[timed.size() >= minimum_group]
    median[enough.index] = np.where(enough > 0, enough, np.nan)
    value = np.where(known, pace / median[group], np.nan) if len(labels) else pace
    count = np.where(np.isnan(asked), 0, asked).astype(int)
    return raised(name, f"seconds per question <= {share_of_median:g} of the median", frame.index, value,
                  value <= share_of_median, count, seconds_per_question=pace)


def bursts(frame: pd.DataFrame, submitted: str, by: Names, *, window: int, resolution: str, chance: float,
           minimum_count: int, baseline: str, minimum_submissions: int = 2, name: str = "bursts") -> Flag:
    """Too many submissions of one group (unit, site, device class) within a window of time: a scan against Poisson.

    Time is cut to whole minutes or days (`resolution`); a window is `window` of them, from one that holds a submission. With
    N_g submissions of the group and q the window's share of all time, c submissions in it have the chance
    N_g P(1 + Poisson((N_g - 1) q) >= c) over the windows that begin with a submission, or T P(Poisson(N_g q) >= c) over the T
    units of the period where T <= N_g (days, as a rule): Bonferroni's upper bounds of the scan statistic's chance. This times
    the number of groups is the corrected chance. baseline: q is window / period, first to last submission of the frame
    ("uniform"; right for days); or (others' submissions in the window + 1) / (all others' + 1), others being the remaining
    groups ("elsewhere"; follows the hours and days when people answer; wants several groups). The + 1 keeps an hour when
    nobody else answered from looking impossible.
    value: smallest corrected chance of a window with the respondent in it, in [0, 1]. Flagged when value <= `chance` and
    that window has at least `minimum_count` submissions. NaN: no time or group, fewer than `minimum_submissions` in the
    group, "elsewhere" without others. details, of that window (the earliest of equals): `window_start`, `in_window` (c),
    `expected` (1 + (N_g - 1) q, or N_g q). `answers` counts the group's submissions.
    Raises DesignError: a column that is not datetimes, "minute" where no time of day was kept, policies out of range.
    Source: Naus (1965) JASA 60, 532-538; Glaz, Naus, Wallenstein (2001) Scan Statistics, ch. 8 (Bonferroni-type bounds).
    """
    _check_scan(window, resolution, chance, minimum_count, baseline, minimum_submissions)
    time = _whole_units(frame, submitted, resolution)
    group, labels = blocks(frame, by)
    present = np.flatnonzero((group >= 0) & ~np.isnan(time))
    n = len(frame)
    value, in_window, expected = np.full(n, np.nan), np.zeros(n, dtype=int), np.full(n, np.nan)
    start = np.full(n, np.nan)
    size = np.bincount(group[present], minlength=len(labels))
    tested = size >= minimum_submissions
    if present.size:
        everything = np.sort(time[present])
        period = everything[-1] - everything[0] + 1
        order = present[np.lexsort((time[present], group[present]))]
        for rows in np.split(order, np.cumsum(size)[:-1]):
            if not rows.size or not tested[group[rows[0]]]:
                continue
            own = time[rows]
            last = np.searchsorted(own, own + window, side="left")
            first = np.searchsorted(own, own, side="left")
            count = last - first
            if baseline == "uniform":
                share = np.full(rows.size, min(1.0, window / period))
            else:
                others = present.size - rows.size
                inside = np.searchsorted(everything, own + window) - np.searchsorted(everything, own) - count
                share = (inside + 1) / (others + 1) if others else np.full(rows.size, np.nan)
            corrected, mean = _corrected(count, share, rows.size, period)
            corrected = np.minimum(1.0, corrected * tested.sum())
            # The least likely window is written last, over the others that hold the same respondent.
            for i in np.lexsort((-own, -corrected)):
                inside_rows = rows[first[i] : last[i]]
                value[inside_rows], in_window[inside_rows] = corrected[i], count[i]
                expected[inside_rows], start[inside_rows] = mean[i], own[i]
    epoch = pd.Timestamp(0)
    starts = (epoch + pd.to_timedelta(pd.Series(start), unit=RESOLUTIONS[resolution])).to_numpy()
    answers = np.where(group >= 0, size[group] if size.size else 0, 0)
    rule = (f"chance of so many submissions within {window} {resolution}(s) <= {chance:g}, at least {minimum_count} of them")
    return raised(name, rule, frame.index, value, (value <= chance) & (in_window >= minimum_count), answers,
                  window_start=starts, in_window=in_window, expected=expected)


def _corrected(count: np.ndarray, share: np.ndarray, n: int, period: float) -> tuple[np.ndarray, np.ndarray]:
    """Chance of each window's count, times the windows there could be, and the expected count."""
    if period <= n:
        return stats.poisson.sf(count - 1, n * share) * period, n * share
    return stats.poisson.sf(count - 2, (n - 1) * share) * n, 1 + (n - 1) * share


def _check_scan(window, resolution, chance, minimum_count, baseline, minimum_submissions) -> None:
    check_share("chance", chance)
    if resolution not in RESOLUTIONS:
        raise DesignError(f"resolution must be one of {', '.join(RESOLUTIONS)}, not {resolution!r}")
    if baseline not in BASELINES:
        raise DesignError(f"baseline must be one of {', '.join(BASELINES)}, not {baseline!r}")
    if not isinstance(window, (int, np.integer)) or window < 1 or minimum_count < 2 or minimum_submissions < 2:
        raise DesignError("window must be a whole number of at least 1, minimum_count and minimum_submissions at least 2")


def _whole_units(frame: pd.DataFrame, submitted: str, resolution: str) -> np.ndarray:
    """Whole minutes or days since 1970 of local time, NaN where missing."""
    column = column_of(frame, submitted)
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise DesignError(f"column {submitted!r} is {column.dtype}, not datetimes")
    local = column.dt.tz_localize(None) if column.dt.tz is not None else column
    if resolution == "minute" and local.notna().any() and (local.dropna() == local.dropna().dt.normalize()).all():
        raise DesignError(f"column {submitted!r} holds days without a time of day; declare resolution='day'")
    seconds = (local - pd.Timestamp(0)) / pd.Timedelta(seconds=1)
    return np.floor(seconds.to_numpy(dtype=float) / {"minute": 60, "day": 86_400}[resolution])
