"""The readings from which a model's derived channels are made, and feature rows as a finished model takes them."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from pdm.catalogue import AssetClass, ModelDefinition
from pdm.learning.derived import Source
from pdm.learning.transforms.derive import derive_features, join_derived
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.readings.registry import read_assets
from pdm.readings.store import ReadingStore
from pdm.registry.bundle import Bundle


def read_source(
    plant: Plant, asset_class: AssetClass, definition: ModelDefinition, *, known_at: datetime | None = None
) -> Source | None:
    """Everything that derived channels and their features are computed from; None where the model has none."""
    if definition.derived_features is None:
        return None
    readings = ReadingStore(plant.history).scan(asset_class, known_at=known_at)
    assets = read_assets(plant.history, asset_class=asset_class.name, known_at=known_at)
    events = read_events(plant.history, assets=sorted(set(readings["asset"])), known_at=known_at)
    return Source(readings, events, assets, known_at)


def model_rows(plant: Plant, bundle: Bundle, frame: pd.DataFrame, *, known_at: datetime | None = None) -> pd.DataFrame:
    """The class's feature table with the columns of the model's derived channels beside.

    frame: as `build_features` gives it.
    """
    source = read_source(plant, bundle.asset_class, bundle.definition, known_at=known_at)
    if source is None or bundle.manifest.derived_features is None:
        return frame
    derived = derive_features(
        source.readings,
        bundle.transforms.joined_by(source.readings, bundle.asset_class),
        bundle.definition,
        bundle.asset_class,
        events=source.events,
        lives=read_lives(plant.history, bundle.asset_class, bundle.definition, known_at=known_at),
        assets=source.assets,
        known_at=known_at,
    )
    return join_derived(frame, derived)
