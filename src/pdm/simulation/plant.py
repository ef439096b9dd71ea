"""What a simulation hands over: what the platform may load, and the truth that it must never see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from pdm.readings.registry import Asset, Installation


@dataclass(frozen=True)
class SimulatedPlant:
    """A plant's year as a historian and a maintenance system would have recorded it.

    readings: class name -> wide table `asset`, `time`, `recorded_at`, one float64 column per channel; sorted by asset and time.
    events: failures, repairs, preventive replacements and inspections with both times; only what was recorded before `end`.
    truth: one row per life of a part: when wear began (`onset`), when and how it ended. For judging a model, never loaded.
    sensor_faults: which channel of which asset told lies, and when. Likewise.
    """

    assets: list[Asset]
    installations: list[Installation]
    readings: dict[str, pd.DataFrame] = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    start: datetime
    end: datetime
    truth: pd.DataFrame = field(repr=False)
    sensor_faults: pd.DataFrame = field(repr=False)
