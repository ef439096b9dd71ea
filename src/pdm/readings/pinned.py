"""History as it stood: every table at the version that somebody wrote down, and nothing that was added since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.dataset as ds

from pdm.errors import Conflict
from pdm.readings.tables import HistoryTables


@dataclass(frozen=True)
class Pinned:
    """A read-only `HistoryTables` at older versions.

    versions: table -> version; -1: it did not exist. A table that is not named is read as it is now.
    """

    history: HistoryTables
    versions: Mapping[str, int]

    def append(self, name: str, rows: pa.Table) -> int:  # noqa: ARG002  the port's names
        raise Conflict(f"{name} is looked at as it was, nothing can be written to it")

    def dataset(self, name: str, version: int | None = None) -> ds.Dataset | None:
        pinned = self.versions.get(name) if version is None else version
        if pinned is not None and pinned < 0:
            return None
        return self.history.dataset(name, pinned)

    def version(self, name: str) -> int:
        pinned = self.versions.get(name)
        return self.history.version(name) if pinned is None else pinned

    def names(self) -> list[str]:
        return [name for name in self.history.names() if self.version(name) >= 0]

    def compact(self, name: str) -> None:
        """Nothing to do: what is old stays as it is."""
