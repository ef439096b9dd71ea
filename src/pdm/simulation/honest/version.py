"""Which simulator made a plant: figures measured on one simulator say nothing about another."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path

from pdm.simulation import signals
from pdm.simulation.honest.settings import PlantSettings, known_keys


def simulator_version() -> str:
    """Twelve letters that change whenever the settings' schema or a source file of the simulator does."""
    digest = hashlib.sha256(" ".join(known_keys(PlantSettings)).encode())
    for path in (*sorted(Path(__file__).parent.glob("*.py")), Path(signals.__file__)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


def settings_version(settings: PlantSettings) -> str:
    """Twelve letters that change whenever a value of the settings does."""
    return hashlib.sha256(repr(asdict(settings)).encode()).hexdigest()[:12]
