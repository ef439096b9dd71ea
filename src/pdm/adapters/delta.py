"""The sensor history as Delta tables in a folder: transactions, versions and schema growth on plain Parquet files."""

from __future__ import annotations

import fcntl
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from pdm.errors import InputError, StoreError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ATTEMPTS = 8
# Row groups of this size let a window of one asset skip the rest of a large file.
_WRITER = WriterProperties(compression="ZSTD", max_row_group_size=32_768)


@dataclass(frozen=True)
class DeltaHistory:
    """One Delta table per name below `folder`; safe for several threads and several processes.

    Appends are atomic commits; whoever reads sees whole versions only.
    """

    folder: Path
    _open: dict[str, DeltaTable] = field(default_factory=dict, init=False, repr=False, compare=False)
    _datasets: dict[str, tuple[int, ds.Dataset]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False, compare=False)

    def append(self, name: str, rows: pa.Table) -> int:
        """Add rows as one commit, making or widening the table where needed; its new version.

        Raises:
            StoreError: the disk refused, or other writers won every attempt.
        """
        for attempt in range(_ATTEMPTS):
            try:
                return self._commit(name, rows)
            except CommitFailedError as error:  # another process changed the schema or made the table just now
                reason = error
                time.sleep(0.02 * 2**attempt)
            except (DeltaError, OSError) as error:
                raise StoreError(
                    f"cannot write {rows.num_rows} rows to table {name} in {self.folder}: {error}",
                    hint="is the disk full or read-only?",
                ) from error
        raise StoreError(f"table {name} could not be written in {_ATTEMPTS} attempts: {reason}", hint="try again later")

    def dataset(self, name: str, version: int | None = None) -> ds.Dataset | None:
        """The table as an Arrow dataset, now or at an older `version`; None while it does not exist."""
        with self._lock:
            table = self._table(name)
            if table is None:
                return None
            try:
                if version is not None:
                    return DeltaTable(self._path(name), version=version).to_pyarrow_dataset()
                known = self._datasets.get(name)
                if known is None or known[0] != table.version():
                    known = self._datasets[name] = (table.version(), table.to_pyarrow_dataset())
                return known[1]
            except (DeltaError, OSError) as error:
                raise StoreError(f"table {name} in {self.folder} cannot be read: {error}") from error

    def version(self, name: str) -> int:
        """The table's current version; -1 while it does not exist."""
        with self._lock:
            table = self._table(name)
            return -1 if table is None else int(table.version())

    def names(self) -> list[str]:
        """All tables that exist, in alphabetical order."""
        return sorted(log.parent.name for log in self.folder.glob("*/_delta_log"))

    def compact(self, name: str) -> None:
        """Merge small files into large ones; rows and meaning stay."""
        with self._lock:
            table = self._table(name)
            if table is not None:
                table.optimize.compact(writer_properties=_WRITER)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InputError(f"{name!r} cannot be a table's name", hint="lower-case letters, digits and underscores")
        return self.folder / name

    def _table(self, name: str) -> DeltaTable | None:
        table = self._open.get(name)
        try:
            if table is None:
                table = self._open[name] = DeltaTable(self._path(name))
            else:
                table.update_incremental()
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            raise StoreError(f"table {name} in {self.folder} cannot be opened: {error}") from error
        return table

    def _commit(self, name: str, rows: pa.Table) -> int:
        with self._lock:
            table = self._table(name)
            if table is not None and _fits(table, rows):
                write_deltalake(table, rows, mode="append", writer_properties=_WRITER)
                return int(table.version())
            # A table made by two processes at once silently keeps the columns of one of them: making and widening take turns.
            with _turn(self._path(name)):
                table = self._table(name)
                if table is None:
                    write_deltalake(self._path(name), rows, mode="append", writer_properties=_WRITER)
                    return self.version(name)
                mode: Literal["merge"] | None = None if _fits(table, rows) else "merge"
                write_deltalake(table, rows, mode="append", schema_mode=mode, writer_properties=_WRITER)
                return int(table.version())


def _fits(table: DeltaTable, rows: pa.Table) -> bool:
    return bool(rows.schema.names == [entry.name for entry in table.schema().fields])


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Wait until no other process on this machine makes or widens the table; a killed process gives its turn back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
