"""The tables of the sensor history: their columns, what one row means, and the port behind which they are stored.

All tables are append-only logs. Every row carries `recorded_at`, when the platform knew; *as known at K* means: only rows
with `recorded_at <= K`, the latest version of each key winning. A work order entered ten days late therefore cannot
change a past score.

| table | key | one row |
|---|---|---|
| `readings_<class>` | asset, time, channel | a wide row of one asset; a later row may add, correct or void cells |
| `events` | event_id | failure, repair, preventive task, inspection, error code, process change, re-baseline |
| `assets` | asset | the functional position: tag, description, class, location, criticality, parent, redundancy |
| `installations` | item, asset, start | a serial item that sits in a position from `start` to `end` |
| `exclusions` | exclusion_id | an interval in which nothing is learnt and nobody is alerted |
| `conflicts` | - | a cell that came again with another value: the first one stands until someone corrects it |
| `revisions` | - | who corrected or voided which cells, and why |
| `sources` | source | a source of files: its time zone and column mapping |
| `levels` | asset, channel | what a channel of a machine usually shows, so that a wrong unit is noticed for good |
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    import pyarrow.dataset as ds

UTC_US = pa.timestamp("us", tz="UTC")


class Quality(IntEnum):
    """How far one value can be trusted; a cell's quality column is null where the row says nothing about the cell."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    SUBSTITUTED = 3
    VOID = 4


class RowKind(IntEnum):
    """What a row of a readings table does to the cells it speaks about."""

    ORIGINAL = 0
    CORRECTION = 1
    VOID = 2


QUALITY_SUFFIX = "__q"
"""`pressure` is the value (float64), `pressure__q` its quality (int8)."""


def readings_table(asset_class: str) -> str:
    """Name of the wide table of a class."""
    return f"readings_{asset_class}"


def readings_schema(channels: Sequence[str], axis_kind: str = "time") -> pa.Schema:
    """Schema of a class's wide table: keys, the two times, and a value and a quality per channel."""
    fields = [
        pa.field("asset", pa.string()),
        pa.field("time", UTC_US if axis_kind == "time" else pa.float64()),
        pa.field("recorded_at", UTC_US),
        pa.field("kind", pa.int8()),
        pa.field("source", pa.string()),
    ]
    for channel in channels:
        fields += [pa.field(channel, pa.float64()), pa.field(channel + QUALITY_SUFFIX, pa.int8())]
    return pa.schema(fields)


EVENTS = pa.schema(
    [
        ("event_id", pa.string()),  # same content, same id: sending an event twice changes nothing
        ("asset", pa.string()),
        ("time", UTC_US),  # when it was true
        ("usage", pa.float64()),  # position on a usage axis, else null
        ("recorded_at", UTC_US),  # when the platform knew
        ("kind", pa.string()),  # one of EVENT_KINDS
        ("code", pa.string()),  # error code, task code
        ("item", pa.string()),  # serial item
        ("maintainable_item", pa.string()),
        ("failure_mode", pa.string()),  # the catalogue's key, e.g. bearing_wear
        ("mode", pa.string()),  # ISO 14224: what is observed
        ("mechanism", pa.string()),
        ("cause", pa.string()),
        ("severity", pa.string()),  # as found: critical, degraded, incipient
        ("restores", pa.bool_()),  # as good as new: a new life begins
        ("text", pa.string()),
        ("source", pa.string()),
        ("source_row", pa.int64()),
        ("void", pa.bool_()),  # a later row with the same id and void=true takes the event back
    ]
)

EVENT_KINDS = (
    "failure",
    "repair",
    "preventive",
    "inspection",
    "installation",
    "removal",
    "error",
    "process_change",
    "rebaseline",
)

ASSETS = pa.schema(
    [
        ("asset", pa.string()),
        ("recorded_at", UTC_US),
        ("asset_class", pa.string()),
        ("description", pa.string()),
        ("location", pa.string()),  # functional location as a path: site/area/line
        ("criticality", pa.int8()),  # 1 = matters most .. 5
        ("parent", pa.string()),
        ("redundancy", pa.string()),  # e.g. "1 of 2 with P-102", empty when alone
        ("commissioned", UTC_US),
        ("attributes", pa.string()),  # JSON object: model, rating, whatever the plant keeps
    ]
)

INSTALLATIONS = pa.schema(
    [
        ("asset", pa.string()),
        ("item", pa.string()),  # serial number of what is installed
        ("maintainable_item", pa.string()),  # what it is: "unit" for the whole machine, "bearing", "seal" ...
        ("start", UTC_US),
        ("start_usage", pa.float64()),
        ("end", UTC_US),  # null while it sits there
        ("end_usage", pa.float64()),
        ("recorded_at", UTC_US),
        ("source", pa.string()),
    ]
)

EXCLUSIONS = pa.schema(
    [
        ("exclusion_id", pa.string()),
        ("asset", pa.string()),
        ("start", UTC_US),
        ("end", UTC_US),  # null: until further notice
        ("start_usage", pa.float64()),  # the same interval on a usage axis, else null
        ("end_usage", pa.float64()),
        ("reason", pa.string()),
        ("learn", pa.bool_()),  # false: leave these rows out of training
        ("alert", pa.bool_()),  # false: raise nothing here
        ("recorded_at", UTC_US),
        ("void", pa.bool_()),
    ]
)

CONFLICTS = pa.schema(
    [
        ("asset_class", pa.string()),
        ("asset", pa.string()),
        ("time", pa.string()),  # ISO timestamp or usage position, as text: classes differ in their axis
        ("channel", pa.string()),
        ("kept", pa.float64()),
        ("offered", pa.float64()),
        ("source", pa.string()),
        ("recorded_at", UTC_US),
    ]
)

REVISIONS = pa.schema(
    [
        ("asset_class", pa.string()),
        ("asset", pa.string()),
        ("channel", pa.string()),
        ("start", pa.string()),
        ("end", pa.string()),
        ("kind", pa.string()),  # correct, void
        ("cells", pa.int64()),
        ("by", pa.string()),
        ("reason", pa.string()),
        ("recorded_at", UTC_US),
    ]
)

SOURCES = pa.schema(
    [
        ("source", pa.string()),
        ("time_zone", pa.string()),
        ("columns", pa.string()),  # JSON object: column in the file -> column or channel here
        ("recorded_at", UTC_US),
    ]
)

LEVELS = pa.schema(
    [
        ("asset_class", pa.string()),
        ("asset", pa.string()),
        ("channel", pa.string()),
        ("level", pa.float64()),
        ("unit", pa.string()),
        ("rows", pa.int64()),
        ("by", pa.string()),  # who said that it is real, empty when scoring saw it
        ("reason", pa.string()),
        ("recorded_at", UTC_US),
    ]
)

SCHEMAS = {
    "events": EVENTS,
    "assets": ASSETS,
    "installations": INSTALLATIONS,
    "exclusions": EXCLUSIONS,
    "conflicts": CONFLICTS,
    "revisions": REVISIONS,
    "sources": SOURCES,
    "levels": LEVELS,
}


class HistoryTables(Protocol):
    """The store of the history: named append-only tables with versions. Default: Delta folders."""

    def append(self, name: str, rows: pa.Table) -> int:
        """Add rows to a table (made on first use, widened when a channel is new) as one commit; returns its new version."""
        ...

    def dataset(self, name: str, version: int | None = None) -> ds.Dataset | None:
        """The table as an Arrow dataset that DuckDB reads with projection and filter push-down; None while it does not exist."""
        ...

    def version(self, name: str) -> int:
        """The table's current version; -1 while it does not exist."""
        ...

    def names(self) -> list[str]:
        """All tables that exist."""
        ...

    def compact(self, name: str) -> None:
        """Merge small files; the rows and the meaning stay as they are."""
        ...
