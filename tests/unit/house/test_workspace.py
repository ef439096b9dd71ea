import pytest

from pdm.errors import Conflict
from pdm.workspace import Workspace, bundled_room, create


def test_a_new_plant_has_settings_and_definitions_of_its_own(tmp_path):
    workspace = create(tmp_path / "mill", plant_name="Mill", time_zone="Europe/Berlin")

    assert workspace.settings_file.read_text() == 'plant_name = "Mill"\ntime_zone = "Europe/Berlin"\n'
    assert (workspace.home / "features" / "pump.toml").is_file()
    assert (workspace.home / "models" / "pump.toml").is_file()


def test_a_plant_is_never_made_twice(tmp_path):
    create(tmp_path, plant_name="Mill", time_zone="UTC")

    with pytest.raises(Conflict, match="already is a plant"):
        create(tmp_path, plant_name="Mill", time_zone="UTC")


def test_the_plants_own_definition_replaces_the_bundled_one_of_the_same_name(tmp_path):
    own = tmp_path / "features"
    own.mkdir()
    (own / "pump.toml").write_text("name = 'pump'\n")
    workspace = Workspace(tmp_path)

    files = workspace.room("features")

    assert files["pump.toml"] == own / "pump.toml"
    assert workspace.owns(files["pump.toml"])
    assert files["fan.toml"].parent == bundled_room("features")
    assert not workspace.owns(files["fan.toml"])


def test_naming_a_plant_with_quotes_still_gives_a_file_that_can_be_read(tmp_path):
    from pdm.settings import load

    create(tmp_path / "mill", plant_name='The "old" mill', time_zone="UTC")

    assert load(tmp_path / "mill").plant_name == 'The "old" mill'
