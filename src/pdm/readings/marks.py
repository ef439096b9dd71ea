"""Intervals in which nobody is alerted because another system says so: planned stops, orders in progress, machines out of service.

They are exclusions like those that people mark, with when they were known: a stop that is imported late changes no past decision, and
one that is taken out of the list ends. Learning goes on in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import pyarrow as pa

from pdm.clock import aware
from pdm.readings.exclusions import read_exclusions
from pdm.readings.sql import arrow
from pdm.readings.tables import EXCLUSIONS, HistoryTables

Origin = Literal["stop", "order", "service"]


@dataclass(frozen=True)
class Mark:
    """One interval of one machine, both ends included.

    key: what it is about, so that the same one is revised. start None: since it was first told. end None: until further notice.
    """

    key: str
    asset: str
    start: datetime | None
    end: datetime | None
    reason: str


def reconcile(
    history: HistoryTables,
    origin: Origin,
    wanted: Iterable[Mark],
    *,
    now: datetime,
    only: Collection[str] | None = None,
) -> int:
    """Make the marks of one origin what they should be; how many were added, revised or ended.

    wanted: those that hold. Whatever else of this origin is still to come or running is taken back; `only`: keys that may be, where
    a list speaks about some things alone. What is over stays as it was.
    """
    rows = arrow(read_exclusions(history), EXCLUSIONS).to_pylist()
    known = {row["exclusion_id"]: row for row in rows if row["exclusion_id"].startswith(f"{origin}-")}
    ids = {_id(origin, mark.key, mark.asset): mark for mark in wanted}
    news = []
    for key, mark in ids.items():
        told = known.get(key)
        start = mark.start or (told["start"] if told else now)
        row = {"asset": mark.asset, "start": aware(start), "end": _utc(mark.end), "reason": mark.reason}
        if told is None or any(told[name] != value for name, value in row.items()):
            news.append(row | {"exclusion_id": key, "void": False})
    for key, row in known.items():
        running = row["end"] is None or row["end"] > now
        asked = only is None or any(key == _id(origin, one, row["asset"]) for one in only)
        if key not in ids and running and asked:
            news.append(
                {name: row[name] for name in ("exclusion_id", "asset", "start", "end", "reason")} | {"void": True}
            )
    if news:
        latest = max((row["recorded_at"] for row in known.values()), default=None)
        moment = max(aware(now), latest + timedelta(microseconds=1)) if latest else aware(now)
        more = {"learn": True, "alert": False, "recorded_at": moment}
        history.append("exclusions", pa.Table.from_pylist([row | more for row in news], EXCLUSIONS))
    return len(news)


def _id(origin: str, key: str, asset: str) -> str:
    return f"{origin}-" + hashlib.sha256(f"{key}|{asset}".encode()).hexdigest()[:16]


def _utc(moment: datetime | None) -> datetime | None:
    return aware(moment) if moment is not None else None
