"""The command that says what of ours the maintenance system has no counterpart for."""

from __future__ import annotations

from typing import Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, open_plant, table

_SHOWN = 20


def coverage(
    every_gap: Annotated[bool, typer.Option("--all", help="Name every gap, not only the first ones.")] = False,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say how many assets, failure modes, priorities and codes have a counterpart, and name the gaps. Nothing is sent."""
    from pdm.views.coverage import coverage as read

    shares = read(open_plant(home, quiet=True))
    rows = [
        (one.what, f"{one.covered} of {one.total}" if one.total else one.note or "-", _percent(one.share))
        for one in shares
    ]
    parts = [table(rows, ("what", "with a counterpart", "share"))]
    for one in shares:
        shown = one.gaps if every_gap else one.gaps[:_SHOWN]
        if shown:
            left = len(one.gaps) - len(shown)
            more = [f"  and {left} more: --all"] if left else []
            parts.append("\n".join([f"{one.what}, gaps:", *(f"  {gap}" for gap in shown), *more]))
    told = [{"share": one.share, **vars(one)} for one in shares]
    answer(told, "\n\n".join(parts), as_json=as_json)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
