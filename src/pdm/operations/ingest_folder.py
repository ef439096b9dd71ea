"""Take in what lies in the plant's `incoming/<class>/` folders; each file moves to `incoming/done/` once its rows are stored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pdm.errors import InputError
from pdm.operations.ingest_readings import ingest_readings
from pdm.ports import Plant

INCOMING = "incoming"
DONE = "done"


@dataclass(frozen=True)
class Arrival:
    """One file that arrived, and what became of it. `refused` holds the reason when nothing of it could be used."""

    file: Path
    asset_class: str
    rows_stored: int = 0
    rows_quarantined: int = 0
    refused: str = ""


def waiting_files(plant: Plant) -> list[tuple[str, Path]]:
    """(asset class, file) for every file that waits, oldest first; folders that name no class are left alone."""
    incoming = plant.workspace.home / INCOMING
    found = [(name, path) for name in plant.catalogue.classes for path in (incoming / name).glob("*") if path.is_file()]
    return sorted(found, key=lambda pair: (pair[1].stat().st_mtime_ns, pair[1].name))


def ingest_folder(plant: Plant, asset_class: str, file: Path) -> Arrival:
    """Take one waiting file in. A file that cannot be used stays where it is, and the reason is returned.

    Killed half-way and run again it ends in the same table: rows are stored once, however often they are sent.
    """
    try:
        report = ingest_readings(plant, [file], asset_class=asset_class, source=f"{INCOMING}/{asset_class}")
    except InputError as error:
        return Arrival(file, asset_class, refused=str(error))
    done = plant.workspace.home / INCOMING / DONE / asset_class
    done.mkdir(parents=True, exist_ok=True)
    file.replace(_free_name(done / file.name))
    return Arrival(file, asset_class, report.rows_stored, report.rows_quarantined)


def _free_name(path: Path) -> Path:
    """The same name, or with a number when an earlier file had it."""
    candidates = (path, *(path.with_name(f"{path.stem}.{number}{path.suffix}") for number in range(1, 10_000)))
    return next(candidate for candidate in candidates if not candidate.exists())
