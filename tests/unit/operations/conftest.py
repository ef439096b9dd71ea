"""A plant small enough to hold in the hand: one class on the calendar, one on a counter, history in memory, an audit that is a list."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from pdm.catalogue import AssetClass, Axis, Catalogue, Channel, FeatureSet, RunningRule, Window
from pdm.clock import ManualClock
from pdm.ports import Plant
from pdm.readings.registry import Asset, register
from pdm.readings.store import ReadingStore
from pdm.settings import Settings
from pdm.testing.history import MemoryHistory
from pdm.workspace import Workspace

NOW = datetime(2025, 6, 1, tzinfo=UTC)


class Silence:
    """A `Progress` that remembers the stages it was shown."""

    def __init__(self):
        self.stages = []

    @contextmanager
    def stage(self, title, total=None):  # noqa: ARG002  the port's names
        self.stages.append(title)
        yield lambda _steps: None


class Audited:
    """A `UnitOfWork` of which only the audit is used: entries count once they are committed."""

    def __init__(self, kept):
        self.kept, self.fresh = kept, []
        self.audit = SimpleNamespace(append=self.fresh.append)

    def commit(self):
        self.kept += self.fresh

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.fresh.clear()


def classes() -> dict[str, AssetClass]:
    pump = AssetClass(
        "pump",
        "Pump",
        Axis(),
        (
            Channel("pressure", "discharge pressure", "bar", low=0.0, high=40.0),
            Channel("temperature", "bearing temperature", "degC", low=-30.0, high=140.0),
            Channel("vibration", "vibration velocity", "mm/s", low=0.0, high=50.0),
            Channel("speed", "shaft speed", "rpm", low=0.0, high=3600.0, role="setting"),
        ),
        FeatureSet("pump", ("pressure",), (Window(rows=3),)),
        RunningRule("speed", 200.0),
    )
    engine = AssetClass(
        "engine",
        "Engine",
        Axis("usage", 1.0, "cycles", 4.0),
        (Channel("s1", "fan inlet temperature", "degC"), Channel("s2", "pressure ratio", "1")),
        FeatureSet("engine", ("s1",), (Window(rows=3),)),
    )
    return {"pump": pump, "engine": engine}


@pytest.fixture
def audit() -> list:
    return []


@pytest.fixture
def plant(tmp_path, audit) -> Plant:
    history = MemoryHistory()
    assets = [Asset("P-101", "pump"), Asset("P-102", "pump"), Asset("=E1", "pump"), Asset("N-1", "engine")]
    register(history, assets, now=NOW)
    return Plant(
        settings=Settings(home=tmp_path, time_zone="Europe/Berlin"),
        workspace=Workspace(tmp_path),
        catalogue=Catalogue(classes(), {}),
        clock=ManualClock(NOW),
        history=history,
        unit_of_work=lambda: Audited(audit),
        tracker=lambda: None,
        executor=None,
        progress=Silence(),
        receiver=None,
    )


@pytest.fixture
def write(tmp_path):
    """Put a file on disk: `write("a.csv", "asset,time\\n...")`; a name that ends in .gz is gzipped."""

    def to_disk(name, content, encoding="utf-8"):
        data = content if isinstance(content, bytes) else content.encode(encoding)
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return to_disk


@pytest.fixture
def stored(plant):
    """What the history holds of a class, as a list of rows without the missing values."""

    def rows(asset_class="pump", **options):
        frame = ReadingStore(plant.history).scan(plant.catalogue.asset_class(asset_class), **options)
        return [
            {key: value for key, value in row.items() if value == value}  # NaN is not equal to itself
            for row in frame.to_dict("records")
        ]

    return rows
