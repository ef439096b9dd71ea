"""Readings of one class held in memory as arrays, so that a replay asks "what was known then?" a thousand times in microseconds.

It answers `scan`, `recent` and `last` exactly as `ReadingStore` does, for a table in which every (asset, time) was told once and
never revised; where somebody corrected, voided or added cells later, the store itself is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import AssetClass, Axis
from pdm.clock import aware
from pdm.readings.spans import read_rows
from pdm.readings.store import ReadingStore
from pdm.readings.tables import HistoryTables, Quality, RowKind
from pdm.readings.wide import Moment, joined_rows, times

Ints = npt.NDArray[np.int64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Held:
    """Rows in order of asset and time. values: readable ones, [n, channels]. alive: which rows say anything. firsts: per asset."""

    tags: npt.NDArray[np.object_]
    firsts: Ints
    time: Ints
    recorded_at: Ints
    values: npt.NDArray[np.float64]
    alive: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class HeldReadings:
    """Readings behind the tables of `history`, for reading only; each class is read once, when it is first asked for."""

    history: HistoryTables
    _held: dict[str, _Held | None] = field(default_factory=dict)

    def recent(
        self, asset_class: AssetClass, since: Moment, *, assets: Sequence[str], known_at: datetime | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """As `ReadingStore.recent`."""
        held = self._of(asset_class)
        if held is None or not isinstance(since, datetime):
            return self.store.recent(asset_class, since, assets=assets, known_at=known_at)
        rows = _rows(held, assets, since, None, known_at)
        return _frame(asset_class, held, rows), _newest(held, rows)

    def scan(
        self,
        asset_class: AssetClass,
        *,
        assets: Sequence[str] | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        known_at: datetime | None = None,
    ) -> pd.DataFrame:
        """As `ReadingStore.scan` with all channels."""
        held = self._of(asset_class)
        if held is None:
            return self.store.scan(asset_class, assets=assets, start=start, end=end, known_at=known_at)
        rows = _rows(held, assets, start, end, known_at)
        return _frame(asset_class, held, rows)

    def last(
        self, asset_class: AssetClass, *, assets: Sequence[str] | None = None, known_at: datetime | None = None
    ) -> pd.DataFrame:
        """As `ReadingStore.last`."""
        held = self._of(asset_class)
        if held is None:
            return self.store.last(asset_class, assets=assets, known_at=known_at)
        return _newest(held, _rows(held, assets, None, None, known_at))

    @property
    def store(self) -> ReadingStore:
        """The store that answers where the arrays cannot."""
        return ReadingStore(self.history)

    def _of(self, asset_class: AssetClass) -> _Held | None:
        name = asset_class.name
        if name not in self._held:
            self._held[name] = _hold(self.history, asset_class)
        return self._held[name]


def _hold(history: HistoryTables, asset_class: AssetClass) -> _Held | None:
    """None where rows were revised or several speak about one (asset, time): then what was known depends on more than one row."""
    if asset_class.axis.kind != "time":
        return None
    rows, kind = read_rows(history, asset_class, asset_class.channel_names)
    if not len(rows.time) or (kind != RowKind.ORIGINAL).any():
        return None
    by_key, cells = joined_rows(rows, kind)
    if len(by_key.starts) != len(rows.time):
        return None
    order = by_key.order
    asset = rows.asset[order]
    firsts = np.searchsorted(asset, np.arange(len(rows.tags) + 1)).astype(np.int64)
    alive = (cells.said & (cells.quality != Quality.VOID)).any(axis=1)
    time = rows.time[order].astype(np.int64)
    return _Held(rows.tags, firsts, time, rows.recorded_at[order], cells.readable(), alive)


def _rows(
    held: _Held, assets: Sequence[str] | None, start: Moment | None, end: Moment | None, known_at: datetime | None
) -> Ints:
    """Row numbers with `start < time <= end`, known at `known_at`, in order of asset and time."""
    first, last = _microsecond(start), _microsecond(end)
    chosen = range(len(held.tags)) if assets is None else np.flatnonzero(np.isin(held.tags, np.asarray(assets, object)))
    parts = []
    for place in chosen:
        low, high = int(held.firsts[place]), int(held.firsts[place + 1])
        time = held.time[low:high]
        begin = 0 if first is None else int(np.searchsorted(time, first, side="right"))
        stop = high - low if last is None else int(np.searchsorted(time, last, side="right"))
        parts.append(np.arange(low + begin, low + stop, dtype=np.int64))
    rows = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    known = _microsecond(known_at)
    return rows if known is None else rows[held.recorded_at[rows] <= known]


def _frame(asset_class: AssetClass, held: _Held, rows: Ints) -> pd.DataFrame:
    values = held.values[rows]
    columns = {
        "asset": pd.array(held.tags[_place(held, rows)], dtype="str"),
        "time": times(asset_class.axis, held.time[rows]),
    }
    return pd.DataFrame(columns | {name: values[:, place] for place, name in enumerate(asset_class.channel_names)})


def _newest(held: _Held, rows: Ints) -> pd.DataFrame:
    """asset, time and recorded_at of the newest row that says anything."""
    rows = rows[held.alive[rows]]
    place = _place(held, rows)
    lasts = rows[np.append(place[1:] != place[:-1], True)] if len(rows) else rows
    return pd.DataFrame(
        {
            "asset": pd.array(held.tags[_place(held, lasts)], dtype="str"),
            "time": times(Axis(), held.time[lasts]),
            "recorded_at": times(Axis(), held.recorded_at[lasts]),
        }
    )


def _place(held: _Held, rows: Ints) -> Ints:
    return np.searchsorted(held.firsts, rows, side="right").astype(np.int64) - 1


def microsecond(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (aware(moment) - _EPOCH) // timedelta(microseconds=1)


def _microsecond(moment: Moment | None) -> int | None:
    return microsecond(moment) if isinstance(moment, datetime) else None
