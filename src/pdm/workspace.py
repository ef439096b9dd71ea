"""Where things are: the plant's home folder, and the rooms with the plant's own definitions laid over the bundled ones.

home/
├── plantpdm.toml                 settings
├── features/ models/ flows/      the plant's own definitions; a file here replaces the bundled one of the same name
├── history/                      sensor history and events (Delta tables)
├── plant.db                      alerts, cases, requests, verdicts, audit
├── bundles/                      what scoring loads, one folder per asset class and version
├── evidence/                     what records of several plants teach the watch list: weighing.json
├── keys/                         the plant's ed25519 signing key
├── tracking/                     MLflow's database and files
├── mappings/                     how columns and codes of each CMMS list are read: proposed once, then the plant's
├── records/                      what was imported from the CMMS, line by line; belongs into the backup
├── waveforms/                    vibration snapshots: <class>/<point>/<asset>/20260105T060000Z.npy
├── quarantine/                   rows that could not be stored, each with its reason
└── reports/                      evaluation reports
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from pdm.errors import Conflict, NotFound
from pdm.settings import FILE_NAME

EDITABLE_ROOMS = ("features", "models", "flows")


@dataclass(frozen=True)
class Workspace:
    """The folders of one plant. Nothing is created until something is stored."""

    home: Path

    @property
    def settings_file(self) -> Path:
        return self.home / FILE_NAME

    @property
    def history(self) -> Path:
        return self.home / "history"

    @property
    def database(self) -> Path:
        return self.home / "plant.db"

    @property
    def bundles(self) -> Path:
        return self.home / "bundles"

    @property
    def evidence(self) -> Path:
        return self.home / "evidence"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def tracking(self) -> Path:
        return self.home / "tracking"

    @property
    def waveforms(self) -> Path:
        return self.home / "waveforms"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def reports(self) -> Path:
        return self.home / "reports"

    def room(self, name: str) -> dict[str, Path]:
        """The files of a room by name, the plant's own before the bundled ones."""
        files = {path.name: path for path in _files(bundled_room(name))}
        return dict(sorted((files | {path.name: path for path in _files(self.home / name)}).items()))

    def owns(self, path: Path) -> bool:
        """Whether this definition is the plant's own."""
        return path.is_relative_to(self.home)


def bundled_room(name: str) -> Path:
    """A room as shipped: inside the installed package, else beside the source tree.

    Raises:
        NotFound: the installation is incomplete.
    """
    package = Path(__file__).parent
    for candidate in (package / "_workspace" / name, package.parents[1] / name):
        if candidate.is_dir():
            return candidate
    raise NotFound(f"the room {name}/ is missing from this installation", hint="reinstall plantpdm")


def create(home: Path, *, plant_name: str, time_zone: str) -> Workspace:
    """Lay out a new plant: settings with every field explained by `plantpdm doctor`, and a copy of the editable rooms.

    Raises:
        Conflict: `home` already is a plant.
    """
    workspace = Workspace(home)
    if workspace.settings_file.exists():
        raise Conflict(f"{home} already is a plant", hint="choose an empty folder")
    home.mkdir(parents=True, exist_ok=True)
    for name in EDITABLE_ROOMS:
        shutil.copytree(
            bundled_room(name), home / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    # A JSON string is a TOML string: quotes and umlauts in a name stay what they are.
    lines = [f"plant_name = {json.dumps(plant_name)}", f"time_zone = {json.dumps(time_zone)}"]
    workspace.settings_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return workspace


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
