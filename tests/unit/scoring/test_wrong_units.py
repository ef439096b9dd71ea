from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, RunningRule, Window
from pdm.scoring.quality import silences
from pdm.scoring.wrong_units import wrong_units

CHANNELS = (
    Channel("speed", "shaft speed", "rpm", role="setting"),
    Channel("vibration", "vibration velocity", "mm/s"),
    Channel("pressure", "discharge pressure", "bar"),
)
NAMES = tuple(channel.name for channel in CHANNELS)
PUMP = AssetClass(
    "pump", "Pump", Axis(), CHANNELS, FeatureSet("pump", NAMES, (Window(rows=24),)), RunningRule("speed", 200.0)
)
HOURS = 96


@pytest.fixture
def recent():
    """Four days of five sisters, each a little different."""
    random = np.random.default_rng(5)
    times = pd.date_range(datetime(2026, 3, 1, tzinfo=UTC), periods=HOURS, freq="h", unit="us")
    parts = [
        pd.DataFrame(
            {
                "asset": f"P-{number}",
                "time": times,
                "speed": 1480 + random.normal(0, 4, HOURS),
                "vibration": 2.0 + 0.1 * number + random.normal(0, 0.1, HOURS),
                "pressure": 8.0 + random.normal(0, 0.1, HOURS),
            }
        )
        for number in range(1, 6)
    ]
    return pd.concat(parts, ignore_index=True)


def newest(recent, asset, hours):
    return (recent["asset"] == asset) & (recent.groupby("asset").cumcount() >= HOURS - hours)


def test_sound_sensors_are_not_doubted(recent):
    assert wrong_units(recent, PUMP, NAMES) == {}
    assert wrong_units(recent.iloc[:0], PUMP, NAMES) == {}


@pytest.mark.parametrize("channel", NAMES)
@pytest.mark.parametrize("factor", [1000.0, 0.001])
def test_a_factor_of_a_thousand_is_noticed_in_both_directions(recent, channel, factor):
    recent.loc[newest(recent, "P-2", 12), channel] *= factor

    found = wrong_units(recent, PUMP, NAMES)

    assert {asset: list(doubts) for asset, doubts in found.items()} == {"P-2": [channel]}
    assert PUMP.channel(channel).title in found["P-2"][channel]


def test_a_sensor_that_was_always_wrong_differs_from_its_sisters(recent):
    recent.loc[recent["asset"] == "P-3", "vibration"] /= 1000

    assert "written in m/s instead of mm/s" in wrong_units(recent, PUMP, NAMES)["P-3"]["vibration"]


def test_what_a_breaking_machine_may_do_itself_is_no_doubt(recent):
    recent.loc[newest(recent, "P-2", 12), "vibration"] *= 10
    recent.loc[newest(recent, "P-4", 12), "pressure"] *= 14.5

    assert wrong_units(recent, PUMP, NAMES) == {}


def test_a_stop_is_no_wrong_unit(recent):
    stopped = newest(recent, "P-2", 30)
    recent.loc[stopped, ["speed", "vibration", "pressure"]] = [0.0, 0.0, 0.001]

    assert wrong_units(recent, PUMP, NAMES) == {}


def test_the_rule_of_running_may_be_missing_from_the_table(recent):
    recent.loc[newest(recent, "P-2", 12), "vibration"] *= 1000

    assert list(wrong_units(recent.drop(columns="speed"), PUMP, NAMES)) == ["P-2"]


def test_a_channel_that_is_silent_is_told_once(recent):
    recent.loc[newest(recent, "P-2", 40), "vibration"] *= 1000
    recent.loc[newest(recent, "P-2", 3), "vibration"] = np.nan

    silence = silences(recent, PUMP, NAMES)["P-2"]

    assert silence.silent == ("vibration",)
    assert len(silence.flags) == 1


@pytest.mark.parametrize(("missing", "silent"), [(13, ("pressure",)), (12, ())])
def test_a_channel_of_which_most_is_missing_cannot_answer_whatever_its_last_value_says(recent, missing, silent):
    recent.loc[newest(recent, "P-2", missing + 1) & ~newest(recent, "P-2", 1), "pressure"] = np.nan

    silence = silences(recent, PUMP, NAMES)["P-2"]

    assert silence.silent == silent
    assert "missing or bad" in silence.flags[0]


def test_a_class_by_usage_is_looked_at_alike(recent):
    counted = replace(PUMP, axis=Axis("usage", 1.0, "cycles", 4.0), running=None)
    table = recent.assign(time=recent.groupby("asset").cumcount().astype(float))
    table.loc[newest(table, "P-2", 12), "pressure"] *= 1000

    assert list(wrong_units(table, counted, NAMES)) == ["P-2"]


def test_a_factor_of_a_thousand_is_seen_whatever_noise_does_at_the_jump_itself():
    for seed in range(20):
        random = np.random.default_rng(seed)
        level = np.where(np.arange(40) < 30, 2.5, 2500.0)
        times = pd.date_range("2026-03-01", periods=40, freq="10min", tz="UTC")
        table = pd.DataFrame({"asset": "P-1", "time": times, "vibration": level * random.normal(1.0, 0.08, 40)})

        assert "P-1" in wrong_units(table, PUMP, ("vibration",)), seed
