"""Made-up challengers of a class, with held-out answers that are as wrong as a test wants them to be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from pdm.catalogue import Target
from pdm.extraction import extraction_version
from pdm.learning.answers import digest, write_answers
from pdm.learning.leak_report import QUESTIONS, LeakLine, LeakReport
from pdm.learning.model import Model, TargetModel
from pdm.ports import Plant
from pdm.registry.bundle import write_bundle
from pdm.registry.keys import plant_key
from pdm.registry.shelf import BundleShelf

FEATURES = ("vibration__mean", "vibration__maximum")
CLEAN = LeakReport(tuple(LeakLine(name, True, "fine") for name in QUESTIONS)).plain()


def made_up_answers(target: Target, error: float, start: float = 0.0) -> pd.DataFrame:
    """Twelve pumps that fail after 600 hours, a row a day; every answer is wrong by about `error`."""
    position = np.arange(0.0, 600.0, 24.0) + start
    noise = np.random.default_rng(int(error * 100)).uniform(0.9, 1.1, (12, len(position)))
    remaining = 600.0 + start - position
    truth = (remaining <= target.horizon).astype(float)
    frames = [
        pd.DataFrame(
            {
                "target": target.name,
                "question": "later",
                "asset": f"P-{pump}",
                "position": position,
                "group": pump,
                "remaining": remaining,
                "observed": True,
                "age": position - start,
                "life": pump,
                "answer": np.abs(truth - error * noise[pump]),
                "low": np.nan,
                "high": np.nan,
            }
        )
        for pump in range(12)
    ]
    return pd.concat(frames, ignore_index=True)


def put_up(
    plant: Plant,
    error: float = 0.3,
    author: str = "ada",
    leaks: Mapping[str, Any] | None = CLEAN,
    from_position: float = 0.0,
) -> str:
    """Put a challenger of the pumps with these figures on the shelf, as training does; its version."""
    asset_class, definition = plant.catalogue.asset_class("pump"), plant.catalogue.model("pump")
    target = TargetModel(definition.targets[0], {"probability": _booster()})
    answers = made_up_answers(definition.targets[0], error, from_position)
    facts = {"answers": {"sha256": digest(answers)}, "metrics": {"bearing_wear_within.later.recall": 1.0}}
    manifest = write_bundle(
        plant.workspace.bundles,
        Model("pump", FEATURES, "h", (target,), facts | ({"leaks": leaks} if leaks else {})),
        feature_set=asset_class.feature_set,
        asset_class=asset_class,
        definition=definition,
        extraction_version=extraction_version(),
        data_versions={"readings_pump": 1},
        golden=pd.DataFrame(np.ones((3, 2), np.float32), columns=list(FEATURES)),
        key=plant_key(plant.workspace),
        created_by=author,
    )
    write_answers(plant.workspace.reports / "pump" / manifest.version, answers)
    shelf = BundleShelf(plant.workspace.bundles)
    with plant.tracker().run("pump", "training") as run:
        pass
    plant.tracker().register("pump", run.id, shelf.path("pump", manifest.version), manifest.version)
    shelf.set_alias("pump", "challenger", manifest.version)
    return manifest.version


@cache
def _booster() -> str:
    import lightgbm

    matrix = np.random.default_rng(1).normal(size=(100, 2)).astype(np.float32)
    data = lightgbm.Dataset(matrix, (matrix[:, 0] > 0).astype(float), feature_name=["f0", "f1"])
    parameters = {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 3}
    return str(lightgbm.train(parameters, data, 3).model_to_string())
