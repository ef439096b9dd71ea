"""Which version is in charge, and that the last good one never leaves the machine."""

import fcntl
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pdm.errors import BundleError, Conflict, NotFound
from pdm.registry.in_charge import in_charge
from pdm.registry.keys import public_key
from pdm.registry.shelf import ALIASES_NAME, Aliases, BundleShelf


@pytest.fixture
def shelf(tmp_path: Path) -> BundleShelf:
    """Five versions, `v1` the oldest."""
    for number in range(1, 6):
        manifest = tmp_path / "pump" / f"v{number}" / "manifest.json"
        manifest.parent.mkdir(parents=True)
        manifest.write_text("{}")
        os.utime(manifest, (number, number))
    return BundleShelf(tmp_path)


def test_versions_are_listed_from_the_oldest_to_the_newest(shelf):
    (shelf.folder / "pump" / ".new-half-written").mkdir()

    assert shelf.versions("pump") == ["v1", "v2", "v3", "v4", "v5"]
    assert shelf.versions("fan") == []


def test_an_alias_points_at_a_version_or_nowhere(shelf):
    assert shelf.alias("pump", "champion") is None
    shelf.set_alias("pump", "challenger", "v2")

    assert shelf.alias("pump", "challenger") == "v2"
    assert shelf.resolve("pump", "challenger") == "v2"
    assert shelf.resolve("pump", "v3") == "v3"
    with pytest.raises(NotFound, match="has no champion"):
        shelf.resolve("pump", "champion")


def test_a_version_that_is_not_there_is_refused_with_those_that_are(shelf):
    with pytest.raises(NotFound, match="on the shelf: v1, v2"):
        shelf.set_alias("pump", "champion", "v9")
    with pytest.raises(NotFound, match="train a model first"):
        shelf.path("fan", "v1")
    with pytest.raises(NotFound):
        shelf.path("pump", "../pump/v1")


def test_a_promoted_challenger_is_none_any_more_and_the_former_champion_is_remembered(shelf):
    for version in ("v1", "v2", "v3"):
        shelf.set_alias("pump", "challenger", version)
        shelf.set_alias("pump", "champion", version)

    assert shelf.aliases("pump") == Aliases("v3", None, ("v1", "v2"))


def test_a_rollback_returns_to_the_former_champion(shelf):
    shelf.set_alias("pump", "champion", "v1")
    shelf.set_alias("pump", "champion", "v2")

    assert shelf.roll_back("pump") == "v1"

    assert shelf.aliases("pump") == Aliases("v1", "v2", ())
    with pytest.raises(Conflict, match="no former champion"):
        shelf.roll_back("pump")


def test_the_alias_file_is_replaced_whole_or_not_at_all(shelf, monkeypatch):
    shelf.set_alias("pump", "champion", "v1")
    before = (shelf.folder / "pump" / ALIASES_NAME).read_bytes()

    def power_cut(*_args):
        raise OSError("power cut")

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(OSError, match="power cut"):
        shelf.set_alias("pump", "champion", "v2")

    assert (shelf.folder / "pump" / ALIASES_NAME).read_bytes() == before
    assert not list((shelf.folder / "pump").glob(".aliases-*"))


def test_an_unreadable_alias_file_is_named(shelf):
    (shelf.folder / "pump" / ALIASES_NAME).write_text('{"aliases": ')

    with pytest.raises(BundleError, match=r"aliases\.json cannot be read"):
        shelf.alias("pump", "champion")


def test_pruning_keeps_the_newest_the_aliases_and_every_remembered_champion(shelf):
    shelf.set_alias("pump", "champion", "v1")
    shelf.set_alias("pump", "champion", "v3")

    assert shelf.prune("pump", keep=1) == ["v2", "v4"]

    assert shelf.versions("pump") == ["v1", "v3", "v5"]


def test_when_the_champion_cannot_be_trusted_the_last_good_one_answers(bench, tmp_path):
    first, second = bench.write(tmp_path), bench.write(tmp_path, data_versions={"readings_pump": 9})
    shelf, key = BundleShelf(tmp_path), public_key(bench.workspace)
    assert in_charge(shelf, "pump", key, threads=1).bundle is None
    shelf.set_alias("pump", "champion", first.version)
    shelf.set_alias("pump", "champion", second.version)
    assert in_charge(shelf, "pump", key, threads=1).problems == ()

    (tmp_path / "pump" / second.version / "manifest.sig").write_bytes(bytes(64))
    found = in_charge(shelf, "pump", key, threads=1)

    assert found.bundle is not None
    assert found.bundle.version == first.version
    assert second.version in found.problems[0]
    assert "does not fit" in found.problems[0]

    shutil.rmtree(tmp_path / "pump" / first.version)
    assert in_charge(shelf, "pump", key, threads=1).bundle is None


def test_the_alias_file_is_small_json_that_a_person_can_read(shelf):
    shelf.set_alias("pump", "champion", "v1")

    plain = json.loads((shelf.folder / "pump" / ALIASES_NAME).read_text())
    assert plain == {"aliases": {"champion": "v1", "challenger": None}, "former": []}


def test_a_training_that_ends_waits_until_a_promotion_has_written_its_aliases(shelf):
    first, second = shelf.versions("pump")[:2]
    shelf.set_alias("pump", "champion", first)
    with ThreadPoolExecutor(1) as pool, (shelf.folder / "pump" / ".aliases.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        training = pool.submit(shelf.set_alias, "pump", "challenger", second)
        with pytest.raises(TimeoutError):
            training.result(timeout=0.2)
        shelf.restore("pump", Aliases(second, None, (first,)))
        fcntl.flock(turn, fcntl.LOCK_UN)
        training.result(timeout=30)

    assert shelf.aliases("pump") == Aliases(second, second, (first,))
