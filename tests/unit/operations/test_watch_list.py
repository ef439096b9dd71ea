"""A class without a single failure on record is trained, promoted and scored all the same, and a machine that deviates raises an alert."""

import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Catalogue
from pdm.clock import ManualClock
from pdm.errors import TooLittleData
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.promote_model import promote_model
from pdm.operations.reproduce_run import reproduce_run
from pdm.operations.score_fleet import assess_class
from pdm.operations.score_history import score_history
from pdm.operations.train_model import train_model
from pdm.readings.registry import Asset, register
from pdm.readings.store import ReadingStore
from pdm.registry.bundle import load_bundle
from pdm.registry.keys import public_key
from pdm.replay.timeline import moments
from pdm.testing.machines import A_FAN, A_FAN_MODEL, START, fan_readings
from pdm.testing.plants import a_plant

LEARNT = START + timedelta(days=120)
NOW = START + timedelta(days=150)


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """Five fans over 150 days; from day 130 on the bearing of F-2 gets warm and shakes."""
    plant = a_plant(tmp_path_factory.mktemp("plant"), now=NOW)
    plant = replace(plant, catalogue=Catalogue({"test_fan": A_FAN}, {"test_fan": A_FAN_MODEL}))
    readings = fan_readings(5, 150)
    readings = readings[readings["time"] <= NOW].reset_index(drop=True)
    ill = (readings["asset"] == "F-2") & (readings["time"] >= START + timedelta(days=130))
    ramp = np.linspace(0, 1, int(ill.sum()))
    readings.loc[ill, "temperature"] += 6 * ramp
    readings.loc[ill, "vibration"] += 1.5 * ramp
    register(plant.history, [Asset(f"F-{n}", "test_fan") for n in range(1, 6)], now=START)
    ingest_readings(plant, readings, asset_class="test_fan", source="historian", backfill=True)
    return plant


@pytest.fixture(scope="module")
def result(plant):
    found = train_model(plant, "test_fan", author="Ada", known_at=LEARNT)
    promote_model(plant, "test_fan", found.version, approved_by="Grace")
    return found


def test_training_without_failures_gives_the_rung_that_works_and_says_why(plant, result):
    bundle = load_bundle(result.bundle, public_key(plant.workspace), threads=1)

    assert bundle.ladder.rung == "watch list"
    assert "0 lives on 0 assets ended in this failure" in bundle.ladder.why
    assert "compared with what is expected of a sound machine" in bundle.ladder.why
    assert bundle.watch is not None
    assert bundle.watch.expected.assets == {f"F-{n}" for n in range(1, 6)}
    assert not bundle.manifest.targets


@pytest.mark.usefixtures("result")
def test_a_watch_list_comes_out_the_same_from_what_its_run_saw_and_who_was_in_charge_then(plant):
    newer = train_model(plant, "test_fan", author="Ada", known_at=LEARNT + timedelta(days=5))

    again = reproduce_run(plant, newer.version)

    assert again.different == ()
    assert {"rung", "watch.digest", "watch.limit.alone"} <= {figure.name for figure in again.figures}


@pytest.mark.usefixtures("result")
def test_a_machine_that_deviates_says_by_how_much_and_since_when(plant):
    then = replace(plant, clock=ManualClock(NOW))

    found = {one.asset: one for one in assess_class(then, "test_fan")}

    ill = found["F-2"]
    assert (ill.rung, ill.model, ill.condition) == ("watch list", "ok", "act")
    assert ill.strongest.mode == "bearing_wear"
    assert ill.strongest.level > 1
    assert "bearing temperature 5." in ill.strongest.sentence
    assert "K above expected for this load and weather, for " in ill.strongest.sentence
    assert {one.condition for asset, one in found.items() if asset != "F-2"} == {"normal"}


@pytest.mark.usefixtures("result")
def test_a_new_machine_says_that_it_has_no_baseline(plant):
    then = replace(plant, clock=ManualClock(NOW))
    register(then.history, [Asset("F-9", "test_fan")], now=NOW)
    late = fan_readings(1, 150).assign(asset="F-9")
    late = late[(late["time"] > NOW - timedelta(days=10)) & (late["time"] <= NOW)].reset_index(drop=True)
    ingest_readings(then, late, asset_class="test_fan", source="historian", backfill=True)

    found = {one.asset: one for one in assess_class(then, "test_fan")}["F-9"]

    assert found.condition == "unknown"
    assert any("no baseline yet" in flag for flag in found.quality_flags)


def test_where_nothing_works_both_reasons_are_told(tmp_path):
    plant = a_plant(tmp_path, now=NOW)
    plant = replace(plant, catalogue=Catalogue({"test_fan": A_FAN}, {"test_fan": A_FAN_MODEL}))
    register(plant.history, [Asset("F-1", "test_fan")], now=START)
    ingest_readings(plant, fan_readings(1, 3), asset_class="test_fan", source="historian", backfill=True)

    with pytest.raises(TooLittleData, match=r"ended in this failure.*undisturbed running"):
        train_model(plant, "test_fan", author="Ada")


def test_one_watch_list_succeeds_another(plant, result):
    later = train_model(plant, "test_fan", author="Ada", known_at=LEARNT + timedelta(days=5))

    promotion = promote_model(plant, "test_fan", later.version, approved_by="Grace")

    assert promotion.previous == result.version
    assert not promotion.against


@pytest.mark.usefixtures("result")
def test_many_moments_of_the_past_say_what_each_said_alone_with_late_rows_and_repairs(plant):
    now = NOW - timedelta(days=6)
    late = fan_readings(5, 150)
    late = late[(late["asset"] == "F-3") & (late["time"] > now - timedelta(days=8)) & (late["time"] <= now)]
    late = late.assign(time=late["time"] + timedelta(minutes=30), temperature=late["temperature"] + 9)
    late["recorded_at"] = late["time"] + timedelta(days=3)
    ReadingStore(plant.history).merge(A_FAN, late.reset_index(drop=True), source="late", recorded_at=None)
    repair = pd.DataFrame(
        {"asset": ["F-2"], "kind": ["repair"], "time": [now], "recorded_at": [now + timedelta(days=1)]}
    )
    ingest_events(plant, repair, source="cmms", backfill=True)
    at = list(moments(now - timedelta(days=2), NOW, timedelta(hours=17)))

    found = [one for _, some in score_history(plant, at) for one in some]

    assert found == [one for then in at for one in assess_class(replace(plant, clock=ManualClock(then)), "test_fan")]
    told = [one.strongest.sentence for one in found if one.asset == "F-2"]
    days = [int(re.search(r"for (\d+) day", sentence)[1]) for sentence in told]
    assert days[4] >= 10  # the repair is not known yet
    assert days[5] <= 2
