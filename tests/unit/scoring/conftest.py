"""A bundle made in memory from tiny boosters: one target per mode and a remaining life, on the calendar."""

from datetime import UTC, datetime
from types import SimpleNamespace

import lightgbm
import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import (
    AssetClass,
    Axis,
    Channel,
    Costs,
    EventFeatures,
    FailureMode,
    FeatureSet,
    ModelDefinition,
    Policy,
    Target,
    Window,
)
from pdm.learning.apply import Predictor
from pdm.learning.ladder import FLEET_MODEL, Ladder
from pdm.learning.model import Model, TargetModel
from pdm.readings.registry import Asset
from pdm.registry.bundle import Bundle
from pdm.registry.manifest import TargetEntry

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FEATURES = ("pressure__mean", "vibration__mean", "vibration__maximum", "repair.bearing__since")


@pytest.fixture(scope="session")
def asset_class() -> AssetClass:
    channels = (Channel("pressure", "Discharge pressure", "bar"), Channel("vibration", "Vibration velocity", "mm/s"))
    features = FeatureSet(
        "pump",
        ("pressure", "vibration"),
        (Window(duration="24h", every="1h"),),
        {"mean": None},
        events=EventFeatures(since=(("repair", "bearing"),)),
    )
    return AssetClass("pump", "Pump", Axis(), channels, features)


@pytest.fixture(scope="session")
def make_bundle(asset_class):
    """Vibration decides about wear, pressure about the leak; `axis` and `targets` can be chosen."""
    random = np.random.default_rng(3)
    matrix = random.normal(5, 2, size=(400, len(FEATURES))).astype(np.float32)
    worn, leaking = (matrix[:, 1] > 6).astype(float), (matrix[:, 0] > 6).astype(float)

    def grow(label):
        data = lightgbm.Dataset(matrix, label, feature_name=[f"f{n}" for n in range(len(FEATURES))])
        parameters = {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 5, "seed": 1}
        return lightgbm.train(parameters, data, 60).model_to_string()

    texts = {"wear": grow(worn), "leak": grow(leaking)}
    entries = {
        "wear": (Target("wear_soon", "failure_within", ("wear",), horizon=48.0), {"probability": texts["wear"]}),
        "leak": (Target("leak_soon", "failure_within", ("leak",), horizon=96.0), {"probability": texts["leak"]}),
        "same": (Target("leak_as_soon", "failure_within", ("leak",), horizon=48.0), {"probability": texts["leak"]}),
        "life": (
            Target("life", "remaining_life", ("wear", "leak"), cap=500.0, grid=(48.0, 240.0)),
            {"h48.0": texts["wear"], "h240.0": texts["wear"]},
        ),
    }

    def make(*targets: str, axis=None, policy=None, cases=None, facts=None, abstained=()) -> Bundle:
        chosen = [entries[name] for name in targets or ("wear", "leak", "life")]
        models = tuple(TargetModel(target, boosters) for target, boosters in chosen)
        unit = axis.unit if axis else "h"
        kind = AssetClass("pump", "Pump", axis or Axis(), asset_class.channels, asset_class.feature_set)
        definition = ModelDefinition(
            "pump",
            "Pumps",
            (FailureMode("wear", "Wear", "bearing"), FailureMode("leak", "Leak", "seal")),
            tuple(target for target, _ in chosen),
            Costs(10.0, 2.0, 1.0),
            policy=policy or Policy(raise_at=0.5, clear_at=0.25, by_criticality={1: 0.3}),
        )
        manifest = SimpleNamespace(
            facts=(facts or {})
            | (
                {"ladder": Ladder(FLEET_MODEL, "", (), dict.fromkeys(abstained, "why")).document()} if abstained else {}
            ),
            watch={},
            age={},
            cases=cases or {},
            transforms={},
            feature_names=FEATURES,
            unit=unit,
            targets=tuple(TargetEntry(target, {}, {}) for target, _ in chosen),
            created_at=NOW,
        )
        predictor = Predictor(Model("pump", FEATURES, unit, models, facts or {}), 1)
        return Bundle("v1", kind, kind.feature_set, definition, predictor, manifest)

    return make


@pytest.fixture
def assets() -> dict[str, Asset]:
    return {tag: Asset(tag, "pump") for tag in ("P-1", "P-2", "P-3")}


@pytest.fixture
def features() -> pd.DataFrame:
    """P-1 vibrates too much, P-2 is well, P-3 leaks."""
    rows = [[4.0, 9.0, 9.5, 100.0], [4.0, 3.0, 3.5, 5.0], [8.5, 3.0, 3.5, 5.0]]
    table = pd.DataFrame(np.array(rows, np.float32), columns=list(FEATURES))
    table.insert(0, "asset", ["P-1", "P-2", "P-3"])
    table.insert(1, "time", pd.Series([pd.Timestamp(NOW)] * 3).dt.as_unit("us"))
    return table


@pytest.fixture
def last_readings(features) -> pd.DataFrame:
    return pd.DataFrame({"asset": features["asset"], "time": features["time"], "recorded_at": features["time"]})


@pytest.fixture
def recent() -> pd.DataFrame:
    """Thirty hourly readings of each machine, all good."""
    times = pd.date_range(end=NOW, periods=30, freq="h", unit="us")
    parts = [
        pd.DataFrame({"asset": tag, "time": times, "pressure": 4.0, "vibration": 3.0}) for tag in ("P-1", "P-2", "P-3")
    ]
    return pd.concat(parts, ignore_index=True)
