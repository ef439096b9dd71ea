"""What rows say about cells, as arrays: the arithmetic behind *first wins, equal is a duplicate, other is a conflict*.

A cell is one channel of one asset at one moment: a value and its quality. Everything here is a pure function of matrices
`[rows, channels]`, so that half a million rows merge in a second; where rows come from and go to is `store.py`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pdm.readings.tables import Quality, RowKind

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]

SILENT = -1
"""Quality of a cell about which a row says nothing (null in the table)."""

_REVISED = 1 << 60


@dataclass(frozen=True)
class Cells:
    """What rows say: `values` and `quality`, both `[rows, channels]`, quality `SILENT` where a row says nothing."""

    values: Floats
    quality: Bytes

    @property
    def said(self) -> Flags:
        """Which cells are spoken about."""
        return np.asarray(self.quality != SILENT)

    def take(self, winners: Ints) -> Cells:
        """The cells named by `winners` `[groups, channels]`: a row number per cell, -1 for nobody."""
        columns = np.arange(self.quality.shape[1])
        values = np.where(winners >= 0, self.values[winners, columns], np.nan)
        return Cells(values, np.where(winners >= 0, self.quality[winners, columns], np.int8(SILENT)))

    def rows(self, index: npt.NDArray[np.intp]) -> Cells:
        """Some rows, in this order."""
        return Cells(self.values[index], self.quality[index])

    def same(self, other: Cells) -> Flags:
        """Where both say the same: value and quality, a missing value being equal to a missing value."""
        equal = (self.values == other.values) | (np.isnan(self.values) & np.isnan(other.values))
        return np.asarray(equal & (self.quality == other.quality))

    def readable(self) -> Floats:
        """The values that may be used: NaN where a cell is bad, void or missing."""
        hidden = (self.quality == Quality.BAD) | (self.quality == Quality.VOID) | (self.quality == SILENT)
        return np.where(hidden, np.nan, self.values)


@dataclass(frozen=True)
class Grouped:
    """Rows in order of their key: `order` sorts them, `starts` is where a group of equal keys begins, `group` its number."""

    order: npt.NDArray[np.intp]
    starts: npt.NDArray[np.intp]
    group: Ints


def group_rows(*keys: Ints | Floats, then: Ints | None = None) -> Grouped:
    """Sort rows by `keys` (the first counts most), equal ones by `then` and their own order, and find the groups."""
    ranks = (*keys, then) if then is not None else keys
    size = len(keys[0])
    order = np.arange(size) if _in_order(ranks) else np.lexsort(ranks[::-1])
    fresh = np.ones(size, dtype=bool)
    if size:
        fresh[1:] = False
        for key in keys:
            fresh[1:] |= key[order][1:] != key[order][:-1]
    return Grouped(order, np.flatnonzero(fresh), np.cumsum(fresh) - 1)


def _in_order(ranks: tuple[Ints | Floats, ...]) -> bool:
    """Whether the rows are sorted already: the usual case, ten times cheaper to see than to sort."""
    tied = np.ones(max(len(ranks[0]) - 1, 0), dtype=bool)
    for rank in ranks:
        if np.any(tied & (rank[1:] < rank[:-1])):
            return False
        tied &= rank[1:] == rank[:-1]
    return True


def first_said(quality: Bytes, starts: npt.NDArray[np.intp]) -> Ints:
    """Per group and channel, the first row that says something (-1: none). Rows are sorted, `starts` begin the groups."""
    size = len(quality)
    rows = np.where(quality != SILENT, np.arange(size)[:, None], size)
    if len(starts) != size:
        rows = np.minimum.reduceat(rows, starts, axis=0)
    return np.where(rows == size, -1, rows)


def rank(kind: Bytes, recorded_at: Ints) -> Ints:
    """Which of several rows about one cell counts, the smallest first: the newest revision, else the earliest original."""
    return np.where(kind == RowKind.ORIGINAL, recorded_at, -recorded_at - _REVISED)


@dataclass(frozen=True)
class Verdicts:
    """What becomes of incoming cells, sorted rows `[rows, channels]`: stored, already known, or in conflict.

    against: what stands for each cell, the value that a conflict is measured by.
    """

    new: Flags
    duplicate: Flags
    conflict: Flags
    against: Cells


def judge(incoming: Cells, grouped: Grouped, original: Cells, current: Cells) -> Verdicts:
    """Compare sorted incoming rows with each other and with what is stored.

    original, current: what the store holds per group `[groups, channels]`, before and after corrections. A value that
    equals either is a duplicate: the same export sent again after a correction changes nothing and accuses nobody.
    """
    winners = first_said(incoming.quality, grouped.starts)
    stored = original.said | current.said
    mine = np.arange(len(incoming.quality))[:, None] == winners[grouped.group]
    new = mine & ~stored[grouped.group]
    first = incoming.take(winners)
    stands = Cells(np.where(stored, current.values, first.values), np.where(stored, current.quality, first.quality))
    against = stands.rows(grouped.group)
    old = incoming.said & ~new
    known = incoming.same(against) | (stored[grouped.group] & incoming.same(original.rows(grouped.group)))
    return Verdicts(new, old & known, old & ~known, against)


def nothing(rows: int, channels: int) -> Cells:
    """Cells about which nothing is said."""
    return Cells(np.full((rows, channels), np.nan), np.full((rows, channels), SILENT, dtype=np.int8))


def spread(cells: Cells, key: Ints, order: Ints, groups: int) -> Cells:
    """Stored rows as one row per group; groups without any stay silent."""
    found = group_rows(key, then=order)
    cells = cells.rows(found.order)
    joined = cells.take(first_said(cells.quality, found.starts))
    result = nothing(groups, cells.quality.shape[1])
    at = key[found.order[found.starts]]
    result.values[at], result.quality[at] = joined.values, joined.quality
    return result
