"""Answers as arrays: which were given, by how many, and what counts as none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimates import MISSING_POLICIES, column_of, numbers_of
from analysis.variance import DesignError

#: The code of a question without an answer.
BLANK = -1


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers of n respondents to k questions: `values` (n, k), codes (BLANK) or numbers (NaN) where there is none;
    `given` (n, k) marks answers, `count` (n,) how many, `usable` (n,) who gave enough of them."""

    values: np.ndarray
    given: np.ndarray
    count: np.ndarray
    usable: np.ndarray


def codes(frame: pd.DataFrame, items: Sequence[str], minimum_answers: int, missing: str,
          not_answers: Collection[object] = ()) -> Answers:
    """Answers of any kind as integers; the same answer has the same code in every item.

    None, NaN, blank text and `not_answers` ("don't know" and the like) are no answers. missing: "fail" refuses gaps,
    "exclude" keeps a respondent with at least `minimum_answers`, "exclude_rows" only those without a gap.
    Raises DesignError: gaps under "fail", unknown policy or column, items not a list of different names.
    """
    names = _checked(items, minimum_answers, missing)
    known: dict[object, int] = dict.fromkeys(not_answers, BLANK)
    result = np.full((len(frame), len(names)), BLANK, dtype=np.int32)
    for column, name in enumerate(names):
        code, labels = pd.factorize(column_of(frame, name))
        # One dictionary for all items, so that "good" is the same answer wherever it is given.
        meaning = [BLANK if isinstance(label, str) and not label.strip() else known.setdefault(label, len(known))
                   for label in labels]
        result[:, column] = np.array([*meaning, BLANK], dtype=np.int32)[code]
    return _answers(result, result != BLANK, names, minimum_answers, missing)


def numbers(frame: pd.DataFrame, items: Sequence[str], minimum_answers: int, missing: str,
            not_answers: Collection[object] = ()) -> Answers:
    """Numeric answers; otherwise as `codes`. Raises DesignError for a column that is not numbers: map its levels first."""
    names = _checked(items, minimum_answers, missing)
    result = np.column_stack([numbers_of(frame, name, slice(None)) for name in names])
    if not_answers:
        result = np.where(np.isin(result, list(not_answers)), np.nan, result)
    return _answers(result, ~np.isnan(result), names, minimum_answers, missing)


def _checked(items: Sequence[str], minimum_answers: int, missing: str) -> list[str]:
    names = list(items)
    if isinstance(items, str) or len(names) < 2 or len(set(names)) < len(names):
        raise DesignError(f"items must be a list of at least two different columns, not {items!r}")
    if missing not in MISSING_POLICIES:
        raise DesignError(f"missing must be one of {', '.join(MISSING_POLICIES)}, not {missing!r}")
    if not 2 <= minimum_answers <= len(names):
        raise DesignError(f"minimum_answers must lie between 2 and the {len(names)} items, not {minimum_answers!r}")
    return names


def _answers(values: np.ndarray, given: np.ndarray, names: list[str], minimum_answers: int, missing: str) -> Answers:
    gaps = {name: int(count) for name, count in zip(names, (~given).sum(axis=0), strict=True) if count}
    if gaps and missing == "fail":
        listed = ", ".join(f"{name} ({count})" for name, count in gaps.items())
        raise DesignError(f"missing values in {listed}; declare missing='exclude' or 'exclude_rows'")
    count = given.sum(axis=1)
    return Answers(values, given, count, count >= (len(names) if missing == "exclude_rows" else minimum_answers))


def blocks(frame: pd.DataFrame, within: str | Sequence[str] | None) -> tuple[np.ndarray, list[tuple[object, ...]]]:
    """Block of each row, 0 to B - 1 (-1 where one of the columns is missing), and the blocks' labels in sorted order."""
    names = [] if within is None else [within] if isinstance(within, str) else list(within)
    if not names:
        return np.zeros(len(frame), dtype=np.int64), [()]
    columns = [column_of(frame, name) for name in names]
    code, labels = pd.factorize(pd.MultiIndex.from_arrays(columns), sort=True) if len(columns) > 1 else \
        pd.factorize(columns[0], sort=True)
    labels = [label if isinstance(label, tuple) else (label,) for label in labels]
    absent = np.logical_or.reduce([column.isna().to_numpy() for column in columns])
    if not absent.any():
        return code.astype(np.int64), labels
    kept, code = np.unique(np.where(absent, -1, code), return_inverse=True)
    shift = int(kept[0] == -1)
    return code.astype(np.int64) - shift, [labels[i] for i in kept[shift:]]
