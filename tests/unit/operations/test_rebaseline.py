"""A baseline begins anew when somebody declares it, or when the class says that an overhaul makes it so; a fault never moves it."""

import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Catalogue
from pdm.clock import ManualClock
from pdm.errors import Conflict, InputError, NotFound
from pdm.learning.expected.settle import SETTLE_ROWS, settle
from pdm.operations._begun import begun_anew
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.promote_model import promote_model
from pdm.operations.rebaseline import rebaseline
from pdm.operations.score_fleet import assess_class, champion
from pdm.operations.score_history import score_history
from pdm.operations.train_model import train_model
from pdm.readings.events import read_events
from pdm.readings.registry import Asset, register
from pdm.readings.store import ReadingStore
from pdm.registry.bundle import load_bundle
from pdm.registry.keys import public_key
from pdm.replay.timeline import moments
from pdm.testing.builders import an_alert
from pdm.testing.history import MemoryHistory
from pdm.testing.machines import A_FAN, A_FAN_MODEL, START, fan_readings
from pdm.testing.plants import a_plant

LEARNT, OVERHAUL, NOW = (START + timedelta(days=days) for days in (100, 110, 130))
RENEWING = replace(A_FAN_MODEL, watch=replace(A_FAN_MODEL.watch, new_baseline_after=("installation", "repair")))


def a_fan_plant(folder, model=A_FAN_MODEL):
    """Four fans. F-2 is overhauled on day 110, runs 6 K warmer since then and shakes more; F-3 slowly gets worse from then on."""
    plant = replace(a_plant(folder, now=NOW), catalogue=Catalogue({"test_fan": A_FAN}, {"test_fan": model}))
    readings = fan_readings(4, 130)
    readings = readings[readings["time"] <= NOW].reset_index(drop=True)
    since = readings["time"] >= OVERHAUL
    readings.loc[since & (readings["asset"] == "F-2"), ["temperature", "vibration"]] += [6.0, 1.2]
    ill = since & (readings["asset"] == "F-3")
    hours = (readings.loc[ill, "time"] - OVERHAUL).dt.total_seconds() / 3600
    readings.loc[ill, "temperature"] += 6.0 * hours / (20 * 24)
    readings.loc[ill, "vibration"] += 1.2 * hours / (20 * 24)
    register(plant.history, [Asset(f"F-{n}", "test_fan") for n in range(1, 5)], now=START)
    ingest_readings(plant, readings, asset_class="test_fan", source="historian", backfill=True)
    return plant


def in_charge(plant, *, known_at=LEARNT):
    found = train_model(plant, "test_fan", author="Ada", known_at=known_at)
    promote_model(plant, "test_fan", found.version, approved_by="Grace")
    return found


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    plant = a_fan_plant(tmp_path_factory.mktemp("plant"))
    in_charge(plant)
    return plant


@pytest.fixture
def plant(shared):
    """What a test writes is gone with it."""
    return replace(shared, history=MemoryHistory({name: list(all_) for name, all_ in shared.history.versions.items()}))


def asked(plant, now=NOW):
    return {one.asset: one for one in assess_class(replace(plant, clock=ManualClock(now)), "test_fan")}


def test_a_machine_that_came_back_different_deviates_until_its_baseline_begins_anew(plant):
    before = asked(plant)["F-2"]

    rebaseline(plant, "F-2", start=OVERHAUL, by="Grace", reason="overhaul with another bearing type")

    after = asked(plant)["F-2"]
    assert before.condition == "act"
    assert before.strongest.level > 1
    assert after.condition == "normal"
    assert after.strongest.level < 0.5


def test_only_the_machine_that_was_named_gets_another_level(plant):
    model = champion(plant, "test_fan").watch.expected
    readings = ReadingStore(plant.history).scan(A_FAN, assets=["F-1", "F-2"], start=OVERHAUL)
    sound = np.ones(len(readings), dtype=bool)

    after = settle(model, readings, sound, A_FAN, {"F-2": OVERHAUL.timestamp() / 3600})

    for now, then in zip(after.channels, model.channels, strict=True):
        assert {tag: own for tag, own in now.own.items() if tag != "F-2"} == {
            tag: own for tag, own in then.own.items() if tag != "F-2"
        }
        assert (now.own["F-2"].gains, now.own["F-2"].spread) == (then.own["F-2"].gains, then.own["F-2"].spread)
    assert after.channels[0].own["F-2"].level - model.channels[0].own["F-2"].level == pytest.approx(6.0, abs=0.6)


def test_what_comes_after_the_first_sound_rows_never_moves_the_level(plant):
    model = champion(plant, "test_fan").watch.expected
    readings = ReadingStore(plant.history).scan(A_FAN, assets=["F-2"], start=OVERHAUL)
    begins, short = {"F-2": OVERHAUL.timestamp() / 3600}, readings.head(SETTLE_ROWS)

    early, late = (settle(model, rows, np.ones(len(rows), dtype=bool), A_FAN, begins) for rows in (short, readings))

    assert early == late


def test_until_it_has_learnt_its_new_level_a_machine_says_so_and_nothing_else(plant):
    now = OVERHAUL + timedelta(days=5)
    rebaseline(replace(plant, clock=ManualClock(now)), "F-2", start=OVERHAUL, by="Grace", reason="overhaul")

    one = asked(plant, now)["F-2"]

    assert one.condition == "unknown"
    assert one.deviations == ()
    assert any(
        re.search(r"its baseline begins anew \(2025-04-21\): 1\d\d of 200 sound readings heard", flag)
        for flag in one.quality_flags
    )


def test_a_fault_that_grows_after_a_new_baseline_is_seen_against_the_first_days_after_it(plant):
    rebaseline(plant, "F-3", start=OVERHAUL, by="Grace", reason="new motor")

    assert asked(plant)["F-3"].strongest.level > 1


def test_training_again_never_learns_a_fault_as_normal(plant):
    """F-3 gets worse for twenty days that nobody excludes; the class is trained again on all of them."""
    unlearnt = asked(plant)["F-3"].strongest.level

    found = train_model(plant, "test_fan", author="Ada", known_at=NOW)
    again = load_bundle(found.bundle, public_key(plant.workspace), threads=1).watch.expected
    before = champion(plant, "test_fan").watch.expected

    now, then = ({one.channel: one.own["F-3"] for one in model.channels} for model in (again, before))
    assert unlearnt > 1
    assert abs(now["temperature"].level - then["temperature"].level) < 0.25
    assert abs(now["vibration"].level - then["vibration"].level) < 0.05


def test_training_again_takes_the_new_baseline_over(plant):
    rebaseline(plant, "F-2", start=OVERHAUL, by="Grace", reason="overhaul")

    found = train_model(plant, "test_fan", author="Ada", known_at=NOW)
    again = load_bundle(found.bundle, public_key(plant.workspace), threads=1).watch.expected
    before = champion(plant, "test_fan").watch.expected

    now, then = ({one.channel: one.own["F-2"] for one in model.channels} for model in (again, before))
    assert now["temperature"].level - then["temperature"].level == pytest.approx(6.0, abs=0.6)
    assert now["vibration"].level - then["vibration"].level == pytest.approx(1.2, abs=0.2)


@pytest.mark.parametrize(("restores", "anew"), [(True, True), (False, False)], ids=["restores", "does not restore"])
def test_an_overhaul_in_the_maintenance_system_counts_where_the_class_says_so(plant, restores, anew):
    done = {"asset": "F-2", "time": OVERHAUL, "kind": "repair", "maintainable_item": "unit", "restores": restores}
    ingest_events(plant, pd.DataFrame([done]), source="cmms", time_zone="UTC", backfill=True)
    bundle = champion(plant, "test_fan")
    told = replace(bundle, definition=RENEWING)

    events = read_events(plant.history, known_at=NOW)

    assert (begun_anew(told, A_FAN, events) == {"F-2": OVERHAUL.timestamp() / 3600}) is anew
    assert begun_anew(bundle, A_FAN, events) == {}


def test_a_replay_says_what_each_moment_said_alone(plant):
    rebaseline(replace(plant, clock=ManualClock(OVERHAUL)), "F-2", start=OVERHAUL, by="Grace", reason="overhaul")
    span = (OVERHAUL + timedelta(days=12), NOW - timedelta(days=1))

    passed = score_history(plant, list(moments(*span, timedelta(days=3))), classes=["test_fan"])

    told = list(passed)
    assert len(told) >= 2
    for moment, then in told:
        alone = asked(plant, moment)
        assert [(one.asset, one.condition, one.deviations) for one in then] == [
            (tag, one.condition, one.deviations) for tag, one in sorted(alone.items())
        ]


def test_who_declared_it_and_why_stands_in_the_audit(plant):
    rebaseline(plant, "F-2", start=OVERHAUL, by="Grace", reason="overhaul")

    with plant.unit_of_work() as work:
        found = work.audit.list(subject="readings:F-2")
    assert ("Grace", "rebaseline", "overhaul") in [(entry.who, entry.verb, entry.why) for entry in found]


def test_a_baseline_does_not_begin_anew_while_an_alert_stands_unless_somebody_signs_for_it(plant, tmp_path):
    mine = replace(plant, unit_of_work=a_plant(tmp_path, now=NOW).unit_of_work)
    with mine.unit_of_work() as work:
        work.alerts.save(an_alert("F-3", asset_class="test_fan"))
        work.commit()
    told = {"start": OVERHAUL, "by": "Grace", "reason": "looks calmer to me"}

    with pytest.raises(Conflict, match=r"an alert about F-3 is open \(bearing_wear\): what it shows now"):
        rebaseline(mine, "F-3", **told)
    assert "rebaseline" not in read_events(mine.history, assets=["F-3"])["kind"].tolist()

    rebaseline(mine, "F-2", **told)
    rebaseline(mine, "F-3", **told, although_alert=True)

    with mine.unit_of_work() as work:
        (entry,) = work.audit.list(subject="readings:F-3")
    assert entry.details["open_alerts"] == ["al-F-3-bearing_wear"]


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"by": " "}, InputError, "needs a name"),
        ({"reason": ""}, InputError, "needs a reason"),
        ({"asset": "F-9"}, NotFound, "no asset 'F-9'"),
        ({"start": NOW + timedelta(days=1)}, InputError, "in the future"),
    ],
    ids=["nobody", "no reason", "unknown", "future"],
)
def test_a_baseline_needs_a_name_a_reason_a_machine_and_a_moment_that_has_passed(plant, changes, error, sentence):
    given = {"asset": "F-2", "start": OVERHAUL, "by": "Grace", "reason": "overhaul"} | changes

    with pytest.raises(error, match=sentence):
        rebaseline(plant, given.pop("asset"), **given)
