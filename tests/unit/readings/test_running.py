from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.readings.running import RunningState, run_hours, running_state

NAN = float("nan")
UNKNOWN, STANDBY, TRANSIENT, RUNNING = RunningState


def test_a_pump_above_the_rules_speed_runs_and_its_first_hours_are_transient(pump, readings):
    rows = readings("P-1", speed=[1500.0, 0.0, 1500.0, 1500.0, 1500.0, 50.0])

    found = running_state(rows, pump)

    assert found.dtype == np.int8
    assert found.tolist() == [RUNNING, STANDBY, TRANSIENT, TRANSIENT, RUNNING, STANDBY]


def test_without_a_value_the_state_is_unknown_and_a_start_may_hide_in_it(pump, readings):
    rows = readings("P-1", speed=[0.0, NAN, 1500.0, NAN, 1500.0])

    assert running_state(rows, pump).tolist() == [STANDBY, UNKNOWN, TRANSIENT, UNKNOWN, RUNNING]


def test_one_assets_standby_is_no_start_of_the_next_asset(pump, readings):
    rows = pd.concat([readings("P-1", speed=[0.0]), readings("P-2", speed=[1500.0])])

    assert running_state(rows, pump).tolist() == [STANDBY, RUNNING]


def test_a_channel_written_by_exception_holds_its_value(pump, readings):
    speed = replace(pump.channel("speed"), sampling="exception")
    held = replace(pump, channels=(pump.channel("pressure"), speed))
    rows = pd.concat([readings("P-1", speed=[1500.0, NAN, 0.0, NAN]), readings("P-2", speed=[NAN])])

    assert running_state(rows, held).tolist() == [RUNNING, RUNNING, STANDBY, STANDBY, UNKNOWN]


@pytest.mark.parametrize("later", [0.0, 1500.0])
def test_before_its_first_value_an_exception_channel_says_nothing_whatever_comes_later(pump, readings, later):
    speed = replace(pump.channel("speed"), sampling="exception")
    held = replace(pump, channels=(pump.channel("pressure"), speed))

    assert running_state(readings("P-1", speed=[NAN, 0.0, later]), held)[0] == UNKNOWN


def test_without_a_rule_whatever_has_readings_runs(engine):
    rows = pd.DataFrame({"asset": "E-1", "time": [1.0, 2.0], "s1": [0.5, NAN]})

    assert running_state(rows, engine).tolist() == [RUNNING, UNKNOWN]


def test_run_hours_add_up_per_asset_and_start_anew_with_the_next(pump, readings):
    rows = pd.concat(
        [readings("P-1", speed=[1500.0, 1500.0, 0.0, 0.0, 1500.0, 1500.0]), readings("P-2", speed=[1500.0, 1500.0])]
    )

    assert run_hours(rows, pump).tolist() == [0.0, 1.0, 2.0, 2.0, 2.0, 3.0, 0.0, 1.0]


def test_a_long_gap_counts_as_one_step_of_running(pump, readings):
    rows = pd.concat([readings("P-1", speed=[1500.0]), readings("P-1", first=240, speed=[1500.0, 1500.0])])

    assert run_hours(rows, pump).tolist() == [0.0, 1.0, 2.0]


def test_the_state_of_an_average_covers_the_step_before_it(pump, readings):
    averaged = replace(pump, channels=(pump.channel("pressure"), replace(pump.channel("speed"), sampling="averaged")))

    assert run_hours(readings("P-1", speed=[0.0, 1500.0, 0.0]), averaged).tolist() == [0.0, 1.0, 1.0]


def test_run_hours_are_counted_in_the_units_of_the_axis(engine):
    rows = pd.DataFrame({"asset": "E-1", "time": [1.0, 2.0, 3.0], "s1": 0.5})

    assert run_hours(rows, engine).tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("function", [running_state, run_hours])
def test_no_rows_have_no_states(pump, readings, function):
    assert len(function(readings("P-1", speed=[1.0]).head(0), pump)) == 0


def test_the_vectorised_states_equal_a_loop_over_the_rows(pump, readings):
    random = np.random.default_rng(5)
    values = random.choice([0.0, 1500.0, NAN], size=400, p=[0.3, 0.6, 0.1])
    rows = pd.concat([readings(f"P-{number}", speed=list(part)) for number, part in enumerate(values.reshape(8, 50))])

    expected = []
    for number in range(8):
        before, begun = None, None
        for at, value in enumerate(values.reshape(8, 50)[number]):
            if np.isnan(value):
                expected.append(UNKNOWN)
                continue
            if value > 100:
                begun = at if before is False else begun
                expected.append(TRANSIENT if begun is not None and at - begun < 2 else RUNNING)
            else:
                begun = None
                expected.append(STANDBY)
            before = bool(value > 100)

    assert running_state(rows, pump).tolist() == expected
