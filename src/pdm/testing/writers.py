"""What a second process does in a test: it has to be importable there, which a test file need not be."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier

import pyarrow as pa

from pdm.adapters.delta import DeltaHistory


def append_columns(folder: Path, name: str, start: Barrier) -> None:
    """Append three rows to the table `things`, each with a column of its own, as soon as everybody stands at the start."""
    history = DeltaHistory(folder)
    start.wait()
    for number in range(3):
        history.append("things", pa.table({"value": [1.0], f"{name}_{number}": [2.0]}))
