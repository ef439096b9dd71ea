from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from pdm.errors import TooLittleData
from pdm.operations import retrain as circle
from pdm.operations.ingest_events import ingest_events
from pdm.operations.register_assets import register_assets
from pdm.readings.events import read_events, void_event
from pdm.readings.registry import Asset
from pdm.testing.plants import a_plant

TRAINED = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def plant(tmp_path):
    """A year-old plant with two pumps and an engine; its clock stands a week before the training."""
    plant = a_plant(tmp_path, now=TRAINED - 7 * DAY)
    register_assets(plant, [Asset("P-101", "pump"), Asset("P-102", "pump"), Asset("E-1", "engine")])
    return plant


@pytest.fixture
def in_charge(monkeypatch):
    """A champion that learnt from what was known at `TRAINED`, and was written an hour later."""
    manifest = SimpleNamespace(facts={"known_at": TRAINED.isoformat()})
    bundle = SimpleNamespace(version="v1", created_at=TRAINED + timedelta(hours=1), manifest=manifest)
    monkeypatch.setattr(circle, "champion", lambda _plant, _name: bundle)


def tell(plant, kind, *, asset="P-101", time=TRAINED - 10 * DAY, known=None):
    """Put one event on record; known: when the platform learns it."""
    if known is not None:
        plant.clock.set(known)
    row = {"asset": asset, "time": time, "kind": kind, "maintainable_item": "bearing", "failure_mode": "bearing_wear"}
    ingest_events(plant, pd.DataFrame([row]), source="cmms")


def test_without_a_champion_every_label_is_new(plant):
    for kind in ("failure", "repair", "inspection"):
        tell(plant, kind)

    assert circle.new_labels(plant, "pump") == 3


@pytest.mark.usefixtures("in_charge")
def test_only_what_became_known_after_the_training_is_new(plant):
    tell(plant, "failure")
    assert circle.new_labels(plant, "pump") == 0

    tell(plant, "failure", asset="P-102", time=TRAINED - 90 * DAY, known=TRAINED + DAY)  # old, but entered late

    assert circle.new_labels(plant, "pump") == 1


@pytest.mark.usefixtures("in_charge")
def test_what_became_known_while_the_champion_was_trained_is_new(plant):
    tell(plant, "failure", known=TRAINED + timedelta(minutes=30))

    assert circle.new_labels(plant, "pump") == 1


def test_of_a_champion_that_does_not_say_what_it_knew_its_birthday_counts(plant, monkeypatch):
    older = SimpleNamespace(version="v0", created_at=TRAINED, manifest=SimpleNamespace(facts={}))
    monkeypatch.setattr(circle, "champion", lambda _plant, _name: older)
    tell(plant, "failure")
    tell(plant, "failure", asset="P-102", known=TRAINED + DAY)

    assert circle.new_labels(plant, "pump") == 1


@pytest.mark.usefixtures("in_charge")
def test_error_codes_and_other_classes_are_no_labels(plant):
    plant.clock.set(TRAINED + DAY)
    tell(plant, "error_code")
    tell(plant, "process_change")
    row = {"asset": "E-1", "time": TRAINED, "usage": 120.0, "kind": "failure", "maintainable_item": "unit"}
    ingest_events(plant, pd.DataFrame([row]), source="cmms")

    assert circle.new_labels(plant, "pump") == 0
    assert circle.new_labels(plant, "engine") == 1


@pytest.mark.usefixtures("in_charge")
def test_a_label_that_was_taken_back_is_none(plant):
    tell(plant, "failure", known=TRAINED + DAY)
    [event] = read_events(plant.history)["event_id"]

    void_event(plant.history, event, by="Ada", reason="wrong pump", now=TRAINED + 2 * DAY)

    assert circle.new_labels(plant, "pump") == 0


@pytest.mark.usefixtures("in_charge")
def test_a_plant_without_events_has_no_labels(plant):
    assert circle.new_labels(plant, "pump") == 0


@pytest.mark.usefixtures("in_charge")
def test_retraining_trains_on_fresh_features_and_leaves_the_champion_named(plant, monkeypatch):
    asked = {}
    monkeypatch.setattr(circle, "train_model", lambda _plant, name, **said: asked.update(said, name=name) or "result")
    tell(plant, "failure", known=TRAINED + DAY)

    found = circle.retrain(plant, "pump", author="Ada")

    assert found == circle.Retraining("result", 1, "v1")
    assert asked == {"name": "pump", "author": "Ada"}


def test_a_plant_without_readings_cannot_be_learnt_from(plant):
    with pytest.raises(TooLittleData, match="no readings yet"):
        circle.retrain(plant, "pump", author="Ada")
