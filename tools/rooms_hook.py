"""Build hook: the four rooms travel inside the wheel as `pdm/_workspace`, web assets built, web sources left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("features", "models", "flows", "serving")
LEFT_OUT = {"web", "__pycache__"}


class RoomsHook(BuildHookInterface):  # type: ignore[type-arg]  hatchling's own hooks leave it open
    """Adds every file of the rooms to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill `force_include`; an editable install finds the rooms beside `src` and needs nothing."""
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / "serving" / "static" / "manifest.json").is_file():
            raise FileNotFoundError("serving/static is empty: build the web assets first (make setup)")
        for room in ROOMS:
            for path in sorted((root / room).rglob("*")):
                inside = path.relative_to(root)
                if path.is_file() and not LEFT_OUT & set(inside.parts):
                    build_data["force_include"][str(path)] = f"pdm/_workspace/{inside.as_posix()}"
