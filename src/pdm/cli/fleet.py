"""Commands about alerts and work: score the fleet, replay history, answer alerts, approve requests, say what was found."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from pdm.cli.common import HERE, By, Home, Json, answer, me, open_plant, table
from pdm.errors import InputError

alerts_app = typer.Typer(help="Look at alerts and answer them.", no_args_is_help=True)
requests_app = typer.Typer(help="Look at work requests, approve and hand them over.", no_args_is_help=True)

AlertId = Annotated[str, typer.Argument(help="The alert's id.")]
RequestId = Annotated[str, typer.Argument(help="The request's id.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it goes into the audit.")]


def score(
    home: Home = HERE,
    asset_class: Annotated[str | None, typer.Option("--class", help="Only this class.")] = None,
    as_json: Json = False,
) -> None:
    """Score the fleet as known now, and raise what has to be raised."""
    from pdm.operations.score_fleet import score_fleet

    report = score_fleet(open_plant(home), asset_class=asset_class)
    worst = sorted((a for a in report.assessments if a.worst), key=lambda a: -a.worst.probability if a.worst else 0.0)
    rows = [
        (a.asset, a.condition, a.data, f"{a.worst.probability:.0%}" if a.worst else "", a.worst.mode if a.worst else "")
        for a in worst[:10]
    ]
    sentence = f"{report.assessed} assets scored, {report.alerts.raised} alerts raised\n"
    answer(report, sentence + table(rows, ("asset", "condition", "data", "risk", "mode")), as_json=as_json)


def replay(
    start: Annotated[str, typer.Option("--from", help="First day (ISO).")],
    end: Annotated[str, typer.Option("--to", help="Last day (ISO).")],
    every: Annotated[str, typer.Option(help="Distance of two rounds, such as 6h or 1d.")] = "1d",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Let a stretch of history happen again, as known then, and keep what it raises."""
    from pdm.operations.replay_history import replay_history
    from pdm.units import duration

    plant = open_plant(home)
    zone = plant.settings.time_zone
    report = replay_history(plant, _day(start, zone), _day(end, zone), every=duration(every))
    sentence = f"{report.rounds} rounds, {report.raised} alerts raised, {report.cases} cases, {report.requests} requests drafted"
    answer(report, sentence, as_json=as_json)


@alerts_app.command("list")
def list_alerts(
    home: Home = HERE,
    all_states: Annotated[bool, typer.Option("--all", help="Also closed ones.")] = False,
    as_json: Json = False,
) -> None:
    """List the open alerts, newest first."""
    from pdm.alerts.alert import OPEN_STATES

    with open_plant(home, quiet=True).unit_of_work() as work:
        alerts = work.alerts.list(states=None if all_states else sorted(OPEN_STATES))
    rows = [(a.id, a.asset, a.failure_mode, a.state, f"{a.probability:.0%}", a.owner) for a in alerts]
    answer(alerts, table(rows, ("id", "asset", "failure mode", "state", "risk", "owner")), as_json=as_json)


@alerts_app.command("acknowledge")
def acknowledge(alert: AlertId, by: By = "", why: Why = "", home: Home = HERE, as_json: Json = False) -> None:
    """Say that you have seen it."""
    from pdm.operations.answer_alert import acknowledge_alert

    done = acknowledge_alert(open_plant(home, quiet=True), alert, by=by or me(), why=why)
    answer(done, f"{alert} is {done.state}", as_json=as_json)


@alerts_app.command("shelve")
def shelve(
    alert: AlertId,
    why: Why,
    days: Annotated[float, typer.Option(help="For how long.", min=0.04)] = 7.0,
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Put it aside for a while; it comes back by itself."""
    from pdm.operations.answer_alert import shelve_alert

    plant = open_plant(home, quiet=True)
    until = plant.clock.now() + timedelta(days=days)
    done = shelve_alert(plant, alert, by=by or me(), why=why, until=until)
    answer(done, f"{alert} is shelved until {until.isoformat(timespec='minutes')}", as_json=as_json)


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
    answer(requests, table(rows, ("id", "priority", "asset", "title", "state", "required by")), as_json=as_json)


@requests_app.command("approve")
def approve(request: RequestId, by: By = "", home: Home = HERE, as_json: Json = False) -> None:
    """Approve a suggested request: it goes to the outbox in the same transaction."""
    from pdm.operations.approve_request import approve_request

    done = approve_request(open_plant(home, quiet=True), request, by=by or me())
    answer(done, f"{request} is {done.state}", as_json=as_json)


@requests_app.command("deliver")
def deliver(home: Home = HERE, as_json: Json = False) -> None:
    """Hand approved requests to the receiver; what is there already is not sent again."""
    from pdm.operations.deliver_outbox import deliver_outbox

    report = deliver_outbox(open_plant(home, quiet=True))
    answer(report, f"{report.sent} handed over, {report.failed} failed and kept for the next try", as_json=as_json)


def verdict(
    case: Annotated[str, typer.Argument(help="The case's id.")],
    found: Annotated[str, typer.Option(help="damage, nothing, sensor fault or process change.")],
    inspected: Annotated[
        bool, typer.Option("--inspected/--not-inspected", help="Was the suspected item opened or measured?")
    ],
    severity: Annotated[str, typer.Option(help="As found: critical, degraded or incipient.")] = "",
    mode: Annotated[str, typer.Option(help="Failure mode that was found.")] = "",
    action: Annotated[str, typer.Option(help="repaired, replaced, monitored or nothing.")] = "nothing",
    restores: Annotated[bool, typer.Option("--restores", help="As good as new: a new life begins.")] = False,
    comment: Annotated[str, typer.Option(help="In your own words.")] = "",
    by: By = "",
    home: Home = HERE,
    as_json: Json = False,
) -> None:
    """Say what was found and done about a case; it becomes a label for the next training."""
    from pdm.operations.record_verdict import record_verdict

    done = record_verdict(
        open_plant(home, quiet=True),
        case,
        by=by or me(),
        inspected=inspected,
        found=found,
        severity=severity,
        failure_mode=mode,
        action=action,
        restores=restores,
        comment=comment,
    )
    answer(done, f"verdict {done.id} recorded; case {case} is closed", as_json=as_json)


def _day(text: str, zone: str) -> datetime:
    """A date or moment as people in the plant mean it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no date", hint="write 2026-05-03") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
