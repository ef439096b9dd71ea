"""A simulated plant comes in through the operations, with both times, and keeps its truth to itself."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.readings.registry import read_assets
from pdm.readings.store import ReadingStore
from pdm.simulation import LoadCounts, SimulatedPlant, load_plant, simulate_small_plant
from pdm.wiring import build_plant
from pdm.workspace import create


@pytest.fixture(scope="module")
def simulated() -> SimulatedPlant:
    return simulate_small_plant(assets_per_class=(4, 3, 3), days=150)


@pytest.fixture(scope="module")
def loaded(simulated: SimulatedPlant, tmp_path_factory: pytest.TempPathFactory) -> tuple[Plant, LoadCounts]:
    home = tmp_path_factory.mktemp("home")
    create(home, plant_name="small", time_zone="Europe/Berlin")
    plant = build_plant(home)
    return plant, load_plant(plant, simulated)


def failed_parts(events: pd.DataFrame) -> list[tuple[str, str, pd.Timestamp]]:
    rows = events[events["kind"] == "failure"]
    return sorted(zip(rows["asset"], rows["failure_mode"], rows["time"], strict=True))


def test_everything_that_was_recorded_is_stored(simulated: SimulatedPlant, loaded: tuple[Plant, LoadCounts]):
    plant, counts = loaded

    assert counts.assets == 10
    assert counts.readings == sum(len(rows) for rows in simulated.readings.values())
    assert counts.events == len(simulated.events)
    assert counts.rows_quarantined == 0
    assert sorted(read_assets(plant.history)) == sorted(asset.asset for asset in simulated.assets)


def test_loading_the_same_plant_again_stores_nothing(simulated: SimulatedPlant, loaded: tuple[Plant, LoadCounts]):
    plant, _ = loaded

    again = load_plant(plant, simulated)

    assert (again.readings, again.events) == (0, 0)


def test_honest_values_come_back_as_they_were(simulated: SimulatedPlant, loaded: tuple[Plant, LoadCounts]):
    plant, _ = loaded

    stored = ReadingStore(plant.history).scan(plant.catalogue.asset_class("fan"), assets=["F-301"])

    told = simulated.readings["fan"].query("asset == 'F-301'").reset_index(drop=True)
    pd.testing.assert_series_equal(stored["vibration"].reset_index(drop=True), told["vibration"])
    assert (pd.DatetimeIndex(stored["time"]) == pd.DatetimeIndex(told["time"])).all()


def test_every_failure_ends_a_life_and_no_other_life_ends_so(
    simulated: SimulatedPlant, loaded: tuple[Plant, LoadCounts]
):
    plant, _ = loaded

    lives = pd.concat(
        [
            read_lives(plant.history, plant.catalogue.asset_class(name), plant.catalogue.model(name))
            for name in simulated.readings
        ]
    )
    ended = lives[lives["ended_by"] == "failure"]
    assert failed_parts(simulated.events) == sorted(
        zip(ended["asset"], ended["failure_mode"], ended["end"], strict=True)
    )
    assert len(ended) > 3


def test_a_late_work_order_is_unknown_until_it_was_written(simulated: SimulatedPlant, loaded: tuple[Plant, LoadCounts]):
    plant, _ = loaded
    events = simulated.events
    latest = events.loc[(events["recorded_at"] - events["time"]).idxmax()]

    before = read_events(plant.history, known_at=latest["recorded_at"].to_pydatetime() - pd.Timedelta(minutes=1))
    after = read_events(plant.history, known_at=latest["recorded_at"].to_pydatetime())

    def told(table: pd.DataFrame) -> bool:
        same = (
            (table["asset"] == latest["asset"]) & (table["time"] == latest["time"]) & (table["kind"] == latest["kind"])
        )
        return bool(same.any())

    assert not told(before)
    assert told(after)


def test_the_truth_is_not_stored(loaded: tuple[Plant, LoadCounts]):
    plant, _ = loaded

    words = {name for table in plant.history.names() for name in plant.history.dataset(table).schema.names}
    assert not words & {"onset", "course", "truth"}
    assert not Path(plant.workspace.history, "truth").exists()
