"""Random size measures and comparisons: chances of being drawn against R's sampling package, power against base R.

What cannot agree by definition: UPsampfordpi2 adds terms of alternating signs, so it loses digits as n grows and stops with an
error once a term turns negative; we compare up to 8 draws, at the digits it keeps. It reads a lower triangle that needs n >= 2.
R takes a sign test's two tails as one unless strict = TRUE; so do we. R looks for the detectable share above p1 only, and
also above 1, where we say NaN.
"""

from math import ceil

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.sampling import inclusion, power
from tests.referee.conftest import RError, referee

LEVELS = st.sampled_from([0.01, 0.05, 0.1])


@st.composite
def size_measures(draw):
    """Sizes of 3 to 25 units, some of them equal or far larger than the rest, and how many to draw."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    units = draw(st.integers(3, 25))
    sizes = rng.lognormal(3, draw(st.sampled_from([0.1, 0.6, 1.2])), units).round(draw(st.integers(0, 3))) + 1
    return sizes, draw(st.integers(2, min(units - 1, 8)))


@referee
@given(size_measures())
def test_chances_of_one_unit_and_of_two(r, differences, case):
    sizes, n = case
    theirs = r("chances", size=sizes, n=n)
    pi = inclusion.inclusion_probabilities(sizes, n)
    differences.agree("inclusion probabilities", pi, theirs["pik"], 1e-10)
    differences.agree("joint: Tillé", inclusion.tille_joint(pi), theirs["tille"], 1e-9)
    differences.agree("joint: systematic", inclusion.systematic_joint(pi), theirs["systematic"], 1e-9, scale=1e-3)
    if theirs.get("sampford"):
        differences.agree("joint: Sampford", inclusion.sampford_joint(pi), theirs["sampford"], 1e-6, scale=1e-3)


@referee
@given(st.integers(2, 2000), st.integers(1, 99), st.integers(1, 99), LEVELS, st.sampled_from([1, 2]))
def test_power_of_two_shares(r, differences, n, first, second, alpha, sides):
    p1, p2 = first / 100, second / 100
    ours = power.power_of_proportions(p1, p2, n, alpha, sides)
    theirs = r("power_of", what="proportions", n=n, first=p1, second=p2, alpha=alpha, sides=sides)
    differences.agree("power: shares", ours, theirs, 1e-8, scale=1e-6)


@referee
@given(st.integers(2, 500), st.integers(1, 40), st.integers(5, 40), LEVELS, st.sampled_from([1, 2]))
def test_power_of_two_means(r, differences, n, difference, deviation, alpha, sides):
    ours = power.power_of_means(difference, deviation, n, alpha, sides)
    theirs = r("power_of", what="means", n=n, first=difference, second=deviation, alpha=alpha, sides=sides)
    differences.agree("power: means", ours, theirs, 1e-8, scale=1e-6)


@referee
@given(st.integers(10, 90), st.integers(3, 30), st.sampled_from([0.5, 0.8, 0.9]), st.sampled_from([0.01, 0.05]))
def test_sizes_and_detectable_differences(r, differences, hundredths, gap, wanted, alpha):
    p1, deviation, n = hundredths / 100, 25.0, 10 + hundredths
    p2 = p1 + gap / 100 if hundredths + gap < 100 else p1 - gap / 100
    exact = r("size_for", what="proportions", power=wanted, first=p1, second=p2, alpha=alpha, sides=2)
    assert power.size_for_proportions(p1, p2, wanted, alpha).completes[0] == ceil(exact - 1e-6)
    exact = r("size_for", what="means", power=wanted, first=float(gap), second=deviation, alpha=alpha, sides=2)
    assert power.size_for_means(gap, deviation, wanted, alpha).completes[0] == max(ceil(exact - 1e-6), 2)
    differences.agree("detectable: means", power.detectable_difference(deviation, n, wanted, alpha),
                      r("detectable", what="means", n=n, first=deviation, power=wanted, alpha=alpha, sides=2), 1e-8)
    ours = power.detectable_proportion(p1, n, wanted, alpha)
    try:
        theirs = r("detectable", what="proportions", n=n, first=p1, power=wanted, alpha=alpha, sides=2)
    except RError:
        theirs = np.inf
    if theirs > 1:
        assert np.isnan(ours)
        return
    differences.agree("detectable: shares", ours, theirs, 1e-8)
