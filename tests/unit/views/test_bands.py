"""The expected band of a chart holds what a sound machine shows, and what a bad one shows lies outside."""

from dataclasses import replace

import numpy as np
import pytest

from pdm.catalogue import RunningRule
from pdm.learning.expected import fit_expected
from pdm.testing.machines import A_FAN, fan_readings
from pdm.views.bands import bands_of
from pdm.views.series import channel_charts


@pytest.fixture(scope="module")
def readings():
    return fan_readings(2, 40)


@pytest.fixture(scope="module")
def bands(readings):
    model = fit_expected(readings, np.ones(len(readings), dtype=bool), A_FAN, learner="ridge")
    return bands_of(model, A_FAN, readings[readings["asset"] == "F-1"].reset_index(drop=True))


def test_nearly_all_of_a_sound_machine_lies_inside(readings, bands):
    mine = readings[readings["asset"] == "F-1"]

    for name, band in bands.items():
        inside = (mine[name] >= band.low) & (mine[name] <= band.high)
        assert inside.mean() > 0.98
    assert set(bands) == {"temperature", "vibration", "current"}


def test_a_chart_carries_its_band_thinned_like_its_readings(readings, bands):
    mine = readings[readings["asset"] == "F-1"].reset_index(drop=True)

    chart = next(one for one in channel_charts(mine, A_FAN, 50, bands) if one.name == "temperature")

    told, expected = chart.lines
    assert expected.title == "expected of a sound machine"
    assert len(told.values) == len(expected.values) == len(expected.low) == len(expected.high) == 50
    assert all(low < high for low, high in zip(expected.low, expected.high, strict=True))


def test_the_sentence_of_a_chart_holds_the_latest_value_against_what_is_expected(readings, bands):
    mine = readings[readings["asset"] == "F-1"].reset_index(drop=True)
    hot = mine.assign(temperature=mine["temperature"].where(mine.index < len(mine) - 1, 150.0))

    sound, bad = (
        next(one for one in channel_charts(table, A_FAN, bands=bands) if one.name == "temperature").summary
        for table in (mine, hot)
    )

    assert "inside the band" in sound
    assert "Latest 150 degC, expected " in bad
    assert "above the band" in bad


def test_nothing_is_expected_of_a_machine_that_stands_still(readings):
    fan = replace(A_FAN, running=RunningRule("speed", 100.0))
    model = fit_expected(readings, np.ones(len(readings), dtype=bool), fan, learner="ridge")
    mine = readings[readings["asset"] == "F-1"].reset_index(drop=True)
    still = mine.assign(speed=mine["speed"].where(mine.index < len(mine) - 5, 0.0))

    found = bands_of(model, fan, still)
    summary = next(one for one in channel_charts(still, fan, bands=found) if one.name == "vibration").summary

    assert np.isnan(found["vibration"].middle[-5:]).all()
    assert np.isfinite(found["vibration"].middle[:-5]).all()
    assert "out of normal running, where nothing is expected; before, " in summary


def test_without_a_model_a_chart_has_its_readings_alone(readings):
    assert [len(chart.lines) for chart in channel_charts(readings[readings["asset"] == "F-1"], A_FAN)] == [1] * 5
