"""From one year to the next: changes between independent samples, and designs of samples that overlap."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import linalg, sparse

from analysis.compare import Comparison, Figures, compared, contrast_variances, key_columns
from analysis.design import SurveyDesign
from analysis.variance import DesignError

#: Column of a stacked frame: the stratum and the periods in which its PSU was observed.
OVERLAP = "stratum_and_periods"


def change(earlier: Figures, later: Figures, null: float = 0.0, df: float | None = None,
           confidence: float = 0.95) -> Comparison:
    """later - earlier for each item, level and domain; the two samples were drawn independently.

    Variance V_earlier + V_later; degrees of freedom (Satterthwaite) (a + b)^2 / (a^2 / df_a + b^2 / df_b), unless given.
    Figures are matched by item, level and domains; one that is missing on a side gives NaN, it is not left out.
    Not for panels or shared PSUs: their covariance would be lost (see `stack_periods`).
    Raises DesignError: other key columns, another statistic, nothing in common, the same key twice.
    Source: Satterthwaite (1946) Biometrics Bulletin 2; Korn and Graubard (1999) 8.2.
    """
    old, new = earlier.table(), later.table()
    keys = key_columns(new)
    if key_columns(old) != keys:
        raise DesignError(f"the figures are keyed by {', '.join(keys)} on one side only: estimate both by the same columns")
    if getattr(earlier, "statistic", None) != getattr(later, "statistic", None):
        raise DesignError(f"one side is a {earlier.statistic}, the other a {later.statistic}")
    named_old, named_new = ([tuple(row) for row in side[keys].itertuples(index=False)] for side in (old, new))
    for side in (named_old, named_new):
        if len(set(side)) < len(side):
            raise DesignError(f"{next(key for key in side if side.count(key) > 1)} stands twice on one side")
    union = list(dict.fromkeys([*named_new, *named_old]))
    if len(union) == len(named_old) + len(named_new):
        raise DesignError("the two years have no item and domain in common; check their names")
    x_old, v_old, df_old = _aligned(earlier, old, named_old, union)
    x_new, v_new, df_new = _aligned(later, new, named_new, union)
    identity = sparse.eye_array(len(union), format="csr")
    a, b = contrast_variances(identity, v_old), contrast_variances(identity, v_new)
    labelled = [(key, tuple(row[i] for row in union)) for i, key in enumerate(keys)]
    jacobian = sparse.csr_array(sparse.hstack([-identity, identity]))
    return compared(labelled, x_new - x_old, jacobian, linalg.block_diag(v_old, v_new),
                    satterthwaite([a, b], [df_old, df_new]) if df is None else df, null, confidence)


def satterthwaite(variances, degrees) -> np.ndarray:
    """Degrees of freedom of a sum of independent variances: (sum v)^2 / sum(v^2 / df); NaN where one has df < 1 or all are 0.

    A variance that is exactly zero takes no part. variances, degrees: one array (m,) for each sample.
    """
    v, df = np.asarray(variances, dtype=float), np.asarray(degrees, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(v == 0, 0.0, v**2 / np.where(df >= 1, df, np.nan))
        return np.where(v.sum(axis=0) > 0, v.sum(axis=0) ** 2 / parts.sum(axis=0), np.nan)


def stack_periods(frames: Mapping[object, pd.DataFrame], psu: str, period: str = "year", weights: str | None = None,
                  strata: str | None = None, fpc: str | None = None, nest: bool = False,
                  lonely_psu: str = "fail") -> SurveyDesign:
    """One design over samples of several periods that share PSUs or respondents; its estimates `by=period` covary.

    frames: period -> answers, one row per respondent. psu: the column that identifies the PSU (or the respondent, when
    people were drawn directly) in all periods. period: the name of the new column. The others as in SurveyDesign.from_frame.
    Each stratum is split by the periods in which its PSUs were observed, so that the variance of one period is that of
    its own sample, PSUs seen twice give the covariance n / (n - 1) sum (z_1 - mean)(z_2 - mean), and samples without a
    common PSU are independent. A part with one PSU is lonely: declare lonely_psu. With fpc no stratum may be split:
    sampling fractions of partial overlaps are not modelled; without fpc the variance of a change is never too small.
    Use: domain_differences(stack.mean(items, by=["unit", "year"]), over="year", against="previous").
    Raises DesignError: fewer than two periods, a column that is missing in one or already there, no PSU in common.
    Source: Kish (1965) 12.4; Tam (1984) Amer. Statist. 38; Berger and Priam (2016) JRSS A 179.
    """
    if len(frames) < 2:
        raise DesignError("give at least two periods to stack")
    needed = [name for name in (psu, weights, strata, fpc) if name is not None]
    for when, frame in frames.items():
        absent = [name for name in needed if name not in frame.columns]
        if absent:
            raise DesignError(f"{period} {when!r}: no column {absent[0]!r}")
        if len(frame) == 0:
            raise DesignError(f"{period} {when!r} has no rows")
        taken = {period, OVERLAP} & set(frame.columns)
        if taken:
            raise DesignError(f"{period} {when!r} already has a column {taken.pop()!r}: rename it or choose another `period`")
        gaps = [name for name in needed if frame[name].isna().any()]
        if gaps:
            raise DesignError(f"{period} {when!r}: missing values in column {gaps[0]!r}")
    stacked = pd.concat([frame.assign(**{period: when}) for when, frame in frames.items()], ignore_index=True)
    unit = [psu] if strata is None or not nest else [strata, psu]
    pairs = stacked[[*unit, period]].drop_duplicates()
    when_seen = {when: position for position, when in enumerate(frames)}
    seen = pairs.assign(bit=[2 ** when_seen[when] for when in pairs[period]]).groupby(unit, sort=False)["bit"].sum()
    if not (seen & (seen - 1)).any():
        raise DesignError(f"the periods have no {psu!r} in common: they are independent samples; use `change`")
    pattern = stacked[unit].merge(seen.rename("bit").reset_index(), on=unit, how="left")["bit"].to_numpy()
    stratum = np.zeros(len(stacked), dtype=np.int64) if strata is None else pd.factorize(stacked[strata])[0]
    parts, code = np.unique(np.column_stack([stratum, pattern]), axis=0, return_inverse=True)
    if fpc is not None and np.unique(parts[:, 0]).size < len(parts):
        raise DesignError("with fpc every PSU of a stratum must be observed in the same periods; leave fpc out "
                          "(the variance of a change is then never too small)")
    names = [" + ".join(str(when) for when, bit in when_seen.items() if seen_in >> bit & 1) for _, seen_in in parts]
    if strata is not None:
        first = stacked.drop_duplicates(strata)[strata].to_numpy()
        names = [f"{first[h]}: {name}" for (h, _), name in zip(parts, names, strict=True)]
    stacked[OVERLAP] = pd.Categorical.from_codes(code.ravel(), names)
    return SurveyDesign.from_frame(stacked, weights, OVERLAP, psu, fpc, nest, lonely_psu)


def _aligned(figures: Figures, table: pd.DataFrame, named: list[tuple], union: list[tuple]):
    """Estimates, covariance and df in the order of `union`; NaN where this side has no such figure."""
    position = {key: i for i, key in enumerate(union)}
    at = np.array([position[key] for key in named])
    x, df = np.full(len(union), np.nan), np.full(len(union), np.nan)
    v = np.full((len(union), len(union)), np.nan)
    x[at], df[at] = table["estimate"], table["df"]
    v[np.ix_(at, at)] = figures.covariance()
    return x, v, df
