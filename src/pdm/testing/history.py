"""The sensor history in memory: the quickest way to test whatever reads or writes it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.dataset as ds


@dataclass(frozen=True)
class MemoryHistory:
    """A `HistoryTables` that keeps every version of every table in memory."""

    versions: dict[str, list[pa.Table]] = field(default_factory=dict)

    def append(self, name: str, rows: pa.Table) -> int:
        """Add rows as one version, widening the table where a column is new; the new version."""
        versions = self.versions.setdefault(name, [])
        versions.append(pa.concat_tables([versions[-1], rows], promote_options="default") if versions else rows)
        return len(versions) - 1

    def dataset(self, name: str, version: int | None = None) -> ds.Dataset | None:
        """The table, now or at an older version; None while it does not exist."""
        if name not in self.versions:
            return None
        return ds.dataset(self.versions[name][-1 if version is None else version])

    def version(self, name: str) -> int:
        """The table's current version; -1 while it does not exist."""
        return len(self.versions.get(name, ())) - 1

    def names(self) -> list[str]:
        """All tables that exist, in alphabetical order."""
        return sorted(self.versions)

    def compact(self, name: str) -> None:
        """Join the table's pieces."""
        if name in self.versions:
            self.versions[name].append(self.versions[name][-1].combine_chunks())
