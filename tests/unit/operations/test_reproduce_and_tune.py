"""A run can be done again from the data that it saw, and a study looks at the past alone."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from pdm.catalogue import load_catalogue
from pdm.errors import NotFound
from pdm.learning import train as training
from pdm.operations import tune_model as tuning
from pdm.operations.build_features import build_features
from pdm.operations.export_matrix import export_matrix
from pdm.operations.reproduce_run import reproduce_run
from pdm.operations.train_model import train_model, trained_on
from pdm.operations.tune_model import tune_model
from pdm.readings.events import append_events
from pdm.readings.exclusions import exclude
from pdm.readings.registry import read_assets, register
from pdm.readings.store import ReadingStore
from pdm.simulation.load import load_plant
from pdm.simulation.small_plant import simulate_small_plant
from pdm.testing.history import MemoryHistory
from pdm.testing.plants import a_plant
from pdm.workspace import Workspace

NOW = datetime(2025, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """Twelve simulated pumps over ten months, with one target and a learner that takes no time."""
    plant = a_plant(tmp_path_factory.mktemp("plant"), now=NOW)
    catalogue = load_catalogue(plant.workspace)
    pump = catalogue.model("pump")
    quick = replace(
        pump,
        targets=pump.targets[:1],
        learner=replace(pump.learner, rounds=8, row_stride=4),
        split=replace(pump.split, folds=3),
    )
    plant = replace(plant, catalogue=replace(catalogue, models={**catalogue.models, "pump": quick}))
    load_plant(plant, simulate_small_plant(3, assets_per_class=(12, 1, 1), start="2025-01-01", days=300))
    return plant


@pytest.fixture(scope="module")
def result(plant):
    return train_model(plant, "pump", author="Ada")


def test_a_run_comes_out_the_same_from_the_data_that_it_saw_although_history_has_grown_but_for_what_was_tampered_with(
    plant, result
):
    asset_class = plant.catalogue.asset_class("pump")
    late = pd.DataFrame(
        {"asset": ["P-101"], "time": [pd.Timestamp(NOW)]} | dict.fromkeys(asset_class.channel_names, 1.0)
    )
    ReadingStore(plant.history).merge(asset_class, late, source="test", recorded_at=NOW)
    failure = {"asset": ["P-101"], "kind": "failure", "failure_mode": "bearing_wear", "severity": "critical"}
    append_events(plant.history, pd.DataFrame(failure | {"time": [pd.Timestamp(NOW - timedelta(days=60))]}), now=NOW)
    changed = replace(plant.catalogue.model("pump"), learner=replace(plant.catalogue.model("pump").learner, rounds=1))
    today = replace(plant, catalogue=replace(plant.catalogue, models={"pump": changed}))
    run, name = plant.tracker().runs[result.run_id], next(name for name in result.metrics if name.endswith("brier"))
    honest, run.logged_metrics[name] = run.logged_metrics[name], 0.001

    again = reproduce_run(today, result.version)

    assert again.run == result.run_id
    (told,) = again.different
    assert (told.name, told.logged, told.now) == (name, 0.001, pytest.approx(honest))
    logged = {figure.name: figure.logged for figure in again.figures}
    assert {name: logged[name] for name in result.metrics} == pytest.approx({**result.metrics, name: 0.001})
    assert {"rung", "watch.digest"} <= logged.keys()
    assert again.notes == ()


def test_a_run_nobody_knows_is_not_found(plant):
    with pytest.raises(NotFound, match="no run 1234"):
        reproduce_run(plant, "1234")


def test_a_study_knows_the_past_alone_goes_on_where_it_stopped_and_proposes_toml(plant, monkeypatch):
    seen = []

    def watched(features, lives, *rest, **options):
        seen.append((features["time"].max(), lives["end"].max(), rest[0].learner))
        return train(features, lives, *rest, **options)

    train = tuning.train
    monkeypatch.setattr(tuning, "train", watched)

    first = tune_model(plant, "pump", trials=1)
    again = tune_model(plant, "pump", trials=2)

    rows = pd.date_range("2025-01-01", "2025-10-28", freq="1h", tz="UTC")
    test_from = rows[int(len(rows) * 0.75)]
    assert all(last < test_from - timedelta(days=10) for last, _, _ in seen)
    assert all(end <= test_from + timedelta(days=3) for _, end, _ in seen)
    assert (first.trials, again.trials) == (1, 2)
    assert first.score == 1.0
    assert again.score <= 1.0
    assert tomllib.loads(again.proposal.read_text())["learner"]["rounds"] == 8


def test_the_matrix_has_the_periods_and_folds_of_training_whoever_is_held_out(plant, tmp_path, monkeypatch):
    mine = replace(plant, history=MemoryHistory({name: list(kept) for name, kept in plant.history.versions.items()}))
    register(mine.history, [replace(read_assets(mine.history)["P-103"], attributes={"split": "test"})], now=NOW)
    exclude(
        mine.history, "P-105", start=NOW - timedelta(days=120), end=NOW - timedelta(days=100), reason="trial", now=NOW
    )
    seen = []

    def stop(course):
        seen.append(course)
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "guard", stop)
    with pytest.raises(KeyboardInterrupt):
        trained_on(mine, plant.catalogue.model("pump"), build_features(mine, "pump"), None, ("P-103",))
    frame = pd.read_parquet(export_matrix(mine, "pump", tmp_path / "matrix.parquet").path)

    (course,) = seen
    out = frame[frame["held_out"]]
    rest = frame[~frame["held_out"]].reset_index(drop=True)
    assert set(out["asset"]) == {"P-103"}
    assert set(out["fold"]) == {-1}
    assert rest["fold"].tolist() == course.bench.fold.tolist()
    assert rest["group"].tolist() == course.bench.groups.tolist()
    assert (rest["period"] == "past").tolist() == course.cut.train(course.positions).tolist()
    assert rest["excluded"].tolist() == (~course.usable).tolist()
    assert rest["excluded"].any()


def test_a_study_that_was_cut_off_in_its_first_trial_still_tries_the_present_settings(plant, monkeypatch):
    def killed(_learner):
        raise KeyboardInterrupt

    present = plant.catalogue.model("pump").learner
    mine = replace(plant, workspace=Workspace(plant.workspace.home / "cut_off"))
    mine.workspace.home.mkdir()
    monkeypatch.setattr(tuning, "_judge", lambda *_rest: killed)
    with pytest.raises(KeyboardInterrupt):
        tune_model(mine, "pump", trials=1)
    monkeypatch.setattr(tuning, "_judge", lambda *_rest: lambda learner: 1.0 if learner == present else 2.0)

    found = tune_model(mine, "pump", trials=1)

    assert found.score == 1.0
    assert found.learner == present


def test_the_matrix_holds_everything_that_somebody_else_needs_to_train(plant, tmp_path):
    written = export_matrix(plant, "pump", tmp_path / "out" / "matrix.parquet")

    frame = pd.read_parquet(written.path)
    name = plant.catalogue.model("pump").targets[0].name
    assert len(frame) == written.rows > 1000
    assert set(frame["period"]) == {"past", "gap", "later"}
    assert sorted(frame["fold"].unique()) == [0, 1, 2]
    assert (frame.groupby("group")["fold"].nunique() == 1).all()
    assert set(frame[f"{name}__label"].dropna()) == {0.0, 1.0}
    assert frame[f"{name}__label"].isna().any()
    assert set(written.features) <= set(frame.columns)
