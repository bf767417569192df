"""Picking n of N units, given their chances; positions refer to the order in which the units were given."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.sampling import inclusion
from analysis.sampling.canonical import Chance
from analysis.variance import DesignError

#: Cells of Sampford's table of chances (units times draws) up to which it is made: 160 MB for each of two.
SAMPFORD_LIMIT = 20_000_000


def simple_random(pi: np.ndarray, chance: Chance) -> np.ndarray:
    """Simple random sample without replacement: every unit gets a random number, the n smallest are drawn, in that order.

    pi (N,): all n / N. Source: Särndal, Swensson and Wretman (1992) 3.3.1.
    """
    return np.argsort(chance.uniforms(pi.size), kind="stable")[: round(float(pi.sum()))]


def systematic(pi: np.ndarray, chance: Chance) -> np.ndarray:
    """Systematic sample with a random start u in (0, 1): the units in whose stretch of the running sum of pi one of
    u, u + 1, ... falls. With equal pi: a fractional interval N / n, every sample of size n.

    Source: Madow (1949) Ann. Math. Stat. 20, 333-354; R sampling::UPsystematic.
    """
    certain, rest = np.flatnonzero(pi >= 1), np.flatnonzero(pi < 1)
    if rest.size == 0:
        return certain
    marks = chance.uniform() + np.arange(round(float(pi[rest].sum())))
    return np.sort(np.concatenate([certain, rest[np.searchsorted(inclusion.cumulated(pi[rest]), marks, side="right")]]))


def sampford(pi: np.ndarray, chance: Chance) -> np.ndarray:
    """Sampford's sample of fixed size with exactly the chances pi, without his rejections: unit by unit, each with its
    chance given what was drawn before.

    p(s) is proportional to sum_{k in s} (1 - pi_k) prod_{k in s} pi_k prod_{k not in s} (1 - pi_k). With A_k[m] the sum of
    the products over all m of the units k, ..., N and B_k[m] the same with the sum's factor (tables filled from the end,
    positive terms only), unit k is drawn with chance
    pi_k (B_{k+1}[m - 1] + (c + 1 - pi_k) A_{k+1}[m - 1]) / (B_k[m] + c A_k[m]), m units still to draw, c the sum so far.
    Raises DesignError when the tables would have more than SAMPFORD_LIMIT cells.
    Source: Sampford (1967); sequential drawing after Grafström (2009) J. Stat. Plan. Inference 139, 2111-2114.
    """
    certain, rest = np.flatnonzero(pi >= 1), np.flatnonzero(pi < 1)
    n = round(float(pi.sum())) - certain.size
    if n == 0:
        return certain
    if (rest.size + 1) * (n + 1) > SAMPFORD_LIMIT:
        raise DesignError(f"Sampford's method for {n} of {rest.size} units needs too much room; draw by strata, or systematic")
    p = pi[rest]
    plain, factor = _tables(p, n)
    numbers = chance.uniforms(rest.size)
    drawn, left, so_far = [], n, 0.0
    for k in range(rest.size):
        if left == 0:
            break
        going = p[k] * (factor[k + 1, left - 1] + (so_far + 1 - p[k]) * plain[k + 1, left - 1])
        if numbers[k] * (factor[k, left] + so_far * plain[k, left]) < going or rest.size - k == left:
            drawn.append(k)
            left -= 1
            so_far += 1 - p[k]
    return np.sort(np.concatenate([certain, rest[drawn]]))


def tille(pi: np.ndarray, chance: Chance) -> np.ndarray:
    """Tillé's elimination: from all N units one goes at each step, until n are left, with exactly the chances pi.

    Source: Tillé (1996) Biometrika 83, 238-241; R sampling::UPtille.
    """
    certain, rest = np.flatnonzero(pi >= 1), np.flatnonzero(pi < 1)
    if rest.size == 0:
        return certain
    there = np.ones(rest.size, dtype=bool)
    numbers = chance.uniforms(rest.size)
    for step, going in enumerate(inclusion.elimination_steps(pi[rest])):
        sums = np.cumsum(np.where(there, np.maximum(going, 0.0), 0.0))
        there[np.searchsorted(sums, numbers[step] * sums[-1], side="right")] = False
    return np.sort(np.concatenate([certain, rest[there]]))


@dataclass(frozen=True)
class Method:
    """How units are drawn: whether by size, whether their order counts, the pick and the joint probabilities."""

    by_size: bool
    ordered: bool
    pick: Callable[[np.ndarray, Chance], np.ndarray]
    joint: Callable[[np.ndarray], np.ndarray]


METHODS = {
    "srs": Method(False, False, simple_random, lambda pi: inclusion.simple_joint(pi.size, round(float(pi.sum())))),
    "systematic": Method(False, True, systematic, inclusion.systematic_joint),
    "sampford": Method(True, False, sampford, inclusion.sampford_joint),
    "tille": Method(True, False, tille, inclusion.tille_joint),
    "pps_systematic": Method(True, True, systematic, inclusion.systematic_joint),
}


def reserves(size: np.ndarray, drawn: np.ndarray, count: int, chance: Chance) -> np.ndarray:
    """An ordered list of up to `count` units that were not drawn: in the order of -log(u) / size, u random.

    Equal sizes: a random order. Else larger units tend to come first, as they do in the draw itself.
    Source: Efraimidis and Spirakis (2006) Inf. Process. Lett. 97, 181-185 (successive sampling).
    """
    keys = -np.log(chance.uniforms(size.size)) / size
    keys[drawn] = np.inf
    return np.argsort(keys, kind="stable")[: min(count, size.size - drawn.size)]


def _tables(p: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    plain = np.zeros((p.size + 1, n + 1))
    factor = np.zeros((p.size + 1, n + 1))
    plain[-1, 0] = 1.0
    for k in range(p.size - 1, -1, -1):
        stay = 1 - p[k]
        plain[k] = stay * plain[k + 1]
        factor[k] = stay * factor[k + 1]
        plain[k, 1:] += p[k] * plain[k + 1, :-1]
        factor[k, 1:] += p[k] * (factor[k + 1, :-1] + stay * plain[k + 1, :-1])
    return plain, factor
