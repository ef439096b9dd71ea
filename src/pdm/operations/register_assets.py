"""Put the machines of a plant on record: from objects, or from a table with one row per asset."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pdm.operations._marks import mark_stops
from pdm.ports import Plant
from pdm.readings.asset_list import read_asset_list
from pdm.readings.registry import Asset, Installation, register


def register_assets(
    plant: Plant,
    assets: Iterable[Asset] | Path,
    installations: Iterable[Installation] = (),
    *,
    time_zone: str | None = None,
    backfill: bool = False,
) -> int:
    """Register assets and the serial items installed in them; the number of records that were new or changed.

    assets: objects, or a CSV, Parquet or XLSX file with the columns `asset`, `asset_class` and, as far as known, `description`,
        `location`, `criticality`, `parent`, `redundancy`, `commissioned`; further columns become attributes.
    time_zone: of commissioning times without a zone; bare dates count from midnight in the plant's own zone.
    backfill: a first import of history; installations then count as known when they happened.

    Raises:
        NotFound: a class that the catalogue does not define.
        UnreadableFile, ColumnsError, InputError: the file cannot be used; the message names the row, and nothing is stored.
    """
    if isinstance(assets, str | Path):
        listed = read_asset_list(Path(assets), plant_zone=plant.settings.time_zone, time_zone=time_zone)
    else:
        listed = list(assets)
    for name in sorted({asset.asset_class for asset in listed}):
        plant.catalogue.asset_class(name)
    now = plant.clock.now()
    changed = register(plant.history, listed, installations, now=now, backfill=backfill)
    mark_stops(plant, now)
    return changed
