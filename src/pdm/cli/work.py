"""Commands for the planner: cases, work requests, and the verdict that closes them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from pdm.cli import bridge
from pdm.cli.common import HERE, By, Home, Json, MaybeWhy, Why, answer, counted, me, open_plant, table

cases_app = typer.Typer(
    help="Look at cases, the alerts of one asset that belong together, and say whose they are.", no_args_is_help=True
)
requests_app = typer.Typer(help="Look at work requests, approve and hand them over.", no_args_is_help=True)

RequestId = Annotated[str, typer.Argument(help="The request's id, as `requests list` shows it.")]
CaseId = Annotated[str, typer.Argument(help="The case's id, as `cases list` shows it.")]

Found = Literal["damage", "nothing", "sensor fault", "process change"]
Action = Literal["repaired", "replaced", "monitored", "nothing"]
Severity = Literal["critical", "degraded", "incipient"]


@cases_app.command("list")
def list_cases(
    home: Home = HERE,
    all_states: Annotated[bool, typer.Option("--all", help="Also closed ones.")] = False,
    asset: Annotated[str | None, typer.Option(help="Only of this asset.")] = None,
    as_json: Json = False,
) -> None:
    """List the open cases; `plantpdm verdict` takes such an id."""
    plant = open_plant(home, quiet=True)
    with plant.unit_of_work() as work:
        cases = work.cases.list(asset=asset, state=None if all_states else "open")
    rows = [(c.id, c.asset, c.title, c.state, c.opened_at.strftime("%Y-%m-%d"), c.owner or "-") for c in cases]
    headings = ("id", "asset", "title", "state", "opened", "owner")
    answer(cases, table(rows, headings, empty="no cases" if all_states else "no open cases"), as_json=as_json)


@cases_app.command("effect")
def effect(
    case: CaseId,
    days: Annotated[int, typer.Option(help="How many days before and after the repair.", min=1, max=90)] = 7,
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say whether the repair of a case worked: risk, deviation and channels in sound times, before it and after it."""
    from pdm.views.effect import repair_effect

    found = repair_effect(open_plant(home, quiet=True), case, days=days)
    lines = [found.sentence, *([f"Advice: {found.advice}."] if found.advice else []), ""]
    lines += [one.sentence for one in found.levels if not one.moved]
    answer(found, "\n".join(lines).rstrip(), as_json=as_json)


@cases_app.command("claim")
def claim(case: CaseId, by: By = "", why: MaybeWhy = "", home: Home = HERE, as_json: Json = False) -> None:
    """Take a case as your own, with all that is open in it."""
    from pdm.operations.answer_case import claim_case

    done = claim_case(open_plant(home, quiet=True), case, by=by or me(), why=why)
    answer(done, f"{case} is {done.owner}'s", as_json=as_json)


@cases_app.command("assign")
def assign(
    case: CaseId,
    to: Annotated[str, typer.Option(help="Whose it is from now on.")],
    by: By = "",
    why: MaybeWhy = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Give a case to somebody, whoever had it."""
    from pdm.operations.answer_case import assign_case

    done = assign_case(open_plant(home, quiet=True), case, to=to, by=by or me(), why=why)
    answer(done, f"{case} is {done.owner}'s", as_json=as_json)


@cases_app.command("release")
def release(case: CaseId, by: By = "", why: MaybeWhy = "", home: Home = HERE, as_json: Json = False) -> None:
    """Put a case back into the queue, with all that is open in it."""
    from pdm.operations.answer_case import release_case

    done = release_case(open_plant(home, quiet=True), case, by=by or me(), why=why)
    answer(done, f"{case} is nobody's", as_json=as_json)


@cases_app.command("reopen")
def reopen(case: CaseId, why: Why, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """Open a closed case again because the repair did not help: a new case follows it, with the same suspicions."""
    from pdm.operations.reopen_case import reopen_case

    done = reopen_case(open_plant(home, quiet=True), case, by=by or me(), why=why)
    answer(done, f"case {done.id} follows {case}: {done.title}", as_json=as_json)


@requests_app.command("list")
def list_requests(
    home: Home = HERE,
    all_states: Annotated[bool, typer.Option("--all", help="Also finished ones.")] = False,
    as_json: Json = False,
) -> None:
    """List the open work requests, most urgent first."""
    from pdm.work.request import OPEN_REQUESTS

    with open_plant(home, quiet=True).unit_of_work() as work:
        requests = work.requests.list(states=None if all_states else sorted(OPEN_REQUESTS))
    rows = [
        (r.id, r.priority, r.asset, r.title, r.state, r.required_end.date() if r.required_end else "") for r in requests
    ]
    empty = "no work requests" if all_states else "no open work requests"
    headings = ("id", "priority", "asset", "title", "state", "required by")
    answer(requests, table(rows, headings, empty=empty), as_json=as_json)


@requests_app.command("show")
def show(request: RequestId, home: Home = HERE, as_json: Json = False) -> None:
    """Print one request as a planner would read it."""
    with open_plant(home, quiet=True).unit_of_work() as work:
        found = work.requests.get(request)
    answer(found, f"{found.title}  (priority {found.priority}, {found.state})\n\n{found.text}", as_json=as_json)


@requests_app.command("raise")
def raise_by_hand(case: CaseId, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """Draft a request from an open case by hand; it waits for approval. Raising it again gives the same one."""
    from pdm.operations.raise_request import raise_request

    done = raise_request(open_plant(home, quiet=True), case, by=by or me())
    answer(done, f"{done.id} is {done.state}", as_json=as_json)


@requests_app.command("approve")
def approve(request: RequestId, by: By = "", why: MaybeWhy = "", home: Home = HERE, as_json: Json = False) -> None:
    """Approve a suggested request: it waits in the outbox for `requests deliver`."""
    from pdm.operations.approve_request import approve_request

    done = approve_request(open_plant(home, quiet=True), request, by=by or me(), why=why)
    answer(done, f"{request} is {done.state}", as_json=as_json)


@requests_app.command("cancel")
def cancel(request: RequestId, why: Why, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """Cancel a request that has not left yet."""
    from pdm.operations.cancel_request import cancel_request

    done = cancel_request(open_plant(home, quiet=True), request, by=by or me(), why=why)
    answer(done, f"{request} is {done.state}", as_json=as_json)


@requests_app.command("deliver")
def deliver(
    home: Home = HERE,
    at_once: Annotated[bool, typer.Option("--at-once", help="Also what waits for its next attempt.")] = False,
    as_json: Json = False,
) -> None:
    """Hand approved requests to the receiver; what is there already is not sent again.

    Exit code 1 when the receiver failed or refused one; what failed is kept for the next try.
    """
    from pdm.operations.deliver_outbox import deliver_outbox

    plant = open_plant(home, quiet=True)
    report = deliver_outbox(plant, at_once=at_once)
    sentences = [
        f"{counted(report.sent, 'request')} handed over to the {plant.receiver.name}, {report.failed} failed and kept, "
        f"{report.refused} refused, {report.waiting} waiting, {report.dead} given up",
        *report.errors,
        *report.held,
    ]
    answer(report, "\n".join(sentences), as_json=as_json)
    if report.errors:
        raise typer.Exit(1)


for command in (bridge.outbox, bridge.payload, bridge.replay, bridge.poll, bridge.conformance):
    requests_app.command(command.__name__)(command)


def verdict(
    case: CaseId,
    found: Annotated[Found, typer.Option(help="What was wrong.")],
    inspected: Annotated[
        bool, typer.Option("--inspected/--not-inspected", help="Was the suspected item opened or measured?")
    ],
    severity: Annotated[Severity | None, typer.Option(help="How bad the damage was; critical: it had failed.")] = None,
    mode: Annotated[str, typer.Option(help="Failure mode that was found.", show_default="the suspected one")] = "",
    item: Annotated[str, typer.Option(help="Damaged part, such as bearing.", show_default="the mode's part")] = "",
    mechanism: Annotated[str, typer.Option(help="What happened to it: wear, leakage.")] = "",
    cause: Annotated[str, typer.Option(help="Why it happened, in your own words.")] = "",
    action: Annotated[Action, typer.Option(help="What was done.")] = "nothing",
    restores: Annotated[bool, typer.Option("--restores", help="As good as new: a new life begins.")] = False,
    hours: Annotated[float | None, typer.Option(help="Hours of work that it took.", min=0)] = None,
    at: Annotated[
        str | None, typer.Option(help="When it was found: ISO, on the plant's clock.", show_default="now")
    ] = None,
    comment: Annotated[str, typer.Option(help="Anything else.")] = "",
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say what was found and done about a case. It closes the case and becomes a label for the next training."""
    from pdm.cli.times import moment
    from pdm.operations.record_verdict import record_verdict

    plant = open_plant(home, quiet=True)
    done = record_verdict(
        plant,
        case,
        by=by or me(),
        inspected=inspected,
        found=found,
        severity=severity or "",
        failure_mode=mode,
        maintainable_item=item,
        mechanism=mechanism,
        cause=cause,
        action=action,
        restores=restores,
        actual_hours=hours,
        at=None if at is None else moment(at, plant.settings.time_zone),
        comment=comment,
    )
    answer(done, f"verdict {done.id} recorded; case {case} is closed", as_json=as_json)
