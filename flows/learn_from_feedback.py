"""Retrain the classes for which people's findings brought labels that the champion has not seen."""

from __future__ import annotations

from prefect import flow, task
from prefect.artifacts import create_table_artifact

from pdm.operations.retrain import new_labels, retrain
from pdm.operations.score_fleet import champion
from pdm.wiring import build_plant


@task(retries=1, retry_delay_seconds=60)
def learn(home: str | None, asset_class: str) -> dict[str, str | int]:
    """One challenger that knows the new labels."""
    done = retrain(build_plant(home), asset_class, author="prefect")
    return {
        "class": asset_class,
        "version": done.result.version,
        "new labels": done.new_labels,
        "champion": done.champion,
    }


@flow(name="learn-from-feedback", log_prints=True)
def learn_from_feedback(home: str | None = None, at_least: int = 1) -> list[str]:
    """Retrain where at least `at_least` labels are new; the versions of the new challengers."""
    plant = build_plant(home)
    trained = [name for name in plant.catalogue.models if champion(plant, name) is not None]
    due = [name for name in trained if new_labels(plant, name) >= at_least]
    rows = [learn(home, name) for name in due]
    create_table_artifact(key="learnt", table=rows, description="What was learnt from feedback.")
    print(f"{len(due)} of {len(trained)} classes had new labels")
    return [str(row["version"]) for row in rows]
