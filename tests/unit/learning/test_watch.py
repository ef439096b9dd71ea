"""The watch list finds what deviates for days without any failure on record, and asks whether it is the sensor."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.learning.watch import learn_watch, learnt_from, stand
from pdm.learning.watch.blocks import block_means, common_part, fade
from pdm.learning.watch.signals import lasting
from pdm.testing.machines import A_FAN, A_FAN_MODEL, START, fan_readings

DAYS, NOW = 240, 240 * 24
LEARNT_UNTIL = START + pd.Timedelta(days=180)


@pytest.fixture(scope="module")
def readings():
    return fan_readings(6, DAYS)


@pytest.fixture(scope="module")
def learnt(readings):
    known = readings[readings["time"] <= LEARNT_UNTIL].reset_index(drop=True)
    return learn_watch(known, A_FAN, A_FAN_MODEL, learner="ridge")


def standing(learnt, readings, days=DAYS, **known):
    """Every fan as of the end of a day."""
    until = START + pd.Timedelta(days=days)
    seen = readings[(readings["time"] <= until) & (readings["time"] > until - pd.Timedelta(days=36))]
    end = until.timestamp() / 3600
    return stand(learnt.expected, learnt.watch, seen.reset_index(drop=True), A_FAN, end=end, **known)


def changed(readings, asset, since_day, **added):
    """Readings of which one machine's channels are moved from a day on: by a number, or by a function of the values."""
    moved = readings.copy()
    mine = (moved["asset"] == asset) & (moved["time"] >= START + pd.Timedelta(days=since_day))
    for channel, by in added.items():
        values = moved.loc[mine, channel].to_numpy()
        moved.loc[mine, channel] = by(values) if callable(by) else values + by
    return moved


def test_sound_machines_stay_below_the_limit(learnt, readings):
    found = [max(one.levels.values()) for day in (200, 220, 240) for one in standing(learnt, readings, day).values()]

    assert len(found) == 18
    assert max(found) < 1


def test_a_machine_stands_the_same_whoever_is_asked_with_it(learnt, readings):
    alone = replace(learnt, watch=replace(learnt.watch, sisters=99))
    worn = changed(readings, "F-2", 220, vibration=1.2)
    worn = worn[~((worn["asset"] == "F-4") & (worn["time"] < START + pd.Timedelta(days=238)))]
    stuck = changed(worn, "F-3", 235, temperature=lambda v: np.full(len(v), 60.0)).reset_index(drop=True)

    together = standing(alone, stuck)

    assert set(together) == {f"F-{n}" for n in range(1, 7)}
    assert together["F-3"].suspects
    for asset, one in together.items():
        assert standing(alone, stuck[stuck["asset"] == asset]) == {asset: one}


def test_a_slow_fault_is_named_by_its_signs_sized_in_its_unit_and_dated(learnt, readings):
    ramp = np.linspace(0, 1, 20 * 24 + 1)[1:]
    worn = changed(
        readings, "F-2", 220, temperature=lambda v: v + 6 * ramp[: len(v)], vibration=lambda v: v + 1.2 * ramp[: len(v)]
    )

    found = standing(learnt, worn)["F-2"]

    assert list(found.levels) == ["bearing_wear"]
    assert found.levels["bearing_wear"] > 1
    away = {one.channel: one for one in found.away[:2]}
    assert set(away) == {"temperature", "vibration"}
    assert away["temperature"].by == pytest.approx(5.6, abs=0.5)
    assert 12 <= away["temperature"].days <= 20
    assert not found.suspects


def test_what_all_sisters_do_is_nobodys_fault(learnt, readings):
    late = readings["time"] >= START + pd.Timedelta(days=225)
    warm = readings.assign(temperature=readings["temperature"] + 6 * late, vibration=readings["vibration"] + late)

    found = standing(learnt, warm)

    assert max(max(one.levels.values()) for one in found.values()) < 1
    assert found["F-1"].common == ("temperature", "vibration")


def test_a_repair_ends_what_was_seen_before_it(learnt, readings):
    until = 238 * 24
    ill = changed(
        readings,
        "F-3",
        215,
        temperature=lambda v: v + 8 * (np.arange(len(v)) < until - 215 * 24),
        vibration=lambda v: v + 1.5 * (np.arange(len(v)) < until - 215 * 24),
    )
    repaired = (START + pd.Timedelta(hours=until)).timestamp() / 3600

    assert max(standing(learnt, ill, 238)["F-3"].levels.values()) > 1
    assert max(standing(learnt, ill, 240, restored={"F-3": repaired})["F-3"].levels.values()) < 0.5


RNG = np.random.default_rng(3)
SENSOR_FAULTS = {
    "stuck": lambda values: np.full(len(values), values[0]),
    "offset": lambda values: values - 7.0,
    "scale": lambda values: values * 1.35,
    "noise": lambda values: values + RNG.normal(0, 6, len(values)),
    "spikes": lambda values: np.where(RNG.random(len(values)) < 0.05, 300.0, values),
    "drift the wrong way": lambda values: values - np.linspace(0, 12, len(values)),
}


@pytest.mark.parametrize("kind", SENSOR_FAULTS)
def test_one_bad_sensor_is_told_from_a_bad_machine(learnt, readings, kind):
    bad = changed(readings, "F-4", 222, temperature=SENSOR_FAULTS[kind])

    found = standing(learnt, bad)["F-4"]

    assert list(found.suspects) == ["temperature"]
    assert max(found.levels.values()) < 1


def test_a_machine_fault_is_judged_although_another_sensor_is_bad(learnt, readings):
    both = changed(readings, "F-5", 222, vibration=1.5, temperature=6.0, current=lambda v: np.full(len(v), v[0]))

    found = standing(learnt, both)["F-5"]

    assert list(found.suspects) == ["current"]
    assert max(found.levels.values()) > 1


def test_limits_and_covariance_survive_being_written_as_json(learnt, readings):
    again = learnt_from(json.loads(json.dumps(learnt.document())))

    assert standing(again, readings) == standing(learnt, readings)
    assert learnt_from({}) is None


def test_days_are_counted_back_from_the_moment_of_asking():
    position = np.arange(1.0, 49.0)
    tags = np.array(["A"] * 48, dtype=object)
    values = np.where(position > 30, 1.0, 0.0)[:, None]

    blocks = block_means(values, np.ones(48, dtype=bool), tags, position, end=54.0, block=24.0, step=1.0)

    assert blocks.ends.tolist() == [6.0, 30.0, 54.0]
    assert blocks.values[0, :, 0].tolist() == [0.0, 0.0, 1.0]


def test_too_few_sisters_have_nothing_in_common():
    values = np.array([[[1.0]], [[2.0]], [[np.nan]]])
    blocks = block_means(
        values[:, 0], np.ones(3, dtype=bool), np.array(["A", "B", "C"]), np.ones(3), end=1, block=1, step=1
    )

    assert common_part(blocks, 3).tolist() == [[[0.0]], [[0.0]], [[0.0]]]
    assert common_part(blocks, 2).tolist() == [[[1.5]], [[1.5]], [[1.5]]]


def test_a_fading_mean_forgets_and_begins_carefully():
    faded = fade(np.array([[[1.0], [1.0], [np.nan], [0.0], [0.0]]]), 1.0)[0, :, 0]

    assert faded[0] == pytest.approx(1 / 1.3)
    assert np.isnan(faded[2])
    assert faded[4] < 0.25


def test_a_single_day_is_not_lasting():
    assert lasting(np.array([[0.0, 5.0, 0.0, 4.0, 3.0]]))[0].tolist() == [0.0, 0.0, 0.0, 0.0, 3.0]
