"""Old models go on request, and none of those that a plant could need again."""

import os

import pytest

from pdm.errors import BundleError, InputError, NotFound
from pdm.operations.prune_bundles import prune_bundles
from pdm.registry.manifest import FILE_NAME
from pdm.registry.shelf import ALIASES_NAME, BundleShelf
from pdm.testing.plants import a_plant


@pytest.fixture
def plant(tmp_path):
    """Six pump models, one a day, of which the first was in charge before the third."""
    plant = a_plant(tmp_path)
    shelf = BundleShelf(plant.workspace.bundles)
    for day in range(1, 7):
        folder = shelf.folder / "pump" / f"v{day}"
        folder.mkdir(parents=True)
        (folder / FILE_NAME).write_text("{}")
        os.utime(folder / FILE_NAME, (day, day))
    shelf.set_alias("pump", "champion", "v1")
    shelf.set_alias("pump", "champion", "v3")
    shelf.set_alias("pump", "challenger", "v4")
    return plant


def deeds(plant):
    with plant.unit_of_work() as work:
        return [(entry.who, entry.details) for entry in work.audit.list(subject="model:pump")]


def test_what_is_or_was_in_charge_and_the_newest_stay_and_the_audit_names_the_others(plant):
    assert prune_bundles(plant, "pump", keep=1, by="Ada") == ("v2", "v5")

    assert BundleShelf(plant.workspace.bundles).versions("pump") == ["v1", "v3", "v4", "v6"]
    assert deeds(plant) == [("Ada", {"versions": ["v2", "v5"], "keep": 1})]
    assert prune_bundles(plant, "pump", keep=1, by="Ada") == ()
    assert len(deeds(plant)) == 1


@pytest.mark.parametrize(("asset_class", "keep", "by"), [("pump", 0, "Ada"), ("pump", 1, " "), ("pmup", 1, "Ada")])
def test_a_refusal_deletes_nothing(plant, asset_class, keep, by):
    with pytest.raises((InputError, NotFound)):
        prune_bundles(plant, asset_class, keep=keep, by=by)
    assert len(BundleShelf(plant.workspace.bundles).versions("pump")) == 6


def test_nothing_is_deleted_while_nobody_can_read_who_is_in_charge(plant):
    (plant.workspace.bundles / "pump" / ALIASES_NAME).write_text("{")

    with pytest.raises(BundleError):
        prune_bundles(plant, "pump", keep=1, by="Ada")

    assert len(BundleShelf(plant.workspace.bundles).versions("pump")) == 6
