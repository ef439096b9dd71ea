"""Commands that take in what people wrote down: work orders, plans and equipment lists of the maintenance system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, open_plant
from pdm.errors import InputError

if TYPE_CHECKING:
    from pdm.ports import Plant
    from pdm.records.matching import Confirm
    from pdm.records.options import ListOptions
    from pdm.records.report import RecordsReport

    TakeIn = Callable[[Plant, Sequence[Path], ListOptions], RecordsReport]

import_app = typer.Typer(
    help="Take in exports of the maintenance system (SAP lists, Maximo): work orders, plans, equipment.",
    no_args_is_help=True,
)

Files = Annotated[list[Path], typer.Argument(help="CSV (any delimiter) or XLSX, with German or English headers.")]
System = Annotated[str | None, typer.Option(help="sap or maximo, when the headers could be both.")]
Source = Annotated[str, typer.Option(help="A name for the system when there are several.", show_default="the system")]
Zone = Annotated[
    str | None,
    typer.Option("--time-zone", help="Zone of the system's clock: Europe/Berlin. Asked once, then remembered."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="What a column is: 'Gemeldet am=created'; 'Bemerkung=' leaves it out."),
]
Mapping = Annotated[
    Path | None, typer.Option(help="A mapping file to use.", show_default="HOME/mappings/SOURCE-LIST.toml")
]
Accept = Annotated[
    Path | None,
    typer.Option("--accept-fuzzy", help="CSV with the columns written and asset: these are the same machine."),
]
Ask = Annotated[bool, typer.Option("--ask", help="Ask here about every spelling that resembles a machine.")]
DayFirst = Annotated[
    bool | None,
    typer.Option(
        "--day-first/--month-first", help="How to read 03/05/2026 where the rows do not tell.", show_default=False
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and report, store nothing.")]
ShowMapping = Annotated[bool, typer.Option("--show-mapping", help="Print the mapping of every list.")]


def _command(name: str, operation: Callable[[], TakeIn], words: str) -> None:
    """`plantpdm import NAME`: all lists are read with the same options, and reported alike."""

    @import_app.command(name, help=words)
    def run(
        files: Files,
        home: Home = HERE,
        system: System = None,
        source: Source = "",
        time_zone: Zone = None,
        column: Columns = None,
        mapping: Mapping = None,
        accept_fuzzy: Accept = None,
        ask: Ask = False,
        day_first: DayFirst = None,
        dry_run: DryRun = False,
        show_mapping: ShowMapping = False,
        as_json: Json = False,
    ) -> None:
        from pdm.records.options import ListOptions

        options = ListOptions(
            mapping=mapping,
            system=system,
            source=source,
            time_zone=time_zone,
            columns=_columns(column),
            confirm=_asking(ask),
            accepted=accept_fuzzy,
            day_first=day_first,
            dry_run=dry_run,
        )
        _print(operation()(open_plant(home), files, options), show_mapping=show_mapping, as_json=as_json)


def _work_orders() -> TakeIn:
    from pdm.operations.import_work_orders import import_work_orders

    return import_work_orders


def _plans() -> TakeIn:
    from pdm.operations.import_plans import import_plans

    return import_plans


def _equipment() -> TakeIn:
    from pdm.operations.import_equipment import import_equipment

    return import_equipment


_command(
    "workorders",
    _work_orders,
    "Take in notifications (IW29) and orders (IW39, Maximo WORKORDER): failures, repairs, preventive tasks, inspections.",
)
_command("plans", _plans, "Take in preventive plans (IP24, Maximo PM): what was done on schedule and what is due.")
_command(
    "assets",
    _equipment,
    "Take in locations and equipment (IH01, Maximo LOCATIONS and ASSET): machines, what is part of them, what sat where.",
)


def _columns(pairs: list[str] | None) -> dict[str, str]:
    mapping = {}
    for pair in pairs or ():
        name, sign, field = pair.rpartition("=")
        if not sign:
            raise InputError(f"--column {pair!r} has no '='", hint="write --column 'Gemeldet am=created'")
        mapping[name] = field
    return mapping


def _asking(ask: bool) -> Confirm | None:
    """Questions on standard error, since standard output carries the answer."""
    if not ask or not sys.stdin.isatty():
        return None

    def confirm(written: str, asset: str) -> bool:
        return typer.confirm(f"{written!r} is no machine on record. Is it {asset}?", err=True)

    return confirm


def _print(report: RecordsReport, *, show_mapping: bool, as_json: bool) -> None:
    from pdm.records.report import sentences

    lines = sentences(report)
    if show_mapping:
        lines += [f"\n# {mapping.path}\n{mapping.text}" for mapping in report.mappings]
    answer(report, "\n".join(lines), as_json=as_json)
