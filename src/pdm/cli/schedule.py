"""The planner's advice on the command line, and the lists that it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant, table

Lists = Annotated[
    list[Path], typer.Argument(help="CSV (any delimiter) or XLSX: stops, crews, stock, prices, protected.")
]
Kind = Annotated[
    Literal["stops", "crews", "stock", "prices", "protected"] | None,
    typer.Option("--table", help="Which list it is, where its headers do not tell."),
]


def schedule(
    home: Home = HERE,
    ical: Annotated[Path | None, typer.Option(help="Also write an iCalendar file here.")] = None,
    as_json: Json = False,
) -> None:
    """Advise when to do the open work: windows beside stops, plans, crews and stock. Nothing is written to the CMMS."""
    from pdm.operations.advise_schedule import advise_schedule
    from pdm.views.ical import calendar_feed
    from pdm.views.schedule import schedule_page
    from pdm.views.schedule_json import schedule_document

    plant = open_plant(home, quiet=True)
    zone = plant.settings.time_zone
    found = advise_schedule(plant)
    page = schedule_page(
        found.requests, found.silent, found.stops, found.plans, found.assets,
        at=found.at, zone=zone, crews_listed=found.crews_listed,
    )  # fmt: skip
    if ical is not None:
        ical.parent.mkdir(parents=True, exist_ok=True)
        ical.write_bytes(calendar_feed(page, zone=zone, plant=plant.settings.plant_name))
    rows = [
        (
            line.advice.job.request.priority,
            line.advice.job.request.title,
            next((one.when for one in line.windows if one.window == line.advice.first), "no window is possible"),
            line.latest,
            line.week,
        )
        for line in page.requests
    ]
    headings = ("priority", "request", "best window", "latest safe", "risk of a week")
    said = [table(rows, headings, empty="no open work requests")]
    said += [f"{request.title}: {why}" for request, why in page.silent]
    said += [f"calendar written to {ical}"] if ical is not None else []
    answer(schedule_document(page), "\n".join(said), as_json=as_json)


def planning(
    files: Lists,
    home: Home = HERE,
    which: Kind = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report, store nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Take in what planners know: planned stops, crews, stock, prices of production, protected plans. A list replaces the last one."""
    from pdm.operations.import_planning import import_planning

    report = import_planning(open_plant(home, quiet=True), files, table=which, dry_run=dry_run)
    said = [f"{name}: {counted(rows, 'row')}" for name, rows in report.tables.items()]
    said += [f"{name}: no row was good, the old list holds" for name in report.kept]
    if report.rows_quarantined:
        said.append(f"{counted(report.rows_quarantined, 'row')} in quarantine: {report.quarantine_file or 'dry run'}")
        said += [f"  {count} x {reason}" for reason, count in list(report.reasons.items())[:5]]
    answer(report, "\n".join(said), as_json=as_json)
