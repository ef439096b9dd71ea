"""Between the wide tables and the arrays of `merge.py`: frames that come in, rows that are stored, rows that are read back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
from pdm.readings.merge import SILENT, Cells, Floats, Grouped, Ints, first_said, group_rows, nothing, rank
from pdm.readings.sql import identifiers
from pdm.readings.tables import QUALITY_SUFFIX, UTC_US, Quality, RowKind, readings_schema

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Moment = datetime | float
"""A position along a class's axis: an aware time, or a counter."""


@dataclass(frozen=True)
class Rows:
    """Rows of a class's table or of a file, as arrays; `asset` are codes into `tags`, sorted by tag."""

    tags: npt.NDArray[np.object_]
    asset: Ints
    time: Ints | Floats
    recorded_at: Ints
    cells: Cells


def incoming_rows(asset_class: AssetClass, frame: pd.DataFrame, recorded_at: datetime | None) -> Rows:
    """A frame from outside as arrays, with the quality of every cell settled."""
    names = asset_class.channel_names
    _check_columns(asset_class, frame, recorded_at)
    codes, tags = pd.factorize(frame["asset"], sort=True)
    moments = _incoming_times(asset_class.axis, frame["time"], "time")
    if "recorded_at" in frame:
        recorded = frame["recorded_at"] if recorded_at is None else frame["recorded_at"].fillna(recorded_at)
        known = _incoming_times(Axis(), recorded, "recorded_at").astype(np.int64)
    else:
        known = np.full(len(frame), stamp(aware(recorded_at)) if recorded_at else 0, dtype=np.int64)
    if (codes < 0).any():
        raise InputError(f"{int((codes < 0).sum())} rows name no asset", hint="put them into quarantine first")
    cells = nothing(len(frame), len(names))
    for number, channel in enumerate(asset_class.channels):
        if channel.name in frame:
            value = frame[channel.name].to_numpy(dtype=np.float64) + 0.0  # -0.0 becomes 0.0: one spelling of zero
            given = frame.get(channel.name + QUALITY_SUFFIX)
            cells.values[:, number] = value
            cells.quality[:, number] = _quality(value, given, channel.low, channel.high, channel.name)
    return Rows(np.asarray(tags, dtype=object), codes.astype(np.int64), moments, known, cells)


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


def pick(rows: Rows, order: npt.NDArray[np.intp]) -> Rows:
    """Some rows, in this order."""
    return Rows(rows.tags, rows.asset[order], rows.time[order], rows.recorded_at[order], rows.cells.rows(order))


def kept_rows(incoming: Rows, new: npt.NDArray[np.bool_]) -> Rows:
    """One row per asset, time and recording time, holding the new cells; rows without any are dropped."""
    by_knowledge = group_rows(incoming.asset, incoming.time, incoming.recorded_at)
    cells = nothing(len(by_knowledge.starts), new.shape[1])
    row, column = np.nonzero(new)
    target = by_knowledge.group[row]
    cells.values[target, column] = incoming.cells.values[row, column]
    cells.quality[target, column] = incoming.cells.quality[row, column]
    filled = np.flatnonzero(cells.said.any(axis=1))
    firsts = by_knowledge.starts[filled]
    return Rows(
        incoming.tags, incoming.asset[firsts], incoming.time[firsts], incoming.recorded_at[firsts], cells.rows(filled)
    )


def wide_table(
    asset_class: AssetClass, rows: Rows, kind: RowKind, source: str, *, channels: Sequence[str] | None = None
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


def present_channels(asset_class: AssetClass, table: ds.Dataset) -> list[str]:
    """The class's channels that the table has a column for."""
    return [name for name in asset_class.channel_names if name in table.schema.names]


def select_cells(table: ds.Dataset, channels: Sequence[str], *, of: str = "") -> str:
    """The select list of values and qualities, numbered; a channel that no file has yet is null."""
    present = set(table.schema.names)
    parts = []
    for number, name in enumerate(channels):
        pair = identifiers([name], of=of), identifiers([name + QUALITY_SUFFIX], of=of)
        value, quality = pair if name in present else ("NULL::DOUBLE", "NULL::TINYINT")
        parts.append(f", {value} AS v{number}, {quality} AS q{number}")
    return "".join(parts)


def read_cells(answer: pa.Table, channels: int) -> Cells:
    """The answer to a query with `select_cells`, as arrays."""
    cells = nothing(answer.num_rows, channels)
    for number in range(channels):
        cells.values[:, number] = answer[f"v{number}"].to_numpy()
        cells.quality[:, number] = pc.fill_null(answer[f"q{number}"], SILENT).to_numpy()
    return cells


def positions(column: pa.ChunkedArray) -> Any:
    """Timestamps as int64 microseconds, counters as they are."""
    return (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_numpy()


def times(axis: Axis, positions: Ints | Floats) -> Any:
    """The way back: an index of UTC timestamps, or of counters."""
    return pd.to_datetime(positions, unit="us", utc=True).as_unit("us") if axis.kind == "time" else pd.Index(positions)


def no_times(axis: Axis) -> pd.Series:
    """An empty `time` column."""
    return pd.Series(times(axis, _no_positions(axis)))


def no_rows(axis: Axis, channels: int) -> Rows:
    """What a table that does not exist holds."""
    empty = np.empty(0, dtype=np.int64)
    return Rows(np.empty(0, dtype=object), empty, _no_positions(axis), empty, nothing(0, channels))


def _no_positions(axis: Axis) -> Ints | Floats:
    return np.empty(0, dtype=np.int64) if axis.kind == "time" else np.empty(0, dtype=np.float64)


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


def stamp(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def joined_rows(rows: Rows, kind: npt.NDArray[np.int8]) -> tuple[Grouped, Cells]:
    """All rows of one asset and time as one: per cell the one that counts."""
    by_key = group_rows(rows.asset, rows.time)
    if len(by_key.starts) < len(rows.time):
        by_key = group_rows(rows.asset, rows.time, then=rank(kind, rows.recorded_at))
        cells = rows.cells.rows(by_key.order)
        return by_key, cells.take(first_said(cells.quality, by_key.starts))
    return by_key, rows.cells.rows(by_key.order)


def first_recorded(rows: Rows, by_key: Grouped) -> Ints:
    """Per asset and time, when the platform first heard of it."""
    if not len(by_key.starts):
        return np.empty(0, dtype=np.int64)
    return np.asarray(np.minimum.reduceat(rows.recorded_at[by_key.order], by_key.starts), dtype=np.int64)
