"""Small tables for the tests of disclosure control, and an attacker who counts every table that fits what is published."""

from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.disclosure import (
    TOTAL,
    DisclosureRule,
    Figure,
    tabulate,
)

RULE = DisclosureRule(minimum_count=5, minimum_respondents=5, protection_range=3, zeros_sensitive=False, totals_published=True,
                      one_answer_below=None, dominance=None, p_percent=None)
LEVELS = dict(enumerate((1.0, 2.0, 3.0, 4.0, 5.0)))
MEAN = Figure("mean", LEVELS, (2,))
TOP_TWO = Figure("top two", {0: 0, 1: 0, 2: 0, 3: 100, 4: 100}, (2,))


def one_way(*tables):
    frame = pd.DataFrame([{"unit": unit, "answer": answer, "count": count} for unit, table in enumerate(tables)
                          for answer, count in enumerate(table)])
    return tabulate(frame, "answer", by=["unit"])


def two_way(matrix, groups=None):
    matrix = np.asarray(matrix)
    frame = pd.DataFrame([{"unit": i, "answer": j, "count": int(matrix[i, j])} for i, j in np.ndindex(matrix.shape)])
    if groups is None:
        return tabulate(frame, "answer", by=[], over=[("unit",)])
    return tabulate(frame.assign(group=[groups[unit] for unit in frame["unit"]]), "answer", by=[], over=[("group", "unit")])


def shown(suppression):
    return [None if pd.isna(value) else int(value) for value in suppression.published()["value"]]


@lru_cache
def compositions(total, parts):
    """Every way to share `total` among `parts`: (ways, parts)."""
    if parts == 1:
        return np.array([[total]])
    return np.vstack([np.insert(compositions(total - first, parts - 1), 0, first, axis=1) for first in range(total + 1)])


def everything_that_fits(suppression):
    """All whole-number tables that agree with the published numbers and the sums; hidden totals are free up to a bound.

    Written without the code under test: published values, the sums of the keys, and the declared floor."""
    tables, hidden, floor = suppression.tables, suppression.hidden, suppression.floor.astype(int)
    keys = list(tables.keys.itertuples(index=False, name=None))
    inner = [i for i, key in enumerate(keys) if TOTAL not in key]
    inside = [[at for at, j in enumerate(inner) if all(a in (TOTAL, b) for a, b in zip(key, keys[j], strict=True))]
              for key in keys]
    most = [min((tables.count[i] for i in range(len(keys)) if at in inside[i] and not hidden[i]), default=tables.count[j] + 3)
            for at, j in enumerate(inner)]
    ranges = [np.arange(floor[j], high + 1) if hidden[j] else tables.count[[j]] for j, high in zip(inner, most, strict=True)]
    values = np.stack([axis.ravel() for axis in np.meshgrid(*ranges, indexing="ij")], axis=1)
    full = np.stack([values[:, parts].sum(axis=1) for parts in inside], axis=1)
    fits = full[(full[:, ~hidden] == tables.count[~hidden]).all(axis=1) & (full >= floor).all(axis=1)]
    assert not (tables.sums @ fits.T).any()
    return fits
