"""All commands in one tree. The groups live in their own files and import what they need when they run."""

from __future__ import annotations

from typing import Annotated

import typer

import pdm
from pdm.cli import (
    alerts,
    asset,
    audit,
    baselines,
    coverage,
    data,
    datasets,
    demo,
    drift,
    evidence,
    failures,
    features,
    fleet,
    labels,
    models,
    notices,
    onboard,
    plant,
    policy,
    readings,
    records,
    savings,
    schedule,
    simulate,
    trials,
    trust,
    work,
)

app = typer.Typer(
    name="plantpdm",
    help="Predictive maintenance for a plant: sensor history in, trusted alerts and schedulable work requests out.",
    epilog="New here? plantpdm demo, then docs/tutorial.md. Every command ends with --json for machines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(pdm.__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Predictive maintenance for a plant."""


START, DATA, MODELS, FLEET = "Start here", "Readings and events", "Models", "Alerts and work"

app.command(rich_help_panel=START)(demo.demo)
app.command(rich_help_panel=START)(simulate.simulate)
app.command(rich_help_panel=START)(plant.init)
app.command(rich_help_panel=START)(onboard.onboard)
app.command(rich_help_panel=START)(plant.doctor)
app.command(rich_help_panel=START)(plant.serve)

app.command(rich_help_panel=DATA)(data.assets)
app.command(rich_help_panel=DATA)(data.ingest)
app.command(rich_help_panel=DATA)(data.events)
app.command(rich_help_panel=DATA)(data.quality)
app.command(rich_help_panel=DATA)(readings.exclude)
app.add_typer(readings.exclusions_app, name="exclusions", rich_help_panel=DATA)
app.command(rich_help_panel=DATA)(baselines.rebaseline)
app.add_typer(readings.readings_app, name="readings", rich_help_panel=DATA)
records.import_app.command("planning")(schedule.planning)
records.import_app.command("coverage")(coverage.coverage)
app.add_typer(labels.labels_app, name="labels", rich_help_panel=DATA)
app.add_typer(records.import_app, name="import", rich_help_panel=DATA)
app.add_typer(datasets.dataset_app, name="dataset", rich_help_panel=DATA)

app.add_typer(features.features_app, name="features", rich_help_panel=MODELS)
app.add_typer(evidence.evidence_app, name="evidence", rich_help_panel=MODELS)
app.command(rich_help_panel=MODELS)(models.train)
app.command(rich_help_panel=MODELS)(models.evaluate)
app.command(rich_help_panel=MODELS)(models.card)
app.command(rich_help_panel=MODELS)(models.promote)
app.command(rich_help_panel=MODELS)(models.rollback)
app.command(rich_help_panel=MODELS)(models.prune)
app.command(rich_help_panel=MODELS)(models.retrain)
app.command(rich_help_panel=MODELS)(trials.shadow)
app.command(rich_help_panel=MODELS)(drift.drift)
app.command(rich_help_panel=MODELS)(trials.reproduce)
app.command(rich_help_panel=MODELS)(trials.tune)
app.command(rich_help_panel=MODELS)(trials.matrix)

app.command(rich_help_panel=FLEET)(fleet.score)
app.command(rich_help_panel=FLEET)(asset.look)
app.command(rich_help_panel=FLEET)(fleet.replay)
app.add_typer(policy.policy_app, name="policy", rich_help_panel=FLEET)
app.add_typer(alerts.alerts_app, name="alerts", rich_help_panel=FLEET)
app.add_typer(work.cases_app, name="cases", rich_help_panel=FLEET)
app.add_typer(work.requests_app, name="requests", rich_help_panel=FLEET)
app.command(rich_help_panel=FLEET)(work.verdict)
app.add_typer(failures.failure_app, name="failure", rich_help_panel=FLEET)
app.command(rich_help_panel=FLEET)(schedule.schedule)
app.command(rich_help_panel=FLEET)(savings.savings)
app.add_typer(notices.notify_app, name="notify", rich_help_panel=FLEET)
app.add_typer(trust.trust_app, name="trust", rich_help_panel=FLEET)
app.add_typer(trust.deferrals_app, name="deferrals", rich_help_panel=FLEET)
app.add_typer(audit.audit_app, name="audit", rich_help_panel=FLEET)
