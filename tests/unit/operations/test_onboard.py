"""Bring your own data: from files nobody has described to definitions, stored history and a first model, or why there is none."""

import json

import numpy as np
import pandas as pd
import pytest

from pdm.adapters.console import SilentProgress
from pdm.catalogue import load_catalogue
from pdm.errors import Conflict, InputError, ZoneQuestion
from pdm.onboarding.answers import Answers
from pdm.operations.onboard import onboard
from pdm.readings.events import read_events
from pdm.readings.registry import read_assets
from pdm.wiring import build_plant
from pdm.workspace import create


@pytest.fixture
def plant(tmp_path):
    create(tmp_path / "plant", plant_name="Own data", time_zone="UTC")
    return build_plant(tmp_path / "plant", progress=SilentProgress())


@pytest.fixture
def lives(tmp_path):
    """Eight machines that wear until they fail, with a countdown beside."""
    rng = np.random.default_rng(5)
    parts = []
    for n, life in enumerate(rng.integers(90, 140, 8)):
        cycle = np.arange(1, life + 1)
        wear = rng.uniform(0.7, 1.3) * np.exp((cycle - life) / 25) + rng.normal(0, 0.15, life)
        parts.append(
            pd.DataFrame(
                {"machine": f"M{n}", "cycle": cycle, "wear": wear, "noise": rng.normal(size=life), "rul": life - cycle}
            )
        )
    path = tmp_path / "lives.csv"
    pd.concat(parts).to_csv(path, index=False)
    return path


@pytest.fixture
def silent(tmp_path):
    """One machine, one temperature, no zone."""
    rng = np.random.default_rng(6)
    times = pd.date_range("2026-01-01", periods=900, freq="1h").strftime("%Y-%m-%d %H:%M:%S")
    path = tmp_path / "gearbox.csv"
    pd.DataFrame({"timestamp": times, "Oil temp [degC]": rng.normal(60, 1, 900)}).to_csv(path, index=False)
    return path


def test_lives_become_a_class_with_a_trained_model(plant, lives):
    report = onboard(plant, [lives], asset_class="press", author="anna")
    assert report.failures == 8
    assert report.training is not None
    assert report.training.metrics["fails_soon.new_assets.auc"] > 0.8
    assert (plant.workspace.home / "models" / "press.toml").is_file()
    assert sorted(read_assets(plant.history)) == [f"M{n}" for n in range(8)]


def test_the_same_files_again_change_nothing(plant, lives):
    onboard(plant, [lives], asset_class="press", train=False)
    again = onboard(plant, [lives], asset_class="press", train=False)
    assert again.readings.rows_stored == 0
    assert len(read_events(plant.history)) == 8


def test_a_dry_run_stores_nothing(plant, lives):
    report = onboard(plant, [lives], asset_class="press", dry_run=True)
    assert report.readings is None
    assert not (plant.workspace.home / "features" / "press.toml").exists()
    assert plant.history.names() == []


def test_times_without_a_zone_are_asked_about_before_anything_is_written(plant, silent):
    with pytest.raises(ZoneQuestion):
        onboard(plant, [silent], asset_class="gearbox")
    assert not (plant.workspace.home / "features" / "gearbox.toml").exists()


def test_labels_in_json_become_failures_of_the_file_they_stand_under(plant, silent, tmp_path):
    labels = tmp_path / "labels.json"
    labels.write_text(json.dumps({"deep": {"data/gearbox.csv": ["2026-01-20 06:00:00"], "other.csv": ["2026-01-02"]}}))
    report = onboard(plant, [silent], asset_class="gearbox", answers=Answers(zone="UTC"), events=[labels], train=False)
    events = read_events(plant.history)
    assert events[["asset", "kind"]].to_numpy().tolist() == [["gearbox", "failure"]]
    assert report.failures == 1


def test_definitions_that_a_person_edited_are_not_written_over(plant, lives):
    onboard(plant, [lives], asset_class="press", train=False)
    mine = plant.workspace.home / "features" / "press.toml"
    mine.write_text(mine.read_text().replace('title = "Press"', 'title = "Hydraulic press"'))
    with pytest.raises(Conflict, match=r"press\.toml"):
        onboard(plant, [lives], asset_class="press", train=False)
    assert "Hydraulic" in mine.read_text()


def test_failures_of_a_table_are_modes_that_the_first_model_learns_from(plant, lives, tmp_path):
    table = pd.read_csv(lives)
    ends = table.groupby("machine")["cycle"].max().reset_index()
    happened = tmp_path / "happened.csv"
    told = ends.rename(columns={"cycle": "usage"}).assign(kind="breakdown", failure_mode="Worn die", severity="")
    told.loc[len(told)] = ["M99", 50, "breakdown", "Worn die", ""]
    told.to_csv(happened, index=False)
    bare = tmp_path / "bare.csv"
    table.drop(columns="rul").to_csv(bare, index=False)
    answers = Answers(run_to_failure=False, per_day=24.0)

    proposed = onboard(plant, [bare], asset_class="press", answers=answers, events=[happened], dry_run=True).proposal
    report = onboard(plant, [bare], asset_class="press", answers=answers, events=[happened], author="anna")

    assert [(mode.name, mode.title, mode.count) for mode in proposed.modes] == [("worn_die", "Worn die", 8)]
    assert not any("no failures are known" in question for question in proposed.questions)
    assert report.failures == 8
    assert [part.rows_quarantined for part in report.put_aside] == [1]
    assert report.training is not None
    assert any(name.startswith("fails_soon.") for name in report.training.metrics), report.training.ladder.words


def test_an_offset_west_of_greenwich_is_a_zone(plant, tmp_path):
    times = pd.date_range("2026-01-01", periods=200, freq="1h", tz="America/New_York")
    path = tmp_path / "mill.csv"
    pd.DataFrame(
        {"time": [str(t.isoformat()) for t in times], "temp": np.random.default_rng(1).normal(size=200)}
    ).to_csv(path, index=False)

    report = onboard(plant, [path], asset_class="mill", train=False)

    assert report.readings.rows_stored == 200


def test_the_doubled_hour_of_autumn_is_two_hours_and_the_missing_one_of_spring_is_told(plant, tmp_path):
    autumn, spring = tmp_path / "autumn.csv", tmp_path / "spring.csv"
    local = pd.date_range("2025-10-20", "2025-11-05", freq="1h", tz="Europe/Berlin").tz_localize(None)
    wall = pd.date_range("2026-03-20", "2026-04-05", freq="1h")
    for path, times in ((autumn, local), (spring, wall)):
        pd.DataFrame({"time": times, "temp": np.random.default_rng(1).normal(size=len(times))}).to_csv(
            path, index=False
        )

    berlin = Answers(zone="Europe/Berlin")
    twice = onboard(plant, [autumn], asset_class="autumn", answers=berlin, train=False).readings
    once = onboard(plant, [spring], asset_class="spring", answers=berlin, train=False).readings

    assert (twice.rows_stored, twice.rows_quarantined) == (len(local), 0)
    assert (once.rows_stored, once.rows_quarantined) == (len(wall) - 1, 1)


def test_rows_whose_machine_nobody_knows_are_never_stored(plant, lives, tmp_path):
    whose = tmp_path / "whose.csv"
    pd.read_csv(lives).drop(columns=["machine", "rul"]).to_csv(whose, index=False)

    with pytest.raises(InputError, match="which one names the machine"):
        onboard(plant, [whose], asset_class="press", answers=Answers(time="cycle"))
    assert not (plant.workspace.home / "features" / "press.toml").exists()


def test_failures_of_work_orders_have_modes_that_the_definition_knows(plant, silent, tmp_path):
    orders = tmp_path / "iw39.csv"
    orders.write_text(
        "Order;Functional Location;Order Type;Description;Basic start date;Actual finish;Breakdown\n"
        "4001;G-1;PM01;Replace leaking seal;05.01.2026;05.01.2026;X\n"
        "4002;G-1;PM01;Bearing worn, replaced;17.01.2026;17.01.2026;X\n"
        "4003;G-9;PM01;Bearing worn;18.01.2026;18.01.2026;X\n"
    )
    berlin = Answers(zone="Europe/Berlin", machine="G-1")

    proposed = onboard(plant, [silent], asset_class="gear", answers=berlin, work_orders=[orders], dry_run=True).proposal
    nothing = plant.history.names()
    onboard(plant, [silent], asset_class="gear", answers=berlin, work_orders=[orders], train=False)

    assert {(mode.name, mode.count) for mode in proposed.modes} == {("seal_leakage", 1), ("bearing_wear", 1)}
    assert nothing == []
    failures = read_events(plant.history, kinds=["failure"])
    known = [mode.name for mode in load_catalogue(plant.workspace).model("gear").failure_modes]
    assert sorted(failures["failure_mode"]) == sorted(known) == ["bearing_wear", "seal_leakage"]
