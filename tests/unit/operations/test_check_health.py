import shutil
import socket
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

from pdm.audit.entry import AuditEntry
from pdm.catalogue import Catalogue, load_catalogue
from pdm.clock import ManualClock
from pdm.errors import StoreError
from pdm.operations.check_health import check_health, sqlite_check
from pdm.operations.ingest_readings import ingest_readings
from pdm.operations.register_assets import register_assets
from pdm.readings.registry import Asset
from pdm.registry.shelf import BundleShelf
from pdm.wiring import build_plant
from pdm.workspace import create

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OLD_SQLITE = (3, 40, 1)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A plant just made, as `plantpdm init` leaves it."""
    home = tmp_path_factory.mktemp("template") / "plant"
    create(home, plant_name="Northern works", time_zone="Europe/Berlin")
    build_plant(home)
    return home


@pytest.fixture
def plant(tmp_path, template):
    home = shutil.copytree(template, tmp_path / "plant")
    return build_plant(home, clock=ManualClock(NOW))


def checks(plant):
    return {check.name: check for check in check_health(plant)}


def test_an_empty_plant_is_well_and_is_told_what_comes_next(plant):
    found = checks(plant)

    assert not [check for check in found.values() if check.level == "problem"]
    assert found["history"].level == "note"
    assert "plantpdm ingest" in found["history"].sentence
    assert found["audit"].sentence == "the chain of 0 entries is whole"
    assert found["database"].level == "ok"
    assert not any(name.startswith("model ") for name in found)
    assert "lightgbm" in found["versions"].sentence


def test_the_plants_own_definitions_are_told_from_the_bundled_ones(plant):
    (plant.workspace.home / "features" / "pump.toml").unlink()
    found = checks(replace(plant, catalogue=load_catalogue(plant.workspace)))

    assert found["features/pump.toml"].sentence == "the bundled definition"
    assert found["models/pump.toml"].sentence == "the plant's own definition"


def test_a_class_without_a_model_is_said(plant):
    models = {name: model for name, model in plant.catalogue.models.items() if name != "pump"}
    found = checks(replace(plant, catalogue=Catalogue(plant.catalogue.classes, models)))

    assert found["models/pump.toml"].level == "note"
    assert "nothing is predicted for pump" in found["models/pump.toml"].sentence


def test_utc_is_worth_a_note_because_people_read_clocks(plant):
    assert "time zone" not in checks(plant)
    assert checks(replace(plant, settings=plant.settings.model_copy(update={"time_zone": "UTC"})))[
        "time zone"
    ].level == ("note")


def test_a_service_that_others_can_reach_says_so(plant):
    open_to_all = plant.settings.model_copy(update={"host": "192.0.2.7"})

    assert "only this machine" in checks(plant)["service"].sentence
    assert "other machines can reach" in checks(replace(plant, settings=open_to_all))["service"].sentence


def test_readings_on_record_are_shown_with_their_version(plant):
    register_assets(plant, [Asset("P-101", "pump")])
    rows = pd.DataFrame({"asset": ["P-101"], "time": [pd.Timestamp(NOW)], "vibration": [2.0]})
    ingest_readings(plant, rows, asset_class="pump")

    found = checks(plant)

    assert found["readings_pump"].level == "ok"
    assert "version" in found["readings_pump"].sentence
    assert "history" not in found


def test_a_trained_model_that_nobody_promoted_is_said(plant):
    bundle = plant.workspace.bundles / "pump" / "abc123"
    bundle.mkdir(parents=True)
    (bundle / "manifest.json").write_text("{}", encoding="utf-8")
    assert BundleShelf(plant.workspace.bundles).versions("pump")

    assert "plantpdm promote pump" in checks(plant)["model pump"].sentence

    BundleShelf(plant.workspace.bundles).set_alias("pump", "champion", "abc123")
    assert checks(plant)["model pump"].sentence == "champion is abc123"


def test_a_changed_audit_is_a_problem_and_problems_come_first(plant):
    with plant.unit_of_work() as work:
        for verb in ("promote", "approve"):
            work.audit.append(AuditEntry(NOW, "Ada", verb, "model:pump", "because"))
        work.commit()
    assert checks(plant)["audit"].sentence == "the chain of 2 entries is whole"
    with sqlite3.connect(plant.workspace.database) as tampering:
        for (trigger,) in tampering.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            tampering.execute(f"DROP TRIGGER {trigger}")
        tampering.execute("UPDATE audit SET who = 'Bo' WHERE verb = 'promote'")
    tampering.close()

    first = check_health(plant)[0]

    assert (first.name, first.level) == ("database", "problem")
    assert "chain" in first.sentence or "audit" in first.sentence


def test_one_part_that_cannot_be_looked_at_leaves_the_others_in_sight(plant):
    def gone():
        raise StoreError("the database cannot be opened", hint="is the disk there?")

    found = checks(replace(plant, unit_of_work=gone))

    assert found["database"].level == "problem"
    assert "cannot be opened" in found["database"].sentence
    assert found["versions"].level == "ok"


def test_a_write_ahead_log_with_an_old_library_is_a_problem_with_its_remedy():
    danger = sqlite_check("wal", OLD_SQLITE)

    assert danger.level == "problem"
    assert "3.40.1" in danger.sentence
    assert "journal_mode=DELETE" in danger.sentence
    assert sqlite_check("wal", (3, 51, 3)).level == "ok"
    assert sqlite_check("delete", OLD_SQLITE).level == "ok"


def test_a_database_that_another_program_put_into_wal_mode_is_noticed(plant, monkeypatch):
    """The platform's own connections leave WAL mode; another program that holds the file open keeps it there."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", OLD_SQLITE)
    other = sqlite3.connect(plant.workspace.database)
    try:
        assert other.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
        other.execute("SELECT count(*) FROM sqlite_master").fetchone()

        assert checks(plant)["database"].level == "problem"
    finally:
        other.close()


def test_a_server_that_the_settings_name_and_nobody_runs_is_a_problem(tmp_path, template):
    home = shutil.copytree(template, tmp_path / "plant")
    plant = build_plant(home, tracking_uri="http://127.0.0.1:9", dask_address="tcp://127.0.0.1:9")

    found = checks(plant)

    for setting in ("tracking_uri", "dask_address"):
        assert found[setting].level == "problem"
        assert "127.0.0.1:9" in found[setting].sentence


def test_a_server_that_answers_is_well(tmp_path, template):
    home = shutil.copytree(template, tmp_path / "plant")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        found = checks(build_plant(home, tracking_uri=address))

    assert found["tracking_uri"].level == "ok"
