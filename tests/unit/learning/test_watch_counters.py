"""A watch list on a class that counts: each machine from where its own counter stands, in days of its counter."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Axis
from pdm.errors import TooLittleData
from pdm.learning.watch import learn_watch, stand
from pdm.testing.machines import A_FAN, A_FAN_MODEL, START, fan_readings

COUNTING = replace(A_FAN, axis=Axis("usage", 1.0, "run hours", 24.0))
DAYS = 120


def counted(days=DAYS, fans=5):
    """Fans whose counters began anywhere between 0 and 40,000 hours; two of them were read a month less than the others."""
    table = fan_readings(fans, days)
    hours = ((table["time"] - pd.Timestamp(START)).dt.total_seconds() / 3600).round()
    number = table["asset"].str[-1].astype(int)
    table["time"] = hours + 10_000.0 * (number - 1)
    return table[~((number <= 2) & (hours > (days - 30) * 24))].reset_index(drop=True)


@pytest.fixture(scope="module")
def readings():
    return counted()


@pytest.fixture(scope="module")
def learnt(readings):
    return learn_watch(readings, COUNTING, A_FAN_MODEL, learner="ridge")


def ill(readings, asset, days=20):
    """The same with a bearing that gets warm and shakes over its last days."""
    moved = readings.copy()
    rows = np.flatnonzero(moved["asset"] == asset)[-days * 24 :]
    ramp = np.linspace(0, 1, len(rows))
    moved.loc[rows, "temperature"] += 6 * ramp
    moved.loc[rows, "vibration"] += 1.5 * ramp
    return moved


@pytest.mark.parametrize("asset", ["F-1", "F-2", "F-5"])
def test_a_machine_that_deviates_is_seen_wherever_its_counter_stands(readings, learnt, asset):
    moved = ill(readings, asset)

    found = stand(learnt.expected, learnt.watch, moved, COUNTING, end=float(moved["time"].max()))

    assert set(found) == {f"F-{n}" for n in range(1, 6)}
    assert max(found[asset].levels.values()) > 1
    assert "bearing_wear" in found[asset].levels
    assert all(max(one.levels.values()) < 1 for tag, one in found.items() if tag != asset)


def test_nothing_is_subtracted_for_sisters_that_count_apart(readings, learnt):
    everyone = readings
    for asset in ("F-1", "F-2", "F-3", "F-4", "F-5"):
        everyone = ill(everyone, asset)

    found = stand(learnt.expected, learnt.watch, everyone, COUNTING, end=float(everyone["time"].max()))

    assert all(max(one.levels.values()) > 1 for one in found.values())
    assert not any(one.common for one in found.values())


def test_a_repair_on_the_counter_forgets_what_was_before_it(readings, learnt):
    moved = ill(readings, "F-2")
    end = float(moved["time"].max())
    newest = float(moved.loc[moved["asset"] == "F-2", "time"].max())

    found = stand(learnt.expected, learnt.watch, moved, COUNTING, end=end, restored={"F-2": newest - 1.0})

    assert "F-2" not in found


def test_lives_too_short_for_undisturbed_months_are_a_sentence():
    with pytest.raises(TooLittleData, match="200 rows of undisturbed running"):
        learn_watch(counted(days=5), COUNTING, A_FAN_MODEL)
