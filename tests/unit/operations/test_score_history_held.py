"""Classes whose channels are written on change are read with their whole life, live and in a replay: both must say the same."""

from dataclasses import replace
from datetime import timedelta

import lightgbm
import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Catalogue
from pdm.clock import ManualClock
from pdm.extraction import extraction_version, feature_names
from pdm.learning.model import Model, TargetModel
from pdm.operations._known import needed_history
from pdm.operations.score_fleet import assess_class, champion
from pdm.operations.score_history import score_history
from pdm.readings.store import ReadingStore
from pdm.registry.bundle import write_bundle
from pdm.registry.keys import plant_key
from pdm.registry.shelf import BundleShelf
from pdm.replay.timeline import moments


@pytest.fixture
def by_exception(watched):
    """The pumps, written on change: their speed was told once, long ago; late rows come in between."""
    pump = watched.catalogue.classes["pump"]
    channels = tuple(replace(channel, sampling="exception") for channel in pump.channels)
    features = replace(pump.feature_set, held=tuple(channel.name for channel in channels))
    asset_class = replace(pump, channels=channels, feature_set=features)
    plant = replace(
        watched, catalogue=Catalogue(watched.catalogue.classes | {"pump": asset_class}, watched.catalogue.models)
    )
    now = watched.clock.now()
    times = pd.date_range(now - timedelta(days=9), now - timedelta(days=8), freq="1h").as_unit("us")
    late = pd.DataFrame({"asset": "P-3", "time": times, "recorded_at": times + timedelta(days=2)})
    ReadingStore(plant.history).merge(
        asset_class, late.assign(speed=1500.0, vibration=9.0), source="late", recorded_at=None
    )
    quiet = pd.DataFrame(
        {"asset": "P-1", "time": [now - timedelta(days=39, minutes=30)], "recorded_at": [now - timedelta(days=39)]}
    )
    ReadingStore(plant.history).merge(asset_class, quiet.assign(speed=1490.0), source="once", recorded_at=None)
    put_in_charge(plant, asset_class)
    return plant, list(moments(now - timedelta(days=12), now, timedelta(hours=71)))


def put_in_charge(plant, asset_class):
    names = feature_names(asset_class.feature_set, asset_class.axis)
    matrix = np.random.default_rng(1).gamma(2.0, 2.0, size=(300, len(names))).astype(np.float32)
    data = lightgbm.Dataset(matrix, (matrix[:, 0] > 5).astype(float), feature_name=[f"f{n}" for n in range(len(names))])
    words = {"objective": "binary", "num_threads": 1, "verbosity": -1, "num_leaves": 7, "learning_rate": 0.5}
    booster = str(lightgbm.train(words, data, 8).model_to_string())
    definition = plant.catalogue.model("pump")
    manifest = write_bundle(
        plant.workspace.bundles,
        Model("pump", names, "h", (TargetModel(definition.targets[0], {"probability": booster}),)),
        feature_set=asset_class.feature_set,
        asset_class=asset_class,
        definition=definition,
        extraction_version=extraction_version(),
        data_versions={"readings_pump": 1},
        golden=pd.DataFrame(np.ones((3, len(names)), np.float32), columns=list(names)),
        key=plant_key(plant.workspace),
        created_by="ada",
    )
    BundleShelf(plant.workspace.bundles).set_alias("pump", "champion", manifest.version)


def test_a_replay_says_what_each_round_said_although_it_reads_no_whole_lives(by_exception):
    plant, at = by_exception

    found = [one for _, some in score_history(plant, at, classes=["pump"]) for one in some]

    assert needed_history(plant.catalogue.classes["pump"], champion(plant, "pump")) is None
    assert found == [one for now in at for one in assess_class(replace(plant, clock=ManualClock(now)), "pump")]
    assert sum(bool(one.risks) for one in found) > len(at)
    assert {one.equipment for one in found} >= {"running", "unknown"}
