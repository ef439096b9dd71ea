"""When the life of each reading began, as it was known there: what transforms over whole lives need beside the readings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, FeatureSet, LifeFeatures, Window
from pdm.extraction import extract
from pdm.learning.transforms.step import AGE, COUNTS, POSITION
from pdm.readings.registry import Asset
from pdm.readings.running import RunningState, running_state

_KEYS = ("asset", "time")


def life_clock(
    readings: pd.DataFrame,
    asset_class: AssetClass,
    *,
    events: pd.DataFrame | None = None,
    lives: pd.DataFrame | None = None,
    assets: Mapping[str, Asset] | None = None,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """`life_position`, `life_age` and `life_counts` (whether the machine ran) for every reading, in the order of the rows.

    Age is that of the feature `life__age`: a life begins with the record that was known by then, else with the first reading.
    """
    ages = extract(
        readings[[*_KEYS, *(["recorded_at"] if "recorded_at" in readings else [])]],
        FeatureSet(f"{asset_class.name}_age", (), (Window(rows=1),), {}, life=LifeFeatures(age=True)),
        events,
        lives,
        axis=asset_class.axis,
        assets=assets,
        known_at=known_at,
    )
    place = pd.MultiIndex.from_frame(ages[list(_KEYS)]).get_indexer(pd.MultiIndex.from_frame(readings[list(_KEYS)]))
    counts = np.ones(len(readings), dtype=bool)
    if asset_class.running:
        counts = running_state(readings, asset_class) == RunningState.RUNNING
    return pd.DataFrame(
        {
            POSITION: asset_class.axis.positions(readings["time"]),
            AGE: ages["life__age"].to_numpy(dtype=np.float64)[place],
            COUNTS: counts,
        },
        index=readings.index,
    )
