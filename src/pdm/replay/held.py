"""Readings of one class held in memory as arrays, so that a replay asks "what was known then?" a thousand times in microseconds.

It answers `scan`, `recent` and `last` exactly as `ReadingStore` does, for a table in which every (asset, time) was told once and
never revised; where somebody corrected, voided or added cells later, the store itself is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

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
FOREVER = 2**62


@dataclass(frozen=True)
class Span:
    """Rows `low` to `high` of one asset. whole: they are all that it ever had there; else some came later and `high` only counts."""

    low: int
    high: int
    whole: bool


@dataclass(frozen=True)
class Held:
    """Rows in order of asset and time. values: readable ones, [n, channels]. alive: which rows say anything. firsts: per asset."""

    tags: npt.NDArray[np.object_]
    firsts: Ints
    time: Ints
    recorded_at: Ints
    values: npt.NDArray[np.float64]
    alive: npt.NDArray[np.bool_]

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each tag stands."""
        return {str(tag): place for place, tag in enumerate(self.tags)}

    def known(self, place: int, now: int, after: int) -> Span:
        """The rows of one asset after a moment that were on record at `now`, both in microseconds."""
        low, high = int(self.firsts[place]), int(self.firsts[place + 1])
        low += int(np.searchsorted(self.time[low:high], after, side="right"))
        if self._in_order[place]:
            return Span(low, max(low, int(self.firsts[place]) + self._told(place, now)), whole=True)
        known = self.recorded_at[low:high] <= now
        count = int(known.sum())
        return Span(low, low + count, whole=bool(known[:count].all()))

    def newest(self, place: int, now: int) -> int:
        """The newest row of one asset that says anything and was on record at `now`; -1 where there is none."""
        span = self.known(place, now, -FOREVER)
        if span.whole:
            return int(self._latest[span.high - 1]) if span.high > span.low else -1
        rows = np.arange(span.low, int(self.firsts[place + 1]))
        rows = rows[(self.recorded_at[rows] <= now) & self.alive[rows]]
        return int(rows[-1]) if len(rows) else -1

    @cached_property
    def _latest(self) -> Ints:
        """For each row the newest one of its asset up to it that says anything; -1 where there is none."""
        rows = np.maximum.accumulate(np.where(self.alive, np.arange(len(self.alive)), -1))
        first = np.repeat(self.firsts[:-1], np.diff(self.firsts))
        return np.where(rows >= first, rows, -1)

    def _told(self, place: int, now: int) -> int:
        part = self.recorded_at[int(self.firsts[place]) : int(self.firsts[place + 1])]
        return int(np.searchsorted(part, now, side="right"))

    @cached_property
    def _in_order(self) -> npt.NDArray[np.bool_]:
        """Whether each asset's rows came in the order in which they were true."""
        late = np.append(self.recorded_at[1:] < self.recorded_at[:-1], False)
        ends = zip(self.firsts[:-1], self.firsts[1:], strict=True)
        return np.array([not late[low : max(low, high - 1)].any() for low, high in ends], dtype=np.bool_)


@dataclass(frozen=True)
class HeldReadings:
    """Readings behind the tables of `history`, for reading only; each class is read once, when it is first asked for."""

    history: HistoryTables
    _held: dict[str, Held | None] = field(default_factory=dict)

    def recent(
        self, asset_class: AssetClass, since: Moment, *, assets: Sequence[str], known_at: datetime | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """As `ReadingStore.recent`."""
        held = self.of(asset_class)
        if held is None or not isinstance(since, datetime):
            return self.store.recent(asset_class, since, assets=assets, known_at=known_at)
        rows = _rows(held, assets, since, None, known_at)
        return frame(asset_class, held, rows), _newest(held, rows)

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
        held = self.of(asset_class)
        if held is None:
            return self.store.scan(asset_class, assets=assets, start=start, end=end, known_at=known_at)
        rows = _rows(held, assets, start, end, known_at)
        return frame(asset_class, held, rows)

    def last(
        self, asset_class: AssetClass, *, assets: Sequence[str] | None = None, known_at: datetime | None = None
    ) -> pd.DataFrame:
        """As `ReadingStore.last`."""
        held = self.of(asset_class)
        if held is None:
            return self.store.last(asset_class, assets=assets, known_at=known_at)
        if known_at is None:
            return _newest(held, _rows(held, assets, None, None, None))
        tags = (
            held.places if assets is None else {tag: held.places[tag] for tag in sorted(assets) if tag in held.places}
        )
        found = [held.newest(place, microsecond(known_at)) for place in tags.values()]
        return _newest(held, np.array([row for row in found if row >= 0], dtype=np.int64))

    @property
    def store(self) -> ReadingStore:
        """The store that answers where the arrays cannot."""
        return ReadingStore(self.history)

    def of(self, asset_class: AssetClass) -> Held | None:
        """The arrays of a class; None where the store itself has to be asked."""
        name = asset_class.name
        if name not in self._held:
            self._held[name] = _hold(self.history, asset_class)
        return self._held[name]


def _hold(history: HistoryTables, asset_class: AssetClass) -> Held | None:
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
    return Held(rows.tags, firsts, time, rows.recorded_at[order], cells.readable(), alive)


def _rows(
    held: Held, assets: Sequence[str] | None, start: Moment | None, end: Moment | None, known_at: datetime | None
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


def frame(asset_class: AssetClass, held: Held, rows: Ints) -> pd.DataFrame:
    """Rows as `ReadingStore.scan` gives them."""
    values = held.values[rows]
    columns = {
        "asset": pd.array(held.tags[_place(held, rows)], dtype="str"),
        "time": times(asset_class.axis, held.time[rows]),
    }
    return pd.DataFrame(columns | {name: values[:, place] for place, name in enumerate(asset_class.channel_names)})


def _newest(held: Held, rows: Ints) -> pd.DataFrame:
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


def _place(held: Held, rows: Ints) -> Ints:
    return np.searchsorted(held.firsts, rows, side="right").astype(np.int64) - 1


def microsecond(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (aware(moment) - _EPOCH) // timedelta(microseconds=1)


def _microsecond(moment: Moment | None) -> int | None:
    return microsecond(moment) if isinstance(moment, datetime) else None
