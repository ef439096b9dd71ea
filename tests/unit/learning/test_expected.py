"""What a sound machine would show: learnt from sound rows, frozen, and the same on every machine that applies it."""

import json

import numpy as np
import pandas as pd
import pytest

from pdm.errors import TooLittleData
from pdm.learning.expected import expect, fit_expected, healthy_rows
from pdm.learning.expected.model import expected_from
from pdm.testing.machines import A_FAN, START, fan_readings


@pytest.fixture(scope="module")
def readings():
    return fan_readings(4, 120)


@pytest.fixture(scope="module")
def model(readings):
    return fit_expected(readings, np.ones(len(readings), dtype=bool), A_FAN, learner="ridge")


def test_load_and_weather_are_explained_and_the_machines_own_level_is_kept(readings, model):
    told = expect(model, readings, A_FAN)

    left = pd.DataFrame(told.residual, columns=told.names).groupby(readings["asset"].to_numpy())
    assert (left.mean().abs() < 0.1).all().all()
    assert left["temperature"].std().max() < 0.9  # the noise alone is 0.8; with load and weather it would be 6
    assert np.nanmedian(told.spread[:, 0]) == pytest.approx(0.8, rel=0.1)


def test_a_fault_after_training_is_seen_in_the_channels_unit_and_never_learnt(readings, model):
    hot = readings.copy()
    late = (hot["asset"] == "F-2") & (hot["time"] >= START + pd.Timedelta(days=110))
    hot.loc[late, "temperature"] += 6

    left = expect(model, hot, A_FAN).residual[:, model.names.index("temperature")]

    assert left[late.to_numpy()].mean() == pytest.approx(6, abs=0.2)


def test_a_fault_before_a_repair_on_record_does_not_become_normal():
    readings = fan_readings(3, 120)
    repaired = START + pd.Timedelta(days=100)
    ill = (readings["asset"] == "F-1") & (readings["time"].between(repaired - pd.Timedelta(days=50), repaired))
    readings.loc[ill, "temperature"] += 8
    repair = pd.DataFrame({"asset": ["F-1"], "time": [pd.Timestamp(repaired)], "usage": [np.nan], "kind": ["repair"]})

    sound = healthy_rows(readings, A_FAN, repair)
    model = fit_expected(readings, sound, A_FAN, learner="ridge")
    left = expect(model, readings, A_FAN).residual[:, model.names.index("temperature")]

    assert not sound[ill.to_numpy()].any()
    assert left[ill.to_numpy()].mean() == pytest.approx(8, abs=0.3)


def test_a_baseline_may_be_begun_anew(readings):
    moved = readings.copy()
    new = moved["time"] >= START + pd.Timedelta(days=60)
    moved.loc[new & (moved["asset"] == "F-3"), "vibration"] += 1.5
    begun = {"F-3": A_FAN.axis.positions(moved.loc[new, "time"].head(1))[0]}

    model = fit_expected(moved, np.ones(len(moved), dtype=bool), A_FAN, learner="ridge", starts=begun)
    left = expect(model, moved, A_FAN).residual[:, model.names.index("vibration")]

    mine = (moved["asset"] == "F-3").to_numpy()
    assert left[mine & new.to_numpy()].mean() == pytest.approx(0, abs=0.1)


def test_a_machine_without_a_baseline_has_no_expectation(model):
    stranger = fan_readings(1, 2).assign(asset="F-99")

    assert np.isnan(expect(model, stranger, A_FAN).expected).all()


def test_one_row_alone_gets_the_value_that_it_has_among_all(readings, model):
    among = expect(model, readings, A_FAN).expected[1234]
    alone = expect(model, readings.iloc[[1234]].reset_index(drop=True), A_FAN).expected[0]

    assert np.array_equal(among, alone)


def test_it_survives_being_written_as_json(readings, model):
    again = expected_from(json.loads(json.dumps(model.document())))

    assert np.array_equal(expect(again, readings, A_FAN).expected, expect(model, readings, A_FAN).expected)


def test_trees_are_taken_where_a_curve_is_no_parabola():
    readings = fan_readings(4, 120)
    readings["vibration"] += np.where((readings["speed"] > 1050) & (readings["speed"] < 1080), 2.0, 0.0)

    model = fit_expected(readings, np.ones(len(readings), dtype=bool), A_FAN)

    assert {one.channel: one.learner for one in model.channels} == {
        "temperature": "ridge",
        "vibration": "lightgbm",
        "current": "ridge",
    }
    told = expect(expected_from(json.loads(json.dumps(model.document()))), readings, A_FAN)
    assert np.nanstd(told.residual[:, model.names.index("vibration")]) < 0.5  # 0.8 with the parabola


def test_a_machine_alone_has_its_learner_chosen_on_stretches_of_time_that_were_left_out():
    readings = fan_readings(1, 240)
    readings["vibration"] += np.where((readings["speed"] > 1050) & (readings["speed"] < 1080), 2.0, 0.0)

    model = fit_expected(readings, np.ones(len(readings), dtype=bool), A_FAN)

    found = {one.channel: one for one in model.channels}
    assert {name: one.learner for name, one in found.items()} == {
        "temperature": "ridge",
        "vibration": "lightgbm",
        "current": "ridge",
    }
    assert all(0.2 < one.skill < 1.0 for one in found.values())


def test_without_weeks_of_running_there_is_nothing_to_expect():
    readings = fan_readings(2, 3)

    with pytest.raises(TooLittleData, match="undisturbed running"):
        fit_expected(readings, np.ones(len(readings), dtype=bool), A_FAN)
