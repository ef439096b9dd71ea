"""Commands about the policy: what it would have done over a stretch of history, and which one keeps to an alert budget."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant
from pdm.cli.times import past, stretch

if TYPE_CHECKING:
    from pdm.catalogue import Policy
    from pdm.ports import Plant

policy_app = typer.Typer(help="Judge and propose alert policies on stored history.", no_args_is_help=True)

First = Annotated[str | None, typer.Option("--from", help="First day: ISO, on the plant's clock.")]
Last = Annotated[str | None, typer.Option("--to", help="Last day: ISO, on the plant's clock.")]
Lately = Annotated[
    str | None, typer.Option("--last", help="Instead of --from and --to: what has just passed, such as 90d.")
]
Every = Annotated[str, typer.Option(help="Distance of two rounds, such as 6h or 1d.")]


@policy_app.command("replay")
def replay(
    asset_class: Annotated[str | None, typer.Argument(help="Only this class; default: all with a model.")] = None,
    start: First = None,
    end: Last = None,
    last: Lately = None,
    every: Every = "12h",
    policy: Annotated[Path | None, typer.Option(help="A TOML file with [policy] to try, for the one class.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say what the policy would have done, from stored history as known then; nothing is raised and nobody is told.

    Scores are made once and kept: another policy over the same days takes seconds.
    """
    from pdm.operations._reports import write_both
    from pdm.operations.replay_policy import replay_over
    from pdm.replay.page import replay_page
    from pdm.units import duration

    plant = open_plant(home)
    first, until = stretch(plant.clock.now(), plant.settings.time_zone, start, end, last)
    classes = [asset_class] if asset_class else None
    tried = {asset_class: _policy(plant, asset_class, policy)} if policy and asset_class else {}
    report = replay_over(plant, first, until, every=duration(every), classes=classes, policies=tried)
    document = report.document()
    name = f"{asset_class or 'all'}-{first:%Y%m%d}-{until:%Y%m%d}{'-tried' if tried else ''}"
    file = write_both(plant.workspace.reports / "replay", name, document, replay_page(document, f"Replay: {name}"))
    recall, precision = report.figures["recall"], report.figures["precision"]
    sentences = [
        f"{counted(len(report.outcomes.alerts), 'alert')}, {report.figures['alerts_per_week'].value:.2f} a week",
        f"{recall.of[0]} of {counted(recall.of[1], 'failure')} found with sufficient lead" if recall.of else "",
        f"{precision.of[0]} of {precision.of[1]} decided alerts were right" if precision.of else "",
        report.warning,
        f"report: {file}",
    ]
    answer(document | {"report": str(file)}, "\n".join(one for one in sentences if one), as_json=as_json)


@policy_app.command("solve")
def solve(
    asset_class: Annotated[str, typer.Argument(help="The class.")],
    per_week: Annotated[float, typer.Option(help="At most so many alerts a week.")],
    critical: Annotated[int, typer.Option(help="Assets up to this criticality must not be missed.", min=1, max=5)] = 2,
    start: Annotated[str | None, typer.Option("--from", help="Default: where the model had stopped learning.")] = None,
    end: Last = None,
    every: Every = "12h",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Find limits and persistence that keep to an alert budget and miss nothing critical; a proposal is written, nothing changes."""
    from pdm.operations._reports import write_both
    from pdm.operations.solve_policy import solve_policy
    from pdm.replay.page import budget_page
    from pdm.units import duration

    plant = open_plant(home)
    now, zone = plant.clock.now(), plant.settings.time_zone
    found = solve_policy(
        plant,
        asset_class,
        per_week=per_week,
        critical=critical,
        start=past(start, now, zone) if start else None,
        end=past(end, now, zone) if end else None,
        every=duration(every),
    )
    best = found.solution.best
    document: dict[str, Any] = {
        "asset_class": asset_class,
        "per_week": per_week,
        "start": found.start.isoformat(),
        "end": found.end.isoformat(),
        "sentences": list(found.solution.sentences),
        "best": best.document() if best else None,
        "trials": [one.document() for one in found.solution.trials],
        "proposal": str(found.path) if found.path else None,
    }
    title = f"Alert budget: {asset_class}, {per_week:g} a week"
    file = write_both(
        plant.workspace.reports / "policy", f"{asset_class}-budget", document, budget_page(document, title)
    )
    lines = [*found.solution.sentences]
    lines += [f"proposal: {found.path}"] if found.path else []
    answer(document | {"report": str(file)}, "\n".join([*lines, f"report: {file}"]), as_json=as_json)


@policy_app.command("show")
def show(
    asset_class: Annotated[str, typer.Argument(help="The class.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Print the policy in force with the limits that it comes to, by failure mode and criticality."""
    from pdm.cli.common import table

    plant = open_plant(home, quiet=True)
    model = plant.catalogue.model(asset_class)
    rows = []
    for mode in model.failure_modes:
        for criticality in range(1, 6):
            limits = model.policy.limits(mode.name, criticality)
            n, m = limits.persistence
            rows.append(
                (
                    mode.name,
                    criticality,
                    limits.raise_at,
                    limits.clear_at,
                    limits.raise_below,
                    limits.raise_deviation,
                    f"{n} of {m}",
                )
            )
    head = ("failure mode", "criticality", "raise at", "clear at", "raise below", "deviation", "persistence")
    answer(asdict(model.policy), table(rows, head), as_json=as_json)


def _policy(plant: Plant, asset_class: str, file: Path) -> Policy:
    """The `[policy]` of a TOML file, on top of the one in force."""
    from pdm.catalogue.load import load_policy

    return load_policy(file, plant.catalogue.asset_class(asset_class).axis, plant.catalogue.model(asset_class).source)
