"""What one asset's features are made from, as plain arrays: its readings, its lives and what happened to it.

*As known then* is settled here once: everything that became known late gets a `visible` position, the first as-of position at
which it may be used. The features then never ask again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue.axis import microseconds
from pdm.clock import aware
from pdm.extraction.scale import Scale, Ticks
from pdm.readings.registry import UNIT, Asset

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEGINNINGS = ("repair", "preventive", "installation", "failure")


@dataclass(frozen=True)
class Happenings:
    """Events of one asset. at: when each was true. visible: the first as-of position that may count it."""

    at: Ticks
    visible: Ticks
    kind: Words
    code: Words
    item: Words

    def where(self, kind: str, key: str = "", *, items: bool = False) -> Happenings:
        """Events of one kind; `key` is a code (or, with `items`, also a maintainable item), empty for any."""
        chosen = self.kind == kind
        if key:
            chosen &= (self.code == key) | (self.item == key) if items else self.code == key
        return Happenings(
            self.at[chosen], self.visible[chosen], self.kind[chosen], self.code[chosen], self.item[chosen]
        )


@dataclass(frozen=True)
class AssetHistory:
    """One asset.

    positions: of its readings, ascending. values: per channel, NaN where there is no usable value.
    life_starts, life_visible: starts of the lives of the whole machine, and from where each was known.
    commissioned: microseconds since 1970. run_hours: cumulative, per reading.
    moments: when each reading was known (microseconds), where that is on record or follows from the axis.
    """

    asset: str
    positions: Ticks
    values: Mapping[str, Floats]
    life_starts: Ticks
    life_visible: Ticks
    events: Happenings
    commissioned: int | None
    run_hours: Floats | None
    moments: npt.NDArray[np.int64] | None


def latest_visible(starts: Ticks, visible: Ticks, at: Ticks, none: float | int) -> Ticks:
    """The latest of `starts` that is visible at each as-of position; `none` where there is none."""
    order = np.argsort(visible, kind="stable")
    newest = np.maximum.accumulate(starts[order]) if len(order) else starts
    place = np.searchsorted(visible[order], at, side="right") - 1
    padded = np.concatenate([newest, np.array([none], dtype=at.dtype)]).astype(at.dtype)
    return padded[place]


def histories(
    readings: pd.DataFrame,
    channels: Mapping[str, Floats],
    scale: Scale,
    *,
    events: pd.DataFrame | None,
    lives: pd.DataFrame | None,
    assets: Mapping[str, Asset],
    run_hours: Floats | None,
    known_at: datetime | None,
) -> Iterator[AssetHistory]:
    """Split tables that are sorted by asset and time into one history per asset.

    channels: column name -> value per row of `readings`, with everything that must not be used set to NaN.
    """
    names = readings["asset"].to_numpy(dtype=object)
    positions = scale.ticks(readings["time"])
    known = microseconds(readings["recorded_at"]) if "recorded_at" in readings else None
    cuts = np.flatnonzero(names[1:] != names[:-1]) + 1
    by_events = _by_asset(events)
    by_lives = _by_asset(lives if lives is None else lives[lives["maintainable_item"] == UNIT])
    for rows in np.split(np.arange(len(names)), cuts) if len(names) else []:
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        asset = str(names[part.start])
        at = positions[part]
        moments = _moments(at, None if known is None else known[part], scale)
        record = assets.get(asset)
        starts, visible = _lives(by_lives.get(asset), by_events.get(asset), at, moments, scale, known_at)
        yield AssetHistory(
            asset=asset,
            positions=at,
            values={name: values[part] for name, values in channels.items()},
            life_starts=starts,
            life_visible=visible,
            events=_events(by_events.get(asset), at, moments, scale, known_at),
            commissioned=_microsecond(record.commissioned) if record and record.commissioned else None,
            run_hours=None if run_hours is None else run_hours[part],
            moments=moments,
        )


def _by_asset(table: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    return {} if table is None or table.empty else {str(asset): rows for asset, rows in table.groupby("asset")}


def _microsecond(moment: datetime) -> int:
    return (aware(moment) - _EPOCH) // timedelta(microseconds=1)


def _moments(at: Ticks, known: npt.NDArray[np.int64] | None, scale: Scale) -> npt.NDArray[np.int64] | None:
    """When each reading could be used: on the calendar its own time, on a usage axis when it was recorded."""
    if scale.calendar:
        return at
    return None if known is None else np.maximum.accumulate(known)


def _visible(
    at: Ticks, recorded: pd.Series, positions: Ticks, moments: Ticks | None, scale: Scale, known_at: datetime | None
) -> Ticks:
    """From `at`, but never before it was recorded, and not at all when that was after `known_at`.

    On a usage axis without recorded times nothing says when an event became known: its own position decides.
    """
    known = pd.DatetimeIndex(recorded).as_unit("us").asi8
    visible = at.copy()
    if scale.calendar:
        visible = np.maximum(visible, known)
    elif moments is not None:
        reached = np.append(positions, scale.beyond)[np.searchsorted(moments, known, side="left")]
        visible = np.maximum(visible, np.where(recorded.isna(), visible, reached))
    if known_at is not None:
        visible = np.where(known > _microsecond(known_at), scale.beyond, visible)
    return visible


def _events(
    rows: pd.DataFrame | None, positions: Ticks, moments: Ticks | None, scale: Scale, known_at: datetime | None
) -> Happenings:
    if rows is None:
        none = np.empty(0, dtype=positions.dtype)
        words = np.empty(0, dtype=object)
        return Happenings(none, none, words, words, words)
    place = "time" if scale.calendar else "usage"
    rows = rows[rows[place].notna()]  # an event may know only one of the two
    at = scale.ticks(rows[place])
    recorded = rows["recorded_at"] if "recorded_at" in rows else pd.Series(pd.NaT, index=rows.index)
    # An event counts strictly before the as-of time, so it is visible from the very next tick on.
    visible = _visible(scale.after(at), recorded, positions, moments, scale, known_at)
    kind, code, item = (
        rows[name].astype(object).where(rows[name].notna(), "").to_numpy(dtype=object)
        if name in rows
        else np.full(len(rows), "", dtype=object)
        for name in ("kind", "code", "maintainable_item")
    )
    return Happenings(at, visible, kind, code, item)


def _lives(
    rows: pd.DataFrame | None,
    events: pd.DataFrame | None,
    positions: Ticks,
    moments: Ticks | None,
    scale: Scale,
    known_at: datetime | None,
) -> tuple[Ticks, Ticks]:
    """Starts of the lives of the whole machine; a life is `(start, end]`, so its first as-of position is the next tick."""
    if rows is None or rows.empty:
        none = np.empty(0, dtype=positions.dtype)
        return none, none
    rows = rows.sort_values("start", kind="stable")
    starts = scale.ticks(rows["start"])
    return starts, _visible(scale.after(starts), _begun(rows, events, scale), positions, moments, scale, known_at)


def _begun(lives: pd.DataFrame, events: pd.DataFrame | None, scale: Scale) -> pd.Series:
    """When it was known that each life had begun: with the event at its start, else with the end of the life before it.

    Nobody had to learn of the first one.
    """
    known = lives["known_at"].shift(1) if "known_at" in lives else pd.Series(pd.NaT, index=lives.index)
    ended = pd.Series(pd.to_datetime(known, utc=True), index=lives.index)
    if events is None or "recorded_at" not in events:
        return ended
    begin = events[events["kind"].isin(_BEGINNINGS)]
    recorded = begin.groupby("time" if scale.calendar else "usage")["recorded_at"].min()
    with_event = recorded.reindex(lives["start"]).set_axis(lives.index)
    return with_event.where(with_event.notna(), ended)
