"""Ages for the age-only rung: lives that go on until now although nobody reads the machine, and where the records begin."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, ModelDefinition
from pdm.learning.age import AgeModel, fit_ages
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.readings.registry import UNIT, read_assets
from pdm.readings.store import ReadingStore
from pdm.readings.tables import HistoryTables


def learn_ages(plant: Plant, definition: ModelDefinition, known_at: datetime | None) -> AgeModel:
    """What the ages on record say about a class; machines that are kept for a final test are not asked.

    Raises:
        TooLittleData: fewer than two failures are on record.
    """
    asset_class = plant.catalogue.asset_class(definition.asset_class)
    history = plant.history
    assets = read_assets(history, asset_class=asset_class.name, known_at=known_at)
    chosen = [name for name, asset in assets.items() if asset.attributes.get("split") != "test"]
    events = read_events(history, assets=chosen, known_at=known_at)
    spans = ReadingStore(history).span(asset_class, assets=chosen, known_at=known_at)
    until = _records_end(asset_class, events, spans, known_at or plant.clock.now())
    lives = read_lives(history, asset_class, definition, known_at=known_at, until=until)
    lives = lives[lives["asset"].isin(chosen)].reset_index(drop=True)
    return fit_ages(
        lives, definition, asset_class.axis, records_begin=_records_begin(asset_class, chosen, events, spans)
    )


def ages_now(
    history: HistoryTables, asset_class: AssetClass, definition: ModelDefinition, *, now: datetime
) -> dict[str, dict[str, float]]:
    """How old every item is now: asset -> maintainable item -> native units; what is down or was never installed is left out."""
    lives = read_lives(history, asset_class, definition, known_at=now, until=now)
    running = lives[lives["ended_by"] == "open"]
    age = asset_class.axis.positions(running["end"]) - asset_class.axis.positions(running["start"])
    found: dict[str, dict[str, float]] = {}
    for asset, item, length in zip(running["asset"], running["maintainable_item"], age, strict=True):
        found.setdefault(str(asset), {})[str(item)] = float(length)
    recorded = {str(asset): set(items) for asset, items in lives.groupby("asset")["maintainable_item"]}
    for asset, own in found.items():
        if UNIT in own:
            # A part of which nothing is on record is as old as its machine.
            parts = {mode.maintainable_item for mode in definition.failure_modes} - recorded[asset]
            own |= dict.fromkeys(parts, own[UNIT])
    return found


def _records_end(asset_class: AssetClass, events: pd.DataFrame, spans: pd.DataFrame, now: datetime) -> datetime:
    """Until when somebody would have written a failure down: what happened last, to whatever machine of the class."""
    known = [events["time"].max(), spans["time"].max() if asset_class.axis.kind == "time" else pd.NaT]
    last = [moment.to_pydatetime() for moment in known if not pd.isna(moment)]
    return min(max(last, default=now), now)


def _records_begin(
    asset_class: AssetClass, assets: list[str], events: pd.DataFrame, spans: pd.DataFrame
) -> dict[str, float]:
    """From which position on a failure of each asset would be on record.

    On the calendar from the first thing known of any machine of the class; on a counter each machine has its own beginning.
    """
    axis = asset_class.axis
    happened = events["usage"].to_numpy(np.float64) if axis.kind == "usage" else axis.positions(events["time"])
    seen = pd.DataFrame(
        {
            "asset": [*spans["asset"].astype(str), *events["asset"].astype(str)],
            "at": [*axis.positions(spans["first"]), *happened],
        }
    ).dropna()
    if seen.empty:
        return {}
    if axis.kind == "time":
        return dict.fromkeys(assets, float(seen["at"].min()))
    return {str(asset): float(at) for asset, at in seen.groupby("asset")["at"].min().items()}
