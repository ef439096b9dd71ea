"""What each machine usually showed, remembered for longer than scoring looks back: against a wrong unit that stays.

A level a thousand times too large is easy to see on the day it begins. A fortnight later nothing in the readings says that it was
ever otherwise. So scoring writes down the level of every channel of every machine while nobody doubts it, once, and again when it has
moved; like all else with the moment at which it was known, so that a replay compares with what was remembered then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import pyarrow as pa

from pdm.catalogue import AssetClass
from pdm.clock import aware
from pdm.readings.sql import ask, identifiers, newest
from pdm.readings.tables import LEVELS, HistoryTables

TABLE = "levels"


@dataclass(frozen=True)
class Level:
    """The usual value of one channel of one machine, in the channel's unit.

    by: who said that it is real; empty: scoring saw it. recorded_at: since when it is remembered; None: not yet.
    """

    asset: str
    channel: str
    level: float
    rows: int
    by: str = ""
    reason: str = ""
    recorded_at: datetime | None = None


Levels = Mapping[str, Mapping[str, Level]]
"""Channel -> asset -> its level."""


def read_levels(history: HistoryTables, asset_class: AssetClass, *, known_before: datetime | None = None) -> Levels:
    """The newest level of every channel and asset, as it was known before a moment.

    One that was written in another unit than the class's channel has now says nothing.
    """
    table = history.dataset(TABLE)
    if table is None:
        return {}
    condition, parameters = "asset_class = $asset_class", {"asset_class": asset_class.name}
    if known_before is not None:
        condition += " AND recorded_at < $known_before"
        parameters["known_before"] = aware(known_before)  # type: ignore[assignment]  # DuckDB takes moments as they are
    rows = ask(
        f"SELECT {identifiers(LEVELS.names)} FROM ({newest(TABLE, ('asset', 'channel'), condition)})",
        {TABLE: table},
        parameters,
    ).to_pylist()
    units = {channel.name: channel.unit for channel in asset_class.channels}
    found: dict[str, dict[str, Level]] = {}
    for row in rows:
        if units.get(row["channel"]) == row["unit"]:
            level = Level(
                row["asset"], row["channel"], row["level"], row["rows"], row["by"], row["reason"], row["recorded_at"]
            )
            found.setdefault(row["channel"], {})[row["asset"]] = level
    return found


def remember_levels(history: HistoryTables, asset_class: AssetClass, levels: Iterable[Level], *, now: datetime) -> int:
    """Write levels down, all in one version of the table; how many."""
    units = {channel.name: channel.unit for channel in asset_class.channels}
    more = {"asset_class": asset_class.name, "recorded_at": aware(now)}
    rows = [asdict(one) | more | {"unit": units[one.channel]} for one in levels]
    if rows:
        history.append(TABLE, pa.Table.from_pylist(rows, LEVELS))
    return len(rows)
