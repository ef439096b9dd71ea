"""Why rows are turned away, gathered while the checks run, and how they then look in quarantine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from pdm.readings.cells import as_text
from pdm.readings.files import RawTable
from pdm.readings.quarantine import QUARANTINE_COLUMNS, Rejected, as_lines, is_quarantine

Flags = npt.NDArray[np.bool_]


@dataclass
class Troubles:
    """Reasons by row index: about whole rows, and about single cells (by their column) of rows that are fine otherwise."""

    rows: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    cells: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, reasons: Mapping[int, str], prefix: str = "") -> None:
        """Turn rows away, each for its own reason."""
        for row, reason in reasons.items():
            self.rows[row].append(prefix + reason)

    def add_rows(self, rows: Iterable[int], reason: str) -> None:
        """Turn rows away, all for one reason."""
        self.add(dict.fromkeys(rows, reason))

    def add_cells(self, column: str, reasons: Mapping[int, str]) -> None:
        """Turn away one column of these rows, and keep the rest."""
        for row, reason in reasons.items():
            self.cells[row][column] = f"{column}: {reason}"

    def away(self, size: int) -> Flags:
        """[size] which rows are turned away as a whole."""
        flags = np.zeros(size, dtype=bool)
        flags[list(self.rows)] = True
        return flags

    def held(self) -> list[int]:
        """Rows of which single cells are turned away and the rest is stored."""
        return [row for row in self.cells if row not in self.rows]


def to_quarantine(
    raw: RawTable, troubles: Troubles, *, keys: Iterable[str | None] = (), companions: Mapping[str, str] | None = None
) -> tuple[Rejected, ...]:
    """The rows of a file that must wait, in the file's order.

    Of a row that is stored in part, only `keys` (asset and time), the wrong cells and their companions (column -> the column
    of its quality) wait, so that mending it later adds exactly what is missing.
    """
    ours = is_quarantine(list(raw.frame.columns))
    columns = [column for column in raw.frame.columns if column not in QUARANTINE_COLUMNS]
    found = [Rejected(raw.name, line.row, f"{line.reason}: add or remove separators", line.text) for line in raw.broken]
    held = set(troubles.held())
    index = sorted({*troubles.rows, *held})
    waiting = shown(raw.frame.iloc[index])
    table = list(zip(*(waiting[column].tolist() for column in columns), strict=True))
    origins = waiting[list(QUARANTINE_COLUMNS)].values.tolist() if ours else None
    lines = as_lines(table, raw.delimiter)
    for at, n in enumerate(index):
        cells = dict(zip(columns, table[at], strict=True))
        file, row, text = raw.name, int(raw.rows[n]), lines[at]
        if origins is not None:  # it has been here before: keep saying where it came from at first
            first_file, first_row, _, first_text = origins[at]
            file, text = first_file or file, first_text or text
            row = int(first_row) if first_row.isdigit() else row
        reasons = troubles.rows[n] if n not in held else list(troubles.cells[n].values())
        if n in held:
            beside = {(companions or {}).get(column) for column in troubles.cells[n]}
            wanted = {*keys, *troubles.cells[n], *beside}
            cells = {column: cell for column, cell in cells.items() if column in wanted}
        found.append(Rejected(file, row, "; ".join(reasons), text, cells, partly=n in held))
    return tuple(sorted(found, key=lambda rejected: rejected.row))


def spelled(cells: pd.Series) -> pd.Series:
    """A column as text without blanks around it, nothing as ""."""
    text = pc.utf8_trim_whitespace(as_text(cells))
    return pd.Series(text.to_numpy(zero_copy_only=False), dtype="str", index=cells.index)


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """Typed cells as text that can be read back."""
    columns = {column: _shown(frame[column]) for column in frame.columns}
    return pd.DataFrame(columns, index=frame.index)


def _shown(cells: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return pd.Series(["" if pd.isna(stamp) else stamp.isoformat() for stamp in cells], index=cells.index)
    if pd.api.types.is_float_dtype(cells.dtype):
        return pd.Series(["" if np.isnan(value) else repr(float(value)) for value in cells], index=cells.index)
    return pd.Series(as_text(cells).to_numpy(zero_copy_only=False), dtype="str", index=cells.index)
