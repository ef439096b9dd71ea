"""The honest plant is what its settings say: cycles, failures, intervals, records; else no figure from it means anything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pdm.simulation.honest.regimes import make_regimes
from pdm.simulation.honest.settings import PlantSettings, read_settings
from pdm.simulation.honest.simulate import HonestPlant, simulate_plant

BUSY = ("pump", "compressor", "gearbox_fan")


@pytest.fixture(scope="module")
def failures(plants: list[HonestPlant]) -> pd.DataFrame:
    return pd.concat([plant.truth.failures.assign(plant=n) for n, plant in enumerate(plants)], ignore_index=True)


@pytest.fixture(scope="module")
def repairs(plants: list[HonestPlant]) -> pd.DataFrame:
    records = pd.concat([plant.truth.records for plant in plants], ignore_index=True)
    return records[records["event"].isin(["failure", "condition"])]


def interval_hours(failures: pd.DataFrame) -> pd.Series[float]:
    return (failures["failure"] - failures["onset"]).dt.total_seconds() / 3600


def test_the_same_seed_gives_the_same_plant_bit_for_bit(small_settings: PlantSettings, small: HonestPlant) -> None:
    again = simulate_plant(small_settings, 5)

    for name, readings in small.readings.items():
        pd.testing.assert_frame_equal(again.readings[name], readings, check_exact=True)
    pd.testing.assert_frame_equal(again.truth.failures, small.truth.failures, check_exact=True)
    pd.testing.assert_frame_equal(again.truth.signatures, small.truth.signatures, check_exact=True)
    assert again.records == small.records
    assert again.version == small.version
    assert again.installations == small.installations


def test_another_seed_gives_another_plant(small_settings: PlantSettings, small: HonestPlant) -> None:
    other = simulate_plant(small_settings, 6)

    assert not other.readings["pump"].equals(small.readings["pump"])


def test_load_has_a_daily_and_a_weekly_cycle_and_remembers_the_hour_before() -> None:
    regimes = make_regimes(read_settings(), 1)
    at, load = regimes.calendar, regimes.lines.load[0]
    by_hour = pd.Series(load).groupby(at.hour).mean()
    weekend = at.weekday >= 5

    assert by_hour.idxmax() in range(11, 18)
    assert by_hour.max() - by_hour.min() > 0.08
    assert load[~weekend].mean() - load[weekend].mean() > 0.08
    assert pd.Series(load).autocorr(1) > 0.8
    assert pd.Series(load).autocorr(24) > 0.3


def test_bearing_temperatures_follow_the_day_and_the_season(plants: list[HonestPlant]) -> None:
    pumps = plants[0].readings["pump"]
    running = pumps[pumps["speed"] > 200]
    local = running["time"].dt.tz_convert("Europe/Berlin")
    monthly = running["bearing_temperature"].groupby(local.dt.month).median()
    hourly = running["bearing_temperature"].groupby(local.dt.hour).median()

    assert monthly[7] - monthly[1] > 5
    assert hourly.max() - hourly.min() > 2


def test_a_duty_and_standby_pair_takes_turns(plants: list[HonestPlant]) -> None:
    pumps = plants[0].readings["pump"]
    first, second = (pumps[pumps["asset"] == tag].set_index("time")["speed"] > 200 for tag in ("P-101", "P-102"))
    both = pd.concat([first, second], axis=1, join="inner")

    assert both.all(axis=1).mean() < 0.05
    assert both.any(axis=1).mean() > 0.85
    assert 0.3 < first.mean() < 0.65


@pytest.mark.parametrize("name", BUSY)
def test_failures_per_asset_year_are_those_of_the_settings(
    plants: list[HonestPlant], failures: pd.DataFrame, name: str
) -> None:
    machine = next(machine for machine in plants[0].settings.machine if machine.name == name)
    years = machine.assets * plants[0].settings.period.days / 365.25 * len(plants)
    ended = failures[(failures["asset_class"] == name) & (failures["ended_by"] != "open")]

    assert len(ended) / years == pytest.approx(machine.failures, rel=0.4)
    assert 0.2 < len(ended) / years < 0.6
    for mode in machine.mode:
        share = (ended["failure_mode"] == mode.name).mean()
        assert share == pytest.approx(mode.share, abs=0.22)


def test_agitators_fail_three_times_and_conveyors_never(failures: pd.DataFrame) -> None:
    for _, plant in failures.groupby("plant"):
        assert (plant["asset_class"] == "agitator").sum() <= 3
        assert (plant["asset_class"] == "conveyor").sum() == 0
    assert (failures["asset_class"] == "agitator").sum() >= 7


def test_a_quarter_to_a_third_of_failures_come_without_precursor(failures: pd.DataFrame) -> None:
    ended = failures[failures["ended_by"] != "open"]
    silent = ended["precursor"] == "none"

    assert 0.24 < silent.mean() < 0.37
    assert ended.loc[silent, "detectable_from"].isna().all()
    assert (interval_hours(ended[silent]) == 0).all()


def test_every_shape_and_every_way_to_hide_occurs(failures: pd.DataFrame) -> None:
    growing = failures[failures["precursor"] != "none"]
    shapes, sights = growing["precursor"].value_counts(normalize=True), growing["visible"].value_counts(normalize=True)

    assert shapes["gradual"] == pytest.approx(0.65, abs=0.12)
    assert shapes["stepped"] == pytest.approx(0.20, abs=0.10)
    assert shapes["arrested"] == pytest.approx(0.15, abs=0.10)
    assert sights["yes"] == pytest.approx(0.66, abs=0.15)
    assert sights.drop("yes").min() > 0.03


def test_about_one_failure_in_seven_gives_less_time_than_planning_needs(failures: pd.DataFrame) -> None:
    growing = failures[failures["precursor"] != "none"]
    short = interval_hours(growing) < growing["planning_time_h"]

    assert 0.10 < short.sum() / len(failures) < 0.21


def test_intervals_from_onset_to_failure_spread_around_the_mode_s_median(
    plants: list[HonestPlant], failures: pd.DataFrame
) -> None:
    medians = {(m.name, mode.name): mode.pf_days for m in plants[0].settings.machine for mode in m.mode}
    growing = failures[(failures["precursor"] != "none") & ~failures["infant"]]
    usual = growing[interval_hours(growing) >= growing["planning_time_h"]]
    typical = np.array([medians[key] for key in zip(usual["asset_class"], usual["failure_mode"], strict=True)])
    ratio = interval_hours(usual).to_numpy() / 24 / typical

    assert np.median(ratio) == pytest.approx(1.0, abs=0.3)
    assert 0.3 < np.std(np.log(ratio)) < 0.8


def test_a_tenth_of_failures_are_brought_about_by_maintenance(
    plants: list[HonestPlant], failures: pd.DataFrame
) -> None:
    infants = failures[failures["infant"]]

    assert 0.05 < len(infants) / len(failures) < 0.17
    for _, infant in infants.iterrows():
        records = plants[infant["plant"]].truth.records
        mine = records[
            (records["asset"] == infant["asset"]) & records["event"].isin(["failure", "condition", "preventive"])
        ]
        ago = (infant["failure"] - mine["happened_at"]) / pd.Timedelta(days=1)
        assert ((ago > 0) & (ago < 100)).any()


def test_the_incumbent_repairs_before_the_failure_that_would_have_come(failures: pd.DataFrame) -> None:
    acted = failures[failures["ended_by"] == "condition"]

    assert 0.12 < len(acted) / len(failures) < 0.45
    assert (acted["ended_at"] < acted["failure"]).all()
    assert (acted["ended_at"] >= acted["onset"]).all()
    assert (acted["precursor"] != "none").all()


def test_what_is_hidden_is_not_detectable_and_what_is_visible_mostly_is(failures: pd.DataFrame) -> None:
    growing = failures[failures["precursor"] != "none"]
    found = growing["detectable_from"].notna().groupby(growing["visible"]).mean()

    assert found["below noise"] == 0
    assert found["unmeasured"] == 0
    assert found["yes"] > 0.7
    detected = growing[growing["detectable_from"].notna()]
    assert (detected["detectable_from"] > detected["onset"]).all()
    ended = detected[detected["ended_by"] != "open"]
    assert (ended["detectable_from"] <= ended["ended_at"]).all()


def test_the_signature_is_in_the_readings(plants: list[HonestPlant]) -> None:
    plant = plants[0]
    strong = plant.truth.signatures.query("channel == 'vibration' and shift > 3")
    name = strong["failure_id"].iloc[0]
    failure = plant.truth.failures.set_index("failure_id").loc[name]
    readings = plant.readings[failure["asset_class"]]
    mine = readings[readings["asset"] == failure["asset"]].set_index("time")["vibration"]
    worn = strong[strong["failure_id"] == name]["time"]

    late = mine[(mine.index > worn.iloc[0]) & (mine.index <= worn.iloc[-1])].median()
    before = mine[(mine.index < failure["onset"]) & (mine > 1)].median()
    assert late - before > 2


def test_records_are_as_wrong_as_people_are(repairs: pd.DataFrame) -> None:
    written = repairs[repairs["recorded"]]
    other = written["code_written"] == "SONS"
    delay = (written["entered_at"] - written["happened_at"]).dt.total_seconds() / 86400

    assert 1 - repairs["recorded"].mean() == pytest.approx(0.15, abs=0.08)
    assert (written["booked_on"] != written["asset"]).mean() == pytest.approx(0.10, abs=0.07)
    assert other.mean() == pytest.approx(0.30, abs=0.10)
    assert (~other & (written["code_written"] != written["code_true"])).mean() == pytest.approx(0.07, abs=0.05)
    assert written["default_start"].mean() == pytest.approx(0.35, abs=0.12)
    assert delay.min() > 0
    assert delay.median() > 1


def test_orders_are_closed_in_batches_on_fridays(plants: list[HonestPlant]) -> None:
    orders = [row for plant in plants for section in plant.records.orders.values() for row in section]
    closed = pd.DatetimeIndex([row["closed"] for row in orders]).tz_convert("Europe/Berlin")

    assert (closed.day_of_week == 4).mean() > 0.35


def test_some_preventive_tasks_are_skipped(plants: list[HonestPlant]) -> None:
    events = pd.concat([plant.truth.records["event"] for plant in plants])
    done, skipped = (events == "preventive").sum(), (events == "skipped").sum()

    assert skipped / (done + skipped) == pytest.approx(0.12, abs=0.04)


def test_the_plant_changes_in_the_test_months_only() -> None:
    regimes = make_regimes(read_settings(), 2)
    test_row = regimes.calendar.test_row

    assert (regimes.lines.grade[:, :test_row] < 3).all()
    assert (regimes.lines.grade[:, test_row:] == 3).any()
    assert not regimes.lines.retuned[:, :test_row].any()
    settings = read_settings()
    as_always = replace(settings, change=replace(settings.change, cooling_water_rise=0.0))
    warmer = regimes.water - make_regimes(as_always, 2).water
    assert (warmer[:test_row] == 0).all()
    assert warmer[test_row:].max() > 4


def test_sensors_lie_and_the_truth_knows_which(plants: list[HonestPlant]) -> None:
    faults = pd.concat([plant.truth.sensor_faults for plant in plants])

    assert {"stuck", "drift", "dropout", "spikes", "replaced with bias", "unit change", "outage", "gap"} <= set(
        faults["kind"]
    )
    stuck = plants[0].truth.sensor_faults.query("kind == 'stuck' and channel != '*'")
    fault = next(row for _, row in stuck.iterrows() if row["asset"][0] in "PK")
    readings = plants[0].readings["pump" if fault["asset"].startswith("P") else "compressor"]
    mine = readings[(readings["asset"] == fault["asset"]) & readings["time"].between(fault["start"], fault["end"])]
    assert mine[fault["channel"]].iloc[1:-3].nunique() <= 3


def test_in_an_outage_all_tags_freeze(plants: list[HonestPlant]) -> None:
    faults = plants[0].truth.sensor_faults
    outage = faults[(faults["kind"] == "outage") & faults["asset"].str.startswith("P")].iloc[0]
    pumps = plants[0].readings["pump"]
    inside = pumps["time"].between(outage["start"] + pd.Timedelta(hours=1), outage["end"] - pd.Timedelta(hours=1))
    mine = pumps[(pumps["asset"] == outage["asset"]) & inside].drop(columns=["asset", "time"])

    assert len(mine) >= 2
    assert (mine.nunique() <= 2).mean() > 0.8


def test_values_are_written_by_exception_where_the_historian_compresses(plants: list[HonestPlant]) -> None:
    fans = plants[0].readings["gearbox_fan"]

    assert fans["vibration"].isna().mean() > 0.2
    assert plants[0].readings["pump"]["vibration"].isna().mean() < 0.05
