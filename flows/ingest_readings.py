"""Take in the files that wait in `incoming/<class>/`, one task each, so that one bad file stops no other."""

from __future__ import annotations

from pathlib import Path
from typing import cast
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact

from pdm.operations.ingest_folder import Arrival, ingest_folder, waiting_files
from pdm.wiring import build_plant


@task(retries=2, retry_delay_seconds=30)
def take_in(home: str | None, asset_class: str, file: Path) -> Arrival:
    """One file. Run again after a crash it stores nothing twice."""
    return ingest_folder(build_plant(home), asset_class, file)


@flow(name="ingest-readings", log_prints=True)
def ingest_readings(home: str | None = None) -> int:
    """Take in every waiting file of the plant in `home`; the number of rows stored."""
    waiting = waiting_files(build_plant(home))
    # In a flow that is not async Prefect answers at once, though its signature also allows a coroutine.
    progress = cast(UUID, create_progress_artifact(progress=0.0, key="ingest", description="Files taken in."))
    arrivals = []
    for number, (asset_class, file) in enumerate(waiting, 1):
        arrivals.append(take_in(home, asset_class, file))
        update_progress_artifact(artifact_id=progress, progress=100.0 * number / len(waiting))
    rows = [
        {
            "file": a.file.name,
            "class": a.asset_class,
            "stored": a.rows_stored,
            "quarantined": a.rows_quarantined,
            "refused": a.refused,
        }
        for a in arrivals
    ]
    create_table_artifact(key="arrivals", table=rows, description="What arrived, and what became of it.")
    stored = sum(arrival.rows_stored for arrival in arrivals)
    print(f"{len(arrivals)} files, {stored} rows stored")
    return stored
