"""A plant writes what its watch lists saw and what was recorded afterwards; pooled over plants, the next training weighs levels by it."""

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Catalogue
from pdm.clock import ManualClock
from pdm.errors import BundleError, TooLittleData
from pdm.learning.watch.gather import read_evidence, write_evidence
from pdm.operations.gather_evidence import gather_evidence
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.promote_model import promote_model
from pdm.operations.reproduce_run import reproduce_run
from pdm.operations.score_fleet import assess_class
from pdm.operations.train_model import train_model
from pdm.operations.weigh_evidence import read_weighing, weigh_evidence, weighing_file
from pdm.readings.registry import Asset, register
from pdm.registry.bundle import load_bundle, read_manifest
from pdm.registry.card import model_card
from pdm.registry.keys import plant_key, public_key
from pdm.registry.manifest import content_version
from pdm.testing.evidence import evidence_of_a_plant
from pdm.testing.machines import A_FAN, A_FAN_MODEL, START, fan_readings
from pdm.testing.plants import a_plant

LEARNT, FAILED, NOW = (START + timedelta(days=day) for day in (120, 149, 150))


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """Four fans over 150 days; from day 130 on the bearing of F-2 gets warm and shakes, on day 149 it fails."""
    plant = a_plant(tmp_path_factory.mktemp("plant"), now=NOW)
    plant = replace(plant, catalogue=Catalogue({"test_fan": A_FAN}, {"test_fan": A_FAN_MODEL}))
    readings = fan_readings(4, 150)
    readings = readings[readings["time"] <= NOW].reset_index(drop=True)
    ill = (readings["asset"] == "F-2") & (readings["time"] >= START + timedelta(days=130))
    ramp = np.linspace(0, 1, int(ill.sum()))
    readings.loc[ill, "temperature"] += 8 * ramp
    readings.loc[ill, "vibration"] += 2 * ramp
    register(plant.history, [Asset(f"F-{n}", "test_fan") for n in range(1, 5)], now=START)
    ingest_readings(plant, readings, asset_class="test_fan", source="historian", backfill=True)
    failure = {
        "asset": "F-2",
        "time": FAILED,
        "kind": "failure",
        "failure_mode": "bearing_wear",
        "severity": "critical",
    }
    ingest_events(plant, pd.DataFrame([failure]), source="cmms")
    return plant


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """What six other plants sent."""
    folder = tmp_path_factory.mktemp("others")
    found = []
    for seed in range(6):
        write_evidence(evidence_of_a_plant(seed, telling=True), folder / f"{seed}.parquet")
        found.append(folder / f"{seed}.parquet")
    return found


def test_a_plant_exports_evidence_with_what_was_recorded_afterwards_and_without_names(plant, tmp_path):
    found = gather_evidence(plant, tmp_path / "mine.parquet", since=LEARNT)

    days = read_evidence(tmp_path / "mine.parquet").days
    assert (found.failures, found.classes, found.left_out) == (1, ("test_fan",), {})
    assert found.machine_days == 4 * 29
    assert days["machine"].unique().tolist() == [0]
    assert days["day"].is_monotonic_increasing
    assert (days["day"] + days["failed_in"]).dropna().round().unique().tolist() == [29]
    assert not days.select_dtypes(object).columns.tolist()


def test_a_plant_whose_machines_never_came_near_a_limit_says_so(plant, tmp_path):
    with pytest.raises(TooLittleData, match="no machine ever came near a limit since 2025-05-30"):
        gather_evidence(plant, tmp_path / "none.parquet", since=NOW - timedelta(hours=12))


def test_the_next_training_weighs_levels_by_pooled_records_and_says_what_it_rests_on(plant, files):
    weighed = weigh_evidence(plant, files)

    result = train_model(plant, "test_fan", author="Ada", known_at=LEARNT)
    promote_model(plant, "test_fan", result.version, approved_by="Grace")

    told = "watch list, weighed by 90 recorded failures of 6 plants"
    manifest = read_manifest(result.bundle, public_key(plant.workspace))
    assert weighed.used
    assert result.ladder.why.endswith(told)
    assert f"levels: {told}" in model_card(manifest).words
    assert load_bundle(result.bundle, public_key(plant.workspace), threads=1).watch.watch.weighing is not None
    found = {one.asset: one for one in assess_class(replace(plant, clock=ManualClock(FAILED)), "test_fan")}
    assert found["F-2"].strongest.mode == "bearing_wear"
    assert max(one.strongest.level for asset, one in found.items() if asset != "F-2") <= 0.6
    weighing_file(plant.workspace).unlink()
    assert reproduce_run(plant, result.version).different == ()


def test_a_weighing_whose_booster_is_damaged_is_refused_in_bundles_and_files(plant, files, tmp_path):
    weigh_evidence(plant, files)
    result = train_model(plant, "test_fan", author="Ada", known_at=LEARNT)
    document = json.loads((result.bundle / "manifest.json").read_bytes())
    weighing = document["watch"]["watch"]["weighing"]
    weighing["booster"] = weighing["booster"].replace("left_child=1", "left_child=7", 1)
    folder = tmp_path / "damaged"
    folder.mkdir()
    document["version"] = content_version(document)
    content = json.dumps(document).encode()
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sig").write_bytes(plant_key(plant.workspace).sign(content))

    with pytest.raises(BundleError, match="weighing is no LightGBM text"):
        load_bundle(folder, public_key(plant.workspace), threads=1)
    weighing_file(plant.workspace).write_text(json.dumps(weighing))
    with pytest.raises(BundleError, match="is no LightGBM text"):
        read_weighing(plant.workspace)
    weighing_file(plant.workspace).write_text("[]")
    with pytest.raises(BundleError, match="cannot be read"):
        read_weighing(plant.workspace)


def test_evidence_that_teaches_nothing_takes_the_old_weighing_away(plant, files, tmp_path):
    weigh_evidence(plant, files)
    dull = []
    for seed in range(6):
        write_evidence(evidence_of_a_plant(seed, telling=False), tmp_path / f"{seed}.parquet")
        dull.append(tmp_path / f"{seed}.parquet")

    found = weigh_evidence(plant, dull)

    assert not found.used
    assert read_weighing(plant.workspace) is None
    assert found.why.startswith("the plain level stays")
