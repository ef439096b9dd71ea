"""What the machines said and what was done to them: assets, positions and serial items, lives, running state, quality, the tables."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pdm.readings.events import append_events, read_events, void_event
    from pdm.readings.exclusions import exclude, excluded, read_exclusions, rebaseline
    from pdm.readings.lives import build_lives, read_lives
    from pdm.readings.registry import Asset, Installation, read_assets, read_installations, register
    from pdm.readings.running import RunningState, run_hours, running_state
    from pdm.readings.store import MergeCounts, ReadingStore

__all__ = [
    "Asset",
    "Installation",
    "MergeCounts",
    "ReadingStore",
    "RunningState",
    "append_events",
    "build_lives",
    "exclude",
    "excluded",
    "read_assets",
    "read_events",
    "read_exclusions",
    "read_installations",
    "read_lives",
    "rebaseline",
    "register",
    "run_hours",
    "running_state",
    "void_event",
]

# Fetched when asked for: whoever only needs the tables' names should not wait for DuckDB.
_HOMES = {
    "events": ("append_events", "read_events", "void_event"),
    "exclusions": ("exclude", "excluded", "read_exclusions", "rebaseline"),
    "lives": ("build_lives", "read_lives"),
    "registry": ("Asset", "Installation", "read_assets", "read_installations", "register"),
    "running": ("RunningState", "run_hours", "running_state"),
    "store": ("MergeCounts", "ReadingStore"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"pdm.readings.{module}"), name)
    raise AttributeError(f"module 'pdm.readings' has no attribute {name!r}")
