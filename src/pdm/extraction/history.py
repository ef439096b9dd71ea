"""What one asset's features are made from, as plain arrays: its readings, its lives and what happened to it.

*As known then* is settled here once: everything that became known late gets a `visible` position, the first as-of position at
which it may be used. The features then never ask again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pdm.catalogue.axis import microseconds
from pdm.clock import aware
from pdm.extraction.held import Course, hold
from pdm.extraction.scale import Scale, Ticks

if TYPE_CHECKING:
    import pandas as pd

    from pdm.readings.registry import Asset

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.object_]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAT = np.iinfo(np.int64).min  # how pandas writes "no moment" among its integers
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
    courses: what the channels with time-weighted columns held.
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
    courses: Mapping[str, Course] = field(default_factory=dict)


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
    held: Mapping[str, Floats] | None = None,
    counted: npt.NDArray[np.bool_] | None = None,
) -> Iterator[AssetHistory]:
    """Split tables that are sorted by asset and time into one history per asset.

    channels: column name -> value per row of `readings`, with everything that must not be used set to NaN.
    held: the same of channels with time-weighted columns, as they were read; counted: whether a row's time counts (default: all).
    """
    import pandas as pd

    codes, tags = pd.factorize(readings["asset"], use_na_sentinel=False)
    positions = scale.ticks(readings["time"])
    known = microseconds(readings["recorded_at"]) if "recorded_at" in readings else None
    cuts = np.flatnonzero(codes[1:] != codes[:-1]) + 1
    happened, begun = _log(events, scale), _beginnings(lives, events, scale)
    for first, end in zip([0, *cuts], [*cuts, len(codes)], strict=True) if len(codes) else []:
        part = slice(int(first), int(end))
        asset = str(tags[codes[part.start]])
        at = positions[part]
        moments = _moments(at, None if known is None else known[part], scale)
        seen = partial(_visible, positions=at, moments=moments, scale=scale, known_at=known_at)
        record = assets.get(asset)
        starts, starts_known = begun.of(asset)
        yield AssetHistory(
            asset=asset,
            positions=at,
            values={name: values[part] for name, values in channels.items()},
            life_starts=starts,
            # A life is `(start, end]`, so its first as-of position is the next tick.
            life_visible=seen(scale.after(starts), starts_known),
            events=_events(happened, asset, scale, seen),
            commissioned=_microsecond(record.commissioned) if record and record.commissioned else None,
            run_hours=None if run_hours is None else run_hours[part],
            moments=moments,
            courses={
                name: Course(
                    hold(raw[part]), np.ones(len(at), dtype=np.bool_) if counted is None else counted[part], at
                )
                for name, raw in (held or {}).items()
            },
        )


@dataclass(frozen=True)
class _ByAsset:
    """Rows of one table for all assets, as arrays: those of one asset lie side by side, in the order of the table.

    at: when each was true. known: when it was on record (microseconds, `NaT` where nothing says so).
    """

    parts: Mapping[str, slice]
    at: Ticks
    known: Ticks
    words: tuple[Words, ...] = ()

    def of(self, asset: str) -> tuple[Any, ...]:
        """`at`, `known` and the words of one asset."""
        part = self.parts.get(asset, slice(0))
        return tuple(column[part] for column in (self.at, self.known, *self.words))


def _by_asset(assets: Words, at: Ticks, known: Ticks, words: Sequence[Words] = ()) -> _ByAsset:
    import pandas as pd

    codes, tags = pd.factorize(assets)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(tags)))
    parts = {str(tag): slice(int(first), int(end)) for tag, first, end in zip(tags, [0, *ends], ends, strict=False)}
    return _ByAsset(parts, at[order], known[order], tuple(column[order] for column in words))


def _log(events: pd.DataFrame | None, scale: Scale) -> _ByAsset:
    """What happened to all assets, with its kinds, codes and items."""
    place = _place(scale)
    if events is None or events.empty:
        none = np.empty(0, dtype=object)
        return _ByAsset({}, _no_ticks(scale), np.empty(0, dtype=np.int64), (none, none, none))
    columns = [name for name in ("asset", place, "recorded_at", "kind", "code", "maintainable_item") if name in events]
    rows = events.loc[events[place].notna(), columns]  # an event may know only one of the two
    words = [_words(rows, name) for name in ("kind", "code", "maintainable_item")]
    return _by_asset(_words(rows, "asset"), scale.ticks(rows[place]), _recorded(rows, "recorded_at"), words)


def _beginnings(lives: pd.DataFrame | None, events: pd.DataFrame | None, scale: Scale) -> _ByAsset:
    """Starts of the lives of all whole machines, and when it was known that each had begun.

    That was with the event at its start, else with the end of the life before it; nobody had to learn of the first one.
    """
    import pandas as pd

    from pdm.readings.registry import UNIT

    rows = None if lives is None else lives[lives["maintainable_item"] == UNIT]
    if rows is None or rows.empty:
        return _ByAsset({}, _no_ticks(scale), np.empty(0, dtype=np.int64))
    rows = rows.sort_values(["asset", "start"], kind="stable")
    assets, starts = _words(rows, "asset"), scale.ticks(rows["start"])
    first = np.append(True, assets[1:] != assets[:-1])
    ended = np.where(first, _NAT, np.roll(_recorded(rows, "known_at"), 1))
    if events is None or "recorded_at" not in events:
        return _by_asset(assets, starts, ended)
    begin = events[events["kind"].isin(_BEGINNINGS) & events[_place(scale)].notna() & events["recorded_at"].notna()]
    facts = {"asset": _words(begin, "asset"), "at": scale.ticks(begin[_place(scale)])}
    known = pd.DataFrame(facts | {"known": pd.array(_recorded(begin, "recorded_at"), dtype="Int64")})
    earliest = known.groupby(["asset", "at"], as_index=False)["known"].min()
    with_event = pd.DataFrame({"asset": assets, "at": starts}).merge(earliest, on=["asset", "at"], how="left")["known"]
    told = with_event.to_numpy(dtype=np.int64, na_value=_NAT)
    return _by_asset(assets, starts, np.where(told == _NAT, ended, told))


def _place(scale: Scale) -> str:
    return "time" if scale.calendar else "usage"


def _no_ticks(scale: Scale) -> Ticks:
    return np.empty(0, dtype=np.int64 if scale.calendar else np.float64)


def _words(rows: pd.DataFrame, name: str) -> Words:
    """A column of words, empty where nothing is said."""
    if name not in rows:
        return np.full(len(rows), "", dtype=object)
    return rows[name].to_numpy(dtype=object, na_value="")


def _recorded(rows: pd.DataFrame, name: str) -> npt.NDArray[np.int64]:
    """When each row was known, in microseconds."""
    import pandas as pd

    if name not in rows:
        return np.full(len(rows), _NAT)
    return pd.DatetimeIndex(pd.to_datetime(rows[name], utc=True)).as_unit("us").asi8


def _microsecond(moment: datetime) -> int:
    return (aware(moment) - _EPOCH) // timedelta(microseconds=1)


def _moments(at: Ticks, known: npt.NDArray[np.int64] | None, scale: Scale) -> npt.NDArray[np.int64] | None:
    """When each reading could be used: on the calendar its own time, on a usage axis when it was recorded."""
    if scale.calendar:
        return at
    return None if known is None else np.maximum.accumulate(known)


def _visible(
    at: Ticks,
    known: npt.NDArray[np.int64],
    *,
    positions: Ticks,
    moments: Ticks | None,
    scale: Scale,
    known_at: datetime | None,
) -> Ticks:
    """From `at`, but never before it was recorded (`known`), and not at all when that was after `known_at`.

    On a usage axis without recorded times nothing says when an event became known: its own position decides.
    """
    visible = at.copy()
    if scale.calendar:
        visible = np.maximum(visible, known)
    elif moments is not None:
        reached = np.append(positions, scale.beyond)[np.searchsorted(moments, known, side="left")]
        visible = np.maximum(visible, np.where(known == _NAT, visible, reached))
    if known_at is not None:
        visible = np.where(known > _microsecond(known_at), scale.beyond, visible)
    return visible


def _events(happened: _ByAsset, asset: str, scale: Scale, seen: Callable[[Ticks, Ticks], Ticks]) -> Happenings:
    at, known, kind, code, item = happened.of(asset)
    # An event counts strictly before the as-of time, so it is visible from the very next tick on.
    return Happenings(at, seen(scale.after(at), known), kind, code, item)
