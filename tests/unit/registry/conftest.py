"""A tiny model of a pump with two targets, and a shelf with its signed bundle."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pdm.catalogue import (
    AssetClass,
    Axis,
    Channel,
    Costs,
    FailureMode,
    FeatureSet,
    Learner,
    LifeFeatures,
    ModelDefinition,
    Policy,
    RunningRule,
    Selection,
    Target,
    Window,
)
from pdm.extraction import extraction_version
from pdm.learning.model import Model, TargetModel
from pdm.registry.bundle import write_bundle
from pdm.registry.keys import plant_key
from pdm.registry.manifest import Manifest
from pdm.workspace import Workspace

FEATURES = ("pressure__mean", "pressure__maximum", "vibration__mean", 'vibration__linear_trend__attr_"slope"')
SOON = Target("fails_soon", "failure_within", ("wear",), horizon=48.0)
LIFE = Target("life", "remaining_life", ("wear", "leak"), cap=500.0, grid=(48.0, 240.0))


@dataclass(frozen=True)
class Bench:
    """What a test needs to make bundles."""

    workspace: Workspace
    key: Ed25519PrivateKey
    write: Callable[..., Manifest]

    def folder(self, manifest: Manifest) -> Path:
        return self.workspace.bundles / "pump" / manifest.version


@pytest.fixture(scope="session")
def asset_class() -> AssetClass:
    return AssetClass(
        "pump",
        "Pump",
        Axis(),
        (
            Channel("pressure", "discharge pressure", "bar", 0.0, float("inf")),
            Channel("vibration", "vibration velocity", "mm/s", low=0.0),
        ),
        FeatureSet(
            "pump",
            ("pressure", "vibration"),
            (Window(duration="24h", every="1h"), Window(duration="7d", every="1h", min_rows=3)),
            {"mean": None, "cwt_coefficients": [{"widths": (2, 5, 10, 20), "coeff": 0, "w": 2}]},
            {"vibration": {"linear_trend": ({"attr": "slope"},)}},
            LifeFeatures(5, ewm_alpha=(0.1, 0.3)),
        ),
        RunningRule("pressure", 1.0, 2.0),
    )


@pytest.fixture(scope="session")
def definition() -> ModelDefinition:
    modes = (FailureMode("wear", "Wear", "bearing", crafts=("mechanic",)), FailureMode("leak", "Leak", "seal"))
    policy = Policy(persistence=(1, 2), by_criticality={1: 0.3})
    return ModelDefinition(
        "pump",
        "Pump failures",
        modes,
        (SOON, LIFE),
        Costs(10.0, 2.0, 1.0),
        learner=Learner(rounds=5),
        policy=policy,
        selection=Selection(0.1, "bh"),
    )


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    random = np.random.default_rng(7)
    matrix = random.normal(size=(200, len(FEATURES))).astype(np.float32)
    matrix[3, 1], matrix[5, :], matrix[7, 0] = np.nan, np.nan, np.inf
    return pd.DataFrame(matrix, columns=list(FEATURES))


@pytest.fixture(scope="session")
def model(table: pd.DataFrame) -> Model:
    matrix = table.to_numpy()
    late = (np.nan_to_num(matrix[:, 2]) > 0.3).astype(float)
    grown = {name: _grow(matrix, late * weight) for name, weight in (("soon", 1), ("early", 1), ("later", 1))}
    conformal = [{"lower": 1.5, "upper": float("inf"), "groups": 3.0}] * 5
    return Model(
        "pump",
        FEATURES,
        "h",
        (
            TargetModel(SOON, {"probability": grown["soon"]}, {"platt": {"slope": 1.1, "intercept": -0.2}}),
            TargetModel(LIFE, {"h48.0": grown["early"], "h240.0": grown["later"]}, {"conformal": conformal}),
        ),
        {
            "metrics": {"fails_soon": {"average_precision": 0.8, "brier": 0.1}, "life": {"coverage90": 0.91}},
            "lives": {"fails_soon": {"lives": 12, "failures": 9}},
            "abstained": {},
            "selection": {"words": "4 of 9 features have to do with what is predicted."},
        },
    )


def _grow(matrix: Any, label: Any) -> str:
    data = lightgbm.Dataset(matrix, label, feature_name=[f"f{n}" for n in range(matrix.shape[1])])
    parameters = {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 7, "seed": 1}
    return str(lightgbm.train(parameters, data, 8).model_to_string())


@pytest.fixture(scope="session")
def bench(
    tmp_path_factory: pytest.TempPathFactory,
    model: Model,
    asset_class: AssetClass,
    definition: ModelDefinition,
    table: pd.DataFrame,
) -> Bench:
    workspace = Workspace(tmp_path_factory.mktemp("plant"))
    key = plant_key(workspace)

    def write(folder: Path | None = None, **changes: Any) -> Manifest:
        values: dict[str, Any] = {
            "model": model,
            "feature_set": asset_class.feature_set,
            "asset_class": asset_class,
            "definition": definition,
            "extraction_version": extraction_version(),
            "data_versions": {"readings_pump": 4},
            "golden": table,
            "key": key,
            "created_by": "ada",
        } | changes
        return write_bundle(folder or workspace.bundles, values.pop("model"), **values)

    return Bench(workspace, key, write)
