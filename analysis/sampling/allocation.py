"""How a sample is shared out over strata (or over the units that are to be scored)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.sampling.canonical import sort_key, text_of
from analysis.variance import DesignError

#: A share of a person that is only rounding noise.
NOISE = 1e-9


#: One number for all strata, or one for each by name.
PerStratum = float | Mapping[object, float]


class AllocationError(DesignError):
    """The sample cannot be shared out as asked: the bounds, the total and the strata do not go together."""


@dataclass(frozen=True, eq=False)
class Strata:
    """What is known of H strata before the draw, sorted by name; arrays are (H,), deviations and means (H, K).

    population N_h: people; deviations S_hk: standard deviation of item k (divisor N_h - 1); means: of item k, in its units;
    cost c_h: of one answer.
    """

    names: tuple[object, ...]
    population: np.ndarray
    items: tuple[str, ...]
    deviations: np.ndarray
    means: np.ndarray
    cost: np.ndarray

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, stratum: str, population: str, deviations: Mapping[str, str] | None = None,
                   means: Mapping[str, str] | None = None, cost: str | None = None) -> "Strata":
        """Read the strata, one row each, from columns of `frame`; deviations and means: item -> column.

        The order of the rows does not matter. Raises AllocationError, all rows at once: missing or repeated stratum, people
        not a whole number of at least 1, deviations not >= 0, means not finite, cost not > 0, items of means and deviations
        that differ, unknown columns.
        """
        deviations, means = dict(deviations or {}), dict(means or {})
        if means and list(means) != list(deviations):
            raise AllocationError("means must name the same items as deviations, in the same order")
        wanted = [stratum, population, *deviations.values(), *means.values(), *([cost] if cost else [])]
        unknown = [name for name in wanted if name not in frame.columns]
        if unknown:
            raise AllocationError(f"the frame of strata has no column {', '.join(map(repr, unknown))}")
        labels = list(frame[stratum].astype(object))
        texts = [text_of(label) for label in labels]
        order = sorted(range(len(labels)), key=lambda h: sort_key(texts[h]))
        people = _numbers(frame, population)
        spread = np.column_stack([_numbers(frame, column) for column in deviations.values()] or [np.empty((len(frame), 0))])
        centre = (np.column_stack([_numbers(frame, column) for column in means.values()]) if means
                  else np.full(spread.shape, np.nan))
        price = _numbers(frame, cost) if cost else np.ones(len(frame))
        _refuse_faults(texts, labels, people, spread, centre if means else np.zeros(spread.shape), price)
        arrays = [array[order] for array in (people, spread, centre, price)]
        for array in arrays:
            array.flags.writeable = False
        return cls(tuple(labels[h] for h in order), arrays[0], tuple(deviations), arrays[1], arrays[2], arrays[3])

    def column(self, item: str) -> int:
        if item not in self.items:
            raise AllocationError(f"the strata have no deviations of {item!r}; known: {', '.join(self.items) or 'none'}")
        return self.items.index(item)


@dataclass(frozen=True, eq=False)
class Allocation:
    """Answers per stratum: `n` whole, `exact` before rounding, `lower` and `upper` the bounds they kept; arrays (H,).

    `targets`: item -> wanted coefficient of variation (Bethel), else empty; `multipliers` (K,): what a target costs, or None.
    """

    method: str
    strata: Strata
    n: np.ndarray
    exact: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    targets: Mapping[str, float]
    multipliers: np.ndarray | None = None

    def table(self) -> pd.DataFrame:
        """One row per stratum: stratum, population, n, exact, lower, upper, fraction, weight (N / n), cost, and cv_<item>
        of the stratum's own mean, sqrt(1/n - 1/N) S / |mean|: NaN without means or with n = 0."""
        strata, n = self.strata, self.n.astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.sqrt(1 / n - 1 / strata.population)[:, None] * strata.deviations / np.abs(strata.means)
            own[n == 0] = np.nan
            own[strata.means == 0] = np.nan
            weight = np.where(n > 0, strata.population / n, np.nan)
        return pd.DataFrame({
            "stratum": list(strata.names), "population": strata.population, "n": self.n, "exact": self.exact,
            "lower": self.lower, "upper": self.upper, "fraction": n / strata.population, "weight": weight,
            "cost": strata.cost * n, **{f"cv_{item}": own[:, k] for k, item in enumerate(strata.items)},
        })

    def achieved(self) -> pd.DataFrame:
        """One row per item: item, standard_error of the total (its units), cv of the total (and of the mean), target (NaN
        if none was set)."""
        error = np.sqrt(variance_of_totals(self.strata, self.n))
        totals = np.abs(self.strata.population @ self.strata.means)
        cv = np.divide(error, totals, out=np.full(error.shape, np.nan), where=totals > 0)
        return pd.DataFrame({"item": list(self.strata.items), "standard_error": error, "cv": cv,
                             "target": [self.targets.get(item, np.nan) for item in self.strata.items]})

    def by_stratum(self) -> dict[object, int]:
        """Stratum -> answers: what a draw takes."""
        return dict(zip(self.strata.names, self.n.tolist(), strict=True))


def variance_of_totals(strata: Strata, n: np.ndarray) -> np.ndarray:
    """Variance (K,) of the estimated totals: sum_h N_h^2 S_hk^2 (1/n_h - 1/N_h).

    NaN where a stratum with n_h = 0 has a deviation: its total is not estimated. Source: Cochran (1977) 5.9.
    """
    n = np.asarray(n, dtype=float)
    left = np.divide(1.0, n, out=np.full(n.shape, np.nan), where=n > 0) - 1 / strata.population
    per_stratum = np.where(strata.deviations > 0, (strata.population**2 * left)[:, None] * strata.deviations**2, 0.0)
    return np.maximum(per_stratum.sum(axis=0), 0.0)


def proportional(strata: Strata, n: int, minimum: PerStratum = 2,
    maximum: PerStratum | None = None) -> Allocation:
    """n_h proportional to N_h. `minimum`, `maximum`: one number, or stratum -> number; N_h is always a bound.

    minimum 2 lets every stratum have a variance. Strata that hit a bound keep it, the rest is shared out among the others by
    the same rule; then whole numbers by largest remainder, equal remainders in the order of the names.
    Raises AllocationError when the bounds leave no room for n. Source: Cochran (1977) 5.5.
    """
    return _by_shares("proportional", strata, strata.population, n, minimum, maximum)


def equal(strata: Strata, n: int, minimum: PerStratum = 2,
    maximum: PerStratum | None = None) -> Allocation:
    """The same n_h everywhere; otherwise as `proportional`. For comparing units with each other.

    Source: Cochran (1977) 5A.13.
    """
    return _by_shares("equal", strata, np.ones(len(strata.names)), n, minimum, maximum)


def neyman(strata: Strata, n: int, item: str, minimum: PerStratum = 2,
    maximum: PerStratum | None = None) -> Allocation:
    """n_h proportional to N_h S_h: the smallest variance of the item's total for n answers; otherwise as `proportional`.

    Under bounds too: clipping and sharing out again is the optimum's condition. Source: Neyman (1934); Cochran (1977) 5.5, 5.8.
    """
    return _by_shares("neyman", strata, strata.population * strata.deviations[:, strata.column(item)], n, minimum, maximum)


def optimal(strata: Strata, item: str, n: int | None = None, budget: float | None = None, minimum: PerStratum = 2,
            maximum: PerStratum | None = None) -> Allocation:
    """n_h proportional to N_h S_h / sqrt(c_h): the smallest variance for n answers' worth of shares, or for a budget.

    Give n or budget (units of cost): with a budget, sum c_h n_h <= budget, in whole answers as near to it as the order of
    remainders gives. Raises AllocationError as `proportional`. Source: Cochran (1977) 5.5.
    """
    shares = strata.population * strata.deviations[:, strata.column(item)] / np.sqrt(strata.cost)
    if (n is None) == (budget is None):
        raise AllocationError("give either n or budget")
    if budget is None:
        return _by_shares("optimal", strata, shares, n, minimum, maximum)
    lower, upper = bounds(strata, minimum, maximum)
    exact = share_out(shares, lower, upper, float(budget), strata.cost, strata.population)
    n_h = _whole_within_budget(exact, upper, strata.cost, float(budget))
    return Allocation("optimal", strata, n_h, exact, lower, upper, {})


def power(strata: Strata, n: int, item: str, exponent: float, size: PerStratum | None = None, minimum: PerStratum = 2,
          maximum: PerStratum | None = None) -> Allocation:
    """n_h proportional to X_h^q S_h / |mean_h|: a compromise between the strata's own estimates (q = 0: the same CV but for the
    finite population) and the total (q = 1 with X the item's total: Neyman).

    Smallest sum_h (X_h^q CV_h)^2. size X_h > 0: stratum -> number, default the item's total |N_h mean_h|;
    exponent q >= 0, commonly 1/2 or 1/3. Raises AllocationError: a mean of 0, sizes not > 0; as `proportional`.
    Source: Bankier (1988) The American Statistician 42(3), 174-177.
    """
    k = strata.column(item)
    mean = np.abs(strata.means[:, k])
    if not (mean > 0).all():
        raise AllocationError(f"power allocation needs a mean of {item!r} other than 0 in every stratum")
    measure = strata.population * mean if size is None else per_stratum(strata, size, "size")
    if not (np.isfinite(measure) & (measure > 0)).all() or not exponent >= 0:
        raise AllocationError("size must hold one number above 0 per stratum, and exponent be at least 0")
    return _by_shares("power", strata, measure**exponent * strata.deviations[:, k] / mean, n, minimum, maximum)


def bounds(strata: Strata, minimum: PerStratum = 2,
    maximum: PerStratum | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper whole numbers (H,): minimum and maximum, neither above N_h. Raises AllocationError if they cross."""
    low = per_stratum(strata, minimum, "minimum")
    high = per_stratum(strata, np.inf if maximum is None else maximum, "maximum")
    lower, upper = np.minimum(np.ceil(low), strata.population), np.minimum(np.floor(high), strata.population)
    if not (lower >= 0).all():
        raise AllocationError("minimum must be at least 0")
    crossed = np.flatnonzero(~(lower <= upper))
    if crossed.size:
        raise AllocationError(f"stratum {strata.names[crossed[0]]!r}: the minimum is above the maximum")
    return lower, upper


def per_stratum(strata: Strata, value: PerStratum, what: str) -> np.ndarray:
    """`value` as (H,) in the strata's order. Raises AllocationError when a mapping does not name exactly the strata."""
    if not isinstance(value, Mapping):
        return np.full(len(strata.names), float(value))
    given = {text_of(name): float(number) for name, number in value.items()}
    texts = [text_of(name) for name in strata.names]
    astray = sorted(set(given) ^ set(texts), key=sort_key)
    if astray:
        raise AllocationError(f"{what} must name each stratum once; too many or too few: {', '.join(t[1:] for t in astray)}")
    return np.array([given[text] for text in texts])


def share_out(shares: np.ndarray, lower: np.ndarray, upper: np.ndarray, total: float, cost: np.ndarray,
              population: np.ndarray) -> np.ndarray:
    """x_h = clip(t shares_h, lower_h, upper_h) with the t for which sum c_h x_h = total.

    Strata of share 0 stay at their lower bound unless all the others are full; then they share by population.
    Raises AllocationError when total lies outside [sum c lower, sum c upper].
    """
    least, most = float(cost @ lower), float(cost @ upper)
    if not least - NOISE <= total <= most + NOISE:
        raise AllocationError(f"the bounds allow from {least:g} to {most:g} in all, not {total:g}")
    wanted = shares > 0
    room = float(cost @ np.where(wanted, upper, lower))
    if total > room:
        filled, rest = upper.copy(), np.flatnonzero(~wanted)
        if rest.size:
            left = total - float(cost[wanted] @ upper[wanted])
            filled[rest] = share_out(population[rest], lower[rest], upper[rest], left, cost[rest], population[rest])
        return filled

    def spent(t: float) -> float:
        return float(cost @ np.clip(t * shares, lower, upper))

    turns = np.unique(np.concatenate([[0.0], lower[wanted] / shares[wanted], upper[wanted] / shares[wanted]]))
    place = max(int(np.searchsorted([spent(t) for t in turns], total, side="left")), 1)
    if place >= turns.size:
        return np.clip(turns[-1] * shares, lower, upper)
    low, high = turns[place - 1], turns[place]
    start, end = spent(low), spent(high)
    t = high if end == start else low + (high - low) * (total - start) / (end - start)
    return np.clip(t * shares, lower, upper)


def whole(exact: np.ndarray, upper: np.ndarray, n: int) -> np.ndarray:
    """Whole numbers with the sum n: floors, and one more for the largest remainders; equals in the strata's order."""
    floor = np.floor(exact)
    remainder = np.where(floor < upper, exact - floor, -np.inf)
    short = round(n - floor.sum())
    order = np.argsort(-np.round(remainder, 9), kind="stable")
    result = floor.copy()
    result[order[:short]] += 1
    return result.astype(np.int64)


def _whole_within_budget(exact: np.ndarray, upper: np.ndarray, cost: np.ndarray, budget: float) -> np.ndarray:
    result = np.floor(exact)
    left = budget - float(cost @ result)
    for h in np.argsort(-np.round(exact - result, 9), kind="stable"):
        if result[h] < upper[h] and cost[h] <= left + NOISE:
            result[h] += 1
            left -= cost[h]
    return result.astype(np.int64)


def _by_shares(method: str, strata: Strata, shares: np.ndarray, n: int, minimum, maximum) -> Allocation:
    if isinstance(n, bool) or n != int(n) or n < 1:
        raise AllocationError(f"n must be a whole number of at least 1, not {n!r}")
    lower, upper = bounds(strata, minimum, maximum)
    exact = share_out(np.asarray(shares, dtype=float), lower, upper, float(n), np.ones(len(lower)), strata.population)
    return Allocation(method, strata, whole(exact, upper, int(n)), exact, lower, upper, {})


def _numbers(frame: pd.DataFrame, column: str) -> np.ndarray:
    return pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)


def _refuse_faults(texts, labels, people, spread, centre, price) -> None:
    faults = []
    if not texts:
        raise AllocationError("there are no strata")
    for row, text in enumerate(texts):
        where = f"row {row + 1} (stratum {labels[row]!r})"
        if not text:
            faults.append(f"row {row + 1}: no stratum")
        elif text in texts[:row]:
            faults.append(f"{where}: the stratum occurs twice")
        if not (people[row] >= 1 and people[row] == np.floor(people[row]) and np.isfinite(people[row])):
            faults.append(f"{where}: the population must be a whole number of at least 1")
        if not (np.isfinite(spread[row]) & (spread[row] >= 0)).all():
            faults.append(f"{where}: deviations must be at least 0")
        if not np.isfinite(centre[row]).all():
            faults.append(f"{where}: means must be numbers")
        if not (price[row] > 0 and np.isfinite(price[row])):
            faults.append(f"{where}: the cost must be above 0")
    if faults:
        raise AllocationError("; ".join(faults))
