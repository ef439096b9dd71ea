"""Compute the feature tables of all classes that have a model definition and readings."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_table_artifact

from pdm.operations.build_features import build_features as build
from pdm.readings.tables import readings_table
from pdm.wiring import build_plant


@task(retries=1, retry_delay_seconds=60)
def build_table(home: str | None, asset_class: str) -> dict[str, str | int]:
    """The table of one class; it is taken from disk when nothing has changed."""
    built = build(build_plant(home), asset_class)
    return {"class": asset_class, "rows": len(built.frame), "features": len(built.features), "file": str(built.path)}


@flow(name="build-features", log_prints=True)
def build_features(home: str | None = None) -> int:
    """Build every table of the plant in `home`; the number of rows."""
    plant = build_plant(home)
    ready = [name for name in plant.catalogue.models if plant.history.version(readings_table(name)) >= 0]
    rows = [build_table(home, name) for name in ready]
    create_table_artifact(key="feature-tables", table=rows, description="Feature tables.")
    total = sum(int(row["rows"]) for row in rows)
    print(f"{total} feature rows in {len(rows)} tables")
    return total
