"""A plant small enough to hold in the hand: one class on the calendar, one on a counter, history in memory, an audit that is a list."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import lightgbm
import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import AssetClass, Axis, Catalogue, Channel, EventFeatures, FeatureSet, RunningRule, Window
from pdm.clock import ManualClock
from pdm.extraction import extraction_version, feature_names
from pdm.learning.model import Model, TargetModel
from pdm.ports import Plant
from pdm.readings.events import append_events
from pdm.readings.registry import Asset, register
from pdm.readings.store import ReadingStore
from pdm.registry.bundle import write_bundle
from pdm.registry.keys import plant_key
from pdm.registry.shelf import BundleShelf
from pdm.settings import Settings
from pdm.testing.history import MemoryHistory
from pdm.testing.plants import a_plant
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


WATCHED = AssetClass(
    "pump",
    "Pump",
    Axis(),
    (Channel("vibration", "vibration velocity", "mm/s"), Channel("speed", "shaft speed", "rpm", role="setting")),
    FeatureSet(
        "pump",
        ("vibration", "speed"),
        (Window(duration="24h", every="6h", min_rows=3), Window(duration="48h", every="6h", min_rows=3)),
        {"mean": None, "maximum": None, "quantile": ({"q": 0.9},)},
        events=EventFeatures(since=(("repair", "bearing"),), asset_age=True),
        running_only=True,
    ),
    RunningRule("speed", 200.0, settle=2.0),
)


@pytest.fixture(scope="session")
def watching_booster() -> str:
    """A model of one tree per round: high vibration is bad."""
    return _booster(5.0)


@pytest.fixture(scope="session")
def crying_booster() -> str:
    """A model to which hardly any vibration is good."""
    return _booster(1.0)


def _booster(bad_above: float) -> str:
    names = feature_names(WATCHED.feature_set, WATCHED.axis)
    matrix = np.random.default_rng(1).gamma(2.0, 2.0, size=(300, len(names))).astype(np.float32)
    bad = (matrix[:, 0] > bad_above).astype(float)
    data = lightgbm.Dataset(matrix, bad, feature_name=[f"f{n}" for n in range(len(names))])
    parameters = {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 7, "learning_rate": 0.5}
    return str(lightgbm.train(parameters, data, 8).model_to_string())


@pytest.fixture
def watched(tmp_path):
    """Six pumps over forty days until `NOW`, two of which fell silent, and nobody in charge yet.

    P-3 fell silent after ten days, P-4 thirty hours ago; P-5's clock runs five days ahead, P-6 told everything a day late.
    """
    plant = a_plant(tmp_path, now=NOW, history=MemoryHistory())
    catalogue = Catalogue(plant.catalogue.classes | {"pump": WATCHED}, plant.catalogue.models)
    plant = replace(plant, catalogue=catalogue)
    tags = [f"P-{number}" for number in range(1, 7)]
    begun = NOW - timedelta(days=400)
    register(plant.history, [Asset(tag, "pump", commissioned=begun) for tag in tags], now=NOW)
    register(plant.history, [Asset("E-1", "engine")], now=NOW)
    times = pd.date_range(NOW - timedelta(days=40), NOW, freq="1h").as_unit("us")
    noise = np.random.default_rng(5)
    for number, tag in enumerate(tags):
        rows = pd.DataFrame({"asset": tag, "time": times, "recorded_at": times + timedelta(minutes=5)})
        rows["speed"] = np.where(noise.random(len(times)) < 0.02, 0.0, 1500.0)
        rows["vibration"] = noise.gamma(2.0, 1.0, len(times)) + np.linspace(0.0, number, len(times))
        rows = rows[{"P-3": times < times[240], "P-4": times <= NOW - timedelta(hours=30)}.get(tag, times <= NOW)]
        if tag == "P-5":
            ahead = rows.tail(1).assign(time=NOW + timedelta(days=5), recorded_at=NOW - timedelta(days=2))
            rows = pd.concat([rows, ahead])
        if tag == "P-6":
            rows["recorded_at"] = rows["time"] + timedelta(days=1)
        ReadingStore(plant.history).merge(WATCHED, rows, source="test", recorded_at=None)
    for days in (20, 6):
        repair = {"asset": tags, "kind": "repair", "maintainable_item": "bearing", "restores": True}
        done, told = (pd.Timestamp(NOW - timedelta(days=days - late)) for late in (0, 4))
        append_events(plant.history, pd.DataFrame(repair | {"time": done, "recorded_at": told}), now=NOW)
    return plant


@pytest.fixture
def put_in_charge(watched, watching_booster):
    """Write a bundle and make it the champion of the pumps; its version."""

    def write(number: int = 1, booster: str = watching_booster) -> str:
        definition = watched.catalogue.model("pump")
        names = feature_names(WATCHED.feature_set, WATCHED.axis)
        target = TargetModel(definition.targets[0], {"probability": booster})
        manifest = write_bundle(
            watched.workspace.bundles,
            Model("pump", names, "h", (target,)),
            feature_set=WATCHED.feature_set,
            asset_class=WATCHED,
            definition=definition,
            extraction_version=extraction_version(),
            data_versions={"readings_pump": number},
            golden=pd.DataFrame(np.ones((3, len(names)), np.float32), columns=list(names)),
            key=plant_key(watched.workspace),
            created_by="ada",
        )
        BundleShelf(watched.workspace.bundles).set_alias("pump", "champion", manifest.version)
        return str(manifest.version)

    return write
