"""What every tracker promises, asked of real MLflow on SQLite and of the fake in memory. Opening MLflow is slow: one test asks it all."""

import os
import sys
from pathlib import Path

import pytest

from pdm.errors import MissingExtra, NotFound, StoreError
from pdm.testing.tracker import MemoryTracker


@pytest.fixture
def bundle(tmp_path):
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    (folder / "wear.probability.txt").write_text("tree")
    return folder


def keeps_its_promises(tracker, bundle: Path, report: Path) -> str:
    """The promises of the port, in the order of a training; returns the id of the finished run."""
    assert tracker.alias("pump", "champion") is None
    with tracker.run("pump", "v1") as run:
        run.params({"learner.rounds": 120, "split.test_from": "", "note": "x" * 9000})
        run.metrics({f"wear.later.figure_{number}": number / 7 for number in range(150)})
        run.metrics({"wear.later.brier": 0.01})
        run.tags({"author": "Ada", "data_version.readings_pump": "3"})
        run.artifact(report, "report")
    tracker.register("pump", run.id, bundle, "v1")
    with tracker.run("pump", "v2") as second:
        second.metrics({"wear.later.brier": 0.02})
    tracker.register("pump", second.id, bundle, "v2")

    tracker.set_alias("pump", "challenger", "v2")
    tracker.set_alias("pump", "champion", "v1")
    assert (tracker.alias("pump", "champion"), tracker.alias("pump", "challenger")) == ("v1", "v2")
    tracker.set_alias("pump", "champion", "v2")
    assert tracker.alias("pump", "champion") == "v2"
    with pytest.raises(NotFound, match="v9"):
        tracker.set_alias("pump", "champion", "v9")
    assert tracker.alias("fan", "champion") is None

    with pytest.raises(ZeroDivisionError), tracker.run("pump", "v3") as failed:
        _ = 1 / 0
    assert failed.id not in (run.id, second.id)
    with tracker.run("pump", "v4") as tagged:
        tagged.tags({"bundle": "v4"})
        tagged.metrics({"wear.later.brier": 0.03})
    assert (tracker.logged(run.id).experiment, tracker.logged(run.id).tags["author"]) == ("pump", "Ada")
    assert (tracker.logged("v4").id, tracker.logged("v4").metrics) == (tagged.id, {"wear.later.brier": 0.03})
    with pytest.raises(NotFound, match="no run v9"):
        tracker.logged("v9")
    return run.id


def test_the_fake_keeps_the_promises_of_the_port(bundle, tmp_path):
    report = tmp_path / "report.html"
    report.write_text("<p>")
    tracker = MemoryTracker()

    run = keeps_its_promises(tracker, bundle, report)

    assert tracker.runs[run].files["report/report.html"] == b"<p>"
    assert [run.status for run in tracker.runs.values()] == ["FINISHED", "FINISHED", "FAILED", "FINISHED"]


@pytest.mark.slow
def test_mlflow_keeps_the_promises_of_the_port(bundle, tmp_path):
    pytest.importorskip("mlflow", reason="the extra 'train' is not installed")
    from pdm.adapters.mlflow import MlflowTracker

    report = tmp_path / "report.html"
    report.write_text("<p>")
    folder = tmp_path / "tracking"
    tracker = MlflowTracker(f"sqlite:///{folder / 'mlflow.db'}", folder)

    run = keeps_its_promises(tracker, bundle, report)

    client = tracker._client
    kept = client.get_run(run)
    assert kept.info.status == "FINISHED"
    assert kept.data.params["learner.rounds"] == "120"
    assert kept.data.metrics["wear.later.brier"] == 0.01
    assert kept.data.tags["author"] == "Ada"
    stored = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert any(path.endswith("report/report.html") for path in stored)
    assert any(path.endswith("bundle/manifest.json") for path in stored)
    assert not any(path.endswith((".pkl", ".pickle", ".joblib")) for path in stored)
    experiment = client.get_experiment_by_name("pump")
    statuses = {found.info.status for found in client.search_runs([experiment.experiment_id])}
    assert statuses == {"FINISHED", "FAILED"}
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    client._tracking_client.store.engine.dispose()


@pytest.mark.slow
def test_mlflow_that_is_away_is_a_sentence_within_seconds():
    pytest.importorskip("mlflow", reason="the extra 'train' is not installed")
    from pdm.adapters.mlflow import MlflowTracker

    tracker = MlflowTracker("http://127.0.0.1:9")

    with pytest.raises(StoreError, match=r"MLflow cannot be asked: .*127\.0\.0\.1"):
        tracker.set_alias("pump", "champion", "v1")
    with pytest.raises(StoreError, match="MLflow cannot be asked"):
        tracker.logged("v1")
    with pytest.raises(StoreError, match="MLflow cannot be asked"), tracker.run("pump", "v1"):
        pass


def test_without_mlflow_the_sentence_names_the_extra(monkeypatch):
    from pdm.adapters.mlflow import MlflowTracker

    monkeypatch.setitem(sys.modules, "mlflow", None)

    with pytest.raises(MissingExtra, match="extra 'train'"):
        MlflowTracker("sqlite:///nowhere.db")
