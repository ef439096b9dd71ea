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
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from pdm.catalogue import AssetClass, Axis
from pdm.clock import aware
from pdm.errors import ColumnsError, InputError
from pdm.readings.merge import (
    SILENT,
    Cells,
    Floats,
    Grouped,
    Ints,
    Verdicts,
    first_said,
    group_rows,
    judge,
    nothing,
    rank,
)
from pdm.readings.sql import ask, identifier, identifiers, known_rows
from pdm.readings.tables import (
    CONFLICTS,
    QUALITY_SUFFIX,
    REVISIONS,
    UTC_US,
    HistoryTables,
    Quality,
    RowKind,
    readings_schema,
    readings_table,
)

Moment = datetime | float
"""A position along a class's axis: an aware time, or a counter."""


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
class _Rows:
    """Rows of a class's table or of a file, as arrays; `asset` are codes into `tags`, sorted by tag."""

    tags: npt.NDArray[np.object_]
    asset: Ints
    time: Ints | Floats
    recorded_at: Ints
    cells: Cells


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
        incoming = _incoming(asset_class, rows, recorded_at)
        if not len(rows):
            return MergeCounts(0, 0, 0, 0, 0, self.history.version(readings_table(asset_class.name)))
        by_key = group_rows(incoming.asset, incoming.time, then=incoming.recorded_at)
        incoming = _pick(incoming, by_key.order)
        original, current = self._stored(asset_class, incoming, by_key)
        verdicts = judge(incoming.cells, by_key, original, current)
        # Conflicts first: when we are killed in between, sending the file again completes both and doubles neither.
        self._note_conflicts(asset_class, incoming, verdicts, source)
        kept = _kept(incoming, verdicts.new)
        stored = len(kept.time)
        name = readings_table(asset_class.name)
        version = (
            self.history.append(name, _table(asset_class, kept, RowKind.ORIGINAL, source))
            if stored
            else self.history.version(name)
        )
        counts = (int(part.sum()) for part in (verdicts.new, verdicts.duplicate, verdicts.conflict))
        return MergeCounts(len(rows), stored, *counts, version)

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
        _check_correction(asset_class, channel, value, by, reason)
        only = (channel,)
        rows, kind = self._read(asset_class, only, assets=[asset], end=end, after=_just_before(start))
        if not len(rows.time):
            return 0
        by_key, cells = _joined(rows, kind)
        quality, number = (Quality.VOID, np.nan) if value is None else (Quality.SUBSTITUTED, float(value))
        wanted = Cells(np.full_like(cells.values, number), np.full_like(cells.quality, quality))
        touched = np.flatnonzero((cells.said & ~cells.same(wanted)).any(axis=1))
        if not touched.size:
            return 0
        # A revision must come after whatever it revises, even when the clock stands still or ran back.
        moment = max(_stamp(aware(now)), int(rows.recorded_at.max()) + 1)
        firsts = by_key.order[by_key.starts[touched]]
        revised = _Rows(
            rows.tags, rows.asset[firsts], rows.time[firsts], np.full(touched.size, moment), wanted.rows(touched)
        )
        kind_of = RowKind.VOID if value is None else RowKind.CORRECTION
        self.history.append(
            "revisions", _revision(asset_class, asset, channel, start, end, kind_of, touched.size, by, reason, moment)
        )
        self.history.append(
            readings_table(asset_class.name), _table(asset_class, revised, kind_of, f"by {by}", channels=only)
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
    ) -> pd.DataFrame:
        """Readings with `start < time <= end`, one row per asset and time, sorted by both.

        channels: float64, NaN where a value is missing, bad or void (uncertain and substituted ones are shown).
        known_at: as the platform knew then; None: everything that it knows.
        quality: also `<channel>__q` as nullable int8, null where nothing was ever said.

        Raises:
            NotFound: the class has no such channel.
        """
        wanted = tuple(channels) if channels is not None else asset_class.channel_names
        rows, kind = self._read(asset_class, wanted, assets=assets, after=start, end=end, known_at=known_at)
        by_key, cells = _joined(rows, kind)
        firsts = by_key.order[by_key.starts]
        values = cells.readable()
        columns: dict[str, Any] = {
            "asset": pd.array(rows.tags[rows.asset[firsts]], dtype="str"),
            "time": _times(asset_class.axis, rows.time[firsts]),
        }
        for number, name in enumerate(wanted):
            columns[name] = values[:, number]
            if quality:
                said = cells.quality[:, number]
                columns[name + QUALITY_SUFFIX] = pd.arrays.IntegerArray(said.copy(), said == SILENT)
        return pd.DataFrame(columns)

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

    def last(self, asset_class: AssetClass, *, known_at: datetime | None = None) -> pd.DataFrame:
        """The newest reading of each asset: `asset`, `time`, `recorded_at`. A row whose cells are all void does not count."""
        return self.span(asset_class, known_at=known_at)[["asset", "time", "recorded_at"]]

    def span(self, asset_class: AssetClass, *, known_at: datetime | None = None) -> pd.DataFrame:
        """First and newest reading of each asset: `asset`, `first`, `time` (the newest), `recorded_at` (of the newest).

        Rows whose cells are all void do not count: a reading from a wrong clock must not look fresh once it is voided.
        """
        table = self.history.dataset(readings_table(asset_class.name))
        condition, parameters = known_rows(known_at=known_at)
        empty = {
            "asset": pd.Series([], dtype="str"),
            "first": _no_times(asset_class.axis),
            "time": _no_times(asset_class.axis),
        }
        if table is None:
            return pd.DataFrame(empty | {"recorded_at": _no_times(Axis())})
        said = " OR ".join(f"{identifier(name + QUALITY_SUFFIX)} IS NOT NULL" for name in _present(asset_class, table))
        answer = ask(
            f"""WITH known AS (SELECT * FROM readings WHERE {condition} AND ({said or "true"})),
            bounds AS (SELECT asset, min(time) AS first, max(time) AS time, max(kind) = {RowKind.VOID.value} AS voids
                       FROM known GROUP BY asset)
            SELECT b.asset, b.first, b.time, min(k.recorded_at) AS recorded_at, any_value(b.voids) AS voids
            FROM bounds b JOIN known k ON k.asset = b.asset AND k.time = b.time
            GROUP BY b.asset, b.first, b.time ORDER BY b.asset""",
            {"readings": table},
            parameters,
        )
        frame = _frame(answer)
        voided = frame.loc[frame["voids"].to_numpy(dtype=bool), "asset"].tolist()
        frame = frame.drop(columns="voids")
        if not voided:
            return frame
        return pd.concat(
            [frame[~frame["asset"].isin(voided)], self._span_without_voids(asset_class, voided, known_at)],
            ignore_index=True,
        ).sort_values("asset", ignore_index=True)

    def _span_without_voids(
        self, asset_class: AssetClass, assets: Sequence[str], known_at: datetime | None
    ) -> pd.DataFrame:
        rows, kind = self._read(asset_class, asset_class.channel_names, assets=assets, known_at=known_at)
        by_key, cells = _joined(rows, kind)
        alive = (cells.said & (cells.quality != Quality.VOID)).any(axis=1)
        recorded = np.minimum.reduceat(rows.recorded_at[by_key.order], by_key.starts)[alive]
        firsts = by_key.order[by_key.starts][alive]
        frame = pd.DataFrame(
            {
                "asset": pd.array(rows.tags[rows.asset[firsts]], dtype="str"),
                "first": _times(asset_class.axis, rows.time[firsts]),
                "time": _times(asset_class.axis, rows.time[firsts]),
                "recorded_at": _times(Axis(), recorded),
            }
        )
        return frame.groupby("asset", as_index=False).agg({"first": "first", "time": "last", "recorded_at": "last"})

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

    def _read(
        self,
        asset_class: AssetClass,
        channels: Sequence[str],
        *,
        assets: Sequence[str] | None = None,
        after: Moment | None = None,
        end: Moment | None = None,
        known_at: datetime | None = None,
    ) -> tuple[_Rows, npt.NDArray[np.int8]]:
        """All rows as they are in the table, and what kind each is."""
        for channel in channels:
            asset_class.channel(channel)
        table = self.history.dataset(readings_table(asset_class.name))
        if table is None:
            return _no_rows(asset_class.axis, len(channels)), np.empty(0, dtype=np.int8)
        condition, parameters = known_rows(assets=assets, start=after, end=end, known_at=known_at)
        answer = ask(
            f"SELECT asset, time, recorded_at, kind{_cells(table, channels)} FROM readings WHERE {condition}",
            {"readings": table},
            parameters,
        )
        codes, tags = pd.factorize(answer["asset"].to_pandas(), sort=True)
        rows = _Rows(
            np.asarray(tags, dtype=object),
            codes.astype(np.int64),
            _positions(answer["time"]),
            _positions(answer["recorded_at"]).astype(np.int64),
            _read_cells(answer, len(channels)),
        )
        return rows, answer["kind"].to_numpy()

    def _stored(self, asset_class: AssetClass, incoming: _Rows, by_key: Grouped) -> tuple[Cells, Cells]:
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
            f"""SELECT k.key, r.recorded_at, r.kind{_cells(table, channels, of="r")} FROM readings r
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
            _read_cells(answer, len(channels)),
            rank(kind, _positions(answer["recorded_at"]).astype(np.int64)),
        )
        current = _spread(cells, key, order, groups)
        plain = kind == RowKind.ORIGINAL
        if plain.all():
            return current, current
        return _spread(cells.rows(np.flatnonzero(plain)), key[plain], order[plain], groups), current

    def _note_conflicts(self, asset_class: AssetClass, incoming: _Rows, verdicts: Verdicts, source: str) -> None:
        """Write conflicting cells to `conflicts`, each once however often it is sent."""
        row, column = np.nonzero(verdicts.conflict)
        if not row.size:
            return
        time = pd.Series(_times(asset_class.axis, incoming.time[row]))
        text = time.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if asset_class.axis.kind == "time" else time.map(repr)
        offered = pa.table(
            {
                "asset_class": [asset_class.name] * row.size,
                "asset": incoming.tags[incoming.asset[row]],
                "time": text.to_numpy(dtype=object),
                "channel": np.asarray(asset_class.channel_names, dtype=object)[column],
                "kept": verdicts.against.values[row, column],
                "offered": incoming.cells.values[row, column],
                "source": [source] * row.size,
                "recorded_at": pa.array(incoming.recorded_at[row], UTC_US),
            },
            schema=CONFLICTS,
        )
        known = self.history.dataset("conflicts")
        if known is not None:
            offered = ask(
                """SELECT o.* FROM offered o ANTI JOIN known k ON k.asset_class = o.asset_class AND k.asset = o.asset
                AND k.time = o.time AND k.channel = o.channel AND k.offered IS NOT DISTINCT FROM o.offered""",
                {"offered": offered, "known": known},
            ).cast(CONFLICTS)
        if offered.num_rows:
            self.history.append("conflicts", offered)


def _incoming(asset_class: AssetClass, frame: pd.DataFrame, recorded_at: datetime | None) -> _Rows:
    """A frame from outside as arrays, with the quality of every cell settled."""
    names = asset_class.channel_names
    _check_columns(asset_class, frame, recorded_at)
    codes, tags = pd.factorize(frame["asset"], sort=True)
    moments = _incoming_times(asset_class.axis, frame["time"], "time")
    if "recorded_at" in frame:
        recorded = frame["recorded_at"] if recorded_at is None else frame["recorded_at"].fillna(recorded_at)
        known = _incoming_times(Axis(), recorded, "recorded_at").astype(np.int64)
    else:
        known = np.full(len(frame), _stamp(aware(recorded_at)) if recorded_at else 0, dtype=np.int64)
    if (codes < 0).any():
        raise InputError(f"{int((codes < 0).sum())} rows name no asset", hint="put them into quarantine first")
    cells = nothing(len(frame), len(names))
    for number, channel in enumerate(asset_class.channels):
        if channel.name in frame:
            value = frame[channel.name].to_numpy(dtype=np.float64) + 0.0  # -0.0 becomes 0.0: one spelling of zero
            given = frame.get(channel.name + QUALITY_SUFFIX)
            cells.values[:, number] = value
            cells.quality[:, number] = _quality(value, given, channel.low, channel.high, channel.name)
    return _Rows(np.asarray(tags, dtype=object), codes.astype(np.int64), moments, known, cells)


def _quality(
    value: Floats, given: pd.Series | None, low: float | None, high: float | None, channel: str
) -> npt.NDArray[np.int8]:
    """The quality of incoming values: as given, else good; bad where the value cannot be; silent where there is nothing."""
    quality = np.where(np.isnan(value), SILENT, int(Quality.GOOD)).astype(np.int8)
    if given is not None:
        told = given.notna().to_numpy(dtype=bool)
        grades = given.fillna(Quality.GOOD).to_numpy(dtype=np.int64)
        if ((grades < Quality.GOOD) | (grades > Quality.SUBSTITUTED)).any():
            raise InputError(
                f"column {channel}{QUALITY_SUFFIX} holds a quality that does not exist",
                hint="0 good, 1 uncertain, 2 bad, 3 substituted",
            )
        quality = np.where(told, grades, quality).astype(np.int8)
    impossible = np.isinf(value)
    if low is not None:
        impossible |= value < low
    if high is not None:
        impossible |= value > high
    quality[impossible] = Quality.BAD
    return quality


def _check_columns(asset_class: AssetClass, frame: pd.DataFrame, recorded_at: datetime | None) -> None:
    allowed = {"asset", "time", "recorded_at"}
    allowed |= {name + suffix for name in asset_class.channel_names for suffix in ("", QUALITY_SUFFIX)}
    if unknown := [str(name) for name in frame.columns if name not in allowed]:
        raise ColumnsError(
            f"class {asset_class.name} does not know the columns {', '.join(unknown)}",
            hint="channels: " + ", ".join(asset_class.channel_names),
        )
    needed = ["asset", "time"] if recorded_at is not None else ["asset", "time", "recorded_at"]
    if missing := [name for name in needed if name not in frame.columns]:
        raise ColumnsError(f"readings of class {asset_class.name} lack the columns {', '.join(missing)}")


def _check_correction(asset_class: AssetClass, channel: str, value: float | None, by: str, reason: str) -> None:
    definition = asset_class.channel(channel)
    if not by.strip() or not reason.strip():
        raise InputError(f"a correction of {channel} needs a name and a reason", hint="say who and why")
    if value is None:
        return
    below = definition.low is not None and value < definition.low
    above = definition.high is not None and value > definition.high
    if not np.isfinite(value) or below or above:
        raise InputError(
            f"{value} {definition.unit} is not possible for {channel}", hint="void the cells when the value is unknown"
        )


def _revision(
    asset_class: AssetClass,
    asset: str,
    channel: str,
    start: Moment,
    end: Moment,
    kind: RowKind,
    cells: int,
    by: str,
    reason: str,
    moment: int,
) -> pa.Table:
    row = [asset_class.name, asset, channel, _text(start), _text(end), kind.name.lower(), cells, by, reason]
    columns = [[value] for value in row] + [pa.array([moment], UTC_US)]
    return pa.table(dict(zip(REVISIONS.names, columns, strict=True)), schema=REVISIONS)


def _pick(rows: _Rows, order: npt.NDArray[np.intp]) -> _Rows:
    return _Rows(rows.tags, rows.asset[order], rows.time[order], rows.recorded_at[order], rows.cells.rows(order))


def _kept(incoming: _Rows, new: npt.NDArray[np.bool_]) -> _Rows:
    """One row per asset, time and recording time, holding the new cells; rows without any are dropped."""
    by_knowledge = group_rows(incoming.asset, incoming.time, incoming.recorded_at)
    cells = nothing(len(by_knowledge.starts), new.shape[1])
    row, column = np.nonzero(new)
    target = by_knowledge.group[row]
    cells.values[target, column] = incoming.cells.values[row, column]
    cells.quality[target, column] = incoming.cells.quality[row, column]
    filled = np.flatnonzero(cells.said.any(axis=1))
    firsts = by_knowledge.starts[filled]
    return _Rows(
        incoming.tags, incoming.asset[firsts], incoming.time[firsts], incoming.recorded_at[firsts], cells.rows(filled)
    )


def _joined(rows: _Rows, kind: npt.NDArray[np.int8]) -> tuple[Grouped, Cells]:
    """All rows of one asset and time as one: per cell the one that counts."""
    by_key = group_rows(rows.asset, rows.time)
    if len(by_key.starts) < len(rows.time):
        by_key = group_rows(rows.asset, rows.time, then=rank(kind, rows.recorded_at))
        cells = rows.cells.rows(by_key.order)
        return by_key, cells.take(first_said(cells.quality, by_key.starts))
    return by_key, rows.cells.rows(by_key.order)


def _spread(cells: Cells, key: Ints, order: Ints, groups: int) -> Cells:
    """Stored rows as one row per group; groups without any stay silent."""
    found = group_rows(key, then=order)
    cells = cells.rows(found.order)
    joined = cells.take(first_said(cells.quality, found.starts))
    result = nothing(groups, cells.quality.shape[1])
    at = key[found.order[found.starts]]
    result.values[at], result.quality[at] = joined.values, joined.quality
    return result


def _table(
    asset_class: AssetClass, rows: _Rows, kind: RowKind, source: str, *, channels: Sequence[str] | None = None
) -> pa.Table:
    """Rows as the class's wide table stores them."""
    names = asset_class.channel_names if channels is None else channels
    schema = readings_schema(names, asset_class.axis.kind)
    size = len(rows.time)
    columns: list[Any] = [
        pa.DictionaryArray.from_arrays(pa.array(rows.asset), pa.array(rows.tags, pa.string())).cast(pa.string()),
        pa.array(rows.time, schema.field("time").type),
        pa.array(rows.recorded_at, UTC_US),
        pa.array(np.full(size, kind, dtype=np.int8)),
        pa.repeat(source, size),
    ]
    for number in range(len(names)):
        value, quality = rows.cells.values[:, number], rows.cells.quality[:, number]
        columns += [pa.array(value, mask=np.isnan(value)), pa.array(quality, mask=quality == SILENT)]
    return pa.Table.from_arrays(columns, schema=schema)


def _present(asset_class: AssetClass, table: ds.Dataset) -> list[str]:
    return [name for name in asset_class.channel_names if name in table.schema.names]


def _cells(table: ds.Dataset, channels: Sequence[str], *, of: str = "") -> str:
    """The select list of values and qualities, numbered; a channel that no file has yet is null."""
    present = set(table.schema.names)
    parts = []
    for number, name in enumerate(channels):
        pair = identifiers([name], of=of), identifiers([name + QUALITY_SUFFIX], of=of)
        value, quality = pair if name in present else ("NULL::DOUBLE", "NULL::TINYINT")
        parts.append(f", {value} AS v{number}, {quality} AS q{number}")
    return "".join(parts)


def _read_cells(answer: pa.Table, channels: int) -> Cells:
    cells = nothing(answer.num_rows, channels)
    for number in range(channels):
        cells.values[:, number] = answer[f"v{number}"].to_numpy()
        cells.quality[:, number] = pc.fill_null(answer[f"q{number}"], SILENT).to_numpy()
    return cells


def _positions(column: pa.ChunkedArray) -> Any:
    """Timestamps as int64 microseconds, counters as they are."""
    return (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_numpy()


def _times(axis: Axis, positions: Ints | Floats) -> Any:
    """The way back: an index of UTC timestamps, or of counters."""
    return pd.to_datetime(positions, unit="us", utc=True).as_unit("us") if axis.kind == "time" else pd.Index(positions)


def _no_times(axis: Axis) -> pd.Series:
    return pd.Series(_times(axis, np.empty(0, dtype=np.int64 if axis.kind == "time" else np.float64)))


def _no_rows(axis: Axis, channels: int) -> _Rows:
    empty = np.empty(0, dtype=np.int64)
    time = empty if axis.kind == "time" else np.empty(0, dtype=np.float64)
    return _Rows(np.empty(0, dtype=object), empty, time, empty, nothing(0, channels))


def _incoming_times(axis: Axis, column: pd.Series, name: str) -> Any:
    if axis.kind == "usage":
        counters = column.to_numpy(dtype=np.float64)
        if not np.isfinite(counters).all():
            raise InputError(f"rows without a position in column {name}", hint="put them into quarantine first")
        return counters + 0.0
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        raise InputError(
            f"column {name} holds {column.dtype}, not times with a zone", hint="say in which zone they are"
        )
    if column.isna().any():
        raise InputError(f"{int(column.isna().sum())} rows have no {name}", hint="put them into quarantine first")
    return pd.DatetimeIndex(column).as_unit("us").asi8


def _stamp(moment: datetime) -> int:
    return int(pd.Timestamp(moment).as_unit("us").value)


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


def _text(moment: Moment) -> str:
    return aware(moment).isoformat() if isinstance(moment, datetime) else repr(float(moment))


def _frame(answer: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = answer.to_pandas()
    return frame
