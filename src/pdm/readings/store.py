"""The readings of one plant: merged cell by cell, corrected by people, and read as they were known at any moment.

One wide append-only table per asset class. A row speaks only about the cells whose quality is not null; several rows may
speak about one (asset, time), and reading joins them: per cell the newest revision known then, else the earliest original.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pdm.catalogue import AssetClass, Axis
from pdm.clock import aware
from pdm.errors import InputError
from pdm.readings.ledger import check_correction, note_conflicts, revision_row
from pdm.readings.merge import SILENT, Cells, Grouped, group_rows, judge, nothing, rank, spread
from pdm.readings.spans import newest_rows, read_rows, spans
from pdm.readings.sql import ask, known_rows
from pdm.readings.tables import QUALITY_SUFFIX, UTC_US, HistoryTables, Quality, RowKind, readings_table
from pdm.readings.wide import (
    Moment,
    Rows,
    first_recorded,
    incoming_rows,
    joined_rows,
    kept_rows,
    pick,
    positions,
    read_cells,
    select_cells,
    stamp,
    times,
    wide_table,
)


@dataclass(frozen=True)
class MergeCounts:
    """What became of incoming rows: of every cell exactly one of new, duplicate and conflicting.

    rows_stored: rows appended; version: of the class's table afterwards.
    """

    rows_in: int
    rows_stored: int
    cells_new: int
    cells_duplicate: int
    cells_conflicting: int
    version: int


@dataclass(frozen=True)
class ReadingStore:
    """Readings behind the tables of `history`."""

    history: HistoryTables

    def merge(
        self, asset_class: AssetClass, rows: pd.DataFrame, *, source: str, recorded_at: datetime | None
    ) -> MergeCounts:
        """Store what is new in `rows`, whatever was sent before and in whatever order.

        rows: `asset`, `time` (aware timestamps, or the usage counter), channels as floats, optionally `<channel>__q`
        (a `Quality`; null together with a NaN value says nothing about the cell) and `recorded_at`.
        recorded_at: when the platform learnt it; None only when the rows carry the column (a history import).

        A cell that came before is a duplicate when equal, else a conflict: the first value stands, the other one is written
        to `conflicts`. Values outside the channel's range, and infinite ones, are stored as `BAD`.

        Raises:
            ColumnsError: a column that the class does not know, or a missing key column.
            InputError: rows without asset, time or recording time, or with an unknown quality.
        """
        incoming = incoming_rows(asset_class, rows, recorded_at)
        if not len(rows):
            return MergeCounts(0, 0, 0, 0, 0, self.history.version(readings_table(asset_class.name)))
        by_key = group_rows(incoming.asset, incoming.time, then=incoming.recorded_at)
        incoming = pick(incoming, by_key.order)
        original, current = self._stored(asset_class, incoming, by_key)
        verdicts = judge(incoming.cells, by_key, original, current)
        # Conflicts first: when we are killed in between, sending the file again completes both and doubles neither.
        note_conflicts(self.history, asset_class, incoming, verdicts, source)
        kept = kept_rows(incoming, verdicts.new)
        # In the order of time: a file then tells from when to when each of its parts is, and scoring opens the last one only.
        kept = pick(kept, np.argsort(kept.time, kind="stable"))
        stored = len(kept.time)
        name = readings_table(asset_class.name)
        version = (
            self.history.append(name, wide_table(asset_class, kept, RowKind.ORIGINAL, source))
            if stored
            else self.history.version(name)
        )
        return MergeCounts(
            rows_in=len(rows),
            rows_stored=stored,
            cells_new=int(verdicts.new.sum()),
            cells_duplicate=int(verdicts.duplicate.sum()),
            cells_conflicting=int(verdicts.conflict.sum()),
            version=version,
        )

    def correct(
        self,
        asset_class: AssetClass,
        asset: str,
        channel: str,
        start: Moment,
        end: Moment,
        value: float | None,
        *,
        by: str,
        reason: str,
        now: datetime,
    ) -> int:
        """Give the cells of one channel from `start` to `end`, both included, another value, or void them (`value` None).

        A new version of each cell is appended and the deed is written to `revisions`; what was known before stays readable
        with an older `known_at`. The number of cells changed; cells that hold the value already are not touched.

        Raises:
            InputError: the value is outside the channel's range, or nobody or no reason is named.
            NotFound: the class has no such channel.
        """
        check_correction(asset_class, channel, value, by, reason)
        only = (channel,)
        rows, kind = read_rows(self.history, asset_class, only, assets=[asset], end=end, after=_just_before(start))
        if not len(rows.time):
            return 0
        by_key, cells = joined_rows(rows, kind)
        quality, number = (Quality.VOID, np.nan) if value is None else (Quality.SUBSTITUTED, float(value))
        wanted = Cells(np.full_like(cells.values, number), np.full_like(cells.quality, quality))
        touched = np.flatnonzero((cells.said & ~cells.same(wanted)).any(axis=1))
        if not touched.size:
            return 0
        # A revision must come after whatever it revises, even when the clock stands still or ran back.
        moment = max(stamp(aware(now)), int(rows.recorded_at.max()) + 1)
        firsts = by_key.order[by_key.starts[touched]]
        revised = Rows(
            rows.tags, rows.asset[firsts], rows.time[firsts], np.full(touched.size, moment), wanted.rows(touched)
        )
        kind_of = RowKind.VOID if value is None else RowKind.CORRECTION
        self.history.append(
            "revisions",
            revision_row(asset_class, asset, channel, start, end, kind_of, touched.size, by, reason, moment),
        )
        self.history.append(
            readings_table(asset_class.name), wide_table(asset_class, revised, kind_of, f"by {by}", channels=only)
        )
        return int(touched.size)

    def scan(
        self,
        asset_class: AssetClass,
        *,
        assets: Sequence[str] | None = None,
        channels: Sequence[str] | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        known_at: datetime | None = None,
        quality: bool = False,
        recorded_at: bool = False,
    ) -> pd.DataFrame:
        """Readings with `start < time <= end`, one row per asset and time, sorted by both.

        channels: float64, NaN where a value is missing, bad or void (uncertain and substituted ones are shown).
        known_at: as the platform knew then; None: everything that it knows.
        quality: also `<channel>__q` as nullable int8, null where nothing was ever said.
        recorded_at: also when the platform first heard of each row.

        Raises:
            NotFound: the class has no such channel.
        """
        wanted = tuple(channels) if channels is not None else asset_class.channel_names
        rows, kind = read_rows(
            self.history, asset_class, wanted, assets=assets, after=start, end=end, known_at=known_at
        )
        by_key, cells = joined_rows(rows, kind)
        return _frame(asset_class, wanted, rows, by_key, cells, recorded_at=recorded_at, quality=quality)

    def window(
        self,
        asset_class: AssetClass,
        asset: str,
        end: Moment,
        *,
        rows: int | None = None,
        duration: str | timedelta | float | None = None,
        known_at: datetime | None = None,
    ) -> pd.DataFrame:
        """The last `rows` readings of one asset up to `end`, or those in `(end - duration, end]`; columns as `scan`.

        duration: `"7d"`, a timedelta, or native units of the class's axis.

        Raises:
            InputError: not exactly one of `rows` and `duration` is given.
        """
        if (rows is None) == (duration is None):
            raise InputError("a window has either rows or a duration", hint="give one of the two")
        if duration is not None:
            start: Moment | None = _earlier(asset_class.axis, end, duration)
        else:
            start = self._start_of_rows(asset_class, asset, end, rows or 0, known_at)
        return self.scan(asset_class, assets=[asset], start=start, end=end, known_at=known_at)

    def last(
        self, asset_class: AssetClass, *, assets: Sequence[str] | None = None, known_at: datetime | None = None
    ) -> pd.DataFrame:
        """The newest reading of each asset: `asset`, `time`, `recorded_at`. A row whose cells are all void does not count."""
        return self.span(asset_class, assets=assets, known_at=known_at)[["asset", "time", "recorded_at"]]

    def recent(
        self, asset_class: AssetClass, since: Moment, *, assets: Sequence[str], known_at: datetime | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What `scan(start=since)` and `last` give for the assets that spoke after `since`, in one look at the table.

        An asset that did not is in neither of the two.
        """
        wanted = asset_class.channel_names
        rows, kind = read_rows(self.history, asset_class, wanted, assets=assets, after=since, known_at=known_at)
        by_key, cells = joined_rows(rows, kind)
        newest = newest_rows(asset_class, rows, by_key, cells)
        return _frame(asset_class, wanted, rows, by_key, cells), newest[["asset", "time", "recorded_at"]]

    def span(
        self, asset_class: AssetClass, *, assets: Sequence[str] | None = None, known_at: datetime | None = None
    ) -> pd.DataFrame:
        """First and newest reading of each asset: `asset`, `first`, `time` (the newest), `recorded_at` (of the newest).

        Rows whose cells are all void do not count: a reading from a wrong clock must not look fresh once it is voided.
        """
        return spans(self.history, asset_class, assets=assets, known_at=known_at)

    def _start_of_rows(
        self, asset_class: AssetClass, asset: str, end: Moment, rows: int, known_at: datetime | None
    ) -> Moment | None:
        """The time of the row before the last `rows` ones; None when there are no more than these."""
        table = self.history.dataset(readings_table(asset_class.name))
        if table is None:
            return None
        condition, parameters = known_rows(assets=[asset], end=end, known_at=known_at)
        found = ask(
            f'SELECT DISTINCT "time" FROM readings WHERE {condition} ORDER BY "time" DESC LIMIT 1 OFFSET {int(rows)}',
            {"readings": table},
            parameters,
        )
        moment: Moment | None = found["time"][0].as_py() if found.num_rows else None
        return moment

    def _stored(self, asset_class: AssetClass, incoming: Rows, by_key: Grouped) -> tuple[Cells, Cells]:
        """What is stored for the keys of the (sorted) incoming rows: originals, and after corrections."""
        groups, channels = len(by_key.starts), asset_class.channel_names
        table = self.history.dataset(readings_table(asset_class.name))
        none = nothing(groups, len(channels))
        if table is None:
            return none, none
        time = pa.array(incoming.time[by_key.starts], UTC_US if asset_class.axis.kind == "time" else pa.float64())
        asset = pa.array(incoming.tags[incoming.asset[by_key.starts]], pa.string())
        keys = pa.table({"key": np.arange(groups), "asset": asset, "time": time})
        bounds = pc.min_max(time).as_py()
        # The bounds let whole files and row groups be skipped; the join is what decides.
        answer = ask(
            f"""SELECT k.key, r.recorded_at, r.kind{select_cells(table, channels, of="r")} FROM readings r
            JOIN keys k ON r.asset = k.asset AND r.time = k.time
            WHERE r.time BETWEEN $first AND $last AND r.asset BETWEEN $low AND $high""",
            {"readings": table, "keys": keys},
            {
                "first": bounds["min"],
                "last": bounds["max"],
                "low": str(incoming.tags[incoming.asset.min()]),
                "high": str(incoming.tags[incoming.asset.max()]),
            },
        )
        if not answer.num_rows:
            return none, none
        key, kind = answer["key"].to_numpy(), answer["kind"].to_numpy()
        cells, order = (
            read_cells(answer, len(channels)),
            rank(kind, positions(answer["recorded_at"]).astype(np.int64)),
        )
        current = spread(cells, key, order, groups)
        plain = kind == RowKind.ORIGINAL
        if plain.all():
            return current, current
        return spread(cells.rows(np.flatnonzero(plain)), key[plain], order[plain], groups), current


def _just_before(start: Moment) -> Moment:
    """The largest position below `start`, so that a half-open range includes it."""
    return start - timedelta(microseconds=1) if isinstance(start, datetime) else float(np.nextafter(start, -np.inf))


def _earlier(axis: Axis, end: Moment, duration: str | timedelta | float) -> Moment:
    if isinstance(duration, str):
        duration = axis.span(duration)
    if isinstance(end, datetime):
        return end - (duration if isinstance(duration, timedelta) else timedelta(hours=duration))
    if isinstance(duration, timedelta):
        raise InputError(f"a window of {duration} on an axis of {axis.unit}", hint=f"give it in {axis.unit}")
    return end - duration


def _frame(
    asset_class: AssetClass,
    channels: Sequence[str],
    rows: Rows,
    by_key: Grouped,
    cells: Cells,
    *,
    recorded_at: bool = False,
    quality: bool = False,
) -> pd.DataFrame:
    """Joined rows as `scan` gives them."""
    firsts = by_key.order[by_key.starts]
    values = cells.readable()
    columns: dict[str, Any] = {
        "asset": pd.array(rows.tags[rows.asset[firsts]], dtype="str"),
        "time": times(asset_class.axis, rows.time[firsts]),
    }
    if recorded_at:
        columns["recorded_at"] = times(Axis(), first_recorded(rows, by_key))
    for number, name in enumerate(channels):
        columns[name] = values[:, number]
        if quality:
            said = cells.quality[:, number]
            columns[name + QUALITY_SUFFIX] = pd.arrays.IntegerArray(said.copy(), said == SILENT)
    return pd.DataFrame(columns)
