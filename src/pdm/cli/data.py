"""Commands that bring data in: register assets, take readings and events in, and say what looks odd."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant, table
from pdm.errors import InputError

Files = Annotated[list[Path], typer.Argument(help="CSV (also .gz), Parquet or XLSX; wide or narrow.")]
Source = Annotated[
    str, typer.Option(help="Where the files come from; its zone and columns are remembered by this name.")
]
Zone = Annotated[
    str | None,
    typer.Option("--time-zone", help="Zone in which the source writes its times, if they carry none: Europe/Berlin."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="What a column is: 'Bearing temp=bearing_temperature'; 'Remark=' leaves it out."),
]
Backfill = Annotated[
    bool, typer.Option("--backfill", help="Old history: every row counts as known at its own time, so replay sees it.")
]
DayFirst = Annotated[
    bool | None,
    typer.Option(
        "--day-first/--month-first", help="How to read 03/05/2026 where the rows do not tell.", show_default=False
    ),
]


def assets(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="CSV, Parquet or XLSX, one row per asset; without any, those on record are listed."),
    ] = None,
    home: Home = HERE,
    time_zone: Annotated[
        str | None, typer.Option("--time-zone", help="Zone of commissioning times that carry none.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Register assets from files, or list those on record.

    Columns: asset, asset_class; as far as known description, location, criticality (1 matters most), parent, redundancy,
    commissioned. Further columns are kept as attributes.
    """
    from pdm.operations.register_assets import register_assets
    from pdm.readings.registry import read_assets

    plant = open_plant(home)
    if files:
        count = sum(register_assets(plant, file, time_zone=time_zone) for file in files)
        answer({"registered": count}, f"{counted(count, 'asset')} new or changed", as_json=as_json)
        return
    known = read_assets(plant.history)
    rows = [(a.asset, a.asset_class, a.criticality, a.location, a.description) for a in known.values()]
    headings = ("asset", "class", "criticality", "location", "description")
    sentence = table(rows, headings, empty="no assets yet: plantpdm assets FILE.csv")
    answer(list(known.values()), sentence, as_json=as_json)


def ingest(
    asset_class: Annotated[str, typer.Argument(help="Asset class of the readings, as features/ defines it: pump.")],
    files: Files,
    home: Home = HERE,
    source: Source = "files",
    time_zone: Zone = None,
    column: Columns = None,
    asset: Annotated[str | None, typer.Option(help="All rows belong to this asset: for files without its tag.")] = None,
    day_first: DayFirst = None,
    backfill: Backfill = False,
    as_json: Json = False,
) -> None:
    """Take sensor readings in. Sending a file twice changes nothing; what cannot be used goes to quarantine, with the reason."""
    from pdm.operations.ingest_readings import ingest_readings

    report = ingest_readings(
        open_plant(home),
        files,
        asset_class=asset_class,
        source=source,
        time_zone=time_zone,
        columns=_mapping(column),
        asset=asset,
        day_first=day_first,
        backfill=backfill,
    )
    sentences = [
        f"{report.rows_read:,} rows read, {report.rows_stored:,} stored: {report.cells_new:,} new values, "
        f"{report.cells_duplicate:,} known already, {report.cells_conflicting:,} in conflict with what is stored"
    ]
    if report.rows_quarantined:
        waiting = counted(report.rows_quarantined, "row")
        sentences.append(f"{waiting} in quarantine, each with its reason: {report.quarantine_file}")
    sentences += [f"  {finding.sentence}" for finding in report.findings[:_SHOWN]]
    if len(report.findings) > _SHOWN:
        sentences.append(f"  and {len(report.findings) - _SHOWN} findings more: plantpdm quality {asset_class}")
    answer(report, "\n".join(sentences), as_json=as_json)


_SHOWN = 20


def events(
    files: Annotated[
        list[Path], typer.Argument(help="CSV, Parquet or XLSX of failures, repairs, inspections, errors.")
    ],
    home: Home = HERE,
    source: Source = "events",
    time_zone: Zone = None,
    column: Columns = None,
    day_first: DayFirst = None,
    backfill: Backfill = False,
    as_json: Json = False,
) -> None:
    """Take events in: failures, repairs, preventive tasks, inspections, error codes."""
    from pdm.operations.ingest_events import ingest_events

    report = ingest_events(
        open_plant(home),
        files,
        source=source,
        time_zone=time_zone,
        columns=_mapping(column),
        day_first=day_first,
        backfill=backfill,
    )
    sentence = f"{counted(report.rows_read, 'event')} read, {report.rows_stored:,} new"
    if report.rows_quarantined:
        waiting = counted(report.rows_quarantined, "row")
        sentence += f"\n{waiting} in quarantine, each with its reason: {report.quarantine_file}"
    answer(report, sentence, as_json=as_json)


def quality(
    asset_class: Annotated[str, typer.Argument(help="Asset class to look at.")],
    home: Home = HERE,
    asset: Annotated[str | None, typer.Option(help="Only this asset.")] = None,
    days: Annotated[int, typer.Option(help="How far to look back.", min=1)] = 30,
    as_json: Json = False,
) -> None:
    """Say in plain words what is odd about the newest readings: gaps, stuck sensors, ranges, unit jumps."""
    from datetime import timedelta

    from pdm.readings.findings import findings
    from pdm.readings.store import ReadingStore

    plant = open_plant(home)
    definition = plant.catalogue.asset_class(asset_class)
    now = plant.clock.now()
    start = now - timedelta(days=days) if definition.axis.kind == "time" else None
    readings = ReadingStore(plant.history).scan(definition, assets=[asset] if asset else None, start=start)
    found = findings(readings, definition, now=now, zone=plant.settings.time_zone)
    nothing = "nothing odd" if len(readings) else f"no readings of {asset or asset_class} in this time"
    answer(found, "\n".join(finding.sentence for finding in found) or nothing, as_json=as_json)


def _mapping(pairs: list[str] | None) -> dict[str, str] | None:
    if not pairs:
        return None
    mapping = {}
    for pair in pairs:
        name, sign, channel = pair.partition("=")
        if not sign:
            raise InputError(f"--column {pair!r} has no '='", hint="write --column 'Bearing temp=bearing_temperature'")
        mapping[name] = channel
    return mapping
