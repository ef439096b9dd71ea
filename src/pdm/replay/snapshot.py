"""A part of the history held in memory, so that replay asks the same questions a thousand times without touching the disk.

It is the same port with the same rows and both of their times, only faster: the scoring code cannot tell the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.dataset as ds

from pdm.errors import Conflict
from pdm.readings.tables import HistoryTables


@dataclass(frozen=True)
class Snapshot:
    """A read-only `HistoryTables` over copies of some tables at the versions of one moment."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def append(self, name: str, rows: pa.Table) -> int:  # noqa: ARG002  the port's names
        raise Conflict(f"a replay cannot write to {name}", hint="write to the plant's own history")

    def dataset(self, name: str, version: int | None = None) -> ds.Dataset | None:
        if version not in (None, self.version(name)):
            raise Conflict(f"a replay sees only version {self.version(name)} of {name}")
        return ds.dataset(self.tables[name]) if name in self.tables else None

    def version(self, name: str) -> int:
        return self.versions.get(name, -1)

    def names(self) -> list[str]:
        return sorted(self.tables)

    def compact(self, name: str) -> None:
        """Nothing to do: memory has no small files."""


def snapshot(history: HistoryTables, names: Sequence[str], filters: dict[str, ds.Expression] | None = None) -> Snapshot:
    """Copy the named tables (those that exist), each through its own filter."""
    tables = {}
    for name in names:
        dataset = history.dataset(name)
        if dataset is not None:
            tables[name] = dataset.to_table(filter=(filters or {}).get(name))
    return Snapshot(tables, {name: history.version(name) for name in tables})
