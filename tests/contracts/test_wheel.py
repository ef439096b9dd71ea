import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    if not (ROOT / "serving" / "static" / "manifest.json").is_file():
        pytest.skip("the web assets are not built: make setup")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("plantpdm-*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize("room", ["features", "models", "flows", "serving"])
def test_the_wheel_carries_every_file_of_a_room(contents, room):
    tracked = subprocess.run(
        ["git", "ls-files", room], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    expected = {f"pdm/_workspace/{path}" for path in tracked if not path.startswith("serving/web/")}

    assert expected <= contents


def test_the_wheel_carries_the_built_web_assets_and_the_migrations(contents):
    assert "pdm/_workspace/serving/static/manifest.json" in contents
    assert any(name.startswith("pdm/_workspace/serving/static/assets/main-") for name in contents)
    assert any("pdm/adapters/sql/migrations/versions/" in name and name.endswith(".py") for name in contents)


def test_nothing_of_the_tests_or_of_node_travels_with_the_wheel(contents):
    assert not [
        name for name in contents if "node_modules" in name or name.startswith("tests/") or "__pycache__" in name
    ]
