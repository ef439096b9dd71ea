"""Machines that behave: readings of a few fans whose channels follow load and weather, for tests of what is expected of sound ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from pdm.catalogue import AssetClass, Axis, Channel, Costs, FailureMode, FeatureSet, ModelDefinition, Target, Window

START = datetime(2025, 1, 1, tzinfo=UTC)
CHANNELS = ("temperature", "vibration", "current")

A_FAN = AssetClass(
    name="test_fan",
    title="Fan",
    axis=Axis(),
    channels=(
        Channel("speed", "shaft speed", "rpm", role="setting"),
        Channel("ambient", "ambient temperature", "degC", role="ambient"),
        Channel("temperature", "bearing temperature", "degC"),
        Channel("vibration", "vibration", "mm/s"),
        Channel("current", "motor current", "A"),
    ),
    feature_set=FeatureSet("test_fan", (*CHANNELS, "speed"), (Window(duration="24h", every="24h"),), {"mean": None}),
    source=Path("features/test_fan.toml"),
)
"""A fan with a speed, weather, and three channels that answer to wear."""

A_FAN_MODEL = ModelDefinition(
    asset_class="test_fan",
    title="Failures of fans",
    failure_modes=(
        FailureMode("bearing_wear", "Bearing wear", "bearing", signs={"temperature": "+", "vibration": "+"}),
        FailureMode("belt_slip", "Belt slip", "belt", signs={"current": "-"}),
    ),
    targets=(Target("wear_soon", "failure_within", ("bearing_wear",), 336.0),),
    costs=Costs(10_000, 1_000, 100),
)
"""Two failure modes that are known by the way they move the channels."""


def fan_readings(fans: int = 6, days: int = 180, *, seed: int = 1) -> pd.DataFrame:
    """Hourly readings of sound fans: each with a level of its own, all under the same weather, each at a speed of its own.

    >>> fan_readings(2, 2).columns.tolist()
    ['asset', 'time', 'speed', 'ambient', 'temperature', 'vibration', 'current']
    """
    rng = np.random.default_rng(seed)
    hours = days * 24
    times = pd.date_range(START, periods=hours, freq="h", unit="us")
    weather = 10 + 8 * np.sin(2 * np.pi * np.arange(hours) / (24 * 120)) + rng.normal(0, 1, hours)
    frames = []
    for number in range(fans):
        speed = 1000 + 150 * np.sin(2 * np.pi * np.arange(hours) / (24 * 7) + number) + rng.normal(0, 20, hours)
        load = (speed - 1000) / 150
        frames.append(
            pd.DataFrame(
                {
                    "asset": f"F-{number + 1}",
                    "time": times,
                    "speed": speed,
                    "ambient": weather,
                    "temperature": 45 + number + 0.6 * weather + 5 * load + rng.normal(0, 0.8, hours),
                    "vibration": 2 + 0.2 * number + 0.3 * load + rng.normal(0, 0.15, hours),
                    "current": 50 + 2 * number + 6 * load + load**2 + rng.normal(0, 0.9, hours),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
