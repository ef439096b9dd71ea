"""What a column of an unknown file holds, as far as its cells tell: kind, range, how often it repeats. No meaning yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.errors import ColumnsError
from pdm.readings.cells import to_numbers
from pdm.readings.files import RawTable
from pdm.readings.timestamps import to_times

Floats = npt.NDArray[np.float64]
Kind = Literal["number", "time", "text", "empty"]

_PROBED = 200
"""So many cells, spread over the file, decide whether a text column holds moments."""
_MOSTLY = 0.95


@dataclass(frozen=True, eq=False)
class Facts:
    """One column. values: float64 [n], NaN where a cell is no number; codes: int64 [n], equal where the cells are equal (-1: empty).

    distinct: how many different cells. low, high: of the numbers, NaN without any.
    """

    name: str
    kind: Kind
    values: Floats
    codes: npt.NDArray[np.int64]
    distinct: int
    missing: int
    low: float
    high: float
    sample: str

    @property
    def rows(self) -> int:
        return len(self.codes)

    @property
    def constant(self) -> bool:
        return self.distinct <= 1

    @property
    def whole(self) -> bool:
        """All numbers are whole ones."""
        known = self.values[np.isfinite(self.values)]
        return bool(len(known)) and bool((known == np.floor(known)).all())

    @property
    def flag(self) -> bool:
        """Zeros and ones, both of them."""
        return self.kind == "number" and self.distinct == 2 and (self.low, self.high) == (0.0, 1.0)


def facts_of(raws: Sequence[RawTable]) -> tuple[Facts, ...]:
    """The columns of files with the same header, one under the other.

    Raises:
        ColumnsError: the files differ in their columns.
    """
    header = [str(column) for column in raws[0].frame.columns]
    for raw in raws[1:]:
        other = [str(column) for column in raw.frame.columns]
        if sorted(other) != sorted(header):
            differing = sorted(set(other) ^ set(header))
            raise ColumnsError(
                f"{raws[0].name} and {raw.name} do not have the same columns: {', '.join(differing)}",
                hint="onboard one kind of machine at a time, with files of one layout",
            )
    frame = pd.concat([raw.frame for raw in raws], ignore_index=True) if len(raws) > 1 else raws[0].frame
    return tuple(_facts(str(name), frame[name]) for name in frame.columns)


def _facts(name: str, cells: pd.Series) -> Facts:
    blank = cells.isna() | (cells.astype("str").str.strip() == "")
    codes, words = pd.factorize(cells.where(~blank))
    if blank.all():
        return Facts(name, "empty", np.full(len(cells), np.nan), codes, 0, len(cells), np.nan, np.nan, "")
    values = _numbers(cells)
    known = np.isfinite(values)
    kind: Kind = "text"
    if known.sum() >= _MOSTLY * (~blank).sum():
        kind = "number"
    elif _moments(cells[~blank]):
        kind = "time"
    numbers = values[known] if kind == "number" else np.empty(0)
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (np.nan, np.nan)
    return Facts(
        name, kind, values, codes.astype(np.int64), len(words), int(blank.sum()), low, high, str(cells[~blank].iloc[0])
    )


def _numbers(cells: pd.Series) -> Floats:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return np.full(len(cells), np.nan)
    return np.asarray(to_numbers(cells).values, dtype=np.float64)


def _moments(cells: pd.Series) -> bool:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return True
    probed = cells.iloc[np.unique(np.linspace(0, len(cells) - 1, _PROBED).astype(np.int64))]
    # Any zone and any order of day and month will do: the question is only whether these are moments at all.
    series = np.zeros(len(probed), dtype=np.int64)
    read = to_times(probed, zone="UTC", source="", series=series, day_first=True)
    return bool(read.times.notna().mean() >= _MOSTLY)
