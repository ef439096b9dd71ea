"""A model that is asked about another world than the one it has learnt from: people are told, and trust falls."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pdm.cli.common import plain
from pdm.operations import watch_drift as module
from pdm.operations.exclude_interval import exclude_interval
from pdm.operations.rebaseline import rebaseline
from pdm.operations.watch_drift import watch_drift
from pdm.readings.registry import register
from pdm.readings.store import ReadingStore
from pdm.registry.shelf import BundleShelf
from pdm.testing.builders import NOON, an_asset
from pdm.testing.plants import a_plant
from pdm.views.health import health
from pdm.work.trust import Trust

PUMPS = ("P-1", "P-2", "P-3", "P-4", "P-5")
KNOWN_AT = NOON - timedelta(days=20)
DAYS = 260
"""Hours of readings end at NOON; the model has learnt from all but the last twenty days."""


@pytest.fixture
def plant(tmp_path, monkeypatch):
    """Five pumps whose vibration is restless by the day and by the season, and a champion that learnt twenty days ago."""
    plant = a_plant(tmp_path)
    register(plant.history, [an_asset(tag) for tag in PUMPS], [], now=NOON - timedelta(days=DAYS + 1))
    manifest = SimpleNamespace(
        asset_class=plant.catalogue.asset_class("pump"), facts={"known_at": KNOWN_AT.isoformat()}, created_at=KNOWN_AT
    )
    monkeypatch.setattr(module, "read_manifest", lambda *_: manifest)
    monkeypatch.setattr(module, "public_key", lambda *_: None)
    (plant.workspace.bundles / "pump" / "v1").mkdir(parents=True)
    (plant.workspace.bundles / "pump" / "v1" / "manifest.json").write_text("{}")
    BundleShelf(plant.workspace.bundles).set_alias("pump", "champion", "v1")
    return plant


def read(plant, shift=0.0, tags=PUMPS, seed=1):
    """Hourly vibration; `shift` spreads more on these machines during the last fortnight."""
    random, hours = np.random.default_rng(seed), np.arange(DAYS * 24)
    times = [NOON - timedelta(hours=int(hour)) for hour in hours[::-1]]
    frames = []
    for number, tag in enumerate(PUMPS):
        day = np.repeat(random.normal(size=DAYS), 24)
        season = np.sin(2 * np.pi * hours / (24 * 120))
        value = 2.0 + 0.5 * number + 0.1 * (day + season + random.normal(size=len(hours)))
        value[-14 * 24 :] += 0.1 * 1.9 * shift * (tag in tags)
        frames.append(pd.DataFrame({"asset": tag, "time": times, "vibration": value}))
    table = pd.concat(frames, ignore_index=True)
    ReadingStore(plant.history).merge(plant.catalogue.asset_class("pump"), table, source="test", recorded_at=NOON)


def entries(plant):
    with plant.unit_of_work() as work:
        return work.audit.list(subject="drift:pump")


def test_a_restless_plant_that_goes_on_as_before_does_not_drift_and_nothing_is_written_down(plant):
    read(plant)

    (found,) = watch_drift(plant)

    assert (found.looked_at, found.channels, found.why_not) == (1, (), "")
    assert entries(plant) == []
    assert health(plant).drift == ()


def test_what_moves_on_all_machines_is_told_once_with_figures_and_until_it_ends(plant):
    read(plant, shift=3.0)

    (found,) = watch_drift(plant)
    watch_drift(plant)

    (channel,) = found.channels
    assert channel.psi > channel.limit
    assert sorted(channel.moved) == list(PUMPS)
    assert "5 of 5 machines have moved: ask for a new product" in channel.sentence
    assert [(entry.who, entry.verb) for entry in entries(plant)] == [("drift watch", "drift")]
    assert entries(plant)[0].details["channels"] == ["vibration"]
    assert plain(found)["channels"][0]["channel"] == "vibration"
    (told,) = health(plant).drift
    assert told.startswith("Pump, since 2 Mar 2026")
    assert "Vibration, drive end: unlike any fortnight" in told


def test_the_end_of_it_is_told_too(plant, monkeypatch):
    read(plant, shift=3.0)
    watch_drift(plant)
    monkeypatch.setattr(module, "stability", lambda *_: STILL)

    watch_drift(plant)
    watch_drift(plant)

    assert [entry.verb for entry in entries(plant)] == ["no drift", "drift"]
    assert health(plant).drift == ()


STILL = module.Stability(psi=0.1, limit=0.4, shift=0.0, moved=(), machines=5)


def test_one_machine_is_named_with_what_to_look_at(plant, monkeypatch):
    read(plant)
    one = replace(STILL, psi=0.5, shift=0.2, moved=("P-3",))
    monkeypatch.setattr(module, "stability", lambda *_: one)

    ((channel,),) = [found.channels for found in watch_drift(plant)]

    assert channel.sentence.endswith(
        "1 of 5 machines have moved: look at the sensor of P-3, and at what was done to it"
    )


def test_earned_trust_falls_by_one_rung_when_drift_begins_and_not_again(plant, monkeypatch):
    read(plant, shift=3.0)
    with plant.unit_of_work() as work:
        work.trust.save(Trust("pump", "bearing_wear", "automatic", "automatic", raised_by="Eve"))
        work.commit()

    assert watch_drift(plant)[0].demoted == ("bearing_wear",)
    assert watch_drift(plant)[0].demoted == ()
    with monkeypatch.context() as quiet:
        quiet.setattr(module, "stability", lambda *_: STILL)
        watch_drift(plant)
    assert watch_drift(plant)[0].demoted == ()
    assert [entry.verb for entry in entries(plant)] == ["drift", "no drift", "drift"]

    with plant.unit_of_work() as work:
        trust = work.trust.get("pump", "bearing_wear")
        assert (trust.rung, "drift of vibration" in trust.why) == ("draft", True)
        assert work.trust.get("pump", "seal_leak") is None


def test_what_people_have_answered_for_is_not_drift(plant):
    read(plant, shift=3.0)
    start = NOON - timedelta(days=14)
    for tag in PUMPS[:3]:
        rebaseline(plant, tag, start=start, by="Ada", reason="new impeller")
    for tag in PUMPS[3:]:
        exclude_interval(plant, asset=tag, start=start, end=None, reason="trial", by="Ada")

    (found,) = watch_drift(plant)

    assert (found.channels, found.looked_at) == ((), 0)
    assert "too little" in found.why_not


def test_a_young_model_a_short_past_and_a_counting_class_are_said_and_not_judged(plant, monkeypatch):
    assert "too little" in watch_drift(plant)[0].why_not
    plant.clock.set(KNOWN_AT + timedelta(days=3))
    assert "less than a fortnight" in watch_drift(plant)[0].why_not
    counting = SimpleNamespace(asset_class=plant.catalogue.asset_class("engine"), facts={}, created_at=KNOWN_AT)
    monkeypatch.setattr(module, "read_manifest", lambda *_: counting)
    assert "counts" in watch_drift(plant, "pump")[0].why_not
    assert entries(plant) == []
