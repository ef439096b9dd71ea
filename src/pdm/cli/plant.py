"""Commands about the plant itself: make one, look it over, serve it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, open_plant, table
from pdm.errors import ConfigurationError, StoreError

if TYPE_CHECKING:
    from pdm.operations.check_health import Check


def init(
    home: Annotated[Path, typer.Argument(help="A new folder; it will hold everything of this plant.")],
    name: Annotated[str, typer.Option(help="The plant's name, as pages and requests show it.")] = "Plant",
    time_zone: Annotated[str, typer.Option(help="IANA zone of the plant, such as Europe/Berlin.")] = "UTC",
    as_json: Json = False,
) -> None:
    """Make a plant: settings, and definitions of its own to edit. Nothing that lies in the folder is overwritten."""
    from pdm.errors import Conflict
    from pdm.settings import Settings, load
    from pdm.workspace import EDITABLE_ROOMS, Workspace, create

    taken = [room for room in EDITABLE_ROOMS if (home / room).exists()]
    if taken and not Workspace(home).settings_file.exists():
        raise Conflict(f"{home / taken[0]} exists already", hint="choose a new folder")
    load(home, **{"time_zone": time_zone, "plant_name": name})
    workspace = create(home, plant_name=name, time_zone=time_zone)
    value = {"home": home, "settings": workspace.settings_file, "known_settings": sorted(Settings.model_fields)}
    answer(
        value,
        f"{home} is a plant now.\n"
        f"  plantpdm.toml  its settings\n"
        f"  features/      what is measured: edit or add one TOML file per kind of machine\n"
        f"  models/        what is predicted, what mistakes cost, when to alert\n"
        f"  flows/         when it happens, for those who use Prefect\n"
        f"Next: plantpdm assets FILE.csv --home {home}, then plantpdm ingest CLASS FILE... --home {home}",
        as_json=as_json,
    )


def doctor(home: Home = HERE, as_json: Json = False) -> None:
    """Look the plant over: configuration, definitions, stores, models, versions. Exit code 1 when something is wrong."""
    checks = _looked_over(home)
    marks = {"ok": "ok", "note": "note", "problem": "PROBLEM"}
    rows = [(marks[check.level], check.name, check.sentence) for check in checks]
    answer(checks, table(rows, ("", "what", "")), as_json=as_json)
    if any(check.level == "problem" for check in checks):
        raise typer.Exit(1)


def _looked_over(home: Path) -> list[Check]:
    """Every check; a plant that cannot even be opened has one problem."""
    from pdm.operations.check_health import Check, check_health

    try:
        return check_health(open_plant(home, quiet=True))
    except (ConfigurationError, StoreError) as error:
        return [Check("opening the plant", "problem", str(error))]


def serve(
    home: Home = HERE,
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen on; anything but loopback needs access_token.", show_default="127.0.0.1"),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8000")] = None,
) -> None:
    """Start the service: pages for people, a JSON API under /v1, and scoring on schedule."""
    import uvicorn

    from pdm.settings import load
    from pdm.workspace import bundled_room

    overrides = {key: value for key, value in {"host": host, "port": port}.items() if value is not None}
    settings = load(home, **overrides)
    open_plant(home, quiet=True)  # what is wrong with the plant is said here, in one sentence
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
