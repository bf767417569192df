"""From totals per primary sampling unit (PSU) to variances: the one place that knows strata, fpc and lonely PSUs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

LONELY_POLICIES = ("fail", "remove", "adjust", "average", "certainty")

#: A stratum of which less than this share was left out was taken whole: it has no sampling error (as in R's survey).
NOTHING_LEFT_OUT = 1e-7

#: Cells of a stratum's PSU table up to which it is built densely (160 MB), and centred before it is multiplied.
DENSE_LIMIT = 20_000_000


class DesignError(ValueError):
    """The data do not fit the design that was declared, or the design cannot give what was asked."""


class LonelyPsuError(DesignError):
    """A stratum has one PSU only, so its variance cannot be estimated, and the declared policy is "fail"."""


@dataclass(frozen=True, eq=False)
class StratumFactors:
    """What each stratum does to squared deviations of PSU totals; arrays of shape (n_strata,).

    `multiplier` is (1 - f_h) n_h / (n_h - 1); `centred` is 1 where deviations are from the stratum's mean, else 0;
    `lonely` marks strata with one PSU and something left out.
    """

    multiplier: np.ndarray
    centred: np.ndarray
    lonely: np.ndarray


def stratum_factors(psu_count: np.ndarray, fraction: np.ndarray | None, lonely_psu: str) -> StratumFactors:
    """Factors per stratum for the five lonely-PSU policies.

    remove, certainty: a lonely stratum adds nothing; adjust: its total is taken about 0 (the mean of linearised scores)
    and not about itself; average: it adds nothing here and the caller scales the others up; fail: the caller refuses.
    """
    if lonely_psu not in LONELY_POLICIES:
        raise DesignError(f"lonely_psu must be one of {', '.join(LONELY_POLICIES)}, not {lonely_psu!r}")
    count = np.asarray(psu_count, dtype=float)
    left_out = np.ones_like(count) if fraction is None else 1.0 - np.asarray(fraction, dtype=float)
    alone = count == 1
    multiplier = np.where(alone, left_out, left_out * count / np.where(count > 1, count - 1, 1))
    multiplier = np.where(left_out < NOTHING_LEFT_OUT, 0.0, multiplier)
    lonely = alone & (left_out >= NOTHING_LEFT_OUT)
    if lonely_psu != "adjust":
        multiplier = np.where(lonely, 0.0, multiplier)
    return StratumFactors(multiplier, np.where(lonely, 0.0, 1.0), lonely)


def refuse_lonely(lonely: np.ndarray, present: np.ndarray, names: Sequence[object] | None = None) -> None:
    """Raise LonelyPsuError naming the first strata that are both lonely and used."""
    found = np.flatnonzero(lonely & present)
    if found.size:
        shown = ", ".join(str(names[h] if names is not None else h) for h in found[:5])
        more = "" if found.size <= 5 else f" and {found.size - 5} more"
        raise LonelyPsuError(
            f"strata with one PSU only: {shown}{more}; merge strata or declare lonely_psu as remove, adjust, average or "
            "certainty"
        )


def psu_covariance(
    psu_totals: np.ndarray,
    psu_stratum: np.ndarray,
    fpc: np.ndarray | None = None,
    lonely_psu: str = "fail",
    psu_count: np.ndarray | None = None,
) -> np.ndarray:
    """Covariance (k, k) of the k sample totals, from weighted linearised totals per PSU.

    V = sum_h (1 - f_h) n_h / (n_h - 1) sum_{i in h} (z_hi - zbar_h)(z_hi - zbar_h)'
    with z_hi the row of PSU i of stratum h and f_h its sampling fraction (0 when fpc is None: with replacement).

    psu_totals: (n_psu, k); psu_stratum: (n_psu,) integers from 0; fpc: (n_strata,) fractions in [0, 1];
    psu_count: (n_strata,) PSUs in the design when some have no row here (a subpopulation): the missing ones are zeros.
    Units: the square of the totals'. Under "average" the result is divided by the share of strata that have a variance;
    NaN when none has.
    Raises DesignError on shapes that do not fit, LonelyPsuError under "fail".
    Source: Cochran (1977) Sampling Techniques, 11.6; Binder (1983) Int. Stat. Rev. 51; R survey::svyrecvar.
    """
    totals = np.asarray(psu_totals, dtype=float)
    stratum = np.asarray(psu_stratum)
    if totals.ndim != 2 or stratum.shape != (totals.shape[0],):
        raise DesignError(f"psu_totals must be (n_psu, k) and psu_stratum (n_psu,), got {totals.shape} and {stratum.shape}")
    if stratum.size == 0:
        return np.zeros((totals.shape[1], totals.shape[1]))
    if not np.issubdtype(stratum.dtype, np.integer) or stratum.min() < 0:
        raise DesignError("psu_stratum must be integers from 0")
    seen = np.bincount(stratum, minlength=0 if psu_count is None else len(psu_count))
    count = seen if psu_count is None else np.asarray(psu_count)
    if seen.shape != np.shape(count) or np.any(seen > count):
        raise DesignError("psu_count must give every stratum at least the PSUs that have a row")
    if fpc is not None and (np.shape(fpc) != seen.shape or np.any((np.asarray(fpc) < 0) | (np.asarray(fpc) > 1))):
        raise DesignError("fpc must be one sampling fraction from 0 to 1 for each stratum")
    factors = stratum_factors(count, fpc, lonely_psu)
    present = seen > 0
    if lonely_psu == "fail":
        refuse_lonely(factors.lonely, present)
    centre = sums_by(stratum, totals, len(seen)) / np.maximum(count, 1)[:, None] * factors.centred[:, None]
    scaled = (totals - centre[stratum]) * np.sqrt(factors.multiplier[stratum])[:, None]
    absent = centre * np.sqrt(factors.multiplier * (count - seen))[:, None]
    result = scaled.T @ scaled + absent.T @ absent
    if lonely_psu == "average":
        result *= _average_scale(present.sum(), (present & ~factors.lonely).sum())
    return result


def degrees_of_freedom(psu_stratum: np.ndarray) -> int:
    """Number of PSUs minus number of strata (Korn and Graubard 1999, 2.4; R survey::degf); one entry per PSU."""
    return int(np.size(psu_stratum) - np.unique(psu_stratum).size)


def _average_scale(strata: np.ndarray | int, usable: np.ndarray | int) -> np.ndarray:
    strata, usable = np.asarray(strata, dtype=float), np.asarray(usable, dtype=float)
    return np.divide(strata, usable, out=np.full(np.shape(strata), np.nan), where=usable > 0)


def sums_by(code: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sums of the rows of `values` (n, k) for each code: (size, k)."""
    indicator = sparse.csr_array((np.ones(code.size), (code, np.arange(code.size))), shape=(size, code.size))
    return np.asarray(indicator @ values)


@dataclass(frozen=True, eq=False)
class SamplingPlan:
    """One stage of the full design; subpopulations keep it. A stratum of a later stage is a unit of the stage before it
    (or its part in a stratum of its own).

    psu_stratum: (n_psu,) stratum of each unit drawn at this stage; psu_count: (n_strata,) units drawn; fraction: (n_strata,)
    share of the stratum's units that was drawn, or None for sampling with replacement; stratum_names: for messages;
    carried: (n_strata,) product of the sampling fractions of the stages before, by which this stage's variance counts
    (None: 1, the first stage); parent: (n_strata,) the unit of the stage before (None: all of one).
    """

    psu_stratum: np.ndarray
    psu_count: np.ndarray
    fraction: np.ndarray | None
    stratum_names: tuple[object, ...]
    lonely_psu: str
    carried: np.ndarray | None = None
    parent: np.ndarray | None = None

    def factors(self) -> StratumFactors:
        """`stratum_factors` of this stage, times what earlier stages leave of it."""
        own = stratum_factors(self.psu_count, self.fraction, self.lonely_psu)
        return own if self.carried is None else replace(own, multiplier=own.multiplier * self.carried)

    def averages(self, factors: StratumFactors, stratum: np.ndarray, domain: np.ndarray, domains: int) -> np.ndarray:
        """Under "average", for each (stratum, domain) pair met: strata met within the parent by that domain, over those of
        them that have a variance (as R does); under the other policies 1."""
        if self.lonely_psu != "average":
            return np.ones(stratum.size)
        parent = np.zeros(stratum.size, dtype=np.int64) if self.parent is None else self.parent[stratum]
        _, group = np.unique(parent * domains + domain, return_inverse=True)
        met = np.bincount(group)
        usable = np.bincount(group, weights=~factors.lonely[stratum], minlength=met.size)
        return _average_scale(met, usable)[group]


@dataclass(frozen=True, eq=False)
class DomainTotals:
    """Weighted linearised totals per PSU and domain, kept sparse: one cell for each pair that was observed.

    psu, domain: (n_cells,) integers; totals: (n_cells, k) for k items; domains: how many there are.
    """

    plan: SamplingPlan
    psu: np.ndarray
    domain: np.ndarray
    domains: int
    totals: np.ndarray

    def variances(self) -> np.ndarray:
        """Variance of each domain's k totals, (domains, k): the diagonal of `covariance`, without building it."""
        if self.psu.size == 0:
            return np.full((self.domains, self.totals.shape[1]), np.nan)
        factors = self._factors()
        stratum = self.plan.psu_stratum[self.psu].astype(np.int64)
        pairs, pair = np.unique(stratum * self.domains + self.domain, return_inverse=True)
        pair_stratum, pair_domain = np.divmod(pairs, self.domains)
        centre = sums_by(pair, self.totals, pairs.size) / self.plan.psu_count[pair_stratum][:, None]
        centre *= factors.centred[pair_stratum][:, None]
        absent = self.plan.psu_count[pair_stratum] - np.bincount(pair)
        squares = sums_by(pair, (self.totals - centre[pair]) ** 2, pairs.size) + absent[:, None] * centre**2
        scale = factors.multiplier[pair_stratum] * self.plan.averages(factors, pair_stratum, pair_domain, self.domains)
        return sums_by(pair_domain, squares * scale[:, None], self.domains)

    def covariance(self) -> np.ndarray:
        """Joint covariance of all items and domains, (k * domains, k * domains), items slowest, domains fastest."""
        factors = self._factors()
        k = self.totals.shape[1]
        result = np.zeros((k, self.domains, k, self.domains))
        stratum = self.plan.psu_stratum[self.psu]
        order = np.argsort(stratum, kind="stable")
        starts = np.searchsorted(stratum[order], np.arange(self.plan.psu_count.size + 1))
        pairs = np.unique(stratum.astype(np.int64) * self.domains + self.domain)
        pair_scale = self.plan.averages(factors, *np.divmod(pairs, self.domains), self.domains)
        for h in np.flatnonzero(np.diff(starts)):
            cells = order[starts[h] : starts[h + 1]]
            domains, column = np.unique(self.domain[cells], return_inverse=True)
            scale = np.sqrt(pair_scale[np.searchsorted(pairs, h * self.domains + domains)])
            if factors.multiplier[h] == 0:
                unknown = domains[np.isnan(scale)]
                result[np.ix_(range(k), unknown, range(k), unknown)] = np.nan
                continue
            block = _stratum_block(self.psu[cells], column, self.totals[cells], domains.size,
                                   self.plan.psu_count[h], bool(factors.centred[h]))
            block = block.reshape(k, domains.size, k, domains.size) * factors.multiplier[h]
            block *= scale[None, :, None, None] * scale[None, None, None, :]
            result[np.ix_(range(k), domains, range(k), domains)] += block
        return result.reshape(k * self.domains, k * self.domains)

    def _factors(self) -> StratumFactors:
        factors = self.plan.factors()
        if self.plan.lonely_psu == "fail":
            present = np.zeros(self.plan.psu_count.size, dtype=bool)
            present[self.plan.psu_stratum[self.psu]] = True
            refuse_lonely(factors.lonely, present, self.plan.stratum_names)
        return factors


def _stratum_block(psu, column, totals, width: int, psu_count: int, centred: bool) -> np.ndarray:
    """Sum over one stratum's PSUs, absent ones included, of the outer product of centred totals; items slowest.

    Dense and centred first where it fits (no cancellation); sparse cross-product minus the mean's where it does not.
    """
    k = totals.shape[1]
    rows, row = np.unique(psu, return_inverse=True)
    index = np.arange(k)[None, :] * width + column[:, None]
    if rows.size * k * width <= DENSE_LIMIT:
        table = np.zeros((rows.size, k * width))
        table[row[:, None], index] = totals
        centre = table.sum(axis=0) / psu_count * centred
        table -= centre
        return table.T @ table + (psu_count - rows.size) * np.outer(centre, centre)
    table = sparse.csr_array((totals.ravel(), (np.repeat(row, k), index.ravel())), shape=(rows.size, k * width))
    centre = np.asarray(table.sum(axis=0)).ravel() / psu_count * centred
    return (table.T @ table).toarray() - psu_count * np.outer(centre, centre)
