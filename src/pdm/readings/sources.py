"""What is known about a source of files: the zone of its clock and the meaning of its columns, asked once and remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from pdm.readings.sql import ask, newest
from pdm.readings.tables import SOURCES, HistoryTables


@dataclass(frozen=True)
class Source:
    """A source of files. time_zone: IANA name, None while nobody has said. columns: column in the file -> column or channel here."""

    source: str
    time_zone: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


def read_source(history: HistoryTables, source: str) -> Source:
    """What was last said about a source; an empty record for a new one."""
    table = history.dataset("sources")
    if table is None:
        return Source(source)
    rows = ask(newest("sources", ["source"], '"source" = $source'), {"sources": table}, {"source": source}).to_pylist()
    if not rows:
        return Source(source)
    return Source(source, rows[0]["time_zone"] or None, json.loads(rows[0]["columns"] or "{}"))


def remember_source(history: HistoryTables, source: Source, *, now: datetime) -> bool:
    """Keep what was said, when it is new."""
    if read_source(history, source.source) == source:
        return False
    row = {
        "source": source.source,
        "time_zone": source.time_zone or "",
        "columns": json.dumps(dict(source.columns), sort_keys=True, ensure_ascii=False),
        "recorded_at": now,
    }
    history.append("sources", pa.Table.from_pylist([row], schema=SOURCES))
    return True
