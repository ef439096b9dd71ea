"""Data from which no model can be learnt: each kind gives a clear sentence, and the rung that still works stands in charge."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Catalogue, Channel
from pdm.operations.ingest_events import ingest_events
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.promote_model import promote_model
from pdm.operations.score_fleet import assess_class, champion
from pdm.operations.train_model import train_model
from pdm.readings.registry import Asset, register
from pdm.testing.machines import A_FAN, A_FAN_MODEL, START, fan_readings
from pdm.testing.plants import a_plant

DAYS = 24
NOW = START + timedelta(days=DAYS)
MODEL = replace(A_FAN_MODEL, watch=replace(A_FAN_MODEL.watch, before_days=2.0))
TAGS = ("F-1", "F-2", "F-3")
PLAIN = replace(
    A_FAN,
    channels=tuple(Channel(one.name, one.title, one.unit) if one.role == "setting" else one for one in A_FAN.channels),
)
SOON = replace(MODEL, targets=tuple(replace(target, horizon=72.0) for target in MODEL.targets))
EVER = replace(MODEL, targets=tuple(replace(target, horizon=1e6) for target in MODEL.targets))


def failures(*days, mode="bearing_wear", time=True):
    """A failure on each of these days, machine after machine, mended on the next day."""
    rows = []
    for number, day in enumerate(days):
        tag, at = TAGS[number % len(TAGS)], START + timedelta(days=day)
        rows.append({"asset": tag, "time": at if time else "", "kind": "failure", "failure_mode": mode})
        done = {"asset": tag, "time": at + timedelta(hours=9), "kind": "repair", "maintainable_item": "bearing"}
        rows.append(done | {"restores": True})
    return pd.DataFrame(rows)


def readings(**columns):
    return fan_readings(len(TAGS), DAYS).assign(**columns)


CASES = {
    "too few failures": (A_FAN, MODEL, readings(), failures(12, 20), "watch list", "2 lives on 2 assets ended in this"),
    "one class only": (A_FAN, EVER, readings(), failures(22, 22.5, 23), "watch list", "the same answer"),
    "constant features": (
        A_FAN,
        SOON,
        readings(temperature=50.0, vibration=2.0, current=40.0, speed=1000.0, ambient=20.0),
        failures(8, 12, 16, 20),
        "watch list",
        "tell the rows apart in no way",
    ),
    "all censored": (A_FAN, MODEL, readings(), None, "watch list", "0 lives on 0 assets"),
    "labels without a time": (A_FAN, MODEL, readings(), failures(8, 12, 16, 20, time=False), "watch list", "0 lives"),
    "no settings": (PLAIN, MODEL, readings(), None, "watch list", "0 lives on 0 assets"),
    "readings all missing": (
        A_FAN,
        MODEL,
        readings(temperature=np.nan, vibration=np.nan, current=np.nan),
        failures(4, 8, 12, 16, 20),
        "age only",
        "no machine of class test_fan has 200 rows of undisturbed running",
    ),
}


@pytest.mark.parametrize("case", list(CASES))
def test_what_cannot_be_learnt_is_said_and_the_rung_that_works_answers(tmp_path, case):
    asset_class, model, rows, events, rung, sentence = CASES[case]
    plant = a_plant(tmp_path, now=NOW)
    plant = replace(plant, catalogue=Catalogue({"test_fan": asset_class}, {"test_fan": model}))
    register(plant.history, [Asset(tag, "test_fan", commissioned=START) for tag in TAGS], now=START)
    rows = rows[rows["time"] <= NOW].reset_index(drop=True)
    ingest_readings(plant, rows, asset_class="test_fan", source="historian", backfill=True)
    if events is not None:
        ingest_events(plant, events, source="cmms", time_zone="UTC", backfill=True)

    found = train_model(plant, "test_fan", author="Ada")
    promote_model(plant, "test_fan", found.version, approved_by="Grace")
    assessed = assess_class(plant, "test_fan")

    assert found.ladder.rung == rung
    assert sentence in found.ladder.why
    assert champion(plant, "test_fan").ladder.words.startswith(f"stands on the rung: {rung}, because ")
    assert {one.rung for one in assessed} == {rung}
    assert {one.model for one in assessed} == {"ok"}
