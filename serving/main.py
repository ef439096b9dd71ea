"""Where uvicorn starts: `uvicorn main:create_app --factory --app-dir serving`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from pdm.ports import Plant

# Started by string, this file is `main` and only its own folder is on the path; the room is the package above it.
_HOUSE = str(Path(__file__).resolve().parents[1])
if _HOUSE not in sys.path:
    sys.path.append(_HOUSE)


def create_app(plant: Plant | None = None) -> FastAPI:
    """The service for `plant`; without one, for the plant in `PDM_HOME`.

    Raises:
        NotFound: the folder is no plant.
        SettingsError, DefinitionError: its settings or definitions cannot be read.
    """
    from pdm.wiring import build_plant
    from serving.app import build_app

    return build_app(plant if plant is not None else build_plant())
