"""Public sets come in through the operations: once, with both times, and without the answers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pdm.datasets import (
    DATASETS,
    dataset,
    import_dataset,
    read_azure,
    read_cmapss,
    write_azure_fixture,
    write_cmapss_fixture,
)
from pdm.errors import NotFound
from pdm.ports import Plant
from pdm.readings.events import read_events
from pdm.readings.lives import read_lives
from pdm.readings.registry import read_assets
from pdm.readings.store import ReadingStore
from pdm.wiring import build_plant
from pdm.workspace import create


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    write_cmapss_fixture(folder, engines=4)
    write_azure_fixture(folder, machines=3, days=40)
    return folder


@pytest.fixture(scope="module")
def plant(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Plant:
    home = tmp_path_factory.mktemp("home")
    create(home, plant_name="sets", time_zone="UTC")
    plant = build_plant(home)
    for name in DATASETS:
        import_dataset(plant, name, folder, subset="FD001")
    return plant


def test_training_engines_live_until_they_fail_and_test_engines_are_cut(plant: Plant, folder: Path):
    data = read_cmapss(folder, "FD001")
    lives = read_lives(plant.history, plant.catalogue.asset_class("turbofan"), plant.catalogue.model("turbofan"))

    ends = {row.asset: (row.ended_by, row.end) for row in lives.itertuples()}
    assert ends == {
        asset: ("failure" if "-train-" in asset else "open", float(frame["time"].max()))
        for table in (data.train, data.test)
        for asset, frame in table.groupby("asset")
    }
    assert set(lives["maintainable_item"]) == {"unit"}


def test_a_cycle_is_known_on_its_day_and_not_before(plant: Plant):
    store, turbofan = ReadingStore(plant.history), plant.catalogue.asset_class("turbofan")

    after_ten_days = store.scan(turbofan, known_at=pd.Timestamp("2008-01-11", tz="UTC").to_pydatetime())

    assert after_ten_days["time"].max() == 10 * turbofan.axis.per_day


def test_engines_tell_their_split_in_their_attributes(plant: Plant):
    assets = read_assets(plant.history, asset_class="turbofan")

    assert assets["FD001-train-001"].attributes == {"subset": "FD001", "split": "train"}
    assert assets["FD001-test-004"].attributes == {"subset": "FD001", "split": "test"}


def test_the_answers_of_the_test_engines_are_not_stored(plant: Plant):
    events = read_events(plant.history, assets=[f"FD001-test-{number:03d}" for number in range(1, 5)])

    assert events.empty


def test_a_component_fails_and_begins_a_new_life(plant: Plant, folder: Path):
    data = read_azure(folder)
    definition = plant.catalogue.asset_class("azure_machine")
    lives = read_lives(plant.history, definition, plant.catalogue.model("azure_machine"))

    failed = lives[lives["ended_by"] == "failure"]
    assert sorted(zip(failed["asset"], failed["maintainable_item"], failed["end"], strict=True)) == sorted(
        zip(data.failures["asset"], data.failures["component"], data.failures["time"], strict=True)
    )
    for life in failed.itertuples():
        following = lives[(lives["item"] == life.item) & (lives["start"] > life.end)]["start"].min()
        assert following == life.end + pd.Timedelta(minutes=1)
    assert set(lives["ended_by"]) <= {"failure", "repair", "open"}


def test_all_errors_are_stored_as_events(plant: Plant, folder: Path):
    errors = read_events(plant.history, kinds=["error"])

    assert len(errors) == len(read_azure(folder).errors)
    assert (errors["recorded_at"] == errors["time"]).all()


@pytest.mark.parametrize("name", DATASETS)
def test_importing_again_stores_nothing(plant: Plant, folder: Path, name: str):
    again = import_dataset(plant, name, folder, subset="FD001")

    assert (again.readings, again.events) == (0, 0)
    assert again.assets == {"cmapss": 8, "azure": 3}[name]


def test_the_table_of_data_sets_names_classes_that_ship(plant: Plant):
    assert {row.asset_class for row in DATASETS.values()} <= set(plant.catalogue.classes)


def test_an_unknown_data_set_is_answered_with_those_there_are():
    with pytest.raises(NotFound, match=r"femto.*cmapss, azure"):
        dataset("femto")
