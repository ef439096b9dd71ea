"""Commands about the plant itself: make one, look it over, serve it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, open_plant, table


def init(
    home: Annotated[Path, typer.Argument(help="An empty or new folder; it will hold everything of this plant.")],
    name: Annotated[str, typer.Option(help="The plant's name, as pages and requests show it.")] = "Plant",
    time_zone: Annotated[str, typer.Option(help="IANA zone of the plant, such as Europe/Berlin.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Make a plant: settings, and definitions of its own to edit."""
    from pdm.settings import Settings, load
    from pdm.workspace import create

    load(home, **{"time_zone": time_zone, "plant_name": name})
    workspace = create(home, plant_name=name, time_zone=time_zone)
    value = {"home": home, "settings": workspace.settings_file, "known_settings": sorted(Settings.model_fields)}
    answer(
        value,
        f"{home} is a plant now.\n"
        f"  features/  what is measured: edit or add one TOML file per kind of machine\n"
        f"  models/    what is predicted, what mistakes cost, when to alert\n"
        f"Next: plantpdm assets --home {home} FILE.csv, then plantpdm ingest --home {home} CLASS FILE...",
        as_json=as_json,
    )


def doctor(home: Home = HERE, as_json: Json = False) -> None:
    """Look the plant over: configuration, definitions, stores, models, versions. Exit code 1 when something is wrong."""
    from pdm.operations.check_health import check_health

    plant = open_plant(home, quiet=True)
    checks = check_health(plant)
    marks = {"ok": "ok      ", "note": "note    ", "problem": "PROBLEM "}
    rows = [(marks[check.level], check.name, check.sentence) for check in checks]
    answer(checks, table(rows, ("", "what", "")), as_json=as_json)
    if any(check.level == "problem" for check in checks):
        raise typer.Exit(1)


def serve(
    home: Home = HERE,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; anything but loopback needs access_token.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Start the service: pages for people, a JSON API under /v1, and scoring on schedule."""
    import uvicorn

    from pdm.settings import load
    from pdm.workspace import bundled_room

    overrides = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    settings = load(home, **overrides)
    os.environ["PDM_HOME"] = str(settings.home)
    for key, value in overrides.items():
        os.environ[f"PDM_{key.upper()}"] = str(value)
    typer.echo(f"serving {settings.home} at http://{settings.host}:{settings.port}  (stop with Ctrl+C)", err=True)
    uvicorn.run(
        "main:create_app",
        factory=True,
        app_dir=str(bundled_room("serving")),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=8,
    )
