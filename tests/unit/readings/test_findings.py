"""What is said about odd readings, and what is rightly passed over in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import AssetClass, Axis, Channel, FeatureSet, RunningRule, Window
from pdm.readings.findings import findings

NOW = datetime(2025, 12, 1, tzinfo=UTC)
ROWS = 200


@pytest.fixture
def machine() -> AssetClass:
    channels = (
        Channel("pressure", "discharge pressure", "bar", low=0.0, high=100.0),
        Channel("temperature", "bearing temperature", "degC"),
        Channel("valve", "valve position", "%", sampling="exception", dead_band=0.5),
        Channel("speed", "shaft speed", "rpm", role="setting"),
    )
    features = FeatureSet("machine", ("pressure",), (Window(rows=3),))
    return AssetClass("machine", "Machine", Axis(), channels, features, RunningRule("speed", 200.0))


@pytest.fixture
def sound():
    """Readings of some machines with nothing odd about them."""

    def build(*tags: str) -> pd.DataFrame:
        rng = np.random.default_rng(11)
        parts = [
            pd.DataFrame(
                {
                    "asset": tag,
                    "time": pd.date_range("2025-05-01", periods=ROWS, freq="h", tz="UTC"),
                    "pressure": rng.normal(4.2, 0.05, ROWS),
                    "temperature": rng.normal(60.0, 0.5, ROWS),
                    "valve": np.where(np.arange(ROWS) % 40 == 0, rng.uniform(20, 80, ROWS), np.nan),
                    "speed": 1480.0,
                }
            )
            for tag in tags or ("P-101",)
        ]
        return pd.concat(parts, ignore_index=True)

    return build


def told(readings, machine, **options):
    return findings(readings, machine, **{"now": NOW, "zone": "Europe/Berlin", **options})


def test_sound_readings_are_passed_over_in_silence(machine, sound):
    assert told(sound("P-101", "P-102", "P-103", "P-104"), machine) == []
    assert told(sound().iloc[:0], machine) == []


def test_a_sensor_that_stands_still_is_told_in_the_plants_own_time(machine, sound):
    rows = sound()
    rows.loc[48:105, "pressure"] = 4.2

    found = told(rows, machine)

    assert [finding.sentence for finding in found] == [
        "P-101 discharge pressure stood still at 4.20 bar from 3 May 02:00 to 5 May 11:00"
    ]
    assert (found[0].kind, found[0].channel) == ("stuck", "pressure")
    assert (found[0].start, found[0].end) == (datetime(2025, 5, 3, tzinfo=UTC), datetime(2025, 5, 5, 9, tzinfo=UTC))


def test_a_machine_at_rest_may_stand_still(machine, sound):
    rows = sound()
    rows.loc[48:105, ["pressure", "speed"]] = [4.2, 0.0]

    assert told(rows, machine) == []


def test_a_setting_may_stand_still(machine, sound):
    assert sound()["speed"].nunique() == 1
    assert told(sound(), machine) == []


def test_a_coarse_channel_of_a_whole_fleet_is_not_stuck(machine, sound):
    rows = sound("P-101", "P-102", "P-103")
    rows["pressure"] = rows["pressure"].round(0)

    assert told(rows, machine) == []


def test_a_channel_by_exception_is_silent_without_being_stuck_or_missing(machine, sound):
    rows = sound()
    rows.loc[1:, "valve"] = np.nan

    assert told(rows, machine) == []


def test_a_channel_by_exception_that_never_leaves_its_dead_band_is_told_after_ten_times_as_long(machine, sound):
    first = sound()
    later = first.assign(time=first["time"] + pd.Timedelta(hours=ROWS), valve=np.nan)
    rows = pd.concat([first.assign(valve=np.where(np.arange(ROWS) == 0, 50.0, np.nan)), later])

    found = told(rows, machine)

    assert [finding.sentence for finding in found] == [
        "P-101 valve position moved by no more than its dead band (0.5 %) around 50.0 % from 1 May 02:00 to 17 May 17:00"
    ]


def test_a_gap_is_longer_than_three_steps_and_told_once_for_all_channels(machine, sound):
    rows = sound().drop(index=range(50, 60)).drop(index=[100, 101])

    found = told(rows, machine)

    assert [finding.sentence for finding in found] == ["P-101 sent nothing from 3 May 03:00 to 3 May 14:00"]


def test_a_channel_that_is_missing_while_the_others_go_on_is_told_by_name(machine, sound):
    rows = sound()
    rows.loc[50:59, "temperature"] = np.nan

    found = told(rows, machine)

    assert [finding.sentence for finding in found] == [
        "P-101 bearing temperature is missing from 3 May 03:00 to 3 May 14:00"
    ]


def test_a_machine_that_reports_every_six_hours_has_no_gaps(machine, sound):
    assert told(sound().iloc[::6], machine) == []


def test_impossible_values_are_told_with_the_worst_of_them(machine, sound):
    rows = sound()
    rows.loc[[10, 20], "pressure"] = [140.0, 4200.0]
    rows.loc[30, "pressure"] = -1.0

    sentences = [finding.sentence for finding in told(rows, machine)]

    assert sentences == [
        "P-101 discharge pressure read 4,200 bar, above the possible 100, in 2 readings from 1 May 12:00 to 1 May 22:00",
        "P-101 discharge pressure read -1.00 bar, below the possible 0, in 1 reading from 2 May 08:00 to 2 May 08:00",
    ]


@pytest.mark.parametrize(
    ("channel", "change", "words"),
    [
        ("pressure", lambda v: v * 1000, "written in mbar instead of bar?"),
        ("pressure", lambda v: v * 14.504, "written in psi instead of bar?"),
        ("pressure", lambda v: v * 100, "written in kPa instead of bar?"),
        ("pressure", lambda v: v / 10, "10 times too small?"),
        ("temperature", lambda v: v * 1.8 + 32, "written in degF instead of degC?"),
        ("temperature", lambda v: v + 273.15, "written in K instead of degC?"),
    ],
)
def test_a_jump_by_what_a_change_of_unit_does_is_told_with_the_units(machine, sound, channel, change, words):
    rows = sound()
    rows.loc[100:, channel] = change(rows.loc[100:, channel])

    found = [finding for finding in told(rows, machine) if finding.kind == "unit_jump"]

    assert len(found) == 1
    assert found[0].sentence.endswith(words)
    assert found[0].start == datetime(2025, 5, 5, 4, tzinfo=UTC)


def test_a_machine_that_was_wrong_from_its_first_row_on_is_seen_against_its_sisters(machine, sound):
    rows = sound("P-101", "P-102", "P-103", "P-104")
    rows.loc[rows["asset"] == "P-103", "pressure"] /= 1000

    found = told(rows, machine)

    assert [(finding.asset, finding.kind) for finding in found] == [("P-103", "unit_jump")]
    assert "compared with the other assets" in found[0].sentence


def test_a_machine_that_changes_by_its_own_factor_is_no_jump_of_unit(machine, sound):
    rows = sound()
    rows.loc[100:, "pressure"] *= 2.3

    assert told(rows, machine) == []


def test_a_single_spike_is_no_jump_of_unit(machine, sound):
    rows = sound()
    rows.loc[100, "temperature"] = 60_000.0

    assert told(rows, machine) == []


def test_times_to_come_are_told(machine, sound):
    found = told(sound(), machine, now=datetime(2025, 5, 9, 5, tzinfo=UTC))

    assert [finding.sentence for finding in found] == ["P-101 sent 2 readings with times to come, up to 9 May 09:00"]


def test_a_class_that_ages_by_a_counter_tells_positions(machine, sound):
    rows = sound().assign(time=np.arange(ROWS, dtype=float)).drop(index=range(50, 60))
    by_cycles = replace(machine, axis=Axis("usage", 1.0, "cycles", 4.0))

    found = told(rows, by_cycles)

    assert [(finding.sentence, finding.start) for finding in found] == [
        ("P-101 sent nothing from cycles 49 to cycles 60", 49.0)
    ]


def test_the_order_of_rows_does_not_matter(machine, sound):
    rows = sound("P-101", "P-102")
    rows.loc[48:105, "pressure"] = 4.2

    assert told(rows.sample(frac=1.0, random_state=5), machine) == told(rows, machine)


def test_a_plain_number_has_no_unit_to_say(machine, sound):
    bare = replace(machine, channels=tuple(replace(channel, unit="1") for channel in machine.channels))
    rows = sound()
    rows.loc[10, "pressure"] = 140.0

    (finding,) = told(rows, bare)

    assert "pressure read 140, above the possible 100" in finding.sentence
