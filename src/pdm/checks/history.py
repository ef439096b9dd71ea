"""What any store of the sensor history must keep: plain functions that get an empty store and raise when it breaks a promise.

>>> from pdm.testing.history import MemoryHistory
>>> for check in HISTORY_CHECKS:
...     check(MemoryHistory())
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pyarrow as pa

from pdm.readings.tables import UTC_US, HistoryTables

_NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


class BrokenPromise(AssertionError):
    """A store does not do what its port says."""


def check_an_absent_table_has_version_minus_one_and_no_dataset(history: HistoryTables) -> None:
    """Nothing is there until the first append."""
    _same(history.version("absent"), -1, "version of a table that does not exist")
    _same(history.dataset("absent"), None, "dataset of a table that does not exist")
    _same(history.names(), [], "names of an empty store")


def check_rows_come_back_as_they_went_in(history: HistoryTables) -> None:
    """Types and values, missing ones and time zones included."""
    rows = _rows(3)
    _same(history.append("things", rows), 0, "version after the first append")
    _same(_read(history), rows.to_pylist(), "rows read back")
    dataset = history.dataset("things")
    _same(dataset.schema.field("time").type if dataset else None, UTC_US, "type of the time column")


def check_every_append_is_one_version_and_loses_nothing(history: HistoryTables) -> None:
    """Versions count up, rows add up, the same rows twice are there twice: idempotence is the store's business, not the table's."""
    versions = [history.append("things", _rows(2)) for _ in range(4)]
    _same(versions, [0, 1, 2, 3], "versions of four appends")
    _same(history.version("things"), 3, "current version")
    _same(len(_read(history)), 8, "rows after four appends of two")


def check_an_old_version_shows_the_old_rows(history: HistoryTables) -> None:
    """Training runs name the version they read; it must be there later."""
    old = history.append("things", _rows(2))
    history.append("things", _rows(5))
    _same(len(_read(history, old)), 2, "rows of the older version")
    _same(len(_read(history)), 7, "rows of the newest version")


def check_a_new_channel_widens_the_table(history: HistoryTables) -> None:
    """Rows from before have nulls in it, and rows that lack a column get nulls too."""
    history.append("things", _rows(1))
    history.append("things", _rows(1).append_column("extra", pa.array([7.0])))
    history.append("things", _rows(1).select(["asset", "time"]))
    rows = sorted(_read(history), key=lambda row: (row["extra"] is None, row["value"] is None))
    _same([row["extra"] for row in rows], [7.0, None, None], "the new column")
    _same([row["value"] for row in rows], [0.0, 0.0, None], "the old column")


def check_tables_are_independent_and_listed(history: HistoryTables) -> None:
    """One table's rows and versions never show in another."""
    history.append("things", _rows(1))
    history.append("others", _rows(2))
    _same(history.names(), ["others", "things"], "names")
    _same(len(_read(history)), 1, "rows of the first table")
    _same(history.version("things"), 0, "version of the first table")


def check_compacting_keeps_rows_and_never_lowers_the_version(history: HistoryTables) -> None:
    """Small files become large ones, the meaning stays; a table that does not exist is nothing to compact."""
    for _ in range(3):
        history.append("things", _rows(2))
    before = history.version("things")
    history.compact("things")
    history.compact("absent")
    _same(len(_read(history)), 6, "rows after compaction")
    _same(history.version("things") >= before, True, "the version did not go down")
    _same(history.append("things", _rows(1)), history.version("things"), "an append after compaction")


def check_an_empty_append_is_harmless(history: HistoryTables) -> None:
    """No rows make a table that is there and empty."""
    history.append("things", _rows(0))
    _same(_read(history), [], "rows")


HISTORY_CHECKS: tuple[Callable[[HistoryTables], None], ...] = tuple(
    value for name, value in list(globals().items()) if name.startswith("check_")
)
"""Every check, each to be run on an empty store of its own."""


def _rows(count: int) -> pa.Table:
    return pa.table(
        {
            "asset": pa.array([f"P-{number}" for number in range(count)], pa.string()),
            "time": pa.array([_NOON] * count, UTC_US),
            "value": pa.array([None if number == 1 else float(number) for number in range(count)], pa.float64()),
            "quality": pa.array([None if number == 2 else number for number in range(count)], pa.int8()),
        }
    )


def _read(history: HistoryTables, version: int | None = None) -> list[dict[str, object]]:
    dataset = history.dataset("things", version)
    if dataset is None:
        raise BrokenPromise("a table that was written does not exist")
    rows: list[dict[str, object]] = dataset.to_table().to_pylist()
    return sorted(rows, key=lambda row: str(row["asset"]))


def _same(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise BrokenPromise(f"{what}: expected {expected!r}, found {found!r}")
