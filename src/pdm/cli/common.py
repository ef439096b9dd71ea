"""What every command shares: where the plant is, how an answer is printed, and how progress is shown."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pdm.ports import Plant

Home = Annotated[Path, typer.Option("--home", envvar="PDM_HOME", help="The plant's folder.", show_default="./plant")]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON line on standard output, for machines.")]
By = Annotated[str, typer.Option("--by", help="Who does it; it goes into the audit.", show_default="your login name")]
Why = Annotated[str, typer.Option("--why", help="The reason; it goes into the audit.")]
MaybeWhy = Annotated[str, typer.Option("--why", help="A reason, if there is one; it goes into the audit.")]
Start = Annotated[
    str, typer.Option("--from", help="First moment: ISO, without a zone on the plant's clock; or a counter position.")
]
End = Annotated[
    str, typer.Option("--to", help="Last moment: ISO, without a zone on the plant's clock; or a counter position.")
]

HERE = Path("plant")


def me() -> str:
    """The name under which this shell acts unless `--by` says otherwise."""
    return os.environ.get("USER") or os.environ.get("USERNAME") or "command line"


def open_plant(home: Path, *, quiet: bool = False) -> Plant:
    """The plant in `home`, with progress on standard error."""
    from pdm.adapters.console import ConsoleProgress, SilentProgress
    from pdm.wiring import build_plant

    return build_plant(home, progress=SilentProgress() if quiet else ConsoleProgress())


def answer(value: Any, sentence: str, *, as_json: bool) -> None:
    """Print the sentence, or the value as one JSON line."""
    typer.echo(json.dumps(plain(value), ensure_ascii=False) if as_json else sentence)


def plain(value: Any) -> Any:
    """Dataclasses, times, paths and numpy numbers as what JSON knows; NaN and infinity become null.

    >>> plain({"at": datetime(2026, 1, 1), "path": Path("a"), "x": float("nan")})
    {'at': '2026-01-01T00:00:00', 'path': 'a', 'x': None}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return None
    return value


def table(rows: Sequence[Sequence[object]], headings: Sequence[str], *, empty: str = "") -> str:
    """Columns aligned for a terminal; the sentence `empty` when there are no rows.

    >>> table([], ("id",), empty="nothing here")
    'nothing here'
    """
    if not rows and empty:
        return empty
    texts = [[str(cell) for cell in row] for row in [headings, *rows]]
    widths = [max(len(row[column]) for row in texts) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in texts
    )


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "alert"), counted(12000, "row")
    ('1 alert', '12,000 rows')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
