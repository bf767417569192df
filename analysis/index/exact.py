"""Sums of fractions that do not depend on the order of their terms: fixed point, added up as integers.

Values relative to a known bound are cut into integers of LIMB bits each; floating-point sums of such integers are exact while
they stay below 2**53, so they may come in any order and from any number of parts. (Ozaki et al. 2012, Numerical Algorithms 59,
split products in the same way.)
"""

import numpy as np

#: two limbs of 30 bits for squares; three of 17 for products: below the last bit of a double relative to the bound
SQUARE_LIMB = 2.0**30
CROSS_LIMB = 2.0**17
#: respondents whose products are taken at a time
BLOCK = 4096


class SquareSums:
    """Sums of values from 0 to 1 per cell and column, to 2**-60 each, (cells, columns)."""

    def __init__(self, cells: int, columns: int) -> None:
        self._high, self._low = np.zeros((cells, columns), dtype=np.int64), np.zeros((cells, columns), dtype=np.int64)

    def add(self, column: int, cell: np.ndarray, values: np.ndarray) -> None:
        scaled = values * SQUARE_LIMB
        high = np.rint(scaled)
        low = np.rint((scaled - high) * SQUARE_LIMB)
        for sums, part in ((self._high, high), (self._low, low)):
            sums[:, column] += np.bincount(cell, weights=part, minlength=len(sums)).astype(np.int64)

    def value(self) -> np.ndarray:
        return (self._high + self._low / SQUARE_LIMB) / SQUARE_LIMB


class CrossSums:
    """Sums over respondents of the products of their values for each pair of units, values from -1 to 1, (units, units)."""

    def __init__(self, units: int) -> None:
        self._units, self._sums = units, None

    def add(self, person: np.ndarray, unit: np.ndarray, values: np.ndarray) -> None:
        """`person` sorted; one value per person and unit."""
        if not len(person):
            return
        _, row = np.unique(person, return_inverse=True)
        limbs = []
        rest = values * CROSS_LIMB
        for _ in range(3):
            limbs.append(np.rint(rest))
            rest = (rest - limbs[-1]) * CROSS_LIMB
        if self._sums is None:
            self._sums = np.zeros((3, self._units, self._units), dtype=np.int64)
        u = self._units
        for first in range(0, int(row[-1]) + 1, BLOCK):
            mine = slice(*np.searchsorted(row, (first, first + BLOCK)))
            table = np.zeros((int(row[mine][-1]) - first + 1, 3, u))
            for limb, part in enumerate(limbs):
                table[row[mine] - first, limb, unit[mine]] = part[mine]
            table = table.reshape(len(table), 3 * u)
            product = (table.T @ table).astype(np.int64).reshape(3, u, 3, u)
            self._sums[0] += product[0, :, 0]
            self._sums[1] += product[0, :, 1] + product[1, :, 0]
            self._sums[2] += product[1, :, 1] + product[0, :, 2] + product[2, :, 0]

    def value(self) -> np.ndarray:
        if self._sums is None:
            return np.zeros((self._units, self._units))
        return (self._sums[0] + (self._sums[1] + self._sums[2] / CROSS_LIMB) / CROSS_LIMB) / CROSS_LIMB**2
