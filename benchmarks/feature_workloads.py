"""The workloads of the feature benchmark: fleets of random walks with measurement noise, and vibration snapshots.

* W1: 100 machines, 200 cycles, 14 channels, windows of 30 at every cycle;
* W2: 100 machines, a year of hours, 4 channels, windows of 24 or of 168 every 3 hours;
* W3: 50 machines, a day of seconds, 8 channels, windows of 3,600 every 600;
* W4: 200 vibration snapshots of 25,600 samples on 2 axes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pdm.catalogue import Axis, FeatureSet, Window

Floats = npt.NDArray[np.float64]
CYCLES = Axis("usage", 1.0, "cycles")


@dataclass(frozen=True)
class Workload:
    """A fleet and its windows: assets, rows per asset, channels, rows per window, rows from one window to the next."""

    name: str
    assets: int
    rows: int
    channels: int
    window: int
    every: int

    @property
    def columns(self) -> list[str]:
        """The channels' names."""
        return [f"s{place}" for place in range(self.channels)]

    @property
    def ends(self) -> npt.NDArray[np.int64]:
        """Rows of one asset at which a whole window ends."""
        ends = np.arange(1, self.rows + 1)
        return ends[(ends >= self.window) & ((ends - 1) % self.every == 0)]

    @property
    def channel_windows(self) -> int:
        """How many whole windows there are, over all assets and channels."""
        return len(self.ends) * self.assets * self.channels

    def readings(self) -> pd.DataFrame:
        """The fleet's readings, the same every time."""
        rng = np.random.default_rng(1)
        values = rng.normal(size=(self.assets, self.rows, self.channels)).cumsum(axis=1)
        values += 0.3 * rng.normal(size=values.shape)
        frame = pd.DataFrame(values.reshape(-1, self.channels), columns=self.columns)
        frame.insert(0, "asset", np.repeat([f"A-{place:03d}" for place in range(self.assets)], self.rows))
        frame.insert(1, "time", np.tile(np.arange(1.0, self.rows + 1), self.assets))
        return frame

    def feature_set(self, settings: Mapping[str, Any], every: int | None = None) -> FeatureSet:
        """Those features over this workload's windows; windows that are not whole give NaN."""
        window = Window(rows=self.window, every=every or self.every, min_rows=self.window)
        return FeatureSet("benchmark", tuple(self.columns), (window,), settings)

    def sample(self, readings: pd.DataFrame, count: int) -> Floats:
        """[count, window]: random windows out of those that the workload consists of."""
        rng = np.random.default_rng(2)
        values = readings[self.columns].to_numpy().reshape(self.assets, self.rows, self.channels)
        picks = zip(
            rng.integers(0, self.assets, count),
            rng.choice(self.ends, count),
            rng.integers(0, self.channels, count),
            strict=True,
        )
        return np.stack([values[asset, end - self.window : end, channel] for asset, end, channel in picks])


FULL = (
    Workload("W1", 100, 200, 14, 30, 1),
    Workload("W2, window 24", 100, 8760, 4, 24, 3),
    Workload("W2, window 168", 100, 8760, 4, 168, 3),
    Workload("W3", 50, 86_400, 8, 3600, 600),
)
REDUCED = (
    Workload("W1", 10, 200, 14, 30, 1),
    Workload("W2, window 24", 1, 8760, 4, 24, 3),
    Workload("W2, window 168", 1, 4380, 4, 168, 3),
    Workload("W3", 1, 43_200, 1, 3600, 600),
)
QUICK = (
    Workload("W1", 2, 200, 4, 30, 1),
    Workload("W2, window 24", 1, 2190, 1, 24, 3),
    Workload("W2, window 168", 1, 1460, 1, 168, 3),
    Workload("W3", 1, 12_000, 1, 3600, 600),
)
WORKLOADS = {"full": FULL, "reduced": REDUCED, "quick": QUICK}
SNAPSHOTS = {"full": 400, "reduced": 40, "quick": 8}
"""W4: snapshots of one axis."""

RATE_HZ, SAMPLES = 25_600.0, 25_600


def snapshots(count: int) -> Floats:
    """[count, samples]: a bearing that hits at 107 Hz, rings at 4 kHz, and noise."""
    rng = np.random.default_rng(3)
    seconds = np.arange(SAMPLES) / RATE_HZ
    hits = np.exp(-((seconds * 107.3) % 1.0) / 0.1) * np.sin(2.0 * np.pi * 4000.0 * seconds)
    wave: Floats = rng.normal(size=(count, SAMPLES)) + hits + 0.5 * np.sin(2.0 * np.pi * 29.95 * seconds)
    return wave
