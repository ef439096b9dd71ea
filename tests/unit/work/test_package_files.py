"""Files of job packages beside models that a plant describes anew."""

from dataclasses import replace

import pytest

from pdm.catalogue.load import load_catalogue, load_packages
from pdm.errors import DefinitionError
from pdm.workspace import Workspace, bundled_room, create


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    home = tmp_path_factory.mktemp("plant") / "home"
    create(home, plant_name="test", time_zone="UTC")
    return load_catalogue(Workspace(home))


def fewer_modes(shipped):
    model = shipped.models["compressor"]
    return replace(model, failure_modes=tuple(mode for mode in model.failure_modes if mode.name != "coupling_break"))


def test_shipped_packages_of_modes_that_a_plant_left_out_are_left_aside(shipped):
    path = bundled_room("models") / "packages" / "compressor.toml"

    _, found = load_packages(path, {"compressor": fewer_modes(shipped)}, shipped.planning.crafts)

    every = {package.failure_mode for package in shipped.packages["compressor"]}
    assert {package.failure_mode for package in found} == every - {"coupling_break"}


def test_a_package_that_a_plant_wrote_for_a_mode_that_does_not_exist_is_refused(shipped, tmp_path):
    text = (bundled_room("models") / "packages" / "compressor.toml").read_text(encoding="utf-8")
    path = tmp_path / "compressor.toml"
    path.write_text(text + "\n# ours\n", encoding="utf-8")

    with pytest.raises(DefinitionError, match="coupling_break"):
        load_packages(path, {"compressor": fewer_modes(shipped)}, shipped.planning.crafts)
