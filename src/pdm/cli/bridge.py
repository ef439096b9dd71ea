"""Commands for whoever looks after the bridge to the maintenance system: what waits, what would be sent, what came back."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pdm.cli.common import HERE, By, Home, Json, answer, counted, me, open_plant, table

RequestId = Annotated[str, typer.Argument(help="The request's id, as `requests list` shows it.")]


def outbox(home: Home = HERE, as_json: Json = False) -> None:
    """List what has not left yet, and what was given up."""
    from pdm.ports import WORK_REQUEST

    plant = open_plant(home, quiet=True)
    with plant.unit_of_work() as work:
        messages = [*work.outbox.pending(1_000_000, WORK_REQUEST), *work.outbox.dead(1_000_000, WORK_REQUEST)]
        found = [(work.requests.by_ref(message.key), message) for message in messages]
    rows = [
        (
            request.id if request else message.key,
            "given up" if message.dead_at else "waiting",
            message.attempts,
            message.next_attempt_at.strftime("%Y-%m-%d %H:%M UTC") if message.next_attempt_at else "now",
            message.last_error or "-",
        )
        for request, message in found
    ]
    headings = ("request", "state", "attempts", "next attempt", "last error")
    answer(messages, table(rows, headings, empty="the outbox is empty"), as_json=as_json)


def payload(request: RequestId, home: Home = HERE, as_json: Json = False) -> None:
    """Print exactly what the receiver would be sent, secrets as ***; nothing is sent."""
    from pdm.operations.show_payload import show_payload

    found = show_payload(open_plant(home, quiet=True), request)
    headers = [f"{name}: {value}" for name, value in found.headers.items()]
    body = found.body if isinstance(found.body, str) else json.dumps(found.body, ensure_ascii=False, indent=2)
    answer(found, "\n".join([f"{found.method} {found.target}", *headers, "", body]), as_json=as_json)


def replay(request: RequestId, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """Try a request again that was given up, after what was in its way has been mended; then `requests deliver`."""
    from pdm.operations.replay_message import replay_message

    done = replay_message(open_plant(home, quiet=True), request, by=by or me())
    answer(done, f"{request} is due again", as_json=as_json)


def poll(home: Home = HERE, as_json: Json = False) -> None:
    """Ask the receiver how far its work has come; rejections come back with their reason.

    Exit code 1 when it could not be asked about one.
    """
    from pdm.operations.poll_receiver import poll_receiver

    plant = open_plant(home, quiet=True)
    report = poll_receiver(plant)
    sentences = [
        f"{counted(report.asked, 'request')} asked about at the {plant.receiver.name}, {report.changed} with news, "
        f"{report.rejected} rejected or cancelled there",
        *(f"{request} is done there: record the verdict of its case" for request in report.verdict_due),
        *report.errors,
    ]
    answer(report, "\n".join(sentences), as_json=as_json)
    if report.errors:
        raise typer.Exit(1)


def conformance(
    asset: Annotated[str, typer.Option(help="A machine that the test system knows.")],
    test_system: Annotated[
        bool, typer.Option("--yes-this-is-a-test-system", help="Orders are created in it and stay there.")
    ] = False,
    location: Annotated[str, typer.Option(help="Its location, where the receiver is told locations.")] = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Check the configured receiver against its own test system: a few orders are created there.

    Exit code 1 when a promise is broken.
    """
    from pdm.checks.receivers import conform
    from pdm.errors import InputError

    if not test_system:
        raise InputError(
            "this creates orders in the receiver's system, and nobody takes them back",
            hint="configure a test system and say --yes-this-is-a-test-system",
        )
    plant = open_plant(home, quiet=True)
    results = conform(plant.receiver, asset=asset, location=location)
    rows = [(result.check, "kept" if result.kept else "BROKEN", result.said or "-") for result in results]
    answer(results, table(rows, ("promise", "result", "what was seen")), as_json=as_json)
    if not all(result.kept for result in results):
        raise typer.Exit(1)
