"""Who is who: assets (functional positions), the serial items installed in them, and the lives that follow from both."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from pdm.clock import aware
from pdm.errors import InputError
from pdm.readings.sql import ask, identifiers, newest
from pdm.readings.tables import ASSETS, INSTALLATIONS, HistoryTables

if TYPE_CHECKING:
    import pandas as pd

UNIT = "unit"
"""The maintainable item that is the whole machine."""


@dataclass(frozen=True)
class Asset:
    """A functional position, such as pump P-101.

    asset: tag. asset_class: name in the catalogue. location: path such as `site/area/line`. criticality: 1 (matters most) to 5.
    """

    asset: str
    asset_class: str
    description: str = ""
    location: str = ""
    criticality: int = 3
    parent: str = ""
    redundancy: str = ""
    commissioned: datetime | None = None
    attributes: Mapping[str, str | float | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Installation:
    """A serial item in a position, from `start` until `end` (None: it still sits there).

    maintainable_item: `unit` for the whole machine, else `bearing`, `seal` ... as the failure modes name it.
    start_usage, end_usage: the same moments on a usage axis.
    """

    asset: str
    item: str
    start: datetime
    maintainable_item: str = UNIT
    end: datetime | None = None
    start_usage: float | None = None
    end_usage: float | None = None


LIFE_COLUMNS = (
    "life",  # "<item>#<n>"
    "asset",
    "item",
    "maintainable_item",
    "start",  # in the type of the class's `time` column
    "end",  # last moment of the life, or the last moment known for an open one
    "ended_by",  # failure, repair, removal, open
    "failure_mode",  # of the failure that ended it, else ""
    "severity",
    "known_at",  # when the platform knew that it had ended
)
"""Columns of the `lives` table that learning builds its targets on: one row per life of a serial item.

A life runs from installation (or restoring repair) to failure, removal, restoring repair or now.
"""


def register(
    history: HistoryTables,
    assets: Iterable[Asset],
    installations: Iterable[Installation] = (),
    *,
    now: datetime,
    backfill: bool = False,
    source: str = "",
) -> int:
    """Put assets and installations on record; the number of rows that were new or changed.

    An asset is known by its tag, an installation by asset, item and start: sending one again with other facts makes a new
    version, sending the same changes nothing.

    backfill: a first import of history. Installations then count as known when they happened (and their ends when those
        happened), so that a replay of the past sees them. Without it they are known from `now`.

    Raises:
        InputError: an asset without tag or class, a criticality outside 1-5, or an installation that ends before it starts.
    """
    moment = aware(now)
    rows = {asset.asset: _asset_row(asset, moment) for asset in assets}  # the last word of one call counts
    dated = {
        (row["asset"], row["item"], row["start"], row["recorded_at"]): row
        for item in installations
        for row in _installation_rows(item, moment, backfill, source)
    }
    stored = _append_changed(history, "assets", pa.Table.from_pylist([*rows.values()], ASSETS), ("asset",))
    table = pa.Table.from_pylist([*dated.values()], INSTALLATIONS)
    # An import tells of every state that an installation was in; edits are compared with the newest one only.
    return stored + _append_changed(history, "installations", table, ("asset", "item", "start"), any_version=backfill)


def read_assets(
    history: HistoryTables, *, asset_class: str | None = None, known_at: datetime | None = None
) -> dict[str, Asset]:
    """All assets by tag, in the order of their tags, as they were known at `known_at`.

    An asset that was registered only later counts with its first record: that a machine exists is no news from which a past
    score could learn anything, and without it a replay of imported history would see an empty plant.
    """
    table = history.dataset("assets")
    if table is None:
        return {}
    # Records known then come first, newest before older; of those that came later the first one counts.
    found = ask(
        """SELECT * FROM assets QUALIFY row_number() OVER (
            PARTITION BY asset ORDER BY known_then DESC, CASE WHEN known_then THEN recorded_at END DESC, recorded_at) = 1
        ORDER BY asset""".replace("known_then", "(recorded_at <= $known_at)"),
        {"assets": table},
        {"known_at": aware(known_at) if known_at else datetime.max},
    )
    rows = found.to_pylist()
    return {row["asset"]: _asset(row) for row in rows if asset_class in (None, row["asset_class"])}


def read_installations(history: HistoryTables, *, known_at: datetime | None = None) -> pd.DataFrame:
    """Which serial item sat where and when: the columns of `INSTALLATIONS`, sorted by asset, item kind and start."""
    table = history.dataset("installations")
    if table is None:
        table = INSTALLATIONS.empty_table()
    condition = "recorded_at <= $known_at" if known_at else "true"
    found = ask(
        f"""SELECT {identifiers(INSTALLATIONS.names)} FROM ({newest("installations", ("asset", "item", "start"), condition)})
        ORDER BY asset, maintainable_item, start, item""",
        {"installations": table},
        {"known_at": aware(known_at)} if known_at else {},
    )
    frame: pd.DataFrame = found.cast(INSTALLATIONS).to_pandas()
    return frame


def _append_changed(
    history: HistoryTables, name: str, rows: pa.Table, keys: tuple[str, ...], *, any_version: bool = False
) -> int:
    """Append the rows that say something else than the newest version (or than any) on record."""
    if not rows.num_rows:
        return 0
    stored = history.dataset(name)
    known = pa.Table.from_batches([], rows.schema) if stored is None else stored
    facts = [column for column in rows.schema.names if column not in (*keys, "recorded_at", "source")]
    same = " AND ".join(f's."{column}" IS NOT DISTINCT FROM r."{column}"' for column in (*keys, *facts))
    # Versions of one key must come one after the other, even when the clock stands still.
    changed = ask(
        f"""SELECT r.* REPLACE (greatest(r.recorded_at, n.recorded_at + INTERVAL 1 microsecond) AS recorded_at)
        FROM rows r ANTI JOIN ({"SELECT * FROM known" if any_version else newest("known", keys)}) s ON {same}
        LEFT JOIN ({newest("known", keys)}) n ON {" AND ".join(f'n."{key}" = r."{key}"' for key in keys)}
        ORDER BY {identifiers(keys, of="r")}, r.recorded_at""",
        {"rows": rows, "known": known},
    )
    if changed.num_rows:
        history.append(name, changed.cast(rows.schema))
    return int(changed.num_rows)


def _asset_row(asset: Asset, now: datetime) -> dict[str, object]:
    if not asset.asset.strip() or not asset.asset_class.strip():
        raise InputError(f"an asset needs a tag and a class: {asset.asset!r}, {asset.asset_class!r}")
    if not 1 <= asset.criticality <= 5:
        raise InputError(
            f"asset {asset.asset} has criticality {asset.criticality}", hint="1 (matters most) to 5 (hardly matters)"
        )
    row = {name: getattr(asset, name) for name in ASSETS.names if name != "recorded_at"}
    return row | {
        "recorded_at": now,
        "commissioned": aware(asset.commissioned) if asset.commissioned else None,
        "attributes": json.dumps(dict(asset.attributes), sort_keys=True, ensure_ascii=False),
    }


def _asset(row: dict[str, object]) -> Asset:
    known = {name: value for name, value in row.items() if name != "recorded_at"}
    return Asset(**{**known, "attributes": json.loads(str(row["attributes"]))})


def _installation_rows(item: Installation, now: datetime, backfill: bool, source: str) -> list[dict[str, object]]:
    if item.end is not None and item.end < item.start:
        raise InputError(f"item {item.item} leaves {item.asset} ({item.end}) before it came ({item.start})")
    row = {name: getattr(item, name) for name in INSTALLATIONS.names if name not in ("recorded_at", "source")}
    row |= {"start": aware(item.start), "end": aware(item.end) if item.end else None, "source": source}
    if not backfill:
        return [row | {"recorded_at": now}]
    if item.end is None:
        return [row | {"recorded_at": row["start"]}]
    # In two steps: at its start nobody knew when it would end.
    begun = _installation_rows(replace(item, end=None, end_usage=None), now, True, source)
    return [*begun, row | {"recorded_at": row["end"]}]
