"""Commands that ask the champions what they think: of the fleet now, or of a stretch of history as known then."""

from __future__ import annotations

from typing import Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant, table
from pdm.cli.times import stretch

_SHOWN = 10


def score(
    home: Home = HERE,
    asset_class: Annotated[str | None, typer.Option("--class", help="Only this class.")] = None,
    as_json: Json = False,
) -> None:
    """Score the fleet as known now, and raise what has to be raised."""
    from pdm.operations.score_fleet import score_fleet

    report = score_fleet(open_plant(home), asset_class=asset_class)
    worst = sorted((a for a in report.assessments if a.worst), key=lambda a: -a.worst.probability if a.worst else 0.0)
    rows = [
        (a.asset, a.condition, a.data, f"{a.worst.probability:.0%}", a.worst.mode, a.rung)
        for a in worst[:_SHOWN]
        if a.worst
    ]
    sentences = [f"{counted(report.assessed, 'asset')} looked at, {counted(report.alerts.raised, 'alert')} raised"]
    if report.without_model:
        sentences.append(
            f"{counted(report.without_model, 'asset')} without a model: plantpdm train CLASS, then plantpdm promote CLASS"
        )
    if rows:
        sentences.append(table(rows, ("asset", "condition", "data", "risk", "mode", "rung")))
    for problem in (*report.problems, *report.notes):
        typer.echo(problem, err=True)
    answer(report, "\n".join(sentences), as_json=as_json)


def replay(
    start: Annotated[str | None, typer.Option("--from", help="First day: ISO, on the plant's clock.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day: ISO, on the plant's clock.")] = None,
    last: Annotated[
        str | None, typer.Option(help="Instead of --from and --to: what has just passed, such as 30d.")
    ] = None,
    every: Annotated[str, typer.Option(help="Distance of two rounds, such as 6h or 1d.")] = "1d",
    report: Annotated[
        bool, typer.Option("--report", help="Keep nothing: judge the policy instead, as `plantpdm policy replay` does.")
    ] = False,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Let a stretch of history happen again, as known then, and keep what it raises.

    Only readings that count as known then are seen: history that was taken in without --backfill is known from that day on.
    """
    from pdm.operations.replay_history import replay_history
    from pdm.units import duration

    if report:
        from pdm.cli.policy import replay as judged

        judged(None, start, end, last, every, None, home, as_json)
        return
    plant = open_plant(home)
    first, until = stretch(plant.clock.now(), plant.settings.time_zone, start, end, last)
    done = replay_history(plant, first, until, every=duration(every))
    sentence = (
        f"{counted(done.rounds, 'round')}, {counted(done.raised, 'alert')} raised, "
        f"{counted(done.cases, 'case')} opened, {counted(done.requests, 'work request')} drafted"
    )
    answer(done, sentence, as_json=as_json)
