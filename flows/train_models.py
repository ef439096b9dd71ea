"""Train a challenger for every class that has a model definition and readings; promotion stays a person's decision."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_table_artifact

from pdm.errors import TooLittleData
from pdm.operations.train_model import train_model
from pdm.readings.tables import readings_table
from pdm.wiring import build_plant


@task(retries=1, retry_delay_seconds=60)
def train(home: str | None, asset_class: str) -> dict[str, str | float]:
    """One challenger, or the sentence that says why there is none."""
    try:
        result = train_model(build_plant(home), asset_class, author="prefect")
    except TooLittleData as reason:
        return {"class": asset_class, "version": "", "note": str(reason)}
    return {"class": asset_class, "version": result.version, "note": ""} | {
        name: round(value, 4) for name, value in sorted(result.metrics.items())
    }


@flow(name="train-models", log_prints=True)
def train_models(home: str | None = None, asset_class: str | None = None) -> list[str]:
    """Train all classes (or one) of the plant in `home`; the versions of the new challengers."""
    plant = build_plant(home)
    ready = [name for name in plant.catalogue.models if plant.history.version(readings_table(name)) >= 0]
    rows = [train(home, name) for name in ready if asset_class in (None, name)]
    create_table_artifact(key="challengers", table=rows, description="New challengers and their held-out figures.")
    versions = [str(row["version"]) for row in rows if row["version"]]
    print(f"{len(versions)} challengers trained; promote one with `plantpdm promote`")
    return versions
