"""The small plant keeps what its docstring says: seeded, worn before it breaks, idle at times, honest but for its faulty sensors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pdm.catalogue import Catalogue, load_catalogue
from pdm.errors import InputError
from pdm.simulation.plant import SimulatedPlant
from pdm.simulation.small_plant import simulate_small_plant
from pdm.workspace import Workspace

WITNESS = {
    ("pump", "bearing_wear"): ("vibration", 1),
    ("pump", "seal_leak"): ("suction_pressure", -1),
    ("compressor", "valve_fouling"): ("discharge_temperature", 1),
    ("compressor", "bearing_wear"): ("vibration", 1),
    ("fan", "imbalance"): ("vibration_1x", 1),
    ("fan", "bearing_wear"): ("vibration", 1),
}
TURNS = {"pump": ("speed", 200), "compressor": ("motor_current", 25), "fan": ("speed", 100)}


@pytest.fixture(scope="module")
def plant() -> SimulatedPlant:
    return simulate_small_plant()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(Workspace(Path("no-such-home")))


def failures(plant: SimulatedPlant) -> pd.DataFrame:
    classes = {asset.asset: asset.asset_class for asset in plant.assets}
    rows = plant.events[plant.events["kind"] == "failure"]
    return rows.assign(asset_class=rows["asset"].map(classes))


def without_faults(plant: SimulatedPlant, asset_class: str) -> pd.DataFrame:
    """The readings of a class with the cells of faulty sensors taken out."""
    readings = plant.readings[asset_class].copy()
    faults = plant.sensor_faults
    for fault in faults[faults["asset_class"] == asset_class].itertuples():
        told = (readings["asset"] == fault.asset) & (readings["time"] >= fault.start) & (readings["time"] < fault.end)
        readings.loc[told, fault.channel] = np.nan
    return readings


def test_the_same_seed_gives_the_same_plant_bit_by_bit(plant: SimulatedPlant):
    again = simulate_small_plant()

    for name, readings in plant.readings.items():
        pd.testing.assert_frame_equal(readings, again.readings[name], check_exact=True)
    pd.testing.assert_frame_equal(plant.events, again.events)
    pd.testing.assert_frame_equal(plant.truth, again.truth)
    assert plant.assets == again.assets
    assert plant.installations == again.installations


def test_another_seed_gives_another_plant(plant: SimulatedPlant):
    other = simulate_small_plant(8)

    assert not plant.readings["pump"]["vibration"].equals(other.readings["pump"]["vibration"])


def test_one_machine_more_leaves_the_others_as_they_were():
    few = simulate_small_plant(assets_per_class=(0, 3, 0), days=40).readings["compressor"]
    more = simulate_small_plant(assets_per_class=(0, 4, 0), days=40).readings["compressor"]

    pd.testing.assert_frame_equal(few, more[more["asset"] != "C-204"].reset_index(drop=True))


def test_there_are_sixty_assets_with_a_year_of_hourly_readings(plant: SimulatedPlant):
    rows = sum(len(readings) for readings in plant.readings.values())

    assert len(plant.assets) == 60
    assert {name: frame["asset"].nunique() for name, frame in plant.readings.items()} == {
        "pump": 24,
        "compressor": 16,
        "fan": 20,
    }
    assert 0.99 * 60 * 8760 < rows < 60 * 8760


def test_the_columns_are_those_of_the_bundled_classes(plant: SimulatedPlant, catalogue: Catalogue):
    for name, readings in plant.readings.items():
        channels = catalogue.asset_class(name).channel_names
        assert tuple(readings.columns) == ("asset", "time", "recorded_at", *channels)


@pytest.mark.parametrize("seed", [7, 1, 2, 6])
def test_every_mode_of_every_class_fails_often_enough_to_learn_from(seed: int):
    simulated = failures(simulate_small_plant(seed))

    counts = simulated.groupby(["asset_class", "failure_mode"]).size()
    assert 60 <= len(simulated) <= 110
    assert set(counts.index) == set(WITNESS)
    assert counts.between(6, 30).all()


def test_the_last_quarter_of_the_year_holds_failures_of_every_mode(plant: SimulatedPlant):
    simulated = failures(plant)

    late = simulated[simulated["time"] >= pd.Timestamp("2025-10-01", tz="UTC")]
    assert set(zip(late["asset_class"], late["failure_mode"], strict=True)) == set(WITNESS)


def test_events_speak_the_words_of_the_failure_modes(plant: SimulatedPlant, catalogue: Catalogue):
    for row in failures(plant).itertuples():
        mode = catalogue.model(row.asset_class).mode(row.failure_mode)
        assert (row.maintainable_item, row.mechanism) == (mode.maintainable_item, mode.mechanism)
        assert (row.mode, row.severity in mode.counts_as_failure) == (mode.mode, True)


@pytest.mark.parametrize(("asset_class", "failure_mode"), WITNESS)
def test_wear_shows_in_its_channel_before_a_gradual_failure(plant: SimulatedPlant, asset_class: str, failure_mode: str):
    channel, sign = WITNESS[asset_class, failure_mode]
    runs, above = TURNS[asset_class]
    readings = without_faults(plant, asset_class)
    running = readings[readings[runs] > above]
    ends = plant.truth.query(
        "asset_class == @asset_class and failure_mode == @failure_mode and course == 'gradual' and end == end"
    )
    rises = []
    for life in ends.itertuples():
        mine = running[running["asset"] == life.asset]
        healthy = mine[(mine["time"] >= life.installed) & (mine["time"] < life.onset)][channel]
        last_days = mine[(mine["time"] < life.end) & (mine["time"] >= life.end - pd.Timedelta(days=4))][channel]
        if healthy.notna().sum() > 200 and last_days.notna().sum() > 24:
            rises.append(sign * (last_days.mean() - healthy.mean()) / healthy.std())

    assert len(rises) >= 3
    assert np.median(rises) > 2.0
    assert min(rises) > 0.5


def test_wear_grows_over_three_to_eight_weeks_of_duty(plant: SimulatedPlant):
    ended = plant.truth[(plant.truth["course"] == "gradual") & plant.truth["end"].notna()]

    days = (ended["end"] - ended["onset"]).dt.total_seconds() / 86400
    inside = ended["onset"] > plant.start
    assert days[inside].between(14, 110).all()
    assert 21 <= days[inside].median() <= 56


def test_an_abrupt_failure_gives_no_warning(plant: SimulatedPlant):
    abrupt = plant.truth[plant.truth["course"] == "abrupt"]

    assert abrupt["end"].notna().any()
    assert abrupt["onset"].isna().all()


def test_some_parts_are_replaced_before_they_fail(plant: SimulatedPlant):
    kinds = plant.events["kind"].value_counts()
    before = plant.events["text"].str.contains("before it failed")

    assert kinds["preventive"] >= 2
    assert before.sum() >= 2


def test_a_failed_machine_stands_still_until_its_repair_and_then_carries_a_new_part(plant: SimulatedPlant):
    installed = {(row.asset, row.maintainable_item, row.start): row.item for row in plant.installations}
    readings = plant.readings["pump"].set_index("asset")
    repairs = plant.events[plant.events["kind"] == "repair"]
    checked = 0
    for failure in failures(plant).query("asset_class == 'pump'").itertuples():
        same = repairs[(repairs["item"] == failure.item) & (repairs["time"] > failure.time)]
        if same.empty:
            continue
        repair = same.iloc[0]
        down = readings.loc[failure.asset]
        down = down[(down["time"] >= failure.time) & (down["time"] < repair["time"])]
        assert 12 <= (repair["time"] - failure.time) / pd.Timedelta("1h") <= 72
        assert (down["speed"] == 0).all()
        assert installed[failure.asset, failure.maintainable_item, repair["time"].to_pydatetime()] != failure.item
        checked += 1

    assert checked > 10


def test_serial_numbers_are_unique(plant: SimulatedPlant):
    items = [row.item for row in plant.installations]

    assert len(items) == len(set(items))


def test_a_standby_stands_while_its_sister_runs(plant: SimulatedPlant):
    pumps = plant.readings["pump"].pivot(index="time", columns="asset", values="speed")
    pair = pumps[["P-101", "P-102"]].dropna() > 200

    assert plant.assets[0].redundancy == "1 of 2 with P-102"
    assert not (pair["P-101"] & pair["P-102"]).any()
    assert 0.3 < pair["P-101"].mean() < 0.7
    assert pair.any(axis=1).mean() > 0.9


@pytest.mark.parametrize("name", ["pump", "compressor", "fan"])
def test_no_honest_sensor_leaves_the_physical_range(plant: SimulatedPlant, catalogue: Catalogue, name: str):
    readings = without_faults(plant, name)

    for channel in catalogue.asset_class(name).channels:
        values = readings[channel.name].dropna()
        assert values.between(channel.low, channel.high).all(), channel.name


def test_faulty_sensors_of_every_kind_are_injected_and_listed(plant: SimulatedPlant):
    faults = plant.sensor_faults

    assert set(faults["kind"]) == {"stuck", "drift", "spikes", "dropouts"}
    stuck = faults[faults["kind"] == "stuck"].iloc[0]
    readings = plant.readings[stuck["asset_class"]]
    told = readings[
        (readings["asset"] == stuck["asset"]) & (readings["time"] >= stuck["start"]) & (readings["time"] < stuck["end"])
    ][stuck["channel"]]
    assert told.nunique() == 1


def test_values_are_missing_only_where_a_sensor_drops_out(plant: SimulatedPlant):
    for name in plant.readings:
        dropouts = plant.sensor_faults.query("asset_class == @name and kind == 'dropouts'")
        empty = plant.readings[name].isna()
        assert set(empty.columns[empty.any()]) <= set(dropouts["channel"])


def test_people_record_events_late_and_nothing_is_recorded_after_the_end(plant: SimulatedPlant):
    delay = plant.events["recorded_at"] - plant.events["time"]

    assert (delay > pd.Timedelta(0)).all()
    assert (delay > pd.Timedelta(days=2)).sum() > 10
    assert plant.events["recorded_at"].max() <= pd.Timestamp(plant.end)


def test_readings_are_recorded_within_minutes(plant: SimulatedPlant):
    for readings in plant.readings.values():
        delay = readings["recorded_at"] - readings["time"]
        assert delay.between(pd.Timedelta(0), pd.Timedelta("5min")).all()


def test_readings_are_sorted_and_no_hour_comes_twice(plant: SimulatedPlant):
    for readings in plant.readings.values():
        keys = readings[["asset", "time"]]
        assert not keys.duplicated().any()
        assert keys.equals(keys.sort_values(["asset", "time"], ignore_index=True))


def test_every_asset_reports_as_asked_even_when_a_class_is_empty():
    plant = simulate_small_plant(assets_per_class=(1, 0, 2), days=30)

    assert set(plant.readings) == {"pump", "fan"}
    assert [asset.asset for asset in plant.assets] == ["P-101", "F-301", "F-302"]


def test_a_year_may_begin_at_any_hour_of_any_zone_and_days_stay_days():
    plant = simulate_small_plant(assets_per_class=(1, 0, 0), days=60, start="2025-07-01T13:00:00+02:00")

    by_hour = plant.readings["pump"].groupby(plant.readings["pump"]["time"].dt.hour)["ambient_temperature"].mean()
    assert plant.start.isoformat() == "2025-07-01T11:00:00+00:00"
    assert by_hour.idxmax() in range(13, 18)
    assert plant.readings["pump"]["ambient_temperature"].mean() > 15


@pytest.mark.parametrize("wrong", [{"days": 3}, {"start": "yesterday"}])
def test_what_cannot_be_simulated_is_refused(wrong: dict):
    with pytest.raises(InputError):
        simulate_small_plant(**wrong)
