"""The command that asks whether models still know the world they are asked about."""

from __future__ import annotations

from typing import Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant


def drift(
    asset_class: Annotated[str | None, typer.Argument(help="One asset class; without it all with a model.")] = None,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Lay the newest fortnight beside what the models in charge have learnt from; where it is unlike it, say so and take earned trust away.

    Every night is often enough; the page of the platform's health shows what was found until it ends or another model is in charge.
    """
    from pdm.operations.watch_drift import watch_drift

    plant = open_plant(home)
    found = watch_drift(plant, asset_class)
    lines = []
    for one in found:
        if one.why_not:
            lines.append(f"{one.asset_class}: not watched: {one.why_not}")
            continue
        said = (
            "as the model knows it"
            if not one.channels
            else f"{counted(len(one.channels), 'channel')} unlike what it knows"
        )
        lines.append(f"{one.asset_class} ({one.version}): {said}, of {one.looked_at} compared")
        lines += [f"  {channel.sentence}" for channel in one.channels]
        lines += [f"  requests for {mode} have lost a rung of trust" for mode in one.demoted]
    answer(found, "\n".join(lines) or "no model is in charge", as_json=as_json)
