"""Commands about what is stored already: correct it, take it back, or mark a time that says nothing about wear."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from pdm.cli.common import HERE, By, End, Home, Json, Start, Why, answer, counted, me, open_plant, table
from pdm.cli.times import position

readings_app = typer.Typer(help="Correct or void stored readings; the old value stays on record.", no_args_is_help=True)

exclusions_app = typer.Typer(help="Look at times that were marked, and take a mark back.", no_args_is_help=True)

Asset = Annotated[str, typer.Argument(help="Asset tag.")]
Channel = Annotated[str, typer.Argument(help="Channel name, as features/ defines it.")]


@readings_app.command("correct")
def correct(
    asset: Asset,
    channel: Channel,
    value: Annotated[float, typer.Argument(help="The right value, in the channel's unit.")],
    start: Start,
    end: End,
    why: Why,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Replace stored values, both ends included; what was known before stays readable as known then."""
    from pdm.operations.correct_readings import correct_readings

    plant = open_plant(home)
    zone = plant.settings.time_zone
    cells = correct_readings(
        plant,
        asset=asset,
        channel=channel,
        start=position(start, zone),
        end=position(end, zone),
        value=value,
        by=by or me(),
        reason=why,
    )
    answer({"cells": cells}, f"{counted(cells, 'value')} corrected", as_json=as_json)


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
    """Take stored values back without a replacement, both ends included."""
    from pdm.operations.correct_readings import void_readings

    plant = open_plant(home)
    zone = plant.settings.time_zone
    first, last = position(start, zone), position(end, zone)
    cells = void_readings(plant, asset=asset, channel=channel, start=first, end=last, by=by or me(), reason=why)
    answer({"cells": cells}, f"{counted(cells, 'value')} voided", as_json=as_json)


@readings_app.command("confirm")
def confirm(
    asset: Asset,
    channel: Channel,
    why: Why,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say that the level which a channel shows now is real, where scoring takes it for a wrong unit."""
    from pdm.operations.confirm_level import confirm_level

    plant = open_plant(home)
    level = confirm_level(plant, asset, channel, by=by or me(), why=why)
    answer(level, f"{channel} of {asset}: {level.level:g} is its own level from now on", as_json=as_json)


def exclude(
    asset: Asset,
    start: Start,
    why: Why,
    end: Annotated[
        str | None, typer.Option("--to", help="Last moment, as --from; without it: until further notice.")
    ] = None,
    still_learn: Annotated[
        bool, typer.Option("--still-learn", help="Training may use this time nevertheless.")
    ] = False,
    still_alert: Annotated[bool, typer.Option("--still-alert", help="Alerts may be raised nevertheless.")] = False,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Mark a time of one asset that says nothing about wear: a trial run, a planned stop, a sensor being replaced.

    Nothing is learnt from it and nobody is alerted in it, unless an option says otherwise. Marking it again revises it.
    """
    from pdm.operations.exclude_interval import exclude_interval

    plant = open_plant(home)
    zone = plant.settings.time_zone
    exclusion = exclude_interval(
        plant,
        asset=asset,
        start=position(start, zone),
        end=None if end is None else position(end, zone),
        reason=why,
        by=by or me(),
        learn=still_learn,
        alert=still_alert,
    )
    until = f"to {end}" if end else "until further notice"
    answer({"exclusion": exclusion}, f"{asset} is excluded from {start} {until} ({exclusion})", as_json=as_json)


@exclusions_app.command("list")
def list_exclusions(
    asset: Annotated[str | None, typer.Option(help="Only of this asset.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """List the marked times that hold, with the ids that `take-back` takes."""
    from pdm.readings.exclusions import read_exclusions

    plant = open_plant(home, quiet=True)
    found = read_exclusions(plant.history)
    found = found if asset is None else found[found["asset"] == asset]
    marks = [_mark(row, plant.settings.time_zone) for row in found.to_dict("records")]
    headings = ("id", "asset", "from", "to", "still allowed", "reason")
    answer(marks, table([list(one.values()) for one in marks], headings, empty="no time is marked"), as_json=as_json)


@exclusions_app.command("take-back")
def take_back(
    exclusion: Annotated[str, typer.Argument(help="The exclusion's id, as `exclusions list` shows it.")],
    why: Why,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Take a mark back that was set by mistake; what was decided while it held stays as it was."""
    from pdm.operations.take_back_exclusion import take_back_exclusion

    asset = take_back_exclusion(open_plant(home, quiet=True), exclusion, by=by or me(), reason=why)
    answer({"exclusion": exclusion, "asset": asset}, f"{asset}: {exclusion} is taken back", as_json=as_json)


def _mark(row: Mapping[Hashable, Any], zone: str) -> dict[str, str]:
    """One exclusion in words: moments on the plant's clock, or counter positions."""
    allowed = [word for word in ("learn", "alert") if row[word]]
    return {
        "id": row["exclusion_id"],
        "asset": row["asset"],
        "from": _moment(row["start"], row["start_usage"], zone),
        "to": _moment(row["end"], row["end_usage"], zone) or "further notice",
        "still_allowed": ", ".join(allowed) or "-",
        "reason": row["reason"],
    }


def _moment(at: datetime | None, usage: float | None, zone: str) -> str:
    from pandas import isna

    from pdm.clock import in_zone

    if not isna(at):
        return in_zone(at, zone).strftime("%Y-%m-%d %H:%M")
    return "" if isna(usage) else f"{usage:g}"
