"""What depends on who asked, or where: interviewer and site effects, and staff who answer about their own unit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimates import column_of, numbers_of, valid_rows
from analysis.intervals import check_confidence
from analysis.response_quality.answers import blocks
from analysis.response_quality.flags import Flag, check_share, raised
from analysis.variance import DesignError

ADJUSTMENTS = ("holm", "bonferroni", "benjamini_hochberg")

Names = str | Sequence[str]


@dataclass(frozen=True, eq=False)
class FieldEffects:
    """Effects of G groups (interviewers, sites) on k items. Per item arrays (k,), per item and group (k, G).

    icc, ci_low, ci_high: intraclass correlation and its interval; f, df_between, df_within, p: the analysis of variance;
    group_size: n0, the mean group size that the correlation uses; design_effect: 1 + (m - 1) icc, m = sum n_g^2 / n.
    deviation: a group's mean minus that of the others it is compared with, in the item's units; p_adjusted: over all
    groups and items at once. index, group: the frame's rows and the group of each (G: none); respondents (G,).
    """

    items: tuple[str, ...]
    by: str
    groups: tuple[object, ...]
    icc: np.ndarray
    ci_low: np.ndarray
    ci_high: np.ndarray
    f: np.ndarray
    df_between: np.ndarray
    df_within: np.ndarray
    p: np.ndarray
    group_size: np.ndarray
    design_effect: np.ndarray
    answers: np.ndarray
    deviation: np.ndarray
    standard_error: np.ndarray
    p_deviation: np.ndarray
    p_adjusted: np.ndarray
    index: pd.Index
    group: np.ndarray
    respondents: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row per item: item, icc, ci_low, ci_high, f, df_between, df_within, p, group_size, design_effect, n."""
        columns = ("icc", "ci_low", "ci_high", "f", "df_between", "df_within", "p", "group_size", "design_effect")
        return pd.DataFrame({"item": list(self.items), **{name: getattr(self, name) for name in columns},
                             "n": self.answers.sum(axis=1)})

    def deviations(self) -> pd.DataFrame:
        """One row per item and group: item, the group, n, deviation, standard_error, p, p_adjusted."""
        k, groups = self.deviation.shape
        return pd.DataFrame({
            "item": np.repeat(np.array(self.items, dtype=object), groups), self.by: list(self.groups) * k,
            "n": self.answers.ravel(), "deviation": self.deviation.ravel(), "standard_error": self.standard_error.ravel(),
            "p": self.p_deviation.ravel(), "p_adjusted": self.p_adjusted.ravel(),
        })

    def flag(self, *, chance: float, minimum_deviation: float = 0.0, name: str = "field_effects") -> Flag:
        """Respondents of groups that deviate: value is the group's smallest adjusted p over the items whose deviation is at
        least `minimum_deviation` (a large group deviates surely, if little); flagged when value <= `chance`.

        NaN where the group is missing or compared in no item. `answers` counts the group's respondents."""
        check_share("chance", chance)
        smallest = np.where(np.abs(self.deviation) >= minimum_deviation, self.p_adjusted, 1.0)
        smallest = np.where(np.isnan(self.p_adjusted), np.inf, smallest).min(axis=0, initial=np.inf)
        smallest = np.append(np.where(np.isinf(smallest), np.nan, smallest), np.nan)
        value = smallest[self.group]
        return raised(name, f"{self.by} deviates by >= {minimum_deviation:g} with adjusted p <= {chance:g}", self.index, value,
                      value <= chance, np.append(self.respondents, 0)[self.group])


def field_effects(frame: pd.DataFrame, items: Sequence[str], by: str, *, within: Names | None = None, missing: str = "fail",
                  confidence: float = 0.95, adjustment: str = "holm", minimum_answers: int = 2) -> FieldEffects:
    """Intraclass correlation of each item by one-way analysis of variance, and how far each group deviates.

    Groups g of n_g answers with mean y_g, in site s of n_s answers with mean y_s (one site without `within`):
    MSB = sum_g n_g (y_g - y_s)^2 / (G - S), MSW = sum (y - y_g)^2 / (n - G), n0 = (n - sum_g n_g^2 / n_s) / (G - S);
    icc = (MSB - MSW) / (MSB + (n0 - 1) MSW); it may be negative. Interval from F = MSB / MSW and its quantiles:
    (F / F_up - 1) / (F / F_up + n0 - 1), and with F_low; exact for equal groups of normal answers, else approximate.
    Design effect 1 + (m - 1) icc with m = sum n_g^2 / n: what the groups add to the variance of a mean over all.
    Deviation y_g - mean of the site's other groups, standard error sqrt(MSW (1 / n_g + 1 / (n_s - n_g))), t on n - G df.
    within: columns of the site in which groups are compared: without it, an interviewer of a bad district is blamed for the
    district. A group that works in two sites counts there as two groups and deviates by its n-weighted sum over sites.
    adjustment: holm | bonferroni | benjamini_hochberg, over all items and groups. Groups with fewer than `minimum_answers`
    answers to an item are left out of its analysis. Unweighted: a question about the fieldwork, not about the population.
    NaN: no second group in any site, or no answers beyond one per group.
    Raises DesignError: items that are not numbers, gaps under "fail", a missing group or site under "fail", bad policies.
    Source: Donner (1986) Int. Stat. Rev. 54, 67-82; Searle (1971) Linear Models, 9.9; Kish (1962) JASA 57, 92-115;
    R aov, psych::ICC (ICC1), p.adjust.
    """
    check_confidence(confidence)
    if adjustment not in ADJUSTMENTS:
        raise DesignError(f"adjustment must be one of {', '.join(ADJUSTMENTS)}, not {adjustment!r}")
    names = [items] if isinstance(items, str) else list(items)
    if not names or minimum_answers < 1:
        raise DesignError("name at least one item, and minimum_answers of at least 1")
    valid = valid_rows({name: numbers_of(frame, name, slice(None)) for name in names}, missing)
    group, labels = blocks(frame, by)
    site, sites = blocks(frame, within)
    placed = (group >= 0) & (site >= 0)
    if missing == "fail" and not placed.all():
        raise DesignError(f"{int((~placed).sum())} rows without {by!r} or without a site; missing='exclude' leaves them out")
    groups = len(labels)
    # A pair of group and site is one group of the analysis; with one site they are the groups themselves.
    cell = np.where(placed, site * max(groups, 1) + group, -1)
    rows = []
    for name in names:
        mask = placed if valid[name] is None else placed & valid[name]
        rows.append(_one_item(numbers_of(frame, name, slice(None))[mask], cell[mask], groups, len(sites), confidence,
                              minimum_answers))
    summary = np.array([row[0] for row in rows]).T
    deviation, error, p = (np.array([row[i] for row in rows]) for i in (1, 2, 3))
    answers = np.array([row[4] for row in rows])
    adjusted = _adjusted(p.ravel(), adjustment).reshape(p.shape)
    arrays = [*summary, answers, deviation, error, p, adjusted]
    for array in arrays:
        array.flags.writeable = False
    respondents = np.bincount(group[group >= 0], minlength=groups)
    return FieldEffects(tuple(names), by, tuple(label[0] for label in labels), *arrays, frame.index,
                        np.where(placed, group, groups), respondents)


def _one_item(y: np.ndarray, cell: np.ndarray, groups: int, sites: int, confidence: float, minimum_answers: int):
    """Summary of the analysis of variance (9,), and per group: deviation, its error and p, and answers."""
    n_cell = np.bincount(cell, minlength=groups * sites)
    keep = n_cell[cell] >= minimum_answers
    y, cell = y[keep], cell[keep]
    n_cell = np.bincount(cell, minlength=groups * sites).astype(float)
    site_of = np.repeat(np.arange(sites), groups)
    y = y - (y.mean() if y.size else 0.0)
    total = np.bincount(cell, weights=y, minlength=n_cell.size)
    mean = _over(total, n_cell)
    n_site = np.bincount(site_of, weights=n_cell, minlength=sites)
    site_total = np.bincount(site_of, weights=total, minlength=sites)
    used = n_cell > 0
    n, g, s = n_cell.sum(), used.sum(), (n_site > 0).sum()
    between = np.nansum(n_cell * (mean - _over(site_total, n_site)[site_of]) ** 2)
    residual = y - mean[cell] if y.size else y
    df_between, df_within = float(g - s), float(n - g)
    summary = np.full(9, np.nan)
    summary[4:6] = df_between, df_within
    msw = np.nan
    if df_between > 0 and df_within > 0:
        msb, msw = between / df_between, (residual**2).sum() / df_within
        n0 = (n - np.nansum(_over(n_cell**2, n_site[site_of]))) / df_between
        m = (n_cell**2).sum() / n
        if msb > 0 or msw > 0:
            f = msb / msw if msw > 0 else np.inf
            icc = (msb - msw) / (msb + (n0 - 1) * msw)
            tail = (1 - confidence) / 2
            low, high = (_icc_of(f / stats.f.ppf(q, df_between, df_within), n0) for q in (1 - tail, tail))
            summary = np.array([icc, low, high, f, df_between, df_within, stats.f.sf(f, df_between, df_within), n0,
                                1 + (m - 1) * icc])
    rest = n_site[site_of] - n_cell
    compared = used & (rest > 0)
    weight = np.where(compared, n_cell, 0.0).reshape(sites, groups)
    away = np.where(compared, mean - _over(site_total[site_of] - total, rest), 0.0).reshape(sites, groups)
    square = np.where(compared, _over(np.ones_like(rest), n_cell) + _over(np.ones_like(rest), rest), 0.0)
    share = _over(weight, weight.sum(axis=0))
    deviation = np.where(weight.sum(axis=0) > 0, (share * away).sum(axis=0), np.nan)
    error = np.sqrt(msw * (share**2 * square.reshape(sites, groups)).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * stats.t.sf(np.abs(deviation / error), df_within) if df_within > 0 else np.full(groups, np.nan)
    return summary, deviation, error, p, n_cell.reshape(sites, groups).sum(axis=0).astype(int)


def _icc_of(ratio: float, size: float) -> float:
    return 1.0 if np.isinf(ratio) else (ratio - 1) / (ratio + size - 1)


def _over(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    bottom = np.broadcast_to(bottom, np.shape(top))
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom != 0)


def _adjusted(p: np.ndarray, adjustment: str) -> np.ndarray:
    """p values corrected for their number, NaN ones left out of it; as R's p.adjust."""
    result = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    m, rank = order.size, np.arange(order.size)
    if adjustment == "bonferroni":
        result[order] = p[order] * m
    elif adjustment == "holm":
        result[order] = np.maximum.accumulate(p[order] * (m - rank))
    else:
        result[order] = np.minimum.accumulate((p[order] * m / (rank + 1))[::-1])[::-1]
    return np.minimum(result, 1.0)


@dataclass(frozen=True, eq=False)
class OwnUnit:
    """Staff who answered about their own unit: the flag, and by unit (arrays (U,)) how many of those who declared."""

    flag: Flag
    units: tuple[object, ...]
    declared: np.ndarray
    own: np.ndarray
    respondents: np.ndarray
    maximum_share: float

    def table(self) -> pd.DataFrame:
        """One row per unit: unit, respondents, declared, own, share (of the declared; NaN where none), beyond."""
        share = _over(self.own.astype(float), self.declared)
        return pd.DataFrame({"unit": list(self.units), "respondents": self.respondents, "declared": self.declared,
                             "own": self.own, "share": share, "beyond": share > self.maximum_share})


def own_unit(frame: pd.DataFrame, unit: str, employer: str, *, maximum_share: float, minimum_declared: int = 1,
             name: str = "own_unit") -> OwnUnit:
    """Whether a respondent works in the unit they rate: 1, 0, or NaN where the employer was not declared.

    employer: column with the unit's code, or any other value for people who work elsewhere or nowhere; missing: undeclared.
    Flagged: own staff of a unit whose share of own staff among the declared is above `maximum_share` (0: all of them), with
    at least `minimum_declared` declared. detail `unit_share`. `answers` counts the unit's declared respondents.
    Raises DesignError: unknown columns, a share outside [0, 1]. Nothing is estimated: a count of what was declared.
    """
    check_share("maximum_share", maximum_share)
    place, labels = blocks(frame, unit)
    works = column_of(frame, employer)
    known = (place >= 0) & works.notna().to_numpy()
    same = np.zeros(len(frame), dtype=bool)
    same[known] = works.to_numpy(dtype=object)[known] == frame[unit].to_numpy(dtype=object)[known]
    declared = np.bincount(place[known], minlength=len(labels))
    own = np.bincount(place[known & same], minlength=len(labels))
    share = np.append(_over(own.astype(float), declared), np.nan)
    enough = np.append(declared >= minimum_declared, False)
    value = np.where(known, same.astype(float), np.nan)
    flag = raised(name, f"works in the unit, of whose respondents > {maximum_share:g} do", frame.index, value,
                  same & (share[place] > maximum_share) & enough[place], np.append(declared, 0)[place], unit_share=share[place])
    return OwnUnit(flag, tuple(label[0] for label in labels), declared, own,
                   np.bincount(place[place >= 0], minlength=len(labels)), maximum_share)
