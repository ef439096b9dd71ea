"""Commands about the audit: who did what when, and whether anybody has changed the past."""

from __future__ import annotations

from typing import Annotated

import typer

from pdm.cli.common import HERE, Home, Json, answer, counted, open_plant, table

audit_app = typer.Typer(help="Who did what when; and whether the past was changed.", no_args_is_help=True)


@audit_app.command("list")
def list_entries(
    home: Home = HERE,
    subject: Annotated[str | None, typer.Option(help="Only about this: model:pump, alert:ID, readings:P-101.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 50,
    as_json: Json = False,
) -> None:
    """List what was done, newest first."""
    with open_plant(home, quiet=True).unit_of_work() as work:
        entries = work.audit.list(subject=subject, limit=limit)
    rows = [(e.seq, e.at.strftime("%Y-%m-%d %H:%M"), e.who, e.verb, e.subject, e.why) for e in entries]
    headings = ("number", "when (UTC)", "who", "did", "to", "why")
    answer(entries, table(rows, headings, empty="nothing on record"), as_json=as_json)


@audit_app.command("verify")
def verify(home: Home = HERE, as_json: Json = False) -> None:
    """Walk the whole chain. Exit code 1, naming the first broken link, when an entry was changed or removed."""
    from pdm.operations.verify_audit import verify_audit

    entries = verify_audit(open_plant(home, quiet=True))
    answer({"entries": entries}, f"the chain is whole: {counted(entries, 'link')}", as_json=as_json)
