"""From raw rows to events: every check of a single row of an event file happens here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from pdm.errors import ColumnsError
from pdm.readings.cells import to_numbers
from pdm.readings.columns import match_roles, simple
from pdm.readings.files import RawTable
from pdm.readings.intake import future, unknown_asset
from pdm.readings.quarantine import Rejected
from pdm.readings.registry import Asset
from pdm.readings.tables import EVENT_KINDS, EVENTS
from pdm.readings.timestamps import to_times
from pdm.readings.troubles import Troubles, spelled, to_quarantine

_OTHER_WORDS = {
    "event_id": ("id", "number", "work_order", "order", "notification"),
    "asset": ("asset_id", "machine", "machine_id", "equipment", "tag", "functional_location", "position"),
    "time": ("timestamp", "datetime", "date", "event_time", "happened_at", "start", "zeit", "datum"),
    "usage": ("counter", "cycle", "cycles", "run_hours", "operating_hours"),
    "recorded_at": ("recorded", "known_at", "reported", "created", "created_at", "entered_at"),
    "kind": ("event", "type", "event_type", "event_kind", "category"),
    "code": ("error_code", "error_id", "task_code", "failure_code"),
    "item": ("serial", "serial_number", "serial_no"),
    "maintainable_item": ("component", "comp", "part"),
    "text": ("description", "comment", "remark", "note", "short_text", "long_text"),
    "restores": ("as_good_as_new", "replaced", "renewed"),
    "void": ("cancelled", "deleted"),
    "source_row": ("row",),
}
_KINDS = {simple(kind): kind for kind in EVENT_KINDS} | {
    "breakdown": "failure", "corrective": "repair", "pm": "preventive", "preventivemaintenance": "preventive",
    "maintenance": "preventive", "installed": "installation", "removed": "removal", "alarm": "error",
}  # fmt: skip
_FLAGS = {"true": True, "yes": True, "y": True, "1": True, "1.0": True, "x": True, "false": False, "no": False,
          "n": False, "0": False, "0.0": False, "": False, "nan": False, "none": False}  # fmt: skip
_SEVERITIES = ("", "critical", "degraded", "incipient")
_WORDS = ("event_id", "code", "item", "maintainable_item", "failure_mode", "mode", "mechanism", "cause", "text")


@dataclass(frozen=True)
class EventsGiven:
    """What is known before the first event is read. zone: of naive times (None asks); backfill, delay: see `ingest_events`."""

    assets: Mapping[str, Asset]
    now: datetime
    source: str
    zone: str | None = None
    day_first: bool | None = None
    backfill: bool = False
    delay: timedelta = timedelta(0)


@dataclass(frozen=True)
class EventIntake:
    """One file after all checks. events: columns of `EVENTS` as `append_events` takes them."""

    events: pd.DataFrame
    rejected: tuple[Rejected, ...]
    rows_read: int
    guessed: int


def plan_event_columns(header: Sequence[str], *, name: str, mapping: Mapping[str, str]) -> dict[str, str]:
    """Column of `EVENTS` -> column in the file.

    Raises:
        ColumnsError: a column is unknown, or asset, kind, or both time and usage are missing.
    """
    roles = match_roles(
        header, {column: _OTHER_WORDS.get(column, ()) for column in EVENTS.names}, name=name, mapping=mapping
    )
    missing = [column for column in ("asset", "kind") if column not in roles]
    missing += [] if {"time", "usage"} & set(roles) else ["time"]
    if missing:
        raise ColumnsError(
            f"{name}: no column says {' and '.join(missing)}", hint=f"columns in the file: {', '.join(header)}"
        )
    return roles


def event_words() -> dict[str, str]:
    """Simplified column names that are understood -> column of `EVENTS`."""
    return {simple(word): role for role in EVENTS.names for word in (role, *_OTHER_WORDS.get(role, ()))}


def event_kind(word: str) -> str:
    """The kind of event that a word means; empty where nobody knows it.

    >>> event_kind("Breakdown"), event_kind("lunch")
    ('failure', '')
    """
    return _KINDS.get(simple(word), "")


def take_events(raw: RawTable, roles: Mapping[str, str], given: EventsGiven) -> EventIntake:
    """Check every row of an event file.

    Raises:
        ZoneQuestion: naive times, and nobody has said in which zone.
        InputError: day and month cannot be told apart.
    """
    troubles, columns = Troubles(), {role: raw.frame[column] for role, column in roles.items()}
    events: dict[str, pd.Series] = {"asset": spelled(columns["asset"])}
    for n, tag in enumerate(events["asset"].tolist()):
        if tag not in given.assets:
            troubles.rows[n].append(unknown_asset(tag, given.assets) if tag else "the asset is missing")
    events["kind"] = _kinds(columns["kind"], troubles)
    for word in _WORDS:
        if word in columns:
            events[word] = spelled(columns[word])
    if "source" in columns:
        events["source"] = spelled(columns["source"]).where(lambda text: text != "", given.source)
    if "severity" in columns:
        events["severity"] = spelled(columns["severity"]).str.lower()
        troubles.add_rows(_where(~events["severity"].isin(_SEVERITIES)), "severity is critical, degraded or incipient")
    for flag in ("restores", "void"):
        if flag in columns:
            events[flag] = _flags(columns[flag], flag, troubles)
    guessed = _add_times(events, columns, given, troubles)
    own_rows = pd.Series(raw.rows, index=raw.frame.index)
    events["source_row"] = _source_rows(columns.get("source_row"), own_rows)
    kept = ~troubles.away(len(raw.frame))
    table = pd.DataFrame(events)[kept].reset_index(drop=True)
    return EventIntake(table, to_quarantine(raw, troubles), len(raw.frame) + len(raw.broken), guessed)


def _kinds(cells: pd.Series, troubles: Troubles) -> pd.Series:
    words = spelled(cells)
    kinds = words.map({word: _KINDS.get(simple(word), "") for word in words.unique().tolist()}).astype("str")
    for n in _where(kinds == ""):
        shown = f"{words.iloc[n]!r} is no kind of event" if words.iloc[n] else "the kind is missing"
        troubles.rows[n].append(f"{shown}: {', '.join(EVENT_KINDS)}")
    return kinds


def _flags(cells: pd.Series, name: str, troubles: Troubles) -> pd.Series:
    words = spelled(cells).str.lower()
    known = words.isin(list(_FLAGS))
    troubles.add_rows(_where(~known), f"{name} is yes or no")
    return words.map(_FLAGS).eq(True)


def _add_times(
    events: dict[str, pd.Series], columns: Mapping[str, pd.Series], given: EventsGiven, troubles: Troubles
) -> int:
    """Fill in time, usage and recorded_at; how many rows lie in the doubled hour with the first one taken."""
    size = len(events["asset"])
    series, _ = pd.factorize(events["asset"])
    usage = np.full(size, np.nan)
    if "usage" in columns:
        numbers = to_numbers(columns["usage"])
        troubles.add(numbers.reasons, "usage: ")
        usage = numbers.values
        events["usage"] = pd.Series(usage)
    guessed, nowhere = (
        0,
        pd.Series(pd.DatetimeIndex(np.full(size, np.datetime64("NaT"), "datetime64[us]"))).dt.tz_localize("UTC"),
    )
    events["time"] = nowhere
    if "time" in columns and columns["time"].notna().any():
        found = to_times(
            columns["time"], zone=given.zone, source=given.source, series=series, day_first=given.day_first
        )
        blank = {n for n in found.reasons if found.reasons[n] == "the time is missing" and not np.isnan(usage[n])}
        troubles.add({n: reason for n, reason in found.reasons.items() if n not in blank})
        troubles.add(future(found.times, given.now))
        events["time"], guessed = found.times, int(found.guessed.sum())
    else:
        troubles.add_rows(_where(pd.Series(np.isnan(usage))), "the time is missing")
    if given.backfill:
        own = events["time"] + given.delay
        events["recorded_at"] = (
            _recorded(columns["recorded_at"], own, given, troubles) if "recorded_at" in columns else own
        )
        unknown = events["recorded_at"].isna() & ~pd.Series(troubles.away(size))
        troubles.add_rows(_where(unknown), "old history needs to say when this was known: fill in recorded_at")
    return guessed


def _recorded(cells: pd.Series, own: pd.Series, given: EventsGiven, troubles: Troubles) -> pd.Series:
    if not cells.notna().any():
        return own
    series = np.zeros(len(cells), dtype=np.int64)
    found = to_times(cells, zone=given.zone, source=given.source, series=series, day_first=given.day_first)
    wrong = {n: reason for n, reason in found.reasons.items() if reason != "the time is missing"}
    troubles.add(wrong, "recorded_at: ")
    troubles.add(future(found.times, given.now), "recorded_at: ")
    return found.times.fillna(own)


def _source_rows(given: pd.Series | None, own: pd.Series) -> pd.Series:
    if given is None:
        return own
    return pd.Series(to_numbers(given).values).fillna(own.astype("float64")).astype("int64")


def _where(flags: pd.Series) -> list[int]:
    return np.flatnonzero(flags.to_numpy(dtype=bool)).tolist()
