"""The command that begins a machine's normal anew."""

from __future__ import annotations

from typing import Annotated

import typer

from pdm.cli.common import HERE, By, Home, Json, answer, me, open_plant
from pdm.cli.times import past


def rebaseline(
    asset: Annotated[str, typer.Argument(help="The machine whose normal begins anew.")],
    start: Annotated[
        str, typer.Option("--from", help="Since when: ISO on the plant's clock, or how long ago, such as 2d.")
    ],
    reason: Annotated[str, typer.Option(help="What has changed: overhaul, another product, a new place.")],
    by: By = "",
    usage: Annotated[float | None, typer.Option(help="On a class that counts: the counter at that moment.")] = None,
    although_alert: Annotated[
        bool,
        typer.Option(
            "--although-alert", help="Also while an alert about it is open: its cause is known to be no fault."
        ),
    ] = False,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Begin the normal of a machine anew, after an overhaul or a lasting change; what it showed before is forgotten, not learnt.

    Nothing else moves a baseline: a machine that slowly gets worse never becomes its own idea of sound.
    """
    from pdm.operations.rebaseline import rebaseline as operation

    plant = open_plant(home)
    since = past(start, plant.clock.now(), plant.settings.time_zone)
    operation(plant, asset, start=since, by=by or me(), reason=reason, usage=usage, although_alert=although_alert)
    sentence = (
        f"{asset}: the baseline begins anew on {since:%Y-%m-%d %H:%M}; the watch list says so until it has learnt it"
    )
    answer({"asset": asset, "start": since, "usage": usage, "reason": reason}, sentence, as_json=as_json)
