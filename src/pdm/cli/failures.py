"""The command for whoever stands beside a machine that failed, whether anybody had expected it or not."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from pdm.cli.common import HERE, By, Home, Json, answer, me, open_plant

failure_app = typer.Typer(help="Report failures, above all those that nobody predicted.", no_args_is_help=True)


@failure_app.callback()
def group() -> None:
    """Report failures, above all those that nobody predicted."""


@failure_app.command("report")
def report(
    asset: Annotated[str, typer.Argument(help="The asset's tag.")],
    at: Annotated[str, typer.Option(help="When: ISO, on the plant's clock, or how long ago, such as 5h.")],
    mode: Annotated[str, typer.Option(help="Failure mode, as the catalogue names it.")] = "unspecified",
    severity: Annotated[
        Literal["critical", "degraded", "incipient"], typer.Option(help="As found; critical: it had failed.")
    ] = "critical",
    text: Annotated[str, typer.Option(help="What you saw, in your own words.")] = "",
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Report a failure. It counts as missed where no alert was open, and the next training learns from it."""
    from pdm.cli.times import past
    from pdm.operations.report_failure import report_failure

    plant = open_plant(home, quiet=True)
    moment = past(at, plant.clock.now(), plant.settings.time_zone)
    done = report_failure(plant, asset, by=by or me(), at=moment, failure_mode=mode, severity=severity, text=text)
    verb = "is on record" if done.new else "was on record already"
    linked = (
        f"; case {done.case_id} waits for its verdict" if done.case_id else "; no case was open: nobody saw it coming"
    )
    answer(done, f"the failure of {asset} {verb}{linked}", as_json=as_json)
