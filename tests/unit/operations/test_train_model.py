import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

import pdm
from pdm.catalogue import load_catalogue
from pdm.errors import BundleError, LeakFound, NotFound, StoreError
from pdm.operations._made_from import data_sha256
from pdm.operations.build_features import build_features
from pdm.operations.evaluate_model import card_of, evaluate_model
from pdm.operations.train_model import kept_for_test, train_model
from pdm.readings.lives import read_lives
from pdm.registry.bundle import load_bundle
from pdm.registry.card import model_card
from pdm.registry.codec import encode
from pdm.registry.keys import public_key
from pdm.registry.shelf import BundleShelf
from pdm.simulation.load import load_plant
from pdm.simulation.small_plant import simulate_small_plant
from pdm.testing.builders import an_asset
from pdm.testing.plants import a_plant

NOW = datetime(2025, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """Twelve simulated pumps over ten months, and one trained challenger."""
    folder = tmp_path_factory.mktemp("plant")
    plant = a_plant(folder, now=NOW)
    plant = replace(plant, catalogue=load_catalogue(plant.workspace))
    load_plant(plant, simulate_small_plant(3, assets_per_class=(12, 1, 1), start="2025-01-01", days=300))
    return plant


@pytest.fixture(scope="module")
def result(plant):
    table = build_features(plant, "pump", until=datetime(2025, 9, 15, tzinfo=UTC))
    return train_model(plant, "pump", author="Ada", features=table)


def test_features_that_no_bundle_could_have_are_refused_before_anything_is_computed(tmp_path):
    bare = a_plant(tmp_path, now=NOW)
    catalogue = load_catalogue(bare.workspace)
    pump = catalogue.asset_class("pump")
    slow = replace(pump.feature_set, calculators={"matrix_profile": [{"threshold": 0.98, "feature": "min"}]})
    classes = {**catalogue.classes, "pump": replace(pump, feature_set=slow)}

    with pytest.raises(BundleError, match="matrix_profile, which only tsfresh computes"):
        train_model(replace(bare, catalogue=replace(catalogue, classes=classes)), "pump", author="Ada")

    assert not (bare.workspace.home / "feature_tables").exists()


def test_a_tracker_that_is_away_is_told_before_anything_is_computed(tmp_path):
    bare = a_plant(tmp_path, now=NOW)

    class Away:
        def alias(self, *_args):
            raise StoreError("MLflow cannot be asked")

    with pytest.raises(StoreError, match="MLflow cannot be asked"):
        train_model(replace(bare, tracker=Away), "pump", author="Ada")

    assert not (bare.workspace.home / "feature_tables").exists()


def test_a_trained_model_is_the_challenger_and_nobody_is_in_charge(plant, result):
    shelf = BundleShelf(plant.workspace.bundles)

    assert shelf.alias("pump", "challenger") == result.version
    assert shelf.alias("pump", "champion") is None
    assert plant.tracker().alias("pump", "challenger") == result.version


def test_the_bundle_can_be_trusted_and_answers(plant, result):
    bundle = load_bundle(result.bundle, public_key(plant.workspace), threads=1)

    assert bundle.manifest.created_by == "Ada"
    assert bundle.manifest.facts["metrics"] == pytest.approx(dict(result.metrics))
    assert bundle.predictor.model.feature_names == bundle.feature_names


def test_the_run_says_what_it_was_made_from(plant, result):
    run = plant.tracker().runs[result.run_id]

    assert run.status == "FINISHED"
    assert run.logged_params["learner.rounds"] == "120"
    assert run.logged_tags["author"] == "Ada"
    assert int(run.logged_tags["data_version.readings_pump"]) >= 0
    assert run.logged_tags["extraction_version"]
    assert run.logged_tags["code_version"].startswith(f"{pdm.__version__}+")
    assert run.logged_tags["feature_set"] == f"pump: {run.logged_params['features']} features"
    features = json.loads(run.files["definitions/features.json"])
    assert features["raw"] == encode(plant.catalogue.asset_class("pump").feature_set)


def test_the_run_and_the_bundle_know_the_hash_of_what_was_learnt_from(plant, result):
    run = plant.tracker().runs[result.run_id]
    table = build_features(plant, "pump", until=datetime(2025, 9, 15, tzinfo=UTC))
    lives = read_lives(plant.history, plant.catalogue.asset_class("pump"), plant.catalogue.model("pump"))
    another = table.frame.assign(**{table.features[3]: table.frame[table.features[3]].to_numpy()[::-1]})

    assert run.logged_tags["data_sha256"] == data_sha256(table.frame, lives)
    assert model_card(card_of(plant, "pump", "challenger")).data_sha256 == run.logged_tags["data_sha256"]
    assert data_sha256(another, lives) != run.logged_tags["data_sha256"]
    assert data_sha256(table.frame, lives.iloc[1:]) != run.logged_tags["data_sha256"]


def test_the_run_keeps_the_model_card_with_its_owner_and_review_date(plant, result):
    run = plant.tracker().runs[result.run_id]
    card = run.files["card/card.txt"].decode()

    assert run.logged_tags["owner"] == "Ada"
    assert run.logged_tags["review_by"] == "2026-04-30"
    assert "owner Ada, trained 2025-11-01, review by 2026-04-30" in card
    assert result.version in card
    assert run.logged_tags["data_sha256"] in card
    assert result.leaks.words in card
    assert run.logged_metrics.items() >= dict(result.metrics).items()
    assert any(name.startswith("baseline.") for name in run.logged_metrics)


def test_the_run_keeps_report_boosters_and_bundle_but_no_pickle(plant, result):
    files = plant.tracker().runs[result.run_id].files

    assert {"report/report.html", "report/report.json", "bundle/manifest.json"} <= set(files)
    assert any(name.startswith("boosters/") for name in files)
    assert {"card/card.txt", "definitions/features.json"} <= set(files)
    assert {name.rsplit(".", 1)[1] for name in files} == {"html", "json", "parquet", "sig", "txt"}
    assert result.report.read_bytes() == files["report/report.html"]


def test_a_model_can_be_asked_how_it_has_done_since(plant, result):
    figures = evaluate_model(plant, "pump", "challenger")

    since = {name: value for name, value in figures.items() if ".since_training." in name}
    assert figures.items() >= dict(result.metrics).items()
    assert since["remaining_life.since_training.rows"] > 100


def test_a_class_without_a_model_cannot_be_trained(plant):
    with pytest.raises(NotFound, match="robot"):
        train_model(plant, "robot", author="Ada")


def test_a_class_with_hardly_any_failures_gets_a_watch_list_and_the_reason(plant):
    trained = train_model(plant, "fan", author="Ada")

    assert trained.ladder.rung == "watch list"
    assert "fan" in trained.ladder.why
    assert trained.metrics == {}


def test_assets_marked_as_test_are_kept_apart():
    assets = {
        "E-1": an_asset("E-1", attributes={"split": "train"}),
        "E-2": an_asset("E-2", attributes={"split": "test"}),
    }

    assert kept_for_test(assets) == ["E-2"]


def test_every_question_of_the_leak_guard_was_asked_of_history_and_stands_in_the_run(plant, result):
    run, leaks = plant.tracker().runs[result.run_id], result.leaks

    assert not leaks.missing
    assert not leaks.failed
    peeks = [line for line in leaks.lines if line.name in ("future_peek", "known_then")]
    assert [line.figures["rows"] for line in peeks] == [24.0, 24.0]
    assert run.logged_tags["leak_guard"] == "passed"
    assert run.logged_metrics["leak.future_peek"] == 1.0
    assert json.loads(run.files["leaks/leaks.json"]) == leaks.plain()


def test_a_table_with_a_window_into_the_future_stops_training_and_the_run_says_why(plant, result):
    table = build_features(plant, "pump", until=datetime(2025, 9, 15, tzinfo=UTC))
    name = table.features[0]
    ahead = table.frame.assign(**{name: table.frame.groupby("asset")[name].shift(-4)})
    shelf = BundleShelf(plant.workspace.bundles)

    with pytest.raises(LeakFound, match=name):
        train_model(plant, "pump", author="Ada", features=replace(table, frame=ahead))

    run = list(plant.tracker().runs.values())[-1]
    assert run.status == "FAILED"
    assert run.logged_tags["leak_guard"] == "failed"
    assert run.logged_metrics["leak.future_peek"] == 0.0
    assert shelf.alias("pump", "challenger") == result.version
