"""The failure-mode library that ships covers every mode that ships, and every way of breaking a file is told with its line."""

from pathlib import Path

import pytest

from pdm.catalogue import load_catalogue
from pdm.catalogue.load import load_planning
from pdm.errors import DefinitionError
from pdm.workspace import Workspace, bundled_room

PUMP = bundled_room("models/packages") / "pump.toml"
SITE = bundled_room("models/site") / "planning.toml"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return load_catalogue(Workspace(tmp_path_factory.mktemp("home")))


def modes():
    found = load_catalogue(Workspace(Path("no plant")))
    return [(name, mode.name) for name, model in found.models.items() for mode in model.failure_modes]


@pytest.mark.parametrize(("asset_class", "mode"), modes())
def test_every_failure_mode_has_a_package_that_a_planner_can_use(catalogue, asset_class, mode):
    package = catalogue.package(asset_class, mode)
    model = catalogue.model(asset_class).mode(mode)

    assert package.library
    assert package.item == model.maintainable_item
    assert package.cause
    assert package.effect
    assert package.procedure
    assert len(package.tasks) >= 4
    assert any("solate" in task.step or "lock" in task.step for task in package.tasks), "nobody works unlocked"
    assert package.isolation
    assert package.permits
    assert package.parts
    assert set(model.crafts) <= set(catalogue.planning.crafts)
    assert set(package.crafts) <= set(catalogue.planning.crafts)


@pytest.mark.parametrize(("asset_class", "mode"), modes())
def test_package_and_failure_mode_do_not_contradict_each_other(catalogue, asset_class, mode):
    package = catalogue.package(asset_class, mode)
    model = catalogue.model(asset_class).mode(mode)
    axis = catalogue.asset_class(asset_class).axis

    assert package.lead_time == axis.calendar(model.parts_time)
    assert set(model.crafts) <= set(package.crafts)


def broken(tmp_path, old, new, file=PUMP, folder="packages"):
    home = tmp_path / "models" / folder
    home.mkdir(parents=True)
    text = file.read_text("utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    (home / file.name).write_text(changed, "utf-8")
    line = next(n for n, (a, b) in enumerate(zip(text.splitlines(), changed.splitlines(), strict=False), 1) if a != b)
    return Workspace(tmp_path), line


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('failure_mode = "seal_leak"', 'failure_mode = "seal_leek"', "no failure mode of class pump; it has"),
        ('craft = "vibration analyst"', 'craft = "wizard"', "craft 'wizard' is unknown"),
        ("hours = 1.5, persons = 2 }", "hours = -1.5, persons = 2 }", "greater than 0"),
        ("persons = 2 }", "persons = 0 }", "greater than or equal to 1"),
        ('lead_time = "5d"', 'lead_time = "soon"', "'soon' is no length of time"),
        ('number = "SEAL-RING-SHAFT"', 'number = "GREASE-LI-400"', "stands in one kit twice"),
        ("quantity = 2,", "quantity = 0,", "greater than 0"),
        ('asset_class = "pump"', 'asset_class = "pumb"', "no model of class 'pumb'"),
        ("permit_time", "permit_tyme", "did you mean 'permit_time'"),
        ("tools = [", "tools = ", "not TOML"),
    ],
)
def test_a_mistake_in_a_package_is_told_with_its_line(tmp_path, old, new, message):
    workspace, line = broken(tmp_path, old, new)

    with pytest.raises(DefinitionError, match=r"pump\.toml:\d+:") as refused:
        load_catalogue(workspace)

    assert message in str(refused.value)
    if "twice" not in message and "TOML" not in message:
        assert f"pump.toml:{line}:" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("bounds = [0.3, 0.6, 0.85]", "bounds = [0.6, 0.3, 0.85]", "'bounds' must rise"),
        ("1 = [2, 2, 1, 1]", "1 = [2, 2, 1]", "criticality 1 has 3 priorities, not 4"),
        ("per_day = 10", "per_day = -1", "greater than or equal to 0"),
        ("1 = 0.05", "7 = 0.05", "no criticality 7"),
        ("demote_within = 5", "demote_within = 1", "nobody would ever be demoted"),
        ("shift_hours = 8", "shift_hours = 20", "runs over midnight"),
        ('longest = "60d"', 'longest = "2d"', "'shortest' is longer"),
        ("spare_share", "spare_chair", "did you mean 'spare_share'"),
    ],
)
def test_a_mistake_in_the_sites_decisions_is_told_with_its_line(tmp_path, old, new, message):
    workspace, _ = broken(tmp_path, old, new, SITE, "site")

    with pytest.raises(DefinitionError, match=r"planning\.toml:\d+:") as refused:
        load_catalogue(workspace)

    assert message in str(refused.value)


def test_a_plants_own_file_replaces_the_bundled_one(tmp_path):
    workspace, _ = broken(tmp_path, 'procedure = "Overhaul', 'procedure = "North mill: overhaul')

    found = load_catalogue(workspace)

    assert found.package("pump", "bearing_wear").procedure.startswith("North mill")
    assert found.package("fan", "imbalance") is not None


def test_the_sites_decisions_that_ship_are_what_the_code_falls_back_on():
    planning = load_planning(SITE)

    assert planning.priority_rows[1] == (2, 2, 1, 1)
    assert planning.limits.per_day == 10
    assert planning.trust.target["automatic"] > planning.trust.target["draft"] > planning.trust.target["suggest"]
