"""Honest plants for the tests: three whole ones for figures, a small one for files."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from pdm.simulation.honest.settings import DEFAULT, PlantSettings, build_settings, read_settings
from pdm.simulation.honest.simulate import HonestPlant, simulate_plant

SEEDS = (1, 2, 3)


def small_document() -> dict[str, Any]:
    """The bundled settings with few machines and eight months."""
    document = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
    document["period"] |= {"days": 240, "test_days": 80}
    for machine, assets, pairs in zip(document["machine"], (6, 3, 3, 2, 1), (2, 0, 0, 0, 0), strict=True):
        machine |= {"assets": assets, "pairs": pairs}
    return document


@pytest.fixture
def document() -> dict[str, Any]:
    return small_document()


@pytest.fixture(scope="session")
def small_settings() -> PlantSettings:
    return build_settings(small_document())


@pytest.fixture(scope="session")
def small(small_settings: PlantSettings) -> HonestPlant:
    return simulate_plant(small_settings, 5)


@pytest.fixture(scope="session")
def plants() -> list[HonestPlant]:
    """Three plants of sixty machines and two years."""
    settings = read_settings()
    return [simulate_plant(settings, seed) for seed in SEEDS]
