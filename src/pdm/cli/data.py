"""Commands about readings and events: register assets, take files in, correct what was wrong, import public data sets."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from pdm.cli.common import HERE, By, Home, Json, answer, me, open_plant, table
from pdm.errors import InputError

dataset_app = typer.Typer(help="Public data sets that lie on your disk.", no_args_is_help=True)
readings_app = typer.Typer(help="Correct or void stored readings; the old value stays on record.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="CSV (also .gz), Parquet or XLSX; wide or narrow.")]
Source = Annotated[str, typer.Option(help="Name of where the files come from; its zone and columns are remembered.")]
Zone = Annotated[
    str | None, typer.Option("--time-zone", help="Zone in which the source writes its times, if they carry none.")
]
Columns = Annotated[
    list[str] | None, typer.Option("--column", help="file column=channel here; repeat. An empty channel ignores it.")
]
Backfill = Annotated[bool, typer.Option("--backfill", help="Old history: count every row as known at its own time.")]


def assets(
    files: Annotated[
        list[Path] | None, typer.Argument(help="CSV files of assets; without any, the assets on record are listed.")
    ] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Register assets from CSV files, or list those on record."""
    from pdm.operations.register_assets import register_assets
    from pdm.readings.registry import read_assets

    plant = open_plant(home)
    if files:
        count = sum(register_assets(plant, file) for file in files)
        answer({"registered": count}, f"{count} assets registered", as_json=as_json)
        return
    known = read_assets(plant.history)
    rows = [(a.asset, a.asset_class, a.criticality, a.location, a.description) for a in known.values()]
    answer(
        list(known.values()), table(rows, ("asset", "class", "criticality", "location", "description")), as_json=as_json
    )


def ingest(
    asset_class: Annotated[str, typer.Argument(help="Asset class of the readings, as features/ defines it.")],
    files: Files,
    home: Home = HERE,
    source: Source = "files",
    time_zone: Zone = None,
    column: Columns = None,
    backfill: Backfill = False,
    as_json: Json = False,
) -> None:
    """Take sensor readings in. Sending a file twice changes nothing; rows that cannot be used go to quarantine with the reason."""
    from pdm.operations.ingest_readings import ingest_readings

    plant = open_plant(home)
    report = ingest_readings(
        plant,
        files,
        asset_class=asset_class,
        source=source,
        time_zone=time_zone,
        columns=_mapping(column),
        backfill=backfill,
    )
    sentences = [
        f"{report.rows_read} rows read, {report.rows_stored} stored: {report.cells_new} new values, "
        f"{report.cells_duplicate} known already, {report.cells_conflicting} in conflict with what is stored"
    ]
    if report.rows_quarantined:
        sentences.append(
            f"{report.rows_quarantined} rows in quarantine, each with its reason: {report.quarantine_file}"
        )
    sentences += [f"  {finding.sentence}" for finding in report.findings[:20]]
    answer(report, "\n".join(sentences), as_json=as_json)


def events(
    files: Annotated[
        list[Path], typer.Argument(help="CSV, Parquet or XLSX of failures, repairs, inspections, errors.")
    ],
    home: Home = HERE,
    source: Source = "files",
    time_zone: Zone = None,
    column: Columns = None,
    backfill: Backfill = False,
    as_json: Json = False,
) -> None:
    """Take events in: failures, repairs, preventive tasks, inspections, error codes."""
    from pdm.operations.ingest_events import ingest_events

    plant = open_plant(home)
    report = ingest_events(
        plant, files, source=source, time_zone=time_zone, columns=_mapping(column), backfill=backfill
    )
    sentence = f"{report.rows_read} events read, {report.rows_stored} new, {report.rows_quarantined} in quarantine"
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
    answer(found, "\n".join(finding.sentence for finding in found) or "nothing odd", as_json=as_json)


@dataset_app.command("import")
def dataset_import(
    name: Annotated[str, typer.Argument(help="cmapss or azure.")],
    folder: Annotated[Path, typer.Option("--from", help="The folder with the data set's files.")],
    home: Home = HERE,
    subset: Annotated[str, typer.Option(help="C-MAPSS: FD001, FD002, FD003 or FD004.")] = "FD001",
    as_json: Json = False,
) -> None:
    """Read a public data set from your disk into this plant."""
    from pdm.datasets import import_dataset

    counts = import_dataset(open_plant(home), name, folder, subset=subset)
    answer(counts, f"{counts.assets} assets, {counts.readings} readings, {counts.events} events", as_json=as_json)


Asset = Annotated[str, typer.Argument(help="Asset tag.")]
Channel = Annotated[str, typer.Argument(help="Channel name.")]
Start = Annotated[str, typer.Option("--from", help="First moment (ISO, with zone) or counter position.")]
End = Annotated[str, typer.Option("--to", help="Last moment (ISO, with zone) or counter position.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it goes into the audit.")]


@readings_app.command("correct")
def correct(
    asset: Asset,
    channel: Channel,
    value: Annotated[float, typer.Argument(help="The right value.")],
    start: Start,
    end: End,
    why: Why,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Replace stored values; what was known before stays readable as known then."""
    from pdm.operations.correct_readings import correct_readings

    plant = open_plant(home)
    cells = correct_readings(
        plant,
        asset=asset,
        channel=channel,
        start=_position(start),
        end=_position(end),
        value=value,
        by=by or me(),
        reason=why,
    )
    answer({"cells": cells}, f"{cells} values corrected", as_json=as_json)


@readings_app.command("void")
def void(
    asset: Asset,
    channel: Channel,
    start: Start,
    end: End,
    why: Why,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Take stored values back without a replacement."""
    from pdm.operations.correct_readings import void_readings

    plant = open_plant(home)
    cells = void_readings(
        plant, asset=asset, channel=channel, start=_position(start), end=_position(end), by=by or me(), reason=why
    )
    answer({"cells": cells}, f"{cells} values voided", as_json=as_json)


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


def _position(text: str) -> Any:
    """A moment with its zone, or a position on a usage axis."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is neither a moment nor a number", hint="write 2026-05-03T02:00+02:00") from None
    if moment.tzinfo is None:
        raise InputError(f"{text!r} carries no time zone", hint="write 2026-05-03T02:00+02:00")
    return moment
