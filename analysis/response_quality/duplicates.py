"""Questionnaires that repeat another: the same from end to end, or nearly so."""

import hashlib
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from analysis.response_quality.answers import BLANK, blocks, codes
from analysis.response_quality.flags import Flag, check_share, raised
from analysis.variance import DesignError

#: Respondents compared with all others at a time: the working tables stay within a processor's cache.
CHUNK = 16

Names = str | Sequence[str]


def exact_duplicates(frame: pd.DataFrame, items: Sequence[str], *, copies: int, minimum_answers: int,
                     within: Names | None = None, missing: str = "fail", not_answers: Collection[object] = (),
                     name: str = "exact_duplicates") -> Flag:
    """How many questionnaires have exactly these answers, gaps included, this one counted; found by a hash of the answers.

    Flagged when value >= `copies` (2: any repetition). within: columns of the block (unit, site) in which copies are
    counted; a row without a block is NaN; None: everywhere. detail `pattern`: the hash, the same for copies; it depends on
    which answers occur in the frame, so it compares rows of one call only.
    "All very satisfied" is often given by many: look at `near_clones` with a `maximum_chance` before suspecting them.
    Raises DesignError: copies < 2, bad items or policy, gaps under "fail".
    Source: Slomczynski, Powalko, Krauze (2017) Int. J. Soc. Res. Methodol. 20, 549-565 (non-unique records); R duplicated().
    """
    if copies < 2:
        raise DesignError(f"copies must be at least 2, not {copies!r}")
    answers = codes(frame, items, minimum_answers, missing, not_answers)
    block, _ = blocks(frame, within)
    usable = answers.usable & (block >= 0)
    ranks = _ranked(frame, items, answers.values)
    pattern = np.array([hashlib.blake2b(row.tobytes(), digest_size=16).hexdigest() for row in ranks], dtype=object)
    pair = pd.MultiIndex.from_arrays([block[usable], pattern[usable]])
    group, _ = pd.factorize(pair)
    value = np.full(len(frame), np.nan)
    value[usable] = np.bincount(group)[group] if group.size else 0
    return raised(name, f"the same answers on >= {copies} questionnaires", frame.index, value, value >= copies,
                  answers.count, pattern=np.where(usable, pattern, None))


def _ranked(frame: pd.DataFrame, items: Sequence[str], values: np.ndarray) -> np.ndarray:
    """Codes replaced by the rank of the answer's text, so that the hash does not depend on the order of rows."""
    texts: dict[int, str] = {}
    for column, item in enumerate(items):
        code, first = np.unique(values[:, column], return_index=True)
        for one, row in zip(code, first, strict=True):
            if one != BLANK and one not in texts:
                answer = frame[item].iloc[row]
                # Equal numbers of different types (1, 1.0, True) have one code, so they need one text.
                texts[one] = repr(float(answer)) if isinstance(answer, (int, float, np.number, np.bool_)) else repr(answer)
    rank = np.full(max(texts, default=0) + 2, BLANK, dtype=np.int32)
    for position, one in enumerate(sorted(texts, key=texts.__getitem__)):
        rank[one] = position
    return rank[values]


def near_clones(frame: pd.DataFrame, items: Sequence[str], *, share: float, minimum_shared: int, within: Names | None,
                maximum_chance: float | None = None, minimum_elsewhere: int = 200, missing: str = "fail",
                not_answers: Collection[object] = (), name: str = "near_clones") -> Flag:
    """Share of equal answers with the nearest other respondent of the same block: max_j equal_ij / both_ij, in [0, 1].

    equal_ij: items that i and j answered alike; both_ij: items both answered, at least `minimum_shared` or j is not
    compared with i. within: columns of the block (unit, site); None: all rows are one block.
    Flagged when value >= `share` and, with a `maximum_chance`, when that likeness is also rare by chance. Chance: let q be
    the share of comparable respondents of *other* blocks, one added above and below, who are at least as like i; then
    1 - (1 - q)^m for the m comparable others of the own block. Answers that many give alike everywhere (all "satisfied") so
    have a chance near 1. It cannot fall below m / (comparable elsewhere + 1), so declare a maximum that the survey can reach;
    NaN, and not flagged under a maximum, with fewer than `minimum_elsewhere` comparable elsewhere.
    details: `nearest` (label of the nearest, the first in sorted order of equals), `mates` (others of the block with at least
    `share`), `compared` (m), `chance` (NaN without a maximum,
    and where the likeness is below `share`: nobody asks then, and it takes most of the time).
    NaN: no block, nobody comparable. Time: n^2 k byte comparisons; 20,000 respondents x 40 items take seconds.
    Raises DesignError: row labels that repeat, thresholds out of range, bad items or policy, gaps under "fail".
    Source: Kuriakose and Robbins (2016) Stat. J. IAOS 32, 283-291 (percentmatch); the chance is our own.
    """
    check_share("share", share)
    if maximum_chance is not None:
        check_share("maximum_chance", maximum_chance)
    if not frame.index.is_unique:
        raise DesignError("the frame's row labels repeat; the nearest respondent could not be named")
    answers = codes(frame, items, minimum_shared, missing, not_answers)
    block, _ = blocks(frame, within)
    # Sorted by label, so that the first of equally near ones does not depend on the order of rows.
    order = np.argsort(frame.index.astype(str).to_numpy(), kind="stable")
    order = order[answers.usable[order] & (block[order] >= 0)]
    packed, block_of = _Packed(answers.values[order], minimum_shared), block[order]
    found = _nearest(packed, block_of, share)
    chance = np.full(order.size, np.nan)
    if maximum_chance is not None:
        chance = _chance(packed, block_of, found, share, minimum_elsewhere)
    n = len(frame)
    value, likelihood = np.full(n, np.nan), np.full(n, np.nan)
    nearest, mates, compared = np.full(n, None, dtype=object), np.zeros(n, dtype=int), np.zeros(n, dtype=int)
    value[order], likelihood[order], mates[order], compared[order] = found.value, chance, found.mates, found.compared
    known = ~np.isnan(found.value)
    nearest[order[known]] = frame.index.to_numpy()[order[found.nearest[known]]]
    beyond, rule = value >= share, f"share of answers equal to the nearest >= {share:g}"
    if maximum_chance is not None:
        beyond, rule = beyond & (likelihood <= maximum_chance), f"{rule} and its chance <= {maximum_chance:g}"
    return raised(name, rule, frame.index, value, beyond, answers.count, nearest=nearest, mates=mates, compared=compared,
                  chance=likelihood)


class _Packed:
    """Answers (n, k) packed to be compared chunk by chunk: one byte for each answer, one row per item, and one bit for
    whether there is an answer."""

    def __init__(self, values: np.ndarray, minimum_shared: int) -> None:
        self.size, self.items = values.shape
        self.minimum_shared = minimum_shared
        given = values != BLANK
        self.given = None if given.all() else _bits(given)
        columns = [np.unique(column, return_inverse=True)[1] for column in values.T]
        kind = np.uint8 if all(column.max(initial=0) < 254 for column in columns) else np.uint32
        self.right = np.array(columns, dtype=kind).reshape(self.items, self.size)
        self.left = self.right.copy()
        # A blank equals nothing, not even another blank: the two sides write it differently.
        self.right[~given.T], self.left[~given.T] = np.iinfo(kind).max, np.iinfo(kind).max - 1
        self.counter = np.uint8 if self.items < 256 else np.uint16

    def side(self, others: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray | None]:
        """What `shares` compares with; taken once for many calls."""
        return np.ascontiguousarray(self.right[:, others]), None if self.given is None else self.given[:, others]

    def shares(self, rows: np.ndarray, side: tuple[np.ndarray, np.ndarray | None]) -> np.ndarray:
        """Share of equal answers (rows, others); -1 where fewer than `minimum_shared` were answered by both.

        Single precision halves the memory; shares of up to a thousand items stay apart in it, and equal ones equal.
        """
        right, given = side
        shape = (rows.size, right.shape[1])
        total, equal = np.zeros(shape, dtype=self.counter), np.empty(shape, dtype=bool)
        for item in range(self.items):
            np.equal(self.left[item, rows][:, None], right[item][None, :], out=equal)
            np.add(total, equal.view(np.uint8), out=total)
        if given is None:
            return np.divide(total, np.float32(self.items), dtype=np.float32)
        both = np.zeros(shape, dtype=self.counter)
        for mine, theirs in zip(self.given[:, rows], given, strict=True):
            np.add(both, np.bitwise_count(mine[:, None] & theirs[None, :]), out=both)
        result = np.divide(total, np.maximum(both, 1), dtype=np.float32)
        np.copyto(result, -1, where=both < self.minimum_shared)
        return result

    def exact(self, share: np.ndarray, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
        """The same shares of pairs in double precision: their numerators are whole numbers."""
        both = np.full(rows.size, self.items)
        if self.given is not None:
            both = np.bitwise_count(self.given[:, rows] & self.given[:, others]).sum(axis=0, dtype=np.int64)
        return np.rint(share * both) / np.maximum(both, 1)


def _bits(marks: np.ndarray) -> np.ndarray:
    """Rows of marks (n, k) as words of 64 bits, (words, n)."""
    octets = np.packbits(marks, axis=1)
    padded = np.zeros((len(marks), -(-octets.shape[1] // 8) * 8), dtype=np.uint8)
    padded[:, : octets.shape[1]] = octets
    return np.ascontiguousarray(padded.view(np.uint64).T)


class _Nearest:
    """Nearest other of each row within its block: value (NaN: nobody comparable), position, how many are as near as the
    declared share, how many were compared."""

    def __init__(self, size: int) -> None:
        self.value = np.full(size, np.nan)
        self.nearest = np.zeros(size, dtype=np.int64)
        self.mates = np.zeros(size, dtype=np.int64)
        self.compared = np.zeros(size, dtype=np.int64)


def _nearest(packed: _Packed, block: np.ndarray, share: float) -> _Nearest:
    found = _Nearest(packed.size)
    by_block = np.argsort(block, kind="stable")
    for members in np.split(by_block, np.flatnonzero(np.diff(block[by_block])) + 1):
        side = packed.side(members)
        for start in range(0, members.size, CHUNK):
            rows = members[start : start + CHUNK]
            shares = packed.shares(rows, side)
            shares[np.arange(rows.size), np.arange(start, start + rows.size)] = -1.0
            best = shares.argmax(axis=1)
            value = shares[np.arange(rows.size), best]
            found.value[rows] = np.where(value >= 0, packed.exact(value, rows, members[best]), np.nan)
            found.nearest[rows] = members[best]
            found.mates[rows] = np.count_nonzero(shares >= np.float32(share), axis=1)
            found.compared[rows] = np.count_nonzero(shares >= 0, axis=1)
    return found


def _chance(packed: _Packed, block: np.ndarray, found: _Nearest, share: float, minimum_elsewhere: int) -> np.ndarray:
    """Chance that one of the own block is by accident as like as the nearest is, from the likeness to other blocks."""
    result = np.full(packed.size, np.nan)
    wanted, side = np.flatnonzero(found.value >= share), packed.side(slice(None))
    for start in range(0, wanted.size, CHUNK):
        rows = wanted[start : start + CHUNK]
        shares = packed.shares(rows, side)
        shares[block[rows][:, None] == block[None, :]] = -1
        alike = np.count_nonzero(shares >= found.value[rows].astype(np.float32)[:, None], axis=1)
        count = np.count_nonzero(shares >= 0, axis=1)
        elsewhere = (alike + 1) / (count + 1)
        with np.errstate(divide="ignore"):
            chance = -np.expm1(found.compared[rows] * np.log1p(-elsewhere))
        result[rows] = np.where(count >= minimum_elsewhere, chance, np.nan)
    return result
