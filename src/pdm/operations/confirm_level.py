"""Say that a level which scoring doubts is real: a new product, a larger impeller, a sensor with another range that was told so."""

from __future__ import annotations

from datetime import timedelta

from pdm.audit.entry import AuditEntry
from pdm.catalogue import AssetClass
from pdm.errors import InputError, NotFound
from pdm.ports import Plant
from pdm.readings.levels import Level, remember_levels
from pdm.readings.registry import read_assets
from pdm.readings.store import ReadingStore
from pdm.scoring.looked_at import look_at
from pdm.scoring.own_levels import NEWEST
from pdm.scoring.wrong_units import newest_levels, steady_rows

_STEPS = 10 * NEWEST
"""So many steps back the newest values may lie apart, on the calendar."""


def confirm_level(plant: Plant, asset: str, channel: str, *, by: str, why: str) -> Level:
    """Take what a channel of a machine shows now for its own level; from the next scoring on it is not doubted.

    Raises:
        NotFound: no such asset or channel.
        InputError: no name, no reason, or too few values of the running machine to call anything a level.
    """
    if not by.strip() or not why.strip():
        raise InputError(f"to confirm {channel} of {asset} takes a name and a reason", hint="say who, and what changed")
    record = read_assets(plant.history).get(asset)
    if record is None:
        raise NotFound(f"no asset {asset!r}", hint="`plantpdm assets` lists them")
    asset_class = plant.catalogue.asset_class(record.asset_class)
    unit = asset_class.channel(channel).unit
    level, rows = _shown(plant, asset_class, asset, channel)
    now = plant.clock.now()
    confirmed = Level(asset, channel, level, rows, by.strip(), why.strip())
    with plant.unit_of_work() as work:
        remember_levels(plant.history, asset_class, [confirmed], now=now)
        details = {"channel": channel, "level": level, "unit": unit}
        work.audit.append(AuditEntry(now, by.strip(), "confirm level", f"readings:{asset}", why.strip(), details))
        work.commit()
    return confirmed


def _shown(plant: Plant, asset_class: AssetClass, asset: str, channel: str) -> tuple[float, int]:
    """The median of the newest values of the running machine, and how many they are."""
    store, start = ReadingStore(plant.history), None
    if asset_class.axis.kind == "time":
        last = store.last(asset_class, assets=[asset])
        start = last["time"].iloc[0] - timedelta(hours=_STEPS * asset_class.axis.step) if len(last) else None
    rows = store.scan(asset_class, assets=[asset], start=start)
    seen = look_at(rows, asset_class, (channel,))
    found = newest_levels(seen.column(channel), seen.asset, steady_rows(seen, asset_class, channel), NEWEST)
    if 0 not in found:
        raise InputError(
            f"{channel} of {asset} has too few good values of the running machine to call one of them its level",
            hint="wait until it has run for a few readings",
        )
    level, count, _ = found[0]
    return float(f"{level:.6g}"), count
