"""One file of settings: every key is read, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pdm.errors import DefinitionError
from pdm.simulation.honest.settings import build_settings, read_settings
from pdm.simulation.honest.simulate import simulate_plant


def test_the_bundled_plant_has_sixty_machines_a_class_with_three_failures_and_one_with_none() -> None:
    settings = read_settings()

    assert sum(machine.assets for machine in settings.machine) == 60
    assert [machine.name for machine in settings.machine if machine.exactly == 3] == ["agitator"]
    assert [machine.name for machine in settings.machine if not machine.failures and machine.exactly is None] == [
        "conveyor"
    ]
    assert all(8 <= len(machine.channel) <= 10 for machine in settings.machine)


@pytest.mark.parametrize(
    ("place", "key"), [(("growth",), "maskd"), (("machine", 0, "channel", 2), "nois"), ((), "growht")]
)
def test_an_unknown_key_is_an_error_that_names_the_nearest_one(
    document: dict[str, Any], place: tuple[str | int, ...], key: str
) -> None:
    table: Any = document
    for step in place:
        table = table[step]
    table[key] = 1

    with pytest.raises(DefinitionError, match="did you mean"):
        build_settings(document)


@pytest.mark.parametrize(
    ("section", "values", "said"),
    [
        ("period", {"test_days": 400}, "longer than the period"),
        ("period", {"time_zone": "Mars/Olympus"}, "no zone"),
        ("growth", {"no_precursor": 1.5}, "no_precursor"),
        ("growth", {"stepped": 0.7, "arrested": 0.6}, "more than all failures"),
        ("growth", {"masked": 1.0, "below_noise": 0.0, "unmeasured": 0.0}, "below 1"),
    ],
)
def test_values_that_contradict_one_another_are_refused(
    document: dict[str, Any], section: str, values: dict[str, Any], said: str
) -> None:
    document[section] |= values

    with pytest.raises(DefinitionError, match=said):
        build_settings(document)


def test_a_signature_of_a_channel_that_does_not_exist_is_refused(document: dict[str, Any]) -> None:
    document["machine"][0]["mode"][0]["signature"] = {"vibratoin": 1.0}

    with pytest.raises(DefinitionError, match="vibratoin"):
        build_settings(document)


def test_more_pairs_than_machines_are_refused(document: dict[str, Any]) -> None:
    document["machine"][0]["pairs"] = 4

    with pytest.raises(DefinitionError, match="pairs need 8 assets"):
        build_settings(document)


def test_a_plan_for_an_item_that_no_mode_names_is_refused(document: dict[str, Any]) -> None:
    document["machine"][0]["plan"][0]["maintainable_item"] = "gasket"

    with pytest.raises(DefinitionError, match="gasket"):
        build_settings(document)


def test_a_class_without_physics_is_refused(document: dict[str, Any]) -> None:
    document["machine"][0]["name"] = "turbine"

    with pytest.raises(DefinitionError, match="no physics for turbine"):
        simulate_plant(build_settings(document), 1)


def test_a_start_that_is_no_date_is_refused(document: dict[str, Any]) -> None:
    document["period"]["start"] = "January"

    with pytest.raises(DefinitionError, match="no date"):
        simulate_plant(build_settings(document), 1)


def test_a_missing_file_and_one_that_is_no_toml_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("= 3", encoding="utf-8")

    with pytest.raises(DefinitionError, match=r"none\.toml"):
        read_settings(tmp_path / "none.toml")
    with pytest.raises(DefinitionError, match=r"bad\.toml"):
        read_settings(tmp_path / "bad.toml")
