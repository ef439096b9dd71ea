"""Ask every night whether the models in charge still know the world they are asked about."""

from __future__ import annotations

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact

from pdm.operations.watch_drift import watch_drift as watch
from pdm.wiring import build_plant


@task(retries=1, retry_delay_seconds=60)
def look(home: str | None) -> tuple[list[dict[str, str]], list[str]]:
    """A row for each channel that drifts, and what could not be watched and why."""
    found = watch(build_plant(home))
    rows = [
        {"class": one.asset_class, "model": one.version, "channel": channel.channel, "what": channel.sentence}
        for one in found
        for channel in one.channels
    ]
    return rows, [f"{one.asset_class}: {one.why_not}" for one in found if one.why_not]


@flow(name="watch-drift", log_prints=True)
def watch_drift(home: str | None = None) -> int:
    """Look at all classes of the plant in `home` (default: `PDM_HOME`); the number of channels that drift."""
    rows, unwatched = look(home)
    for sentence in unwatched:
        get_run_logger().info(sentence)
    create_table_artifact(key="drift", table=rows, description="What the models in charge do not know.")
    print(f"{len(rows)} channels drift")
    return len(rows)
