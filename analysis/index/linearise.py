"""Sampling errors of points: linearised values per respondent, added up per PSU, over the design of the whole campaign.

For a leaf with maximum m, sources s of effective share a_s, and the respondents i who answered s with coefficient c_is:

    mean_s = sum_i w_i c_is / W_s,  W_s = sum_i w_i          points = m * sum_s a_s mean_s
    z_i    = sum_s m a_s w_i (c_is - mean_s) / W_s           (0 for who did not answer)

Effective shares count as fixed. A unit's component is the sum of its leaves, so its z_i is the sum of theirs: the same person's
answers to many criteria, and about many units, are counted together. The variance of the z, totalled per PSU, is
`analysis.variance.psu_covariance`. Source: Woodruff (1971); Lumley, Complex Surveys (2010), ch. 2; Särndal, Swensson and
Wretman (1992), 5.5 and 5.8 (domains: PSUs without a rater of the unit count with zero).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.index.ratings import Ratings
from analysis.variance import DomainTotals, SamplingPlan, psu_covariance

EXACT_IN_DOUBLE = 2**53


@dataclass(frozen=True)
class Layout:
    """The ratings of the scored units as arrays, R rows sorted by unit; PSUs and strata of all respondents."""

    units: tuple[str, ...]
    #: rows of unit u are start[u]:start[u + 1]
    start: np.ndarray
    #: position of each row in `ratings.ratings`, (R,)
    position: np.ndarray
    unit: np.ndarray
    weight: np.ndarray
    #: code of the rater's group in `groups`, (R,)
    group: np.ndarray
    groups: tuple[str, ...]
    #: PSU of each row, (R,)
    psu: np.ndarray
    #: strata (group, stratum) and PSUs of all respondents of the campaign
    plan: SamplingPlan


def lay_out(ratings: Ratings, units: Sequence[str], lonely_psu: str) -> Layout:
    """Arrays of the rows that rate `units`; strata are (group, stratum), PSUs are nested in them."""
    people, table = ratings.respondents, ratings.ratings
    unit = pd.Index(units).get_indexer(table["unit"])
    position = np.flatnonzero(unit >= 0)
    position = position[np.argsort(unit[position], kind="stable")]
    unit = unit[position]
    person = pd.Index(people["respondent"]).get_indexer(table["respondent"].to_numpy()[position])
    group, groups = pd.factorize(people["group"].astype(str), sort=True)
    stratum, strata = _factorize_pairs(group, people["stratum"])
    psu, psus = _factorize_pairs(stratum, people["psu"])
    return Layout(
        units=tuple(units),
        start=np.searchsorted(unit, np.arange(len(units) + 1)),
        position=position,
        unit=unit,
        weight=people["weight_millionths"].to_numpy()[person],
        group=group[person],
        groups=tuple(groups),
        psu=psu[person],
        plan=_plan(ratings, strata, psus[:, 0], groups, lonely_psu),
    )


def _factorize_pairs(first: np.ndarray, second: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Codes of the pairs, sorted by `first`, and the pairs themselves as (n, 2) integers."""
    codes, _ = pd.factorize(second.astype(str), sort=True)
    width = int(codes.max()) + 1 if len(codes) else 1
    values, inverse = np.unique(first.astype(np.int64) * width + codes, return_inverse=True)
    return inverse, np.column_stack([values // width, values % width])


def _plan(ratings: Ratings, strata: np.ndarray, psu_stratum: np.ndarray, groups: Sequence[str],
          lonely_psu: str) -> SamplingPlan:
    _, names = pd.factorize(ratings.respondents["stratum"].astype(str), sort=True)
    labels = tuple((groups[group], names[name]) for group, name in strata)
    clusters = np.bincount(psu_stratum, minlength=len(strata))
    by_group = {group: ratings.sampling_fractions(group) or {} for group in groups}
    fraction = np.array([by_group[group].get(stratum, 0.0) for group, stratum in labels])
    return SamplingPlan(psu_stratum, clusters, fraction if fraction.any() else None, labels, lonely_psu)


def exact_bincount(cells: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    """Exact int64 sums of non-negative int64 `weights` per cell, (size,).

    `np.bincount` adds in doubles, which are exact while every sum stays below 2**53; beyond that int64 addition is used.
    Raises OverflowError when the sum of all weights reaches 2**62.
    """
    total = int(weights.sum(dtype=object)) if len(weights) and float(weights.sum(dtype=float)) > 2**52 else 0
    if total >= 2**62:
        raise OverflowError("the sum of the weights is too large for exact integers")
    if total >= EXACT_IN_DOUBLE:
        sums = np.zeros(size, dtype=np.int64)
        np.add.at(sums, cells, weights)
        return sums
    return np.bincount(cells, weights=weights, minlength=size).astype(np.int64)


@dataclass(frozen=True)
class Errors:
    """Per column (leaves of one unit in order, then its component): variance, degrees of freedom, design effect."""

    variance: np.ndarray
    df: np.ndarray
    #: NaN where the simple-random-sampling variance is 0 or not defined
    design_effect: np.ndarray


@dataclass(frozen=True)
class PsuTotals:
    """Linearised totals of one unit's PSUs: which PSUs have a row, (p,), and their totals, (p, k)."""

    psu: np.ndarray
    totals: np.ndarray


def unit_errors(layout: Layout, unit: int, z: np.ndarray, counts_in: np.ndarray) -> tuple[Errors, PsuTotals]:
    """Errors of one unit's columns from linearised values `z` (rows, k) and who counts in each column (rows, k; bool).

    df = PSUs - strata among those with a rater who counts (as degf of a domain in R's survey).
    design effect = variance / SRS variance, the latter for independent simple random samples per group of the same n:
    sum over groups g of S2_g / n_g with S2_g = n_g / (n_g - 1) * sum w e^2 / W_g, e_i = z_i W_g / w_i.
    """
    rows = slice(layout.start[unit], layout.start[unit + 1])
    plan = layout.plan
    order = np.argsort(layout.psu[rows], kind="stable")
    psus, first = np.unique(layout.psu[rows][order], return_index=True)
    totals = _by_run(np.add, z[order], first)
    present = _by_run(np.logical_or, counts_in[order], first)
    psu_stratum = plan.psu_stratum[psus]  # sorted, as PSUs are numbered stratum by stratum
    in_strata = _by_run(np.logical_or, present, np.unique(psu_stratum, return_index=True)[1])
    covariance = psu_covariance(totals, psu_stratum, plan.fraction, plan.lonely_psu, plan.psu_count)
    variance = np.diag(covariance)
    simple = _simple_variance(layout.group[rows], layout.weight[rows].astype(float), z, counts_in)
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(simple > 0, variance / simple, np.nan)
    df = present.sum(axis=0) - in_strata.sum(axis=0)
    return Errors(variance, df, effect), PsuTotals(psus, totals)


def _by_run(add: np.ufunc, values: np.ndarray, first: np.ndarray) -> np.ndarray:
    """`values` (n, k) added up over runs of rows that begin at `first`, (runs, k)."""
    return add.reduceat(values, first, axis=0) if len(first) else values[:0]


def _simple_variance(group: np.ndarray, weight: np.ndarray, z: np.ndarray, counts_in: np.ndarray) -> np.ndarray:
    total = np.zeros(z.shape[1])
    for code in np.unique(group):
        mine = group == code
        inside = counts_in[mine]
        n, heavy = inside.sum(axis=0), weight[mine] @ inside
        squares = (1 / weight[mine]) @ np.square(z[mine])
        with np.errstate(divide="ignore", invalid="ignore"):
            total += np.where(n > 0, heavy / (n - 1) * squares, 0.0)
    return total


def joint_covariance(layout: Layout, components: Sequence[PsuTotals]) -> np.ndarray:
    """Covariance of the units' components, (U, U): last column of each unit's totals, over the whole campaign's design."""
    counts = [len(component.psu) for component in components]
    if not sum(counts):
        return np.zeros((len(counts), len(counts)))
    cells = DomainTotals(
        plan=layout.plan,
        psu=np.concatenate([component.psu for component in components]),
        domain=np.repeat(np.arange(len(counts)), counts),
        domains=len(counts),
        totals=np.concatenate([component.totals[:, -1:] for component in components]),
    )
    return cells.covariance()
