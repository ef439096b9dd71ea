"""The command that brings a plant's own files in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, me, open_plant
from pdm.cli.data import DayFirst
from pdm.errors import InputError

if TYPE_CHECKING:
    from pdm.operations.onboard import Onboarded

Names = list[str] | None


def onboard(
    files: Annotated[list[Path], typer.Argument(help="Readings of one kind of machine: CSV (.gz), Parquet or XLSX.")],
    asset_class: Annotated[
        str, typer.Option("--class", help="What this kind of machine is to be called: cooling_pump.")
    ],
    home: Home = HERE,
    events: Annotated[
        list[Path] | None,
        typer.Option(help="Failures and repairs: a table of events, or JSON with times under the files' names."),
    ] = None,
    work_orders: Annotated[list[Path] | None, typer.Option(help="Exports of the maintenance system.")] = None,
    asset: Annotated[str | None, typer.Option(help="Column that names the machine.")] = None,
    machine: Annotated[str | None, typer.Option(help="Tag of the one machine that all rows belong to.")] = None,
    time: Annotated[str | None, typer.Option(help="Column with the times or the counter.")] = None,
    time_zone: Annotated[str | None, typer.Option("--time-zone", help="Zone of times that carry none.")] = None,
    day_first: DayFirst = None,
    setting: Annotated[Names, typer.Option(help="A column that people or a control set: speed, load.")] = None,
    ambient: Annotated[Names, typer.Option(help="A column that the weather decides.")] = None,
    ignore: Annotated[Names, typer.Option(help="A column that is not to be read.")] = None,
    failed: Annotated[Names, typer.Option(help="A column of 0 and 1 that says: it failed here.")] = None,
    unit: Annotated[Names, typer.Option(help="What a column is measured in: 'Oil pressure=bar'.")] = None,
    per_day: Annotated[float | None, typer.Option(help="How far the counter moves on an average day.", min=0.0)] = None,
    run_to_failure: Annotated[
        bool | None,
        typer.Option(
            "--run-to-failure/--still-running",
            help="Whether each machine's last row is its failure.",
            show_default="found out",
        ),
    ] = None,
    running: Annotated[str | None, typer.Option(help="When it runs: 'Speed>200'.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what the files seem to mean.")] = False,
    train: Annotated[bool, typer.Option("--train/--no-train", help="Try a first model.")] = True,
    replace: Annotated[bool, typer.Option("--replace", help="Write over definitions of this class.")] = False,
    as_json: Json = False,
) -> None:
    """Bring your own data: look at files, propose what the columns mean, write the definitions, and try a first model.

    Look at the proposal with --dry-run first; every guess has its flag. The definitions are yours to edit afterwards.
    """
    from pdm.onboarding.answers import Answers
    from pdm.operations.onboard import onboard as bring_in

    report = bring_in(
        open_plant(home),
        files,
        asset_class=asset_class,
        answers=Answers(
            asset=asset,
            machine=machine,
            time=time,
            zone=time_zone,
            settings=tuple(setting or ()),
            ambient=tuple(ambient or ()),
            left_out=tuple(ignore or ()),
            failed=tuple(failed or ()),
            units=dict(_pair(text, "=") for text in unit or ()),
            run_to_failure=run_to_failure,
            per_day=per_day,
            running=_above(running),
            day_first=day_first,
        ),
        events=events or (),
        work_orders=work_orders or (),
        author=me(),
        dry_run=dry_run,
        train=train,
        replace_definitions=replace,
    )
    answer(report, "\n".join(_sentences(report)), as_json=as_json)


def _pair(text: str, sign: str) -> tuple[str, str]:
    name, found, value = text.rpartition(sign)
    if not found or not name.strip() or not value.strip():
        raise InputError(f"{text!r} has no '{sign}' between two words", hint=f"write 'COLUMN{sign}VALUE'")
    return name.strip(), value.strip()


def _above(text: str | None) -> tuple[str, float] | None:
    if text is None:
        return None
    name, limit = _pair(text, ">")
    try:
        return name, float(limit)
    except ValueError:
        raise InputError(f"{limit!r} is no number", hint="write 'Speed>200'") from None


def _sentences(report: Onboarded) -> list[str]:
    lines = list(report.proposal.sentences())
    if report.readings is None:
        return [*lines, "nothing was stored: leave --dry-run away to bring it in"]
    lines += [f"written: {path}" for path in report.definitions]
    lines.append(
        f"{report.readings.rows_stored:,} of {report.readings.rows_read:,} rows stored, {counted(report.failures, 'event')} new"
    )
    if report.readings.rows_quarantined:
        lines.append(
            f"{counted(report.readings.rows_quarantined, 'row')} in quarantine: {report.readings.quarantine_file}"
        )
    lines += [
        f"{counted(part.rows_quarantined, 'event')} in quarantine: {part.quarantine_file}" for part in report.put_aside
    ]
    lines += [f"  {finding.sentence}" for finding in report.readings.findings[:5]]
    if report.training is None:
        return [*lines, f"no model yet: {report.problem}"]
    lines.append(f"first model {report.training.version} {report.training.ladder.words}")
    if report.training.metrics:
        shown = ", ".join(f"{name} {value:.3g}" for name, value in list(report.training.metrics.items())[:6])
        lines.append(f"on machines it had not seen: {shown}")
    return [*lines, f"its report: {report.training.report}"]
