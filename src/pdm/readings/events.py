"""What was done to the machines and what happened to them: an append-only list of events with versions and two times."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from pdm.clock import aware
from pdm.errors import ColumnsError, InputError
from pdm.readings.sql import arrow, ask, identifiers, newest
from pdm.readings.tables import EVENT_KINDS, EVENTS, HistoryTables

_WORDS = tuple(entry.name for entry in EVENTS if entry.type == pa.string() and entry.name not in ("event_id", "source"))
_CONTENT = tuple(name for name in EVENTS.names if name not in ("event_id", "recorded_at", "source", "source_row"))
_SEPARATOR = "\x1f"  # ASCII's own unit separator: cannot be typed into a work order


@dataclass(frozen=True)
class EventCounts:
    """What became of incoming events: stored, or known already with the same content.

    revised: of the stored ones, new versions of an event that was on record.
    """

    rows_in: int
    stored: int
    duplicates: int
    revised: int
    version: int


def append_events(history: HistoryTables, events: pd.DataFrame, *, now: datetime, source: str = "") -> EventCounts:
    """Store events that are new; the same content again, from whatever file and in whatever order, changes nothing.

    events: columns of `EVENTS`, of which `asset`, `kind` and one of `time` and `usage` are needed. `event_id` is the number
    that the source gave it (another content under a known number is a new version of the event), else it is made from the
    content: everything but where it stood (source, row) and when it was recorded. `recorded_at` defaults to `now`.

    Raises:
        ColumnsError: a column that events do not have, or one that is missing.
        InputError: a row without asset or moment, or of an unknown kind.
    """
    if events.empty:
        return EventCounts(0, 0, 0, 0, history.version("events"))
    frame = _completed(events, aware(now), source)
    content = _digest(frame, _CONTENT)
    frame["event_id"] = frame["event_id"].where(frame["event_id"] != "", content)
    incoming = arrow(frame, EVENTS)
    known = history.dataset("events")
    stored = EVENTS.empty_table() if known is None else known
    facts = ("event_id", *_CONTENT)
    same = " AND ".join(f's."{name}" IS NOT DISTINCT FROM o."{name}"' for name in facts)
    # A version comes after the one before, even when both were recorded in the same instant: one microsecond later.
    fresh = ask(
        f"""WITH numbered AS (SELECT *, row_number() OVER () AS n FROM offered),
        once AS (SELECT DISTINCT ON ({identifiers(facts)}) * FROM numbered ORDER BY recorded_at, n),
        fresh AS (SELECT o.* FROM once o ANTI JOIN stored s ON {same}),
        last AS (SELECT event_id, max(recorded_at) AS recorded_at FROM stored
                 WHERE event_id IN (SELECT event_id FROM fresh) GROUP BY event_id),
        placed AS (SELECT f.* REPLACE (greatest(f.recorded_at, l.recorded_at + INTERVAL 1 microsecond) AS recorded_at),
                          l.event_id IS NOT NULL AS revised FROM fresh f LEFT JOIN last l USING (event_id))
        SELECT * EXCLUDE (n) REPLACE (recorded_at + to_microseconds(row_number() OVER (
            PARTITION BY event_id, recorded_at ORDER BY n) - 1) AS recorded_at)
        FROM placed ORDER BY asset, time, usage, event_id, recorded_at""",
        {"offered": incoming, "stored": stored},
    )
    if not fresh.num_rows:
        return EventCounts(len(frame), 0, len(frame), 0, history.version("events"))
    version = history.append("events", fresh.select(EVENTS.names).cast(EVENTS))
    revised = int(np.count_nonzero(fresh["revised"].to_numpy()))
    return EventCounts(len(frame), fresh.num_rows, len(frame) - fresh.num_rows, revised, version)


def read_events(
    history: HistoryTables,
    *,
    assets: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """Events as they were known at `known_at` (None: now): the newest version of each, those taken back left out.

    Columns of `EVENTS`, sorted by asset and moment; words are never null, `time` is null for events that only know their usage.
    """
    table = history.dataset("events")
    condition = "recorded_at <= $known_at" if known_at else "true"
    parameters: dict[str, object] = {"known_at": aware(known_at)} if known_at else {}
    # Versions first, asset and kind afterwards: a version may have moved the event to another asset.
    wanted = "NOT void"
    for column, values in (("asset", assets), ("kind", kinds)):
        if values is not None:
            wanted += f" AND {column} IN (SELECT unnest(${column}::VARCHAR[]))"
            parameters[column] = list(values)
    found = ask(
        f"""SELECT {identifiers(EVENTS.names)} FROM ({newest("events", ("event_id",), condition)}) WHERE {wanted}
        ORDER BY asset, time, usage, kind, event_id""",
        {"events": EVENTS.empty_table() if table is None else table},
        parameters,
    )
    frame: pd.DataFrame = found.cast(EVENTS).to_pandas()
    frame["source_row"] = pd.array(found["source_row"].to_pandas(), dtype="Int64")
    frame["restores"] = frame["restores"].astype(bool)
    frame["void"] = frame["void"].astype(bool)
    return frame


def void_event(history: HistoryTables, event_id: str, *, by: str, reason: str, now: datetime) -> EventCounts:
    """Take an event back; readers as of before `now` still see it.

    Raises:
        InputError: nobody or no reason is named, or there is no such event.
    """
    if not by.strip() or not reason.strip():
        raise InputError("taking an event back needs a name and a reason", hint="say who and why")
    event = read_events(history)
    event = event[event["event_id"] == event_id]
    if event.empty:
        raise InputError(f"no event {event_id} is on record, or it was taken back before")
    text = f"taken back by {by}: {reason}"
    return append_events(
        history, event.assign(void=True, text=text).drop(columns="recorded_at"), now=now, source="correction"
    )


def _completed(events: pd.DataFrame, now: datetime, source: str) -> pd.DataFrame:
    """All columns of `EVENTS`, words without nulls, checked."""
    if unknown := [str(name) for name in events.columns if name not in EVENTS.names]:
        raise ColumnsError(f"events have no columns {', '.join(unknown)}", hint="columns: " + ", ".join(EVENTS.names))
    if missing := [name for name in ("asset", "kind") if name not in events.columns]:
        raise ColumnsError(f"events lack the columns {', '.join(missing)}")
    frame = events.reset_index(drop=True)
    frame = frame.assign(
        **{name: pd.Series(None, index=frame.index, dtype=object) for name in EVENTS.names if name not in frame}
    )
    words = [*_WORDS, "event_id"]
    frame[words] = frame[words].astype("str").fillna("")
    frame["source"] = frame["source"].astype("str").fillna(source)
    for name in ("restores", "void"):
        frame[name] = frame[name].eq(True)
    for name in ("time", "recorded_at"):
        frame[name] = _moments(frame[name], name)
    frame["recorded_at"] = frame["recorded_at"].fillna(pd.Timestamp(now))
    frame["usage"] = pd.to_numeric(frame["usage"]).astype(np.float64) + 0.0
    frame["source_row"] = frame["source_row"].astype("Int64")
    _check(frame)
    return frame


def _moments(column: pd.Series, name: str) -> pd.Series:
    if column.isna().all():
        column = pd.to_datetime(pd.Series(pd.NaT, index=column.index), utc=True)
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        try:
            column = pd.Series(pd.DatetimeIndex(column.dropna())).reindex(column.index)
        except (TypeError, ValueError):
            column = column.astype(object)
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        raise InputError(f"column {name} of the events holds no times with a zone", hint="say in which zone they are")
    return pd.Series(pd.DatetimeIndex(column).tz_convert("UTC").as_unit("us"), index=column.index)


def _check(frame: pd.DataFrame) -> None:
    for bad, what, hint in (
        (frame["asset"] == "", "names no asset", "put it into quarantine first"),
        (frame["time"].isna() & frame["usage"].isna(), "has neither time nor usage", "put it into quarantine first"),
        (~frame["kind"].isin(EVENT_KINDS), "is of an unknown kind", "kinds: " + ", ".join(EVENT_KINDS)),
    ):
        if bad.any():
            row = frame[bad].iloc[0]
            raise InputError(
                f"{int(bad.sum())} of {len(frame)} events are unusable; the first one (asset {row['asset']!r}, "
                f"kind {row['kind']!r}, row {row['source_row']}) {what}",
                hint=hint,
            )


def _digest(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """sha256 of each row's content, as 32 hexadecimal digits."""
    parts = [
        pd.Series(pd.DatetimeIndex(frame[name]).asi8, index=frame.index).astype("str")
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype)
        else frame[name].astype("str").fillna("")
        for name in columns
    ]
    joined = parts[0].str.cat(pd.concat(parts[1:], axis=1), sep=_SEPARATOR)
    return pd.Series(
        [hashlib.sha256(text.encode()).hexdigest()[:32] for text in joined], index=frame.index, dtype="str"
    )
