import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def seed():
    path = Path(__file__).resolve().parents[2] / "browser" / "seeded_plant.py"
    spec = importlib.util.spec_from_file_location("seeded_plant_for_views", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def plant(seed, tmp_path_factory):
    """A plant that nobody changes."""
    return seed.seeded_plant(tmp_path_factory.mktemp("views"))


@pytest.fixture
def own_plant(seed, plant, tmp_path):
    """A plant of one's own."""
    return seed.copied(plant, tmp_path)
