"""A wrong unit that stays is doubted for longer than scoring looks back; a real change is not, once somebody says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, RunningRule, Window
from pdm.readings.levels import read_levels, remember_levels
from pdm.scoring.own_levels import own_levels
from pdm.scoring.quality import silences
from pdm.scoring.wrong_units import wrong_units
from pdm.testing.history import MemoryHistory

CHANNELS = (
    Channel("speed", "shaft speed", "rpm", role="setting"),
    Channel("vibration", "vibration velocity", "mm/s"),
)
NAMES = ("speed", "vibration")
PUMP = AssetClass(
    "pump", "Pump", Axis(), CHANNELS, FeatureSet("pump", NAMES, (Window(rows=24),)), RunningRule("speed", 200.0)
)
START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def readings(hours, factors, first=0):
    """`factors`: what the vibration of each machine is multiplied with; sorted by asset and time."""
    random = np.random.default_rng(5 + first)
    times = pd.date_range(START + first * HOUR, periods=hours, freq="h", unit="us")
    parts = [
        pd.DataFrame(
            {
                "asset": f"P-{number}",
                "time": times,
                "speed": 1480 + random.normal(0, 4, hours),
                "vibration": (2.0 + random.normal(0, 0.1, hours)) * factor,
            }
        )
        for number, factor in enumerate(factors, start=1)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture
def history():
    return MemoryHistory()


@pytest.fixture
def remember(history):
    """Look at rows at an hour, as scoring does: what is doubted then; what is new is remembered."""

    def look(rows, hour, asset_class=PUMP):
        now = START + hour * HOUR
        known = read_levels(history, asset_class, known_before=now)
        doubted = wrong_units(rows, asset_class, NAMES, known)
        remember_levels(history, asset_class, own_levels(rows, asset_class, NAMES, known, now), now=now)
        return {asset: sorted(found) for asset, found in doubted.items()}

    return look


def test_a_wrong_unit_is_doubted_long_after_the_right_one_has_left_the_look_back(remember):
    """Alone: no sister could tell."""
    assert remember(readings(48, [1]), 48) == {}

    for day in range(3, 30):
        wrong = readings(48, [1000], first=24 * day)
        assert remember(wrong, 24 * (day + 2)) == {"P-1": ["vibration"]}
    assert remember(readings(48, [1], first=24 * 40), 24 * 42) == {}


@pytest.mark.parametrize("factor", [1000.0, 0.001])
def test_a_machine_that_was_never_looked_at_before_is_remembered_as_it_was_before_the_jump(remember, factor):
    both = readings(48, [1])
    both.loc[36:, "vibration"] *= factor

    assert remember(both, 48) == {"P-1": ["vibration"]}
    assert remember(readings(48, [factor], first=60), 108) == {"P-1": ["vibration"]}


def test_a_memory_that_sisters_contradict_was_wrong_itself(remember):
    first_wrong = readings(48, [1, 1, 1, 1, 1000])
    first_wrong.loc[first_wrong["asset"].eq("P-5") & (first_wrong.groupby("asset").cumcount() >= 30), "vibration"] /= (
        1000
    )

    assert remember(first_wrong, 48) == {"P-5": ["vibration"]}
    assert remember(readings(48, [1, 1, 1, 1, 1], first=60), 108) == {}


def test_a_mistake_of_the_whole_plant_is_no_agreement(remember):
    assert remember(readings(48, [1] * 5), 48) == {}

    found = remember(readings(48, [1000] * 5, first=100), 148)

    assert found == {f"P-{n}": ["vibration"] for n in range(1, 6)}


def test_what_somebody_confirmed_is_not_doubted(remember, history):
    remember(readings(48, [1]), 48)
    wrong = readings(48, [1000], first=100)
    assert remember(wrong, 148) == {"P-1": ["vibration"]}
    known = read_levels(history, PUMP)["vibration"]["P-1"]
    remember_levels(
        history, PUMP, [replace(known, level=2000.0, by="Ada", reason="new sensor")], now=START + 149 * HOUR
    )

    assert remember(wrong, 150) == {}
    jumped = pd.concat([readings(30, [1], first=70), readings(24, [1000], first=100)], ignore_index=True)
    assert remember(jumped, 151) == {}, "even while the older level is still in sight"


def test_a_level_moves_with_the_machine_and_is_written_at_most_daily(remember, history):
    for hour, factor in ((48, 1.0), (60, 1.8), (90, 1.8), (120, 1.9), (200, 3.2)):
        remember(readings(24, [factor], first=hour - 24), hour)

    assert read_levels(history, PUMP)["vibration"]["P-1"].level == pytest.approx(6.4, rel=0.05)
    rows = history.dataset("levels").to_table(filter=None).to_pylist()
    written = [round(row["level"] / 2, 1) for row in rows if row["channel"] == "vibration"]
    assert written == [1.0, 1.8, 3.2]


def test_a_factor_that_a_machine_may_make_itself_is_not_doubted(remember):
    remember(readings(48, [1]), 48)

    assert remember(readings(48, [40], first=100), 148) == {}


def test_memory_is_as_it_was_known_then_and_in_the_unit_that_the_class_has_now(remember, history):
    remember(readings(48, [1]), 48)
    now = START + 48 * HOUR
    in_metres = replace(PUMP, channels=(CHANNELS[0], replace(CHANNELS[1], unit="m/s")))

    assert read_levels(history, PUMP, known_before=now) == {}
    assert set(read_levels(history, PUMP, known_before=now + HOUR)) == {"speed", "vibration"}
    assert set(read_levels(history, in_metres)) == {"speed"}
    assert read_levels(MemoryHistory(), PUMP) == {}


def test_the_word_is_bad_quality_with_a_sentence_that_names_both_levels(remember, history):
    remember(readings(48, [1]), 48)

    silence = silences(readings(48, [1000], first=100), PUMP, NAMES, read_levels(history, PUMP))["P-1"]

    assert silence.silent == ("vibration",)
    assert silence.flags[0].startswith("vibration velocity: a level of about 1,9")
    assert "mm/s instead of 1.9" in silence.flags[0]
