"""A sensor that stands still is seen while the machine runs, and nothing that may stand still is suspected."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, RunningRule, Window
from pdm.scoring.quality import silences
from pdm.scoring.stuck import stuck

CHANNELS = (
    Channel("vibration", "Vibration", "mm/s"),
    Channel("level", "Tank level", "%", sampling="exception"),
    Channel("speed", "Shaft speed", "rpm", role="setting"),
)
PUMP = AssetClass(
    "pump", "Pump", Axis(), CHANNELS, FeatureSet("pump", ("vibration",), (Window(rows=3),)), RunningRule("speed", 200.0)
)
NAMES = ("vibration", "level", "speed")


def a_table(hours=48, *, still=0, speed=1480.0, seed=1):
    vibration = np.random.default_rng(seed).normal(3.0, 0.2, hours)
    vibration[hours - still :] = vibration[hours - still - 1] if still else vibration[hours - still :]
    times = pd.date_range("2026-03-01", periods=hours, freq="h", tz="UTC")
    return pd.DataFrame({"asset": "P-1", "time": times, "vibration": vibration, "level": 50.0, "speed": speed})


def test_a_frozen_channel_is_seen_and_makes_the_data_bad():
    table = a_table(still=8)

    assert set(stuck(table, PUMP, NAMES)["P-1"]) == {"vibration"}
    silence = silences(table, PUMP, NAMES)["P-1"]
    assert silence.silent == ("vibration",)
    assert "the same value 9 times in a row" in silence.flags[0]


@pytest.mark.parametrize("still", [0, 3])
def test_noise_and_a_short_repetition_are_no_suspicion(still):
    assert stuck(a_table(still=still), PUMP, NAMES) == {}


def test_at_rest_everything_stands_still():
    table = a_table(still=8)
    table.loc[40:, "speed"] = 0.0

    assert stuck(table, PUMP, NAMES) == {}


def test_a_channel_of_coarse_resolution_may_rest_for_long():
    table = a_table()
    table["vibration"] = np.repeat([3.0, 3.1, 3.0, 3.2, 3.0], [10, 10, 10, 10, 8])

    assert stuck(table, PUMP, NAMES) == {}


def test_the_order_of_rows_and_other_machines_do_not_matter():
    other = a_table(seed=2).assign(asset="P-2")
    table = pd.concat([a_table(still=8), other]).sample(frac=1.0, random_state=3)

    assert set(stuck(table, PUMP, NAMES)) == {"P-1"}


def test_without_the_channel_of_the_running_rule_every_row_counts():
    assert set(stuck(a_table(still=8).drop(columns="speed"), PUMP, ("vibration",))) == {"P-1"}
    assert stuck(a_table(still=8), replace(PUMP, running=None), ("speed",)) == {}


def test_a_sensor_that_has_stood_still_for_longer_than_the_table_is_measured_by_its_sisters():
    still = a_table().assign(vibration=3.0)
    sisters = [a_table(seed=n).assign(asset=f"P-{n}") for n in (2, 3)]

    assert set(stuck(pd.concat([still, *sisters]), PUMP, NAMES)) == {"P-1"}
    resting = [one.assign(vibration=2.0) for one in sisters]
    assert stuck(pd.concat([still, *resting]), PUMP, NAMES) == {}  # they all do
    assert stuck(still, PUMP, NAMES) == {}  # nobody to ask
