import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import load_catalogue
from pdm.views.series import Chart, Line, channel_charts, life_chart, risk_chart, thin
from pdm.workspace import Workspace


@pytest.fixture(scope="module")
def pump():
    return load_catalogue(Workspace(Path("no-such-home"))).asset_class("pump")


def readings(rows, **channels):
    time = pd.date_range("2026-01-01", periods=rows, freq="h", tz="UTC").as_unit("us")
    return pd.DataFrame({"asset": "P-101", "time": time} | channels)


def test_thinning_keeps_every_extreme():
    random = np.random.default_rng(7)
    y = random.normal(size=10_000)

    place, mean, low, high = thin(np.arange(10_000.0), y, 400)

    assert len(place) == 400
    assert (low.min(), high.max()) == (y.min(), y.max())
    assert (low <= mean).all()
    assert (mean <= high).all()


def test_a_spike_of_one_reading_stays_visible_in_a_year(pump):
    values = np.full(8760, 2.0)
    values[5000] = 25.0

    chart = channel_charts(readings(8760, vibration=values), pump)[0]

    assert len(chart.x) <= 400
    assert max(chart.lines[0].high) == 25.0


def test_few_readings_are_shown_as_they_are(pump):
    chart = channel_charts(readings(3, vibration=[1.0, np.nan, 3.0]), pump)[0]

    assert chart.lines[0].values == (1.0, None, 3.0)
    assert chart.lines[0].low == ()
    assert chart.x[1] - chart.x[0] == 3600


def test_gaps_leave_their_buckets_out(pump):
    table = readings(2000, vibration=np.ones(2000))
    chart = channel_charts(table[(table.index < 500) | (table.index > 1500)], pump)[0]

    assert len(chart.x) < 400


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [5.0]])
def test_any_window_becomes_json_without_nan(pump, values):
    charts = channel_charts(readings(len(values), vibration=np.array(values, dtype=float)), pump)

    json.dumps([asdict(chart) for chart in charts], allow_nan=False)
    assert charts[0].summary


def test_what_answers_to_wear_comes_before_settings_and_weather(pump):
    columns = {name: np.ones(2) for name in pump.channel_names}

    names = [chart.name for chart in channel_charts(readings(2, **columns), pump)]

    assert names[-2:] == ["speed", "ambient_temperature"]


def test_no_history_makes_empty_charts_with_a_sentence(pump):
    assert risk_chart([], {}, None).summary == "Nothing has been predicted yet."
    assert life_chart([], pump.axis).lines == ()


def test_a_channel_without_a_good_value_is_named_instead_of_drawn():
    silent = Chart("s1", "inlet temperature", "degC", (0.0, 1.0), (Line("s1", (None, None)),), "")
    heard = Chart("s2", "outlet temperature", "degC", (0.0, 1.0), (Line("s2", (None, 20.0)),), "")

    assert (silent.drawn, heard.drawn) == (False, True)
