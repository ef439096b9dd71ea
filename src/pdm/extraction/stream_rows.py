"""The readings a stream keeps of one asset: columns that grow at the end and are dropped at the front, without copying each time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]


class Rows:
    """Columns of equal length, each `[n]` or `[n, width]`.

    >>> rows = Rows({"at": np.array([1.0, 2.0])})
    >>> rows.append({"at": np.array([3.0])})
    >>> rows.drop(1)
    >>> rows["at"].tolist()
    [2.0, 3.0]
    """

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = dict(columns)
        self._first = 0
        self._end = len(next(iter(self._columns.values())))

    def __len__(self) -> int:
        return self._end - self._first

    def __getitem__(self, name: str) -> Column:
        return self._columns[name][self._first : self._end]

    def columns(self) -> dict[str, Column]:
        """All columns as they are kept."""
        return {name: self[name] for name in self._columns}

    def append(self, new: Mapping[str, Column]) -> None:
        """Add rows at the end."""
        count = len(next(iter(new.values())))
        if self._end + count > len(next(iter(self._columns.values()))):
            self._grow(count)
        for name, values in new.items():
            self._columns[name][self._end : self._end + count] = values
        self._end += count

    def drop(self, count: int) -> None:
        """Forget the first rows."""
        self._first += count

    def copy(self) -> Rows:
        """The same rows in memory of their own."""
        return Rows({name: values.copy() for name, values in self.columns().items()})

    def _grow(self, count: int) -> None:
        """Room for as many rows again, so that a row costs the same however many are kept."""
        size = 2 * (len(self) + count)
        for name, old in self.columns().items():
            room = np.empty((size, *old.shape[1:]), dtype=old.dtype)
            room[: len(old)] = old
            self._columns[name] = room
        self._first, self._end = 0, len(self)
