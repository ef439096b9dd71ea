"""`plantpdm simulate`: home, exports and truth, each in its place."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pdm.cli import simulate
from pdm.errors import Conflict, DefinitionError
from pdm.simulation.honest.settings import DEFAULT
from pdm.simulation.honest.truth import Truth
from pdm.workspace import create

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """A tiny plant as a file: the bundled text with fewer machines and days."""
    text = (
        DEFAULT.read_text(encoding="utf-8")
        .replace("days = 730", "days = 240")
        .replace("test_days = 240", "test_days = 60")
    )
    for machine in tomllib.loads(text)["machine"]:
        text = text.replace(f"assets = {machine['assets']}\n", "assets = 2\n")
    path = tmp_path / "plant.toml"
    path.write_text(text.replace("pairs = 8", "pairs = 1"), encoding="utf-8")
    return path


@pytest.fixture
def make(settings_file: Path, capsys: pytest.CaptureFixture[str]) -> Make:
    def run(home: Path, truth: Path | None = None, *, load: bool = False) -> dict[str, Any]:
        simulate.simulate(home, settings_file, 4, truth, load=load, as_json=True)
        made: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return made

    return run


def test_a_simulated_plant_is_loaded_through_the_importers_with_its_truth_apart(tmp_path: Path, make: Make) -> None:
    made = make(tmp_path / "plant", load=True)

    truth = Truth.load(tmp_path / "plant-truth")
    assert truth.version == made["version"]
    assert len(truth.exposure) == made["assets"] == 10
    assert (tmp_path / "plant-truth" / "settings.toml").is_file()
    assert not [path for path in (tmp_path / "plant").rglob("*") if "truth" in path.name]
    assert made["loaded"]["rows_stored"] == made["readings"]
    assert made["loaded"]["items_recovered"] >= 0.95
    assert made["loaded"]["failures_recovered"] >= 0.75


def test_truth_inside_the_home_is_refused_before_anything_is_made(tmp_path: Path, make: Make) -> None:
    with pytest.raises(Conflict, match="must stay out of the home"):
        make(tmp_path / "plant", tmp_path / "plant" / "exports" / "truth")

    assert not (tmp_path / "plant").exists()


def test_a_home_that_is_a_plant_already_is_left_alone(tmp_path: Path, make: Make) -> None:
    create(tmp_path / "plant", plant_name="Ours", time_zone="UTC")

    with pytest.raises(Conflict, match="already is a plant"):
        make(tmp_path / "plant")

    assert "Ours" in (tmp_path / "plant" / "plantpdm.toml").read_text(encoding="utf-8")


def test_earlier_exports_and_an_earlier_truth_are_never_written_over(tmp_path: Path, make: Make) -> None:
    (tmp_path / "plant" / "exports").mkdir(parents=True)
    (tmp_path / "second-truth").mkdir()
    (tmp_path / "second-truth" / "truth.json").write_text("{}", encoding="utf-8")

    with pytest.raises(Conflict, match="exists already"):
        make(tmp_path / "plant")
    with pytest.raises(Conflict, match="is not empty"):
        make(tmp_path / "second")


def test_settings_that_cannot_be_read_make_nothing(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"none\.toml"):
        simulate.simulate(tmp_path / "plant", tmp_path / "none.toml", 1, None, load=False, as_json=True)

    assert not (tmp_path / "plant").exists()
