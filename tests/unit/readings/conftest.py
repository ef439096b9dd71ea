"""What the tests of the sensor history share: one class on the calendar, one on a counter, and an empty store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, RunningRule, Window
from pdm.readings.store import ReadingStore
from pdm.testing.history import MemoryHistory

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def pump() -> AssetClass:
    channels = (
        Channel("pressure", "Pressure", "bar", low=0.0, high=100.0),
        Channel("speed", "Speed", "rpm", role="setting"),
    )
    features = FeatureSet("pump", ("pressure", "speed"), (Window(rows=3),))
    return AssetClass("pump", "Pump", Axis(), channels, features, RunningRule("speed", 100.0, settle=2.0))


@pytest.fixture
def engine() -> AssetClass:
    features = FeatureSet("engine", ("s1",), (Window(rows=3),))
    return AssetClass("engine", "Engine", Axis("usage", 1.0, "cycles", 4.0), (Channel("s1", "S1", "1"),), features)


@pytest.fixture
def history() -> MemoryHistory:
    return MemoryHistory()


@pytest.fixture
def store(history: MemoryHistory) -> ReadingStore:
    return ReadingStore(history)


@pytest.fixture
def start() -> datetime:
    return START


@pytest.fixture
def hour() -> Callable[[float], datetime]:
    """The moment so many hours after the start."""
    return lambda hours: START + timedelta(hours=hours)


@pytest.fixture
def readings() -> Callable[..., pd.DataFrame]:
    """Hourly readings of one asset: `readings("P-1", pressure=[1.0, 2.0])`, the first one at `first` hours after the start."""

    def build(asset: str, *, first: float = 0.0, **channels: list[float]) -> pd.DataFrame:
        rows = len(next(iter(channels.values())))
        time = pd.date_range(START + timedelta(hours=first), periods=rows, freq="h").as_unit("us")
        return pd.DataFrame({"asset": asset, "time": time} | channels)

    return build
