"""The units' composite scores in every replicate of the sample: how sure the order is, without a normal approximation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import estimates as est
from analysis.estimates import Cells
from analysis.replicates import ReplicateDesign
from analysis.variance import DesignError


@dataclass(frozen=True, eq=False)
class Composites:
    """Scores of U units, (U,), and what each of R replicates made of them, (R, U): draws for analysis.index.ranking."""

    units: tuple[object, ...]
    estimates: np.ndarray
    draws: np.ndarray


def composite_scores(design: ReplicateDesign, coefficients: pd.DataFrame, unit: str, group: str,
                     missing: str = "fail") -> Composites:
    """sum over groups g and items j of c_gj mean_ugj for each unit u, in the sample and in each replicate.

    coefficients: one row per respondent group, one column per item: maximum points x share x step of the scale. unit, group:
    columns of the design's frame. A pair without an answer to an item whose coefficient is not 0 makes the unit's score NaN.
    Cost: the rows once per item, then units x groups x (replicates x items) sums of PSU totals; means are not kept.
    Raises DesignError: a group without coefficients, unknown columns, missing values under "fail".
    Source: Rao, Wu, Yue (1992) for the weights; Mogstad, Romano, Shaikh, Wilhelm (2024), section 4, for their use.
    """
    items = list(coefficients.columns)
    domains = est.domains_of(design.frame, [unit, group], missing)
    (_, units), (_, groups) = domains.labels
    unknown = sorted(set(groups) - set(coefficients.index), key=str)
    if unknown:
        raise DesignError(f"no coefficients for respondent group {', '.join(map(repr, unknown))}")
    cells = Cells.of(design.unit, design.base, domains, design.factors.shape[0])
    weight, first = _sums(design.frame, items, cells, missing)
    order = np.argsort(cells.domain, kind="stable")
    starts = np.searchsorted(cells.domain[order], np.arange(domains.count + 1))
    labels, position = np.unique(np.array(units, dtype=object), return_inverse=True)
    whole = np.column_stack([design.whole, design.factors])
    scores = np.zeros((labels.size, whole.shape[1]))
    for d in range(domains.count):
        mine = order[starts[d] : starts[d + 1]]
        counted = np.asarray(coefficients.loc[groups[d]], dtype=float)
        used = np.flatnonzero(counted)
        factors = whole[cells.psu[mine]].T
        with np.errstate(divide="ignore", invalid="ignore"):
            means = (factors @ first[mine][:, used]) / (factors @ weight[mine][:, used])
        scores[position[d]] += means @ counted[used]
    asked = coefficients.index[(coefficients != 0).any(axis=1)]
    rated = pd.crosstab(pd.Series(units, dtype=object), pd.Series(groups, dtype=object)).reindex(index=labels, columns=asked)
    scores[(rated.fillna(0) == 0).any(axis=1).to_numpy()] = np.nan
    return Composites(tuple(labels), scores[:, 0], np.ascontiguousarray(scores[:, 1:].T))


def _sums(frame: pd.DataFrame, items: Sequence[str], cells: Cells, missing: str) -> tuple[np.ndarray, np.ndarray]:
    """Sum of weights behind each item, and its weighted sum, per cell: (C, k) each."""
    weight, first = (np.empty((cells.psu.size, len(items))) for _ in range(2))
    for j, name in enumerate(items):
        values = est.numbers_of(frame, name, cells.row)
        valid = est.valid_rows({name: values}, missing)[name]
        weights = cells.weights if valid is None else np.where(valid, cells.weights, 0.0)
        weight[:, j] = cells.weight if valid is None else cells.sums(weights)
        first[:, j] = cells.sums(weights * values if valid is None else weights * np.where(valid, values, 0.0))
    return weight, first
