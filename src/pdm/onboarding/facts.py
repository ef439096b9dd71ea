"""What a column of an unknown file holds, as far as its cells tell: kind, range, how often it repeats. No meaning yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.readings.cells import to_numbers
from pdm.readings.timestamps import to_times

Floats = npt.NDArray[np.float64]
Kind = Literal["number", "time", "text", "empty"]

_PROBED = 200
"""So many cells, spread over the file, decide whether a text column holds moments."""
_MOSTLY, _HALF = 0.95, 0.5
_THIS_CENTURY = (946_684_800.0, 4_102_444_800.0)


@dataclass(frozen=True, eq=False)
class Facts:
    """One column. values: float64 [n], NaN where a cell is no number; codes: int64 [n], equal where the cells are equal (-1: empty).

    distinct: how many different cells. low, high: of the numbers, NaN without any. middle: of moments, hours since 1970, else NaN.
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
    middle: float = np.nan

    @property
    def words(self) -> int:
        """Cells of a column of numbers that hold something else: `Bad`, `I/O Timeout`."""
        return self.rows - self.missing - int(np.isfinite(self.values).sum()) if self.kind == "number" else 0

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

    @property
    def epoch(self) -> bool:
        """Numbers that count from 1970: seconds of this century, or milli-, micro- or nanoseconds."""
        known = self.values[np.isfinite(self.values)]
        return self.kind == "number" and any(
            float(known.min()) >= low * scale and float(known.max()) <= high * scale
            for low, high in (_THIS_CENTURY,)
            for scale in (1.0, 1e3, 1e6, 1e9)
        )


def facts_of(frame: pd.DataFrame) -> tuple[Facts, ...]:
    """The columns of a table."""
    return tuple(_facts(str(name), frame[name]) for name in frame.columns)


def _facts(name: str, cells: pd.Series) -> Facts:
    blank = cells.isna() | (cells.astype("str").str.strip() == "")
    codes, words = pd.factorize(cells.where(~blank))
    if blank.all():
        return Facts(name, "empty", np.full(len(cells), np.nan), codes, 0, len(cells), np.nan, np.nan, "")
    values = _numbers(cells)
    known = np.isfinite(values)
    kind: Kind = "text"
    middle = np.nan
    share = float(known.sum()) / float((~blank).sum())
    if share < _MOSTLY:
        middle = _moments(cells[~blank])
        kind = "text" if np.isnan(middle) else "time"
    if share >= _MOSTLY or (kind == "text" and share >= _HALF and not _looks_alike(cells[~blank], known[~blank])):
        kind = "number"
    numbers = values[known] if kind == "number" else np.empty(0)
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (np.nan, np.nan)
    return Facts(
        name,
        kind,
        values,
        codes.astype(np.int64),
        len(words),
        int(blank.sum()),
        low,
        high,
        str(cells[~blank].iloc[0]),
        middle,
    )


def _looks_alike(cells: pd.Series, known: npt.NDArray[np.bool_]) -> bool:
    """Whether what is no number is nearly always another word, as in names (`12`, `12A`), and no message that comes again and again."""
    others = cells[~known].astype("str").str.strip()
    return others.nunique() > 0.2 * len(others)


def _numbers(cells: pd.Series) -> Floats:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return np.full(len(cells), np.nan)
    return np.asarray(to_numbers(cells).values, dtype=np.float64)


def _moments(cells: pd.Series) -> float:
    """The middle of the moments in a column, hours since 1970; NaN where it holds something else."""
    probed = cells.iloc[np.unique(np.linspace(0, len(cells) - 1, _PROBED).astype(np.int64))]
    # Any zone and any order of day and month will do: the question is only whether these are moments at all.
    series = np.zeros(len(probed), dtype=np.int64)
    read = to_times(probed, zone="UTC", source="", series=series, day_first=True)
    if read.times.notna().mean() < _MOSTLY:
        return float("nan")
    return float(pd.DatetimeIndex(read.times.dropna()).as_unit("us").asi8.mean()) / 3.6e9
