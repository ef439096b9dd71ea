import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from pdm.catalogue import load_catalogue
from pdm.operations.advise_schedule import advise_schedule
from pdm.operations.consider_assessments import consider_assessments
from pdm.operations.find_deferrals import find_deferrals
from pdm.operations.register_assets import register_assets
from pdm.readings.exclusions import read_exclusions
from pdm.records.planning import read_planning
from pdm.simulation.planner_lists import hand_over, planner_lists
from pdm.testing.builders import NOON, an_assessment, an_asset
from pdm.testing.plants import a_plant


@pytest.fixture
def plant(tmp_path):
    plant = a_plant(tmp_path)
    plant = replace(plant, catalogue=load_catalogue(plant.workspace))
    tags = [f"P-10{n}" for n in range(8)]
    register_assets(plant, [an_asset(tag, location=f"north/water/line {n // 4 + 1}") for n, tag in enumerate(tags)])
    return plant


def test_every_list_is_taken_in_whole(plant):
    files = hand_over(plant)

    found = read_planning(plant.workspace.home)
    rows = {file.stem: len(list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))) for file in files}
    assert rows == {"stops": 3, "crews": 5, "stock": len(found.stock), "prices": 3, "plans": 3}
    assert (len(found.stops), len(found.crews), len(found.prices), len(found.plans)) == (3, 5, 3, 3)
    assert all(task.due is not None and task.due > NOON for task in found.plans), "done before, and due again"
    assert not list(plant.workspace.quarantine.glob("*.csv"))
    assert {stop.scope for stop in found.stops} == {"north/water/line 1", "north/water/line 2", ""}
    assert all(stop.start > NOON for stop in found.stops)
    assert read_exclusions(plant.history)["reason"].str.startswith("planned stop").all()


def test_the_schedule_has_windows_in_stops_and_work_that_can_wait_is_told_from_what_cannot(plant):
    hand_over(plant)
    for hours in (0, 1):
        plant.clock.set(NOON + timedelta(hours=hours))
        consider_assessments(plant, [an_assessment("P-100", 0.7, hours=hours, life=900.0)])

    advice = advise_schedule(plant)
    windows = [window for one in advice.requests for window in one.windows]
    assert any(window.stop for window in windows)
    assert {reason for _, reason in find_deferrals(plant).left_out}


def test_the_lists_follow_from_the_plant_and_the_moment(plant):
    from pdm.readings.registry import read_assets

    assets = read_assets(plant.history)

    assert planner_lists(assets, plant.catalogue, NOON) == planner_lists(assets, plant.catalogue, NOON)
    assert planner_lists({}, plant.catalogue, NOON)["plans.csv"].count("\n") == 1
