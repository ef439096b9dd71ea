"""Where rows wait that could not be stored: one CSV per ingest, each row with its file, number, reason and original text.

The cells stand there under their own headers as well, so that a person can mend them and ingest the file again; the four columns
that say where a row comes from are then passed over. Cells that a spreadsheet would run as a formula are disarmed by a leading
apostrophe, which is taken off again on the way back in.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

QUARANTINE_COLUMNS = ("quarantine_file", "quarantine_row", "quarantine_reason", "quarantine_text")

_FORMULA = frozenset("=+-@\t\r")
_NUMBER = re.compile(r"^[+-]?[\d.,]+(?:[eE][+-]?\d+)?$")


@dataclass(frozen=True)
class Rejected:
    """One row that waits: the whole of it, or (`partly`) only the cells that were wrong while the others were stored."""

    file: str
    row: int
    reason: str
    text: str
    cells: dict[str, str] = field(default_factory=dict)
    partly: bool = False


def write_quarantine(folder: Path, rejected: Sequence[Rejected], *, source: str, now: datetime) -> Path | None:
    """Write the rows of one ingest into a new file; None when there are none."""
    if not rejected:
        return None
    header = list(dict.fromkeys(column for row in rejected for column in row.cells))
    folder.mkdir(parents=True, exist_ok=True)
    path = _free_name(folder, f"{now:%Y%m%dT%H%M%SZ}-{re.sub(r'[^A-Za-z0-9_-]+', '-', source) or 'rows'}")
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([*QUARANTINE_COLUMNS, *header])
        for row in rejected:
            place = [row.file, str(row.row), row.reason, row.text]
            out.writerow([disarm(cell) for cell in (*place, *(row.cells.get(column, "") for column in header))])
    return path


def is_quarantine(header: Sequence[str]) -> bool:
    """Whether a file is one of ours that comes back."""
    return set(QUARANTINE_COLUMNS) <= set(header)


def rearm(frame: pd.DataFrame) -> pd.DataFrame:
    """The cells of a quarantine file as they were before they were disarmed."""
    columns = {name: frame[name].str.replace(r"^'(?=[=+\-@\t\r])", "", regex=True) for name in frame.columns}
    return pd.DataFrame(columns, index=frame.index)


def disarm(cell: str) -> str:
    """The cell, so that no spreadsheet takes it for a formula.

    >>> disarm("=1+1"), disarm("-4.2")
    ("'=1+1", '-4.2')
    """
    return f"'{cell}" if cell[:1] in _FORMULA and not _NUMBER.match(cell) else cell


def as_lines(rows: Sequence[Sequence[str]], delimiter: str = ",") -> list[str]:
    """Rows of cells as the lines of a file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter or ",", lineterminator="")
    lines = []
    for row in rows:
        writer.writerow(row)
        lines.append(out.getvalue())
        out.seek(0)
        out.truncate()
    return lines


def _free_name(folder: Path, stem: str) -> Path:
    for number in range(1, 10_000):
        path = folder / (f"{stem}.csv" if number == 1 else f"{stem}-{number}.csv")
        if not path.exists():
            return path
    return folder / f"{stem}-{number + 1}.csv"
