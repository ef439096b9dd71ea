"""All commands in one tree. The groups live in their own files and import what they need when they run."""

from __future__ import annotations

from typing import Annotated

import typer

import pdm
from pdm.cli import data, demo, fleet, models, plant

app = typer.Typer(
    name="plantpdm",
    help="Predictive maintenance for a plant: sensor history in, trusted alerts and schedulable work requests out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Predictive maintenance for a plant."""
    if version:
        typer.echo(pdm.__version__)
        raise typer.Exit


START, DATA, MODELS, FLEET = "Start here", "Readings and events", "Models", "Alerts and work"

app.command(rich_help_panel=START)(demo.demo)
app.command(rich_help_panel=START)(plant.init)
app.command(rich_help_panel=START)(plant.doctor)
app.command(rich_help_panel=START)(plant.serve)

app.command(rich_help_panel=DATA)(data.assets)
app.command(rich_help_panel=DATA)(data.ingest)
app.command(rich_help_panel=DATA)(data.events)
app.command(rich_help_panel=DATA)(data.quality)
app.add_typer(data.dataset_app, name="dataset", rich_help_panel=DATA)
app.add_typer(data.readings_app, name="readings", rich_help_panel=DATA)

app.command(rich_help_panel=MODELS)(models.features)
app.command(rich_help_panel=MODELS)(models.train)
app.command(rich_help_panel=MODELS)(models.evaluate)
app.command(rich_help_panel=MODELS)(models.promote)
app.command(rich_help_panel=MODELS)(models.rollback)
app.command(rich_help_panel=MODELS)(models.retrain)

app.command(rich_help_panel=FLEET)(fleet.score)
app.command(rich_help_panel=FLEET)(fleet.replay)
app.add_typer(fleet.alerts_app, name="alerts", rich_help_panel=FLEET)
app.add_typer(fleet.requests_app, name="requests", rich_help_panel=FLEET)
app.command(rich_help_panel=FLEET)(fleet.verdict)
