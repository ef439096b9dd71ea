"""Commands that let plants learn from each other's records what the evidence of a watch list is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant
from pdm.cli.times import past

evidence_app = typer.Typer(
    help="Pool what watch lists saw and what was recorded afterwards, over plants.", no_args_is_help=True
)


@evidence_app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The Parquet file to write.")],
    since: Annotated[
        str | None,
        typer.Option(
            help="Watch lists learn from before, and are walked from here on: ISO on the plant's clock, or how long ago, "
            "such as 240d. Default: the last third of the readings."
        ),
    ] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Walk the watch lists over past months and write what they saw beside what was recorded afterwards: no names, no readings."""
    from pdm.operations.gather_evidence import gather_evidence

    plant = open_plant(home)
    begin = None if since is None else past(since, plant.clock.now(), plant.settings.time_zone)
    found = gather_evidence(plant, file, since=begin)
    lines = [
        f"{file}: {counted(found.days, 'day')} with evidence of {found.machine_days} looked at, "
        f"{counted(found.failures, 'recorded failure')}, {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}",
        *(f"left out: {name}: {why}" for name, why in found.left_out.items()),
    ]
    answer(found, "\n".join(lines), as_json=as_json)


@evidence_app.command("weigh")
def weigh(
    files: Annotated[list[Path], typer.Argument(help="Files of several plants, this one's among them or not.")],
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Learn from pooled evidence; the next training uses it if it beats the plain level on plants it has not seen, else not."""
    from pdm.operations.weigh_evidence import weigh_evidence

    found = weigh_evidence(open_plant(home), files)
    plants, failures = found.facts["plants"], found.facts["failures"]
    head = f"{counted(failures, 'recorded failure')} of {counted(plants, 'plant')}: {found.why}"
    tail = f"the next training uses {found.path}" if found.used else "nothing is kept; levels stay as they are"
    answer(found, f"{head}\n{tail}", as_json=as_json)
